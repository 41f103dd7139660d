"""Invitations are answered on the page, and whoever invited sees it at once."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from support.browsing import Arrive, go, open_message
from support.running import Running

KICKOFF = "Project kickoff"


def test_bob_accepts_with_a_comment_and_alice_sees_it_come(arrive: Arrive):
    alice, bob = arrive("Alice"), arrive("Bob")
    open_message(bob, KICKOFF)
    card = bob.get_by_role("article")
    expect(card).to_contain_text("Orion")
    expect(card).to_contain_text("Europe/Berlin")
    expect(card).to_contain_text("Nothing else is in your calendar at that time.")
    expect(card.frame_locator("iframe").locator("body")).to_contain_text("Let us agree on the first milestone.")
    card.get_by_text("Add a comment").click()
    card.get_by_label("Comment").fill("I will be there!")
    card.get_by_role("button", name="Accept").click()
    expect(card).to_contain_text("You accepted.")
    expect(bob.locator(".messages li").first).to_contain_text("Invitation: you accepted")

    first = alice.locator(".messages li").first
    expect(first).to_contain_text("Bob Baker")
    expect(first).to_contain_text("Accepted · I will be there!")
    expect(alice.get_by_role("status").first).to_contain_text("from Bob Baker")
    first.get_by_role("link").click()
    expect(alice.get_by_role("article").locator("h2")).to_have_text("Bob Baker accepted")
    alice.get_by_role("link", name="Open the meeting").click()
    expect(alice.get_by_role("row", name="Bob Baker")).to_contain_text("Accepted")
    expect(alice.get_by_role("row", name="Carol Clark")).to_contain_text("No answer")


def test_another_time_is_proposed_and_taken_up(arrive: Arrive):
    alice, bob = arrive("Alice"), arrive("Bob")
    open_message(bob, KICKOFF)
    card = bob.get_by_role("article")
    card.get_by_text("Add a comment").click()
    card.get_by_label("Propose another time").check()
    expect(card.get_by_role("button", name="Accept")).to_be_disabled()
    card.get_by_label("From", exact=True).fill("14:00")
    card.get_by_label("Until").fill("13:00")
    card.get_by_role("button", name="Maybe").click()
    expect(card.get_by_role("alert")).to_contain_text("has to end after it begins")
    card.get_by_label("Until").fill("15:30")
    card.get_by_role("button", name="Maybe").click()
    expect(card).to_contain_text("You said maybe.")

    first = alice.locator(".messages li").first
    expect(first).to_contain_text("Maybe, another time proposed")
    first.get_by_role("link").click()
    expect(alice.get_by_role("article")).to_contain_text("14:00 – 15:30")
    alice.get_by_role("button", name="Take up this time").click()
    expect(alice.get_by_role("article")).to_contain_text("That is when it is now.")

    update = bob.locator(".messages li").first
    expect(update).to_contain_text("Update")
    update.get_by_role("link").click()
    expect(bob.get_by_role("article")).to_contain_text("14:00 – 15:30")
    expect(bob.get_by_role("article")).to_contain_text("10:00 – 11:00")  # when it was


def test_who_answers_in_silence_tells_nobody(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    before = inbox_of(server, "alice")
    open_message(bob, KICKOFF)
    card = bob.get_by_role("article")
    card.get_by_text("Add a comment").click()
    card.get_by_label("Don’t send a response").check()
    card.get_by_role("button", name="Decline").click()
    expect(card).to_contain_text("not in your calendar any more")
    assert inbox_of(server, "alice") == before


def test_the_list_and_the_card_say_how_it_was_answered_last(arrive: Arrive):
    bob = arrive("Bob")
    open_message(bob, KICKOFF)
    card, row = bob.get_by_role("article"), bob.locator(".messages li").first
    for button, said in (("Accept", "accepted"), ("Maybe", "said maybe"), ("Accept", "accepted")):
        card.get_by_role("button", name=button, exact=True).click()
        expect(row).to_contain_text(f"Invitation: you {said}")
        open_message(bob, "Retrospective")
        open_message(bob, KICKOFF)
        expect(card.locator(".kind")).to_have_text("Invitation")
        expect(card).to_contain_text(f"You {said}.")
    card.get_by_role("button", name="Decline", exact=True).click()
    expect(card).to_contain_text("not in your calendar any more")
    expect(row).not_to_contain_text("you accepted")
    expect(card).not_to_contain_text("you accepted")


def test_what_it_collides_with_is_said(arrive: Arrive, server: Running):
    kickoff = server.ask("GET", "/v1.0/me/events?$filter=subject eq 'Project kickoff'", "bob").json()["value"][0]
    dentist = {"subject": "Dentist", "start": kickoff["start"], "end": kickoff["end"]}
    assert server.ask("POST", "/v1.0/me/events", "bob", json=dentist).status_code == 201
    bob = arrive("Bob")
    open_message(bob, KICKOFF)
    expect(bob.locator(".collides")).to_contain_text("Dentist")


def test_a_meeting_that_is_called_off_is_a_card_and_can_be_taken_away(arrive: Arrive):
    alice, bob = arrive("Alice"), arrive("Bob")
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name=KICKOFF).first.click()
    alice.get_by_label("Comment").fill("We need a week more.")
    alice.get_by_role("button", name="Cancel the meeting").click()
    expect(alice.get_by_role("heading", level=1)).not_to_contain_text(KICKOFF)

    first = bob.locator(".messages li").first
    expect(first).to_contain_text("Cancelled")
    first.get_by_role("link").click()
    card = bob.get_by_role("article")
    expect(card.frame_locator("iframe").locator("body")).to_contain_text("We need a week more.")
    card.get_by_role("button", name="Remove it from the calendar").click()
    expect(card).to_contain_text("It was removed from your calendar.")


def inbox_of(server: Running, name: str) -> list[str]:
    reply = server.ask("GET", "/v1.0/me/mailFolders/inbox/messages?$top=100", name)
    return [one["id"] for one in reply.json()["value"]]


def test_a_person_can_be_switched(arrive: Arrive):
    page = arrive("Bob")
    open_message(page, KICKOFF)
    page.get_by_role("button", name="Switch person").click()
    page.get_by_role("button", name="Carol").click()  # the second click, and the last
    expect(page.get_by_role("banner")).to_contain_text("Carol Clark")
    expect(page).to_have_url(re.compile("#/inbox$"))  # what bob had open is not in carol's mailbox
    expect(page.get_by_role("article").locator("h2")).to_have_text(KICKOFF)
    kept = json.loads(page.evaluate("JSON.stringify(Object.keys(localStorage))"))
    assert kept == []  # tokens live as long as the tab
