"""A running server whose disk fills up, or whose data file is taken away: said in each dialect, and in the log once."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import pytest

from support.running import Running, rsvpd

BOB = "bob@example.com"
EVENTS = {
    "/api/v1.0/me/events": {
        "Subject": "Lunch",
        "Start": {"DateTime": "2030-01-01T10:00:00", "TimeZone": "UTC"},
        "End": {"DateTime": "2030-01-01T11:00:00", "TimeZone": "UTC"},
    },
    "/api/v2.0/me/events": {
        "Subject": "Lunch",
        "Start": {"DateTime": "2030-01-01T10:00:00", "TimeZone": "UTC"},
        "End": {"DateTime": "2030-01-01T11:00:00", "TimeZone": "UTC"},
    },
    "/v1.0/me/events": {
        "subject": "Lunch",
        "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
    },
    "/calendar/v3/calendars/primary/events": {
        "summary": "Lunch",
        "start": {"dateTime": "2030-01-01T10:00:00Z"},
        "end": {"dateTime": "2030-01-01T11:00:00Z"},
    },
}
MICROSOFT = tuple(path for path in EVENTS if "calendar/v3" not in path)


def lines(server: Running, event: str) -> list[str]:
    return [line for line in server.logged.splitlines() if f" {event} " in line]


def let_grow_to(server: Running, size: int) -> None:
    """Let no file of the server grow beyond `size` bytes: writing more fails, as on a disk that has a fault."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_disk_that_fails_is_said_in_every_dialect(server):
    wal = server.data.with_name("t.db-wal")
    server.ask("POST", "/v1.0/me/events", "bob", json=EVENTS["/v1.0/me/events"])
    let_grow_to(server, wal.stat().st_size)
    for path, body in EVENTS.items():
        reply = server.ask("POST", path, "bob", json=body)
        assert reply.status_code == 503, reply.text
        assert int(reply.headers["retry-after"]) > 0
        error = reply.json()["error"]
        if path in MICROSOFT:
            assert error["code"] == "ErrorMailboxStoreUnavailable"
        else:
            assert (error["code"], error["errors"][0]["reason"]) == (503, "backendError")
        assert not any(word in reply.text.lower() for word in ("sqlite", "disk i/o", str(server.folder)))
    assert server.ask("GET", "/v1.0/me/events", "bob").status_code == 200
    let_grow_to(server, resource.RLIM_INFINITY)
    for path, body in EVENTS.items():
        assert server.ask("POST", path, "bob", json=body).status_code in (200, 201)
    (said,) = lines(server, "storage.failed")
    assert "fault=SQLITE_IOERR_WRITE" in said
    assert len(lines(server, "storage.recovered")) == 1
    server.restart()
    events = server.ask("GET", "/v1.0/me/events?$filter=subject eq 'Lunch'", "bob").json()["value"]
    assert len(events) == 5


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of its own with room for a data file and little more."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "rsvpd-test", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root may mount a small file system; tests/store/test_disk.py fills a file without")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_said_in_every_dialect(small_disk, start_server):
    server = start_server("--data", str(small_disk / "t.db"))
    fill(small_disk / "filler")
    graph = "/v1.0/me/events"
    acknowledged = 0
    while server.ask("POST", graph, "bob", json=EVENTS[graph]).status_code == 201:
        acknowledged += 1
        assert acknowledged < 2_000
    for path, body in EVENTS.items():
        reply = server.ask("POST", path, "bob", json=body)
        assert reply.status_code == (507 if path in MICROSOFT else 503), reply.text
        assert int(reply.headers["retry-after"]) > 0
        code = reply.json()["error"]["code"]
        assert code == ("ErrorQuotaExceeded" if path in MICROSOFT else 503)
    reply = rsvpd("user", "add", "erin@example.com", "--data", str(small_disk / "t.db"))
    assert (reply.returncode, reply.stderr) == (1, "rsvpd: There is no room left to store this; nothing was changed.\n")
    assert len(lines(server, "storage.full")) == 1
    (small_disk / "filler").unlink()
    assert server.ask("POST", graph, "bob", json=EVENTS[graph]).status_code == 201
    assert len(lines(server, "storage.recovered")) == 1
    server.kill()
    server.start()
    count = server.ask("GET", f"{graph}/$count?$filter=subject eq 'Lunch'", "bob").text
    assert int(count.lstrip("\ufeff")) == acknowledged + 1


def fill(path: Path) -> None:
    """Take what room there is left on a disk."""
    with open(path, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("how", ["deleted", "replaced", "overwritten"])
def test_a_data_file_that_is_taken_away_is_said_in_every_dialect(server, tmp_path, how):
    other = tmp_path / "other.db"
    rsvpd("user", "add", "zoe@example.com", "--data", str(other))
    if how == "deleted":
        server.data.unlink()
    elif how == "replaced":
        os.replace(other, server.data)
    else:
        shutil.copyfile(other, server.data)
    for path, body in EVENTS.items():
        for reply in (server.ask("GET", path, "bob"), server.ask("POST", path, "bob", json=body)):
            assert reply.status_code == 503, reply.text
            assert int(reply.headers["retry-after"]) > 0
            assert reply.json()["error"]["code"] in ("ErrorMailboxStoreUnavailable", 503)
    (said,) = lines(server, "storage.failed")
    assert f"fault={how}" in said
    server.stop()
    if how != "deleted":
        assert server.cli("token", "zoe@example.com").stdout.startswith("ey")


@pytest.mark.parametrize("name", ["link.db", "hard.db"])
def test_a_second_server_does_not_get_in_by_another_name(server, name):
    other = server.data.with_name(name)
    (os.symlink if name == "link.db" else os.link)(server.data, other)
    for file in server.folder.glob("*.lock"):
        file.unlink()
    reply = rsvpd("up", "--port", "0", "--data", str(other))
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "name another file with --data" in reply.stderr
    assert server.ask("GET", "/v1.0/me", "bob").status_code == 200


def test_a_command_reaches_the_server_through_a_link(server):
    link = server.folder.parent / "link.db"
    link.symlink_to(server.data)
    token = rsvpd("token", BOB, "--data", str(link)).stdout.strip()
    assert server.ask("GET", "/v1.0/me", headers={"Authorization": f"Bearer {token}"}).json()["mail"] == BOB


@pytest.mark.parametrize("command", [["up", "--port", "0"], ["user", "add", "erin@example.com"]])
def test_a_place_that_cannot_be_written_names_the_flag(tmp_path, command):
    (tmp_path / "file").touch()
    reply = rsvpd(*command, "--data", str(tmp_path / "file" / "t.db"))
    assert (reply.returncode, reply.stdout) == (1, "")
    assert reply.stderr.startswith("rsvpd: ")
    assert "--data" in reply.stderr
    assert len(reply.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_file_of_another_program_is_refused_and_left(tmp_path):
    data = tmp_path / "theirs.db"
    with closing(sqlite3.connect(data)) as connection:
        connection.execute("CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")
    data.chmod(0o644)
    before = data.read_bytes()
    for command in (["up", "--port", "0"], ["user", "add", "erin@example.com"], ["token", BOB], ["doctor"]):
        reply = rsvpd(*command, "--data", str(data))
        assert (reply.returncode, reply.stdout) == (1, "")
        assert "database of another program" in reply.stderr
    assert data.read_bytes() == before
    assert [(one.name, stat.S_IMODE(one.stat().st_mode)) for one in tmp_path.iterdir()] == [("theirs.db", 0o644)]
