"""gcsa: alice by the service account, bob by gcsa's own browser flow, which keeps his token in a file."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import google.auth
from gcsa.event import Event
from gcsa.google_calendar import GoogleCalendar
from story import ALICE, BEGIN, BOB, DESKTOP, END, LATER_BEGIN, LATER_END, ZONE, free_port, step, tell_google

SCOPES = ["https://www.googleapis.com/auth/calendar"]


class Calendar:
    def __init__(self, service: GoogleCalendar) -> None:
        self.service = service

    def invite(self, subject, guest):
        event = Event(subject, start=_time(BEGIN), end=_time(END), timezone=ZONE, attendees=guest)
        return self.service.add_event(event, send_updates="all").event_id

    def find(self, subject):
        (event,) = self.service.get_events(_time(BEGIN), _time(LATER_END), query=subject)
        return event.event_id

    def guest_answer(self, event, guest):
        own = next(one for one in self._event(event).attendees if one.email == guest)
        return own.response_status, own.comment or ""

    def answer(self, event, answer, comment):
        found = self._event(event)
        own = next(one for one in found.attendees if one.email == BOB)
        own.response_status, own.comment = answer, comment
        self.service.update_event(found, send_updates="all")

    def move(self, event):
        found = self._event(event)
        found.start, found.end = _time(LATER_BEGIN), _time(LATER_END)
        self.service.update_event(found, send_updates="all")

    def cancel(self, event):
        self.service.delete_event(event, send_updates="all")

    def is_cancelled(self, event):
        return self._event(event).other["status"] == "cancelled"

    def _event(self, event):
        return self.service.get_event(event)


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


with step("alice's service account signs in"):
    account, _ = google.auth.default(SCOPES)
    alice = GoogleCalendar(credentials=account.with_subject(ALICE))
with tempfile.TemporaryDirectory() as folder:
    secret = Path(folder) / "credentials.json"
    secret.write_text(json.dumps(DESKTOP))
    os.environ["SIGN_IN_AS"] = BOB
    with step("bob consents"):
        GoogleCalendar(credentials_path=str(secret), authentication_flow_port=free_port())
    with step("his token is kept"):
        bob = GoogleCalendar(credentials_path=str(secret), open_browser=False)
tell_google(Calendar(alice), Calendar(bob))
