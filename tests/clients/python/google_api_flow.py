"""google-api-python-client with google-auth: a service account acts for alice, bob consents in a browser."""

from __future__ import annotations

import os

import google.auth
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery import build
from story import ALICE, BEGIN, BOB, DESKTOP, END, LATER_BEGIN, LATER_END, ZONE, same, step, tell_google, token

SCOPES = ["https://www.googleapis.com/auth/calendar.events"]


class Calendar:
    def __init__(self, credentials, **options) -> None:
        self.events = build("calendar", "v3", credentials=credentials, **options).events()

    def invite(self, subject, guest):
        body = {"summary": subject, "attendees": [{"email": guest}], "start": _time(BEGIN), "end": _time(END)}
        return self.events.insert(calendarId="primary", sendUpdates="all", body=body).execute()["id"]

    def find(self, subject):
        (event,) = self.events.list(calendarId="primary", q=subject).execute()["items"]
        return event["id"]

    def guest_answer(self, event, guest):
        guests = {one["email"]: one for one in self._event(event)["attendees"]}
        return guests[guest]["responseStatus"], guests[guest].get("comment", "")

    def answer(self, event, answer, comment):
        attendees = self._event(event)["attendees"]
        own = next(one for one in attendees if one.get("self"))
        own |= {"responseStatus": answer, "comment": comment}
        self._patch(event, {"attendees": attendees})

    def move(self, event):
        self._patch(event, {"start": _time(LATER_BEGIN), "end": _time(LATER_END)})

    def cancel(self, event):
        self.events.delete(calendarId="primary", eventId=event, sendUpdates="all").execute()

    def is_cancelled(self, event):
        return self._event(event)["status"] == "cancelled"

    def _event(self, event):
        return self.events.get(calendarId="primary", eventId=event).execute()

    def _patch(self, event, body):
        self.events.patch(calendarId="primary", eventId=event, sendUpdates="all", body=body).execute()


def _time(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": ZONE}


with step("alice's service account signs in"):
    account, _ = google.auth.default(SCOPES)
    account = account.with_subject(ALICE)
    account.refresh(Request())
with step("bob consents"):
    os.environ["SIGN_IN_AS"] = BOB
    flow = InstalledAppFlow.from_client_config(DESKTOP, SCOPES)
    user = flow.run_local_server(port=0, login_hint=BOB, timeout_seconds=60)
with step("his token is renewed without him"):
    old = user.token
    user.refresh(Request())
    same(bool(old and user.token and user.valid), True)
tell_google(Calendar(account), Calendar(user))
with step("by hand: the plain address and a token"):
    plain = {"api_endpoint": f"{os.environ['RSVPD_URL']}/calendar/v3/"}
    Calendar(Credentials(token(BOB)), client_options=plain).find("Project kickoff")
