"""What the organizer says: who stands on which list, who was asked when, and what says the same for ever."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct, json
from msgspec.structs import asdict

from rsvpd.calendar.event import Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, Importance
from support.meetings import BOB, CAROL, DAVE, SECOND, THIRD, component, guests, on, series


@pytest.mark.parametrize(
    ("sequence", "asked"),
    [
        pytest.param(0, [0, 0], id="never"),
        pytest.param(3, [3, 0], id="who was on the list before"),
        pytest.param(4, [4, 0], id="nor who came with it"),
        pytest.param(5, [5, 5], id="both"),
    ],
)
def test_who_on_a_list_was_asked_anew(sequence: int, asked: list[int]) -> None:
    one = component(guests=(*guests(BOB), *guests(CAROL, since=4)))
    found = one.attendees_reset_at(sequence)
    assert [guest.reset_sequence for guest in found] == asked
    assert one.attendees_reset_at(sequence) is found  # it is made once
    assert one.attendees is one.attendees


def test_where_somebody_stands_on_a_list() -> None:
    one = component(guests=(Guest("BOB@example.com"), *guests(CAROL), *guests(BOB, role=Role.OPTIONAL)))
    assert one.places == {"bob@example.com": 0, "carol@example.com": 1}  # who is there twice, once
    assert one.places is one.places


@pytest.mark.parametrize(
    ("rid", "asked_at", "names"),
    [
        pytest.param(None, 3, ["bob", "carol"], id="the whole"),
        pytest.param(SECOND, 4, ["bob", "carol"], id="a date asked for since"),
        pytest.param(THIRD, 3, ["dave"], id="a date asked for before the whole"),
    ],
)
def test_whose_list_counts_and_since_when_it_is_asked(rid: str | None, asked_at: int, names: list[str]) -> None:
    revision = series(reset_sequence=3, resets={SECOND: 4, THIRD: 2}, exceptions={THIRD: on(6, guests=guests(DAVE))})
    assert revision.reset_sequence_of(rid) == asked_at
    assert [one.address.partition("@")[0] for one in revision.list_of(rid).guests] == names


@pytest.mark.parametrize(
    ("kind", "stored", "members"),
    [
        pytest.param(
            Guest,
            b'{"address":"bob@example.com"}',
            {"address": "bob@example.com", "name": "", "role": Role.REQUIRED, "since": 0},
            id="a guest",
        ),
        pytest.param(
            Component,
            b'{"start":{"type":"d","day":"2027-01-04"},"end":{"type":"d","day":"2027-01-05"}}',
            {
                "subject": "", "body": Body(), "locations": (), "guests": (), "importance": Importance.NORMAL,
                "attachments": (), "conference": None, "shared_residue": {},
                "status": Status.CONFIRMED, "response_requested": True, "allow_proposals": True,
                "hide_attendees": False, "guests_can_modify": False, "guests_can_invite": True,
                "show_as": ShowAs.BUSY, "sensitivity": Sensitivity.NORMAL,
            },
            id="what is said of an event",
        ),
        pytest.param(
            Revision,
            b'{"v":1,"uid":"u-1","organizer":{"address":"alice@example.com"},"event":'
            b'{"start":{"type":"d","day":"2027-01-04"},"end":{"type":"d","day":"2027-01-05"}}}',
            {
                "uid": "u-1", "organizer": Mailbox("alice@example.com"), "sequence": 0, "dtstamp": 0,
                "recurrence": None, "exceptions": {}, "excluded": (), "reset_sequence": 0, "resets": {},
            },
            id="a revision",
        ),
    ],
)  # fmt: skip
def test_what_is_not_stored_means_the_same_for_ever(kind: type[Struct], stored: bytes, members: dict[str, Any]) -> None:
    """A member that has its default is left out of the data file, where later versions read it."""
    found = asdict(json.decode(stored, type=kind))
    assert {name: found[name] for name in found if name not in ("start", "end", "event")} == members
