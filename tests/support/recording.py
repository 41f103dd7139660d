"""A data file with a life in it, and what it answered: a later version has to open it and answer the same.

python tests/support/recording.py NAME       # writes tests/store/recordings/NAME.{db,json}.gz, once and for all
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from msgspec import Struct

from rsvpd.mail.person import PersonKind
from support.world import World

FOLDER = Path(__file__).parents[1] / "store" / "recordings"
PEOPLE = ("alice", "bob", "carol", "dave")
GOOGLE = "/calendar/v3/calendars/primary/events"
MOUNTS = ("/v1.0", "/api/v2.0", "/api/v1.0")
WINDOW = "startDateTime=2026-11-20T00:00:00Z&endDateTime=2027-02-01T00:00:00Z"
ANSWER = {"accepted": "accept", "tentative": "tentativelyAccept", "declined": "decline"}


class Question(Struct, frozen=True):
    """Something to read."""

    who: str
    url: str


def live(world: World) -> None:
    """Let people invite each other, answer, move, forward, cancel, share; in every dialect."""
    for name, zone in zip(PEOPLE, ("Europe/Berlin", "America/New_York", "Europe/London", "Asia/Kolkata"), strict=True):
        world.add(name, zone=zone)
    world.add("orion", kind=PersonKind.ROOM)
    _single_meetings(world)
    _series(world)
    _sharing(world)


def questions(world: World) -> Iterator[Question]:
    """Yield everything there is to read, through every dialect."""
    for who in PEOPLE:
        for mount in MOUNTS:
            yield Question(who, f"{mount}/me/events?$top=100")
            yield Question(who, f"{mount}/me/calendarview?{WINDOW}&$top=200")
            yield Question(who, f"{mount}/me/calendarview?{WINDOW}&$top=5&$orderby=start/dateTime desc")
            for folder in ("inbox", "sentitems", "deleteditems"):
                kind = "folders" if mount == "/api/v1.0" else "mailfolders"
                yield Question(who, f"{mount}/me/{kind}/{folder}/messages?$top=100")
        for more in ("", "&showDeleted=true", "&singleEvents=true", "&singleEvents=true&showDeleted=true"):
            yield Question(who, f"{GOOGLE}?maxResults=2500&timeMax=2027-02-01T00:00:00Z{more}")
        yield Question(who, "/calendar/v3/users/me/calendarList")
        yield Question(who, f"/v1.0/users/alice@example.com/calendarview?{WINDOW}&$top=50")
        yield Question(who, "/v1.0/me/mailboxSettings")
        for event in world.request(who, "GET", "/v1.0/me/events?$top=100").json["value"]:
            yield Question(who, f"/v1.0/me/events/{event['id']}?$expand=exceptionOccurrences")
            if event["type"] == "seriesMaster":
                yield Question(who, f"/api/v2.0/me/events/{event['id']}/instances?{WINDOW}")


def answers(world: World, asked: list[Question]) -> list[dict[str, Any]]:
    """Return what each question is answered."""
    found = []
    for one in asked:
        reply = world.request(one.who, "GET", one.url)
        found.append({
            "who": one.who, "url": one.url, "status": reply.status, "body": reply.json if reply.status == 200 else None,
        })  # fmt: skip
    return found


def _single_meetings(world: World) -> None:
    everybody = [*PEOPLE[1:], "orion"]
    for number, answer in enumerate(("accepted", "tentative", "declined", None)):
        made = _post(world, "alice", "/v1.0/me/events", {
            "subject": f"Meeting {number}",
            "body": {"contentType": "html", "content": "<p>See <b>you</b></p>"},
            "start": {"dateTime": f"2026-12-0{number + 1}T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": f"2026-12-0{number + 1}T11:00:00", "timeZone": "Europe/Berlin"},
            "attendees": _attendees(*everybody, "outside"),
            "categories": ["Blue"],
        })  # fmt: skip
        for who in PEOPLE[1:]:
            if answer:
                _answer(world, who, f"Meeting {number}", ANSWER[answer], comment=f"{who} says {answer}")
        if number == 1:
            moved = {
                name: {"dateTime": f"2026-12-02T1{hour}:00:00", "timeZone": "Europe/Berlin"}
                for name, hour in (("start", 4), ("end", 5))
            }
            _send(world, "alice", "PATCH", f"/v1.0/me/events/{made['id']}", moved)
        if number == 3:
            _send(world, "alice", "POST", f"/v1.0/me/events/{made['id']}/cancel", {"comment": "Off"})
    _post(world, "dave", f"{GOOGLE}?sendUpdates=all", {
        "summary": "All day", "start": {"date": "2026-12-24"}, "end": {"date": "2026-12-26"},
        "attendees": [{"email": "alice@example.com"}, {"email": "bob@example.com", "optional": True}],
        "visibility": "private", "extendedProperties": {"private": {"a": "b"}},
    })  # fmt: skip
    _post(world, "bob", "/api/v1.0/Me/Events", {
        "Subject": "Alone", "Start": "2026-12-05T15:00:00Z", "End": "2026-12-05T16:00:00Z", "ShowAs": "Free",
    })  # fmt: skip
    _send(world, "carol", "POST", "/v1.0/me/sendMail", {"message": {
        "subject": "Hello", "toRecipients": _recipients("alice"), "body": {"contentType": "text", "content": "Hi"},
    }})  # fmt: skip


def _series(world: World) -> None:
    made = _post(world, "alice", GOOGLE, {
        "summary": "Weekly",
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=8;BYDAY=MO", "EXDATE;TZID=Europe/Berlin:20261221T090000"],
        "start": {"dateTime": "2026-11-30T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-30T09:30:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"email": f"{name}@example.com"} for name in PEOPLE[1:]],
    })  # fmt: skip
    for who, answer in zip(PEOPLE[1:], ("accept", "tentativelyAccept", "decline"), strict=True):
        _answer(world, who, "Weekly", answer, comment="as always")
    instances = world.request("alice", "GET", f"{GOOGLE}/{made['id']}/instances").json["items"]
    _send(world, "alice", "PATCH", f"{GOOGLE}/{instances[1]['id']}?sendUpdates=all", {
        "start": {"dateTime": "2026-12-08T13:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-12-08T14:00:00", "timeZone": "Europe/Berlin"}, "summary": "Moved",
    })  # fmt: skip
    _send(world, "alice", "DELETE", f"{GOOGLE}/{instances[2]['id']}?sendUpdates=all", None)
    theirs = world.request("bob", "GET", f"{GOOGLE}/{made['id']}/instances").json["items"]
    own = {"attendeesOmitted": True, "attendees": [{"email": "bob@example.com", "responseStatus": "declined"}]}
    _send(world, "bob", "PATCH", f"{GOOGLE}/{theirs[-1]['id']}?sendUpdates=all", own)
    single = {"attendees": [*instances[4].get("attendees", []), {"email": "eve@outside.example"}]}
    _send(world, "alice", "PATCH", f"{GOOGLE}/{instances[4]['id']}?sendUpdates=all", single)


def _sharing(world: World) -> None:
    for name, role in (("bob", "read"), ("carol", "delegateWithPrivateEventAccess"), ("dave", "freeBusyRead")):
        _post(world, "alice", "/v1.0/me/calendar/calendarPermissions", {
            "emailAddress": {"address": f"{name}@example.com"}, "role": role,
        })  # fmt: skip
    _post(world, "carol", "/v1.0/users/alice@example.com/events", {
        "subject": "By the delegate", "sensitivity": "private",
        "start": {"dateTime": "2026-12-10T08:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-10T09:00:00", "timeZone": "UTC"}, "attendees": _attendees("bob"),
    })  # fmt: skip


def _answer(world: World, who: str, subject: str, how: str, *, comment: str) -> None:
    found = world.request(who, "GET", f"/v1.0/me/events?$filter=subject eq '{subject}'&$select=id").json["value"]
    for one in found:
        _send(world, who, "POST", f"/v1.0/me/events/{one['id']}/{how}", {"comment": comment})


def _attendees(*names: str) -> list[dict[str, Any]]:
    return [
        {"emailAddress": {"address": f"{name}@example.{'org' if name == 'outside' else 'com'}"},
         "type": "resource" if name == "orion" else "required"}
        for name in names
    ]  # fmt: skip


def _recipients(*names: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": f"{name}@example.com"}} for name in names]


def _post(world: World, who: str, url: str, body: Any) -> Any:
    return _send(world, who, "POST", url, body).json


def _send(world: World, who: str, method: str, url: str, body: Any) -> Any:
    reply = world.request(who, method, url, body)
    assert reply.status < 300, (method, url, reply.status, reply.body)
    return reply


def record(name: str) -> None:
    """Write a data file and what it answers."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        live(world)
        world.reopen()
        asked = list(questions(world))
        found = {"now": world.now, "answers": answers(world, asked)}
        world.close()
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.db.gz").write_bytes(gzip.compress(world.path.read_bytes(), mtime=0))
        (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


if __name__ == "__main__":
    record(sys.argv[1])
