"""How a command of the terminal reaches a data file: through the server that holds it, or directly."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from msgspec import UNSET

from rsvpd.clock import Clock, SteeredClock, fixed_clock, system_clock
from rsvpd.commands.clock import stored_steering
from rsvpd.config import Config
from rsvpd.control import backup, doctor, sidecar, work
from rsvpd.control.api import VERBS
from rsvpd.control.clock import Timekeeper
from rsvpd.control.datafile import is_new, open_data
from rsvpd.control.desk import BODY, Desk, Verb, arguments
from rsvpd.control.lines import MEDIA_TYPE, Line
from rsvpd.control.people import PersonAccounts
from rsvpd.control.reports import Report, reports_to
from rsvpd.control.verbs import data
from rsvpd.control.workers import HEADER as MISSING
from rsvpd.control.workers import words_of
from rsvpd.identity.tokens import Tokens
from rsvpd.store.database import Store
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.sqlite.file import health

_TRIES, _PAUSE_SECONDS = 100, 0.05

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D")


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
    """Does what the control desk does, wherever the data are open."""

    def ask(self, does: Callable[Concatenate[Desk, P], Awaitable[T]], /, *args: P.args, **given: P.kwargs) -> T:
        """Have a verb done, with its parameters by name, and return what it returns."""
        ...

    def follow(self, does: Any, report: Report, **given: Any) -> Any:
        """Do the same with one that takes long, and tell how far it has come."""
        ...


@contextmanager
def open_administration(
    config: Config, *, make: bool = True, asks_server: bool = False
) -> Iterator[Administration]:
    """Reach the data file; waits a little for a server that is just starting.

    A database is opened beside the servers that have it open; with `asks_server` that of this machine is asked.
    Where there is none it is made as `rsvpd up` would make it, unless `make` is false: then Unreachable.
    Raises sidecar.DataFileInUse where somebody holds the file and does not listen.
    """
    clock = system_clock if config.clock is None else fixed_clock(config.clock)
    if config.database:
        server = sidecar.find_server(config.data) if asks_server else None
        if server:
            with _client(server) as http:
                yield Remote(http)
            return
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
        server = sidecar.find_server(data)
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
        trust_env=False,
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
    """Does it itself."""

    def __init__(self, store: Store, config: Config, clock: Clock) -> None:
        steered = SteeredClock(clock)
        steered.steer(store.run(stored_steering))
        self._desk = Desk(
            config=config, store=store, accounts=accounts_of(store, config), clock=steered,
            time=Timekeeper(store, steered), token="", service_account=_no_service_account,
        )  # fmt: skip

    def ask(self, does: Callable[Concatenate[Desk, P], Awaitable[T]], /, *args: P.args, **given: P.kwargs) -> T:
        """Have a verb done."""

        async def do() -> T:
            return await does(self._desk, *args, **given)

        return asyncio.run(do())

    def follow(self, does: Any, report: Report, **given: Any) -> Any:
        """Have a verb done, and tell how far it has come."""
        with reports_to(report):
            return self.ask(does, **given)


async def _no_service_account(origin: str) -> object:
    raise Unreachable("a service account is of a server that runs")


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
    """Has the server do it that has the file open."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def ask(self, does: Callable[Concatenate[Desk, P], Awaitable[T]], /, *args: P.args, **given: P.kwargs) -> T:
        """Have a verb done."""
        assert not args
        verb = next(one for one in VERBS if one.does is does)
        found: T = self._request(verb, given, inspect.signature(does, eval_str=True).return_annotation)
        return found

    def follow(self, does: Any, report: Report, **given: Any) -> Any:
        """Have a verb done, and tell how far it has come."""
        verb = next(one for one in VERBS if one.does is does)
        kind = inspect.signature(does, eval_str=True).return_annotation
        headers = {"Accept": f"{MEDIA_TYPE}, application/json"}
        with self._reached(), self._http.stream(headers=headers, **_request_of(verb, given)) as reply:
            if reply.headers.get("content-type", "").startswith(MEDIA_TYPE):
                return _read_lines(reply, report, kind)
            reply.read()
        return _answer(reply, kind)

    def report(self, *, is_deep: bool) -> doctor.Report:
        """Return the doctor's report."""
        return self.ask(data.report, deep=is_deep)

    def backup(self, wanted: backup.BackupRequest) -> backup.Backup:
        """Make a copy of the data file."""
        return self.ask(data.make_backup, body=wanted)

    def _request(self, verb: Verb, given: Mapping[str, Any], kind: Any) -> Any:
        with self._reached():
            return _answer(self._http.request(**_request_of(verb, given)), kind)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as wrong:
            raise Unreachable(f"the server at {self._http.base_url} does not answer ({wrong})") from None


def _request_of(verb: Verb, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent to have a verb done, by the names that httpx has for it."""
    by_place: dict[str, dict[str, Any]] = {"path": {}, "query": {}, BODY: {}}
    for one in arguments(verb):
        if one.name in given:
            by_place[one.place][one.name] = given[one.name]
    path = verb.path.format_map({name: quote(str(one), safe="@") for name, one in by_place["path"].items()})
    return {
        "method": verb.method, "url": path[1:], "timeout": verb.patience_seconds,
        "params": {name: msgspec.to_builtins(one) for name, one in by_place["query"].items()},
        "content": _content(by_place[BODY][BODY]) if by_place[BODY] else None,
    }  # fmt: skip


def _answer(reply: httpx.Response, kind: Any) -> Any:
    if reply.is_error:
        raise Unreachable(_message(reply))
    if MISSING in reply.headers:
        print(words_of([int(one) for one in reply.headers[MISSING].split(",")]), file=sys.stderr)
    return msgspec.json.decode(reply.content, type=kind) if reply.content else None


def _read_lines(reply: httpx.Response, report: Report, kind: Any) -> Any:
    """Return what came of what is told in lines."""
    for text in reply.iter_lines():
        line = msgspec.json.decode(text, type=Line)
        if line.progress is not UNSET:
            report(line.progress)
        if line.error is not UNSET:
            raise Unreachable(line.error.message)
        if line.result is not UNSET:
            return msgspec.json.decode(line.result, type=kind)
    raise Unreachable("the server ended before it was done; nothing of it was kept")


def _content(body: object) -> bytes:
    return body.encode() if isinstance(body, str) else msgspec.json.encode(body)


def accounts_of(store: Store, config: Config) -> PersonAccounts:
    """Return the accounts of people in an open data file."""
    tokens = Tokens(store.signing_key, store.tenant)
    return PersonAccounts(store.signing_key, tokens, lifetime_seconds=config.token_lifetime_seconds)


def _message(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {reply.status_code}"
