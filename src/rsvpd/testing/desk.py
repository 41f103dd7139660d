"""The control desk of a running server, as a test asks it: by path, JSON in and out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

MOUNT = "/_rsvpd"
_WITHOUT_PATIENCE = 30.0


class Refused(Exception):
    """The server did not do what was asked; the text says what and why. `status` is that of the answer."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotOnThisServer(Refused):
    """This server has no such verb: it is of another version of rsvpd."""


class ControlDesk:
    """Asks for verbs. Everything raises Refused, and NotOnThisServer for a verb that is not there."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url + MOUNT, headers=headers, trust_env=False, timeout=_WITHOUT_PATIENCE)

    def ask(self, method: str, path: str, *, body: object = None, **options: object) -> Any:
        """Return the answer of a verb, None where it has none. A text is sent as it is, all else as JSON; options that
        are None are left out."""
        given = {name: _text(one) for name, one in options.items() if one is not None}
        sent: dict[str, Any] = {"content": body} if isinstance(body, str) else {"json": body}
        reply = self._http.request(method, path, params=given, **sent)
        if reply.is_error:
            raise refusal(reply, f"{method} {MOUNT}{path}")
        return reply.json() if reply.content else None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def segment(name: str) -> str:
    """Return a name as it stands in a path."""
    return quote(name, safe="@")


def refusal(reply: httpx.Response, asked: str) -> Refused:
    """Return the error that an answer is, in the server's words, with its hint where it gives one."""
    code, message = _words(reply)
    if code == "RequestNotPossible" and reply.status_code in (404, 405):
        known = f"GET {MOUNT}/openapi.json lists what it has"
        return NotOnThisServer(f"This server has no {asked}; {known}.", status=reply.status_code)
    hint, fault = reply.headers.get("x-rsvpd-hint", ""), reply.headers.get("x-rsvpd-fault", "")
    made = f" by the fault {fault!r}, which a test set for what it asks itself too" if fault else ""
    said = f"{asked}: {reply.status_code}{made}, {message}{f' ({hint})' if hint else ''}"
    return Refused(said, status=reply.status_code)


def _words(reply: httpx.Response) -> tuple[str, str]:
    try:
        error = reply.json()["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", reply.text[:200]


def _text(option: object) -> str:
    return str(option).lower() if isinstance(option, bool) else str(option)
