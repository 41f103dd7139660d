"""`rsvpd run`: a command that believes it talks to Microsoft 365 and Google, and a server for as long as it runs.

Nothing outside the command changes: what it needs is in its environment and in a folder that is gone afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from rsvpd.cli.environment import Place, variables
from rsvpd.cli.reach import Unreachable
from rsvpd.cli.started import StartedServer, place_of
from rsvpd.cli.usage import UsageError
from rsvpd.config import Config
from rsvpd.control import sidecar

_NOT_RUNNABLE, _NOT_FOUND, _OF_SIGNAL = 126, 127, 128
# Those that ask to end: whoever does not is ended.
_ENDING = (signal.SIGTERM, signal.SIGHUP)
# What a terminal sends, it sends to the command as well.
_OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
_OTHERS = (signal.SIGUSR1, signal.SIGUSR2)


def run(args: argparse.Namespace, config: Config) -> int:
    """Run the command and return its exit code, 128 and the number of a signal that ended it."""
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        raise UsageError("A command to run is needed: `rsvpd run -- pytest`")
    _leave_in_order()
    reached = contextlib.nullcontext(running_place(config)) if args.attach else own_server(args, shows_log=args.log)
    with reached as place, _folder() as folder:
        return _run(command, {**os.environ, **variables(place, folder, os.environ)}, grace=args.grace)


def running_place(config: Config) -> Place:
    """Return the server that has the data file open. Raises Unreachable where none has, or without HTTPS."""
    server = sidecar.find_server(config.data)
    if server is None:
        raise Unreachable(f"no server has {config.data} open; `rsvpd up --https` starts one")
    if not server.https_url:
        raise Unreachable(f"the server at {server.url} speaks no HTTPS; start it with `rsvpd up --https`")
    ready = config.ready_file if config.ready_file and config.ready_file.is_file() else None
    return place_of(server, config.data.resolve(), ready)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rsvpd-run-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


@contextlib.contextmanager
def own_server(args: argparse.Namespace, *, shows_log: bool) -> Iterator[Place]:
    """Start a server for as long as inside, over data of its own that are gone afterwards, or those of `--data`."""
    _leave_in_order()
    with _folder() as folder:
        data = Path(os.path.abspath(os.path.expanduser(args.data))) if args.data else folder / "rsvpd.db"
        flags = ["--config", args.config] if args.config else []
        started = StartedServer(data, folder, flags=flags, environ=os.environ, shows_log=shows_log)
        try:
            yield started.wait()
        finally:
            started.stop()


def _run(command: list[str], environ: Mapping[str, str], *, grace: float) -> int:
    with _Signals(grace) as signals:
        try:
            process = subprocess.Popen(command, env=environ)
        except FileNotFoundError:
            return _cannot(f"there is no command '{command[0]}'", _NOT_FOUND)
        except OSError as wrong:
            return _cannot(f"'{command[0]}' cannot be run: {wrong.strerror}", _NOT_RUNNABLE)
        except ValueError:
            return _cannot("a command has no NUL in it", _NOT_RUNNABLE)
        signals.pass_on_to(process)
        code = process.wait()
    return code if code >= 0 else _OF_SIGNAL - code


def _cannot(words: str, code: int) -> int:
    print(f"rsvpd: {words}", file=sys.stderr)
    return code


class _Signals:
    """What this process is sent while inside, passed on to a command.

    One that was asked to end and does not is killed after `grace` seconds. What this process ignores, as under
    nohup, stays ignored.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._early = list[int]()
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._kept = dict[int, Any]()

    def __enter__(self) -> _Signals:
        for number in (*_ENDING, *_OF_THE_TERMINAL, *_OTHERS):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._kept[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *unused: object) -> None:
        if self._timer:
            self._timer.cancel()
        for number, handler in self._kept.items():
            signal.signal(number, handler)

    def pass_on_to(self, process: subprocess.Popen[bytes]) -> None:
        """Send `process` what came so far, and from now on what comes."""
        self._process = process
        for number in self._early:
            self._send(process, number)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if number in _OF_THE_TERMINAL and _is_in_foreground():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._send(self._process, number)

    def _send(self, process: subprocess.Popen[bytes], number: int) -> None:
        process.send_signal(number)
        if number in _ENDING and self._timer is None:
            self._timer = threading.Timer(self._grace, process.kill)
            self._timer.daemon = True
            self._timer.start()


def _leave_in_order() -> None:
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """Leave by way of everything that is to be put away."""
    raise SystemExit(_OF_SIGNAL + number)


def _is_in_foreground() -> bool:
    """Return whether a terminal sends its signals to the process group of this process."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
