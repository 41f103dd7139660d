"""A meeting of a seed, with its answers, changes and cancellations.

With `at`, `+2h` is two hours after the invitation was sent, and `-2h` before now. What nobody says of when has
plausible times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import UNSET, Struct, UnsetType

from rsvpd.calendar.conference import Provider, Wish
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Location, Role, Sensitivity, ShowAs, Timed, When
from rsvpd.calendar.recurrence import starts
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import first_start, recurrence_id, wall_time
from rsvpd.clock import Instant
from rsvpd.control.seeds.dates import MINUTE, Base, read_moment, read_step
from rsvpd.control.seeds.fields import Directory, Fields, at_line, word
from rsvpd.control.seeds.nodes import Items, Members, Node, Text, quote, wrong
from rsvpd.control.seeds.repeats import read_repeats
from rsvpd.control.seeds.world import Cancellation, Change, Happening, Invitation, Reply
from rsvpd.mail.address import fold
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.message import TimeSlot
from rsvpd.timezones import zone as zones

_WHEN = ("when", "until", "minutes", "days")
_SAID = ("subject", "body", "html", "room", "place", "importance", "show_as", "private", "categories")
MEETING = (
    "organizer", "subject", *_WHEN, "repeats", "attendees", "optional", "sent", "calendar", "online", "reminder",
    "asks_for_answers", *_SAID[1:], "answers", "changes", "cancelled",
)  # fmt: skip
_CHANGE = ("at", "date", *_WHEN, *_SAID, "add", "remove")
_REPLY = ("who", "says", "comment", "at", "date", "send", "proposes")
_CANCELLATION = ("at", "date", "comment")
_INVITED = ("who", "name", "optional")
_ANSWERS = {
    "accepted": Answer.ACCEPTED, "yes": Answer.ACCEPTED, "tentative": Answer.TENTATIVE, "maybe": Answer.TENTATIVE,
    "declined": Answer.DECLINED, "no": Answer.DECLINED,
}  # fmt: skip
IMPORTANCE = {one.value: one for one in Importance}
_SHOW_AS = {
    "free": ShowAs.FREE, "tentative": ShowAs.TENTATIVE, "busy": ShowAs.BUSY, "away": ShowAs.OOF,
    "elsewhere": ShowAs.ELSEWHERE,
}  # fmt: skip
_ONLINE: dict[str, Wish | None] = {
    "yes": Wish(), "teams": Wish(provider=Provider.TEAMS), "skype": Wish(provider=Provider.SKYPE),
    "meet": Wish(provider=Provider.MEET), "no": None,
}  # fmt: skip
_MOST_MINUTES = 60 * 24 * 366
_USUAL_MINUTES = 30
_HOUR = 60 * MINUTE
_DAY = 24 * _HOUR
# When an invitation was sent where nobody says it: before the meeting, and not after this before now.
_AHEAD, _SOON = 2 * _DAY, 20 * MINUTE


def body_of(fields: Fields, plain: str) -> Body | None:
    """Return a body, as a text under `plain` or as HTML."""
    text, html = fields.text(plain), fields.text("html")
    if text and html:
        raise wrong(html.line, f"there is {plain} and html; leave one of them out")
    if html:
        return Body(html.value, BodyKind.HTML)
    return Body(text.value, BodyKind.TEXT) if text else None


def check_past(fields: Fields, name: str, at: Instant, now: Instant) -> None:
    """Raise InvalidProperty for what is said to have happened and has not yet."""
    if at > now:
        raise wrong(fields.line_of(name), "this is still to come, and a seed tells what happened; write a past time")


def read_meeting(fields: Fields, number: int, directory: Directory, now: Instant) -> list[Happening]:
    """Return all that happened to one meeting, in the order of the file. Raises InvalidProperty."""
    organizer = directory.one(fields.required_text("organizer", "alice"))
    if fold(organizer) in directory.rooms:
        raise wrong(fields.line_of("organizer"), f"{organizer} is a room, and rooms invite nobody")
    return _Meeting(fields, number, directory, now, organizer).read()


class _Span(Struct, frozen=True):
    """When it takes place."""

    start: When
    end: When


class _Meeting:
    """One meeting while it is read: who is invited so far, and when it was sent."""

    def __init__(self, fields: Fields, number: int, directory: Directory, now: Instant, organizer: str) -> None:
        self._fields = fields
        self._number = number
        self._directory = directory
        self._now = now
        self._organizer = organizer
        self._base = Base(now, directory.zones[organizer])
        self._guests: dict[str, AttendeeDraft] = {}
        self._ever: set[str] = set()
        self._room: str | None = None
        self._recurrence: Recurrence | None = None
        span = self._span(fields)
        if span is None:
            raise wrong(fields.line, "a meeting has no when; write 'when: tomorrow 10:00'")
        self._pattern = span
        self._sent = now

    def read(self) -> list[Happening]:
        fields = self._fields
        draft = self._draft()
        self._sent = self._invitation_time()
        calendar = fields.text("calendar")
        made = Invitation(
            at=self._sent, line=fields.line, number=self._number, organizer=self._organizer, draft=draft,
            calendar=calendar.value if calendar else "",
        )  # fmt: skip
        changes = [self._change(one) for one in fields.items("changes")]  # who is added there may answer
        return [made, *self._replies(), *changes, *self._cancellations()]

    # --- the meeting itself

    def _draft(self) -> EventDraft:
        fields = self._fields
        repeats = fields.text("repeats")
        if repeats is not None:
            with at_line(repeats.line):
                self._recurrence = read_repeats(repeats.value, self._pattern.start, self._read_day)
        for name, role in (("attendees", Role.REQUIRED), ("optional", Role.OPTIONAL)):
            node = fields.node(name)
            listed = node.items if isinstance(node, Items) else fields.texts(name)
            for one in listed:
                self._invite(one, role)
        said = self._draft_members(fields)
        reminder = self._reminder()
        asks = fields.flag("asks_for_answers")
        return EventDraft(
            **{"subject": fields.required_text("subject", "Kickoff").value} | said,  # type: ignore[arg-type]  # members of a draft, as _said names them
            start=self._pattern.start,
            end=self._pattern.end,
            attendees=self._attendees(),
            recurrence=self._recurrence or UNSET,
            conference=self._online(),
            reminder_on=UNSET if reminder is None else reminder >= 0,
            reminder_minutes=UNSET if reminder is None or reminder < 0 else reminder,
            response_requested=UNSET if asks is None else asks,
        )

    def _draft_members(self, fields: Fields) -> dict[str, object]:
        """Return the members of a draft that an invitation and a change can say."""
        subject, body, place = fields.text("subject"), body_of(fields, "body"), fields.text("place")
        is_private = fields.flag("private")
        said: dict[str, object] = {
            "subject": subject.value if subject else UNSET,
            "body": body or UNSET,
            "importance": fields.word("importance", IMPORTANCE) or UNSET,
            "show_as": fields.word("show_as", _SHOW_AS) or UNSET,
            "sensitivity": UNSET if is_private is None else Sensitivity.PRIVATE if is_private else Sensitivity.NORMAL,
            "categories": tuple(one.value for one in fields.texts("categories")) or UNSET,
        }
        room = fields.text("room")
        if room is not None:
            self._room = self._find_room(room)
        rooms = [self._room] if self._room and (room or place) else []
        names = self._directory.names
        said["locations"] = (
            *(Location(name=names[one], mailbox=one, kind="conferenceRoom") for one in rooms),
            *((Location(name=place.value),) if place else ()),
        ) or UNSET
        return {name: value for name, value in said.items() if value is not UNSET}

    def _find_room(self, text: Text) -> str:
        found = self._directory.one(text)
        if fold(found) not in self._directory.rooms:
            raise wrong(text.line, f"{found} is a person, no room; write rooms under 'rooms'")
        return found

    def _invite(self, node: Node, role: Role) -> None:
        called = None
        if isinstance(node, Text):
            who = node
        else:
            fields = Fields(node, _INVITED, "somebody invited")
            who, called = fields.required_text("who", "bob"), fields.text("name")
            role = Role.OPTIONAL if fields.flag("optional") else role
        address = self._directory.anybody(who)
        name = called.value if called else self._directory.names.get(address, UNSET)
        if fold(address) == fold(self._organizer):
            raise wrong(who.line, f"{address} is the organizer, who needs no invitation; leave it out")
        if fold(address) in self._guests:
            raise wrong(who.line, f"{address} is invited already; leave it out")
        if fold(address) in self._directory.rooms:
            raise wrong(who.line, f"{address} is a room; write 'room: {who.value}'")
        self._guests[fold(address)] = AttendeeDraft(address=address, name=name, role=role)
        self._ever.add(fold(address))

    def _attendees(self) -> tuple[AttendeeDraft, ...]:
        names = self._directory.names
        room = self._room
        rooms = (AttendeeDraft(address=room, name=names[room], role=Role.RESOURCE),) if room else ()
        return (*self._guests.values(), *rooms)

    def _reminder(self) -> int | None:
        found = self._fields.text("reminder")
        if found is None:
            return None
        if found.value in ("none", "no"):
            return -1
        step = read_step(found.value)
        minutes = int(found.value) if found.value.isdecimal() and len(found.value) < 7 else None
        if minutes is None and step is not None and step >= timedelta():
            minutes = int(step.total_seconds()) // 60
        if minutes is None:
            raise wrong(found.line, f"reminder cannot be {quote(found.value)}; write '15m', '1h' or 'none'")
        return minutes

    def _online(self) -> Wish | UnsetType:
        found = self._fields.text("online")
        return (word(found, "online", _ONLINE) or UNSET) if found else UNSET

    # --- when

    def _span(self, fields: Fields) -> _Span | None:
        text = fields.text("when")
        if text is None:
            others = [name for name in _WHEN[1:] if name in fields]
            if others:
                raise wrong(fields.line_of(others[0]), f"{others[0]} needs 'when', the start")
            return None
        with at_line(text.line):
            found = read_moment(text.value, self._base)
        days, minutes = fields.number("days", most=366), fields.number("minutes", most=_MOST_MINUTES)
        until = fields.moment("until", self._base)
        if sum(one is not None for one in (days, minutes, until, found.end)) > 1:
            raise wrong(text.line, "the end is said twice; leave all of until, minutes and days out but one")
        if isinstance(found.start, AllDay):
            return self._whole_days(fields, found.start, days, minutes, until.start if until else None)
        if days is not None:
            raise wrong(fields.line_of("days"), "days are of a meeting over whole days; write 'when' without a time")
        end: When = found.end or self._after(found.start, minutes if minutes is not None else _USUAL_MINUTES)
        if until is not None:
            end = until.start
            if isinstance(end, AllDay):
                raise wrong(fields.line_of("until"), "until has no time of the day; write it like 'tomorrow 12:00'")
        if zones.to_instant(end) < zones.to_instant(found.start):
            raise wrong(fields.line_of("until"), "it ends before it begins; write a later 'until'")
        return _Span(found.start, end)

    def _whole_days(
        self, fields: Fields, start: AllDay, days: int | None, minutes: int | None, until: When | None
    ) -> _Span:
        if minutes is not None:
            raise wrong(fields.line_of("minutes"), "minutes are of a meeting with a time; write 'when' with one")
        if until is None:
            return _Span(start, AllDay(start.day + timedelta(days=days or 1)))
        if not isinstance(until, AllDay) or until.day < start.day:
            raise wrong(fields.line_of("until"), "until is the last day of it, without a time and not before 'when'")
        return _Span(start, AllDay(until.day + timedelta(days=1)))

    def _after(self, start: Timed, minutes: int) -> Timed:
        return zones.at_instant(zones.to_instant(start) + minutes * MINUTE, start.zone)

    def _read_day(self, text: str) -> date:
        """Return the day that a text names, in the zone of the organizer."""
        found = read_moment(text, self._base).start
        return found.day if isinstance(found, AllDay) else found.wall.date()

    def _invitation_time(self) -> Instant:
        given = self._fields.instant("sent", self._base)
        if given is None:
            return min(zones.to_instant(self._pattern.start) - _AHEAD, self._now - _SOON)
        check_past(self._fields, "sent", given, self._now)
        return given

    def _date(self, fields: Fields) -> str | None:
        """Return the name of one date of the series, as EventRef has it."""
        text = fields.text("date")
        if text is None:
            return None
        if self._recurrence is None:
            raise wrong(text.line, "date is one of a series, and this meeting has no 'repeats'; leave it out")
        with at_line(text.line):
            day = self._read_day(text.value)
        start = first_start(self._recurrence, self._pattern.start)
        midnight = datetime.combine(day, datetime.min.time())
        found = next(starts(self._recurrence, wall_time(start), not_before=midnight), None)
        if found is None or found.date() != day:
            near = f"; the next one is {found.date().isoformat()}" if found else "; it has ended by then"
            raise wrong(text.line, f"{day.isoformat()} is no date of the series{near}")
        if isinstance(start, AllDay):
            return recurrence_id(AllDay(day))
        there = zones.to_wall(zones.wall_to_instant(found, start.zone), "UTC")
        return recurrence_id(Timed(there)) + "Z"

    # --- what happened to it

    def _at(self, fields: Fields, usual: Instant) -> Instant:
        zone = self._base.zone
        text = fields.text("at")
        is_after = text is not None and text.value.startswith("+") and read_step(text.value) is not None
        at = fields.instant("at", Base(self._sent if is_after else self._now, zone))
        if at is None:
            return min(usual, self._now)
        check_past(fields, "at", at, self._now)
        if at < self._sent:
            raise wrong(fields.line_of("at"), "this is before the invitation was sent; write it like 'at: +2h'")
        return at

    def _replies(self) -> list[Happening]:
        node = self._fields.node("answers")
        if isinstance(node, Members) and "who" not in node.members:
            short = [
                Members({"who": Text(who, node.lines[who]), "says": says}, {"who": node.lines[who]}, node.lines[who])
                for who, says in node.members.items()
            ]
            return [self._reply(one, place) for place, one in enumerate(short)]
        return [self._reply(one, place) for place, one in enumerate(self._fields.items("answers"))]

    def _reply(self, node: Node, place: int) -> Reply:
        fields = Fields(node, _REPLY, "an answer")
        name = fields.required_text("who", "bob")
        who = self._directory.one(name)
        if fold(who) == fold(self._organizer):
            raise wrong(name.line, f"{who} is the organizer, who answers nobody; leave it out")
        if self._room and fold(who) == fold(self._room):
            raise wrong(name.line, f"{who} is a room, which answers by itself; leave it out")
        if fold(who) not in self._ever:
            raise wrong(name.line, f"{who} is not invited, and so cannot answer; write {name.value} under 'attendees'")
        fields.required_text("says", "accepted")
        answer = fields.word("says", _ANSWERS)
        assert answer is not None
        comment, is_sent = fields.text("comment"), fields.flag("send")
        return Reply(
            at=self._at(fields, self._sent + (place + 1) * _HOUR), line=fields.line, number=self._number, who=who,
            answer=answer, comment=comment.value if comment else None, is_sent=is_sent is not False,
            proposal=self._proposal(fields, who), date=self._date(fields),
        )  # fmt: skip

    def _proposal(self, fields: Fields, who: str) -> TimeSlot | None:
        found = fields.moment("proposes", Base(self._now, self._directory.zones[who]))
        if found is None:
            return None
        if isinstance(found.start, AllDay):
            raise wrong(fields.line_of("proposes"), "another time has one; write it like 'tomorrow 11:00-12:00'")
        length = _length(self._pattern)
        return TimeSlot(found.start, found.end or self._after(found.start, length))

    def _change(self, node: Node) -> Change:
        fields = Fields(node, _CHANGE, "a change")
        for one in fields.texts("add"):
            self._invite(one, Role.REQUIRED)
        for one in fields.texts("remove"):
            address = self._directory.anybody(one)
            if self._guests.pop(fold(address), None) is None:
                raise wrong(one.line, f"{address} is not invited; leave it out")
        said = self._draft_members(fields)
        if any(name in fields for name in ("add", "remove", "room")):
            said["attendees"] = self._attendees()
        span = self._span(fields)
        if span is not None:
            said |= {"start": span.start, "end": span.end}
        if not said:
            raise wrong(fields.line, f"a change says what is changed: {', '.join(_CHANGE[2:])}")
        draft = EventDraft(**said)  # type: ignore[arg-type]  # likewise
        return Change(
            at=self._at(fields, self._now), line=fields.line, number=self._number, draft=draft,
            date=self._date(fields),
        )  # fmt: skip

    def _cancellations(self) -> Sequence[Cancellation]:
        node = self._fields.node("cancelled")
        if node is None:
            return ()
        if isinstance(node, Text):
            flag = self._fields.flag("cancelled")
            return (self._cancel(Members({}, {}, node.line)),) if flag else ()
        return [self._cancel(one) for one in self._fields.items("cancelled")]

    def _cancel(self, node: Node) -> Cancellation:
        fields = Fields(node, _CANCELLATION, "a cancellation")
        comment = fields.text("comment")
        return Cancellation(
            at=self._at(fields, self._now), line=fields.line, number=self._number,
            comment=comment.value if comment else "", date=self._date(fields),
        )  # fmt: skip


def _length(span: _Span) -> int:
    """Return how many minutes a span lasts."""
    return max((zones.to_instant(span.end) - zones.to_instant(span.start)) // MINUTE, 1)


