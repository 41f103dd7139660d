"""`rsvpd backup` and `rsvpd doctor`: copies of a live file and of one at rest, and neither writes to it."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import httpx
import pytest

from support.running import Running, rsvpd

LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
}
EVENTS = "/v1.0/me/events"


@pytest.fixture(params=["through the server", "on the file", "after a crash"])
def place(request, server) -> Running:
    assert server.ask("POST", EVENTS, "bob", json=LUNCH).status_code == 201
    if request.param == "on the file":
        server.stop()
    elif request.param == "after a crash":
        server.kill()
        assert server.data.with_name("t.db-wal").stat().st_size
    return server


def state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    found = {one.name: one for one in folder.iterdir() if one.name.startswith("t.db")}
    return {name: (one.read_bytes(), one.stat().st_mode, one.stat().st_mtime_ns) for name, one in found.items()}


def lunches(data: Path, start_server) -> int:
    server = start_server("--data", str(data))
    return [one["subject"] for one in server.ask("GET", f"{EVENTS}?$top=500", "bob").json()["value"]].count("Lunch")


def test_the_copy_has_the_newest_and_opens(place, tmp_path, start_server):
    before, copy = state(place.folder), tmp_path / "copy.db"
    reply = place.cli("backup", str(copy))
    assert reply.returncode == 0, reply.stderr
    assert reply.stdout == f"{copy}  {copy.stat().st_size} bytes\n"
    if place.process.poll() is not None:
        assert state(place.folder) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["copy.db"]
    assert lunches(copy, start_server) == 1


def test_it_does_not_write_over_anything_unless_told_so(place, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_text("a letter")
    reply = place.cli("backup", str(copy))
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "--force" in reply.stderr
    assert copy.read_text() == "a letter"
    assert place.cli("backup", str(copy), "--force").returncode == 0
    assert copy.read_bytes().startswith(b"SQLite")


def test_never_over_the_data_file(place):
    (place.folder / "link.db").symlink_to(place.data)
    before = place.data.read_bytes()
    for name in ("t.db", "./t.db", "link.db"):
        reply = place.cli("backup", os.path.join(place.folder, name), "--force")
        assert reply.returncode == 1
        assert "is the data file itself" in reply.stderr
        assert place.data.read_bytes() == before


def test_never_over_a_file_that_another_server_has_open(server, start_server):
    other = start_server()
    reply = server.cli("backup", str(other.data), "--force")
    assert reply.returncode == 1
    assert "in use by another process" in reply.stderr
    assert other.ask("GET", EVENTS, "bob").status_code == 200


def test_an_old_wal_is_not_taken_for_the_copys_own(place, tmp_path, start_server):
    old = Running(tmp_path)
    old.ask("POST", EVENTS, "bob", json=LUNCH | {"subject": "Old"})
    old.kill()
    assert place.cli("backup", str(old.data), "--force").returncode == 0
    assert lunches(old.data, start_server) == 1


def test_a_place_that_cannot_be_is_one_line(place, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for target in ("none/copy.db", "file/copy.db", "folder"):
        reply = place.cli("backup", str(tmp_path / target), "--force")
        assert (reply.returncode, reply.stdout) == (1, "")
        assert len(reply.stderr.splitlines()) == 1
        assert str(tmp_path / target) in reply.stderr


def test_a_relative_name_is_the_callers(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place.cli("backup", "copy.db").returncode == 0
    assert (tmp_path / "copy.db").exists()


def test_a_copy_under_load_is_whole(server, tmp_path, start_server):
    """What was acknowledged before the copy began is in it, whole; the server goes on meanwhile."""
    acknowledged, enough, over = 0, threading.Event(), threading.Event()

    def load() -> None:
        nonlocal acknowledged
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http:
            while not over.is_set():
                assert http.post(EVENTS, json=LUNCH, headers=server.auth("bob")).status_code == 201
                acknowledged += 1
                if acknowledged == 20:
                    enough.set()

    writing = threading.Thread(target=load)
    writing.start()
    try:
        assert enough.wait(60)
        before = acknowledged
        reply = server.cli("backup", str(tmp_path / "copy.db"))
        after = acknowledged
    finally:
        over.set()
        writing.join()
    assert reply.returncode == 0, reply.stderr
    assert before <= lunches(tmp_path / "copy.db", start_server) <= after + 1


def test_a_file_that_is_gone_is_not_copied(server, tmp_path):
    server.data.unlink()
    reply = server.cli("backup", str(tmp_path / "copy.db"))
    assert reply.returncode == 1
    assert len(reply.stderr.splitlines()) == 1


def test_the_control_interface_refuses_in_its_own_shape(server, tmp_path):
    for body, status in (
        ({"path": "copy.db"}, 409),
        ({"path": str(server.data), "overwrite": True}, 409),
        ({"path": "/tmp/\0"}, 409),
        ({"path": "/" + "x" * 5000}, 409),
        ({"file": "x"}, 400),
        ([], 400),
    ):
        reply = administrator(server, "POST", "/_rsvpd/backup", json=body)
        assert reply.status_code == status, reply.text
        assert reply.json()["error"]["message"]
    assert server.ask("POST", "/_rsvpd/backup", "alice", json={"path": str(tmp_path / "c.db")}).status_code == 401


def administrator(server: Running, method: str, path: str, **more) -> httpx.Response:
    token = json.loads(server.data.with_name("t.db.server").read_bytes())["control_token"]
    return server.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)


def test_the_doctor_changes_nothing(place):
    if place.process.poll() is None:
        assert "faults" in place.cli("doctor").stdout
        return
    place.data.chmod(0o400)
    place.folder.chmod(0o500)
    before, names = state(place.folder), sorted(os.listdir(place.folder))
    try:
        reply = place.cli("doctor")
    finally:
        place.folder.chmod(0o700)
    assert reply.returncode == 0, reply.stderr
    for line in ("schema", "file bytes", "wal bytes", "faults"):
        assert line in reply.stdout
    assert state(place.folder) == before
    assert sorted(os.listdir(place.folder)) == names


def test_the_doctor_of_a_damaged_file_says_so(server):
    server.stop()
    with open(server.data, "r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    reply = server.cli("doctor")
    assert reply.returncode in (0, 1)
    assert "Traceback" not in reply.stderr
    assert "faults         none" not in reply.stdout


def test_nothing_to_copy_is_said(tmp_path):
    reply = rsvpd("backup", str(tmp_path / "copy.db"), "--data", str(tmp_path / "none.db"))
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "rsvpd up" in reply.stderr
    assert list(tmp_path.iterdir()) == []
