"""Real routes, expansions, and who may see which folder: in Graph and in both Outlook services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.microsoft import Microsoft


@pytest.fixture
def code(outlook: Microsoft) -> Callable[..., str]:
    """Return a function that asks and gives the status with the code of the refusal."""

    def ask(method: str, path: str, body: Any = None, who: str = "bob") -> str:
        reply = outlook.call(who, method, path, body)
        return f"{reply.status} {reply.json['error']['code']}" if reply.status >= 400 else str(reply.status)

    return ask


# --- real routes


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("timeZone", ("value",), "W. Europe Standard Time"),
        ("dateFormat", ("value",), "M/d/yyyy"),
        ("timeFormat", ("value",), "h:mm tt"),
        ("userPurpose", ("value",), "user"),
        ("language", ("locale",), "en-US"),
        ("automaticRepliesSetting", ("status",), "disabled"),
        ("workingHours", ("startTime",), "08:00:00.0000000"),
        ("workingHours", ("timeZone", "name"), "W. Europe Standard Time"),
    ],
)
def test_surface_24_real_routes_each_setting_is_read_on_its_own(
    outlook: Microsoft, name: str, path: tuple[str, ...], expected: str
) -> None:
    reply = outlook.call("bob", "GET", f"/me/mailboxSettings/{name}")
    assert reply.status == 200
    assert f"mailboxSettings/{name}".lower() in reply.json["@odata.context"].lower()
    assert ("value" in reply.json) == (path == ("value",))
    found = reply.json["value"] if path == ("value",) else outlook.get(reply.json, *path)
    assert found.lower() == expected.lower()


def test_surface_24_real_routes_a_setting_is_for_its_owner(code: Callable[..., str]) -> None:
    assert code("GET", "/users/alice@example.com/mailboxSettings/timeZone") == "403 ErrorAccessDenied"


def test_surface_24_real_routes_folders_below_a_folder(outlook: Microsoft, code: Callable[..., str]) -> None:
    inbox = outlook.call("bob", "GET", "/me/mailFolders/msgfolderroot/childFolders/inbox")
    assert outlook.get(inbox.json, "displayName") == "Inbox"
    place = "/me/mailFolders/msgfolderroot/childFolders/inbox/messages"
    (message,) = outlook.call("bob", "GET", place).json["value"]
    assert outlook.call("bob", "GET", f"{place}/{outlook.get(message, 'id')}").status == 200
    assert outlook.call("bob", "GET", f"{place}/$count").body == b"1"
    below = outlook.call("bob", "GET", "/me/mailFolders/msgfolderroot/childFolders/inbox/childFolders")
    assert below.json["value"] == []
    for path in ("inbox/childFolders/archive", "inbox/childFolders/archive/messages", "msgfolderroot/childFolders/"
                 "msgfolderroot", "inbox/childFolders/inbox"):  # fmt: skip
        assert code("GET", f"/me/mailFolders/{path}") == "404 ErrorFolderNotFound"


@pytest.mark.parametrize("action", ["copy", "move"])
def test_surface_24_real_routes_folders_are_copied(code: Callable[..., str], action: str) -> None:
    expected = "400 ErrorMoveDistinguishedFolder" if action == "move" else "201"
    assert code("POST", f"/me/mailFolders/archive/{action}", {"destinationId": "inbox"}) == expected


@pytest.mark.parametrize("way", ["calendarPermissions", "events", "calendarView"])
def test_surface_24_real_routes_the_calendar_of_an_event(outlook: Microsoft, way: str) -> None:
    (event,) = outlook.call("bob", "GET", "/me/events").json["value"]
    id = outlook.get(event, "id")
    assert outlook.call("bob", "GET", f"/me/events/{id}/calendar").status == 200
    window = "?startDateTime=2026-12-01&endDateTime=2026-12-02" if way == "calendarView" else ""
    reply = outlook.call("bob", "GET", f"/me/events/{id}/calendar/{way}{window}")
    own = outlook.call("bob", "GET", f"/me/calendar/{way}{window}")
    assert (reply.status, reply.json["value"]) == (own.status, own.json["value"])
    assert reply.status == 200


def test_surface_24_real_routes_around_mail(outlook: Microsoft, code: Callable[..., str]) -> None:
    unknown = "400 RequestBroker--ParseUri"
    missing = "501 NotImplemented"
    assert code("GET", "/me/calendarGroups") == "200"
    assert code("GET", "/organization") == (unknown if outlook.pascal else missing)
    assert code("GET", "/me/manager") == (unknown if outlook.pascal else "404 Request_ResourceNotFound")
    assert code("GET", "/me/FindRooms") == ("200" if outlook.name == "outlook-v2" else unknown)
    assert code("GET", "/me/nosuch") == unknown


# --- $expand


@pytest.mark.parametrize(
    ("path", "type_name"),
    [
        ("/me", "user"),
        ("/users", "user"),
        ("/users/alice@example.com", "user"),
        ("/users/$count", "user"),
        ("/me/calendar", "calendar"),
        ("/me/calendars", "calendar"),
        ("/me/calendar/calendarPermissions", "calendarPermission"),
        ("/me/mailboxSettings", "mailboxSettings"),
        ("/me/mailFolders", "mailFolder"),
        ("/me/mailFolders/inbox", "mailFolder"),
        ("/me/mailFolders/inbox/childFolders", "mailFolder"),
        ("/me/messages", "message"),
        ("/me/mailFolders/inbox/messages", "message"),
        ("/me/events", "event"),
        ("/me/calendarView?startDateTime=2026-12-01&endDateTime=2026-12-02", "event"),
        ("/me/reminderView(startDateTime='2026-12-01',endDateTime='2026-12-02')", "reminderView"),
    ],
)
def test_surface_22_expand_of_nothing(outlook: Microsoft, path: str, type_name: str) -> None:
    reply = outlook.call("bob", "GET", f"{path}{'&' if '?' in path else '?'}$expand=nosuch")
    error = reply.json["error"]
    assert (reply.status, error["code"]) == (400, "BadRequest")
    assert "Could not find a property named 'nosuch' on type '" in error["message"]
    name = outlook.word(type_name).replace("MailFolder", "Folder" if outlook.offsets else "MailFolder")
    space = "Microsoft.OutlookServices" if outlook.pascal else "microsoft.graph"
    assert error["message"] == (
        f"Parsing OData Select and Expand failed: Could not find a property named 'nosuch' on type '{space}.{name}'."
    )


def test_surface_22_expand_of_nothing_changes_nothing(outlook: Microsoft, code: Callable[..., str]) -> None:
    slot = {"subject": "Lunch", "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T11:00:00Z"}
    if not outlook.offsets:
        slot |= {name: {"dateTime": slot[name][:19], "timeZone": "UTC"} for name in ("start", "end")}
    assert code("POST", "/me/events?$expand=nosuch", slot) == "400 BadRequest"
    assert len(outlook.call("bob", "GET", "/me/events").json["value"]) == 1


@pytest.mark.parametrize(
    "path",
    ["/me?$expand=events", "/me/calendar?$expand=events", "/me/events?$expand=instances"],
)  # fmt: skip
def test_surface_22_expand_of_nothing_what_is_real_is_missing(code: Callable[..., str], path: str) -> None:
    assert code("GET", path) == "501 NotImplemented"


def test_surface_22_expand_of_nothing_what_is_answered(outlook: Microsoft) -> None:
    event = f"{'Microsoft.OutlookServices.EventMessage' if outlook.pascal else 'microsoft.graph.eventMessage'}/event"
    for path in ("/me/messages?$expand=attachments", f"/me/messages?$expand={event}", "/me/events?$expand=calendar",
                 "/me/mailFolders?$expand=childFolders"):
        assert outlook.call("bob", "GET", path).status == 200
    properties = "/me/messages?$expand=singleValueExtendedProperties($filter=id%20eq%20'String%200x1')"
    assert outlook.call("bob", "GET", properties).status == (400 if outlook.offsets else 200)
    assert outlook.call("bob", "GET", "/me/messages?$expand=event").status == 400


# --- whose folders


@pytest.mark.parametrize("folder", ["inbox", "archive", "msgfolderroot", "drafts"])
@pytest.mark.parametrize("rest", ["", "/childFolders", "/childFolders/$count", "/messages", "/messages/$count"])
def test_the_folders_of_others_stay_closed(code: Callable[..., str], folder: str, rest: str) -> None:
    assert code("GET", f"/me/mailFolders/{folder}{rest}") == "200"
    for other in ("alice@example.com", "alice%40example.com"):
        assert code("GET", f"/users/{other}/mailFolders/{folder}{rest}") == "403 ErrorAccessDenied"
    assert code("GET", f"/users/nobody@example.com/mailFolders/{folder}{rest}").startswith("404 ")
