"""What programs asked, on the page: live, filtered, and explained."""

from __future__ import annotations

from playwright.sync_api import expect

from support.browsing import Arrive, go
from support.running import Running


def test_a_trap_shows_up_and_is_explained(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    go(alice, "#/requests")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Requests")
    event = server.ask("GET", "/v1.0/me/events?$top=1", "bob").json()["value"][0]["id"]
    trap = {"attendees": [{"emailAddress": {"address": "bob@example.com"}, "status": {"response": "declined"}}]}
    assert server.ask("PATCH", f"/v1.0/me/events/{event}", "bob", json=trap).status_code == 200
    assert server.ask("GET", "/v1.0/me/events/nothing", "bob").status_code in (400, 404)
    line = alice.get_by_role("row", name="PATCH")
    expect(line).to_contain_text("attendees[].status is ignored")
    expect(alice.get_by_role("row", name="events/nothing")).to_be_visible()
    alice.get_by_label("With a hint").check()
    expect(alice.get_by_role("row", name="events/nothing")).to_have_count(0)
    alice.get_by_label("Status").fill("4xx")
    alice.get_by_label("With a hint").uncheck()
    expect(alice.get_by_role("row", name="events/nothing")).to_be_visible()
    expect(line).to_have_count(0)
    alice.get_by_label("Status").fill("")
    line.get_by_role("link").click()
    card = alice.get_by_role("article")
    expect(card).to_contain_text("The status of an attendee was ignored")
    page = card.get_by_role("link", name="Documentation")
    expect(page).to_have_attribute("href", "https://learn.microsoft.com/graph/api/event-accept")
    card.get_by_text("The same with curl").click()
    expect(card).to_contain_text("curl -sSi -X PATCH")


def test_what_the_page_asks_is_left_out_in_whatever_tab(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    arrive("Bob").locator(".messages a").first.wait_for()
    go(alice, "#/requests")
    alice.get_by_label("Interface").select_option("graph")
    server.ask("GET", "/v1.0/me", "carol")
    expect(alice.get_by_role("row", name="carol")).to_be_visible()
    expect(alice.get_by_role("row", name="bob")).to_have_count(0)
    alice.get_by_label("Of this page, too").check()
    expect(alice.get_by_role("row", name="bob").first).to_be_visible()
