"""Second calendars of a person in Google Calendar: made, changed, shared, listed, emptied; events that move there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands import calendars
from rsvpd.commands.checks import faults_of
from rsvpd.identity.clients import LOCAL_CLIENT
from support.world import Reply, World, lend_world

ROOT, LIST = "/calendar/v3", "/users/me/calendarList"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}
}  # fmt: skip
LUNCH = {"summary": "Lunch", **TIMES}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from lend_world(tmp_path, "alice", "bob")


def ask(world: World, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    return world.request(who, method, f"{ROOT}{path}", body, headers=headers or None)


def answered(world: World, who: str, method: str, path: str, body: Any = None) -> Any:
    reply = ask(world, who, method, path, body)
    assert reply.status in (200, 204), reply.body
    return reply.json if reply.body else None


def refused(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["errors"][0]["reason"]


def make(world: World, summary: str = "Rowing", who: str = "bob", **more: Any) -> str:
    return str(answered(world, who, "POST", "/calendars", {"summary": summary, **more})["id"])


def titles(world: World, calendar: str, who: str = "bob", query: str = "") -> list[str]:
    items = answered(world, who, "GET", f"/calendars/{calendar}/events?{query}")["items"]
    return [one.get("summary", one["status"]) for one in items]


def test_a_second_calendar_is_made_read_changed_and_deleted(world: World) -> None:
    made = answered(world, "bob", "POST", "/calendars", {"summary": "Rowing", "timeZone": "Europe/Zurich"})
    assert made["id"].endswith("@group.calendar.google.com")
    assert (made["summary"], made["timeZone"], made["dataOwner"]) == ("Rowing", "Europe/Zurich", "bob@example.com")
    at = f"/calendars/{made['id']}"
    assert answered(world, "bob", "GET", at) == made
    changed = answered(world, "bob", "PATCH", at, {"description": "Eights", "location": "Lake"})
    assert (changed["summary"], changed["description"], changed["location"]) == ("Rowing", "Eights", "Lake")
    cleared = answered(world, "bob", "PUT", at, {"summary": "Boats"})
    assert (cleared["summary"], cleared["timeZone"]) == ("Boats", "Europe/Zurich")
    assert not {"description", "location"} & set(cleared)
    assert [one["summary"] for one in answered(world, "bob", "GET", LIST)["items"]] == ["bob@example.com", "Boats"]
    assert ask(world, "bob", "DELETE", at).status == 204
    assert refused(ask(world, "bob", "GET", at)) == (404, "notFound")
    assert len(answered(world, "bob", "GET", LIST)["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("POST", "/calendars", {}, (400, "required")),
        ("POST", "/calendars", {"summary": "   "}, (400, "invalid")),
        ("POST", "/calendars", {"summary": "x" * 256}, (400, "invalid")),
        ("POST", "/calendars", {"summary": 5}, (400, "invalid")),
        ("POST", "/calendars", {"summary": "A", "timeZone": "Mars/Olympus"}, (400, "invalid")),
        ("PUT", "/calendars/{second}", {"description": "A"}, (400, "required")),
        ("DELETE", "/calendars/primary", None, (403, "forbidden")),
        ("POST", "/calendars/{second}/clear", None, (400, "invalid")),
        ("POST", LIST, {}, (400, "required")),
        ("POST", LIST, {"id": "nobody@example.com"}, (404, "notFound")),
        ("POST", LIST, {"id": "no address"}, (404, "notFound")),
        ("PATCH", f"{LIST}/{{second}}", {"colorId": "99"}, (400, "invalid")),
        ("PATCH", f"{LIST}/{{second}}?colorRgbFormat=true", {"backgroundColor": "red"}, (400, "invalid")),
        ("PATCH", f"{LIST}/{{second}}", {"defaultReminders": [{"method": "fax"}]}, (400, "invalid")),
        ("PATCH", f"{LIST}/{{second}}", {"notificationSettings": {"notifications": [{"type": "x"}]}}, (400, "invalid")),
        ("DELETE", f"{LIST}/primary", None, (403, "forbidden")),
        ("GET", "/calendars/c_00@group.calendar.google.com/events", None, (404, "notFound")),
    ],
)  # fmt: skip
def test_what_is_refused(world: World, method: str, path: str, body: Any, wrong: tuple[int, str]) -> None:
    second = make(world)
    assert refused(ask(world, "bob", method, path.replace("{second}", second), body)) == wrong


def test_somebody_elses_calendar_is_not_there_unless_it_is_shared(world: World) -> None:
    second = make(world)
    for path in ("", "/events", "/acl"):
        assert refused(ask(world, "alice", "GET", f"/calendars/{second}{path}")) == (404, "notFound")
    answered(world, "bob", "POST", f"/calendars/{second}/acl",
             {"role": "writer", "scope": {"type": "user", "value": "alice@example.com"}})  # fmt: skip
    assert [one["id"] for one in answered(world, "alice", "GET", LIST)["items"]][1:] == [second]
    assert refused(ask(world, "alice", "GET", "/calendars/bob@example.com/events")) == (404, "notFound")
    made = answered(world, "alice", "POST", f"/calendars/{second}/events", LUNCH)
    assert made["organizer"] == {"email": second, "displayName": "Rowing", "self": True}
    assert titles(world, second) == ["Lunch"]
    for method, body in (("PATCH", {"summary": "Mine"}), ("DELETE", None)):
        assert ask(world, "alice", method, f"/calendars/{second}", body).status == 403
    answered(world, "bob", "DELETE", f"/calendars/{second}/acl/user:alice@example.com")
    assert len(answered(world, "alice", "GET", LIST)["items"]) == 1
    assert refused(ask(world, "alice", "GET", f"/calendars/{second}/events")) == (404, "notFound")


def test_an_event_stands_in_one_calendar(world: World) -> None:
    second = make(world)
    made = answered(world, "bob", "POST", f"/calendars/{second}/events", LUNCH)
    assert made["organizer"] == {"email": second, "displayName": "Rowing", "self": True}
    assert made["creator"] == {"email": "bob@example.com", "displayName": "Bob"}
    assert (titles(world, second), titles(world, "primary")) == (["Lunch"], [])
    assert titles(world, second, query="singleEvents=true&timeMin=2026-12-01T00:00:00Z") == ["Lunch"]
    assert refused(ask(world, "bob", "GET", f"/calendars/primary/events/{made['id']}")) == (404, "notFound")
    for method, body in (("PATCH", {"summary": "Tea"}), ("DELETE", None)):
        assert ask(world, "bob", method, f"/calendars/primary/events/{made['id']}", body).status == 404
    assert answered(world, "bob", "PATCH", f"/calendars/{second}/events/{made['id']}", {"summary": "Tea"})
    assert ask(world, "bob", "DELETE", f"/calendars/{second}/events/{made['id']}").status == 204
    assert titles(world, second) == []


def test_days_and_times_are_those_of_the_calendars_zone(world: World) -> None:
    second = make(world, timeZone="Pacific/Auckland")
    at = f"/calendars/{second}/events"
    assert answered(world, "bob", "POST", at, LUNCH)["start"]["dateTime"] == "2026-12-01T23:00:00+13:00"
    day = {"summary": "Day", "start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    answered(world, "bob", "POST", at, day)
    before = "singleEvents=true&timeMin=2026-11-30T10:00:00Z&timeMax=2026-11-30T12:00:00Z"
    assert titles(world, second, query=before) == ["Day"]  # in Auckland that day begins at 11:00Z
    listed = answered(world, "bob", "GET", f"{at}?{before}")
    assert (listed["timeZone"], listed["summary"]) == ("Pacific/Auckland", "Rowing")


def test_the_zone_of_a_primary_calendar_is_its_owners(world: World) -> None:
    changed = answered(world, "bob", "PATCH", "/calendars/primary", {"timeZone": "Europe/Zurich", "summary": "Bob's"})
    assert (changed["timeZone"], changed["summary"]) == ("Europe/Zurich", "Bob's")
    assert answered(world, "bob", "GET", "/users/me/settings/timezone")["value"] == "Europe/Zurich"
    outlook = world.request("bob", "GET", "/v1.0/me/mailboxSettings/timeZone").json["value"]
    assert outlook == "W. Europe Standard Time"
    assert world.request("bob", "GET", "/v1.0/me/calendar").json["name"] == "Bob's"


def test_guests_are_invited_from_a_second_calendar_and_answer(world: World) -> None:
    second = make(world)
    body = {**LUNCH, "attendees": [{"email": "alice@example.com"}]}
    made = answered(world, "bob", "POST", f"/calendars/{second}/events?sendUpdates=all", body)
    assert [one["email"] for one in made["attendees"]] == ["alice@example.com"]
    at = f"/calendars/primary/events/{made['id']}"
    seen = answered(world, "alice", "GET", at)
    assert seen["organizer"]["email"] == "bob@example.com"
    accepted = {"attendees": [{"email": "alice@example.com", "responseStatus": "accepted"}]}
    answered(world, "alice", "PATCH", f"{at}?sendUpdates=all", accepted)
    tracked = answered(world, "bob", "GET", f"/calendars/{second}/events/{made['id']}")
    assert [one["responseStatus"] for one in tracked["attendees"]] == ["accepted"]


def test_with_a_calendar_its_meetings_are_called_off(world: World) -> None:
    second = make(world)
    body = {**LUNCH, "attendees": [{"email": "alice@example.com"}]}
    many = [answered(world, "bob", "POST", f"/calendars/{second}/events", body)["id"] for _ in range(3)]
    assert titles(world, "primary", "alice") == ["Lunch"] * 3
    assert ask(world, "bob", "DELETE", f"/calendars/{second}?sendUpdates=all").status == 204
    assert titles(world, "primary", "alice") == []
    for one in many:
        found = answered(world, "alice", "GET", f"/calendars/primary/events/{one}")
        assert found["status"] == "cancelled"


def test_a_primary_calendar_is_cleared(world: World) -> None:
    second = make(world)
    answered(world, "bob", "POST", f"/calendars/{second}/events", LUNCH)
    for number in range(3):
        answered(world, "bob", "POST", "/calendars/primary/events", {**LUNCH, "summary": str(number)})
    invited = {**LUNCH, "attendees": [{"email": "bob@example.com"}]}
    made = answered(world, "alice", "POST", "/calendars/primary/events?sendUpdates=all", invited)
    assert ask(world, "bob", "POST", "/calendars/primary/clear").status == 204
    assert (titles(world, "primary"), titles(world, second)) == ([], ["Lunch"])
    seen = answered(world, "alice", "GET", f"/calendars/primary/events/{made['id']}")
    assert [one["responseStatus"] for one in seen["attendees"] if not one.get("organizer")] == ["declined"]


def test_a_large_calendar_is_gone_at_once_and_emptied_by_slices(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "_SLICE", 2)
    second = make(world)
    meeting = {**LUNCH, "attendees": [{"email": "alice@example.com"}]}
    made = [answered(world, "bob", "POST", f"/calendars/{second}/events", meeting)["id"] for _ in range(5)]
    assert ask(world, "bob", "DELETE", f"/calendars/{second}").status == 204
    assert refused(ask(world, "bob", "GET", f"/calendars/{second}")) == (404, "notFound")
    number = world.people["bob"].number
    assert len(titles(world, "primary", "alice")) == 4
    while world.store.run(calendars.empty_next):
        assert world.store.run(faults_of, number) == []
    assert titles(world, "primary", "alice") == []
    later = answered(world, "bob", "GET", "/calendars/primary/events?showDeleted=true")["items"]
    assert not {one["id"] for one in later} & set(made)


def test_what_comes_after_a_calendar_was_cleared_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "_SLICE", 1)
    for _ in range(3):
        answered(world, "bob", "POST", "/calendars/primary/events", LUNCH)
    assert ask(world, "bob", "POST", "/calendars/primary/clear").status == 204
    answered(world, "bob", "POST", "/calendars/primary/events", {**LUNCH, "summary": "Tea"})
    while world.store.run(calendars.empty_next):
        pass
    assert titles(world, "primary") == ["Tea"]


def test_an_event_moves_to_another_calendar_and_keeps_its_id(world: World) -> None:
    second = make(world)
    weekly = {**LUNCH, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}
    weekly |= {name: {**at, "timeZone": "UTC"} for name, at in TIMES.items()}
    made = answered(world, "bob", "POST", "/calendars/primary/events", weekly)
    at = f"/calendars/primary/events/{made['id']}"
    instance = answered(world, "bob", "GET", f"{at}/instances")["items"][1]["id"]
    answered(world, "bob", "PATCH", f"/calendars/primary/events/{instance}", {"summary": "Late lunch"})
    where = f"destination={second}"
    assert refused(ask(world, "bob", "POST", f"{at}/move")) == (400, "required")
    wrong = ask(world, "bob", "POST", f"/calendars/primary/events/{instance}/move?{where}")
    assert refused(wrong) == (400, "cannotChangeOrganizerOfInstance")
    nowhere = "destination=c_00@group.calendar.google.com"
    assert refused(ask(world, "bob", "POST", f"{at}/move?{nowhere}")) == (404, "notFound")
    moved = answered(world, "bob", "POST", f"{at}/move?{where}")
    assert (moved["id"], moved["organizer"]["email"]) == (made["id"], second)
    assert titles(world, second) == ["Lunch", "Late lunch"]
    assert titles(world, "primary") == []
    assert ask(world, "bob", "GET", at).status == 404
    back = answered(world, "bob", "POST", f"/calendars/{second}/events/{made['id']}/move?destination=primary")
    assert back["organizer"] == {"email": "bob@example.com", "displayName": "Bob", "self": True}
    assert answered(world, "bob", "POST", f"{at}/move?destination=primary")["id"] == made["id"]


def test_a_guest_does_not_move_the_organizers_event(world: World) -> None:
    second = make(world)
    body = {**LUNCH, "attendees": [{"email": "bob@example.com"}]}
    made = answered(world, "alice", "POST", "/calendars/primary/events?sendUpdates=all", body)
    path = f"/calendars/primary/events/{made['id']}/move?destination={second}"
    assert refused(ask(world, "bob", "POST", path)) == (403, "forbiddenForNonOrganizer")


def test_an_event_does_not_move_to_another_person(world: World) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": "bob@example.com"}}
    answered(world, "alice", "POST", "/calendars/primary/acl", rule)
    made = answered(world, "bob", "POST", "/calendars/primary/events", LUNCH)
    path = f"/calendars/primary/events/{made['id']}/move?destination=alice@example.com"
    assert ask(world, "bob", "POST", path).status == 501


def test_free_busy_is_of_the_calendar_that_is_asked_for(world: World) -> None:
    second = make(world)
    answered(world, "bob", "POST", f"/calendars/{second}/events", LUNCH)
    body = {
        "timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-02T00:00:00Z",
        "items": [{"id": second}, {"id": "primary"}],
    }  # fmt: skip
    calendars = answered(world, "bob", "POST", "/freeBusy", body)["calendars"]
    busy = [{"start": "2026-12-01T10:00:00Z", "end": "2026-12-01T11:00:00Z"}]
    assert (calendars[second]["busy"], calendars["primary"]["busy"]) == (busy, [])
    theirs = answered(world, "alice", "POST", "/freeBusy", body)["calendars"][second]
    assert theirs["errors"][0]["reason"] == "notFound"


def test_how_a_calendar_stands_in_the_own_list(world: World) -> None:
    second = make(world)
    at = f"{LIST}/{second}"
    written = {"summaryOverride": "Boats", "colorId": "3", "selected": False}
    entry = answered(world, "bob", "PATCH", at, written)
    assert (entry["summary"], entry["summaryOverride"]) == ("Rowing", "Boats")
    assert (entry["colorId"], entry["backgroundColor"], entry.get("selected")) == ("3", "#f83a22", None)
    rgb = {"backgroundColor": "#FA573D", "foregroundColor": "#ffffff"}
    entry = answered(world, "bob", "PATCH", f"{at}?colorRgbFormat=true", rgb)
    assert (entry["backgroundColor"], entry["foregroundColor"], entry["colorId"]) == ("#fa573d", "#ffffff", "4")
    kept = answered(world, "bob", "PATCH", at, rgb | {"backgroundColor": "#000000"})
    assert kept["backgroundColor"] == "#fa573d"
    again = answered(world, "bob", "PUT", at, {"colorId": "5"})
    assert (again["backgroundColor"], again.get("summaryOverride")) == ("#ff7537", None)
    etag = answered(world, "bob", "GET", at)["etag"]
    assert ask(world, "bob", "PATCH", at, {"hidden": True}, **{"if-match": '"1"'}).status == 412
    assert ask(world, "bob", "PATCH", at, {"hidden": True}, **{"if-match": etag}).status == 200
    assert len(answered(world, "bob", "GET", LIST)["items"]) == 1
    assert answered(world, "bob", "GET", f"{LIST}?showHidden=true")["items"][1]["hidden"] is True


def test_off_the_list_and_back(world: World) -> None:
    second = make(world)
    assert ask(world, "bob", "DELETE", f"{LIST}/{second}").status == 204
    assert len(answered(world, "bob", "GET", LIST)["items"]) == 1
    assert answered(world, "bob", "GET", f"{LIST}?showDeleted=true")["items"][1]["deleted"] is True
    assert refused(ask(world, "bob", "GET", f"{LIST}/{second}")) == (404, "notFound")
    assert titles(world, second) == []
    entry = answered(world, "bob", "POST", LIST, {"id": second, "colorId": "2"})
    assert (entry["id"], entry["colorId"], entry.get("deleted")) == (second, "2", None)
    assert len(answered(world, "bob", "GET", LIST)["items"]) == 2


def test_reminders_by_default_are_those_of_the_calendar(world: World) -> None:
    second = make(world)
    early = [{"method": "popup", "minutes": 40}]
    entry = answered(world, "bob", "PATCH", f"{LIST}/{second}", {"defaultReminders": early})
    assert entry["defaultReminders"] == early
    made = answered(world, "bob", "POST", f"/calendars/{second}/events", {**LUNCH, "reminders": {"useDefault": True}})
    assert made["reminders"] == {"useDefault": True}
    kept = answered(world, "bob", "GET", f"/calendars/{second}/events")["items"][0]
    assert kept["reminders"] == {"useDefault": True}
    none = make(world, "Choir")
    made = answered(world, "bob", "POST", f"/calendars/{none}/events", LUNCH)
    assert made["reminders"] == {"useDefault": True}


def test_keeping_in_step_with_each_calendar(world: World) -> None:
    second = make(world)
    tokens = {
        one: answered(world, "bob", "GET", f"/calendars/{one}/events")["nextSyncToken"] for one in (second, "primary")
    }

    def changes(calendar: str) -> list[tuple[str, str]]:
        listed = answered(world, "bob", "GET", f"/calendars/{calendar}/events?syncToken={tokens[calendar]}")
        tokens[calendar] = listed["nextSyncToken"]
        return [(one["id"], one["status"]) for one in listed["items"]]

    made = answered(world, "bob", "POST", "/calendars/primary/events", LUNCH)["id"]
    assert (changes("primary"), changes(second)) == ([(made, "confirmed")], [])
    answered(world, "bob", "POST", f"/calendars/primary/events/{made}/move?destination={second}")
    assert (changes("primary"), changes(second)) == ([(made, "cancelled")], [(made, "confirmed")])
    answered(world, "bob", "PATCH", f"/calendars/{second}/events/{made}", {"summary": "Tea"})
    assert (changes("primary"), changes(second)) == ([], [(made, "confirmed")])
    stolen = ask(world, "bob", "GET", f"/calendars/primary/events?syncToken={tokens[second]}")
    assert refused(stolen) == (410, "fullSyncRequired")


def test_the_list_keeps_in_step(world: World) -> None:
    token = answered(world, "bob", "GET", LIST)["nextSyncToken"]

    def changed() -> list[tuple[str, Any]]:
        nonlocal token
        listed = answered(world, "bob", "GET", f"{LIST}?syncToken={token}")
        token = listed["nextSyncToken"]
        return [(one["id"], one.get("deleted") or one.get("hidden") or one.get("summaryOverride"))
                for one in listed["items"]]  # fmt: skip

    second = make(world)
    assert changed() == [(second, None)]
    answered(world, "bob", "PATCH", f"/calendars/{second}", {"summary": "Boats"})
    assert changed() == []  # of an entry that cannot be written
    answered(world, "bob", "PATCH", f"{LIST}/{second}", {"summaryOverride": "Eights"})
    assert changed() == [(second, "Eights")]
    answered(world, "bob", "PATCH", f"{LIST}/{second}", {"hidden": True})
    assert changed() == [(second, True)]
    answered(world, "bob", "DELETE", f"{LIST}/{second}")
    assert changed() == [(second, True)]
    assert changed() == []


def test_scopes_of_what_is_the_persons_own_and_what_an_application_made(world: World) -> None:
    def allowed(who: str, scope: str, method: str, path: str, body: Any = None, app: str = LOCAL_CLIENT) -> Reply:
        scopes = (f"https://www.googleapis.com/auth/{scope}",)
        token = world.tokens.issue(world.people[who], now=world.now, scopes=scopes, app_id=app)
        return world.request(None, method, f"{ROOT}{path}", body, headers={"authorization": f"Bearer {token}"})

    def status(who: str, scope: str, calendar: str, app: str = LOCAL_CLIENT) -> int:
        return allowed(who, scope, "GET", f"/calendars/{calendar}/events", app=app).status

    second = allowed("bob", "calendar.app.created", "POST", "/calendars", {"summary": "Rowing"}).json["id"]
    answered(world, "bob", "POST", f"/calendars/{second}/acl",
             {"role": "reader", "scope": {"type": "user", "value": "alice@example.com"}})  # fmt: skip
    for scope in ("calendar.events.owned", "calendar.app.created"):
        assert status("bob", scope, second) == 200
        assert status("alice", scope, second) == 403
    assert status("bob", "calendar.events.owned", "primary") == 200
    assert status("bob", "calendar.app.created", "primary") == 403
    assert status("bob", "calendar.app.created", second, "another") == 403
