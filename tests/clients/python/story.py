"""The life of an invitation, told once for all Python clients: each says only how it does a step.

Alice invites bob, he answers in all three ways with a comment, she moves the meeting and calls it off.
One line `ok STEP` is printed for each step; the first that fails ends the program with what the client raised.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

ALICE, BOB = "alice@example.com", "bob@example.com"
SUBJECT = "Quarter plan"
ZONE = "Europe/Berlin"
BEGIN, END = "2030-03-01T10:00:00", "2030-03-01T11:00:00"
# What Google's console gives for a desktop application to download.
DESKTOP = {
    "installed": {
        "client_id": "rsvpd-local.apps.googleusercontent.com",
        "client_secret": "rsvpd-local-secret",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "redirect_uris": ["http://localhost"],
    }
}
LAST_LETTER = f"Canceled: {SUBJECT}"
LATER_BEGIN, LATER_END = "2030-03-02T10:00:00", "2030-03-02T11:00:00"


@dataclass(frozen=True)
class Letter:
    """A message in an inbox; `raw` is the client's own object."""

    subject: str
    preview: str
    raw: Any


class OutlookMailbox(Protocol):
    """Somebody's mailbox through a client of Graph or Outlook. Answers are spelt as Graph spells them."""

    def invite(self, subject: str, guest: str) -> str:
        """Create a meeting from BEGIN to END in ZONE and return its id."""

    def newest(self) -> Letter:
        """Return the newest message of the inbox."""

    def event_behind(self, letter: Letter) -> str:
        """Return the id of the event an invitation is about."""

    def own_answer(self, event: str) -> str:
        """Return what the owner answered."""

    def answer(self, event: str, answer: str, comment: str) -> None:
        """Send one of `tentativelyAccepted`, `accepted` and `declined`."""

    def guest_answer(self, event: str, guest: str) -> str:
        """Return what the organizer's event says of a guest."""

    def move(self, event: str) -> None:
        """Give the meeting the times LATER_BEGIN to LATER_END."""

    def cancel(self, event: str, comment: str) -> None:
        """Call the meeting off."""


class GoogleCalendar(Protocol):
    """Somebody's primary calendar through a client of Google Calendar."""

    def invite(self, subject: str, guest: str) -> str:
        """Create a meeting from BEGIN to END in ZONE and return its id."""

    def find(self, subject: str) -> str:
        """Return the id of the one event of that name."""

    def guest_answer(self, event: str, guest: str) -> tuple[str, str]:
        """Return a guest's answer and comment."""

    def answer(self, event: str, answer: str, comment: str) -> None:
        """Answer one of `tentative`, `accepted` and `declined`."""

    def move(self, event: str) -> None:
        """Give the meeting the times LATER_BEGIN to LATER_END."""

    def cancel(self, event: str) -> None:
        """Delete the meeting."""

    def is_cancelled(self, event: str) -> bool:
        """Return whether the event is called off."""


def tell_outlook(alice: OutlookMailbox, bob: OutlookMailbox) -> None:
    """Play the story through the mailboxes of Graph or Outlook."""
    with step("alice invites bob"):
        meeting = alice.invite(SUBJECT, BOB)
    with step("the invitation is in bob's inbox"):
        invitation = bob.newest()
        same(invitation.subject, SUBJECT)
    with step("the event is behind it, not answered"):
        event = bob.event_behind(invitation)
        same(event != meeting, True)
        same(bob.own_answer(event), "notResponded")
    _answered(alice, bob, meeting, event, "tentativelyAccepted", "Tentative")
    _answered(alice, bob, meeting, event, "accepted", "Accepted")
    with step("alice moves it"):
        alice.move(meeting)
    with step("bob is asked again"):
        same(bob.newest().subject, SUBJECT)
        same(bob.own_answer(event), "notResponded")
    _answered(alice, bob, meeting, event, "declined", "Declined")
    with step("alice calls it off"):
        alice.cancel(meeting, "It is called off.")
    with step("bob is told so"):
        same(bob.newest().subject, LAST_LETTER)


def _answered(
    alice: OutlookMailbox, bob: OutlookMailbox, meeting: str, event: str, answer: str, title: str
) -> None:
    comment = f"I say {title.lower()}."
    with step(f"bob answers {answer}"):
        bob.answer(event, answer, comment)
    with step(f"alice reads {answer} and the comment"):
        letter = alice.newest()
        same((letter.subject, letter.preview), (f"{title}: {SUBJECT}", comment))
    with step(f"her event says {answer}"):
        same(alice.guest_answer(meeting, BOB), answer)


def tell_google(alice: GoogleCalendar, bob: GoogleCalendar) -> None:
    """Play the story through calendars of Google."""
    with step("alice invites bob"):
        meeting = alice.invite(SUBJECT, BOB)
    with step("the event is in bob's calendar, not answered"):
        event = bob.find(SUBJECT)
        same(bob.guest_answer(event, BOB)[0], "needsAction")
    for answer in ("tentative", "declined", "accepted"):
        comment = f"I say {answer}."
        with step(f"bob answers {answer}"):
            bob.answer(event, answer, comment)
        with step(f"alice sees {answer} and the comment"):
            same(alice.guest_answer(meeting, BOB), (answer, comment))
    with step("alice moves it"):
        alice.move(meeting)
    with step("bob is asked again"):
        same(bob.guest_answer(event, BOB)[0], "needsAction")
    with step("alice calls it off"):
        alice.cancel(meeting)
    with step("bob's event is cancelled"):
        same(bob.is_cancelled(event), True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print `ok` and the name, or `FAILED`, the name and what broke, and end the program."""
    try:
        yield
    except Exception:
        print(f"FAILED {name}", flush=True)
        traceback.print_exc()
        sys.exit(1)
    print(f"ok {name}", flush=True)


def same(found: object, wanted: object) -> None:
    """Fail the step unless both are equal."""
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def password(address: str) -> str:
    """Return somebody's first password, as the ready file of the server has it."""
    return _person(address)["password"]


def token(address: str) -> str:
    """Return an access token for somebody, as `rsvpd token` prints it."""
    return _person(address)["token"]


def _person(address: str) -> dict[str, str]:
    with open(os.environ["RSVPD_READY_FILE"], encoding="utf-8") as file:
        found: dict[str, str] = json.load(file)["people"][address]
    return found


def sign_in(url: str, address: str, code: str = "") -> str:
    """Have `address` sign in at the browser (browser.py, in $BROWSER), and return where that ends."""
    command = shlex.split(os.environ["BROWSER"].removesuffix("&").replace("%s", shlex.quote(url)))
    done = subprocess.run([*command, address, code], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return done.stdout.strip()


def free_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
