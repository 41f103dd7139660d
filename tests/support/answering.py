"""Guests who answer over and over, and what has to have arrived of it.

Rule: what was answered 202 stands in the organizer's inbox exactly once and in the tracking; what was cut off may be
repeated as it was, and then stands there exactly once as well.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
from msgspec import Struct

from support.running import Running

MEETINGS = 6
GUESTS = ("bob", "carol", "dave")
ACTIONS = (("accept", "accepted"), ("tentativelyAccept", "tentativelyAccepted"))


class Guest(Struct):
    """One invitation and what its owner has said so far; `open` is an answer without acknowledgement."""

    address: str
    event: str
    organizers_event: str
    said: int = 0
    open: bool = False

    @property
    def comment(self) -> str:
        return f"{self.address} on {self.organizers_event[-8:]} says {self.said}"

    @property
    def action(self) -> tuple[str, str]:
        return ACTIONS[self.said % 2]


def invite(server: Running) -> list[Guest]:
    guests = []
    for number in range(MEETINGS):
        body = {
            "subject": f"Load {number}",
            "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
            "attendees": [{"emailAddress": {"address": f"{one}@example.com"}} for one in GUESTS],
        }
        made = _ask(server, "alice", "POST", "/v1.0/me/events", body)
        for one in GUESTS:
            found = _ask(server, one, "GET", f"/v1.0/me/events?$filter=iCalUId eq '{made['iCalUId']}'")
            guests.append(Guest(f"{one}@example.com", found["value"][0]["id"], made["id"]))
    return guests


async def answer(client: httpx.AsyncClient, server: Running, guest: Guest) -> bool:
    """Return whether the answer was acknowledged; False where the connection broke."""
    headers = server.auth(guest.address)
    path = f"/v1.0/me/events/{guest.event}/{guest.action[0]}"
    try:
        reply = await client.post(path, json={"comment": guest.comment}, headers=headers)
    except httpx.TransportError:
        return False
    assert reply.status_code == 202, reply.text
    return True


def arrived_at(server: Running) -> Counter[str]:
    """Return what the organizer was told, and how often."""
    arrived = Counter(_comments(server, "alice", "inbox"))
    assert {comment: n for comment, n in arrived.items() if n != 1} == {}, "an answer arrived twice"
    return arrived


def check(server: Running, guests: list[Guest], acknowledged: Counter[str]) -> None:
    arrived = arrived_at(server)
    assert set(acknowledged) - set(arrived) == set(), "an acknowledged answer is lost"
    assert set(arrived) - set(acknowledged) == set(), "an answer that nobody gave"
    sent = Counter(comment for one in GUESTS for comment in _comments(server, one, "sentitems"))
    assert sent == arrived
    for guest in guests:
        event = _ask(server, "alice", "GET", f"/v1.0/me/events/{guest.organizers_event}")
        tracked = {one["emailAddress"]["address"]: one["status"]["response"] for one in event["attendees"]}
        assert guest.said == 0 or tracked[guest.address] == guest.action[1]


def _comments(server: Running, who: str, folder: str) -> list[str]:
    found: list[str] = []
    url = f"/v1.0/me/mailFolders/{folder}/messages?$top=1000&$select=bodyPreview,subject"
    while url:
        page = _ask(server, who, "GET", url)
        found += [one["bodyPreview"] for one in page["value"] if " says " in one["bodyPreview"]]
        url = page.get("@odata.nextLink", "").removeprefix(server.url)
    return found


def _ask(server: Running, who: str, method: str, path: str, body: Any = None) -> Any:
    reply = server.ask(method, path, who, json=body)
    assert reply.status_code < 300, reply.text
    return reply.json()
