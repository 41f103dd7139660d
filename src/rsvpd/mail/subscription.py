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


class Terms(Struct, frozen=True, kw_only=True):
    """What was subscribed to, and who is told. Stored.

    `folder` bounds messages to one folder, `calendar` events and permissions to one calendar.
    `shows_declined` says whether a declined event still counts as being there.
    `creator` is the number of the person who asked, 0 for an application, and `label` the name that was chosen there.
    `resource` is what the receiver is told that it hears of, `state` what it wants to be told with it; `loss_url` is
    where losses are told, if anywhere. `base` is the root of the interface as the caller saw it, for links.
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
    resource: str
    state: str | None = None
    tls: str | None = None
    base: str = ""
    has_content: bool = False
    content: str = ""
    certificate: str = ""
    certificate_id: str = ""
    url_application: str = ""


class Subscription(Struct, frozen=True, kw_only=True):
    """A subscription as it is stored.

    `reached` and `sending` are numbers of changes of `mailbox`. `due`, `leased`, `failing` and `tried` are instants of
    the machine's clock, `expires` is one of the server's. `sent` is how many notices were told or given up, each of
    which has its number. `answered` is what came of the last try: a status, or the name of a fault.
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
    terms: Terms


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
    """Return a subscription after a message of so many notices was tried at `now`; nobody holds it any more."""
    free = structs.replace(
        one, lease="", leased=0, due=0, failures=0, failing=0, tried=now, answered=answered
    )  # fmt: skip
    failing = one.failing if one.failures else now
    if verdict is Verdict.AGAIN and now - failing < PATIENCE:
        failures = one.failures + 1
        return structs.replace(free, due=now + pause(failures), failures=failures, failing=failing)
    # What was given up has its number too: nothing that comes later is taken for it.
    sent = one.sent + notices
    if one.beside is not Beside.NOTHING:
        return structs.replace(free, sent=sent, beside=Beside.NOTHING)
    beside = Beside.NOTHING if verdict is Verdict.ARRIVED else loss_of(one.terms)
    return structs.replace(free, sent=sent, reached=one.sending, beside=beside)


def loss_of(terms: Terms) -> Beside:
    """Return what is to be told of something that was lost."""
    return Beside.LOSS if terms.loss_url else Beside.NOTHING
