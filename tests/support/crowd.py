"""Many people and very many meetings, made by the commands that the interfaces use, and what can be read of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Timed
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.commands.calendar import answer_event, cancel_event, create_event, delete_event, update_event
from rsvpd.commands.door import Who, writes
from rsvpd.commands.people import add_person
from rsvpd.commands.permissions import grant
from rsvpd.commands.references import EventRef
from rsvpd.ical.rrule import read
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.recording import GOOGLE, MOUNTS, Question
from support.world import World

NOW = parse_instant("2026-11-23T08:00:00Z")
FIRST = datetime(2026, 11, 2, 8)
DAYS = 90
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
RULES = ("FREQ=DAILY;COUNT=10", "FREQ=WEEKLY;COUNT=12;BYDAY=MO,WE", "FREQ=MONTHLY;COUNT=6")
WINDOW = "startDateTime=2026-11-20T00:00:00Z&endDateTime=2026-12-20T00:00:00Z"
MINUTE, DAY = 60_000_000, 86_400_000_000
AT_ONCE = 100  # meetings in one transaction


class Crowd(Struct, frozen=True):
    """Who is there, a room among them, and a source of chances."""

    people: list[Person]
    room: Person
    chance: random.Random


def fill(store: Store, people: int, meetings: int) -> None:
    """Add people, and let them meet."""
    crowd: Crowd = store.run(_settle, people)
    for begin in range(0, meetings, AT_ONCE):
        store.run(_meet, crowd, range(begin, min(begin + AT_ONCE, meetings)))


@writes
def _settle(tx: Tx, count: int) -> Crowd:
    people = [add_person(tx, f"p{n}@example.com", name=f"Person {n}", zone=ZONES[n % 4], now=NOW) for n in range(count)]
    room = add_person(tx, "room@example.com", name="Room", kind=PersonKind.ROOM, now=NOW)
    for number, owner in enumerate(people):
        if number % 3 == 0:
            role = (CalendarRole.READ, CalendarRole.WRITE, CalendarRole.DELEGATE)[number // 3 % 3]
            grant(tx, Who(owner.oid, None, NOW), people[number - 1].address, role)
    return Crowd(people, room, random.Random(20261130))


@writes
def _meet(tx: Tx, crowd: Crowd, numbers: range) -> None:
    for number in numbers:
        _hold(tx, crowd, number)


def _hold(tx: Tx, crowd: Crowd, number: int) -> None:
    """Invite, let some answer, and change or cancel a few."""
    chance = crowd.chance
    organizer, *guests = chance.sample(crowd.people, chance.randint(2, 7))
    invited = NOW - 20 * DAY + number * MINUTE
    begin = FIRST + timedelta(days=chance.randrange(DAYS), minutes=15 * chance.randrange(40))
    made = create_event(tx, Who(organizer.oid, None, invited), _draft(crowd, number, organizer, guests, begin)).value
    ref = EventRef(uid=made.meeting.uid)
    if number % 19 == 0:
        update_event(tx, Who(guests[0].oid, None, invited), ref, EventDraft(categories=("Blue",)))
    for place, guest in enumerate(guests):
        if chance.random() < 0.7:
            answer = (Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED)[chance.choice((0, 0, 0, 1, 2))]
            comment = f"Says {guest.name} of {number}" if chance.random() < 0.5 else None
            answer_event(tx, Who(guest.oid, None, invited + (place + 1) * MINUTE), ref, answer, comment=comment)
    after = Who(organizer.oid, None, invited + DAY)
    if number % 17 == 0:
        cancel_event(tx, after, ref, comment="Off")
    elif number % 13 == 0:
        update_event(tx, after, ref, EventDraft(subject=f"Meeting {number}, renamed"))
    elif number % 23 == 0:
        delete_event(tx, after, ref)


def _draft(crowd: Crowd, number: int, organizer: Person, guests: list[Person], begin: datetime) -> EventDraft:
    attendees = [AttendeeDraft(address=one.address, name=one.name) for one in guests]
    if number % 11 == 0:
        attendees.append(AttendeeDraft(address="zoe@elsewhere.example"))
    if number % 29 == 0:
        attendees.append(AttendeeDraft(address=crowd.room.address))
    start, end = Timed(begin, organizer.zone), Timed(begin + timedelta(minutes=45), organizer.zone)
    when: dict[str, Any] = {"start": start, "end": end}
    if number % 31 == 0:
        when = {"start": AllDay(begin.date()), "end": AllDay(begin.date() + timedelta(days=1))}
    if number % 9 == 0:
        when["recurrence"] = Recurrence((read(RULES[number // 9 % len(RULES)], when["start"]),))
    return EventDraft(
        subject=f"Meeting {number}",
        body=Body(f"<p>What we speak of in meeting <b>{number}</b>: {'words ' * 20}</p>", BodyKind.HTML),
        attendees=tuple(attendees),
        **when,
    )


def neighbours(people: int) -> list[str]:
    """Return some people, in pairs of whom the second shares a calendar with the first."""
    return [f"p{3 * (quarter * people // 12) + number}" for quarter in range(4) for number in (2, 3)]


def questions(world: World, names: list[str]) -> Iterator[Question]:
    """Yield what programs read of these pairs of people, through every dialect."""
    for place, who in enumerate(names):
        for mount in MOUNTS:
            yield Question(who, f"{mount}/me/events?$top=50&$count=true")
            yield Question(who, f"{mount}/me/events?$top=20&$orderby=start/dateTime desc&$filter=isOrganizer eq true")
            yield Question(who, f"{mount}/me/calendarview?{WINDOW}&$top=50")
            for folder in ("inbox", "sentitems", "deleteditems"):
                kind = "folders" if mount == "/api/v1.0" else "mailfolders"
                yield Question(who, f"{mount}/me/{kind}/{folder}/messages?$top=50")
        for more in ("", "&showDeleted=true", "&singleEvents=true&orderBy=startTime&timeMin=2026-11-20T00:00:00Z"):
            yield Question(who, f"{GOOGLE}?maxResults=100{more}")
        yield Question(who, "/calendar/v3/users/me/calendarList")
        yield Question(who, "/calendar/v3/calendars/primary/acl")
        for path in ("mailboxSettings", "calendars", "calendar/calendarPermissions", "mailFolders"):
            yield Question(who, f"/v1.0/me/{path}")
        for mount in MOUNTS:
            yield Question(who, f"{mount}/users/{names[place ^ 1]}@example.com/calendarview?{WINDOW}&$top=20")
        yield from _single(world, who)


def _single(world: World, who: str) -> Iterator[Question]:
    for event in world.request(who, "GET", "/v1.0/me/events?$top=6&$select=id,type").json["value"]:
        for mount in MOUNTS:
            yield Question(who, f"{mount}/me/events/{event['id']}")
        if event["type"] == "seriesMaster":
            yield Question(who, f"/v1.0/me/events/{event['id']}/instances?{WINDOW}")
    for item in world.request(who, "GET", f"{GOOGLE}?maxResults=4").json["items"]:
        yield Question(who, f"{GOOGLE}/{item['id']}")
    for message in world.request(who, "GET", "/v1.0/me/messages?$top=4&$select=id").json["value"]:
        for mount in MOUNTS:
            yield Question(who, f"{mount}/me/messages/{message['id']}")
