"""The laws of meetings, under whatever people do to them, in all dialects at once.

A machine plays random moves of an organizer and guests and looks at everything after each:

1. the organizer's tracking is the latest answer of each guest since the last time they were asked;
2. every copy agrees with the organizer's on what is shared, except where its guest wrote over it;
3. everybody got exactly the messages due, once each, and none about what did not change;
4. a restart changes nothing that anybody sees;
5. all dialects show the same.

`model.py` says what is due. RSVPD_LAWS=2000 plays that many lives, at random, instead of a few fixed ones.
"""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from support.laws.life import PROFILE, Life


@pytest.mark.slow
def test_the_life_of_meetings() -> None:
    run_state_machine_as_test(Life, settings=PROFILE)
