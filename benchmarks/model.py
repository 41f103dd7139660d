"""What the size of a meeting costs, of two versions side by side.

A daily series of 400 dates with 60 guests, of whom one answers every date: what an answer costs when few and when
all dates are answered; what the organizer's new title costs, and what another user waits meanwhile; what lists of
its occurrences cost. Then accepts per second over the commands in a bare loop, and invitations per second.

    python benchmarks/model.py [--before FOLDER] [--quick]

FOLDER holds the source of another version, as `git worktree add ../before COMMIT` makes it. Both versions run in
this virtual environment, are asked over HTTP alone, and take turns, so that both meet the same machine; only their
data files are opened besides, for sizes. Without --before this version is measured alone. --quick takes a small
series and few turns: it shows that everything runs, and its figures mean little.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, NamedTuple

from answers import Guest, load, requests_of
from sides import Side, drive, growth, in_turns, medians, took, waiting

Table = list[tuple[str, list[float], str, str]]  # what, of each version, unit, bar
HERE = Path(__file__).resolve().parent.parent
FIRST = date(2030, 1, 1)
FEW = 5  # dates answered when there are few; guests outside
ACCEPT_CLIENTS = 32
HOSTS, GUESTS_EACH = 8, 10
ORGANIZER, OTHER = "organizer@example.com", "other@example.com"
GOOGLE = "/calendar/v3/calendars/primary/events"


class Size(NamedTuple):
    """How much is measured; times in seconds."""

    dates: int = 400
    guests: int = 60
    answers: int = 10  # timed at few and at all
    renames: int = 5
    reads: int = 3
    turns: int = 14
    seconds: float = 1.5  # of each turn


QUICK = Size(dates=30, guests=12, answers=5, renames=2, reads=1, turns=2, seconds=0.5)
# Made by each version's own benchmark, since commands are not the same in all versions.
PREPARE = """
import json, sys; from pathlib import Path; from answers import prepare
print(json.dumps([[one.address, one.oid, one.event_id] for one in prepare(Path(sys.argv[1]))]))
"""
BARE = """
import json, sys; from pathlib import Path; from answers import Guest, bare_loop
guests = [Guest(*one) for one in json.load(sys.stdin)]
print(json.dumps(bare_loop(Path(sys.argv[1]), guests, int(sys.argv[2]), float(sys.argv[3]))))
"""


class Series:
    """A daily series of the organizer's on one side, in which one guest answers dates by themselves."""

    def __init__(self, side: Side, title: str, guests: list[str], dates: int) -> None:
        self.side, self.title, self.guests, self.answering = side, title, guests, guests[0]
        until = FIRST + timedelta(days=dates)
        self.window = f"startDateTime={FIRST}T00:00:00Z&endDateTime={until}T00:00:00Z"
        made = side.ask(ORGANIZER, "POST", "/v1.0/me/events", event(title, FIRST, guests) | daily(dates))
        self.uid, self.path = made["iCalUId"], f"/v1.0/me/events/{made['id']}"
        self.wait(title)
        of_guest = f"/v1.0/me/events/{self.copy_of(self.answering)['id']}"
        page = side.ask(self.answering, "GET", f"{of_guest}/instances?{self.window}&$top=999&$select=id")
        self.dates = [one["id"] for one in page["value"]]

    def copy_of(self, who: str) -> Any:
        """Return id and title of somebody's copy."""
        page = self.side.ask(who, "GET", f"/v1.0/me/events?$filter=iCalUId eq '{self.uid}'&$select=id,subject")
        return page["value"][0] if page["value"] else {"subject": ""}

    def wait(self, title: str) -> None:
        """Wait until the last guest of this server reads a title."""
        last = [one for one in self.guests if one in self.side.tokens][-1]
        until = time.monotonic() + 120
        while self.copy_of(last)["subject"] != title:
            if time.monotonic() > until:
                raise RuntimeError("it did not arrive")
            time.sleep(0.005)

    def answer(self, number: int, turn: int) -> None:
        """Answer one date, telling the organizer; by turns in one way and the other."""
        action = ("accept", "tentativelyAccept")[turn % 2]
        body = {"comment": "I will be there!", "sendResponse": True}
        self.side.ask(self.answering, "POST", f"/v1.0/me/events/{self.dates[number]}/{action}", body)

    def answer_all(self) -> None:
        """Answer every date."""
        for number in range(len(self.dates)):
            self.answer(number, 0)

    def rename(self, title: str) -> None:
        """Give it another title."""
        self.side.ask(ORGANIZER, "PATCH", self.path, {"subject": title})


# --- what is sent


def event(title: str, day: date, guests: list[str]) -> dict[str, Any]:
    """Return a meeting of half an hour, for Microsoft Graph."""
    return {
        "subject": title,
        "start": {"dateTime": f"{day}T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"{day}T09:30:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"emailAddress": {"address": one}} for one in guests],
    }


def daily(dates: int) -> dict[str, Any]:
    """Return the member that makes a daily series of it."""
    ends = {"type": "numbered", "startDate": str(FIRST), "numberOfOccurrences": dates}
    return {"recurrence": {"pattern": {"type": "daily", "interval": 1}, "range": ends}}


def host_of(number: int) -> str:
    """Return somebody who invites."""
    return f"host{number}@example.com"


def guests_of(number: int) -> list[str]:
    """Return whom somebody invites."""
    return [f"guest{number}-{n}@example.com" for n in range(GUESTS_EACH)]


# --- what is measured


def answers(all_series: list[Series], size: Size) -> list[float]:
    """Return how long it takes to answer one of the first dates in another way than before.

    Of two answers the second counts: the first has the processor's caches filled again after another version's turn,
    which may be thirty times as long.
    """

    def one_answer(series: Series, turn: int) -> float:
        uncounted, counted = 2 * turn, 2 * turn + 1
        series.answer(uncounted % FEW, 1 + uncounted // FEW)
        return took(lambda: series.answer(counted % FEW, 1 + counted // FEW))

    return medians(in_turns(all_series, size.answers, one_answer))


def renames(all_series: list[Series], size: Size) -> list[dict[str, float]]:
    """Return seconds, bytes of WAL and of the outbox, and what another user waited at most."""

    def one_rename(series: Series, turn: int) -> dict[str, float]:
        side, title = series.side, f"{series.title} {turn}"
        with growth(side.data) as grown, waiting(side, OTHER) as waits:
            grown["seconds"] = took(lambda: series.rename(title))
            series.wait(title)
        return {**grown, "wait": max(waits)}

    found = in_turns(all_series, size.renames, one_rename)
    names = ("seconds", "wal", "outbox")
    return [
        {name: statistics.median(each[name] for each in one) for name in names} | {"wait": max(r["wait"] for r in one)}
        for one in found
    ]


def lists(all_series: list[Series], size: Size, who: str) -> Iterator[tuple[str, list[float]]]:
    """Yield what lists of the series take, each read whole."""
    google = f"{GOOGLE}?maxResults=2500&q=standup&singleEvents="
    paths = {
        "Google `events.list`, `singleEvents=false`": f"{google}false",
        "Google `events.list`, `singleEvents=true`": f"{google}true",
        "Graph `calendarView`": f"/v1.0/me/calendarView?{all_series[0].window}&$top=",
    }

    def read(series: Series, turn: int, *, path: str) -> float:
        asked = path if path.startswith(GOOGLE) else f"{path}{999 - turn}"  # else it would be the reply that was kept
        return took(lambda: series.side.fetch(who, "GET", asked))

    for name, path in paths.items():
        yield name, medians(in_turns(all_series, size.reads, partial(read, path=path)))


def accepts(sources: list[Path], folder: Path, size: Size, pool: Pool) -> Table:
    """Return accepts per second over HTTP and in a bare loop, and what one adds to the WAL."""
    sides = [Side(source, folder / f"accepts{number}") for number, source in enumerate(sources)]
    guests = [json.loads(side.run("-c", PREPARE, str(side.data))) for side in sides]
    bare = [side.data.with_name("bare.db") for side in sides]
    for side, data in zip(sides, bare, strict=True):
        shutil.copyfile(side.data, data)
    with contextlib.ExitStack() as stack:
        for side in sides:
            stack.enter_context(side.serve())
        sent = [
            requests_of([Guest(*one) for one in known[:ACCEPT_CLIENTS]], side.tokens, side.port)
            for side, known in zip(sides, guests, strict=True)
        ]

        def turn_of(place: int, _: int) -> tuple[float, float, float]:
            args = (str(bare[place]), str(ACCEPT_CLIENTS), str(size.seconds))
            loop, _, wal = json.loads(sides[place].run("-c", BARE, *args, sent=json.dumps(guests[place])))
            done = pool.apply(load, (sides[place].port, sent[place], size.seconds))
            return done / size.seconds, loop, wal

        found = in_turns(list(range(len(sides))), size.turns, turn_of)
    rates, loops, wals = ([statistics.median(turn[n] for turn in one) for one in found] for n in range(3))
    over = [rate / loop for rate, loop in zip(rates, loops, strict=True)]
    return [
        ("bytes of WAL per accept at 32 clients", wals, "kB", "≤ 20 kB"),
        ("accepts at 32 clients over the bare loop", over, "", "≥ 0.55"),
        ("accepts at 32 clients", rates, "/s", "ratio ≥ 1"),
    ]


def invitations(sides: list[Side], size: Size, pool: Pool) -> Table:
    """Return how many people are invited per second, ten to each meeting, by eight clients."""

    def turn_of(side: Side, turn: int) -> float:
        requests = []
        for number in range(HOSTS):
            body = json.dumps(event("Planning", FIRST + timedelta(days=turn), guests_of(number))).encode()
            head = (
                f"POST /v1.0/me/events HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\n"
                f"Authorization: Bearer {side.tokens[host_of(number)]}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            requests.append(head.encode() + body)
        return float(pool.apply(drive, (side.port, requests, size.seconds)) * GUESTS_EACH / size.seconds)

    rates = medians(in_turns(sides, size.turns, turn_of))
    return [("invitations, 10 guests each, 8 clients", rates, "/s", "ratio ≥ 1.5")]


def series_costs(sides: list[Side], size: Size) -> Table:
    """Return what the series costs."""
    names = [f"guest{n}@example.com" for n in range(size.guests)]
    outside = [f"guest{n}@else.example" for n in range(FEW)]
    inside = [Series(side, "Standup", names, size.dates) for side in sides]
    beyond = [Series(side, "Review", names[:-FEW] + outside, size.dates) for side in sides]
    for series in inside:
        for number in range(FEW):
            series.answer(number, 0)
    few = answers(inside, size)
    with ThreadPoolExecutor(len(sides)) as threads:  # each has a server, and a core, of its own
        for several in (inside, beyond):
            list(threads.map(Series.answer_all, several))
    many = answers(inside, size)
    every = f"{size.dates} dates x {size.guests} guests"
    table = [
        (f"told answer, {every}: at {FEW} answered", few, "ms", ""),
        (f"told answer: at {size.dates} answered", many, "ms", ""),
        (f"told answer: at {size.dates} over at {FEW}", [m / f for m, f in zip(many, few, strict=True)], "", "≤ 1.5"),
    ]
    for where, several in (("", inside), (f", {FEW} guests outside", beyond)):
        found = renames(several, size)
        table += [
            (f"rename of the series{where}", [one["seconds"] for one in found], "ms", "≤ 150 ms"),
            (f"rename{where}: WAL", [one["wal"] for one in found], "kB", ""),
            (f"rename{where}: outbox", [one["outbox"] for one in found], "kB", ""),
            (f"rename{where}: another user's longest GET", [one["wait"] for one in found], "ms", "≤ 100 ms"),
        ]
    for role, who in (("organizer", ORGANIZER), ("guest", names[0])):
        table += [(f"{name}, {role}", seconds, "ms", "≤ 300 ms") for name, seconds in lists(inside, size, who)]
    return table


SCALES = {"ms": (1000, ",.1f"), "kB": (0.001, ",.1f"), "/s": (1, ",.0f"), "": (1, ",.2f")}


def shown(table: Table, has_before: bool) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| what | before | after | after / before | bar |"
    yield "|---|---:|---:|---:|---|"
    for what, values, unit, bar in table:
        scale, form = SCALES[unit]
        before, after = (f"{value * scale:{form}} {unit}".strip() for value in (values[0], values[-1]))
        ratio = f"{values[-1] / values[0]:.2f}" if has_before and values[0] else "–"
        yield f"| {what} | {before if has_before else '–'} | {after} | {ratio} | {bar} |"


def measure(sources: list[Path], folder: Path, size: Size) -> Table:
    """Return the whole table."""
    people = [ORGANIZER, OTHER, *(f"guest{n}@example.com" for n in range(size.guests))]
    people += [one for number in range(HOSTS) for one in (host_of(number), *guests_of(number))]
    sides = [Side(source, folder / f"side{number}") for number, source in enumerate(sources)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        with contextlib.ExitStack() as stack:
            for side in sides:
                stack.enter_context(side.serve(*people))
            table = series_costs(sides, size) + invitations(sides, size, pool)
        return table + accepts(sources, folder, size, pool)


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="folder with the source of another version")
    parser.add_argument("--quick", action="store_true", help="small and few: whether everything runs")
    flags = parser.parse_args()
    sources = [*([flags.before.resolve()] if flags.before else []), HERE]
    for source in sources:
        if not (source / "src" / "rsvpd").is_dir():
            parser.error(f"{source} holds no source of rsvpd")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        table = measure(sources, Path(scratch), QUICK if flags.quick else Size())
    print("\n".join(shown(table, flags.before is not None)))
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
