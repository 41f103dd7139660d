"""msal alone, with httpx for the calls: alice types a code on another device, bob's password is known."""

from __future__ import annotations

import os
from urllib.parse import quote, urlsplit

import httpx
import msal
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
    password,
    same,
    sign_in,
    step,
    tell_outlook,
    token,
)

CLIENT = os.environ["AZURE_CLIENT_ID"]
TENANT = f"https://login.microsoftonline.com/{os.environ['AZURE_TENANT_ID']}"
SCOPES = ["Calendars.ReadWrite", "Mail.ReadWrite"]
ACTIONS = {"accepted": "accept", "tentativelyAccepted": "tentativelyAccept", "declined": "decline"}


class Mailbox:
    def __init__(self, token: str, owner: str = "me", root: str = "https://graph.microsoft.com") -> None:
        self.http = httpx.Client(base_url=f"{root}/v1.0/{owner}/", headers={"Authorization": f"Bearer {token}"})

    def invite(self, subject, guest):
        attendees = [{"emailAddress": {"address": guest}, "type": "required"}]
        times = {"start": _time(BEGIN), "end": _time(END)}
        return self.ask("POST", "events", json={"subject": subject, "attendees": attendees} | times)["id"]

    def newest(self):
        (message,) = self.ask("GET", "mailFolders/inbox/messages?$top=1&$orderby=receivedDateTime desc")["value"]
        return Letter(message["subject"], message["bodyPreview"], message)

    def event_behind(self, letter):
        same(letter.raw["meetingMessageType"], "meetingRequest")
        message = self.ask("GET", f"messages/{quote(letter.raw['id'])}?$expand=microsoft.graph.eventMessage/event")
        return message["event"]["id"]

    def own_answer(self, event):
        return self._event(event)["responseStatus"]["response"]

    def answer(self, event, answer, comment):
        self.ask("POST", f"events/{quote(event)}/{ACTIONS[answer]}", json={"comment": comment, "sendResponse": True})

    def guest_answer(self, event, guest):
        guests = {one["emailAddress"]["address"]: one for one in self._event(event)["attendees"]}
        return guests[guest]["status"]["response"]

    def move(self, event):
        self.ask("PATCH", f"events/{quote(event)}", json={"start": _time(LATER_BEGIN), "end": _time(LATER_END)})

    def cancel(self, event, comment):
        self.ask("POST", f"events/{quote(event)}/cancel", json={"comment": comment})

    def _event(self, event):
        return self.ask("GET", f"events/{quote(event)}?$select=responseStatus,attendees")

    def ask(self, method, path, **more):
        answer = self.http.request(method, path, **more)
        if answer.is_error:
            raise AssertionError(f"{method} {answer.url} {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}


def _time(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": ZONE}


def by_device_code(app: msal.PublicClientApplication, address: str) -> dict:
    flow = app.initiate_device_flow(scopes=SCOPES)
    sign_in(flow["verification_uri"], address, flow["user_code"])
    return app.acquire_token_by_device_flow(flow)


def access(answer: dict) -> str:
    """Return the access token, or fail with what the sign-in said."""
    if "access_token" not in answer:
        raise AssertionError(answer)
    return answer["access_token"]


app = msal.PublicClientApplication(CLIENT, authority=TENANT)
with step("alice signs in with a device code"):
    alice = Mailbox(access(by_device_code(app, ALICE)))
with step("her token is renewed without her"):
    (account,) = app.get_accounts(username=ALICE)
    alice = Mailbox(access(app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)))
with step("bob signs in with his password"):
    bob = Mailbox(access(app.acquire_token_by_username_password(BOB, password(BOB), scopes=SCOPES)))
tell_outlook(alice, bob)

with step("links lead where they were asked for"):
    page = bob.ask("GET", "mailFolders/inbox/messages?$top=1")
    same(urlsplit(page["@odata.nextLink"]).hostname, "graph.microsoft.com")
    same(len(bob.ask("GET", page["@odata.nextLink"])["value"]), 1)
    same(urlsplit(page["value"][0]["webLink"]).hostname, "graph.microsoft.com")
with step("a wrong password is refused"):
    refused = app.acquire_token_by_username_password(BOB, "nothing", scopes=SCOPES)
    same(refused["error"], "invalid_grant")
with step("bob signs in again, in a browser"):
    os.environ["SIGN_IN_AS"] = BOB
    Mailbox(access(app.acquire_token_interactive(SCOPES, timeout=60))).newest()
with step("an application signs in by its secret"):
    confidential = msal.ConfidentialClientApplication(CLIENT, os.environ["AZURE_CLIENT_SECRET"], authority=TENANT)
    answer = confidential.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    same(Mailbox(access(answer), f"users/{BOB}").newest().subject, LAST_LETTER)
with step("by hand: signing in at the server's own address"):
    own = f"{os.environ['RSVPD_HTTPS_URL']}/{os.environ['AZURE_TENANT_ID']}/v2.0"
    app = msal.PublicClientApplication(CLIENT, oidc_authority=own)
    access(by_device_code(app, BOB))
with step("by hand: the plain address and a token"):
    same(Mailbox(token(BOB), root=os.environ["RSVPD_URL"]).newest().subject, LAST_LETTER)
