"""Fragments take no more room than they may, and those that are asked for stay."""

from __future__ import annotations

from rsvpd.store.fragments import NONE_KEPT, Fragments

KILOBYTE = b"x" * 1000
ROOM = 100_000


def kept(fragments: Fragments, number: int) -> bool:
    return fragments.get((1, number)) is not None


def test_no_more_is_kept_than_there_is_room_for() -> None:
    fragments = Fragments(ROOM)
    for number in range(1000):
        fragments.keep((1, number), KILOBYTE, 1000)
    there = sum(kept(fragments, number) for number in range(1000))
    assert ROOM / 3 < there * 1000 < ROOM
    assert kept(fragments, 999)


def test_what_is_asked_for_stays() -> None:
    fragments = Fragments(ROOM)
    fragments.keep((1, 0), KILOBYTE, 1000)
    for number in range(1, 1000):
        fragments.keep((1, number), KILOBYTE, 1000)
        assert kept(fragments, 0)
    assert not kept(fragments, 1)


def test_what_would_take_all_the_room_is_not_kept() -> None:
    fragments = Fragments(ROOM)
    fragments.keep((1, 0), KILOBYTE, 1000)
    fragments.keep((1, 1), b"x" * ROOM, ROOM)
    assert (kept(fragments, 0), kept(fragments, 1)) == (True, False)


def test_a_rendering_keeps_its_number_and_no_other_has_it() -> None:
    fragments = Fragments(ROOM)
    first = fragments.number_of("a rendering")
    assert fragments.number_of("a rendering") == first
    # Clients choose renderings: there may be any number, and none is taken for another.
    assert len({fragments.number_of(number) for number in range(5000)} | {first}) == 5001


def test_a_writer_keeps_nothing() -> None:
    NONE_KEPT.keep((1, 1), KILOBYTE, 1000)
    assert not kept(NONE_KEPT, 1)
