"""For the tests of Google's dialect: a door that remembers its calls, people, meetings, requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import structs

from rsvpd.calendar.event import (
    Attendee,
    Event,
    EventKind,
    Location,
    Meeting,
    State,
    Timed,
)
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import parse_instant
from rsvpd.commands.door import Done
from rsvpd.dialects.google.serve import Google
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.wire import Request, Response
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.content import Body
from rsvpd.mail.person import Person
from rsvpd.mail.settings import SettingsView
from rsvpd.query.algebra import Page
from support.forgetful import Forgetful

NOW = parse_instant("2026-11-23T08:00:00Z")
ZURICH = "Europe/Zurich"
TOKENS = Tokens(b"k" * 32, "11111111-1111-4111-8111-111111111111")
UID = "5f0c@ex.test"
ID = "rsvpu6lj30oq0cls2st35edq0"  # of UID, checked by the tests of identifiers


def person(number: int, name: str) -> Person:
    return Person(
        number=number,
        oid=f"0000000{number}-0000-4000-8000-000000000000",
        address=f"{name}@ex.test",
        name=name.title(),
        zone=ZURICH,
    )


BOSS, ME, EVE = person(1, "boss"), person(2, "me"), person(3, "eve")
GUESTS = (Attendee(address=ME.address, name="Me"), Attendee(address=EVE.address, name="Eve"))


def at(text: str, zone: str = ZURICH) -> Timed:
    return Timed(datetime.fromisoformat(text), zone)


def event(**changes: Any) -> Event:
    plan = Event(
        start=at("2026-12-01T10:00"),
        end=at("2026-12-01T11:00"),
        subject="Quarter plan",
        body=Body("All of it"),
        locations=(Location(name="Orion"),),
        attendees=GUESTS,
    )
    return structs.replace(plan, **changes)


def view(owner: Person = ME, **changes: Any) -> EventView:
    """Return the copy `owner` has of the boss's meeting; what is no member of the view changes the event."""
    mine = {name: changes.pop(name) for name in list(changes) if name in EventView.__struct_fields__}
    meeting = Meeting(
        uid=UID,
        organizer=BOSS.mailbox,
        is_organizer=owner is BOSS,
        event=event(**changes),
        created=parse_instant("2026-11-20T08:00:00Z"),
        modified=parse_instant("2026-11-20T08:00:00.5Z"),
    )
    seen = EventView(
        is_namesake=False,
        owner=owner,
        item=7,
        change=41,
        state=State.LIVE,
        meeting=meeting,
        event=meeting.event,
        kind=EventKind.SINGLE,
    )
    return structs.replace(seen, **mine)


def series(owner: Person = ME, **changes: Any) -> EventView:
    """Return the master of a daily series of five; `deleted` and `exceptions` belong to the meeting."""
    single = view(owner)
    rule = Recurrence(rules=(Rule(freq=Freq.DAILY, count=5),))
    meeting = structs.replace(single.meeting, recurrence=rule, **changes)
    return structs.replace(single, meeting=meeting, kind=EventKind.MASTER)


def instance(master: EventView, original: str, **changes: Any) -> EventView:
    """Return the occurrence of `master` that is planned for `original`, wall time of the series."""
    begin, rid = at(original), at(original).wall.strftime("%Y%m%dT%H%M%S")
    moved = structs.replace(master.event, **({"start": begin, "end": begin} | changes))
    return structs.replace(
        master, event=moved, kind=EventKind.OCCURRENCE, recurrence_id=rid, original_start=begin
    )


def context(stored: EventView | None = None, **more: Any) -> Context:
    unread = more.pop("unread", frozenset(["eventLabelId"]))  # of a call that says nothing of labels
    about = {"me": ME.address, "calendar_zone": ZURICH, "origin": "http://rsvpd.test", "unread": unread, **more}
    return Context(stored=stored, **about)


class FakeDoor(Forgetful):
    """Answers each command by name: with a value, an error, or a list of those, one after the other."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            "get_calendar_with_hours": CalendarView(owner=ME, number=1, change=90),
            "get_calendar": CalendarView(owner=ME, number=1, change=90),
            "list_entries": lambda *args, **named: [CalendarView(owner=ME, number=1, change=90)],
            "is_behind": False,
            "get_settings": SettingsView(**structs.asdict(ME)),
        } | answers
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    async def __call__(self, command: Any, /, *args: Any, **kwargs: Any) -> Any:
        name = command.__name__
        self.calls.append((name, args, kwargs))
        answer = self.answers[name]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(*args, **kwargs)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def named(self, name: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Return the arguments of every call of one command."""
        return [(args, kwargs) for called, args, kwargs in self.calls if called == name]


def page(*views: EventView, after: str | None = None) -> Page[EventView]:
    return Page(items=list(views), after=after)


def done(seen: EventView) -> Done[EventView]:
    return Done(seen)


def request(
    method: str, url: str, body: Any = None, *, headers: Mapping[str, str] | None = None, raw: bytes = b""
) -> Request:
    path, _, query = url.partition("?")
    authorization = {"authorization": f"Bearer {TOKENS.issue(ME, now=NOW)}"}
    return Request(
        method=method,
        origin="http://rsvpd.test",
        mount="/calendar/v3",
        path=path,
        query=query,
        headers={**authorization, **(headers or {})},
        body=json.dumps(body).encode() if body is not None else raw,
        now=NOW,
        request_id="r",
    )


def ask(door: FakeDoor, method: str, url: str, body: Any = None, **more: Any) -> Response:
    google = Google(door, TOKENS, mint=lambda: "minted0123")
    return asyncio.run(google(request(method, url, body, **more)))


def answered(response: Response) -> Any:
    return json.loads(response.body)


def header(response: Response, name: str) -> str | None:
    return next((value for one, value in response.headers if one.lower() == name.lower()), None)


def reason(response: Response) -> tuple[int, str, str]:
    """Return status, domain and reason of an error."""
    error = answered(response)["error"]
    assert error["code"] == response.status
    return response.status, error["errors"][0]["domain"], error["errors"][0]["reason"]


ACCEPTED = {"email": ME.address, "responseStatus": "accepted", "comment": "ok"}
