"""How a command of the terminal reaches a data file: through the server that holds it, or directly."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import UNSET, Struct

from rsvpd.clock import Clock, system_clock
from rsvpd.commands import directory, people
from rsvpd.commands import outbox as mail
from rsvpd.commands.places import change_room_place
from rsvpd.commands.rooms import get_room, set_room
from rsvpd.commands.subscriptions import all_subscriptions
from rsvpd.config import Config
from rsvpd.control import backup, doctor, outbox, profiles, rooms, sidecar, subscriptions, work
from rsvpd.control.datafile import is_new, open_data
from rsvpd.control.people import NewPerson, PersonAccount, PersonAccounts, find, newcomer
from rsvpd.control.work import Removal
from rsvpd.identity.tokens import Tokens
from rsvpd.store.database import Store
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.sqlite.file import health

_TRIES, _PAUSE_SECONDS = 100, 0.05

_TIMEOUT_SECONDS = 30.0

T = TypeVar("T")
D = TypeVar("D")


class _People(Struct, frozen=True):
    people: dict[str, PersonAccount]


class Unreachable(Exception):
    """The server that holds the data file did not do what was asked; the text is for the terminal."""


class Examiner(Protocol):
    """What can be asked of a data file without changing it."""

    def report(self, *, is_deep: bool) -> doctor.Report:
        """Return the doctor's report, with what must hold between the tables where it is to be deep."""
        ...

    def backup(self, wanted: backup.BackupRequest) -> backup.Backup:
        """Make a copy of the data file."""
        ...


class Administration(Protocol):
    """What the administrator can do, wherever the data file is open."""

    def add(self, new: NewPerson) -> PersonAccount:
        """Give somebody a mailbox."""
        ...

    def add_all(self, news: Sequence[NewPerson]) -> list[PersonAccount]:
        """Give all of them a mailbox, or none where one of them cannot have one."""
        ...

    def remove(self, address: str, *, cancels: bool) -> Removal:
        """Take somebody's mailbox away; `cancels` calls off the person's meetings that are not over."""
        ...

    def people(self) -> list[PersonAccount]:
        """Return everybody, in the order they came."""
        ...

    def account(self, address: str) -> PersonAccount:
        """Return somebody's account with a fresh token."""
        ...

    def profile(self, address: str, asked: Mapping[str, str]) -> profiles.KnownPerson:
        """Set what is known of somebody, if anything is to be set, and return all of it."""
        ...

    def room(self, address: str, change: rooms.PolicyChange) -> rooms.RoomMailbox:
        """Change what a room does, if anything is to be changed, and return it."""
        ...

    def subscriptions(self, mailbox: str) -> list[subscriptions.ToldSubscription]:
        """Return who is told of changes, of one mailbox or of all."""
        ...

    def queued_messages(self) -> Iterable[outbox.QueuedMessage]:
        """Yield what waits to leave the server, in the order it came."""
        ...

    def outgoing_message(self, number: int) -> outbox.OutgoingMessage:
        """Return a message that waits, as it will be sent."""
        ...


@contextmanager
def open_administration(config: Config, clock: Clock, *, make: bool = True) -> Iterator[Administration]:
    """Reach the data file; waits a little for a server that is just starting.

    Where there is none it is made as `rsvpd up` would make it, unless `make` is false: then Unreachable.
    Raises sidecar.DataFileInUse where somebody holds the file and does not listen.
    """
    if config.database:
        with _open_store(config, clock) as store:
            yield Local(store, config, clock)
        return
    if not make:
        _expect(config.data)
    with _through_server_or(_local_opener(config, clock), config.data) as admin:
        yield admin


@contextmanager
def open_examiner(config: Config) -> Iterator[Examiner]:
    """Reach the data file for what only reads: without a server nothing is written, and nothing is made.

    Raises Unreachable where there is no data file, and DataFileInUse.
    """
    if config.database:
        with _open_store(config, system_clock) as store:
            yield InUse(store)
        return
    _expect(config.data)
    with _through_server_or(_at_rest_opener(config.data), config.data) as admin:
        yield admin


def _expect(data: Path) -> None:
    if is_new(data):
        raise Unreachable(f"there is no data file at {data} yet; `rsvpd up` makes one")


@contextmanager
def _through_server_or(directly: Callable[[], AbstractContextManager[D]], data: Path) -> Iterator[Remote | D]:
    for attempt in range(_TRIES):
        server = sidecar.running(data)
        if server:
            with _client(server) as http:
                yield Remote(http)
            return
        try:
            with directly() as admin:
                yield admin
            return
        except sidecar.DataFileInUse:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE_SECONDS)


def _client(server: sidecar.Sidecar) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/_rsvpd/", headers={"Authorization": f"Bearer {server.control_token}"},
        trust_env=False, timeout=_TIMEOUT_SECONDS,
    )


def _local_opener(config: Config, clock: Clock) -> Callable[[], AbstractContextManager[Local]]:
    @contextmanager
    def open_local() -> Iterator[Local]:
        with sidecar.hold(config.data) as lock, _open_store(config, clock, put=lock.put) as store:
            yield Local(store, config, clock)

    return open_local


@contextmanager
def _open_store(
    config: Config, clock: Clock, *, put: Callable[[Path, Path], None] = os.replace
) -> Iterator[Store]:
    store = open_data(config, clock(), put=put)
    try:
        yield store
    finally:
        store.close()


def _at_rest_opener(data: Path) -> Callable[[], AbstractContextManager[AtRest]]:
    @contextmanager
    def open_at_rest() -> Iterator[AtRest]:
        with sidecar.share(data):
            yield AtRest(data)

    return open_at_rest


class Local:
    """Works on the file itself."""

    def __init__(self, store: Store, config: Config, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts_of(store, config)

    def add(self, new: NewPerson) -> PersonAccount:
        """Give somebody a mailbox."""
        one, now = newcomer(new), self._clock()
        person = self._store.run(
            people.add_person, one.address, name=one.name, zone=one.zone, kind=one.kind, now=now
        )
        return self._accounts.of(person, now)

    def add_all(self, news: Sequence[NewPerson]) -> list[PersonAccount]:
        """Give all of them a mailbox, or none where one of them cannot have one."""
        now = self._clock()
        added = work.run(work.addition(news, now), self._store.run)
        return [self._accounts.of(one, now) for one in added]

    def remove(self, address: str, *, cancels: bool) -> Removal:
        """Take somebody's mailbox away; `cancels` calls off the person's meetings that are not over."""
        return work.run(work.removal(address, cancels=cancels, now=self._clock()), self._store.run)

    def people(self) -> list[PersonAccount]:
        """Return everybody, in the order they came."""
        now, chosen = self._clock(), self._store.run(directory.chosen_passwords)
        return [self._accounts.of(one, now, chosen) for one in self._store.run(people.people)]

    def account(self, address: str) -> PersonAccount:
        """Return somebody's account with a fresh token."""
        return self._accounts.of(find(self._store.run(people.people), address), self._clock())

    def profile(self, address: str, asked: Mapping[str, str]) -> profiles.KnownPerson:
        """Set what is known of somebody, if anything is to be set, and return all of it."""
        everybody = self._store.run(people.people)
        person, change = find(everybody, address), profiles.change_of(asked, everybody)
        return profiles.known(
            self._store.run(
                directory.change_profile, person, change.changes, manager=change.manager, is_managed=change.is_managed
            )
        )

    def room(self, address: str, change: rooms.PolicyChange) -> rooms.RoomMailbox:
        """Change what a room does, if anything is to be changed, and return it."""
        everybody = self._store.run(people.people)
        room = find(everybody, address)
        known, lists = rooms.place_changes(change), None if change.lists is UNSET else change.lists
        self._store.run(set_room, room.address, rooms.changes(change, everybody))
        place = self._store.run(change_room_place, room, known, lists)
        return rooms.mailbox(self._store.run(get_room, room.address), place)

    def subscriptions(self, mailbox: str) -> list[subscriptions.ToldSubscription]:
        """Return who is told of changes, of one mailbox or of all."""
        address = find(self._store.run(people.people), mailbox).address if mailbox else ""
        found = self._store.run(all_subscriptions, mailbox=address)
        return [subscriptions.told(view, pending) for view, pending in found]

    def queued_messages(self) -> Iterator[outbox.QueuedMessage]:
        """Yield what waits to leave the server, in the order it came."""
        last = 0
        while rows := self._store.run(mail.waiting, after=last):
            yield from map(outbox.summary, rows)
            last = rows[-1].number

    def outgoing_message(self, number: int) -> outbox.OutgoingMessage:
        """Return a message that waits, as it will be sent."""
        return outbox.outgoing(self._store.run(mail.waiting_message, number))


class InUse:
    """Reads a database, which others may have open as well."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(self, *, is_deep: bool) -> doctor.Report:
        """Return the doctor's report."""
        found = work.run(work.examination(), self._store.run) if is_deep else []
        return doctor.report(self._store.health(), found)

    def backup(self, wanted: backup.BackupRequest) -> backup.Backup:
        """Make a copy of it."""
        return backup.of_store(self._store, wanted)


class AtRest:
    """Reads a file that no server has open."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def report(self, *, is_deep: bool) -> doctor.Report:
        """Return the doctor's report."""
        found = health(self._data)
        if not is_deep:
            return doctor.report(found)
        with reading(self._data) as run:
            return doctor.report(found, work.run(work.examination(), run))

    def backup(self, wanted: backup.BackupRequest) -> backup.Backup:
        """Make a copy of the data file."""
        return backup.of_file(self._data, wanted)


class Remote:
    """Asks the server that has the file open."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def add(self, new: NewPerson) -> PersonAccount:
        """Give somebody a mailbox."""
        return self._request("POST", "people", PersonAccount, body=msgspec.json.encode(new))

    def add_all(self, news: Sequence[NewPerson]) -> list[PersonAccount]:
        """Give all of them a mailbox, or none where one of them cannot have one."""
        return self._request("POST", "people/batch", list[PersonAccount], body=msgspec.json.encode(news), timeout=None)

    def remove(self, address: str, *, cancels: bool) -> Removal:
        """Take somebody's mailbox away; `cancels` calls off the person's meetings that are not over."""
        path = f"people/{quote(address, safe='@')}?cancel={'true' if cancels else 'false'}"
        return self._request("DELETE", path, Removal, timeout=None)

    def people(self) -> list[PersonAccount]:
        """Return everybody, in the order they came."""
        return list(self._request("GET", "people", _People, timeout=None).people.values())

    def account(self, address: str) -> PersonAccount:
        """Return somebody's account with a fresh token."""
        return self._request("GET", f"people/{quote(address, safe='@')}", PersonAccount)

    def profile(self, address: str, asked: Mapping[str, str]) -> profiles.KnownPerson:
        """Set what is known of somebody, if anything is to be set, and return all of it."""
        path = f"people/{quote(address, safe='@')}/profile"
        if not asked:
            return self._request("GET", path, profiles.KnownPerson)
        return self._request("PATCH", path, profiles.KnownPerson, body=msgspec.json.encode(dict(asked)))

    def room(self, address: str, change: rooms.PolicyChange) -> rooms.RoomMailbox:
        """Change what a room does, if anything is to be changed, and return it."""
        body = msgspec.json.encode(change)
        return self._request("PATCH", f"rooms/{quote(address, safe='@')}", rooms.RoomMailbox, body=body)

    def subscriptions(self, mailbox: str) -> list[subscriptions.ToldSubscription]:
        """Return who is told of changes, of one mailbox or of all."""
        path = f"subscriptions?mailbox={quote(mailbox, safe='@')}"
        return self._request("GET", path, list[subscriptions.ToldSubscription])

    def queued_messages(self) -> Iterator[outbox.QueuedMessage]:
        """Yield what waits to leave the server, in the order it came."""
        last = 0
        while rows := self._request("GET", f"outbox?after={last}", list[outbox.QueuedMessage]):
            yield from rows
            last = rows[-1].number

    def outgoing_message(self, number: int) -> outbox.OutgoingMessage:
        """Return a message that waits, as it will be sent."""
        return self._request("GET", f"outbox/{number}", outbox.OutgoingMessage)

    def report(self, *, is_deep: bool) -> doctor.Report:
        """Return the doctor's report."""
        return self._request("GET", f"doctor?deep={str(is_deep).lower()}", doctor.Report, timeout=None)

    def backup(self, wanted: backup.BackupRequest) -> backup.Backup:
        """Make a copy of the data file."""
        return self._request("POST", "backup", backup.Backup, body=msgspec.json.encode(wanted), timeout=None)

    def _request(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: bytes | None = None,
        timeout: float | None = _TIMEOUT_SECONDS,
    ) -> T:
        """Ask; `timeout` is None for what takes as long as there is data."""
        try:
            reply = self._http.request(method, path, content=body, timeout=timeout)
        except httpx.HTTPError as wrong:
            raise Unreachable(f"the server at {self._http.base_url} does not answer ({wrong})") from None
        if reply.is_error:
            raise Unreachable(_message(reply))
        return msgspec.json.decode(reply.content, type=kind)


def accounts_of(store: Store, config: Config) -> PersonAccounts:
    """Return the accounts of people in an open data file."""
    tokens = Tokens(store.signing_key, store.tenant)
    return PersonAccounts(store.signing_key, tokens, lifetime_seconds=config.token_lifetime_seconds)


def _message(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {reply.status_code}"
