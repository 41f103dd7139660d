"""Events through the whole dialect, with a door that only remembers."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET, structs

from rsvpd.calendar.conference import Provider, Wish
from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import Answer, Attendee, Role, State, Status
from rsvpd.commands.door import Done, Who
from rsvpd.commands.references import Crossing, EventRef, GuestPatch, Notify
from rsvpd.dialects.google.serve import Google
from rsvpd.dialects.google.vocabulary.etags import event_etag
from rsvpd.errors import (
    AccessDenied,
    AlreadyExists,
    ChangeKeyMismatch,
    ItemGone,
    ItemNotFound,
    Overloaded,
    SharedPropertyByGuest,
    StorageFailed,
    StorageFull,
    TooLarge,
)
from rsvpd.hints import Hint, HintCode
from support.google_door import (
    ACCEPTED,
    BOSS,
    EVE,
    GUESTS,
    ID,
    ME,
    NOW,
    TOKENS,
    UID,
    FakeDoor,
    answered,
    ask,
    done,
    header,
    instance,
    reason,
    request,
    series,
    view,
)

EVENT = f"/calendars/primary/events/{ID}"
PRESENT, EVERYTHING = (State.LIVE, State.DECLINED), (State.LIVE, State.DECLINED, State.DELETED)
ANSWER = {"attendeesOmitted": True, "attendees": [ACCEPTED]}
TIMES = {"start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}}


def answering(**answers: Any) -> FakeDoor:
    return FakeDoor(**({"get_event": view(), "update_event": done(view(answer=Answer.ACCEPTED))} | answers))


# --- reading


def test_a_guests_event() -> None:
    tracked = (
        Attendee(address=ME.address, name="Me"),
        Attendee(
            address=EVE.address,
            name="Eve",
            role=Role.OPTIONAL,
            answer=Answer.DECLINED,
            comment="ill",
            guests=1,
        ),
    )
    seen = view(answer=Answer.TENTATIVE, comment="perhaps", tracking=tracked)
    door = FakeDoor(get_event=seen)
    response = ask(door, "GET", EVENT)
    assert response.status == 200
    assert header(response, "content-type") == "application/json; charset=UTF-8"
    etag = header(response, "etag")
    assert etag == event_etag(seen)
    assert etag.startswith('"41.')
    assert etag != event_etag(structs.replace(seen, tracking=tracked[:1]))
    assert answered(response) == {
        "kind": "calendar#event",
        "etag": etag,
        "id": ID,
        "status": "confirmed",
        "htmlLink": answered(response)["htmlLink"],
        "created": "2026-11-20T08:00:00.000Z",
        "updated": "2026-11-20T08:00:00.500Z",
        "summary": "Quarter plan",
        "description": "All of it",
        "location": "Orion",
        "creator": {"email": "boss@ex.test", "displayName": "Boss"},
        "organizer": {"email": "boss@ex.test", "displayName": "Boss"},
        "start": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Zurich"},
        "end": {"dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Zurich"},
        "iCalUID": UID,
        "sequence": 0,
        "attendees": [
            {"email": "boss@ex.test", "displayName": "Boss", "organizer": True, "responseStatus": "accepted"},
            {
                "email": "me@ex.test",
                "displayName": "Me",
                "self": True,
                "responseStatus": "tentative",
                "comment": "perhaps",
            },
            {
                "email": "eve@ex.test",
                "displayName": "Eve",
                "optional": True,
                "responseStatus": "declined",
                "comment": "ill",
                "additionalGuests": 1,
            },
        ],
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    assert answered(response)["htmlLink"].startswith("http://rsvpd.test/calendar/event?eid=")
    asked = (Who(ME.oid, None, NOW, calendar=1, interface="google"), EventRef(uid=UID))
    assert door.named("get_event") == [(asked, {"visible": EVERYTHING, "tracking": True})]


def test_the_organizers_event() -> None:
    event = answered(ask(FakeDoor(get_event=view(BOSS)), "GET", EVENT))
    assert event["organizer"] == {"email": "boss@ex.test", "displayName": "Boss", "self": True}
    assert event["attendees"][0] == {
        "email": "boss@ex.test",
        "displayName": "Boss",
        "organizer": True,
        "self": True,
        "responseStatus": "accepted",
    }


def test_an_appointment_has_no_attendees() -> None:
    assert "attendees" not in answered(ask(FakeDoor(get_event=view(BOSS, attendees=())), "GET", EVENT))


def test_whoever_was_forwarded_an_invitation_still_has_an_own_entry() -> None:
    event = answered(ask(FakeDoor(get_event=view(attendees=GUESTS[1:])), "GET", EVENT))
    assert [(one["email"], one.get("self")) for one in event["attendees"]] == [
        ("boss@ex.test", None),
        ("eve@ex.test", None),
        ("me@ex.test", True),
    ]


@pytest.mark.parametrize(
    ("seen", "query", "shown", "omitted"),
    [
        (view(), "", ["boss", "me", "eve"], None),
        (view(), "?maxAttendees=3", ["boss", "me", "eve"], None),
        (view(), "?maxAttendees=2", ["me"], True),
        (view(BOSS), "?maxAttendees=1", ["boss"], True),
        (view(hide_attendees=True), "", ["me"], True),
        (view(BOSS, hide_attendees=True), "", ["boss", "me", "eve"], None),
    ],
)
def test_attendees_may_be_left_out(seen: Any, query: str, shown: list[str], omitted: bool | None) -> None:
    event = answered(ask(FakeDoor(get_event=seen), "GET", EVENT + query))
    assert [one["email"].partition("@")[0] for one in event["attendees"]] == shown
    assert event.get("attendeesOmitted") is omitted


def test_times_are_shown_in_the_zone_asked_for() -> None:
    event = answered(ask(FakeDoor(get_event=view()), "GET", EVENT + "?timeZone=America/New_York"))
    assert event["start"] == {"dateTime": "2026-12-01T04:00:00-05:00", "timeZone": "Europe/Zurich"}
    assert reason(ask(FakeDoor(get_event=view()), "GET", EVENT + "?timeZone=Mars")) == (
        400,
        "global",
        "invalid",
    )


def test_an_instance_and_its_series() -> None:
    master = series()
    event = answered(ask(FakeDoor(get_event=master), "GET", EVENT))
    assert event["recurrence"][0].startswith("RRULE:")
    assert "recurringEventId" not in event
    door = FakeDoor(get_event=instance(master, "2026-12-03T10:00"))
    event = answered(ask(door, "GET", EVENT + "_20261203T090000Z"))
    assert event["id"] == f"{ID}_20261203T090000Z"
    assert event["recurringEventId"] == ID
    assert event["originalStartTime"] == {
        "dateTime": "2026-12-03T10:00:00+01:00",
        "timeZone": "Europe/Zurich",
    }
    assert "recurrence" not in event
    assert door.named("get_event")[0][0][1] == EventRef(uid=UID, original="20261203T090000Z")


def test_deleted_events_and_instances_are_shown_as_cancelled() -> None:
    assert answered(ask(FakeDoor(get_event=view(state=State.DELETED)), "GET", EVENT))["status"] == "cancelled"
    assert (
        answered(ask(FakeDoor(get_event=view(state=State.DECLINED)), "GET", EVENT))["status"] == "confirmed"
    )
    door = FakeDoor(get_event=[ItemNotFound(), series(deleted=("20261203T100000",))])
    event = answered(ask(door, "GET", EVENT + "_20261203T090000Z"))
    assert (event["id"], event["status"]) == (f"{ID}_20261203T090000Z", "cancelled")
    door = FakeDoor(get_event=[ItemNotFound(), series()])
    assert reason(ask(door, "GET", EVENT + "_20261203T090000Z")) == (404, "global", "notFound")


def test_not_modified() -> None:
    door = FakeDoor(get_event=view())
    response = ask(door, "GET", EVENT, headers={"if-none-match": 'W/"1.1", "41.0"'})
    assert (response.status, response.body, header(response, "etag")) == (304, b"", '"41.0"')
    assert ask(door, "GET", EVENT, headers={"if-none-match": '"40.0"'}).status == 200


@pytest.mark.parametrize("calendar", ["primary", "me%40ex.test", "ME@ex.test"])
def test_the_calendar_is_the_mailbox(calendar: str) -> None:
    door = FakeDoor(get_event=view())
    assert ask(door, "GET", f"/calendars/{calendar}/events/{ID}").status == 200
    owner = door.calls[0][1][0].owner
    assert owner == {"primary": None}.get(calendar, calendar.replace("%40", "@"))


def test_somebody_elses_calendar_is_not_found() -> None:
    door = FakeDoor(get_event=AccessDenied("no"))
    assert reason(ask(door, "GET", f"/calendars/boss%40ex.test/events/{ID}")) == (404, "global", "notFound")
    assert reason(ask(FakeDoor(), "GET", f"/calendars/work/events/{ID}")) == (404, "global", "notFound")


# --- answering and changing


@pytest.mark.parametrize(
    "body",
    [
        ANSWER,
        {
            "attendees": [
                {"email": BOSS.address},
                ACCEPTED,
                {"email": EVE.address, "responseStatus": "declined"},
            ]
        },
        {"attendees": [{"self": True, "responseStatus": "accepted", "comment": "ok"}]},
    ],
)
def test_a_guest_answers_by_patching_the_own_entry(body: dict[str, Any]) -> None:
    door = answering()
    response = ask(door, "PATCH", f"{EVENT}?sendUpdates=all", body)
    assert response.status == 200
    assert answered(response)["attendees"][1]["responseStatus"] == "accepted"
    (who, ref, draft), named = door.named("update_event")[0]
    assert (who, ref) == (Who(ME.oid, None, NOW, calendar=1, interface="google"), EventRef(uid=UID))
    own = next(one for one in draft.attendees if one.address == ME.address)
    assert own == AttendeeDraft(address=ME.address, answer=Answer.ACCEPTED, comment="ok")
    assert draft.attendees_omitted is ("attendeesOmitted" in body)
    assert named == {
        "expected": None,
        "notify": Notify.ALL,
        "guest": GuestPatch.ANSWER,
        "crossing": Crossing.ALLOWED,
        "visible": PRESENT,
        "tracking": True,
    }


def test_one_instance_is_answered() -> None:
    single = instance(series(), "2026-12-03T10:00")
    door = answering(get_event=single, update_event=done(single))
    assert ask(door, "PATCH", EVENT + "_20261203T090000Z", ANSWER).status == 200
    assert door.named("update_event")[0][0][1] == EventRef(uid=UID, original="20261203T090000Z")


def test_a_get_can_be_put_back_with_its_etag() -> None:
    door = answering()
    whole = answered(ask(door, "GET", EVENT))
    whole["attendees"][1] |= ACCEPTED
    response = ask(door, "PUT", EVENT, whole, headers={"if-match": whole["etag"]})
    assert response.status == 200
    (_, _, draft), named = door.named("update_event")[0]
    assert named["expected"] == 41
    assert (draft.subject, draft.start) == ("Quarter plan", view().event.start)
    assert draft.ignored == ()


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_another_etag_fails_before_anything_is_done(method: str) -> None:
    door = answering()
    response = ask(door, method, EVENT, None if method == "DELETE" else TIMES, headers={"if-match": '"40.0"'})
    assert reason(response) == (412, "global", "conditionNotMet")
    assert [name for name, _, _ in door.calls] == ["get_calendar", "get_event"]


def test_an_etag_that_goes_stale_in_between_fails_too() -> None:
    door = answering(update_event=ChangeKeyMismatch())
    earlier = {"start": {"dateTime": "2026-12-01T09:30:00+01:00"}}
    response = ask(door, "PATCH", EVENT, earlier, headers={"if-match": '"41.0"'})
    assert response.status == 412
    assert len(door.named("update_event")) == 1


def test_a_merge_is_made_again_when_the_event_changed_in_between() -> None:
    newer = structs.replace(view(), change=42)
    door = answering(get_event=[view(), newer], update_event=[ChangeKeyMismatch(), done(newer)])
    assert ask(door, "PATCH", EVENT, {"reminders": {"useDefault": True}}).status == 200
    assert [named["expected"] for _, named in door.named("update_event")] == [41, 42]


def test_a_merge_gives_up_in_the_end() -> None:
    door = answering(update_event=ChangeKeyMismatch())
    assert ask(door, "PATCH", EVENT, {"reminders": {"useDefault": True}}).status == 412
    assert len(door.named("update_event")) == 4


def test_shared_properties_are_the_organizers() -> None:
    response = ask(answering(update_event=SharedPropertyByGuest()), "PATCH", EVENT, {"summary": "Mine"})
    assert reason(response) == (403, "calendar", "forbiddenForNonOrganizer")
    message = "Shared properties can only be changed by the organizer of the event."
    assert answered(response)["error"]["message"] == message


@pytest.mark.parametrize(
    ("query", "notify"),
    [
        ("", Notify.UNSTATED),
        ("?sendUpdates=none", Notify.NONE),
        ("?sendUpdates=all", Notify.ALL),
        ("?sendUpdates=externalOnly", Notify.EXTERNAL),
        ("?sendNotifications=true", Notify.ALL),
        ("?sendNotifications=false", Notify.NONE),
        ("?sendUpdates=none&sendNotifications=true", Notify.NONE),
    ],
)
def test_who_is_told(query: str, notify: Notify) -> None:
    door = answering()
    ask(door, "PATCH", EVENT + query, ANSWER)
    assert door.named("update_event")[0][1]["notify"] is notify


def test_a_guests_list_without_the_own_entry_is_said_to_change_nothing() -> None:
    others = {"attendees": [{"email": EVE.address, "responseStatus": "declined"}]}
    response = ask(answering(), "PATCH", EVENT, others)
    assert response.status == 200
    assert "attendee-list-ignored" in (header(response, "x-rsvpd-hint") or "")
    for own in ({"email": ME.address.upper()}, {"self": True}):
        assert header(ask(answering(), "PATCH", EVENT, {"attendees": [own]}), "x-rsvpd-hint") is None


def test_hints_travel_in_a_header() -> None:
    hinted = Done(view(), (Hint(HintCode.PROPERTIES_IGNORED, "sequence"),))
    response = ask(answering(update_event=hinted), "PATCH", EVENT, {"sequence": 9})
    assert "sequence" in (header(response, "x-rsvpd-hint") or "")


def test_the_organizer_cannot_answer_and_is_told_so() -> None:
    door = answering(get_event=view(BOSS), update_event=done(view(BOSS)))
    body = {"attendees": [{"email": "BOSS@ex.test", "responseStatus": "declined"}]}
    assert "organizer-cannot-respond" in (header(ask(door, "PATCH", EVENT, body), "x-rsvpd-hint") or "")
    body["attendees"][0]["responseStatus"] = "accepted"
    assert header(ask(door, "PATCH", EVENT, body), "x-rsvpd-hint") is None


def test_an_online_meeting_is_wished_for_with_its_version_alone() -> None:
    body = {"conferenceData": {"createRequest": {"requestId": "1"}}}
    door = answering()
    for query in ("?conferenceDataVersion=1", ""):
        assert header(ask(door, "PATCH", EVENT + query, body), "x-rsvpd-hint") is None
    with_version, without = (call[0][2] for call in door.named("update_event"))
    assert with_version.conference == Wish(provider=Provider.MEET, request_id="1")
    assert (without.conference, without.ignored) == (UNSET, ("conferenceData",))


def test_a_status_of_cancelled_deletes() -> None:
    gone = view(state=State.DELETED)
    door = FakeDoor(get_event=view(), call_off_event=done(gone))
    response = ask(door, "PATCH", f"{EVENT}?sendUpdates=all", {"status": "cancelled", "summary": "x"})
    assert answered(response)["status"] == "cancelled"
    assert door.named("call_off_event")[0][1]["notify"] is Notify.ALL
    assert "summary" in (header(response, "x-rsvpd-hint") or "")


def test_a_cancelled_copy_can_be_put_back() -> None:
    off = view(status=Status.CANCELLED)
    door = answering(get_event=off, update_event=done(off))
    whole = answered(ask(door, "GET", EVENT))
    assert whole["status"] == "cancelled"
    assert ask(door, "PUT", EVENT, whole).status == 200
    assert door.named("delete_event") == []


# --- creating and deleting


def test_a_new_event_without_an_id_gets_one() -> None:
    door = FakeDoor(create_event=done(view(BOSS)))
    response = ask(door, "POST", "/calendars/primary/events?sendUpdates=all", {**TIMES, "summary": "Plans"})
    assert response.status == 200
    assert header(response, "etag") == '"41.0"'
    (who, draft), named = door.named("create_event")[0]
    assert (who.owner, draft.uid, draft.subject) == (None, "minted0123@google.com", "Plans")
    assert draft.start.zone == "Europe/Zurich", "the zone of the calendar"
    assert named == {"notify": Notify.ALL, "tracking": True}


def test_a_used_id_is_a_duplicate() -> None:
    door = FakeDoor(create_event=AlreadyExists("used"))
    response = ask(door, "POST", "/calendars/primary/events", {**TIMES, "id": "abcde"})
    assert reason(response) == (409, "global", "duplicate")
    assert answered(response)["error"]["message"] == "The requested identifier already exists."


def test_an_event_is_not_born_cancelled() -> None:
    response = ask(FakeDoor(), "POST", "/calendars/primary/events", {**TIMES, "status": "cancelled"})
    assert reason(response) == (400, "global", "invalid")


def test_deleting() -> None:
    door = FakeDoor(get_event=view(), delete_event=Done(None))
    response = ask(door, "DELETE", f"{EVENT}?sendUpdates=all")
    assert (response.status, response.body) == (204, b"")
    assert header(response, "content-type") is None
    assert door.named("delete_event") == [
        (
            (Who(ME.oid, None, NOW, calendar=1, interface="google"), EventRef(uid=UID)),
            {"expected": None, "notify": Notify.ALL, "decline": True, "visible": PRESENT},
        )
    ]


def test_deleting_twice() -> None:
    for door in (FakeDoor(get_event=ItemGone()), FakeDoor(get_event=view(), delete_event=ItemGone())):
        assert reason(ask(door, "DELETE", EVENT)) == (410, "global", "deleted")
    off = FakeDoor(get_event=view(status=Status.CANCELLED))
    assert reason(ask(off, "DELETE", EVENT)) == (410, "global", "deleted"), "by the organizer"
    door = FakeDoor(delete_event=ItemNotFound(), get_event=series(deleted=("20261203T100000",)))
    assert reason(ask(door, "DELETE", EVENT + "_20261203T090000Z")) == (410, "global", "deleted")
    assert reason(ask(door, "DELETE", EVENT + "_20261204T090000Z")) == (404, "global", "notFound")
    assert reason(ask(door, "DELETE", EVENT)) == (404, "global", "notFound")
    assert reason(ask(FakeDoor(get_event=ItemGone()), "PATCH", EVENT, ANSWER)) == (410, "global", "deleted")


# --- the wire


@pytest.mark.parametrize(
    ("raw", "headers", "expected"),
    [
        (b"{", {}, "parseError"),
        (b"[]", {}, "parseError"),
        (b'"x"', {}, "parseError"),
        (b"\xff\xfe", {}, "parseError"),
        (b'{"a":"\xff"}', {}, "parseError"),
        (b'{"a":NaN}', {}, "parseError"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, {}, "parseError"),
        (b"[" * 100_000, {}, "parseError"),
        (b'{"a":"\\ud800"}', {}, "parseError"),
        (b"summary=x", {"content-type": "application/x-www-form-urlencoded"}, "badContent"),
    ],
)
def test_bodies_that_are_no_object(raw: bytes, headers: dict[str, str], expected: str) -> None:
    for method, url in (("POST", "/calendars/primary/events"), ("PATCH", EVENT), ("PUT", EVENT)):
        response = ask(answering(), method, url, raw=raw, headers=headers)
        assert reason(response) == (400, "global", expected)


def test_depth_is_counted_and_an_empty_patch_is_a_patch() -> None:
    deep: dict[str, Any] = {}
    for _ in range(31):
        deep = {"x": deep}
    assert ask(answering(), "PATCH", EVENT, deep).status == 200
    assert ask(answering(), "PATCH", EVENT, {"x": deep}).status == 400
    assert ask(answering(), "PATCH", EVENT).status == 200


def test_partial_answers() -> None:
    door = FakeDoor(get_event=view())
    response = ask(
        door, "GET", f"{EVENT}?fields=id,attendees(email),start/dateTime&alt=json&key=k&quotaUser=q"
    )
    assert answered(response) == {
        "id": ID,
        "start": {"dateTime": "2026-12-01T10:00:00+01:00"},
        "attendees": [{"email": "boss@ex.test"}, {"email": "me@ex.test"}, {"email": "eve@ex.test"}],
    }
    assert header(response, "etag") == '"41.0"'


@pytest.mark.parametrize(
    "query", ["fields=", "fields=id(", "fields=summry", "alt=media", "prettyPrint=2", "a=%ff"]
)
def test_a_parameter_that_cannot_be_is_refused_before_anything_is_done(query: str) -> None:
    door = answering()
    assert reason(ask(door, "PATCH", f"{EVENT}?{query}", ANSWER)) == (400, "global", "invalidParameter")
    assert door.calls == []


@pytest.mark.parametrize(
    "query", ["maxAttendees=0", "maxAttendees=x", "sendUpdates=some", "sendNotifications=7"]
)
def test_a_parameter_of_an_event_that_cannot_be(query: str) -> None:
    door = answering()
    response = ask(door, "PATCH", f"{EVENT}?{query}", ANSWER)
    assert reason(response) == (400, "global", "invalidParameter")
    assert answered(response)["error"]["errors"][0]["location"] == query.partition("=")[0]
    assert door.named("update_event") == []


def test_answers_are_indented_unless_that_is_refused() -> None:
    door = FakeDoor(get_event=view())
    assert ask(door, "GET", EVENT).body.startswith(b'{\n "kind"')
    assert b"\n" not in ask(door, "GET", f"{EVENT}?prettyPrint=false").body


def test_a_get_may_come_as_a_form() -> None:
    door = FakeDoor(get_event=view())
    headers = {"x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded"}
    response = ask(door, "POST", f"{EVENT}?alt=json", raw=b"fields=id%2Cstatus", headers=headers)
    assert answered(response) == {"id": ID, "status": "confirmed"}


def test_a_patch_may_come_as_a_post() -> None:
    door = answering()
    assert ask(door, "POST", EVENT, ANSWER, headers={"x-http-method-override": "PATCH"}).status == 200
    assert len(door.named("update_event")) == 1


# --- who asks


@pytest.mark.parametrize(
    ("authorization", "why"),
    [
        ("", "required"),
        ("Basic abc", "required"),
        ("Bearer nonsense", "authError"),
        (f"Bearer {TOKENS.issue(ME, now=NOW - 10**12)}", "authError"),
    ],
)
def test_without_a_token_nothing_is_said(authorization: str, why: str) -> None:
    response = ask(FakeDoor(), "GET", EVENT, headers={"authorization": authorization})
    assert reason(response) == (401, "global", why)
    assert answered(response)["error"]["errors"][0]["location"] == "Authorization"
    assert (header(response, "www-authenticate") or "").startswith("Bearer realm=")


def test_the_token_may_be_a_parameter() -> None:
    token = TOKENS.issue(ME, now=NOW)
    door = FakeDoor(get_event=view())
    assert ask(door, "GET", f"{EVENT}?oauth_token={token}", headers={"authorization": ""}).status == 200


# --- what the edge refuses


def test_refusals_of_the_edge_are_in_googles_shape() -> None:
    google = Google(FakeDoor(), TOKENS)
    assert reason(google.refuse(request("POST", EVENT), TooLarge())) == (413, "global", "requestTooLarge")
    for kind in (Overloaded, StorageFull, StorageFailed):
        busy = google.refuse(request("POST", EVENT), kind(7))
        assert reason(busy) == (503, "global", "backendError")
        assert header(busy, "retry-after") == "7"
    error = ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    assert "iCalUID" in (header(google.refuse(request("GET", EVENT), error), "x-rsvpd-hint") or "")
