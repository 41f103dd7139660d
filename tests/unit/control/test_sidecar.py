"""Who holds a data file: the lock says so, the sidecar only says how to reach the holder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from rsvpd import locks
from rsvpd.control import sidecar
from rsvpd.control.sidecar import DataFileInUse, Sidecar
from rsvpd.files import write_secret
from rsvpd.store.engine import DataFileError

HERE = Sidecar(os.getpid(), "http://127.0.0.1:1", "secret")


def test_one_process_at_a_time(tmp_path):
    data = tmp_path / "new" / "t.db"
    with sidecar.hold(data):
        with pytest.raises(DataFileInUse, match="in use by another process"), sidecar.hold(data):
            pass
        sidecar.write(data, HERE)
        with pytest.raises(DataFileInUse, match=str(os.getpid())), sidecar.hold(data):
            pass
        assert locks.is_held(data)
    assert not locks.is_held(data)
    with sidecar.hold(data):
        pass


def test_the_running_server_is_found(tmp_path):
    data = tmp_path / "t.db"
    with sidecar.hold(data):
        assert sidecar.find_server(data) is None
        sidecar.write(data, HERE)
        assert sidecar.find_server(data) == HERE
        sidecar.remove(data)
        assert sidecar.find_server(data) is None


def test_only_the_owner_reads_it(tmp_path):
    data = tmp_path / "t.db"
    sidecar.write(data, HERE)
    (made,) = tmp_path.iterdir()
    assert made.name == "t.db.server"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_stale_one_misleads_nobody(tmp_path):
    data = tmp_path / "t.db"
    sidecar.write(data, HERE)
    assert sidecar.find_server(data) is None
    with sidecar.hold(data):
        pass
    assert sidecar.find_server(data) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff"])
def test_half_a_sidecar_is_none(tmp_path, content):
    data = tmp_path / "t.db"
    with sidecar.hold(data):
        (tmp_path / "t.db.server").write_bytes(content)
        assert sidecar.find_server(data) is None


HOLD_AND_DIE = """
import os, pathlib, sys
from rsvpd.control import sidecar
sidecar.hold(pathlib.Path(sys.argv[1])).__enter__()
os._exit(9)
"""


def test_the_lock_ends_with_its_process(tmp_path):
    data = tmp_path / "t.db"
    other = subprocess.run([sys.executable, "-c", HOLD_AND_DIE, str(data)], timeout=30, check=False)
    assert other.returncode == 9
    assert not locks.is_held(data)
    with sidecar.hold(data):
        pass


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "t.db"
    file.write_bytes(b"something")
    return file


ON_LINUX = pytest.mark.skipif(not locks.ON_THE_FILE_ITSELF, reason="the lock stands beside the file here")


@pytest.mark.parametrize("link", [os.symlink, pytest.param(os.link, marks=ON_LINUX)])
def test_another_name_of_the_file_is_no_second_way_in(data, link):
    other = data.with_name("other.db")
    link(data, other)
    with sidecar.hold(data), pytest.raises(DataFileInUse), sidecar.hold(other):
        pass
    with sidecar.hold(other), pytest.raises(DataFileInUse), sidecar.hold(data):
        pass


@ON_LINUX
def test_what_is_deleted_beside_the_file_is_no_second_way_in(data):
    with sidecar.hold(data):
        for one in data.parent.iterdir():
            if one != data:
                one.unlink()
        with pytest.raises(DataFileInUse), sidecar.hold(data):
            pass


def test_a_server_is_found_by_any_name_of_its_folder(data):
    link = data.with_name("link.db")
    link.symlink_to(data)
    with sidecar.hold(link):
        sidecar.write(link, HERE)
        assert sidecar.find_server(data) == sidecar.find_server(link) == HERE


def test_the_lock_goes_with_the_file_that_takes_the_place(data):
    fresh = data.with_name("fresh")
    fresh.write_bytes(b"new")
    with sidecar.hold(data) as lock:
        lock.put(fresh, data)
        with pytest.raises(DataFileInUse), sidecar.hold(data):
            pass
    with sidecar.hold(data):
        assert data.read_bytes() == b"new"


def test_whoever_waited_for_a_file_that_was_replaced_gets_the_new_one(data, monkeypatch):
    """The file is replaced between the opening of it and the lock on it."""
    take, fresh = locks.take, data.with_name("fresh")

    def replaced(handle, **more):
        if fresh.exists():
            os.replace(fresh, data)
        return take(handle, **more)

    fresh.write_bytes(b"new")
    monkeypatch.setattr(locks, "take", replaced)
    with sidecar.hold(data), pytest.raises(DataFileInUse), sidecar.hold(data):
        pass


@ON_LINUX
def test_a_lock_that_led_to_nothing_leaves_nothing(tmp_path):
    with sidecar.hold(tmp_path / "t.db"):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "made.db").touch()
    with sidecar.hold(tmp_path / "made.db"):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["made.db"]


def test_a_new_file_does_not_inherit_the_wal_of_a_deleted_one(tmp_path):
    for ending in ("-wal", "-shm", "-journal"):
        (tmp_path / f"t.db{ending}").write_bytes(b"of another file")
    with sidecar.hold(tmp_path / "t.db"):
        assert [one.name for one in tmp_path.iterdir()] == ["t.db"]


def test_only_the_own_sidecar_is_removed(data):
    sidecar.write(data, Sidecar(1, "http://127.0.0.1:2", "of another server"))
    sidecar.remove(data)
    assert data.with_name("t.db.server").exists()


@pytest.mark.parametrize("place", ["file/t.db", "file/deep/t.db", "folder", "pipe"])
def test_a_place_that_cannot_be_written_names_the_flag(tmp_path, place):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataFileError, match=r"^[^\n]+ cannot be written \(.+\); name another file with --data$"), \
            sidecar.hold(tmp_path / place):
        pass


def test_a_secret_replaces_the_file_in_one_piece(tmp_path):
    file = tmp_path / "deep" / "ready.json"
    write_secret(file, b"one")
    write_secret(file, b"two")
    assert file.read_bytes() == b"two"
    assert [one.name for one in file.parent.iterdir()] == ["ready.json"]
