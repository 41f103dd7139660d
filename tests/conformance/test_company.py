"""A company that is made up: believable, the same for the same seed, and seen as any other by Graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.event import Answer
from rsvpd.clock import parse_instant
from rsvpd.commands import checks
from rsvpd.commands.people import people
from rsvpd.control.seeds.company import Company, make_company
from rsvpd.control.seeds.tell import tell
from rsvpd.control.seeds.world import Absence, Invitation, Reply, World
from support import world as servers

NOW = parse_instant("2026-11-25T11:00:00Z")
WANTED = Company(people=30, meetings=40, seed=7)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[servers.World]:
    server = servers.World(tmp_path, now="2026-11-25T11:00:00")
    yield server
    server.close()


def happened(world: World, kind: type) -> list[Any]:
    return [one for one in world.happenings if isinstance(one, kind)]


def test_the_same_seed_makes_the_same_company_and_another_one_another() -> None:
    assert make_company(WANTED, NOW) == make_company(WANTED, NOW)
    other = make_company(Company(people=30, meetings=40, seed=8), NOW)
    assert [one.new.address for one in other.people] != [one.new.address for one in make_company(WANTED, NOW).people]


@pytest.mark.parametrize(("size", "meetings"), [(2, 5), (30, 0), (300, 1000)])
def test_what_happened_lies_in_the_past_and_answers_come_after_invitations(size: int, meetings: int) -> None:
    world = make_company(Company(people=size, meetings=meetings, seed=3), NOW)
    sent = {one.number: one.at for one in happened(world, Invitation)}
    assert len(sent) == meetings
    assert all(one.at <= NOW for one in world.happenings)
    assert all(sent[one.number] < one.at for one in happened(world, Reply))
    addresses = [one.new.address for one in world.people]
    assert len(set(addresses)) == len(addresses)


def test_the_shares_are_the_usual_ones() -> None:
    world = make_company(Company(people=300, meetings=1000, seed=3), NOW)
    answers = Counter(one.answer for one in happened(world, Reply))
    guests = sum(len(one.draft.attendees) for one in happened(world, Invitation))
    assert 0.5 < answers[Answer.ACCEPTED] / guests < 0.7
    assert answers[Answer.ACCEPTED] > 4 * answers[Answer.DECLINED] > answers[Answer.TENTATIVE] > 0
    assert happened(world, Absence)
    bosses = [one.new.members.get("manager") for one in world.people if one.policy is None]
    assert bosses.count(None) == 1


def test_it_is_told_and_everything_holds_together(server: servers.World) -> None:
    told = server.store.run(tell, make_company(WANTED, NOW), server.now)
    assert (told.people, told.meetings) == (30, 40)
    everybody = server.store.run(people)
    for mailbox in server.store.run(checks.mailboxes):
        assert server.store.run(checks.faults_of, mailbox) == []
    chief = next(one for one in everybody if one.address == make_company(WANTED, NOW).people[0].new.address)
    server.people["chief"] = chief
    found = server.request("chief", "GET", "/v1.0/me/events?$top=50").json["value"]
    gathering = next(one for one in found if one["subject"] == "All hands")
    assert len(gathering["attendees"]) == 29
    assert {one["status"]["response"] for one in gathering["attendees"]} >= {"accepted", "none"}
    assert server.request("chief", "GET", "/v1.0/me/directReports").json["value"]
