"""The calendar on the page: what is there, what is made there, and what is moved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from support.browsing import TODAY, Arrive, go
from support.running import Running


def next_week() -> datetime:
    """Wednesday of the next week, at midnight."""
    return TODAY + timedelta(days=9 - TODAY.weekday())


def test_a_meeting_is_made_beside_free_and_busy_and_reaches_everybody(arrive: Arrive):
    alice, bob = arrive("Alice"), arrive("Bob")
    day = next_week()
    go(alice, f"#/calendar/week/{day:%Y-%m-%d}")
    alice.get_by_role("button", name="New meeting").click()
    form = alice.get_by_role("dialog", name="New meeting")
    form.get_by_label("What", exact=True).fill("Review")
    form.get_by_label("Day", exact=True).fill(f"{day:%Y-%m-%d}")
    form.get_by_label("Begins").fill("13:00")
    form.get_by_role("combobox", name="Who").fill("Bob Baker")
    form.get_by_role("combobox", name="Who").press("Enter")
    form.get_by_label("Where", exact=True).select_option(label="Orion")
    times = form.get_by_role("group", name="Free and busy")
    for name in ("You", "Bob Baker", "Orion"):
        expect(times.locator(".line", has_text=name)).to_contain_text("free")
    form.get_by_label("What it is about").fill("What we have so far.")
    form.get_by_role("button", name="Send invitation").click()
    expect(form).to_be_hidden()
    expect(alice.get_by_role("link", name="Review")).to_be_visible()

    expect(bob.locator(".messages li").first).to_contain_text("Review")
    alice.get_by_role("link", name="Review").click()
    expect(alice.get_by_role("row", name="Orion")).to_contain_text("Accepted")  # a room answers by itself


def test_who_is_busy_is_said(arrive: Arrive, server: Running):
    day = next_week()
    make(server, "bob", "Dentist", day.replace(hour=9))
    alice = arrive("Alice", place=f"#/calendar/week/{day:%Y-%m-%d}")
    alice.get_by_role("button", name="New meeting").click()
    form = alice.get_by_role("dialog")
    form.get_by_label("Day", exact=True).fill(f"{day:%Y-%m-%d}")
    form.get_by_label("Begins").fill("09:30")
    form.get_by_role("combobox", name="Who").fill("bob@example.com")
    form.get_by_role("combobox", name="Who").press("Enter")
    expect(form.locator(".line", has_text="Bob Baker")).to_contain_text("busy")
    form.get_by_label("Begins").fill("11:00")
    form.get_by_label("Begins").blur()
    expect(form.locator(".line", has_text="Bob Baker")).to_contain_text("free")


@pytest.mark.parametrize("mode", ["agenda", "day", "week", "month"])
def test_each_view_shows_the_meeting_and_the_own_answer(arrive: Arrive, server: Running, mode: str):
    day = next_week()
    event = make(server, "alice", "Review", day.replace(hour=9), "bob")
    bob = arrive("Bob", place=f"#/calendar/{mode}/{day:%Y-%m-%d}")
    go(bob, f"#/calendar/{mode}/{day:%Y-%m-%d}")
    expect(bob.get_by_role("link", name="Review")).to_have_accessible_name(answer_said("No answer"))
    mine = next(one for one in events_of(server, "bob") if one["iCalUId"] == event["iCalUId"])
    assert server.ask("POST", f"/v1.0/me/events/{mine['id']}/accept", "bob", json={}).status_code == 202
    expect(bob.get_by_role("link", name="Review")).to_have_accessible_name(answer_said("Accepted"))


def answer_said(answer: str) -> re.Pattern[str]:
    return re.compile(f"Review, .*09:00 – 10:00, Your answer: {answer}")


def test_a_meeting_is_dragged_to_another_time(arrive: Arrive, server: Running):
    day = next_week()
    event = make(server, "alice", "Review", day.replace(hour=9), "bob")
    alice = arrive("Alice")
    go(alice, f"#/calendar/week/{day:%Y-%m-%d}")
    drag(alice, "Review", days=1, hours=2)
    expect(alice.get_by_role("link", name="Review")).to_have_accessible_name(matching("11:00 – 12:00"))
    moved = server.ask("GET", f"/v1.0/me/events/{event['id']}", "alice").json()
    wanted = (day + timedelta(days=1)).replace(hour=11).astimezone(UTC)
    assert moved["start"]["dateTime"][:19] == f"{wanted:%Y-%m-%dT%H:%M:%S}"


def test_it_is_moved_with_the_keyboard_on_its_own_page(arrive: Arrive, server: Running):
    day = next_week()
    event = make(server, "alice", "Review", day.replace(hour=9), "bob")
    alice = arrive("Alice")
    go(alice, f"#/meeting/{event['id']}")
    alice.get_by_label("From").fill("16:00")
    alice.get_by_label("Until").fill("16:30")
    alice.get_by_label("Until").press("Enter")
    expect(alice.get_by_role("article")).to_contain_text("16:00 – 16:30")


def test_what_comes_while_one_drags_does_not_end_it(arrive: Arrive, server: Running):
    day = next_week()
    make(server, "alice", "Review", day.replace(hour=9), "bob")
    alice = arrive("Alice")
    go(alice, f"#/calendar/week/{day:%Y-%m-%d}")
    other = arrive("Alice")
    go(other, f"#/calendar/week/{day:%Y-%m-%d}")
    drag(alice, "Review", days=0, hours=2, is_dropped=False)
    make(server, "alice", "Lunch", day.replace(hour=12), "bob")
    expect(other.get_by_role("link", name="Lunch")).to_be_visible()
    alice.mouse.up()
    expect(alice.get_by_role("link", name="Review")).to_have_accessible_name(matching("11:00 – 12:00"))
    expect(alice.get_by_role("link", name="Lunch")).to_be_visible()


def test_a_guest_moves_nothing(arrive: Arrive, server: Running):
    day = next_week()
    make(server, "alice", "Review", day.replace(hour=9), "bob")
    bob = arrive("Bob")
    go(bob, f"#/calendar/week/{day:%Y-%m-%d}")
    box = bob.get_by_role("link", name="Review")
    drag(bob, "Review", days=0, hours=2)
    expect(box).to_have_accessible_name(matching("09:00 – 10:00"))


def test_a_series_shows_its_dates(arrive: Arrive):
    alice = arrive("Alice")
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name="Weekly planning").first.click()
    dates = alice.locator(".dates")
    expect(dates.get_by_role("heading").first).to_have_text("Next dates")
    expect(dates).to_contain_text("of 3 accepted")
    expect(dates.get_by_role("link").nth(2)).to_be_visible()
    dates.get_by_role("link").nth(1).click()
    expect(dates.get_by_role("link").nth(1)).to_have_attribute("aria-current", "true")


def test_tracking_changes_while_one_looks(arrive: Arrive, server: Running):
    day = next_week()
    event = make(server, "alice", "Review", day.replace(hour=9), "bob")
    alice = arrive("Alice")
    go(alice, f"#/meeting/{event['id']}")
    row = alice.get_by_role("row", name="Bob Baker")
    expect(row).to_contain_text("No answer")
    mine = next(one for one in events_of(server, "bob") if one["iCalUId"] == event["iCalUId"])
    server.ask("POST", f"/v1.0/me/events/{mine['id']}/decline", "bob", json={})
    expect(row).to_contain_text("Declined")
    expect(alice.locator("#said")).to_have_text("Bob Baker: Declined")


def test_the_timeline_is_told_and_saved(arrive: Arrive):
    alice = arrive("Alice")
    go(alice, "#/calendar/agenda")
    alice.get_by_role("link", name="Project kickoff").first.click()
    alice.get_by_text("Timeline").click()
    expect(alice.get_by_role("region", name="Moments")).to_be_visible()
    with alice.expect_download() as saved:
        alice.get_by_role("button", name="Save as one file").click()
    assert saved.value.suggested_filename == "timeline.json"


def drag(page: Page, name: str, *, days: int, hours: int, is_dropped: bool = True) -> None:
    link = page.get_by_role("link", name=name)
    link.hover()  # waits until it stands still, and finds it again where the view was drawn anew
    box, column = link.bounding_box(), page.locator(".day").first.bounding_box()
    assert box is not None
    assert column is not None
    x, y = box["x"] + 20, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + days * column["width"], y + hours * column["height"] / 24, steps=5)
    if is_dropped:
        page.mouse.up()


def matching(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def make(server: Running, who: str, subject: str, start: datetime, *guests: str) -> dict[str, str]:
    begin, end = start.astimezone(UTC), (start + timedelta(hours=1)).astimezone(UTC)
    body = {
        "subject": subject,
        "start": {"dateTime": f"{begin:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
        "end": {"dateTime": f"{end:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
        "attendees": [
            {"emailAddress": {"address": f"{one}@example.com", "name": "Bob Baker"}, "type": "required"}
            for one in guests
        ],
    }
    reply = server.ask("POST", "/v1.0/me/events", who, json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()


def events_of(server: Running, who: str) -> list[dict[str, str]]:
    return server.ask("GET", "/v1.0/me/events?$top=100", who).json()["value"]
