"""A world is told: through the public commands, each at the instant at which it is said to have happened.

Rule 1: it is one transaction. What cannot be takes everything back, and nobody sees a half of it.
Rule 2: each command has the work of a command of its own: a large seed is bounded by its size and nothing else.
Rule 3: what the server would carry on with afterwards (a meeting of hundreds) is carried on at once: who answers has
        to have the invitation.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands import directory
from rsvpd.commands.calendar import answer_event, cancel_event, create_event, update_event
from rsvpd.commands.calendars import create_calendar, create_group, list_calendars, list_groups
from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.door import Who, writes
from rsvpd.commands.drafts import create_draft
from rsvpd.commands.mail import send_mail
from rsvpd.commands.people import add_people, people
from rsvpd.commands.permissions import grant
from rsvpd.commands.places import change_room_place
from rsvpd.commands.references import Crossing, EventRef
from rsvpd.commands.rooms import set_room
from rsvpd.commands.settings import update_settings
from rsvpd.control import rooms
from rsvpd.control.people import check_newcomers
from rsvpd.control.profiles import change_of
from rsvpd.control.reports import Counts, Progress, Report
from rsvpd.control.seeds.nodes import wrong
from rsvpd.control.seeds.world import (
    Absence,
    Cancellation,
    Change,
    Happening,
    Invitation,
    Mail,
    NewCalendar,
    Newcomer,
    Reply,
    Share,
    World,
)
from rsvpd.errors import AlreadyExists, DomainError, InvalidProperty, ItemNotFound
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person
from rsvpd.mail.settings import SettingsDraft
from rsvpd.store.engine import WorkLimits
from rsvpd.store.tx import Tx
from rsvpd.work import Work

# How long before the first thing that happened the people came.
_BEFORE = 24 * 3_600_000_000
_REPORTS = 200  # of all of it, about
_COUNTED: dict[type[Happening], str] = {Invitation: "meetings", Reply: "answers", Mail: "messages"}
_NO_ONLINE = "nobody provides online meetings to the organizer; write 'online_meetings: teams' for that person"


class Told(Struct, frozen=True, kw_only=True):
    """How much there is now that was not there before."""

    people: int
    rooms: int
    calendars: int
    meetings: int
    answers: int
    messages: int


def _nobody(progress: Progress) -> None:
    """Nobody is told."""


@writes
def tell(tx: Tx, world: World, now: Instant, report: Report = _nobody) -> Told:
    """Let all of it be, or nothing; `report` is told how far it has come, and stops it by what it raises.

    Raises InvalidProperty, which names the line, for what cannot be.
    """
    if world.entropy:
        tx.entropy = _sequence(world.entropy)
    telling = _Telling(tx, now, _Tally(world, report))
    ordered = sorted(world.happenings, key=lambda one: one.at)
    first = min((one.at for one in ordered[:1]), default=now)
    telling.add(world.people, min(first, now) - _BEFORE)
    for calendar in world.calendars:
        telling.add_calendar(calendar)
    for share in world.shares:
        telling.share(share)
    for one in ordered:
        telling.happen(one)
    return _totals(world)


class _Tally:
    """Counts what was told, and reports it now and then."""

    def __init__(self, world: World, report: Report) -> None:
        told = _totals(world)
        self._of = Counts(
            people=len(world.people), meetings=told.meetings, answers=told.answers, messages=told.messages
        )  # fmt: skip
        self._report = report
        self._done = dict.fromkeys(Counts.__struct_fields__, 0)
        self._every = max(1, (len(world.people) + len(world.happenings)) // _REPORTS)
        self._until_next = 1

    def count(self, name: str) -> None:
        """Count one that is done, or something of which no number is told."""
        if name:
            self._done[name] += 1
        self._until_next -= 1
        if self._until_next <= 0:
            self._until_next = self._every
            self._report(Progress(done=Counts(**self._done), of=self._of))


def _sequence(seed: bytes) -> Callable[[int], bytes]:
    counter = itertools.count()
    return lambda size: hashlib.shake_256(seed + next(counter).to_bytes(8, "big")).digest(size)


def _totals(world: World) -> Told:
    def number(kind: type[Happening]) -> int:
        return sum(isinstance(one, kind) for one in world.happenings)

    of_rooms = sum(one.policy is not None for one in world.people)
    return Told(
        people=len(world.people) - of_rooms, rooms=of_rooms, calendars=len(world.calendars),
        meetings=number(Invitation), answers=number(Reply), messages=number(Mail),
    )  # fmt: skip


@contextmanager
def _at(line: int) -> Iterator[None]:
    """Let an error name the line that it is about."""
    try:
        yield
    except DomainError as fault:
        if not line or fault.message.startswith("line "):
            raise
        raise wrong(line, fault.message or type(fault).__name__) from None


class _Telling:
    """What is known while it is told: everybody by folded address, and the meetings by their numbers."""

    def __init__(self, tx: Tx, now: Instant, tally: _Tally) -> None:
        self._tx = tx
        self._tally = tally
        self._now = now
        self._people = {fold(one.address): one for one in people(tx)}
        self._meetings: dict[int, tuple[str, str]] = {}
        self._calendars: dict[tuple[str, str], int] = {}
        self._has_room_for_work()

    def _has_room_for_work(self) -> None:
        self._tx.work = Work(WorkLimits().write)

    def _who(self, address: str, at: Instant, calendar: int | None = None) -> Who:
        return Who(self._people[fold(address)].oid, None, at, calendar=calendar, interface="seed")

    def add(self, news: Sequence[Newcomer], since: Instant) -> None:
        known = [one.address for one in self._people.values()]
        self._check_free(news)
        added = add_people(self._tx, check_newcomers([one.new for one in news], known), now=since)
        self._people |= {fold(one.address): one for one in added}
        everybody = list(self._people.values())
        for person, one in zip(added, news, strict=True):
            self._has_room_for_work()
            with _at(one.line):
                self._introduce(person, one, everybody, since)
            self._tally.count("people")

    def _check_free(self, news: Sequence[Newcomer]) -> None:
        for one in news:
            if fold(one.new.address) in self._people:
                already = f"{one.new.address} has a mailbox already"
                if one.line:
                    raise wrong(one.line, f"{already}; leave this out")
                raise AlreadyExists(f"{already}; take another seed")

    def _introduce(self, person: Person, one: Newcomer, everybody: list[Person], since: Instant) -> None:
        members = dict(one.new.members)
        manager = members.pop("manager", "")
        if members or manager:
            change = change_of(members, ())
            chosen = self._people[fold(manager)] if manager else None
            made = directory.ProfileOf(person, change.changes, chosen, chosen is not None)
            directory.change_profiles(self._tx, [made])
        if one.settings is not None:
            update_settings(self._tx, Who(person.oid, None, since), one.settings)
        if one.policy is not None:
            set_room(self._tx, person.address, rooms.changes(one.policy, everybody))
            lists = one.policy.lists or None
            change_room_place(self._tx, person, rooms.place_changes(one.policy), lists)

    def add_calendar(self, one: NewCalendar) -> None:
        self._has_room_for_work()
        who = self._who(one.owner, self._now)
        with _at(one.line):
            group = self._group(who, one.group) if one.group else None
            made = create_calendar(self._tx, who, one.draft, group=group, unique=True).value
        self._calendars[fold(one.owner), made.name.casefold()] = made.number

    def _group(self, who: Who, name: str) -> int:
        known = {one.name.casefold(): one.number for one in list_groups(self._tx, who)}
        if name.casefold() in known:
            return known[name.casefold()]
        return create_group(self._tx, who, name).value.number

    def _calendar(self, owner: str, name: str) -> int:
        key = fold(owner), name.casefold()
        if key not in self._calendars:
            who = self._who(owner, self._now)
            own = [one for one in list_calendars(self._tx, who) if one.lister is None]
            self._calendars |= {(key[0], one.name.casefold()): one.number for one in own}
        if key not in self._calendars:
            raise InvalidProperty(f"{owner} has no calendar '{name[:60]}'; write it under 'calendars'")
        return self._calendars[key]

    def share(self, one: Share) -> None:
        self._has_room_for_work()
        with _at(one.line):
            number = self._calendar(one.owner, one.calendar) if one.calendar else None
            grant(self._tx, self._who(one.owner, self._now, number), one.who, one.role, again=True)

    def happen(self, one: Happening) -> None:
        self._has_room_for_work()
        with _at(one.line):
            match one:
                case Invitation():
                    self._invite(one)
                case Reply():
                    self._answer(one)
                case Change():
                    self._change(one)
                case Cancellation():
                    who, ref = self._organizer(one.number, one.at, one.date)
                    cancel_event(self._tx, who, ref, comment=one.comment)
                case Mail():
                    send = send_mail if one.is_sent else create_draft
                    send(self._tx, self._who(one.sender, one.at), one.draft)
                case Absence():
                    update_settings(self._tx, self._who(one.who, one.at), SettingsDraft(replies=one.replies))
            while deliver_next(self._tx):
                self._has_room_for_work()
        self._tally.count(_COUNTED.get(type(one), ""))

    def _invite(self, one: Invitation) -> None:
        number = self._calendar(one.organizer, one.calendar) if one.calendar else None
        done = create_event(self._tx, self._who(one.organizer, one.at, number), one.draft)
        _check_online(done.hints)
        self._meetings[one.number] = one.organizer, done.value.meeting.uid

    def _change(self, one: Change) -> None:
        who, ref = self._organizer(one.number, one.at, one.date)
        done = update_event(self._tx, who, ref, one.draft, crossing=Crossing.ALLOWED)
        _check_online(done.hints)

    def _answer(self, one: Reply) -> None:
        _, uid = self._meetings[one.number]
        ref = EventRef(uid=uid, original=one.date)
        try:
            answer_event(
                self._tx, self._who(one.who, one.at), ref, one.answer,
                comment=one.comment, send=one.is_sent, proposal=one.proposal,
            )  # fmt: skip
        except ItemNotFound:
            raise InvalidProperty(f"{one.who} is not invited to that any more, so there is no answer") from None

    def _organizer(self, number: int, at: Instant, date: str | None) -> tuple[Who, EventRef]:
        organizer, uid = self._meetings[number]
        return self._who(organizer, at), EventRef(uid=uid, original=date)


def _check_online(hints: Sequence[Hint]) -> None:
    if any(one.code is HintCode.ONLINE_MEETING_IGNORED for one in hints):
        raise InvalidProperty(_NO_ONLINE)

