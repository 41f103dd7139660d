"""Passwords: stored as scrypt with its parameters beside it, never in clear.

A stored password is one line: `scrypt$<n>$<r>$<p>$<salt>$<key>`, the last two base64.
Salts come from the caller; this module draws no random numbers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from rsvpd.mail.address import fold

_SCHEME = "scrypt"
_COST, _BLOCK, _LANES = 2**14, 8, 1
_MAX_MEMORY = 64 * 1024 * 1024
_KEY_BYTES = 32
_GROUP, _LETTERS = 4, 16


def hashed(password: str, *, salt: bytes) -> str:
    """Return the text to store for `password`; `salt` has at least 16 random bytes."""
    key = _derive(password, salt, cost=_COST, block=_BLOCK, lanes=_LANES)
    return f"{_SCHEME}${_COST}${_BLOCK}${_LANES}${_text(salt)}${_text(key)}"


def matches(password: str, stored: str) -> bool:
    """Return whether `password` is the one that was stored; a text that cannot be read matches nothing."""
    try:
        scheme, cost, block, lanes, salt, key = stored.split("$")
        if scheme != _SCHEME:
            return False
        found = _derive(
            password, base64.b64decode(salt), cost=int(cost), block=int(block), lanes=int(lanes)
        )
        return hmac.compare_digest(found, base64.b64decode(key))
    except (ValueError, binascii.Error):
        return False


def initial(key: bytes, address: str) -> str:
    """Return the first password of a person: made from the data file's key, so that none is kept in clear."""
    digest = hmac.digest(key, b"rsvpd initial password\0" + fold(address).encode(), "sha256")
    letters = base64.b32encode(digest).decode().lower()[:_LETTERS]
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def _derive(password: str, salt: bytes, *, cost: int, block: int, lanes: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt, n=cost, r=block, p=lanes, maxmem=_MAX_MEMORY, dklen=_KEY_BYTES,
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
