"""The story a new data file starts with, told through commands only.

Alice invites, the others answer: a weekly series that everybody has answered, a meeting of last
week with every kind of answer, and an invitation for tomorrow that waits in bob's and carol's
inbox. All of it hangs on the one instant given; the past it tells has plausible times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from msgspec import Struct

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, Location, Role, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.clock import Instant
from rsvpd.commands.calendar import answer_event, create_event
from rsvpd.commands.directory import change_profile
from rsvpd.commands.door import Who
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store.tx import Tx
from rsvpd.timezones import zone

P = ParamSpec("P")
T = TypeVar("T")

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_MINUTE = _HOUR // 60


class Run(Protocol):
    """Runs one command in a transaction of its own."""

    def __call__(
        self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the command returns, or raise its error."""
        ...


class _Cast(Struct, frozen=True):
    """One of the people in the story."""

    address: str
    name: str
    zone: str
    kind: PersonKind = PersonKind.USER
    job: str = ""
    department: str = ""
    office: str = ""
    phone: str = ""


# Alice is the manager of the others. The numbers are for stories (ITU-T E.123; Bundesnetzagentur, Ofcom, NANPA).
ALICE = _Cast(
    "alice@example.com", "Alice Ahlers", "Europe/Berlin", job="Head of Product", department="Product",
    office="Berlin 2/14", phone="+49 30 23125 001",
)
BOB = _Cast(
    "bob@example.com", "Bob Baker", "America/New_York", job="Engineer", department="Engineering",
    office="New York 7/3", phone="+1 212 555 0142",
)
CAROL = _Cast(
    "carol@example.com", "Carol Clark", "Europe/London", job="Designer", department="Product",
    office="London 1/8", phone="+44 20 7946 0143",
)
DAVE = _Cast(
    "dave@example.com", "Dave Dutta", "Asia/Kolkata", job="Engineer", department="Engineering", office="Kolkata 3/5"
)
ORION = _Cast("orion@example.com", "Orion", "Europe/Berlin", PersonKind.ROOM)
CAST = (ALICE, BOB, CAROL, DAVE, ORION)


class _Reply(Struct, frozen=True):
    """What somebody answers, and how long after the invitation."""

    who: _Cast
    answer: Answer
    comment: str | None
    after_hours: int


def seed(run: Run, now: Instant) -> None:
    """Tell the story as it stands at `now`."""
    people = {
        one.address: run(
            add_person, one.address, name=one.name, zone=one.zone, kind=one.kind, now=now - 40 * _DAY
        )
        for one in CAST
    }
    for one in CAST:
        _introduce(run, people, one)
    today = zone.to_wall(now, ALICE.zone).date()
    _weekly_series(run, people, today)
    _last_week(run, people, today)
    _hold_kickoff(run, people, today, now)


def _introduce(run: Run, people: dict[str, Person], one: _Cast) -> None:
    """Let the directory know what somebody does, and whose report that is."""
    if one.kind is PersonKind.ROOM:
        return
    known = {
        "job_title": one.job, "department": one.department, "office_location": one.office,
        "business_phones": (one.phone,) if one.phone else (), "company_name": "Example",
    }  # fmt: skip
    manager = None if one is ALICE else people[ALICE.address]
    run(change_profile, people[one.address], known, manager=manager, is_managed=manager is not None)


def _weekly_series(run: Run, people: dict[str, Person], today: date) -> None:
    first = _on_or_after(today - timedelta(days=28), Weekday.MO)
    weekly = Rule(freq=Freq.WEEKLY, by_day=(WeekdayNth(Weekday.MO),))
    draft = _draft(
        "Weekly planning",
        "<p>What each of us does this week, and what stands in the way.</p>",
        day=first, start=time(9, 30), minutes=30, guests=(BOB, CAROL, DAVE),
        recurrence=Recurrence((weekly,)),
    )
    replies = (
        _Reply(CAROL, Answer.ACCEPTED, None, 1),
        _Reply(BOB, Answer.ACCEPTED, None, 6),
        _Reply(DAVE, Answer.TENTATIVE, "I may be a few minutes late now and then.", 14),
    )
    _hold_meeting(run, people, draft, invited=_instant(first, time(11, 12)) - 4 * _DAY, replies=replies)


def _last_week(run: Run, people: dict[str, Person], today: date) -> None:
    day = _on_or_before(today - timedelta(days=7), Weekday.FR)
    draft = _draft(
        "Retrospective",
        "<p>How the last release went, and one thing to do better.</p>",
        day=day, start=time(15, 0), minutes=60, guests=(BOB, CAROL, DAVE),
    )
    replies = (
        _Reply(BOB, Answer.ACCEPTED, "Good idea, I bring the numbers.", 5),
        _Reply(CAROL, Answer.TENTATIVE, "I have a visitor around that time.", 7),
        _Reply(DAVE, Answer.DECLINED, "I am travelling that day, sorry.", 20),
    )
    _hold_meeting(run, people, draft, invited=_instant(day, time(10, 5)) - 3 * _DAY, replies=replies)


def _hold_kickoff(run: Run, people: dict[str, Person], today: date, now: Instant) -> None:
    draft = _draft(
        "Project kickoff",
        "<p>Let us agree on the first milestone.</p>",
        day=today + timedelta(days=1), start=time(10, 0), minutes=60, guests=(BOB, CAROL), room=ORION,
    )
    _hold_meeting(run, people, draft, invited=now - 20 * _MINUTE, replies=())


def _draft(
    subject: str,
    html: str,
    *,
    day: date,
    start: time,
    minutes: int,
    guests: Sequence[_Cast],
    room: _Cast | None = None,
    recurrence: Recurrence | None = None,
) -> EventDraft:
    begin = datetime.combine(day, start)
    attendees = [AttendeeDraft(address=one.address, name=one.name, role=Role.REQUIRED) for one in guests]
    locations: tuple[Location, ...] = ()
    if room:
        attendees.append(AttendeeDraft(address=room.address, name=room.name, role=Role.RESOURCE))
        locations = (Location(name=room.name, mailbox=room.address, kind="conferenceRoom"),)
    return EventDraft(
        subject=subject,
        body=Body(html, BodyKind.HTML),
        start=Timed(begin, ALICE.zone),
        end=Timed(begin + timedelta(minutes=minutes), ALICE.zone),
        attendees=tuple(attendees),
        locations=locations,
        recurrence=recurrence,
    )


def _hold_meeting(
    run: Run, people: dict[str, Person], draft: EventDraft, *, invited: Instant, replies: Sequence[_Reply]
) -> None:
    """Alice sends the invitation, the others answer it."""
    done = run(create_event, _as(people, ALICE, invited), draft)
    ref = EventRef(uid=done.value.meeting.uid)
    for reply in replies:
        who = _as(people, reply.who, invited + reply.after_hours * _HOUR + 17 * _MINUTE)
        run(answer_event, who, ref, reply.answer, comment=reply.comment)


def _as(people: dict[str, Person], one: _Cast, now: Instant) -> Who:
    return Who(people[one.address].oid, None, now, interface="seed")


def _instant(day: date, at: time) -> Instant:
    return zone.to_instant(Timed(datetime.combine(day, at), ALICE.zone))


def _on_or_after(day: date, weekday: Weekday) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _on_or_before(day: date, weekday: Weekday) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)
