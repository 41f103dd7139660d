"""Seeds as files."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from rsvpd.errors import InvalidProperty

MOST_BYTES = 4 * 2**20


def read_text(path: Path) -> str:
    """Return the text of a seed, `-` for standard input. Raises InvalidProperty."""
    try:
        if str(path) == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with open(path, "rb") as file:
                raw = file.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise InvalidProperty(f"cannot be read ({wrong.strerror})") from None
    if len(raw) > MOST_BYTES:
        raise InvalidProperty(f"A seed has at most {MOST_BYTES // 2**20} MiB; cut it in several files.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidProperty("is not UTF-8; save it as that") from None


def starter() -> str:
    """Return the seed to begin with: the sample people and their meetings."""
    return (files("rsvpd.control.seeds") / "starter.yaml").read_text("utf-8")
