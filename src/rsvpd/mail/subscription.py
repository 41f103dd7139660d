"""What somebody wants to hear of a mailbox, how far that was told, and what is told next. Pure.

A subscription is a cursor over the changes of one mailbox. The message under way goes from `reached` to `sending`; it
stays the same until it has arrived or is given up, so that what a receiver may have got already and what it gets
next always follow on each other: a message that was made and removed meanwhile is told as both.
"""

from __future__ import annotations

import enum

from msgspec import Struct, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.clock import Instant

_SECOND = 1_000_000
_FIRST_PAUSE, _LONGEST_PAUSE = 5 * _SECOND, 30 * 60 * _SECOND
# learn.microsoft.com/graph/change-notifications-delivery-webhooks: for up to four hours, with growing pauses.
PATIENCE = 4 * 3600 * _SECOND
# Microsoft Graph says that its cadence is its own (learn.microsoft.com/graph/change-notifications-lifecycle-events).
_NOTICE = 15 * 60 * _SECOND
_PATIENCE_FOR_A_CHALLENGE = 2 * 60 * _SECOND


class Topic(enum.IntEnum):
    """Changes of what are told; the number is stored."""

    EVENTS = 1
    MESSAGES = 2
    PERMISSIONS = 3
    SETTINGS = 4
    CALENDARS = 5  # what stands in somebody's list of calendars


class Occasion(enum.IntEnum):
    """What happened to an item, as somebody sees it who sees one folder or calendar; the number is stored."""

    CREATED = 1
    UPDATED = 2
    REMOVED = 3


ALL_OCCASIONS = tuple(Occasion)


class Beside(enum.IntEnum):
    """What is to be told beside changes, before them; the number is stored."""

    NOTHING = 0
    BEGINNING = 1  # that the subscription is there
    LOSS = 2  # that something happened that is not told
    CHALLENGE = 3  # that who subscribed has to show again that it may
    REMOVAL = 4  # that the subscription is there no more; then it goes


class Terms(Struct, frozen=True, kw_only=True):
    """What was subscribed to, and who is told. Stored.

    `folder` bounds messages to one folder, `calendar` events and permissions to one calendar.
    `shows_declined` says whether a declined event still counts as being there.
    `creator` is the number of the person who asked, 0 for an application, and `label` the name that was chosen there.
    `resource` is what the receiver is told that it hears of, `state` what it wants to be told with it; `loss_url` is
    where losses are told, if anywhere. With `has_lifecycle` who subscribed has to show now and then that it may, and
    the subscription ends with the password; that is told there too.
    `base` is the root of the interface as the caller saw it, for links.
    With `has_content` the items themselves are told: `content` is the query by which they are read, `certificate` for
    whom they are encrypted, as it was sent, and `certificate_id` what its owner calls it. `url_application` is the
    application that the receiver belongs to, where that is another one.
    """

    topic: Topic
    folder: int | None = None
    calendar: int = DEFAULT_CALENDAR
    occasions: tuple[Occasion, ...] = ALL_OCCASIONS
    shows_declined: bool = False
    has_lasting_ids: bool = False
    creator: int = 0
    application: str = ""
    label: str = ""
    url: str
    loss_url: str = ""
    has_lifecycle: bool = False
    resource: str
    state: str | None = None
    tls: str | None = None
    base: str = ""
    has_content: bool = False
    content: str = ""
    certificate: str = ""
    certificate_id: str = ""
    url_application: str = ""

    @property
    def tells_lifecycle(self) -> bool:
        """Return whether somebody is told what becomes of the subscription."""
        return self.has_lifecycle and bool(self.loss_url)


class Subscription(Struct, frozen=True, kw_only=True):
    """A subscription as it is stored.

    `reached` and `sending` are numbers of changes of `mailbox`. `due`, `leased`, `failing` and `tried` are instants of
    the machine's clock. `expires` and `challenge` are of the server's: when it ends, and when who subscribed has to
    show again that it may, 0 where it never has to. `sent` is how many notices were told or given up, each of which has
    its number. `answered` is what came of the last try: a status, or the name of a fault.
    """

    mailbox: int
    id: str
    dialect: str
    holder: str
    origin: str
    expires: Instant
    reached: int
    sending: int
    due: Instant = 0
    lease: str = ""
    leased: Instant = 0
    beside: Beside = Beside.NOTHING
    sent: int = 0
    failures: int = 0
    failing: Instant = 0
    tried: Instant = 0
    answered: str = ""
    challenge: Instant = 0
    terms: Terms

    def is_over(self, now: Instant) -> bool:
        """Return whether it is no more for who made it, though its end may still have to be told."""
        return self.expires <= now or self.beside is Beside.REMOVAL


class Notice(Struct, frozen=True):
    """One thing that happened: to which item, and the change's number. `moves` is what a message's id is made of."""

    occasion: Occasion
    item: int
    change: int
    moves: int = 0


class Verdict(enum.Enum):
    """What is to become of a message, as its receiver answered."""

    ARRIVED = "arrived"
    AGAIN = "again"
    GIVEN_UP = "given up"


def pause(failures: int) -> Instant:
    """Return how long to wait after so many tries in a row that came to nothing, 1 or more; in microseconds."""
    return min(_FIRST_PAUSE << min(failures - 1, 20), _LONGEST_PAUSE)


def after_try(
    one: Subscription, verdict: Verdict, *, answered: str, now: Instant, notices: int = 1
) -> Subscription:
    """Return a subscription after a message of so many notices was tried at `now`; nobody holds it any more.

    One whose end has been told has expired.
    """
    free = structs.replace(
        one, lease="", leased=0, due=0, failures=0, failing=0, tried=now, answered=answered
    )  # fmt: skip
    failing = one.failing if one.failures else now
    patience = _PATIENCE_FOR_A_CHALLENGE if one.beside is Beside.CHALLENGE else PATIENCE
    if verdict is Verdict.AGAIN and now - failing < patience:
        failures = one.failures + 1
        return structs.replace(free, due=now + pause(failures), failures=failures, failing=failing)
    # What was given up has its number too: nothing that comes later is taken for it.
    sent = one.sent + notices
    if one.beside is not Beside.NOTHING:
        expires = 0 if one.beside is Beside.REMOVAL else one.expires
        return structs.replace(free, sent=sent, beside=Beside.NOTHING, expires=expires)
    beside = Beside.NOTHING if verdict is Verdict.ARRIVED else loss_of(one.terms)
    return structs.replace(free, sent=sent, reached=one.sending, beside=beside)


def loss_of(terms: Terms) -> Beside:
    """Return what is to be told of something that was lost."""
    return Beside.LOSS if terms.loss_url else Beside.NOTHING


def first_challenge(now: Instant, authorized: Instant, expires: Instant) -> Instant:
    """Return when who subscribed, or showed just now that it may, has to show it again.

    That is shortly before what it showed is good no more (`authorized`), or the subscription ends, whichever is first.
    """
    end = min(authorized, expires)
    return max(end - _NOTICE, now + (end - now) // 2)


def after_challenge(one: Subscription, now: Instant) -> Subscription:
    """Return a subscription of which that is to be told now, and when it is told the next time."""
    last = one.expires - _NOTICE
    return structs.replace(one, beside=Beside.CHALLENGE, challenge=last if last > now else 0)
