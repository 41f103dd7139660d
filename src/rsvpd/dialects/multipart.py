"""HTTP messages as parts of `multipart/mixed`: requests that come together, and their answers (RFC 2046 5.1).

Rule 1: any bytes are read, or raise MalformedBody or UnsupportedMedia. What is wrong inside one part is said of
that part, and the others are read.
Rule 2: each byte is looked at a fixed number of times. Python's email package does not keep to that, and repairs
what is broken where it has to be refused.

Lines end in CRLF or LF: Google's client for Python sends the latter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from msgspec import Struct

from rsvpd.dialects.wire import Response
from rsvpd.errors import DomainError, HeadTooLarge, MalformedBody, MalformedRequest, UnsupportedMedia

MEDIA = "multipart/mixed"
# The heads of parts are bounded as those of requests are (edge/limits.py; a test compares them).
MAX_HEAD_BYTES = 65_536
MAX_HEAD_LINES = 128

_HTTP = "application/http"
_NO_BODY = frozenset({204, 304})
_LONGEST_BOUNDARY = 70
# Lines that begin as a delimiter does and are none; a client takes care that there are none at all.
_MOST_FALSE_DELIMITERS = 1000
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]++")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# What a request says of its own body and connection says nothing of those inside it.
_OWN = frozenset({
    "accept-encoding", "connection", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip


class Part(Struct, frozen=True, kw_only=True):
    """One part: its media type, its Content-ID (or nothing), and the request in it or what is wrong with that.

    `target` is as it was sent; header names are in lower case.
    """

    media: str
    content_id: str = ""
    method: str = ""
    target: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    problem: DomainError | None = None


def split(content_type: str | None, body: bytes, *, most: int) -> list[bytes]:
    """Return what the parts of a body hold, at least one and at most `most`; `read_part` reads it.

    Raises MalformedBody or UnsupportedMedia.
    """
    contents = _contents(body, _boundary(content_type or "").encode("ascii"), most)
    if not contents:
        raise MalformedBody("There is no request in the batch.")
    return contents


def write(answers: Iterable[tuple[str, Response]], *, boundary: str) -> bytes:
    """Return answers as parts, each after its Content-ID, if it has one."""
    out = bytearray()
    for content_id, answer in answers:
        named = ((("Content-ID", content_id),) if content_id else ())
        length = () if answer.status in _NO_BODY else (("Content-Length", str(len(answer.body))),)
        out += f"--{boundary}\r\n".encode()
        out += _lines(("Content-Type", _HTTP), ("Content-Transfer-Encoding", "binary"), *named)
        out += f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n".encode()
        out += _lines(*answer.headers, *length)
        out += answer.body
        out += b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return bytes(out)


def inherited_headers(outer: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a request in a batch: those of the whole that are not about its own body, then its own."""
    passed_on = {name: value for name, value in outer.items() if name not in _OWN and not name.startswith("content-")}
    return passed_on | {name: value for name, value in own.items() if name not in _OWN}


def _boundary(content_type: str) -> str:
    media, *parameters = content_type.split(";")
    if media.strip().lower() != MEDIA:
        raise UnsupportedMedia(f"A batch is sent as {MEDIA}, not as '{media.strip()[:80]}'.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary":
            return _check_boundary(value.strip())
    raise MalformedBody("The Content-Type of the batch names no boundary.")


def _check_boundary(value: str) -> str:
    text = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if len(text) > _LONGEST_BOUNDARY or not _BOUNDARY.fullmatch(text) or text.endswith(" "):
        raise MalformedBody(f"A boundary has 1 to {_LONGEST_BOUNDARY} letters of those that RFC 2046 5.1.1 allows.")
    return text


def _contents(body: bytes, boundary: bytes, most: int) -> list[bytes]:
    """Return what stands between the delimiters; preamble and epilogue do not count."""
    delimiter = b"--" + boundary
    found: list[bytes] = []
    start = -1
    at = 0 if body.startswith(delimiter) else _next(body, delimiter, 0)
    for _ in range(most + _MOST_FALSE_DELIMITERS):
        if at < 0:
            break
        after = at + len(delimiter)
        end = body.find(b"\n", after)
        end = len(body) if end < 0 else end
        rest = body[after:end].rstrip(b" \t\r")
        # Another boundary may begin with this one.
        if rest in (b"", b"--"):
            if start >= 0:
                found.append(body[start : max(start, at - 1)].removesuffix(b"\r"))
            if rest:
                return found
            if len(found) >= most:
                raise MalformedBody(f"A batch has at most {most} requests.")
            start = end + 1
        at = _next(body, delimiter, after)
    raise MalformedBody("The batch ends before its last boundary does.")


def _next(body: bytes, delimiter: bytes, after: int) -> int:
    """Return where the next delimiter begins, which is at the beginning of a line; -1 for nowhere."""
    at = body.find(b"\n" + delimiter, after)
    return at + 1 if at >= 0 else -1


def read_part(content: bytes) -> Part:
    """Return a part with the request in it, or with what is wrong with that."""
    try:
        lines, at = _head(content, 0)
        own = _headers(lines)
    except DomainError as wrong:
        return Part(media="", problem=wrong)
    media = own.get("content-type", "").partition(";")[0].strip().lower()
    content_id = own.get("content-id", "")
    try:
        if media != _HTTP:
            raise UnsupportedMedia(f"A part of a batch is {_HTTP}, not '{media[:80]}'.")
        return _request(content[at:].lstrip(b"\r\n"), media, content_id)
    except DomainError as wrong:
        return Part(media=media, content_id=content_id, problem=wrong)


def _request(message: bytes, media: str, content_id: str) -> Part:
    lines, at = _head(message, 0)
    if not lines:
        raise MalformedRequest("There is no request in this part.")
    method, _, rest = lines[0].strip().partition(" ")
    target, _, version = rest.strip().rpartition(" ")
    # The documented samples leave the version out, or set several blanks around the target.
    if not version.upper().startswith("HTTP/"):
        target = rest
    if not (method.isascii() and method.isalpha()) or not target.strip() or _CONTROL.search(target):
        raise MalformedRequest("The first line of this part is not that of a request.")
    return Part(
        media=media,
        content_id=content_id,
        method=method.upper(),
        target=target.strip(),
        headers=_headers(lines[1:]),
        # A Content-Length is passed over: clients count letters for bytes, and the boundary says where it ends.
        body=message[at:],
    )


def _head(data: bytes, at: int) -> tuple[list[str], int]:
    """Return the lines up to an empty one or the end, folded ones in one piece, and where the rest begins."""
    lines: list[str] = []
    began = at
    for _ in range(MAX_HEAD_LINES + 1):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].rstrip(b"\r")
        at = min(end + 1, len(data))
        if not line:
            return lines, at
        if at - began > MAX_HEAD_BYTES:
            break
        text = line.decode("latin-1")
        if lines and text[0] in " \t":
            lines[-1] += text  # RFC 5322 2.2.3: what is folded keeps the blank of the fold
        else:
            lines.append(text)
    raise HeadTooLarge(f"The head of a part is longer than {MAX_HEAD_BYTES} bytes or {MAX_HEAD_LINES} lines.")


def _headers(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise MalformedRequest("A header line in a part of the batch cannot be read.")
        found.setdefault(name.lower(), []).append(value.strip())
    return {name: ", ".join(values) for name, values in found.items()}


def _lines(*headers: tuple[str, str]) -> bytes:
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in headers).encode("ascii") + b"\r\n"


def _one_line(value: str) -> str:
    """Return a value that can end no line; clients read what is around the bodies as UTF-8, so it is ASCII."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(letter if " " <= letter <= "~" else "?" for letter in value)
