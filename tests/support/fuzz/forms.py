"""Requests whose body is no JSON object of one item: batches of others, mail as MIME, parts of a large attachment."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from support.fuzz.corpus import GOOGLE, PEOPLE, Ask, Found, Maker

_MOST = 6
_INVITATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x.example\r\n"
    "DTSTAMP:20261123T080000Z\r\nDTSTART:20261210T100000Z\r\nDTEND:20261210T110000Z\r\nSUMMARY:Lunch\r\n"
    "ORGANIZER:mailto:alice@example.com\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob@example.com\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
_NESTED = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
MIME: tuple[bytes, ...] = (
    b"From: alice@example.com\r\nTo: bob@example.com\r\nSubject: Lunch\r\n\r\nHello\r\n",
    b"To: bob@example.com\r\nSubject: =?utf-8?B?w6k=?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    b"--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"<b>H=E9llo</b>\r\n--b--\r\n",
    b"To: bob@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
    b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + _INVITATION.encode() + b"--m\r\n"
    b"Content-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=\"../a.png\"\r\n"
    b"Content-ID: <a>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--m\r\n"
    b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\nx\r\n--m--\r\n",
    # It lies about itself: another length, another coding, a boundary that never comes, parts without end.
    b"To: bob@example.com\r\nContent-Type: text/plain; charset=nonsense\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Length: 99999999\r\n\r\n\xff\xfe=!!\r\n",
    b"To: bob@example.com\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\n--other\r\n\r\nx\r\n",
    b"To: " + b", ".join(b"p%d@x.example" % number for number in range(600)) + b"\r\n\r\nx",
    _NESTED + (b"--a\r\n" + _NESTED) * 300,
    b"Subject: " + b"=?utf-8?B?" * 2_000 + b"\r\n\r\nx",
    b"\r\n", b"no header at all", b"A" * 70_000,
)  # fmt: skip
_MIME_PLACES = ("sendMail", "messages", "messages/{message}/reply", "mailFolders/inbox/messages")
_RANGES = (
    "bytes 0-9/4000000", "bytes 10-19/4000000", "bytes 0-3999999/4000000", "bytes 3999990-4000009/4000000",
    "bytes 9-0/10", "bytes 0-9/*", "bytes 0-9/5", "bytes */4000000", "items 0-1/2", "bytes 0-99999999999999999999/1",
    "bytes -1-5/10", "",
)  # fmt: skip


def others(made: Sequence[Sequence[Maker]]) -> list[list[Maker]]:
    """Return makers of batches of what `made` makes, of mail as MIME, and of parts of attachments."""

    def some(rng: random.Random, found: Found, mount: str) -> list[Ask]:
        asks = [rng.choice(rng.choice(made))(rng, found) for _ in range(rng.choice((1, 2, _MOST)) * 4)]
        return [one for one in asks if one.dialect == mount][: rng.choice((1, 3, 25))]

    return [
        [lambda rng, found: _json_batch(rng, found, some(rng, found, "/v1.0"))] * 2,
        [_multipart("/api/v2.0", "/api/v2.0/$batch", some), _multipart("/api/v2.0", "/api/v2.0/me/$batch", some)],
        [_multipart(GOOGLE, "/batch/calendar/v3", some)],
        [_mime(place) for place in _MIME_PLACES],
        [_part],
    ]


def _json_batch(rng: random.Random, found: Found, inside: list[Ask]) -> Ask:
    person = rng.choice(PEOPLE)
    requests = []
    for number, one in enumerate(inside):
        request: dict[str, object] = {
            "id": rng.choice((str(number), number)), "method": one.method, "url": one.target().removeprefix("/v1.0"),
        }  # fmt: skip
        if one.raw is not None:
            request |= {"body": base64.b64encode(one.raw).decode(), "headers": {"Content-Type": one.media}}
        elif one.has_body:
            request |= {"body": one.value, "headers": {"Content-Type": "application/json"}}
        if number and rng.random() < 0.4:
            request["dependsOn"] = [rng.choice((str(rng.randrange(number + 1)), "0"))]
        requests.append(request)
    token = found.tokens[person]
    return Ask("/v1.0", person, "POST", "/v1.0/$batch", value={"requests": requests}, has_body=True, token=token)


def _multipart(
    mount: str, place: str, some: Callable[[random.Random, Found, str], list[Ask]]
) -> Maker:
    def make(rng: random.Random, found: Found) -> Ask:
        person = rng.choice(PEOPLE)
        parts = [_inner(rng, one) for one in some(rng, found, mount)]
        raw = b"".join(b"--batch\r\n" + part + b"\r\n" for part in parts) + b"--batch--\r\n"
        media = "multipart/mixed; boundary=batch"
        return Ask(mount, person, "POST", place, raw=raw, media=media, has_body=True, token=found.tokens[person])

    return make


def _inner(rng: random.Random, one: Ask) -> bytes:
    body = one.body()
    lines = [f"{one.method} {one.target()} HTTP/1.1", "Host: 127.0.0.1"]
    if rng.random() < 0.5:
        lines.append(f"Authorization: Bearer {one.token}")
    if body:
        lines += [f"Content-Type: {one.media}", f"Content-Length: {len(body)}"]
    head = "\r\n".join(lines).encode("utf-8", "surrogatepass")
    name = f"Content-ID: <{rng.randrange(9)}>\r\nContent-Transfer-Encoding: binary\r\n".encode()
    return b"Content-Type: application/http\r\n" + name + b"\r\n" + head + b"\r\n\r\n" + body


def _mime(place: str) -> Maker:
    def make(rng: random.Random, found: Found) -> Ask:
        person, mount = rng.choice(PEOPLE), rng.choice(("/v1.0", "/v1.0", "/api/v2.0"))
        raw = base64.b64encode(rng.choice(MIME))
        if rng.random() < 0.2:
            raw = rng.choice((raw[:-1], raw + b"=", b"!" + raw, rng.choice(MIME)))
        path = f"{mount}/me/{place.replace('{message}', found.key(person, 'message', rng))}"
        return Ask(
            mount, person, "POST", path, raw=raw, media="text/plain", has_body=True, token=found.tokens[person]
        )

    return make


def _part(rng: random.Random, found: Found) -> Ask:
    """Make a PUT of a part of an attachment: in order, out of order, over its length, of somebody else's."""
    person = rng.choice(PEOPLE)
    known = found.uploads.get(person if rng.random() < 0.8 else rng.choice(PEOPLE)) or ["/v1.0/me/uploads/x"]
    raw = rng.randbytes(rng.choice((0, 10, 10, 4_096)))
    method = rng.choice(("PUT", "PUT", "PUT", "GET", "DELETE"))
    headers = (("Content-Range", rng.choice(_RANGES)),)
    ask = Ask("/v1.0", person, method, rng.choice(known), raw=raw, media="application/octet-stream", has_body=True)
    return replace(ask, headers=headers, token=rng.choice((found.tokens[person], "")))


