"""Data files of earlier versions, as they were: each opens, and answers every question as it did then.

`tests/support/recording.py` makes one; a version that changes what is stored adds its own before it does.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from support.recording import FOLDER, PEOPLE
from support.world import World

NAMES = sorted(one.name.removesuffix(".db.gz") for one in FOLDER.glob("*.db.gz"))

# Members that no version before had, or in which settings are told now: of a calendar, and of how times are written.
NEW = frozenset({"nextSyncToken", "notificationSettings", "conferenceProperties", "dateFormat", "timeFormat"})
LISTED = ("calendar#calendarList", "calendar#calendarListEntry")


def without_new(body: Any) -> Any:
    """Return a body without what earlier versions told otherwise."""
    if isinstance(body, list):
        return [without_new(one) for one in body]
    if not isinstance(body, dict):
        return body
    left_out = NEW | {"etag"} if body.get("kind") in LISTED else NEW
    return {name: without_new(one) for name, one in body.items() if name not in left_out}


def test_there_is_one() -> None:
    assert NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_was_answered_is_answered_again(name: str, tmp_path: Path) -> None:
    recorded: Any = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    world = World(tmp_path, file=gzip.decompress((FOLDER / f"{name}.db.gz").read_bytes()))
    world.now = recorded["now"]
    world.know(*PEOPLE)
    different = []
    for one in recorded["answers"]:
        reply = world.request(one["who"], "GET", one["url"])
        now = without_new(reply.json) if one["body"] is not None else None
        if (reply.status, now) != (one["status"], without_new(one["body"])):
            different.append(f"{one['who']} {one['url']}: {reply.status}")
    world.close()
    assert not different
