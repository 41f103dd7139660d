"""Messages in the three Microsoft profiles: reading, searching, marking, moving, sending."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from rsvpd import ids
from rsvpd.commands import calendar, mail
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.mail.address import Mailbox
from rsvpd.mail.folder import Folder
from rsvpd.query.algebra import And, Cmp, In, Op, Or, Order, Page, Words
from support.microsoft_door import BASE, BOB, EVENT, INVITATION, PLAIN, Client, header


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
    assert (kwargs["folder"], kwargs["without"]) == (None, ())
    v1("GET", "/me/messages?$top=3&$skip=4&$orderby=Subject&$filter=IsRead%20eq%20true&$count=true")
    _, (_, query), kwargs = v1.door.last
    assert (query.top, query.skip, query.count) == (3, 4, True)
    assert query.order == (Order("subject"),)
    assert query.where == Cmp("is_read", Op.EQ, True)
    assert kwargs["without"] == (Folder.DELETED,)
    v1("GET", "/me/Folders('deletedITEMS')/messages")
    assert (v1.door.last[2]["folder"], v1.door.last[2]["without"]) == (Folder.DELETED, ())


def test_text_is_searched_where_it_is_not_filtered(graph: Client, v2: Client) -> None:
    url = "/me/messages?$filter=contains(subject,'x')"
    assert graph("GET", url).status == 200
    response = v2("GET", url)
    assert response.status == 400
    assert json.loads(response.body)["error"]["code"] == "ErrorInvalidUrlQueryFilter"
    assert v2("GET", '/me/messages?$search="subject:pizza"').status == 200
    assert v2.door.last[1][1].where == Or((Words("subject", ("pizza",), is_open=True),))
    assert v2("GET", '/me/events?$search="pizza"').status == 400
    assert v2("GET", '/me/messages?$search="pizza"&$orderby=Subject').status == 400


def test_the_next_page(any_profile: Client) -> None:
    any_profile.door.answers[calendar.write_events] = Page(items=[EVENT], after="a+b=", total=3)
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
    assert graph.door.last[1][2] == Folder.ARCHIVE
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
