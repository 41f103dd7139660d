"""A copy is found by UID and organizer, also in a data file of before that was so."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import msgspec

from rsvpd.calendar.event import Event, Meeting, MeetingKey, Timed
from rsvpd.commands.door import reads, writes
from rsvpd.mail.address import Mailbox
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import events
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx

BEFORE = ("0001_initial.sql", "0002_rooms.sql", "0003_permissions.sql")
START, END = (Timed(datetime(2026, 12, 1, hour)) for hour in (9, 10))


def meeting(organizer: str, subject: str) -> Meeting:
    event = Event(start=START, end=END, subject=subject)
    return Meeting(uid="U1", organizer=Mailbox(organizer), is_organizer=False, event=event)


@writes
def put(tx: Tx, one: Meeting) -> None:
    apply(tx, (PutCopy(mailbox=1, copy=separate(one)[0]),))


@reads
def found(tx: Tx, organizer: str | None) -> tuple[str, bool] | None:
    key = MeetingKey("U1", organizer or "")
    row = events.copy_by_key(tx, 1, key) if organizer else events.copy_by_uid(tx, 1, "U1")
    return None if row is None else (row.meeting.event.subject, row.is_namesake)


def old_file(path: Path) -> None:
    """Make a data file as it was, with one meeting of ann's in mailbox 1."""
    connection = sqlite3.connect(path)
    for name in BEFORE:
        connection.executescript(files("rsvpd.store").joinpath("schema", "sqlite", name).read_text())
    connection.execute(
        "INSERT INTO event VALUES (1, 1, 1, 0, 1, 'U1', 0, 0, 0, 0, 0, 0, 0, 'old', NULL, NULL, ?)",
        (msgspec.msgpack.encode(meeting("Ann@Example.com", "Old")),),
    )
    connection.execute("INSERT INTO change VALUES (1, 1, 1, 1)")
    connection.execute(f"PRAGMA user_version={len(BEFORE)}")
    connection.commit()
    connection.close()


def test_an_older_file_learns_whose_its_meetings_are(tmp_path: Path) -> None:
    old_file(tmp_path / "t.db")
    store = Store.open(tmp_path / "t.db")
    assert store.run(found, "ann@example.com") == ("Old", False)
    store.run(put, meeting("eve@example.com", "New"))
    assert store.run(found, None) == ("Old", False)
    assert store.run(found, "ann@example.com") == ("Old", False)
    assert store.run(found, "eve@example.com") == ("New", True)
    assert store.run(found, "bob@example.com") is None
    store.close()
