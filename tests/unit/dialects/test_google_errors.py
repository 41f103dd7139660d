"""Every error has an answer in Google's shape, every hint a line in Google's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from rsvpd import errors as e
from rsvpd.dialects.google.exchange import errors, hints
from rsvpd.dialects.google.serve import Google
from rsvpd.dialects.google.vocabulary import refusals
from rsvpd.dialects.google.vocabulary.refusals import Row
from rsvpd.hints import Hint, HintCode
from support.google_door import TOKENS, FakeDoor, answered, request


def leaves(kind: type[e.RsvpdError]) -> Iterator[type[e.RsvpdError]]:
    # The tree of errors.py alone: a client's errors grow from the same root.
    below = [one for one in kind.__subclasses__() if one.__module__ == e.__name__]
    if not below:
        yield kind
    for one in below:
        yield from leaves(one)


def test_no_error_is_forgotten_and_none_is_unknown() -> None:
    raised = set(leaves(e.RsvpdError)) | {e.InvalidQuery, e.InvalidRange, e.Overloaded, e.DomainError, e.RsvpdError}
    raised |= {e.TooLarge, e.InvalidProperty, e.InvalidMime, e.PersonNotFound, e.AlreadyExists, e.RoleTooLow}
    assert set(errors.TABLE) == raised


class Unforeseen(e.Refused):
    """An error that no table knows."""


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (e.RsvpdError(), (500, "backendError", "Backend Error")),
        (e.RsvpdError("sqlite3.OperationalError: no such table"), (500, "backendError", "Backend Error")),
        (Unforeseen("No."), (400, "badRequest", "No.")),
        (Unforeseen("half a character: \ud800"), (400, "badRequest", "half a character: ?")),
    ],
)
def test_whatever_goes_wrong_has_an_answer(error: e.RsvpdError, answer: tuple[int, str, str]) -> None:
    response = Google(FakeDoor(), TOKENS).refuse(request("GET", "/calendars/primary"), error)
    document = answered(response)["error"]
    assert (response.status, document["errors"][0]["reason"], document["message"]) == answer


def published() -> dict[str, Row]:
    """Return every row in Google's words."""
    single = {name: row for name, row in vars(refusals).items() if isinstance(row, Row)}
    made = {name: getattr(refusals, name)("start") for name in ("missing_time", "missing_zone", "unknown_zone")}
    of_domain = {kind.__name__: row for kind, row in errors.TABLE.items() if row.source}
    return {**single, **made, **of_domain}


@pytest.mark.parametrize("name", published())
def test_words_that_are_googles_have_a_ground_and_are_never_reworded(name: str) -> None:
    row = published()[name]
    assert re.search(r"^[\w.-]+/[\w.-]+#\d+|^developers\.google\.com/|^stackoverflow\.com/[aq]/\d+", row.source)
    told = errors.document(refusals.Refusal(row, "what we know beyond it"))["error"]
    assert (told["code"], told["message"]) == (row.status, row.message)


def test_what_googles_words_leave_out_stands_in_the_hint() -> None:
    refused = e.InvalidRecurrence("The interval must be 1 to 10000.")
    assert errors.document(refused)["error"]["message"] == "Invalid recurrence rule."
    assert hints.header(errors.hints_of(refused)) == "refused-because: The interval must be 1 to 10000."
    assert errors.hints_of(e.AccessDenied("bob is not alice")) == ()


@pytest.mark.parametrize("kind", list(leaves(e.RsvpdError)), ids=lambda kind: kind.__name__)
def test_every_error_has_status_and_words(kind: type[e.RsvpdError]) -> None:
    error = errors.document(kind())["error"]
    assert 400 <= error["code"] < 600
    assert error["message"]
    assert error["errors"][0].keys() >= {"domain", "reason", "message"}


@pytest.mark.parametrize(
    ("error", "document"),
    [
        (
            e.ChangeKeyMismatch("The change key is out of date."),
            {
                "domain": "global",
                "reason": "conditionNotMet",
                "message": "Precondition Failed",
                "locationType": "header",
                "location": "If-Match",
            },
        ),
        (
            e.SharedPropertyByGuest(target="start"),
            {
                "domain": "calendar",
                "reason": "forbiddenForNonOrganizer",
                "message": "Shared properties can only be changed by the organizer of the event.",
            },
        ),
        (
            e.InvalidQuery("Invalid value 'x' for maxResults.", target="maxResults"),
            {
                "domain": "global",
                "reason": "invalidParameter",
                "message": "Invalid value 'x' for maxResults.",
                "locationType": "parameter",
                "location": "maxResults",
            },
        ),
        (e.ItemGone(), {"domain": "global", "reason": "deleted", "message": "Resource has been deleted"}),
        (
            e.AccessDenied("bob is not alice"),
            {"domain": "global", "reason": "notFound", "message": "Not Found"},
        ),
    ],
)
def test_bodies(error: e.DomainError, document: dict[str, str]) -> None:
    whole = errors.document(error)["error"]
    assert whole["errors"] == [document]
    assert whole["message"] == document["message"]


@pytest.mark.parametrize("code", HintCode, ids=lambda code: code.value)
def test_every_hint_has_a_line(code: HintCode) -> None:
    line = hints.header([Hint(code, "a@ex.test")])
    assert line is not None
    assert line.startswith(f"{code.value}: ")
    assert line.isascii()
    assert line.isprintable()


def test_hints_are_one_ascii_line_whatever_they_tell_of() -> None:
    line = hints.header([Hint(HintCode.PROPERTIES_IGNORED, "ä\r\nSet-Cookie: x" * 500)] * 2)
    assert line is not None
    assert line.isascii()
    assert "\n" not in line
    assert "\r" not in line
    assert len(line) <= 1000
    assert hints.header([]) is None
