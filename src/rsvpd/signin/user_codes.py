"""What a person types from a device: short, without vowels and without what looks alike (RFC 8628 6.1)."""

from __future__ import annotations

import secrets

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
_HALF = LENGTH // 2


def fresh() -> str:
    """Return a new code, one of 25 thousand million."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Return a code as people read it: BCDF-GHJK."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def typed(text: str) -> str:
    """Return a code as it is stored, from whatever somebody typed."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)
