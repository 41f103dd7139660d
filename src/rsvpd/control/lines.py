"""An answer in lines of JSON, for who wants to be told how far something has come that takes long.

Each line is an object: {"progress": …} as often as there is something to tell, then {"result": …} or {"error": …}. What
ends before there is anything to tell is answered as to everybody else. Whoever goes away has given it up: what was done
is taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.requests import Request
from starlette.responses import StreamingResponse

from rsvpd.control.reports import Progress, reports_to

MEDIA_TYPE = "application/x-ndjson"

_encode = msgspec.json.Encoder().encode
_Queue = asyncio.Queue[Progress | None]


class Fault(Struct, frozen=True):
    """Why it could not be done."""

    code: str
    message: str


class Line(Struct, frozen=True):
    """One line: how far it has come, what came of it, or why nothing did."""

    progress: Progress | UnsetType = UNSET
    result: msgspec.Raw | UnsetType = UNSET
    error: Fault | UnsetType = UNSET


def are_wanted(request: Request) -> bool:
    """Return whether somebody asks for lines."""
    return MEDIA_TYPE in request.headers.get("accept", "")


async def answer(
    does: Callable[[], Awaitable[object]], fault_of: Callable[[Exception], Fault | None]
) -> StreamingResponse | object:
    """Return the answer in lines, or what came of it where that was there before any of them. Raises what it raises.

    `fault_of` words what can be said of an exception, None where nothing can.
    """
    loop, queue = asyncio.get_running_loop(), _Queue()

    def report(progress: Progress) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, progress)

    with reports_to(report):
        task = asyncio.ensure_future(does())
    task.add_done_callback(lambda _: queue.put_nowait(None))
    first = await queue.get()
    if first is None:
        return await task
    return StreamingResponse(_lines(first, queue, task, fault_of), media_type=MEDIA_TYPE)


async def _lines(
    first: Progress, queue: _Queue, task: asyncio.Future[object], fault_of: Callable[[Exception], Fault | None]
) -> AsyncIterator[bytes]:
    progress: Progress | None = first
    try:
        while progress is not None:
            yield _line(Line(progress=progress))
            progress = await queue.get()
        yield _line(_end(task, fault_of))
    finally:
        task.cancel()


def _end(task: asyncio.Future[object], fault_of: Callable[[Exception], Fault | None]) -> Line:
    try:
        return Line(result=msgspec.Raw(_encode(task.result())))
    except Exception as wrong:
        fault = fault_of(wrong)
        if fault is None:
            raise
        return Line(error=fault)


def _line(line: Line) -> bytes:
    return _encode(line) + b"\n"
