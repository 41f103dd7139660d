"""Many people at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.people import people
from rsvpd.control import work
from rsvpd.control.people import NewPerson
from rsvpd.errors import AlreadyExists, DomainError, InvalidProperty, InvalidTimeZone
from rsvpd.store.database import Store
from support.engines import new_store

NOW = parse_instant("2026-11-23T08:00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as store:
        add(store, "ann@example.com")
        yield store


def add(store: Store, *addresses: str, zone: str = "UTC") -> list[str]:
    news = [NewPerson(address=one, time_zone=zone) for one in addresses]
    return [one.address for one in work.run(work.addition(news, NOW), store.run)]


def everybody(store: Store) -> list[str]:
    return [one.address for one in store.run(people)]


def test_all_of_them_in_their_order(store: Store) -> None:
    wanted = [f"p{n}@example.com" for n in range(2 * work.SLICE + 1)]
    before = store.commits
    assert add(store, *wanted) == wanted
    assert everybody(store) == ["ann@example.com", *wanted]
    assert store.commits - before == 3


@pytest.mark.parametrize(
    ("addresses", "zone", "error", "said"),
    [
        (["bea@x.org", "ANN@example.com"], "UTC", AlreadyExists, "ANN@example.com: .* nobody was added"),
        (["bea@x.org", "Bea@X.org"], "UTC", AlreadyExists, "Bea@X.org: .* named twice"),
        (["bea@x.org", "bea"], "UTC", InvalidProperty, "'bea' is not a mail address"),
        (["bea@x.org"], "Mars", InvalidTimeZone, "Mars"),
    ],
)
def test_or_none(store: Store, addresses: list[str], zone: str, error: type[DomainError], said: str) -> None:
    with pytest.raises(error, match=said):
        add(store, *addresses, zone=zone)
    assert everybody(store) == ["ann@example.com"]


def test_of_many_that_are_there_some_are_named(store: Store) -> None:
    wanted = [f"p{n}@example.com" for n in range(100)]
    add(store, *wanted)
    with pytest.raises(AlreadyExists) as wrong:
        add(store, *wanted)
    assert wrong.value.message.count("@") == 10
