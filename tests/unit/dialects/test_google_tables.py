"""Google's tables against the published names and types, and as golden text.

`RSVPD_UPDATE_GOLDEN=1 pytest …` writes the golden file anew; the difference is for the reviewer.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.dialects.google.tables.attendee import ATTENDEE
from rsvpd.dialects.google.tables.calendar import CALENDAR, CALENDAR_LIST_ENTRY
from rsvpd.dialects.google.tables.resources import DEFAULTS, EVENT, KEPT, NOT_EMULATED
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.shape import Access, Shape
from support.google_door import context

HERE = Path(__file__).parent
SHAPES = (EVENT, ATTENDEE, CALENDAR, CALENDAR_LIST_ENTRY)
# Fields of a draft that several members make together (`drafts.py`, `attendee.py`).
JOINED = {*KEPT, "extendedProperties", "id", "reminders", "privateCopy", "eventType", "optional", "resource"}
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


def published(name: str) -> dict[str, str]:
    lines = (HERE / "data" / "google_properties.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line[0] != "#")
    return {prop: kind for type_name, prop, kind in rows if type_name == name}


@each_shape
def test_names_and_types_are_the_published_ones(shape: Shape[Context]) -> None:
    assert {prop.name: prop.codec.edm for prop in shape.props}.items() <= published(shape.name).items()


@each_shape
def test_what_is_published_is_there_or_said_to_be_missing(shape: Shape[Context]) -> None:
    here, missing = {prop.name for prop in shape.props}, set(NOT_EMULATED[shape.name])
    assert here | missing == set(published(shape.name))
    assert not here & missing


def test_expanded_tables_equal_the_golden_file() -> None:
    path = HERE / "golden" / "google.txt"
    expanded = "".join(
        f"{shape.name:18} {prop.name:24} {prop.codec.edm:22} {prop.access.value:10} {prop.source or '-'}\n"
        for shape in SHAPES
        for prop in shape.props
    )
    if os.environ.get("RSVPD_UPDATE_GOLDEN"):
        path.write_text(expanded, encoding="utf-8")
    assert expanded == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("shape", "draft"), [(EVENT, EventDraft), (ATTENDEE, AttendeeDraft)])
def test_what_can_be_written_has_a_place_in_the_draft(shape: Shape[Context], draft: type) -> None:
    fields = {
        prop.field or prop.source.rpartition(".")[2]
        for prop in shape.props
        if prop.access is not Access.READ_ONLY
    }
    assert fields - JOINED <= set(draft.__struct_fields__)


def test_defaults_are_members_that_can_be_read() -> None:
    fields, ignored = EVENT.read(DEFAULTS, context())
    assert len(fields) == len(DEFAULTS)
    assert not ignored
