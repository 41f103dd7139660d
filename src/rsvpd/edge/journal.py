"""What of a request and its answer goes into the journal (`rsvpd/journal.py`).

Rule: while requests are answered nothing is looked at but lengths. What nobody may read is left out when an entry is
made, which is when somebody asks for it, and no entry is read that was not made here.
"""

from __future__ import annotations

from msgspec import Struct, structs

from rsvpd.dialects.wire import Part, Request, Response
from rsvpd.edge.outside import CONTROL
from rsvpd.edge.request_log import Record
from rsvpd.errors import RsvpdError
from rsvpd.journal import (
    MOST_BODY_BYTES,
    Entry,
    Headers,
    Journal,
    Message,
    message,
    query_without_tokens,
    request_message,
)

# What the objects of an entry take beside their texts, about.
_OVERHEAD_BYTES = 2048


def keep(journal: Journal, record: Record, request: Request, response: Response | None) -> None:
    """Put a request and its answer into the journal, and those inside it before.

    Whoever looks at the journal is not in it. Where no dialect answered (`response` is None), as where people sign in,
    neither bodies nor options are kept: they are all about secrets. The requests of a batch stand for themselves, since
    their headers may have tokens of their own.
    """
    if response is None:
        if not f"{request.path}/".startswith(f"{CONTROL}/"):
            bare = _Bare(record, request.method, request.origin, request.path, request.now, _has_token(record, request))
            journal.keep(record.request_id, _OVERHEAD_BYTES + len(request.path), bare)
        return
    if response.parts:
        for place, part in enumerate(response.parts, 1):
            _keep_part(journal, record, part, place)
    _keep(journal, record, record.request_id, request, response, batch="")


def _keep_part(journal: Journal, outer: Record, part: Part, place: int) -> None:
    request, response = part.request, part.response
    if request is not None and response is not None:
        told = Record(
            at=outer.at, request_id=outer.request_id, person=part.person, application=part.application,
            method=part.method, mount=part.mount, path="", query="", status=part.status, seconds=part.seconds,
            hint=part.hint, fault=part.fault,
        )  # fmt: skip
        _keep(journal, told, f"{outer.request_id}.{place}", request, response, batch=outer.request_id)


def _keep(journal: Journal, record: Record, id: str, request: Request, response: Response, *, batch: str) -> None:
    asked, answered = request.body, response.body
    asked_size, answered_size = len(asked), len(answered)
    # A slice holds nothing of what it was cut from.
    if asked_size > MOST_BODY_BYTES:
        request = structs.replace(request, body=asked[:MOST_BODY_BYTES])
    if answered_size > MOST_BODY_BYTES:
        answered = answered[:MOST_BODY_BYTES]
    weight = (
        _OVERHEAD_BYTES + len(request.path) + len(request.query) + sum(map(len, request.headers.values()))
        + len(request.body) + len(answered)
    )  # fmt: skip
    # Of the answer only this: it may be one that is kept to be sent again, in coded forms too.
    raw = _Raw(
        record, id, batch, request, asked_size, response.headers, answered, answered_size, response.problem,
        bool(response.parts),
    )  # fmt: skip
    journal.keep(id, weight, raw)


class _Bare(Struct, frozen=True):
    """What is kept where no dialect answered."""

    record: Record
    method: str
    origin: str
    path: str
    now: int
    has_token: bool

    def __call__(self, number: int) -> Entry:
        """Return the entry."""
        record = self.record
        return Entry(
            number=number, id=record.request_id, batch="", at=record.at, now=self.now, person=record.person,
            application=record.application, method=record.method, origin=self.origin, mount=record.mount,
            path=self.path, query="", has_token=self.has_token, request=Message(), status=record.status,
            answer=Message(), seconds=record.seconds, hint=record.hint, fault=record.fault, problem=None,
        )  # fmt: skip


class _Raw(Struct, frozen=True):
    """What is kept until somebody asks: the request, with its token, and what matters of the answer."""

    record: Record
    id: str
    batch: str
    request: Request
    asked_size: int
    headers: Headers
    answered: bytes
    answered_size: int
    problem: type[RsvpdError] | None
    has_parts: bool

    def __call__(self, number: int) -> Entry:
        """Return the entry, without anything that nobody may read."""
        record, request = self.record, self.request
        path, mount = request.path, record.mount
        is_batch = self.has_parts or path.lower().endswith("batch") or request.mount.startswith("/batch")
        asked = request_message(request.headers, None if is_batch else request.body, self.asked_size)
        answered = message(self.headers, None if self.has_parts else self.answered, self.answered_size)
        return Entry(
            number=number, id=self.id, batch=self.batch, at=record.at, now=request.now, person=record.person,
            application=record.application, method=record.method, origin=request.origin, mount=mount, path=path,
            query=query_without_tokens(request.query), has_token=_has_token(record, request), request=asked,
            status=record.status, answer=answered, seconds=record.seconds, hint=record.hint, fault=record.fault,
            problem=self.problem,
        )  # fmt: skip


def _has_token(record: Record, request: Request) -> bool:
    return bool(record.person or record.application) or "authorization" in request.headers
