"""Where programs fell into traps: each hint of the documentation is played, and stands where it happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.control.reasons import HINTS
from support.running import Running

CONTROL = (Path(__file__).parents[2] / "docs" / "control.md").read_text("utf-8")
PLACES = dict(re.findall(r"^\| `([\w-]+)` \| .* \| (meeting|mailbox|requests) \|$", CONTROL, re.MULTILINE))
EVENTS, GOOGLE = "/v1.0/me/events", "/calendar/v3/calendars/primary/events"
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
}
TIMES = {"start": {"dateTime": "2030-01-01T10:00:00Z"}, "end": {"dateTime": "2030-01-01T11:00:00Z"}}
HOURLY = {"start": LUNCH["start"], "end": LUNCH["end"], "recurrence": ["RRULE:FREQ=HOURLY"]}
DAILY = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2030-01-01"}}


class Stage:
    """alice invites bob, and programs do what they should not."""

    def __init__(self, server: Running) -> None:
        self.server = server

    def ask(self, who: str | None, method: str, path: str, body: Any = None, **headers: str) -> Any:
        reply = self.server.ask(method, path, who, json=body, headers=headers)
        return reply.json() if reply.content else None

    def invite(self, **more: Any) -> tuple[str, str]:
        """Return how alice finds a new meeting with bob, and how bob does."""
        made = self.ask("alice", "POST", EVENTS, LUNCH | {"attendees": guests("bob")} | more)
        query = f"{EVENTS}?$filter=iCalUId eq '{made['iCalUId']}'&$select=id"
        return f"{EVENTS}/{made['id']}", f"{EVENTS}/{self.ask('bob', 'GET', query)['value'][0]['id']}"


def guests(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": f"{name}@example.com"}, **more} for name in names]


def out_of_date(stage: Stage) -> None:
    alice, _ = stage.invite(subject="Old")
    stage.ask("alice", "PATCH", alice, {"start": {"dateTime": "2030-01-01T09:00:00", "timeZone": "UTC"}})
    found = stage.ask("bob", "GET", "/v1.0/me/messages?$top=100")["value"]
    old = next(one for one in found if one["subject"] == "Old" and one["isOutOfDate"])
    stage.ask("bob", "POST", f"/v1.0/me/messages/{old['id']}/microsoft.graph.eventMessage/event/accept", {})


def changed_for_all(stage: Stage) -> None:
    body = {**TIMES, "summary": "Open", "guestsCanModify": True, "attendees": [{"email": "bob@example.com"}]}
    made = stage.ask("alice", "POST", GOOGLE, body)
    stage.ask("bob", "PATCH", f"{GOOGLE}/{made['id']}", {"summary": "Wide open"})


def alone(stage: Stage) -> None:
    made = stage.ask("alice", "POST", EVENTS, LUNCH)
    stage.ask("alice", "POST", f"{EVENTS}/{made['id']}/cancel", {"comment": "why"})


def endless(stage: Stage) -> None:
    yearly = {"type": "absoluteYearly", "interval": 1, "month": 1, "dayOfMonth": 1}
    stage.invite(subject="Forever", recurrence=DAILY | {"pattern": yearly})
    stage.ask("alice", "GET", f"{GOOGLE}?singleEvents=true&q=forever")


def little_token(stage: Stage) -> None:
    form = {
        "client_id": "72737670-6400-4000-8000-000000000001", "grant_type": "password", "username": "bob@example.com",
        "password": stage.server.people["bob@example.com"]["password"], "scope": "https://graph.microsoft.com/Mail.Read",
    }  # fmt: skip
    token = stage.server.ask("POST", "/organizations/oauth2/v2.0/token", data=form).json()["access_token"]
    stage.server.ask("GET", EVENTS, headers={"Authorization": f"Bearer {token}"})


def refused(stage: Stage) -> None:
    made = stage.ask("alice", "POST", GOOGLE, {**TIMES, "summary": "Red"})
    stage.ask("alice", "PATCH", f"{GOOGLE}/{made['id']}", {"colorId": "99"})


def left(stage: Stage) -> None:
    _, bob = stage.invite()
    stage.ask("bob", "POST", f"{bob}/decline", {})
    stage.ask("bob", "GET", bob)


def too_much(stage: Stage) -> None:
    """Ask of five years what no index knows, in which ten meetings take place every hour."""
    for number in range(10):
        stage.ask("carol", "POST", GOOGLE, HOURLY | {"summary": f"Watch {number}"})
    years = "startDateTime=2030-01-01T00:00:00Z&endDateTime=2034-12-31T00:00:00Z"
    query = f"{years}&$filter=end/dateTime ne '2030-01-01T00:00:00Z'&$skip=9000000"
    stage.ask("carol", "GET", f"/v1.0/me/calendarView?{query}")


def forward(stage: Stage, *to: str) -> None:
    _, bob = stage.invite()
    for name in to:
        stage.ask("bob", "POST", f"{bob}/forward", {"toRecipients": guests(name)})


def at(method: str, path: str, body: Any = None, who: str | None = "bob", **headers: str) -> Callable[[Stage], None]:
    """Return one request: `{bob}` and `{alice}` are the meeting as each of them finds it."""

    def play(stage: Stage) -> None:
        alice, bob = stage.invite() if "{" in path else ("", "")
        stage.ask(who, method, path.format(alice=alice, bob=bob), body, **headers)

    return play


PRIVATE = {**TIMES, "privateCopy": True, "attendees": [{"email": "carol@example.com"}]}
FAIR = {"subject": "Fair", "isOnlineMeeting": True, "onlineMeetingProvider": "skypeForConsumer"}
SNOOZE = {"newReminderTime": {"dateTime": "2030-01-01T09:50:00", "timeZone": "UTC"}}
PLAYS: dict[str, Callable[[Stage], None]] = {
    "attendee-status-ignored": at("PATCH", "{bob}", {"attendees": guests("bob", status={"response": "declined"})}),
    "attendee-list-ignored": at("PATCH", "{bob}", {"attendees": guests("bob", "carol")}),
    "shared-property-local": at("PATCH", "{bob}", {"subject": "Mine"}),
    "properties-ignored": at("PATCH", "{alice}", {"webLink": "x"}, "alice"),
    "organizer-cannot-respond": at("POST", "{alice}/accept", {}, "alice"),
    "id-of-another-mailbox": at("POST", "{bob}/accept", {}, "carol"),
    "not-the-organizer": at("POST", "{bob}/cancel", {}),
    "response-not-sent": at("POST", "{bob}/accept", {"sendResponse": False}),
    "private-copy": at("POST", f"{GOOGLE}?sendUpdates=all", PRIVATE),
    "online-meeting-ignored": at("POST", EVENTS, LUNCH | FAIR),
    "event-left-calendar": left,
    "already-invited": lambda stage: forward(stage, "carol", "carol"),
    "forward-to-organizer": lambda stage: forward(stage, "alice"),
    "reminder-is-off": lambda stage: stage.ask(
        "alice", "POST", f"{stage.invite(isReminderOn=False)[0]}/dismissReminder"
    ),
    "reminder-of-one": lambda stage: stage.ask(
        "bob", "POST", f"{stage.invite(recurrence=DAILY)[1]}/snoozeReminder", SNOOZE
    ),
    "changed-for-all": changed_for_all,
    "comment-dropped": alone,
    "invitation-out-of-date": out_of_date,
    "refused-because": refused,
    "endless-series-cut": endless,
    "work-limit": too_much,
    "scope-missing": little_token,
    "administrator-needed": at("DELETE", "/v1.0/users/carol@example.com"),
    "inefficient-filter": at("GET", "/v1.0/me/messages?$filter=isRead eq false&$orderby=subject"),
    "unfiltered-member": at("GET", f"{EVENTS}?$filter=organizer/emailAddress/address eq 'alice@example.com'"),
    "unquoted-search": at("GET", "/v1.0/me/messages?$search=project kickoff"),
    "small-operators": at("GET", '/v1.0/me/messages?$search="project or kickoff"'),
    "invalid-nodes": at("GET", "/v1.0/me/messages?$filter=toRecipients/any(r:r/emailAddress/address eq 'x')"),
    "other-version": at("PATCH", "/api{bob}", {"hideAttendees": True}),
    "beta": at("GET", "/beta/me"),
    "foreign-origin": at(
        "OPTIONS", EVENTS, None, None, **{"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    ),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    running = Running(tmp_path_factory.mktemp("traps"))
    yield Stage(running)
    running.close()


def traps(stage: Stage, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.server.ask("GET", f"/_rsvpd/traps{query}").json()["traps"]
    return found


def test_every_hint_is_played() -> None:
    documented = set(re.findall(r"^\| `([a-z]+(?:-[a-z]+)+|beta)` \| ", CONTROL, re.MULTILINE))
    assert PLAYS.keys() == PLACES.keys()
    assert PLACES.keys() <= documented


@pytest.mark.parametrize("name", PLAYS)
def test_a_trap_stands_where_it_happened(stage: Stage, name: str) -> None:
    before = stage.server.ask("GET", "/_rsvpd/traps").json()["newest"]
    PLAYS[name](stage)
    found = traps(stage, f"?after={before}")
    newest = found[0]
    assert HINTS[name].what in [one["what"] for one in newest["sentences"]], found
    assert all(one["what"] and one["instead"] for one in newest["sentences"])
    assert ("meeting" if newest["meeting"] else "mailbox" if newest["person"] else "requests") == PLACES[name]
    if newest["meeting"]:
        assert newest in traps(stage, f"?meeting={newest['meeting']}")
    if newest["person"]:
        assert newest in traps(stage, f"?person={newest['person'].partition('@')[0]}")


def test_what_is_no_trap_is_not_told(stage: Stage) -> None:
    before = stage.server.ask("GET", "/_rsvpd/traps").json()["newest"]
    _, bob = stage.invite()
    stage.ask("bob", "POST", f"{bob}/accept", {"comment": "Yes"})
    stage.ask("bob", "POST", f"{bob}/cancel", {}, **{"Sec-Fetch-Site": "same-origin"})
    fault = {"name": "busy", "effect": "answer", "status": 429, "times": 1, "path": "/me/events"}
    assert stage.server.ask("POST", "/_rsvpd/faults", json=fault).status_code == 201
    assert stage.server.ask("GET", EVENTS, "bob").status_code == 429
    stage.server.ask("DELETE", "/_rsvpd/faults")
    assert traps(stage, f"?after={before}") == []


def test_a_trap_inside_a_batch_has_its_own_meeting(stage: Stage) -> None:
    _, bob = stage.invite()
    inside = {
        "id": "1", "method": "POST", "url": bob.removeprefix("/v1.0") + "/cancel", "body": {},
        "headers": {"Content-Type": "application/json"},
    }  # fmt: skip
    stage.ask("bob", "POST", "/v1.0/$batch", {"requests": [inside]})
    newest = traps(stage)[0]
    assert (newest["method"], newest["path"], newest["status"]) == ("POST", f"{bob}/cancel", 400)
    assert newest["meeting"]


@pytest.mark.parametrize("name", ["{bob}", f"{GOOGLE}/{{google}}", f"{EVENTS}/{{message}}/accept"])
def test_a_meeting_is_known_by_whatever_names_it(stage: Stage, name: str) -> None:
    alice, bob = stage.invite(subject="Named")
    uid = stage.ask("alice", "GET", alice)["iCalUId"]
    google = stage.ask("bob", "GET", f"{GOOGLE}?iCalUID={uid}")["items"][0]["id"]
    found = stage.ask("bob", "GET", "/v1.0/me/messages?$top=100")["value"]
    message = next(one["id"] for one in found if one["subject"] == "Named")
    stage.ask("bob", "PATCH", name.format(bob=bob, google=google, message=message), {"id": 5, "start": 7})
    assert traps(stage)[0]["meeting"] == uid
    about = stage.server.ask("GET", f"/_rsvpd/requests?meeting={uid}&status=4xx&limit=1").json()
    assert [one["number"] for one in about] == [traps(stage)[0]["number"]]


def test_nobody_elsewhere_is_told(stage: Stage) -> None:
    assert stage.server.ask("GET", "/_rsvpd/traps", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 401
