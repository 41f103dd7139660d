"""Answers: the same headers around every body, and the bodies that are not entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rsvpd.dialects.microsoft.exchange import control_info, hints
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.preferences import VERSION, content_type
from rsvpd.dialects.odata.options import Steps, next_query
from rsvpd.dialects.wire import Response
from rsvpd.hints import Hint
from rsvpd.query.algebra import MailboxState, Page

encode = msgspec.json.Encoder().encode

# A type and its parameters, all of it printable.
_MEDIA = re.compile(r"[\w.+-]++/[\w.+-]++(?:;[ -~]*+)?", re.ASCII)

Headers = tuple[tuple[str, str], ...]


def entity(
    call: Call,
    members: Mapping[str, Any],
    *,
    status: int = 200,
    select: tuple[Steps, ...] | None = None,
    context: Mapping[str, str] | None = None,
    headers: Headers = (),
    hints: Headers = (),
) -> Response:
    """Return one entity. `hints` are the headers that carry them."""
    before = control_info.entity_context(call, select) if context is None else context
    tag = members.get("@odata.etag")
    tagged = (("ETag", tag),) if isinstance(tag, str) else ()
    return _json(call, {**before, **members}, status=status, headers=(*tagged, *headers, *hints))


def collection(
    call: Call,
    values: Iterable[Mapping[str, Any] | bytes],
    page: Page[Any],
    *,
    select: tuple[Steps, ...] | None = None,
    context: Mapping[str, str] | None = None,
    hints: Headers = (),
) -> Response:
    """Return one page of a collection, with the link to the next one where there is one.

    Values that are bytes are JSON already.
    """
    out: dict[str, Any] = dict(control_info.collection_context(call, select) if context is None else context)
    if page.total is not None:
        out["@odata.count"] = page.total
    out["value"] = [msgspec.Raw(value) if isinstance(value, bytes) else value for value in values]
    if page.after is not None:
        out["@odata.nextLink"] = _next_link(call, page.after)
    # What is looked for by words may be looked for by days that end, such as today.
    return _json(call, out, headers=hints, state=page.state if call.options.search is None else None)


def part(
    call: Call,
    context: Mapping[str, str],
    values: Iterable[Mapping[str, Any]],
    link: Mapping[str, str],
    *,
    applied: Iterable[str] = (),
) -> Response:
    """Return a part of what somebody keeps in step with, and the link to what comes after it."""
    return _json(call, {**context, **link, "value": list(values)}, applied=applied)


def empty_collection(call: Call) -> Response:
    """Return an empty collection."""
    return collection(call, (), Page(items=[], total=0 if call.options.count else None))


def value(call: Call, fragment: str, one: Any) -> Response:
    """Return a single value that is no entity."""
    return _json(call, {**control_info.context_of(call, fragment), "value": one})


def count(call: Call, number: int | None) -> Response:
    """Return a number as plain text, as `$count` is answered."""
    headers = (("Content-Type", "text/plain"), *_common(call))
    return Response(status=200, headers=headers, body=str(number or 0).encode())


def raw(call: Call, data: bytes, media: str) -> Response:
    """Return bytes as they are."""
    return Response(status=200, headers=(("Content-Type", _media(media)), *_common(call)), body=data)


def _media(text: str) -> str:
    """Return a media type as a header can hold it; what is none is bytes."""
    return text if _MEDIA.fullmatch(text) else "application/octet-stream"


def accepted(call: Call, given: Iterable[Hint] = (), *, event: str = "") -> Response:
    """Return the empty answer of an action."""
    return Response(status=202, headers=(*_common(call), *hint_headers(call, given, event=event)))


def ok(call: Call, given: Iterable[Hint] = (), *, event: str = "") -> Response:
    """Return the empty answer of an action that is done at once."""
    return Response(status=200, headers=(*_common(call), *hint_headers(call, given, event=event)))


def no_content(call: Call) -> Response:
    """Return the empty answer of a deletion."""
    return Response(status=204, headers=_common(call))


def hint_headers(call: Call, given: Iterable[Hint], *, event: str = "", own: str = "") -> Headers:
    """Return hints as headers; `event` and `own` are the paths of the event, where they are not the one asked for."""
    found = tuple(given)
    if not found:
        return ()
    asked = hints.event_path(call.profile, call.request.path)
    return hints.headers(call.profile, found, event=event or asked, own=own)


def _json(
    call: Call,
    body: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Headers = (),
    state: MailboxState | None = None,
    applied: Iterable[str] = (),
) -> Response:
    media = ("Content-Type", content_type(call.preferences.metadata))
    return Response(status=status, headers=(media, *_common(call, applied), *headers), body=encode(body), state=state)


def _common(call: Call, more: Iterable[str] = ()) -> Headers:
    applied = (*call.preferences.applied, *more)
    preference = (("Preference-Applied", ", ".join(applied)),) if applied else ()
    return (VERSION, *preference)


def _next_link(call: Call, after: str) -> str:
    request = call.request
    return f"{request.base}{request.path}?{next_query(request.query, after)}"
