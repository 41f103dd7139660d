"""Who holds a data file: the lock says so, the sidecar only says how to reach the holder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from rsvpd.control import sidecar
from rsvpd.control.sidecar import Held, Sidecar

HERE = Sidecar(os.getpid(), "http://127.0.0.1:1", "secret")


def test_one_process_at_a_time(tmp_path):
    data = tmp_path / "new" / "t.db"
    with sidecar.hold(data):
        with pytest.raises(Held, match=str(os.getpid())), sidecar.hold(data):
            pass
        assert sidecar.holder(data) == os.getpid()
    assert sidecar.holder(data) is None
    with sidecar.hold(data):
        pass


def test_the_running_server_is_found(tmp_path):
    data = tmp_path / "t.db"
    with sidecar.hold(data):
        assert sidecar.running(data) is None
        sidecar.write(data, HERE)
        assert sidecar.running(data) == HERE
        sidecar.remove(data)
        assert sidecar.running(data) is None


def test_only_the_owner_reads_it(tmp_path):
    data = tmp_path / "t.db"
    sidecar.write(data, HERE)
    (made,) = tmp_path.iterdir()
    assert made.name == "t.db.server"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_a_stale_one_misleads_nobody(tmp_path):
    data = tmp_path / "t.db"
    sidecar.write(data, HERE)
    assert sidecar.running(data) is None
    with sidecar.hold(data):
        pass
    assert sidecar.running(data) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff"])
def test_half_a_sidecar_is_none(tmp_path, content):
    data = tmp_path / "t.db"
    with sidecar.hold(data):
        (tmp_path / "t.db.server").write_bytes(content)
        assert sidecar.running(data) is None


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
    assert sidecar.holder(data) is None
    with sidecar.hold(data):
        pass


def test_a_secret_replaces_the_file_in_one_piece(tmp_path):
    file = tmp_path / "deep" / "ready.json"
    sidecar.write_secret(file, b"one")
    sidecar.write_secret(file, b"two")
    assert file.read_bytes() == b"two"
    assert [one.name for one in file.parent.iterdir()] == ["ready.json"]
