"""Verbs for who watches: a page that follows a mailbox, and what counts what happens."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands.live import backlog
from rsvpd.control import metrics
from rsvpd.control.desk import Desk, Verb, is_own_page
from rsvpd.control.everywhere import of_all
from rsvpd.control.workers import Counts


async def follow_mailbox(desk: Desk, request: Request, token: str = "") -> Response:
    """Tell how far the mailbox of a token's person is, now and with each change, as server-sent events.

    The token is that of the interfaces; a page puts it into the query, as EventSource sends no headers.
    """
    if not is_own_page(request):
        raise HTTPException(403, "This is for pages of this server; others follow a mailbox by subscriptions.")
    if desk.live is None:
        raise HTTPException(503, "Only a running server has streams.")
    return await desk.live.follow(request.headers.get("authorization") or (f"Bearer {token}" if token else None))


async def show_metrics(desk: Desk) -> Response:
    """Return what is counted, in the text format of Prometheus; of several processes each by itself."""
    counted = await of_all(desk, Counts(), metrics.ProcessCounts)
    workers = range(desk.workers.sockets.count) if desk.workers else ()
    found = metrics.Numbers(counted, await desk.store(backlog), workers)
    return Response(metrics.text_of(found), media_type=CONTENT_TYPE_LATEST)


VERBS = (
    Verb("GET", "/live", follow_mailbox, is_open=True, patience_seconds=None),
    Verb("GET", "/metrics", show_metrics),
)
