"""How single values stand on Google's wire, both directions together.

`Codec.edm` holds the type as the discovery document writes it: `string`, `string:date-time`, `boolean`,
`EventDateTime`, `[EventAttendee]`, `{creator}` for an object without a name of its own. A writer
returns None for what is left out of an answer; Google sends no nulls.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain
from typing import Any

from msgspec import UNSET, UnsetType

from rsvpd.calendar.event import Answer, Event, Location, Sensitivity, ShowAs, Status
from rsvpd.calendar.view import EventView
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.times import read_when, write_instant, write_when
from rsvpd.dialects.shape import Codec, Constant
from rsvpd.mail.content import Body, BodyKind, as_fragment

GOOGLE = "google"  # the key of this dialect's residue

ANSWERS = {
    "needsAction": Answer.NONE,
    "declined": Answer.DECLINED,
    "tentative": Answer.TENTATIVE,
    "accepted": Answer.ACCEPTED,
}
ANSWER_WORDS = {answer: word for word, answer in ANSWERS.items()}
STATUSES = {word.value: word for word in Status}
# RFC 5545 CLASS knows no "personal"; Google shows it as private. "public" is kept as residue.
VISIBILITIES = {
    "default": Sensitivity.NORMAL,
    "public": Sensitivity.NORMAL,
    "private": Sensitivity.PRIVATE,
    "confidential": Sensitivity.CONFIDENTIAL,
}
TRANSPARENCIES = ("opaque", "transparent")

# What every change raises by one stays within 32 bits (RFC 5545 3.3.8), also where somebody counts in seconds.
LAST_SEQUENCE = 2**31 - 2**20

_MARKUP = re.compile(
    r"</?+(?:a|b|i|u|s|p|br|hr|ul|ol|li|div|span|strong|em|h[1-6]|table|tr|td|img|pre|blockquote|html|body"
    r"|script|style|svg|math|iframe|object|embed|form|input|button|video|audio|details|link|meta|base)\b[^<>]*+>",
    re.I,
)
_HANDLER = re.compile(r"[\s/\"']on[a-z]++\s?+=", re.I)
_CALLED_OFF = "Canceled: "


def read_only(type_name: str, write: Callable[[Any, Context], Any]) -> Codec[Context]:
    """Return the codec of what the server alone writes."""
    return Codec(type_name, write, _refuse_to_read)


def constant(value: str) -> Codec[Context]:
    """Return the codec of a word that never differs."""
    return read_only("string", Constant(value))


def read_text(value: Any, ctx: Context) -> str | None:
    """Return a string; null clears it."""
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def read_flag(value: Any, ctx: Context) -> bool | None:
    """Return true or false; null clears it."""
    if value is not None and not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def flag_other_than(default: bool) -> Codec[Context]:
    """Return the codec of a flag that is shown only where it is not `default`; null means the default."""

    def read(value: Any, ctx: Context) -> bool:
        return default if value is None else bool(read_flag(value, ctx))

    return Codec("boolean", lambda value, ctx: value if value is not default else None, read)


def residue_member(name: str, type_name: str, check: Callable[[Any], None]) -> Codec[Context]:
    """Return the codec of a member that only this dialect has: kept as it came, given back unharmed."""

    def read(value: Any, ctx: Context) -> Any:
        if value is not None:
            check(value)
        return value

    return Codec(type_name, lambda residue, ctx: residue.get(GOOGLE, {}).get(name), read)


def extended_properties(event: Event) -> dict[str, dict[str, str]]:
    """Return what programs keep in an event: `private` to its copy, and `shared`."""
    kept = (one.get(GOOGLE, {}).get("extendedProperties", {}) for one in (event.residue, event.shared_residue))
    return dict(chain.from_iterable(one.items() for one in kept))


def _read_extended(value: Any, ctx: Context) -> Any:
    if value is not None:
        is_extended(value)
    return value


def is_flag(value: Any) -> None:
    """Raise ValueError unless `value` is true or false."""
    read_flag(value, _NOWHERE)


def is_object(value: Any) -> None:
    """Raise ValueError unless `value` is an object."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")


def is_objects(value: Any) -> None:
    """Raise ValueError unless `value` is a list of at most 25 objects."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("must be a list of objects")
    if len(value) > 25:
        raise ValueError("at most 25 are allowed")


def is_extended(value: Any) -> None:
    """Raise ValueError unless `value` is {private: {…}, shared: {…}} with texts in them."""
    is_object(value)
    for scope, names in value.items():
        if scope not in ("private", "shared"):
            raise ValueError(f"knows private and shared, not {scope[:40]}")
        if not isinstance(names, dict) or not all(isinstance(one, str) for one in names.values()):
            raise ValueError(f"{scope} must be an object of strings")


def is_source(value: Any) -> None:
    """Raise ValueError unless `value` is {title, url} with a web address."""
    is_object(value)
    url = value.get("url")
    if url is not None and (not isinstance(url, str) or not url.startswith(("http://", "https://"))):
        raise ValueError("url must start with http:// or https://")
    if not isinstance(value.get("title", ""), str):
        raise ValueError("title must be a string")


def _read_word(words: dict[str, Any], value: Any) -> Any:
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"must be one of {', '.join(words)}")
    return words[value]


def _refuse_to_read(value: Any, ctx: Context) -> Any:
    raise ValueError("is read-only")


def _write_status(view: EventView, ctx: Context) -> str:
    return Status.CANCELLED.value if view.state == view.state.DELETED else view.event.status.value


def _read_status(value: Any, ctx: Context) -> Status:
    return Status.CONFIRMED if value is None else _read_word(STATUSES, value)


def _write_subject(view: EventView, ctx: Context) -> str | None:
    """The subject of a meeting that was called off is marked in its guests' copies, which Google does not do."""
    marked = view.event.status is Status.CANCELLED and not view.meeting.is_organizer
    return (view.event.subject.removeprefix(_CALLED_OFF) if marked else view.event.subject) or None


def _read_subject(value: Any, ctx: Context) -> str | None:
    text = read_text(value, ctx)
    is_shown = ctx.stored is not None and text is not None and text == _write_subject(ctx.stored, ctx)
    return ctx.stored.event.subject if ctx.stored and is_shown else text


def _read_body(value: Any, ctx: Context) -> Body | None:
    text = read_text(value, ctx)
    if text is None:
        return None
    if ctx.stored and text in (ctx.stored.event.body.text, as_fragment(ctx.stored.event.body)):
        return ctx.stored.event.body
    return Body(text, BodyKind.HTML if _is_html(text) else BodyKind.TEXT)


def _is_html(text: str) -> bool:
    """Return whether a description is HTML: it has a tag that people write, or one that could do something."""
    return "<" in text and (_MARKUP.search(text) or _HANDLER.search(text)) is not None


def places_text(places: tuple[Location, ...]) -> str:
    """Return the one text that Google shows for all places."""
    return "; ".join(place.name for place in places)


def _read_places(value: Any, ctx: Context) -> tuple[Location, ...]:
    text = read_text(value, ctx) or ""
    if ctx.stored and places_text(ctx.stored.event.locations) == text:
        return ctx.stored.event.locations
    return (Location(name=text),) if text else ()


def _read_transparency(value: Any, ctx: Context) -> ShowAs:
    """`opaque` says less than the model knows: tentative and out of office stay what they are."""
    if value not in (None, *TRANSPARENCIES):
        raise ValueError(f"must be one of {', '.join(TRANSPARENCIES)}")
    if value == "transparent":
        return ShowAs.FREE
    before = ctx.stored.event.show_as if ctx.stored else ShowAs.BUSY
    return ShowAs.BUSY if before is ShowAs.FREE else before


def _write_visibility(view: EventView, ctx: Context) -> str | None:
    match view.event.sensitivity:
        case Sensitivity.NORMAL:
            visibility: str | None = view.event.residue.get(GOOGLE, {}).get("visibility")
            return visibility
        case Sensitivity.CONFIDENTIAL:
            return "confidential"
        case _:
            return "private"


def _read_visibility(value: Any, ctx: Context) -> Sensitivity:
    wanted: Sensitivity = Sensitivity.NORMAL if value is None else _read_word(VISIBILITIES, value)
    before = ctx.stored.event.sensitivity if ctx.stored else None
    if before is Sensitivity.PERSONAL and wanted is Sensitivity.PRIVATE:
        return before
    return wanted


def _read_sequence(value: Any, ctx: Context) -> int | UnsetType:
    """Return the number of a revision; without one it is what comes next."""
    if value is None:
        return UNSET
    if type(value) is not int or not 0 <= value <= LAST_SEQUENCE:
        raise ValueError(f"must be a whole number from 0 to {LAST_SEQUENCE}")
    return value


def _read_lines(value: Any, ctx: Context) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise ValueError("must be a list of strings")
    if len(value) > 100 or any(len(line) > 10_000 for line in value):
        raise ValueError("is too long")
    return tuple(value) or None


def when(name: str) -> Codec[Context]:
    """Return the codec of `start` or `end`."""
    return Codec(
        "EventDateTime",
        lambda value, ctx: write_when(value, ctx.zone),
        lambda value, ctx: read_when(value, ctx, name=name),
    )


def recurrence(write: Callable[[EventView, Context], list[str] | None]) -> Codec[Context]:
    """Return the codec of the lines of a recurring event; what they mean needs its start (`drafts.py`)."""
    return Codec("[string]", write, _read_lines)


_NOWHERE = Context(me="", calendar_zone="UTC")

STRING: Codec[Context] = Codec("string", lambda value, ctx: value or None, read_text)
SEQUENCE: Codec[Context] = Codec("integer:int32", lambda value, ctx: value, _read_sequence)
INSTANT: Codec[Context] = read_only("string:date-time", lambda value, ctx: write_instant(value))
FLAG: Codec[Context] = Codec("boolean", lambda value, ctx: value or None, read_flag)
ORIGINAL: Codec[Context] = read_only(
    "EventDateTime", lambda value, ctx: None if value is None else write_when(value, ctx.zone)
)
STATUS: Codec[Context] = Codec("string", _write_status, _read_status)
SUBJECT: Codec[Context] = Codec("string", _write_subject, _read_subject)
BODY: Codec[Context] = Codec("string", lambda body, ctx: as_fragment(body) or None, _read_body)
PLACES: Codec[Context] = Codec("string", lambda places, ctx: places_text(places) or None, _read_places)
TRANSPARENCY: Codec[Context] = Codec(
    "string", lambda value, ctx: "transparent" if value is ShowAs.FREE else None, _read_transparency
)
VISIBILITY: Codec[Context] = Codec("string", _write_visibility, _read_visibility)
EXTENDED: Codec[Context] = Codec(
    "{extendedProperties}", lambda event, ctx: extended_properties(event) or None, _read_extended
)
PRIVATE_COPY: Codec[Context] = Codec(
    "boolean", lambda value, ctx: value or None, lambda value, ctx: bool(read_flag(value, ctx))
)
