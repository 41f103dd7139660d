"""Lists: what they ask for, what they show, and where their pages end."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from rsvpd.calendar.event import Answer, Attendee, State
from rsvpd.clock import parse_instant
from rsvpd.commands.door import Who
from rsvpd.commands.references import EventRef
from rsvpd.errors import AccessDenied, InvalidQuery, ItemNotFound
from rsvpd.query.algebra import And, Cmp, InWindow, Op, Or, Order, Words
from support.google_door import (
    ID,
    ME,
    NOW,
    UID,
    FakeDoor,
    answered,
    ask,
    header,
    instance,
    page,
    reason,
    series,
    view,
)

LIST = "/calendars/primary/events"
INSTANCES = f"{LIST}/{ID}/instances"
PRESENT, EVERYTHING = (State.LIVE, State.DECLINED), (State.LIVE, State.DECLINED, State.DELETED)
NOT_CANCELLED = Cmp("is_cancelled", Op.NE, True)
START, END = parse_instant("2026-12-01T00:00:00Z"), parse_instant("2026-12-08T00:00:00Z")
LATE, FIVE_YEARS = parse_instant("2126-12-08T00:00:00Z"), parse_instant("2031-11-21T12:00:00Z")
WEEK = "timeMin=2026-12-01T00:00:00Z&timeMax=2026-12-08T00:00:00Z"


def finding(*views: Any, **more: Any) -> FakeDoor:
    return FakeDoor(**({"find_series": page(*views), "find_events": page(*views)} | more))


def listed(door: FakeDoor, query: str = "", path: str = LIST) -> Any:
    response = ask(door, "GET", f"{path}?{query}")
    assert response.status == 200, response.body
    return answered(response)


def asked(query: str) -> Any:
    """Return the query and the named arguments that reach the command."""
    door = finding()
    listed(door, query)
    ((args, named),) = door.named("find_events" if "singleEvents" in query else "find_series")
    return args[1], named


# --- the envelope


def test_a_list() -> None:
    door = finding(view())
    response = ask(door, "GET", LIST)
    body = answered(response)
    assert {name: body[name] for name in body if name not in ("items", "etag", "nextSyncToken")} == {
        "kind": "calendar#events",
        "summary": "me@ex.test",
        "updated": "2026-11-20T08:00:00.500Z",
        "timeZone": "Europe/Zurich",
        "accessRole": "owner",
        "defaultReminders": [{"method": "popup", "minutes": 15}],
    }
    assert [one["id"] for one in body["items"]] == [ID]
    assert body["etag"] == header(response, "etag")
    assert door.named("find_series")[0][0][0] == Who(ME.oid, None, NOW, calendar=1, interface="google")
    unchanged = ask(door, "GET", LIST, headers={"if-none-match": body["etag"]})
    assert unchanged.status == 304
    changed = finding(structs.replace(view(), tracking=(Attendee(address=ME.address, answer=Answer.ACCEPTED),)))
    assert ask(changed, "GET", LIST, headers={"if-none-match": body["etag"]}).status == 200


def test_an_empty_list() -> None:
    body = listed(finding())
    assert body["items"] == []
    assert body["updated"] == "2026-11-23T08:00:00.000Z"
    assert "nextPageToken" not in body
    assert body["nextSyncToken"]


# --- the question


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("", (NOT_CANCELLED,)),
        ("showDeleted=true", ()),
        (f"iCalUID={UID}", (Cmp("uid", Op.EQ, UID), NOT_CANCELLED)),
        ("updatedMin=2026-12-01T00:00:00Z", (Cmp("modified", Op.GE, START),)),
        (WEEK, (InWindow(START, END), NOT_CANCELLED)),
        ("timeMin=2026-12-01T01:00:00%2B01:00", (InWindow(START, None), NOT_CANCELLED)),
        ("timeMax=2026-12-08T00:00:00.999Z", (InWindow(None, END), NOT_CANCELLED)),
    ],
)
def test_what_is_asked_for(query: str, where: tuple[Any, ...]) -> None:
    found, named = asked(query)
    assert found.where == (And(where) if where else None)
    shows_deleted = "showDeleted" in query or "updatedMin" in query
    beside = And(tuple(part for part in where if part != NOT_CANCELLED))
    assert named == {"beside": beside, "visible": EVERYTHING if shows_deleted else PRESENT, "tracking": True}


def test_every_word_is_looked_for_everywhere() -> None:
    fields = ("subject", "body", "location", "attendees_text", "organizer", "organizer_name")
    words = tuple(Or(tuple(Words(field, (word,), is_open=True) for field in fields)) for word in ("quarter", "plan"))
    assert asked("q=quarter+plan")[0].where == And((*words, NOT_CANCELLED))


@pytest.mark.parametrize(
    ("query", "order", "top"),
    [
        ("", (), 250),
        ("maxResults=7", (), 7),
        ("maxResults=9999", (), 2500),
        ("orderBy=updated", (Order("modified"),), 250),
        (f"orderBy=startTime&singleEvents=true&{WEEK}", (Order("start"),), 250),
        ("singleEvents=true", (Order("start"),), 250),
        ("singleEvents=true&orderBy=updated", (Order("modified"),), 250),
    ],
)
def test_order_and_size(query: str, order: tuple[Order, ...], top: int) -> None:
    found, _ = asked(query)
    assert (found.order, found.top) == (order, top)


@pytest.mark.parametrize(
    "query",
    ["timeMin=2026-12-01T00:00:00", "timeMax=2026-12-01", "updatedMin=yesterday", "timeMin=99999-01-01T00:00:00Z"],
)
def test_a_time_that_cannot_be_read_is_a_bad_request(query: str) -> None:
    response = ask(finding(), "GET", f"{LIST}?{query}")
    assert reason(response) == (400, "global", "badRequest")
    assert answered(response)["error"]["message"] == "Bad Request"
    assert query.partition("=")[0] in (header(response, "X-Rsvpd-Hint") or "")


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("orderBy=summary", "orderBy"),
        ("maxResults=0", "maxResults"),
        ("maxResults=1e3", "maxResults"),
        ("maxResults=９", "maxResults"),
        ("singleEvents=maybe", "singleEvents"),
        ("eventTypes=party", "eventTypes"),
        ("privateExtendedProperty=a", "privateExtendedProperty"),
        ("showDeleted=2", "showDeleted"),
    ],
)
def test_a_parameter_that_cannot_be(query: str, location: str) -> None:
    response = ask(finding(), "GET", f"{LIST}?{query}")
    assert reason(response) == (400, "global", "invalidParameter")
    assert answered(response)["error"]["errors"][0]["location"] == location


def test_a_plus_that_became_a_blank_is_explained() -> None:
    response = ask(finding(), "GET", f"{LIST}?timeMin=2026-12-01T00:00:00+01:00")
    assert "%2B" in (header(response, "X-Rsvpd-Hint") or "")


def test_an_empty_range() -> None:
    query = "timeMin=2026-12-08T00:00:00Z&timeMax=2026-12-01T00:00:00Z"
    assert reason(ask(finding(), "GET", f"{LIST}?{query}")) == (400, "calendar", "timeRangeEmpty")


def test_other_types_of_events_do_not_exist() -> None:
    door = finding(view())
    assert listed(door, "eventTypes=focusTime")["items"] == []
    assert len(listed(door, "eventTypes=focusTime&eventTypes=default")["items"]) == 1


def test_extended_properties_filter_the_page() -> None:
    marked = view(residue={"google": {"extendedProperties": {"private": {"a": "1=2"}, "shared": {"b": "x"}}}})
    for query, count in (
        ("privateExtendedProperty=a%3D1%3D2", 1),
        ("privateExtendedProperty=a%3D1", 0),
        ("privateExtendedProperty=a%3D1%3D2&sharedExtendedProperty=b%3Dx", 1),
        ("sharedExtendedProperty=a%3D1%3D2", 0),
    ):
        assert len(listed(finding(marked, view()), query)["items"]) == count


# --- pages


@pytest.mark.parametrize(
    ("path", "query", "command"),
    [(LIST, "", "find_series"), (LIST, "singleEvents=true", "find_events"), (INSTANCES, "", "instances")],
)
def test_a_page_token_is_the_place_the_command_named(path: str, query: str, command: str) -> None:
    door = FakeDoor(**{command: page(view(), after="next"), "get_event": series()})
    body = listed(door, query, path)
    assert "nextSyncToken" not in body
    listed(door, f"{query}&pageToken={body['nextPageToken']}", path)
    assert [dict(enumerate(args))[2 if path == INSTANCES else 1].after for args, _ in door.named(command)] == [
        None,
        "next",
    ]


@pytest.mark.parametrize("path", [LIST, INSTANCES])
def test_a_forged_page_token_is_refused(path: str) -> None:
    refusing = FakeDoor(find_series=InvalidQuery("no place"), instances=InvalidQuery("no place"), get_event=series())
    response = ask(refusing, "GET", f"{path}?pageToken=x")
    assert reason(response) == (400, "global", "invalidParameter")
    assert answered(response)["error"]["errors"][0]["location"] == "pageToken"


# --- expanded series


@pytest.mark.parametrize(
    ("query", "window", "until"),
    [
        (WEEK, InWindow(START, END), END),
        ("timeMax=2126-12-08T00:00:00Z", InWindow(None, LATE), LATE),
        ("", InWindow(None, None), FIVE_YEARS),
        ("timeMin=2000-01-01T00:00:00Z", InWindow(parse_instant("2000-01-01T00:00:00Z"), None), FIVE_YEARS),
        ("timeMin=2126-12-08T00:00:00Z", InWindow(LATE, None), parse_instant("2131-12-06T12:00:00Z")),
    ],
)
def test_series_without_an_end_are_expanded_as_far_as_asked_or_five_years(
    query: str, window: InWindow, until: int
) -> None:
    for path, command in ((LIST, "find_events"), (INSTANCES, "instances")):
        door = FakeDoor(**{command: page()})
        listed(door, f"singleEvents=true&{query}" if path == LIST else query, path)
        ((_, named),) = door.named(command)
        assert (named["window"], named["endless_until"]) == (window, until)


def test_that_an_endless_series_was_cut_is_told() -> None:
    cut = structs.replace(page(view()), cut_at=FIVE_YEARS)
    response = ask(FakeDoor(find_events=cut), "GET", f"{LIST}?singleEvents=true")
    assert "endless-series-cut" in (header(response, "X-Rsvpd-Hint") or "")
    assert "2031-11-21" in (header(response, "X-Rsvpd-Hint") or "")
    assert header(ask(finding(view()), "GET", f"{LIST}?singleEvents=true"), "X-Rsvpd-Hint") is None


# --- instances


def expanding(master: Any, *found: Any, **more: Any) -> FakeDoor:
    return FakeDoor(**({"get_event": master, "instances": page(*found)} | more))


def test_instances() -> None:
    master = series()
    door = expanding(master, instance(master, "2026-12-02T10:00"))
    body = listed(door, "", INSTANCES)
    assert [one["id"] for one in body["items"]] == [f"{ID}_20261202T090000Z"]
    args, named = door.named("instances")[0]
    assert args[1] == EventRef(uid=UID)
    assert args[2].order == (Order("start"),)
    assert named["visible"] == PRESENT


def test_instances_of_a_window() -> None:
    door = expanding(series())
    listed(door, WEEK, INSTANCES)
    assert [named["window"] for _, named in door.named("instances")] == [InWindow(START, END)]


def test_instances_that_were_deleted_are_asked_for_too() -> None:
    door = expanding(series())
    listed(door, "", INSTANCES)
    listed(door, "showDeleted=true", INSTANCES)
    assert [named["visible"] for _, named in door.named("instances")] == [PRESENT, EVERYTHING]


@pytest.mark.parametrize("start", ["2026-12-03T10:00:00%2B01:00", "2026-12-03T09:00:00Z"])
def test_the_instance_with_an_original_start(start: str) -> None:
    master = series()
    door = expanding(master, get_event=[master, instance(master, "2026-12-03T10:00")])
    assert [one["id"] for one in listed(door, f"originalStart={start}", INSTANCES)["items"]] == [
        f"{ID}_20261203T090000Z"
    ]
    assert door.named("get_event")[1][0][1] == EventRef(uid=UID, original="20261203T090000Z")


def test_an_original_start_where_nothing_is() -> None:
    master = series(deleted=("20261204T100000",))
    original = "originalStart=2026-12-04T09:00:00Z"
    for query, count in ((original, 0), (f"{original}&showDeleted=true", 1)):
        door = expanding(master, get_event=[master, ItemNotFound()])
        assert len(listed(door, query, INSTANCES)["items"]) == count
    response = ask(expanding(master), "GET", f"{INSTANCES}?originalStart=soon")
    assert reason(response) == (400, "global", "invalidParameter")


# --- calendars


def test_the_calendar_list() -> None:
    body = listed(FakeDoor(), "", "/users/me/calendarList")
    assert body["kind"] == "calendar#calendarList"
    assert body["items"] == [
        {
            "kind": "calendar#calendarListEntry",
            "etag": body["items"][0]["etag"],
            "id": "me@ex.test",
            "summary": "me@ex.test",
            "timeZone": "Europe/Zurich",
            "colorId": "14",
            "backgroundColor": "#9fe1e7",
            "foregroundColor": "#000000",
            "selected": True,
            "primary": True,
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 15}],
            "notificationSettings": {
                "notifications": [
                    {"type": "eventCreation", "method": "email"},
                    {"type": "eventChange", "method": "email"},
                    {"type": "eventCancellation", "method": "email"},
                    {"type": "eventResponse", "method": "email"},
                ]
            },
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        }
    ]
    assert listed(FakeDoor(), "", "/users/me/calendarList/primary") == body["items"][0]
    assert listed(FakeDoor(), "fields=items(id,primary)", "/users/me/calendarList") == {
        "items": [{"id": "me@ex.test", "primary": True}]
    }


def test_a_calendar() -> None:
    door = FakeDoor()
    seen = answered(ask(door, "GET", "/calendars/me%40ex.test"))
    assert len(seen.pop("labelProperties")["eventLabels"]) == 11
    assert seen == {
        "kind": "calendar#calendar",
        "etag": '"90"',
        "id": "me@ex.test",
        "summary": "me@ex.test",
        "timeZone": "Europe/Zurich",
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    assert door.calls[0][1][0].owner == "me@ex.test"
    refusing = FakeDoor(get_calendar_with_hours=AccessDenied())
    assert reason(ask(refusing, "GET", "/calendars/boss@ex.test")) == (404, "global", "notFound")


def test_settings() -> None:
    zone = listed(FakeDoor(), "", "/users/me/settings/timezone")
    assert (zone["id"], zone["value"]) == ("timezone", "Europe/Zurich")
    settings = listed(FakeDoor(), "", "/users/me/settings")["items"]
    assert zone in settings
    assert {one["id"]: one["value"] for one in settings} == {
        "autoAddHangouts": "false", "dateFieldOrder": "MDY", "defaultEventLength": "60", "format24HourTime": "false",
        "hideInvitations": "false", "hideWeekends": "false", "locale": "en", "remindOnRespondedEventsOnly": "false",
        "showDeclinedEvents": "true", "timezone": "Europe/Zurich", "useKeyboardShortcuts": "true", "weekStart": "0",
    }  # fmt: skip
    assert listed(FakeDoor(), "", "/users/me/settings/weekStart")["value"] == "0"
    assert reason(ask(FakeDoor(), "GET", "/users/me/settings/theme")) == (404, "global", "notFound")


def test_colors() -> None:
    colors = listed(FakeDoor(), "", "/colors")
    assert {name: len(colors[name]) for name in ("calendar", "event")} == {"calendar": 24, "event": 11}
    (entry,) = listed(FakeDoor(), "", "/users/me/calendarList")["items"]
    assert colors["calendar"][entry["colorId"]]["background"] == entry["backgroundColor"]
    assert colors["event"]["11"] == {"background": "#dc2127", "foreground": "#1d1d1d"}


@pytest.mark.parametrize("path", [LIST, "/users/me/calendarList", "/users/me/settings"])
def test_a_sync_token_of_nobody_asks_to_begin_anew(path: str) -> None:
    assert reason(ask(FakeDoor(), "GET", f"{path}?syncToken=abc")) == (410, "calendar", "fullSyncRequired")


@pytest.mark.parametrize(
    ("method", "path", "status", "why"),
    [
        ("PUT", LIST, 405, "httpMethodNotAllowed"),
        ("GET", "/tasks", 404, "notFound"),
    ],
)
def test_what_is_not_there(method: str, path: str, status: int, why: str) -> None:
    response = ask(FakeDoor(), method, path)
    assert reason(response) == (status, "global", why)
    assert "/" in answered(response)["error"]["message"] or status == 405
