"""What `events.list` and `events.instances` ask for, in the algebra."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.event import State
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.dialects.google.exchange import sync
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.tables.kinds import KINDS, kind_of
from rsvpd.dialects.google.vocabulary.codecs import extended_properties
from rsvpd.dialects.google.vocabulary.refusals import ORDERING, Refusal
from rsvpd.errors import InvalidRange
from rsvpd.query.algebra import And, Cmp, InWindow, Node, Op, Or, Order, Query, Words
from rsvpd.query.words import words_of

PRESENT = (State.LIVE, State.DECLINED)
EVERYTHING = (State.LIVE, State.DECLINED, State.DELETED)

_DAY = 24 * 3600 * 1_000_000
_FIVE_YEARS = 1824 * _DAY
_USUAL, _MOST = 250, 2500
_SEARCHED = ("subject", "body", "location", "attendees_text", "organizer", "organizer_name")
_ORDERS = {"startTime": Order("start"), "updated": Order("modified")}


class Listing(Struct, frozen=True, kw_only=True):
    """One list to make.

    `where` is what changed and deleted instances of a series must also be; `between` is the window asked for. `window`
    is set where series are expanded, those without an end until `endless_until`. `properties` are extended properties
    as (scope, name, value), all of which must be there; `types` are kinds of events (nothing: all of them).
    """

    query: Query
    where: tuple[Node, ...] = ()
    window: InWindow | None = None
    endless_until: Instant = 0
    visible: tuple[State, ...] = PRESENT
    properties: tuple[tuple[str, str, str], ...] = ()
    types: tuple[str, ...] = ()
    between: InWindow = InWindow(None, None)

    @property
    def shows_deleted(self) -> bool:
        """Return whether cancelled events are asked for."""
        return State.DELETED in self.visible


def of_events(options: Options, *, now: Instant) -> Listing:
    """Return what `events.list` asks for. Raises InvalidQuery, InvalidRange."""
    sync.check_events(options)
    single, between = options.flag("singleEvents"), _between(options)
    since = options.instant("updatedMin")
    shows_deleted = options.flag("showDeleted") or since is not None
    where = (*_words(options), *_uid(options), *_since(since))
    if between is not None and not single:
        where = (*where, between)
    conditions = where if shows_deleted else (*where, Cmp("is_cancelled", Op.NE, True))
    window = between or InWindow(None, None)
    return Listing(
        query=Query(
            where=And(conditions) if conditions else None,
            order=_order(options, single),
            top=_top(options),
        ),
        where=where,
        window=window if single else None,
        endless_until=horizon(window, now),
        visible=EVERYTHING if shows_deleted else PRESENT,
        properties=_properties(options),
        types=_types(options),
        between=between or InWindow(None, None),
    )


def of_instances(options: Options, *, now: Instant) -> Listing:
    """Return what `events.instances` asks for. Raises InvalidQuery, InvalidRange."""
    shows_deleted, between = options.flag("showDeleted"), _between(options)
    where = None if shows_deleted else Cmp("is_cancelled", Op.NE, True)
    window = between or InWindow(None, None)
    return Listing(
        query=Query(where=where, order=(Order("start"),), top=_top(options), after=options.text("pageToken")),
        where=() if between is None else (between,),
        window=window,
        endless_until=horizon(window, now),
        visible=EVERYTHING if shows_deleted else PRESENT,
    )


def is_of(listing: Listing, view: EventView) -> bool:
    """Return whether an event is of the kinds that are asked for."""
    return not listing.types or kind_of(view.event) in listing.types


def is_asked(listing: Listing, view: EventView) -> bool:
    """Return whether an event is of the kinds and has all the extended properties that are asked for."""
    if not is_of(listing, view):
        return False
    kept = extended_properties(view.event)
    return all(kept.get(scope, {}).get(name) == value for scope, name, value in listing.properties)


def horizon(window: InWindow, now: Instant) -> Instant:
    """Return how far series that never end are expanded: as far as asked, else for five years from now, or from
    the start asked for where that is later. It is noon UTC, the same for all pages of a day."""
    if window.end is not None:
        return window.end
    return (max(window.start or now, now) + _FIVE_YEARS) // _DAY * _DAY + _DAY // 2


def _top(options: Options) -> int:
    return min(options.number("maxResults") or _USUAL, _MOST)


def _between(options: Options) -> InWindow | None:
    start: Instant | None = options.instant("timeMin")
    end: Instant | None = options.instant("timeMax")
    if start is not None and end is not None and end <= start:
        raise InvalidRange("The specified time range is empty.", target="timeMax")
    return None if start is None and end is None else InWindow(start, end)


def _words(options: Options) -> tuple[Node, ...]:
    """Return the conditions that each word puts, which may be the beginning of one that is there."""
    words = (words_of(word) for word in (options.text("q") or "").split()[:20])
    return tuple(Or(tuple(Words(field, word, is_open=True) for field in _SEARCHED)) for word in words)


def _uid(options: Options) -> tuple[Node, ...]:
    uid = options.text("iCalUID")
    return () if uid is None else (Cmp("uid", Op.EQ, uid),)


def _since(instant: Instant | None) -> tuple[Node, ...]:
    return () if instant is None else (Cmp("modified", Op.GE, instant),)


def _order(options: Options, single: bool) -> tuple[Order, ...]:
    word = options.word("orderBy", tuple(_ORDERS))
    if word == "startTime" and not single:
        raise Refusal(ORDERING, "orderBy=startTime needs singleEvents=true.", target="orderBy")
    # Nothing is promised without an order; but what never ends must not keep all else from the first page.
    return (_ORDERS[word],) if word else (Order("start"),) if single else ()


def _properties(options: Options) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (scope, *_constraint(options, parameter, text))
        for scope, parameter in (("private", "privateExtendedProperty"), ("shared", "sharedExtendedProperty"))
        for text in options.texts(parameter)
    )


def _constraint(options: Options, parameter: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise options.wrong(parameter, "must be name=value")
    return name, value


def _types(options: Options) -> tuple[str, ...]:
    """Return the kinds of events that are asked for, nothing where it is all of them."""
    wanted = {*options.texts("eventTypes")}
    if wanted - {*KINDS}:
        raise options.wrong("eventTypes", f"must be one of {', '.join(KINDS)}")
    return () if wanted == {*KINDS} else tuple(sorted(wanted))
