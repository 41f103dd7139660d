"""Whether a process has a data file open: an advisory lock that ends with its process.

On Linux the lock is flock(2) on the data file itself, so that a symbolic link, a hard link or a file deleted
beside it make no second way in. SQLite locks byte ranges of the same file with fcntl(2); on Linux the two
kinds do not see each other. Elsewhere (macOS, the BSDs) they exclude each other, and a file beside the data
file carries the lock. flock and not fcntl, because a process loses every fcntl lock on a file as soon as it
closes any descriptor of it (https://www.sqlite.org/howtocorrupt.html, 2.2).

Windows has neither; the server does not run there, and so no data file is ever held.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    NOT_HERE = "rsvpd does not run on Windows (its data file needs POSIX locks); use WSL or a container"
else:
    NOT_HERE = ""

ON_THE_FILE_ITSELF = sys.platform == "linux"


def resolve(data: Path) -> Path:
    """Return where the data file is, all symbolic links followed; the files beside it stand beside that."""
    try:
        return data.resolve()
    except RuntimeError as loop:  # a loop of links, until Python 3.13
        raise OSError(f"{data}: {loop}") from None


def carrier(data: Path) -> Path:
    """Return the file that carries the lock of a data file."""
    place = resolve(data)
    return place if ON_THE_FILE_ITSELF else place.with_name(place.name + ".lock")


def is_held(data: Path) -> bool:
    """Return whether a process has the data file open. Raises OSError where that cannot be learned."""
    if NOT_HERE:
        return False
    try:
        handle = os.open(carrier(data), os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        return not take(handle, shared=True)
    finally:
        os.close(handle)


def take(handle: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file, if nobody else has it; return whether it is taken now."""
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
