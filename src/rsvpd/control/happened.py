"""What happened while time passed, in words and in its order."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from rsvpd.clock import Instant, to_text
from rsvpd.commands.clock import ExpiredItem
from rsvpd.commands.moments import FiredReminder, ReplySwitch
from rsvpd.mail.subscription import Subscription

# So much of it is told.
MOST = 1_000

Words = tuple[str, str]


class Happened(Struct, frozen=True, kw_only=True):
    """What happened while time passed: when, a word for what it was, and a sentence."""

    at: str
    what: str
    text: str


class ClockEvents:
    """What happened, each in words and with its instant: the first `MOST`, and how much there is beside."""

    def __init__(self) -> None:
        self._noted: list[tuple[Instant, Words]] = []
        self._more = 0
        self._tried: dict[tuple[int, str], tuple[int, int]] = {}

    @property
    def last(self) -> Instant | None:
        """Return after which instant nothing is told any more, None where there is room."""
        self._cut()
        return self._noted[-1][0] if len(self._noted) == MOST else None

    def add(self, at: Instant, found: Iterable[Words]) -> None:
        """Note what happened at an instant."""
        self.add_all((at, one) for one in found)

    def add_all(self, found: Iterable[tuple[Instant, Words]]) -> None:
        """Note what happened, each at its own instant; of what has the same, what was noted first is told first."""
        for one in found:
            self._noted.append(one)
            if len(self._noted) > 2 * MOST:
                self._cut()

    def add_tried(self, at: Instant, found: Iterable[tuple[str, Subscription]]) -> None:
        """Note what was sent; the last message of each may have been noted with what came before."""
        for mailbox, one in found:
            key, state = (one.mailbox, one.id), (one.sent, one.failures)
            if self._tried.get(key) != state:
                self._tried[key] = state
                self.add(at, [attempt_words(mailbox, one)])

    def first(self) -> tuple[list[Happened], int]:
        """Return what is told, in its order, and how much is not."""
        self._cut()
        told = [Happened(at=to_text(at), what=what, text=text) for at, (what, text) in self._noted]
        return told, self._more

    def _cut(self) -> None:
        self._noted.sort(key=lambda one: one[0])
        self._more += max(0, len(self._noted) - MOST)
        del self._noted[MOST:]


def expiry_words(one: ExpiredItem) -> Words:
    """Return what ended with its time."""
    if one.subscription is None:
        return "upload-expired", f"The upload of {one.file} to the mailbox of {one.mailbox} expired."
    return "subscription-expired", f"{_subscription(one.mailbox, one.subscription)} expired."


def challenge_words(mailbox: str, one: Subscription) -> Words:
    """Return that who subscribed has to show again that it may."""
    return "reauthorization-required", f"{_subscription(mailbox, one)} has to be authorized again, or renewed."


def attempt_words(mailbox: str, one: Subscription) -> Words:
    """Return what came of a message."""
    where = f"{_subscription(mailbox, one)}: {one.origin} was told and answered {one.answered}"
    if one.failures:
        return "notification-failed", f"{where}; it is told again."
    return "notification", f"{where}."


def reminder_words(one: FiredReminder) -> Words:
    """Return of what somebody is reminded."""
    return "reminder", f"{one.person} is reminded of {one.subject or 'what has no title'}, at {to_text(one.start)}."


def unread(person: str) -> Words:
    """Return that there is too much to be looked at."""
    return "reminders-untold", f"{person} has too much in the calendar to say of what there were reminders."


def reply_words(one: ReplySwitch) -> Words:
    """Return that automatic replies begin or end."""
    word = "begin" if one.begins else "end"
    return f"automatic-replies-{word}", f"The automatic replies of {one.person} {word}."


def tokens_expired(who: str, count: int) -> Words:
    """Return that somebody's tokens are over."""
    return "token-expired", f"{'A token' if count == 1 else f'{count} tokens'} of {who} expired."


def _subscription(mailbox: str, one: Subscription) -> str:
    return f"The subscription {one.terms.label or one.id} to the {one.terms.topic.name.lower()} of {mailbox}"
