"""Partial answers: the `fields` parameter picks what a client wants to see.

    selection = item *( "," item )
    item      = name *( "/" name ) [ "(" selection ")" ]
    name      = letters, digits, "_", "-" or "*" for every name

`items(id,attendees/email),nextPageToken` is `items/id,items/attendees/email,nextPageToken`.
A list is looked through: the selection counts for each of its members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Union

from rsvpd.dialects.google.vocabulary.refusals import Refusal, unknown_field

# Names below names; None is everything from there on.
Selection = Mapping[str, Union["Selection", None]]
Names = Mapping[str, Union["Names", None]]

_TOKEN = re.compile(r"\s*+([A-Za-z0-9_\-]++|\*|[,/()])\s*+", re.ASCII)
_LONGEST, _DEEPEST = 2000, 12
_EVERY = "*"


def parse(text: str) -> Selection:
    """Return the selection in `text`. Raises Refusal with the place that cannot be read."""
    if len(text) > _LONGEST:
        raise _selection_refusal(text, "it is too long")
    reader = _Reader(text)
    selection = reader.selection(0)
    if reader.next is not None:
        raise _selection_refusal(text, f"'{reader.next}' is not expected there")
    return selection


def check(selection: Selection, names: Names) -> None:
    """Raise Refusal where `selection` asks for a name that the answer never has."""
    for name, below in selection.items():
        if name == _EVERY:
            continue
        if name not in names:
            raise _selection_refusal(name, "there is no such field")
        known = names[name]
        if below is not None and known is not None:
            check(below, known)


def pick(value: Any, selection: Selection) -> Any:
    """Return the parts of `value` that `selection` names."""
    match value:
        case list():
            return [pick(one, selection) for one in value]
        case dict():
            return {
                name: one if below is None else pick(one, below)
                for name, one in value.items()
                for below in _below(selection, name)
            }
        case _:
            return value


def _below(selection: Selection, name: str) -> list[Selection | None]:
    """Return what is picked below `name`, in a list of one, or none where it is not picked at all."""
    found = [selection[key] for key in (name, _EVERY) if key in selection]
    return found[:1] if len(found) < 2 else [_merge(found[0], found[1])]


def _merge(one: Selection | None, other: Selection | None) -> Selection | None:
    if one is None or other is None:
        return None
    shared = {name: _merge(one[name], other[name]) for name in one if name in other}
    return {**one, **other, **shared}


class _Reader:
    """Reads tokens one ahead; `next` is None at the end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.next: str | None = None
        self._advance()

    def selection(self, depth: int) -> Selection:
        """Return items up to a closing parenthesis or the end."""
        if depth > _DEEPEST:
            raise _selection_refusal(self._text, "it is nested too deep")
        found = self._item(depth)
        while self.next == ",":
            self._advance()
            found = _merge(found, self._item(depth)) or {}
        return found

    def _item(self, depth: int) -> Selection:
        if depth > _DEEPEST:
            raise _selection_refusal(self._text, "it is nested too deep")
        name = self._name()
        below: Selection | None = None
        if self.next == "/":
            self._advance()
            below = self._item(depth + 1)
        elif self.next == "(":
            self._advance()
            below = self.selection(depth + 1)
            if self.next != ")":
                raise _selection_refusal(self._text, "a ) is missing")
            self._advance()
        return {name: below}

    def _name(self) -> str:
        name = self.next
        if name is None or name in ",/()":
            raise _selection_refusal(self._text, "a name is missing" + (f" before '{name}'" if name else ""))
        self._advance()
        return name

    def _advance(self) -> None:
        if self._at >= len(self._text):
            self.next = None
            return
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise _selection_refusal(self._text, f"'{self._text[self._at]}' is not expected there")
        self._at, self.next = found.end(), found[1]


def _selection_refusal(text: str, why: str) -> Refusal:
    return Refusal(unknown_field(text[:80]), f"fields: {why}.", target="fields")
