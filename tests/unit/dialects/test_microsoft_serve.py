"""From request to command and back, in the three profiles, with a door that leads to plain functions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rsvpd import clock, ids
from rsvpd.calendar.event import Answer, Attendee, Event, EventKind, Meeting, State, Timed
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.commands import calendar, mail, people
from rsvpd.commands.door import Done
from rsvpd.dialects.microsoft.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES, Profile
from rsvpd.dialects.microsoft.search import searched
from rsvpd.dialects.microsoft.serve import Microsoft
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import InvalidQuery, ItemNotFound, Overloaded
from rsvpd.hints import Hint, HintCode
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote, Message, RequestKind
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView, MessageView
from rsvpd.query.algebra import And, Cmp, Contains, In, InWindow, Node, Op, Or, Order, Page

NOW = clock.parse_instant("2026-11-23T08:00:00")
TENANT = "7d9f6c4e-0000-4000-8000-00000000aaaa"
BASE = "http://rsvpd.test"
BOB = Person(
    number=2,
    oid="b0b00000-0000-4000-8000-000000000002",
    address="bob@example.com",
    name="Bob",
    zone="Europe/Berlin",
)
ALICE = Person(
    number=1,
    oid="a11ce000-0000-4000-8000-000000000001",
    address="alice@example.com",
    name="Alice",
    zone="UTC",
)
TOKENS = Tokens(b"k" * 32, TENANT)


def at(text: str, zone: str = "Europe/Berlin") -> Timed:
    return Timed(datetime.fromisoformat(text), zone)


START, END = at("2026-12-01T10:00"), at("2026-12-01T11:00")

EVENT = EventView(
    owner=BOB,
    item=7,
    change=42,
    state=State.LIVE,
    kind=EventKind.SINGLE,
    meeting=Meeting(
        uid="UID1",
        organizer=ALICE.mailbox,
        is_organizer=False,
        event=(
            event := Event(start=START, end=END, subject="Plans", attendees=(Attendee(address=BOB.address),))
        ),
    ),
    event=event,
)
INVITATION = MessageView(
    owner=BOB,
    item=9,
    change=43,
    kind=MeetingKind.REQUEST,
    event_id=EVENT.id,
    message=Message(
        folder=Folder.INBOX,
        received=NOW,
        created=NOW,
        modified=NOW,
        event=7,
        letter=Letter(
            subject="Plans",
            body=Body("hello", BodyKind.TEXT),
            sender=ALICE.mailbox,
            from_=ALICE.mailbox,
            to=(BOB.mailbox,),
            note=MeetingNote(
                kind=MeetingKind.REQUEST, uid="UID1", start=START, end=END, request=RequestKind.NEW
            ),
        ),
    ),
)
PLAIN = MessageView(
    owner=BOB,
    item=10,
    change=44,
    message=Message(
        folder=Folder.INBOX, received=NOW, created=NOW, modified=NOW,
        letter=Letter(subject="Lunch", sender=ALICE.mailbox, from_=ALICE.mailbox),
    ),
)  # fmt: skip
CALENDAR = CalendarView(owner=BOB, number=1, name="Calendar", change=50)
FOLDERS = [
    FolderView(owner=BOB, folder=Folder.INBOX, name="Inbox", total=2, unread=1),
    FolderView(owner=BOB, folder=Folder.SENT, name="Sent Items"),
]


class FakeDoor:
    """Answers commands with values, or with what a function of their arguments returns or raises."""

    def __init__(self, answers: dict[Callable[..., Any], Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    async def __call__(self, command: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.asked.append((command, args, kwargs))
        answer = self.answers[command]
        return answer(*args, **kwargs) if callable(answer) else answer

    @property
    def last(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        return self.asked[-1]


def an_event(who: Any, ref: Any, **_: Any) -> EventView:
    if ref.item != ids.decode(EVENT.id):
        raise ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return EVENT


def a_calendar(who: Any, number: int | None = None) -> CalendarView:
    return CALENDAR


def the_message(who: Any, message: ids.ItemId, *, with_event: bool = False) -> MessageView:
    found = {9: INVITATION, 10: PLAIN}[message.item]
    return structs.replace(found, event=EVENT if with_event and found.event_id else None)


def the_messages(who: Any, query: Any, *, with_event: bool = False, **_: Any) -> Page[MessageView]:
    shown = structs.replace(INVITATION, event=EVENT if with_event else None)
    return Page(items=[shown, PLAIN], total=2 if query.count else None)


ANSWERS: dict[Callable[..., Any], Any] = {
    calendar.get_event: an_event,
    calendar.find_events: Page(items=[EVENT]),
    calendar.instances: Page(items=[EVENT]),
    calendar.create_event: Done(EVENT),
    calendar.update_event: Done(EVENT, (Hint(HintCode.ATTENDEE_STATUS_IGNORED),)),
    calendar.answer_event: Done(None),
    calendar.cancel_event: Done(None),
    calendar.delete_event: Done(None),
    calendar.get_calendar: a_calendar,
    calendar.list_calendars: [CALENDAR],
    mail.find_messages: the_messages,
    mail.get_message: the_message,
    mail.update_message: lambda *args, **kwargs: Done(INVITATION),
    mail.move_message: Done(structs.replace(PLAIN, item=11)),
    mail.delete_message: Done(None),
    mail.send_mail: Done(None),
    mail.list_folders: FOLDERS,
    mail.get_folder: FOLDERS[0],
    people.whoami: BOB,
    people.list_people: [ALICE, BOB],
}


class Client:
    """bob's client in one profile."""

    def __init__(self, profile: Profile, **answers: Any) -> None:
        self.profile = profile
        self.door = FakeDoor(ANSWERS | {getattr(calendar, name): one for name, one in answers.items()})
        self.microsoft = Microsoft(self.door, TOKENS)

    def __call__(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        token: bool = True,
        **headers: str,
    ) -> Response:
        path, _, query = url.partition("?")
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {TOKENS.issue(BOB, now=NOW)}"
        request = Request(
            method=method, origin=BASE, mount=self.profile.mount, path=path, query=query, headers=sent,
            body=content, now=NOW, request_id="r1",
        )  # fmt: skip
        return asyncio.run(self.microsoft(self.profile, request))

    def json(self, method: str, url: str, body: Any = None, **more: Any) -> Any:
        return json.loads(self(method, url, body, **more).body)


def header(response: Response, name: str) -> str | None:
    return next((value for key, value in response.headers if key.lower() == name.lower()), None)


@pytest.fixture
def graph() -> Client:
    return Client(GRAPH)


@pytest.fixture
def v1() -> Client:
    return Client(OUTLOOK_V1)


@pytest.fixture
def v2() -> Client:
    return Client(OUTLOOK_V2)


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.name)
def any_profile(request: pytest.FixtureRequest) -> Client:
    return Client(request.param)


# --- answering


@pytest.mark.parametrize(
    ("action", "answer"),
    [("accept", Answer.ACCEPTED), ("tentativelyAccept", Answer.TENTATIVE), ("Decline", Answer.DECLINED)],
)
def test_an_answer_is_accepted_with_nothing_in_it(any_profile: Client, action: str, answer: Answer) -> None:
    response = any_profile("POST", f"/me/events/{EVENT.id}/{action}")
    assert (response.status, response.body, header(response, "content-type")) == (202, b"", None)
    command, args, kwargs = any_profile.door.last
    assert command is calendar.answer_event
    assert args[1].item == ids.decode(EVENT.id)
    assert args[2] is answer
    assert kwargs == {"comment": None, "send": True, "proposal": None}


@pytest.mark.parametrize(
    ("body", "comment", "send"),
    [
        (b"", None, True),
        (b"  ", None, True),
        (b"{}", None, True),
        (b"\xef\xbb\xbf{}", None, True),
        (b'{"comment":"x"}', "x", True),
        (b'{"Comment":"","SendResponse":false}', "", False),
        (b'{"COMMENT":null,"sendresponse":"false"}', None, False),
        (b'{"SendResponse":"True","unknown":[1]}', None, True),
        (b'{"sendResponse":null}', None, True),
    ],
)
def test_all_documented_ways_to_answer(v1: Client, body: bytes, comment: str | None, send: bool) -> None:
    assert v1("POST", f"/Me/Events('{EVENT.id}')/Accept", raw=body).status == 202
    assert v1.door.last[2] == {"comment": comment, "send": send, "proposal": None}


def test_another_time_can_be_proposed(graph: Client) -> None:
    body = {
        "ProposedNewTime": {
            "Start": {"DateTime": "2026-12-02T10:00:00", "TimeZone": "Pacific Standard Time"},
            "end": {"dateTime": "2026-12-02T11:00:00.0000000", "timeZone": "America/Los_Angeles"},
        }
    }
    assert graph("POST", f"/me/events/{EVENT.id}/decline", body).status == 202
    proposal = graph.door.last[2]["proposal"]
    assert proposal.start == at("2026-12-02T10:00", "America/Los_Angeles")
    assert proposal.end == at("2026-12-02T11:00", "America/Los_Angeles")
    assert graph("POST", f"/me/events/{EVENT.id}/accept", body).status == 202
    assert graph.door.last[2]["proposal"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"sendResponse": 1},
        {"sendResponse": "perhaps"},
        {"comment": 7},
        {"proposedNewTime": "now"},
        {"proposedNewTime": {"start": {"dateTime": "2026-12-02T10:00:00"}}},
        {"proposedNewTime": {"start": {"dateTime": "x"}, "end": {"dateTime": "y"}}},
    ],
)
def test_impossible_parameters_are_refused(graph: Client, body: Any) -> None:
    response = graph("POST", f"/me/events/{EVENT.id}/decline", body)
    assert response.status == 400
    assert not graph.door.asked


def test_cancel(graph: Client) -> None:
    assert graph("POST", f"/me/events/{EVENT.id}/cancel", {"Comment": "off"}).status == 202
    command, _, kwargs = graph.door.last
    assert (command, kwargs["comment"]) == (calendar.cancel_event, "off")


def test_a_message_is_not_answered_and_says_where_to(v1: Client) -> None:
    response = v1("POST", f"/me/messages('{INVITATION.id}')/accept")
    assert response.status == 400
    assert f"POST /api/v1.0/Me/Events('{EVENT.id}')/Accept" in json.loads(response.body)["error"]["message"]


def test_the_event_of_a_message_can_be_answered(graph: Client) -> None:
    path = f"/me/messages/{INVITATION.id}/microsoft.graph.eventMessage/event/accept"
    assert graph("POST", path).status == 202
    assert graph.door.last[1][1].item == ids.decode(EVENT.id)


# --- reading messages


def test_an_invitation_in_outlook_links_to_its_event(v1: Client) -> None:
    page = v1.json("GET", "/Me/Messages")
    assert page["@odata.context"] == f"{BASE}/api/v1.0/$metadata#Me/Messages"
    invitation, plain = page["value"]
    link = f"{BASE}/api/v1.0/Users('bob@example.com')/Events('{EVENT.id}')"
    assert invitation["@odata.type"] == "#Microsoft.OutlookServices.EventMessage"
    assert invitation["MeetingMessageType"] == "MeetingRequest"
    assert list(invitation)[-2:] == ["Event@odata.associationLink", "Event@odata.navigationLink"]
    assert invitation["Event@odata.navigationLink"] == link
    assert invitation["Event@odata.associationLink"] == f"{link}/$ref"
    assert invitation["@odata.id"] == f"{BASE}/api/v1.0/Users('bob@example.com')/Messages('{INVITATION.id}')"
    assert not [name for name in plain if name.startswith("Event@") or name == "@odata.type"]
    assert "MeetingMessageType" not in plain


def test_a_message_whose_event_is_gone_has_no_link() -> None:
    client = Client(OUTLOOK_V2)
    client.door.answers[mail.get_message] = structs.replace(INVITATION, event_id=None)
    message = client.json("GET", f"/me/messages/{INVITATION.id}")
    assert not [name for name in message if name.startswith("Event@")]
    assert message["@odata.type"] == "#Microsoft.OutlookServices.EventMessage"


def test_the_type_stands_whatever_is_selected(graph: Client) -> None:
    page = graph.json("GET", "/me/messages?$select=subject,from")
    assert set(page["value"][0]) == {"@odata.type", "@odata.etag", "id", "subject", "from"}
    assert set(page["value"][1]) == {"@odata.etag", "id", "subject", "from"}
    assert page["value"][0]["@odata.type"] == "#microsoft.graph.eventMessageRequest"
    assert page["@odata.context"] == f"{BASE}/v1.0/$metadata#users('{BOB.oid}')/messages(subject,from)"
    cast = "microsoft.graph.eventMessage"
    casted = graph.json("GET", f"/me/messages?$select={cast}/meetingMessageType,attachments")
    assert casted["value"][0]["meetingMessageType"] == "meetingRequest"
    assert "meetingMessageType" not in casted["value"][1]


def test_selecting_what_is_not_there(graph: Client) -> None:
    response = graph("GET", "/me/messages?$select=subjekt")
    assert response.status == 400
    error = json.loads(response.body)["error"]
    assert error["code"] == "BadRequest"
    assert "Could not find a property named 'subjekt' on type" in error["message"]


@pytest.mark.parametrize(
    ("profile", "option", "member"),
    [
        (GRAPH, "microsoft.graph.eventMessage/event", "event"),
        (GRAPH, "microsoft.graph.eventmessage%2FEvent", "event"),
        (OUTLOOK_V2, "Microsoft.OutlookServices.EventMessage/Event", "Event"),
        (OUTLOOK_V1, "Microsoft.OutlookServices.EventMessage/event", "Event"),
    ],
)
def test_the_event_is_inlined_by_a_cast(profile: Profile, option: str, member: str) -> None:
    client = Client(profile)
    one = client.json("GET", f"/me/messages/{INVITATION.id}?$expand={option}")
    assert one[member][profile.member("id")] == EVENT.id
    assert one[member]["@odata.etag"]
    assert (f"{member}@odata.context" in one) is (profile is GRAPH)
    many = client.json("GET", f"/me/messages?%24expand={option}($select=Subject)")
    inside = {name for name in many["value"][0][member] if "@" not in name}
    assert inside == {profile.member("id"), profile.member("subject")}
    assert member not in many["value"][1]


def test_without_a_cast_there_is_no_event(graph: Client) -> None:
    response = graph("GET", f"/me/messages/{INVITATION.id}?$expand=event")
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (400, "BadRequest")
    assert error["message"] == (
        "Parsing OData Select and Expand failed: Could not find a property named 'event' on type "
        "'microsoft.graph.message'."
    )
    path = f"/me/messages/{INVITATION.id}/microsoft.graph.eventMessage?$expand=event"
    assert graph.json("GET", path)["event"]["id"] == EVENT.id


def test_an_event_that_is_gone_is_null_inside_and_missing_by_itself() -> None:
    client = Client(GRAPH)
    client.door.answers[mail.get_message] = structs.replace(INVITATION, event_id=None)
    cast = "microsoft.graph.eventMessage"
    assert client.json("GET", f"/me/messages/{INVITATION.id}?$expand={cast}/event")["event"] is None
    assert client("GET", f"/me/messages/{INVITATION.id}/{cast}/event").status == 404


def test_a_cast_of_the_collection_filters(graph: Client) -> None:
    graph("GET", "/me/messages/microsoft.graph.eventMessageRequest?$filter=isRead eq false")
    query = graph.door.last[1][1]
    assert query.where == And((In("meeting", ("request",)), Cmp("is_read", Op.EQ, False)))
    assert graph("GET", f"/me/messages/{PLAIN.id}/microsoft.graph.eventMessage").status == 404


def test_what_a_list_asks_for(graph: Client, v1: Client) -> None:
    graph("GET", "/me/messages")
    _, (_, query), kwargs = graph.door.last
    assert (query.top, query.order, query.where) == (10, (Order("received", descending=True),), None)
    assert kwargs == {"folder": None, "without": (), "with_event": False}
    v1("GET", "/me/messages?$top=3&$skip=4&$orderby=Subject&$filter=IsRead%20eq%20true&$count=true")
    _, (_, query), kwargs = v1.door.last
    assert (query.top, query.skip, query.count) == (3, 4, True)
    assert query.order == (Order("subject"),)
    assert query.where == Cmp("is_read", Op.EQ, True)
    assert kwargs["without"] == (Folder.DELETED,)
    v1("GET", "/me/Folders('deletedITEMS')/messages")
    assert v1.door.last[2] == {"folder": Folder.DELETED, "without": (), "with_event": False}


def test_text_is_searched_where_it_is_not_filtered(graph: Client, v2: Client) -> None:
    url = "/me/messages?$filter=contains(subject,'x')"
    assert graph("GET", url).status == 200
    response = v2("GET", url)
    assert response.status == 400
    assert json.loads(response.body)["error"]["code"] == "ErrorInvalidUrlQueryFilter"
    assert v2("GET", '/me/messages?$search="subject:pizza"').status == 200
    assert v2.door.last[1][1].where == And((Or((Contains("subject", "pizza"),)),))
    assert v2("GET", '/me/events?$search="pizza"').status == 400
    assert v2("GET", '/me/messages?$search="pizza"&$orderby=Subject').status == 400


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('"subject:plans"', Or((Contains("subject", "plans"),))),
        ("from:alice", Or((Contains("from", "alice"), Contains("from_name", "alice")))),
        ("importance:High", Cmp("importance", Op.EQ, "high")),
        (r'"subject:\"two words\""', Or((Contains("subject", "two words"),))),
        ("x", Or(tuple(Contains(place, "x") for place in ("subject", "body", "participants")))),
    ],
)
def test_search(text: str, node: Node) -> None:
    assert searched(text) == And((node,))


@pytest.mark.parametrize("text", ["a OR b", "size:3", "NOT a", " ".join("abcdefghijklmnopqrstuvw")])
def test_what_a_search_cannot_say(text: str) -> None:
    with pytest.raises(InvalidQuery):
        searched(text)


def test_the_next_page(any_profile: Client) -> None:
    any_profile.door.answers[calendar.find_events] = Page(items=[EVENT], after="a+b=", total=3)
    page = any_profile.json("GET", "/me/events?$top=1&%24skip=2&$filter=subject%20eq%20'x'&$count=true")
    mount = any_profile.profile.mount
    expected = f"{BASE}{mount}/me/events?$top=1&$filter=subject%20eq%20'x'&$count=true&$skiptoken=a%2Bb%3D"
    assert page["@odata.nextLink"] == expected
    assert page["@odata.count"] == 3
    any_profile("GET", expected.removeprefix(BASE + mount))
    assert any_profile.door.last[1][1].after == "a+b="


def test_count_is_plain_text(graph: Client) -> None:
    graph.door.answers[mail.find_messages] = Page(items=[], total=12)
    response = graph("GET", "/me/mailFolders/inbox/messages/$count?$filter=isRead eq false")
    assert (response.body, header(response, "content-type")) == (b"12", "text/plain")


# --- changing messages


def test_marking_as_read(any_profile: Client) -> None:
    name = any_profile.profile.member("isRead")
    etag = f'W/"{ids.change_key(2, 43)}"'
    response = any_profile("PATCH", f"/me/messages/{INVITATION.id}", {name: True}, if_match=etag)
    assert response.status == 200
    _, (_, item, draft), kwargs = any_profile.door.last
    assert (item, draft.is_read, kwargs["expected"]) == (ids.decode(INVITATION.id), True, 43)


def test_delete_and_move(graph: Client) -> None:
    response = graph("DELETE", f"/me/messages/{PLAIN.id}", if_match="*")
    assert (response.status, response.body) == (204, b"")
    assert graph.door.last[2] == {"expected": None}
    response = graph("POST", f"/me/messages/{PLAIN.id}/move", {"DestinationId": "ARCHIVE"})
    moved = json.loads(response.body)
    assert response.status == 201
    assert graph.door.last[1][2] is Folder.ARCHIVE
    assert moved["id"] != PLAIN.id
    assert moved["@odata.context"] == f"{BASE}/v1.0/$metadata#users('{BOB.oid}')/messages/$entity"
    assert graph("POST", f"/me/messages/{PLAIN.id}/move", {}).status == 400
    assert graph("POST", f"/me/messages/{PLAIN.id}/move", {"destinationId": "clutter"}).status == 404


def test_a_message_is_looked_for_in_the_folder_of_the_path(graph: Client) -> None:
    assert graph("GET", f"/me/mailFolders/inbox/messages/{PLAIN.id}").status == 200
    assert graph("GET", f"/me/mailFolders/drafts/messages/{PLAIN.id}").status == 404
    assert graph("DELETE", f"/me/mailFolders/drafts/messages/{PLAIN.id}").status == 404


def test_send_mail(any_profile: Client) -> None:
    body = {
        "Message": {
            "Subject": "Hi",
            "Body": {"ContentType": "Text", "Content": "there"},
            "ToRecipients": [{"EmailAddress": {"Address": "alice@example.com"}}],
        },
        "SaveToSentItems": "false",
    }
    response = any_profile("POST", "/me/sendMail", body)
    assert (response.status, response.body) == (202, b"")
    _, (_, draft), kwargs = any_profile.door.last
    assert (draft.subject, draft.to) == ("Hi", (Mailbox("alice@example.com"),))
    assert kwargs == {"save": False}
    assert any_profile("POST", "/me/sendMail", {}).status == 400


# --- events


def test_an_event_in_each_profile(any_profile: Client) -> None:
    profile = any_profile.profile
    response = any_profile("GET", f"/me/events/{EVENT.id}")
    event = json.loads(response.body)
    root = profile.context_root(BOB)
    events = profile.segment("events")
    assert event["@odata.context"] == f"{BASE}{profile.mount}/$metadata#{root}/{events}/$entity"
    assert event["@odata.etag"] == f'W/"{ids.change_key(2, 42)}"' == header(response, "ETag")
    assert ("@odata.id" in event) is profile.has_entity_ids
    assert event[profile.member("subject")] == "Plans"
    if profile.has_entity_ids:
        path = event["@odata.id"].removeprefix(BASE + profile.mount)
        assert any_profile.json("GET", path)[profile.member("id")] == EVENT.id


@pytest.mark.parametrize(
    "place", ["me", f"users/{BOB.oid}", "Users('BOB%40example.com')", f"users/{BOB.oid}@{TENANT}"]
)
def test_whose_mailbox(v2: Client, place: str) -> None:
    assert v2("GET", f"/{place}/events").status == 200
    who = v2.door.last[1][0]
    assert who.actor == BOB.oid
    assert who.owner in (None, BOB.oid, "BOB@example.com")


def test_creating(any_profile: Client) -> None:
    profile = any_profile.profile
    body = {"subject": "Plans", "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Berlin"}}  # fmt: skip
    response = any_profile("POST", "/me/calendar/events", body)
    event = json.loads(response.body)
    assert response.status == 201
    location = header(response, "Location")
    assert location is not None
    assert any_profile("GET", location.removeprefix(BASE + profile.mount)).status == 200
    assert event["@odata.context"].endswith("/$entity")
    _, (_, draft), _ = next(asked for asked in any_profile.door.asked if asked[0] is calendar.create_event)
    assert (draft.subject, draft.start) == ("Plans", START)


def test_updating_names_what_was_not_done(v1: Client) -> None:
    guest = {"EmailAddress": {"Address": "bob@example.com"}, "Status": {"Response": "Accepted"}}
    body = {"Attendees": [guest]}
    response = v1("PATCH", f"/me/events('{EVENT.id}')", body)
    assert response.status == 200
    hint = header(response, "X-Rsvpd-Hint")
    assert hint is not None
    assert f"POST /api/v1.0/Me/Events('{EVENT.id}')/Accept" in hint


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, None),
        ("*", None),
        (f'W/"{ids.change_key(2, 42)}"', 42),
        (f'"{ids.change_key(2, 42)}"', 42),
        (ids.change_key(2, 41), 41),
        ('W/"nonsense"', -1),
        ("", -1),
        (f'W/"{ids.change_key(2, 1)}", W/"{ids.change_key(2, 42)}"', 42),
        (f'W/"{ids.change_key(2, 1)}", W/"{ids.change_key(2, 2)}"', -1),
        ('W/"x", *', None),
    ],
)
def test_if_match(graph: Client, sent: str | None, expected: int | None) -> None:
    headers = {} if sent is None else {"if_match": sent}
    assert graph("PATCH", f"/me/events/{EVENT.id}", {"subject": "x"}, **headers).status == 200
    assert graph.door.last[2]["expected"] == expected
    assert graph("DELETE", f"/me/events/{EVENT.id}", **headers).status == 204
    assert graph.door.last[2]["expected"] == expected


@pytest.mark.parametrize(
    "query",
    [
        "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00.000Z",
        "EndDateTime=2026-12-02&StartDateTime=2026-12-01",
        "startdatetime=2026-12-01T01:00:00%2B01:00&enddatetime=2026-12-02T01:00:00+01:00",
        "startDateTime=2026-12-01T00:00:00.0000000&endDateTime='2026-12-02T00:00:00.0000000'",
    ],
)
def test_the_window_of_a_view(any_profile: Client, query: str) -> None:
    prefer = 'outlook.timezone="Pacific Standard Time"'
    for path in ("/me/calendarView", "/me/calendar/CalendarView", f"/me/events/{EVENT.id}/instances"):
        assert any_profile("GET", f"{path}?{query}", prefer=prefer).status == 200
        window = any_profile.door.last[2]["window"]
        assert window == InWindow(clock.parse_instant("2026-12-01"), clock.parse_instant("2026-12-02"))


@pytest.mark.parametrize("query", ["", "startDateTime=2026-12-01", "startDateTime=x&endDateTime=2026-12-02"])
def test_a_view_needs_a_window(graph: Client, query: str) -> None:
    response = graph("GET", f"/me/calendarView?{query}")
    assert response.status == 400


def test_the_calendar_of_the_path(graph: Client) -> None:
    assert graph("GET", f"/me/calendars/{CALENDAR.id}/events/{EVENT.id}").status == 200
    foreign = structs.replace(CALENDAR, owner=ALICE).id
    response = graph("GET", f"/me/calendars/{foreign}/events/{EVENT.id}")
    assert response.status == 404
    assert header(response, "X-Rsvpd-Hint")
    assert graph("GET", f"/me/calendars/{EVENT.id}/events").status == 400
    assert graph("GET", "/me/calendars/garbage/events").status == 400
    assert graph.json("GET", "/me/calendars")["value"][0]["name"] == "Calendar"
    assert graph.json("GET", f"/me/events/{EVENT.id}/calendar")["id"] == CALENDAR.id
    assert graph.json("GET", f"/me/events/{EVENT.id}?$expand=calendar")["calendar"]["id"] == CALENDAR.id


def test_the_reference_of_an_event(v1: Client) -> None:
    out = v1.json("GET", f"/Users('bob@example.com')/Events('{EVENT.id}')/$ref")
    assert out["@odata.id"] == f"{BASE}/api/v1.0/Users('bob@example.com')/Events('{EVENT.id}')"


def test_an_id_of_another_mailbox(v2: Client) -> None:
    foreign = structs.replace(EVENT, owner=ALICE).id
    response = v2("GET", f"/me/events/{foreign}")
    assert response.status == 404
    assert "id of its own" in (header(response, "X-Rsvpd-Hint") or "")
    assert v2("GET", "/me/events/garbage").status == 400


@pytest.mark.parametrize("option", ["$select=subjekt", "$expand=atendees", "$expand=instances", "$top=x"])
def test_nothing_is_done_where_the_answer_could_not_be_shown(graph: Client, option: str) -> None:
    for method, path in (
        ("POST", "/me/events"),
        ("PATCH", f"/me/events/{EVENT.id}"),
        ("PATCH", f"/me/messages/{PLAIN.id}"),
        ("POST", f"/me/messages/{PLAIN.id}/move"),
    ):
        if "instances" not in option or "events" in path:
            assert graph(method, f"{path}?{option}", {"destinationId": "inbox"}).status in (400, 501)
    assert not graph.door.asked


# --- folders and people


def test_folders(any_profile: Client) -> None:
    profile = any_profile.profile
    name, identifier = profile.member("displayName"), profile.member("id")
    page = any_profile.json("GET", "/me/mailFolders")
    assert [one[name] for one in page["value"]] == ["Inbox", "Sent Items"]
    page = any_profile.json("GET", "/me/MailFolders?$filter=displayName eq 'sent items'&$count=true")
    assert [one[name] for one in page["value"]] == ["Sent Items"]
    assert page["@odata.count"] == 1
    assert any_profile.json("GET", "/me/mailFolders('INBOX')")[identifier] == FOLDERS[0].id
    assert any_profile.json("GET", f"/me/mailFolders/{FOLDERS[0].id}")[name] == "Inbox"
    assert any_profile.json("GET", "/me/mailFolders/inbox/childFolders")["value"] == []
    assert len(any_profile.json("GET", "/me/mailFolders/msgfolderroot/childFolders")["value"]) == 2
    foreign = structs.replace(FOLDERS[0], owner=ALICE).id
    assert any_profile("GET", f"/me/mailFolders/{foreign}").status == 404
    assert any_profile("GET", f"/me/mailFolders/{EVENT.id}").status == 400


def test_the_older_word_for_folders_is_outlooks(v1: Client, v2: Client, graph: Client) -> None:
    assert v1.json("GET", "/me/folders")["@odata.context"].endswith("#Me/Folders")
    assert v2.json("GET", "/me/folders")["@odata.context"].endswith("#Me/MailFolders")
    assert graph("GET", "/me/folders").status == 400


def test_people(graph: Client) -> None:
    me = graph.json("GET", "/me")
    assert (me["mail"], me["userPrincipalName"], me["id"]) == (BOB.address, BOB.address, BOB.oid)
    assert me["@odata.context"] == f"{BASE}/v1.0/$metadata#users/$entity"
    assert graph.json("GET", f"/users/{ALICE.oid}")["mail"] == ALICE.address
    assert graph.json("GET", "/users('ALICE@example.com')")["id"] == ALICE.oid
    assert graph("GET", "/users/nobody@example.com").status == 404
    page = graph.json("GET", "/users?$filter=mail eq 'alice@example.com'")
    assert [one["id"] for one in page["value"]] == [ALICE.oid]
    assert page["@odata.context"] == f"{BASE}/v1.0/$metadata#users"
    assert graph("GET", "/users/$count").body == b"2"


def test_mailbox_settings(any_profile: Client) -> None:
    settings = any_profile.json("GET", "/me/mailboxSettings")
    zone = any_profile.profile.member("timeZone")
    assert settings[zone] == "W. Europe Standard Time"
    assert any_profile.json("GET", "/me/mailboxSettings/timeZone")["value"] == "W. Europe Standard Time"


# --- headers


def test_preferences(any_profile: Client) -> None:
    prefer = 'IdType="ImmutableId", outlook.timezone="Pacific Standard Time",outlook.body-content-type=TEXT'
    response = any_profile("GET", f"/me/events/{EVENT.id}", prefer=prefer)
    body = json.loads(response.body)
    start = body[any_profile.profile.member("start")]
    assert "2026-12-01T01:00:00" in (start if isinstance(start, str) else "".join(start.values()))
    said = body[any_profile.profile.member("body")]
    assert said[any_profile.profile.member("contentType")].lower() == "text"
    assert header(response, "Preference-Applied") == (
        'outlook.timezone="Pacific Standard Time", outlook.body-content-type="text"'
    )


def test_an_unknown_zone_is_refused(graph: Client) -> None:
    response = graph("GET", "/me/events", prefer='outlook.timezone="Mars/Base One"')
    assert response.status == 400
    assert json.loads(response.body)["error"]["code"] == "TimeZoneNotSupportedException"


def test_the_media_type_of_answers(graph: Client) -> None:
    response = graph("GET", "/me/events", accept="application/json")
    assert header(response, "Content-Type") == (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )
    assert header(response, "OData-Version") == "4.0"
    assert graph("DELETE", f"/me/events/{EVENT.id}", accept="text/plain").status == 204


@pytest.mark.parametrize(
    "accept", ["application/json;odata.metadata=none", "application/json;odata=nometadata"]
)
def test_no_metadata(any_profile: Client, accept: str) -> None:
    any_profile.door.answers[mail.find_messages] = Page(items=[INVITATION], after="x", total=5)
    response = any_profile("GET", "/me/messages?$count=true", accept=accept)
    page = json.loads(response.body)
    assert set(page) == {"value", "@odata.nextLink", "@odata.count"}
    assert not [name for name in page["value"][0] if "@" in name]
    assert ";odata.metadata=none;" in (header(response, "Content-Type") or "")


def test_full_metadata(graph: Client) -> None:
    event = graph.json("GET", f"/me/events/{EVENT.id}", accept="application/json;odata.metadata=full")
    assert event["@odata.type"] == "#microsoft.graph.event"
    assert event["@odata.id"] == f"{BASE}/v1.0/users('{BOB.oid}')/events('{EVENT.id}')"
    assert event["@odata.editLink"] == f"users('{BOB.oid}')/events('{EVENT.id}')"


def test_the_clients_request_id_comes_back(graph: Client) -> None:
    assert header(graph("GET", "/me", client_request_id="abc"), "client-request-id") == "abc"
    assert header(graph("GET", "/me", client_request_id="a b\x7f"), "client-request-id") is None
    assert header(graph("GET", "/nowhere", client_request_id="abc"), "client-request-id") == "abc"


# --- refusals


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b'{"subject":"\xff"}', "application/json", 400),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"subject":"x"}', "text/plain", 415),
        (b"subject=x", "application/x-www-form-urlencoded", 415),
        (b'{"subject":"x"}', "Application/JSON; charset=utf-8", 200),
        (b"", "application/x-www-form-urlencoded", 200),
        (b'{"subject":"x","subject":"y"}', "application/json", 200),
        (b'{"a":' + b"[" * 30 + b"]" * 30 + b"}", "application/json", 200),
    ],
)
def test_bodies(any_profile: Client, raw: bytes, content_type: str, status: int) -> None:
    response = any_profile("PATCH", f"/me/events/{EVENT.id}", raw=raw, content_type=content_type)
    assert response.status == status
    if status != 200:
        assert json.loads(response.body)["error"]["code"]


def test_without_a_token_there_is_only_the_description(any_profile: Client) -> None:
    response = any_profile("GET", "/me/events", token=False)
    assert response.status == 401
    assert header(response, "WWW-Authenticate")
    assert any_profile("GET", "/no/such/path", token=False).status == 401
    document = any_profile("GET", "/$metadata", token=False)
    assert (document.status, header(document, "Content-Type")) == (200, "application/xml")
    assert b"edmx:Edmx" in document.body
    root = any_profile.json("GET", "/", token=False)
    assert [one["kind"] for one in root["value"]] == ["Singleton", "EntitySet"]


def test_a_wrong_method(graph: Client) -> None:
    response = graph("PUT", f"/me/events/{EVENT.id}", {})
    assert response.status == 405
    assert header(response, "Allow") == "GET, PATCH, DELETE"


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("POST", f"/me/events/{EVENT.id}/forward", "POST /v1.0/me/sendMail"),
        ("GET", "/me/mailFolders/inbox/messages/delta", "GET /v1.0/me/messages"),
        ("POST", "/$batch", "GET /v1.0/me"),
        ("POST", "/subscriptions", "GET /v1.0/me/messages"),
        ("GET", "/me/reminderView(startDateTime='2026-01-01')", "GET /v1.0/me/calendarView"),
        ("POST", "/me/messages", "POST /v1.0/me/sendMail"),
        ("GET", f"/users/bob@example.com/events/{EVENT.id}/attachments/x/$value",
         f"GET /v1.0/users/bob@example.com/events/{EVENT.id}"),
        ("POST", f"/me/messages/{PLAIN.id}/reply", "POST /v1.0/me/sendMail"),
        ("POST", "/me/calendar/getSchedule", "GET /v1.0/me/calendarView"),
    ],
)  # fmt: skip
def test_what_is_not_emulated_is_named_with_the_nearest_route(
    graph: Client, method: str, path: str, near: str
) -> None:
    response = graph(method, path)
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (501, "NotImplemented")
    assert error["message"].endswith(f"The nearest route that exists is {near}.")


def test_an_unknown_path(v1: Client) -> None:
    error = v1.json("GET", "/Me/Mesages")["error"]
    assert error["code"] == "RequestBroker--ParseUri"
    assert error["message"].startswith("Resource not found for the segment 'Mesages'.")
    assert "GET /api/v1.0/me/messages" in error["message"]


def test_an_overloaded_server_is_the_edges_business(graph: Client) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise Overloaded

    graph.door.answers[calendar.answer_event] = full
    with pytest.raises(Overloaded):
        graph("POST", f"/me/events/{EVENT.id}/accept")


_SEGMENTS = st.sampled_from(
    ["me", "users('bob@example.com')", "events", "messages", "mailFolders", "inbox", "calendar", "calendars",
     "calendarView", "$count", "$ref", "accept", "move", "instances", EVENT.id, PLAIN.id, INVITATION.id,
     CALENDAR.id, "microsoft.graph.eventMessage", "event", "x", "%27", "()"]
)  # fmt: skip
_QUERIES = st.sampled_from(
    ["", "$top=2", "$select=id", "$filter=x", "$expand=event", "$skiptoken=%00", "a=b&&=&$$"]
)
_METHODS = st.sampled_from(["GET", "POST", "PATCH", "DELETE"])


@given(st.lists(_SEGMENTS, max_size=6).map("/".join), _QUERIES, _METHODS)
def test_any_jumble_of_documented_words_is_answered(path: str, query: str, method: str) -> None:
    response = Client(OUTLOOK_V2)(method, f"/{path}?{query}")
    assert 200 <= response.status < 502
    assert response.status != 500


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(raw: bytes) -> None:
    response = Client(GRAPH)("PATCH", f"/me/events/{EVENT.id}", raw=raw, content_type="application/json")
    assert response.status in (200, 400)


@given(st.text(max_size=200), st.text(max_size=100), st.text(max_size=100))
def test_any_headers_are_read_or_refused(prefer: str, accept: str, if_match: str) -> None:
    client = Client(GRAPH)
    response = client("GET", "/me", prefer=prefer, accept=accept, if_match=if_match)
    assert response.status in (200, 400)
    assert client("DELETE", f"/me/events/{EVENT.id}", if_match=if_match).status == 204
