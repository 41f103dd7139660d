"""What leaves for a terminal, in one place: nothing that somebody else wrote may steer it.

Subjects, names, comments and the error texts of servers come from anybody. A control letter among them moves
the cursor or rewrites what stands above (ECMA-48), a bidirectional one shows words in another order than they
have (Unicode Technical Report 36, section 2.10). Both commands write through `Screen`: whatever is printed, such a
letter leaves as `\\uXXXX`, which is also how JSON writes it, so that `--json` stays exact. Where text stands
on one line among other text, `one_line` leaves them out before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

import msgspec

OK, FAILED, INTERRUPTED = 0, 1, 130

# C0 but for tab and line feed, DEL and C1; line and paragraph separators; lone surrogates.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# Bidi_Control of the Unicode character database, and what shows nothing at all. The joiners U+200C and U+200D
# stay: Persian, Hindi and emoji are written with them.
_FORMATS = (
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_UNSAFE = re.compile(f"[{_CONTROLS}{_FORMATS}]")
_FORMAT = re.compile(f"[{_FORMATS}]")
_COMMAND = re.compile(r"`[^`]*+`")
_NO_BREAK = "\0"


def escape(text: str) -> str:
    """Return `text`, tabs and lines as they are, with each unsafe letter as `\\uXXXX` (RFC 8259, section 7)."""
    return _UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def one_line(text: str) -> str:
    """Return `text` on one line, blanks for line ends and controls, nothing for what shows nothing."""
    return " ".join(_UNSAFE.sub(" ", _FORMAT.sub("", text)).split())


def print_prose(text: str, out: TextIO) -> None:
    """Print sentences; a terminal gets them broken between words, but never within `a command`."""
    print(wrap_prose(text, shutil.get_terminal_size().columns) if out.isatty() else text, file=out)


def wrap_prose(text: str, width: int) -> str:
    """Return `text` in lines of at most `width` letters, where words and `commands` are not longer than that."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.wrap(whole, max(1, width), break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_NO_BREAK, " ")


class Screen:
    """A text stream through which nothing unsafe leaves, whoever writes to it."""

    def __init__(self, under: TextIO) -> None:
        self.under = under

    def write(self, text: str) -> int:
        """Write `text`, escaped."""
        self.under.write(escape(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, escaped."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.under, name)


def screen(stream: TextIO) -> TextIO:
    """Return `stream` as one through which nothing unsafe leaves."""
    return stream if isinstance(stream, Screen) else cast(TextIO, Screen(stream))


def raw_stream(stream: TextIO) -> TextIO:
    """Return the stream beneath a screen, for tables and progress: their own colours are not to be escaped.

    Whoever uses it makes every text safe first.
    """
    return stream.under if isinstance(stream, Screen) else stream


def as_json(document: Any, *, ascii_only: bool = False) -> str:
    """Return a document the way `--json` writes it: indented, in the order it was made."""
    return escape(json.dumps(msgspec.to_builtins(document), ensure_ascii=ascii_only, indent=2))


def print_json(document: Any, out: TextIO | None = None) -> None:
    """Print a document; to a stream that knows no Unicode everything beyond ASCII leaves as `\\uXXXX`."""
    stream = out or sys.stdout
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    print(as_json(document, ascii_only=not encoding.startswith("utf")), file=stream)


# --- the process


def run_at_terminal(name: str, command: Callable[[], int]) -> int:
    """Run a command of this process on its own streams and return the exit code.

    A reader who has read enough (`| head`) ends it quietly; a file that cannot be written is told.
    """
    with _protect_streams():
        try:
            code = command()
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return OK
        except KeyboardInterrupt:
            return INTERRUPTED
        except OSError as wrong:
            _drop_output()
            print(f"{name}: {wrong.strerror or wrong}", file=sys.stderr)
            return FAILED
        return code


@contextmanager
def _protect_streams() -> Iterator[None]:
    """Python has None for a stream that was closed before it started."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        streams = [one or nowhere for one in (sys.stdout, sys.stderr)]
        for one in streams:
            if hasattr(one, "reconfigure"):  # a terminal that cannot show a character shows `?`
                one.reconfigure(errors="replace")
        out, err = map(screen, streams)
        with redirect_stdout(out), redirect_stderr(err):
            yield


def _drop_output() -> None:
    """Python flushes once more on leaving, and would complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
