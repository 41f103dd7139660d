"""Log lines: one event, one line, in both forms."""

from __future__ import annotations

import io
import json
import logging

import pytest

from rsvpd import log


@pytest.fixture
def out():
    names = ("rsvpd", "uvicorn", "asyncio")
    kept = [(logging.getLogger(one), logging.getLogger(one).__dict__.copy()) for one in names]
    yield io.StringIO()
    for logger, state in kept:
        logger.__dict__.update(state)
        logger.manager._clear_cache()


@pytest.fixture
def request_id():
    token = log.request_id.set("r-1")
    yield "r-1"
    log.request_id.reset(token)


def written(out, form, say, *, level="info"):
    log.setup(level, form, stream=out)
    say(log.get("rsvpd.test"))
    return out.getvalue().splitlines()


def test_a_logfmt_line(out):
    (line,) = written(out, "logfmt", lambda to: to.info("answer.sent", uid="a1", bytes=3, ok=True))
    assert line.split(" ", 1)[1] == "info answer.sent uid=a1 bytes=3 ok=True"


def test_blanks_quotes_and_line_breaks_stay_on_one_line(out):
    (line,) = written(out, "logfmt", lambda to: to.info("x", a='b "c"\nd', e=""))
    assert line.endswith(r' a="b \"c\"\nd" e=""')


def test_a_json_line(out, request_id):
    (line,) = written(out, "json", lambda to: to.warning("x.y", n=1, path=object))
    found = json.loads(line)
    assert (found["level"], found["event"], found["n"], found["request"]) == ("warning", "x.y", 1, "r-1")
    assert found["time"].endswith("Z")


def test_the_request_is_bound(out, request_id):
    (line,) = written(out, "logfmt", lambda to: to.info("x"))
    assert line.endswith(" x request=r-1")


def test_the_level_counts(out):
    assert written(out, "logfmt", lambda to: (to.debug("x"), to.info("y"))[0], level="warning") == []


def fail(to):
    try:
        raise KeyError("erin@example.com")
    except KeyError as wrong:
        to.failure("request.failed", wrong)


def test_an_error_is_told_without_what_a_user_wrote(out):
    (line,) = written(out, "logfmt", fail)
    assert "error=KeyError" in line
    assert "test_log.py" in line
    assert "erin" not in line


def test_an_error_is_told_in_full_to_a_developer(out):
    (line,) = written(out, "logfmt", fail, level="debug")
    assert "erin" in line


def test_lines_of_libraries_take_the_same_form(out):
    (line,) = written(out, "json", lambda to: logging.getLogger("uvicorn.error").warning("odd %s", "thing"))
    assert json.loads(line)["event"] == "uvicorn.error.message"
    assert json.loads(line)["text"] == "odd thing"
