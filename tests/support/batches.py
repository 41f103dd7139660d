"""Batches of `multipart/mixed` as clients write and read them; the reader is Python's own, which shares nothing with
ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from msgspec import Struct

from support.world import Reply

BOUNDARY = "batch_b"
MEDIA = f"multipart/mixed; boundary={BOUNDARY}"


class Answered(Struct, frozen=True):
    """One answer of a batch."""

    content_id: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def part(method: str, target: str, body: Any = None, *, content_id: str = "", **headers: str) -> str:
    """Return one part: its own head, and the request in it."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {content_id}"] if content_id else []
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = "" if body is None else json.dumps(body)
    if text:
        named.setdefault("Content-Type", "application/json")
    sent = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", text]
    return "\r\n".join([*lines, "", *sent])


def together(parts: Iterable[str]) -> bytes:
    """Return the body of a batch."""
    return ("".join(f"--{BOUNDARY}\r\n{one}\r\n" for one in parts) + f"--{BOUNDARY}--\r\n").encode()


def answers(reply: Reply) -> list[Answered]:
    """Return what was answered to each request of a batch."""
    assert reply.status == 200, reply.body
    head = f"Content-Type: {reply.headers['content-type']}\r\n\r\n".encode()
    whole = BytesParser(policy=HTTP).parsebytes(head + reply.body)
    assert whole.get_content_type() == "multipart/mixed"
    assert not whole.defects
    return [_answered(one) for one in whole.iter_parts()]


def _answered(one: Any) -> Answered:
    assert one.get_content_type() == "application/http"
    line, _, rest = one.get_payload(decode=True).partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    headers = dict(text.split(": ", 1) for text in head.decode().split("\r\n") if text)
    version, status, phrase = line.decode().split(" ", 2)
    assert (version, bool(phrase)) == ("HTTP/1.1", True)
    assert headers.get("Content-Length", "0") == str(len(body))
    return Answered(str(one["Content-ID"] or ""), int(status), headers, body)
