"""What everybody should see: an independent and deliberately simple model of meetings.

Nothing is shared with the server. A meeting is a table of parts: the whole under None and, in a
series, every occurrence under its original start. Every part is written out in full and nothing is
inherited, so each rule is a loop over parts. A guest's copy is such a table too: what the guest was
told last of each part, and what the guest said and did to it since.

The moves are in `moves.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

At = datetime | None  # which part: the original start of an occurrence, None for the whole

UTC = ZoneInfo("UTC")
USUAL_REMINDER = 15


@dataclass(frozen=True)
class Facts:
    """What the organizer says of one part. Times are UTC."""

    subject: str
    start: datetime
    end: datetime
    body: str = ""
    location: str = ""
    importance: str = "normal"


@dataclass(frozen=True)
class Said:
    """A guest's answer as it stands on the own copy; `told` says whether the organizer got it."""

    answer: str = "none"
    comment: str = ""
    told: bool = False


@dataclass(frozen=True)
class Told:
    """One message that somebody must find in the inbox, once.

    `request` says what kind of request it is, `revision` which state of the meeting it speaks of.
    """

    kind: str
    subject: str
    sender: str
    text: str = ""
    request: str = ""
    uid: str = ""
    revision: int = 0


@dataclass
class Part:
    """One part as the organizer has it: who is invited to it, and everybody's last answer to it."""

    facts: Facts
    guests: tuple[str, ...]
    tracked: dict[str, str] = field(default_factory=dict)
    proposed: dict[str, datetime] = field(default_factory=dict)
    is_excluded: bool = False
    reminder: int | None = USUAL_REMINDER

    def ask(self, guest: str) -> None:
        """Nothing is known of this guest's answer any more."""
        self.tracked[guest] = "none"
        self.proposed.pop(guest, None)

    def leave(self, guest: str) -> None:
        """Forget a guest."""
        self.guests = tuple(one for one in self.guests if one != guest)
        self.tracked.pop(guest, None)
        self.proposed.pop(guest, None)


@dataclass
class Own:
    """One part as it stands in a guest's copy.

    It may be marked as called off, and be gone altogether. `edited` is what the guest wrote over since the
    last update. A `reminder` of None may be any: nobody promised to keep it.
    """

    facts: Facts
    guests: tuple[str, ...]
    said: Said = Said()
    is_off: bool = False
    is_gone: bool = False
    edited: set[str] = field(default_factory=set)
    reminder: int | None = USUAL_REMINDER


@dataclass
class Copy:
    """One guest's copy. `where` is live, declined (left Outlook's calendar) or deleted.

    Who is invited to single occurrences has just these parts, and no whole.
    """

    parts: dict[At, Own]
    where: str = "live"

    @property
    def shown(self) -> list[At]:
        """The parts that stand in a calendar view."""
        return shown(self.parts)


@dataclass
class Meeting:
    """The organizer's meeting and its guests' copies. `days` is the number of occurrences, 0 for a single one.

    `revision` counts the organizer's changes, `latest` is the one each guest was told of last.
    """

    uid: str
    organizer: str
    zone: str
    days: int
    parts: dict[At, Part]
    is_hidden: bool = False
    is_off: bool = False
    copies: dict[str, Copy] = field(default_factory=dict)
    revision: int = 0
    latest: dict[str, int] = field(default_factory=dict)

    @property
    def shown(self) -> list[At]:
        """The parts that stand in a calendar view."""
        return shown(self.parts)

    @property
    def guests(self) -> tuple[str, ...]:
        """Who is invited to the whole."""
        return self.parts[None].guests

    def part(self, number: int) -> At:
        """Return the whole for 0, else one of the occurrences; of a single meeting always the whole."""
        return None if number == 0 or not self.days else self.shown[(number - 1) % self.days]

    def is_partial(self, guest: str) -> bool:
        """Return whether this guest has nothing but single occurrences."""
        return guest in self.copies and None not in self.copies[guest].parts

    def singles(self) -> list[tuple[At, tuple[str, ...]]]:
        """Return for each occurrence that takes place those who are invited to it, but not to the whole."""
        there = [(at, part) for at, part in self.parts.items() if at is not None and not part.is_excluded]
        return [(at, tuple(one for one in part.guests if one not in self.guests)) for at, part in there]


Inboxes = dict[str, list[Told]]


def planned(
    facts: Facts, wall: datetime, minutes: int, zone: str, days: int, guests: tuple[str, ...]
) -> dict[At, Part]:
    """Return the parts of a meeting whose first (or only) day starts at that wall time."""

    first, last = span(wall, minutes, zone)

    def on(day: int) -> Part:
        start, _ = span(wall + timedelta(days=day), minutes, zone)
        facts_then = replace(facts, start=start, end=start + (last - first))
        return Part(facts_then, guests, dict.fromkeys(guests, "none"))

    occurrences = {part.facts.start: part for part in map(on, range(days))}
    return {None: on(0), **occurrences}


def span(wall: datetime, minutes: int, zone: str) -> tuple[datetime, datetime]:
    """Return both ends in UTC."""
    there = ZoneInfo(zone)
    begin, end = wall.replace(tzinfo=there), (wall + timedelta(minutes=minutes)).replace(tzinfo=there)
    return begin.astimezone(UTC), end.astimezone(UTC)


def shown(parts: dict[At, Part] | dict[At, Own]) -> list[At]:
    """Return the occurrences, or the whole of a single meeting."""
    return [at for at in parts if at is not None] or [None]
