"""What leaves for people outside: names, long texts, zones, ends, and addresses with umlauts."""

from __future__ import annotations

import email
import re
from email import policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest

from rsvpd.commands import outbox
from rsvpd.delivery import imip
from support.calendar_v3 import EVENTS, CalendarV3, at
from support.client import Client
from support.world import World

TEN, ELEVEN = "2027-06-07T10:00:00", "2027-06-07T11:00:00"
WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
    "range": {"type": "endDate", "startDate": "2027-06-07", "endDate": "2027-12-20"},
}


def sent(world: World) -> list[tuple[bytes, EmailMessage, bytes]]:
    """Return what waits to leave: its bytes, the message, and the calendar in it."""
    found = []
    for row in world.store.run(outbox.list_messages, after=0):
        raw = imip.message(row.post)
        message = email.message_from_bytes(raw, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        parts = {part.get_content_type(): part for part in message.walk()}
        calendar = parts["text/calendar"].get_payload(decode=True)
        assert isinstance(calendar, bytes)
        found.append((raw, message, calendar))
    return found


def unfolded(calendar: bytes) -> list[str]:
    return calendar.decode().replace("\r\n ", "").split("\r\n")


# --- names_and_long_texts


def test_names_and_long_texts(world: World, organizer: Client) -> None:
    subject, names = "Ärger, mit; Komma " + "🎉" * 60, ('Ünal, "Ann"; CEO', "O'Neil\r\nBcc: x@evil.example")
    outside = [
        {"emailAddress": {"address": f"guest{number}@else.example", "name": name}}
        for number, name in enumerate(names)
    ]
    organizer.create(subject, TEN, ELEVEN, attendees=outside)
    messages = sent(world)
    assert len(messages) == 2
    for raw, message, calendar in messages:
        assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))
        assert all(line.decode() for line in calendar.split(b"\r\n") if line), "no character is cut"
        assert message["Bcc"] is None
        assert b"\r\nBcc:" not in raw.partition(b"\r\n\r\n")[0]
        assert message["Subject"] == subject
        lines = unfolded(calendar)
        assert f"SUMMARY:{subject.replace(',', chr(92) + ',').replace(';', chr(92) + ';')}" in lines
        guests = [line for line in lines if line.startswith("ATTENDEE")]
        assert any("CN=\"Ünal, ^'Ann^'; CEO\"" in line for line in guests)
        (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
        assert str(event["SUMMARY"]) == subject


# --- zones_and_ends_in_what_leaves


def test_zones_and_ends_in_what_leaves(world: World, organizer: Client) -> None:
    outside = [{"emailAddress": {"address": "guest@else.example"}}]
    made = organizer.create(
        "x", TEN, ELEVEN, zone="W. Europe Standard Time", attendees=outside, recurrence=WEEKLY
    )
    window = "startDateTime=2027-06-01T00:00:00Z&endDateTime=2027-08-01T00:00:00Z"
    second = organizer.get(f"/me/events/{made['id']}/instances?{window}")["value"][1]
    assert organizer("DELETE", f"/me/events/{second['id']}").status == 204
    assert organizer("DELETE", f"/me/events/{made['id']}").status == 204
    methods = []
    for _, _, calendar in sent(world):
        whole = icalendar.Calendar.from_ical(calendar)
        methods.append(str(whole["METHOD"]))
        described = {str(zone["TZID"]) for zone in whole.walk("VTIMEZONE")}
        assert described == set(re.findall(r"TZID=([^:;]+)", calendar.decode())) == {"Europe/Berlin"}
        lines = unfolded(calendar)
        if "RECURRENCE-ID;TZID=Europe/Berlin:20270614T100000" not in lines:
            (rule,) = (line for line in lines if line.startswith("RRULE:") and "UNTIL" in line)
            assert re.search(r"UNTIL=2027122\dT\d{6}Z", rule)
    assert methods == ["REQUEST", "CANCEL", "CANCEL"]


# --- hour_that_comes_twice: a time with a TZID is its first time, so the second one leaves in UTC


@pytest.mark.parametrize(
    ("start", "end", "lines"),
    [
        ("01:30", "02:00", ["DTSTART:20271031T013000Z", "DTEND;TZID=Europe/Berlin:20271031T030000"]),
        ("00:30", "01:00", ["DTSTART;TZID=Europe/Berlin:20271031T023000", "DTEND:20271031T010000Z"]),
        ("01:15", "01:30", ["DTSTART:20271031T011500Z", "DTEND:20271031T013000Z"]),
    ],
)
def test_hour_that_comes_twice_leaves_as_the_instant_that_was_sent(
    world: World, alice: CalendarV3, start: str, end: str, lines: list[str]
) -> None:
    guest = [{"email": "guest@else.example"}]
    alice.insert(
        at(f"2027-10-31T{start}:00Z"), at(f"2027-10-31T{end}:00Z"), query="sendUpdates=all", attendees=guest
    )
    ((_, message, calendar),) = sent(world)
    written = unfolded(calendar)
    assert all(line in written for line in lines)
    zones = {line for line in written if line.startswith("TZID:")}
    assert zones == ({"TZID:Europe/Berlin"} if any("TZID" in line for line in lines) else set())
    (event,) = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    spans = [event[name].dt.astimezone(tz=None).timestamp() for name in ("DTSTART", "DTEND")]
    assert spans[1] - spans[0] == 60 * (30 if start[-2:] == "30" else 15)
    body = message.get_body(("plain",))
    assert body is not None
    assert "(the second time)" in body.get_content()


def test_hour_that_comes_twice_as_the_start_of_a_series_keeps_its_rule_in_its_zone(
    world: World, alice: CalendarV3
) -> None:
    alice.insert(
        at("2027-10-31T01:30:00Z"), at("2027-10-31T02:00:00Z"), query="sendUpdates=all",
        attendees=[{"email": "guest@else.example"}], recurrence=["RRULE:FREQ=DAILY;COUNT=3"],
    )  # fmt: skip
    ((_, _, calendar),) = sent(world)
    assert "DTSTART;TZID=Europe/Berlin:20271031T023000" in unfolded(calendar)


# --- address_with_umlauts


@pytest.mark.parametrize("dialect", ["google", "graph"])
def test_address_with_umlauts(world: World, alice: CalendarV3, graph: Client, dialect: str) -> None:
    address = "bob@münchen.example"
    if dialect == "google":
        alice.insert(at(TEN), at(ELEVEN), query="sendUpdates=all", attendees=[{"email": address}])
    else:
        graph.create("x", TEN, ELEVEN, attendees=[{"emailAddress": {"address": address}}])
    ((raw, _, calendar),) = sent(world)
    guests: list[Any] = [line for line in unfolded(calendar) if line.startswith("ATTENDEE")]
    assert [line.partition("mailto:")[2] for line in guests] == ["bob@xn--mnchen-3ya.example"]
    assert b"To: bob@xn--mnchen-3ya.example\r\n" in raw
    assert all(line.isascii() for line in unfolded(calendar) if line.startswith(("ATTENDEE", "ORGANIZER")))
    made = alice.get(f"{EVENTS}?q=x")["items"][0]
    assert made["attendees"][1]["email"] == address
