"""What people let applications do: sign-ins, codes, refresh tokens, device codes, consents, signing keys.

No provider's words stand here: Microsoft's and Google's endpoints share these commands. Secrets come in as they
travel; what is stored of them is a digest.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands.door import reads, writes
from rsvpd.errors import Overloaded
from rsvpd.mail.person import Person
from rsvpd.store import directory, people
from rsvpd.store import grants as rows
from rsvpd.store.grants import CodeTerms, DeviceRequest, Grant, SecretKind
from rsvpd.store.tx import Tx

__all__ = ["CodeTerms", "DeviceRequest", "Grant", "SecretKind"]  # of the data file, and what callers fill and read

MOST_DEVICES = 5_000
_SECOND = 1_000_000
# A device that asks a little early has a clock of its own.
_LENIENCE = _SECOND


class Secret(Struct, frozen=True, kw_only=True):
    """A code or refresh token that is good. `terms` are those of a code, None for a refresh token."""

    grant: Grant
    person: Person
    terms: CodeTerms | None


class SecretFault(enum.Enum):
    """Why a code or refresh token is no good."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    CLOSED = "closed"  # the account is


class DeviceState(enum.Enum):
    """How it stands with a device code (RFC 8628 3.5)."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    PENDING = "pending"
    TOO_OFTEN = "too often"
    REFUSED = "refused"


class ApprovedDevice(Struct, frozen=True):
    """What somebody allowed a device."""

    request: DeviceRequest
    person: Person


@reads
def person_at(tx: Tx, address: str) -> Person | None:
    """Return whoever has this address and may sign in."""
    return _if_enabled(tx, people.by_address(tx, address))


@reads
def person_of(tx: Tx, oid: str) -> Person | None:
    """Return whoever has this directory GUID and may sign in."""
    return _if_enabled(tx, people.by_oid(tx, oid))


def _if_enabled(tx: Tx, person: Person | None) -> Person | None:
    return person if person is not None and directory.profile(tx, person.number).is_enabled else None


@reads
def has_domain(tx: Tx, domain: str) -> bool:
    """Return whether somebody here has an address in this domain."""
    return people.has_domain(tx, domain.lower())


@reads
def consented_scopes(tx: Tx, person: Person, client: str) -> frozenset[str]:
    """Return the scopes that somebody agreed to for an application."""
    return rows.consented_scopes(tx, person.number, client)


@writes
def consent(tx: Tx, person: Person, client: str, *, scopes: Iterable[str]) -> None:
    """Add to what somebody agreed to for an application."""
    rows.consent(tx, person.number, client, scopes=rows.consented_scopes(tx, person.number, client) | set(scopes))


@writes
def start_with_code(tx: Tx, code: str, grant: Grant, *, terms: CodeTerms, expires: Instant, now: Instant) -> None:
    """Begin a sign-in of which an authorization code is the first secret."""
    _start(tx, code, grant, kind=SecretKind.CODE, terms=terms, expires=expires, now=now)


@writes
def start_with_refresh_token(tx: Tx, token: str, grant: Grant, *, expires: Instant, now: Instant) -> None:
    """Begin a sign-in of which a refresh token is the first secret."""
    _start(tx, token, grant, kind=SecretKind.REFRESH_TOKEN, terms=None, expires=expires, now=now)


@reads
def code(tx: Tx, text: str, *, now: Instant) -> Secret | SecretFault:
    """Return what an authorization code stands for; a used one is for `redeem` to deal with."""
    found = rows.secret(tx, digest(text), SecretKind.CODE)
    return _check(tx, found, terms=rows.code_terms(found) if found else None, now=now)


@reads
def refresh_token(tx: Tx, text: str, *, now: Instant) -> Secret | SecretFault:
    """Return what a refresh token stands for."""
    return _check(tx, rows.secret(tx, digest(text), SecretKind.REFRESH_TOKEN), terms=None, now=now)


@writes
def redeem(tx: Tx, text: str, *, kind: SecretKind, successor: str | None, expires: Instant) -> bool:
    """Use a code or refresh token; a refresh token takes its place, where there is to be one.

    Where it had been used already somebody has a copy of it: the sign-in ends with all that came of it
    (RFC 6749 4.1.2, RFC 9700 4.14.2), and the answer is False.
    """
    found = rows.secret(tx, digest(text), kind)
    if found is None:
        return False
    if not rows.use(tx, digest(text)):
        rows.drop_sign_in(tx, found.sign_in)
        return False
    if successor is not None:
        rows.add_secret(tx, digest(successor), found.sign_in, kind=SecretKind.REFRESH_TOKEN, expires=expires)
    return True


@writes
def revoke(tx: Tx, text: str) -> bool:
    """End the sign-in that a refresh token belongs to (RFC 7009); return whether there was one."""
    found = rows.secret(tx, digest(text), SecretKind.REFRESH_TOKEN)
    if found is not None:
        rows.drop_sign_in(tx, found.sign_in)
    return found is not None


@writes
def start_device(
    tx: Tx, device_code: str, user_code: str, *, request: DeviceRequest, expires: Instant, now: Instant
) -> None:
    """Let a device wait for somebody. Raises Overloaded where very many do: anybody can begin this."""
    if rows.count_devices(tx, now) >= MOST_DEVICES:
        raise Overloaded
    rows.add_device(tx, digest(device_code), digest(user_code), request=request, expires=expires)


@reads
def device_request(tx: Tx, user_code: str, *, now: Instant) -> DeviceRequest | None:
    """Return what the device asks for that shows this code, as long as nobody decided."""
    found = rows.device_of_user_code(tx, digest(user_code))
    is_open = found is not None and found.mailbox == rows.NOBODY and found.expires > now
    return found.request if found and is_open else None


@writes
def decide_device(tx: Tx, user_code: str, person: Person | None) -> bool:
    """Write that somebody allowed what a device asks, None that it was refused; False where that is decided."""
    return rows.decide(tx, digest(user_code), person.number if person else rows.REFUSED)


@writes
def poll_device(
    tx: Tx, device_code: str, *, client: str, interval_seconds: int, now: Instant, at: Instant
) -> ApprovedDevice | DeviceState:
    """Return what was allowed, once, or how it stands. Devices wait by the machine's clock, which shows `at`."""
    key = digest(device_code)
    found = rows.device(tx, key)
    if found is None or found.request.client != client:
        return DeviceState.UNKNOWN
    if found.expires <= now:
        return DeviceState.EXPIRED
    if found.mailbox == rows.NOBODY:
        rows.note_asked(tx, key, at)
        since = at - found.asked  # less than nothing where the server that was asked before has a clock ahead
        is_early = 0 <= since < interval_seconds * _SECOND - _LENIENCE
        return DeviceState.TOO_OFTEN if is_early else DeviceState.PENDING
    rows.drop_device(tx, key)
    person = _if_enabled(tx, people.by_number(tx, found.mailbox)) if found.mailbox != rows.REFUSED else None
    return ApprovedDevice(found.request, person) if person else DeviceState.REFUSED


@reads
def key_ring(tx: Tx) -> bytes | None:
    """Return the ring of signing keys as the file keeps it, None before there is one."""
    return rows.keys(tx)


@writes
def keep_key_ring(tx: Tx, ring: bytes, *, before: bytes | None) -> bytes:
    """Store a ring in the place of `before` and return what the file has then: the other's, if one was quicker."""
    found = rows.keys(tx)
    if found != before:
        return found or ring
    rows.keep_keys(tx, ring)
    return ring


@reads
def service_account_key(tx: Tx) -> bytes | None:
    """Return the private key of the service account that every server has, None before it was asked for."""
    return rows.account_key(tx)


@writes
def keep_service_account_key(tx: Tx, key: bytes) -> bytes:
    """Store it and return what the file has then: another's, if one was quicker."""
    found = rows.account_key(tx)
    if found is None:
        rows.keep_account_key(tx, key)
    return found or key


def digest(secret: str) -> bytes:
    """Return what is stored of a secret. Secrets are random and long, so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _start(
    tx: Tx, text: str, grant: Grant, *, kind: SecretKind, terms: CodeTerms | None, expires: Instant, now: Instant
) -> None:
    person = people.by_oid(tx, grant.oid)
    number = rows.add_sign_in(tx, person.number if person else rows.NOBODY, grant, expires=expires, now=now)
    rows.add_secret(tx, digest(text), number, kind=kind, expires=expires, terms=terms)


def _check(
    tx: Tx, found: rows.StoredSecret | None, *, terms: CodeTerms | None, now: Instant
) -> Secret | SecretFault:
    person = people.by_oid(tx, found.grant.oid) if found else None
    if found is None or person is None:
        return SecretFault.UNKNOWN
    if found.is_used:
        return SecretFault.USED
    if found.expires <= now:
        return SecretFault.EXPIRED
    if _if_enabled(tx, person) is None:
        return SecretFault.CLOSED
    return Secret(grant=found.grant, person=person, terms=terms)
