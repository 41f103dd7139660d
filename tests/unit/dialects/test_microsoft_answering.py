"""Answering a meeting in the three Microsoft profiles: parameters, paths, and where the answer goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsvpd import ids
from rsvpd.calendar.event import Answer
from rsvpd.commands import calendar
from support.microsoft_door import EVENT, INVITATION, Client, at, header


@pytest.mark.parametrize(
    ("action", "answer"),
    [("accept", Answer.ACCEPTED), ("tentativelyAccept", Answer.TENTATIVE), ("Decline", Answer.DECLINED)],
)
def test_an_answer_is_accepted_with_nothing_in_it(any_profile: Client, action: str, answer: Answer) -> None:
    response = any_profile("POST", f"/me/events/{EVENT.id}/{action}")
    assert (response.status, response.body, header(response, "content-type")) == (202, b"", None)
    command, args, kwargs = any_profile.door.last
    assert command is calendar.answer_event
    assert args[1].item == ids.decode(EVENT.id)
    assert args[2] is answer
    assert kwargs == {"comment": None, "send": True, "proposal": None}


@pytest.mark.parametrize(
    ("body", "comment", "send"),
    [
        (b"", None, True),
        (b"  ", None, True),
        (b"{}", None, True),
        (b"\xef\xbb\xbf{}", None, True),
        (b'{"comment":"x"}', "x", True),
        (b'{"Comment":"","SendResponse":false}', "", False),
        (b'{"COMMENT":null,"sendresponse":"false"}', None, False),
        (b'{"SendResponse":"True","unknown":[1]}', None, True),
        (b'{"sendResponse":null}', None, True),
    ],
)
def test_all_documented_ways_to_answer(v1: Client, body: bytes, comment: str | None, send: bool) -> None:
    assert v1("POST", f"/Me/Events('{EVENT.id}')/Accept", raw=body).status == 202
    assert v1.door.last[2] == {"comment": comment, "send": send, "proposal": None}


def test_another_time_can_be_proposed(graph: Client) -> None:
    body = {
        "ProposedNewTime": {
            "Start": {"DateTime": "2026-12-02T10:00:00", "TimeZone": "Pacific Standard Time"},
            "end": {"dateTime": "2026-12-02T11:00:00.0000000", "timeZone": "America/Los_Angeles"},
        }
    }
    assert graph("POST", f"/me/events/{EVENT.id}/decline", body).status == 202
    proposal = graph.door.last[2]["proposal"]
    assert proposal.start == at("2026-12-02T10:00", "America/Los_Angeles")
    assert proposal.end == at("2026-12-02T11:00", "America/Los_Angeles")
    assert graph("POST", f"/me/events/{EVENT.id}/accept", body).status == 202
    assert graph.door.last[2]["proposal"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"sendResponse": 1},
        {"sendResponse": "perhaps"},
        {"comment": 7},
        {"proposedNewTime": "now"},
        {"proposedNewTime": {"start": {"dateTime": "2026-12-02T10:00:00"}}},
        {"proposedNewTime": {"start": {"dateTime": "x"}, "end": {"dateTime": "y"}}},
    ],
)
def test_impossible_parameters_are_refused(graph: Client, body: Any) -> None:
    response = graph("POST", f"/me/events/{EVENT.id}/decline", body)
    assert response.status == 400
    assert not graph.door.asked


def test_cancel(graph: Client) -> None:
    assert graph("POST", f"/me/events/{EVENT.id}/cancel", {"Comment": "off"}).status == 202
    command, _, kwargs = graph.door.last
    assert (command, kwargs["comment"]) == (calendar.cancel_event, "off")


def test_a_message_is_not_answered_and_says_where_to(v1: Client) -> None:
    response = v1("POST", f"/me/messages('{INVITATION.id}')/accept")
    assert response.status == 400
    assert f"POST /api/v1.0/Me/Events('{EVENT.id}')/Accept" in json.loads(response.body)["error"]["message"]


def test_the_event_of_a_message_can_be_answered(graph: Client) -> None:
    path = f"/me/messages/{INVITATION.id}/microsoft.graph.eventMessage/event/accept"
    assert graph("POST", path).status == 202
    assert graph.door.last[1][1].item == ids.decode(EVENT.id)
