"""What is said later is later: answers to organizers outside, forwarded meetings, what a stamp is made of."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rsvpd.clock import Instant, parse_instant
from rsvpd.scheduling.itip import next_dtstamp
from support.calendar_v3 import EVENTS, CalendarV3, at
from support.client import Client
from support.incoming import arrive
from support.outgoing import Sent, revisions
from support.world import SECOND, World

ORGANIZER = "zoe@else.test"
NOW = parse_instant("2026-11-23T08:00:00")


def in_order(sent: list[Sent]) -> bool:
    return all(before.stamp < after.stamp for before, after in pairwise(sent))


# --- rule_01_order_after_a_restart, rule_27_two_changes_in_one_second


@pytest.mark.parametrize(
    ("before", "now", "stamp"),
    [
        (0, NOW + 1, NOW + 1),
        (NOW + 1, NOW + SECOND, NOW + SECOND),
        (NOW + 1, NOW + SECOND - 1, NOW + SECOND),
        (NOW, NOW, NOW + SECOND),
        (NOW, NOW - 3600 * SECOND, NOW + SECOND),
        (NOW + 1, NOW + 2 * SECOND + 7, NOW + 2 * SECOND + 7),
    ],
)
def test_rule_27_two_changes_in_one_second_have_stamps_a_second_apart(
    before: Instant, now: Instant, stamp: Instant
) -> None:
    assert next_dtstamp(before, now=now) == stamp


@pytest.mark.parametrize("pace", [0, -3600 * SECOND], ids=["in_one_second", "clock_goes_back"])
@pytest.mark.parametrize("series", [False, True])
def test_rule_27_two_changes_in_one_second_of_an_answer_to_an_organizer_outside(
    world: World, guest: Client, pace: int, series: bool
) -> None:
    event = arrive(world, series=series)
    world.pace = pace
    for verb in ("accept", "tentativelyAccept", "accept"):
        assert guest("POST", f"/me/events/{event}/{verb}").status == 202
    assert guest("POST", f"/me/events/{event}/decline", {"Comment": "No"}).status == 202
    sent = revisions(world, ORGANIZER)
    assert [one.method for one in sent] == ["REPLY"] * 4
    assert in_order(sent)


@pytest.mark.parametrize("pace", [0, -3600 * SECOND], ids=["in_one_second", "clock_goes_back"])
def test_rule_01_order_after_a_restart_of_an_answer_that_was_taken_back(
    world: World, alice: CalendarV3, bob: CalendarV3, pace: int
) -> None:
    made = alice.insert(at("2026-12-01T10:00:00"), at("2026-12-01T11:00:00"), "bob", query="sendUpdates=all")
    world.pace = pace
    for status in ("accepted", "needsAction", "declined", "needsAction", "tentative"):
        bob.patch(made["id"], {"attendees": [{"email": "bob@example.com", "responseStatus": status}]})
        world.reopen()
        (tracked,) = (one for one in alice.get(f"{EVENTS}/{made['id']}")["attendees"] if "bob" in one["email"])
        assert tracked["responseStatus"] == status
