"""The doctor's report and a room, as tables."""

from __future__ import annotations

import pytest

from rsvpd.cli.report import print_report, print_room
from rsvpd.control.doctor import FEATURES, report
from rsvpd.control.rooms import Policy, RoomMailbox

ROOM = RoomMailbox(
    address="orion@example.com",
    name="Orion",
    policy=Policy(
        auto="accept", horizon_days=None, recurring=True, max_minutes=90, max_conflicts=0, conflict_percentage=0,
        capacity=None, delegates=("alice@example.com", "bob@example.com"),
    ),
)  # fmt: skip


def test_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(report({"path": "/x.db", "wal_bytes": 0, "faults": []}))
    text = capsys.readouterr().out.splitlines()
    rows = [line for line in text if any(line.startswith(f"{one.name}  ") for one in FEATURES)]
    assert len(rows) == len(FEATURES)
    assert [line.split() for line in text[-3:]] == [["path", "/x.db"], ["wal", "bytes", "0"], ["faults", "none"]]
    print_report(report(None))
    assert "rsvpd up" in capsys.readouterr().out.splitlines()[-1]


def test_a_room(capsys: pytest.CaptureFixture[str]) -> None:
    print_room(ROOM)
    text = capsys.readouterr().out.splitlines()
    assert text[0].split() == ["orion@example.com", "Orion"]
    values = dict(line.split(maxsplit=1) for line in text[1:])
    assert (values["auto"], values["horizon-days"], values["recurring"]) == ("accept", "none", "yes")
    assert values["delegates"] == "alice@example.com, bob@example.com"
