"""Guests of single occurrences: how much of a series is whose, and what a change of the series means to them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer
from rsvpd.calendar.revision import Revision
from rsvpd.hints import HintCode
from rsvpd.mail.content import Body
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.itip import InvitedDates
from rsvpd.scheduling.plan import Audience, Change, revise
from rsvpd.scheduling.single import Ending, Invitations, consequences, guests_of_one
from support.meetings import (
    BOB,
    CAROL,
    DAILY,
    DAVE,
    NOW,
    SECOND,
    THIRD,
    at,
    guests,
    on,
    organizers,
    rule,
    series,
    single,
)

FULL, INFORMATIONAL = RequestKind.FULL, RequestKind.INFORMATIONAL
EVERYBODY, NEWCOMERS = Audience.EVERYBODY, Audience.NEWCOMERS
EVE = replace(DAVE, address="eve@example.com", name="Eve")
# Dave has the second date, dave and eve the third; carol is not invited to the third.
MIXED = series(
    exceptions={
        SECOND: on(5, 14, guests=guests(BOB, CAROL, DAVE)),
        THIRD: on(6, subject="Special", guests=guests(BOB, DAVE, EVE)),
    }
)


@pytest.mark.parametrize(
    ("revision", "address", "invited"),
    [
        pytest.param(single(), "bob@example.com", InvitedDates(), id="a single meeting"),
        pytest.param(series(), "bob@example.com", InvitedDates(), id="a series"),
        pytest.param(MIXED, "bob@example.com", InvitedDates(), id="all of it"),
        pytest.param(MIXED, "BOB@Example.com", InvitedDates(), id="in other letters"),
        pytest.param(MIXED, "carol@example.com", InvitedDates(without=(THIRD,)), id="all but one date"),
        pytest.param(MIXED, "dave@example.com", InvitedDates(to=(SECOND, THIRD)), id="two dates"),
        pytest.param(MIXED, "eve@example.com", InvitedDates(to=(THIRD,)), id="one date"),
        pytest.param(MIXED, "zoe@example.com", InvitedDates(), id="who is not on any list"),
        pytest.param(
            series(exceptions={THIRD: on(6, guests=()), SECOND: on(5, guests=())}),
            "bob@example.com",
            InvitedDates(without=(SECOND, THIRD)),
            id="dates without anybody",
        ),
    ],
)
def test_how_much_of_a_series_is_for_whom(revision: Revision, address: str, invited: InvitedDates) -> None:
    assert Invitations(revision).of(address) == invited


def told(endings: tuple[Ending, ...]) -> list[tuple[str | None, list[str]]]:
    return [(one.recurrence_id, [guest.address.partition("@")[0] for guest in one.guests]) for one in endings]


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        pytest.param(single(), [], id="a single meeting"),
        pytest.param(series(exceptions={SECOND: on(5, 14)}), [], id="a date with the list of the series"),
        pytest.param(series(exceptions={SECOND: on(5, guests=guests(BOB))}), [], id="a date without somebody"),
        pytest.param(MIXED, [(SECOND, ["dave"]), (THIRD, ["dave", "eve"])], id="two dates with others"),
    ],
)
def test_who_is_invited_to_single_occurrences(revision: Revision, expected: Any) -> None:
    found = guests_of_one(organizers(revision))
    assert isinstance(found, tuple)
    assert told(found) == expected
    if found:
        assert (found[0].event.start, found[1].event.subject) == (at("2027-01-05T14:00"), "Special")


# --- what a change of the series means to them --------------------------------------------


def of(draft: dict[str, Any], rid: str | None = None) -> tuple[Change, tuple[Change, ...], tuple[Ending, ...]]:
    before = organizers(MIXED)
    change = revise(before, rid, EventDraft(**draft), now=NOW)
    return change, *consequences(before, change)


def listed(*people: Person) -> dict[str, Any]:
    return {"attendees": tuple(AttendeeDraft(address=one.address) for one in people)}


NOON = {"start": at("2027-01-04T12:00"), "end": at("2027-01-04T13:00")}
BOTH = [(SECOND, ["dave"]), (THIRD, ["dave", "eve"])]


@pytest.mark.parametrize(
    ("draft", "changed", "ended"),
    [
        pytest.param({"reminder_minutes": 5}, [], [], id="what is private"),
        pytest.param(
            {"subject": "Lunch"},
            [(SECOND, EVERYBODY, INFORMATIONAL), (THIRD, NEWCOMERS, INFORMATIONAL)],
            [],
            id="words: those that reach the date",
        ),
        pytest.param(
            {"body": Body("Papers")},
            [(SECOND, EVERYBODY, INFORMATIONAL), (THIRD, EVERYBODY, INFORMATIONAL)],
            [],
            id="words that reach both",
        ),
        pytest.param(
            {**listed(BOB), "body": Body("Papers")},
            [(SECOND, EVERYBODY, INFORMATIONAL), (THIRD, EVERYBODY, INFORMATIONAL)],
            [],
            id="words, with somebody removed from all of it",
        ),
        pytest.param(NOON, [], BOTH, id="another time: these dates are no more"),
        pytest.param(
            {**NOON, **listed(BOB, CAROL, EVE)},
            [],
            [(SECOND, ["dave"]), (THIRD, ["dave"])],
            id="another time, to which one of them is invited",
        ),
        pytest.param({"recurrence": rule("FREQ=WEEKLY;COUNT=4")}, [], BOTH, id="another pattern"),
        pytest.param(
            {"recurrence": rule("FREQ=DAILY;COUNT=6")},
            [(SECOND, EVERYBODY, FULL), (THIRD, EVERYBODY, FULL)],
            [],
            id="it goes on longer: asked again",
        ),
        pytest.param(
            {"recurrence": rule("FREQ=DAILY;COUNT=2")},
            [(SECOND, NEWCOMERS, INFORMATIONAL)],
            [(THIRD, ["dave", "eve"])],
            id="it ends earlier",
        ),
        pytest.param(
            {"recurrence": DAILY, "deleted": (THIRD,), "subject": "Lunch"},
            [(SECOND, EVERYBODY, INFORMATIONAL)],
            [],
            id="a date is struck out: they hear it with everybody",
        ),
        pytest.param(
            listed(BOB, CAROL, EVE),
            [(SECOND, NEWCOMERS, INFORMATIONAL), (THIRD, NEWCOMERS, INFORMATIONAL)],
            [],
            id="one of them is invited to all of it",
        ),
        pytest.param(listed(BOB, CAROL, DAVE, EVE), [], [], id="all of them are"),
    ],
)
def test_a_change_of_the_series_reaches_them_as_one_of_their_dates(
    draft: dict[str, Any], changed: list[tuple[str, Audience, RequestKind]], ended: Any
) -> None:
    change, parts, endings = of(draft)
    assert [(one.recurrence_id, one.audience, one.kind) for one in parts] == changed
    assert told(endings) == ended
    for one in parts:
        assert (one.added, one.removed, one.hints, one.copy) == ((), (), (), change.copy)
        rid = one.recurrence_id or ""
        assert (one.old, one.new) == (compose(organizers(MIXED)).exceptions[rid], change.meeting.exceptions[rid])
    assert all(one.event.start != NOON["start"] for one in endings)  # as it was


def test_who_is_meant() -> None:
    _, (second, third), _ = of({"body": Body("Papers")})
    assert second.guests is not None
    assert third.guests is not None
    assert [one.name for one in second.guests] == ["Dave"]
    assert [one.name for one in third.guests] == ["Dave", "Eve"]
    assert second.old is not None
    assert (second.old.body, second.new.body) == (Body(), Body("Papers"))
    # Whoever is invited to the whole by this is told so with the others.
    _, (second, third), _ = of(listed(BOB, CAROL, EVE))
    assert third.guests is not None
    assert [one.name for one in third.guests] == ["Dave"]


def test_what_is_hinted_is_said_once_with_the_change_of_the_series() -> None:
    claimed = (AttendeeDraft(address=BOB.address, answer=Answer.ACCEPTED), *listed(CAROL)["attendees"])
    change, parts, _ = of({"attendees": claimed, "body": Body("Papers")})
    assert [one.code for one in change.hints] == [HintCode.ATTENDEE_STATUS_IGNORED]
    assert [one.hints for one in parts] == [(), ()]


def test_a_change_of_one_date_means_nothing_to_those_of_others() -> None:
    change, parts, endings = of({"subject": "Lunch"}, SECOND)
    assert change.recurrence_id == SECOND
    assert (parts, endings) == ((), ())


@pytest.mark.parametrize("draft", [NOON, {"subject": "Lunch"}], ids=["another time", "words"])
def test_without_such_guests_nothing_follows(draft: dict[str, Any]) -> None:
    before = organizers(series(exceptions={SECOND: on(5, 14)}))
    assert consequences(before, revise(before, None, EventDraft(**draft), now=NOW)) == ((), ())
