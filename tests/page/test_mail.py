"""Folders and mail on the page: what lies where, what is moved, and what is written."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browsing import Arrive, audit, go, open_message
from support.running import Running

KICKOFF = "Project kickoff"


def test_a_message_is_moved_and_deleted_and_stays_readable(arrive: Arrive, server: Running):
    parent = make_folder(server, "Projects")
    make_folder(server, "Orion", parent)
    bob = arrive("Bob")
    expect(folder(bob, "Inbox")).to_contain_text("3 unread")
    open_message(bob, KICKOFF)
    expect(folder(bob, "Inbox")).to_contain_text("2 unread")
    bob.get_by_text("Move to").click()
    bob.get_by_role("group", name="This message").get_by_role("button", name="Orion").click()
    expect(bob.locator("#said")).to_have_text("Moved to Orion.")
    expect(bob.locator(".messages").get_by_role("link", name=KICKOFF)).to_have_count(0)
    expect(bob.locator(".messages a").first).to_be_focused()  # who goes by keyboard is at the next one

    folder(bob, "Orion").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Orion")
    expect(folder(bob, "Orion")).to_have_attribute("aria-current", "page")
    open_message(bob, KICKOFF)
    bob.get_by_role("button", name="Delete").click()
    expect(bob.locator(".messages")).to_contain_text("Nothing in this folder")

    folder(bob, "Deleted Items").click()
    open_message(bob, KICKOFF)
    bob.get_by_role("button", name="Accept").click()
    expect(bob.get_by_role("article")).to_contain_text("You accepted.")
    bob.once("dialog", lambda asked: asked.dismiss())
    bob.get_by_role("button", name="Delete").click()
    expect(bob.locator(".messages li")).to_have_count(1)
    bob.once("dialog", lambda asked: asked.accept())
    bob.locator(".messages a").press("Delete")
    expect(bob.locator(".messages")).to_contain_text("Nothing in this folder")
    assert subjects(server, "bob", "deleteditems") == []


def test_what_is_read_can_be_unread_again(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    open_message(bob, KICKOFF)
    expect(folder(bob, "Inbox")).to_contain_text("2 unread")
    toggle = bob.get_by_role("button", name="Mark unread")
    others = [bob.get_by_role("button", name="Forward"), bob.locator(".messages a").nth(1), folder(bob, "Drafts")]
    before = [one.element_handle() for one in others]
    toggle.focus()
    toggle.press("Enter")
    expect(folder(bob, "Inbox")).to_contain_text("3 unread")
    expect(bob.get_by_role("button", name="Mark read")).to_be_focused()
    expect(bob.locator(".messages li.unread")).to_have_count(3)
    assert [one.evaluate("one => one.isConnected") for one in before] == [True] * 3  # one of them may be under a hand
    for one in server.ask("GET", "/v1.0/me/messages?$filter=isRead eq false", "bob").json()["value"]:
        server.ask("PATCH", f"/v1.0/me/messages/{one['id']}", "bob", json={"isRead": True})
    expect(bob.get_by_role("button", name="Mark unread")).to_be_visible()  # what another program did is seen
    expect(folder(bob, "Inbox")).not_to_contain_text("unread")


def test_a_folder_comes_page_by_page_and_what_comes_into_it_is_seen(arrive: Arrive, server: Running):
    projects = make_folder(server, "Projects")
    for n in range(27):
        note = {"subject": f"Note {n}"}
        assert server.ask("POST", f"/v1.0/me/mailFolders/{projects}/messages", "bob", json=note).status_code == 201
    bob = arrive("Bob")
    folder(bob, "Projects").click()
    expect(bob.locator(".messages li")).to_have_count(25)
    bob.get_by_role("button", name="Show older messages").click()
    expect(bob.locator(".messages li")).to_have_count(27)
    server.ask("POST", f"/v1.0/me/mailFolders/{projects}/messages", "bob", json={"subject": "Fresh"})
    expect(bob.locator(".messages li").first).to_contain_text("Fresh")
    send(server, "alice", "Elsewhere", to=["bob"])
    expect(folder(bob, "Inbox")).to_contain_text("4 unread")  # while another folder is open
    go(bob, "#/mail/nothing")
    expect(bob.locator(".messages")).to_contain_text("This folder is not there")
    folder(bob, "Inbox").click()
    expect(bob.locator(".messages li")).to_have_count(4)


def test_who_goes_on_at_once_is_where_they_went_last(arrive: Arrive):
    bob = arrive("Bob", place="#/calendar/agenda")
    expect(bob.locator(".agenda")).to_be_visible()
    bob.evaluate("for (const place of ['#/inbox', '#/mail/drafts', '#/mail/sentitems']) location.hash = place")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Sent Items")
    expect(folder(bob, "Sent Items")).to_have_attribute("aria-current", "page")
    expect(bob.locator(".messages li").first).to_contain_text("To Alice Ahlers")


def test_an_invitation_that_was_sent_on_is_answered_to_the_organizer(arrive: Arrive, server: Running):
    event = find_event(server, "bob", KICKOFF)
    on = {"toRecipients": [{"emailAddress": {"address": "dave@example.com", "name": "Dave"}}], "comment": "For you"}
    assert server.ask("POST", f"/v1.0/me/events/{event}/forward", "bob", json=on).status_code == 202
    dave = arrive("Dave")
    open_message(dave, KICKOFF)
    dave.get_by_role("button", name="Reply", exact=True).click()
    form = dave.get_by_role("dialog", name="Reply")
    expect(form.get_by_label("To", exact=True).and_(form.get_by_role("list"))).to_have_text("Alice Ahlers×")
    expect(form.get_by_label("Subject")).to_have_value(f"RE: {KICKOFF}")
    expect(form.get_by_label("Text")).to_be_focused()
    form.get_by_label("Text").fill("May I bring somebody?\nJust one.")
    form.get_by_label("Text").press("Control+Enter")
    expect(form).to_be_hidden()
    expect(dave.get_by_role("button", name="Reply", exact=True)).to_be_focused()
    assert subjects(server, "alice")[0] == f"RE: {KICKOFF}"
    folder(dave, "Sent Items").click()
    expect(dave.locator(".messages li").first).to_contain_text("To Alice Ahlers")


def test_everybody_gets_a_reply_to_all_and_one_more_what_is_sent_on(arrive: Arrive, server: Running):
    send(server, "alice", "Lunch?", to=["bob", "carol"], cc=["dave"])
    bob = arrive("Bob")
    open_message(bob, "Lunch?")
    bob.get_by_role("button", name="Reply all").click()
    form = bob.get_by_role("dialog", name="Reply to all")
    expect(chips(form, "To")).to_have_text(["Alice Ahlers×", "carol@example.com×"])
    expect(chips(form, "Cc")).to_have_text(["dave@example.com×"])
    form.get_by_label("Text").fill("Yes!")
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    for name in ("alice", "carol", "dave"):
        assert subjects(server, name)[0] == "RE: Lunch?"

    bob.get_by_role("button", name="Forward").click()
    form = bob.get_by_role("dialog", name="Forward")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert")).to_contain_text("no recipients")  # in the server's words
    form.get_by_label("To", exact=True).and_(form.get_by_role("combobox")).fill("Dave Dutta")
    form.get_by_role("button", name="Send").click()
    expect(form).to_be_hidden()
    assert subjects(server, "dave")[0] == "FW: Lunch?"


def test_the_keyboard_writes_a_message_keeps_it_and_sends_it_later(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    bob.get_by_role("button", name="New message").press("Enter")
    keys = bob.keyboard
    form = bob.get_by_role("dialog", name="New message")
    expect(form.get_by_role("combobox", name="To")).to_be_focused()
    keys.type("Nobody Here")
    keys.press("Enter")
    words = "Nobody here is called “Nobody Here”. Write an address."
    expect(form.get_by_role("combobox", name="To")).to_have_js_property("validationMessage", words)
    form.get_by_role("combobox", name="To").fill("")
    keys.type("carol clark")
    keys.press("Enter")
    expect(bob.locator("#said")).to_have_text("Carol Clark is added.")
    for text in ("", "", "Tea", "At four?"):  # past the button beside Carol, and Cc
        keys.press("Tab")
        keys.type(text)
    bob.once("dialog", lambda asked: asked.dismiss())
    keys.press("Escape")
    expect(form).to_be_visible()  # nothing that was written is lost by a key
    form.get_by_role("button", name="Save as draft").press("Enter")
    expect(form).to_be_hidden()
    expect(folder(bob, "Drafts")).to_contain_text("1 unfinished")

    folder(bob, "Drafts").click()
    open_message(bob, "Tea")
    bob.get_by_role("button", name="Continue writing").click()
    form = bob.get_by_role("dialog", name="Draft")
    expect(form.get_by_label("Text")).to_have_value("At four?")
    form.get_by_label("Text").fill("At five?")
    form.get_by_role("button", name="Save as draft").click()
    expect(bob.frame_locator("iframe").locator("body")).to_contain_text("At five?")
    bob.get_by_role("button", name="Continue writing").click()
    form.get_by_role("button", name="Send").click()
    expect(bob.locator(".messages")).to_contain_text("Nothing in this folder")
    assert subjects(server, "carol")[0] == "Tea"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_folders_and_forms(arrive: Arrive, server: Running, dark: bool):
    make_folder(server, "Orion", make_folder(server, "Projects"))
    send(server, "alice", "Lunch?", to=["bob", "carol"])
    bob = arrive("Bob", dark=dark)
    open_message(bob, "Lunch?")
    bob.get_by_text("Move to").click()
    found = {"menu": audit(bob)}
    bob.get_by_role("button", name="Reply all").click()
    bob.get_by_role("dialog").get_by_label("Text").fill("Yes")
    found["reply"] = audit(bob)
    bob.once("dialog", lambda asked: asked.accept())
    bob.get_by_role("button", name="Close").click()
    folder(bob, "Orion").click()
    expect(bob.locator(".messages")).to_contain_text("Nothing in this folder")
    found["empty"] = audit(bob)
    assert found == {place: [] for place in found}


def test_a_phone_has_folders_and_forms(arrive: Arrive):
    bob = arrive("Bob", width=360, height=740)
    bob.get_by_text("All folders").click()
    folder(bob, "Sent Items").click()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Sent Items")
    expect(folder(bob, "Sent Items")).to_be_hidden()  # closed again
    bob.locator(".messages a").first.click()
    bob.get_by_role("button", name="Forward").click()
    expect(bob.get_by_role("dialog")).to_be_visible()
    assert bob.evaluate("document.documentElement.scrollWidth") <= 360
    bob.get_by_role("button", name="Close").click()
    bob.get_by_role("link", name="Back to Sent Items").click()
    expect(bob.locator(".messages")).to_be_visible()


def folder(page: Page, name: str) -> Locator:
    return page.locator(".tree").get_by_role("link", name=name)


def chips(form: Locator, label: str) -> Locator:
    return form.get_by_role("list", name=label).get_by_role("listitem")


def make_folder(server: Running, name: str, parent: str = "") -> str:
    path = f"/v1.0/me/mailFolders/{parent}/childFolders" if parent else "/v1.0/me/mailFolders"
    made = server.ask("POST", path, "bob", json={"displayName": name})
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    return found


def send(server: Running, who: str, subject: str, *, to: list[str], cc: list[str] | None = None) -> None:
    message = {"subject": subject, "body": {"content": "Hello"}, "toRecipients": those(to), "ccRecipients": those(cc)}
    assert server.ask("POST", "/v1.0/me/sendMail", who, json={"message": message}).status_code == 202


def those(names: list[str] | None) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": f"{one}@example.com"}} for one in names or []]


def subjects(server: Running, name: str, place: str = "inbox") -> list[str]:
    """The subjects of a folder, newest first."""
    path = f"/v1.0/me/mailFolders/{place}/messages?$top=50&$orderby=receivedDateTime desc"
    return [one["subject"] for one in server.ask("GET", path, name).json()["value"]]


def find_event(server: Running, name: str, subject: str) -> str:
    found = server.ask("GET", f"/v1.0/me/events?$filter=subject eq '{subject}'", name).json()["value"]
    event: str = found[0]["id"]
    return event
