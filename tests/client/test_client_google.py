"""Invitations and answers in a Google calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rsvpd.client import Answer, NotFound, Organizer, Provider, Refused, Unavailable, Unreadable
from support.recorded import Exchange, Recording, client, google_event

PATH = "/calendar/v3/calendars/primary"
LIST = f"GET {PATH}/events"
LUNCH = google_event("lunch", "Lunch", "2026-11-24T12:00:00+01:00", "2026-11-24T13:00:00+01:00")
STANDUP = google_event(
    "standup",
    "Standup",
    "2026-11-02T09:00:00+01:00",
    "2026-11-02T09:15:00+01:00",
    recurrence=["RRULE:FREQ=DAILY"],
)
NEXT = google_event(
    "standup_20261123T080000Z",
    "Standup",
    "2026-11-23T09:00:00+01:00",
    "2026-11-23T09:15:00+01:00",
    recurringEventId="standup",
)
INSTANCES = f"GET {PATH}/events/standup/instances"


def mine(word: str, **more: Any) -> dict[str, Any]:
    return {"attendees": [{"email": "bob@example.com", "self": True, "responseStatus": word, **more}]}


def invitations(*exchanges: Exchange, **more: Any) -> tuple[list[Any], Recording]:
    recording = Recording(*exchanges)
    found = client(Provider.GOOGLE, recording).invitations(**more)
    assert recording.is_over
    return found, recording


def test_an_invitation_that_waits() -> None:
    (found,), recording = invitations(Exchange(LIST, {"items": [LUNCH]}))
    assert (found.id, found.subject, found.location) == ("lunch", "Lunch", "Orion")
    assert found.organizer == Organizer("alice@example.com", "Alice")
    assert (found.start, found.end) == (
        datetime(2026, 11, 24, 11, tzinfo=UTC),
        datetime(2026, 11, 24, 12, tzinfo=UTC),
    )
    assert found.received == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (found.invited_as, found.is_waiting, found.is_series) == ("bob@example.com", True, False)
    assert recording.query(0) == {
        "timeMin": "2026-11-22T12:00:00Z",
        "singleEvents": "false",
        "maxAttendees": "1",
        "maxResults": "250",
    }


def test_pages_repeat_the_question() -> None:
    found, recording = invitations(
        Exchange(LIST, {"items": [], "nextPageToken": "p/2="}), Exchange(LIST, {"items": [LUNCH]})
    )
    assert len(found) == 1
    assert recording.query(1) == recording.query(0) | {"pageToken": "p/2="}


def test_a_series_stands_at_its_next_date() -> None:
    (found,), recording = invitations(Exchange(LIST, {"items": [STANDUP]}), Exchange(INSTANCES, {"items": [NEXT]}))
    assert (found.id, found.is_series) == ("standup", True)
    assert found.start == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert recording.query(1)["maxResults"] == "1"


@pytest.mark.parametrize("answer", [Exchange(INSTANCES, {"items": []}), Exchange(INSTANCES, {}, status=404)])
def test_a_series_that_is_over_is_left_out(answer: Exchange) -> None:
    found, _ = invitations(Exchange(LIST, {"items": [STANDUP]}), answer)
    assert found == []


def test_changed_dates_go_with_a_series_that_waits() -> None:
    found, _ = invitations(Exchange(LIST, {"items": [STANDUP, NEXT]}), Exchange(INSTANCES, {"items": [NEXT]}))
    assert [one.id for one in found] == ["standup"]


def test_changed_dates_of_an_answered_series_wait_on_their_own() -> None:
    found, _ = invitations(Exchange(LIST, {"items": [STANDUP | mine("accepted"), NEXT]}))
    assert [(one.id, one.is_series) for one in found] == [("standup_20261123T080000Z", False)]


@pytest.mark.parametrize(
    "differs",
    [
        mine("accepted"),
        mine("needsAction", organizer=True),
        {"organizer": {"email": "bob@example.com", "self": True}},
        {"attendees": [{"email": "carol@example.com", "responseStatus": "needsAction"}]},
        {"attendees": None},
    ],
    ids=["answered", "own entry organizes", "own", "not invited", "nobody invited"],
)
def test_what_does_not_wait(differs: dict[str, Any]) -> None:
    found, _ = invitations(Exchange(LIST, {"items": [LUNCH | differs]}))
    assert found == []


def test_cancelled_dates_have_little_more_than_an_id() -> None:
    hole = {"id": "standup_20261124T080000Z", "status": "cancelled", "recurringEventId": "standup"}
    found, _ = invitations(Exchange(LIST, {"items": [hole, LUNCH]}))
    assert [one.id for one in found] == ["lunch"]


def test_answered_ones_follow() -> None:
    found, _ = invitations(
        Exchange(LIST, {"items": [STANDUP | mine("tentative"), LUNCH]}),
        Exchange(INSTANCES, {"items": [NEXT]}),
        include_answered=True,
    )
    assert [(one.id, one.my_answer) for one in found] == [
        ("lunch", Answer.NONE),
        ("standup", Answer.TENTATIVE),
    ]


def test_all_day() -> None:
    (found,), _ = invitations(
        Exchange(LIST, {"items": [LUNCH | {"start": {"date": "2026-11-30"}, "end": {"date": "2026-12-01"}}]})
    )
    assert (found.start, found.end, found.all_day) == (date(2026, 11, 30), date(2026, 12, 1), True)


@pytest.mark.parametrize("broken", [{"start": {}}, {"start": {"dateTime": "x"}}, {"attendees": ["bob"]}])
def test_an_event_that_cannot_be_read(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        invitations(Exchange(LIST, {"items": [LUNCH | broken]}))


# --- answering

ONE, PATCH = f"GET {PATH}/events/lunch", f"PATCH {PATH}/events/lunch"


@pytest.mark.parametrize(
    ("answer", "word"),
    [(Answer.ACCEPTED, "accepted"), (Answer.TENTATIVE, "tentative"), (Answer.DECLINED, "declined")],
)
def test_only_the_own_entry_is_patched(answer: Answer, word: str) -> None:
    recording = Recording(Exchange(ONE, LUNCH), Exchange(PATCH, LUNCH | mine(word)))
    done = client(Provider.GOOGLE, recording).answer("lunch", answer, comment="ok")
    assert recording.sent(1) == {
        "attendeesOmitted": True,
        "attendees": [{"email": "bob@example.com", "responseStatus": word, "comment": "ok"}],
    }
    assert recording.query(1)["sendUpdates"] == "all"
    assert (done.answer, done.sent) == (answer, True)


def test_without_sending_no_mail_is_asked_for() -> None:
    recording = Recording(Exchange(ONE, LUNCH), Exchange(PATCH, LUNCH | mine("accepted")))
    done = client(Provider.GOOGLE, recording).answer("lunch", Answer.ACCEPTED, send=False)
    assert recording.query(1)["sendUpdates"] == "none"
    assert "comment" not in recording.sent(1)["attendees"][0]
    assert not done.sent


def test_an_answer_that_did_not_take_is_noticed() -> None:
    recording = Recording(Exchange(ONE, LUNCH), Exchange(PATCH, LUNCH))
    with pytest.raises(Unreadable, match="not the one that was sent"):
        client(Provider.GOOGLE, recording).answer("lunch", Answer.ACCEPTED)


def test_who_is_not_on_the_list_cannot_answer() -> None:
    alone = LUNCH | {"attendees": [{"email": "carol@example.com", "responseStatus": "accepted"}]}
    with pytest.raises(Refused) as caught:
        client(Provider.GOOGLE, Recording(Exchange(ONE, alone))).answer("lunch", Answer.ACCEPTED)
    assert caught.value.code == "notInvited"


def test_a_deleted_event_is_not_found() -> None:
    with pytest.raises(NotFound):
        client(Provider.GOOGLE, Recording(Exchange(ONE, {"id": "lunch", "status": "cancelled"}))).invitation("lunch")


def test_too_many_requests_come_as_403() -> None:
    said = {
        "error": {
            "errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}],
            "code": 403,
            "message": "Rate Limit Exceeded",
        }
    }
    recording = Recording(Exchange(ONE, said, status=403), Exchange(ONE, LUNCH), Exchange(PATCH, said, status=403))
    with pytest.raises(Unavailable, match="Rate Limit"):
        client(Provider.GOOGLE, recording).answer("lunch", Answer.ACCEPTED)
    assert recording.is_over


def test_whose_calendar_it_is() -> None:
    assert (
        client(Provider.GOOGLE, Recording(Exchange(f"GET {PATH}", {"id": "bob@example.com"}))).address()
        == "bob@example.com"
    )
    assert client(Provider.GOOGLE, Recording(Exchange(f"GET {PATH}", status=403))).address() is None
