"""What of a request and its answer goes into the journal (`rsvpd/journal.py`)."""

from __future__ import annotations

from rsvpd.dialects.wire import Part, Request, Response
from rsvpd.edge.outside import CONTROL
from rsvpd.edge.request_log import Record
from rsvpd.errors import RsvpdError
from rsvpd.journal import Entry, Journal, Message, message, query_without_tokens, request_message


def keep(journal: Journal, record: Record, request: Request, response: Response | None) -> None:
    """Put a request and its answer into the journal, and those inside it before.

    Whoever looks at the journal is not in it. Where no dialect answered (`response` is None), as where people sign in,
    neither bodies nor options are kept: they are all about secrets. The requests of a batch stand for themselves, since
    their headers may have tokens of their own.
    """
    if response is None:
        if not f"{request.path}/".startswith(f"{CONTROL}/"):
            journal.add(_entry(journal, record, request, "", Message(), Message(), None))
        return
    for place, part in enumerate(response.parts, 1):
        _keep_part(journal, record, part, place)
    is_batch = bool(response.parts) or request.path.lower().endswith("batch") or request.mount.startswith("/batch")
    asked = request_message(request.headers, None if is_batch else request.body)
    answered = message(response.headers, None if response.parts else response.body)
    journal.add(_entry(journal, record, request, request.query, asked, answered, response.problem))


def _keep_part(journal: Journal, outer: Record, part: Part, place: int) -> None:
    request, response = part.request, part.response
    if request is None or response is None:
        return
    journal.add(
        Entry(
            number=journal.next(), id=f"{outer.request_id}.{place}", batch=outer.request_id, at=outer.at,
            now=request.now, person=part.person, application=part.application, method=part.method,
            origin=request.origin,
            mount=part.mount, path=request.path, query=query_without_tokens(request.query),
            has_token=_has_token(part, request),
            request=request_message(request.headers, request.body), status=part.status,
            answer=message(response.headers, response.body), seconds=part.seconds, hint=part.hint,
            problem=response.problem,
        )
    )  # fmt: skip


def _entry(
    journal: Journal, record: Record, request: Request, query: str, asked: Message, answered: Message,
    problem: type[RsvpdError] | None,
) -> Entry:
    return Entry(
        number=journal.next(), id=record.request_id, batch="", at=record.at, now=request.now, person=record.person,
        application=record.application, method=record.method, origin=request.origin, mount=record.mount,
        path=request.path, query=query_without_tokens(query), has_token=_has_token(record, request),
        request=asked, status=record.status, answer=answered, seconds=record.seconds, hint=record.hint,
        problem=problem,
    )  # fmt: skip


def _has_token(asked: Record | Part, request: Request) -> bool:
    return bool(asked.person or asked.application) or "authorization" in request.headers
