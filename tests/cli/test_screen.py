"""Nothing that somebody else wrote steers a terminal: the one place that decides, and every command through it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from rsvpd.cli.screen import as_json, escape, one_line, print_json, screen, wrap_prose
from rsvpd.client import Provider
from rsvpd.client.accounts import Account, AccountBook, TokenSignIn
from support.recorded import Exchange, Recording, Terminal, graph_event, graph_page
from support.running import PATIENCE_SECONDS, Running

BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = "\u061c\u200e\u200f"


def is_unsafe(char: str) -> bool:
    """Return whether a letter steers a terminal or the order of the writing, by the Unicode character database."""
    if char in "\t\n":
        return False
    kind = unicodedata.category(char)
    return kind in ("Cc", "Zl", "Zp", "Cs") or unicodedata.bidirectional(char) in BIDIRECTIONAL or char in MARKS


@pytest.mark.slow
def test_every_unsafe_letter_is_escaped_and_left_out() -> None:
    unsafe = list(filter(is_unsafe, map(chr, range(0x110000))))
    assert len(unsafe) > 2100
    assert [char for char in unsafe if escape(char) == char or one_line(f"a{char}b") not in ("ab", "a b")] == []
    assert {char: escape(char) for char in unsafe} == {char: f"\\u{ord(char):04x}" for char in unsafe}


def unsafe(text: str) -> list[str]:
    """Return the unsafe letters of a text."""
    return sorted(set(filter(is_unsafe, text)))


@pytest.mark.parametrize(
    "text", ["Zoë", "会議", "שלום", "می\u200cخواهم", "👨\u200d👩\u200d👧", "क्\u200dष", "❤\ufe0f", "a\tb\nc", "–…↻"]
)
def test_writing_stays_as_it_is(text: str) -> None:
    assert escape(text) == text
    assert one_line(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x1b[2Jb", "a [2Jb"),
        ("a\nb\tc", "a b c"),
        ("\u202eabc\u2066", "abc"),
        ("a\x9bb", "a b"),
        ("pass\u200bword", "password"),
        ("  a  ", "a"),
    ],
)
def test_on_one_line(text: str, cleaned: str) -> None:
    assert one_line(text) == cleaned


def test_json_says_exactly_what_it_is() -> None:
    everything = "".join(map(chr, range(0x20FF))) + "\U000e0041\U0001f600\udcff"
    written = as_json({"text": everything})
    assert json.loads(written) == {"text": everything}
    assert unsafe(written) == []
    assert "\\udb40\\udc41" in written


def test_json_for_a_terminal_without_unicode() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    print_json({"text": "Zoë"}, screen(out))
    out.flush()
    assert json.loads(out.buffer.getvalue()) == {"text": "Zoë"}  # a BytesIO


def test_whatever_is_printed_goes_through() -> None:
    out = io.StringIO()
    print("a\x1b[31m", "b\u2028", file=screen(out))
    screen(out).writelines(["c\x07\n"])
    assert out.getvalue() == "a\\u001b[31m b\\u2028\nc\\u0007\n"


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (80, ["Nothing waits. See: `rsvp invites --all` for the rest."]),
        (40, ["Nothing waits. See: `rsvp invites --all`", "for the rest."]),
        (30, ["Nothing waits. See:", "`rsvp invites --all` for the", "rest."]),
        (7, ["Nothing", "waits.", "See:", "`rsvp invites --all`", "for the", "rest."]),
    ],
)
def test_sentences_break_between_words_and_not_in_commands(width: int, lines: list[str]) -> None:
    assert wrap_prose("Nothing waits. See: `rsvp invites --all` for the rest.", width).splitlines() == lines


# --- every command

STEERING = "A\x1b[2JB\x9b31mC\u202eD\u2066E\u200fF\u2028G\x07H\rI\u061cJ"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server on which everything that anybody can name steers terminals."""
    server = Running(tmp_path_factory.mktemp("hostile"))
    made = server.cli("user", "add", "eve@example.com", "--name", STEERING)
    assert made.returncode == 0, made.stderr
    event = {
        "subject": STEERING,
        "body": {"contentType": "text", "content": STEERING},
        "start": {"dateTime": "2099-12-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2099-12-01T11:00:00", "timeZone": "UTC"},
        "location": {"displayName": STEERING},
        "attendees": [
            {"emailAddress": {"address": "bob@example.com", "name": STEERING}},
            {"emailAddress": {"address": "carol@example.com"}},
            {"emailAddress": {"address": "zoe@else.test", "name": STEERING}},
        ],
    }
    token = made.stdout.split()[-1]
    asked = server.ask("POST", "/v1.0/me/events", json=event, headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 201, asked.text
    yield server
    server.kill()


MARK = "\x1e"
IN_ONE_PROCESS = f"""
import json, sys
from rsvpd.cli.rsvp import main as rsvp
from rsvpd.cli.rsvpd import main as rsvpd
for name, *argv in json.loads(sys.stdin.read()):
    (rsvp if name == "rsvp" else rsvpd)(argv)
    sys.stdout.write({MARK!r})
    sys.stdout.flush()
"""


def run(server: Running, *commands: tuple[str, ...]) -> list[str]:
    """Return all that each command writes."""
    home = {f"XDG_{name}_HOME": str(server.folder / name) for name in ("CONFIG", "STATE", "DATA")}
    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS], input=json.dumps(commands).encode(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS, check=True,
        env=server.environ | home | {"RSVPD_DATA": str(server.data), "PYTHONUTF8": "1"},
    )  # fmt: skip
    return done.stdout.decode().split(MARK)[:-1]


COMMANDS = [
    ("rsvpd", "outbox"),
    ("rsvpd", "outbox", "--json"),
    ("rsvpd", "outbox", "show", "1"),
    ("rsvpd", "outbox", "show", "1", "--json"),
    ("rsvpd", "token", STEERING),
    ("rsvpd", "room", STEERING),
    ("rsvpd", "room", "orion", "--delegate", STEERING),
    ("rsvpd", "user", "add", f"{STEERING}@example.com"),
    ("rsvpd", "user", "add", "eve@example.com", "--name", STEERING),
    ("rsvpd", "user", "add", "frank@example.com", "--name", STEERING),
    ("rsvpd", "user", "add", "greta@example.com", "--time-zone", STEERING),
    ("rsvpd", STEERING),
    ("rsvpd", "docs", STEERING),
    ("rsvpd", "doctor", "--data", f"/{STEERING}/{STEERING}"),
    ("rsvpd", "doctor", "--config", STEERING),
    ("rsvpd", "doctor"),
    ("rsvp", "invites", "--all"),
    ("rsvp", "invites", "--all", "--json"),
    ("rsvp", "invites", "--account", STEERING),
    ("rsvp", "invites", "--time-zone", STEERING),
    ("rsvp", "accept", STEERING),
    ("rsvp", "accept", STEERING, "--json"),
    ("rsvp", "accept", f"{STEERING}.ics"),
    ("rsvp", "accept", "1", "--account", "carol"),
    ("rsvp", "decline", "1", "--account", "carol", "--json"),
    ("rsvp", "login", "rsvpd", "--as", STEERING),
    ("rsvp", "login", "rsvpd", "--as", "bob", "--name", STEERING),
    ("rsvp", "accounts"),
    ("rsvp", "accounts", "--json"),
    ("rsvp", "invites", "--json", "--account", STEERING),
    ("rsvp", "logout", STEERING),
    ("rsvp", STEERING, "--json"),
    ("rsvp", "login", "graph", "--token", STEERING, "--base", "http://127.0.0.1:9"),
    ("rsvp", "login", "outlook", "--token", STEERING, "--base", f"https://{STEERING}/api/v1.0"),
    ("rsvp", "login", "google", "--client-secrets", STEERING),
]


@pytest.mark.slow
def test_no_command_prints_what_steers(hostile: Running) -> None:
    printed = run(hostile, *COMMANDS)
    assert [command for command, text in zip(COMMANDS, printed, strict=True) if not text] == []
    steering = {command: found for command, text in zip(COMMANDS, printed, strict=True) if (found := unsafe(text))}
    assert steering == {}


@pytest.mark.slow
def test_json_says_what_was_there(hostile: Running) -> None:
    outbox, invites = run(hostile, ("rsvpd", "outbox", "--json"), ("rsvp", "invites", "--json", "--account", "bob"))
    assert "\u202e" in json.loads(outbox)[0]["subject"]
    assert json.loads(invites)["invitations"][-1]["subject"].count("\u202e")


def test_what_a_service_says_steers_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    account = Account(name=STEERING, provider=Provider.GRAPH, base="https://graph.example/v1.0", sign_in=TokenSignIn())
    AccountBook(tmp_path / "config" / "rsvpd").add(account, "token")
    refused = {"error": {"code": STEERING, "message": STEERING}}
    lunch = graph_event("i\x9b\u202e", STEERING, "2026-11-24T11:00", "2026-11-24T12:00")
    lunch |= {"organizer": {"emailAddress": {"name": STEERING}}, "location": {"displayName": STEERING}}
    one = Exchange("GET /v1.0/me/events/i%C2%9B%E2%80%AE", lunch)
    view = [Exchange("GET /v1.0/me/calendarView", graph_page(lunch)), Exchange("GET /v1.0/me/events", graph_page())]
    takes = Exchange("POST /v1.0/me/events/i%C2%9B%E2%80%AE/accept", status=202, headers={"X-Rsvpd-Hint": "a\x1bb"})
    accepted = Exchange("GET /v1.0/me/events/i%C2%9B%E2%80%AE", lunch | {"responseStatus": {"response": "accepted"}})
    for argv, exchanges in (
        (("invites",), [*view, one]),
        (("accept", "1"), [one, takes]),
        (("decline", "1"), [accepted]),
        (("accept", "1"), [accepted]),
        (("accept", "i"), [Exchange("GET /v1.0/me/events/i", refused, status=403)]),
        (("accept", "i"), [Exchange("GET /v1.0/me/events/i", lunch | {"start": {"dateTime": STEERING}})]),
        (("invites",), [Exchange("GET /v1.0/me/calendarView", refused, status=400)]),
        (("invites",), [Exchange("GET /v1.0/me/calendarView", graph_page(link=f"https://{STEERING}/"))]),
    ):
        for form in ((), ("--json",)):
            terminal.recording = Recording(*exchanges)
            terminal(*argv, *form)
            assert terminal.out + terminal.err
            assert unsafe(terminal.out + terminal.err) == [], (argv, form)


@pytest.mark.slow
def test_the_log_goes_through_it_too(hostile: Running) -> None:
    hostile.ask("GET", "/v1.0/%9b%e2%80%ae")
    assert unsafe(hostile.logged + hostile.said) == []


# --- readers who have read enough


@pytest.mark.slow
@pytest.mark.parametrize("line", ["rsvpd doctor", "rsvpd docs compatibility", "rsvpd completion bash", "rsvp --help"])
def test_head_ends_it_quietly(tmp_path: Path, line: str) -> None:
    module, _, rest = line.partition(" ")
    name = "rsvpd" if module == "rsvpd" else "rsvpd.client"
    shell = f"set -o pipefail; {sys.executable} -m {name} {rest} | {sys.executable} -c 'import os; os.close(0)'"
    environ = os.environ | {"RSVPD_DATA": str(tmp_path / "none.db"), "PYTHONUNBUFFERED": "1"}
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-c", shell], capture_output=True, text=True, env=environ, timeout=PATIENCE_SECONDS, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        environ.pop("PYTHONUNBUFFERED", None)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["rsvpd", "rsvpd.client"])
def test_a_full_disk_and_a_closed_output(module: str) -> None:
    whole = f"{sys.executable} -m {module} completion bash"
    full = subprocess.run(["bash", "-c", f"{whole} > /dev/full"], capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert full.stderr.endswith(": No space left on device\n")
    assert full.stderr.count("\n") == 1
    closed = subprocess.run(["bash", "-c", f"{whole} >&-"], capture_output=True, text=True, check=False)
    assert (closed.returncode, closed.stderr) == (0, "")
