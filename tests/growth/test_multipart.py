"""Four times as large a batch costs four times the work to take apart; no test looks at a clock."""

from __future__ import annotations

import pytest

from rsvpd.dialects import multipart
from support.steps import lines_run

TYPE = "multipart/mixed; boundary=b"
HEAD = "--b\r\nContent-Type: application/http\r\n\r\n"
FRAMES = ("{}", "{}\r\n--b--", "--b\r\n{}\r\n--b--", HEAD + "{}\r\n--b--", HEAD + "GET /x HTTP/1.1\r\n{}\r\n--b--")
UNITS = (
    " ", "a", "-", "--", "--b", "\n", "\r", "\r\n", "\n\r", "\n-", "\n--", "\n--b", "\n--b ", "\r\n--b\r\n", "\n--b-",
    "\n--bb\n", "\n--b\n\n--b-- x", "a: b\r\n", "a: b\n c\n", " c\n", "\t\n", ":", ":\n", f"{HEAD}GET /x\r\n\r\n", "é",
)  # fmt: skip
MEDIA = ("multipart/mixed{}", "multipart/mixed; boundary={}", 'multipart/mixed; boundary="{}', "{}")


def read(body: bytes) -> None:
    for content in multipart.split(TYPE, body, most=10_000):
        multipart.read_part(content)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_batch_is_read_in_its_length(frame: str, unit: str) -> None:
    few, many = (
        lines_run(lambda: read(frame.format(unit * times).encode()))  # noqa: B023 - at once
        for times in (200, 800)
    )
    assert many <= 4.5 * few + 200


@pytest.mark.parametrize("frame", MEDIA)
@pytest.mark.parametrize("unit", [";", "; boundary", "=", '"', "b", " ", "; a=b"])
def test_a_content_type_is_read_in_its_length(frame: str, unit: str) -> None:
    few, many = (
        lines_run(lambda: multipart.split(frame.format(unit * times), b"", most=1))  # noqa: B023 - at once
        for times in (200, 800)
    )
    assert many <= 4.5 * few + 200


def test_no_more_parts_are_read_than_there_may_be() -> None:
    few, many = (
        lines_run(lambda: multipart.split(TYPE, (HEAD * times).encode(), most=50))  # noqa: B023 - at once
        for times in (60, 6000)
    )
    assert many == few
