"""Compares what everybody sees, in every dialect, with the model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from support.laws.model import At, Copy, Inboxes, Meeting, Own, Told
from support.laws.moves import FULL, INFORMATIONAL, NEW
from support.seen import Note, minute
from support.speakers import DIALECTS, Google, Seen, Speaker

FIRST, LAST = "2027-01-01", "2027-12-31"
SHARED = ("subject", "start", "end", "body", "location", "importance")

Sight = dict[str, Any]
Place = tuple[str, At]


def look(said: dict[str, Speaker], who: str) -> dict[str, dict[Place, Seen]]:
    """Return by dialect what `who` has in the calendar, by meeting and original start."""
    views = {name: said[name].calendar(who, FIRST, LAST, "UTC") for name in DIALECTS}
    where = {seen.id: _place_in_graph(seen) for seen in views["graph"]}  # one id in all three
    found: dict[str, dict[Place, Seen]] = {}
    for name, view in views.items():
        of_google = isinstance(said[name], Google)
        places = [_place_in_google(one) if of_google else where.get(one.id) for one in view]
        assert None not in places, f"{name} shows {who} something that graph does not"
        found[name] = {place: one for place, one in zip(places, view, strict=True) if place}
        assert len(found[name]) == len(view), f"{name} shows {who} something twice"
    return found


def expected(meetings: list[Meeting], who: str, dialect: str) -> dict[Place, Sight]:
    """Return what `who` must see. What is not in a sight may be anything."""
    sights: dict[Place, Sight] = {}
    for meeting in meetings:
        if who == meeting.organizer:
            seen = {at: _organizers(meeting, at, dialect) for at in meeting.shown}
        elif who in meeting.copies:
            seen = {at: _guests(meeting, who, at, dialect) for at in meeting.copies[who].shown}
        else:
            continue
        sights |= {(meeting.uid, at): sight for at, sight in seen.items() if sight is not None}
    return sights


def differences(found: dict[Place, Seen], wanted: dict[Place, Sight]) -> list[str]:
    """Return in words where both differ."""
    lines = [f"missing {place}" for place in wanted if place not in found]
    lines += [f"too much {place}: {seen}" for place, seen in found.items() if place not in wanted]
    for place, sight in wanted.items():
        if place in found:
            pairs = ((name, getattr(found[place], name), value) for name, value in sight.items())
            lines += [f"{place} {name}: {seen!r}, not {value!r}" for name, seen, value in pairs if seen != value]
    return lines


def told(note: Note) -> Told:
    """Return a message as the model knows it; the text of an invitation is the meeting's."""
    is_request = note.kind == "meetingRequest"
    kinds = [word for word in (NEW, FULL, INFORMATIONAL) if word in note.facts]
    return Told(note.kind, note.subject, note.sender, "" if is_request else note.text, "".join(kinds))


def due(inboxes: Inboxes, meetings: list[Meeting], who: str) -> list[tuple[Told, bool]]:
    """Return what `who` must find in the inbox, and whether it must be marked as out of date."""
    latest = {meeting.uid: meeting.latest.get(who, 0) for meeting in meetings}
    return [
        (replace(one, uid="", revision=0), bool(one.uid) and one.revision < latest[one.uid]) for one in inboxes[who]
    ]


def can_reach(meeting: Meeting, who: str, at: At, dialect: str) -> bool:
    """Return whether this part stands where `who` can name it in this dialect."""
    if who == meeting.organizer:
        return not meeting.is_off and not meeting.parts[at].is_excluded
    copy = meeting.copies.get(who)
    if copy is None or at not in copy.parts or copy.parts[at].is_gone or not _is_in_view(copy, dialect):
        return False
    return dialect == "google" or at is None or copy.parts[at].said.answer != "declined"


def can_answer(meeting: Meeting, who: str, at: At, dialect: str) -> bool:
    """Return whether this part can be answered: what was called off cannot."""
    return can_reach(meeting, who, at, dialect) and not meeting.copies[who].parts[at].is_off


def _is_in_view(copy: Copy, dialect: str) -> bool:
    return copy.where == "live" or (copy.where == "declined" and dialect == "google")


def _organizers(meeting: Meeting, at: At, dialect: str) -> Sight | None:
    if not can_reach(meeting, meeting.organizer, at, dialect):
        return None
    part = meeting.parts[at]
    sight = {name: getattr(part.facts, name) for name in SHARED}
    sight |= {
        "is_organizer": True,
        "cancelled": False,
        "own_answer": "organizer",
        "guests": frozenset(part.guests),
        "answers": {_address(one): part.tracked[one] for one in part.guests},
    }
    if dialect == "graph":
        sight["proposals"] = {who: minute(when) for who, when in part.proposed.items()}
    return _spoken(sight, part.reminder, dialect)


def _guests(meeting: Meeting, who: str, at: At, dialect: str) -> Sight | None:
    if not can_reach(meeting, who, at, dialect):
        return None
    own = meeting.copies[who].parts[at]
    if own.is_off and dialect == "google":
        return None  # a list there shows no cancelled events
    sight = {name: getattr(own.facts, name) for name in SHARED if name not in own.edited}
    if own.is_off and "subject" in sight:
        sight["subject"] = f"Canceled: {own.facts.subject}"
    sight |= {"is_organizer": False, "cancelled": own.is_off, "own_answer": own.said.answer}
    if not own.is_off:
        sight |= _others(meeting, own, who, at, dialect)
    return _spoken(sight, own.reminder, dialect)


def _others(meeting: Meeting, own: Own, who: str, at: At, dialect: str) -> Sight:
    """Outlook shows guests the list and nobody's answer, Google also the answers."""
    if meeting.is_hidden:
        return {"guests": frozenset({who}), "answers": {}}
    part = meeting.parts[at]
    everybody = part.guests if dialect == "google" else own.guests
    answers = {
        _address(one): part.tracked[one] if dialect == "google" else "none" for one in everybody if one != who
    }
    return {"guests": frozenset(everybody), "answers": answers}


def _spoken(sight: Sight, reminder: int | None, dialect: str) -> Sight:
    if reminder is not None:
        sight["reminder"] = str(reminder)
    if dialect == "google":
        sight.pop("importance", None)
    return sight


def _place_in_graph(seen: Seen) -> Place:
    original = seen.raw.get("originalStart")
    return seen.raw["iCalUId"].partition("_")[0], datetime.fromisoformat(original) if original else None


def _place_in_google(seen: Seen) -> Place:
    original = seen.raw.get("originalStartTime")
    return seen.raw["iCalUID"], datetime.fromisoformat(original["dateTime"]).astimezone(UTC) if original else None


def _address(name: str) -> str:
    return f"{name}@example.com"
