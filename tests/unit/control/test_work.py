"""Many people at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.directory import get_known
from rsvpd.commands.people import people
from rsvpd.control import work
from rsvpd.control.people import NewPerson
from rsvpd.errors import (
    AlreadyExists,
    DomainError,
    InvalidProperty,
    InvalidTimeZone,
    PersonNotFound,
    UnknownProperty,
)
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


def test_what_is_known_of_them_comes_along_with_managers_who_are_new_as_well(store: Store) -> None:
    news = [
        NewPerson(address="bea@example.com", members={"JobTitle": "Engineer", "manager": "cleo"}),
        NewPerson(address="cleo@example.com", members={"manager": "ann@example.com"}),
        NewPerson(address="dora@example.com"),
    ]
    bea, cleo, dora = (store.run(get_known, one) for one in work.run(work.addition(news, NOW), store.run))
    assert bea.view.profile.job_title == "Engineer"
    assert [one.manager and one.manager.address for one in (bea, cleo, dora)] == [
        "cleo@example.com", "ann@example.com", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("members", "error", "said"),
    [
        ({"shoeSize": "38"}, UnknownProperty, "shoeSize"),
        ({"jobTitle": "x" * 200}, InvalidProperty, "jobTitle"),
        ({"manager": "zoe"}, PersonNotFound, "bea@example.com: nobody is called zoe"),
    ],
)
def test_what_cannot_be_known_of_one_stops_all(
    store: Store, members: dict[str, str], error: type[DomainError], said: str
) -> None:
    news = [NewPerson(address="abe@example.com"), NewPerson(address="bea@example.com", members=members)]
    with pytest.raises(error, match=said):
        work.run(work.addition(news, NOW), store.run)
    assert everybody(store) == ["ann@example.com"]
