"""Plays the dialogues beside this file, each in every dialect that can say it.

A dialogue is a list of lines: what somebody does, and what others must then see. `rule:` names
the rule it shows, `speaks:` the dialects that can say it (all, where it does not stand).
An inbox line lists exactly what came since that inbox was looked at last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support.speakers import DIALECTS, Microsoft, Note, Speaker, speakers
from support.world import Reply, World

FILES = sorted(Path(__file__).parent.glob("*.txt"))
WORDS = {"accepts": "accepted", "declines": "declined", "tentatively accepts": "tentative"}


def _lines(path: Path) -> list[str]:
    stripped = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _cases() -> list[object]:
    cases: list[object] = []
    for path in FILES:
        speaks = next((line[7:].split() for line in _lines(path) if line.startswith("speaks:")), DIALECTS)
        cases += [pytest.param(path, dialect, id=f"{path.stem}-{dialect}") for dialect in speaks]
    return cases


@pytest.mark.parametrize(("path", "dialect"), _cases())
def test_dialogue(path: Path, dialect: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    stage = Stage(world, dialect)
    try:
        for line in _lines(path):
            if not line.startswith(("rule:", "speaks:")):
                stage.play(line)
    finally:
        world.close()


def test_every_dialogue_names_its_rule() -> None:
    assert not [path.name for path in FILES if not any(one.startswith("rule:") for one in _lines(path))]


class Stage:
    """One dialogue on its way: who speaks which dialect, the meeting, what was read of each inbox."""

    def __init__(self, world: World, dialect: str) -> None:
        said = speakers(world)
        self.world = world
        self.speaker: Speaker = said[dialect]
        self.reader = said["graph"]
        assert isinstance(self.reader, Microsoft)
        self.read: dict[str, int] = {}
        self.uid = ""
        self.last: Reply | None = None

    def play(self, line: str) -> None:
        for pattern, move in MOVES:
            found = re.fullmatch(pattern, line)
            if found:
                move(self, **found.groupdict())
                return
        pytest.fail(f"nobody understands: {line}")

    def people(self, names: str) -> None:
        for one in names.split(","):
            name, _, zone = one.strip().partition(" ")
            self.world.add(name, zone=zone or "UTC")

    def invites(self, who: str, guests: str, subject: str, at: str, zone: str, minutes: str) -> None:
        names = [one.strip() for one in guests.split(",")]
        start = at.replace(" ", "T") + ":00"
        self.last = self.speaker.invite(who, subject, start, int(minutes), zone, names)
        assert self.last.status in (200, 201), self.last.body
        self.uid = self.speaker.uid_of(self.last)

    def answers(self, who: str, verb: str, comment: str | None = None, silently: str | None = None) -> None:
        self.last = self.speaker.answer(who, self.uid, WORDS[verb], comment=comment, send=silently is None)

    def moves(self, who: str, at: str, zone: str, minutes: str) -> None:
        self.last = self.speaker.move(who, self.uid, at.replace(" ", "T") + ":00", int(minutes), zone)

    def renames(self, who: str, subject: str) -> None:
        self.last = self.speaker.rename(who, self.uid, subject)

    def reinvites(self, who: str, guests: str) -> None:
        self.last = self.speaker.reinvite(who, self.uid, [one.strip() for one in guests.split(",")])

    def cancels(self, who: str, comment: str | None = None) -> None:
        self.last = self.speaker.cancel(who, self.uid, comment or "")

    def removes(self, who: str) -> None:
        self.last = self.speaker.remove(who, self.uid)

    def restarts(self) -> None:
        self.world.reopen()

    def refused(self, status: str) -> None:
        assert self.last is not None
        assert self.last.status == int(status), self.last.body

    def inbox(self, who: str, notes: str) -> None:
        assert isinstance(self.reader, Microsoft)
        everything = self.reader.inbox(who)
        fresh = everything[self.read.get(who, 0) :]
        self.read[who] = len(everything)
        wanted = [] if notes == "nothing" else [one.strip() for one in notes.split("; ")]
        assert [_told(note) for note in fresh] == wanted

    def sees(self, who: str, what: str) -> None:
        for speaker in (self.speaker, self.reader):
            seen = speaker.see(who, self.uid)
            if what == "nothing":
                assert seen is None or seen.own_answer == "declined" or seen.cancelled
                continue
            assert seen is not None, f"{who} sees nothing through {speaker.name}"
            for one in what.split(", "):
                _check(one, seen)


def _check(what: str, seen: object) -> None:
    answers = {name.partition("@")[0]: answer for name, answer in seen.answers.items()}  # type: ignore[attr-defined]
    name, _, rest = what.partition(" ")
    if what.startswith('"'):
        assert seen.subject == what.strip('"')  # type: ignore[attr-defined]
    elif name == "start":
        assert seen.start.strftime("%Y-%m-%d %H:%M") == rest  # type: ignore[attr-defined]
    elif what == "cancelled":
        assert seen.cancelled  # type: ignore[attr-defined]
    elif not rest:
        assert seen.own_answer == what  # type: ignore[attr-defined]
    else:
        assert answers[name] == rest


def _told(note: Note) -> str:
    text = f' "{note.text}"' if note.text and note.kind != "meetingRequest" else ""
    return f'{note.kind} "{note.subject}" from {note.sender}{text}'


WHO = r"(?P<who>\w+)"
AT = r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d) (?P<zone>\S+) for (?P<minutes>\d+) min"
MOVES: list[tuple[str, Callable[..., None]]] = [
    (r"people: (?P<names>.+)", Stage.people),
    (rf'{WHO} invites (?P<guests>.+) to "(?P<subject>[^"]*)" {AT}', Stage.invites),
    (
        rf'{WHO} (?P<verb>accepts|declines|tentatively accepts)( "(?P<comment>[^"]*)")?(?P<silently> silently)?',
        Stage.answers,
    ),
    (rf"{WHO} moves it to {AT}", Stage.moves),
    (rf'{WHO} renames it to "(?P<subject>[^"]*)"', Stage.renames),
    (rf"{WHO} now invites (?P<guests>.+)", Stage.reinvites),
    (rf'{WHO} cancels( "(?P<comment>[^"]*)")?', Stage.cancels),
    (rf"{WHO} deletes it", Stage.removes),
    (r"the server restarts", Stage.restarts),
    (r"the answer is (?P<status>\d+)", Stage.refused),
    (rf"{WHO}'s inbox: (?P<notes>.+)", Stage.inbox),
    (rf"{WHO} sees (?P<what>.+)", Stage.sees),
]
