"""Online meetings: made once, seen by everybody who is invited, the same in Graph and in Google Calendar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.world import Reply, World

EVENTS = "/v1.0/me/events"
GOOGLE = "/calendar/v3/calendars/primary/events"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
WITH_BOB = {"attendees": [{"emailAddress": {"address": "bob@example.com"}, "type": "required"}]}
HI = {"contentType": "text", "content": "Hi"}
ONLINE = {"subject": "Call", **TIMES, **WITH_BOB, "isOnlineMeeting": True, "body": HI}
ASKED = {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
GUESTS = {"attendees": [{"email": "bob@example.com"}]}
OTHERS = {
    "conferenceSolution": {"key": {"type": "addOn"}, "name": "Ours", "iconUri": "https://example.com/i.png"},
    "entryPoints": [
        {"entryPointType": "video", "uri": "https://example.com/join", "label": "example.com/join", "passcode": "1"},
        {"entryPointType": "phone", "uri": "tel:+1-202-555-0100", "regionCode": "US", "pin": "7"},
    ],
    "conferenceId": "x1", "notes": "Bring tea", "parameters": {"addOnParameters": {"parameters": {"a": "b"}}},
}  # fmt: skip

NO_MEET = (400, "Invalid conference type value.")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World(tmp_path)) as made:
        made.add("tess", online="teamsForBusiness")
        made.add("sam", online="skypeForBusiness")
        made.add("bob")
        yield made


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Reply:
    return world.request(who, method, path, body)


def bobs_google(world: World) -> Any:
    return ask(world, "bob", "GET", GOOGLE).json["items"][0]


def bobs_graph(world: World) -> Any:
    return ask(world, "bob", "GET", EVENTS).json["value"][0]


def test_a_provider_makes_an_online_meeting_that_everybody_joins(world: World) -> None:
    made = ask(world, "tess", "POST", EVENTS, ONLINE).json
    url = made["onlineMeeting"]["joinUrl"]
    assert (made["isOnlineMeeting"], made["onlineMeetingProvider"]) == (True, "teamsForBusiness")
    assert url.startswith("https://teams.microsoft.com/l/meetup-join/19%3Ameeting_")
    assert made["onlineMeetingUrl"] is None
    assert [one in made["body"]["content"] for one in (url, "Hi")] == [True, True]
    theirs = bobs_graph(world)
    assert (theirs["onlineMeeting"], theirs["onlineMeetingProvider"]) == (made["onlineMeeting"], "teamsForBusiness")
    seen = bobs_google(world)
    assert seen["conferenceData"]["entryPoints"][0]["uri"] == url
    assert seen["conferenceData"]["conferenceSolution"]["key"] == {"type": "addOn"}
    assert "hangoutLink" not in seen


def test_it_is_made_once_and_stays(world: World) -> None:
    made = ask(world, "tess", "POST", EVENTS, {**TIMES, "subject": "Call"}).json
    assert (made["isOnlineMeeting"], made["onlineMeeting"], made["onlineMeetingProvider"]) == (False, None, "unknown")
    path = f"{EVENTS}/{made['id']}"
    online = ask(world, "tess", "PATCH", path, {"onlineMeetingProvider": "teamsForBusiness"}).json
    assert online["isOnlineMeeting"] is True
    assert online["onlineMeeting"]["joinUrl"] in online["body"]["content"]
    skype = {"onlineMeetingProvider": "skypeForBusiness"}
    for change in ({"isOnlineMeeting": False}, skype, {"isOnlineMeeting": True}):
        assert ask(world, "tess", "PATCH", path, change).json["onlineMeeting"] == online["onlineMeeting"]


def test_a_body_without_how_to_join_ends_it(world: World) -> None:
    made = ask(world, "tess", "POST", EVENTS, ONLINE).json
    path, html = f"{EVENTS}/{made['id']}", made["body"]["content"].replace("Hi", "Hello")
    kept = ask(world, "tess", "PATCH", path, {"body": {"contentType": "html", "content": html}}).json
    assert kept["onlineMeeting"] == made["onlineMeeting"]
    ended = ask(world, "tess", "PATCH", path, {"body": {"contentType": "html", "content": "<p>none</p>"}}).json
    assert (ended["isOnlineMeeting"], bobs_graph(world)["isOnlineMeeting"]) == (False, False)


def test_a_mailbox_has_its_own_provider_alone(world: World) -> None:
    made = ask(world, "sam", "POST", EVENTS, ONLINE).json
    assert made["onlineMeetingUrl"] == made["onlineMeeting"]["joinUrl"]
    other = ask(world, "sam", "POST", EVENTS, {**ONLINE, "onlineMeetingProvider": "teamsForBusiness"})
    assert other.json["isOnlineMeeting"] is False
    assert "isOnlineMeeting" in other.hint
    calendar = ask(world, "sam", "GET", "/v1.0/me/calendar").json
    assert calendar["allowedOnlineMeetingProviders"] == ["skypeForBusiness"]
    assert calendar["defaultOnlineMeetingProvider"] == "skypeForBusiness"
    ask(world, "sam", "POST", "/calendar/v3/calendars", {"summary": "Second"})
    _, second = ask(world, "sam", "GET", "/v1.0/me/calendars").json["value"]
    assert second["allowedOnlineMeetingProviders"] == ["skypeForBusiness"]
    assert ask(world, "bob", "GET", "/v1.0/me/calendar").json["allowedOnlineMeetingProviders"] == []


def test_outlook_v2_has_it_and_v1_has_not(world: World) -> None:
    ask(world, "tess", "POST", EVENTS, ONLINE)
    (v2,) = ask(world, "tess", "GET", "/api/v2.0/me/events").json["value"]
    assert (v2["IsOnlineMeeting"], v2["OnlineMeetingProvider"]) == (True, "TeamsForBusiness")
    assert v2["OnlineMeeting"]["JoinUrl"]
    (v1,) = ask(world, "tess", "GET", "/api/v1.0/me/events").json["value"]
    assert not [name for name in v1 if "Online" in name]


def test_google_makes_one_of_its_own(world: World) -> None:
    body = {**TIMES, **GUESTS, "conferenceData": ASKED}
    without = ask(world, "tess", "POST", GOOGLE, body).json
    assert not {"conferenceData", "hangoutLink"} & {*without}
    made = ask(world, "tess", "POST", f"{GOOGLE}?conferenceDataVersion=1", body).json
    data = made["conferenceData"]
    assert data["createRequest"]["status"] == {"statusCode": "success"}
    assert data["entryPoints"][0]["uri"] == made["hangoutLink"] == f"https://meet.google.com/{data['conferenceId']}"
    seen = ask(world, "bob", "GET", f"{GOOGLE}/{made['id']}").json
    assert (seen["conferenceData"], seen["hangoutLink"]) == (data, made["hangoutLink"])
    theirs = [one for one in ask(world, "bob", "GET", EVENTS).json["value"] if one["isOnlineMeeting"]]
    assert [one["onlineMeeting"]["joinUrl"] for one in theirs] == [made["hangoutLink"]]
    assert theirs[0]["onlineMeetingProvider"] == "unknown"


def test_a_calendar_says_what_may_be_made_in_it(world: World) -> None:
    world.add("nora", online="none")
    for who, allowed, answer in (("tess", ["hangoutsMeet"], (200, None)), ("nora", [], NO_MEET)):
        second = ask(world, who, "POST", "/calendar/v3/calendars", {"summary": "Second"}).json["id"]
        for calendar in ("primary", second):
            for path in (f"calendars/{calendar}", f"users/me/calendarList/{calendar}"):
                seen = ask(world, who, "GET", f"/calendar/v3/{path}").json["conferenceProperties"]
                assert seen == {"allowedConferenceSolutionTypes": allowed}
            path = f"/calendar/v3/calendars/{calendar}/events"
            body = {**TIMES, "conferenceData": ASKED}
            reply = ask(world, who, "POST", f"{path}?conferenceDataVersion=1", body)
            assert (reply.status, reply.json.get("error", {}).get("message")) == answer
            made = ask(world, who, "POST", path, TIMES).json
            reply = ask(world, who, "PATCH", f"{path}/{made['id']}?conferenceDataVersion=1", {"conferenceData": ASKED})
            assert reply.status == answer[0]
    assert ask(world, "nora", "POST", EVENTS, ONLINE).json["isOnlineMeeting"] is False
    other = {**TIMES, "conferenceData": OTHERS}
    assert ask(world, "nora", "POST", f"{GOOGLE}?conferenceDataVersion=1", other).json["conferenceData"]


def test_what_a_calendar_allows_is_not_written(world: World) -> None:
    body = {"conferenceProperties": {"allowedConferenceSolutionTypes": []}}
    for path in ("calendars/primary", "users/me/calendarList/primary"):
        reply = ask(world, "tess", "PATCH", f"/calendar/v3/{path}", body)
        assert reply.json["conferenceProperties"] == {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
        assert "conferenceProperties" in reply.hint


def test_the_same_wish_makes_nothing_new(world: World) -> None:
    made = ask(world, "bob", "POST", f"{GOOGLE}?conferenceDataVersion=1", {**TIMES, "conferenceData": ASKED}).json
    path = f"{GOOGLE}/{made['id']}"
    again = ask(world, "bob", "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": ASKED}).json
    assert again["hangoutLink"] == made["hangoutLink"]
    read = ask(world, "bob", "PUT", f"{path}?conferenceDataVersion=1", {**again, "summary": "Call"}).json
    assert read["hangoutLink"] == made["hangoutLink"]
    assert ask(world, "bob", "PUT", path, TIMES).json["hangoutLink"] == made["hangoutLink"]
    other = {"createRequest": {**ASKED["createRequest"], "requestId": "r2"}}
    anew = ask(world, "bob", "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": other}).json
    assert anew["hangoutLink"] != made["hangoutLink"]
    ours = ask(world, "bob", "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": OTHERS}).json
    assert ours["conferenceData"]["entryPoints"] == OTHERS["entryPoints"]
    gone = ask(world, "bob", "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": None}).json
    assert not {"conferenceData", "hangoutLink"} & {*gone}


def test_somebody_elses_is_kept_for_all(world: World) -> None:
    body = {**TIMES, **GUESTS, "conferenceData": {**OTHERS, "unknown": 1}}
    made = ask(world, "tess", "POST", f"{GOOGLE}?conferenceDataVersion=1", body).json
    assert made["conferenceData"] == OTHERS
    assert bobs_google(world)["conferenceData"] == OTHERS
    assert bobs_graph(world)["onlineMeeting"]["joinUrl"] == "https://example.com/join"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "eventHangout"}}}, "type value."),
        ({"createRequest": {}}, "conference data."),
        ({"conferenceId": "x"}, "conference data."),
        ({**OTHERS, "entryPoints": [{"entryPointType": "video"}]}, "conference data."),
        ({**OTHERS, "entryPoints": [OTHERS["entryPoints"][0]] * 2}, "conference data."),
        ({**OTHERS, "notes": 1}, "must be"),
        ({**OTHERS, "entryPoints": {}}, "must be"),
        ({**OTHERS, "parameters": {"addOnParameters": {"parameters": []}}}, "must be"),
        ("x", "must be"),
    ],
)
def test_what_is_none_is_refused(world: World, data: Any, message: str) -> None:
    reply = ask(world, "bob", "POST", f"{GOOGLE}?conferenceDataVersion=1", {**TIMES, "conferenceData": data})
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "invalid")
    assert message in reply.json["error"]["message"]


def test_a_guest_changes_it_in_no_copy(world: World) -> None:
    made = ask(world, "tess", "POST", f"{GOOGLE}?conferenceDataVersion=1", {**TIMES, **GUESTS, "conferenceData": ASKED})
    path = f"{GOOGLE}/{made.json['id']}"
    refused = ask(world, "bob", "PATCH", f"{path}?conferenceDataVersion=1", {"conferenceData": OTHERS})
    assert refused.status == 403
    bobs = bobs_graph(world)["id"]
    assert ask(world, "bob", "PATCH", f"{EVENTS}/{bobs}", {"isOnlineMeeting": True}).status == 200
    assert bobs_google(world)["hangoutLink"] == made.json["hangoutLink"]


def test_what_programs_share_is_in_every_copy(world: World) -> None:
    properties = {"shared": {"crm": "1"}, "private": {"own": "2"}}
    body = {**TIMES, **GUESTS, "extendedProperties": properties, "gadget": {"title": "x"}, "anyoneCanAddSelf": True}
    made = ask(world, "tess", "POST", GOOGLE, {**body, "endTimeUnspecified": True}).json
    assert made["extendedProperties"] == properties
    seen = bobs_google(world)
    assert seen["extendedProperties"] == {"shared": {"crm": "1"}}
    assert (seen["gadget"], seen["anyoneCanAddSelf"], seen["endTimeUnspecified"]) == ({"title": "x"}, True, True)
    path = f"{GOOGLE}/{made['id']}"
    mine = ask(world, "bob", "PATCH", path, {"extendedProperties": {"private": {"mine": "3"}}}).json
    assert mine["extendedProperties"] == {"shared": {"crm": "1"}, "private": {"mine": "3"}}
    assert ask(world, "bob", "PATCH", path, {"extendedProperties": {"shared": {"crm": "9"}}}).status == 403
    ask(world, "tess", "PATCH", path, {"extendedProperties": {"shared": {"crm": "4"}}})
    assert bobs_google(world)["extendedProperties"] == {"shared": {"crm": "4"}, "private": {"mine": "3"}}
    assert ask(world, "tess", "GET", path).json["extendedProperties"]["private"] == {"own": "2"}
    found = ask(world, "bob", "GET", f"{GOOGLE}?sharedExtendedProperty=crm%3D4").json["items"]
    assert [one["id"] for one in found] == [made["id"]]
    assert ask(world, "bob", "GET", f"{GOOGLE}?privateExtendedProperty=own%3D2").json["items"] == []
