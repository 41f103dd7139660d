"""Where a test's server comes from: one that is started for it, or the one that `rsvpd run` leads to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rsvpd.cli.reach import Unreachable
from rsvpd.cli.started import StartedServer, place_of
from rsvpd.config import PREFIX
from rsvpd.control import sidecar
from rsvpd.testing.tenant import Tenant

_DATA = "RSVPD_DATA"


@contextmanager
def server(
    *, seed: bool = True, clock: str = "", settings: Mapping[str, object] | None = None, shows_log: bool = False
) -> Iterator[Tenant]:
    """Start a server over new data, and stop it at the end; nothing is left behind.

    It listens on free ports of the loopback, in a process of its own. `seed` gives it the sample people and their
    meetings; `clock` is the ISO 8601 instant at which it starts; `settings` are those of `rsvpd docs configuration` by
    name, and none is taken of this process's environment. Raises rsvpd.cli.reach.Unreachable with what it said.
    """
    flags = [*([] if seed else ["--no-seed"]), *([f"--clock={clock}"] if clock else [])]
    with _folder() as folder:
        started = StartedServer(
            folder / "rsvpd.db", folder, flags=flags, environ=_environ(settings or {}), shows_log=shows_log
        )
        try:
            with Tenant(started.wait(), folder) as tenant:
                yield tenant
        finally:
            started.stop()


@contextmanager
def attach() -> Iterator[Tenant]:
    """Reach the server that `rsvpd run` or `rsvpd env` leads this process to. Raises Unreachable."""
    data = Path(os.environ.get(_DATA, "")).resolve()
    found = sidecar.find_server(data) if is_led() else None
    if found is None:
        raise Unreachable("no server is running here; start the tests by `rsvpd run -- pytest`")
    with _folder() as folder, Tenant(place_of(found, data, None), folder) as tenant:
        yield tenant


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rsvpd-testing-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def is_led() -> bool:
    """Return whether `rsvpd run` or `rsvpd env` leads this process to a server."""
    return bool(os.environ.get("RSVPD_URL") and os.environ.get(_DATA))


def _environ(settings: Mapping[str, object]) -> dict[str, str]:
    """Return this process's environment with these settings alone: another server's are for that one."""
    plain = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return plain | {f"{PREFIX}{name.upper()}": _text(one) for name, one in settings.items()}


def _text(setting: object) -> str:
    return str(setting).lower() if isinstance(setting, bool) else str(setting)
