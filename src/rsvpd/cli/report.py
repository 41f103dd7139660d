"""`rsvpd doctor` and `rsvpd room` as tables: what the server does, how its file is, what a room does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from msgspec import structs

from rsvpd.cli.tables import Column, print_table
from rsvpd.control.doctor import Feature, Report
from rsvpd.control.profiles import KnownPerson
from rsvpd.control.rooms import RoomMailbox

_LEAST_NAME, _LEAST_NOTE = 24, 16


def print_report(found: Report) -> None:
    """Print a doctor's report."""
    print(f"rsvpd {found.version}: what it does of the real services")
    for area, features in groupby(found.features, lambda one: one.area):
        print()
        _print_features(area, list(features))
    print()
    if found.health is None:
        print("Data file: none yet; `rsvpd up` makes one")
    else:
        health = {key.replace("_", " "): _word(value, "; ") for key, value in found.health.items()}
        _print_values("DATA FILE", "", health)


def print_room(one: RoomMailbox) -> None:
    """Print a room, in the words of the flags that change it."""
    policy = structs.asdict(one.policy)
    values = {key.replace("_", "-"): _word(value) for key, value in policy.items()}
    values |= {name: _word(value) for name, value in one.place.items()} | {"list": _word(one.lists)}
    _print_values(one.address, one.name, values)


def print_known(one: KnownPerson) -> None:
    """Print what is known of somebody, in the words that set it."""
    values = one.members | {"manager": one.manager or "none", "administrator": one.is_administrator}
    _print_values(one.address, one.name, {name: _word(value) for name, value in values.items()})


def _print_features(area: str, features: Iterable[Feature]) -> None:
    names, extents, notes = zip(*((one.name, one.extent.value, one.note) for one in features), strict=True)
    print_table(
        [
            Column(area.upper(), names, _LEAST_NAME, wraps=True),
            Column("", extents),
            Column("", notes, _LEAST_NOTE, wraps=True),
        ]
    )


def _print_values(title: str, other: str, values: Mapping[str, str]) -> None:
    print_table([Column(title, tuple(values)), Column(other, tuple(values.values()), _LEAST_NOTE, wraps=True)])


def _word(value: Any, between: str = ", ") -> str:
    match value:
        case None | () | []:
            return "none"
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return between.join(map(str, value))
    return str(value)
