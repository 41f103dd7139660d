"""What comes late, or in another order than asked for, is put neither under a hand nor under another one's name."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browsing import Arrive, Held, go, open_message
from support.running import Running

KICKOFF = "Project kickoff"


@pytest.mark.parametrize("status", [0, 500])
def test_what_is_pressed_is_shown_with_what_stands_above_it(arrive: Arrive, status: int):
    bob = arrive("Bob")
    bob.locator(".messages li").first.wait_for()
    collisions = Held(bob, "**/me/calendarView*")
    accept = bob.get_by_role("article").get_by_role("button", name="Accept", exact=True)
    with bob.expect_request("**/me/calendarView*"):
        open_message(bob, KICKOFF)
    expect(bob.locator("article .answer")).to_have_count(1)
    expect(accept).to_have_count(0)
    collisions.release(status=status)
    expect(accept).to_be_visible()
    expect(bob.locator(".beside > *")).to_have_count(0 if status else 1)


def test_what_sends_an_invitation_stays_where_it_is(arrive: Arrive):
    alice = arrive("Alice")
    go(alice, "#/calendar/week")
    alice.get_by_role("button", name="New meeting").click()
    form = alice.get_by_role("dialog")
    expect(form.locator(".line", has_text="You")).to_be_visible()
    close = form.get_by_role("button", name="Close")
    before = close.bounding_box()
    for name in ("Bob Baker", "Carol Clark"):
        form.get_by_role("combobox", name="Who").fill(name)
        form.get_by_role("combobox", name="Who").press("Enter")
        expect(form.locator(".line", has_text=name)).to_be_attached()
    after = close.bounding_box()
    assert before
    assert after
    assert after["y"] == before["y"]


@pytest.mark.parametrize("place", ["#/inbox", "#/calendar/week", "#/calendar/agenda"])
def test_what_goes_wrong_is_said_below_what_may_be_pressed(arrive: Arrive, server: Running, place: str):
    bob = arrive("Bob")
    go(bob, place)
    kickoff = bob.locator("#main a:visible", has_text=KICKOFF).first
    kickoff.wait_for()
    before = kickoff.bounding_box()
    server.ask("GET", "/v1.0/me/messages?$search=project kickoff", "bob")
    expect(bob.locator("#traps")).to_be_in_viewport(ratio=1)
    bob.context.set_offline(True)
    expect(bob.locator("#trouble")).to_be_in_viewport(ratio=1)
    assert kickoff.bounding_box() == before


def test_a_form_is_shown_when_it_is_complete(arrive: Arrive):
    alice = arrive("Alice")
    go(alice, "#/calendar/agenda")
    alice.locator(".agenda").get_by_role("link", name=KICKOFF).first.click()
    rooms = Held(alice, "**/places/**")
    change = alice.get_by_role("button", name="Change the meeting")
    with alice.expect_request("**/places/**"):
        change.click()
    expect(change).to_have_attribute("aria-busy", "true")
    expect(alice.get_by_role("dialog")).to_have_count(0)  # what was written in it now might not count as a change
    rooms.release()
    form = alice.get_by_role("dialog")
    form.get_by_label("What", exact=True).fill("Kickoff, again")
    form.get_by_role("button", name="Save and tell everybody").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Kickoff, again")


def test_what_comes_does_not_take_the_place_of_what_is_shown(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    shown = bob.get_by_role("article").locator("h2")  # nobody opened it: it is the newest
    expect(shown).to_have_text(KICKOFF)
    days = [{"dateTime": f"2031-02-03T{hour}:00:00", "timeZone": "UTC"} for hour in ("10", "11", "12")]
    guests = [{"emailAddress": {"address": "bob@example.com"}, "type": "required"}]
    plans = {"subject": "Plans", "start": days[0], "end": days[1], "attendees": guests}
    made = server.ask("POST", "/v1.0/me/events", "alice", json=plans).json()
    first = bob.locator(".messages li").first
    expect(first).to_contain_text("Plans")
    expect(shown).to_have_text(KICKOFF)
    expect(bob.locator(".messages [aria-current]")).to_contain_text(KICKOFF)

    open_message(bob, "Plans")
    moved = {"start": days[1], "end": days[2]}
    assert server.ask("PATCH", f"/v1.0/me/events/{made['id']}", "alice", json=moved).status_code == 200
    expect(first).to_contain_text("Update")
    expect(bob.get_by_role("article")).to_contain_text("A newer message has taken its place.")
    expect(bob.get_by_role("button", name="Accept", exact=True)).to_have_count(0)


def test_what_is_in_one_folder_never_stands_under_another_ones_name(arrive: Arrive):
    bob = arrive("Bob")
    bob.locator(".messages a").first.wait_for()
    sent = Held(bob, "**/mailFolders/sentitems/messages?**")
    with bob.expect_request("**/mailFolders/sentitems/messages?**"):
        bob.locator(".tree").get_by_role("link", name="Sent Items").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Sent Items")
    expect(bob.locator(".messages a")).to_have_count(0)
    sent.release()
    expect(bob.locator(".messages a").first).to_contain_text("To Alice Ahlers")


def test_what_was_there_before_is_no_part_of_another_place(arrive: Arrive):
    bob = arrive("Bob")
    open_message(bob, KICKOFF)
    link = bob.get_by_role("link", name="Open the meeting")
    expect(link).to_be_visible()
    meeting = Held(bob, "**/me/events/*")
    with bob.expect_request("**/me/events/*"):
        link.click()
    expect(bob.locator("nav [aria-current]")).to_have_count(0)
    expect(bob.locator("#main a")).to_have_count(0)
    meeting.release()
    expect(bob.get_by_role("heading", level=1)).to_have_text(KICKOFF)


def test_requests_are_those_that_were_asked_for_last(arrive: Arrive, server: Running):
    assert server.ask("GET", "/v1.0/me/events/nothing", "bob").status_code in (400, 404)
    alice = arrive("Alice")
    go(alice, "#/requests")
    refused = alice.get_by_role("row", name="events/nothing")
    expect(refused).to_be_visible()
    first = Held(alice, "**/_rsvpd/requests?*status=4xx*")
    with alice.expect_request("**/_rsvpd/requests?*status=4xx*"):
        alice.get_by_label("Status").fill("4xx")
    alice.get_by_label("Status").fill("299")
    expect(alice.locator(".log")).to_contain_text("No requests")
    with alice.expect_response("**/_rsvpd/requests?*status=4xx*"):
        first.release()
    alice.get_by_label("Person").fill("nobody")  # asked and answered once more after it
    expect(alice.locator(".log")).to_contain_text("No requests")
    expect(refused).to_have_count(0)


def test_programs_see_it_as_the_last_one_that_was_asked(arrive: Arrive):
    alice = arrive("Alice")
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name=KICKOFF).first.click()
    part = alice.locator(".programs")
    first = Held(alice, "**/api/v1.0/**")
    part.get_by_text("As programs see it").click()
    with alice.expect_request("**/api/v1.0/**"):
        part.get_by_role("button", name="Outlook REST v1.0").click()
    part.get_by_role("button", name="Outlook REST v2.0").click()
    expect(part).to_contain_text("GET /api/v2.0/")
    with alice.expect_response("**/api/v1.0/**") as answer:
        first.release()
    answer.value.finished()
    expect(part).to_contain_text("GET /api/v2.0/")
