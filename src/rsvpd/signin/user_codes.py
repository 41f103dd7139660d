"""What a person types from a device: short, without vowels and without what looks alike (RFC 8628 6.1)."""

from __future__ import annotations

import secrets

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


def new_code(length: int) -> str:
    """Return a new code; one of 8 letters is one of 25 thousand million."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def with_hyphen(code: str) -> str:
    """Return a code as Google shows it: BCDF-GHJK."""
    half = len(code) // 2
    return f"{code[:half]}-{code[half:]}"


def normalize(text: str) -> str:
    """Return a code as it is stored, from whatever somebody typed."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)
