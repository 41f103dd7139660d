"""Faults on purpose: what goes wrong, for whom, how often, and until when.

Only values, matching and counting live here. `edge/faults.py` does to requests what is said here, `delivery/faults.py`
to notifications. Nothing is kept over a restart.

Rule 1: rules are asked in the order in which they were set, and the first that fits counts.
Rule 2: a rule that is used up or over stays in the list, with how often it was used, and costs nothing any more.
Rule 3: the requests of a batch are throttled each by itself, and the batch is not (Graph: Throttling and batching;
Google Calendar: Send batch requests). A connection, its delays and its token are those of the batch.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Annotated
from urllib.parse import unquote

from msgspec import Meta, Struct

from rsvpd.clock import Instant, parse_instant
from rsvpd.errors import AlreadyExists, InvalidProperty, Missing, NotAllowed
from rsvpd.spelling import did_you_mean

HEADER = "X-Rsvpd-Fault"
MOST_RULES = 100
LONGEST_WAIT_SECONDS = 600
# Where a limit counts, so many pairs of application and mailbox are remembered.
_MOST_COUNTED = 10_000
_SECOND = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_METHOD = re.compile(r"[A-Z]{1,16}")
_NAMESPACE = re.compile(r"(?:microsoft|graph)\.(?:[a-z]++\.)*+")
# Outlook REST has two words for folders.
_SYNONYMS = {"folders": "mailfolders"}
# What stands in the parentheses of a function is no key.
_ARGUMENTS = re.compile(r"[A-Za-z_]\w*+\s*+=\s*+['@{\w]")
_REST = "**"
# What an answer may be made of: throttled, as Google says it too, or the server's own fault.
_STATUSES = (403, 429, *range(500, 600))
_OF_GOOGLE_ALONE = 403


class Effect(enum.Enum):
    """What goes wrong. Of a webhook: what becomes of a notification."""

    ANSWER = "answer"  # `status` is answered, and nothing is done
    EXPIRED_TOKEN = "expired-token"
    DELAY = "delay"  # it takes `seconds` longer
    DROP = "drop"  # the connection ends before anything is done
    DROP_ANSWER = "drop-answer"  # it ends after all was done
    CUT = "cut"  # it ends in the middle of the answer
    TRICKLE = "trickle"  # the answer comes bit by bit, over `seconds`
    LIMIT = "limit"  # `status` is answered beyond so many requests


_OF_WEBHOOKS = frozenset({Effect.ANSWER, Effect.DELAY, Effect.DROP, Effect.DROP_ANSWER})
_OF_CONNECTIONS = frozenset({Effect.DROP, Effect.DROP_ANSWER, Effect.CUT, Effect.TRICKLE})
# What meets the requests of a batch though no path is said; all else meets the batch then.
_OF_PARTS = frozenset({Effect.ANSWER, Effect.LIMIT})
_BATCH = "$batch"
# Patterns that say nothing of a path.
_ANYWHERE = ((), ("*",), ("**",))


class RetryAfterForm(enum.Enum):
    """How Retry-After is written (RFC 9110 10.2.3)."""

    SECONDS = "seconds"
    DATE = "date"


def _pattern(pattern: re.Pattern[str], words: str, *, or_empty: bool = False) -> Meta:
    """Return what is said of a text; that it fits is checked in words of its own (`check`)."""
    whole = f"^(?:{pattern.pattern})?$" if or_empty else f"^(?:{pattern.pattern})$"
    return Meta(description=words, extra_json_schema={"pattern": whole})


_Count = Annotated[int, Meta(ge=1, le=1_000_000)]
_Day = Annotated[int, Meta(ge=0, le=86_400)]
_Seconds = Annotated[float, Meta(ge=0, le=LONGEST_WAIT_SECONDS)]


class Fault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule of what goes wrong on purpose.

    What: `effect`; `status` and `code` of an answer, and `retry_after` in seconds, which is left out where it is None;
    `seconds` to wait, before all else; `requests` in `window_seconds` and `concurrent` of a limit, per application and
    mailbox.
    For whom: `interfaces`, `method`, `path` in the words of the interface (`/me/events/{event}/accept`, `*` for any
    segment, `**` at the end for whatever follows), `person` by address or what is before its @, `application` by
    its client id. With `webhooks` it is for notifications, to receivers whose address begins with `url`.
    How often: the next `times`, or with this `probability`, drawn from `seed`; else always. Until: an ISO 8601 instant
    by the server's clock.
    """

    name: Annotated[str, _pattern(_NAME, "what it is called, also in X-Rsvpd-Fault")]
    effect: Annotated[Effect, Meta(description="what goes wrong")]
    status: Annotated[int, Meta(ge=300, le=599, description="what is answered: 429, 403 of Google, 500 to 599")] = 429
    code: Annotated[str, _pattern(_CODE, "of the error, where not the usual one", or_empty=True)] = ""
    retry_after: Annotated[_Day, Meta(description="seconds of Retry-After; without it there is none")] | None = None
    retry_after_form: Annotated[RetryAfterForm, Meta(description="how Retry-After is written")] = RetryAfterForm.SECONDS
    seconds: Annotated[_Seconds, Meta(description="how long to wait before all else, or to trickle")] = 0.0
    requests: Annotated[_Count, Meta(description="of a limit: so many in its window")] | None = None
    window_seconds: Annotated[int, Meta(ge=1, le=86_400, description="of a limit: its window")] = 60
    concurrent: Annotated[_Count, Meta(description="of a limit: so many at a time")] | None = None
    interfaces: Annotated[tuple[str, ...], Meta(description="graph, outlook, outlook-v1, outlook-v2, google")] = ()
    method: Annotated[str, _pattern(_METHOD, "only this method", or_empty=True)] = ""
    path: Annotated[str, Meta(description="only this route: /me/events/{event}; * is any segment, ** the rest")] = ""
    person: Annotated[str, Meta(description="only what this person asks: an address, or what is before its @")] = ""
    application: Annotated[str, Meta(description="only what this client id asks")] = ""
    webhooks: Annotated[bool, Meta(description="of notifications, not of requests")] = False
    url: Annotated[str, Meta(description="only notifications to addresses that begin so")] = ""
    times: Annotated[_Count, Meta(description="only the next so many")] | None = None
    probability: Annotated[float, Meta(gt=0, le=1, description="only so many of all")] | None = None
    seed: Annotated[int, Meta(description="what they are drawn from")] = 0
    until: Annotated[str, Meta(description="until this ISO 8601 instant, by the server's clock")] = ""


class KnownRoute(Struct, frozen=True):
    """A route that there is."""

    interface: str
    method: str
    path: str


class RequestFacts(Struct, frozen=True):
    """Who asks for what; `is_part` where it stands in a batch, whose own path is `$batch`.

    `mailbox` is the one that the path names, as far as it names one.
    """

    interface: str
    method: str
    segments: tuple[str, ...]
    person: str = ""
    application: str = ""
    is_part: bool = False

    @property
    def mailbox(self) -> str:
        """Return whose mailbox is meant: who is named, else who asks."""
        is_named = len(self.segments) > 1 and self.segments[0] in ("users", "calendars")
        named = self.segments[1] if is_named else ""
        return self.person.casefold() if named in ("", "primary") else named


class FaultDecision(Struct, frozen=True):
    """What to do to a request; `retry_after` is that of a limit, `held` what is counted until the request is over."""

    fault: Fault | None
    retry_after: int | None = None
    held: tuple[tuple[int, tuple[str, str]], ...] = ()


NO_FAULT = FaultDecision(None)


Key = tuple[str, str]  # application and mailbox


class Count(Struct):
    """What a limit knows of one application in one mailbox; `under_way` is by the number of the process."""

    began: Instant
    requests: int = 0
    under_way: dict[int, int] = {}


class RuleState(Struct):
    """A rule and all that is counted of it. `serial` tells it from another one that was called so before."""

    fault: Fault
    serial: int
    made: int = 0
    drawn: int = 0
    counts: dict[Key, Count] = {}


class Rule:
    """A fault that is set, and how often it was made, as the process with a number sees it."""

    def __init__(self, state: RuleState, worker: int = 0) -> None:
        self.state = state
        self.fault = fault = state.fault
        self._worker = worker
        self._segments = segments_of(fault.path)
        self._person = fault.person.casefold()
        self._until = parse_instant(fault.until) if fault.until else None
        is_of_batch, is_anywhere = self._segments[:1] == (_BATCH,), self._segments in _ANYWHERE
        self._meets_batches = is_of_batch or fault.effect not in _OF_PARTS
        self._meets_parts = not is_of_batch and (
            fault.effect in _OF_PARTS or (not is_anywhere and fault.effect not in _OF_CONNECTIONS)
        )

    @property
    def made(self) -> int:
        """Return how often it was made."""
        return self.state.made

    @property
    def left(self) -> int | None:
        """Return how often it will still be made, None where nobody counts."""
        return None if self.fault.times is None else self.fault.times - self.made

    def is_over(self, now: Instant) -> bool:
        """Return whether it will never be made again."""
        return self.left == 0 or (self._until is not None and now >= self._until)

    def fits(self, asked: RequestFacts) -> bool:
        """Return whether it is for this request."""
        fault = self.fault
        return (
            (self._meets_parts if asked.is_part else self._meets_batches or asked.segments != (_BATCH,))
            and (not fault.interfaces or any(is_of(asked.interface, one) for one in fault.interfaces))
            and fault.method in ("", asked.method)
            and (not fault.path or fits_path(self._segments, asked.segments))
            and (not self._person or self._person in (folded := asked.person.casefold(), folded.partition("@")[0]))
            and fault.application in ("", asked.application)
        )

    def decide(self, asked: RequestFacts, now: Instant) -> FaultDecision:
        """Return what it does to a request that it is for."""
        if self.fault.effect is Effect.LIMIT:
            return self._count(asked, now)
        return FaultDecision(self.fault) if self.draw() else NO_FAULT

    def draw(self) -> bool:
        """Return whether it is made this time, and count it."""
        state, chance = self.state, self.fault.probability
        if chance is not None:
            state.drawn += 1
            if _drawn(self.fault.seed, state.drawn) >= chance:
                return False
        state.made += 1
        return True

    def end(self, key: Key) -> None:
        """Count a request as over that a limit let through."""
        count = self.state.counts.get(key)
        if count is not None:
            count.under_way[self._worker] = max(count.under_way.get(self._worker, 0) - 1, 0)

    def forget_worker(self) -> None:
        """Count nothing as under way in this process, which has just begun."""
        for count in self.state.counts.values():
            count.under_way.pop(self._worker, None)

    def _count(self, asked: RequestFacts, now: Instant) -> FaultDecision:
        state, fault, key = self.state, self.fault, (asked.application, asked.mailbox)
        count = state.counts.get(key)
        if count is None:
            self._forget(now)
            count = state.counts[key] = Count(now)
        if now - count.began >= fault.window_seconds * _SECOND or now < count.began:
            count.began, count.requests = now, 0
        if fault.concurrent is not None and sum(count.under_way.values()) >= fault.concurrent:
            state.made += 1
            return FaultDecision(fault, 1 if fault.retry_after is None else fault.retry_after)
        if fault.requests is not None and count.requests >= fault.requests:
            state.made += 1
            left = count.began + fault.window_seconds * _SECOND - now
            return FaultDecision(fault, -(-left // _SECOND) if fault.retry_after is None else fault.retry_after)
        count.requests += 1
        count.under_way[self._worker] = count.under_way.get(self._worker, 0) + 1
        return FaultDecision(None, held=((state.serial, key),))

    def _forget(self, now: Instant) -> None:
        """Drop what is over, where too much is remembered."""
        counts = self.state.counts
        if len(counts) >= _MOST_COUNTED:
            since = now - self.fault.window_seconds * _SECOND
            self.state.counts = {
                key: one for key, one in counts.items() if any(one.under_way.values()) or one.began > since
            }


def _drawn(seed: int, number: int) -> float:
    """Return a number from 0 to 1: the same for the same seed and place, in whichever process."""
    return int.from_bytes(blake2b(b"%d %d" % (seed, number), digest_size=8).digest()) / 2**64


class Faults:
    """The rules that are set. `routes` are those that a rule may name, `worker` is the number of this process."""

    def __init__(self, routes: Callable[[], Sequence[KnownRoute]] = tuple, *, worker: int = 0) -> None:
        self.routes = routes
        self._worker = worker
        self._serial = 0
        self._rules: dict[str, Rule] = {}
        self._requests: tuple[Rule, ...] = ()
        self._webhooks: tuple[Rule, ...] = ()
        self.asks_who = False

    @property
    def requests(self) -> tuple[Rule, ...]:
        """Return the rules for requests that count at present; mostly there is none, and then nothing is asked."""
        return self._requests

    @property
    def webhooks(self) -> tuple[Rule, ...]:
        """Return the rules for notifications that count at present."""
        return self._webhooks

    def rules(self) -> list[Rule]:
        """Return all of them, in the order in which they were set."""
        return list(self._rules.values())

    def add(self, fault: Fault, now: Instant) -> Rule:
        """Set a rule. Raises InvalidProperty for one that cannot be, and what `put` raises."""
        check(fault, now, self.routes)
        return self.put(fault, now)

    def put(self, fault: Fault, now: Instant) -> Rule:
        """Set a rule that was checked. Raises AlreadyExists where one is called so, NotAllowed for one too many."""
        if fault.name in self._rules:
            raise AlreadyExists(f"A fault is called '{fault.name}' already; remove it, or call this one otherwise.")
        if len(self._rules) >= MOST_RULES:
            raise NotAllowed(f"{MOST_RULES} faults are set; remove some first.")
        self._serial += 1
        rule = self._rules[fault.name] = Rule(RuleState(fault, self._serial), self._worker)
        self._order(now)
        return rule

    def remove(self, name: str) -> Rule:
        """Take a rule away. Raises Missing."""
        if name not in self._rules:
            known = list(self._rules)
            here = f"; set are {', '.join(known[:10])}." if known else "; none is set."
            raise Missing(f"No fault is called '{name:.80}'{did_you_mean(name, known) or here}", target="name")
        gone = self._rules.pop(name)
        self._order(None)
        return gone

    def clear(self) -> list[Rule]:
        """Take all of them away, and return them."""
        gone = list(self._rules.values())
        self._rules.clear()
        self._order(None)
        return gone

    def decide(self, asked: RequestFacts, now: Instant) -> FaultDecision:
        """Return what to do to a request. It has to be told when that is over (`end`)."""
        held: list[tuple[int, Key]] = []
        found = NO_FAULT
        for rule in self._requests:
            if rule.is_over(now):
                self._order(now)
            elif rule.fits(asked):
                found = rule.decide(asked, now)
                held += found.held
                if found.fault is not None:
                    break
        if found.fault is not None:
            self._order(now)
        return FaultDecision(found.fault, found.retry_after, tuple(held))

    def end(self, decision: FaultDecision) -> None:
        """Count a request as over."""
        if decision.held:
            self._release(decision.held)

    def _release(self, held: Iterable[tuple[int, Key]]) -> None:
        for serial, key in held:
            for rule in self._rules.values():
                if rule.state.serial == serial:
                    rule.end(key)

    def decide_webhook(self, url: str, now: Instant) -> Fault | None:
        """Return what to do to a notification, if anything."""
        for rule in self._webhooks:
            if not rule.is_over(now) and url.startswith(rule.fault.url) and rule.draw():
                self._order(now)
                return rule.fault
        return None

    def _order(self, now: Instant | None) -> None:
        live = [one for one in self._rules.values() if one.left != 0 and (now is None or not one.is_over(now))]
        self._requests = tuple(one for one in live if not one.fault.webhooks)
        self._webhooks = tuple(one for one in live if one.fault.webhooks)
        # A limit counts by who asks.
        self.asks_who = any(
            one.fault.person or one.fault.application or one.fault.effect is Effect.LIMIT for one in self._requests
        )


def segments_of(path: str) -> tuple[str, ...]:
    """Return the segments of a path or a pattern as they are compared: a key in parentheses is a segment of its own,
    words count in any case and without their namespaces. Those of a batch, wherever it is sent, are `$batch` alone."""
    found: list[str] = []
    for part in path.partition("?")[0].split("/"):
        name, opened, key = unquote(part).partition("(")
        if not opened or not key.endswith(")"):
            found.append(unquote(part))
        else:
            found += [name] if _ARGUMENTS.match(key) else [name, key[:-1].strip("'")]
    words = tuple(_route_word(one.lstrip(":").casefold()) for one in found if one)
    return (_BATCH,) if words[-1:] == (_BATCH,) else words


def _route_word(word: str) -> str:
    """Return a word without its namespace, the one that stands for it in route tables."""
    found = _NAMESPACE.match(word)
    word = word[found.end() :] if found else word
    return _SYNONYMS.get(word, word)


def note_of(fault: Fault) -> str:
    """Return what a rule does not do though it may look so, or nothing."""
    path = segments_of(fault.path)
    if fault.webhooks or fault.effect not in _OF_CONNECTIONS or path in _ANYWHERE or path[0] == _BATCH:
        return ""
    return (
        f"'{fault.effect.value}' is about a connection: inside a batch this path is answered as always, and a rule with"
        " the path $batch is for batches as a whole."
    )


def fits_path(pattern: Sequence[str], segments: Sequence[str]) -> bool:
    """Return whether segments are what a pattern says."""
    if pattern and pattern[-1] == _REST:
        pattern = pattern[:-1]
        segments = segments[: len(pattern)]
    return len(pattern) == len(segments) and all(map(_fits_segment, pattern, segments))


def is_of(interface: str, named: str) -> bool:
    """Return whether an interface is meant by a name, which may stand for all its versions."""
    return interface == named or interface.startswith(f"{named}-")


def _fits_segment(pattern: str, segment: str) -> bool:
    return pattern == "*" or pattern.startswith("{") or pattern == segment


def check(fault: Fault, now: Instant, routes: Callable[[], Sequence[KnownRoute]]) -> None:
    """Raise InvalidProperty for a rule that nothing could follow, given the routes that a rule may name."""
    for name, wrong in _faults_of(fault, now):
        raise InvalidProperty(f"{name}: {wrong}", target=name)
    _check_route(fault, routes())


def _faults_of(fault: Fault, now: Instant) -> list[tuple[str, str]]:
    """Return what cannot be in a rule, by member."""
    effect = fault.effect
    found = [
        ("name", "letters, digits, '.', '_' and '-', 64 at most", not _NAME.fullmatch(fault.name)),
        ("status", f"403, 429 or 500 to 599, not {fault.status}", fault.status not in _statuses(fault)),
        ("code", "a word of letters and digits, 64 at most", bool(fault.code) and not _CODE.fullmatch(fault.code)),
        ("method", "in capitals, like POST", bool(fault.method) and not _METHOD.fullmatch(fault.method)),
        ("probability", "not together with times", fault.probability is not None and fault.times is not None),
        ("until", "an ISO 8601 instant that is to come, like 2030-01-01T12:00:00Z", _is_past(fault.until, now)),
        ("seconds", "how long it is to take", effect in (Effect.DELAY, Effect.TRICKLE) and not fault.seconds),
        (
            "requests",
            "how many requests are let through, or how many at a time (concurrent)",
            effect is Effect.LIMIT and fault.requests is None and fault.concurrent is None,
        ),
        (
            "requests",
            f"a limit is set with the effect '{Effect.LIMIT.value}'",
            effect is not Effect.LIMIT and (fault.requests is not None or fault.concurrent is not None),
        ),
        (
            "effect",
            f"a notification may meet {', '.join(sorted(one.value for one in _OF_WEBHOOKS))}",
            fault.webhooks and effect not in _OF_WEBHOOKS,
        ),
        ("url", "it is for notifications: set webhooks too", bool(fault.url) and not fault.webhooks),
        (
            "webhooks",
            "a notification is known by its url alone, not by interface, method, path, person or application",
            fault.webhooks
            and bool(fault.interfaces or fault.method or fault.path or fault.person or fault.application),
        ),
        (
            "status",
            "403 is how Google says it; set interfaces to google",
            fault.status == _OF_GOOGLE_ALONE and effect in (Effect.ANSWER, Effect.LIMIT) and not fault.webhooks
            and fault.interfaces != ("google",),
        ),
        ("path", f"'{_REST}' stands at the end alone", _REST in segments_of(fault.path)[:-1]),
    ]  # fmt: skip
    return [(name, wrong) for name, wrong, is_so in found if is_so]


def _statuses(fault: Fault) -> Sequence[int]:
    """Return what may be answered; a receiver of notifications may answer what it likes."""
    return range(300, 600) if fault.webhooks else _STATUSES


def _is_past(until: str, now: Instant) -> bool:
    try:
        return bool(until) and parse_instant(until) <= now
    except (ValueError, OverflowError):
        return True


def _check_route(fault: Fault, routes: Sequence[KnownRoute]) -> None:
    """Raise InvalidProperty where no route is meant, and say which may have been."""
    interfaces = sorted({one.interface for one in routes})
    names = sorted({*interfaces, *(one.partition("-")[0] for one in interfaces)})
    for named in fault.interfaces:
        if named not in names:
            meant = did_you_mean(named, names) or f"; here are {', '.join(names)}."
            raise InvalidProperty(f"There is no interface '{named:.80}'{meant}", target="interfaces")
    if not fault.path and not fault.method:
        return
    here = [one for one in routes if not fault.interfaces or any(is_of(one.interface, i) for i in fault.interfaces)]
    if fault.path:
        wanted = segments_of(fault.path)
        here, all_here = [one for one in here if _may_mean(wanted, segments_of(one.path))], here
        if not here:
            where = f" in {' or '.join(fault.interfaces)}" if fault.interfaces else ""
            known = {one.path.casefold(): one.path for one in reversed(all_here)}  # in the words of the first
            meant = did_you_mean(fault.path.lstrip("/")[:200], known.values())
            more = meant or f"; paths are written like {_example(all_here)}."
            raise InvalidProperty(f"There is no route '{fault.path:.200}'{where}{more}", target="path")
    methods = sorted({one.method for one in here})
    if fault.method and fault.method not in methods:
        raise InvalidProperty(f"{fault.method} is no method here; it takes {', '.join(methods)}.", target="method")


def _example(routes: Sequence[KnownRoute]) -> str:
    """Return one path in the words of whoever has the routes, with a key in it."""
    return next((one.path for one in routes if one.method == "POST" and one.path.count("{") == 1), "$batch")


def _may_mean(pattern: Sequence[str], route: Sequence[str]) -> bool:
    """Return whether a pattern of a rule and one of the route table have a path in common."""
    if pattern and pattern[-1] == _REST:
        pattern = pattern[:-1]
        route = route[: len(pattern)]
    return len(pattern) == len(route) and all(
        one == other or one == "*" or other.startswith("{") for one, other in zip(pattern, route, strict=True)
    )
