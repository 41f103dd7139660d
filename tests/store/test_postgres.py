"""What a store over PostgreSQL promises: several processes at once, nothing lost, nothing doubled, clear words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from rsvpd.commands.door import reads, writes
from rsvpd.commands.people import add_person, people, remove_person
from rsvpd.errors import AlreadyExists, Overloaded, StorageFailed, WorkLimitExceeded
from rsvpd.store import changes
from rsvpd.store.changes import ChangeKind
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit, DataFileError
from rsvpd.store.postgres import engine
from rsvpd.store.postgres.engine import PostgresEngine
from rsvpd.store.postgres.faults import is_passing
from rsvpd.store.postgres.session import PostgresSession
from rsvpd.store.tx import Tx
from support import postgres
from support.waiting import until

NOW = 1_800_000_000_000_000


def engine_of(store: Store) -> PostgresEngine:
    assert isinstance(store.engine, PostgresEngine)
    return store.engine


@writes
def take(tx: Tx, mailbox: int, others: tuple[int, ...] = ()) -> int:
    """Decide on what is there, and change it: the next number of a mailbox, and of others beside it."""
    before = changes.newest(tx, mailbox)
    number = changes.record_created(tx, mailbox, ChangeKind.EVENT_CREATED)
    assert number == before + 1
    for one in others:
        changes.record_created(tx, one, ChangeKind.MESSAGE_CREATED)
    return number


@reads
def newest(tx: Tx, mailbox: int) -> int:
    return changes.newest(tx, mailbox)


def test_of_two_who_decide_on_the_same_state_one_decides_again(store: Store, other: Store) -> None:
    with ThreadPoolExecutor(12) as pool:
        # In either order of mailboxes: neither deadlock nor conflict costs a number.
        asked = [((store, other)[n % 2], (1, (2, 3)) if n % 3 else (3, (1,))) for n in range(120)]
        found = list(pool.map(lambda one: (one[1][0], one[0].run(take, *one[1])), asked))
    for mailbox in (1, 3):
        numbers = sorted(number for box, number in found if box == mailbox)
        assert len(set(numbers)) == len(numbers)
    assert store.run(newest, 1) == 120
    assert store.run(newest, 2) == 80
    assert other.run(newest, 3) == 120


def test_who_meets_others_all_the_time_is_told_to_come_again(store: Store) -> None:
    asked = []

    @writes
    def never(tx: Tx) -> None:
        asked.append(1)
        raise psycopg.errors.SerializationFailure("as if")

    with pytest.raises(Overloaded):
        store.run(never)
    assert len(asked) == 20
    assert store.run(take, 1) == 1


def test_a_command_that_fails_leaves_nothing(store: Store) -> None:
    @writes
    def refuse(tx: Tx) -> None:
        changes.record_created(tx, 1, ChangeKind.EVENT_CREATED)
        raise AlreadyExists("after the write")

    with pytest.raises(AlreadyExists):
        store.run(refuse)
    assert store.run(take, 1) == 1


def test_a_person_who_was_removed_elsewhere_is_known_nowhere(store: Store, other: Store) -> None:
    ann = store.run(add_person, "ann@example.com", now=NOW)
    assert [one.address for one in other.run(people)] == ["ann@example.com"]
    assert other.run(by_address, "ann@example.com") == ann.number
    store.run(remove_person, "ann@example.com")
    until(lambda: other.run(by_address, "ann@example.com") is None)


@reads
def by_address(tx: Tx, address: str) -> int | None:
    from rsvpd.store.people import by_address as find

    found = find(tx, address)
    return found.number if found else None


def test_a_commit_is_heard_in_every_process(store: Store, other: Store) -> None:
    heard: list[Commit] = []
    own: list[Commit] = []
    with store.on_commit(own.append), other.on_commit(heard.append):
        until(lambda: bool(heard) or store.run(take, 9) < 0)  # it may not listen yet
        heard.clear()
        last = store.run(take, 7, (8,))
        until(lambda: any(7 in one.newest for one in heard))
    assert own[-1].newest == {7: last, 8: 1}
    assert [one.newest for one in heard if 7 in one.newest] == [{7: last, 8: 1}]


def test_who_did_not_hear_asks(store: Store, other: Store, url: str) -> None:
    heard: list[Commit] = []
    with other.on_commit(heard.append):
        until(lambda: bool(heard) or store.run(take, 9) < 0)
        heard.clear()
        postgres.disconnect(url)
        until(lambda: any(one.is_anything for one in heard))


def test_a_commit_that_broke_before_it_was_done_is_told_as_failed(store: Store) -> None:
    @writes
    def take_and_lose_the_connection(tx: Tx) -> int:
        number = changes.record_created(tx, 1, ChangeKind.EVENT_CREATED)
        found = tx.row("SELECT pg_backend_pid()")
        assert found is not None
        pids.append(found[0])
        return number

    pids: list[int] = []
    own = engine_of(store)
    commit = own._commit

    def broken(connection: Any, name: Any) -> None:
        postgres.server().run(f"SELECT pg_terminate_backend({pids[-1]}, 5000)")
        commit(connection, name)

    own._commit = broken
    with pytest.raises(StorageFailed):
        store.run(take_and_lose_the_connection)
    own._commit = commit
    assert store.run(newest, 1) == 0
    assert store.run(take, 1) == 1


def test_a_commit_that_broke_after_it_was_done_is_told_as_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    execute = psycopg.Connection.execute
    broken = []

    def break_after_commit(connection: Any, query: Any, *more: Any, **options: Any) -> Any:
        done = execute(connection, query, *more, **options)
        if query == "COMMIT" and not broken:
            broken.append(1)
            raise psycopg.OperationalError("the connection is lost")
        return done

    monkeypatch.setattr(psycopg.Connection, "execute", break_after_commit)
    assert store.run(take, 1) == 1
    assert broken
    assert store.run(newest, 1) == 1


def test_a_commit_that_broke_is_of_another_history_after_a_failover(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new primary may know its number of another transaction: nobody can tell, and so nobody is told."""
    execute = psycopg.Connection.execute
    broken = []

    def break_instead_of_commit(connection: Any, query: Any, *more: Any, **options: Any) -> Any:
        if query == "COMMIT" and not broken:
            broken.append(1)
            raise psycopg.OperationalError("the connection is lost")
        return execute(connection, query, *more, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", break_instead_of_commit)
    advance = PostgresSession.advance
    monkeypatch.setattr(
        PostgresSession, "advance", lambda self, numbers: advance(self, numbers)._replace(timeline="0000000F")
    )
    with pytest.raises(StorageFailed):
        store.run(take, 1)
    assert broken


def test_two_may_make_the_tables_at_once() -> None:
    name = "made_twice"
    postgres.server().run(f"CREATE DATABASE {name}")
    place = postgres.server().url(name)
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: Store.open(place), range(4)))
    assert len({one.signing_key for one in stores}) == 1
    assert len({one.tenant for one in stores}) == 1
    for one in stores:
        one.close()
    postgres.drop_database(place)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("postgresql://rsvpd@127.0.0.1:{port}/nowhere", 'database "nowhere" does not exist'),
        ("postgresql://nobody@127.0.0.1:{port}/postgres", 'role "nobody" does not exist'),
        ("postgresql://rsvpd@127.0.0.1:{port}/postgres?wrong=1", "invalid"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(place: str, words: str) -> None:
    with pytest.raises(DataFileError, match=words) as told:
        Store.open(place.format(port=postgres.server().port))
    assert "\n" not in str(told.value)
    assert "Traceback" not in str(told.value)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("CREATE SCHEMA rsvpd; CREATE TABLE rsvpd.orders (number int)", "of another program"),
        (
            "CREATE SCHEMA rsvpd; CREATE TABLE rsvpd.meta (key text, value bytea);"
            " CREATE TABLE rsvpd.change_number (mailbox int); INSERT INTO rsvpd.meta VALUES ('schema', '99')",
            "schema 99; this rsvpd knows up to",
        ),
    ],
)
def test_what_is_not_ours_is_left_as_it_is(sql: str, words: str) -> None:
    name = "not_ours"
    postgres.server().run(f"CREATE DATABASE {name}")
    place = postgres.server().url(name)
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute(sql.encode())
    with pytest.raises(DataFileError, match=words):
        Store.open(place)
    postgres.drop_database(place)


def test_what_the_url_says_of_a_connection_counts(url: str) -> None:
    store = Store.open(f"{url}?application_name=calendar&options=-c%20statement_timeout%3D5000%20-c%20work_mem%3D9MB")

    @reads
    def said(tx: Tx) -> Any:
        return tx.row(
            "SELECT current_setting('application_name'), current_setting('work_mem'), current_setting('search_path')"
        )

    assert store.run(said) == ("calendar", "9MB", "rsvpd")
    assert store.run(take, 1) == 1
    store.close()


def test_a_password_is_told_nobody(store: Store) -> None:
    assert engine_of(store).place.startswith("postgresql://127.0.0.1:")
    with pytest.raises(DataFileError) as told:
        Store.open(f"postgresql://rsvpd:secret@127.0.0.1:{postgres.server().port}/nowhere")
    assert "secret" not in str(told.value)


def test_a_database_that_is_away_comes_back_by_itself() -> None:
    server = postgres.Server(synchronous_commit="on")
    server.run("CREATE DATABASE away")
    store = Store.open(server.url("away"))
    try:
        assert store.run(take, 1) == 1
        server.halt()
        with pytest.raises(StorageFailed):
            store.run(newest, 1)
        with pytest.raises(StorageFailed):
            store.run(take, 1)
        server.start()
        until(lambda: _is_back(store))
        assert store.run(newest, 1) + 1 == store.run(take, 1)
    finally:
        store.close()
        server.stop()


def test_a_database_that_is_not_there_yet_is_waited_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    server = postgres.Server(synchronous_commit="on")
    server.run("CREATE DATABASE late")
    server.halt()
    try:
        with ThreadPoolExecutor(1) as pool:
            opened = pool.submit(Store.open, server.url("late"))
            server.start()
            store = opened.result(30)
        assert store.run(take, 1) == 1
        store.close()
        server.halt()
        monkeypatch.setattr("rsvpd.store.postgres.engine._START_SECONDS", 0)
        with pytest.raises(DataFileError, match="refused") as told:
            Store.open(server.url("late"))
        assert "\n" not in str(told.value)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ("connection refused", True),
        ("FATAL:  the database system is starting up", True),
        ("FATAL:  the database system is not yet accepting connections", True),
        ("session is read-only", True),
        ('FATAL:  password authentication failed for user "rsvpd"', False),
        ('FATAL:  database "nowhere" does not exist', False),
    ],
)
def test_what_passes_is_waited_for_at_a_start(said: str, *, passes: bool) -> None:
    assert is_passing(psycopg.OperationalError(said)) is passes


@pytest.mark.parametrize("kind", [reads, writes])
def test_a_statement_that_takes_too_long_is_ended(url: str, monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    monkeypatch.setitem(engine._OPTIONS, "options", f"{engine._OPTIONS['options']} -c statement_timeout=100")
    store = Store.open(url)

    @kind
    def dawdle(tx: Tx) -> Any:
        return tx.row("SELECT pg_sleep(20)")

    with pytest.raises(WorkLimitExceeded):
        store.run(dawdle)
    assert store.run(take, 1) == 1
    store.close()


def _is_back(store: Store) -> bool:
    try:
        store.run(newest, 1)
    except StorageFailed:
        return False
    return True


def test_health_says_where_and_what(store: Store) -> None:
    health = store.health()
    assert health["faults"] == []
    assert health["schema"] == store.schema
    assert health["postgresql"] >= 15
