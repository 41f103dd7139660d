"""The list of categories of a mailbox: their names are what items are labelled with, colours belong to this list alone.

An item may carry names that are not in the list (Graph: outlookCategory).
"""

from __future__ import annotations

import uuid

from msgspec import Struct

from rsvpd.errors import AlreadyExists, InvalidProperty, ItemNotFound, NotAllowed

# The 25 colours are numbered; none is -1 (Graph: categoryColor).
NO_COLOR, MOST_COLORS = -1, 25
MOST, _LONGEST_NAME = 500, 255
_NAMESPACE = uuid.UUID("2d9ff2ea-7f6a-4fb6-8a4a-6c1e77cf2b56")


class Category(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A category; `id` is a GUID, `color` the number of one of the colours."""

    id: str
    name: str
    color: int = NO_COLOR


Categories = tuple[Category, ...]

# What Outlook puts into a new mailbox.
_FIRST = (
    ("Blue category", 7), ("Green category", 4), ("Orange category", 1), ("Purple category", 8), ("Red category", 0),
    ("Yellow category", 3),
)  # fmt: skip


def first_categories(mailbox: str) -> Categories:
    """Return the categories of a new mailbox, which is named by its owner's GUID."""
    return tuple(Category(str(uuid.uuid5(_NAMESPACE, f"{mailbox} {name}")), name, color) for name, color in _FIRST)


def add(categories: Categories, id: str, name: str, color: int) -> tuple[Categories, Category]:
    """Return the list with one more, and that. Raises AlreadyExists, InvalidProperty, NotAllowed."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        wrong = f"displayName: a name of at most {_LONGEST_NAME} letters is needed."
        raise InvalidProperty(wrong, target="displayName")
    if any(one.name.casefold() == name.casefold() for one in categories):
        raise AlreadyExists(f"A category with the name '{name}' already exists.")
    if len(categories) >= MOST:
        raise NotAllowed(f"A mailbox has at most {MOST} categories.")
    made = Category(id, name, color)
    return (*categories, made), made


def find(categories: Categories, id: str) -> Category:
    """Return one of the list. Raises ItemNotFound."""
    found = next((one for one in categories if one.id == id.lower()), None)
    if found is None:
        raise ItemNotFound
    return found
