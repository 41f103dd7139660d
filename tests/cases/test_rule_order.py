"""What is said to people outside is heard: answers to organizers, and in the order in which they were given."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.event import AllDay, Answer, State
from rsvpd.calendar.revision import Component, Revision
from rsvpd.clock import Instant, parse_instant, to_datetime
from rsvpd.commands import outbox
from rsvpd.mail.address import Mailbox
from rsvpd.mail.person import Person
from rsvpd.scheduling.answer import Given, answer
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


def test_rule_01_order_after_a_restart_of_a_forwarded_meeting_stays_its_organizers(
    world: World, guest: Client
) -> None:
    sent_at, event = world.now, arrive(world)
    world.now += 60 * SECOND
    guests = [{"emailAddress": {"address": one}} for one in ("eve@else.example", "carol@example.com")]
    assert guest("POST", f"/me/events/{event}/forward", {"toRecipients": guests}).status == 202
    (sent,) = revisions(world, "eve@else.example")
    assert sent.stamp == (5, f"{to_datetime(sent_at):%Y%m%dT%H%M%SZ}")


@pytest.mark.parametrize("series", [False, True], ids=["single", "series"])
def test_rule_09_own_move_is_not_passed_on_with_a_meeting_of_somebody_outside(
    world: World, guest: Client, *, series: bool
) -> None:
    event = arrive(world, series=series)
    moved = {name: {"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "Europe/Berlin"} for name, hour in TIMES}
    assert guest("PATCH", f"/me/events/{event}", {**moved, "subject": "Mine"}).status == 200
    to = {"toRecipients": [{"emailAddress": {"address": "eve@else.example"}}]}
    assert guest("POST", f"/me/events/{event}/forward", to).status == 202
    (sent,) = revisions(world, "eve@else.example")
    assert (sent.subject, sent.starts) == ("FW: Zoë's plans", ("20261201T100000",))
    assert world.request("bob", "GET", f"/v1.0/me/events/{event}").json["subject"] == "Mine"


def test_rule_01_order_after_a_restart_of_an_answer_given_before_stamps_were_kept() -> None:
    event = Component(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 2)))
    revision = Revision(uid="u", organizer=Mailbox("zoe@else.test"), event=event)
    own = Private(answer=Answer.ACCEPTED, answered=NOW, organizer_knows=True)
    copy = Copy(revision=revision, is_organizer=False, own=own)
    bob = Person(number=1, oid="b", address="bob@example.com", name="Bob", zone="UTC")
    given = Given(answer=Answer.DECLINED)
    done = answer(copy, State.LIVE, None, given, bob, NOW - 3600 * SECOND)
    assert done.reply is not None
    assert done.reply.dtstamp == NOW + SECOND


# --- rule_15_reply_to_an_organizer_outside

ANSWERS = [("accepted", "Accepted: "), ("tentative", "Tentative: "), ("declined", "Declined: ")]
ASKED = ["sendUpdates=externalOnly", "sendUpdates=all", "sendNotifications=true", ""]
SILENT = ["sendUpdates=none", "sendNotifications=false"]


TIMES = (("start", "15"), ("end", "16"))


def own_id(bob: CalendarV3, *, series: bool = False) -> str:
    """Return the event that arrived from outside, or the second date of it."""
    arrive(bob.world, series=series)
    query = "singleEvents=true&orderBy=startTime&timeMin=2026-12-08T00:00:00Z" if series else ""
    return str(bob.get(f"{EVENTS}?{query}")["items"][0]["id"])


def says(status: str) -> dict[str, list[dict[str, str]]]:
    return {"attendees": [{"email": "bob@example.com", "responseStatus": status}]}


@pytest.mark.parametrize("series", [False, True], ids=["single", "occurrence"])
@pytest.mark.parametrize(("status", "prefix"), ANSWERS)
@pytest.mark.parametrize("query", ASKED)
def test_rule_15_reply_to_an_organizer_outside(
    world: World, bob: CalendarV3, query: str, status: str, prefix: str, series: bool
) -> None:
    reply = bob("PATCH", f"{EVENTS}/{own_id(bob, series=series)}?{query}", says(status))
    assert (reply.status, reply.hint) == (200, "")
    assert [(one.method, one.subject) for one in revisions(world, ORGANIZER)] == [("REPLY", f"{prefix}Zoë's plans")]


@pytest.mark.parametrize("query", ASKED)
def test_rule_15_reply_to_an_organizer_outside_by_deleting_the_copy(world: World, bob: CalendarV3, query: str) -> None:
    assert bob("DELETE", f"{EVENTS}/{own_id(bob)}?{query}").status == 204
    assert [(one.method, one.subject) for one in revisions(world, ORGANIZER)] == [("REPLY", "Declined: Zoë's plans")]


@pytest.mark.parametrize("query", SILENT)
def test_rule_15_reply_to_an_organizer_outside_stays_away_where_that_is_said_and_can_be_sent_later(
    world: World, bob: CalendarV3, query: str
) -> None:
    path = f"{EVENTS}/{own_id(bob)}"
    reply = bob("PATCH", f"{path}?{query}", says("accepted"))
    assert (reply.status, revisions(world, ORGANIZER)) == (200, [])
    assert "sendUpdates=all" in reply.hint
    for _ in range(2):
        assert bob("PATCH", f"{path}?sendUpdates=all", says("accepted")).hint == ""
    assert [one.method for one in revisions(world, ORGANIZER)] == ["REPLY"]
    removed = bob("DELETE", f"{path}?{query}")
    assert (removed.status, len(revisions(world, ORGANIZER))) == (204, 1)
    assert "sendUpdates=all" in removed.hint


def test_rule_15_reply_to_an_organizer_outside_who_wants_none(world: World, bob: CalendarV3) -> None:
    arrive(world, response_requested=False)
    (event,) = bob.get(EVENTS)["items"]
    for query in (*ASKED, *SILENT):
        for status in ("accepted", "tentative"):
            reply = bob("PATCH", f"{EVENTS}/{event['id']}?{query}", says(status))
            assert (reply.status, reply.hint) == (200, "")
    assert revisions(world, ORGANIZER) == []


@pytest.mark.parametrize("query", ["sendUpdates=externalOnly", "sendUpdates=all"])
def test_rule_15_reply_to_an_organizer_outside_goes_beside_the_notice_of_who_was_invited(
    world: World, bob: CalendarV3, query: str
) -> None:
    bob.patch(own_id(bob), {"attendees": [*says("accepted")["attendees"], {"email": "eve@else.example"}]}, query)
    posts = [row.post for row in world.store.run(outbox.list_messages)]
    subjects = [post.letter.subject for post in posts if post.recipient == ORGANIZER]
    assert sorted(subjects) == ["Accepted: Zoë's plans", "Meeting Forward Notification: Zoë's plans"]
