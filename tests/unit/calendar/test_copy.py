"""What is kept of single dates: as it was stored, and as it was changed since."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET, Struct, json
from msgspec.structs import asdict

from rsvpd.calendar.copy import CalledOff, Overlay, OwnDates, OwnPart, Private, Response
from rsvpd.calendar.event import Answer, CommentReaders, Sensitivity
from support.meetings import FIRST, SECOND, THIRD, bobs, series

RED, BLUE = Private(categories=("Red",)), Private(categories=("Blue",))
OFF, MINE = Private(called_off=CalledOff()), Private(overlay=Overlay(subject="Mine"))



def changed(dates: OwnDates, changes: list[tuple[str, Private]]) -> OwnDates:
    for rid, private in changes:
        dates = dates.with_date(rid, private)
    return dates


@pytest.mark.parametrize(
    ("stored", "changes", "kept"),
    [
        pytest.param({}, [], {}, id="nothing"),
        pytest.param({FIRST: RED, SECOND: MINE}, [], {FIRST: RED, SECOND: MINE}, id="as it was stored"),
        pytest.param({}, [(THIRD, BLUE)], {THIRD: BLUE}, id="the first of all"),
        pytest.param({FIRST: RED, SECOND: MINE}, [(THIRD, BLUE)], {FIRST: RED, SECOND: MINE, THIRD: BLUE}, id="more"),
        pytest.param({FIRST: RED, SECOND: MINE}, [(FIRST, BLUE)], {FIRST: BLUE, SECOND: MINE}, id="one that changed"),
        pytest.param(
            {FIRST: RED}, [(THIRD, RED), (FIRST, BLUE), (THIRD, OFF)], {FIRST: BLUE, THIRD: OFF}, id="one by one"
        ),
    ],
)
def test_what_is_kept_of_dates(
    stored: dict[str, Private], changes: list[tuple[str, Private]], kept: dict[str, Private]
) -> None:
    dates = changed(OwnDates(stored, ()), changes)
    assert (list(dates), dict(dates)) == (list(kept), kept)
    assert (len(dates), bool(dates)) == (len(kept), bool(kept))
    assert [one in dates for one in (FIRST, SECOND, THIRD)] == [one in kept for one in (FIRST, SECOND, THIRD)]
    with pytest.raises(KeyError):
        dates["20270301T100000"]


@pytest.mark.parametrize(
    ("stored", "changes", "apart"),
    [
        pytest.param({}, [], set(), id="nothing"),
        pytest.param({FIRST: RED, SECOND: MINE, THIRD: OFF}, [], {SECOND, THIRD}, id="changed, or called off"),
        pytest.param({FIRST: RED, SECOND: MINE}, [(THIRD, OFF)], {SECOND, THIRD}, id="called off since"),
        pytest.param({FIRST: RED, SECOND: MINE}, [(SECOND, RED)], set(), id="no longer"),
        pytest.param({}, [(THIRD, OFF)], {THIRD}, id="called off, the first of all"),
    ],
)
def test_which_dates_stand_apart_in_the_own_copy(
    stored: dict[str, Private], changes: list[tuple[str, Private]], apart: set[str]
) -> None:
    index = [rid for rid, one in stored.items() if one is not RED]
    assert bobs(series(), dates=changed(OwnDates(stored, index), changes)).dates_apart().keys() == apart
    assert bobs(series(), dates={**stored, **dict(changes)}).dates_apart().keys() == apart


@pytest.mark.parametrize(
    ("kind", "stored", "members"),
    [
        pytest.param(
            OwnPart,
            b'{"v":1,"is_organizer":false}',
            {
                "is_organizer": False, "is_private_copy": False, "address": "", "sequence": 0, "dtstamp": 0,
                "own": Private(), "invited_to": None,
                "removed": (), "transaction_id": None, "created": 0, "modified": 0, "creator": None,
            },
            id="a copy",
        ),
        pytest.param(
            Private,
            b"{}",
            {
                "show_as": None, "sensitivity": Sensitivity.NORMAL, "categories": (), "reminder_on": True,
                "reminder_minutes": 15, "reminder_snoozed": 0, "reminder_dismissed": 0, "answer": Answer.NONE,
                "answered": 0, "answered_through": "", "comment": "", "guests": 0,
                "comment_readers": CommentReaders.ORGANIZER,
                "organizer_knows": False, "reply_dtstamp": 0, "auto_decline": None, "residue": {},
                "overlay": None, "called_off": None,
            },
            id="what is private",
        ),
        pytest.param(
            Response,
            b"{}",
            {
                "answer": Answer.NONE, "answered": 0, "answered_through": "", "sequence": 0, "dtstamp": 0,
                "comment": "", "comment_readers": CommentReaders.ORGANIZER, "guests": 0, "name": "", "proposal": None,
            },
            id="an answer",
        ),
        pytest.param(
            Overlay,
            b"{}",
            dict.fromkeys(("start", "end", "subject", "body", "locations", "importance", "attachments"), UNSET),
            id="what was changed in the own copy",
        ),
        pytest.param(CalledOff, b"{}", {"event": None, "responses": {}}, id="what was called off"),
    ],
)  # fmt: skip
def test_what_is_not_stored_means_the_same_for_ever(kind: type[Struct], stored: bytes, members: dict[str, Any]) -> None:
    """A member that has its default is left out of the data file, where later versions read it."""
    assert asdict(json.decode(stored, type=kind)) == members
