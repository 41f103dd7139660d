"""aiogoogle, on aiohttp: a service account acts for alice, bob consents in a browser."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from aiogoogle import Aiogoogle, GoogleAPI
from aiogoogle.auth.creds import ClientCreds, ServiceAccountCreds, UserCreds
from story import ALICE, BEGIN, BOB, DESKTOP, END, LATER_BEGIN, LATER_END, ZONE, same, sign_in, step, tell_google, token

SCOPES = ["https://www.googleapis.com/auth/calendar.events"]
REDIRECT = "http://localhost:8400/"
CLIENT = ClientCreds(
    client_id=DESKTOP["installed"]["client_id"], client_secret=DESKTOP["installed"]["client_secret"],
    scopes=SCOPES, redirect_uri=REDIRECT,
)  # fmt: skip
KEY = json.loads(Path(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]).read_bytes())


class Calendar:
    """The library is asynchronous: each step runs to its end in one loop, in a session of its own."""

    def __init__(self, runner: asyncio.Runner, google: Aiogoogle, kind: str) -> None:
        self.run = runner.run
        self.google = google
        self.kind = kind
        self.events = self.run(self._discovered()).events

    def invite(self, subject, guest):
        body = {"summary": subject, "attendees": [{"email": guest}], "start": _time(BEGIN), "end": _time(END)}
        return self._ask(self.events.insert(calendarId="primary", sendUpdates="all", json=body))["id"]

    def find(self, subject):
        (event,) = self._ask(self.events.list(calendarId="primary", q=subject))["items"]
        return event["id"]

    def guest_answer(self, event, guest):
        guests = {one["email"]: one for one in self._event(event)["attendees"]}
        return guests[guest]["responseStatus"], guests[guest].get("comment", "")

    def answer(self, event, answer, comment):
        own = {"email": BOB, "responseStatus": answer, "comment": comment}
        self._patch(event, {"attendeesOmitted": True, "attendees": [own]})

    def move(self, event):
        self._patch(event, {"start": _time(LATER_BEGIN), "end": _time(LATER_END)})

    def cancel(self, event):
        self._ask(self.events.delete(calendarId="primary", eventId=event, sendUpdates="all"))

    def is_cancelled(self, event):
        return self._event(event)["status"] == "cancelled"

    def _event(self, event):
        return self._ask(self.events.get(calendarId="primary", eventId=event))

    def _patch(self, event, body):
        self._ask(self.events.patch(calendarId="primary", eventId=event, sendUpdates="all", json=body))

    def _ask(self, request):
        return self.run(self._sent(request))

    async def _sent(self, request):
        async with self.google as google:
            return await getattr(google, self.kind)(request)

    async def _discovered(self):
        async with self.google as google:
            return await google.discover("calendar", "v3")


def _time(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": ZONE}


async def consent(google: Aiogoogle) -> UserCreds:
    url = google.oauth2.authorization_url(
        client_creds=CLIENT, state="s", access_type="offline", prompt="consent", login_hint=BOB
    )
    end = await asyncio.to_thread(sign_in, url, BOB)
    (code,) = parse_qs(urlsplit(end).query)["code"]
    return await google.oauth2.build_user_creds(code, client_creds=CLIENT)


async def renewed(google: Aiogoogle, user: UserCreds) -> UserCreds:
    _, found = await google.oauth2.refresh(user, client_creds=CLIENT)
    return found


with asyncio.Runner() as runner:
    account = ServiceAccountCreds(scopes=SCOPES, subject=ALICE, **KEY)
    google = Aiogoogle(client_creds=CLIENT)
    with step("the interface is discovered, and alice's service account signs in"):
        alice = Calendar(runner, Aiogoogle(service_account_creds=account), "as_service_account")
        alice._ask(alice.events.list(calendarId="primary"))
    with step("bob consents"):
        user = runner.run(consent(google))
    with step("his token is renewed without him"):
        user = runner.run(renewed(google, user))
        same(bool(user.access_token), True)
    bob = Calendar(runner, Aiogoogle(client_creds=CLIENT, user_creds=user), "as_user")
    tell_google(alice, bob)
    with step("by hand: the plain address and a token"):
        with urlopen(f"{os.environ['RSVPD_URL']}/discovery/v1/apis/calendar/v3/rest") as answer:
            bob.events = GoogleAPI(json.load(answer)).events
        bob.google = Aiogoogle(user_creds=UserCreds(access_token=token(BOB), expires_at=LATER_END))
        bob.find("Project kickoff")
