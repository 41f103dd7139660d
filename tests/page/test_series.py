"""Meetings that repeat or last whole days, and times in another zone, on the page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from rsvpd.timezones.windows_names import TO_IANA
from support.browsing import HERE, TODAY, Arrive, audit, go, open_message
from support.running import Running


def monday() -> datetime:
    """Monday after the next one, at midnight here."""
    return TODAY + timedelta(days=14 - TODAY.weekday())


def test_a_weekly_meeting_is_made_in_two_rooms(arrive: Arrive, server: Running):
    assert server.cli("user", "add", "lyra@example.com", "--name", "Lyra", "--room").returncode == 0
    alice = arrive("Alice")
    form = new_meeting(alice, "Stand-up", monday())
    form.get_by_label("Begins").fill("09:00")
    form.get_by_label("Lasts").select_option("15")
    form.get_by_label("Repeats").select_option("Weekly")
    expect(form.get_by_label("Monday")).to_be_checked()  # the day on which it begins
    form.get_by_label("Thursday").check()
    form.get_by_label("Ends").select_option("After")
    form.get_by_label("Times").fill("5")
    form.get_by_label("Where", exact=True).select_option(label="Orion")
    form.get_by_label("Room 2").select_option(label="Lyra")
    expect(form.get_by_role("group", name="Free and busy")).to_contain_text("Lyra")
    form.get_by_label("Other place").fill("Kitchen")
    form.get_by_role("combobox", name="Who").fill("Bob Baker")
    form.get_by_role("combobox", name="Optional").fill("Carol Clark")
    form.get_by_role("button", name="Send invitation").click()
    expect(form).to_be_hidden()

    made = find(server, "alice", "Stand-up")
    assert made["recurrence"]["pattern"]["daysOfWeek"] == ["monday", "thursday"]
    assert made["recurrence"]["range"]["numberOfOccurrences"] == 5
    assert made["originalStartTimeZone"] == "W. Europe Standard Time"  # it goes by the clock here, also in summer
    assert roles(made) == {"Bob Baker": "required", "Carol Clark": "optional", "Orion": "resource", "Lyra": "resource"}
    assert [one["displayName"] for one in made["locations"]] == ["Orion", "Lyra", "Kitchen"]
    go(alice, f"#/meeting/{made['id']}")
    expect(alice.get_by_role("article")).to_contain_text("Every week on Monday, Thursday, 5 times")
    alice.get_by_role("button", name="Change the series").click()
    form = alice.get_by_role("dialog", name="Change the series")
    expect(form.get_by_label("Room 2")).to_have_value("lyra@example.com")
    form.get_by_label("Room 2").select_option("No room")
    form.get_by_role("button", name="Remove Bob Baker").click()
    form.get_by_role("button", name="Save and tell everybody").click()
    expect(form).to_be_hidden()
    made = find(server, "alice", "Stand-up")
    assert roles(made) == {"Carol Clark": "optional", "Orion": "resource"}
    assert [one["displayName"] for one in made["locations"]] == ["Orion", "Kitchen"]


def roles(event: dict[str, Any]) -> dict[str, str]:
    return {one["emailAddress"]["name"]: one["type"] for one in event["attendees"]}


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("Daily", {"type": "daily"}),
        ("Monthly, on the same day", {"type": "absoluteMonthly"}),
        ("Monthly, on the same weekday", {"type": "relativeMonthly", "daysOfWeek": ["monday"]}),
        ("Yearly", {"type": "absoluteYearly"}),
    ],
)
def test_whole_days_repeat_until_a_day(arrive: Arrive, server: Running, kind: str, pattern: dict[str, Any]):
    alice, day = arrive("Alice"), monday()
    form = new_meeting(alice, "Travel", day)
    form.get_by_label("All day").check()
    expect(form.get_by_label("Begins")).to_be_hidden()
    form.get_by_label("Last day").fill(f"{day + timedelta(days=1):%Y-%m-%d}")
    form.get_by_label("Repeats").select_option(kind)
    form.get_by_label("Every").fill("3")
    form.get_by_label("Ends").select_option("On a day")
    end = day + timedelta(days=1200)
    form.get_by_label("Last date").fill(f"{end:%Y-%m-%d}")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    made = find(server, "alice", "Travel")
    assert made["isAllDay"]
    assert (made["start"]["dateTime"][:10], made["end"]["dateTime"][:10]) == (
        f"{day:%Y-%m-%d}", f"{day + timedelta(days=2):%Y-%m-%d}",
    )  # fmt: skip
    found = made["recurrence"]
    assert {name: found["pattern"][name] for name in pattern} == pattern
    assert (found["pattern"]["interval"], found["range"]["endDate"]) == (3, f"{end:%Y-%m-%d}")


def test_one_date_is_changed_and_then_the_whole_series(arrive: Arrive, server: Running):
    series = make_series(server)
    alice = arrive("Alice")
    go(alice, f"#/meeting/{dates(server, series)[1]['id']}")
    alice.get_by_role("button", name="Change this date").click()
    form = alice.get_by_role("dialog", name="Change this date")
    expect(form.get_by_label("Repeats")).to_have_count(0)
    form.get_by_label("What", exact=True).fill("Stand-up with guests")
    form.get_by_label("Begins").fill("11:00")
    form.get_by_role("button", name="Save and tell everybody").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Stand-up with guests")
    expect(alice.get_by_role("article")).to_contain_text("11:00 – 11:30")
    assert [one["subject"] for one in dates(server, series)] == ["Stand-up", "Stand-up with guests", "Stand-up"]

    alice.get_by_role("button", name="Change the series").click()
    form = alice.get_by_role("dialog", name="Change the series")
    expect(form.get_by_label("Repeats")).to_have_value("weekly")
    form.get_by_label("Times").fill("4")
    form.get_by_role("combobox", name="Who").fill("carol@example.com")
    form.get_by_label("What it is about").fill("Bring numbers.")
    form.get_by_role("button", name="Save and tell everybody").click()
    expect(form).to_be_hidden()
    expect(alice.frame_locator("iframe").locator("body")).to_contain_text("Bring numbers.")
    assert len(dates(server, series)) == 4
    assert find(server, "carol", "Stand-up")["recurrence"]["range"]["numberOfOccurrences"] == 4


def test_one_date_is_called_off_and_then_the_whole_series(arrive: Arrive, server: Running):
    series = make_series(server)
    alice, bob = arrive("Alice"), arrive("Bob")
    go(alice, f"#/meeting/{dates(server, series)[1]['id']}")
    alice.get_by_label("Comment").fill("A holiday")
    alice.get_by_role("button", name="Cancel this date").click()
    expect(alice.locator(".view")).to_be_visible()
    assert len(dates(server, series)) == 2
    open_message(bob, "Canceled: Stand-up")
    expect(bob.get_by_role("article")).to_contain_text("09:00 – 09:30")
    go(alice, f"#/meeting/{dates(server, series)[0]['id']}")
    alice.get_by_role("button", name="Cancel the series").click()
    expect(alice.locator(".view")).to_be_visible()
    assert names(server, "alice", "Stand-up") == []


def test_another_time_is_proposed_for_one_date_and_taken_up(arrive: Arrive, server: Running):
    series = make_series(server)
    bob, alice = arrive("Bob"), arrive("Alice")
    go(bob, f"#/meeting/{dates(server, find(server, 'bob', 'Stand-up'), 'bob')[1]['id']}")
    expect(bob.get_by_role("article")).to_contain_text("Your answer is for this date alone.")
    expect(bob.locator(".dates li")).to_have_count(3)
    expect(bob.locator(".dates")).not_to_contain_text("accepted")  # which nobody tells guests
    bob.get_by_text("Add a comment").click()
    bob.get_by_label("Propose another time").check()
    bob.get_by_label("From", exact=True).fill("15:00")
    bob.get_by_label("Until").fill("15:30")
    bob.get_by_role("button", name="Maybe").click()
    expect(bob.get_by_role("article")).to_contain_text("You said maybe.")
    open_message(alice, "New Time Proposed")
    alice.get_by_role("button", name="Take up this time").click()
    expect(alice.get_by_role("article")).to_contain_text("That is when it is now.")
    moved = [datetime.fromisoformat(one["start"]["dateTime"][:19] + "+00:00").astimezone(HERE) for one in
             dates(server, series)]  # fmt: skip
    assert [one.hour for one in moved] == [9, 15, 9]


def test_an_invitation_to_one_date_gives_way_to_one_to_the_series(arrive: Arrive, server: Running):
    series = make_series(server)
    date = dates(server, series)[1]
    renamed = server.ask("PATCH", f"/v1.0/me/events/{date['id']}", "alice", json={"subject": "With guests"})
    assert renamed.status_code == 200
    bob = arrive("Bob")
    open_message(bob, "With guests")
    expect(bob.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    roof = {"location": {"displayName": "Roof"}}
    assert server.ask("PATCH", f"/v1.0/me/events/{series['id']}", "alice", json=roof).status_code == 200
    expect(bob.get_by_role("article")).to_contain_text("A newer message has taken its place.")


def test_the_keyboard_alone_makes_an_online_meeting_of_a_whole_day(arrive: Arrive, server: Running):
    made = server.cli("user", "add", "erin@example.com", "--name", "Erin Evans", "--online-meetings", "teams")
    assert made.returncode == 0
    erin = arrive("Erin")
    go(erin, f"#/calendar/week/{monday():%Y-%m-%d}")
    erin.get_by_role("button", name="New meeting").press("Enter")
    form = erin.get_by_role("dialog", name="New meeting")
    expect(form.get_by_label("What", exact=True)).to_be_focused()
    expect(form.get_by_label("Online meeting")).to_be_visible()
    erin.keyboard.type("Open day")
    reach(erin, form.get_by_label("All day"))
    erin.keyboard.press("Space")
    reach(erin, form.get_by_label("Online meeting"))
    erin.keyboard.press("Space")
    reach(erin, form.get_by_role("combobox", name="Who"))
    erin.keyboard.type("bob baker")
    erin.keyboard.press("Enter")
    reach(erin, form.get_by_role("button", name="Send invitation"))
    erin.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(erin.get_by_role("button", name="New meeting")).to_be_focused()
    found = find(server, "bob", "Open day")
    assert (found["isAllDay"], found["isOnlineMeeting"]) == (True, True)


def reach(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(30):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {target}")


def test_what_the_server_refuses_is_said_in_its_words(arrive: Arrive):
    alice = arrive("Alice")
    form = new_meeting(alice, "Never", monday())
    form.get_by_label("Repeats").select_option("Weekly")
    form.get_by_label("Ends").select_option("On a day")
    form.get_by_label("Last date").evaluate("one => { one.removeAttribute('min'); }")
    form.get_by_label("Last date").fill("2020-01-01")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("end")
    expect(form).to_be_visible()


def test_times_are_shown_in_another_zone_and_the_organizers_beside(arrive: Arrive, server: Running):
    series = make_series(server)
    wall = {"dateTime": f"{monday():%Y-%m-%d}T13:00:00", "timeZone": "Asia/Kolkata"}
    end = wall | {"dateTime": f"{monday():%Y-%m-%d}T14:00:00"}
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    call = {"subject": "Call", "start": wall, "end": end, "attendees": guests}
    assert server.ask("POST", "/v1.0/me/events", "dave", json=call).status_code == 201
    bob = arrive("Bob")
    open_message(bob, "Call")
    card = bob.get_by_role("article")
    expect(card).to_contain_text(re.compile(r"08:30 – 09:30 Europe/Berlin · 13:00 – 14:00 in Asia/Calcutta"))
    zone = bob.get_by_label("Time zone")
    expect(zone.locator("optgroup[label='Your mailbox']")).to_have_text("America/New_York")
    zone.select_option("America/New_York")
    expect(bob.get_by_role("article")).to_contain_text("02:30 – 03:30")
    go(bob, f"#/calendar/week/{monday():%Y-%m-%d}")
    stand_up = bob.locator(".view").get_by_role("link", name="Stand-up")
    expect(stand_up).to_have_accessible_name(re.compile("03:00 – 03:30"))
    bob.reload()
    expect(zone).to_have_value("America/New_York")
    form = new_meeting(bob, "Early", monday())
    form.get_by_label("Begins").fill("07:00")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    assert find(server, "bob", "Early")["start"]["dateTime"][11:16] == "12:00"
    assert series["originalStartTimeZone"] == "W. Europe Standard Time"


def test_the_page_knows_every_windows_zone(arrive: Arrive):
    bob = arrive("Bob")
    found = bob.evaluate(
        """async names => {
          const { ianaName } = await import("/page/zones.js");
          return names.filter(([name, iana]) => ianaName(name) !== iana).map(([name]) => name);
        }""",
        list(TO_IANA.items()),
    )
    assert found == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "America/Santiago", "UTC"])
def test_days_and_times_go_by_the_zone_also_where_clocks_change(arrive: Arrive, zone: str):
    bob = arrive("Bob")
    found = bob.evaluate(
        """async zone => {
          const times = await import("/page/times.js");
          times.setZone(zone);
          const days = [];
          for (let day = times.fromFields("2026-01-01"); days.length < 365; day = times.addDays(day, 1)) {
            const noon = times.fromFields(times.dayKey(day), "12:00");
            days.push([times.dayKey(day), noon.toISOString().slice(0, 19), times.weekdayOf(day)]);
          }
          return days;
        }""",
        zone,
    )
    first = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone))
    wanted = [first + timedelta(days=n) for n in range(365)]  # by the wall, as datetime counts within a zone
    utc = ZoneInfo("UTC")
    assert found == [
        [f"{one:%Y-%m-%d}", f"{one.astimezone(utc):%Y-%m-%dT%H:%M:%S}", one.isoweekday() % 7] for one in wanted
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_the_form_of_a_series(arrive: Arrive, server: Running, dark: bool):
    series = make_series(server)
    alice = arrive("Alice", dark=dark)
    go(alice, f"#/meeting/{dates(server, series)[1]['id']}")
    alice.get_by_role("button", name="Change the series").wait_for()
    found = {"meeting": audit(alice)}
    alice.get_by_role("button", name="Change the series").click()
    alice.get_by_role("dialog").locator(".times .line").first.wait_for()
    found["form"] = audit(alice)
    assert found == {"meeting": [], "form": []}


def new_meeting(page: Page, subject: str, day: datetime) -> Locator:
    go(page, f"#/calendar/week/{day:%Y-%m-%d}")
    page.get_by_role("button", name="New meeting").click()
    form = page.get_by_role("dialog", name="New meeting")
    form.get_by_label("What", exact=True).fill(subject)
    form.get_by_label("Day", exact=True).fill(f"{day:%Y-%m-%d}")
    return form


def make_series(server: Running) -> dict[str, Any]:
    """A meeting of alice's with bob, on three Mondays."""
    first = f"{monday():%Y-%m-%d}"
    body = {
        "subject": "Stand-up",
        "start": {"dateTime": f"{first}T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{first}T09:30:00", "timeZone": "Europe/Berlin"},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
            "range": {"type": "numbered", "startDate": first, "numberOfOccurrences": 3},
        },
        "attendees": [{"emailAddress": {"address": "bob@example.com", "name": "Bob Baker"}, "type": "required"}],
    }
    reply = server.ask("POST", "/v1.0/me/events", "alice", json=body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def dates(server: Running, series: dict[str, Any], who: str = "alice") -> list[dict[str, Any]]:
    first = monday() - timedelta(days=1)
    path = f"/v1.0/me/events/{series['id']}/instances?startDateTime={first:%Y-%m-%d}&endDateTime={first.year + 2}-01-01"
    found: list[dict[str, Any]] = server.ask("GET", path, who).json()["value"]
    return found


def names(server: Running, who: str, subject: str) -> list[dict[str, Any]]:
    reply = server.ask("GET", f"/v1.0/me/events?$filter=subject eq '{subject}'", who)
    found: list[dict[str, Any]] = reply.json()["value"]
    return found


def find(server: Running, who: str, subject: str) -> dict[str, Any]:
    return names(server, who, subject)[0]
