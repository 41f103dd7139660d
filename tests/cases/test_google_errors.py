"""Google Calendar: refusals in Google's words, ids, tokens, and what is called off."""

from __future__ import annotations

from typing import Any

import pytest

from support.calendar_v3 import EVENTS, CalendarV3, answered, at, starts
from support.client import Client
from support.world import World

TIMES = {"start": at("2027-04-05T10:00:00"), "end": at("2027-04-05T11:00:00")}
DAILY = {"start": at("2027-05-03T10:00:00"), "end": at("2027-05-03T10:30:00")}
NO_ADDRESS = ("bob", "first last@example.com", "Bob <bob@example.com>", "a@example.com, b@example.com", "bob@", "")
AROUND = (
    " bob@example.com ", "mailto:bob@example.com", "bob@example.com?subject=Hi", "\u200bbob@example.com",
    "bob@exam\u200bple.com", "'bob@example.com'", "bob(2002)@example.com",
)  # fmt: skip
EMAIL = (400, "invalid", "Invalid attendee email.")


def listed(who: CalendarV3, query: str = "") -> list[Any]:
    found: list[Any] = who.get(f"{EVENTS}?{query}")["items"]
    return found


def subjects(world: World, who: str) -> list[str]:
    page = Client(world, who, "graph").get("/me/mailFolders/inbox/messages")
    return [one["subject"] for one in page["value"]]


# --- google_words_of_refusals


@pytest.mark.parametrize("email", NO_ADDRESS)
def test_google_words_of_refusals_of_an_attendee(alice: CalendarV3, email: str) -> None:
    refusal = EMAIL if email else (400, "required", "Missing attendee email.")
    attendees = [{"email": "carol@example.com"}, {"email": email}]
    assert alice.refused("POST", EVENTS, {**TIMES, "attendees": attendees}) == refusal
    made = answered(alice("POST", EVENTS, TIMES))
    assert alice.refused("PATCH", f"{EVENTS}/{made['id']}", {"attendees": attendees}) == refusal
    assert alice.refused("PUT", f"{EVENTS}/{made['id']}", {**TIMES, "attendees": attendees}) == refusal


def test_google_words_of_refusals_of_an_answer(alice: CalendarV3, bob: CalendarV3) -> None:
    made = alice.insert(TIMES["start"], TIMES["end"], "bob")
    answer = {"attendees": [{"email": " bob@example.com ", "responseStatus": "accepted"}]}
    assert bob.refused("PATCH", f"{EVENTS}/{made['id']}", answer) == EMAIL


def test_google_words_of_refusals_name_the_culprit_in_the_hint(alice: CalendarV3) -> None:
    reply = alice("POST", EVENTS, {**TIMES, "attendees": [{"email": "bob"}]})
    assert reply.hint == "refused-because: 'bob' is not a mail address: it is written like erin@example.com."


def test_google_words_of_refusals_of_reminders(alice: CalendarV3) -> None:
    ten = [{"method": "popup", "minutes": 10}]
    both = {"reminders": {"useDefault": True, "overrides": ten}}
    reply = alice("POST", EVENTS, {**TIMES, **both})
    message = "Cannot specify both default reminders and overrides at the same time."
    error = {"domain": "calendar", "reason": "cannotUseDefaultRemindersAndSpecifyOverride", "message": message}
    assert (reply.status, reply.json["error"]) == (400, {"errors": [error], "code": 400, "message": message})
    made = answered(alice("POST", EVENTS, TIMES))
    assert made["reminders"] == {"useDefault": True}
    for method, body in (("PATCH", {"reminders": {"overrides": ten}}), ("PUT", {**TIMES, **both})):
        assert alice.refused(method, f"{EVENTS}/{made['id']}", body)[1] == error["reason"]
    wanted = {"useDefault": False, "overrides": ten}
    assert alice.patch(made["id"], {"reminders": wanted})["reminders"] == wanted
    empty = {"useDefault": True, "overrides": []}
    assert alice.patch(made["id"], {"reminders": empty})["reminders"] == {"useDefault": True}


REFUSALS = {
    "no start": ({"end": TIMES["end"]}, "required", "Missing start time."),
    "no end": ({"start": TIMES["start"]}, "required", "Missing end time."),
    "a date and a time": (
        {**TIMES, "end": {"date": "2027-04-06"}},
        "invalid", "Start and end times must either both be date or both be dateTime.",
    ),
    "end before start": (
        {"start": TIMES["end"], "end": TIMES["start"]}, "timeRangeEmpty", "The specified time range is empty.",
    ),
    "no date": ({**TIMES, "start": {"date": "2027-04-05T10:00:00Z"}}, "badRequest", "Bad Request"),
    "no time": ({**TIMES, "start": {"dateTime": "2027-04-05T10:00:00.000:+08:00"}}, "badRequest", "Bad Request"),
    "a year out of range": ({**TIMES, "start": at("0001-01-01T00:00:00+14:00")}, "badRequest", "Bad Request"),
    "an id of other letters": ({**TIMES, "id": "ab-cdef"}, "invalid", "Invalid resource id value."),
    "id and UID": (
        {**TIMES, "id": "abcdef", "iCalUID": "x@example.com"}, "invalid", "Invalid resource id value.",
    ),
    "a UID of two lines": ({**TIMES, "iCalUID": "a\nb"}, "invalid", "Invalid iCalUID value."),
    "a rule": ({**TIMES, "recurrence": ["RRULE:FREQ=FORTNIGHTLY"]}, "invalid", "Invalid recurrence rule."),
    "nobody": ({**TIMES, "attendees": [{"displayName": "Bob"}]}, "required", "Missing attendee email."),
}  # fmt: skip


@pytest.mark.parametrize(("body", "reason", "message"), REFUSALS.values(), ids=REFUSALS)
def test_google_words_of_refusals_of_an_event(alice: CalendarV3, body: Any, reason: str, message: str) -> None:
    assert alice.refused("POST", EVENTS, body) == (400, reason, message)


QUERIES = {
    "orderBy=startTime": ("invalid", "The requested ordering is not available for the particular query."),
    "timeMin=2027-04-05T10:00:00": ("badRequest", "Bad Request"),
    "fields=items(id,summry)": ("invalidParameter", "Invalid field selection summry"),
    "timeMin=2027-04-05T10:00:00Z&timeMax=2027-04-05T10:00:00Z": (
        "timeRangeEmpty", "The specified time range is empty.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "told"), QUERIES.items())
def test_google_words_of_refusals_of_a_query(alice: CalendarV3, query: str, told: tuple[str, str]) -> None:
    assert alice.refused("GET", f"{EVENTS}?{query}") == (400, *told)


def test_google_words_of_refusals_in_a_shared_calendar(world: World, alice: CalendarV3, bob: CalendarV3) -> None:
    scope = {"type": "user", "value": "bob@example.com"}
    assert alice.refused("POST", "/calendars/primary/acl", {"role": "reader", "scope": {}}) == (
        400, "required", "Missing scope type.",
    )  # fmt: skip
    answered(alice("POST", "/calendars/primary/acl", {"role": "reader", "scope": scope}))
    reply = bob("POST", "/calendars/alice@example.com/events", TIMES)
    assert reply.json["error"]["errors"] == [
        {
            "domain": "calendar", "reason": "requiredAccessLevel",
            "message": "You need to have writer access to this calendar.",
        }
    ]  # fmt: skip


# --- addresses_with_something_around


@pytest.mark.parametrize("email", AROUND, ids=ascii)
def test_addresses_with_something_around_are_refused_by_google(
    world: World, alice: CalendarV3, email: str
) -> None:
    assert alice.refused("POST", EVENTS, {**TIMES, "attendees": [{"email": email}]}) == EMAIL
    rule = {"role": "reader", "scope": {"type": "user", "value": email}}
    assert alice.refused("POST", "/calendars/primary/acl", rule)[:2] == (400, "invalid")
    asked = {"timeMin": "2027-04-05T00:00:00Z", "timeMax": "2027-04-06T00:00:00Z", "items": [{"id": email}]}
    (entry,) = answered(alice("POST", "/freeBusy", asked))["calendars"].values()
    assert entry["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert subjects(world, "bob") == []


def test_addresses_with_something_around_name_no_calendar(alice: CalendarV3) -> None:
    for calendar in ("%20alice@example.com", "mailto:alice@example.com", "alice@example.com%20"):
        assert alice.refused("GET", f"/calendars/{calendar}/events")[:2] == (404, "notFound")
        assert alice.refused("GET", f"/calendars/primary/acl/user:{calendar}")[:2] == (404, "notFound")


# --- google_restore_instance


@pytest.fixture
def series(alice: CalendarV3, bob: CalendarV3) -> str:
    made = alice.insert(
        DAILY["start"], DAILY["end"], "bob", query="sendUpdates=all", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
    )
    bob.patch(made["id"], {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]})
    return str(made["id"])


def days(who: CalendarV3, series: str) -> list[str]:
    return [one[8:10] for one in starts(who.get(f"{EVENTS}/{series}/instances")["items"])]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_google_restore_instance(
    world: World, alice: CalendarV3, bob: CalendarV3, series: str, method: str
) -> None:
    second = f"{series}_20270504T080000Z"
    assert alice("DELETE", f"{EVENTS}/{second}?sendUpdates=all").status == 204
    assert days(alice, series) == days(bob, series) == ["03", "05"]
    whole = {
        "start": at("2027-05-04T10:00:00"), "end": at("2027-05-04T10:30:00"),
        "attendees": [{"email": "bob@example.com"}],
    }  # fmt: skip
    body = {"status": "confirmed", "summary": "Back", **(whole if method == "PUT" else {})}
    restored = answered(alice(method, f"{EVENTS}/{second}?sendUpdates=all", body))
    assert (restored["id"], restored["status"], restored["summary"]) == (second, "confirmed", "Back")
    assert days(alice, series) == days(bob, series) == ["03", "04", "05"]
    shown = bob.get(f"{EVENTS}/{series}/instances")["items"]
    own = [guest["responseStatus"] for one in shown for guest in one["attendees"] if guest.get("self")]
    assert own == ["accepted", "needsAction", "accepted"]
    assert subjects(world, "bob")[0] == "Back"
    bob.patch(second, {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]})
    tracked = alice.get(f"{EVENTS}/{second}")["attendees"]
    assert [guest["responseStatus"] for guest in tracked] == ["accepted", "accepted"]


def test_google_restore_instance_of_an_all_day_series(alice: CalendarV3) -> None:
    made = alice.insert({"date": "2027-05-03"}, {"date": "2027-05-04"}, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    second = f"{made['id']}_20270504"
    assert alice("DELETE", f"{EVENTS}/{second}").status == 204
    assert alice.patch(second, {"status": "tentative"})["status"] == "tentative"
    assert starts(alice.get(f"{EVENTS}/{made['id']}/instances")["items"]) == ["2027-05-03", "2027-05-04"]


def test_google_restore_instance_is_not_for_guests_nor_without_a_status(
    alice: CalendarV3, bob: CalendarV3, series: str
) -> None:
    second = f"{EVENTS}/{series}_20270504T080000Z"
    assert alice("DELETE", second).status == 204
    assert alice.refused("PATCH", second, {"summary": "x"}) == (403, "forbidden", "Forbidden")
    assert alice.refused("PATCH", second, {"status": "cancelled"})[:2] == (410, "deleted")
    assert alice.refused("DELETE", second)[:2] == (410, "deleted")
    assert bob("PATCH", second, {"status": "confirmed"}).status in (403, 410)
    assert days(alice, series) == ["03", "05"]


def test_google_restore_instance_of_a_whole_event(
    world: World, alice: CalendarV3, bob: CalendarV3, series: str
) -> None:
    """Restored by a status; an update without one is 403 (googleapis/google-api-ruby-client#1811)."""
    second = f"{EVENTS}/{series}_20270504T080000Z"
    path = f"{EVENTS}/{series}"
    assert alice("DELETE", second).status == 204
    assert alice("DELETE", f"{path}?sendUpdates=all").status == 204
    assert alice.refused("PATCH", path, {"summary": "x"}) == (403, "forbidden", "Forbidden")
    assert alice.refused("PUT", path, DAILY) == (403, "forbidden", "Forbidden")
    assert alice.refused("PATCH", second, {"status": "confirmed"})[0] in (404, 410)
    restored = alice.patch(series, {"status": "confirmed"}, "sendUpdates=all")
    assert restored["status"] == "confirmed"
    for who in (alice, bob):
        assert days(who, series) == ["03", "05"]
        (event,) = listed(who, "timeMin=2027-05-03T00:00:00Z&timeMax=2027-05-04T00:00:00Z&singleEvents=true")
        assert [guest["responseStatus"] for guest in event["attendees"]] == ["accepted", "needsAction"]
    assert subjects(world, "bob")[0] == "x"
    graph = Client(world, "bob", "graph").get("/me/events")["value"]
    assert [(one["subject"], one["isCancelled"], one["showAs"]) for one in graph] == [("x", False, "tentative")]


# --- google_token_in_the_query


@pytest.mark.parametrize("name", ["access_token", "oauth_token"])
def test_google_token_in_the_query(world: World, name: str) -> None:
    path = f"/calendar/v3{EVENTS}?maxResults=1&{name}="
    assert world.request(None, "GET", path + world.token("alice")).status == 200
    assert world.request(None, "GET", f"{path}nonsense").status == 401
    body = {**TIMES, "summary": "x"}
    made = world.request(None, "POST", path.replace("maxResults=1&", "") + world.token("alice"), body)
    assert (made.status, made.json["creator"]["email"]) == (200, "alice@example.com")
    form = {"x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded"}
    raw = f"maxResults=1&{name}={world.token('alice')}".encode()
    assert world.request(None, "POST", f"/calendar/v3{EVENTS}", headers=form, raw=raw).status == 200


# --- series_called_off, google_id_of_a_deleted_event


def test_series_called_off(world: World, alice: CalendarV3, bob: CalendarV3, series: str) -> None:
    alice("DELETE", f"{EVENTS}/{series}_20270504T080000Z")
    assert alice("DELETE", f"{EVENTS}/{series}").status == 204
    for query in ("", "singleEvents=true&timeMin=2027-05-01T00:00:00Z&timeMax=2027-06-01T00:00:00Z"):
        assert listed(alice, query) == listed(bob, query) == []
    graph = Client(world, "alice", "graph")
    window = "startDateTime=2027-05-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z"
    assert graph.get(f"/me/calendarView?{window}")["value"] == []


def test_google_id_of_a_deleted_event(alice: CalendarV3) -> None:
    made = alice.insert(TIMES["start"], TIMES["end"], id="abcde12345")
    path = f"{EVENTS}/{made['id']}"
    assert alice("DELETE", path).status == 204
    assert alice.refused("POST", EVENTS, {**TIMES, "id": "abcde12345"}) == (
        409, "duplicate", "The requested identifier already exists.",
    )  # fmt: skip
    assert alice.refused("DELETE", path) == (410, "deleted", "Resource has been deleted")
    assert alice.get(path)["status"] == "cancelled"
