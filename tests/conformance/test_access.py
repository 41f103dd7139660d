"""Who may do what, and what a bad request is told: a clear 4xx in the dialect's own shape, never a 500."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.identity.tokens import Tokens
from support.speakers import Microsoft, speakers
from support.world import SECOND, World

MICROSOFT = ("/v1.0", "/api/v2.0", "/api/v1.0")
FIRST = {mount: f"{mount}/me/events" for mount in MICROSOFT} | {"/calendar/v3": "/calendar/v3/calendars/primary/events"}


def code(reply: Any) -> str:
    error = reply.json["error"]
    return str(error["code"] if isinstance(error["code"], str) else error["errors"][0]["reason"])


@pytest.mark.parametrize("mount", FIRST)
def test_without_a_good_token(world: World, mount: str) -> None:
    foreign = Tokens(b"another key of 32 bytes, at least", world.store.tenant)
    bob = world.people["bob"]
    good = world.token("bob")
    expired = world.tokens.issue(bob, now=world.now - 400 * 24 * 3600 * SECOND)
    for authorization in (
        None,
        "Bearer",
        "Bearer ",
        "Basic Ym9iOmJvYg==",
        "Bearer not-a-token",
        f"Bearer {foreign.issue(bob, now=world.now)}",
        f"Bearer {expired}",
        f"Bearer {good[:-4]}AAAA",
        f"Bearer {good.rpartition('.')[0]}.",
    ):
        headers = {} if authorization is None else {"authorization": authorization}
        reply = world.request(None, "GET", FIRST[mount], headers=headers)
        assert reply.status == 401, authorization
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert code(reply) in ("InvalidAuthenticationToken", "authError", "required")
    assert world.request("bob", "GET", FIRST[mount]).status == 200


@pytest.mark.parametrize("mount", MICROSOFT)
def test_bob_cannot_open_alices_mailbox(world: World, mount: str) -> None:
    said = next(one for one in speakers(world).values() if getattr(one, "mount", "") == mount)
    assert isinstance(said, Microsoft)
    made = said.invite("alice", "Private plans", "2026-12-01T10:00:00", 30, "UTC", [])
    event = made.json[said.word("id")]
    alice = world.people["alice"]
    for owner in ("alice@example.com", "ALICE@example.com", alice.oid):
        for path in ("messages", "events", f"events/{event}", "calendar", "mailFolders/inbox/messages"):
            if mount == "/api/v1.0":
                path = path.replace("mailFolders", "Folders")
            reply = world.request("bob", "GET", f"{mount}/users/{owner}/{path}")
            assert (reply.status, code(reply)) == (403, "ErrorAccessDenied"), path
        reply = world.request("bob", "POST", f"{mount}/users/{owner}/events/{event}/accept")
        assert reply.status == 403
    assert world.request("bob", "GET", f"{mount}/me/events/{event}").status == 404
    assert world.request("bob", "GET", f"{mount}/users/nobody@example.com/messages").status == 404
    assert world.request("bob", "GET", f"{mount}/users/{world.people['bob'].oid}/messages").status == 200


def test_bob_cannot_open_alices_google_calendar(world: World) -> None:
    for path in (
        "calendars/alice@example.com/events",
        "calendars/alice%40example.com",
        "users/me/calendarList/alice@example.com",
    ):
        reply = world.request("bob", "GET", f"/calendar/v3/{path}")
        assert (reply.status, code(reply)) == (404, "notFound")


BAD_BODIES = [
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe{}",
    b'{"subject": "\xe9"}',
    b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
]


@pytest.mark.parametrize("mount", FIRST)
@pytest.mark.parametrize("raw", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_body_that_is_none(world: World, mount: str, raw: bytes) -> None:
    reply = world.request("bob", "POST", FIRST[mount], raw=raw)
    assert reply.status == 400, reply.body
    assert reply.json["error"]["message"]


WHEN = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
WRONG = [
    {},
    {"subject": "no times"},
    {"start": WHEN},
    {"start": "2026-12-01", "end": WHEN},
    {"start": WHEN, "end": {"dateTime": "2026-11-01T10:00:00", "timeZone": "UTC"}},
    {"start": {"dateTime": "tomorrow", "timeZone": "UTC"}, "end": WHEN},
    {"start": {"dateTime": "0000-00-00T00:00:00", "timeZone": "UTC"}, "end": WHEN},
    {
        "start": {"dateTime": "9999-12-31T23:59:59", "timeZone": "UTC"},
        "end": {"dateTime": "9999-12-31T23:59:59", "timeZone": "Pacific Standard Time"},
    },
    {"start": {"dateTime": "0001-01-01T00:00:00", "timeZone": "Asia/Tokyo"}, "end": WHEN},
    {"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/Olympus"}, "end": WHEN},
    {"start": {"dateTime": 5, "timeZone": "UTC"}, "end": WHEN},
    {"start": WHEN, "end": WHEN, "subject": 7},
    {"start": WHEN, "end": WHEN, "attendees": "bob"},
    {"start": WHEN, "end": WHEN, "attendees": [{"emailAddress": {"address": "not an address"}}]},
    {"start": WHEN, "end": WHEN, "attendees": [{"emailAddress": None}]},
    {"start": WHEN, "end": WHEN, "showAs": "sideways"},
    {"start": WHEN, "end": WHEN, "reminderMinutesBeforeStart": 10**30},
    {"start": WHEN, "end": WHEN, "reminderMinutesBeforeStart": "soon"},
    {"start": WHEN, "end": WHEN, "isAllDay": True},
    {"start": WHEN, "end": WHEN, "body": {"contentType": "pdf", "content": "x"}},
    {
        "start": WHEN,
        "end": WHEN,
        "recurrence": {"pattern": {"type": "daily", "interval": 0}, "range": {"type": "noEnd"}},
    },
    {
        "start": WHEN,
        "end": WHEN,
        "recurrence": {"pattern": {"type": "hourly", "interval": 1}, "range": {"type": "noEnd"}},
    },
    {"start": WHEN, "end": WHEN, "recurrence": {"pattern": {"type": "daily", "interval": 1}}},
    {"start": WHEN, "end": WHEN, "recurrence": "weekly"},
]


@pytest.mark.parametrize("mount", ["/v1.0", "/api/v2.0"])
@pytest.mark.parametrize("body", WRONG, ids=range(len(WRONG)))
def test_a_value_that_cannot_be(world: World, mount: str, body: dict[str, Any]) -> None:
    reply = world.request("bob", "POST", f"{mount}/me/events", body)
    assert reply.status == 400, reply.body
    assert reply.json["error"]["code"]
    assert reply.json["error"]["message"]
    assert world.request("bob", "GET", f"{mount}/me/events").json["value"] == []


@pytest.mark.parametrize("mount", MICROSOFT)
def test_a_property_that_nobody_has(world: World, mount: str) -> None:
    letter = {"subject": "x", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}
    for path, body in (
        ("/me/events", {"subjekt": "x", "start": WHEN, "end": WHEN}),
        ("/me/sendMail", {"message": {**letter, "betreff": "x"}}),
    ):
        reply = world.request("bob", "POST", mount + path, body)
        assert (reply.status, code(reply)) == (400, "RequestBodyRead"), reply.body
    # What the real service has and this one has not is left out, and said.
    real = {"onlineMeetingUrl": "https://example.com/", "hideAttendees": True, "attachments": []}
    reply = world.request("bob", "POST", f"{mount}/me/events", {"start": WHEN, "end": WHEN, **real})
    assert reply.status == 201, reply.body
    assert "onlineMeetingUrl" in reply.hint


GOOGLE_WHEN = {"dateTime": "2026-12-01T10:00:00Z"}
GOOGLE_WRONG = [
    {},
    {"start": GOOGLE_WHEN},
    {"start": GOOGLE_WHEN, "end": {"dateTime": "2026-11-01T10:00:00Z"}},
    {"start": GOOGLE_WHEN, "end": {"date": "2026-12-02"}},
    {"start": {"dateTime": "2026-12-01T10:00:00"}, "end": GOOGLE_WHEN},
    {"start": {"dateTime": "noon"}, "end": GOOGLE_WHEN},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "attendees": [{"responseStatus": "accepted"}]},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "attendees": 5},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "summary": ["x"]},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "recurrence": ["RRULE:FREQ=SECONDLY"]},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "recurrence": ["DTSTART:20261201T100000Z"]},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "recurrence": ["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]},
    {"start": GOOGLE_WHEN, "end": GOOGLE_WHEN, "id": "NOT-AN-ID"},
]


@pytest.mark.parametrize("body", GOOGLE_WRONG, ids=range(len(GOOGLE_WRONG)))
def test_a_value_that_google_cannot_take(world: World, body: dict[str, Any]) -> None:
    reply = world.request("bob", "POST", FIRST["/calendar/v3"], body)
    assert reply.status == 400, reply.body
    assert reply.json["error"]["errors"][0]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/me/events?$filter=subject eq",
        "/me/events?$filter=nothing eq 'x'",
        "/me/events?$top=-1",
        "/me/events?$top=many",
        "/me/events?$orderby=nothing",
        "/me/events?$skiptoken=garbage",
        "/me/messages?$expand=event",
        "/me/calendarView",
        "/me/calendarView?startDateTime=soon&endDateTime=later",
        "/me/events/garbage",
        "/me/nothing",
        "/me/messages/%00",
        "/nothing",
    ],
)
@pytest.mark.parametrize("mount", MICROSOFT)
def test_a_question_that_cannot_be(world: World, mount: str, path: str) -> None:
    reply = world.request("bob", "GET", mount + path.replace(" ", "%20"))
    assert 400 <= reply.status < 500, reply.body
    assert reply.json["error"]["message"]


@pytest.mark.parametrize("mount", MICROSOFT)
def test_what_is_not_emulated_names_the_gap(world: World, mount: str) -> None:
    for method, path in (
        ("GET", "/me/contacts"),
    ):
        reply = world.request("bob", method, mount + path, {} if method == "POST" else None)
        assert reply.status in (400, 404, 501)
        assert f"'{path.rpartition('/')[2]}'" in reply.json["error"]["message"]
