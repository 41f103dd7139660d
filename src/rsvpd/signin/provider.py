"""What the endpoints of every provider share: people, applications, keys, the clock."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.clock import Clock, Instant
from rsvpd.commands import directory, grants
from rsvpd.commands.door import Door
from rsvpd.identity import passwords, service_accounts
from rsvpd.identity.clients import Clients
from rsvpd.identity.jose import base64url
from rsvpd.identity.keys import KeyRing
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.person import Person, PersonKind
from rsvpd.signin.throttle import Throttle

SECOND = 1_000_000
CODE_SECONDS = 600
REFRESH_SECONDS = 90 * 86_400
DEVICE_SECONDS = 900
DEVICE_INTERVAL_SECONDS = 5


class Rules(Struct, frozen=True, kw_only=True):
    """What the administrator decided. `is_local` says that nobody but this machine reaches the server: then people are
    picked from a list and need no password."""

    is_local: bool
    token_lifetime_seconds: int
    key_rotation_days: int


class Provider:
    """The one behind all sign-in endpoints of a data file.

    `clock` is the server's, `wall_clock` that of the machine, None where they are the same. What an application dates
    itself, or checks by its own clock, goes by the second: the server's may be set to any time (`--clock`).
    """

    def __init__(
        self,
        door: Door,
        tokens: Tokens,
        clients: Clients,
        *,
        rules: Rules,
        key: bytes,
        tenant: str,
        clock: Clock,
        wall_clock: Clock | None = None,
    ) -> None:
        self.door = door
        self.tokens = tokens
        self.clients = clients
        self.rules = rules
        self.tenant = tenant
        self.clock = clock
        self.wall_clock = wall_clock or clock
        self.throttle = Throttle()
        self._key = key
        self._ring: KeyRing | None = None
        self._ring_lock = asyncio.Lock()

    async def ring(self) -> KeyRing:
        """Return the keys that sign ID tokens; they are made when first asked for, and when their time is over."""
        async with self._ring_lock:
            ring = self._ring or await self._read_ring()
            now = self.clock()
            if ring is None or ring.is_due(now, days=self.rules.key_rotation_days):
                ring = await self._replace(ring, now)
            self._ring = ring
            return ring

    async def service_account_key(self) -> bytes:
        """Return the private key (PEM) of the service account of every server, made when it is first asked for."""
        found = await self.door(grants.service_account_key)
        if found is None:
            made = await run_in_threadpool(service_accounts.new_private_key)
            found = await self.door(grants.keep_service_account_key, made)
        return found

    async def service_account_file(self, origin: str) -> dict[str, str]:
        """Return the key file of that account; without an `origin` it leads to Google's own hosts."""
        tokens, certificates = origin or "https://oauth2.googleapis.com", origin or "https://www.googleapis.com"
        return service_accounts.key_file(
            service_accounts.LOCAL_ACCOUNT, await self.service_account_key(),
            token_uri=f"{tokens}/token", certificates_uri=f"{certificates}/oauth2/v1/certs",
        )  # fmt: skip

    async def person_at(self, address: str) -> Person | None:
        """Return the user with this address; a room signs in nowhere."""
        found = await self.door(grants.person_at, address.strip())
        return found if found is not None and found.kind is PersonKind.USER else None

    async def person_of(self, oid: str) -> Person | None:
        """Return the user with this directory GUID."""
        found = await self.door(grants.person_of, oid)
        return found if found is not None and found.kind is PersonKind.USER else None

    async def with_password(self, address: str, password: str, *, peer: str) -> Person | None:
        """Return the person whose address and password these are, None where they do not fit.

        Raises TooManyAttempts where this person, or whoever asks from `peer`, was wrong too often.
        """
        now = self.wall_clock()  # whoever guesses waits, however the server's clock goes
        person = await self.person_at(address)
        keys = (f"peer {peer}", *([f"person {person.oid}"] if person else []))
        self.throttle.check(keys, now)
        if person is not None and await self._is_password(person, password):
            return person
        self.throttle.count(keys, now)
        return None

    async def _is_password(self, person: Person, password: str) -> bool:
        chosen = await self.door(directory.password_digest, person)
        if chosen:
            return await run_in_threadpool(passwords.is_password, password, chosen)
        expected = passwords.initial_password(self._key, person.address)
        return hmac.compare_digest(password.encode("utf-8", "surrogatepass"), expected.encode())

    def derive_key(self, purpose: str) -> bytes:
        """Return a key for one purpose, made from the data file's key."""
        return hmac.digest(self._key, b"rsvpd " + purpose.encode(), "sha256")

    def pairwise(self, oid: str, client: str) -> str:
        """Return the name of a person for one application (OpenID Connect Core 8.1)."""
        found = hmac.digest(self.derive_key("pairwise subject"), f"{client.lower()} {oid}".encode(), hashlib.sha256)
        return base64url(found)

    async def _read_ring(self) -> KeyRing | None:
        raw = await self.door(grants.key_ring)
        return KeyRing.decode(raw) if raw else None

    async def _replace(self, ring: KeyRing | None, now: Instant) -> KeyRing:
        fresh = await run_in_threadpool(ring.rotate if ring else KeyRing.create, now)
        raw = await self.door(grants.keep_key_ring, fresh.encode(), before=ring.encode() if ring else None)
        return KeyRing.decode(raw)


def fresh_secret(prefix: str = "") -> str:
    """Return a text that nobody guesses: 256 bits."""
    return prefix + secrets.token_urlsafe(32)
