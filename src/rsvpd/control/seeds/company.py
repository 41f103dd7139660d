"""A believable company: people in departments, with managers and rooms, and what stands in their calendars and inboxes.

It follows from the number of its seed, the size that is wanted and the instant: the same again is the same company.
Pure: whatever looks like chance comes from one generator, whose order of use is part of what follows.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Annotated

from msgspec import UNSET, Meta, Struct

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, Location, Role, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.clock import Instant
from rsvpd.control.people import NewPerson
from rsvpd.control.rooms import PolicyChange
from rsvpd.control.seeds import names
from rsvpd.control.seeds.names import Department, Office
from rsvpd.control.seeds.world import Absence, Cancellation, Change, Happening, Invitation, Mail, Newcomer, Reply, World
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.settings import RepliesDraft, ReplyStatus
from rsvpd.timezones import zone as zones

MOST_PEOPLE, MOST_MEETINGS = 5_000, 20_000
_MINUTE = 60_000_000
_HOUR, _DAY = 60 * _MINUTE, 24 * 60 * _MINUTE
_TEAM, _PER_ROOM, _MOST_ROOMS = 7, 12, 6
# A meeting of everybody has so many guests at most; in a larger company it is one of a department.
_MOST_GUESTS = 300
# What guests do, in percent; the others say nothing.
_ACCEPT, _DOUBT, _DECLINE = 62, 70, 80
_TRIES = 4


class Company(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large it is, which one of all it is, and in which domain its people are."""

    people: Annotated[int, Meta(ge=2, le=MOST_PEOPLE)] = 50
    meetings: Annotated[int, Meta(ge=0, le=MOST_MEETINGS)] = 200
    seed: Annotated[int, Meta(ge=0, lt=2**62)] = 1
    domain: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}(\.[a-z0-9-]{1,40}){1,4}$")] = "company.example"


class _Colleague(Struct, frozen=True):
    """Somebody who works there; `boss` is the number of the manager, -1 for who has none."""

    number: int
    name: str
    address: str
    office: Office
    department: Department
    job: str
    boss: int


def make_company(wanted: Company, now: Instant) -> World:
    """Return a company as a world that can be told."""
    return _Making(wanted, now).world()


class _Making:
    """Makes it: `_taken` is who has something at which instants, `_reports` who reports to whom, by their numbers."""

    def __init__(self, wanted: Company, now: Instant) -> None:
        self._wanted = wanted
        self._now = now
        self._chance = random.Random(f"{wanted.seed}/{wanted.people}/{wanted.meetings}")
        self._taken: set[tuple[str, Instant]] = set()
        self._rooms: dict[str, list[tuple[str, str]]] = {}
        self._colleagues: list[_Colleague] = []
        self._reports: dict[int, list[_Colleague]] = {}

    def world(self) -> World:
        self._hire()
        rooms = self._build()
        happenings: list[Happening] = []
        for number in range(self._wanted.meetings):
            happenings += self._meeting(number)
        happenings += [self._mail() for _ in range(self._wanted.meetings // 2)]
        happenings += [self._absence(one) for one in self._colleagues if self._chance.random() < 0.04]
        wanted = self._wanted
        return World(
            people=(*map(self._newcomer, self._colleagues), *rooms),
            happenings=tuple(happenings),
            entropy=f"{wanted.seed}/{wanted.people}/{wanted.meetings}/{wanted.domain}/{self._now}".encode(),
        )

    # --- people and rooms

    def _hire(self) -> None:
        """Fill the departments: each has a head, and below teams with a lead each."""
        known: set[str] = set()
        chance, size = self._chance, self._wanted.people
        heads: dict[str, int] = {}
        leads: dict[str, int] = {}
        team: dict[str, int] = {}
        for number in range(size):
            weights = [one.share for one in names.DEPARTMENTS]
            department = chance.choices(names.DEPARTMENTS, weights)[0]
            key = department.name
            if number == 0:
                job, boss = "Chief Executive Officer", -1
            elif key not in heads:
                job, boss = department.head, 0
                heads[key] = number
            elif key not in leads or team[key] >= _TEAM:
                job, boss = f"{key} Team Lead", heads[key]
                leads[key], team[key] = number, 0
            else:
                job, boss = chance.choice(department.jobs), leads[key]
                team[key] += 1
            name, address = self._name(known)
            office = chance.choice(names.OFFICES[: 2 + min(size // 40, len(names.OFFICES) - 2)])
            one = _Colleague(number, name, address, office, department, job, boss)
            self._colleagues.append(one)
            self._reports.setdefault(boss, []).append(one)

    def _name(self, known: set[str]) -> tuple[str, str]:
        first, last = self._chance.choice(names.FIRST), self._chance.choice(names.LAST)
        local = plain = f"{first}.{last}".lower()
        more = 1
        while local in known:
            more += 1
            local = f"{plain}{more}"
        known.add(local)
        return f"{first} {last}", f"{local}@{self._wanted.domain}"

    def _newcomer(self, one: _Colleague) -> Newcomer:
        members = {
            "jobTitle": one.job, "department": one.department.name, "officeLocation": one.office.city,
            "companyName": "Company", "employeeId": f"{one.number + 1:05d}",
        }  # fmt: skip
        if one.boss >= 0:
            members["manager"] = self._colleagues[one.boss].address
        if one.number == 0:
            members["administrator"] = "yes"
        return Newcomer(new=NewPerson(address=one.address, name=one.name, time_zone=one.office.zone, members=members))

    def _build(self) -> list[Newcomer]:
        found: list[Newcomer] = []
        for office in names.OFFICES:
            working = sum(one.office is office for one in self._colleagues)
            city = office.city.lower().replace(" ", "-")
            rooms = office.rooms[: min(-(-working // _PER_ROOM), _MOST_ROOMS)]
            for place, name in enumerate(rooms):
                address = f"{name.lower()}.{city}@{self._wanted.domain}"
                self._rooms.setdefault(office.city, []).append((address, name))
                lists = (f"rooms-{city}@{self._wanted.domain}",)
                policy = PolicyChange(capacity=4 + 4 * place, lists=lists, place={"building": office.city})
                new = NewPerson(address=address, name=name, time_zone=office.zone, kind="room")
                found.append(Newcomer(new=new, policy=policy))
        return found

    # --- meetings

    def _meeting(self, number: int) -> list[Happening]:
        kind = self._chance.random()
        if number % 100 == 0:
            return self._all_hands(number)
        if kind < 0.22:
            return self._one_to_one(number)
        if kind < 0.34:
            return self._team_meeting(number)
        if kind < 0.44:
            return self._interview(number)
        if kind < 0.52:
            return self._appointment(number)
        return self._project(number)

    def _all_hands(self, number: int) -> list[Happening]:
        everybody = self._colleagues
        chief, subject = everybody[0], "All hands"
        if len(everybody) > _MOST_GUESTS:
            chief = self._chance.choice(self._reports.get(0, everybody[:1]))
            everybody = [one for one in everybody if one.department is chief.department][:_MOST_GUESTS]
            subject = f"All hands: {chief.department.name}"
        guests = [one for one in everybody if one is not chief]
        return self._meeting_of(number, chief, subject, guests, minutes=60)

    def _one_to_one(self, number: int) -> list[Happening]:
        one = self._chance.choice(self._colleagues[1:])
        boss = self._colleagues[one.boss]
        subject = f"{boss.name.split()[0]} / {one.name.split()[0]}"
        return self._meeting_of(number, boss, subject, [one], minutes=30, weeks=self._chance.choice((1, 1, 2)))

    def _team_meeting(self, number: int) -> list[Happening]:
        lead = self._chance.choice([self._colleagues[boss] for boss in sorted(self._reports) if boss >= 0])
        subject = f"{lead.department.name} {self._chance.choice(('weekly', 'stand-up', 'planning'))}"
        return self._meeting_of(
            number, lead, subject, self._reports[lead.number][:20], minutes=30, weeks=1, has_room=True
        )

    def _interview(self, number: int) -> list[Happening]:
        host, other = self._two()
        subject = f"Interview: {self._chance.choice(names.FIRST)} {self._chance.choice(names.LAST)[0]}."
        return self._meeting_of(number, host, subject, [other], minutes=45, has_room=True)

    def _appointment(self, number: int) -> list[Happening]:
        one = self._chance.choice(self._colleagues)
        subject = self._chance.choice(("Focus", "Dentist", "Lunch", "Travel"))
        return self._meeting_of(number, one, subject, [], minutes=60)

    def _project(self, number: int) -> list[Happening]:
        host = self._chance.choice(self._colleagues)
        near = [one for one in self._reports.get(host.boss, []) if one is not host]
        others = self._chance.sample(near, min(len(near), self._chance.randint(1, 5)))
        extra = self._chance.choice(self._colleagues)
        if extra is not host and extra not in others:
            others.append(extra)
        subject = f"{self._chance.choice(host.department.projects)}: {self._chance.choice(names.TOPICS)}"
        outside = self._outsider() if host.department.name == "Sales" and self._chance.random() < 0.5 else None
        return self._meeting_of(
            number, host, subject, others, minutes=self._chance.choice((30, 30, 60, 60, 90)),
            has_room=self._chance.random() < 0.5, outside=outside,
        )  # fmt: skip

    def _two(self) -> tuple[_Colleague, _Colleague]:
        one, other = self._chance.sample(self._colleagues, 2)
        return one, other

    def _outsider(self) -> AttendeeDraft:
        first, last = self._chance.choice(names.FIRST), self._chance.choice(names.LAST)
        domain = self._chance.choice(names.OUTSIDERS)
        return AttendeeDraft(address=f"{first}.{last}@{domain}".lower(), name=f"{first} {last}", role=Role.REQUIRED)

    def _meeting_of(
        self,
        number: int,
        host: _Colleague,
        subject: str,
        guests: list[_Colleague],
        *,
        minutes: int,
        weeks: int = 0,
        has_room: bool = False,
        outside: AttendeeDraft | None = None,
    ) -> list[Happening]:
        """Return a meeting with all that happens to it."""
        start = self._slot(host, guests, is_series=bool(weeks))
        room = self._chance.choice(self._rooms[host.office.city]) if has_room else None
        attendees = [AttendeeDraft(address=one.address, name=one.name, role=Role.REQUIRED) for one in guests]
        attendees += [outside] if outside else []
        if room:
            attendees.append(AttendeeDraft(address=room[0], name=room[1], role=Role.RESOURCE))
        weekly = Rule(freq=Freq.WEEKLY, interval=weeks or 1, by_day=(WeekdayNth(Weekday(start.wall.weekday())),))
        draft = EventDraft(
            subject=subject,
            body=Body(f"{subject}, {minutes} minutes. Write to me what you want to talk about.\n\n{host.name}"),
            start=start,
            end=Timed(start.wall + timedelta(minutes=minutes), start.zone),
            attendees=tuple(attendees),
            locations=(Location(name=room[1], mailbox=room[0], kind="conferenceRoom"),) if room else UNSET,
            recurrence=Recurrence((weekly,)) if weeks else UNSET,
        )
        begins = zones.to_instant(start)
        ahead, ago = self._chance.randint(1, 7 * 24) * _HOUR, self._chance.randint(5, 7200) * _MINUTE
        sent = min(begins - ahead, self._now - ago)
        made = Invitation(at=sent, number=number, organizer=host.address, draft=draft)
        answers = [reply for one in guests if (reply := self._reply(number, one, sent))]
        return [made, *answers, *self._afterwards(number, start, minutes, sent, is_single=not weeks and bool(guests))]

    def _slot(self, host: _Colleague, guests: list[_Colleague], *, is_series: bool) -> Timed:
        """Return when all of them have time; not always, for calendars have conflicts."""
        today = zones.to_wall(self._now, host.office.zone).date()
        who = [host.address, *(one.address for one in guests)]
        for _ in range(_TRIES):
            start = self._time(today, host.office.zone, is_series=is_series)
            at = zones.to_instant(start)
            if not any((one, at) in self._taken for one in who):
                break
        self._taken.update((one, at) for one in who)
        return start

    def _time(self, today: date, zone: str, *, is_series: bool) -> Timed:
        monday = today - timedelta(days=today.weekday())
        weeks = -self._chance.randint(1, 8) if is_series else self._chance.randint(-2, 3)
        day = monday + timedelta(weeks=weeks, days=self._chance.randrange(5))
        half_hours = self._chance.randrange(16)
        return Timed(datetime.combine(day, time(9 + half_hours // 2, half_hours % 2 * 30)), zone)

    def _reply(self, number: int, one: _Colleague, sent: Instant) -> Reply | None:
        percent = self._chance.randrange(100)
        at = sent + int(self._chance.expovariate(1 / 6) * 60 + 2) * _MINUTE
        comment = self._chance.random()
        if percent >= _DECLINE or at > self._now:
            return None
        words: tuple[str, ...]
        if percent < _ACCEPT:
            answer, words, often = Answer.ACCEPTED, names.ACCEPTING, 0.1
        elif percent < _DOUBT:
            answer, words, often = Answer.TENTATIVE, names.DOUBTING, 0.5
        else:
            answer, words, often = Answer.DECLINED, names.DECLINING, 0.6
        said = words[int(comment * 1000) % len(words)] if comment < often else None
        return Reply(at=at, number=number, who=one.address, answer=answer, comment=said)

    def _afterwards(
        self, number: int, start: Timed, minutes: int, sent: Instant, *, is_single: bool
    ) -> list[Happening]:
        """Return that some meetings were moved or called off, once most had answered."""
        fate, at = self._chance.random(), self._now - self._chance.randint(1, 240) * _MINUTE
        if not is_single or at - sent < 2 * _DAY or zones.to_instant(start) < self._now:
            return []
        if fate < 0.05:
            return [Cancellation(at=at, number=number, comment="This is settled, we need no meeting.")]
        if fate < 0.15:
            later = start.wall + timedelta(days=7)
            end = Timed(later + timedelta(minutes=minutes), start.zone)
            return [Change(at=at, number=number, draft=EventDraft(start=Timed(later, start.zone), end=end))]
        return []

    # --- mail

    def _mail(self) -> Mail:
        one, other = self._two()
        subject, text = self._chance.choice(names.MAIL)
        topic = self._chance.choice(one.department.projects)
        draft = MessageDraft(
            subject=subject.format(topic=topic),
            body=Body(text.format(topic=topic, name=one.name)),
            to=(Mailbox(other.address, other.name),),
        )
        return Mail(at=self._now - self._chance.randint(10, 14 * 24 * 60) * _MINUTE, sender=one.address, draft=draft)

    def _absence(self, one: _Colleague) -> Absence:
        days = self._chance.randint(1, 9)
        start, end = self._now - self._chance.randint(1, 72) * _HOUR, self._now + days * _DAY
        back = f"{zones.to_wall(end, one.office.zone):%A, %d %B}"
        text = self._chance.choice(names.AWAY).format(day=back)
        replies = RepliesDraft(status=ReplyStatus.SCHEDULED, start=start, end=end, internal=text, external=text)
        return Absence(at=start, who=one.address, replies=replies)
