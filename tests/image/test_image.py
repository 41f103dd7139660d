"""The image of Containerfile, built by buildah and run: `make test-image`, as root.

No registry is needed: a minimal Debian with Python, which BASE names, stands in for the image that it begins with.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.running import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
BASE = os.environ.get("BASE", "")
RECORDINGS = ROOT / "tests" / "store" / "recordings"
PYTHON = "docker.io/library/python:3.13-slim"
NOBODY = 65534
MOST_BYTES = 130_000_000  # of what stands above the image of Python
_LOOK_SECONDS = 0.2
_BUILD_SECONDS = 600
# What a machine itself needs to reach a package index is needed inside as well.
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
# As an engine does it: a read-only root, a volume, the user of the image, and the command in the place of this one.
AS_A_CONTAINER = """
mount --bind "$1" "$1"; mount --bind "$2" "$1/data"; mount --rbind /proc "$1/proc"; mount --rbind /dev "$1/dev"
mount -o remount,ro,bind "$1"
exec chroot --userspec="$3" "$1" env -i "${@:4}"
"""

pytestmark = pytest.mark.skipif(not BASE, reason="`make test-image` has what this needs")


class Image:
    """The built image: what is said of it, and its files."""

    def __init__(self, store: Path) -> None:
        self._flags = ["--root", store / "root", "--runroot", store / "run"]
        self._environ = os.environ | {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(store)}
        base = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", base, BASE, "/")
        self.buildah("add", "--quiet", base, str(AUTHORITIES), str(AUTHORITIES))
        self.buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", base)
        if "PIP_CERT" in os.environ:
            self.buildah("config", "--env", f"PIP_CERT={AUTHORITIES}", base)
        self.buildah("commit", "--quiet", "--rm", base, PYTHON)
        self.buildah("bud", "--quiet", "--pull-never", "--format", "docker", "--tag", "rsvpd", str(ROOT))
        config: dict[str, Any] = json.loads(self.buildah("inspect", "--type", "image", "rsvpd"))["Docker"]["config"]
        self.config = config
        self.files = Path(self.buildah("mount", self.buildah("from", "--pull-never", "rsvpd")))

    def buildah(self, command: str, *args: str) -> str:
        done = subprocess.run(
            ["buildah", *self._flags, command, *args], env=self._environ, capture_output=True, text=True,
            timeout=_BUILD_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    store = Path(tempfile.mkdtemp(prefix="rsvpd-image-"))
    try:
        built = Image(store)
        yield built
        built.buildah("umount", "--all")
    finally:
        shutil.rmtree(store, ignore_errors=True)


class Container:
    """What runs in the image over a volume, without a network of its own: on any free port of this machine."""

    def __init__(self, image: Image, volume: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = str(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._image = image
        self._volume = volume

    def command(self, *command: str) -> list[str]:
        environ = [one for one in self._image.config["Env"] if not one.startswith("RSVPD_PORT=")]
        user = f"{self._image.config['User']}:nogroup"
        inside = [str(self._image.files), str(self._volume), user, *environ, f"RSVPD_PORT={self.port}", *command]
        return ["unshare", "--mount", "--propagation", "private", "bash", "-ec", AS_A_CONTAINER, "bash", *inside]

    def does(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*command), capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    def is_healthy(self) -> bool:
        kind, check = self._image.config["Healthcheck"]["Test"]
        assert kind == "CMD-SHELL"
        return self.does("/bin/sh", "-c", check).returncode == 0

    @contextmanager
    def up(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the image's own command until it is told to stop as an engine tells it."""
        assert self._image.config["StopSignal"] == "SIGTERM"
        process = subprocess.Popen(self.command(*self._image.config["Cmd"]), stdout=subprocess.DEVNULL)
        try:
            until = time.monotonic() + PATIENCE_SECONDS
            while not self.is_healthy():
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(_LOOK_SECONDS)
            yield process
        finally:
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A volume as an engine makes it: with the owner and the rights of the folder in the image."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    made = tmp_path / "volume"
    made.mkdir(0o700)
    os.chown(made, NOBODY, NOBODY)
    return made


def test_it_says_how_it_is_run(image: Image) -> None:
    assert image.config["User"] == "nobody"
    assert list(image.config["Volumes"]) == ["/data"]
    assert list(image.config["ExposedPorts"]) == ["8365/tcp"]
    place = (image.files / "data").stat()
    assert (place.st_uid, place.st_mode & 0o777) == (NOBODY, 0o700)


def test_what_it_adds_is_small(image: Image) -> None:
    added = sum(one.lstat().st_size for one in (image.files / "opt" / "rsvpd").rglob("*"))
    assert added < MOST_BYTES
    assert not list((image.files / "opt" / "rsvpd").rglob("pip")), "nothing is installed there later"


def test_it_runs_as_nobody_on_a_read_only_root(image: Image, volume: Path) -> None:
    container = Container(image, volume)
    assert not container.is_healthy()
    with container.up() as process:
        assert os.stat(f"/proc/{process.pid}").st_uid == NOBODY
        assert {one.stat().st_uid for one in volume.iterdir()} == {NOBODY}
        assert container.does("touch", "/opt/rsvpd/x").returncode
        token = container.does("rsvpd", "token", "bob").stdout.strip()
        me = httpx.get(f"{container.url}/v1.0/me", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        assert me.json()["mail"] == "bob@example.com"
        assert container.does("rsvpd", "user", "add", "erin@example.com").returncode == 0
        assert httpx.get(f"{container.url}/_rsvpd/people", trust_env=False).status_code == 401, "others reach it too"
    with container.up():
        assert container.does("rsvpd", "token", "erin").stdout.count(".") == 2, "the volume has all there was"


def test_it_goes_on_with_the_volume_of_an_older_version(image: Image, volume: Path) -> None:
    data = volume / "rsvpd.db"
    data.write_bytes(gzip.decompress((RECORDINGS / "schema-6.db.gz").read_bytes()))
    os.chown(data, NOBODY, NOBODY)
    container = Container(image, volume)
    with container.up():
        token = container.does("rsvpd", "token", "alice").stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}
        found = httpx.get(f"{container.url}/v1.0/me/events", headers=headers, trust_env=False).json()["value"]
        assert found
