"""The journal of requests as whoever asks for it sees it: a line each, or one of them whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from msgspec import Struct, structs

from rsvpd.control import again
from rsvpd.dialects.google.serve import BATCH, INTERFACE, MOUNT
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2
from rsvpd.errors import DomainError, ItemNotFound
from rsvpd.journal import MOST_BODY_BYTES, Entry, Headers, Journal, Message

OTHER = "other"
_LONGEST_CLIENT = 200
INTERFACES = {
    OUTLOOK_V1.mount: OUTLOOK_V1.interface, OUTLOOK_V2.mount: OUTLOOK_V2.interface, GRAPH.mount: GRAPH.interface,
    "/beta": GRAPH.interface, MOUNT: INTERFACE, BATCH: INTERFACE,
}  # fmt: skip
_KNOWN = tuple(dict.fromkeys((*INTERFACES.values(), OTHER)))


class RequestLine(Struct, frozen=True, kw_only=True):
    """One request. `at` is when it was answered (ISO 8601, UTC), `path` path and query as they were sent.

    `id` is the answer's request-id; a request inside a batch has a point and a number behind it, and `batch` is the id
    of that. `fault` is the rule by which it went wrong on purpose; without an answer the status is 0. `interface` is
    graph, outlook-v2, outlook-v1, google, or other for what no interface answered. `client` is what the program calls
    itself.
    """

    number: int
    id: str
    at: str
    person: str
    application: str
    interface: str
    method: str
    path: str
    status: int
    milliseconds: float
    hint: str
    batch: str
    fault: str = ""
    client: str = ""


class Content(Struct, frozen=True, kw_only=True):
    """Headers and body of a request or an answer; `bytes` is how long the body was.

    `text` is None where the body is not text or is not kept; `is_cut` says that its end is missing.
    """

    headers: dict[str, str]
    bytes: int
    text: str | None
    is_cut: bool


class WholeRequest(RequestLine, frozen=True, kw_only=True):
    """One request with all that is kept of it, and the same call once more: for a shell, and as a test."""

    request: Content
    answer: Content
    curl: str
    python: str
    javascript: str


class Filter(Struct, frozen=True, kw_only=True):
    """What of the journal is asked for; what is empty asks for nothing.

    `status` is one like 404 or a class like 4xx, `path` a part of path and query, `after` the number of a request.
    """

    person: str = ""
    method: str = ""
    path: str = ""
    status: str = ""
    interface: str = ""
    hint: bool | None = None
    after: int = 0


def lines(entries: Iterable[Entry], wanted: Filter, limit: int, until: int) -> list[RequestLine]:
    """Return the newest requests up to a number that are asked for of some, the newest first as those are.

    Raises DomainError.
    """
    fits = _condition(wanted)
    found: list[RequestLine] = []
    for entry in entries:
        if entry.number <= wanted.after or len(found) == limit:
            break
        if entry.number <= until and fits(entry):
            found.append(line_of(entry))
    return found


def not_kept(journal: Journal, id: str, more: str = "") -> ItemNotFound:
    """Return the error for an id that no request of the journal has; `more` is what else there is to know."""
    kept = f"its last {journal.most} requests" if len(journal) else "nothing yet"
    return ItemNotFound(
        f"There is no request {id!r:.80} in the journal, which has {kept}. The request-id of an answer names"
        f" one, or its number, or 'last'. {more}".rstrip()
    )


def whole(entry: Entry) -> WholeRequest:
    """Return one request with all that is kept of it."""
    call = again.call_of(entry)
    return WholeRequest(
        **structs.asdict(line_of(entry)), request=_content(entry.request), answer=_content(entry.answer),
        curl=again.curl(call), python=again.python(call), javascript=again.javascript(call),
    )  # fmt: skip


def interface_of(entry: Entry) -> str:
    """Return which interface answered."""
    return interface_at(entry.mount)


def interface_at(mount: str) -> str:
    """Return which interface is at a prefix; those of Google's discovery are Google's."""
    return INTERFACES.get(mount, INTERFACE if mount else OTHER)


def line_of(entry: Entry) -> RequestLine:
    """Return what a list says of a request."""
    return RequestLine(
        number=entry.number, id=entry.id, at=moment(entry.at), person=entry.person, application=entry.application,
        interface=interface_of(entry), method=entry.method, path=entry.target, status=entry.status,
        milliseconds=round(entry.seconds * 1000, 1), hint=entry.hint, batch=entry.batch,
        fault=entry.fault, client=client_of(entry),
    )  # fmt: skip


def is_by(entry: Entry, person: str) -> bool:
    """Return whether somebody asked who has this address, or has it before the @; in small letters."""
    address = entry.person.lower()
    return person in (address, address.partition("@")[0])


def client_of(entry: Entry) -> str:
    """Return what a program calls itself (RFC 9110 10.1.5)."""
    return dict(entry.request.headers).get("user-agent", "")[:_LONGEST_CLIENT]


def moment(at: float) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _content(message: Message) -> Content:
    is_cut = message.body is not None and message.size > MOST_BODY_BYTES
    return Content(headers=_join_headers(message.headers), bytes=message.size, text=text_of(message), is_cut=is_cut)


def _join_headers(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def text_of(message: Message) -> str | None:
    """Return a body as text, or None where it is none; a cut through the last letter takes that letter away."""
    if message.body is None:
        return None
    is_cut = message.size > len(message.body)
    try:
        text = message.body.decode("utf-8", "strict")
    except UnicodeDecodeError as wrong:
        if not is_cut or wrong.start < len(message.body) - 3:
            return None
        text = message.body[: wrong.start].decode()
    return None if "\0" in text else text


def _condition(wanted: Filter) -> Callable[[Entry], bool]:
    asked = list(_conditions(wanted))
    return lambda entry: all(one(entry) for one in asked)


def _conditions(wanted: Filter) -> Iterator[Callable[[Entry], bool]]:
    if wanted.person:
        person = wanted.person.lower()
        yield lambda entry: is_by(entry, person)
    if wanted.method:
        method = wanted.method.upper()
        yield lambda entry: entry.method == method
    if wanted.path:
        path = wanted.path.lower()
        yield lambda entry: path in entry.target.lower()
    if wanted.status:
        least, most = _statuses(wanted.status)
        yield lambda entry: least <= entry.status <= most
    if wanted.interface:
        interface = _interface(wanted.interface)
        yield lambda entry: interface_of(entry) == interface
    if wanted.hint is not None:
        yield lambda entry: bool(entry.hint) is wanted.hint


def _statuses(text: str) -> tuple[int, int]:
    if len(text) == 3 and text[0] in "12345":
        if text[1:].lower() == "xx":
            return int(text[0]) * 100, int(text[0]) * 100 + 99
        if text.isascii() and text.isdecimal():
            return int(text), int(text)
    raise DomainError(f"A status is a number like 404 or a class like 4xx, not {text!r:.40}.")


def _interface(text: str) -> str:
    if text.lower() not in _KNOWN:
        raise DomainError(f"There is no interface {text!r:.40}; here are {', '.join(_KNOWN)}.")
    return text.lower()
