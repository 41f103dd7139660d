"""The seed flow against a real server, from the seeded story, over HTTP, in the three Microsoft profiles."""

from __future__ import annotations

import pytest

from support.running import Running

PROFILES = {"graph": "/v1.0", "outlook-v2": "/api/v2.0", "outlook-v1": "/api/v1.0"}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_seed_flow(server: Running, profile: str) -> None:
    mount = PROFILES[profile]

    def word(name: str) -> str:
        return name if profile == "graph" else name[:1].upper() + name[1:]

    message = server.ask("GET", f"{mount}/Me/Messages?$top=1", "bob").json()["value"][0]
    assert message[word("meetingMessageType")] == word("meetingRequest")
    if profile == "graph":
        path = f"{mount}/me/messages/{message['id']}/microsoft.graph.eventMessage/event"
        event = server.ask("GET", path, "bob").json()
        link = f"{mount}/me/events/{event['id']}"
    else:
        link = message["Event@odata.navigationLink"]
        assert link.startswith(f"{server.url}{mount}/Users('bob@example.com')/Events('")
        event = server.ask("GET", link, "bob").json()
    assert event[word("responseStatus")][word("response")] == word("notResponded")
    assert event[word("organizer")][word("emailAddress")][word("address")] == "alice@example.com"

    patch = {word("attendees"): [{"emailAddress": {"address": "bob@example.com"}, "status": {"response": "accepted"}}]}
    trap = server.ask("PATCH", link, "bob", json=patch)
    assert trap.status_code == 200
    assert "accept" in trap.headers["x-rsvpd-hint"].lower()

    reply = server.ask("POST", f"{link}/Accept", "bob", json={"Comment": "I will be there!", "SendResponse": True})
    assert (reply.status_code, reply.content) == (202, b"")
    answer = server.ask("GET", f"{mount}/Me/Messages?$top=1", "alice").json()["value"][0]
    assert answer[word("meetingMessageType")] == word("meetingAccepted")
    assert answer[word("subject")] == f"Accepted: {message[word('subject')]}"
    assert "I will be there!" in answer[word("body")][word("content")]
    found = server.ask("GET", f"{mount}/me/events?$filter=iCalUId eq '{event['iCalUId']}'", "alice").json()["value"]
    statuses = {
        one[word("emailAddress")][word("address")]: one[word("status")][word("response")]
        for one in found[0][word("attendees")]
    }
    assert statuses["bob@example.com"] == word("accepted")
    assert statuses["carol@example.com"] == word("none")

    again = server.ask("POST", f"{link}/decline", "alice")
    assert again.status_code in (403, 404), "bob's event is not alice's"
    organizer = server.ask("POST", f"{mount}/me/events/{found[0][word('id')]}/accept", "alice")
    assert organizer.status_code == 400
    assert "x-rsvpd-hint" in organizer.headers
