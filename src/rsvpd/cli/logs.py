"""Logs of requests as commands read them: lines of files and of standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import IO

import msgspec
from msgspec import Struct

_STDIN = "-"
_LONGEST_LINE = 65536


def lines_of(names: list[str]) -> Iterator[bytes]:
    """Yield the lines of files; `-` is standard input. Raises OSError that names the file."""
    for name in names:
        if name == _STDIN:
            yield from _of(sys.stdin.buffer)
            continue
        try:
            with open(name, "rb") as stream:
                yield from _of(stream)
        except OSError as wrong:
            raise OSError(wrong.errno, f"{name}: {wrong.strerror}") from None


class Line(Struct, frozen=True):
    """What of a line of a log counts: with another event than `request` it is no request."""

    event: str
    method: str = ""
    path: str = ""
    status: int = 0
    person: str | None = None
    application: str = ""


def read_json(line: bytes) -> Line | None:
    """Return a line of a log in JSON, None where it is none."""
    try:
        return msgspec.json.decode(line, type=Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def count(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream; what is longer than a line of the log comes in pieces."""
    while line := stream.readline(_LONGEST_LINE):
        yield line
