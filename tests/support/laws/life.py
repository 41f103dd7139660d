"""Four people and everything they do about a few meetings, in all dialects; after each move everything is looked at.

`model.py` says what is due, `moves.py` what a move does to that. RSVPD_LAWS=2000 plays that many lives, at random,
instead of a few fixed ones.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from support.grammar import Series, Slot
from support.laws.looking import can_answer, can_reach, differences, due, expected, look, told
from support.laws.model import UTC, At, Facts, Inboxes, Meeting, Said, planned
from support.laws.moves import Change, Moves
from support.speakers import ANSWERS, DIALECTS, Microsoft, speakers
from support.world import World

PEOPLE = {"alice": "Europe/Berlin", "bob": "America/New_York", "carol": "UTC", "dave": "Asia/Kolkata"}
NAMES = tuple(PEOPLE)
ZONES = ("UTC", "Europe/Berlin")
MOST_MEETINGS = 2
DAYS = 3

# The clocks of Berlin change on 28 March, the second day of a series that starts here.
STARTS = tuple(datetime.fromisoformat(f"2027-03-27T{hour}:00") for hour in ("09", "14", "16"))
LENGTHS = (30, 60)

some_meeting = Bundle("meetings")
a_dialect = st.sampled_from(DIALECTS)
an_outlook = st.sampled_from(DIALECTS[:3])
a_subject = st.sampled_from(("Plans", "Review", "Lunch"))
a_comment = st.sampled_from((None, "", "Gladly"))
some_guests = st.sets(st.sampled_from(NAMES), min_size=2, max_size=4).map(lambda names: tuple(sorted(names)))
some_words = st.fixed_dictionaries(
    {},
    optional={
        "subject": a_subject,
        "body": st.sampled_from(("", "Bring lunch", "Bring papers")),
        "location": st.sampled_from(("", "Room 1", "Room 2")),
        "importance": st.sampled_from(("normal", "high")),
    },
)
a_time = st.tuples(st.sampled_from(STARTS), st.sampled_from(LENGTHS))
a_part = st.integers(0, DAYS)  # 0: the whole
a_seat = st.sampled_from((1, 1, 1, 2, 2, 3))  # who, counted from the organizer, the invited first


class Life(RuleBasedStateMachine):
    """Four people, a few meetings, and everything they do about them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="rsvpd-laws-"))
        self.world = World(self.folder)
        for name, zone in PEOPLE.items():
            self.world.add(name, zone=zone)
        self.said = speakers(self.world)
        self.meetings: list[Meeting] = []
        self.inboxes: Inboxes = {name: [] for name in NAMES}
        self.model = Moves(self.inboxes)
        self.moves_since_restart = 0
        self.looked_at = self.world.now

    def teardown(self) -> None:
        self.world.close()
        shutil.rmtree(self.folder)

    # --- the organizer

    @initialize(target=some_meeting, who=st.sampled_from(NAMES), dialect=a_dialect, days=st.sampled_from((0, DAYS)))
    def begins(self, who: str, dialect: str, days: int) -> Meeting:
        everybody = tuple(one for one in NAMES if one != who)
        return self.invites(who, dialect, everybody, "Plans", (STARTS[0], LENGTHS[0]), ZONES[1], days, is_hidden=False)

    @precondition(lambda self: len(self.meetings) < MOST_MEETINGS)
    @rule(
        target=some_meeting,
        who=st.sampled_from(NAMES),
        dialect=a_dialect,
        guests=some_guests,
        subject=a_subject,
        time=a_time,
        zone=st.sampled_from(ZONES),
        days=st.sampled_from((0, DAYS)),
        is_hidden=st.sampled_from((False, False, True)),
    )
    def invites(
        self,
        who: str,
        dialect: str,
        guests: tuple[str, ...],
        subject: str,
        time: tuple[datetime, int],
        zone: str,
        days: int,
        is_hidden: bool,
    ) -> Meeting:
        speaker, (wall, minutes) = self.said[dialect], time
        series = Series(unit="day", count=days) if days else None
        is_hidden = is_hidden and dialect != "outlook-v1"
        more = {"hide_attendees": True} if is_hidden else {}
        listed = tuple(one for one in guests if one != who)
        reply = speaker.plan(who, subject, _slot(time, zone), list(listed), series, **more)
        assert reply.status in (200, 201), reply.body
        facts = Facts(subject, wall, wall)
        parts = planned(facts, wall, minutes, zone, days, listed)
        meeting = Meeting(speaker.uid_of(reply), who, zone, days, parts, is_hidden)
        self.model.create(meeting)
        self.meetings.append(meeting)
        return meeting

    @rule(meeting=some_meeting, dialect=a_dialect, part=a_part, words=some_words, tell=st.booleans())
    def rewords(self, meeting: Meeting, dialect: str, part: int, words: dict[str, str], tell: bool) -> None:
        self._changes(meeting, dialect, meeting.part(part), Change(words, tell=tell))

    @rule(meeting=some_meeting, dialect=a_dialect, part=a_part, time=a_time, words=some_words)
    def moves(
        self, meeting: Meeting, dialect: str, part: int, time: tuple[datetime, int], words: dict[str, str]
    ) -> None:
        at = meeting.part(part)
        if at is not None:  # within its own day: occurrences keep their order
            there = at.astimezone(ZoneInfo(meeting.zone))
            time = (datetime.combine(there.date(), time[0].time()), time[1])
        self._changes(meeting, dialect, at, Change(words, time))

    @rule(meeting=some_meeting, dialect=a_dialect, part=a_part, guests=some_guests, words=some_words)
    def reinvites(
        self, meeting: Meeting, dialect: str, part: int, guests: tuple[str, ...], words: dict[str, str]
    ) -> None:
        listed = tuple(one for one in guests if one != meeting.organizer)
        self._changes(meeting, dialect, meeting.part(part), Change(words, guests=listed))

    @rule(meeting=some_meeting, dialect=a_dialect, part=a_part, deletes=st.booleans(), tell=st.booleans())
    def calls_off(self, meeting: Meeting, dialect: str, part: int, deletes: bool, tell: bool) -> None:
        at, who = meeting.part(part), meeting.organizer
        possible = can_reach(meeting, who, at, dialect)
        comment, tell = "", tell or dialect != "google"
        if deletes or dialect == "google":
            reply = self.said[dialect].remove(who, meeting.uid, on=_on(at), updates="all" if tell else "none")
        else:
            comment = "Off"
            reply = self.said[dialect].cancel(who, meeting.uid, comment, on=_on(at))
        assert (reply.status < 400) is possible, reply
        if possible:
            self.model.cancel(meeting, at, comment=comment, tell=tell)

    # --- guests

    @rule(
        meeting=some_meeting,
        seat=a_seat,
        dialect=a_dialect,
        part=a_part,
        word=st.sampled_from(ANSWERS),
        comment=a_comment,
        send=st.sampled_from((True, True, False)),
    )
    def answers(
        self, meeting: Meeting, seat: int, dialect: str, part: int, word: str, comment: str | None, send: bool
    ) -> None:
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and meeting.is_partial(who):
            return
        possible = can_answer(meeting, who, at, dialect)
        if dialect == "google":
            before = meeting.copies[who].parts[at].said.comment if possible else ""
            said = Said(word, before if comment is None else comment, told=True)
        else:
            possible = possible and (send or comment is None)
            said = Said(word, comment or "", told=send)
        reply = self.said[dialect].answer(who, meeting.uid, word, comment=comment, send=send, on=_on(at))
        assert (reply.status < 400) is possible, reply
        if possible:
            self.model.answer(meeting, who, at, said, message=send)

    @rule(
        meeting=some_meeting,
        seat=a_seat,
        dialect=an_outlook,
        part=a_part,
        word=st.sampled_from(("tentative", "declined")),
        time=a_time,
    )
    def proposes(
        self, meeting: Meeting, seat: int, dialect: str, part: int, word: str, time: tuple[datetime, int]
    ) -> None:
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and meeting.is_partial(who):
            return
        possible = can_answer(meeting, who, at, dialect)
        reply = self.said[dialect].answer(who, meeting.uid, word, on=_on(at), proposal=_slot(time, "UTC"))
        assert (reply.status < 400) is possible, reply
        if possible:
            when = time[0].replace(tzinfo=UTC)
            self.model.answer(meeting, who, at, Said(word, told=True), message=True, proposal=when)

    @rule(meeting=some_meeting, seat=a_seat, dialect=a_dialect, part=a_part, tell=st.booleans())
    def deletes(self, meeting: Meeting, seat: int, dialect: str, part: int, tell: bool) -> None:
        """A guest deletes; Google makes it an answer as well."""
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and meeting.is_partial(who):
            return
        possible = can_reach(meeting, who, at, dialect)
        if dialect == "google":  # to which a meeting that was called off is deleted already
            possible = can_answer(meeting, who, at, dialect)
        reply = self.said[dialect].remove(who, meeting.uid, on=_on(at), updates="all" if tell else "none")
        assert (reply.status < 400) is possible, reply
        if not possible:
            return
        if dialect == "google" and meeting.copies[who].parts[at].said.answer != "declined":
            self.model.answer(meeting, who, at, Said("declined", told=True), message=tell)
        self.model.remove(meeting, who, at)

    @rule(meeting=some_meeting, seat=a_seat, dialect=an_outlook, part=a_part, words=some_words)
    def writes_over(self, meeting: Meeting, seat: int, dialect: str, part: int, words: dict[str, str]) -> None:
        """A guest changes what is shared: in Outlook that stays on the own copy, and nobody is told."""
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and meeting.is_partial(who):
            return
        possible = can_reach(meeting, who, at, dialect)
        reply = self.said[dialect].change(who, meeting.uid, on=_on(at), **words)
        assert (reply.status < 400) is possible, reply
        if possible:
            self.model.edit(meeting, who, at, words)

    @rule(meeting=some_meeting, seat=a_seat, dialect=an_outlook, part=a_part, time=a_time)
    def moves_own_copy(
        self, meeting: Meeting, seat: int, dialect: str, part: int, time: tuple[datetime, int]
    ) -> None:
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and (meeting.days or meeting.is_partial(who)):
            return  # its occurrences would be other ones
        possible = can_reach(meeting, who, at, dialect)
        reply = self.said[dialect].change(who, meeting.uid, on=_on(at), slot=_slot(time, "UTC"))
        assert (reply.status < 400) is possible, reply
        if possible:
            self.model.edit(meeting, who, at, ("start", "end"))

    @rule(meeting=some_meeting, seat=a_seat, dialect=a_dialect, words=some_words)
    def oversteps(self, meeting: Meeting, seat: int, dialect: str, words: dict[str, str]) -> None:
        """A guest tries what only the organizer may: calling it off, or to Google any shared change."""
        who, speaker = self._guest(meeting, seat), self.said[dialect]
        if meeting.is_partial(who):
            return
        if isinstance(speaker, Microsoft):
            assert speaker.cancel(who, meeting.uid).status >= 400
        elif who in meeting.copies and words:
            changed = {name: f"{value}!" for name, value in words.items() if name != "importance"}
            assert not changed or speaker.change(who, meeting.uid, **changed).status >= 400

    # --- everybody

    @rule(
        meeting=some_meeting,
        seat=st.integers(0, len(NAMES) - 1),
        dialect=a_dialect,
        part=a_part,
        minutes=st.sampled_from((5, 30)),
    )
    def sets_reminder(self, meeting: Meeting, seat: int, dialect: str, part: int, minutes: int) -> None:
        who, at = self._guest(meeting, seat), meeting.part(part)
        if at is None and (meeting.days or meeting.is_partial(who)):
            return  # reaches only the occurrences that are like their series
        possible = can_reach(meeting, who, at, dialect)
        reply = self.said[dialect].change(who, meeting.uid, on=_on(at), reminder=minutes)
        assert (reply.status < 400) is possible, reply
        if possible:
            parts = meeting.parts if who == meeting.organizer else meeting.copies[who].parts
            parts[at].reminder = minutes

    @precondition(lambda self: self.moves_since_restart > 3)
    @rule()
    def restarts(self) -> None:
        before = self._everything()
        self.world.reopen()
        assert self._everything() == before
        self.moves_since_restart = 0
        self.looked_at = self.world.now

    # --- the laws

    @invariant()
    def laws_hold(self) -> None:
        if self.world.now == self.looked_at:
            return  # nobody did anything
        self.moves_since_restart += 1
        for who in NAMES:
            self._sees_what_is_due(who)
            self._is_told_once(who)
        self.looked_at = self.world.now

    def _sees_what_is_due(self, who: str) -> None:
        found = look(self.said, who)
        for dialect in DIALECTS:
            wrong = differences(found[dialect], expected(self.meetings, who, dialect))
            assert not wrong, f"{who} in {dialect}:\n" + "\n".join(wrong)

    def _is_told_once(self, who: str) -> None:
        graph = self.said["graph"]
        assert isinstance(graph, Microsoft)
        found = [(told(note), "out of date" in note.facts) for note in graph.inbox(who)]
        wanted = due(self.inboxes, self.meetings, who)
        assert found == wanted, f"{who} was told {found}, not {wanted}"

    # --- how moves are made

    def _changes(self, meeting: Meeting, dialect: str, at: At, change: Change) -> None:
        if dialect == "google":
            words = {name: value for name, value in change.words.items() if name != "importance"}
            change = replace(change, words=words)
        else:
            change = replace(change, tell=True)
        possible = can_reach(meeting, meeting.organizer, at, dialect)
        sent: dict[str, Any] = dict(change.words)
        if change.time is not None:
            sent["slot"] = _slot(change.time, meeting.zone)
        if change.guests is not None:
            sent["guests"] = list(change.guests)
        updates = "all" if change.tell else "none"
        reply = self.said[dialect].change(meeting.organizer, meeting.uid, on=_on(at), updates=updates, **sent)
        assert (reply.status < 400) is possible, reply
        if possible:
            self.model.change(meeting, at, change)

    def _guest(self, meeting: Meeting, seat: int) -> str:
        others = [one for one in NAMES if one != meeting.organizer]
        invited = {one for part in meeting.parts.values() for one in part.guests}
        return (meeting.organizer, *sorted(others, key=lambda one: one not in invited))[seat]

    def _everything(self) -> list[object]:
        views: list[object] = [look(self.said, who) for who in NAMES]
        return views + [self.said["graph"].inbox(who) for who in NAMES]


def _slot(time: tuple[datetime, int], zone: str) -> Slot:
    return Slot(time[0], time[0] + timedelta(minutes=time[1]), zone)


def _on(at: At) -> str | None:
    """Return an original start as the speakers name it."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M")


LIVES = int(os.environ.get("RSVPD_LAWS", "0"))
FIXED = settings(
    derandomize=True, max_examples=25, stateful_step_count=30, database=None, phases=(Phase.generate, Phase.shrink)
)
AT_RANDOM = settings(max_examples=LIVES or 1, stateful_step_count=50, derandomize=False)
PROFILE = settings(
    AT_RANDOM if LIVES else FIXED,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
