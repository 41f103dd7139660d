"""When people and rooms are free: getSchedule in Graph and Outlook v2.0, freeBusy in Google."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.places import change_room_place
from rsvpd.mail.person import PersonKind
from support.speakers import Google, Microsoft, speakers
from support.world import Reply, World

PROFILES = ("graph", "outlook-v2")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.add("alice", zone="Europe/Berlin")
    for name in ("bob", "carol"):
        world.add(name)
    world.add("orion", zone="Europe/Berlin", kind=PersonKind.ROOM)
    yield world
    world.close()


def microsoft(world: World, name: str = "graph") -> Microsoft:
    said = speakers(world)[name]
    assert isinstance(said, Microsoft)
    return said


@pytest.fixture(params=PROFILES)
def said(request: pytest.FixtureRequest, world: World) -> Microsoft:
    return microsoft(world, request.param)


@pytest.fixture
def google(world: World) -> Google:
    found = speakers(world)["google"]
    assert isinstance(found, Google)
    return found


def ask(said: Microsoft, *names: str, who: str = "bob", headers: dict[str, str] | None = None, **more: Any) -> Reply:
    body = {
        "schedules": [name if "@" in name else f"{name}@example.com" for name in names],
        "startTime": {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-12-01T13:00:00", "timeZone": "UTC"},
        "availabilityViewInterval": 60,
        **more,
    }
    return said.call(who, "POST", "/me/calendar/getSchedule", body, **(headers or {}))


def entries(said: Microsoft, *names: str, **more: Any) -> list[Any]:
    reply = ask(said, *names, **more)
    assert reply.status == 200, reply.body
    found: list[Any] = reply.json["value"]
    return found


def views(said: Microsoft, *names: str, **more: Any) -> list[str]:
    return [said.get(one, "availabilityView") for one in entries(said, *names, **more)]


def busy(google: Google, *names: str, who: str = "bob", **more: Any) -> Reply:
    body = {
        "timeMin": "2026-12-01T00:00:00Z",
        "timeMax": "2026-12-02T00:00:00Z",
        "items": [{"id": name} for name in names],
        **more,
    }
    return google.call(who, "POST", "/freeBusy", body)


def invite(said: Microsoft | Google, at: str, *guests: str, minutes: int = 60, **more: Any) -> str:
    made = said.invite("alice", "Secret plans", at, minutes, "UTC", list(guests), **more)
    assert made.status in (200, 201), made.body
    return said.uid_of(made)


def test_organizer_guest_and_room(said: Microsoft) -> None:
    uid = invite(said, "2026-12-01T10:00:00", "bob", "orion")
    assert views(said, "alice", "bob", "orion", "carol") == ["0200", "0100", "0200", "0000"]
    said.answer("bob", uid, "accepted")
    assert views(said, "bob") == ["0200"]
    said.answer("bob", uid, "declined")
    assert views(said, "bob") == ["0000"]
    said.cancel("alice", uid)
    assert views(said, "alice", "bob", "orion") == ["0000"] * 3


EVERYBODY, NOBODY = "My Organization", "none"


def share(world: World, role: str, *, whom: str | None = None, owner: str = "alice") -> None:
    """Give `whom` (None: everybody here) a role in the owner's calendar."""
    graph = microsoft(world)
    path = "/me/calendar/calendarPermissions"
    if whom is None:
        given = graph.call(owner, "GET", path).json["value"]
        (mine,) = (one["id"] for one in given if one["emailAddress"]["name"] == EVERYBODY)
        assert graph.call(owner, "PATCH", f"{path}/{mine}", {"role": role}).status == 200
    else:
        body = {"emailAddress": {"address": f"{whom}@example.com"}, "role": role}
        assert graph.call(owner, "POST", path, body).status == 201


KINDS: dict[str, dict[str, Any]] = {
    "single": {},
    "series": {
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "noEnd", "startDate": "2026-11-30"},
        },
    },
    "all-day": {"isAllDay": True},
}


def plan(world: World, kind: str, **more: Any) -> Any:
    """Plan something of alice's, with a place, that takes time from ten to eleven or the whole day."""
    graph = microsoft(world)
    day = "2026-11-30" if kind == "series" else "2026-12-01"
    hours = ("00:00", "00:00") if kind == "all-day" else ("10:00", "11:00")
    until = "2026-12-02" if kind == "all-day" else day
    body = {
        "subject": "Secret plans",
        "location": {"displayName": "Attic"},
        "showAs": "busy",
        "start": {"dateTime": f"{day}T{hours[0]}:00", "timeZone": "UTC"},
        "end": {"dateTime": f"{until}T{hours[1]}:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": "carol@example.com"}}],
        **KINDS[kind],
        **more,
    }
    made = graph.call("alice", "POST", "/me/events", body)
    assert made.status == 201, made.body
    return made.json


@pytest.mark.parametrize("kind", KINDS)
def test_rule_06_permission_none_tells_no_times(world: World, said: Microsoft, google: Google, kind: str) -> None:
    plan(world, kind)
    share(world, NOBODY)
    (entry,) = entries(said, "alice")
    assert set(entry) == {said.word("scheduleId"), said.word("error")}
    assert said.get(entry, "error", "responseCode") == "ErrorNoFreeBusyAccess"
    (theirs,) = busy(google, "alice@example.com").json["calendars"].values()
    assert theirs == {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    # Her own times stay hers to see, and those of somebody she gave a role to.
    assert "2" in views(said, "alice", who="alice")[0]
    assert busy(google, "primary", who="alice").json["calendars"]["primary"]["busy"]
    share(world, "freeBusyRead", whom="bob")
    assert "2" in views(said, "alice")[0]
    assert busy(google, "alice@example.com").json["calendars"]["alice@example.com"]["busy"]
    (other,) = entries(said, "alice", who="carol")
    assert said.get(other, "error", "responseCode") == "ErrorNoFreeBusyAccess"


def test_rule_06_permission_none_of_a_room(world: World, said: Microsoft, google: Google) -> None:
    invite(microsoft(world), "2026-12-01T10:00:00", "orion")
    share(world, NOBODY, owner="orion")
    (entry,) = entries(said, "orion")
    assert set(entry) == {said.word("scheduleId"), said.word("error")}
    (theirs,) = busy(google, "orion@example.com").json["calendars"].values()
    assert theirs["busy"] == []


SEEING = ("limitedRead", "read", "write", "delegateWithoutPrivateEventAccess", "delegateWithPrivateEventAccess")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", SEEING)
def test_rule_07_role_in_getschedule(world: World, said: Microsoft, role: str, kind: str) -> None:
    plan(world, kind)
    plan(world, "single", subject="Doctor", sensitivity="private")
    share(world, role, whom="bob")
    found = {said.get(one, "subject"): one for one in said.get(entries(said, "alice")[0], "scheduleItems")}
    graph = microsoft(world)
    window = "startDateTime=2026-12-01T09:00:00Z&endDateTime=2026-12-01T13:00:00Z"
    shown = graph.call("bob", "GET", f"/users/alice@example.com/calendarView?{window}").json["value"]
    assert {(one["subject"], one["location"]["displayName"]) for one in shown} == {
        (subject, said.get(one, "location")) for subject, one in found.items()
    }
    assert said.get(found["Secret plans"], "location") == "Attic"
    sees_all = role == SEEING[-1]
    hidden = found["Doctor" if sees_all else "Private Appointment"]
    assert said.get(hidden, "isPrivate") is True
    assert said.get(hidden, "location") == ("Attic" if sees_all else "")


def test_rule_07_role_in_getschedule_of_everybody(world: World, said: Microsoft) -> None:
    plan(world, "single")
    share(world, "limitedRead")
    (item,) = said.get(entries(said, "alice")[0], "scheduleItems")
    assert said.get(item, "subject") == "Secret plans"
    share(world, "freeBusyRead", whom="bob")  # what one person was given counts more
    (item,) = said.get(entries(said, "alice")[0], "scheduleItems")
    assert set(item) == {said.word(name) for name in ("status", "start", "end")}


def test_rule_07_role_in_getschedule_of_an_occurrence_as_private_as_its_series(world: World, said: Microsoft) -> None:
    graph = microsoft(world)
    made = plan(world, "series")
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
    (one,) = graph.call("alice", "GET", f"/me/events/{made['id']}/instances?{window}").json["value"]
    assert graph.call("alice", "PATCH", f"/me/events/{one['id']}", {"subject": "Secret party"}).status == 200
    assert graph.call("alice", "PATCH", f"/me/events/{made['id']}", {"sensitivity": "private"}).status == 200
    share(world, "read", whom="bob")
    (item,) = said.get(entries(said, "alice")[0], "scheduleItems")
    assert (said.get(item, "subject"), said.get(item, "isPrivate")) == ("Private Appointment", True)
    theirs = said.call("bob", "GET", f"/users/alice@example.com/events/{one['id']}")
    assert b"Secret" not in theirs.body
    assert said.get(theirs.json, "subject") == "Private Appointment"


def test_times_for_all_words_for_the_owner(said: Microsoft) -> None:
    invite(said, "2026-12-01T10:00:00", "carol", sensitivity="private", location={"displayName": "Attic"})
    (theirs,) = said.get(entries(said, "alice")[0], "scheduleItems")
    assert set(theirs) == {said.word(name) for name in ("status", "start", "end")}
    assert said.get(theirs, "status") == said.word("busy")
    assert said.get(theirs, "start") == {
        said.word("dateTime"): "2026-12-01T10:00:00.0000000", said.word("timeZone"): "UTC"
    }  # fmt: skip
    (own,) = said.get(entries(said, "alice", who="alice")[0], "scheduleItems")
    assert (said.get(own, "subject"), said.get(own, "location")) == ("Secret plans", "Attic")
    assert said.get(own, "isPrivate") is True


def test_the_answer_as_a_whole(world: World) -> None:
    graph = microsoft(world)
    reply = ask(graph, "orion", headers={"prefer": 'outlook.timezone="W. Europe Standard Time"'})
    context = "http://rsvpd.test/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)"
    assert reply.json["@odata.context"] == context
    (entry,) = reply.json["value"]
    assert entry["workingHours"]["timeZone"]["name"] == "W. Europe Standard Time"
    assert entry["scheduleItems"] == []
    invite(graph, "2026-12-01T10:00:00", "orion")
    (entry,) = entries(graph, "orion", headers={"prefer": 'outlook.timezone="W. Europe Standard Time"'})
    assert entry["scheduleItems"][0]["start"]["dateTime"].startswith("2026-12-01T11:00")


def test_somebody_unknown_gets_an_error_of_the_own(said: Microsoft) -> None:
    nobody, bob = entries(said, "nobody@example.org", "bob")
    assert set(nobody) == {said.word("scheduleId"), said.word("error")}
    assert said.get(nobody, "error", "responseCode") == "5009"
    assert "nobody@example.org" in said.get(nobody, "error", "message")
    assert said.get(bob, "availabilityView") == "0000"


def test_a_series_and_a_day_off(world: World) -> None:
    graph = microsoft(world)
    weekly = {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "noEnd", "startDate": "2026-11-24"},
    }
    invite(graph, "2026-11-24T11:00:00", "bob", recurrence=weekly)
    assert views(graph, "alice", "bob") == ["0020", "0010"]
    day = {
        "subject": "Off",
        "isAllDay": True,
        "showAs": "oof",
        "start": {"dateTime": "2026-12-01T00:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-02T00:00:00", "timeZone": "UTC"},
    }
    assert graph.call("bob", "POST", "/me/events", day).status == 201
    assert views(graph, "bob") == ["3333"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"schedules": []}, "ErrorInvalidParameter"),
        ({"schedules": None}, "ErrorInvalidParameter"),
        ({"schedules": "bob@example.com"}, "ErrorPropertyValidationFailure"),
        ({"schedules": ["a@example.com"] * 101}, "ErrorPropertyValidationFailure"),
        ({"startTime": None}, "ErrorInvalidParameter"),
        ({"endTime": {"dateTime": "2026-12-01T09:00:00"}}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ({"endTime": {"dateTime": "2027-02-01T09:00:01"}}, "ErrorTimeIntervalTooBig"),
        ({"endTime": {"dateTime": "2026-12-01T12:00:00", "timeZone": "Mars"}}, "TimeZoneNotSupportedException"),
        ({"availabilityViewInterval": 4}, "ErrorPropertyValidationFailure"),
        ({"availabilityViewInterval": 1441}, "ErrorPropertyValidationFailure"),
        ({"availabilityViewInterval": "soon"}, "ErrorPropertyValidationFailure"),
    ],
)
def test_what_cannot_be_asked(world: World, more: dict[str, Any], code: str) -> None:
    reply = ask(microsoft(world), "bob", **more)
    assert reply.status == 400
    assert reply.json["error"]["code"] == code
    assert reply.json["error"]["message"]


def test_the_longest_window_and_the_default_step(world: World) -> None:
    graph = microsoft(world)
    end = {"dateTime": "2027-02-01T09:00:00", "timeZone": "UTC"}
    (view,) = views(graph, "bob", endTime=end, availabilityViewInterval=None)
    assert len(view) == 62 * 48
    assert ask(graph, "bob", availabilityViewInterval="30").status == 200


def test_outlook_v1_never_had_it(world: World) -> None:
    assert ask(microsoft(world, "outlook-v1"), "bob").status == 400


def test_google_merges_what_is_taken(google: Google) -> None:
    invite(google, "2026-12-01T10:00:00", "bob", "orion")
    invite(google, "2026-12-01T11:00:00", "bob")
    uid = invite(google, "2026-12-01T14:00:00", "bob")
    google.answer("bob", uid, "declined")
    reply = busy(google, "primary", "orion@example.com", "nobody@example.org", timeZone="Europe/Berlin")
    assert reply.status == 200, reply.body
    assert reply.json == {
        "kind": "calendar#freeBusy",
        "timeMin": "2026-12-01T00:00:00.000Z",
        "timeMax": "2026-12-02T00:00:00.000Z",
        "calendars": {
            "primary": {"busy": [{"start": "2026-12-01T11:00:00+01:00", "end": "2026-12-01T13:00:00+01:00"}]},
            "orion@example.com": {
                "busy": [{"start": "2026-12-01T11:00:00+01:00", "end": "2026-12-01T12:00:00+01:00"}]
            },
            "nobody@example.org": {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []},
        },
    }


def test_google_leaves_out_what_is_transparent_and_cuts_at_the_window(google: Google) -> None:
    invite(google, "2026-12-01T10:00:00", transparency="transparent")
    invite(google, "2026-11-30T23:00:00", minutes=120)
    reply = busy(google, "alice@example.com")
    times = [{"start": "2026-12-01T00:00:00Z", "end": "2026-12-01T01:00:00Z"}]
    assert reply.json["calendars"] == {"alice@example.com": {"busy": times}}


def test_google_counts_calendars(google: Google) -> None:
    names = ["primary", *(f"a{n}@example.org" for n in range(50))]
    found = busy(google, *names).json["calendars"]
    assert len(found) == 51
    assert found["a49@example.org"]["errors"][0]["reason"] == "tooManyCalendarsRequested"
    assert found["a48@example.org"]["errors"][0]["reason"] == "notFound"
    assert busy(google).json["calendars"] == {}


LIST = "building1@example.com"


@pytest.fixture
def listed(world: World, google: Google) -> Google:
    """Return who asks of a list of the rooms orion, which is taken, and vega."""
    world.add("vega", kind=PersonKind.ROOM)
    for name in ("orion", "vega"):
        world.store.run(change_room_place, world.people[name], {}, [LIST])
    invite(google, "2026-12-01T10:00:00", "orion")
    return google


TAKEN = {"busy": [{"start": "2026-12-01T10:00:00Z", "end": "2026-12-01T11:00:00Z"}]}
ROOMS = ["orion@example.com", "vega@example.com"]


def test_google_takes_a_list_of_rooms_for_a_group(listed: Google) -> None:
    found = busy(listed, LIST, "vega@example.com", "bob@example.com").json
    assert found["groups"] == {LIST: {"calendars": ROOMS}}
    assert found["calendars"] == {ROOMS[0]: TAKEN, ROOMS[1]: {"busy": []}, "bob@example.com": {"busy": []}}
    assert "groups" not in busy(listed, "bob@example.com").json


def test_google_refuses_a_group_that_is_too_big_and_calendars_that_are_too_many(listed: Google) -> None:
    found = busy(listed, LIST, "bob@example.com", groupExpansionMax=1).json
    assert found["groups"] == {LIST: {"errors": [{"domain": "global", "reason": "groupTooBig"}], "calendars": []}}
    assert list(found["calendars"]) == ["bob@example.com"]
    found = busy(listed, LIST, calendarExpansionMax=1).json
    assert found["groups"] == {LIST: {"calendars": ROOMS}}
    assert found["calendars"][ROOMS[0]] == TAKEN
    assert found["calendars"][ROOMS[1]]["errors"] == [{"domain": "global", "reason": "tooManyCalendarsRequested"}]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMax": "tomorrow"}, "badRequest"),
        ({"timeMax": 5}, "invalid"),
        ({"timeMax": "2026-12-01T00:00:00Z"}, "timeRangeEmpty"),
        ({"timeMax": "2027-03-01T00:00:01Z"}, "timeRangeTooLong"),
        ({"timeZone": "Mars"}, "invalid"),
        ({"timeZone": 1}, "invalid"),
        ({"items": "bob"}, "invalid"),
        ({"items": [{}]}, "required"),
        ({"calendarExpansionMax": 51}, "invalid"),
        ({"groupExpansionMax": 0}, "invalid"),
    ],
)
def test_what_google_cannot_be_asked(google: Google, more: dict[str, Any], reason: str) -> None:
    reply = busy(google, "primary", **more)
    assert reply.status == 400
    assert reply.json["error"]["errors"][0]["reason"] == reason
