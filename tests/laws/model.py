"""What everybody should see: an independent and deliberately simple model of meetings.

Nothing is shared with the server. A meeting is a table of parts: the whole under None and, in a
series, every occurrence under its original start. Every part is written out in full, nothing is
inherited, so each rule is a loop over parts.

A copy is what the guest was told last, plus what the guest said and did to it since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

At = datetime | None  # which part: the original start of an occurrence, None for the whole

UTC = ZoneInfo("UTC")
PREFIXES = {"accepted": "Accepted: ", "tentative": "Tentative: ", "declined": "Declined: "}
KINDS = {
    "accepted": "meetingAccepted",
    "tentative": "meetingTenativelyAccepted",
    "declined": "meetingDeclined",
}


@dataclass(frozen=True)
class Facts:
    """What the organizer says of one part. Times are UTC."""

    subject: str
    start: datetime
    end: datetime
    body: str = ""
    location: str = ""
    importance: str = "normal"


@dataclass(frozen=True)
class Said:
    """A guest's answer as it stands on the own copy; `told` says whether the organizer got it."""

    answer: str = "none"
    comment: str = ""
    told: bool = False


@dataclass(frozen=True)
class Told:
    """One message that somebody must find in the inbox, once."""

    kind: str
    subject: str
    sender: str
    text: str = ""


@dataclass
class Copy:
    """One guest's copy. `where` is live, declined (left Outlook's calendar) or deleted."""

    parts: dict[At, Facts]
    guests: tuple[str, ...]
    said: dict[At, Said]
    where: str = "live"
    is_off: bool = False
    struck: dict[At, Facts] = field(default_factory=dict)  # occurrences that stand there as cancelled
    absent: set[At] = field(default_factory=set)  # occurrences that do not stand there at all
    edited: set[tuple[At, str]] = field(default_factory=set)  # what the guest wrote over since the last update

    @property
    def shown(self) -> list[At]:
        """The parts that stand in a calendar view: the occurrences, or the single meeting."""
        return _shown(self.parts)

    def is_cancelled(self, at: At) -> bool:
        return self.is_off or at in self.struck


@dataclass
class Meeting:
    """The organizer's meeting, its guests' copies and what is known of their answers.

    `days` is the number of occurrences, 0 for a single meeting.
    """

    uid: str
    organizer: str
    zone: str
    days: int
    parts: dict[At, Facts]
    guests: tuple[str, ...] = ()
    is_hidden: bool = False
    is_off: bool = False
    struck: set[At] = field(default_factory=set)
    tracked: dict[tuple[str, At], str] = field(default_factory=dict)
    proposed: dict[tuple[str, At], datetime] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    reminders: dict[tuple[str, At], int] = field(default_factory=dict)
    unsure: set[tuple[str, At]] = field(default_factory=set)  # reminders nobody promised to keep

    @property
    def shown(self) -> list[At]:
        """The parts that stand in a calendar view."""
        return _shown(self.parts)

    def part(self, number: int) -> At:
        """Return the whole for 0, else one of the occurrences; of a single meeting always the whole."""
        return None if number == 0 or not self.days else self.shown[(number - 1) % self.days]


Inboxes = dict[str, list[Told]]


def parts_of(facts: Facts, wall: datetime, minutes: int, zone: str, days: int) -> dict[At, Facts]:
    """Return the parts of a meeting whose first (or only) day starts at that wall time."""

    def on(day: int) -> Facts:
        start, end = _span(wall + timedelta(days=day), minutes, zone)
        return replace(facts, start=start, end=end)

    return {None: on(0), **{on(day).start: on(day) for day in range(days)}}


def create(inboxes: Inboxes, meeting: Meeting) -> None:
    """Invite everybody on the list."""
    _welcome(inboxes, meeting, meeting.guests, tell=True)


def change(
    inboxes: Inboxes,
    meeting: Meeting,
    at: At,
    *,
    words: dict[str, Any],
    time: tuple[datetime, int] | None = None,
    guests: tuple[str, ...] | None = None,
    tell: bool = True,
) -> None:
    """The organizer changes words, the time (a wall time and minutes), the guest list, or all of it.

    A new time asks again, new words inform, a new list alone concerns those who come and go, and what
    did not change concerns nobody.
    """
    before = meeting.parts[at]
    after = replace(before, **words)
    if time is not None:
        start, end = _span(*time, meeting.zone)
        after = replace(after, start=start, end=end)
    listed = meeting.guests if guests is None else guests
    added = tuple(one for one in listed if one not in meeting.guests)
    removed = tuple(one for one in meeting.guests if one not in listed)
    moved = (before.start, before.end) != (after.start, after.end)
    if before == after and not added and not removed:
        return
    stay = tuple(one for one in listed if one not in added)
    _leave(inboxes, meeting, removed, before.subject, tell=tell)
    meeting.guests = listed
    if moved and at is None:
        assert time is not None
        meeting.parts = parts_of(after, *time, meeting.zone, meeting.days)
        meeting.struck = set()
        _forget_occurrences(meeting)
    elif at is None:
        meeting.parts = {one: _followed(facts, before, after) for one, facts in meeting.parts.items()}
    meeting.parts[at] = after
    for one in stay:
        _update(meeting, one, at, asks=moved)
        if tell and before != after:
            inboxes[one].append(Told("meetingRequest", after.subject, meeting.organizer))
    _welcome(inboxes, meeting, added, tell=tell)


def cancel(inboxes: Inboxes, meeting: Meeting, at: At, *, comment: str = "", tell: bool = True) -> None:
    """The organizer calls it off, or strikes out one occurrence."""
    if at is None:
        meeting.is_off = True
    else:
        meeting.struck.add(at)
    facts = meeting.parts[at]
    for one in meeting.guests:
        copy = meeting.copies[one]
        if at is None:
            copy.is_off = True
        elif at not in copy.absent:
            copy.struck[at] = copy.parts[at]
        if tell:
            inboxes[one].append(Told("meetingCancelled", f"Canceled: {facts.subject}", meeting.organizer, comment))


def answer(
    inboxes: Inboxes,
    meeting: Meeting,
    guest: str,
    at: At,
    said: Said,
    *,
    message: bool,
    proposal: datetime | None = None,
) -> None:
    """A guest answers; what is not `told` nobody learns of. The same answer again is no answer."""
    copy = meeting.copies[guest]
    before = copy.said[at]
    repeated = (before.answer, before.comment) == (said.answer, said.comment) and (before.told or not said.told)
    if repeated and proposal is None:
        return
    for one in _reach(meeting, at):
        copy.said[one] = said
        if said.told:
            meeting.tracked[guest, one] = said.answer
            meeting.proposed.pop((guest, one), None)
            if proposal is not None:
                meeting.proposed[guest, one] = proposal
    if at is None:
        copy.where = "declined" if said.answer == "declined" else "live"
    if message:
        prefix = "New Time Proposed: " if proposal else PREFIXES[said.answer]
        subject = prefix + meeting.parts[at].subject
        inboxes[meeting.organizer].append(Told(KINDS[said.answer], subject, guest, said.comment))


def remove(meeting: Meeting, guest: str, at: At) -> None:
    """A guest takes the meeting, or one occurrence, out of the own calendar."""
    copy = meeting.copies[guest]
    if at is None:
        copy.where = "deleted"
    else:
        copy.absent.add(at)
        copy.struck.pop(at, None)


def edit(meeting: Meeting, guest: str, at: At, words: Iterable[str]) -> None:
    """A guest writes over the own copy: until the organizer's next change it may differ there."""
    for one in _reach(meeting, at):
        meeting.copies[guest].edited |= {(one, word) for word in words}


def _shown(parts: dict[At, Facts]) -> list[At]:
    return [at for at in parts if at is not None] or [None]


def _span(wall: datetime, minutes: int, zone: str) -> tuple[datetime, datetime]:
    there = ZoneInfo(zone)
    begin, end = wall.replace(tzinfo=there), (wall + timedelta(minutes=minutes)).replace(tzinfo=there)
    return begin.astimezone(UTC), end.astimezone(UTC)


def _reach(meeting: Meeting, at: At) -> list[At]:
    """What is said of the whole is said of every part."""
    return list(meeting.parts) if at is None else [at]


def _followed(facts: Facts, before: Facts, after: Facts) -> Facts:
    """What an occurrence had from its series follows the series; what differed stays."""
    names = ("subject", "body", "location", "importance")
    same = [name for name in names if getattr(facts, name) == getattr(before, name)]
    return replace(facts, **{name: getattr(after, name) for name in same})


def _welcome(inboxes: Inboxes, meeting: Meeting, added: tuple[str, ...], *, tell: bool) -> None:
    for one in added:
        _fresh(meeting, one)
        if tell:
            inboxes[one].append(Told("meetingRequest", meeting.parts[None].subject, meeting.organizer))


def _fresh(meeting: Meeting, guest: str) -> None:
    """Give a guest a copy as new; what was private to an older one of a single meeting stays."""
    said = dict.fromkeys(meeting.parts, Said())
    meeting.copies[guest] = Copy(dict(meeting.parts), meeting.guests, said, absent=set(meeting.struck))
    for at in meeting.parts:
        _ask(meeting, guest, at)
        if at is not None and meeting.reminders.pop((guest, at), None):
            meeting.unsure.add((guest, at))


def _update(meeting: Meeting, guest: str, at: At, *, asks: bool) -> None:
    if asks and at is None:
        _fresh(meeting, guest)
        return
    copy = meeting.copies[guest]
    copy.parts, copy.guests = dict(meeting.parts), meeting.guests
    copy.edited = {(one, word) for one, word in copy.edited if one in copy.struck}
    if asks:
        _ask(meeting, guest, at)
        copy.absent.discard(at)


def _ask(meeting: Meeting, guest: str, at: At) -> None:
    meeting.copies[guest].said[at] = Said()
    meeting.tracked[guest, at] = "none"
    meeting.proposed.pop((guest, at), None)


def _leave(inboxes: Inboxes, meeting: Meeting, removed: tuple[str, ...], subject: str, *, tell: bool) -> None:
    for one in removed:
        meeting.copies[one].is_off = True
        if tell:
            inboxes[one].append(Told("meetingCancelled", f"Canceled: {subject}", meeting.organizer))
    for key in [key for key in meeting.tracked if key[0] in removed]:
        del meeting.tracked[key]
        meeting.proposed.pop(key, None)


def _forget_occurrences(meeting: Meeting) -> None:
    for marks in (meeting.tracked, meeting.proposed, meeting.reminders):
        for key in [key for key in marks if key[1] is not None and key[0] in (meeting.organizer, *meeting.guests)]:
            del marks[key]
