"""Tokens of a synchronization: how far somebody has read a list, and what was asked for.

Whoever makes one up gets nothing by it that a plain question would not give: whose mailbox it is, and what a token of
access lets through, is looked at each time. So they carry a check against slips, and are not signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec

from rsvpd.errors import InvalidQuery, SyncStateGone

_CHECK = 8
_PERSON = b"rsvpd-sy"


class SyncToken(msgspec.Struct, frozen=True, array_like=True):
    """Of which list of which mailbox it is (`place`: a folder), and the number of the change that was reached.

    `after` is where the first reading of the list goes on, None once it is over. `query` is the query string of the
    first request: it counts for all that follow.
    """

    kind: str
    mailbox: int
    place: int
    number: int
    after: str | None
    query: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SyncToken).decode


def encode(token: SyncToken, tenant: str) -> str:
    """Return a token as text that may stand in a URL."""
    content = _encode(token)
    return base64.urlsafe_b64encode(_check(content, "") + _check(content, tenant) + content).decode().rstrip("=")


def decode(text: str, tenant: str) -> SyncToken:
    """Return the token that a text is. Raises InvalidQuery for any other text, SyncStateGone for another server's."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        own, of_tenant, content = raw[:_CHECK], raw[_CHECK : 2 * _CHECK], raw[2 * _CHECK :]
        if own != _check(content, ""):
            raise InvalidQuery("Badly formed token.", target="$deltatoken")
        token = _decode(content)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise InvalidQuery("Badly formed token.", target="$deltatoken") from None
    if of_tenant != _check(content, tenant):
        raise SyncStateGone
    return token


def _check(content: bytes, tenant: str) -> bytes:
    return hashlib.blake2s(content, digest_size=_CHECK, key=tenant.encode()[:32], person=_PERSON).digest()
