"""The pictures of the README, from the page as it is. RSVPD_UPDATE_PICTURES=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from support.browsing import Arrive, go, open_message
from support.pictures import small
from support.running import Running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 60_000
SIZE = {"width": 1080, "height": 600}
KICKOFF = "Project kickoff"
DECLINED = [{"emailAddress": {"address": "bob@example.com"}, "status": {"response": "declined"}}]


def take(page: Page, name: str) -> None:
    """Take a picture, which has to be small; what was taken before stays unless it is wanted anew."""
    place = FOLDER / f"{name}.png"
    if os.environ.get("RSVPD_UPDATE_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        page.mouse.move(0, 0)
        place.write_bytes(small(page.screenshot(animations="disabled")))
    assert place.stat().st_size < MOST_BYTES


def test_the_invitation_at_bob(arrive: Arrive):
    bob = arrive("Bob", **SIZE)
    open_message(bob, KICKOFF)
    expect(bob.locator(".beside")).to_contain_text("Nothing else is in your calendar")
    bob.locator("h2").blur()
    take(bob, "invitation")


def test_the_answer_at_alice(arrive: Arrive, server: Running):
    alice = arrive("Alice", **SIZE)
    accept(server)
    first = alice.locator(".messages li").first
    expect(first).to_contain_text("Accepted · I will be there!")
    first.get_by_role("link").click()
    alice.get_by_role("link", name="Open the meeting").click()
    expect(alice.get_by_role("row", name="Bob Baker")).to_contain_text("Accepted")
    alice.locator("h1").blur()
    take(alice, "answer")


def test_a_trap_at_the_meeting_and_in_its_timeline(arrive: Arrive, server: Running):
    path = accept(server)
    server.ask("PATCH", path, "bob", json={"attendees": DECLINED}, headers={"User-Agent": "our-app/1.4"})
    alice = arrive("Alice", width=1080, height=760)
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name=KICKOFF).first.click()
    expect(alice.locator("article trap-lines")).to_contain_text("The status of an attendee was ignored")
    alice.get_by_text("Timeline").click()
    alice.get_by_label("Who looked").uncheck()
    expect(alice.locator(".moment.trap")).to_be_visible()
    alice.locator(".timeline summary").scroll_into_view_if_needed()
    alice.evaluate("document.querySelector('.timeline').scrollIntoView()")
    take(alice, "timeline")


def accept(server: Running) -> str:
    """Let a program of bob accept, and return the path of what it accepted."""
    found = server.ask("GET", f"/v1.0/me/events?$filter=subject eq '{KICKOFF}'", "bob").json()["value"]
    path = f"/v1.0/me/events/{found[0]['id']}"
    body = {"comment": "I will be there!"}
    reply = server.ask("POST", f"{path}/accept", "bob", json=body, headers={"User-Agent": "our-app/1.4"})
    assert reply.status_code == 202
    return path
