"""The application against a real server, with the fixture that comes with rsvpd."""

from __future__ import annotations

import pytest
from answering import Event, answer_invitations

MONDAY = "2030-01-07T10:00:00"
TUESDAY = "2030-01-08T15:00:00"
FRIDAY = "2030-01-11T10:00:00"


@pytest.fixture(scope="session")
def rsvpd_options():
    """Nobody but whom a test adds, on a Sunday that is always the same."""
    return {"seed": False, "clock": "2030-01-06T08:00:00Z"}


@pytest.fixture(scope="session")
def rsvpd_beginning(rsvpd_server):
    rsvpd_server.add_person("alice@example.com")
    rsvpd_server.add_person("bob@example.com")


@pytest.fixture
def answer(rsvpd):
    """The application as bob runs it, with the token it has and then fresh ones; what it waited is written down."""

    def run(decide, *held: str):
        tokens = iter(held)
        run.waited = []
        return answer_invitations(
            rsvpd.graph, lambda: next(tokens, None) or rsvpd.token("bob"), decide, now=rsvpd.now(),
            sleep=run.waited.append,
        )  # fmt: skip

    return run


def utc(time: str) -> dict[str, str]:
    return {"dateTime": time, "timeZone": "UTC"}


def accept(event: Event) -> str:
    return "accept"


def test_invitations_are_answered_and_the_organizer_is_told(rsvpd, answer):
    rsvpd.invite("Kickoff", start=MONDAY)
    rsvpd.invite("Party", start=TUESDAY)
    answer(lambda event: "accept" if event["subject"] == "Kickoff" else "decline")
    rsvpd.assert_answered("bob", "Kickoff", "accepted")
    rsvpd.assert_answered("bob", "Party", "declined")
    assert sorted(one["subject"] for one in rsvpd.inbox("alice")) == ["Accepted: Kickoff", "Declined: Party"]


def test_what_is_left_waits_on(rsvpd, answer):
    rsvpd.invite("Kickoff", start=MONDAY)
    assert answer(lambda event: None) == []
    rsvpd.assert_answered("bob", "Kickoff", "none")
    assert answer(accept) == [("Kickoff", "accept")]
    assert answer(accept) == []


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_busy_service_is_given_the_time_it_asks_for(rsvpd, answer, form):
    rsvpd.invite("Kickoff", start=MONDAY)
    rsvpd.fault(
        name="busy", effect="answer", status=429, retry_after=7, retry_after_form=form, times=2, person="bob",
        path="/me/events/{event}/accept",
    )  # fmt: skip
    answer(accept)
    assert len(answer.waited) == 2
    if form == "seconds":
        assert answer.waited == [7, 7]
    rsvpd.assert_answered("bob", "Kickoff", "accepted")


def test_an_expired_token_is_replaced(rsvpd, answer):
    rsvpd.invite("Kickoff", start=FRIDAY)
    yesterdays = rsvpd.token("bob")
    rsvpd.advance("25h")
    assert rsvpd.as_("bob", token=yesterdays).get("/me").status_code == 401
    assert answer(accept, yesterdays) == [("Kickoff", "accept")]
    rsvpd.assert_answered("bob", "Kickoff", "accepted")


def test_a_meeting_that_is_moved_meanwhile_is_decided_again(rsvpd, answer):
    event = rsvpd.invite("Kickoff", start=MONDAY)
    seen = []

    def decide(invitation: Event) -> str:
        seen.append(invitation["start"]["dateTime"][:19])
        if len(seen) == 1:  # alice changes her mind while bob makes up his
            times = {"start": utc(TUESDAY), "end": utc(TUESDAY.replace("15:", "16:"))}
            assert rsvpd.as_("alice").patch(f"/me/events/{event['id']}", json=times).status_code == 200
        return "accept" if invitation["start"]["dateTime"].startswith(TUESDAY) else "decline"

    answer(decide)
    assert seen == [MONDAY, TUESDAY]
    rsvpd.assert_answered("bob", "Kickoff", "accepted")


def test_a_meeting_that_is_cancelled_meanwhile_is_left_alone(rsvpd, answer):
    event = rsvpd.invite("Kickoff", start=MONDAY)

    def decide(invitation: Event) -> str:
        assert rsvpd.as_("alice").post(f"/me/events/{event['id']}/cancel", json={}).status_code == 202
        return "accept"

    assert answer(decide) == []
