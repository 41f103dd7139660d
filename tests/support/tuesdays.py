"""A series on Tuesdays over a change of clocks, and what people see of it."""

from __future__ import annotations

from typing import Any

from rsvpd.commands import outbox
from support.calendar_v3 import CalendarV3, at
from support.client import Client

BERLIN = "W. Europe Standard Time"
ANSWERS = ("accept", "tentativelyAccept", "decline")
WEEKS = ("2027-03-16", "2027-03-23", "2027-03-30", "2027-04-06")
MARCH = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z"


def weekly(count: int = 4, **limits: Any) -> dict[str, Any]:
    """Return a pattern over the change of clocks in Berlin, on 28 March 2027."""
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}
    ends = {"type": "numbered", "startDate": "2027-03-16", "numberOfOccurrences": count, **limits}
    return {"pattern": pattern, "range": ends}


def series(who: Client, *guests: str, **more: Any) -> Any:
    """Return a new series of `who`: on Tuesdays from 10:00 to 10:30 in Berlin."""
    start, end = "2027-03-16T10:00:00", "2027-03-16T10:30:00"
    return who.create("x", start, end, *guests, zone=BERLIN, **{"recurrence": weekly(), **more})


def dates(who: Client, event_id: str) -> list[Any]:
    found: list[Any] = who.get(f"/me/events/{event_id}/instances?{MARCH}")["value"]
    return found


def mine(who: Client) -> Any:
    """Return the one series in a calendar."""
    (event,) = who.get("/me/events")["value"]
    return event


def subjects(who: Client) -> list[str]:
    return [one["subject"] for one in who.get("/me/mailFolders/inbox/messages")["value"]]


def answer_of(event: Any) -> str:
    return str(event["responseStatus"]["response"]).lower()


def answers(event: Any) -> list[str]:
    return [one["status"]["response"].lower() for one in event["attendees"]]


def written_back(event: Any, *names: str) -> dict[str, Any]:
    """Return members of an event as they were read, in v1.0 with the zones beside the times."""
    return {name: event[name] for name in names if name in event}


def posts(who: Client) -> list[Any]:
    """Return what waits to leave the server."""
    return [row.post for row in who.world.store.run(outbox.list_messages, after=0)]


def of_google(who: CalendarV3, *lines: str) -> Any:
    """Return a new series of `who` with bob, on Tuesdays from 10:00 to 10:30 in Berlin."""
    start, end = at("2027-03-16T10:00:00"), at("2027-03-16T10:30:00")
    return who.insert(start, end, "bob", query="sendUpdates=all", recurrence=lines or ["RRULE:FREQ=WEEKLY;COUNT=4"])


def said(answer: str) -> dict[str, Any]:
    return {"attendees": [{"email": "bob@example.com", "responseStatus": answer}]}


TIMES = ("start", "end", "startTimeZone", "endTimeZone")
