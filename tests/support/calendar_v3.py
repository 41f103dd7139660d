"""A client of Google Calendar v3 that says exactly what a test wants said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from support.world import Reply, World

MOUNT = "/calendar/v3"
EVENTS = "/calendars/primary/events"


class CalendarV3:
    """Requests of `who`; paths start behind the mount."""

    def __init__(self, world: World, who: str) -> None:
        self.world = world
        self.who = who

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.request(self.who, method, MOUNT + path.replace(" ", "%20"), body, headers=sent)

    def get(self, path: str) -> Any:
        """Return what a GET answers."""
        return answered(self("GET", path))

    def insert(self, start: Any, end: Any, *guests: str, query: str = "", **more: Any) -> Any:
        """Create an event between `start` and `end` (EventDateTime) and return it."""
        listed = [{"email": f"{guest}@example.com"} for guest in guests]
        body = {"summary": "x", "start": start, "end": end, **({"attendees": listed} if listed else {}), **more}
        return answered(self("POST", f"{EVENTS}?{query}", body))

    def patch(self, event_id: str, body: Any, query: str = "") -> Any:
        """Change an event and return it."""
        return answered(self("PATCH", f"{EVENTS}/{event_id}?{query}", body))

    def pages(self, path: str) -> Iterator[list[Any]]:
        """Yield the pages of a list to its end."""
        mark = "&" if "?" in path else "?"
        found = self.get(path)
        yield found["items"]
        while token := found.get("nextPageToken"):
            found = self.get(f"{path}{mark}pageToken={token}")
            yield found["items"]

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Return status, reason and message of a refusal, whose shape is checked."""
        reply = self(method, path, body)
        error = reply.json["error"]
        (one,) = error["errors"]
        assert (error["code"], error["message"]) == (reply.status, one["message"])
        assert one.keys() >= {"domain", "reason"}
        return reply.status, one["reason"], error["message"]


def answered(reply: Reply) -> Any:
    """Return the body of an answer that is none of refusal."""
    assert reply.status == 200, reply.body
    return reply.json


def at(text: str, zone: str | None = "Europe/Berlin") -> dict[str, str]:
    """Return an EventDateTime of `text`, in `zone` unless that is None."""
    return {"dateTime": text, **({} if zone is None else {"timeZone": zone})}


def instant(when: dict[str, str]) -> str:
    """Return the instant of an EventDateTime of an answer, in UTC to the minute."""
    moment = datetime.fromisoformat(when["dateTime"])
    assert moment.tzinfo is not None
    return f"{(moment - (moment.utcoffset() or moment - moment)).replace(tzinfo=None):%Y-%m-%dT%H:%M}"


def starts(events: list[Any]) -> list[str]:
    """Return when events start, in UTC to the minute; dates as they are."""
    return [one["start"].get("date") or instant(one["start"]) for one in events]
