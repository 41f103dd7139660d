"""A data file moves into a database and back, and every question is answered as before."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands import transfer
from rsvpd.commands.people import add_person, people
from rsvpd.config import load
from rsvpd.control.backup import BackupRequest, of_store
from rsvpd.control.datafile import open_data
from rsvpd.control.move import move
from rsvpd.store.database import Store
from rsvpd.store.engine import DataFileError
from rsvpd.store.transfer import DERIVED, TABLES, Mark
from support import postgres
from support.engines import sqlite_of
from support.recording import FOLDER, PEOPLE
from support.running import rsvpd
from support.world import World

NEWEST = sorted(FOLDER.glob("*.db.gz"), key=lambda one: int(re.findall(r"\d+", one.name)[0]))[-1]

RECORDED: Any = json.loads(gzip.decompress(NEWEST.with_name(NEWEST.name.replace(".db.", ".json.")).read_bytes()))


def silent(text: str) -> None:
    """Say nothing."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data file with all kinds of meetings, answers and mail in it."""
    path = tmp_path / "from.db"
    path.write_bytes(gzip.decompress(NEWEST.read_bytes()))
    return path


@contextmanager
def world_over(place: Path | str, folder: Path) -> Iterator[World]:
    """Lend the world of the recording, over a file or a database."""
    world = World(folder)
    try:
        world.store.close()
        world.store = Store.open(place)
        world.rewire()
        world.now = RECORDED["now"]
        world.know(*PEOPLE)
        yield world
    finally:
        world.close()


def answers(folder: Path, place: Path | str) -> list[tuple[str, Any]]:
    """Return what a store answers to every question of the recording."""
    with world_over(place, folder) as world:
        replies = ((one["url"], world.request(one["who"], "GET", one["url"])) for one in RECORDED["answers"])
        return [(url, (reply.status, reply.body)) for url, reply in replies]


@pytest.mark.slow
def test_there_and_back_every_question_is_answered_as_before(data: Path, url: str, tmp_path: Path) -> None:
    before = answers(tmp_path, data)
    with_moved(data, url)
    between = answers(tmp_path, url)
    back = tmp_path / "back.db"
    with_moved(url, back)
    after = answers(tmp_path, back)
    assert len(before) > 100
    assert between == before
    assert after == before


def test_a_search_folder_goes_along(data: Path, url: str, tmp_path: Path) -> None:
    folders = "/v1.0/me/mailFolders/searchfolders/childFolders"
    with world_over(data, tmp_path) as world:
        body = {
            "@odata.type": "microsoft.graph.mailSearchFolder", "displayName": "All", "includeNestedFolders": True,
            "sourceFolderIds": ["msgfolderroot"], "filterQuery": "subject ne 'none'",
        }  # fmt: skip
        assert world.request("bob", "POST", folders, body).status == 201
        before = world.request("bob", "GET", folders).json["value"]
    with_moved(data, url)
    back = tmp_path / "back.db"
    with_moved(url, back)
    for place in (url, back):
        with world_over(place, tmp_path) as world:
            assert world.request("bob", "GET", folders).json["value"] == before
    assert before[0]["totalItemCount"] > 0


def with_moved(source: Path | str, target: Path | str) -> None:
    one, other = Store.open(source), Store.open(target)
    try:
        move(one.run, other, silent)
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize("is_back", [False, True])
def test_life_goes_on_with_the_numbers_that_follow(data: Path, url: str, tmp_path: Path, *, is_back: bool) -> None:
    with_moved(data, url)
    place: Path | str = url
    if is_back:
        place = tmp_path / "back.db"
        with_moved(url, place)
    with world_over(place, tmp_path) as world:
        world.add("late")
        guests = [{"emailAddress": {"address": f"{name}@example.com"}} for name in ("bob", "late")]
        start, end = ({"dateTime": f"2030-01-01T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
        body = {"subject": "Later", "start": start, "end": end, "attendees": guests}
        assert world.request("alice", "POST", "/v1.0/me/events", body).status == 201
        for name in ("bob", "late"):
            (mine,) = world.request(name, "GET", "/v1.0/me/events?$filter=subject eq 'Later'").json["value"]
            assert world.request(name, "POST", f"/v1.0/me/events/{mine['id']}/accept", {}).status == 202


def test_every_table_and_column_goes_along(data: Path) -> None:
    store = Store.open(data)
    connection = sqlite_of(store).connection
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    known = {
        name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        for name in names
        if not name.startswith("sqlite_")
    }
    store.close()
    derived = {name for name in known if name.startswith(DERIVED)}
    assert {table.name: set(table.columns) for table in TABLES} == {one: known[one] for one in known.keys() - derived}
    script = "".join(one.read_text() for one in files("rsvpd.store").joinpath("schema", "postgres").iterdir())
    assert set(re.findall(r"CREATE TABLE (\w+)", script)) - postgres.OWN_TABLES - derived == known.keys() - derived


def test_a_move_that_was_cut_short_goes_on(data: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsvpd.store.transfer.SLICE", 3)
    source, target = Store.open(data), Store.open(url)
    run, steps = target.run, []

    def cut(command: Any, *args: Any, **more: Any) -> Any:
        if command is transfer.write_slice:
            steps.append(1)
            if len(steps) == 25:
                raise KeyboardInterrupt
        return run(command, *args, **more)

    monkeypatch.setattr(target, "run", cut)
    with pytest.raises(KeyboardInterrupt):
        move(source.run, target, silent)
    begun = run(transfer.mark)
    assert isinstance(begun, Mark)
    with pytest.raises(DataFileError, match="A move into it is not over"):
        open_data(load({"database": url}, environ={"HOME": "/nowhere"}), 1)
    steps[:] = [1] * 100
    monkeypatch.setattr(target, "run", run)
    assert move(source.run, target, silent).resumed
    assert run(transfer.mark) is None
    source.close()
    target.close()


def test_what_is_not_empty_is_left_as_it_is(data: Path, url: str) -> None:
    target = Store.open(url)
    target.run(add_person, "zoe@example.com", now=1)
    target.close()
    with pytest.raises(DataFileError, match="is not empty"):
        with_moved(data, url)


def test_what_changes_meanwhile_is_not_said_to_have_been_moved(data: Path, url: str) -> None:
    source, target = Store.open(data), Store.open(url)
    said = []

    def change(text: str) -> None:
        if text.startswith("Comparing") and not said:
            said.append(text)
            sqlite_of(source).connection.execute("UPDATE person SET name = 'Another' WHERE number = 1")

    with pytest.raises(DataFileError, match=r"person: \d+ rows arrived of \d+, or not as they were"):
        move(source.run, target, change)
    source.close()
    target.close()


@pytest.mark.slow
def test_the_command(data: Path, url: str, tmp_path: Path) -> None:
    there = rsvpd("move", str(data), url)
    assert (there.returncode, there.stderr) == (0, "")
    assert "message" in there.stdout
    back = rsvpd("move", url, str(tmp_path / "back.db"))
    assert (back.returncode, back.stdout) == (0, there.stdout)
    again = rsvpd("move", str(data), url)
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert len(again.stderr.splitlines()) == 1
    assert rsvpd("doctor", "--deep", "--data", str(tmp_path / "back.db")).returncode == 0


@pytest.mark.slow
def test_a_copy_of_a_database_is_a_file_and_goes_back_into_either(data: Path, url: str, tmp_path: Path) -> None:
    with_moved(data, url)
    before, copy, there = answers(tmp_path, data), tmp_path / "copy.db", tmp_path / "there.db"
    made = rsvpd("backup", str(copy), "--database", url)
    assert (made.returncode, made.stdout) == (0, f"{copy}  {copy.stat().st_size} bytes\n"), made.stderr
    assert copy.stat().st_mode & 0o777 == 0o600
    assert {one.name for one in tmp_path.iterdir() if one.name.startswith(".copy")} == set()
    again = rsvpd("backup", str(copy), "--database", url)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    put = rsvpd("restore", str(copy), "--data", str(there))
    assert (put.returncode, put.stderr) == (0, "")
    assert answers(tmp_path, there) == before
    assert rsvpd("restore", str(copy), "--data", str(there)).returncode == 1
    fresh = postgres.new_database()
    assert rsvpd("restore", str(copy), "--database", fresh).returncode == 0
    assert answers(tmp_path, fresh) == before
    assert "not empty" in rsvpd("restore", str(copy), "--database", fresh).stderr
    assert "no copy" in rsvpd("restore", str(tmp_path / "nothing.db"), "--data", str(tmp_path / "x.db")).stderr
    postgres.drop_database(fresh)


def test_a_copy_of_a_database_is_of_one_moment(data: Path, url: str, tmp_path: Path) -> None:
    """Whoever writes meanwhile is not in it, nor is the copy refused for that."""
    with_moved(data, url)
    store, other = Store.open(url), Store.open(url)
    run = store.engine.run

    def write_meanwhile(job: Any, *, writes: bool) -> Any:
        def read(tx: Any) -> Any:
            transfer.fingerprint(tx)
            other.run(add_person, "meanwhile@example.com", now=1)
            return job(tx)

        return run(read, writes=writes)

    store.engine.run = write_meanwhile
    of_store(store, BackupRequest(path=str(tmp_path / "copy.db")))
    copy = Store.open(tmp_path / "copy.db")
    assert "meanwhile@example.com" not in {one.address for one in copy.run(people)}
    for one in (store, other, copy):
        one.close()
