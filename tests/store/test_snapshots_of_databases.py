"""Snapshots of a database: schemas of their own, put back while others have it open as well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Timed
from rsvpd.clock import to_datetime
from rsvpd.commands.calendar import create_event
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.people import add_person, people, remove_person
from rsvpd.control import snapshots, work
from rsvpd.control.differences import differences
from rsvpd.query.algebra import MailboxState
from rsvpd.store import changes, events
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit, CopyError
from rsvpd.store.shared import SharedNumbers
from rsvpd.store.steps import steps
from rsvpd.store.tx import Tx
from support import postgres

NOW = 1_800_000_000_000_000


@pytest.fixture
def store(store: Store) -> Store:
    """Return the store with somebody in it."""
    store.run(add_person, "alice@example.com", name="Alice", zone="UTC", now=NOW)
    return store


@pytest.fixture
def empty_url() -> Iterator[str]:
    """Another database."""
    made = postgres.new_database()
    yield made
    postgres.drop_database(made)


@writes
def add_event(tx: Tx, subject: str) -> None:
    """Put an event into Alice's calendar."""
    (alice,) = [one for one in people(tx) if one.address == "alice@example.com"]
    start = Timed(to_datetime(NOW).replace(tzinfo=None))
    create_event(tx, Who(alice.oid, None, NOW), EventDraft(subject=subject, start=start, end=start))


@reads
def subjects(tx: Tx) -> list[str]:
    """Return what stands in Alice's calendar."""
    rows = tx.rows("SELECT item FROM event WHERE mailbox = 1 ORDER BY item")
    return [row.meeting.event.subject for (item,) in rows if (row := events.by_item(tx, 1, item))]


@reads
def newest(tx: Tx) -> int:
    """Return the number of the newest change of Alice's mailbox."""
    return changes.newest(tx, 1)


@reads
def state_of(tx: Tx, mailbox: int) -> MailboxState:
    """Return the state of a mailbox."""
    return changes.state(tx, mailbox)


def test_another_server_begins_anew(store: Store, other: Store) -> None:
    store.run(add_event, "Kept")
    snapshots.save(store, "monday", overwrite=False)
    other.run(add_event, "Taken back")
    zoe = other.run(add_person, "zoe@example.com", name="Zoe", zone="UTC", now=NOW)
    given = other.run(newest)
    heard = threading.Event()

    def listen(commit: Commit) -> None:
        if commit.is_anything:
            heard.set()

    with other.on_commit(listen):
        heard.clear()
        snapshots.restore(store, "monday")
        assert heard.wait(10)
    assert other.run(subjects) == store.run(subjects) == ["Kept"]
    assert other.run(newest) > given
    assert [one.address for one in other.run(people)] == ["alice@example.com"]
    assert other.run(add_person, "yan@example.com", name="Yan", zone="UTC", now=NOW).number > zoe.number
    other.run(add_event, "Instead")
    assert store.run(subjects) == ["Kept", "Instead"]
    assert work.run(work.examination(), store.run) == []


def test_a_process_of_the_same_server_answers_nothing_of_before(url: str) -> None:
    shared = SharedNumbers()
    one, other = Store.open(url, shared=shared), Store.open(url, shared=shared)
    try:
        alice = one.run(add_person, "alice@example.com", name="Alice", zone="UTC", now=NOW)
        zoe = one.run(add_person, "zoe@example.com", name="Zoe", zone="UTC", now=NOW)
        snapshots.save(one, "both", overwrite=False)
        one.run(add_event, "Taken back")
        mailbox, before = other.run(state_of, alice.number)
        snapshots.restore(one, "both")
        assert shared.newest(mailbox) == one.run(newest) > before
        one.run(remove_person, "zoe@example.com")
        removed = shared.newest(zoe.number)
        snapshots.restore(other, "both")  # who was gone is there again, for all of them
        assert shared.newest(zoe.number) != removed
        assert [found.number for found in one.run(people)] == [alice.number, zoe.number]
    finally:
        one.close()
        other.close()


def test_who_decided_on_what_was_there_before_decides_again(store: Store, other: Store) -> None:
    snapshots.save(store, "empty", overwrite=False)
    store.run(add_event, "Taken back")
    seen: list[list[str]] = []
    has_read, goes_on = threading.Event(), threading.Event()

    @writes
    def add_after_reading(tx: Tx) -> None:
        seen.append(subjects(tx))
        has_read.set()
        assert goes_on.wait(30)
        add_event(tx, f"After {len(seen[-1])}")

    writer = threading.Thread(target=other.run, args=(add_after_reading,))
    writer.start()
    assert has_read.wait(30)
    snapshots.restore(store, "empty")
    goes_on.set()
    writer.join()
    assert seen == [["Taken back"], []]
    assert store.run(subjects) == ["After 0"]


def test_it_is_told_what_differs_and_forked(
    store: Store, tmp_path: Path, empty_url: str
) -> None:
    store.run(add_event, "Kept")
    snapshots.save(store, "monday", overwrite=False)
    store.run(add_event, "New")
    (found,) = differences(store, "monday", "", NOW).differences
    assert found.text.startswith('new: "New"')
    target = tmp_path / "monday.db"
    assert snapshots.fork(store, "monday", str(target)).bytes == target.stat().st_size
    for place in (target, empty_url):
        if isinstance(place, str):
            snapshots.fork(store, "monday", place)
        forked = Store.open(place)
        try:
            assert forked.run(subjects) == ["Kept"]
            assert forked.tenant == store.tenant
        finally:
            forked.close()
    with pytest.raises(CopyError, match="is there already"):
        snapshots.fork(store, "monday", str(target))


def _relabel(url: str, schema: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        (name, label) = connection.execute(
            "SELECT nspname::text, obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE starts_with(nspname, 'rsvpd_snapshot_')"
        ).fetchone() or ("", "")
        now = str(label).partition('"schema":')[0] + f'"schema":{schema}}}'
        connection.execute(f"COMMENT ON SCHEMA {name} IS '{now}'")


def _take_back_a_step(url: str) -> None:
    """Let a snapshot have the columns that it would have had before the last step of the schema."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA earlier; SET search_path = earlier")
        for script in steps("postgres")[:-1]:
            connection.execute(script)
        since = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns AS one"
            " WHERE starts_with(table_schema, 'rsvpd_snapshot_') AND NOT EXISTS (SELECT 1 FROM"
            " information_schema.columns AS other WHERE other.table_schema = 'earlier'"
            " AND other.table_name = one.table_name AND other.column_name = one.column_name)"
        ).fetchall()
        for schema, table, column in since:
            connection.execute(f"ALTER TABLE {schema}.{table} DROP COLUMN {column}")
        connection.execute("DROP SCHEMA earlier CASCADE")


def test_one_of_an_earlier_version_is_brought_up_to_date_and_of_a_newer_one_refused(store: Store, url: str) -> None:
    store.run(add_event, "Kept")
    snapshots.save(store, "monday", overwrite=False)
    store.run(add_event, "Taken back")
    _relabel(url, store.schema + 1)
    with pytest.raises(CopyError, match="this rsvpd knows up to"):
        snapshots.restore(store, "monday")
    assert store.run(subjects) == ["Kept", "Taken back"]
    _take_back_a_step(url)
    _relabel(url, store.schema - 1)
    with pytest.raises(CopyError, match="brought up to date by restoring"):
        differences(store, "monday", "", NOW)
    snapshots.restore(store, "monday")
    assert store.run(subjects) == ["Kept"]


def test_names_of_saved_ones(store: Store) -> None:
    snapshots.save(store, "a.b-c_D" + "x" * 57, overwrite=False)
    with pytest.raises(CopyError, match="--force"):
        snapshots.save(store, "a.b-c_D" + "x" * 57, overwrite=False)
    snapshots.save(store, "a.b-c_D" + "x" * 57, overwrite=True)
    (found,) = snapshots.snapshots(store)
    assert found.bytes > 0
    snapshots.remove(store, found.name)
    assert snapshots.snapshots(store) == []
