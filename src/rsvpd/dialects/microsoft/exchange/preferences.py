"""What a request's headers ask of the answer: `Prefer`, `Accept`, `If-Match`, request ids.

What is not known is passed over in silence, as preferences are (RFC 7240 2).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.dialects.wire import Request, Response
from rsvpd.mail.content import BodyKind
from rsvpd.timezones.zone import find


class Metadata(enum.Enum):
    """How much control information an answer carries."""

    NONE = "none"
    MINIMAL = "minimal"
    FULL = "full"


class Preferences(Struct, frozen=True, kw_only=True):
    """What was asked for. `zone_name` is the zone as the client called it; `applied` is what to say back.

    `lasting_ids`: ids of messages that stay when a message moves. `active_html`: bodies with their scripts.
    `tracks_changes`: a list that ends in a link to what changes after it (Outlook: synchronize events).
    `page_size`: how much a page of that may hold.
    """

    zone: str | None = None
    zone_name: str | None = None
    body_kind: BodyKind | None = None
    lasting_ids: bool = False
    active_html: bool = False
    tracks_changes: bool = False
    page_size: int | None = None
    metadata: Metadata = Metadata.MINIMAL
    applied: tuple[str, ...] = ()


# The header of every answer.
VERSION = ("OData-Version", "4.0")
NO_PREFERENCES = Preferences()
NO_STATE = -1

_NAME = re.compile(r"[\w.\-]++")
# A text in quotes (a quote that is not closed goes on to the end), a separator, or what stands between them.
_PIECE = re.compile(r"""("(?:[^"\\]|\\.?)*+(?:"|\Z))|([,;])|[^",;]++""", re.S)
# `odata=minimalmetadata` is the older spelling.
_LEVEL = re.compile(r"odata(?:\.metadata)?\s*+=\s*+(none|no|minimal|full)(?:metadata)?\b", re.I)
_ETAG = re.compile(r'(?:W/)?"([^"]*+)(?:"|\Z)|(\*)|([^\s",]++)', re.I)
_SIZE = re.compile(r"[1-9][0-9]{0,8}")
_LONGEST = 2000
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,200}")


def preferences(request: Request) -> Preferences:
    """Return what `request` prefers. Raises InvalidTimeZone for a zone that nobody knows."""
    prefer, accept = request.headers.get("prefer"), request.headers.get("accept", "")
    metadata = _level(accept) if "odata" in accept.lower() else Metadata.MINIMAL
    if not prefer:
        return NO_PREFERENCES if metadata is Metadata.MINIMAL else Preferences(metadata=metadata)
    values = _values(prefer)
    zone_name = values.get("outlook.timezone") or None
    zone = None if zone_name is None else find(zone_name)
    kind = _BODY_KINDS.get(values.get("outlook.body-content-type", "").lower())
    lasting = values.get("idtype", "").lower() == "immutableid"
    applied = [] if zone_name is None else [f'outlook.timezone="{zone_name}"']
    applied += [] if kind is None else [f'outlook.body-content-type="{kind.value}"']
    applied += ['IdType="ImmutableId"'] if lasting else []
    return Preferences(
        zone=zone,
        zone_name=zone_name,
        body_kind=kind,
        lasting_ids=lasting,
        active_html="outlook.allow-unsafe-html" in values,
        tracks_changes="odata.track-changes" in values,
        page_size=_size(values.get("odata.maxpagesize", values.get("maxpagesize", ""))),
        metadata=metadata,
        applied=tuple(applied),
    )


def content_type(metadata: Metadata) -> str:
    """Return the media type of an answer with that much control information."""
    return _CONTENT_TYPES[metadata]


def with_client_request_id(request: Request, response: Response) -> Response:
    """Return an answer with the client's own id of the request. The server's `request-id` is set by the edge."""
    sent = client_request_id(request)
    if sent is None:
        return response
    return structs.replace(response, headers=(*response.headers, ("client-request-id", sent)))


def client_request_id(request: Request) -> str | None:
    """Return the client's own id of the request, where it is one that fits a header."""
    sent = request.headers.get("client-request-id")
    return sent if sent is not None and _REQUEST_ID.fullmatch(sent) else None


def if_match(headers: Mapping[str, str]) -> tuple[int, ...] | None:
    """Return the change numbers that `If-Match` allows, or None where it allows every state.

    Etags compare weakly: `W/` and quotes do not count. What is no change key of ours is NO_STATE, which
    nothing matches.
    """
    value = headers.get("if-match")
    if value is None:
        return None
    tags = _ETAG.findall(value)
    if any(star for _, star, _ in tags):
        return None
    numbers = (ids.change_number(quoted or bare) for quoted, _, bare in tags)
    return tuple(NO_STATE if number is None else number for number in numbers) or (NO_STATE,)


_BODY_KINDS = {"text": BodyKind.TEXT, "html": BodyKind.HTML}
_CONTENT_TYPES = {
    level: f"application/json;odata.metadata={level.value};odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
    for level in Metadata
}


def _size(text: str) -> int | None:
    return int(text) if _SIZE.fullmatch(text) else None


_LEVELS = {"no": Metadata.NONE, **{level.value: level for level in Metadata}}


def _level(accept: str) -> Metadata:
    match = _LEVEL.search(accept)
    return _LEVELS[match[1].lower()] if match else Metadata.MINIMAL


def _values(prefer: str) -> dict[str, str]:
    """Return the preferences of a header by lower-case name; the first of a name counts (RFC 7240 2).

    A value needs its quotes only where there is a comma or semicolon in it; zone names without them are common.
    """
    found: dict[str, str] = {}
    for part in _parts(prefer[:_LONGEST]):
        name, _, value = part.partition("=")
        if _NAME.fullmatch(name.strip()):
            found.setdefault(name.strip().lower(), _value(value.strip()))
    return found


def _value(text: str) -> str:
    piece = _PIECE.match(text)
    quoted = piece[1] if piece else None
    return text.strip("'") if quoted is None else quoted[1:].removesuffix('"')


def _parts(text: str) -> Iterator[str]:
    """Yield each preference without its parameters."""
    part: list[str] = []
    has_parameters = False
    for piece in _PIECE.finditer(text):
        match piece[2]:
            case ",":
                yield "".join(part)
                part, has_parameters = [], False
            case ";":
                has_parameters = True
            case _ if not has_parameters:
                part.append(piece[0])
    yield "".join(part)
