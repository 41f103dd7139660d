"""Rules and numbers that several processes have in common, counted by real ones."""

from __future__ import annotations

import multiprocessing
import multiprocessing.pool
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rsvpd.control.faults import fault_of
from rsvpd.control.workers import WorkerSockets
from rsvpd.edge import shared_faults
from rsvpd.edge.dialects import all_routes
from rsvpd.edge.shared_faults import CommonRules, RulesAreHeld, SharedFaults
from rsvpd.errors import AlreadyExists, Missing
from rsvpd.faults import RequestFacts

PROCESSES, TIMES = 4, 300
FORK = multiprocessing.get_context("fork")
ME = RequestFacts("graph", "GET", ("me",), "bob@example.com", "app")


def board(common: CommonRules, worker: int = 0) -> SharedFaults:
    return SharedFaults(common, worker, all_routes)


def add(made: SharedFaults, **rule: Any) -> None:
    made.add(fault_of({"name": "f"} | rule), 0)


def in_processes(does: Callable[[int], int]) -> list[int]:
    """Return what a function returns in each of several processes at a time."""
    numbers = FORK.SimpleQueue()

    def work(number: int) -> None:
        numbers.put(does(number))

    processes = [FORK.Process(target=work, args=(number,)) for number in range(PROCESSES)]
    for one in processes:
        one.start()
    found = [numbers.get() for _ in processes]
    for one in processes:
        one.join()
    return found


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ({"effect": "answer", "times": 777}, 777),
        ({"effect": "limit", "requests": 100}, PROCESSES * TIMES - 100),
        ({"effect": "limit", "concurrent": 1}, 0),
    ],
    ids=str,
)
def test_all_processes_count_together(rule: dict[str, Any], made: int) -> None:
    common = CommonRules()
    add(board(common), **rule)

    def strike(number: int) -> int:
        own = board(common, number)
        found = 0
        for _ in range(TIMES):
            decision = own.decide(ME, 1)
            found += decision.fault is not None
            own.end(decision)
        return found

    found = in_processes(strike)
    if "concurrent" not in rule:  # of those it depends on who meets whom
        assert sum(found) == made
    (told,) = board(common).rules()
    assert told.made == sum(found)
    assert all(not any(one.under_way.values()) for one in told.state.counts.values())


def test_what_is_drawn_does_not_depend_on_who_draws() -> None:
    def drawn(boards: list[SharedFaults]) -> list[bool]:
        add(boards[0], effect="answer", probability=0.3, seed=7)
        return [boards[turn % len(boards)].decide(ME, 1).fault is not None for turn in range(100)]

    one, several = CommonRules(), CommonRules()
    assert drawn([board(one)]) == drawn([board(several, number) for number in range(3)])


def test_what_one_does_the_others_see() -> None:
    common = CommonRules()
    first, second = board(common, 0), board(common, 1)
    assert (first.requests, second.requests) == ((), ())
    add(first, effect="drop", person="bob")
    assert second.requests
    assert second.asks_who
    with pytest.raises(AlreadyExists):
        add(second, effect="drop")
    second.remove("f")
    assert first.requests == ()
    with pytest.raises(Missing):
        first.remove("f")
    add(second, effect="drop", webhooks=True)
    assert first.decide_webhook("https://a.example", 1)
    assert [one.made for one in second.clear()] == [1]
    assert first.webhooks == ()


def test_what_a_process_had_under_way_ends_with_it() -> None:
    common = CommonRules()
    first, second = board(common, 0), board(common, 1)
    add(first, effect="limit", concurrent=1)
    held = second.decide(ME, 1)
    assert first.decide(ME, 1).fault
    board(common, 1)  # in the place of the second one
    assert not first.decide(ME, 1).fault
    second.end(held)  # of what is over already nothing is left to end
    assert first.decide(ME, 1).fault


def test_a_rule_that_was_set_anew_does_not_end_what_the_other_one_let_through() -> None:
    common = CommonRules()
    own = board(common)
    add(own, effect="limit", concurrent=1)
    before = own.decide(ME, 1)
    own.remove("f")
    add(own, effect="limit", concurrent=1)
    own.decide(ME, 1)
    own.end(before)
    assert own.decide(ME, 1).fault


def test_a_process_that_hangs_with_the_rules_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_faults, "PATIENCE_SECONDS", 0.02)
    common = CommonRules()
    own = board(common)
    add(own, effect="answer")
    ready, go_on = FORK.Event(), FORK.Event()

    def hang() -> None:
        with common.hold():
            ready.set()
            go_on.wait()
        os._exit(0)

    process = FORK.Process(target=hang)
    process.start()
    ready.wait()
    assert own.decide(ME, 1).fault is None
    with pytest.raises(RulesAreHeld, match="does not go on"):
        own.clear()
    process.kill()  # the lock ends with it
    process.join()
    assert own.decide(ME, 1).fault


def test_numbers_of_requests_are_never_given_twice_and_only_grow() -> None:
    sockets = WorkerSockets(PROCESSES)
    try:
        numbers = FORK.SimpleQueue()

        def take(worker: int) -> int:
            own = [sockets.next_number(worker) for _ in range(2000)]
            assert own == sorted(set(own))
            numbers.put(own)
            return own[-1]

        def collect() -> list[int]:
            return [one for _ in range(PROCESSES) for one in numbers.get()]

        threaded = multiprocessing.pool.ThreadPool(1)
        waiting = threaded.apply_async(collect)
        last = in_processes(take)
        found = waiting.get()
        threaded.close()
        assert len(set(found)) == len(found) == PROCESSES * 2000
        assert sockets.newest() == max(last)
        assert sockets.next_number(0) > max(last)
    finally:
        sockets.close()


def test_a_folder_for_temporary_files_with_a_long_name_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 100)))
    sockets = WorkerSockets(2)
    try:
        assert len(str(sockets.place(1))) < 100
        assert stat.S_IMODE(sockets.place(1).parent.stat().st_mode) == 0o700
    finally:
        sockets.close()
    assert not sockets.place(1).parent.exists()
