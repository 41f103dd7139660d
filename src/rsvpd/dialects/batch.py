"""Several requests in one: how those of a batch are answered, whatever they were written in.

Rule 1: each goes through the front door that it would go through alone, in a context of its own, and is answered
whatever becomes of the others.
Rule 2: they are answered in the order of the batch. Reads that stand beside each other are under way together, a
few at a time, as nobody can see which was first; a request that changes something is alone. So a batch answers what
its requests answer one after the other.
Rule 3: once the answers are large, the rest is not begun. Whoever reads them may ask again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from urllib.parse import quote

from msgspec import Struct

from rsvpd import log
from rsvpd.dialects.wire import LOGGED, Part, Request, Response
from rsvpd.errors import (
    DomainError,
    FailedDependency,
    MisdirectedRequest,
    RsvpdError,
    TargetTooLong,
    Throttled,
    Unavailable,
)
from rsvpd.faults import HEADER as FAULT_HEADER
from rsvpd.hints import HEADER as HINT_HEADER

# As many as Microsoft Graph lets be under way in one mailbox (Graph: throttling limits, Outlook service).
READS_AT_ONCE = 4
MOST_ANSWER_BYTES = 16 * 2**20
# As long as that of a request may be (edge/limits.py; a test compares them).
MAX_TARGET_BYTES = 16_384

_FAILED = 400
# All that may stand in a URL as it is (RFC 3986 2), and the sign of what is encoded already.
_IN_URL = "%/?:@!$&'()*+,;=-._~[]"

_log = log.get(__name__)

FrontDoor = Callable[[Request], Awaitable[Response]]
Refuse = Callable[[Request, RsvpdError], Response]
Around = Callable[[Request, FrontDoor, Refuse], Awaitable[Response]]

# What stands before the front door, where requests may be meant to go wrong (edge/faults.py).
around: ContextVar[Around | None] = ContextVar("around", default=None)


class Step(Struct, frozen=True, kw_only=True):
    """One request of a batch, under the name its answer is told by.

    `needs` are the places of requests before it that have to succeed, `problem` is why it is refused unasked.
    """

    request: Request
    name: str = ""
    needs: tuple[int, ...] = ()
    problem: DomainError | None = None


class Batch(Struct, frozen=True):
    """Requests in their order, which may be made as they are needed: a batch can be much smaller than they are.

    `stops_at_error`: what comes after one that failed is not answered.
    """

    steps: Iterable[Step]
    stops_at_error: bool = False


class Answers(Struct, frozen=True):
    """The answers by the names of their requests, in the order of these, and what the log of requests tells of all
    that were asked."""

    named: list[tuple[str, Response]]
    parts: tuple[Part, ...]


async def answer_all(batch: Batch, front_door: FrontDoor, refuse: Refuse) -> Answers:
    """Answer the requests of a batch. `refuse` writes an error in the dialect's shape. Raises nothing."""
    named: list[tuple[str, Response]] = []
    parts: list[Part] = []
    size = 0
    for wave in waves(batch.steps):
        refusals = [_refusal(step, named, size) for step in wave]
        done = await asyncio.gather(
            *(_answer(step.request, refusal, front_door, refuse) for step, refusal in zip(wave, refusals, strict=True))
        )
        for step, (response, part) in zip(wave, done, strict=True):
            named.append((step.name, response))
            parts.append(part)
            size += len(response.body)
            # Reads that were under way beside the one that failed have changed nothing.
            if batch.stops_at_error and response.status >= _FAILED:
                return Answers(named, tuple(parts))
    return Answers(named, tuple(parts))


def waves(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield what is under way together: some reads that need none of each other, or one request."""
    wave: list[Step] = []
    for place, step in enumerate(steps):
        is_read = step.request.method == "GET"
        needs_none = place - len(wave) > max(step.needs, default=-1)
        if wave and not (is_read and needs_none and len(wave) < READS_AT_ONCE):
            yield wave
            wave = []
        wave.append(step)
        if not is_read:
            yield wave
            wave = []
    if wave:
        yield wave


def is_absolute(target: str) -> bool:
    """Return whether a target names a scheme and a host; `://` may stand in the query of one that does not."""
    scheme, found, _ = target.partition("://")
    return bool(found) and scheme.isalpha()


def local(target: str, origin: str) -> str:
    """Return a target without the host, where that is the one of `origin`. Raises MisdirectedRequest for another."""
    if not is_absolute(target):
        return target
    host, _, path = target.partition("://")[2].partition("/")
    if host.lower() != origin.partition("://")[2].lower():
        raise MisdirectedRequest(f"The host '{host[:80]}' is not the one of the batch.")
    return f"/{path}"


def path_and_query(target: str) -> tuple[str, str]:
    """Return both halves of a target as they stand in a request: nothing in them has to be encoded any more.

    Raises TargetTooLong.
    """
    text = quote(target[: MAX_TARGET_BYTES + 1], safe=_IN_URL)
    if len(text) > MAX_TARGET_BYTES:
        raise TargetTooLong(f"The URL is longer than {MAX_TARGET_BYTES} bytes.")
    path, _, query = text.partition("?")
    return path, query


def _refusal(step: Step, named: Sequence[tuple[str, Response]], size: int) -> RsvpdError | None:
    """Return why a request is not asked, given the answers so far and how many bytes they are."""
    if step.problem is not None:
        return step.problem
    if any(named[place][1].status >= _FAILED for place in step.needs):
        return FailedDependency("The request depends on another one of the batch, which failed.")
    if size > MOST_ANSWER_BYTES:
        return Throttled()
    return None


async def _answer(
    request: Request, refusal: RsvpdError | None, front_door: FrontDoor, refuse: Refuse
) -> tuple[Response, Part]:
    began = time.perf_counter()
    if refusal is not None:
        response = refuse(request, refusal)
    else:
        response = await _answer_request(request, front_door, refuse)
    said = dict(response.headers)
    part = Part(
        person=log.person.get(),
        application=log.application.get(),
        method=request.method,
        mount=request.mount,
        path=request.path[:LOGGED],
        query=request.query[:LOGGED],
        status=response.status,
        seconds=time.perf_counter() - began,
        hint=said.get(HINT_HEADER, ""),
        fault=said.get(FAULT_HEADER, ""),
        request=request,
        response=response,
    )
    return response, part


async def _answer_request(request: Request, front_door: FrontDoor, refuse: Refuse) -> Response:
    """An error of ours is the answer of this request alone: others of the batch have been committed."""
    # This is a task of its own: what is set here, or by the front door, ends with it.
    log.person.set("")
    log.application.set("")
    before = around.get()
    try:
        return await (front_door(request) if before is None else before(request, front_door, refuse))
    except Unavailable as wrong:
        return refuse(request, wrong)
    except Exception as wrong:
        _log.failure("request.failed", wrong, mount=request.mount, method=request.method)
        return refuse(request, RsvpdError())
