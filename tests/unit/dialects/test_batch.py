"""The order in which the requests of a batch are answered, and the bounds they keep to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from rsvpd import log
from rsvpd.dialects import batch
from rsvpd.dialects.batch import Batch, Step
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge import limits
from rsvpd.errors import FailedDependency, MisdirectedRequest, RsvpdError, StorageFull, TargetTooLong, Throttled


def step(method: str, *needs: int, path: str = "/x") -> Step:
    request = Request(
        method=method, origin="http://x", mount="/m", path=path, query="a=b", headers={}, body=b"", now=0, request_id=""
    )
    return Step(request=request, needs=needs)


def places(steps: list[Step]) -> list[list[int]]:
    """Return what is under way together, by its places in the batch."""
    numbers = iter(range(len(steps)))
    return [[next(numbers) for _ in wave] for wave in batch.waves(steps)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], []),
        (["GET"] * 3, [[0, 1, 2]]),
        (["GET"] * 9, [[0, 1, 2, 3], [4, 5, 6, 7], [8]]),
        (["POST"] * 3, [[0], [1], [2]]),
        (["GET", "POST", "GET", "GET", "DELETE"], [[0], [1], [2, 3], [4]]),
    ],
)
def test_reads_go_together_and_changes_alone(steps: list[str], expected: list[list[int]]) -> None:
    assert places([step(method) for method in steps]) == expected


def test_what_needs_another_waits_for_it() -> None:
    steps = [step("GET"), step("GET", 0), step("GET", 0), step("GET", 2), step("POST"), step("GET", 4)]
    assert places(steps) == [[0], [1, 2], [3], [4], [5]]


@dataclass
class Door:
    """A front door that answers after a few turns of the loop, and says how many were inside at once."""

    inside: int = 0
    most: int = 0
    seen: list[str] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        if request.path != "/x":
            log.person.set(request.path)
        self.seen.append(request.path)
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.inside -= 1
        match request.path:
            case "/full":
                raise StorageFull
            case "/broken":
                raise ZeroDivisionError
            case "/no":
                return Response(status=404)
            case _:
                return Response(status=200, headers=(("X-Rsvpd-Hint", "hint"),), body=b"x" * 100)


def refuse(request: Request, error: RsvpdError) -> Response:
    return Response(status=500, headers=(("Error", type(error).__name__),))


def answers(door: Door, *steps: Step, stops_at_error: bool = False) -> batch.Answers:
    return asyncio.run(batch.answer_all(Batch(steps, stops_at_error), door, refuse))


def errors(found: batch.Answers) -> list[str]:
    return [dict(one.headers).get("Error", "") for _, one in found.named]


def test_four_reads_are_under_way_at_once() -> None:
    door = Door()
    assert len(answers(door, *[step("GET")] * 20).named) == 20
    assert door.most == 4
    door = Door()
    answers(door, *[step("POST")] * 20)
    assert door.most == 1


def test_each_has_an_answer_whatever_becomes_of_the_others() -> None:
    door = Door()
    found = answers(door, *(step("POST", path=path) for path in ("/x", "/full", "/broken", "/no", "/x")))
    assert errors(found) == ["", "StorageFull", "RsvpdError", "", ""]
    assert [one.status for _, one in found.named] == [200, 500, 500, 404, 200]


def test_who_asked_is_told_of_each_and_stays_in_it() -> None:
    log.person.set("outside")
    found = answers(Door(), step("GET", path="/a"), step("GET", path="/b"))
    assert [(one.person, one.mount, one.path, one.query, one.status, one.hint) for one in found.parts] == [
        ("/a", "/m", "/a", "a=b", 200, "hint"), ("/b", "/m", "/b", "a=b", 200, "hint"),
    ]  # fmt: skip
    assert log.person.get() == "outside"


def test_what_is_not_asked_is_of_who_sent_the_batch() -> None:
    log.person.set("outside")
    found = answers(Door(), step("GET", path="/no"), step("GET", 0), step("GET"))
    assert [(one.status, one.person) for one in found.parts] == [(404, "/no"), (500, "outside"), (200, "")]


def test_what_needs_one_that_failed_is_not_asked() -> None:
    door = Door()
    found = answers(door, step("GET", path="/no"), step("POST", 0, path="/1"), step("GET", 1, path="/2"), step("GET"))
    assert errors(found) == ["", FailedDependency.__name__, FailedDependency.__name__, ""]
    assert door.seen == ["/no", "/x"]


def test_a_batch_may_stop_at_an_error() -> None:
    door = Door()
    steps = [step("GET"), step("GET", path="/no"), step("GET", path="/beside"), step("POST", path="/never")]
    found = answers(door, *steps, stops_at_error=True)
    assert [one.status for _, one in found.named] == [200, 404]
    assert "/never" not in door.seen


def test_what_comes_after_large_answers_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_ANSWER_BYTES", 250)
    door = Door()
    assert errors(answers(door, *[step("POST")] * 5)) == ["", "", "", *[Throttled.__name__] * 2]
    assert len(door.seen) == 3


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/x?a=http://y", "/x?a=http://y"),
        ("x?a=http://y", "x?a=http://y"),
        ("http://h:1/x", "/x"),
        ("HTTPS://H:1/x//y", "/x//y"),
        ("http://h:1", "/"),
        ("//h:1/x", "//h:1/x"),
    ],
)
def test_targets_of_this_host(target: str, expected: str) -> None:
    assert batch.local(target, "http://h:1") == expected


@pytest.mark.parametrize("target", ["http://h/x", "http://h:1@evil/x", "http://h:1.evil/x", "ftp://evil", "a:b@h:1://x"])
def test_targets_elsewhere(target: str) -> None:
    if not batch.is_absolute(target):
        assert not batch.local(target, "http://h:1").startswith("/")
        return
    with pytest.raises(MisdirectedRequest):
        batch.local(target, "http://h:1")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a/b?c=d&e", ("/a/b", "c=d&e")),
        ("/a('b@c')/$count?$filter=d eq 'e'", ("/a('b@c')/$count", "$filter=d%20eq%20'e'")),
        ("/%C3%A4/ä#x", ("/%C3%A4/%C3%A4%23x", "")),
        ("/a\r\nb\x00", ("/a%0D%0Ab%00", "")),
        ("/a?b?c", ("/a", "b?c")),
    ],
)
def test_paths_and_queries_are_as_in_a_request(target: str, expected: tuple[str, str]) -> None:
    assert batch.path_and_query(target) == expected


def test_a_url_is_as_long_as_one_that_comes_alone() -> None:
    assert batch.MAX_TARGET_BYTES == limits.MAX_TARGET_BYTES
    assert len(batch.path_and_query("/" + "a" * (batch.MAX_TARGET_BYTES - 1))[0]) == batch.MAX_TARGET_BYTES
    for target in ("/" + "a" * batch.MAX_TARGET_BYTES, "/" + "ä" * (batch.MAX_TARGET_BYTES // 2)):
        with pytest.raises(TargetTooLong):
            batch.path_and_query(target)
