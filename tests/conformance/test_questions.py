"""What each collection answers to `$filter`, `$orderby`, `$select`, `$top`, `$skip` and `$count`, in each service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from support.microsoft import Microsoft
from support.speakers import speakers
from support.world import Reply, World

SERVICES = ("graph", "outlook-v2", "outlook-v1")
# Graph once more, where an index of words is asked first of everything that it can tell.
INDEXED = "graph with an index"
# What v1.0 calls otherwise, and what it has not.
V1_NAMES = {
    "createdDateTime": "DateTimeCreated",
    "lastModifiedDateTime": "DateTimeLastModified",
    "receivedDateTime": "DateTimeReceived",
    "sentDateTime": "DateTimeSent",
    "reminderMinutesBeforeStart": "Reminder",
}
NOT_IN_V1 = ("isReminderOn", "internetMessageId")
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z"


@pytest.fixture(scope="module", params=(*SERVICES, INDEXED))
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    """Return a service in which alice has three events, one of them a series, and bob was invited and written to.

    Nobody changes anything there.
    """
    world = World(tmp_path_factory.mktemp("questions"))
    for name in ("alice", "bob", "carol"):
        world.add(name, zone="Europe/Berlin")
    speaker = speakers(world)["graph" if request.param == INDEXED else request.param]
    assert isinstance(speaker, Microsoft)
    budget = {"importance": "high", "categories": ["Red", "Blue"], "showAs": "oof"}
    budget |= {"location": {"displayName": "Orion"}}
    speaker.invite("alice", "Budget 2027", "2026-12-01T10:00:00", 30, "UTC", ["bob"], **budget)
    private = {"sensitivity": "private", "isReminderOn": False}
    speaker.invite("alice", "Dentist", "2026-12-02T07:45:00", 90, "UTC", [], **private)
    pattern = {"pattern": {"type": "daily", "interval": 1}}
    limits = {"type": "numbered", "startDate": "2026-12-07", "numberOfOccurrences": 3}
    speaker.invite("alice", " Standup", "2026-12-07T09:00:00", 15, "UTC", [], recurrence={**pattern, "range": limits})
    for subject, to, cc in (("Lunch", "bob", "carol"), ("Quarterly numbers", "bob", "")):
        message: dict[str, Any] = {"subject": subject, "body": {"contentType": "text", "content": f"About {subject}."}}
        message["toRecipients"] = [{"emailAddress": {"address": f"{to}@example.com", "name": to.title()}}]
        message["ccRecipients"] = [{"emailAddress": {"address": f"{cc}@example.com"}}] if cc else []
        assert speaker.call("alice", "POST", "/me/sendMail", {"message": message}).status == 202
    first = speaker.call("bob", "GET", "/me/messages?$top=1&$select=subject").json["value"][0]
    changes = {"isRead": True, "categories": ["Green"], "importance": "high"}
    shown = {speaker.word(name): value for name, value in changes.items()}
    assert speaker.call("bob", "PATCH", f"/me/messages/{speaker.get(first, 'id')}", shown).status == 200
    with pytest.MonkeyPatch.context() as patch:
        if request.param == INDEXED:
            patch.setattr("rsvpd.commands.indexing.SMALL", 0)
            patch.setattr("rsvpd.commands.indexing.LAG", 0)
        yield speaker
    world.close()


def ask(service: Microsoft, who: str, path: str, **options: str) -> Reply:
    if service.offsets:
        for name in ("filter", "orderby"):
            text = options.get(name, "")
            if any(member in text for member in NOT_IN_V1):
                pytest.skip("v1.0 has no such member")
            for graph, own in V1_NAMES.items():
                text = text.replace(graph, own)
            options |= {name: text} if text else {}
    asked = "&".join(f"${name}={quote(value)}" for name, value in options.items())
    return service.call(who, "GET", f"{path}{'&' if '?' in path else '?'}{asked}")


def names(service: Microsoft, reply: Reply, member: str = "subject") -> list[str]:
    assert reply.status == 200, reply.body
    return [service.get(one, member) for one in reply.json["value"]]


INVALID, UNSUPPORTED = "ErrorInvalidUrlQueryFilter", "UnsupportedEntityExpression"
BUDGET, DENTIST, STANDUP = "Budget 2027", "Dentist", " Standup"
EVERY_EVENT = [BUDGET, DENTIST, STANDUP]

# What a filter finds among events, in the order of their start.
EVENTS: tuple[tuple[str, list[str]], ...] = (
    # comparison
    ("subject eq 'budget 2027'", [BUDGET]),
    ("subject ne 'Dentist'", [BUDGET, STANDUP]),
    ("'C' lt subject", [DENTIST]),
    ("subject in ('Dentist','Standup')", [DENTIST]),
    ("subject ne null", EVERY_EVENT),
    ("seriesMasterId eq null", EVERY_EVENT),
    ("start/dateTime ge '2026-12-02T00:00:00'", [DENTIST, STANDUP]),
    ("start/dateTime ge '2026-12-02' and end/dateTime lt '2026-12-03'", [DENTIST]),
    ("createdDateTime ge 2026-11-23T00:00:00Z", EVERY_EVENT),
    ("lastModifiedDateTime lt 2026-11-23T00:00:00.000Z", []),
    ("reminderMinutesBeforeStart eq 15", EVERY_EVENT),
    ("isReminderOn eq false", [DENTIST]),
    ("isAllDay", []),
    ("not isOrganizer", []),
    ("iCalUId eq 'nobody'", []),
    # enumerations, by their words and with their types
    ("importance eq 'high'", [BUDGET]),
    ("importance eq microsoft.graph.importance'high'", [BUDGET]),
    ("importance eq Microsoft.OutlookServices.Importance'High'", [BUDGET]),
    ("importance has microsoft.graph.importance'high'", [BUDGET]),
    ("sensitivity ne 'normal'", [DENTIST]),
    ("showAs in ('oof','free')", [BUDGET]),
    ("type eq 'seriesMaster'", [STANDUP]),
    # logic
    ("importance eq 'high' or sensitivity eq 'private'", [BUDGET, DENTIST]),
    ("not (importance eq 'high') and not (type eq 'seriesMaster')", [DENTIST]),
    ("(subject eq 'Dentist') eq true", [DENTIST]),
    # paths and collections
    ("location/displayName eq 'orion'", [BUDGET]),
    ("organizer/emailAddress/address eq 'Alice@example.com'", EVERY_EVENT),
    ("categories/any(c:c eq 'Red')", [BUDGET]),
    ("categories/any()", [BUDGET]),
    ("categories/all(c:c eq 'Red')", [DENTIST, STANDUP]),
    ("not categories/any(c:c eq 'Blue')", [DENTIST, STANDUP]),
    # functions
    ("length(subject) gt 8", [BUDGET]),
    ("trim(subject) eq 'standup'", [STANDUP]),
    ("indexof(subject,'2027') eq 7", [BUDGET]),
    ("indexof(subject,'x') eq -1", EVERY_EVENT),
    ("substring(subject,7) eq '2027'", [BUDGET]),
    ("substring(subject,0,3) eq 'den'", [DENTIST]),
    ("concat(concat(subject,' @ '),location/displayName) eq 'budget 2027 @ orion'", [BUDGET]),
    ("tolower(subject) eq 'dentist'", [DENTIST]),
    ("toupper(subject) eq toupper('dentist')", [DENTIST]),
    ("year(start/dateTime) eq 2026", EVERY_EVENT),
    ("month(start/dateTime) eq 12 and day(start/dateTime) le 2", [BUDGET, DENTIST]),
    ("hour(start/dateTime) eq 7 and minute(start/dateTime) eq 45", [DENTIST]),
    ("date(start/dateTime) eq 2026-12-01", [BUDGET]),
    ("date(start/dateTime) gt 2026-12-01", [DENTIST, STANDUP]),
    ("time(end/dateTime) gt 10:00:00", [BUDGET]),
    ("second(start/dateTime) eq 0 and fractionalseconds(start/dateTime) eq 0", EVERY_EVENT),
)

# The same of functions that tell whether a text is in another, which the Outlook services refuse.
IN_EVENTS: tuple[tuple[str, list[str]], ...] = (
    ("contains(subject,'DGET')", [BUDGET]),
    ("startswith(subject,'dent')", [DENTIST]),
    ("endswith(subject,'2027')", [BUDGET]),
    ("contains(subject,'e') and not startswith(subject,'b')", [DENTIST]),
    ("startswith(trim(subject),'stand')", [STANDUP]),
    ("contains(concat(subject,'!'),'7!')", [BUDGET]),
    ("contains(body/content,'nothing')", []),
    ("categories/any(c:startswith(c,'b'))", [BUDGET]),
    ("contains(subject,'''')", []),
)

LUNCH, NUMBERS = "Lunch", "Quarterly numbers"
EVERY_MESSAGE = [NUMBERS, LUNCH, BUDGET]

# What a filter finds among bob's messages, the newest first.
MESSAGES: tuple[tuple[str, list[str]], ...] = (
    ("subject eq 'lunch'", [LUNCH]),
    ("isRead eq false", [LUNCH, BUDGET]),
    ("isRead ne true and subject ne 'Lunch'", [BUDGET]),
    ("isDraft", []),
    ("hasAttachments eq false", EVERY_MESSAGE),
    ("importance eq 'high'", [NUMBERS, BUDGET]),
    ("importance eq microsoft.graph.importance'low'", []),
    ("from/emailAddress/address eq 'ALICE@example.com'", EVERY_MESSAGE),
    ("from/emailAddress/name eq 'Alice'", EVERY_MESSAGE),
    ("sender/emailAddress/address eq 'bob@example.com'", []),
    ("receivedDateTime ge 2026-11-23T00:00:00Z and subject eq 'Lunch'", [LUNCH]),
    ("sentDateTime le 2026-11-23", []),
    ("date(receivedDateTime) eq 2026-11-23", EVERY_MESSAGE),
    ("categories/any(c:c eq 'green')", [NUMBERS]),
    ("toRecipients/any(r:r/emailAddress/address eq 'bob@example.com')", EVERY_MESSAGE),
    ("toRecipients/any(r:r/emailAddress/name eq 'Bob')", EVERY_MESSAGE),
    ("ccRecipients/any(r:r/emailAddress/address eq 'carol@example.com')", [LUNCH]),
    ("bccRecipients/any()", []),
    ("internetMessageId eq '<none@example.com>'", []),
    ("conversationId eq 'none'", []),
    ("meetingMessageType eq 'meetingRequest'", [BUDGET]),
    ("microsoft.graph.eventMessage/meetingMessageType ne 'none'", [BUDGET]),
    ("length(subject) lt 6", [LUNCH]),
)
IN_MESSAGES: tuple[tuple[str, list[str]], ...] = (
    ("contains(subject,'numb')", [NUMBERS]),
    ("startswith(subject,'l')", [LUNCH]),
    ("endswith(from/emailAddress/address,'@example.com')", EVERY_MESSAGE),
    ("contains(body/content,'about lunch')", [LUNCH]),
    ("contains(internetMessageId,'@')", EVERY_MESSAGE),
)


@pytest.mark.parametrize("place", ["/me/events", "/me/calendar/events"])
@pytest.mark.parametrize(("text", "expected"), EVENTS)
def test_events(service: Microsoft, place: str, text: str, expected: list[str]) -> None:
    assert names(service, ask(service, "alice", place, filter=text)) == expected


@pytest.mark.parametrize(("text", "expected"), EVENTS)
def test_views_find_the_same_with_every_occurrence(service: Microsoft, text: str, expected: list[str]) -> None:
    if "series" in text:
        pytest.skip("occurrences are of another type, and have a series")
    found = names(service, ask(service, "alice", f"/me/calendarView?{WINDOW}", filter=text, top="50"))
    assert list(dict.fromkeys(found)) == expected
    assert found.count(STANDUP) in (0, 3)


def test_a_view_is_asked_for_the_occurrences_of_one_series(service: Microsoft) -> None:
    (series,) = ask(service, "alice", "/me/events", filter="type eq 'seriesMaster'").json["value"]
    text = f"seriesMasterId eq '{service.get(series, 'id')}'"
    assert names(service, ask(service, "alice", f"/me/calendarView?{WINDOW}", filter=text)) == [STANDUP] * 3
    others = ask(service, "alice", f"/me/calendarView?{WINDOW}", filter="seriesMasterId eq null")
    assert names(service, others) == [BUDGET, DENTIST]


@pytest.mark.parametrize(("text", "expected"), MESSAGES)
def test_messages(service: Microsoft, text: str, expected: list[str]) -> None:
    assert names(service, ask(service, "bob", "/me/messages", filter=text)) == expected
    assert names(service, ask(service, "bob", "/me/mailFolders/inbox/messages", filter=text)) == expected
    count = ask(service, "bob", "/me/messages/$count", filter=text)
    assert count.body == str(len(expected)).encode()


@pytest.mark.parametrize(
    ("who", "place", "text", "expected"),
    [
        *(("alice", "/me/events", text, expected) for text, expected in IN_EVENTS),
        *(("bob", "/me/messages", text, expected) for text, expected in IN_MESSAGES),
        ("bob", "/me/mailFolders", "startswith(displayName,'in')", ["Inbox"]),
    ],
)
def test_parts_of_texts(service: Microsoft, who: str, place: str, text: str, expected: list[str]) -> None:
    reply = ask(service, who, place, filter=text)
    if service.pascal and "endswith" not in text:
        assert (reply.status, reply.json["error"]["code"]) == (400, "ErrorInvalidUrlQueryFilter")
    elif not service.pascal:
        member = "displayName" if "Folders" in place else "subject"
        assert names(service, reply, member) == expected


@pytest.mark.parametrize(
    ("place", "text", "member", "expected"),
    [
        ("/me/mailFolders", "displayName eq 'Inbox'", "displayName", ["Inbox"]),
        ("/me/mailFolders", "unreadItemCount gt 0", "displayName", ["Inbox"]),
        ("/me/calendars", "name eq 'Calendar'", "name", ["Calendar"]),
        ("/me/calendars", "name ne 'calendar'", "name", []),
        ("/users", "mail eq 'bob@example.com'", "displayName", ["Bob"]),
        ("/users", "userPrincipalName in ('bob@example.com','x')", "displayName", ["Bob"]),
    ],
)
def test_short_lists(service: Microsoft, place: str, text: str, member: str, expected: list[str]) -> None:
    reply = ask(service, "bob", place, filter=text, top="100")
    if service.pascal and place == "/users":
        assert reply.status in (200, 400)
    else:
        assert names(service, reply, member) == expected


@pytest.mark.parametrize(
    ("place", "text", "graph", "outlook"),
    [
        ("/me/messages", "isof('microsoft.graph.eventMessage')", INVALID, INVALID),
        ("/me/events", "isof('microsoft.graph.event')", INVALID, INVALID),
        ("/me/events", "attendees/any(a:a/emailAddress/address eq 'x')", UNSUPPORTED, "ErrorInvalidProperty"),
        ("/me/events", "changeKey eq 'x'", "ErrorInvalidProperty", "ErrorInvalidProperty"),
        ("/me/messages", "body eq 'x'", "ErrorInvalidProperty", "ErrorInvalidProperty"),
        ("/me/events", "nothing eq 'x'", "BadRequest", "ErrorInvalidUrlQuery"),
        ("/me/events", "subject eq", "BadRequest", "ErrorInvalidUrlQueryFilter"),
        ("/me/events", "subject add 1 eq 2", "BadRequest", "ErrorInvalidUrlQueryFilter"),
        ("/me/events", "importance eq 'urgent'", "BadRequest", "ErrorInvalidUrlQuery"),
        ("/me/events", "length(subject) eq 'a'", "BadRequest", "ErrorInvalidUrlQueryFilter"),
    ],
)
def test_what_is_refused(service: Microsoft, place: str, text: str, graph: str, outlook: str) -> None:
    reply = ask(service, "alice", place, filter=text)
    assert (reply.status, reply.json["error"]["code"]) == (400, outlook if service.pascal else graph)


@pytest.mark.parametrize(
    ("place", "options", "hint"),
    [
        ("/me/messages", {"filter": "length(subject) lt 6"}, "length"),
        ("/me/messages", {"filter": "toRecipients/any(r:r/emailAddress/address eq 'x')"}, "toRecipients/any"),
        ("/me/events", {"filter": "year(start/dateTime) eq 2026"}, "year"),
        ("/me/events", {"filter": "subject eq 'x'"}, ""),
        ("/me/messages", {"filter": "isRead eq true", "orderby": "isRead"}, ""),
    ],
)
def test_what_the_real_service_refuses_is_answered_with_a_hint(
    service: Microsoft, place: str, options: dict[str, str], hint: str
) -> None:
    reply = ask(service, "bob", place, **options)
    assert reply.status == 200
    assert hint in reply.hint if hint else not reply.hint


def test_order_of_what_the_filter_does_not_name_first(service: Microsoft) -> None:
    reply = ask(service, "bob", "/me/messages", filter="isRead eq false", orderby="subject")
    assert names(service, reply) == [BUDGET, LUNCH]
    assert ("InefficientFilter" in reply.hint) is not service.pascal
    good = ask(service, "bob", "/me/messages", filter="subject ge 'a' and isRead eq false", orderby="subject desc")
    assert names(service, good) == [LUNCH, BUDGET]
    assert not good.hint


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("subject", [STANDUP, BUDGET, DENTIST]),
        ("start/dateTime desc", [STANDUP, DENTIST, BUDGET]),
        ("importance desc,subject desc", [BUDGET, DENTIST, STANDUP]),
        ("isReminderOn,subject", [DENTIST, STANDUP, BUDGET]),
    ],
)
def test_orders(service: Microsoft, order: str, expected: list[str]) -> None:
    assert names(service, ask(service, "alice", "/me/events", orderby=order)) == expected
    pages = [ask(service, "alice", "/me/events", orderby=order, top="1")]
    while "@odata.nextLink" in pages[-1].json:
        pages.append(service.world.request("alice", "GET", pages[-1].json["@odata.nextLink"]))
    assert [names(service, page)[0] for page in pages] == expected


def test_a_member_of_event_messages_is_selected_with_their_type(service: Microsoft) -> None:
    member = service.word("meetingMessageType")
    cast = "Microsoft.OutlookServices.EventMessage" if service.pascal else "microsoft.graph.eventMessage"
    for path in (f"/me/messages?$select={cast}/{member}", f"/me/messages/{cast}?$select={member}"):
        assert any(member in one for one in service.call("bob", "GET", path).json["value"])
    bare = service.call("bob", "GET", f"/me/messages?$select={member}")
    if service.pascal:
        assert bare.status == 200
    else:
        assert (bare.status, bare.json["error"]["code"]) == (400, "RequestBroker--ParseUri")
        assert "type 'microsoft.graph.message'" in bare.json["error"]["message"]


@pytest.mark.parametrize("place", ["/me/events", "/me/messages", "/me/mailFolders", "/me/calendars"])
def test_pages_and_counts(service: Microsoft, place: str) -> None:
    every = service.call("bob", "GET", f"{place}?$top=1000").json["value"]
    some = service.call("bob", "GET", f"{place}?$top=1&$count=true").json
    assert (some["@odata.count"], len(some["value"])) == (len(every), min(1, len(every)))
    assert len(service.call("bob", "GET", f"{place}?$skip=1&$top=1000").json["value"]) == max(len(every) - 1, 0)
    assert service.call("bob", "GET", f"{place}?$top=0").json["value"] == []
    assert service.call("bob", "GET", f"{place}?$top=1001").status == 400
    assert service.call("bob", "GET", f"{place}?$top=-1").status == 400
    assert service.call("bob", "GET", f"{place}?$skiptoken=x").status == 400
