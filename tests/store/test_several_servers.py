"""Several servers over one database have bad luck: one dies over a delivery or hangs, clocks differ, connections run
out.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Start
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Timed
from rsvpd.commands import deliver
from rsvpd.commands.calendar import create_event, update_event
from rsvpd.commands.deliver import SLICE, deliver_next
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.errors import StorageFailed
from rsvpd.mail.person import Person
from rsvpd.store import deliveries
from rsvpd.store.database import Store
from rsvpd.store.postgres import engine
from rsvpd.store.tx import Tx
from support import postgres
from support.running import PATIENCE_SECONDS, Running, clean_environ, rsvpd
from support.waiting import until

NOW = 1_800_000_000_000_000
MANY = 5 * SLICE
INBOX = "/v1.0/me/mailFolders/inbox/messages?$select=subject&$top=10"
# A process that carries out one slice, says so, and is never done with it.
HOLDING = """
import sys, time
from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.door import writes
from rsvpd.store.database import Store

@writes
def hold(tx):
    assert deliver_next(tx)
    tx.newest_changes([1])  # what travels with the next statement has arrived
    print("held", flush=True)
    time.sleep(600)

Store.open(sys.argv[1]).run(hold)
"""


def invite(store: Store, organizer: Person, guests: int, subject: str = "Party") -> EventRef:
    """Invite so many, each of whom has a mailbox."""
    draft = EventDraft(
        subject=subject, start=Timed(_wall(10)), end=Timed(_wall(11)),
        attendees=tuple(AttendeeDraft(address=f"g{n}@example.com") for n in range(guests)),
    )  # fmt: skip
    return EventRef(uid=store.run(create_event, Who(organizer.oid, None, NOW), draft).value.meeting.uid)


def _wall(hour: int) -> datetime:
    return datetime(2030, 1, 1, hour)


@pytest.mark.slow
def test_a_slice_of_a_process_that_is_killed_is_taken_up_by_another(
    store: Store, url: str, start_server: Start
) -> None:
    alice = store.run(add_person, "alice@example.com", now=NOW)
    for n in range(MANY):
        store.run(add_person, f"g{n}@example.com", now=NOW)
    invite(store, alice, MANY)
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, url], stdout=subprocess.PIPE, env=clean_environ())
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        server = start_server("--database", url)
        assert server.ask("GET", INBOX, f"g{SLICE}").json()["value"] == [], "it is held"
    finally:
        holder.kill()
        holder.wait()
    until(lambda: store.run(waiting) == 0, seconds=PATIENCE_SECONDS)
    for n in range(MANY):
        (message,) = server.ask("GET", INBOX, f"g{n}").json()["value"]
        assert message["subject"] == "Party"
    server.stop()


@reads
def waiting(tx: Tx) -> int:
    return deliveries.count_deliveries(tx)


def test_nobody_carries_out_what_comes_after_a_delivery_that_another_holds(store: Store, other: Store) -> None:
    """Else guests could be told of a change before they are invited; another meeting goes on meanwhile."""
    alice, bob = (store.run(add_person, f"{name}@example.com", now=NOW) for name in ("alice", "bob"))
    for n in range(2 * SLICE):
        store.run(add_person, f"g{n}@example.com", now=NOW)
    party = invite(store, alice, 2 * SLICE)
    store.run(update_event, Who(alice.oid, None, NOW), party, EventDraft(subject="Great party"))
    seen = []

    @writes
    def claim(tx: Tx) -> str:
        kept = deliveries.oldest(tx, deliver._decode)
        return kept.revision.event.subject if kept else ""

    @writes
    def hold(tx: Tx) -> None:
        assert claim(tx) == "Party"
        seen.append(other.run(claim))

    store.run(hold)
    invite(store, bob, 2 * SLICE, "Dinner")
    store.run(hold)
    assert seen == ["", "Dinner"]
    while store.run(deliver_next):
        pass
    assert store.run(waiting) == 0


def test_the_database_looks_after_machines_that_are_gone(store: Store) -> None:
    """It waits for hours else, and nobody changes a mailbox meanwhile that such a one has locked."""

    @reads
    def patience(tx: Tx) -> Any:
        names = "'tcp_keepalives_idle', 'tcp_keepalives_interval'"
        return tx.row(f"SELECT max(CAST(setting AS bigint)) FROM pg_settings WHERE name IN ({names})")  # noqa: S608 - constants

    assert 0 < store.run(patience)[0] <= 30


def test_a_session_that_the_database_ends_is_no_fault_of_the_request(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = f"{engine._OPTIONS['options']} -c idle_in_transaction_session_timeout=50"
    monkeypatch.setitem(engine._OPTIONS, "options", options)
    store = Store.open(url)

    @reads
    def dawdle(tx: Tx) -> Any:
        time.sleep(0.5)
        return tx.row("SELECT 1")

    with pytest.raises(StorageFailed):
        store.run(dawdle)
    assert store.run(waiting) == 0
    store.close()


@pytest.mark.slow
def test_clocks_of_servers_may_be_a_minute_apart(url: str, start_server: Start) -> None:
    ahead = start_server("--database", url, "--clock", "2026-11-23T08:01:00Z")
    behind = start_server("--database", url, "--clock", "2026-11-23T08:00:00Z")
    token = {"Authorization": f"Bearer {ahead.token('bob')}"}
    url_of_events = "/v1.0/me/events?$filter=subject eq 'Project kickoff'"
    reply = behind.ask("GET", url_of_events, headers=token)
    assert reply.status_code == 200, reply.text
    (mine,) = reply.json()["value"]
    etags = [_etag(behind)]
    servers = (ahead, behind, ahead, behind, behind, ahead, behind)
    answers = ("accept", "tentativelyAccept", "accept", "tentativelyAccept", "accept", "tentativelyAccept", "accept")
    for number, (server, answer) in enumerate(zip(servers, answers, strict=True)):
        body = {"comment": f"Answer {number}"}
        assert server.ask("POST", f"/v1.0/me/events/{mine['id']}/{answer}", "bob", json=body).status_code == 202
        for asked in (ahead, behind):
            assert _tracked(asked) == {"accept": "accepted"}.get(answer, "tentativelyAccepted")
        assert _etag(ahead) == _etag(behind)
        etags.append(_etag(ahead))
    assert len(set(etags)) == len(etags), "each answer is a change that lists show"
    inbox = behind.ask("GET", "/v1.0/me/mailFolders/inbox/messages?$top=50&$select=bodyPreview", "alice").json()
    comments = [one["bodyPreview"] for one in inbox["value"] if one["bodyPreview"].startswith("Answer ")]
    assert sorted(comments) == [f"Answer {number}" for number in range(len(answers))]
    doctor = rsvpd("doctor", "--deep", "--database", url)
    assert doctor.returncode == 0, doctor.stdout
    for server in (ahead, behind):
        server.stop()


def _tracked(server: Running) -> str:
    url_of_events = "/v1.0/me/events?$filter=subject eq 'Project kickoff'"
    (event,) = server.ask("GET", url_of_events, "alice").json()["value"]
    found: dict[str, str] = {
        one["emailAddress"]["address"]: one["status"]["response"] for one in event["attendees"]
    }
    return found["bob@example.com"]


@pytest.mark.slow
def test_more_requests_than_connections_come_through_or_are_told_to_come_again(start_server: Start) -> None:
    """A server has up to fifteen connections, and this database eight for all."""
    database = postgres.Server(max_connections="8", superuser_reserved_connections="0")
    try:
        database.run("CREATE DATABASE small")
        server = start_server("--database", database.url("small"))
        codes = asyncio.run(_ask_at_once(server))
        assert set(codes) <= {200, 202, 503}
        assert codes.count(200) + codes.count(202) > len(codes) / 2
        assert server.ask("GET", INBOX, "bob").status_code == 200
        assert server.stop() == 0
    finally:
        database.stop()


async def _ask_at_once(server: Running) -> list[int]:
    """Send very many lists and answers; return how each ended."""
    event = server.ask("GET", "/v1.0/me/events?$filter=subject eq 'Project kickoff'", "bob").json()["value"][0]["id"]

    async def ask(number: int) -> int:
        if number % 4:
            reply = await client.get(f"{INBOX}&$skip={number % 7}", headers=server.auth("alice"))
        else:
            answer = {"comment": f"Answer {number}"}
            reply = await client.post(f"/v1.0/me/events/{event}/accept", json=answer, headers=server.auth("bob"))
        assert reply.status_code < 300 or int(reply.headers["Retry-After"]) > 0, reply.text
        return reply.status_code

    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=120, limits=limits) as client:
        return await asyncio.gather(*(ask(number) for number in range(400)))


@pytest.mark.slow
@pytest.mark.parametrize("command", [("up", "--port", "0"), ("doctor",), ("user", "list"), ("backup", "copy.db")])
def test_a_wrong_password_is_told_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    database = postgres.server()
    database.demand_password("guarded", "right-word")
    right, wrong = (
        f"postgresql://guarded:{word}@127.0.0.1:{database.port}/postgres" for word in ("right-word", "wrong-word")
    )
    place = ("--data", str(tmp_path / "t.db"))
    said = rsvpd(*command, *place, "--database", wrong)
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    assert "password authentication failed" in line
    assert "wrong-word" not in said.stdout + said.stderr
    assert "password" not in rsvpd("user", "list", *place, "--database", right).stderr


def _etag(server: Running) -> str:
    """Return what says which change of bob's copy this is."""
    events = server.ask("GET", "/calendar/v3/calendars/primary/events", "bob").json()["items"]
    (found,) = (str(one["etag"]) for one in events if one["summary"] == "Project kickoff")
    return found
