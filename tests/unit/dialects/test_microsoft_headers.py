"""What headers ask of the Microsoft profiles, and what they say."""

from __future__ import annotations

import json

import pytest

from rsvpd.commands import mail
from rsvpd.query.algebra import Page
from support.microsoft_door import BASE, BOB, EVENT, INVITATION, Client, header


def test_preferences(any_profile: Client) -> None:
    prefer = 'IdType="ImmutableId", outlook.timezone="Pacific Standard Time",outlook.body-content-type=TEXT'
    response = any_profile("GET", f"/me/events/{EVENT.id}", prefer=prefer)
    body = json.loads(response.body)
    start = body[any_profile.profile.member("start")]
    assert "2026-12-01T01:00:00" in (start if isinstance(start, str) else "".join(start.values()))
    said = body[any_profile.profile.member("body")]
    assert said[any_profile.profile.member("contentType")].lower() == "text"
    assert header(response, "Preference-Applied") == (
        'outlook.timezone="Pacific Standard Time", outlook.body-content-type="text", IdType="ImmutableId"'
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
    any_profile.door.answers[mail.write_messages] = Page(items=[INVITATION], after="x", total=5)
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
