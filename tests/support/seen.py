"""What people see, in words that all dialects share. None is what a dialect cannot say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

ANSWERS = ("accepted", "tentative", "declined")


class Seen(Struct, frozen=True, kw_only=True):
    """A meeting as one person sees it. Times are UTC; a date stands at its midnight.

    `answers` are the tracked answers of everybody but the viewer and the organizer, `none` included;
    `words` the same with the dialect's own word and the time beside it, the viewer's as `own`.
    `proposals` are the new times that attendees ask for, `brings` who comes along with them.
    """

    subject: str
    start: datetime
    end: datetime
    is_organizer: bool
    cancelled: bool
    own_answer: str
    answers: dict[str, str]
    guests: frozenset[str]
    id: str
    etag: str
    all_day: bool
    location: str
    body: str
    sensitivity: str
    show_as: str
    kind: str | None = None
    reminder: str | None = None
    importance: str | None = None
    categories: tuple[str, ...] | None = None
    words: dict[str, tuple[str, str]] | None = None
    roles: dict[str, str] | None = None
    proposals: dict[str, str] | None = None
    brings: dict[str, int] | None = None
    comments: dict[str, str] | None = None
    sequence: int | None = None
    raw: dict[str, Any] = {}


class Note(Struct, frozen=True, kw_only=True):
    """A message in a folder. `facts` are what else it says, as the words of a dialogue."""

    kind: str
    subject: str
    sender: str
    text: str
    id: str
    facts: frozenset[str] = frozenset()
    conversation: str = ""


def common(word: str) -> str:
    """Return one word for the same answer in every dialect."""
    lower = word[:1].lower() + word[1:]
    same = {"notResponded": "none", "needsAction": "none", "tentativelyAccepted": "tentative"}
    return same.get(lower, lower)


def small(word: str) -> str:
    """Return a word with a small first letter, as Graph writes it."""
    return word[:1].lower() + word[1:]


def named(guest: str) -> tuple[str, str]:
    """Return address and role of a guest: `carol (optional)` is carol@example.com."""
    name, _, role = guest.partition(" (")
    address = name if "@" in name else f"{name}@example.com"
    return address, role.rstrip(")") or "required"


def short(address: str) -> str:
    """Return the name of somebody of this server, and the address of somebody outside."""
    return address.removesuffix("@example.com")


def minute(when: datetime) -> str:
    """Return an instant as dialogues write it."""
    return when.strftime("%Y-%m-%d %H:%M")
