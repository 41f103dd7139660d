"""Invitations as text for a terminal: times of this place, columns that fit, nothing that could steer it."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from rsvpd.calendar.event import Answer
from rsvpd.client.values import Answered, Invitation, Organizer, Provider

WORDS = {
    Answer.NONE: "waiting",
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "maybe",
    Answer.DECLINED: "declined",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BETWEEN = "  "


class Column(Struct, frozen=True):
    """One column. `least` is how narrow it may get in a small terminal; 0 means it keeps its width."""

    title: str
    cells: tuple[str, ...]
    least: int = 0


class Paper(Struct, frozen=True, kw_only=True):
    """What text is written on. `width` 0 means that nothing is cut, as for a file or a pipe."""

    width: int = 0
    colour: bool = False
    zone: tzinfo = UTC
    today: date


def paper(out: TextIO, environ: Mapping[str, str], *, zone: tzinfo, now: datetime) -> Paper:
    """Return how to write to `out`: as wide as the terminal, in colour unless NO_COLOR is set."""
    is_terminal = out.isatty()
    colour = is_terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Paper(
        width=shutil.get_terminal_size().columns if is_terminal else 0,
        colour=colour,
        zone=zone,
        today=now.astimezone(zone).date(),
    )


def zone_named(name: str | None) -> tzinfo:
    """Return the time zone with this IANA name, without one that of this machine. Raises ValueError."""
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"There is no time zone called '{name}'; use a name like Europe/Berlin."
            ) from None
    from tzlocal import get_localzone

    try:
        return get_localzone()
    except (LookupError, ValueError, OSError):
        return UTC


# --- times


def when(invitation: Invitation, on: Paper) -> str:
    """Return when it takes place: `Tue 24 Nov 10:00–11:00`, with the year where it is another one."""
    start, end = invitation.start, invitation.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        text = _hours(_there(start, on.zone), _there(end, on.zone), on)
    else:
        text = _days(start, end, on)
    return f"{text}, series" if invitation.is_series else text


def _there(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment` as clocks in `zone` show it; in UTC at the ends of the calendar, where they show nothing."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def _hours(start: datetime, end: datetime, on: Paper) -> str:
    first = f"{_day(start, on)} {start:%H:%M}"
    if start.date() == end.date():
        return f"{first}–{end:%H:%M}"
    return f"{first} – {_day(end, on)} {end:%H:%M}"


def _days(start: date, end: date, on: Paper) -> str:
    last = end - timedelta(days=1)  # ends are exclusive
    return (
        f"{_day(start, on)}, all day" if last <= start else f"{_day(start, on)} – {_day(last, on)}, all day"
    )


def _day(day: date, on: Paper) -> str:
    text = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == on.today.year else f"{text} {day.year}"


# --- the list


def invitations(rows: Sequence[tuple[str, Invitation]], on: Paper, *, of_several: bool = False) -> str:
    """Return a table of invitations, without columns that would say nothing.

    The accounts stand in it where several were asked, even if only one of them has invitations.
    """
    columns = [
        Column("#", tuple(str(number) for number, _ in enumerate(rows, 1))),
        Column("WHEN", tuple(when(one, on) for _, one in rows)),
        Column("SUBJECT", tuple(subject(one) for _, one in rows), 12),
        Column("FROM", tuple(who(one.organizer) for _, one in rows), 10),
        Column("WHERE", tuple(clean(one.location) for _, one in rows), 6),
        Column("ANSWER", tuple(WORDS[one.my_answer] for _, one in rows)),
        *([Column("ACCOUNT", tuple(clean(name) for name, _ in rows), 8)] if of_several else []),
    ]
    return table([one for one in columns if _tells(one)], on)


def _tells(column: Column) -> bool:
    if column.title == "ANSWER":
        return set(column.cells) != {WORDS[Answer.NONE]}
    return any(column.cells)


def subject(invitation: Invitation) -> str:
    """Return the subject, or what stands for none."""
    return clean(invitation.subject) or "(no subject)"


def who(organizer: Organizer) -> str:
    """Return the organizer's name, else the address."""
    return clean(organizer.name or organizer.address)


def answered(done: Answered, on: Paper, *, name: str | None = None) -> str:
    """Return the sentence for an answer that was taken, with the account's name where it needs saying."""
    one = done.invitation
    who_said = f" as {clean(name)}" if name else ""
    first = f"{WORDS[done.answer].capitalize()}{who_said}: {subject(one)}, {when(one, on)}."
    return f"{first} {_told(done)}"


def _told(done: Answered) -> str:
    name = who(done.invitation.organizer) or "The organizer"
    if done.sent:
        return f"{name} gets your answer."
    if done.invitation.provider is Provider.GOOGLE:
        return f"No mail is sent; in Google Calendar {name} sees it all the same."
    return f"{name} is not told; only your own calendar has it."


# --- tables


def table(columns: Sequence[Column], on: Paper) -> str:
    """Return columns under their titles, cut to the width of the paper."""
    widths = _widths(columns, on.width)
    titles = _row([one.title for one in columns], widths)
    rows = [_row(cells, widths) for cells in zip(*(one.cells for one in columns), strict=True)]
    return "\n".join([f"\x1b[1m{titles}\x1b[0m" if on.colour else titles, *rows])


def _widths(columns: Sequence[Column], limit: int) -> list[int]:
    """Return the width of each column; where the sum is over `limit`, the widest that may shrink do."""
    widths = [max(map(width, (one.title, *one.cells))) for one in columns]
    while limit and sum(widths) + len(_BETWEEN) * (len(widths) - 1) > limit:
        able = [number for number, one in enumerate(columns) if one.least and widths[number] > one.least]
        if not able:
            break
        widths[max(able, key=lambda number: widths[number])] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _BETWEEN.join(_fit(cell, size) for cell, size in zip(cells, widths, strict=True)).rstrip()


def _fit(text: str, size: int) -> str:
    """Return `text` in exactly `size` columns."""
    if width(text) > size:
        while width(text) > size - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (size - width(text))


def width(text: str) -> int:
    """Return how many columns a terminal uses for `text` (Unicode annex 11)."""
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def clean(text: str) -> str:
    """Return `text` on one line, without characters that steer a terminal or turn the writing around."""
    kept = (char if unicodedata.category(char) not in ("Cc", "Zl", "Zp") else " " for char in text)
    return " ".join("".join(char for char in kept if unicodedata.category(char) not in ("Cf", "Cs")).split())
