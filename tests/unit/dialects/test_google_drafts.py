"""What a body means: insert, PATCH and PUT."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET, structs

from rsvpd.calendar.conference import Conference, Provider
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Attendee, Location, Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.view import EventView
from rsvpd.dialects.google.exchange import errors
from rsvpd.dialects.google.tables import drafts
from rsvpd.dialects.google.tables.resources import EVENT, to_wire
from rsvpd.dialects.google.vocabulary.refusals import Refusal
from rsvpd.errors import DomainError, InvalidProperty
from rsvpd.mail.content import Body, BodyKind
from support.google_door import BOSS, ME, UID, at, context, instance, series, view

TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Zurich"},
    "end": {"dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Zurich"},
}
DATES = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}


def set_fields(draft: EventDraft) -> dict[str, Any]:
    """Return the members of a draft that say anything."""
    silent = {"attendees_omitted": False, "ignored": ()}
    said = structs.asdict(draft).items()
    return {name: value for name, value in said if value is not UNSET and (name, value) not in silent.items()}


def patched(body: dict[str, Any], stored: EventView | None = None) -> dict[str, Any]:
    return set_fields(drafts.draft_of_patch(body, context(stored or view())))


# --- insert


def test_a_new_event() -> None:
    body = {
        **TIMES,
        "id": "abcde",
        "summary": "Plans",
        "description": "<b>All</b>",
        "location": "Orion",
        "attendees": [{"email": "eve@ex.test", "displayName": "Eve", "optional": True}, {"self": True}],
        "visibility": "private",
        "guestsCanModify": True,
        "guestsCanSeeOtherGuests": False,
        "status": "tentative",
    }
    assert set_fields(drafts.draft_of_insert(body, context())) == {
        "start": at("2026-12-01T10:00"),
        "end": at("2026-12-01T11:00"),
        "uid": "abcde@google.com",
        "subject": "Plans",
        "body": Body("<b>All</b>", BodyKind.HTML),
        "locations": (Location(name="Orion"),),
        "attendees": (
            AttendeeDraft(address="eve@ex.test", name="Eve", role=Role.OPTIONAL),
            AttendeeDraft(address=ME.address),
        ),
        "sensitivity": Sensitivity.PRIVATE,
        "guests_can_modify": True,
        "hide_attendees": True,
        "status": Status.TENTATIVE,
        "show_as": ShowAs.BUSY,
    }


def test_a_new_date_takes_time_unless_it_is_transparent() -> None:
    assert drafts.draft_of_insert(DATES, context()).show_as is ShowAs.BUSY
    assert drafts.draft_of_insert({**DATES, "transparency": "transparent"}, context()).show_as is ShowAs.FREE


@pytest.mark.parametrize(
    ("wrong", "error", "word"),
    [
        ({}, Refusal, "start"),
        ({"start": TIMES["start"]}, Refusal, "end"),
        ({**TIMES, "end": DATES["end"]}, Refusal, "either both"),
        ({**TIMES, "id": "X"}, InvalidProperty, "id"),
        ({**TIMES, "id": "abcde", "iCalUID": "other@ex.test"}, InvalidProperty, "Only one"),
        ({**TIMES, "iCalUID": "a\nb"}, InvalidProperty, "iCalUID"),
        ({**TIMES, "summary": 7}, InvalidProperty, "summary"),
        ({**TIMES, "attendees": {}}, InvalidProperty, "attendees"),
        ({**TIMES, "attendees": ["eve"]}, InvalidProperty, "attendees"),
        ({**TIMES, "attendees": [{"displayName": "Eve"}]}, InvalidProperty, "email"),
        ({**TIMES, "attendees": [{"email": "no address"}]}, InvalidProperty, "no address"),
        (
            {**TIMES, "attendees": [{"email": "a@b", "responseStatus": "maybe"}]},
            InvalidProperty,
            "responseStatus",
        ),
        (
            {**TIMES, "attendees": [{"email": "a@b", "additionalGuests": -1}]},
            InvalidProperty,
            "additionalGuests",
        ),
        ({**TIMES, "transparency": "glass"}, InvalidProperty, "transparency"),
        ({**TIMES, "visibility": []}, InvalidProperty, "visibility"),
        ({**TIMES, "status": "done"}, InvalidProperty, "status"),
        ({**TIMES, "guestsCanModify": "yes"}, InvalidProperty, "guestsCanModify"),
        ({**TIMES, "recurrence": "RRULE:FREQ=DAILY"}, InvalidProperty, "recurrence"),
        ({**TIMES, "eventType": "focusTime"}, InvalidProperty, "focusTimeProperties"),
        ({**TIMES, "privateCopy": "yes"}, InvalidProperty, "privateCopy"),
        ({**TIMES, "sequence": -1}, InvalidProperty, "sequence"),
        ({**TIMES, "source": {"url": "ftp://x"}}, InvalidProperty, "source"),
        ({**TIMES, "extendedProperties": {"private": {"a": 1}}}, InvalidProperty, "extendedProperties"),
        ({**TIMES, "extendedProperties": {"mine": {}}}, InvalidProperty, "extendedProperties"),
        ({**TIMES, "colorId": 7}, InvalidProperty, "colorId"),
        ({**TIMES, "reminders": []}, InvalidProperty, "reminders"),
        ({**TIMES, "reminders": {"overrides": [{"method": "sms", "minutes": 1}]}}, InvalidProperty, "method"),
        (
            {**TIMES, "reminders": {"overrides": [{"method": "popup", "minutes": 40321}]}},
            InvalidProperty,
            "40320",
        ),
        (
            {**TIMES, "reminders": {"overrides": [{"method": "popup", "minutes": 1}] * 6}},
            InvalidProperty,
            "at most",
        ),
        (
            {**TIMES, "reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 1}]}},
            InvalidProperty,
            "useDefault",
        ),
        (
            {
                "start": {"dateTime": "2026-12-01T10:00:00Z"},
                "end": {"dateTime": "2026-12-01T11:00:00Z"},
                "recurrence": ["RRULE:FREQ=DAILY"],
            },
            Refusal,
            "time zone",
        ),
    ],
)
def test_what_is_no_event_names_the_member(
    wrong: dict[str, Any], error: type[DomainError], word: str
) -> None:
    with pytest.raises(error) as caught:
        drafts.draft_of_insert(wrong, context())
    assert word in f"{errors.document(caught.value)} {caught.value.message} {caught.value.target}"


def test_an_icaluid_can_be_brought_along() -> None:
    assert drafts.draft_of_insert({**TIMES, "iCalUID": UID}, context()).uid == UID
    assert drafts.draft_of_insert(TIMES, context()).uid is UNSET


def test_members_that_are_read_only_unknown_or_in_another_case_are_named() -> None:
    body = {**TIMES, "kind": "calendar#event", "etag": "x", "updated": "x", "Summary": "x", "nonsense": 1}
    body |= {"conferenceData": {"createRequest": {}}, "locked": None}
    assert drafts.draft_of_insert(body, context(unread=frozenset(["conferenceData"]))).ignored == (
        "updated",
        "Summary",
        "nonsense",
        "conferenceData",
    )


def test_a_recurring_event() -> None:
    draft = drafts.draft_of_insert({**TIMES, "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]}, context())
    assert draft.recurrence == Recurrence(rules=(Rule(freq=Freq.DAILY, count=5),))
    assert draft.deleted is UNSET


# --- PATCH


def test_a_patch_says_only_what_it_names() -> None:
    assert patched({"summary": "New"}) == {"subject": "New"}
    assert patched({"summary": None, "location": None}) == {"subject": None, "locations": ()}


def test_an_answer() -> None:
    body = {
        "attendeesOmitted": True,
        "attendees": [
            {"email": ME.address, "responseStatus": "accepted", "comment": "ok", "additionalGuests": 2}
        ],
    }
    own = AttendeeDraft(address=ME.address, answer=Answer.ACCEPTED, comment="ok", guests=2)
    assert patched(body) == {"attendees": (own,), "attendees_omitted": True}
    assert not drafts.is_merging(body)


def test_times_merge_with_what_is_stored() -> None:
    stored = view(start=at("2026-12-01T10:00", "Asia/Tokyo"), end=at("2026-12-01T11:00", "Asia/Tokyo"))
    moved = {"start": {"dateTime": "2026-12-01T02:00:00Z"}, "end": {"dateTime": "2026-12-01T12:00:00"}}
    assert patched(moved, stored) == {
        "start": at("2026-12-01T11:00", "Asia/Tokyo"),
        "end": at("2026-12-01T12:00", "Asia/Tokyo"),
    }
    assert drafts.is_merging(moved)


@pytest.mark.parametrize(
    "day", [{"date": "2026-12-05"}, {"date": "2026-12-05", "dateTime": None, "timeZone": None}]
)
def test_a_time_becomes_a_date(day: dict[str, Any]) -> None:
    assert patched({"start": day, "end": {"date": "2026-12-06"}}) == {
        "start": AllDay(date(2026, 12, 5)),
        "end": AllDay(date(2026, 12, 6)),
    }


def test_a_date_becomes_a_time() -> None:
    stored = view(start=AllDay(date(2026, 12, 5)), end=AllDay(date(2026, 12, 6)))
    assert patched({**TIMES}, stored) == {"start": at("2026-12-01T10:00"), "end": at("2026-12-01T11:00")}


def test_one_end_alone_must_stay_of_the_same_kind() -> None:
    with pytest.raises(Refusal):
        patched({"start": {"date": "2026-12-05"}})
    with pytest.raises(Refusal):
        patched({"start": None})


def test_reminders_merge() -> None:
    ten = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]}
    stored = view(reminder_on=True, reminder_minutes=10)
    assert patched({"reminders": ten}, stored) == {"reminder_on": True, "reminder_minutes": 10}
    assert patched({"reminders": {"useDefault": True}}, stored) == {
        "reminder_on": True,
        "reminder_minutes": 15,
    }
    assert patched({"reminders": {"overrides": None}}, stored) == {"reminder_on": False}
    assert patched({"reminders": None}, stored) == {"reminder_on": True, "reminder_minutes": 15}


def test_mails_and_earlier_popups_are_kept_beside_the_one_reminder() -> None:
    wire = {
        "useDefault": False,
        "overrides": [
            {"method": "email", "minutes": 1440},
            {"method": "popup", "minutes": 30},
            {"method": "popup", "minutes": 5},
        ],
    }
    assert patched({"reminders": wire}) == {
        "reminder_on": True,
        "reminder_minutes": 5,
        "residue": {"google": {"reminders": wire}},
    }
    kept = {"google": {"reminders": wire}}
    assert to_wire(EVENT, view(residue=kept, reminder_minutes=5), context())["reminders"] == wire
    elsewhere = view(residue=kept, reminder_minutes=20)
    assert to_wire(EVENT, elsewhere, context())["reminders"]["overrides"] == [
        {"method": "popup", "minutes": 20}
    ]


def test_extended_properties_merge_key_by_key_and_other_dialects_keep_theirs() -> None:
    kept = {
        "google": {"extendedProperties": {"private": {"a": "1", "b": "2"}}, "colorId": "3"},
        "ical": {"x": "y"},
    }
    body = {"extendedProperties": {"private": {"b": None, "c": "3"}}, "colorId": ""}
    assert patched(body, view(residue=kept)) == {
        "residue": {"ical": {"x": "y"}, "google": {"extendedProperties": {"private": {"a": "1", "c": "3"}}}}
    }
    assert patched({"colorId": "3"}, view(residue=kept)) == {}, "nothing new"


def test_what_google_cannot_say_stays() -> None:
    rich = view(
        show_as=ShowAs.OOF,
        sensitivity=Sensitivity.PERSONAL,
        body=Body("<p>x</p>", BodyKind.HTML),
        locations=(Location(name="Orion", mailbox="orion@ex.test"), Location(name="Hall")),
    )
    same = {
        "transparency": "opaque",
        "visibility": "private",
        "description": "<p>x</p>",
        "location": "Orion; Hall",
    }
    assert patched(same, rich) == {
        "show_as": ShowAs.OOF,
        "sensitivity": Sensitivity.PERSONAL,
        "body": rich.event.body,
        "locations": rich.event.locations,
    }
    assert patched({"transparency": "opaque"}, view(show_as=ShowAs.FREE)) == {"show_as": ShowAs.BUSY}


def test_public_is_kept_as_the_word_it_is() -> None:
    public = patched({"visibility": "public"})
    assert public == {"sensitivity": Sensitivity.NORMAL, "residue": {"google": {"visibility": "public"}}}
    stored = view(residue=public["residue"])
    assert to_wire(EVENT, stored, context())["visibility"] == "public"
    assert patched({"visibility": "default"}, stored) == {"sensitivity": Sensitivity.NORMAL, "residue": {}}


def test_deleted_instances_stay_unless_exdates_are_named() -> None:
    stored = series(deleted=("20261203T100000",))
    assert "deleted" not in patched({"recurrence": ["RRULE:FREQ=DAILY;COUNT=9"]}, stored)
    echoed = to_wire(EVENT, stored, context())["recurrence"]
    longer = ["RRULE:FREQ=DAILY;COUNT=9", *echoed[1:]]
    assert patched({"recurrence": longer}, stored)["deleted"] == ("20261203T100000",)
    assert patched({"recurrence": echoed}, stored) == {"recurrence": stored.meeting.recurrence}


def test_an_instance_has_no_rule_of_its_own() -> None:
    stored = instance(series(), "2026-12-03T10:00")
    assert patched({"recurrence": ["RRULE:FREQ=DAILY"]}, stored) == {"ignored": ("recurrence",)}


# --- PUT


@pytest.mark.parametrize(
    "stored",
    [
        view(),
        series(),
        instance(series(), "2026-12-03T10:00"),
        series(deleted=("20261203T100000",)),
        view(show_as=ShowAs.FREE, reminder_on=False, hide_attendees=True, guests_can_invite=False),
        view(residue={"google": {"colorId": "3", "visibility": "public"}}, sensitivity=Sensitivity.NORMAL),
        view(
            start=AllDay(date(2026, 12, 5)),
            end=AllDay(date(2026, 12, 6)),
            subject="",
            body=Body(),
            locations=(),
        ),
        view(start=at("2026-12-01T10:00", "Asia/Tokyo"), end=at("2026-12-01T11:00", "Asia/Tokyo")),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_what_was_read_can_be_put_back_and_changes_nothing(stored: EventView, zone: str | None) -> None:
    ctx = context(stored, zone=zone)
    draft = drafts.draft_of_update(to_wire(EVENT, stored, ctx), ctx)
    assert draft.ignored == ()
    said = set_fields(draft)
    assert said.pop("attached", ()) == ()
    for name in ("attendees", "attendees_omitted", "recurrence", "deleted", "residue"):
        said.pop(name, None)
    event = stored.event
    blank = {"subject": "", "body": Body(), "locations": ()}
    for name, value in said.items():
        assert getattr(event, name) == (blank.get(name) if value is None else value)
    assert draft.recurrence in (UNSET, None, stored.meeting.recurrence)
    assert draft.residue is UNSET or draft.residue == event.residue


def test_a_put_clears_what_it_does_not_name() -> None:
    stored = view(
        residue={"google": {"colorId": "3"}},
        sensitivity=Sensitivity.PRIVATE,
        reminder_on=False,
        show_as=ShowAs.FREE,
        guests_can_invite=False,
    )
    draft = drafts.draft_of_update(TIMES, context(stored))
    cleared = (draft.subject, draft.body, draft.attendees, draft.recurrence)
    assert cleared == (None, None, None, None)
    assert draft.locations == ()
    assert (draft.sensitivity, draft.show_as) == (Sensitivity.NORMAL, ShowAs.BUSY)
    assert (draft.reminder_on, draft.reminder_minutes) == (True, 15)
    assert (draft.guests_can_invite, draft.guests_can_modify, draft.hide_attendees) == (True, False, False)
    assert draft.residue == {}


def test_a_put_needs_both_times_and_keeps_a_list_that_was_left_out() -> None:
    with pytest.raises(Refusal):
        drafts.draft_of_update({"start": TIMES["start"]}, context(view()))
    assert drafts.draft_of_update({**TIMES, "attendeesOmitted": True}, context(view())).attendees is UNSET


def test_a_put_leaves_alone_what_its_parameters_do_not_write() -> None:
    kept = Conference(provider=Provider.MEET, url="https://meet.google.com/x")
    ctx = context(view(conference=kept), unread=frozenset(["conferenceData"]))
    assert drafts.draft_of_update(TIMES, ctx).conference is UNSET
    assert drafts.draft_of_update(TIMES, context(view(conference=kept))).conference is None


def test_residues_are_of_the_copy_and_of_the_event() -> None:
    stored = view(residue={"google": {"colorId": "1"}}, shared_residue={"google": {"gadget": {"title": "x"}}})
    draft = drafts.draft_of_patch({"extendedProperties": {"private": {"a": "b"}}, "gadget": None}, context(stored))
    assert draft.residue == {"google": {"colorId": "1", "extendedProperties": {"private": {"a": "b"}}}}
    assert draft.shared_residue == {}


@pytest.mark.parametrize(
    ("stored", "wire", "role"),
    [
        (None, {"resource": True}, Role.RESOURCE),
        (Role.REQUIRED, {"resource": True}, UNSET),
        (Role.REQUIRED, {"resource": True, "optional": True}, Role.OPTIONAL),
        (Role.RESOURCE, {"resource": False}, UNSET),
        (Role.RESOURCE, {"optional": True}, UNSET),
    ],
)
def test_whether_it_is_a_room_counts_only_when_it_is_added(stored: Any, wire: Any, role: Any) -> None:
    known = () if stored is None else (Attendee(address="orion@ex.test", role=stored),)
    body = {"attendees": [{"email": "Orion@ex.test", **wire}]}
    (drafted,) = patched(body, view(BOSS, attendees=known))["attendees"]
    assert drafted.role is role
