"""Shards on plain PostgreSQL: the tables of mailboxes in several schemas, and each statement sent where its rows are.

A row of a mailbox is in the shard of the rest that its number leaves. Tables of all are spread as well, each row by
what it is found by: a meeting by its UID, a revision by its digest, a letter with whoever writes it; their numbers
leave the rest of their shard. People are the same in every shard, as a copy. PostgreSQL itself refuses a row that is
not of the shard that it was sent to.

A statement sees what is in the shards that it was sent to, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple

import psycopg
import pytest

from rsvpd.store.postgres.session import PostgresSession
from support.postgres import new_database
from support.tables import BY_MAILBOX, OF_ALL, OF_MAILBOXES, TABLES

SHARDS = 4
SPREAD = ("letter", "revision", "meeting")  # tables of all that are spread by what a row is found by
COPIED = frozenset({"person", "meta"})  # those that each shard has a copy of
EVERYWHERE = frozenset(range(SHARDS))
_OF_PRINCIPAL = "CASE message.principal"  # what is about the event of another mailbox, whose delegate has it


class Reach(Enum):
    """What a statement asks."""

    ONE = "one mailbox"
    SEVERAL = "several mailboxes"
    NAMED = "one mailbox, by the name of a meeting"
    JOINED = "one mailbox, with rows of tables of all"
    OF_ALL = "a table of all"
    COPY = "what each shard has a copy of"
    ANY = "whatever there is"
    NOTHING = "no table"


class Sent(NamedTuple):
    """A statement: what it asks, the shards that it was sent to, and its first words."""

    reach: Reach
    shards: frozenset[int]
    words: str


class Shards:
    """What was sent where. `home` is the shard of whoever acts."""

    def __init__(self) -> None:
        self.home = 0
        self.sent: list[Sent] = []

    def note(self, reach: Reach, shards: frozenset[int], sql: str) -> None:
        """Note a statement."""
        self.sent.append(Sent(reach, shards, " ".join(sql.split()[:4])))

    def reach(self, sql: str, params: Mapping[str, Any]) -> tuple[Reach, frozenset[int]]:
        """Return what a statement asks, and the shards where that is."""
        tables = set(TABLES.findall(sql)) & (OF_MAILBOXES | set(OF_ALL))
        if not tables & OF_MAILBOXES:
            return self._of_all(sql, params, tables)
        names = {_shard_of_name(params["uid"])} if "uid" in params else set()
        if "mailboxes" in params:
            return Reach.SEVERAL, frozenset(names.union(map(shard_of, json.loads(params["mailboxes"]))))
        if BY_MAILBOX.search(sql) is None or _OF_PRINCIPAL in sql:
            return Reach.ANY, EVERYWHERE
        home = frozenset({_shard_of_mailbox(params)})
        if names:
            return Reach.NAMED, home | names
        return (Reach.JOINED, EVERYWHERE) if tables & set(SPREAD) else (Reach.ONE, home)

    def _of_all(self, sql: str, params: Mapping[str, Any], tables: set[str]) -> tuple[Reach, frozenset[int]]:
        if not tables:
            return Reach.NOTHING, frozenset()
        if tables <= COPIED:
            return Reach.COPY, frozenset({self.home}) if sql.startswith("SELECT") else EVERYWHERE
        if "number" in params:
            return Reach.OF_ALL, frozenset({shard_of(params["number"])})
        if "digest" in params and "revision" in tables:
            return Reach.OF_ALL, frozenset({params["digest"][0] % SHARDS})
        if "uid" in params and "meeting" in tables:
            return Reach.OF_ALL, frozenset({_shard_of_name(params["uid"])})
        return Reach.OF_ALL, frozenset({self.home})


class _Rows:
    """What several shards found, one after the other."""

    def __init__(self, found: Sequence[Any]) -> None:
        self.rowcount = sum(one.rowcount for one in found)
        self._rows = [row for one in found if one.description for row in one.fetchall()]

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        return self._rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)


class ShardedSession(PostgresSession):
    """Sends each statement to the shards that its parameters name."""

    shards: Shards

    def execute(self, sql: str, params: Mapping[str, Any]) -> Any:
        """Execute a statement in each shard that it asks."""
        reach, places = self.shards.reach(sql, params)
        self.shards.note(reach, places, sql)
        found = []
        for path in _paths(reach, places, params):
            self._look(path)
            found.append(super().execute(sql, params))
        self._look("rsvpd")
        return self._together(found)

    def execute_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Execute a statement for each of several sets of parameters."""
        for row in rows:
            self.execute(sql, row)

    def _together(self, found: Sequence[Any]) -> Any:
        if len(found) == 1:
            return found[0]
        if self._pipeline is not None:
            self._pipeline.sync()
        return _Rows(found)

    def _look(self, path: str) -> None:
        super()._run(f"SET LOCAL search_path = {path}", ())

    def _run(self, statement: str, values: Sequence[Any]) -> Any:
        if "change_number" not in statement:
            return super()._run(statement, values)
        mailboxes, *more = values
        places = frozenset(map(shard_of, mailboxes))
        self.shards.note(Reach.ONE if len(mailboxes) == 1 else Reach.SEVERAL, places, statement)
        found = []
        for shard in sorted(places):
            own = [place for place, mailbox in enumerate(mailboxes) if shard_of(mailbox) == shard]
            rest = [[one[place] for place in own] for one in more] if "UPDATE change_number" in statement else more
            self._look(f"mailboxes_{shard}, rsvpd")
            found.append(super()._run(statement, ([mailboxes[place] for place in own], *rest)))
        self._look("rsvpd")
        return self._together(found)

    def tell(self, news: bytes) -> None:
        """Tell other processes."""
        self.shards.note(Reach.NOTHING, frozenset(), "NOTIFY")
        super().tell(news)


def _paths(reach: Reach, places: frozenset[int], params: Mapping[str, Any]) -> list[str]:
    """Return where a statement looks for tables, once for each shard that has it executed."""
    names = f"of_all_{_shard_of_name(params['uid'])}, rsvpd" if "uid" in params else "rsvpd"
    match reach:
        case Reach.ONE | Reach.NAMED | Reach.JOINED:
            return [f"mailboxes_{_shard_of_mailbox(params)}, {names}"]
        case Reach.SEVERAL:
            return [f"mailboxes_{one}, {names}" for one in sorted(set(map(shard_of, json.loads(params["mailboxes"]))))]
        case Reach.OF_ALL:
            return [f"of_all_{one}, rsvpd" for one in places]
        case _:
            return ["rsvpd"]


def shard_of(number: int) -> int:
    """Return the shard of a mailbox, or of a row of a table of all, by its number."""
    return number % SHARDS


@contextmanager
def sharded(patch: pytest.MonkeyPatch) -> Iterator[tuple[str, Shards]]:
    """Yield the URL of an empty database of shards; what opens a store over it inside sends statements to them."""
    url, shards = new_database(), Shards()
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in _layout():
            connection.execute(statement.encode())
    with patch.context() as inside:
        inside.setattr("rsvpd.store.postgres.engine.PostgresSession", type("_", (ShardedSession,), {"shards": shards}))
        yield url, shards


def _layout() -> Iterator[str]:
    """Yield what makes the shards beside the tables that are there, which then hold nothing themselves."""
    yield "SET search_path = rsvpd"
    for shard in range(SHARDS):
        yield f"CREATE SCHEMA mailboxes_{shard}"
        yield f"CREATE SCHEMA of_all_{shard}"
    for schema, key, tables in (("mailboxes", "mailbox", OF_MAILBOXES), ("of_all", "number", SPREAD)):
        for table in sorted(tables):
            for shard in range(SHARDS):
                yield (
                    f"CREATE TABLE {schema}_{shard}.{table}"
                    f" (LIKE {table} INCLUDING ALL, CHECK ({key} % {SHARDS} = {shard})) INHERITS ({table})"
                )
            yield f"ALTER TABLE {table} ADD CHECK (false) NO INHERIT"
    for table in SPREAD:
        for shard in range(SHARDS):
            yield (
                f"ALTER TABLE of_all_{shard}.{table} ALTER COLUMN number"
                f" SET INCREMENT BY {SHARDS} SET START WITH {shard or SHARDS} RESTART"
            )


def _shard_of_name(uid: str) -> int:
    return hashlib.md5(uid.encode(), usedforsecurity=False).digest()[0] % SHARDS


def _shard_of_mailbox(params: Mapping[str, Any]) -> int:
    return shard_of(params["mailbox"] if "mailbox" in params else params["number"])
