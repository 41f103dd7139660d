"""O365 (python-o365): alice by her application's secret, bob by his own consent in a browser."""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

from O365 import Account, MSGraphProtocol
from O365.calendar import ResponseStatus
from O365.utils.token import MemoryTokenBackend
from story import (
    ALICE,
    BEGIN,
    BOB,
    END,
    LAST_LETTER,
    LATER_BEGIN,
    LATER_END,
    ZONE,
    Letter,
    same,
    sign_in,
    step,
    tell_outlook,
    token,
)

SECRET = (os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"])
TENANT = os.environ["AZURE_TENANT_ID"]
REDIRECT = "http://localhost:8400/"
ANSWERS = {"accepted": {}, "tentativelyAccepted": {"tentatively": True}}


class Mailbox:
    def __init__(self, account: Account) -> None:
        self.calendar = account.schedule().get_default_calendar()
        self.inbox = account.mailbox().inbox_folder()

    def invite(self, subject, guest):
        event = self.calendar.new_event(subject)
        event.start, event.end = _time(BEGIN), _time(END)
        event.attendees.add(guest)
        assert event.save()
        return event.object_id

    def newest(self):
        (message,) = self.inbox.get_messages(limit=1, order_by="receivedDateTime desc")
        return Letter(message.subject, message.body_preview, message)

    def event_behind(self, letter):
        return letter.raw.get_event().object_id

    def own_answer(self, event):
        return _word(self._event(event).response_status)

    def answer(self, event, answer, comment):
        if answer == "declined":
            assert self._event(event).decline_event(comment)
        else:
            assert self._event(event).accept_event(comment, **ANSWERS[answer])

    def guest_answer(self, event, guest):
        return next(_word(one.response_status) for one in self._event(event).attendees if one.address == guest)

    def move(self, event):
        found = self._event(event)
        found.start, found.end = _time(LATER_BEGIN), _time(LATER_END)
        assert found.save()

    def cancel(self, event, comment):
        assert self._event(event).cancel_event(comment)

    def _event(self, event):
        return self.calendar.get_event(event)


def _word(status: ResponseStatus) -> str:
    """Return the service's word for what O365 spells not_responded, tentatively_accepted…"""
    first, *others = status.status.value.split("_")
    return first + "".join(one.capitalize() for one in others)


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def by_application(address: str) -> Account:
    account = Account(
        SECRET, auth_flow_type="credentials", tenant_id=TENANT, main_resource=address,
        token_backend=MemoryTokenBackend(),
    )  # fmt: skip
    assert account.authenticate()
    return account


def by_consent(address: str) -> Account:
    account = Account(SECRET, token_backend=MemoryTokenBackend())
    scopes = ["Calendars.ReadWrite", "Mail.ReadWrite", "User.Read"]
    url, flow = account.con.get_authorization_url(scopes, redirect_uri=REDIRECT)
    assert account.con.request_token(sign_in(url, address), flow=flow, redirect_uri=REDIRECT)
    return account


def by_hand(address: str) -> Account:
    service = MSGraphProtocol()
    service.protocol_url = f"{os.environ['RSVPD_URL']}/"
    service.service_url = f"{service.protocol_url}v1.0/"
    account = Account(SECRET, protocol=service, token_backend=MemoryTokenBackend())
    account.con.session = account.con.get_naive_session()
    account.con.update_session_auth_header(access_token=token(address))
    return account


with step("alice's application signs in"):
    alice = by_application(ALICE)
with step("bob signs in"):
    bob = by_consent(BOB)
tell_outlook(Mailbox(alice), Mailbox(bob))
with step("the pages of a list follow one another"):
    subjects = [one.subject for one in Mailbox(bob).inbox.get_messages(limit=None, batch=1)]
    same(subjects.count(LAST_LETTER) == 1 and len(subjects) > 2, True)
with step("by hand: the plain address and a token"):
    same(Mailbox(by_hand(BOB)).newest().subject, LAST_LETTER)
