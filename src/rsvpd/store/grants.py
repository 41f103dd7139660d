"""What people let applications do, in the data file: sign-ins, the secrets in which they travel, consents.

Rule 1: of a secret only the SHA-256 is stored; callers give digests.
Rule 2: whatever adds a row takes expired ones away, at most `SLICE` of each table, so that none piles up.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.store import meta
from rsvpd.store.tx import Tx

SLICE = 200
# What expired is known for a little longer, so that whoever shows it hears why it is no good.
REMEMBERED = 3_600_000_000
NOBODY, REFUSED = 0, -1  # in device_code.mailbox

_CONSENT = "SELECT scopes FROM consent WHERE mailbox = :mailbox AND client = :client"
_SET_CONSENT = (
    "INSERT INTO consent (mailbox, client, scopes) VALUES (:mailbox, :client, :scopes)"
    " ON CONFLICT (mailbox, client) DO UPDATE SET scopes = excluded.scopes"
)
_ADD_SIGN_IN = "INSERT INTO sign_in (mailbox, expires_us, data) VALUES (:mailbox, :expires, :data)"
_PROLONG = "UPDATE sign_in SET expires_us = :expires WHERE number = :number AND expires_us < :expires"
_ADD_SECRET = (
    "INSERT INTO grant_secret (digest, sign_in, kind, is_used, expires_us, terms)"
    " VALUES (:digest, :sign_in, :kind, 0, :expires, :terms)"
)
_SECRET = (
    "SELECT s.sign_in, s.is_used, s.expires_us, s.terms, i.mailbox, i.data FROM grant_secret s"
    " JOIN sign_in i ON i.number = s.sign_in WHERE s.digest = :digest AND s.kind = :kind"
)
_USE = "UPDATE grant_secret SET is_used = 1 WHERE digest = :digest AND is_used = 0"
_DROP_SIGN_IN = ("DELETE FROM grant_secret WHERE sign_in = :number", "DELETE FROM sign_in WHERE number = :number")
_OF_PERSON = (
    "DELETE FROM grant_secret WHERE sign_in IN (SELECT number FROM sign_in WHERE mailbox = :number)",
    "DELETE FROM sign_in WHERE mailbox = :number",
    "DELETE FROM consent WHERE mailbox = :number",
    "DELETE FROM device_code WHERE mailbox = :number",
)
_ADD_DEVICE = (
    "INSERT INTO device_code (digest, user_digest, mailbox, asked_us, expires_us, data)"
    " VALUES (:digest, :user_digest, 0, 0, :expires, :data)"
)
_DEVICES = "SELECT count(*) FROM device_code"
_DEVICE_COLUMNS = "SELECT mailbox, asked_us, expires_us, data FROM device_code "
_BY_DIGEST = _DEVICE_COLUMNS + "WHERE digest = :digest"
_BY_USER_CODE = _DEVICE_COLUMNS + "WHERE user_digest = :digest"
_DECIDE = "UPDATE device_code SET mailbox = :mailbox WHERE user_digest = :digest AND mailbox = 0"
_ASKED = "UPDATE device_code SET asked_us = :now WHERE digest = :digest"
_DROP_DEVICE = "DELETE FROM device_code WHERE digest = :digest"
_EXPIRED = tuple(
    f"DELETE FROM {table} WHERE {key} IN"  # noqa: S608 - constants
    f" (SELECT {key} FROM {table} WHERE expires_us <= :now LIMIT {SLICE})"
    for table, key in (("grant_secret", "digest"), ("sign_in", "number"), ("device_code", "digest"))
)
_KEYS, _ACCOUNT_KEY = "key-ring", "service-account-key"


class SecretKind(enum.IntEnum):
    """What a secret is; the number is stored."""

    CODE = 1
    REFRESH_TOKEN = 2


class Grant(Struct, frozen=True, kw_only=True):
    """What a person let an application do, by whose sign-in at which instant.

    `oid` is the person's, `client` the application's id as it is registered, `tenant` the name it asked under.
    """

    oid: str
    client: str
    scopes: tuple[str, ...]
    signed_in: Instant
    tenant: str = ""


class CodeTerms(Struct, frozen=True, kw_only=True):
    """What whoever shows an authorization code has to know besides, and what goes into the ID token.

    `challenge` is the one of PKCE (RFC 7636), empty without.
    """

    redirect_uri: str
    challenge: str = ""
    challenge_method: str = ""
    nonce: str = ""


class DeviceRequest(Struct, frozen=True, kw_only=True):
    """What a device asks for (RFC 8628)."""

    client: str
    scopes: tuple[str, ...]
    tenant: str = ""


class StoredSecret(Struct, frozen=True, kw_only=True):
    """A secret as the file knows it. `terms` is empty for a refresh token."""

    sign_in: int
    grant: Grant
    is_used: bool
    expires: Instant
    terms: bytes


class StoredDevice(Struct, frozen=True, kw_only=True):
    """A device that waits. `mailbox` is that of whoever agreed, NOBODY or REFUSED."""

    mailbox: int
    asked: Instant
    expires: Instant
    request: DeviceRequest


_encode = msgspec.json.Encoder().encode
_grant = msgspec.json.Decoder(Grant).decode
_request = msgspec.json.Decoder(DeviceRequest).decode
_terms = msgspec.json.Decoder(CodeTerms).decode


def code_terms(secret: StoredSecret) -> CodeTerms:
    """Return what belongs to an authorization code."""
    return _terms(secret.terms)


def consented_scopes(tx: Tx, mailbox: int, client: str) -> frozenset[str]:
    """Return what somebody agreed to for an application."""
    row = tx.row(_CONSENT, mailbox=mailbox, client=client)
    return frozenset(row[0].split()) if row else frozenset()


def consent(tx: Tx, mailbox: int, client: str, *, scopes: Iterable[str]) -> None:
    """Write what somebody agreed to, in the place of what stood there."""
    tx.write(_SET_CONSENT, mailbox=mailbox, client=client, scopes=" ".join(sorted(scopes)))


def add_sign_in(tx: Tx, mailbox: int, grant: Grant, *, expires: Instant, now: Instant) -> int:
    """Write a sign-in and return its number."""
    _drop_expired(tx, now)
    return tx.insert(_ADD_SIGN_IN, mailbox=mailbox, expires=expires, data=_encode(grant))


def add_secret(
    tx: Tx, digest: bytes, sign_in: int, *, kind: SecretKind, expires: Instant, terms: CodeTerms | None = None
) -> None:
    """Write a secret of a sign-in, which lasts at least as long."""
    tx.write(
        _ADD_SECRET, digest=digest, sign_in=sign_in, kind=int(kind), expires=expires,
        terms=_encode(terms) if terms else b"",
    )  # fmt: skip
    tx.write(_PROLONG, number=sign_in, expires=expires)


def secret(tx: Tx, digest: bytes, kind: SecretKind) -> StoredSecret | None:
    """Return a secret, used ones and expired ones included as long as they are remembered."""
    row = tx.row(_SECRET, digest=digest, kind=int(kind))
    if row is None:
        return None
    sign_in, is_used, expires, terms, _, data = row
    return StoredSecret(
        sign_in=sign_in, grant=_grant(data), is_used=bool(is_used), expires=expires, terms=bytes(terms)
    )


def use(tx: Tx, digest: bytes) -> bool:
    """Mark a secret as used; return whether it was not yet."""
    return tx.run(_USE, digest=digest) == 1


def drop_sign_in(tx: Tx, number: int) -> None:
    """Delete a sign-in with all its secrets."""
    for sql in _DROP_SIGN_IN:
        tx.write(sql, number=number)


def drop_person(tx: Tx, mailbox: int) -> None:
    """Delete all that somebody let applications do."""
    for sql in _OF_PERSON:
        tx.write(sql, number=mailbox)


def add_device(tx: Tx, digest: bytes, user_digest: bytes, *, request: DeviceRequest, expires: Instant) -> None:
    """Write a device that waits; it has not asked yet."""
    tx.write(_ADD_DEVICE, digest=digest, user_digest=user_digest, expires=expires, data=_encode(request))


def count_devices(tx: Tx, now: Instant) -> int:
    """Return how many devices wait."""
    _drop_expired(tx, now)
    row = tx.row(_DEVICES)
    return int(row[0]) if row else 0


def device(tx: Tx, digest: bytes) -> StoredDevice | None:
    """Return the device that holds a code."""
    return _device(tx, _BY_DIGEST, digest)


def device_of_user_code(tx: Tx, digest: bytes) -> StoredDevice | None:
    """Return the device that shows a code."""
    return _device(tx, _BY_USER_CODE, digest)


def decide(tx: Tx, user_digest: bytes, mailbox: int) -> bool:
    """Write who agreed, or REFUSED; return whether nobody had decided."""
    return tx.run(_DECIDE, digest=user_digest, mailbox=mailbox) == 1


def note_asked(tx: Tx, digest: bytes, now: Instant) -> None:
    """Write when a device asked last."""
    tx.write(_ASKED, digest=digest, now=now)


def drop_device(tx: Tx, digest: bytes) -> None:
    """Delete a device's wait."""
    tx.write(_DROP_DEVICE, digest=digest)


def account_key(tx: Tx) -> bytes | None:
    """Return the private key of the service account that every file has, None before there is one."""
    return meta.get(tx, _ACCOUNT_KEY)


def keep_account_key(tx: Tx, key: bytes) -> None:
    """Store it."""
    meta.put(tx, _ACCOUNT_KEY, key)


def keys(tx: Tx) -> bytes | None:
    """Return the ring of signing keys as it was stored."""
    return meta.get(tx, _KEYS)


def keep_keys(tx: Tx, ring: bytes) -> None:
    """Store the ring of signing keys."""
    meta.put(tx, _KEYS, ring)


def _device(tx: Tx, sql: str, digest: bytes) -> StoredDevice | None:
    row = tx.row(sql, digest=digest)
    if row is None:
        return None
    mailbox, asked, expires, data = row
    return StoredDevice(mailbox=mailbox, asked=asked, expires=expires, request=_request(data))


def _drop_expired(tx: Tx, now: Instant) -> None:
    for sql in _EXPIRED:
        tx.write(sql, now=now - REMEMBERED)
