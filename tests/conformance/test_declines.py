"""Focus time and absences that decline invitations: new ones, those of before, single dates of series."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.rooms import set_room
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.rooms import Auto
from support.world import World

EVENTS = "/calendar/v3/calendars/primary/events"
AWAY, FOCUS = ("outOfOffice", "outOfOfficeProperties"), ("focusTime", "focusTimeProperties")
NONE, NEW, ALL = "declineNone", "declineOnlyNewConflictingInvitations", "declineAllConflictingInvitations"
DAY = {"start": "2026-12-01", "end": "2026-12-02"}
GUEST = [{"emailAddress": {"address": "bob@example.com"}}]


def times(day: str, start: str, end: str) -> dict[str, Any]:
    return {
        "start": {"dateTime": f"{day}T{start}:00", "timeZone": "UTC"},
        "end": {"dateTime": f"{day}T{end}:00", "timeZone": "UTC"},
    }


def away(
    world: World, mode: str = NEW, *, day: str = "2026-12-01", start: str = "09:00", end: str = "12:00",
    kind: tuple[str, str] = AWAY, message: str = "On the lake", **members: Any,
) -> Any:  # fmt: skip
    """Put an event that declines into bob's calendar."""
    body = {**times(day, start, end), "eventType": kind[0], "summary": "Away", **members}
    properties = {"autoDeclineMode": mode, "declineMessage": message}
    reply = world.request("bob", "POST", EVENTS, {**body, kind[1]: properties})
    assert reply.status == 200, reply.json
    assert not reply.hint
    return reply.json


def invite(world: World, *, day: str = "2026-12-01", start: str = "10:00", end: str = "11:00", **members: Any) -> str:
    """Let alice invite bob by Graph; return the id of her event."""
    return invite_at(world, times(day, start, end), **members)


def invite_for_a_day(world: World, show_as: str) -> str:
    span = {name: {"dateTime": f"{day}T00:00:00", "timeZone": "UTC"} for name, day in DAY.items()}
    return invite_at(world, span, isAllDay=True, showAs=show_as)


def invite_at(world: World, span: dict[str, Any], **members: Any) -> str:
    body = {"subject": "Standup", "attendees": GUEST, **span, **members}
    reply = world.request("alice", "POST", "/v1.0/me/events", body)
    assert reply.status == 201, reply.json
    return str(reply.json["id"])


def tracked(world: World, event: str) -> str:
    reply = world.request("alice", "GET", f"/v1.0/me/events/{event}")
    assert reply.status == 200, reply.json
    return str(reply.json["attendees"][0]["status"]["response"])


def inbox(world: World, name: str) -> list[str]:
    reply = world.request(name, "GET", "/v1.0/me/mailFolders/inbox/messages?$top=200")
    return [one["subject"] for one in reply.json["value"]]


def copies(world: World, name: str = "bob") -> list[Any]:
    items = world.request(name, "GET", EVENTS).json["items"]
    return [one for one in items if one["eventType"] == "default"]


def answer_of(event: Any, name: str = "bob") -> tuple[str, str | None]:
    (found,) = [one for one in event["attendees"] if one["email"] == f"{name}@example.com"]
    return found["responseStatus"], found.get("comment")


@pytest.mark.parametrize("kind", [AWAY, FOCUS])
@pytest.mark.parametrize("mode", [NEW, ALL])
def test_an_invitation_that_meets_it_is_declined_at_once(world: World, kind: tuple[str, str], mode: str) -> None:
    away(world, mode, kind=kind)
    event = invite(world)
    assert tracked(world, event) == "declined"
    assert inbox(world, "alice") == ["Declined: Standup"]
    letter = world.request("alice", "GET", "/v1.0/me/mailFolders/inbox/messages").json["value"][0]
    assert (letter["bodyPreview"], letter["meetingMessageType"]) == ("On the lake", "meetingDeclined")
    assert inbox(world, "bob") == ["Standup"]
    (copy,) = copies(world)
    assert answer_of(copy) == ("declined", "On the lake")
    assert answer_of(copies(world, "alice")[0]) == ("declined", "On the lake")
    shown = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    assert [one["subject"] for one in shown] == ["Away"]


ORGANIZED = {
    "graph": ("/v1.0/me/events", {"subject": "Standup", "attendees": GUEST, **times("2026-12-01", "10:00", "11:00")}),
    "outlook": (
        "/api/v2.0/me/events",
        {
            "Subject": "Standup", "Attendees": [{"EmailAddress": {"Address": "bob@example.com"}}],
            "Start": {"DateTime": "2026-12-01T10:00:00", "TimeZone": "UTC"},
            "End": {"DateTime": "2026-12-01T11:00:00", "TimeZone": "UTC"},
        },
    ),
    "google": (
        f"{EVENTS}?sendUpdates=all",
        {"summary": "Standup", "attendees": [{"email": "bob@example.com"}], **times("2026-12-01", "10:00", "11:00")},
    ),
    "google silently": (
        EVENTS,
        {"summary": "Standup", "attendees": [{"email": "bob@example.com"}], **times("2026-12-01", "10:00", "11:00")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", ORGANIZED)
def test_it_is_declined_whatever_it_was_sent_by(world: World, dialect: str) -> None:
    away(world)
    path, body = ORGANIZED[dialect]
    assert world.request("alice", "POST", path, body).status in (200, 201)
    assert answer_of(copies(world, "alice")[0]) == ("declined", "On the lake")
    told = [] if dialect == "google silently" else ["Declined: Standup"]
    assert inbox(world, "alice") == told


UNDISTURBED: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing is declined": (NONE, {}),
    "it only touches": (NEW, {"start": "12:00", "end": "13:00"}),
    "another day": (NEW, {"day": "2026-12-02"}),
    "shown as free": (NEW, {"showAs": "free"}),
}


@pytest.mark.parametrize("case", UNDISTURBED)
def test_what_does_not_meet_it_waits_for_an_answer(world: World, case: str) -> None:
    mode, members = UNDISTURBED[case]
    away(world, mode)
    event = invite(world, **members)
    assert tracked(world, event) == "none"
    assert inbox(world, "alice") == []


@pytest.mark.parametrize(("show_as", "answer"), [("free", "none"), ("busy", "declined")])
def test_a_whole_day_is_declined_where_it_takes_time(world: World, show_as: str, answer: str) -> None:
    away(world)
    assert tracked(world, invite_for_a_day(world, show_as)) == answer


def test_where_no_answer_is_asked_for_nobody_is_written_to(world: World) -> None:
    away(world)
    event = invite(world, responseRequested=False)
    assert (tracked(world, event), inbox(world, "alice")) == ("declined", [])


def test_own_meetings_are_kept(world: World) -> None:
    away(world, ALL)
    body = {"summary": "Mine", "attendees": [{"email": "alice@example.com"}], **times("2026-12-01", "10:00", "11:00")}
    assert world.request("bob", "POST", EVENTS, body).status == 200
    away(world, ALL)
    (mine,) = copies(world)
    assert (mine["status"], answer_of(mine, "alice")[0]) == ("confirmed", "needsAction")


def test_an_event_that_is_deleted_declines_no_more(world: World) -> None:
    made = away(world)
    assert world.request("bob", "DELETE", f"{EVENTS}/{made['id']}").status == 204
    assert tracked(world, invite(world)) == "none"


def test_who_accepts_afterwards_has_accepted(world: World) -> None:
    made = away(world, ALL)
    event = invite(world)
    (copy,) = copies(world)
    body = {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
    assert world.request("bob", "PATCH", f"{EVENTS}/{copy['id']}", body).status == 200
    assert world.request("bob", "PATCH", f"{EVENTS}/{made['id']}", {"summary": "Far away"}).status == 200
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{event}", {"subject": "Other"}).status == 200
    assert tracked(world, event) == "accepted"


def test_a_meeting_that_is_moved_there_is_declined_anew(world: World) -> None:
    away(world)
    event = invite(world, day="2026-12-02")
    bobs = world.request("bob", "GET", "/v1.0/me/events?$filter=subject eq 'Standup'").json["value"][0]["id"]
    assert world.request("bob", "POST", f"/v1.0/me/events/{bobs}/accept", {}).status == 202
    world.request("alice", "PATCH", f"/v1.0/me/events/{event}", times("2026-12-01", "10:00", "11:00"))
    assert tracked(world, event) == "declined"
    world.request("alice", "PATCH", f"/v1.0/me/events/{event}", times("2026-12-03", "10:00", "11:00"))
    assert tracked(world, event) == "notResponded"


@pytest.mark.parametrize("answer", ["", "accept", "tentativelyAccept"])
@pytest.mark.parametrize(("mode", "after"), [(ALL, "declined"), (NEW, ""), (NONE, "")])
def test_what_was_there_before_is_declined_where_all_is(world: World, answer: str, mode: str, after: str) -> None:
    event = invite(world)
    before = {"": "none", "accept": "accepted", "tentativelyAccept": "tentativelyAccepted"}[answer]
    if answer:
        bobs = world.request("bob", "GET", "/v1.0/me/events").json["value"][0]["id"]
        assert world.request("bob", "POST", f"/v1.0/me/events/{bobs}/{answer}", {}).status == 202
    away(world, mode)
    assert tracked(world, event) == (after or before)
    assert ("Declined: Standup" in inbox(world, "alice")) is bool(after)


def test_what_it_comes_to_meet_is_declined(world: World) -> None:
    morning, noon = invite(world, subject="Morning"), invite(world, subject="Noon", start="12:00", end="13:00")
    made = away(world, ALL, start="07:00", end="08:00")
    path = f"{EVENTS}/{made['id']}"
    assert [tracked(world, one) for one in (morning, noon)] == ["none", "none"]
    assert world.request("bob", "PATCH", path, times("2026-12-01", "07:00", "10:30")).status == 200
    assert [tracked(world, one) for one in (morning, noon)] == ["declined", "none"]
    (copy,) = [one for one in copies(world) if one["summary"] == "Morning"]
    body = {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
    assert world.request("bob", "PATCH", f"{EVENTS}/{copy['id']}", body).status == 200
    assert world.request("bob", "PATCH", path, times("2026-12-01", "07:00", "12:30")).status == 200
    assert [tracked(world, one) for one in (morning, noon)] == ["accepted", "declined"]


def test_a_mode_that_is_written_later_counts_from_then_on(world: World) -> None:
    made = away(world, NONE)
    event = invite(world)
    body = {"outOfOfficeProperties": {"autoDeclineMode": ALL}}
    assert world.request("bob", "PATCH", f"{EVENTS}/{made['id']}", body).status == 200
    assert tracked(world, event) == "declined"
    assert answer_of(copies(world)[0]) == ("declined", "On the lake")


WEEKLY = {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}


def weekly(world: World, number: int, **members: Any) -> str:
    ranged = {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": number}
    return invite(world, recurrence={"pattern": WEEKLY, "range": ranged}, **members)


def answers_by_day(world: World, event: str) -> dict[str, str]:
    path = f"/v1.0/me/events/{event}/instances?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z"
    dates = world.request("alice", "GET", path).json["value"]
    return {one["start"]["dateTime"][:10]: one["attendees"][0]["status"]["response"] for one in dates}


@pytest.mark.parametrize("mode", [NEW, ALL])
def test_of_a_series_the_dates_that_meet_it_are_declined(world: World, mode: str) -> None:
    if mode == NEW:
        away(world, mode, day="2026-12-08")
    event = weekly(world, 4)
    if mode == ALL:
        away(world, mode, day="2026-12-08")
    assert answers_by_day(world, event) == {
        "2026-12-01": "none", "2026-12-08": "declined", "2026-12-15": "none", "2026-12-22": "none",
    }  # fmt: skip
    assert inbox(world, "alice") == ["Declined: Standup"]
    view = "/v1.0/me/calendarView?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-06-01T00:00:00Z"
    days = [one["start"]["dateTime"][:10] for one in world.request("bob", "GET", view).json["value"]]
    assert days == ["2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"]  # on the 8th bob is away


def test_a_series_of_which_nothing_is_left_is_declined_once(world: World) -> None:
    away(world, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU"])
    event = weekly(world, 4)
    assert set(answers_by_day(world, event).values()) == {"declined"}
    assert inbox(world, "alice") == ["Declined: Standup"]


def test_one_date_that_is_moved_there_is_declined(world: World) -> None:
    away(world, day="2026-12-09")
    event = weekly(world, 3)
    path = f"/v1.0/me/events/{event}/instances?startDateTime=2026-12-08T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
    date = world.request("alice", "GET", path).json["value"][0]["id"]
    moved = world.request("alice", "PATCH", f"/v1.0/me/events/{date}", times("2026-12-09", "10:00", "11:00"))
    assert moved.status == 200
    assert answers_by_day(world, event) == {"2026-12-01": "none", "2026-12-09": "declined", "2026-12-15": "none"}


def test_one_date_of_an_absence_declines_as_it_says_itself(world: World) -> None:
    made = away(world, NONE, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3"])
    instance = f"{EVENTS}/{made['id']}_20261208T090000Z"
    body = {"outOfOfficeProperties": {"autoDeclineMode": NEW}}
    assert world.request("bob", "PATCH", instance, body).status == 200
    assert list(answers_by_day(world, weekly(world, 3)).values()) == ["none", "declined", "none"]


def test_dates_that_differ_too_much_already_fail_nobody(world: World) -> None:
    away(world, recurrence=["RRULE:FREQ=DAILY"], end="10:30")
    ranged = {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 300}
    pattern = {"type": "daily", "interval": 1}
    event = invite(world, recurrence={"pattern": pattern, "range": ranged})
    assert tracked(world, event) == "declined"
    assert inbox(world, "alice") == ["Declined: Standup"]


def test_of_a_series_without_end_so_many_dates_are_declined(world: World) -> None:
    away(world, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA"])
    pattern = {"type": "daily", "interval": 1}
    event = invite(world, recurrence={"pattern": pattern, "range": {"type": "noEnd", "startDate": "2026-12-01"}})
    assert len(inbox(world, "alice")) == 100
    assert tracked(world, event) == "none"


def test_what_is_over_is_not_answered(world: World) -> None:
    away(world, day="2026-11-22")
    assert tracked(world, invite(world, day="2026-11-22")) == "none"


def test_what_only_touches_and_what_is_over_is_left_alone(world: World) -> None:
    before, after = invite(world, start="08:00", end="09:00"), invite(world, start="12:00", end="13:00")
    over = invite(world, day="2026-11-23", start="06:30", end="07:00")
    away(world, ALL)
    away(world, ALL, day="2026-11-23", start="06:00", end="20:00")
    assert [tracked(world, one) for one in (before, after, over)] == ["none", "none", "none"]


def test_of_two_absences_the_longer_one_counts_as_well(world: World) -> None:
    away(world, day="2026-12-08")
    away(world, day="2026-12-08", start="09:30", end="09:45", message="At the doctor's")
    assert list(answers_by_day(world, weekly(world, 3)).values()) == ["none", "declined", "none"]


def test_a_date_that_was_accepted_before_the_rest_came_stays_so(world: World) -> None:
    event = weekly(world, 3, attendees=[])
    path = f"/v1.0/me/events/{event}/instances?startDateTime=2026-12-08T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
    date = world.request("alice", "GET", path).json["value"][0]["id"]
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{date}", {"attendees": GUEST}).status == 200
    (copy,) = copies(world)
    body = {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
    assert world.request("bob", "PATCH", f"{EVENTS}/{copy['id']}", body).status == 200
    away(world, day="2026-12-08")
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{event}", {"attendees": GUEST}).status == 200
    assert list(answers_by_day(world, event).values()) == ["none", "accepted", "none"]


def test_the_other_guests_see_the_words(world: World) -> None:
    world.add("carol")
    away(world)
    invite(world, attendees=[*GUEST, {"emailAddress": {"address": "carol@example.com"}}])
    assert answer_of(copies(world, "carol")[0]) == ("declined", "On the lake")


def test_what_was_declined_already_is_not_answered_again(world: World) -> None:
    invite(world)
    bobs = world.request("bob", "GET", "/v1.0/me/events").json["value"][0]["id"]
    assert world.request("bob", "POST", f"/v1.0/me/events/{bobs}/decline", {"comment": "No"}).status == 202
    away(world, ALL)
    assert inbox(world, "alice") == ["Declined: Standup"]


def test_dates_that_are_called_off_are_not_answered(world: World) -> None:
    event = weekly(world, 3)
    path = f"/v1.0/me/events/{event}/instances?startDateTime=2026-12-08T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
    date = world.request("alice", "GET", path).json["value"][0]["id"]
    assert world.request("alice", "POST", f"/v1.0/me/events/{date}/cancel", {}).status == 202
    away(world, ALL, day="2026-12-08")
    assert inbox(world, "alice") == []


def test_an_absence_that_is_restored_declines_again(world: World) -> None:
    made = away(world, ALL)
    path = f"{EVENTS}/{made['id']}"
    assert world.request("bob", "DELETE", path).status == 204
    event = invite(world)
    assert world.request("bob", "PATCH", path, {"status": "confirmed"}).status == 200
    assert tracked(world, event) == "declined"


def test_a_room_has_its_policy_alone(world: World) -> None:
    world.add("orion", kind=PersonKind.ROOM)
    world.store.run(set_room, "orion@example.com", {"auto": Auto.NONE})
    body = {**times("2026-12-01", "09:00", "12:00"), "eventType": AWAY[0], AWAY[1]: {"autoDeclineMode": NEW}}
    assert world.request("orion", "POST", EVENTS, body).status == 200
    assert tracked(world, invite(world, attendees=[{"emailAddress": {"address": "orion@example.com"}}])) == "none"


def test_two_who_are_away_answer_each_other_once(world: World) -> None:
    away(world, ALL)
    body = {**times("2026-12-01", "09:00", "12:00"), "eventType": AWAY[0], AWAY[1]: {"autoDeclineMode": ALL}}
    assert world.request("alice", "POST", EVENTS, body).status == 200
    event = invite(world)
    assert (tracked(world, event), inbox(world, "alice"), inbox(world, "bob")) == (
        "declined", ["Declined: Standup"], ["Standup"],
    )  # fmt: skip


def test_guests_of_a_large_meeting_decline_in_each_slice(world: World) -> None:
    names = [f"g{number}" for number in range(150)]
    for name in names:
        world.add(name)
    busy = (names[3], names[70], names[140])
    properties = {AWAY[1]: {"autoDeclineMode": NEW, "declineMessage": "On the lake"}}
    for name in busy:
        body = {**times("2026-12-01", "09:00", "12:00"), "eventType": AWAY[0], **properties}
        assert world.request(name, "POST", EVENTS, body).status == 200
    guests = [{"emailAddress": {"address": f"{name}@example.com"}} for name in names]
    event = invite(world, attendees=guests)
    while world.store.run(deliver_next):
        pass
    found = world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
    answered = {one["emailAddress"]["address"] for one in found if one["status"]["response"] == "declined"}
    assert answered == {f"{name}@example.com" for name in busy}


def test_an_invitation_that_is_forwarded_is_declined(world: World) -> None:
    world.add("carol")
    body = {**times("2026-12-01", "09:00", "12:00"), "eventType": AWAY[0], AWAY[1]: {"autoDeclineMode": NEW}}
    assert world.request("carol", "POST", EVENTS, body).status == 200
    event = invite(world)
    forward = {"toRecipients": [{"emailAddress": {"address": "carol@example.com"}}]}
    assert world.request("alice", "POST", f"/v1.0/me/events/{event}/forward", forward).status == 202
    guests = world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
    assert {one["emailAddress"]["address"]: one["status"]["response"] for one in guests} == {
        "bob@example.com": "none", "carol@example.com": "declined",
    }  # fmt: skip
