"""Recorded exchanges: what a service was asked, in order, and what it said. No sockets."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from rsvpd import clock
from rsvpd.cli.rsvp import run
from rsvpd.cli.world import World
from rsvpd.client import Client, Provider

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com/v1.0"
O1 = "https://outlook.office.com/api/v1.0"
O2 = "https://outlook.office.com/api/v2.0"
GOOGLE = "https://www.googleapis.com/calendar/v3"
BASES = {
    Provider.GRAPH: GRAPH,
    Provider.OUTLOOK_V1: O1,
    Provider.OUTLOOK_V2: O2,
    Provider.GOOGLE: GOOGLE,
}


class Exchange:
    """One request as it must come (`GET /path`, without the base), and the answer to it."""

    def __init__(
        self,
        asked: str,
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        fails: type[httpx.TransportError] | None = None,
    ) -> None:
        self.asked = asked
        self.body = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = headers or {}
        self.fails = fails


class Recording(httpx.BaseTransport):
    """Plays exchanges in order and keeps the requests."""

    def __init__(self, *exchanges: Exchange) -> None:
        self.left = list(exchanges)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        assert self.left, f"nothing more was expected, and {request.method} {request.url} came"
        exchange = self.left.pop(0)
        method, _, path = exchange.asked.partition(" ")
        assert (request.method, request.url.raw_path.decode().partition("?")[0]) == (method, path)
        if exchange.fails:
            raise exchange.fails("recorded failure")
        return httpx.Response(exchange.status, headers=exchange.headers, content=exchange.body)

    def query(self, number: int) -> dict[str, str]:
        """Return the query of one request."""
        found = parse_qs(self.requests[number].url.query.decode(), keep_blank_values=True)
        return {unquote(name): values[0] for name, values in found.items()}

    def sent(self, number: int) -> Any:
        """Return the JSON body of one request."""
        return json.loads(self.requests[number].content)

    @property
    def is_over(self) -> bool:
        """Return whether everything that was expected came."""
        return not self.left


class Naps:
    """A sleep that only takes notes."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def still_clock() -> clock.Instant:
    """Return NOW, always."""
    return clock.from_datetime(NOW)


def client(provider: Provider, recording: httpx.BaseTransport, naps: Naps | None = None) -> Client:
    """Return a client that talks to the recording."""
    return Client(
        provider, "secret", base=BASES[provider], transport=recording, sleep=naps or Naps(), clock=still_clock
    )


class Terminal:
    """A terminal with a home of its own in front of a recording."""

    def __init__(self, home: Path, recording: httpx.BaseTransport | None = None, *, typed: str = "") -> None:
        self.home = home
        self.recording: httpx.BaseTransport | None = recording or Recording()
        self.naps = Naps()
        self.typed = typed
        self.environ = {
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
        }
        self.clock = still_clock
        self.out = self.err = ""

    def __call__(self, *argv: str) -> int:
        """Run `rsvp` with these words; returns the exit code and keeps what was written."""
        out, err = io.StringIO(), io.StringIO()
        world = World(
            environ=self.environ,
            out=out,
            err=err,
            stdin=io.StringIO(self.typed),
            transport=self.recording,
            sleep=self.naps,
            clock=self.clock,
        )
        code = run(argv, world)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    @property
    def json(self) -> Any:
        """Return what was written as a document."""
        return json.loads(self.out)


# --- what services say


def graph_event(ident: str, subject: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """Return an event of Graph as an invitee sees it before answering."""
    return {
        "@odata.etag": 'W/"CwAA"',
        "id": ident,
        "subject": subject,
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": False,
        "responseRequested": True,
        "seriesMasterId": None,
        "type": "singleInstance",
        "responseStatus": {"response": "notResponded", "time": "0001-01-01T00:00:00Z"},
        "start": {"dateTime": f"{start}:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": f"{end}:00.0000000", "timeZone": "UTC"},
        "location": {"displayName": "Orion", "locationType": "default"},
        "organizer": {"emailAddress": {"name": "Alice", "address": "alice@example.com"}},
        **more,
    }


def outlook_event(ident: str, subject: str, start: Any, end: Any, **more: Any) -> dict[str, Any]:
    """Return an event of Outlook REST as an invitee sees it before answering."""
    return {
        "@odata.id": f"{O1}/Users('bob@example.com')/Events('{ident}')",
        "Id": ident,
        "Subject": subject,
        "IsAllDay": False,
        "IsCancelled": False,
        "IsOrganizer": False,
        "ResponseRequested": True,
        "SeriesMasterId": None,
        "Type": "SingleInstance",
        "ResponseStatus": {"Response": "NotResponded", "Time": "0001-01-01T00:00:00Z"},
        "Start": start,
        "End": end,
        "Location": {"DisplayName": "Orion"},
        "Organizer": {"EmailAddress": {"Name": "Alice", "Address": "alice@example.com"}},
        **more,
    }


def google_event(ident: str, summary: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """Return an event of Google as an invitee sees it before answering, with `maxAttendees=1`."""
    return {
        "kind": "calendar#event",
        "etag": '"3544980000000000"',
        "id": ident,
        "status": "confirmed",
        "created": "2026-11-20T08:00:00.000Z",
        "summary": summary,
        "location": "Orion",
        "creator": {"email": "alice@example.com"},
        "organizer": {"email": "alice@example.com", "displayName": "Alice"},
        "start": {"dateTime": start, "timeZone": "Europe/Berlin"},
        "end": {"dateTime": end, "timeZone": "Europe/Berlin"},
        "iCalUID": f"{ident}@google.com",
        "attendees": [{"email": "bob@example.com", "self": True, "responseStatus": "needsAction"}],
        "attendeesOmitted": True,
        **more,
    }


def graph_page(*events: dict[str, Any], link: str | None = None) -> dict[str, Any]:
    """Return a page of a list."""
    return {"value": list(events), **({"@odata.nextLink": link} if link else {})}
