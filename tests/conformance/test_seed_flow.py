"""The seed flow, word for word, in the three Microsoft profiles: an invitation read, answered, tracked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from support.speakers import Microsoft, speakers
from support.world import ORIGIN, World

PROFILES = ("graph", "outlook-v2", "outlook-v1")
MOUNTS = {"graph": "/v1.0", "outlook-v2": "/api/v2.0", "outlook-v1": "/api/v1.0"}


class Flow:
    """alice has invited bob; everything is asked in one profile."""

    def __init__(self, folder: Path, profile: str) -> None:
        self.world = World(folder)
        for name, zone in (("alice", "Europe/Berlin"), ("bob", "America/New_York"), ("carol", "UTC")):
            self.world.add(name, zone=zone)
        said = speakers(self.world)[profile]
        assert isinstance(said, Microsoft)
        self.said = said
        self.word = said.word
        self.mount = MOUNTS[profile]
        self.profile = profile
        made = said.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "Europe/Berlin", ["bob"])
        assert made.status == 201, made.body
        self.alices = made.json
        self.uid = said.uid_of(made)

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.said.call(who, method, path, body, **headers)

    def invitation(self, path: str = "/Me/Messages") -> Any:
        page = self.ask("bob", "GET", path)
        assert page.status == 200, page.body
        return page.json["value"][0]

    @property
    def event(self) -> str:
        seen = self.said.see("bob", self.uid)
        assert seen is not None
        return seen.id

    def tracked(self) -> Any:
        event = self.ask("alice", "GET", f"/me/events/{self.alices[self.word('id')]}").json
        return event[self.word("attendees")][0][self.word("status")]


@pytest.fixture(params=PROFILES)
def flow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flow]:
    flow = Flow(tmp_path, request.param)
    yield flow
    flow.world.close()


@pytest.fixture
def v1(tmp_path: Path) -> Iterator[Flow]:
    flow = Flow(tmp_path, "outlook-v1")
    yield flow
    flow.world.close()


FOLDERS = {"graph": "mailFolders", "outlook-v2": "MailFolders", "outlook-v1": "Folders"}


def test_1_the_inbox_has_the_invitation(flow: Flow) -> None:
    word, folders = flow.word, FOLDERS[flow.profile]
    received = "DateTimeReceived" if flow.profile == "outlook-v1" else word("receivedDateTime")
    for path in (
        "/Me/Messages",
        "/users('bob@example.com')/messages",
        "/Users/bob%40example.com/Messages",
        f"/Me/{folders}('Inbox')/Messages",
        f"/me/{folders}/inbox/messages",
        f"/Me/Messages?$top=5&$orderby={received}%20desc",
        f"/Me/Messages?%24top=5&%24filter={word('isRead')}%20eq%20false",
        "/Me/Messages/",
    ):
        message = flow.invitation(path)
        assert message[word("subject")] == "Plans", path
        kind = message[word("meetingMessageType")]
        assert kind == ("meetingRequest" if flow.profile == "graph" else "MeetingRequest")
    if flow.profile != "graph":
        link = message["Event@odata.navigationLink"]
        assert link.startswith(f"{ORIGIN}{flow.mount}/Users('bob@example.com')/Events('")


def test_1_select(flow: Flow) -> None:
    message = flow.invitation(f"/me/messages?$select={flow.word('subject')},{flow.word('from')}")
    plain = {name for name in message if "@" not in name}
    assert plain == {flow.word("id"), flow.word("subject"), flow.word("from")}
    assert "@odata.type" in message


def test_2_the_link_leads_to_bobs_event(flow: Flow) -> None:
    word = flow.word
    if flow.profile == "graph":
        cast = "microsoft.graph.eventMessage"
        inlined = flow.invitation(f"/me/messages?$expand={cast}/event")["event"]
        identifier = flow.invitation()["id"]
        event = flow.ask("bob", "GET", f"/me/messages/{identifier}/{cast}/event").json
        assert inlined["id"] == event["id"]
    else:
        event = flow.world.request("bob", "GET", flow.invitation()["Event@odata.navigationLink"]).json
    assert event[word("organizer")][word("emailAddress")][word("address")] == "alice@example.com"
    assert event[word("id")] != flow.alices[word("id")]
    assert event["iCalUId"] == flow.alices["iCalUId"]
    assert event[word("isOrganizer")] is False
    status = event[word("responseStatus")]
    assert status[word("response")] == word("notResponded")
    assert status[word("time")] == "0001-01-01T00:00:00Z"
    assert event[word("showAs")] == word("tentative")
    guests = [one[word("emailAddress")][word("address")] for one in event[word("attendees")]]
    assert guests == ["alice@example.com", "bob@example.com"]


ANSWERS = [
    ("Accept", "accepted", "meetingAccepted", "Accepted: Plans", "busy"),
    ("TentativelyAccept", "tentativelyAccepted", "meetingTenativelyAccepted", "Tentative: Plans", "tentative"),
    ("Decline", "declined", "meetingDeclined", "Declined: Plans", None),
]


@pytest.mark.parametrize(("action", "response", "kind", "subject", "show_as"), ANSWERS)
def test_3_to_5_answered(flow: Flow, action: str, response: str, kind: str, subject: str, show_as: str | None) -> None:
    word = flow.word
    bobs = flow.event
    reply = flow.ask(
        "bob", "POST", f"/Me/Events('{bobs}')/{action}", {"Comment": "I will be there!", "SendResponse": True}
    )
    assert (reply.status, reply.body) == (202, b"")
    assert "content-type" not in reply.headers
    message = flow.ask("alice", "GET", "/me/messages").json["value"][0]
    assert message[word("subject")] == subject
    assert message[word("meetingMessageType")] == word(kind)
    assert "I will be there!" in message[word("body")][word("content")]
    assert message[word("from")][word("emailAddress")][word("address")] == "bob@example.com"
    status = flow.tracked()
    assert status[word("response")] == word(response)
    assert status[word("time")].startswith("2026-11-23T08:")
    again = flow.ask("bob", "GET", f"/me/events/{bobs}")
    if show_as is None:
        assert again.status == 404
        assert again.json["error"]["code"] == "ErrorItemNotFound"
    else:
        assert again.json[word("responseStatus")][word("response")] == word(response)
        assert again.json[word("showAs")] == word(show_as)
    if flow.profile != "graph":
        link = message["Event@odata.navigationLink"]
        assert flow.world.request("alice", "GET", link).json[word("id")] == flow.alices[word("id")]


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"", {}),
        (b"", {"content-type": "application/json"}),
        (b"{}", {}),
        (b'{"sendResponse":true}', {}),
        (b'{"SENDRESPONSE":"true","COMMENT":"hello"}', {}),
        (b'{"comment":null}', {}),
        (b'{"Comment":"hello","unknown":1}', {}),
        (b"{}", {"content-type": "application/json;odata.metadata=minimal"}),
    ],
)
def test_3_documented_bodies(flow: Flow, raw: bytes, headers: dict[str, str]) -> None:
    path = f"{flow.mount}/me/events/{flow.event}/accept"
    reply = flow.world.request("bob", "POST", path, raw=raw, headers=headers)
    assert (reply.status, reply.body) == (202, b"")
    assert flow.tracked()[flow.word("response")] == flow.word("accepted")


@pytest.mark.parametrize("value", [False, "false", "False"])
def test_3_without_a_response_nobody_is_told(flow: Flow, value: object) -> None:
    reply = flow.ask("bob", "POST", f"/me/events/{flow.event}/accept", {"sendResponse": value})
    assert reply.status == 202
    assert flow.ask("alice", "GET", "/me/messages").json["value"] == [] or not flow.said.inbox("alice")
    assert flow.tracked()[flow.word("response")] == flow.word("none")
    event = flow.ask("bob", "GET", f"/me/events/{flow.event}").json
    assert event[flow.word("responseStatus")][flow.word("response")] == flow.word("accepted")


@pytest.mark.parametrize("comment", ["later", ""])
def test_3_a_comment_needs_a_response(flow: Flow, comment: str) -> None:
    reply = flow.ask("bob", "POST", f"/me/events/{flow.event}/decline", {"Comment": comment, "SendResponse": False})
    assert reply.status == 400
    assert reply.json["error"]["code"] == "ErrorInvalidParameter"
    assert reply.json["error"]["message"] == "'SendResponse' must be true when 'Comment' is not null."


@pytest.mark.parametrize(
    "form",
    [
        "/Me/Events('{id}')/Accept",
        "/me/events/{id}/accept",
        "/me/events('{quoted}')/accept/",
        "/me/events/{quoted}/ACCEPT",
        "/users/bob%40example.com/events/{id}/accept",
        "/Users('bob@example.com')/Events('{id}')/Accept",
        "/me/calendar/events/{id}/accept",
        "/me/events/{id}/microsoft.graph.accept",
        "/me/events/{id}/Microsoft.OutlookServices.Accept",
    ],
)
def test_3_every_form_of_the_path(flow: Flow, form: str) -> None:
    path = form.format(id=flow.event, quoted=quote(flow.event, safe=""))
    assert flow.ask("bob", "POST", path).status == 202


def test_6_patching_the_attendees_changes_nobodys_answer_and_says_so(v1: Flow) -> None:
    body = {
        "Attendees": [
            {
                "EmailAddress": {"Address": "bob@example.com", "Name": "Bob"},
                "Status": {"Response": "Accepted"},
                "Type": "Required",
            }
        ]
    }
    reply = v1.ask("bob", "PATCH", f"/me/events('{v1.event}')", body)
    assert reply.status == 200
    assert reply.json["ResponseStatus"]["Response"] == "NotResponded"
    assert v1.tracked()["Response"] == "None"
    assert "/accept" in reply.hint.lower()
    assert "\n" not in reply.hint


def test_6_the_classic_traps(flow: Flow) -> None:
    own = flow.ask("alice", "POST", f"/me/events/{flow.alices[flow.word('id')]}/accept")
    assert own.status == 400
    assert own.json["error"]["code"] == "ErrorInvalidRequest"
    assert own.json["error"]["message"] == (
        "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer."
    )
    assert own.hint
    foreign = flow.ask("bob", "POST", f"/me/events/{flow.alices[flow.word('id')]}/accept")
    assert foreign.status == 404
    assert foreign.json["error"]["code"] == "ErrorItemNotFound"
    assert foreign.hint
    cancel = flow.ask("bob", "POST", f"/me/events/{flow.event}/cancel", {"Comment": "no"})
    assert cancel.status == 400
    assert cancel.json["error"]["message"] == (
        "Your request can't be completed. You need to be an organizer to cancel a meeting."
    )
    assert cancel.hint


def test_7_metadata_declares_the_actions(flow: Flow) -> None:
    import xml.etree.ElementTree as ElementTree

    reply = flow.world.request(None, "GET", f"{flow.mount}/$metadata")
    assert reply.status == 200
    root = ElementTree.fromstring(reply.body)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    actions = {one.get("Name", "").lower(): one for one in root.iter(f"{edm}Action")}
    for name in ("accept", "decline", "tentativelyaccept", "cancel"):
        assert name in actions
    parameters = {one.get("Name", "").lower() for one in actions["tentativelyaccept"].iter(f"{edm}Parameter")}
    assert {"comment", "sendresponse"} <= parameters


def test_the_setting_discards_an_answered_invitation(tmp_path: Path) -> None:
    from rsvpd.store.tx import Rules

    world = World(tmp_path, rules=Rules(discard_answered_user=True))
    for name in ("alice", "bob"):
        world.add(name)
    said = speakers(world)["graph"]
    assert isinstance(said, Microsoft)
    made = said.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"])
    assert [note.subject for note in said.inbox("bob")] == ["Plans"]
    said.answer("bob", said.uid_of(made), "accepted")
    assert said.inbox("bob") == []
    deleted = said.call("bob", "GET", "/me/mailFolders/deleteditems/messages").json["value"]
    assert [one["subject"] for one in deleted] == ["Plans"]
    world.close()
