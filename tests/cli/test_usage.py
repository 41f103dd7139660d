"""What both command lines have in common: help, guesses at what was meant, completion."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from rsvpd.cli import completion, rsvp, rsvpd
from rsvpd.cli.rsvp import parser as rsvp_parser
from rsvpd.cli.rsvpd import parser as rsvpd_parser
from rsvpd.cli.tables import display_width
from support.command_line import parsers

PARSERS = [rsvp_parser(), rsvpd_parser()]
EVERY_PARSER = [one for top in PARSERS for one in parsers(top)]
MAINS: dict[str, Callable[[Sequence[str]], int]] = {"rsvp": rsvp.main, "rsvpd": rsvpd.main}


def said(line: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Return the exit code of a command, and what it wrote to each stream."""
    name, *argv = line.split()
    code = MAINS[name](argv)
    out, err = capfd.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("rsvp acept", "There is no command 'acept'; did you mean accept? See: `rsvp --help`"),
        ("rsvp acc", "There is no command 'acc'; did you mean accept or accounts?"),
        ("rsvp login grap", "There is no command 'grap'; did you mean graph? See: `rsvp login --help`"),
        ("rsvp invites --acount bob", "There is no option '--acount'; did you mean --account? See: `rsvp invites"),
        ("rsvp invites bob", "Nothing more was expected, and 'bob' came. See: `rsvp invites --help`"),
        ("rsvp token bob", "'token' is a command of rsvpd: rsvpd token"),
        ("rsvp dance", "There is no command 'dance'. See: `rsvp --help`"),
        ("rsvpd tokn bob", "There is no command 'tokn'; did you mean token? See: `rsvpd --help`"),
        ("rsvpd user ad", "There is no command 'ad'; did you mean add? See: `rsvpd user --help`"),
        ("rsvpd up --prot 1", "There is no option '--prot'; did you mean --port? See: `rsvpd up --help`"),
        ("rsvpd invites", "'invites' is a command of rsvp: rsvp invites"),
        ("rsvpd --data x.db user list", "There is no option '--data' before the command; options stand after it."),
        ("rsvp --vesion", "There is no option '--vesion' before the command; did you mean --version?"),
        ("rsvpd TOKEN bob", "There is no command 'TOKEN'; did you mean token?"),
        ("rsvpd help tokn", "There is no command 'tokn'; did you mean token?"),
        ("rsvpd docs tests", "PAGE cannot be 'tests'; did you mean testing? See: `rsvpd docs --help`"),
        ("rsvpd env --shell zsh", "--shell cannot be 'zsh'; there are bash, fish, powershell. See: `rsvpd env --help`"),
    ],
)
def test_it_says_what_was_meant(line: str, meant: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(line, capfd)
    assert (code, out) == (2, "")
    assert err.startswith(f"{line.split()[0]}: {meant}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("line", ["rsvp", "rsvpd", "rsvp login", "rsvpd user"])
def test_alone_it_prints_its_help(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(line, capfd)
    assert (code, out) == (2, "")
    assert err == said(f"{line} --help", capfd)[1]
    assert err.startswith(f"usage: {line} ")


@pytest.mark.parametrize("line", ["rsvp", "rsvpd", "rsvpd user", "rsvpd token", "rsvpd user add"])
def test_help_is_a_command_too(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    name, *rest = line.split()
    assert said(" ".join([name, "help", *rest]), capfd) == said(f"{line} --help", capfd)


@pytest.mark.parametrize("module", ["rsvpd", "rsvpd.client"])
def test_both_are_modules_too(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("rsvp" if module == "rsvpd.client" else "rsvpd")


@pytest.mark.parametrize("one", EVERY_PARSER, ids=lambda one: one.prog)
def test_help_fits_80_columns(one: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert [line for line in one.format_help().splitlines() if display_width(line) > 80] == []


@pytest.mark.parametrize("one", EVERY_PARSER, ids=lambda one: one.prog)
def test_every_option_and_command_has_words(one: argparse.ArgumentParser) -> None:
    below = [action for action in one._actions if isinstance(action, argparse._SubParsersAction)]
    assert [action.dest for action in one._actions if not action.help and action not in below] == []
    assert [help.dest for action in below for help in action._choices_actions if not help.help] == []


# --- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("top", PARSERS, ids=lambda top: top.prog)
def test_completion_knows_every_command_and_option(
    top: argparse.ArgumentParser, shell: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, script, err = said(f"{top.prog} completion {shell}", capfd)
    assert (code, err) == (0, "")
    for one in completion.commands(top):
        for word in (*one.path, *one.words):
            assert (word.lstrip("-") if shell == "fish" else word) in script, (one.path, word)


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("rsvp acc", {"accept", "accounts"}),
        ("rsvp login ", {"graph", "outlook", "google", "rsvpd", "-h", "--help"}),
        ("rsvp login rsvpd --through goo", {"google"}),
        ("rsvp login outlook --version ", {"v1", "v2"}),
        ("rsvp decline --no", {"--no-send"}),
        ("rsvp accept -m ", set()),
        ("rsvp completion z", {"zsh"}),
        ("rsvpd to", {"token"}),
        ("rsvpd user a", {"add"}),
        ("rsvpd room orion --auto ", {"accept", "tentative", "none"}),
        ("rsvpd up --data ", set()),
        ("rsvpd docs conf", {"configuration"}),
        ("rsvpd outbox ex", {"export"}),
    ],
)
def test_bash_completes(typed: str, offered: set[str]) -> None:
    words = typed.split(" ")
    top = next(one for one in PARSERS if one.prog == words[0])
    script = (
        f"{completion.bash(top)}\nCOMP_WORDS=({' '.join(repr(word) for word in words)})\n"
        f"COMP_CWORD={len(words) - 1}\n_{top.prog}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize("top", PARSERS, ids=lambda top: top.prog)
def test_the_other_shells_take_it(top: argparse.ArgumentParser, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = completion.SHELLS[shell](top)
    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
