"""What is done with a series costs what it does, however many of its dates were answered: rows and bytes written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.engines import sqlite_of
from support.world import World

DATES, GUESTS, FEW = 60, 12, 5
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-03-01T00:00:00Z"


def written(world: World, act: Callable[[], Any]) -> tuple[int, int]:
    """Return how many rows something writes, and by how many bytes it lets the WAL grow."""
    connection, wal = sqlite_of(world.store).connection, world.path.with_name(world.path.name + "-wal")
    rows, size = connection.total_changes, wal.stat().st_size
    act()
    return connection.total_changes - rows, wal.stat().st_size - size


@pytest.mark.data_file
def test_rule_19_long_series_many_answers_stays_quick(world: World) -> None:
    guests = ["bob", *(f"guest{number}" for number in range(GUESTS - 1))]
    for name in guests[1:]:
        world.add(name)
    made = world.request("alice", "POST", "/v1.0/me/events", {
        "subject": "Stand-up",
        "start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T09:15:00", "timeZone": "UTC"},
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": DATES},
        },
        "attendees": [{"emailAddress": {"address": f"{name}@example.com"}} for name in guests],
    })  # fmt: skip
    series = made.json["id"]
    own = world.request("bob", "GET", "/v1.0/me/events?$select=id").json["value"][0]["id"]
    dates = world.request("bob", "GET", f"/v1.0/me/events/{own}/instances?{WINDOW}&$top=100&$select=id").json["value"]
    assert len(dates) == DATES

    def answer(some: list[dict[str, str]]) -> None:
        for date in some:
            assert world.request("bob", "POST", f"/v1.0/me/events/{date['id']}/tentativelyAccept", {}).status == 202

    def rename(subject: str) -> None:
        assert world.request("alice", "PATCH", f"/v1.0/me/events/{series}", {"subject": subject}).status == 200

    few, renamed = written(world, lambda: answer(dates[:FEW])), written(world, lambda: rename("One"))
    answer(dates[FEW:-FEW])
    many, renamed_late = written(world, lambda: answer(dates[-FEW:])), written(world, lambda: rename("Two"))
    assert many[0] == few[0]
    assert many[1] <= 2 * few[1]
    assert renamed_late[0] == renamed[0]
    assert renamed_late[1] <= 2 * renamed[1]
