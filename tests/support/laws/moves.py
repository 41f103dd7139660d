"""What each move does to the model, and whom it tells.

A new time asks again, new words inform, a new guest list concerns those who come and go, and what did
not change concerns nobody. What becomes of a series reaches the guests of single occurrences as what
becomes of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from support.laws.model import USUAL_REMINDER, At, Copy, Facts, Inboxes, Meeting, Own, Part, Said, Told, planned, span

PREFIXES = {"accepted": "Accepted: ", "tentative": "Tentative: ", "declined": "Declined: "}
KINDS = {"accepted": "meetingAccepted", "tentative": "meetingTenativelyAccepted", "declined": "meetingDeclined"}
NEW, FULL, INFORMATIONAL = "newMeetingRequest", "fullUpdate", "informationalUpdate"


@dataclass(frozen=True)
class Change:
    """What an organizer writes: words, a time (wall time and minutes), a guest list. Google need not `tell`."""

    words: dict[str, Any]
    time: tuple[datetime, int] | None = None
    guests: tuple[str, ...] | None = None
    tell: bool = True


class Moves:
    """The moves that people can make, each with what it must come to."""

    def __init__(self, inboxes: Inboxes) -> None:
        self.inboxes = inboxes

    # --- the organizer

    def create(self, meeting: Meeting) -> None:
        for one in meeting.guests:
            self._welcome(meeting, one)
            self._request(meeting, one, None, NEW)

    def change(self, meeting: Meeting, at: At, change: Change) -> None:
        part = meeting.parts[at]
        after = replace(part.facts, **change.words)
        if change.time is not None:
            start, end = span(*change.time, meeting.zone)
            after = replace(after, start=start, end=end)
        listed = part.guests if change.guests is None else change.guests
        if after == part.facts and set(listed) == set(part.guests):
            return
        meeting.revision += 1
        if at is None:
            self._change_whole(meeting, after, listed, change)
        else:
            self._change_one(meeting, at, after, listed, tell=change.tell)

    def cancel(self, meeting: Meeting, at: At, *, comment: str = "", tell: bool = True) -> None:
        meeting.revision += 1
        part = meeting.parts[at]
        part.is_excluded = True
        for one in part.guests:
            self._call_off(meeting, one, at)
            self._cancellation(meeting, one, part.facts, comment, tell=tell)
        if at is not None:
            return
        meeting.is_off = True
        for when, guests in meeting.singles():
            for one in guests:
                self._call_off(meeting, one, when)
                self._cancellation(meeting, one, meeting.parts[when].facts, comment, tell=tell)

    def _change_whole(self, meeting: Meeting, after: Facts, listed: tuple[str, ...], change: Change) -> None:
        before, singles = meeting.parts[None].facts, meeting.singles()
        old = {at: part.facts for at, part in meeting.parts.items()}
        moved = (before.start, before.end) != (after.start, after.end)
        added = [one for one in listed if one not in meeting.guests]
        stay = [one for one in listed if one in meeting.guests]
        for one in [one for one in meeting.guests if one not in listed]:
            self._call_off(meeting, one, None)
            self._cancellation(meeting, one, before, tell=change.tell)
            for part in meeting.parts.values():
                part.leave(one)
        if moved:
            assert change.time is not None
            meeting.parts = _moved(meeting, after, listed, change.time)
        else:
            _follow(meeting, before, after, listed, added)
        for one in stay:
            if moved:
                self._welcome(meeting, one, joins=False)
            else:
                _refresh(meeting, one)
            if before != after:
                self._request(meeting, one, None, FULL if moved else INFORMATIONAL, tell=change.tell)
        for one in added:
            self._welcome(meeting, one)
            self._request(meeting, one, None, NEW, tell=change.tell)
        for at, guests in singles:
            for one in guests:
                if one not in listed:
                    self._reach_single(meeting, one, at, old[at], moved=moved, tell=change.tell)

    def _reach_single(self, meeting: Meeting, guest: str, at: At, old: Facts, *, moved: bool, tell: bool) -> None:
        """Tell a guest of one occurrence what became of it when its series was changed."""
        if moved:
            self._call_off(meeting, guest, at)
            self._cancellation(meeting, guest, old, tell=tell)
            return
        _refresh(meeting, guest)
        if old != meeting.parts[at].facts:
            self._request(meeting, guest, at, INFORMATIONAL, tell=tell)

    def _change_one(self, meeting: Meeting, at: At, after: Facts, listed: tuple[str, ...], *, tell: bool) -> None:
        part = meeting.parts[at]
        before, part.facts = part.facts, after
        moved = (before.start, before.end) != (after.start, after.end)
        added = [one for one in listed if one not in part.guests]
        stay = [one for one in listed if one in part.guests]
        for one in [one for one in part.guests if one not in listed]:
            self._call_off(meeting, one, at)
            self._cancellation(meeting, one, before, tell=tell)
            part.leave(one)
        part.guests = listed
        for one in stay:
            _refresh(meeting, one)
            if moved:
                part.ask(one)
                self._asked_for_one(meeting, one, at)
            if before != after:
                self._request(meeting, one, at, FULL if moved else INFORMATIONAL, tell=tell)
        for one in added:
            self._join(meeting, one, at)
            self._request(meeting, one, at, NEW, tell=tell)

    # --- guests

    def answer(
        self, meeting: Meeting, guest: str, at: At, said: Said, *, message: bool, proposal: datetime | None = None
    ) -> None:
        """What is not `told` nobody learns of. The same answer again to all of it is no answer."""
        copy = meeting.copies[guest]
        parts = [copy.parts[one] for one in _reach(copy, at)]
        standing = [one.said for one in parts if not (one.is_off or one.is_gone)]
        same = {(one.answer, one.comment) for one in standing} == {(said.answer, said.comment)}
        if same and proposal is None and (not said.told or all(one.told for one in standing)):
            return
        for one in _reach(copy, at):
            copy.parts[one].said = said
            part = meeting.parts[one]
            if said.told and guest in part.guests:
                part.ask(guest)
                part.tracked[guest] = said.answer
                part.proposed |= {guest: proposal} if proposal else {}
        _settle(copy)
        if message:
            prefix = "New Time Proposed: " if proposal else PREFIXES[said.answer]
            subject = prefix + meeting.parts[at].facts.subject
            self.inboxes[meeting.organizer].append(Told(KINDS[said.answer], subject, guest, said.comment))

    def remove(self, meeting: Meeting, guest: str, at: At) -> None:
        copy = meeting.copies[guest]
        if at is None:
            copy.where = "deleted"
        else:
            own = copy.parts[at]
            own.is_gone, own.reminder = True, _unsure(own)  # it may come back
            _settle(copy)

    def edit(self, meeting: Meeting, guest: str, at: At, words: Iterable[str]) -> None:
        """A guest writes over the own copy: until the organizer's next change it may differ there."""
        copy = meeting.copies[guest]
        for one in _reach(copy, at):
            copy.parts[one].edited |= set(words)

    # --- what these come to

    def _request(self, meeting: Meeting, guest: str, at: At, kind: str, *, tell: bool = True) -> None:
        meeting.latest[guest] = meeting.revision
        if tell:
            subject = meeting.parts[at].facts.subject
            told = Told("meetingRequest", subject, meeting.organizer, "", kind, meeting.uid, meeting.revision)
            self.inboxes[guest].append(told)

    def _cancellation(self, meeting: Meeting, guest: str, was: Facts, comment: str = "", *, tell: bool) -> None:
        meeting.latest[guest] = meeting.revision
        if tell:
            subject = f"Canceled: {was.subject}"
            self.inboxes[guest].append(Told("meetingCancelled", subject, meeting.organizer, comment))

    def _call_off(self, meeting: Meeting, guest: str, at: At) -> None:
        copy = meeting.copies[guest]
        for one in _reach(copy, at):
            if one in copy.parts:
                copy.parts[one].is_off = True

    def _asked_for_one(self, meeting: Meeting, guest: str, at: At) -> None:
        """Ask a guest for one occurrence anew; who deleted the whole has nothing but what comes back so."""
        copy, part = meeting.copies[guest], meeting.parts[at]
        if copy.where == "deleted" and not meeting.is_partial(guest):
            copy.parts = {at: copy.parts[at]}
        elif copy.where == "deleted":
            for own in copy.parts.values():
                own.is_gone = True
        own = copy.parts.setdefault(at, Own(part.facts, part.guests))
        own.said, own.is_gone, copy.where = Said(), False, "live"

    def _welcome(self, meeting: Meeting, guest: str, *, joins: bool = True) -> None:
        """Give a guest all of it, as new. Who had single occurrences of it and `joins` keeps the answers to those."""
        before = meeting.copies.get(guest)
        parts: dict[At, Own] = {}
        for at, part in meeting.parts.items():
            own = before.parts.get(at) if before else None
            fresh = Own(part.facts, part.guests, is_gone=part.is_excluded or guest not in part.guests)
            if own is not None:
                fresh.reminder = own.reminder if at is None and not meeting.days else _unsure(own)
            if own is not None and joins and meeting.is_partial(guest) and guest in part.tracked:
                fresh.said = own.said
            elif guest in part.guests:
                part.ask(guest)
            parts[at] = fresh
        meeting.copies[guest] = Copy(parts)

    def _join(self, meeting: Meeting, guest: str, at: At) -> None:
        """Give a guest one occurrence: beside what is there of this series, or alone."""
        part = meeting.parts[at]
        part.ask(guest)
        copy = meeting.copies.get(guest)
        own = copy.parts.get(at) if copy else None
        if copy is None or (guest not in meeting.guests and not meeting.is_partial(guest)):
            copy = meeting.copies[guest] = Copy({})
        if copy.where == "deleted" and not meeting.is_partial(guest):
            copy.parts = {}
        fresh = Own(part.facts, part.guests)
        if own is not None:
            fresh.reminder = _unsure(own)
        copy.parts[at], copy.where = fresh, "live"
        _refresh(meeting, guest)


def _unsure(own: Own) -> int | None:
    return own.reminder if own.reminder == USUAL_REMINDER else None


def _settle(copy: Copy) -> None:
    """Let a copy leave the calendar once all of it is declined, and come back once something of it is not."""
    answers = {own.said.answer for own in copy.parts.values() if not own.is_gone}
    copy.where = "declined" if answers <= {"declined"} else "live"


def _reach(copy: Copy, at: At) -> list[At]:
    """What is said of the whole is said of every part."""
    return list(copy.parts) if at is None else [at]


def _refresh(meeting: Meeting, guest: str) -> None:
    """Bring a copy up to date; what stands there as called off stays as it is."""
    for at, own in meeting.copies[guest].parts.items():
        part = meeting.parts.get(at)
        if own.is_off or part is None:
            continue
        if part.is_excluded or guest not in part.guests:
            own.is_gone = True
        own.facts, own.guests, own.edited = part.facts, part.guests, set()


def _moved(meeting: Meeting, after: Facts, listed: tuple[str, ...], time: tuple[datetime, int]) -> dict[At, Part]:
    """Return a meeting at another time: nothing of its occurrences is left."""
    parts = planned(after, *time, meeting.zone, meeting.days, listed)
    for at, part in parts.items():
        if at in meeting.parts:
            before = meeting.parts[at].reminder
            part.reminder = before if at is None or before == USUAL_REMINDER else None
    return parts


def _follow(
    meeting: Meeting, before: Facts, after: Facts, listed: tuple[str, ...], added: list[str]
) -> None:
    """Let the occurrences follow their series: in what they had from it, and in who comes."""
    for at, part in meeting.parts.items():
        names = ("subject", "body", "location", "importance")
        same = [name for name in names if getattr(part.facts, name) == getattr(before, name)]
        part.facts = after if at is None else replace(part.facts, **{name: getattr(after, name) for name in same})
        part.guests = listed if at is None else (*part.guests, *(one for one in added if one not in part.guests))
