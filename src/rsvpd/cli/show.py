"""Invitations as text for a terminal: times of this place, and what an answer did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from rsvpd.calendar.event import Answer
from rsvpd.cli.screen import one_line
from rsvpd.cli.tables import LEAST, Column, Page, page, table
from rsvpd.client.values import Answered, Invitation, Organizer, Provider
from rsvpd.mail.address import short_names

WORDS = {
    Answer.NONE: "waiting",
    Answer.ACCEPTED: "accepted",
    Answer.TENTATIVE: "maybe",
    Answer.DECLINED: "declined",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ONE_DAY = len("Mon 23 Nov 10:00–11:00")
SERIES = "↻"
SERIES_NOTE = f"{SERIES} a series, shown at its next date; an answer is for the whole of it."


class Layout(Struct, frozen=True, kw_only=True):
    """How invitations are laid out: the page, and the place whose times are shown."""

    page: Page = Page()
    zone: tzinfo = UTC
    today: date


def layout(out: TextIO, environ: Mapping[str, str], *, zone: tzinfo, now: datetime) -> Layout:
    """Return how to write to `out` for somebody in `zone`."""
    return Layout(page=page(out, environ), zone=zone, today=now.astimezone(zone).date())


def find_zone(name: str | None) -> tzinfo:
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


def when(invitation: Invitation, on: Layout) -> str:
    """Return when it takes place: `Tue 24 Nov 10:00–11:00`, with the year where it is another one."""
    start, end = invitation.start, invitation.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _hours(_in_zone(start, on.zone), _in_zone(end, on.zone), on)
    return _days(start, end, on)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment` as clocks in `zone` show it; in UTC at the ends of the calendar, where they show nothing."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def _hours(start: datetime, end: datetime, on: Layout) -> str:
    first = f"{_day(start, on)} {start:%H:%M}"
    if start.date() == end.date():
        return f"{first}–{end:%H:%M}"
    return f"{first} – {_day(end, on)} {end:%H:%M}"


def _days(start: date, end: date, on: Layout) -> str:
    last = end - timedelta(days=1)  # ends are exclusive
    return (
        f"{_day(start, on)}, all day" if last <= start else f"{_day(start, on)} – {_day(last, on)}, all day"
    )


def _day(day: date, on: Layout) -> str:
    text = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == on.today.year else f"{text} {day.year}"


# --- the list


def invitations(
    rows: Sequence[tuple[str, Invitation]], on: Layout, *, of_several: bool = False, accounts: Sequence[str] = ()
) -> str:
    """Return a table of invitations, without columns that would say nothing.

    The accounts stand in it where several were asked, even if only one of them has invitations; in a terminal
    by the short names that are clear among `accounts`.
    """
    names = short_names({*accounts, *(name for name, _ in rows)}) if on.page.width else {}
    columns = [
        Column("#", tuple(str(number) for number, _ in enumerate(rows, 1))),
        Column("WHEN", tuple(when(one, on) for _, one in rows), _ONE_DAY, wraps=True),
        Column("SUBJECT", tuple(_subject_cell(one) for _, one in rows), LEAST),
        Column("FROM", tuple(who(one.organizer) for _, one in rows), LEAST),
        Column("WHERE", tuple(one_line(one.location) for _, one in rows), LEAST),
        Column("ANSWER", tuple(WORDS[one.my_answer] for _, one in rows)),
        *([Column("ACCOUNT", tuple(names.get(name, name) for name, _ in rows), LEAST)] if of_several else []),
    ]
    return table([one for one in columns if _is_informative(one)], on.page)


def _subject_cell(invitation: Invitation) -> str:
    return f"{SERIES} {subject(invitation)}" if invitation.is_series else subject(invitation)


def _is_informative(column: Column) -> bool:
    if column.title == "ANSWER":
        return set(column.cells) != {WORDS[Answer.NONE]}
    return any(column.cells)


def subject(invitation: Invitation) -> str:
    """Return the subject, or what stands for none."""
    return one_line(invitation.subject) or "(no subject)"


def who(organizer: Organizer) -> str:
    """Return the organizer's name, else the address."""
    return one_line(organizer.name or organizer.address)


def answer_sentence(done: Answered, on: Layout, *, name: str | None = None) -> str:
    """Return the sentence for an answer that was taken, with the account's name where it needs saying."""
    return f"{_sentence(done.invitation, WORDS[done.answer], on, name)} {_notice(done)}"


def unchanged_answer(invitation: Invitation, on: Layout, *, name: str | None = None) -> str:
    """Return the sentence for an answer that stood already."""
    word = f"{WORDS[invitation.my_answer]} already"
    return f"{_sentence(invitation, word, on, name)} Nothing was sent; with a comment (-m) it is sent again."


def _sentence(one: Invitation, word: str, on: Layout, name: str | None) -> str:
    account = f" as {one_line(name)}" if name else ""
    return f"{word.capitalize()}{account}: {subject(one)},{_of_series(one, on)} {when(one, on)}."


def _of_series(one: Invitation, on: Layout) -> str:
    if not one.is_series:
        return ""
    start = _in_zone(one.start, on.zone).date() if isinstance(one.start, datetime) else one.start
    return " a series, next on" if start >= on.today else " a series that began on"


def _notice(done: Answered) -> str:
    name = who(done.invitation.organizer) or "The organizer"
    if done.sent:
        return f"{name} gets your answer."
    if done.invitation.provider is Provider.GOOGLE:
        return f"No mail is sent; in Google Calendar {name} sees it all the same."
    return f"{name} is not told; only your own calendar has it."
