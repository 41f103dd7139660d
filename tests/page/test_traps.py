"""What a program did wrong stands on the page where it happened, while somebody looks."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from support.browsing import Arrive, go, open_message
from support.running import Running

EVENTS = "/v1.0/me/events"
DECLINED = [{"emailAddress": {"address": "bob@example.com"}, "status": {"response": "declined"}}]


def kickoff(server: Running, name: str) -> str:
    found = server.ask("GET", f"{EVENTS}?$filter=subject eq 'Project kickoff'", name).json()["value"]
    return f"{EVENTS}/{found[0]['id']}"


@pytest.mark.parametrize(
    ("name", "owner", "method", "rest", "body", "told"),
    [
        ("bob", "bob", "PATCH", "", {"attendees": DECLINED}, "The status of an attendee was ignored"),
        ("bob", "bob", "PATCH", "", {"subject": "Mine"}, "changed in this copy only"),
        ("bob", "bob", "POST", "/cancel", {}, "The meeting was not called off."),
        ("bob", "bob", "POST", "/accept", {"sendResponse": False}, "the organizer was not told"),
        ("alice", "alice", "POST", "/accept", {}, "An answer to the own meeting was refused."),
        ("carol", "bob", "POST", "/accept", {}, "it is one of another mailbox"),
    ],
    ids=["status", "subject", "cancel", "silence", "organizer", "another mailbox"],
)
def test_it_arrives_at_the_meeting_and_leads_to_the_request(
    arrive: Arrive, server: Running, name: str, owner: str, method: str, rest: str, body: Any, told: str
):
    alice, bob = arrive("Alice"), arrive("Bob")
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name="Project kickoff").first.click()
    alice.get_by_role("heading", name="Answers").wait_for()
    open_message(bob, "Project kickoff")
    reply = server.ask(method, kickoff(server, owner) + rest, name, json=body)
    assert reply.headers["x-rsvpd-hint"]
    on_card, on_meeting = bob.get_by_role("article").locator("trap-lines"), alice.locator("article trap-lines")
    expect(on_card).to_contain_text(told)
    expect(on_meeting).to_contain_text(f"A program of {name}")
    expect(on_meeting).to_contain_text("Instead: ")
    expect(alice.get_by_role("status").first).to_contain_text(told)
    go(bob, "#/calendar/agenda")
    expect(bob.locator(".agenda trap-lines:not([brief])", has_text=told)).to_have_count(1)
    go(bob, "#/calendar/month")
    expect(bob.locator(".month .event .sign")).to_have_count(1)
    on_meeting.get_by_role("link").first.click()
    expect(alice.get_by_role("article")).to_contain_text(told)
    expect(alice.get_by_role("link", name="Documentation").first).to_be_visible()


def test_what_is_about_no_meeting_is_one_line_below_the_mailbox(arrive: Arrive, server: Running):
    alice, bob = arrive("Alice"), arrive("Bob")
    server.ask("GET", f"{EVENTS}?$filter=organizer/emailAddress/address eq 'alice@example.com'", "bob")
    server.ask("GET", "/v1.0/me/messages?$search=project kickoff", "bob")
    line = bob.locator("#traps")
    expect(line).to_contain_text("the real service wants the search in quotes")
    expect(line.get_by_role("link", name="1 more")).to_be_visible()
    expect(alice.locator("#traps")).to_be_hidden()
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_be_hidden()
    server.ask("POST", "/v1.0/subscriptions", "bob", json={"resource": "/me/nothing"})
    expect(line).to_contain_text("POST /subscriptions was refused (400)")
    line.get_by_role("link", name="POST").click()
    expect(bob.get_by_role("article")).to_contain_text("/me/nothing")


def test_a_server_that_begins_anew_has_other_traps(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    open_message(bob, "Project kickoff")
    for _ in range(2):
        server.ask("POST", f"{kickoff(server, 'bob')}/cancel", "bob", json={})
    lines = bob.get_by_role("article").locator("trap-lines li")
    expect(lines).to_contain_text("1 more")
    server.stop()
    server.start()
    expect(lines).to_have_count(0)
    server.ask("PATCH", kickoff(server, "bob"), "bob", json={"attendees": DECLINED})
    expect(lines).to_contain_text("The status of an attendee was ignored")


def test_the_requests_of_one_meeting_can_be_listed(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    for _ in range(3):
        server.ask("POST", f"{kickoff(server, 'bob')}/cancel", "bob", json={})
    server.ask("GET", f"{EVENTS}/nothing", "bob")
    open_message(bob, "Project kickoff")
    bob.get_by_role("article").get_by_role("link", name="2 more").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Requests about a meeting")
    expect(bob.get_by_role("row", name="cancel")).to_have_count(3)
    expect(bob.get_by_role("row", name="nothing")).to_have_count(0)
