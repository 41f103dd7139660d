"""README.md, pasted: every shell block in one terminal, every Python block, against a server of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.running import PATIENCE_SECONDS, Running

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README, re.M | re.S)
SHELL = [text for kind, text in BLOCKS if kind == "sh"]
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
MARK = "\x1e"


@pytest.fixture
def environ(server: Running, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody whose server is this one, with a home of their own."""
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE")}
    return os.environ | folders | {"RSVPD_DATA": str(server.data), "NO_PROXY": "127.0.0.1", "TZ": "Europe/Berlin"}


def here(text: str, server: Running) -> str:
    """Return what is pasted: this server instead of the usual one, these commands instead of those in .venv."""
    assert "8365" not in text.replace("http://127.0.0.1:8365", "")
    beside = shlex.quote(str(Path(sys.executable).parent))
    return text.replace("http://127.0.0.1:8365", server.url).replace(".venv/bin", beside)


def pasted(blocks: list[str], server: Running, environ: dict[str, str]) -> list[str]:
    """Return what a terminal shows for each block."""
    script = f"\nprintf '\\{ord(MARK):o}'\n".join(here(one, server) for one in blocks)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        capture_output=True, text=True, env=environ, cwd=server.folder, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split(MARK)


def ran(text: str, server: Running, environ: dict[str, str]) -> str:
    """Return what a Python block prints."""
    done = subprocess.run(
        [sys.executable, "-c", here(text, server)],
        capture_output=True, text=True, env=environ, cwd=server.folder, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def documents(text: str) -> list[Any]:
    """Return the JSON documents that follow each other in an output."""
    ends = [*re.finditer(r"^\}", text, re.M)]
    starts = [0, *(one.end() for one in ends)]
    return [msgspec.json.decode(text[at : end.end()]) for at, end in zip(starts, ends, strict=False)]


def test_every_block_does_what_the_page_says(server: Running, environ: dict[str, str]) -> None:
    (server.folder / "app.py").write_text(PYTHON[1], "utf-8")
    first, inbox, event, accept, graph, google, patch, rsvp, run, token = pasted(SHELL, server, environ)
    assert (first.strip(), token.strip()) == ("", "")

    (message,) = documents(inbox)[0]["value"]
    assert message["MeetingMessageType"] == "MeetingRequest"
    assert "/Events('" in message["Event@odata.navigationLink"]

    (seen,) = documents(event)
    assert (seen["ShowAs"], seen["ResponseStatus"]["Response"]) == ("Tentative", "NotResponded")

    head, _, body = accept.partition("\n\n")
    assert head.startswith("HTTP/1.1 202")
    assert body.strip() == ""

    letters, events = documents(graph)
    assert letters["value"][0]["subject"] == "Accepted: Project kickoff"
    assert letters["value"][0]["bodyPreview"] == "I will be there!"
    (kickoff,) = events["value"]
    answers = {one["emailAddress"]["address"]: one["status"]["response"] for one in kickoff["attendees"]}
    assert answers["bob@example.com"] == "accepted"
    assert answers["carol@example.com"] == "none"

    (item,) = documents(google)[0]["items"]
    assert own(item) == {
        "email": "bob@example.com", "displayName": "Bob Baker", "self": True,
        "responseStatus": "accepted", "comment": "I will be there!",
    }  # fmt: skip

    assert patch.startswith("HTTP/1.1 200")
    hint = next(line for line in patch.splitlines() if line.lower().startswith("x-rsvpd-hint"))
    assert "/Accept" in hint
    assert '"Response":"Accepted"' in patch, "and nothing changed"

    assert re.search(r"^1 .*10:00–11:00  Project kickoff  Alice Ahlers  Orion  carol@example.com$", rsvp, re.M)
    assert "Accepted as carol@example.com: Project kickoff" in rsvp
    assert newest(server)[:2] == ["Accepted: Project kickoff", "Accepted: Project kickoff"]

    assert run.splitlines()[-1] == "Project kickoff notResponded", "it has a server of its own"


def test_the_library(server: Running, environ: dict[str, str]) -> None:
    others = "Weekly planning, by Alice Ahlers: accepted"
    first, then = (ran(PYTHON[0], server, environ).splitlines() for _ in range(2))
    assert first == ["Project kickoff, by Alice Ahlers: none", others]
    assert newest(server)[0] == "Accepted: Project kickoff"
    assert sorted(then) == ["Project kickoff, by Alice Ahlers: accepted", others]


def test_the_sdk_of_google(server: Running, environ: dict[str, str]) -> None:
    said = ran(PYTHON[2], server, environ | {"TOKEN": server.token("dave")})
    assert said.startswith("Weekly planning [{")
    assert "'responseStatus': 'accepted'" in said
    assert newest(server)[0] == "Accepted: Weekly planning"


@pytest.mark.skipif(not find_spec("msgraph"), reason="msgraph-sdk is not installed: 54,000 files, 400 MB")
def test_the_sdk_of_microsoft(server: Running, environ: dict[str, str]) -> None:
    said = ran(PYTHON[3], server, environ | {"TOKEN": server.token("dave")})
    assert said == "Weekly planning ResponseType.Accepted\n"
    assert newest(server)[0] == "Accepted: Weekly planning"


def own(item: dict[str, Any]) -> Any:
    return next(one for one in item["attendees"] if one.get("self"))


def newest(server: Running) -> list[str]:
    """Return the subjects in alice's inbox, the newest first."""
    found = server.ask("GET", "/v1.0/me/mailFolders/inbox/messages?$top=5", "alice").json()["value"]
    return [one["subject"] for one in found]


# --- the page itself


def test_there_are_four_python_blocks() -> None:
    assert len(PYTHON) == 4


def test_the_test_of_a_suite_is_the_one_that_is_played() -> None:
    """PACKAGE.md has it too, and tests/packaging plays it."""
    (shown,) = re.findall(r"^```py\n(.*?)^```$", README, re.M | re.S)
    assert f"```python\n{shown}```" in (ROOT / "PACKAGE.md").read_text("utf-8")


def test_every_page_of_the_documentation_is_named() -> None:
    assert [page.name for page in PAGES[1:] if f"(docs/{page.name})" not in README] == []


@pytest.mark.parametrize("block", SHELL, ids=range(len(SHELL)))
def test_every_shell_takes_it(block: str) -> None:
    """An interactive zsh takes `#` for a word and `!` for history, unless it stands between apostrophes."""
    assert block.count("'") % 2 == 0
    bare = re.sub(r"'[^']*'", "''", block)
    assert not re.search(r"(^|\s)#", bare)
    assert "!" not in bare


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        place, _, heading = target.partition("#")
        if place.startswith("http"):
            continue
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), target
        if heading:
            assert heading in anchors(file), target


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the usual hosts make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
