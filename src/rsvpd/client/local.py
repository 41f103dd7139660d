"""The rsvpd server on this machine, found without configuration.

A running server leaves `<data file>.server` beside its data file, readable by its owner only: where it
listens and a token for its control interface. That interface names the people and gives a token for each.
The file counts only while the server holds the lock of the data file: what a crash left behind is not believed, or
the token would go to whoever listens there now.
"""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd import locks
from rsvpd.client.accounts import Account, LocalSignIn
from rsvpd.client.errors import NotSignedIn, Unavailable
from rsvpd.client.session import http_client
from rsvpd.client.values import Provider
from rsvpd.config import ConfigError, load
from rsvpd.mail.address import matching_addresses

MOUNTS = {
    Provider.GRAPH: "/v1.0",
    Provider.OUTLOOK_V2: "/api/v2.0",
    Provider.OUTLOOK_V1: "/api/v1.0",
    Provider.GOOGLE: "/calendar/v3",
}
PEOPLE = "/_rsvpd/people"
SECONDS = 5


class LocalPerson(Struct, frozen=True):
    """Somebody with a mailbox there; `kind` is `user` or `room`."""

    token: str
    name: str = ""
    kind: str = "user"


class LocalServer(Struct, frozen=True, kw_only=True):
    """A server that answered. `people` are by address, in the server's order; `now` is the instant on its own
    clock, where it tells: that clock may have been set (`rsvpd up --clock`)."""

    url: str
    people: dict[str, LocalPerson]
    now: clocks.Instant | None = None

    def base(self, provider: Provider) -> str:
        """Return the root URL of one of its interfaces."""
        return self.url.rstrip("/") + MOUNTS[provider]

    def token(self, address: str) -> str:
        """Return a fresh token of somebody there, named by the address or its local part. Raises NotSignedIn."""
        found = matching_addresses(address, self.people)
        if len(found) == 1:
            return self.people[found[0]].token
        known = ", ".join(found or self.people) or "nobody"
        why = "has several people" if found else "has nobody"
        raise NotSignedIn(f"The local server {why} called '{address}'; it knows {known}.", code="unknownPerson")

    def clock(self, clock: clocks.Clock = clocks.system_clock) -> clocks.Clock:
        """Return a clock that goes as the server's does; `clock` is that of this machine."""
        ahead = self.now - clock() if self.now is not None else 0
        return lambda: clock() + ahead


class LocalToken:
    """Credentials of somebody on the local server, who needs no password: the server is asked again for a
    token when one has run out."""

    def __init__(
        self, data: Path, address: str, *, first: LocalServer, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._data = data
        self._address = address
        self._token = first.token(address)
        self._transport = transport

    def token(self) -> str:
        """Return the token."""
        return self._token

    def renewed(self) -> str | None:
        """Return a fresh token."""
        self._token = find(self._data, transport=self._transport).token(self._address)
        return self._token


class _Door(Struct, frozen=True):
    url: str
    control_token: str


class _People(Struct, frozen=True):
    people: dict[str, LocalPerson]
    now: str | None = None


def default_data() -> Path:
    """Return the data file of the server on this machine, where the server itself would look for it."""
    try:
        return load({}, environ=os.environ).data
    except ConfigError as wrong:
        raise Unavailable(f"The server's settings cannot be read: {wrong}") from None


def find(data: Path, *, transport: httpx.BaseTransport | None = None) -> LocalServer:
    """Return the server that has the data file `data` open. Raises Unavailable where none answers."""
    try:
        if not locks.is_held(data):
            raise OSError("nobody has it open")
        door = msgspec.json.decode(_sidecar(data).read_bytes(), type=_Door)
        with http_client(door.url, transport=transport) as http:
            headers = {"Authorization": f"Bearer {door.control_token}"}
            answer = http.get(door.url.rstrip("/") + PEOPLE, headers=headers, timeout=SECONDS)
        answer.raise_for_status()
        found = msgspec.json.decode(answer.content, type=_People)
        now = clocks.parse_instant(found.now) if found.now else None
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as wrong:
        raise Unavailable(f"No rsvpd server is running on {data} (start one: rsvpd up).") from wrong
    return LocalServer(url=door.url, people=found.people, now=now)


def accounts(server: LocalServer, data: Path, provider: Provider = Provider.GRAPH) -> tuple[Account, ...]:
    """Return everybody there as an account."""
    sign_in = LocalSignIn(str(data))
    return tuple(
        Account(name=address, provider=provider, base="", sign_in=sign_in, address=address) for address in server.people
    )


def _sidecar(data: Path) -> Path:
    place = locks.resolve(data)
    return place.with_name(place.name + ".server")
