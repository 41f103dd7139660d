"""A client that breaks fails its test with what somebody needs to mend it (support/stock.py)."""

from __future__ import annotations

import sys

import pytest

from support.stock import play

BROKEN = """
import os, sys, urllib.request
print("ok the first step", flush=True)
print("FAILED the second step", flush=True)
urllib.request.urlopen(os.environ["RSVPD_URL"] + "/v1.0/me/events")
"""


@pytest.mark.slow
def test_the_step_what_was_raised_and_the_request_are_told() -> None:
    with pytest.raises(pytest.fail.Exception) as failed:
        play(sys.executable, "-c", BROKEN)
    said = str(failed.value)
    told = ("ok the first step", "FAILED the second step", "HTTP Error 401", "the last requests:", "/me/events 401")
    places = [said.index(one) for one in told]
    assert places == sorted(places)


@pytest.mark.slow
def test_a_program_without_steps_is_no_client_that_passed() -> None:
    with pytest.raises(pytest.fail.Exception, match="it ended with 0"):
        play(sys.executable, "-c", "")
