"""The table of categories (Graph: outlookCategory)."""

from __future__ import annotations

from typing import Any

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import TEXT, Ctx
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown


def category_table(t: Types) -> Shape[Ctx]:
    """Return the table of categories; what was named once keeps its name."""
    return Shape(
        "outlookCategory",
        (
            Prop(name="id", source="id", codec=TEXT, shown=Shown.ALWAYS, query="id"),
            Prop(name="displayName", source="name", codec=TEXT, access=Access.CREATE, query="name"),
            Prop(name="color", source="color", codec=_color(t), access=Access.WRITE),
        ),
        base="entity",
    )


def _color(t: Types) -> Codec[Ctx]:
    """Return the codec of a colour: `none` and `preset0` to `preset24`, which stand for their numbers."""
    spelled = {number: t.style.word(word) for word, number in words.CATEGORY_COLOR.members}
    numbers = {word.lower(): number for word, number in words.CATEGORY_COLOR.members}

    def read(value: Any, _: Ctx) -> int:
        if value is not None and (not isinstance(value, str) or value.lower() not in numbers):
            raise ValueError("none or preset0 to preset24 is expected.")
        return numbers["none"] if value is None else numbers[value.lower()]

    return Codec(t.edm(words.CATEGORY_COLOR.name), lambda number, _: spelled[number], read)
