"""The recipes of docs/clients.md are what `make test-clients` plays: versions of the locks, lines of the programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECTION = (HERE.parents[1] / "docs" / "clients.md").read_text("utf-8").partition("\n## Clients\n")[2]
PROGRAMS = {"python": "python/*.py", "js": "node/*.js", "java": "java/*.java"}
_NAME_AND_VERSION = re.compile(r"(@?[\w./-]+) (\d+\.\d+(?:\.\d+)?)")
_FLOW = re.compile(r"(.*?)_?(?:[Ff]low|following|tools)")
_CODE = re.compile(r"^```(python|js|java)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _locked() -> set[tuple[str, str]]:
    """Return name and version of all that is installed for a client; Debian has Java's."""
    found = {("Java", "1.27.1")}
    for lock in HERE.glob("python/*.lock"):
        found |= set(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE))
    for lock in HERE.glob("node/*/package-lock.json"):
        packages = json.loads(lock.read_bytes())["packages"]
        found |= {(name.rpartition("node_modules/")[2], one.get("version", "")) for name, one in packages.items()}
    return {(name.lower(), version) for name, version in found}


def test_each_recipe_names_the_versions_that_are_played() -> None:
    named = {(name.lower(), version) for name, version in _NAME_AND_VERSION.findall(_headings())}
    assert len(named) >= 12
    assert named <= _locked()


def test_each_client_that_is_played_has_a_recipe() -> None:
    flows = {
        found[1] for pattern in PROGRAMS.values() for one in HERE.glob(pattern) if (found := _FLOW.fullmatch(one.stem))
    }
    assert len(re.findall(r"^### ", SECTION, re.MULTILINE)) == len(flows)


@pytest.mark.parametrize(
    ("language", "code"), [pytest.param(*one, id=one[1].splitlines()[0]) for one in _CODE.findall(SECTION)]
)
def test_the_lines_of_a_recipe_are_those_of_a_program(language: str, code: str) -> None:
    programs = [file.read_text("utf-8") for file in HERE.glob(PROGRAMS[language])]
    lines = {line.strip() for program in programs for line in program.splitlines()}
    assert [line for line in code.splitlines() if line.strip() not in lines | {""}] == []


def _headings() -> str:
    return "\n".join(re.findall(r"^### .*", SECTION, re.MULTILINE))
