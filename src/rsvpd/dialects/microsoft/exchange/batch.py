"""Batches as Microsoft Graph and Outlook REST v2.0 have them; Outlook REST v1.0 has none.

Graph's is one JSON object (Graph: JSON batching). What it says of the whole is checked before any of it is done:
a batch that is not right is 400, and then nothing was done. Outlook's has the parts of `multipart/mixed`
(Outlook REST v2.0: send requests in batches), where each part is right or wrong by itself.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct, structs

from rsvpd.dialects import batch, multipart
from rsvpd.dialects.batch import Batch, Step
from rsvpd.dialects.microsoft.exchange.body import check_media
from rsvpd.dialects.microsoft.exchange.preferences import VERSION, Metadata, content_type
from rsvpd.dialects.microsoft.tables.profiles import BatchForm, Profile
from rsvpd.dialects.odata import url
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import (
    DomainError,
    HeadTooLarge,
    MalformedBody,
    MethodNotAllowed,
    NotEmulated,
    UnknownSegment,
    UnsupportedCoding,
)

MOST_REQUESTS = 20

_BOM = b"\xef\xbb\xbf"
_JSON = "application/json"
_CONTENT_TYPE = "content-type"
_WRITES = frozenset({"POST", "PATCH", "PUT"})
_NOTHING = (b"", b"null")
_CONTINUE = frozenset({"odata.continue-on-error", "continue-on-error"})


class _Item(Struct, frozen=True, rename={"depends_on": "dependsOn", "atomicity_group": "atomicityGroup"}):
    """One request as JSON has it; members beyond these do not count."""

    id: str | int
    method: str
    url: str
    headers: dict[str, str] | None = None
    body: msgspec.Raw = msgspec.Raw()
    depends_on: list[str | int] | None = None
    atomicity_group: msgspec.Raw = msgspec.Raw()


class _Items(Struct, frozen=True):
    requests: list[_Item]


_decode = msgspec.json.Decoder(_Items).decode


def is_batch(profile: Profile, segments: Sequence[url.Segment]) -> bool:
    """Return whether a path is where this service takes batches."""
    return "/".join(segment.text.lower() for segment in segments) in profile.batch_paths


def read(profile: Profile, request: Request) -> Batch:
    """Return the requests of a batch. Raises DomainError for one that is not right as a whole."""
    if request.method != "POST":
        raise MethodNotAllowed(f"The method {request.method[:20]} is not allowed here; POST is.", target="POST")
    return _READERS[profile.batch_form or BatchForm.JSON](profile, request)


def write(profile: Profile, request: Request, answers: batch.Answers) -> Response:
    """Return the answer to a batch: 200, whatever became of its requests."""
    if profile.batch_form is BatchForm.MULTIPART:
        boundary = f"batchresponse_{request.request_id}"
        media, body = f"{multipart.MEDIA}; boundary={boundary}", multipart.write(answers.named, boundary=boundary)
    else:
        media = content_type(Metadata.MINIMAL)
        body = msgspec.json.encode({"responses": [_json_answer(*one) for one in answers.named]})
    return Response(status=200, headers=(("Content-Type", media), VERSION), body=body, parts=answers.parts)


def _read_json(profile: Profile, request: Request) -> Batch:
    check_media(request.headers.get(_CONTENT_TYPE))
    items = _items(request.body)
    if not items:
        raise _malformed_batch("There is no request in it.")
    if len(items) > MOST_REQUESTS:
        raise MalformedBody(f"Number of requests inside batch exceeds the limit: {MOST_REQUESTS} at most.")
    places: dict[str, int] = {}
    steps = []
    for place, item in enumerate(items):
        steps.append(_step(profile, request, item, places))
        if places.setdefault(_fold_id(item.id), place) != place:
            raise MalformedBody(f"Request Id {_echo_id(item.id)} has to be unique in a batch.")
    return Batch(tuple(steps))


def _items(body: bytes) -> list[_Item]:
    try:
        return _decode(body.removeprefix(_BOM)).requests
    except UnicodeError:
        raise _malformed_batch("It is not UTF-8.") from None
    except RecursionError:
        raise _malformed_batch("It is nested too deep.") from None
    except msgspec.MsgspecError as wrong:
        raise _malformed_batch(f"{wrong}.") from None


def _step(profile: Profile, outer: Request, item: _Item, places: Mapping[str, int]) -> Step:
    """Return one request of a batch, given the places of those before it."""
    method = item.method.upper()
    if not (method.isascii() and method.isalpha()):
        raise _malformed_batch(f"The method of request {_echo_id(item.id)} is none.")
    if bytes(item.atomicity_group) not in _NOTHING:
        raise NotEmulated("An atomicityGroup exists in OData and is not emulated by rsvpd; dependsOn sets an order.")
    own = {name.lower(): value for name, value in (item.headers or {}).items()}
    if method in _WRITES and (_CONTENT_TYPE not in own or bytes(item.body) in _NOTHING):
        raise MalformedBody(f"Write request id : {_echo_id(item.id)} does not contain Content-Type header or body.")
    needs = tuple(_place(item, one, places) for one in item.depends_on or ())
    if batch.is_absolute(item.url):
        raise _malformed_batch(f"The url of request {_echo_id(item.id)} is relative to {profile.mount}.")
    # The token of the batch is the token of its requests, whatever they say.
    headers = own | {name: outer.headers[name] for name in ("authorization",) if name in outer.headers}
    request = structs.replace(outer, method=method, headers=headers, body=_body(item, own), path="", query="")
    return _resolve_target(profile, Step(request=request, name=str(item.id), needs=needs), item.url)


def _place(item: _Item, needed: str | int, places: Mapping[str, int]) -> int:
    """Return the place of a request that another one needs, which stands before it (OData JSON 4.01, 19.1)."""
    place = places.get(_fold_id(needed))
    if place is None:
        raise MalformedBody(
            f"Invalid dependency for request Id {_echo_id(item.id)}: there is no request {_echo_id(needed)} before it."
        )
    return place


def _body(item: _Item, headers: Mapping[str, str]) -> bytes:
    """Return the bytes that `body` stands for: JSON as it is, of all else the base64 text."""
    raw = bytes(item.body)
    if raw in _NOTHING:
        return b""
    if _is_json(headers.get(_CONTENT_TYPE, _JSON)):
        return raw
    try:
        text = msgspec.json.decode(raw, type=str).replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (msgspec.MsgspecError, ValueError, binascii.Error):
        raise _malformed_batch(f"The body of request {_echo_id(item.id)} is not JSON, so it is base64.") from None


def _read_parts(profile: Profile, request: Request) -> Batch:
    contents = multipart.split(request.headers.get(_CONTENT_TYPE), request.body, most=MOST_REQUESTS)
    parts = [multipart.read_part(content) for content in contents]
    if any(part.media.startswith("multipart/") for part in parts):
        raise NotEmulated("A change set exists in OData and is not emulated by rsvpd; nothing of the batch was done.")
    preferred = {one.strip().lower() for one in request.headers.get("prefer", "").split(",")}
    return Batch(
        tuple(_part_step(profile, request, part) for part in parts), stops_at_error=not _CONTINUE & preferred
    )


def _part_step(profile: Profile, outer: Request, part: multipart.Part) -> Step:
    request = structs.replace(
        outer, method=part.method, body=part.body, path="", query="",
        headers=multipart.inherited_headers(outer.headers, part.headers),
    )  # fmt: skip
    step = Step(request=request, name=part.content_id, problem=part.problem)
    if step.problem is not None:
        return step
    try:
        target = _below_mount(profile, outer, batch.local(part.target, outer.origin))
    except DomainError as wrong:
        return structs.replace(step, problem=wrong)
    return _resolve_target(profile, step, target)


def _below_mount(profile: Profile, outer: Request, target: str) -> str:
    """Return a target as it stands below the root of the service; one without a slash is relative to the batch."""
    if not target.startswith("/"):
        return f"{outer.path.rpartition('/')[0]}/{target}"
    start, rest = target[: len(profile.mount)], target[len(profile.mount) :]
    if start.lower() != profile.mount or (rest and not rest.startswith(("/", "?"))):
        raise UnknownSegment(f"A batch of {profile.mount} has requests of {profile.mount} alone.")
    return rest


def _resolve_target(profile: Profile, step: Step, target: str) -> Step:
    """Return a step whose request has its path, or what is wrong with that or with its headers."""
    try:
        path, query = batch.path_and_query(target.lstrip("/"))
        request = structs.replace(step.request, path=f"/{path}", query=query)
        _check_headers(request)
    except DomainError as wrong:
        return structs.replace(step, problem=wrong)
    if is_batch(profile, _segments(request.path)):
        raise MalformedBody("A batch holds no other batch.")
    return structs.replace(step, request=request)


def _segments(path: str) -> tuple[url.Segment, ...]:
    try:
        return url.parse(path)
    except DomainError:  # the front door says what is wrong with it
        return ()


def _check_headers(request: Request) -> None:
    """Raise what is wrong with the headers of a request, as HTTP itself would where it came alone."""
    size = sum(len(name) + len(value) for name, value in request.headers.items())
    if size > multipart.MAX_HEAD_BYTES or len(request.headers) > multipart.MAX_HEAD_LINES:
        raise HeadTooLarge("The headers of a request in the batch are too large.")
    if not all(value.isprintable() for value in request.headers.values()):
        raise _malformed_batch("A header has letters that no header has.")
    if request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise UnsupportedCoding("Inside a batch a body has no coding of its own.", target="Content-Encoding")


def _json_answer(name: str, response: Response) -> dict[str, object]:
    headers: dict[str, str] = {}
    for header, value in response.headers:
        headers[header] = f"{headers[header]}, {value}" if header in headers else value
    return {"id": name, "status": response.status, "headers": headers, "body": _json_body(headers, response.body)}


def _json_body(headers: Mapping[str, str], body: bytes) -> object:
    if not body:
        return None
    return msgspec.Raw(body) if _is_json(headers.get("Content-Type", _JSON)) else base64.b64encode(body).decode()


def _is_json(media: str) -> bool:
    return media.partition(";")[0].strip().lower() == _JSON


def _fold_id(name: str | int) -> str:
    return str(name).casefold()


def _echo_id(name: str | int) -> str:
    return str(name)[:80]


def _malformed_batch(why: str) -> MalformedBody:
    return MalformedBody(f"Invalid batch payload format. {why}")


_READERS: Mapping[BatchForm, Callable[[Profile, Request], Batch]] = {
    BatchForm.JSON: _read_json,
    BatchForm.MULTIPART: _read_parts,
}
