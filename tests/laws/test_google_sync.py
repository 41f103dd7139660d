"""Who synchronizes with Google Calendar has what everybody has who reads everything, whatever happened in between.

People move, answer, delete and share at random; clients of theirs synchronize now and then, each in its own way. A
client that lists series may keep a date that is like its series again, as it is now, or the hole of one that its
series has no more: it shows nobody anything else.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsvpd.commands.door import writes
from rsvpd.store import changes
from rsvpd.store.tx import Tx
from support.sync_client import Item, SyncClient
from support.world import World

EVENTS = "/calendars/primary/events"
NAMES = ("alice", "bob", "carol")
RULES = ("RRULE:FREQ=DAILY;COUNT=4", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=DAILY;UNTIL=20261206T235959Z", None)
DAY = 86_400_000_000
LIVES = int(os.environ.get("RSVPD_LAWS", "25"))

a_name = st.sampled_from(NAMES)
a_number = st.integers(0, 7)
a_move = st.tuples(
    st.sampled_from((
        "plan", "plan", "plan", "answer", "answer", "answer", "answer date", "move", "move date", "rename", "repeat",
        "delete", "delete date", "uninvite", "invite to date", "share", "unshare", "sleep", "trim", "color", "restore",
        "calendar", "calendar", "second", "entry",
    )),
    a_name,
    a_number,
    a_number,
)  # fmt: skip


@writes
def trim(tx: Tx, kept: int) -> bool:
    return changes.trim(tx, kept)


class Life:
    """Three people with calendars, and what they do."""

    def __init__(self) -> None:
        self.world = World(Path(tempfile.mkdtemp(prefix="rsvpd-laws-")))
        for name in NAMES:
            self.world.add(name)
        self.seconds = {
            name: self.ask(name, "POST", "/calendars", {"summary": "Second", "timeZone": "Asia/Tokyo"})["id"]
            for name in NAMES
        }

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        reply = self.world.request(who, method, f"/calendar/v3{path}", body)
        assert reply.status < 500, (path, body, reply.body)
        return reply.json if reply.body else {}

    def do(self, move: str, who: str, one: int, other: int) -> None:
        getattr(self, "_" + move.replace(" ", "_"))(who, one, other)

    def _plan(self, who: str, one: int, other: int) -> None:
        guests = [{"email": f"{name}@example.com"} for name in NAMES if name != who][: 1 + one % 2]
        rule = RULES[other % len(RULES)]
        body = {**times(one, is_all_day=one == 5), "summary": f"Plan {one}", "attendees": guests if other < 6 else []}
        self.ask(who, "POST", f"{EVENTS}?sendUpdates=all", {**body, **({"recurrence": [rule]} if rule else {})})

    def _answer(self, who: str, one: int, other: int) -> None:
        self._say(who, self._one_of(who, one), other)

    def _answer_date(self, who: str, one: int, other: int) -> None:
        self._say(who, self._date_of(who, one, other), other)

    def _say(self, who: str, event: Item | None, other: int) -> None:
        if event and not event["organizer"].get("self"):
            word = ("accepted", "declined", "tentative")[other % 3]
            entry = {"email": f"{who}@example.com", "responseStatus": word}
            self._patch(who, event, {"attendeesOmitted": True, "attendees": [entry]})

    def _move(self, who: str, one: int, other: int) -> None:
        self._patch(who, self._one_of(who, one), times(other, is_all_day=other == 5))

    def _move_date(self, who: str, one: int, other: int) -> None:
        event = self._date_of(who, one, other)
        if event and "dateTime" in event["start"]:
            day = event["start"]["dateTime"][:11]
            self._patch(who, event, {"start": at(f"{day}1{other}:30:00Z"), "end": at(f"{day}1{other}:45:00Z")})

    def _rename(self, who: str, one: int, other: int) -> None:
        self._patch(who, self._one_of(who, one), {"summary": f"Renamed {other}"})

    def _color(self, who: str, one: int, other: int) -> None:
        self._patch(who, self._date_of(who, one, other), {"colorId": str(1 + other)})

    def _repeat(self, who: str, one: int, other: int) -> None:
        rule = RULES[other % len(RULES)]
        self._patch(who, self._one_of(who, one), {"recurrence": [rule] if rule else None})

    def _uninvite(self, who: str, one: int, other: int) -> None:
        event = self._date_of(who, one, other) if other % 2 else self._one_of(who, one)
        self._patch(who, event, {"attendees": (event or {}).get("attendees", [])[:1]})

    def _invite_to_date(self, who: str, one: int, other: int) -> None:
        event = self._date_of(who, one, other)
        guests = [{"email": f"{name}@example.com"} for name in NAMES]
        self._patch(who, event, {"attendees": guests})

    def _delete(self, who: str, one: int, other: int) -> None:
        if event := self._one_of(who, one):
            self.ask(who, "DELETE", f"{EVENTS}/{event['id']}?sendUpdates=all")

    def _delete_date(self, who: str, one: int, other: int) -> None:
        if event := self._date_of(who, one, other):
            self.ask(who, "DELETE", f"{EVENTS}/{event['id']}?sendUpdates=all")

    def _restore(self, who: str, one: int, other: int) -> None:
        gone = [e for e in self.ask(who, "GET", f"{EVENTS}?showDeleted=true")["items"] if e["status"] == "cancelled"]
        if gone:
            event = gone[one % len(gone)]
            self.ask(who, "PATCH", f"{EVENTS}/{event['id']}?sendUpdates=all", {"status": "confirmed"})

    def _share(self, who: str, one: int, other: int) -> None:
        to = NAMES[(NAMES.index(who) + 1 + one % 2) % 3]
        role = ("reader", "writer", "freeBusyReader")[other % 3]
        body = {"role": role, "scope": {"type": "user", "value": f"{to}@example.com"}}
        self.ask(who, "POST", "/calendars/primary/acl?sendNotifications=false", body)

    def _unshare(self, who: str, one: int, other: int) -> None:
        to = NAMES[(NAMES.index(who) + 1 + one % 2) % 3]
        self.ask(who, "DELETE", f"/calendars/primary/acl/user:{to}@example.com")

    def _calendar(self, who: str, one: int, other: int) -> None:
        """Move an event to the other calendar."""
        source, target = (self.seconds[who], "primary") if other % 2 else ("primary", self.seconds[who])
        events = self.ask(who, "GET", f"/calendars/{source}/events")["items"]
        own = [event for event in events if "recurringEventId" not in event and event["organizer"].get("self")]
        if own:
            event = own[one % len(own)]["id"]
            self.ask(who, "POST", f"/calendars/{source}/events/{event}/move?destination={target}")

    def _second(self, who: str, one: int, other: int) -> None:
        """Plan, rename or delete in the second calendar."""
        at = f"/calendars/{self.seconds[who]}/events"
        events = [event for event in self.ask(who, "GET", at)["items"] if "recurringEventId" not in event]
        if other < 4 or not events:
            rule = RULES[other % len(RULES)]
            body = {**times(one, is_all_day=one == 5), "summary": f"Race {one}"}
            self.ask(who, "POST", at, {**body, **({"recurrence": [rule]} if rule else {})})
        elif other < 6:
            self.ask(who, "PATCH", f"{at}/{events[one % len(events)]['id']}", {"summary": f"Renamed {other}"})
        else:
            self.ask(who, "DELETE", f"{at}/{events[one % len(events)]['id']}")

    def _entry(self, who: str, one: int, other: int) -> None:
        """Write how a calendar stands in the list."""
        calendars = self.ask(who, "GET", "/users/me/calendarList")["items"]
        calendar = calendars[one % len(calendars)]["id"]
        self.ask(who, "PATCH", f"/users/me/calendarList/{calendar}", {"colorId": str(1 + other)})

    def _sleep(self, who: str, one: int, other: int) -> None:
        self.world.now += (1 + other) * DAY

    def _trim(self, who: str, one: int, other: int) -> None:
        if other == 7:
            while self.world.store.run(trim, 4):
                pass

    def _one_of(self, who: str, one: int) -> Item | None:
        items = [e for e in self.ask(who, "GET", EVENTS)["items"] if "recurringEventId" not in e]
        return items[one % len(items)] if items else None

    def _date_of(self, who: str, one: int, other: int) -> Item | None:
        items = self.ask(who, "GET", f"{EVENTS}?singleEvents=true&maxResults=40")["items"]
        dates = [e for e in items if "recurringEventId" in e] or items
        return dates[(one * 8 + other) % len(dates)] if dates else None

    def _patch(self, who: str, event: Item | None, body: dict[str, Any]) -> None:
        if event:
            self.ask(who, "PATCH", f"{EVENTS}/{event['id']}?sendUpdates=all", body)


def at(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": "Europe/Berlin"}


def times(number: int, *, is_all_day: bool) -> dict[str, Any]:
    day = f"2026-12-0{1 + number % 3}"
    if is_all_day:
        return {"start": {"date": day}, "end": {"date": f"2026-12-0{2 + number % 3}"}}
    return {"start": at(f"{day}T1{number}:00:00Z"), "end": at(f"{day}T1{number}:30:00Z")}


def check(life: Life, client: SyncClient, who: str) -> None:
    """Assert that a client has what a full read shows."""
    full = client.full()
    assert {name: client.items.get(name) for name in full} == full
    for name in client.items.keys() - full.keys():
        kept = client.items[name]
        assert kept.get("recurringEventId") in full or kept["status"] == "cancelled", kept
        now = life.ask(who, "GET", f"{EVENTS}/{name}")
        assert kept == now or (kept["status"] == "cancelled" and now.get("status") != "confirmed"), (kept, now)


def check_second(client: SyncClient) -> None:
    """Assert the same of a second calendar: what was moved away is cancelled there."""
    full = client.full()
    assert {name: client.items.get(name) for name in full} == full
    left = [one for name, one in client.items.items() if name not in full]
    assert all(one["status"] == "cancelled" or one.get("recurringEventId") in full for one in left), left


def check_short(client: SyncClient, *members: str) -> None:
    """Assert the same of a short list, as far as changes of these members are told."""
    full = client.full()
    shown, seen = ({one["id"]: [one[name] for name in members] for one in of.values()} for of in (full, client.items))
    assert shown == seen


FIXED = "RSVPD_LAWS" not in os.environ
LIFE = settings(
    max_examples=LIVES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=FIXED
)  # fmt: skip
a_life = st.lists(st.lists(a_move, max_size=5), min_size=2, max_size=8)
Rounds = list[list[tuple[str, str, int, int]]]


@LIFE
@given(a_life)
def test_who_synchronizes_has_what_a_full_read_shows(rounds: Rounds) -> None:
    life = Life()
    try:
        clients = [
            (who, SyncClient(life.world, who, EVENTS, page=page, **params))
            for who in NAMES[:2]
            for page, params in ((3, {}), (50, {"singleEvents": "true"}))
        ]
        seconds = [
            SyncClient(life.world, who, f"/calendars/{life.seconds[who]}/events", page=3, singleEvents=single)
            for who in NAMES[:2]
            for single in ("false", "true")
        ]
        rules = [SyncClient(life.world, who, "/calendars/primary/acl", page=1) for who in NAMES]
        calendars = [SyncClient(life.world, who, "/users/me/calendarList", page=1) for who in NAMES]
        for moves in (*rounds, []):
            for number, (who, client) in enumerate(clients):
                if not moves or (len(moves) + number) % 3:  # not all of them each time
                    client.sync()
                    check(life, client, who)
            for one in seconds:
                one.sync()
                check_second(one)
            for one in rules:
                one.sync()
                check_short(one, "role", "scope", "etag")
            for one in calendars:
                one.sync()
                check_short(one, "summary", "timeZone", "colorId")
            for move in moves:
                life.do(*move)
    finally:
        life.world.close()


@LIFE
@given(a_life)
def test_who_synchronizes_a_shared_calendar_has_what_a_full_read_shows(rounds: Rounds) -> None:
    life = Life()
    try:
        life.do("share", "alice", 0, 1)  # to bob, who may write
        shared = "/calendars/alice@example.com/events"
        clients = [SyncClient(life.world, "bob", shared, singleEvents=one) for one in ("true", "false")]
        for moves in (*rounds, []):
            for client in clients:
                client.sync()
                full = client.full()
                assert {name: client.items.get(name) for name in full} == full
            for move, *rest in moves:
                if move not in ("share", "unshare"):
                    life.do(move, *rest)
    finally:
        life.world.close()
