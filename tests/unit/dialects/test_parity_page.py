"""`docs/parity.md` says what the tables of the dialects can do; `make parity` writes it anew."""

from __future__ import annotations

import os

import pytest

from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA
from support.parity import GRAPH_TYPES, PAGE, Mark, google_members, graph_members, graph_operations, page
from support.published import OPERATIONS, graph, lines
from support.seen_members import google_members_seen, graph_members_seen


def test_the_page_is_what_the_tables_can_do() -> None:
    expected = page()
    if os.environ.get("RSVPD_UPDATE_GOLDEN"):
        PAGE.write_text(expected, "utf-8")
    stands = set(PAGE.read_text("utf-8").splitlines())
    missing = [line for line in expected.splitlines() if line not in stands]
    assert PAGE.read_text("utf-8") == expected, f"`make parity` writes into {PAGE.name}:\n" + "\n".join(missing)


def test_every_action_and_function_of_the_metadata_is_a_call() -> None:
    calls = {path.rpartition("/")[2].partition("(")[0] for _, _, path in lines("graph_operations.txt")}
    published = {way.name for ways in graph().ways.values() for way in ways if way.kind in OPERATIONS}
    assert published - calls == set()


def test_every_way_of_the_metadata_is_counted() -> None:
    counted = {one.name for one in graph_members()}
    ways = {way.name for name, ways in graph().ways.items() if name in GRAPH_TYPES for way in ways}
    operations = {way.name for ways in graph().ways.values() for way in ways if way.kind in OPERATIONS}
    assert ways - operations <= counted


def test_what_is_said_to_be_here_is_seen_in_answers() -> None:
    ways = {(name, way.name) for name, ways in graph().ways.items() for way in ways}
    here = {(one.of, one.name) for one in graph_members() if one.mark is Mark.YES}
    assert here - ways - graph_members_seen() == set()
    here = {(one.of, one.name) for one in google_members() if one.mark is Mark.YES}
    assert here - google_members_seen() == set()


@pytest.mark.parametrize(
    ("call", "mark"),
    [
        ("POST /me/events/{event}/accept", Mark.YES),
        ("GET /me/events/{event}/attachments", Mark.YES),
        ("POST /me/calendarGroups", Mark.YES),
    ],
)
def test_how_calls_are_marked(call: str, mark: Mark) -> None:
    (found,) = (one for one in graph_operations() if one.name == call)
    assert found.mark is mark


@pytest.mark.parametrize(
    ("type_name", "member", "mark"),
    [
        ("event", "subject", Mark.YES),
        ("event", "onlineMeeting", Mark.YES),
        ("mailboxSettings", "timeZone", Mark.YES),
        ("message", "extensions", Mark.YES),
        ("message", "singleValueExtendedProperties", Mark.YES),
    ],
)
def test_how_members_are_marked(type_name: str, member: str, mark: Mark) -> None:
    (found,) = (one for one in graph_members() if (one.of, one.name) == (type_name, member))
    assert found.mark is mark


def test_the_types_that_paths_lead_to_are_counted() -> None:
    assert set(GRAPH_SCHEMA.types) - {""} <= set(GRAPH_TYPES)
