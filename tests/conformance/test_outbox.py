"""People outside: one right message for each change that is told to them, and none for any other."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from rsvpd.commands import outbox
from rsvpd.commands.deliver import deliver_next
from rsvpd.delivery import imip
from rsvpd.scheduling.effects import Post
from support.incoming import UID, arrive
from support.world import World

BERLIN = ZoneInfo("Europe/Berlin")
WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
    "range": {"type": "noEnd", "startDate": "2026-12-01"},
}


class Sent:
    """A message that waits to leave, as its recipient will read it."""

    def __init__(self, post: Post) -> None:
        self.post = post
        found = email.message_from_bytes(imip.message(post), policy=policy.SMTP)
        assert isinstance(found, EmailMessage)
        self.mail = found
        self.to = post.recipient
        self.subject = str(found["Subject"])
        parts = {part.get_content_type(): part for part in found.walk()}
        self.text = parts["text/plain"].get_payload(decode=True).decode()
        assert self.text
        self.events: list[Any] = []
        if post.method is None:
            return
        calendar = parts["text/calendar"]
        document = calendar.get_payload(decode=True)
        assert parts["application/ics"].get_payload(decode=True) == document
        whole = icalendar.Calendar.from_ical(document)
        self.method = str(whole["METHOD"])
        assert self.method == calendar.get_param("method") == post.method.value
        self.events = list(whole.walk("VEVENT"))

    @property
    def event(self) -> Any:
        """Return the only event."""
        (one,) = self.events
        return one

    @property
    def guests(self) -> list[str]:
        """Return the addresses on the guest list."""
        listed = self.event.get("ATTENDEE", [])
        return [str(one).removeprefix("mailto:") for one in (listed if isinstance(listed, list) else [listed])]


class Outside:
    """What has left since one looked last."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last = 0

    def new(self) -> list[Sent]:
        """Return the messages of what happened since, to whom outside it may be."""
        while self._world.store.run(deliver_next):
            pass
        found = []
        while rows := self._world.store.run(outbox.list_messages, after=self._last):
            self._last = rows[-1].number
            found += [Sent(row.post) for row in rows]
        return found

    def one(self) -> Sent:
        """Return the only message."""
        (found,) = self.new()
        return found


@pytest.fixture
def outside(world: World) -> Outside:
    return Outside(world)


def attendees(*addresses: str) -> list[dict[str, Any]]:
    full = [one if "@" in one else f"{one}@else.test" for one in addresses]
    return [{"emailAddress": {"address": one, "name": one.partition("@")[0].title()}} for one in full]


def at(day: int, hour: int) -> dict[str, str]:
    return {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00", "timeZone": "W. Europe Standard Time"}


def invite(world: World, *guests: str, **more: Any) -> str:
    body = {"subject": "Plans", "start": at(1, 10), "end": at(1, 11), "attendees": attendees(*guests)} | more
    made = world.request("alice", "POST", "/v1.0/me/events", body)
    assert made.status == 201, made.body
    return str(made.json["id"])


def change(world: World, event: str, **body: Any) -> None:
    done = world.request("alice", "PATCH", f"/v1.0/me/events/{event}", body)
    assert done.status == 200, done.body


def occurrence(world: World, event: str, day: int) -> str:
    window = f"startDateTime=2026-12-{day:02}T00:00:00Z&endDateTime=2026-12-{day + 1:02}T00:00:00Z"
    (found,) = world.request("alice", "GET", f"/v1.0/me/events/{event}/instances?{window}").json["value"]
    return str(found["id"])


# --- the organizer is here, guests are outside ---------------------------------------------------


def test_an_invitation(world: World, outside: Outside) -> None:
    invite(world, "zoe", "bob@example.com")
    sent = outside.one()
    assert (sent.to, sent.method, sent.subject) == ("zoe@else.test", "REQUEST", "Plans")
    assert sent.mail["From"] == sent.mail["Reply-To"] == "Alice <alice@example.com>"
    assert "In-Reply-To" not in sent.mail
    event = sent.event
    assert event["ORGANIZER"] == "mailto:alice@example.com"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        datetime(2026, 12, 1, 10, tzinfo=BERLIN),
        datetime(2026, 12, 1, 11, tzinfo=BERLIN),
    )
    assert event["DTSTAMP"].dt == datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC)
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert sent.guests == ["zoe@else.test", "bob@example.com"]
    assert event["ATTENDEE"][0].params["RSVP"] == "TRUE"


def test_a_move_a_rewording_and_a_cancellation_are_each_told_once(world: World, outside: Outside) -> None:
    event = invite(world, "zoe")
    first = outside.one()
    change(world, event, start=at(2, 10), end=at(2, 11))
    moved = outside.one()
    assert (moved.method, moved.event["UID"], moved.event["SEQUENCE"]) == ("REQUEST", first.event["UID"], 1)
    assert moved.event["DTSTART"].dt == datetime(2026, 12, 2, 10, tzinfo=BERLIN)
    assert moved.mail["In-Reply-To"] == moved.mail["References"] == first.mail["Message-ID"]
    change(world, event, subject="Better plans")
    reworded = outside.one()
    assert (reworded.event["SUMMARY"], reworded.event["SEQUENCE"]) == ("Better plans", 1)
    assert reworded.event["DTSTAMP"].dt > moved.event["DTSTAMP"].dt
    world.request("alice", "POST", f"/v1.0/me/events/{event}/cancel", {"comment": "A storm."})
    gone = outside.one()
    assert (gone.method, gone.subject) == ("CANCEL", "Canceled: Better plans")
    assert (gone.event["STATUS"], gone.event["SEQUENCE"]) == ("CANCELLED", 2)
    assert gone.event["COMMENT"] == "A storm."
    assert "A storm." in gone.text
    assert gone.guests == ["zoe@else.test"]
    assert len({one.mail["Message-ID"] for one in (first, moved, reworded, gone)}) == 4


def test_nothing_is_told_of_what_is_private_or_did_not_change(world: World, outside: Outside) -> None:
    event = invite(world, "zoe", transactionId="once")
    outside.one()
    change(world, event, categories=["Red"], showAs="oof", reminderMinutesBeforeStart=5)
    change(world, event, subject="Plans")
    change(world, event, start=at(1, 10), end=at(1, 11))
    assert outside.new() == []
    invite(world, "zoe", transactionId="once")
    assert outside.new() == []


def test_an_appointment_and_local_guests_send_nothing(world: World, outside: Outside) -> None:
    invite(world)
    invite(world, "bob@example.com")
    assert outside.new() == []


def test_google_keeps_silent_where_it_is_asked_to(world: World, outside: Outside) -> None:
    body = {
        "summary": "Plans",
        "start": {"dateTime": "2026-12-01T10:00:00+01:00"},
        "end": {"dateTime": "2026-12-01T11:00:00+01:00"},
        "attendees": [{"email": "zoe@else.test"}, {"email": "bob@example.com"}],
    }
    path = "/calendar/v3/calendars/primary/events"
    assert world.request("alice", "POST", f"{path}?sendUpdates=none", body).status == 200
    assert outside.new() == []
    assert world.request("alice", "POST", f"{path}?sendUpdates=externalOnly", body).status == 200
    assert outside.one().to == "zoe@else.test"


def test_who_comes_and_who_goes(world: World, outside: Outside) -> None:
    event = invite(world, "zoe")
    outside.one()
    change(world, event, attendees=attendees("zoe", "max"))
    came = outside.one()
    assert (came.to, came.method) == ("max@else.test", "REQUEST")
    assert "In-Reply-To" not in came.mail
    change(world, event, attendees=attendees("max"))
    left = outside.one()
    assert (left.to, left.method, left.guests) == ("zoe@else.test", "CANCEL", ["zoe@else.test"])
    assert "STATUS" not in left.event
    assert "no longer invited" in left.text


def test_who_is_removed_while_the_meeting_moves_sees_it_where_it_was(world: World, outside: Outside) -> None:
    event = invite(world, "zoe", "max")
    outside.new()
    change(world, event, attendees=attendees("max"), start=at(3, 10), end=at(3, 11))
    moved, left = sorted(outside.new(), key=lambda one: one.to)
    assert (moved.to, moved.method, left.to, left.method) == ("max@else.test", "REQUEST", "zoe@else.test", "CANCEL")
    assert left.event["DTSTART"].dt == datetime(2026, 12, 1, 10, tzinfo=BERLIN)
    assert moved.event["DTSTART"].dt == datetime(2026, 12, 3, 10, tzinfo=BERLIN)
    assert moved.mail["Message-ID"] != left.mail["Message-ID"]


def test_a_hidden_guest_list(world: World, outside: Outside) -> None:
    event = invite(world, "zoe", "max", "bob@example.com", hideAttendees=True)
    for sent in outside.new():
        assert sent.guests == [sent.to]
        assert [one.addr_spec for one in sent.mail["To"].addresses] == [sent.to]
        assert "bob" not in sent.post.letter.subject + sent.text
    world.request("alice", "POST", f"/v1.0/me/events/{event}/cancel", {})
    for sent in outside.new():
        assert (sent.method, sent.guests) == ("CANCEL", [sent.to])


@pytest.mark.slow
def test_a_very_long_guest_list_shows_each_only_the_own_entry(world: World, outside: Outside) -> None:
    invite(world, *(f"guest{number}" for number in range(230)))
    sent = outside.new()
    assert len(sent) == 230
    assert len({one.to for one in sent}) == 230
    assert all(one.guests == [one.to] for one in sent[::20])
    assert len(imip.message(sent[0].post)) < 10_000


def test_no_answers_wanted_no_proposals_wanted_and_sensitivity(world: World, outside: Outside) -> None:
    invite(
        world, "zoe", responseRequested=False, allowNewTimeProposals=False, sensitivity="private",
        importance="high", showAs="free", isReminderOn=True,
    )  # fmt: skip
    event = outside.one().event
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
    assert event["X-MICROSOFT-DISALLOW-COUNTER"] == "TRUE"
    assert (event["CLASS"], event["PRIORITY"], event["TRANSP"]) == ("PRIVATE", 1, "TRANSPARENT")
    assert not event.walk("VALARM")


def test_a_series_one_moved_and_one_cancelled(world: World, outside: Outside) -> None:
    event = invite(world, "zoe", recurrence=WEEKLY)
    assert outside.one().event["RRULE"]["BYDAY"] == ["TU"]
    change(world, occurrence(world, event, 8), start=at(9, 15), end=at(9, 16))
    moved = outside.one()
    assert moved.event["RECURRENCE-ID"].dt == datetime(2026, 12, 8, 10, tzinfo=BERLIN)
    assert moved.event["DTSTART"].dt == datetime(2026, 12, 9, 15, tzinfo=BERLIN)
    assert "RRULE" not in moved.event
    world.request("alice", "POST", f"/v1.0/me/events/{occurrence(world, event, 15)}/cancel", {"comment": "No."})
    gone = outside.one()
    assert (gone.method, gone.event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert gone.event["RECURRENCE-ID"].dt == gone.event["DTSTART"].dt == datetime(2026, 12, 15, 10, tzinfo=BERLIN)
    change(world, event, attendees=attendees("zoe", "max"))
    whole = outside.one()
    master, exception = whole.events
    assert whole.to == "max@else.test"
    assert [day.dt for day in master["EXDATE"].dts] == [datetime(2026, 12, 15, 10, tzinfo=BERLIN)]
    assert exception["DTSTART"].dt == datetime(2026, 12, 9, 15, tzinfo=BERLIN)


def test_a_guest_of_one_occurrence(world: World, outside: Outside) -> None:
    event = invite(world, "zoe", recurrence=WEEKLY)
    outside.one()
    change(world, occurrence(world, event, 8), attendees=attendees("zoe", "max"))
    came = outside.one()
    assert (came.to, came.event["RECURRENCE-ID"].dt.day) == ("max@else.test", 8)
    assert "RRULE" not in came.event
    change(world, occurrence(world, event, 8), attendees=attendees("zoe"))
    left = outside.one()
    assert (left.to, left.method, left.event["RECURRENCE-ID"].dt.day) == ("max@else.test", "CANCEL", 8)


def test_a_restart_neither_loses_nor_repeats(world: World, outside: Outside) -> None:
    invite(world, "zoe")
    before = imip.message(world.store.run(outbox.list_messages)[0].post)
    world.reopen()
    (row,) = world.store.run(outbox.list_messages)
    assert imip.message(row.post) == before


def test_plain_mail(world: World, outside: Outside) -> None:
    message = {
        "subject": "Hello",
        "body": {"contentType": "html", "content": "<p>Hi <b>Zoe</b></p>"},
        "toRecipients": attendees("bob@example.com"),
        "bccRecipients": attendees("zoe"),
    }
    assert world.request("alice", "POST", "/v1.0/me/sendMail", {"message": message}).status == 202
    sent = outside.one()
    assert (sent.to, sent.post.method, sent.mail.get_content_type()) == ("zoe@else.test", None, "multipart/alternative")
    assert "zoe@" not in str(sent.mail).lower()


# --- the organizer is outside, a guest is here -----------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "partstat", "subject"),
    [
        ("accept", "ACCEPTED", "Accepted: Zoë's plans"),
        ("tentativelyAccept", "TENTATIVE", "Tentative: Zoë's plans"),
        ("decline", "DECLINED", "Declined: Zoë's plans"),
    ],
)
def test_an_answer(world: World, outside: Outside, verb: str, partstat: str, subject: str) -> None:
    event = arrive(world)
    done = world.request("bob", "POST", f"/v1.0/me/events/{event}/{verb}", {"comment": "Sure, Zoë"})
    assert done.status == 202
    sent = outside.one()
    assert (sent.to, sent.method, sent.subject) == ("zoe@else.test", "REPLY", subject)
    assert sent.mail["In-Reply-To"] == sent.mail["References"] == "<invitation@else.test>"
    assert sent.mail["From"] == "Bob <bob@example.com>"
    assert "Auto-Submitted" not in sent.mail
    assert sent.guests == ["bob@example.com"]
    assert sent.event["ATTENDEE"].params["PARTSTAT"] == partstat
    assert (sent.event["UID"], sent.event["SEQUENCE"], sent.event["COMMENT"]) == (UID, 5, "Sure, Zoë")
    assert sent.event["ORGANIZER"] == "mailto:zoe@else.test"
    assert "Sure, Zoë" in sent.text


def test_the_same_answer_again_and_a_silent_one_are_not_sent(world: World, outside: Outside) -> None:
    event = arrive(world)
    path = f"/v1.0/me/events/{event}/"
    assert world.request("bob", "POST", path + "accept", {"sendResponse": False}).status == 202
    assert outside.new() == []
    for _ in range(2):
        assert world.request("bob", "POST", path + "tentativelyAccept").status == 202
    assert outside.one().event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    assert world.request("bob", "POST", path + "accept").status == 202
    assert outside.one().event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_an_answer_to_one_occurrence(world: World, outside: Outside) -> None:
    event = arrive(world, series=True)
    window = "startDateTime=2026-12-08T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
    (found,) = world.request("bob", "GET", f"/v1.0/me/events/{event}/instances?{window}").json["value"]
    assert world.request("bob", "POST", f"/v1.0/me/events/{found['id']}/tentativelyAccept").status == 202
    sent = outside.one()
    assert sent.event["RECURRENCE-ID"].dt == datetime(2026, 12, 8, 10, tzinfo=BERLIN)
    assert sent.guests == ["bob@example.com"]
    assert "RRULE" not in sent.event


@pytest.mark.parametrize(("verb", "partstat"), [("tentativelyAccept", "TENTATIVE"), ("decline", "DECLINED")])
def test_a_proposal(world: World, outside: Outside, verb: str, partstat: str) -> None:
    event = arrive(world)
    slot = {"start": {"dateTime": "2026-12-02T14:00:00", "timeZone": "UTC"}, "end": at(2, 16)}
    done = world.request("bob", "POST", f"/v1.0/me/events/{event}/{verb}", {"proposedNewTime": slot})
    assert done.status == 202, done.body
    sent = outside.one()
    assert (sent.method, sent.subject) == ("COUNTER", "New Time Proposed: Zoë's plans")
    assert sent.event["DTSTART"].dt == datetime(2026, 12, 2, 14, tzinfo=UTC)
    assert sent.event["X-MS-OLK-ORIGINALSTART"].to_ical() == b"20261201T100000"
    assert (sent.guests, sent.event["SEQUENCE"]) == (["bob@example.com"], 5)
    assert sent.event["ATTENDEE"].params["PARTSTAT"] == partstat
    assert "proposes another time" in sent.text


def test_what_is_private_to_a_copy_stays_in_it(world: World, outside: Outside) -> None:
    event = arrive(world)
    world.request("bob", "PATCH", f"/v1.0/me/events/{event}", {"categories": ["Red category"], "showAs": "oof"})
    world.request("bob", "POST", f"/v1.0/me/events/{event}/accept")
    sent = outside.one()
    assert sent.post.meeting is not None
    assert sent.post.meeting.event.categories == ()
    assert b"Red category" not in imip.message(sent.post)
    assert not {"TRANSP", "CLASS", "CATEGORIES"} & set(sent.event)


def test_an_address_that_has_a_mailbox_here_gets_no_row_in_any_spelling(world: World, outside: Outside) -> None:
    invite(world, "BOB@EXAMPLE.COM")
    assert outside.new() == []
