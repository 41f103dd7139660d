"""docs/rsvp.md: its commands can be typed, and what the command knows stands in it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from rsvpd.cli import completion
from rsvpd.cli.outcome import EXIT_CODES, error_document, usage_document
from rsvpd.cli.rsvp import parser
from rsvpd.client import Invitation, Provider
from support.running import Running

PAGE = (Path(__file__).parents[2] / "docs" / "rsvp.md").read_text("utf-8")
LINES = re.findall(r"^(?:\$ )?(rsvp .+)$", PAGE, re.M)


@pytest.mark.parametrize("line", LINES)
def test_every_command_can_be_typed(line: str) -> None:
    words = shlex.split(line, comments=True)
    words = words[: words.index(">")] if ">" in words else words
    parser().parse_args(words[1:])


def test_there_are_commands_to_type() -> None:
    assert len(LINES) > 15


def test_every_command_and_option_is_told_of() -> None:
    for command in completion.commands(parser()):
        for word in (*command.path, *command.words):
            assert word in {"-h", "--help", "--comment"} or word in PAGE, (command.path, word)


def test_every_member_of_the_documents_is_told_of() -> None:
    members = [field.name for field in msgspec.structs.fields(Invitation)]
    members += list(usage_document("")) + [one.value for one in Provider]
    members += [error_document(kind(""))["kind"] for kind in EXIT_CODES]
    assert [name for name in members if f"`{name}`" not in PAGE] == []


def test_the_library_is_as_the_page_has_it(server: Running) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    here = f'{{"base": "{server.url}/v1.0"}}'
    code = block.replace("Client(Provider.GRAPH, token)", f"Client(Provider.GRAPH, token, **{here})")
    assert code != block
    exec(code, {"token": server.token("bob")})
    inbox = server.ask("GET", "/v1.0/me/mailFolders/inbox/messages?$top=1", "alice").json()["value"]
    assert inbox[0]["subject"] == "Accepted: Project kickoff"
    assert inbox[0]["bodyPreview"] == "I will be there!"


@pytest.mark.slow
def test_the_client_never_loads_commands_or_the_store() -> None:
    code = (
        "import sys, rsvpd.client, rsvpd.client.factory\n"
        "print([name for name in sys.modules if name.startswith(('rsvpd.commands', 'rsvpd.store', 'rsvpd.edge'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
