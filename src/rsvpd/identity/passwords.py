"""Passwords: each person has a first one, made from the data file's key, so that none is kept; or one that was chosen,
of which a salted digest is kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from rsvpd.mail.address import fold

_GROUP, _LETTERS = 4, 16
SALT_BYTES = 16
# RFC 7914: 16 MiB, some tens of milliseconds.
_SCRYPT = "scrypt-14-8-1"
_COST, _BLOCK, _LANES = 2**14, 8, 1


def initial_password(key: bytes, address: str) -> str:
    """Return the first password of a person: made from the data file's key, so that none is kept in clear."""
    digest = hmac.digest(key, b"rsvpd initial password\0" + fold(address).encode(), "sha256")
    letters = base64.b32encode(digest).decode().lower()[:_LETTERS]
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def digest_of(password: str, salt: bytes) -> str:
    """Return what is kept of a password. It takes long on purpose: not for an event loop."""
    return "$".join((_SCRYPT, _text(salt), _text(_derive(password, salt))))


def is_password(password: str, digest: str) -> bool:
    """Return whether `digest` was made of this password. It takes as long as making one."""
    kind, _, rest = digest.partition("$")
    salt, _, expected = rest.partition("$")
    if kind != _SCRYPT:
        return False
    try:
        return hmac.compare_digest(_derive(password, base64.b64decode(salt)), base64.b64decode(expected))
    except (binascii.Error, ValueError):
        return False


def _derive(password: str, salt: bytes) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
