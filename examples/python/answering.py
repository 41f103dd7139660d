"""An application that answers the invitations of a mailbox, over Microsoft Graph.

    answer_invitations("https://graph.microsoft.com/v1.0", fetch_token, decide)

`decide` is asked for each invitation that waits, and returns "accept", "decline", "tentativelyAccept", or None to leave
it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

Event = dict[str, Any]
Decide = Callable[[Event], "str | None"]

TRIES = 5
DAYS = 60
MEMBERS = "id,subject,start,end,organizer,isOrganizer,isCancelled,responseStatus"
WAITING = ("none", "notResponded")


class Mailbox:
    """Graph as one user: waits where it is told to wait, and fetches another token when the last one has expired."""

    def __init__(self, base: str, fetch_token: Callable[[], str], sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = httpx.Client(base_url=base, timeout=30)
        self._fetch_token = fetch_token
        self._token = fetch_token()
        self._sleep = sleep

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the answer, whatever its status, once the service is not busy any more."""
        is_fresh = False
        for attempt in range(TRIES):
            reply = self._http.request(method, path, headers={"Authorization": f"Bearer {self._token}"}, **more)
            if reply.status_code == 401 and not is_fresh:
                self._token, is_fresh = self._fetch_token(), True
            elif reply.status_code in (429, 503):
                self._sleep(wait_seconds(reply, attempt))
            else:
                break
        return reply

    def waiting(self, now: datetime) -> list[Event]:
        """Return the invitations of the next weeks that nobody has answered."""
        window = {"startDateTime": now.isoformat(), "endDateTime": (now + timedelta(days=DAYS)).isoformat()}
        reply = self.ask("GET", "/me/calendarView", params={**window, "$select": MEMBERS, "$top": "100"})
        return [one for one in reply.raise_for_status().json()["value"] if is_waiting(one)]

    def event(self, id: str) -> Event | None:
        """Return an event as it is now, or None where it is gone."""
        reply = self.ask("GET", f"/me/events/{id}", params={"$select": MEMBERS})
        return None if reply.status_code == 404 else reply.raise_for_status().json()

    def answer(self, id: str, how: str) -> bool:
        """Answer, and tell the organizer; return False where the event is gone."""
        reply = self.ask("POST", f"/me/events/{id}/{how}", json={"sendResponse": True})
        return reply.status_code != 404 and bool(reply.raise_for_status())


def wait_seconds(reply: httpx.Response, attempt: int) -> float:
    """Return how long to wait: what Retry-After says, in seconds or as a date, else longer each time."""
    told = reply.headers.get("Retry-After", "")
    if told.isdigit():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return float(2**attempt)


def is_waiting(event: Event) -> bool:
    """Return whether somebody else invites, and waits for an answer."""
    is_mine = event["isOrganizer"] or event["isCancelled"]
    return not is_mine and event["responseStatus"]["response"] in WAITING


def answer_invitations(
    base: str,
    fetch_token: Callable[[], str],
    decide: Decide,
    *,
    now: datetime | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[tuple[str, str]]:
    """Answer all that waits; return subjects and answers.

    A decision holds for the time that it was made for: where a meeting was moved meanwhile, it is made again.
    """
    mailbox = Mailbox(base, fetch_token, sleep)
    answered = []
    for invitation in mailbox.waiting(now or datetime.now(UTC)):
        how, current = settle(mailbox, invitation, decide)
        if how and current and mailbox.answer(current["id"], how):
            answered.append((current["subject"], how))
    return answered


def settle(mailbox: Mailbox, invitation: Event, decide: Decide) -> tuple[str | None, Event | None]:
    """Return a decision, and the event that it is for, or None where that needs none any more."""
    for _ in range(TRIES):
        how = decide(invitation)
        current = mailbox.event(invitation["id"]) if how else None
        if current is None or not is_waiting(current):
            return None, None
        if (current["start"], current["end"]) == (invitation["start"], invitation["end"]):
            return how, current
        invitation = current
    return None, None
