"""The short form of `make fuzz`: a few thousand changed requests, none of which breaks the server."""

from __future__ import annotations

import pytest

from support.fuzz.campaign import play
from support.fuzz.judge import Answer, faults

ROUNDS, INPUTS = 3, 700


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_input_breaks_the_server(number: int) -> None:
    report = play(2026, number, INPUTS)
    assert report.asked == INPUTS
    assert not report.broken, "\n".join(f"{index}: {wrong}\n{raw[:800]!r}" for _, index, wrong, raw in report.broken)
    done = sum(count for status, count in report.statuses.items() if 200 <= status < 300)
    assert done > INPUTS // 10, "most requests never got inside"


GOOD = b'{"error": {"code": "ErrorItemNotFound", "message": "Not there."}}'
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(500, JSON, GOOD, 0.1), "status"),
        (Answer(503, JSON, GOOD, 0.1), "status"),
        (Answer(0, {}, b"", 0.1), "dropped"),
        (Answer(200, JSON, b"{}", 2.5), "slow"),
        (Answer(200, JSON, b'{"a": NaN}', 0.1), "shape"),
        (Answer(404, JSON, b'{"error": "no"}', 0.1), "shape"),
        (Answer(404, {}, b"gone", 0.1), "shape"),
        (Answer(400, JSON, GOOD.replace(b"Not there.", b"KeyError: x"), 0.1), "inside"),
    ],
)
def test_the_judge_sees(answer: Answer, fault: str) -> None:
    assert faults("/v1.0/me", "GET", answer)[0].startswith(fault)


def test_the_judge_lets_pass() -> None:
    assert not faults("/v1.0/me", "GET", Answer(404, JSON, GOOD, 0.1))
    assert not faults("/v1.0/me", "GET", Answer(503, {**JSON, "retry-after": "1"}, GOOD, 0.1))
    assert not faults("/v1.0/me", "HEAD", Answer(404, JSON, b"", 0.1))
