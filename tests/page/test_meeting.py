"""A meeting on its own page: its timeline, the answers to each date, and the same event as programs see it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect

from support.browsing import Arrive, go
from support.running import Running

EVENTS = "/v1.0/me/events"


def open_meeting(page: Page, subject: str) -> None:
    """Open the next date of a meeting from the agenda."""
    go(page, "#/calendar/agenda")
    page.get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)


def kickoff(server: Running, name: str) -> str:
    found = server.ask("GET", f"{EVENTS}?$filter=subject eq 'Project kickoff'", name).json()["value"]
    return f"{EVENTS}/{found[0]['id']}"


def test_the_timeline_tells_who_did_what_and_goes_on(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    open_meeting(alice, "Project kickoff")
    alice.get_by_text("Timeline").click()
    moments = alice.get_by_role("region", name="Moments")
    expect(moments.get_by_role("row", name="alice sent the request “Project kickoff” to bob")).to_be_visible()
    came = moments.get_by_role("row", name="bob got the request “Project kickoff”, unread (sequence 0)")
    expect(came).to_be_visible()
    agent = {"User-Agent": "planner/2"}
    server.ask("POST", f"{kickoff(server, 'bob')}/accept", "bob", json={"comment": "Yes!"}, headers=agent)
    row = moments.get_by_role("row", name="planner/2")
    expect(row).to_contain_text("POST /v1.0/me/events/…/accept 202")
    expect(row).to_contain_text("graph")
    expect(moments.get_by_role("row", name="bob answered accepted: Yes!")).to_be_visible()
    expect(alice.get_by_role("row", name="bob live Accepted 0")).to_be_visible()
    alice.get_by_label("Requests").uncheck()
    expect(row).to_have_count(0)
    with alice.expect_download() as download:
        alice.get_by_role("button", name="Save as one file").click()
    saved = json.loads(download.value.path().read_bytes())
    kinds = {one["kind"] for one in saved["moments"]}
    assert kinds == {"request", "seen", "sent", "delivered", "answer"}
    assert "access_token" not in str(saved)


def test_a_trap_stands_in_the_timeline_and_leads_to_its_request(arrive: Arrive, server: Running):
    server.ask("POST", f"{kickoff(server, 'bob')}/cancel", "bob", json={})
    alice = arrive("Alice")
    open_meeting(alice, "Project kickoff")
    alice.get_by_text("Timeline").click()
    row = alice.locator(".moment.trap")
    expect(row).to_contain_text("Only the organizer cancels a meeting")
    row.get_by_role("link").click()
    expect(alice.get_by_role("article")).to_contain_text("The meeting was not called off.")


def test_a_long_timeline_shows_the_newest_first_and_the_rest_when_asked(arrive: Arrive, server: Running):
    path = kickoff(server, "bob")
    for _ in range(130):
        server.ask("GET", path, "bob", headers={"User-Agent": "eager/1"})
    alice = arrive("Alice")
    open_meeting(alice, "Project kickoff")
    alice.get_by_text("Timeline").click()
    expect(alice.locator(".moment")).to_have_count(100)
    alice.get_by_role("button", name="before").click()
    expect(alice.get_by_role("row", name="eager/1")).to_have_count(130)
    expect(alice.get_by_role("button", name="before")).to_have_count(0)


def test_a_date_of_a_series_has_the_timeline_and_the_traps_of_the_series(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    open_meeting(alice, "Weekly planning")
    alice.get_by_text("Timeline").click()
    expect(alice.get_by_role("row", name="bob live Accepted")).to_be_visible()
    server.ask("PATCH", f"{EVENTS}/{dates(server)[0]['id']}", "bob", json={"subject": "Mine"})
    expect(alice.locator("article trap-lines")).to_contain_text("changed in this copy only")


def test_answers_are_told_by_date(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    open_meeting(alice, "Weekly planning")
    table = alice.get_by_role("region", name="Answers by date")
    expect(table.get_by_role("row", name="Bob Baker")).to_contain_text("Accepted")
    name = table.get_by_role("columnheader").nth(2).inner_text()
    instances = dates(server)
    server.ask("POST", f"{EVENTS}/{instances[1]['id']}/decline", "bob", json={})
    expect(table.get_by_role("row", name="Bob Baker").get_by_role("cell").nth(1)).to_contain_text("Declined")
    expect(table.get_by_role("row", name="Bob Baker").get_by_role("cell").nth(0)).to_contain_text("Accepted")
    assert name.split()[0] == str(int(instances[1]["start"]["dateTime"][8:10]))


def dates(server: Running) -> list[dict[str, Any]]:
    """Return the dates of the weekly meeting in bob's calendar, as far as the page shows them."""
    now = server.ask("GET", "/_rsvpd/clock").json()["now"][:10]
    window = f"startDateTime={now}T00:00:00Z&endDateTime={int(now[:4]) + 1}-12-31T00:00:00Z"
    (master,) = server.ask("GET", f"{EVENTS}?$filter=subject eq 'Weekly planning'", "bob").json()["value"]
    reply = server.ask("GET", f"{EVENTS}/{master['id']}/instances?{window}", "bob")
    found: list[dict[str, Any]] = reply.json()["value"]
    return found


def test_programs_see_it_with_a_token_that_is_renewed(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    rule = {"name": "once", "times": 1, "effect": "expired-token", "interfaces": ["outlook-v2"]}
    assert server.ask("POST", "/_rsvpd/faults", json=rule).status_code == 201
    open_meeting(alice, "Project kickoff")
    alice.get_by_text("As programs see it").click()
    part = alice.locator(".programs")
    part.get_by_role("button", name="Outlook REST v2.0").click()
    expect(part.locator("pre")).to_contain_text('"Subject": "Project kickoff"')
    asked = server.ask("GET", "/_rsvpd/requests?interface=outlook-v2").json()
    assert [one["status"] for one in asked] == [200, 401]


def test_programs_see_the_same_meeting_in_four_interfaces(arrive: Arrive, server: Running):
    alice = arrive("Alice")
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_meeting(alice, "Project kickoff")
    alice.get_by_text("As programs see it").click()
    part = alice.locator(".programs")
    shown = part.locator("pre")
    expect(shown).to_contain_text('"subject": "Project kickoff"')
    part.get_by_role("button", name="Outlook REST v2.0").click()
    expect(shown).to_contain_text('"Subject": "Project kickoff"')
    part.get_by_role("button", name="Outlook REST v1.0").click()
    expect(part).to_contain_text("GET /api/v1.0/me/events/")
    part.get_by_role("button", name="Copy as curl").click()
    expect(alice.get_by_role("status").first).to_have_text("Copied.")
    assert alice.evaluate("navigator.clipboard.readText()").startswith('curl -sS -H "Authorization: Bearer $TOKEN"')
    part.get_by_role("button", name="Google Calendar").click()
    part.get_by_role("button", name="Sign in for Google Calendar").click()
    alice.get_by_role("button", name="Accept").click()  # Google's own sign-in asks, as it does of every application
    expect(alice.get_by_role("heading", level=1)).to_have_text("Project kickoff")
    for subject in ("Project kickoff", "Weekly planning"):
        open_meeting(alice, subject)
        part.get_by_text("As programs see it").click()
        part.get_by_role("button", name="Google Calendar").click()
        expect(shown).to_contain_text(f'"summary": "{subject}"')
    expect(shown).to_contain_text('"recurringEventId"')
    alice.reload()  # who agreed once is not asked again
    part.get_by_text("As programs see it").click()
    part.get_by_role("button", name="Google Calendar").click()
    expect(shown).to_contain_text('"summary": "Weekly planning"')
    asked = server.ask("GET", "/_rsvpd/requests?interface=google&person=alice").json()
    assert {one["status"] for one in asked} == {200}
