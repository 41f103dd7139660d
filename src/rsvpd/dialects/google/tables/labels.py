"""Labels: the colors with names that a calendar has for its events, in Google's words.

Rules (guide "Labels"; discovery document: EventLabel, Event.eventLabelId, `eventLabelVersion`).
1. A calendar begins with a label for each color of the palette of events; who owns it writes the whole list anew.
2. An event has one label of its calendar, or none. A label of the palette is its color: both are shown. Any other is
   shown alone (jherforth/HomeGlow#150).
3. With `eventLabelVersion=1` the label is written, without it the color; the other one is passed over.
4. A label that its calendar does not have is shown in no event.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import UNSET, UnsetType

from rsvpd.calendar.calendars import Label
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView
from rsvpd.dialects.google.tables.palette import COLORS, LABEL_COLORS
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE, read_text
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.refusals import COLOR, Refusal
from rsvpd.dialects.shape import Codec

MOST, LONGEST_NAME = 200, 50
# The same in every calendar, so that an event has its color wherever it stands.
_OF_COLOR = {color: str(uuid5(NAMESPACE_URL, f"urn:rsvpd:event-color:{color}")) for color in LABEL_COLORS}
_COLOR_OF = {label: color for color, label in _OF_COLOR.items()}
_USUAL = tuple(Label(id=_OF_COLOR[color], color=seen) for color, seen in LABEL_COLORS.items())


def ids(view: CalendarView) -> frozenset[str]:
    """Return the ids of the labels of a calendar."""
    return frozenset(one.id for one in _labels(view))


def finish(fields: dict[str, Any]) -> None:
    """Let a draft have one color: one of the palette, or that of another label."""
    if "eventLabelId" in fields:
        label = fields["eventLabelId"] or None
        color = _COLOR_OF.get(label or "")
        fields |= {"colorId": color, "eventLabelId": None if color else label}
    elif "colorId" in fields:
        fields["eventLabelId"] = None


def has_own_label(residue: dict[str, dict[str, Any]]) -> bool:
    """Return whether an event has a label that is no color of the palette."""
    return "eventLabelId" in residue.get(GOOGLE, {})


def _labels(view: CalendarView) -> tuple[Label, ...]:
    return _USUAL if view.properties.labels is None else view.properties.labels


def _write(view: CalendarView, ctx: Context) -> dict[str, Any] | None:
    """Return the labels; what they are called says something of the events, which not everybody may read."""
    if view.role < CalendarRole.READ:
        return None
    return {"eventLabels": [_to_wire(one) for one in _labels(view)]}


def _to_wire(label: Label) -> dict[str, str]:
    return {"id": label.id, **({"name": label.name} if label.name else {}), "backgroundColor": label.color}


def _read(value: Any, ctx: Context) -> tuple[Label, ...] | UnsetType:
    if value is not None and not isinstance(value, dict):
        raise ValueError("must be an object")
    listed = (value or {}).get("eventLabels")
    if listed is None:
        return UNSET
    if not isinstance(listed, list) or len(listed) > MOST:
        raise ValueError(f"eventLabels must be a list of at most {MOST}")
    labels = tuple(_read_label(one) for one in listed)
    named = [one.id for one in labels if one.id]
    if len({*named}) < len(named):
        raise ValueError("two of eventLabels have the same id")
    return labels


def _read_label(value: Any) -> Label:
    if not isinstance(value, dict):
        raise ValueError("eventLabels must be a list of objects")
    id, name, color = (value.get(member) or "" for member in ("id", "name", "backgroundColor"))
    if not isinstance(color, str) or not is_color(color):
        raise ValueError("each of eventLabels needs a backgroundColor as #0088aa")
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        raise ValueError(f"the name of each of eventLabels is a text of at most {LONGEST_NAME} letters")
    return Label(id=_read_id(id), color=color.lower(), name=name)


def _read_id(value: Any) -> str:
    """Return the id of a label in small letters; a new one has none yet."""
    if value == "":
        return ""
    try:
        id = str(UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        id = ""
    if not id or id != value.lower():
        raise ValueError("the id of each of eventLabels is a UUID")
    return id


def is_color(text: str) -> bool:
    """Return whether a text is a color as #0088aa."""
    return len(text) == 7 and text[0] == "#" and set(text[1:].lower()) <= set("0123456789abcdef")


def _label(residue: dict[str, dict[str, Any]], ctx: Context) -> str | None:
    kept = residue.get(GOOGLE, {})
    label = kept.get("eventLabelId") or _OF_COLOR.get(kept.get("colorId", ""))
    return label if label in ctx.labels else None


def _read_event_label(value: Any, ctx: Context) -> str | None:
    label = (read_text(value, ctx) or "").lower()
    if label and label not in ctx.labels:
        raise Refusal(COLOR, "eventLabelId: the calendar has no such label.", target="eventLabelId")
    return label or None


def _color(residue: dict[str, dict[str, Any]], ctx: Context) -> str | None:
    color: str | None = residue.get(GOOGLE, {}).get("colorId")
    return color


def _read_color(value: Any, ctx: Context) -> str | None:
    color = read_text(value, ctx) or None
    is_shown = ctx.stored is not None and color == _color(ctx.stored.event.residue, ctx)
    if color and color not in COLORS["event"] and not is_shown:
        raise Refusal(COLOR, "colorId: must be the id of an event's color, see colors.get.", target="colorId")
    return color


LABELS: Codec[Context] = Codec("LabelProperties", _write, _read)
LABEL: Codec[Context] = Codec("string", _label, _read_event_label)
COLOR_ID: Codec[Context] = Codec("string", _color, _read_color)
