"""Invitations and answers in Microsoft mailboxes, as Graph and Outlook REST write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from rsvpd.client import Answer, Forbidden, NotFound, Organizer, Provider, Refused, Unreadable
from support.recorded import GRAPH, O1, Exchange, Recording, client, graph_event, graph_page, outlook_event

VIEW, LIST = "GET /v1.0/me/calendarView", "GET /v1.0/me/events"
ACCEPTED = {"response": "accepted", "time": "2026-11-21T08:00:00.0000000Z"}
LUNCH = graph_event("lunch", "Lunch", "2026-11-24T11:00", "2026-11-24T12:00")
OCCURRENCE = {"type": "occurrence", "seriesMasterId": "M"}
STANDUP = {
    "master": graph_event("M", "Standup", "2026-11-01T08:00", "2026-11-01T08:15", type="seriesMaster"),
    "mon": graph_event("M1", "Standup", "2026-11-23T08:00", "2026-11-23T08:15", **OCCURRENCE),
    "tue": graph_event("M2", "Standup", "2026-11-24T08:00", "2026-11-24T08:15", **OCCURRENCE),
}


def one(ident: str, body: Any, **more: Any) -> Exchange:
    return Exchange(f"GET /v1.0/me/events/{ident}", body, **more)


def invitations(*exchanges: Exchange, **more: Any) -> tuple[list[Any], Recording]:
    recording = Recording(*exchanges)
    found = client(Provider.GRAPH, recording).invitations(**more)
    assert recording.is_over
    return found, recording


def test_an_invitation_that_waits() -> None:
    lunch = LUNCH | {"createdDateTime": "2026-11-20T08:00:00.1234567Z"}
    (found,), recording = invitations(
        Exchange(VIEW, graph_page(LUNCH)), Exchange(LIST, graph_page()), one("lunch", lunch)
    )
    assert found.id == "lunch"
    assert (found.subject, found.location, found.is_series, found.all_day) == ("Lunch", "Orion", False, False)
    assert found.organizer == Organizer("alice@example.com", "Alice")
    assert found.start == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert found.end == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert found.received == datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)
    assert (found.my_answer, found.is_waiting, found.provider) == (Answer.NONE, True, Provider.GRAPH)
    assert found.message_id is None
    assert [request.headers["authorization"] for request in recording.requests] == ["Bearer secret"] * 3
    assert 'outlook.timezone="UTC"' in recording.requests[0].headers["prefer"]


def test_what_is_asked_of_graph() -> None:
    _, recording = invitations(Exchange(VIEW, graph_page()), Exchange(LIST, graph_page()))
    view, later = recording.query(0), recording.query(1)
    assert view["startDateTime"] == "2026-11-22T12:00:00Z"
    assert view["endDateTime"] == "2027-01-21T12:00:00Z"
    assert "createdDateTime" not in view["$select"]  # not selectable in the view of the real service
    assert later["$filter"] == "start/dateTime ge '2027-01-21T12:00:00'"
    assert recording.requests[1].url.raw_path.startswith(b"/v1.0/me/events?$filter=start/dateTime%20ge%20")


def test_pages_are_followed_with_the_same_headers() -> None:
    link = f"{GRAPH}/me/calendarView?startDateTime=2026-11-22T12:00:00Z&$skip=100"
    found, recording = invitations(
        Exchange(VIEW, graph_page(STANDUP["mon"], link=link)),
        Exchange(VIEW, graph_page(LUNCH)),
        Exchange(LIST, graph_page()),
        one("M", STANDUP["master"]),
        one("lunch", LUNCH),
    )
    assert [one.id for one in found] == ["M", "lunch"]
    assert str(recording.requests[1].url) == link
    assert recording.requests[1].headers["prefer"] == recording.requests[0].headers["prefer"]


@pytest.mark.parametrize("link", ["https://evil.example/v1.0/me/calendarView", "http://graph.microsoft.com/v1.0/x"])
def test_pages_elsewhere_are_not_followed(link: str) -> None:
    recording = Recording(Exchange(VIEW, graph_page(LUNCH, link=link)))
    with pytest.raises(Unreadable, match="token is not sent there"):
        client(Provider.GRAPH, recording).invitations()
    assert len(recording.requests) == 1


def test_pages_without_end_are_not_followed_for_ever() -> None:
    recording = Recording(*[Exchange(VIEW, graph_page(link=f"{GRAPH}/me/calendarView"))] * 60)
    with pytest.raises(Unreadable, match="keeps sending pages"):
        client(Provider.GRAPH, recording).invitations()


def test_a_series_that_waits_is_one_invitation_at_its_next_date() -> None:
    (found,), _ = invitations(
        Exchange(VIEW, graph_page(STANDUP["mon"], STANDUP["tue"])),
        Exchange(LIST, graph_page()),
        one("M", STANDUP["master"]),
    )
    assert (found.id, found.is_series) == ("M", True)
    assert found.start == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_date_of_an_answered_series_waits_on_its_own() -> None:
    moved = STANDUP["tue"] | {"type": "exception"}
    found, _ = invitations(
        Exchange(VIEW, graph_page(STANDUP["mon"] | {"responseStatus": ACCEPTED}, moved)),
        Exchange(LIST, graph_page()),
        one("M", STANDUP["master"] | {"responseStatus": ACCEPTED}),
    )
    assert [(one.id, one.is_series) for one in found] == [("M2", False)]


def test_a_series_that_begins_later_is_found_in_the_list() -> None:
    master = STANDUP["master"] | {"start": {"dateTime": "2027-03-01T08:00:00.0000000", "timeZone": "UTC"}}
    (found,), _ = invitations(Exchange(VIEW, graph_page()), Exchange(LIST, graph_page(master)), one("M", master))
    assert (found.id, found.is_series, found.start) == ("M", True, datetime(2027, 3, 1, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    "differs",
    [
        {"isOrganizer": True},
        {"responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"}},
        {"isCancelled": True},
        {"responseStatus": ACCEPTED},
        {"responseStatus": {"response": "declined"}},
    ],
    ids=["own", "own by response", "cancelled", "accepted", "declined"],
)
def test_what_does_not_wait(differs: dict[str, Any]) -> None:
    found, _ = invitations(Exchange(VIEW, graph_page(LUNCH | differs)), Exchange(LIST, graph_page()))
    assert found == []


@pytest.mark.parametrize("word", ["none", "notResponded", None])
def test_words_for_no_answer(word: str | None) -> None:
    lunch = LUNCH | {"responseStatus": word and {"response": word}}
    found, _ = invitations(Exchange(VIEW, graph_page(lunch)), Exchange(LIST, graph_page()), one("lunch", lunch))
    assert len(found) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_an_event_that_went_meanwhile_is_left_out(status: int) -> None:
    found, _ = invitations(
        Exchange(VIEW, graph_page(LUNCH)), Exchange(LIST, graph_page()), one("lunch", {}, status=status)
    )
    assert found == []


def test_an_event_answered_meanwhile_is_left_out() -> None:
    found, _ = invitations(
        Exchange(VIEW, graph_page(LUNCH)),
        Exchange(LIST, graph_page()),
        one("lunch", LUNCH | {"responseStatus": ACCEPTED}),
    )
    assert found == []


def test_answered_ones_follow_the_waiting_ones() -> None:
    dinner = graph_event("dinner", "Dinner", "2026-11-23T18:00", "2026-11-23T19:00", responseStatus=ACCEPTED)
    occurrences = [STANDUP[day] | {"responseStatus": ACCEPTED} for day in ("mon", "tue")]
    found, _ = invitations(
        Exchange(VIEW, graph_page(dinner, LUNCH, *occurrences)),
        Exchange(LIST, graph_page()),
        one("lunch", LUNCH),
        include_answered=True,
    )
    assert [(one.id, one.my_answer) for one in found] == [
        ("lunch", Answer.NONE),
        ("M", Answer.ACCEPTED),
        ("dinner", Answer.ACCEPTED),
    ]


def test_all_day_is_a_date_in_every_zone() -> None:
    times = {
        "isAllDay": True,
        "start": {"dateTime": "2026-11-30T00:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "UTC"},
    }
    (found,), _ = invitations(
        Exchange(VIEW, graph_page(LUNCH | times)), Exchange(LIST, graph_page()), one("lunch", LUNCH | times)
    )
    assert (found.start, found.end, found.all_day) == (date(2026, 11, 30), date(2026, 12, 1), True)


@pytest.mark.parametrize(
    "broken",
    [
        {"start": None},
        {"start": {"dateTime": "tomorrow"}},
        {"organizer": "alice"},
        {"start": 5},
        {"start": {"dateTime": "2026-11-24T11:00:00", "timeZone": "Nowhere Time"}},
    ],
)
def test_an_event_that_cannot_be_read(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        invitations(Exchange(VIEW, graph_page(LUNCH | broken)))


@pytest.mark.parametrize("body", [{"value": [1]}, {"value": {}}, {}, []])
def test_a_list_that_is_none(body: Any) -> None:
    with pytest.raises(Unreadable):
        invitations(Exchange(VIEW, body))


# --- messages


INBOX = "GET /v1.0/me/mailFolders/inbox/messages"


def test_messages_are_found_where_mail_may_be_read() -> None:
    mail = [
        {"id": "m2", "meetingMessageType": "meetingRequest", "event": {"id": "lunch"}},
        {"id": "m1", "meetingMessageType": "meetingRequest", "event": {"id": "lunch"}},
        {"id": "m0", "meetingMessageType": "meetingAccepted", "event": {"id": "lunch"}},
        {"id": "plain"},
    ]
    (found,), recording = invitations(
        Exchange(VIEW, graph_page(LUNCH)),
        Exchange(LIST, graph_page()),
        one("lunch", LUNCH),
        Exchange(INBOX, {"value": mail}),
        with_messages=True,
    )
    assert found.message_id == "m2"
    assert recording.query(3)["$expand"] == "microsoft.graph.eventMessage/event"


def test_messages_are_left_out_where_mail_may_not_be_read() -> None:
    (found,), _ = invitations(
        Exchange(VIEW, graph_page(LUNCH)),
        Exchange(LIST, graph_page()),
        one("lunch", LUNCH),
        Exchange(INBOX, {"error": {"code": "ErrorAccessDenied", "message": "no"}}, status=403),
        with_messages=True,
    )
    assert found.message_id is None


def test_messages_of_outlook_rest_are_found_by_their_link() -> None:
    event = outlook_event("AA=", "Lunch", "2026-11-24T12:00:00+01:00", "2026-11-24T13:00:00+01:00")
    link = f"{O1}/Users('bob@example.com')/Events('AA%3D')"
    mail = {"Id": "m1", "MeetingMessageType": "MeetingRequest", "Event@odata.navigationLink": link}
    recording = Recording(
        Exchange("GET /api/v1.0/me/calendarView", {"value": [event]}),
        Exchange("GET /api/v1.0/me/events", {"value": []}),
        Exchange("GET /api/v1.0/me/events/AA=", event),
        Exchange("GET /api/v1.0/me/Folders/Inbox/messages", {"value": [mail]}),
    )
    (found,) = client(Provider.OUTLOOK_V1, recording).invitations(with_messages=True)
    assert found.message_id == "m1"
    assert recording.query(3)["$expand"] == "Microsoft.OutlookServices.EventMessage/Event"
    assert recording.query(3)["$orderby"] == "DateTimeReceived desc"


# --- Outlook REST


def test_outlook_v1_has_offsets_and_no_preferences() -> None:
    event = outlook_event(
        "AA",
        "Lunch",
        "2026-11-24T12:00:00+01:00",
        "2026-11-24T12:00:00Z",
        DateTimeCreated="2026-11-20T08:00:00Z",
    )
    recording = Recording(
        Exchange("GET /api/v1.0/me/calendarView", {"value": [event]}),
        Exchange("GET /api/v1.0/me/events", {"value": []}),
        Exchange("GET /api/v1.0/me/events/AA", event),
    )
    (found,) = client(Provider.OUTLOOK_V1, recording).invitations()
    assert (found.start, found.end) == (
        datetime(2026, 11, 24, 11, tzinfo=UTC),
        datetime(2026, 11, 24, 12, tzinfo=UTC),
    )
    assert found.received == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert "prefer" not in recording.requests[0].headers
    assert recording.query(1)["$filter"] == "Start ge 2027-01-21T12:00:00Z"
    assert recording.query(2)["$select"].endswith(",DateTimeCreated")
    assert recording.query(2)["$select"].startswith("Id,Subject,Organizer,Start,End,IsAllDay")


def test_outlook_v2_has_zones() -> None:
    event = outlook_event(
        "AA",
        "Lunch",
        {"DateTime": "2026-11-24T11:00:00", "TimeZone": "UTC"},
        {"DateTime": "2026-11-24T12:00:00", "TimeZone": "UTC"},
        CreatedDateTime="2026-11-20T08:00:00Z",
    )
    recording = Recording(
        Exchange("GET /api/v2.0/me/calendarView", {"value": [event]}),
        Exchange("GET /api/v2.0/me/events", {"value": []}),
        Exchange("GET /api/v2.0/me/events/AA", event),
    )
    (found,) = client(Provider.OUTLOOK_V2, recording).invitations()
    assert found.start == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert found.received is not None
    assert recording.query(1)["$filter"] == "Start/DateTime ge '2027-01-21T12:00:00'"


# --- answering


@pytest.mark.parametrize(
    ("answer", "action"),
    [(Answer.ACCEPTED, "accept"), (Answer.TENTATIVE, "tentativelyAccept"), (Answer.DECLINED, "decline")],
)
def test_each_answer_is_an_action_of_the_event(answer: Answer, action: str) -> None:
    recording = Recording(one("lunch", LUNCH), Exchange(f"POST /v1.0/me/events/lunch/{action}", status=202))
    done = client(Provider.GRAPH, recording).answer("lunch", answer, comment="I will be there!")
    assert recording.sent(1) == {"sendResponse": True, "comment": "I will be there!"}
    assert (done.answer, done.sent, done.hint) == (answer, True, None)


def test_the_body_is_spelt_as_the_service_spells() -> None:
    event = outlook_event("AA==", "Lunch", "2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z")
    recording = Recording(
        Exchange("GET /api/v1.0/me/events/AA==", event),
        Exchange("POST /api/v1.0/me/events/AA==/accept", status=202),
    )
    client(Provider.OUTLOOK_V1, recording).answer("AA==", Answer.ACCEPTED, comment="yes")
    assert recording.sent(1) == {"SendResponse": True, "Comment": "yes"}


def test_without_comment_there_is_none() -> None:
    recording = Recording(one("lunch", LUNCH), Exchange("POST /v1.0/me/events/lunch/accept", status=202))
    done = client(Provider.GRAPH, recording).answer("lunch", Answer.ACCEPTED, comment="", send=False)
    assert recording.sent(1) == {"sendResponse": False}  # even an empty comment would be refused beside it
    assert not done.sent


def test_a_comment_is_not_given_in_silence() -> None:
    recording = Recording()
    with pytest.raises(Refused, match="cannot be given without sending"):
        client(Provider.GRAPH, recording).answer("lunch", Answer.ACCEPTED, comment="hm", send=False)
    assert recording.requests == []


def test_none_is_no_answer() -> None:
    with pytest.raises(ValueError, match="not an answer"):
        client(Provider.GRAPH, Recording()).answer("lunch", Answer.NONE)


def test_where_no_answers_are_wanted_none_is_sent() -> None:
    recording = Recording(
        one("lunch", LUNCH | {"responseRequested": False}),
        Exchange("POST /v1.0/me/events/lunch/accept", status=202),
    )
    done = client(Provider.GRAPH, recording).answer("lunch", Answer.ACCEPTED)
    assert recording.sent(1) == {"sendResponse": False}
    assert not done.sent
    assert "asked for no answers" in str(done.hint)


def test_where_no_answers_are_wanted_a_comment_reaches_nobody() -> None:
    recording = Recording(one("lunch", LUNCH | {"responseRequested": False}))
    with pytest.raises(Refused, match="reach nobody"):
        client(Provider.GRAPH, recording).answer("lunch", Answer.ACCEPTED, comment="hi")


def test_the_organizer_is_refused_in_the_words_of_the_service() -> None:
    said = {"error": {"code": "ErrorInvalidRequest", "message": "You can't respond to this meeting."}}
    recording = Recording(
        one("lunch", LUNCH | {"isOrganizer": True}),
        Exchange("POST /v1.0/me/events/lunch/accept", said, status=400, headers={"X-Rsvpd-Hint": "cancel it"}),
    )
    with pytest.raises(Refused) as caught:
        client(Provider.GRAPH, recording).answer("lunch", Answer.ACCEPTED)
    assert (caught.value.code, caught.value.hint) == ("ErrorInvalidRequest", "cancel it")


def test_an_id_of_another_mailbox() -> None:
    said = {"error": {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}}
    with pytest.raises(NotFound, match="not found in the store"):
        client(Provider.GRAPH, Recording(one("lunch", said, status=404))).answer("lunch", Answer.ACCEPTED)


def test_whose_mailbox_it_is() -> None:
    me = Exchange("GET /v1.0/me", {"mail": None, "userPrincipalName": "bob@example.com"})
    assert client(Provider.GRAPH, Recording(me)).address() == "bob@example.com"
    with pytest.raises(Forbidden):
        client(Provider.GRAPH, Recording(Exchange("GET /v1.0/me", status=403))).address()
