"""A server is killed while it tells a receiver that is slow, fails and is away: everything is heard, in order.

The kills fall on counted changes, not on times. What was heard twice is no fault; what was not heard is one.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from conftest import Start
from rsvpd.identity.clients import LOCAL_CLIENT
from support import postgres
from support.decrypting import opener
from support.receiving import Receiver
from support.running import PATIENCE_SECONDS, Running

EVENTS, KILLS = 40, 4
# Interfaces whose notifications hold the items themselves.
WHOLE, SELECTED = " with items", "?$select=subject"


def subscribe(server: Running, receiver: Receiver, *, interface: str = "graph") -> None:
    if interface.startswith("outlook"):
        pushed = {
            "@odata.type": "#Microsoft.OutlookServices.PushSubscription",
            "ChangeType": "Created,Updated,Deleted",
            "NotificationURL": receiver.url,
            "Resource": f"me/events{SELECTED if interface.endswith(WHOLE) else ''}",
        }
        reply = server.ask("POST", "/api/v2.0/me/subscriptions", "alice", json=pushed)
        assert reply.status_code == 201, reply.text
        return
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": receiver.url,
        "resource": "me/events",
        "expirationDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 80_000)),
    }
    if interface.endswith(WHOLE):
        body |= {
            "resource": f"me/events{SELECTED}", "includeResourceData": True, "encryptionCertificateId": "mine",
            "encryptionCertificate": opener().text(),
        }  # fmt: skip
    reply = server.ask("POST", "/v1.0/subscriptions", "alice", json=body)
    assert reply.status_code == 201, reply.text


def change(server: Running, number: int) -> str:
    """Make an event and rename it; return its id."""
    times = (("start", 10), ("end", 11))
    slot = {name: {"dateTime": f"2030-03-01T{hour}:00:00", "timeZone": "UTC"} for name, hour in times}
    made = server.ask("POST", "/v1.0/me/events", "alice", json=slot | {"subject": f"Event {number}"})
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    renamed = server.ask("PATCH", f"/v1.0/me/events/{id}", "alice", json={"subject": f"Renamed {number}"})
    assert renamed.status_code == 200, renamed.text
    return str(id)


def last_etag(server: Running, id: str) -> str:
    return str(server.ask("GET", f"/v1.0/me/events/{id}", "alice").json()["@odata.etag"])


def data_of(one: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = one.get("resourceData") or one["ResourceData"]
    return found


def id_of(one: dict[str, Any]) -> str:
    data = data_of(one)
    return str(data.get("id") or data["Id"])


def hears(heard: list[dict[str, Any]], wanted: dict[str, str]) -> bool:
    """Return whether the newest state of each is among what was heard."""
    etags = {(id_of(one), data_of(one)["@odata.etag"]) for one in heard}
    return etags >= set(wanted.items())


def check(heard: list[dict[str, Any]], ids: list[str]) -> None:
    """Each was told as created before anything else of it, and first times come in the order of the changes."""
    first: dict[str, str] = {}
    for one in heard:
        first.setdefault(id_of(one), (one.get("changeType") or one["ChangeType"]).lower())
    assert set(first.values()) == {"created"}
    assert list(first) == ids


def check_items(heard: list[dict[str, Any]], ids: list[str]) -> None:
    """Each item was told itself, and in the end as it is now; a receiver that could not open one would know."""
    subjects: dict[str, str] = {}
    for one in heard:
        item = opener().open(one["encryptedContent"]) if "encryptedContent" in one else one["ResourceData"]
        subjects[id_of(one)] = item.get("subject") or item["Subject"]
    assert set(subjects) == set(ids)
    assert all(subject.startswith("Renamed") for subject in subjects.values())


def check_sender(server: Running, receiver: Receiver) -> None:
    """The server says that it is Graph, by the keys that it publishes."""
    (token,) = receiver.tokens
    key = jwt.PyJWKClient(f"{server.url}/common/discovery/v2.0/keys").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=LOCAL_CLIENT)
    assert claims["appid"] == "0bf30f3b-4a52-48df-9a82-234910c4a086"


def trouble(receiver: Receiver) -> None:
    chance, lock = random.Random(20261129), threading.Lock()

    def fails() -> bool:
        with lock:
            return chance.random() < 0.05

    receiver.fails = fails
    receiver.slowly = lambda: time.sleep(0.05)


def check_numbers(heard: list[dict[str, Any]]) -> None:
    """Of Outlook REST: no number is left out, and one that comes again is for the same."""
    told: dict[int, tuple[str, str]] = {}
    for one in heard:
        what = (id_of(one), one["ChangeType"])
        assert told.setdefault(one["SequenceNumber"], what) == what
    assert list(told) == list(range(1, len(told) + 1))


@pytest.mark.parametrize(
    ("engine", "interface"),
    [
        ("data file", "graph"), ("database", "graph"), ("data file", "outlook"), ("data file", f"graph{WHOLE}"),
        ("database", f"outlook{WHOLE}"),
    ],
)  # fmt: skip
def test_everything_is_heard_although_the_server_is_killed(
    start_server: Start, engine: str, interface: str
) -> None:
    url = postgres.new_database() if engine == "database" else ""
    server = start_server(*(("--database", url) if url else ()))
    receiver = Receiver()
    subscribe(server, receiver, interface=interface)
    trouble(receiver)
    ids = []
    for number in range(1, EVENTS + 1):
        ids.append(change(server, number))
        if number % (EVENTS // KILLS) == 0:
            if number == EVENTS // 2:
                receiver.stop()
                ids.append(change(server, 0))
            server.kill()
            server.start()
            if number == EVENTS // 2:
                receiver.start()
    wanted = {id: last_etag(server, id) for id in ids}
    receiver.wait_for(lambda heard: hears(heard, wanted), seconds=2 * PATIENCE_SECONDS)
    check(receiver.heard, ids)
    if interface.startswith("outlook"):
        check_numbers(receiver.heard)
    if interface.endswith(WHOLE):
        check_items(receiver.heard, ids)
    if interface == f"graph{WHOLE}":
        check_sender(server, receiver)
    receiver.stop()
    server.stop()
    if url:
        postgres.drop_database(url)


def test_everything_is_heard_although_one_of_two_processes_dies(start_server: Start) -> None:
    url = postgres.new_database()
    server = start_server("--database", url, "--workers", "2")
    receiver = Receiver()
    subscribe(server, receiver)
    trouble(receiver)
    chance = random.Random(20261130)
    ids = []
    for number in range(1, EVENTS + 1):
        ids.append(change(server, number))
        if number % (EVENTS // KILLS) == 0:
            children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
            os.kill(int(chance.choice(children)), signal.SIGKILL)
            until = time.monotonic() + PATIENCE_SECONDS
            while server.logged.count("worker.ended") < number // (EVENTS // KILLS):
                assert time.monotonic() < until
                time.sleep(0.02)
    wanted = {id: last_etag(server, id) for id in ids}
    receiver.wait_for(lambda heard: hears(heard, wanted), seconds=2 * PATIENCE_SECONDS)
    check(receiver.heard, ids)
    receiver.stop()
    server.stop()
    postgres.drop_database(url)
