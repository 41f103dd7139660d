"""What must hold between the tables is found where it does not: in a server, in a file at rest, in a database."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.commands.door import writes
from rsvpd.control import work
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.tx import Tx
from support.running import rsvpd
from support.world import World

DAY = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
END = {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    opened.add("alice")
    opened.add("bob")
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": "Kickoff", "start": DAY, "end": END, "attendees": guests}
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    assert opened.request("alice", "POST", "/v1.0/me/events", {**body, "attachments": [file]}).status == 201
    (mine,) = opened.request("bob", "GET", "/v1.0/me/events").json["value"]
    assert opened.request("bob", "POST", f"/v1.0/me/events/{mine['id']}/accept", {"comment": "yes"}).status == 202
    yield opened
    opened.abandon()


@writes
def spoil(tx: Tx, sql: str) -> None:
    tx.run(sql)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM change WHERE mailbox = 2 AND number = 2", "mailbox 2: of the changes 1 to 4 only 3 are there"),
        ("UPDATE event SET change = 2 WHERE mailbox = 2", "mailbox 2: events whose newest change is another's: 1"),
        ("UPDATE message SET change = 1 WHERE mailbox = 1", "mailbox 1: messages whose newest change is another's: 2"),
        ("DELETE FROM letter", "mailbox 1: messages without a letter: 2, 4"),
        ("DELETE FROM revision", "mailbox 1: events without what their organizer said: 1"),
        ("DELETE FROM meeting", "mailbox 2: events without a name: 1"),
        ("DELETE FROM event WHERE mailbox = 1", "mailbox 1: answers to no event: 1"),
        ("UPDATE message SET folder = 1007 WHERE mailbox = 1", "mailbox 1: messages in no folder: 2, 4"),
        ("INSERT INTO mail_folder VALUES (1, 1002, 2, 1001, 'A', 0, NULL)", "mailbox 1: folders in no folder: 1002"),
        ("UPDATE content SET holders = 1", "contents whose holders are not as many as counted: 1"),
        ("DELETE FROM content_holder", "contents whose holders are not as many as counted: 1"),
        ("DELETE FROM content_piece", "contents that are not as long as they say: 1"),
        ("DELETE FROM content", "contents that are referred to and not there: 1"),
        ("DELETE FROM letter", "contents of a letter that is not there: 1"),
        ("DELETE FROM revision", "contents of a revision that is not there: 1"),
    ],
)
def test_what_does_not_hold_is_named(world: World, sql: str, words: str) -> None:
    world.store.run(spoil, sql)
    found = work.run(work.examination(), world.store.run)
    assert any(one.startswith(words) for one in found), found


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    """Return a copy of a data file in which events have no names."""
    world.store.run(spoil, "DELETE FROM meeting")
    world.store.backup(tmp_path / "copy.db", overwrite=False)
    return tmp_path / "copy.db"


@pytest.mark.data_file
def test_a_file_at_rest_is_examined_without_being_written(copy: Path) -> None:
    before = copy.read_bytes()
    with reading(copy) as run:
        assert work.run(work.examination(), run) == [
            "mailbox 1: events without a name: 1", "mailbox 2: events without a name: 1",
        ]  # fmt: skip
    assert copy.read_bytes() == before


@pytest.mark.data_file
def test_a_file_of_an_earlier_version_is_not_examined(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(DataFileError, match="schema 9; `rsvpd up` brings it up to"), reading(copy):
        pass


@pytest.mark.data_file
def test_the_doctor_says_it(copy: Path) -> None:
    shown = rsvpd("doctor", "--deep", "--data", str(copy))
    assert shown.returncode == 0
    assert "mailbox 2: events without a name: 1" in " ".join(shown.stdout.split())
    assert "without a name" not in rsvpd("doctor", "--data", str(copy)).stdout
