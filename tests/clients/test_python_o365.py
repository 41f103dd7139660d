"""python-o365, unmodified but for the address of the service, answers an invitation over Graph."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from O365 import Account, MSGraphProtocol
from O365.calendar import AttendeeType, EventResponse
from O365.utils.token import MemoryTokenBackend

from support.running import Running

UTC = ZoneInfo("UTC")


@pytest.fixture
def account(server: Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(MSGraphProtocol, "_protocol_url", f"{server.url}/")

    def of(name: str) -> Any:
        account = Account(
            ("client", "secret"),
            protocol=MSGraphProtocol(timezone="UTC"),
            token_backend=MemoryTokenBackend(),
            requests_delay=0,
        )
        account.con.session = account.con.get_naive_session()
        account.con.update_session_auth_header(access_token=server.token(name))
        return account

    return of


def _invite(account: Any, subject: str) -> Any:
    event = account.schedule().get_default_calendar().new_event()
    event.subject = subject
    event.start = dt.datetime(2030, 3, 1, 10, tzinfo=UTC)
    event.end = dt.datetime(2030, 3, 1, 11, tzinfo=UTC)
    event.attendees.add(("Bob", "bob@example.com"))
    assert event.save()
    return event


def test_an_invitation_is_found_and_accepted(account: Any) -> None:
    alice, bob = account("alice"), account("bob")
    made = _invite(alice, "Quarter plan")
    messages = list(bob.mailbox().inbox_folder().get_messages(limit=5))
    message = next(one for one in messages if one.subject == "Quarter plan")
    assert message.is_event_message
    event = message.get_event()
    assert event.subject == "Quarter plan"
    assert event.object_id != made.object_id
    assert event.response_status.status == EventResponse.NotResponded
    assert event.accept_event("I will be there!")
    answers = list(alice.mailbox().inbox_folder().get_messages(limit=1))
    assert answers[0].subject == "Accepted: Quarter plan"
    assert answers[0].body_preview == "I will be there!"
    tracked = alice.schedule().get_default_calendar().get_event(made.object_id)
    (attendee,) = list(tracked.attendees)
    assert attendee.attendee_type == AttendeeType.Required
    assert attendee.response_status.status == EventResponse.Accepted


def test_answers_without_a_body_and_cancel(account: Any) -> None:
    alice, bob = account("alice"), account("bob")
    made = _invite(alice, "Review")
    calendar = bob.schedule().get_default_calendar()
    query = calendar.new_query().equals("subject", "Review")
    (event,) = list(calendar.get_events(query=query, include_recurring=False))
    assert event.ical_uid == made.ical_uid
    assert event.accept_event(tentatively=True)
    assert event.decline_event("After all not")
    tracked = alice.schedule().get_default_calendar().get_event(made.object_id)
    assert next(iter(tracked.attendees)).response_status.status == EventResponse.Declined
    assert made.cancel_event("Off")
    cancelled = next(iter(bob.mailbox().inbox_folder().get_messages(limit=1)))
    assert cancelled.subject == "Canceled: Review"


def test_the_calendar_view_and_folders(account: Any) -> None:
    bob = account("bob")
    _invite(account("alice"), "In the view")
    calendar = bob.schedule().get_default_calendar()
    start, end = dt.datetime(2030, 3, 1, tzinfo=UTC), dt.datetime(2030, 3, 2, tzinfo=UTC)
    found = calendar.get_events(include_recurring=True, start_recurring=start, end_recurring=end)
    assert "In the view" in [one.subject for one in found]
    names = {folder.name for folder in bob.mailbox().get_folders()}
    assert {"Inbox", "Sent Items", "Deleted Items"} <= names
    message = next(iter(bob.mailbox().inbox_folder().get_messages(limit=1)))
    assert message.mark_as_read()
    assert message.delete()


def test_mail_travels(account: Any) -> None:
    message = account("alice").mailbox().new_message()
    message.to.add("bob@example.com")
    message.subject = "Hello"
    message.body = "<p>How are you?</p>"
    assert message.send()
    received = next(iter(account("bob").mailbox().inbox_folder().get_messages(limit=1)))
    assert received.subject == "Hello"
    assert not received.is_event_message
