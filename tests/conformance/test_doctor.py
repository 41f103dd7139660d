"""`rsvpd doctor` tells the truth: every word of its table is tried, and must be there, or must not.

A row names several things: `messages: list, get`. `EXAMPLES` has requests for each, by its words; where a row
says "partly", `MISSING` has what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from rsvpd.control.doctor import FEATURES, Extent, Feature
from support.batches import MEDIA, part, together
from support.running import Running
from support.town import JPEG

GRAPH, GOOGLE, BATCH = "/v1.0", "/calendar/v3", "/batch/calendar/v3"
WHEN = {"dateTime": "2030-03-01T10:00:00", "timeZone": "UTC"}
UNTIL = {"dateTime": "2030-03-01T11:00:00", "timeZone": "UTC"}
VIEW = "startDateTime=2030-01-01T00:00:00Z&endDateTime=2030-12-31T00:00:00Z"
SPAN = "startDateTime='2030-01-01T00:00:00Z',endDateTime='2031-01-01T00:00:00Z'"
TIMES = {"start": WHEN, "end": UNTIL}
SERIES = {"type": "daily", "interval": 1}
RANGE = {"type": "numbered", "startDate": "2030-03-01", "numberOfOccurrences": 3}
TO = {"toRecipients": [{"emailAddress": {"address": "dave@example.com"}}]}
OUTSIDE = {"attendees": [{"emailAddress": {"address": "zoe@elsewhere.example"}}]}
ROOM = {"attendees": [{"emailAddress": {"address": "orion@example.com"}, "type": "resource"}]}
OWN = {"attendeesOmitted": True, "attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
MORE = [{"email": "bob@example.com"}, {"email": "dave@example.com"}]
GROUP = {"type": "group", "value": "all@example.com"}
SCHEDULES = {"schedules": ["bob@example.com"], "startTime": WHEN, "endTime": UNTIL}
BUSY = {"timeMin": "2030-03-01T00:00:00Z", "timeMax": "2030-03-02T00:00:00Z", "items": [{"id": "primary"}]}
EVENTS, PRIMARY = "/me/events", "/calendars/primary/events"
NOBODY = "http://127.0.0.1:9/hook"
UNREAD = {
    "resource": "me/messages?$filter=isRead eq false", "changeType": "created", "notificationUrl": NOBODY,
    "expirationDateTime": "2026-01-01T00:00:00Z",
}
MOVED = {"destinationId": "archive"}


class Example(NamedTuple):
    """A request. In its path stand `{own}` and `{event}`, alice's and bob's copy of a new meeting, `{google}` its
    id there, `{second}` another calendar of alice's, `{message}` the invitation bob got, `{series}` a series of
    alice's and `{one}` one date of it. `parts` are sent as a batch."""

    who: str
    method: str
    path: str
    body: Any = None
    parts: tuple[str, ...] = ()


def graph(who: str, method: str, path: str, body: Any = None) -> Example:
    return Example(who, method, GRAPH + path, body)


def google(who: str, method: str, path: str, body: Any = None) -> Example:
    return Example(who, method, GOOGLE + path, body)


PROPERTIES = [{"id": "String {8eccc264-6880-4ebe-992f-8888d2eeaa1d} Name A", "value": "b"}]
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
RULE = {"displayName": "a", "sequence": 1, "conditions": {"subjectContains": ["b"]}, "actions": {"markAsRead": True}}
OVERRIDE = {"classifyAs": "focused", "senderEmailAddress": {"address": "zoe@elsewhere.example"}}
SEARCH_FOLDER = {
    "@odata.type": "microsoft.graph.mailSearchFolder", "displayName": "Unread", "includeNestedFolders": True,
    "sourceFolderIds": ["inbox"], "filterQuery": "isRead eq false",
}
AWAY = {"status": "alwaysEnabled", "internalReplyMessage": "Away"}
TIPS = {"emailAddresses": ["bob@example.com"], "mailTipsOptions": "automaticReplies"}
MICROSOFT_EXAMPLES = {
    "answering: accept": graph("bob", "POST", "/me/events/{event}/accept"),
    "answering: tentativelyAccept": graph("bob", "POST", "/me/events/{event}/tentativelyAccept"),
    "answering: decline": graph("bob", "POST", "/me/events/{event}/decline"),
    "events: list": graph("bob", "GET", EVENTS),
    "events: get": graph("bob", "GET", "/me/events/{event}"),
    "events: create": graph("alice", "POST", EVENTS, TIMES),
    "events: patch": graph("alice", "PATCH", "/me/events/{own}", {"subject": "New"}),
    "events: delete": graph("alice", "DELETE", "/me/events/{own}"),
    "events: cancel": graph("alice", "POST", "/me/events/{own}/cancel"),
    "forwarding events": graph("bob", "POST", "/me/events/{event}/forward", TO),
    "calendarView": graph("bob", "GET", f"/me/calendarView?{VIEW}"),
    "instances of a series": graph("alice", "GET", f"/me/events/{{series}}/instances?{VIEW}"),
    "reminderView": graph("bob", "GET", f"/me/reminderView({SPAN})"),
    "dismissReminder": graph("bob", "POST", "/me/events/{event}/dismissReminder"),
    "snoozeReminder": graph("bob", "POST", "/me/events/{event}/snoozeReminder", {"newReminderTime": WHEN}),
    "findMeetingTimes": graph("bob", "POST", "/me/findMeetingTimes", {}),
    "getSchedule": graph("bob", "POST", "/me/calendar/getSchedule", SCHEDULES),
    "calendars": graph("bob", "POST", "/me/calendars", {"name": "Sailing"}),
    "calendarGroups": graph("bob", "POST", "/me/calendarGroups", {"name": "Mine"}),
    "calendarPermissions": graph("bob", "GET", "/me/calendar/calendarPermissions"),
    "shared calendars": graph("bob", "GET", "/me/calendars?$select=name,canShare,owner"),
    "messages: list": graph("bob", "GET", "/me/messages"),
    "messages: get": graph("bob", "GET", "/me/messages/{message}"),
    "messages: move": graph("bob", "POST", "/me/messages/{message}/move", MOVED),
    "messages: delete": graph("bob", "DELETE", "/me/messages/{message}"),
    "messages: mark read": graph("bob", "PATCH", "/me/messages/{message}", {"isRead": True}),
    "messages: sendMail": graph("bob", "POST", "/me/sendMail", {"message": {"subject": "Hello", **TO}}),
    "messages: drafts": graph("bob", "POST", "/me/messages", {"subject": "Hello"}),
    "messages: reply": graph("bob", "POST", "/me/messages/{message}/reply", {"comment": "Well"}),
    "messages: forward": graph("bob", "POST", "/me/messages/{message}/forward", TO),
    "messages: copy": graph("bob", "POST", "/me/messages/{message}/copy", MOVED),
    "messageRules": graph("bob", "POST", "/me/mailFolders/inbox/messageRules", RULE),
    "inferenceClassification overrides": graph("bob", "POST", "/me/inferenceClassification/overrides", OVERRIDE),
    "messages in MIME": graph("bob", "GET", "/me/messages/{message}/$value"),
    "mail folders": graph("bob", "POST", "/me/mailFolders", {"displayName": "x"}),
    "search folders": graph("bob", "POST", "/me/mailFolders/inbox/childFolders", SEARCH_FOLDER),
    "masterCategories": graph("bob", "POST", "/me/outlook/masterCategories", {"displayName": "P", "color": "preset1"}),
    "$select": graph("bob", "GET", "/me/events?$select=subject"),
    "$top": graph("bob", "GET", "/me/events?$top=1"),
    "$skip": graph("bob", "GET", "/me/events?$skip=1"),
    "$orderby": graph("bob", "GET", "/me/events?$orderby=start/dateTime desc"),
    "$filter": graph("bob", "GET", "/me/events?$filter=isAllDay eq false"),
    "$count": graph("bob", "GET", "/me/events?$count=true"),
    "$expand": graph("bob", "GET", "/me/messages/{message}?$expand=microsoft.graph.eventMessage/event"),
    "$search": graph("bob", "GET", '/me/messages?$search="kickoff"'),
    "$metadata": graph("bob", "GET", "/$metadata"),
    "users": graph("bob", "GET", "/users"),
    "mailboxSettings": graph("bob", "GET", "/me/mailboxSettings"),
    "automatic replies": graph("carol", "PATCH", "/me/mailboxSettings", {"automaticRepliesSetting": AWAY}),
    "getMailTips": graph("bob", "POST", "/me/getMailTips", TIPS),
    "profile photos": graph("bob", "PUT", "/me/photo/$value", JPEG),
    "places": graph("bob", "GET", "/places/orion@example.com"),
    "room lists": graph("bob", "GET", "/places/microsoft.graph.roomlist"),
    "online meetings of events": graph("bob", "POST", EVENTS, TIMES | {"isOnlineMeeting": True}),
    "$batch": graph("bob", "POST", "/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/me"}]}),
    "delta queries": graph("bob", "GET", f"/me/calendarView/delta?{VIEW}"),
    "subscriptions (webhooks)": graph("bob", "GET", "/subscriptions"),
    "attachments": graph("alice", "POST", "/me/events/{own}/attachments", FILE),
    "extensions": graph("alice", "POST", "/me/events/{own}/extensions", {"extensionName": "a.b"}),
    "extended properties": graph("alice", "PATCH", "/me/events/{own}", {"singleValueExtendedProperties": PROPERTIES}),
    "the beta endpoint": Example("bob", "GET", "/beta/me"),
    "people": graph("bob", "GET", "/me/people"),
    "contacts": graph("bob", "GET", "/me/contacts"),
    "groups": graph("bob", "GET", "/groups"),
}
GOOGLE_EXAMPLES = {
    "events: list": google("bob", "GET", PRIMARY),
    "events: instances": google("alice", "GET", f"{PRIMARY}/{{google_series}}/instances"),
    "events: get": google("bob", "GET", f"{PRIMARY}/{{google}}"),
    "events: insert": google("alice", "POST", PRIMARY, TIMES),
    "events: patch": google("alice", "PATCH", f"{PRIMARY}/{{google}}", {"summary": "New"}),
    "events: update": google("alice", "PUT", f"{PRIMARY}/{{google}}", {**TIMES, "summary": "New"}),
    "events: delete": google("alice", "DELETE", f"{PRIMARY}/{{google}}"),
    "answering by the own attendee entry": google("bob", "PATCH", f"{PRIMARY}/{{google}}", OWN),
    "attendeesOmitted": google("bob", "PATCH", f"{PRIMARY}/{{google}}", OWN),
    "guests who invite others": google("bob", "PATCH", f"{PRIMARY}/{{google}}", {"attendees": MORE}),
    "guests who modify": google("bob", "PATCH", f"{PRIMARY}/{{google}}", {"summary": "Ours"}),
    "calendarList": google("bob", "GET", "/users/me/calendarList"),
    "calendars": google("bob", "POST", "/calendars", {"summary": "Rowing"}),
    "calendars: transferOwnership": google(
        "alice", "POST",
        "/calendars/{second}/transferOwnership?newDataOwner=bob@example.com&useAdminAccess=true",
    ),
    "settings": google("bob", "GET", "/users/me/settings"),
    "freeBusy": google("bob", "POST", "/freeBusy", BUSY),
    "events: import": google("bob", "POST", f"{PRIMARY}/import", {**TIMES, "iCalUID": "a@b.example"}),
    "events: quickAdd": google("bob", "POST", f"{PRIMARY}/quickAdd?text=Lunch"),
    "events: move": google("alice", "POST", f"{PRIMARY}/{{google}}/move?destination={{second}}"),
    "syncToken": google("bob", "GET", f"{PRIMARY}?syncToken="),
    "watch channels": google("bob", "POST", f"{PRIMARY}/watch", {"id": "a", "type": "web_hook", "address": NOBODY}),
    "acl": google("bob", "GET", "/calendars/primary/acl"),
    "colors": google("bob", "GET", "/colors"),
    "batch": Example("bob", "POST", BATCH, parts=(part("GET", f"{GOOGLE}/users/me/calendarList"),)),
}
OTHERS = {
    "guests of single occurrences of a series": google("alice", "PATCH", f"{PRIMARY}/{{one}}", {"attendees": MORE}),
    "delivery between people of this server": graph("bob", "GET", "/me/events/{event}"),
    "mail to addresses elsewhere": graph("alice", "POST", EVENTS, TIMES | OUTSIDE),
    "rooms that answer by themselves": graph("alice", "POST", EVENTS, TIMES | ROOM),
    "bearer tokens": graph("bob", "GET", "/me"),
    "OAuth2 / OpenID Connect sign-in": Example("bob", "GET", "/common/v2.0/.well-known/openid-configuration"),
    "everything": Example("bob", "PROPFIND", "/dav/"),
}
EXAMPLES = {"Graph, Outlook REST": MICROSOFT_EXAMPLES, "Google Calendar": GOOGLE_EXAMPLES}
MISSING = {
    "acl": (google("bob", "POST", "/calendars/primary/acl", {"role": "reader", "scope": GROUP}),),
    "subscriptions (webhooks)": (graph("bob", "POST", "/subscriptions", UNREAD),),
    "OAuth2 / OpenID Connect sign-in": (Example("bob", "GET", "/common/adminconsent"),),
    "$search": (graph("bob", "GET", '/me/messages?$search="a NEAR b"'), graph("bob", "GET", '/me/events?$search="a"')),
}


def words(row: Feature) -> Iterator[str]:
    """Yield what a row names: `messages: list, get` is `messages: list` and `messages: get`."""
    prefix, colon, names = row.name.rpartition(": ")
    for name in names.split(", "):
        yield f"{prefix}{colon}{name}"


CASES = [(row, word) for row in FEATURES for word in words(row)]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return a server for these tests alone: they fill its inboxes."""
    running = Running(tmp_path_factory.mktemp("doctor"))
    assert running.cli("user", "set", "alice", "administrator=yes").returncode == 0
    yield running
    running.kill()


@pytest.fixture(scope="module")
def places(tried: Running) -> Any:
    """Return a function that makes a new meeting and fills the places of a path."""

    def ask(example: Example) -> Any:
        reply = tried.ask(example.method, example.path, example.who, json=example.body)
        assert reply.is_success, reply.text
        return reply.json()

    def filled(path: str) -> str:
        if "{" not in path:
            return path
        guests = {"attendees": [{"emailAddress": {"address": "bob@example.com"}}]}
        own = ask(graph("alice", "POST", EVENTS, TIMES | guests | {"subject": "Tried"}))
        id = there(own["iCalUId"])
        ask(google("alice", "PATCH", f"{PRIMARY}/{id}", {"guestsCanModify": True}))
        uid = f"iCalUId eq '{own['iCalUId']}'"
        event = ask(graph("bob", "GET", f"{EVENTS}?$filter={uid}"))["value"][0]
        message = ask(graph("bob", "GET", "/me/messages?$top=1"))["value"][0]
        series = ask(graph("alice", "POST", EVENTS, TIMES | {"recurrence": {"pattern": SERIES, "range": RANGE}}))
        second = ask(google("alice", "POST", "/calendars", {"summary": "Second"}))
        return path.format(
            own=own["id"], event=event["id"], message=message["id"], series=series["id"],
            second=second["id"],
            google=id, google_series=there(series["iCalUId"]), one=f"{there(series['iCalUId'])}_20300302T100000Z",
        )  # fmt: skip

    def there(uid: str) -> str:
        return str(ask(google("alice", "GET", f"{PRIMARY}?iCalUID={uid}"))["items"][0]["id"])

    return filled


def status(server: Running, places: Any, example: Example) -> int:
    """Return the status of the answer to an example, which never is that something broke."""
    batch = {"content": together(example.parts), "headers": {"Content-Type": MEDIA}}
    photo = {"content": example.body, "headers": {"Content-Type": "image/jpeg"}}
    sent = batch if example.parts else photo if isinstance(example.body, bytes) else {"json": example.body}
    reply = server.ask(example.method, places(example.path), example.who, **sent)
    assert reply.status_code != 500, reply.text
    return reply.status_code


@pytest.mark.slow
@pytest.mark.parametrize(("row", "word"), CASES, ids=[f"{row.area}: {word}" for row, word in CASES])
def test_every_word_is_true(tried: Running, places: Any, row: Feature, word: str) -> None:
    examples = EXAMPLES.get(row.area, OTHERS)
    assert word in examples, "give an example of it above"
    found = status(tried, places, examples[word])
    if row.extent is Extent.NO:
        assert found in (400, 404, 501)
    else:
        assert 200 <= found < 300
    for example in MISSING.get(word, ()) if row.extent is Extent.PARTLY else ():
        assert status(tried, places, example) in (400, 404, 501)
