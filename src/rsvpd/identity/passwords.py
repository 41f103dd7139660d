"""Passwords: each person has one, made from the data file's key, so that none is kept."""

from __future__ import annotations

import base64
import hmac

from rsvpd.mail.address import fold

_GROUP, _LETTERS = 4, 16


def initial_password(key: bytes, address: str) -> str:
    """Return the first password of a person: made from the data file's key, so that none is kept in clear."""
    digest = hmac.digest(key, b"rsvpd initial password\0" + fold(address).encode(), "sha256")
    letters = base64.b32encode(digest).decode().lower()[:_LETTERS]
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))
