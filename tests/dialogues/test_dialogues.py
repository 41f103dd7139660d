"""Plays the dialogues beside this file, each in every dialect that can say it.

A dialogue is a list of lines: what somebody does, and what others must then see. `rule:` names
the rule it shows, `speaks:` the dialects that can say it (all, where it does not stand). README.md
beside this file lists what the lines may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.rooms import set_room
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.rooms import Auto
from support import grammar
from support.checks import check, check_calendar, check_notes, told
from support.grammar import AT, DAY, SERIES
from support.outgoing import revisions
from support.seen import Seen
from support.speakers import DIALECTS, Google, Microsoft, Speaker, speakers
from support.world import SECOND, Reply, World

FILES = sorted(Path(__file__).parent.glob("*.txt"))
WORDS = {"accepts": "accepted", "declines": "declined", "tentatively accepts": "tentative"}
PERIODS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
# The members of a room's policy, as an administrator writes them.
POLICY: dict[str, Callable[[str], Any]] = {
    "auto": Auto,
    "horizon-days": int,
    "recurring": lambda said: said == "yes",
    "max-minutes": int,
    "max-conflicts": int,
    "conflict-percentage": int,
    "capacity": int,
    "delegates": lambda said: tuple(f"{one}@example.com" for one in said.split(" and ")),
}
# What an absence declines.
DECLINING = {"new ones": "declineOnlyNewConflictingInvitations", "all": "declineAllConflictingInvitations"}
# How a move is made, said at its end.
WAYS: dict[str, tuple[str, Any]] = {
    " silently": ("updates", "none"),
    " by default": ("updates", "default"),
    " telling outsiders only": ("updates", "externalOnly"),
    " by the whole list": ("form", "list"),
    " by the whole event": ("form", "event"),
    " if unchanged": ("if_unchanged", True),
}


def _lines(path: Path) -> list[str]:
    stripped = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _cases() -> list[object]:
    cases: list[object] = []
    for path in FILES:
        speaks = next((line[7:].split() for line in _lines(path) if line.startswith("speaks:")), DIALECTS)
        fast = speaks[len(path.stem) % len(speaks)]  # each dialect has its share of `make test-fast`
        for dialect in speaks:
            marks = () if dialect == fast else pytest.mark.slow
            cases.append(pytest.param(path, dialect, id=f"{path.stem}-{dialect}", marks=marks))
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
        self.said = speakers(world)
        self.world = world
        self.speaker: Speaker = self.said[dialect]
        reader = self.said["graph"]
        assert isinstance(reader, Microsoft)
        self.reader = reader
        self.asked: tuple[Speaker, ...] = (self.speaker, reader)
        self.read: dict[str, int] = {}
        self.looked: dict[str, Seen] = {}
        self.ways: dict[str, Any] = {}
        self.uid = ""
        self.slot = grammar.slot_of("2026-12-01 all day")
        self.again: Callable[[], Reply] | None = None
        self.last: Reply | None = None

    def play(self, line: str) -> None:
        """Play one line; `in google: ...` is said and asked in that dialect alone, whatever the others speak."""
        other = re.fullmatch(r"in ([\w-]+): (.*)", line)
        if other:
            self.speaker, own = self.said[other[1]], self.speaker
            self.asked = (self.speaker,)
            self.play(other[2])
            self.speaker, self.asked = own, (own, self.reader)
            return
        deputy = re.fullmatch(r"(\w+) acts for (\w+): (.*)", line)
        if deputy:
            self.world.acting = {deputy[2]: deputy[1]}
            self.play(deputy[3])
            self.world.acting = {}
            return
        said, self.ways = line, {}
        while ending := next((one for one in WAYS if said.endswith(one)), None):
            name, value = WAYS[ending]
            self.ways[name] = value
            said = said.removesuffix(ending)
        for pattern, move in MOVES:
            found = re.fullmatch(pattern, said)
            if found:
                move(self, **found.groupdict())
                return
        pytest.fail(f"nobody understands: {line}")

    # --- moves

    def people(self, names: str) -> None:
        for one in names.split(","):
            said = one.strip().removeprefix("room ")
            kind = PersonKind.USER if said == one.strip() else PersonKind.ROOM
            name, _, zone = said.partition(" ")
            self.world.add(name, zone=zone or "UTC", kind=kind)

    def sets_up(self, room: str, settings: str) -> None:
        said = (one.partition(" ") for one in settings.split(", "))
        changes = {name.replace("-", "_"): POLICY[name](value) for name, _, value in said}
        self.world.store.run(set_room, f"{room}@example.com", changes)

    def shares(self, who: str, other: str, role: str) -> None:
        body = {"emailAddress": {"address": f"{other}@example.com"}, "role": role}
        path = "/me/calendar/calendarPermissions"
        assert self.reader.call(who, "POST", path, body).status == 201

    def directs(self, who: str, option: str) -> None:
        body = {"delegateMeetingMessageDeliveryOptions": option}
        assert self.reader.call(who, "PATCH", "/me/mailboxSettings", body).status == 200

    def hours(self, who: str, asker: str, day: str, first: str, last: str, digits: str) -> None:
        """Look at somebody's free and busy times, an hour a digit."""
        body = {
            "schedules": [f"{who}@example.com"],
            "startTime": {"dateTime": f"{day}T{first}:00"},
            "endTime": {"dateTime": f"{day}T{last}:00"},
            "availabilityViewInterval": 60,
        }
        (entry,) = self.reader.call(asker, "POST", "/me/calendar/getSchedule", body).json["value"]
        assert entry["availabilityView"] == digits

    def passes(self, number: str, period: str) -> None:
        self.world.now += (1 if number in ("a", "an") else int(number)) * PERIODS[period] * SECOND

    def restarts(self) -> None:
        self.world.reopen()

    def stands_at(self, day: str, time: str) -> None:
        self.world.now = parse_instant(f"{day}T{time}")

    def stands_still(self) -> None:
        self.world.pace = 0

    def invites(
        self, who: str, subject: str, at: str, series: str | None, settings: str | None, guests: str = "nobody"
    ) -> None:
        self.slot = grammar.slot_of(at)
        repeated = grammar.series_of(series) if series else None
        invited, wanted = grammar.guests_of(guests), grammar.settings_of(settings)
        if "uid" in wanted:
            wanted["uid"] = self.uid
        self.again = lambda: self.speaker.plan(who, subject, self.slot, invited, repeated, **wanted)
        self.last = self.again()
        if self.last.status in (200, 201):
            self.uid = self.speaker.uid_of(self.last)

    def is_away(self, who: str, at: str, series: str | None, which: str, comment: str | None) -> None:
        """Let somebody be away, as Google alone can say it."""
        google = self.said["google"]
        assert isinstance(google, Google)
        repeated = grammar.series_of(series) if series else None
        reply = google.absent(who, grammar.slot_of(at), repeated, DECLINING[which], comment)
        assert reply.status == 200, reply.json

    def repeats(self, who: str) -> None:
        assert self.again is not None
        self.last = self.again()

    def answers(
        self,
        who: str,
        verb: str,
        on: str | None,
        comment: str | None,
        brings: str | None,
        proposal: str | None,
        whose: str | None,
    ) -> None:
        more = self._asked(who, on)
        if whose is not None:
            more["id"] = self.speaker.id_of(whose, self.uid)
        if brings is not None:
            more["brings"] = int(brings)
        if proposal is not None:
            more["proposal"] = grammar.slot_of(proposal)
        if "form" in more and who in self.looked:
            more["event"] = self.looked[who].raw
        self.last = self.speaker.answer(who, self.uid, WORDS[verb], comment=comment, on=on, **more)

    def moves(self, who: str, at: str, on: str | None) -> None:
        self._change(who, on, slot=grammar.slot_of(at))

    def renames(self, who: str, subject: str, on: str | None) -> None:
        self._change(who, on, subject=subject)

    def reinvites(self, who: str, guests: str, on: str | None) -> None:
        self._change(who, on, guests=grammar.guests_of(guests))

    def sets(self, who: str, settings: str, on: str | None) -> None:
        self._change(who, on, **grammar.settings_of(settings))

    def updates(self, who: str, at: str, guests: str, on: str | None) -> None:
        self._change(who, on, slot=grammar.slot_of(at), guests=grammar.guests_of(guests))

    def recurs(self, who: str, series: str) -> None:
        repeated = None if series == "no more" else grammar.series_of(series)
        self._change(who, None, series=repeated, at=self.slot)

    def writes_back(self, who: str, most: str | None) -> None:
        """Write back what was read: the guest list looked at, or the event with at most so many guests."""
        assert isinstance(self.speaker, Google)
        path = f"/calendars/primary/events/{self.speaker.id_of(who, self.uid)}"
        if most:
            body = self.speaker.call(who, "GET", f"{path}?maxAttendees={most}").json
            self.last = self.speaker.call(who, "PUT", f"{path}?sendUpdates=all", body)
        else:
            body = {"attendees": self.looked[who].raw["attendees"]}
            self.last = self.speaker.call(who, "PATCH", f"{path}?sendUpdates=all", body)

    def claims(self, who: str, whose: str, answer: str) -> None:
        self.last = self.speaker.claim(who, self.uid, whose, answer)

    def claims_status(self, who: str, answer: str) -> None:
        assert isinstance(self.speaker, Microsoft)
        self.last = self.speaker.claim_status(who, self.uid, answer)

    def answers_message(self, who: str, verb: str) -> None:
        assert isinstance(self.speaker, Microsoft)
        self.last = self.speaker.answer_message(who, WORDS[verb])

    def deletes_message(self, who: str, subject: str) -> None:
        mail = self.speaker if isinstance(self.speaker, Microsoft) else self.reader
        self.last = mail.delete_message(who, subject)

    def cancels(self, who: str, on: str | None, comment: str | None) -> None:
        more = self._asked(who, on)
        self.last = self.speaker.cancel(who, self.uid, comment or "", on=on, **more)

    def forwards(self, who: str, on: str | None, guests: str, comment: str | None) -> None:
        more = self._asked(who, on)
        self.last = self.speaker.forward(who, self.uid, grammar.guests_of(guests), comment or "", on=on, **more)

    def dismisses(self, who: str, on: str | None) -> None:
        assert isinstance(self.speaker, Microsoft)
        self.last = self.speaker.dismiss(who, self.uid, on=on)

    def snoozes(self, who: str, on: str | None, until: str) -> None:
        assert isinstance(self.speaker, Microsoft)
        self.last = self.speaker.snooze(who, self.uid, datetime.fromisoformat(until), on=on)

    def removes(self, who: str, on: str | None) -> None:
        self.last = self.speaker.remove(who, self.uid, on=on, **self._asked(who, on))

    def _change(self, who: str, on: str | None, **what: Any) -> None:
        self.last = self.speaker.change(who, self.uid, on=on, **what, **self._asked(who, on))

    def _asked(self, who: str, on: str | None) -> dict[str, Any]:
        """Return how the move is to be made, as its line said."""
        asked = dict(self.ways)
        if asked.pop("if_unchanged", False):
            asked["etag"] = self.looked[who].etag
        return asked

    # --- questions

    def looks(self, who: str, on: str | None) -> None:
        seen = self.speaker.see(who, self.uid, on)
        assert seen is not None, f"{who} sees nothing"
        self.looked[who] = seen

    def compares(self, who: str, on: str | None, has: str) -> None:
        seen = self.speaker.see(who, self.uid, on)
        assert seen is not None, f"{who} sees nothing"
        before = self.looked[who]
        assert seen.id == before.id
        assert (seen.etag != before.etag) is (has == "has changed")

    def answered(self, status: str, code: str | None, other: str | None, other_code: str | None) -> None:
        assert self.last is not None
        if isinstance(self.speaker, Google) and other:
            status, code = other, other_code
        assert self.last.status == int(status), self.last.body
        assert code is None or self.speaker.code_of(self.last) == code, self.last.body

    def hinted(self, text: str) -> None:
        assert self.last is not None
        assert text.lower() in self.last.hint.lower(), self.last.hint

    def not_hinted(self) -> None:
        assert self.last is not None
        assert self.last.hint == ""

    def inbox(self, who: str, notes: str) -> None:
        fresh = self._fresh(who, self.reader)
        if isinstance(self.speaker, Microsoft) and self.speaker is not self.reader:
            assert [told(one) for one in self._fresh(who, self.speaker)] == [told(one) for one in fresh]
        self.read[who] = self.read.get(who, 0) + len(fresh)
        check_notes(fresh, [] if notes == "nothing" else grammar.parts(notes, ";"))

    def folder(self, who: str, folder: str, notes: str) -> None:
        names = {"whole inbox": "Inbox", "sent items": "SentItems", "deleted items": "DeletedItems"}
        wanted = [] if notes == "nothing" else grammar.parts(notes, ";")
        check_notes(self.reader.folder(who, names[folder]), wanted)

    def nobody_hears(self) -> None:
        heard = {who: [told(one) for one in self._fresh(who, self.reader)] for who in self.world.people}
        assert {who: notes for who, notes in heard.items() if notes} == {}

    def sees(self, who: str, what: str, on: str | None) -> None:
        for speaker in self.asked:
            seen = speaker.see(who, self.uid, on)
            if what == "nothing":
                assert seen is None or seen.own_answer == "declined" or seen.cancelled
                continue
            assert seen is not None, f"{who} sees nothing through {speaker.name}"
            for one in grammar.parts(what):
                check(one, seen)

    def calendar(self, who: str, zone: str | None, first: str, last: str, entries: str) -> None:
        there = zone or "UTC"
        wanted = [] if entries == "nothing" else grammar.parts(entries)
        for speaker in self.asked:
            found = speaker.calendar(who, first, last, there)
            seen = [one for one in found if not one.cancelled and one.own_answer != "declined"]
            check_calendar(seen, wanted, lambda one: _entry(one, there))

    def reminders(self, who: str, first: str, last: str, entries: str) -> None:
        wanted = [] if entries == "nothing" else grammar.parts(entries)
        for speaker in (self.speaker, self.reader):
            assert isinstance(speaker, Microsoft)
            assert speaker.reminders(who, first, last) == wanted

    def counts(self, who: str, number: str, subject: str) -> None:
        for speaker in self.asked:
            assert len(speaker.uids(who, subject)) == int(number), speaker.name

    def leads(self, who: str, whom: str) -> None:
        assert isinstance(self.speaker, Microsoft)
        event = self.speaker.event_of_message(who)
        if whom == "nowhere":
            assert not event
        else:
            assert event is not None
            assert self.speaker.get(event, "id") == self.speaker.id_of(whom, self.uid)

    def one_conversation(self) -> None:
        folders = [self.reader.folder(who, name) for who in self.world.people for name in ("Inbox", "SentItems")]
        assert len({note.conversation for notes in folders for note in notes}) == 1

    def has_uid(self, who: str, on: str, whose: str) -> None:
        seen = self.speaker.see(who, self.uid, on)
        assert seen is not None
        assert (seen.raw["iCalUId"] == self.uid) is (whose == "the series'")

    def asks_for_few(self, who: str, most: str, guests: str, omitted: str | None) -> None:
        assert isinstance(self.speaker, Google)
        path = f"/calendars/primary/events/{self.speaker.id_of(who, self.uid)}?maxAttendees={most}"
        event = self.speaker.call(who, "GET", path).json
        wanted = set() if guests == "nobody" else set(guests.split())
        assert {one["email"].partition("@")[0] for one in event.get("attendees", [])} == wanted
        assert event.get("attendeesOmitted", False) is (omitted is not None)

    def leaves(self, guest: str, messages: str) -> None:
        """Look at what waits to leave, which a receiver puts in order by what is written in it (RFC 5546 2.1.5)."""
        sent = revisions(self.world, f"{guest}@example.com")
        assert [f"{one.method} {one.stamp[0]}" for one in sent] == messages.split(", ")
        assert all(before.stamp < after.stamp for before, after in pairwise(sent)), sent

    def _fresh(self, who: str, speaker: Microsoft) -> list[Any]:
        return speaker.inbox(who)[self.read.get(who, 0) :]


def _entry(seen: Seen, zone: str) -> str:
    if seen.all_day:
        days = (seen.end - seen.start) // timedelta(days=1)
        return f"{seen.start:%m-%d} all day" + (f" for {days} days" if days > 1 else "")
    return f"{seen.start.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"


WHO = r"(?P<who>\w+)"
ON = rf"(?: on (?P<on>{DAY}))?"
WHEN = rf"(?P<at>{AT})"
NEW = rf'"(?P<subject>[^"]*)" {WHEN}(?: (?P<series>{SERIES}))?(?: with (?P<settings>.+))?'
COMMENT = r'(?: "(?P<comment>[^"]*)")?'
VERB = r"(?P<verb>accepts|declines|tentatively accepts)"
MANNER = rf"(?: bringing (?P<brings>\d+))?(?: proposing (?P<proposal>{AT}))?(?: with (?P<whose>\w+)'s id)?"
HOURS = r"from (?P<first>\d\d:\d\d) to (?P<last>\d\d:\d\d)"
MOVES: list[tuple[str, Callable[..., None]]] = [
    (r"people: (?P<names>.+)", Stage.people),
    (r"the administrator sets (?P<room>\w+): (?P<settings>.+)", Stage.sets_up),
    (
        rf"{WHO}'s hours for (?P<asker>\w+) on (?P<day>{DAY}) {HOURS}: (?P<digits>\d+)",
        Stage.hours,
    ),
    (rf"{WHO} invites (?P<guests>.+?) to {NEW}", Stage.invites),
    (rf"{WHO} notes {NEW}", Stage.invites),
    (
        rf"{WHO} is away (?P<at>{AT})(?: (?P<series>{SERIES}))? and declines (?P<which>new ones|all){COMMENT}",
        Stage.is_away,
    ),
    (rf"{WHO} sends the same again", Stage.repeats),
    (rf"{WHO} {VERB}{ON}{COMMENT}{MANNER}", Stage.answers),
    (rf"{WHO} moves it{ON} to {WHEN}", Stage.moves),
    (rf"{WHO} moves it{ON} to {WHEN} and now invites (?P<guests>.+)", Stage.updates),
    (rf'{WHO} renames it{ON} to "(?P<subject>[^"]*)"', Stage.renames),
    (rf"{WHO} now invites (?P<guests>.+?){ON}", Stage.reinvites),
    (rf"{WHO} sets{ON} (?P<settings>.+)", Stage.sets),
    (rf"{WHO} repeats it (?P<series>no more|{SERIES})", Stage.recurs),
    (rf"{WHO} writes back (?:what (?P<most>\d+) guests? shows?|the list \w+ looked at)", Stage.writes_back),
    (rf"{WHO} writes (?P<whose>\w+) (?P<answer>accepted|declined|tentative) into the list", Stage.claims),
    (rf"{WHO} writes the own response status (?P<answer>\w+)", Stage.claims_status),
    (rf"{WHO} {VERB} the message", Stage.answers_message),
    (rf'{WHO} deletes the message "(?P<subject>[^"]*)"', Stage.deletes_message),
    (rf"{WHO} cancels{ON}{COMMENT}", Stage.cancels),
    (rf"{WHO} shares with (?P<other>\w+) as (?P<role>\w+)", Stage.shares),
    (rf"{WHO} wants meeting mail to go (?P<option>\w+)", Stage.directs),
    (rf"{WHO} forwards it{ON} to (?P<guests>[^\"]+?){COMMENT}", Stage.forwards),
    (rf"{WHO} dismisses the reminder{ON}", Stage.dismisses),
    (rf"{WHO} snoozes the reminder{ON} until (?P<until>{DAY} \d\d:\d\d)", Stage.snoozes),
    (rf"{WHO}'s reminders from (?P<first>{DAY}) to (?P<last>{DAY}): (?P<entries>.+)", Stage.reminders),
    (rf"{WHO} deletes it{ON}", Stage.removes),
    (r"the server restarts", Stage.restarts),
    (rf"the clock is set to (?P<day>{DAY}) (?P<time>\d\d:\d\d)", Stage.stands_at),
    (r"the clock stands still", Stage.stands_still),
    (r"what leaves for (?P<guest>\w+) in this order: (?P<messages>[A-Z0-9, ]+)", Stage.leaves),
    (r"(?P<number>an?|\d+) (?P<period>minute|hour|day|week)s? pass(?:es)?", Stage.passes),
    (rf"{WHO} looks at it{ON}", Stage.looks),
    (rf"{WHO}'s copy{ON} (?P<has>has changed|has not changed)", Stage.compares),
    (
        r"the answer is (?P<status>\d+)(?: (?P<code>\w+))?(?:, in google (?P<other>\d+)(?: (?P<other_code>\w+))?)?",
        Stage.answered,
    ),
    (r"the hint says (?P<text>.+)", Stage.hinted),
    (r"there is no hint", Stage.not_hinted),
    (r"nobody hears of it", Stage.nobody_hears),
    (r"all messages are one conversation", Stage.one_conversation),
    (rf"{WHO}'s newest message leads to (?P<whom>\w+)(?:'s event)?", Stage.leads),
    (rf"{WHO}'s occurrence on (?P<on>{DAY}) has (?P<whose>its own|the series') UID", Stage.has_uid),
    (rf"{WHO}'s inbox: (?P<notes>.+)", Stage.inbox),
    (rf"{WHO}'s (?P<folder>whole inbox|sent items|deleted items): (?P<notes>.+)", Stage.folder),
    (
        rf"{WHO}'s calendar(?: in (?P<zone>\S+))? from (?P<first>{DAY}) to (?P<last>{DAY}): (?P<entries>.+)",
        Stage.calendar,
    ),
    (rf'{WHO} has (?P<number>\d+) events? "(?P<subject>[^"]*)"', Stage.counts),
    (
        rf"{WHO} asks for at most (?P<most>\d+) guests? and gets (?P<guests>.+?)(?P<omitted>, others omitted)?",
        Stage.asks_for_few,
    ),
    (rf"{WHO} sees{ON} (?P<what>.+)", Stage.sees),
]
