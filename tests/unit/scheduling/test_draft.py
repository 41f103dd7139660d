"""What a client's draft makes of an event, and which drafts no calendar takes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Attendee, Event, Location, Role, ShowAs
from rsvpd.errors import DomainError, EventTooLong, InvalidProperty, InvalidRange, MissingProperty
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.content import Body, Importance
from rsvpd.scheduling.draft import apply_draft, check_times, claims, event_from_draft, guest_list
from support.meetings import ALICE, BEGIN, BOB, CAROL, END, at, attendees

DAY = AllDay(date(2027, 1, 4))
NEXT_DAY = AllDay(date(2027, 1, 5))
EVENT = Event(
    start=BEGIN,
    end=END,
    subject="Plans",
    body=Body("Bring lunch"),
    locations=(Location(name="Room 1"),),
    importance=Importance.HIGH,
    categories=("Red",),
    reminder_minutes=30,
    reminder_snoozed=7,
    reminder_dismissed=8,
    show_as=ShowAs.OOF,
)


def laid(**more: Any) -> Event:
    return apply_draft(EVENT, EventDraft(**more), ALICE.mailbox)


# --- members -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "name", "value"),
    [
        pytest.param({"subject": "Lunch"}, "subject", "Lunch", id="a value is set"),
        pytest.param({"subject": ""}, "subject", "", id="an empty one too"),
        pytest.param({"subject": None}, "subject", "", id="null clears a text"),
        pytest.param({"body": None}, "body", Body(), id="null clears a body"),
        pytest.param({"locations": None}, "locations", (), id="null clears places"),
        pytest.param({"importance": None}, "importance", Importance.NORMAL, id="null clears to the default"),
        pytest.param({"show_as": None}, "show_as", ShowAs.BUSY, id="null clears what is private"),
        pytest.param({"categories": None}, "categories", (), id="null clears categories"),
        pytest.param({"reminder_minutes": None}, "reminder_minutes", 15, id="null clears the reminder to the usual"),
        pytest.param({"hide_attendees": True}, "hide_attendees", True, id="a flag"),
    ],
)
def test_a_draft_sets_what_it_names_and_nothing_else(draft: dict[str, Any], name: str, value: object) -> None:
    reset = {"reminder_snoozed": 0, "reminder_dismissed": 0} if name == "reminder_minutes" else {}
    assert laid(**draft) == replace(EVENT, **{name: value}, **reset)


def test_a_draft_that_says_nothing_changes_nothing() -> None:
    assert laid() is EVENT


@pytest.mark.parametrize(
    ("draft", "is_afresh"),
    [
        pytest.param({"subject": "Lunch"}, False, id="new words"),
        pytest.param({"categories": ("Blue",)}, False, id="what else is private"),
        pytest.param({"start": at("2027-01-04T10:30")}, True, id="a new start"),
        pytest.param({"end": at("2027-01-04T12:00")}, False, id="a new end"),
        pytest.param({"start": at("2027-01-04T09:00", "UTC")}, False, id="the same instant in another zone"),
        pytest.param({"reminder_minutes": 5}, True, id="another reminder"),
        pytest.param({"reminder_minutes": 30}, False, id="the same reminder"),
        pytest.param({"reminder_on": False}, True, id="no reminder"),
        pytest.param({"start": AllDay(date(2027, 1, 4)), "end": AllDay(date(2027, 1, 5))}, True, id="all day"),
    ],
)
def test_a_new_time_or_reminder_starts_it_afresh(draft: dict[str, Any], is_afresh: bool) -> None:
    changed = laid(**draft)
    assert (changed.reminder_snoozed, changed.reminder_dismissed) == ((0, 0) if is_afresh else (7, 8))


def test_midnight_in_utc_that_becomes_a_day_starts_the_reminder_afresh() -> None:
    midnight = replace(EVENT, start=at("2027-01-04T00:00", "UTC"), end=at("2027-01-05T00:00", "UTC"))
    assert apply_draft(midnight, EventDraft(start=DAY, end=NEXT_DAY), ALICE.mailbox).reminder_snoozed == 0


def test_no_reminder_comes_after_the_start() -> None:
    with pytest.raises(InvalidProperty, match="after the start") as error:
        laid(reminder_minutes=-1)
    assert error.value.target == "reminderMinutesBeforeStart"
    assert laid(reminder_minutes=0).reminder_minutes == 0


@pytest.mark.parametrize(
    ("draft", "shown"),
    [
        pytest.param({"start": BEGIN, "end": END}, ShowAs.BUSY, id="a time is busy"),
        pytest.param({"start": DAY, "end": NEXT_DAY}, ShowAs.FREE, id="a day is free"),
        pytest.param({"start": DAY, "end": NEXT_DAY, "show_as": ShowAs.OOF}, ShowAs.OOF, id="a day as it was asked"),
    ],
)
def test_how_a_new_event_is_shown(draft: dict[str, Any], shown: ShowAs) -> None:
    event = event_from_draft(EventDraft(subject="New", **draft), ALICE.mailbox)
    assert (event.show_as, event.subject, event.start) == (shown, "New", draft["start"])


@pytest.mark.parametrize(
    ("draft", "missing"),
    [
        pytest.param({}, "Start", id="no times"),
        pytest.param({"end": END}, "Start", id="no start"),
        pytest.param({"start": BEGIN}, "End", id="no end"),
    ],
)
def test_a_new_event_has_times(draft: dict[str, Any], missing: str) -> None:
    with pytest.raises(MissingProperty, match=f"'{missing}'") as error:
        event_from_draft(EventDraft(**draft), ALICE.mailbox)
    assert error.value.target == missing


# --- times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        pytest.param(BEGIN, NEXT_DAY, InvalidRange, id="a time and a day"),
        pytest.param(DAY, END, InvalidRange, id="a day and a time"),
        pytest.param(END, BEGIN, InvalidRange, id="the end before the start"),
        pytest.param(DAY, DAY, InvalidRange, id="no day at all"),
        pytest.param(NEXT_DAY, DAY, InvalidRange, id="days backwards"),
        pytest.param(at("1899-12-31T10:00"), END, InvalidProperty, id="before 1900"),
        pytest.param(at("2201-01-01T10:00"), at("2201-01-01T11:00"), InvalidProperty, id="after 2200"),
        pytest.param(AllDay(date(2200, 12, 31)), AllDay(date(2201, 1, 1)), InvalidProperty, id="a day that ends after"),
        pytest.param(BEGIN, at("2032-01-03T10:01"), EventTooLong, id="longer than five years"),
        # Ten in Berlin is an hour before ten in London.
        pytest.param(at("2027-01-04T10:30", "Europe/London"), END, InvalidRange, id="the end before it in its zone"),
    ],
)
def test_times_no_calendar_could_hold(start: Any, end: Any, error: type[DomainError]) -> None:
    with pytest.raises(error) as refused:
        check_times(start, end)
    assert refused.value.target == ("Start" if error is InvalidProperty else None)
    with pytest.raises(error):
        laid(start=start, end=end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(BEGIN, BEGIN, id="no time at all"),
        pytest.param(DAY, NEXT_DAY, id="one day"),
        pytest.param(BEGIN, at("2032-01-03T10:00"), id="five years"),
        pytest.param(at("1900-01-01T10:00"), at("1900-01-01T11:00"), id="the first year"),
        pytest.param(at("2200-12-31T10:00"), at("2200-12-31T11:00"), id="the last year"),
        pytest.param(END, at("2027-01-04T10:30", "Europe/London"), id="an end that is later in its zone"),
    ],
)
def test_times_a_calendar_holds(start: Any, end: Any) -> None:
    check_times(start, end)


def test_what_stands_at_such_times_can_be_reworded() -> None:
    # Mail brings what no client may write.
    odd = replace(EVENT, start=END, end=BEGIN)
    assert apply_draft(odd, EventDraft(subject="Lunch"), ALICE.mailbox).subject == "Lunch"


@pytest.mark.parametrize("name", ["start", "end"])
def test_one_time_alone_is_looked_at_with_the_other(name: str) -> None:
    with pytest.raises(InvalidRange):
        laid(**{name: at("2027-01-04T23:00") if name == "start" else at("2027-01-04T01:00")})


# --- the guest list ------------------------------------------------------------------------

BOB_SAID = replace(attendees(BOB)[0], answer=Answer.ACCEPTED, answered=5, comment="Yes", role=Role.OPTIONAL)


def wrote(address: str, **more: Any) -> AttendeeDraft:
    return AttendeeDraft(address=address, **more)


@pytest.mark.parametrize(
    ("wanted", "listed"),
    [
        pytest.param([wrote("bob@example.com")], [BOB_SAID], id="who stays keeps answer, name and role"),
        pytest.param([wrote("BOB@Example.com")], [BOB_SAID], id="in other letters as well"),
        pytest.param([wrote("bob@example.com", name="")], [BOB_SAID], id="no name takes none away"),
        pytest.param([wrote("bob@example.com", name="Rob")], [replace(BOB_SAID, name="Rob")], id="another name"),
        pytest.param(
            [wrote("bob@example.com", role=Role.RESOURCE)], [replace(BOB_SAID, role=Role.RESOURCE)], id="another role"
        ),
        pytest.param([wrote("bob@example.com", answer=Answer.DECLINED)], [BOB_SAID], id="nobody answers for others"),
        pytest.param(
            [wrote("dave@example.com", answer=Answer.ACCEPTED, comment="Yes", guests=3)],
            [Attendee(address="dave@example.com")],
            id="a newcomer has not answered",
        ),
        pytest.param(
            [wrote("dave@example.com", name="Dave", role=Role.OPTIONAL)],
            [Attendee(address="dave@example.com", name="Dave", role=Role.OPTIONAL)],
            id="a newcomer's name and role",
        ),
        pytest.param([wrote("bob@example.com"), wrote("Bob@example.com", name="B")], [BOB_SAID], id="twice is once"),
        pytest.param([wrote("ALICE@example.com")], [], id="the organizer is no own guest"),
        pytest.param([], [], id="nobody"),
    ],
)
def test_the_new_list(wanted: list[AttendeeDraft], listed: list[Attendee]) -> None:
    assert list(guest_list((BOB_SAID, *attendees(CAROL)), tuple(wanted), ALICE.mailbox)) == listed


@pytest.mark.parametrize(
    ("draft", "left"),
    [
        pytest.param({}, 1, id="no list"),
        pytest.param({"attendees": (wrote("bob@example.com"), wrote("dave@example.com"))}, 2, id="a list"),
        pytest.param({"attendees": ()}, 0, id="an empty list"),
        pytest.param({"attendees": None}, 0, id="null"),
        pytest.param({"attendees": (), "attendees_omitted": True}, 1, id="a list that is left out"),
    ],
)
def test_whose_list_is_changed(draft: dict[str, Any], left: int) -> None:
    event = replace(EVENT, attendees=(BOB_SAID,))
    assert len(apply_draft(event, EventDraft(**draft), ALICE.mailbox).attendees) == left


@pytest.mark.parametrize(
    ("wanted", "claimed"),
    [
        pytest.param(None, None, id="null"),
        pytest.param((), None, id="nobody"),
        pytest.param((wrote("bob@example.com"),), None, id="no answer written"),
        pytest.param((wrote("BOB@example.com", answer=Answer.ACCEPTED),), None, id="written back as it was"),
        pytest.param((wrote("bob@example.com", answer=Answer.DECLINED),), "bob@example.com", id="another answer"),
        pytest.param((wrote("dave@example.com", answer=Answer.ACCEPTED),), None, id="of a newcomer nothing is known"),
        pytest.param(
            (wrote("bob@example.com", answer=Answer.NONE), wrote("carol@example.com", answer=Answer.ACCEPTED)),
            "bob@example.com, carol@example.com",
            id="two",
        ),
    ],
)
def test_writing_somebody_elses_answer_is_hinted(wanted: Any, claimed: str | None) -> None:
    known = (BOB_SAID, *attendees(CAROL))
    hint = Hint(HintCode.ATTENDEE_STATUS_IGNORED, claimed) if claimed else None
    assert claims(known, EventDraft(attendees=wanted)) == hint
    assert claims(known, EventDraft()) is None
