"""Event ids and UIDs: two names of one thing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rsvpd.calendar.event import AllDay, MeetingKey
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.errors import InvalidProperty, ItemNotFound
from support.google_door import ID, UID, at, instance, series

OUTLOOK = (
    "040000008200E00074C5B7101A82E00800000000D0A35AF4B27CDD01"
    "00000000000000001000000000112233445566778899AABBCC"
)
IDS = st.text(identifiers.ALPHABET, min_size=5, max_size=60)
MARKED = st.builds(lambda mark, rest: mark + rest, st.sampled_from(["rsvpu", "rsvph"]), IDS)


@given(st.text(max_size=80) | st.builds(lambda own: own + "@google.com", IDS | MARKED))
@example(OUTLOOK)
@example("abcde@google.com")
@example("rsvpuc5h66p35@google.com")
@example("")
def test_every_uid_comes_back(uid: str) -> None:
    made = identifiers.event_id(uid)
    assert set(made) <= set(identifiers.ALPHABET)
    assert identifiers.uid_of(made) == uid


@given(IDS | MARKED)
def test_every_id_comes_back(chosen: str) -> None:
    assert identifiers.event_id(identifiers.uid_of(chosen)) == chosen


@pytest.mark.parametrize(
    ("uid", "made"),
    [
        ("q7n0u2hk4v@google.com", "q7n0u2hk4v"),
        (UID, ID),
        ("AABBCCDDEEFF0011", "rsvphlatspnfevs012"),
        ("abcd@google.com", "rsvpuc5h66p20ctnmuprcckn66rrd"),
    ],
)
def test_forms(uid: str, made: str) -> None:
    assert identifiers.event_id(uid) == made


@given(st.text(min_size=1, max_size=60), st.emails())
def test_the_second_of_one_uid_has_an_id_that_leads_back(uid: str, organizer: str) -> None:
    key = MeetingKey(uid, organizer.casefold())
    made = identifiers.namesake_id(key)
    assert set(made) <= set(identifiers.ALPHABET)
    assert identifiers.read(made) == identifiers.EventName(uid, None, key.organizer)
    assert identifiers.read(f"{made}_20261203") == identifiers.EventName(uid, "20261203", key.organizer)
    assert identifiers.event_id(f"{made}@google.com") != made
    with pytest.raises(InvalidProperty):
        identifiers.uid_of_new_id(made)


def test_hexadecimal_uids_of_outlook_are_written_as_their_bytes() -> None:
    made = identifiers.event_id(OUTLOOK)
    assert made.startswith("rsvph")
    assert len(made) < len(OUTLOOK)


def test_a_chosen_id_that_looks_like_another_meetings_is_that_meetings() -> None:
    assert identifiers.uid_of_new_id(ID) == UID
    assert identifiers.event_id(f"{ID}@google.com") != ID


@pytest.mark.parametrize("wrong", ["abcd", "ABCDE", "wxyzw", "a_bcd", "", "ä" * 6, "a" * 1025])
def test_a_chosen_id_has_five_letters_or_more_of_base32hex(wrong: str) -> None:
    with pytest.raises(InvalidProperty):
        identifiers.uid_of_new_id(wrong)


def test_fresh_ids_are_valid_and_differ() -> None:
    one, other = identifiers.new_event_id(), identifiers.new_event_id()
    assert one != other
    assert identifiers.uid_of_new_id(one) == f"{one}@google.com"


def test_an_instance_is_named_by_its_original_start_in_utc() -> None:
    moved = instance(series(), "2026-12-03T10:00", start=at("2026-12-03T15:00"))
    assert identifiers.view_id(moved) == f"{ID}_20261203T090000Z"
    assert identifiers.read(f"{ID}_20261203T090000Z") == identifiers.EventName(UID, "20261203T090000Z")
    assert identifiers.original(AllDay(date(2026, 12, 3))) == "20261203"
    assert identifiers.read("abcde_20261203") == identifiers.EventName("abcde@google.com", "20261203")


@pytest.mark.parametrize(
    "wrong",
    ["", "AAMk=", "abc-de", "abcde_", "abcde_2026", "abcde_20261399", "abcde_20261203T250000Z", "_20261203"],
)
def test_what_can_be_no_id_is_not_found(wrong: str) -> None:
    with pytest.raises(ItemNotFound):
        identifiers.read(wrong)
