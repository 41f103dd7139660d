"""What a batch costs beside the same requests one by one.

A guest answers 20 invitations, accept and tentative in turn, over one connection: in one `$batch` of Microsoft Graph,
and in 20 requests one after the other. Both take turns in one run, so the ratio holds from machine to machine and the
milliseconds do not.

    python benchmarks/batches.py [--turns 100] [--data FOLDER]

The number that this protects: a batch takes no longer, and no more CPU of the server, than its requests alone do
(ratio 1.0).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from answers import START, cpu_seconds, serving
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Timed
from rsvpd.commands.calendar import create_event, get_event
from rsvpd.commands.door import Who
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.store.database import Store

MEETINGS = 20
ACTIONS = ("accept", "tentativelyAccept")
BODY = {"comment": "I will be there!", "sendResponse": True}
JSON = {"Content-Type": "application/json"}
WHEN = datetime.fromisoformat("2026-12-08T10:00:00")


def prepare(data: Path) -> list[str]:
    """Make a data file in which a guest has 20 invitations; return their ids."""
    store = Store.open(data)
    organizer, guest = (
        store.run(add_person, f"{name}@example.com", zone="Europe/Berlin", now=START) for name in ("organizer", "guest")
    )
    found = []
    for number in range(MEETINGS):
        draft = EventDraft(
            start=Timed(wall=WHEN, zone="Europe/Berlin"),
            end=Timed(wall=WHEN + timedelta(hours=1), zone="Europe/Berlin"),
            subject=f"Planning {number}",
            attendees=(AttendeeDraft(address=guest.address, name=guest.name),),
        )
        made = store.run(create_event, Who(organizer.oid, None, START), draft).value
        found.append(store.run(get_event, Who(guest.oid, None, START), EventRef(uid=made.meeting.uid)).id)
    store.close()
    return found


def together(http: httpx.Client, ids: list[str], action: str) -> None:
    """Answer all invitations in one request."""
    requests = [
        {"id": str(place), "method": "POST", "url": f"/me/events/{one}/{action}", "headers": JSON, "body": BODY}
        for place, one in enumerate(ids)
    ]
    answers: list[Any] = http.post("/v1.0/$batch", json={"requests": requests}).json()["responses"]
    if [one["status"] for one in answers] != [202] * len(ids):
        raise RuntimeError(json.dumps(answers))


def alone(http: httpx.Client, ids: list[str], action: str) -> None:
    """Answer them one after the other."""
    for one in ids:
        answer = http.post(f"/v1.0/me/events/{one}/{action}", json=BODY)
        if answer.status_code != 202:
            raise RuntimeError(answer.text)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=100, help="how often the 20 are answered each way")
    parser.add_argument("--data", type=Path, help="folder for the data file (default: a temporary one)")
    flags = parser.parse_args()
    ways = {"one by one": alone, "batch": together}
    took: dict[str, list[float]] = {name: [] for name in ways}
    used = dict.fromkeys(ways, 0.0)
    with tempfile.TemporaryDirectory() as scratch:
        data = (flags.data or Path(scratch)) / "batches.db"
        ids = prepare(data)
        with serving(data) as (port, pid, tokens):
            headers = {"Authorization": f"Bearer {tokens['guest@example.com']}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as http:
                for turn in range(flags.turns + 2):
                    for name, answer_all in ways.items():
                        began, before = time.perf_counter(), cpu_seconds(pid)
                        answer_all(http, ids, ACTIONS[turn % 2])
                        if turn >= 2:  # the first turns warm up
                            took[name].append(time.perf_counter() - began)
                            used[name] += cpu_seconds(pid) - before
    medians = {name: statistics.median(times) for name, times in took.items()}
    print(f"{'':>12} {'ms (median)':>12} {'CPU ms':>8}")
    for name in ways:
        print(f"{name:>12} {medians[name] * 1000:>12.1f} {used[name] / flags.turns * 1000:>8.1f}")
    print(f"{'ratio':>12} {medians['batch'] / medians['one by one']:>12.2f} {used['batch'] / used['one by one']:>8.2f}")


if __name__ == "__main__":
    main()
