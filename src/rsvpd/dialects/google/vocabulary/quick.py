"""One line of text as an event (events.quickAdd): `Appointment at Somewhere on June 3rd 10am-10:25am`.

What Google makes of a text is documented by such examples alone. Here a day and a time in English are looked for, and
what is left is the title, the place in it:

    day      today, tomorrow, a weekday (the next one), June 3rd, 3 June 2027, 2027-06-03, 6/3, 6/3/2027
    time     10am, 10:30, 10am-10:25am, from 10 to 11:30am, noon, midnight

Without a year the day is the next one. Without an end it lasts an hour, without a time all day; without a day it is
today, or tomorrow where that time is over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = re.compile(
    r"\b(?:on |this |next )?(?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<slash>\d{1,2}/\d{1,2}(?:/\d{4})?)"
    rf"|(?P<md>{_MONTH} {_NTH}(?:,? \d{{4}})?)|(?P<dm>{_NTH} {_MONTH}(?: \d{{4}})?)"
    rf"|(?P<word>today|tonight|tomorrow)|(?P<weekday>{_WEEKDAY}))\b",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = r"(?:\d{1,2}(?::\d\d)? ?(?:am|pm)|\d{1,2}:\d\d|noon|midnight)"
_LOOSE = r"(?:\d{1,2}(?::\d\d)?(?: ?(?:am|pm))?|noon|midnight)"
_TIME = re.compile(
    rf"\b(?:(?:from |at )?(?P<first>{_LOOSE}) ?(?:-|\u2013|to|until) ?(?P<last>{_CLOCK})"
    rf"|(?:at )?(?P<only>{_CLOCK}))(?!\w)",
    re.ASCII | re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{3,}+")
_NUMBER = re.compile(r"\d++")
_HALF = re.compile(r"[ap]m")
_LEADS = ("on", "at", "from")  # words that led to what was taken out
_HOUR = timedelta(hours=1)
_LONGEST = 1024


class Quick(Struct, frozen=True):
    """What a text says: wall times from `start` to before `end`, midnights where it is `all_day`."""

    summary: str
    start: datetime
    end: datetime
    all_day: bool


def read(text: str, now: datetime) -> Quick:
    """Return what a text says at `now`, wall time of its reader. Raises ValueError for a text that says nothing."""
    words = " ".join(text[:_LONGEST].split())
    if not words:
        raise ValueError("the text is empty")
    day, rest = _take_match(words, _DAY.finditer(words), lambda found: _day(found, now.date()))
    times, rest = _take_match(rest, _TIME.finditer(rest), _times)
    summary = _tidy(rest) or words
    if times is None:
        start = datetime.combine(day or now.date(), datetime.min.time())
        return Quick(summary, start, start + timedelta(days=1), True)
    first, last = times
    start = datetime.combine(day or now.date(), datetime.min.time()) + first
    if day is None and start < now:
        start += timedelta(days=1)
    length = _HOUR if last is None else last - first
    return Quick(summary, start, start + (length if length > timedelta() else length + timedelta(days=1)), False)


def _take_match(
    text: str, matches: Iterable[re.Match[str]], meaning: Callable[[re.Match[str]], T | None]
) -> tuple[T | None, str]:
    """Return the first match in a text that means something, and the text without it."""
    for found in matches:
        value = meaning(found)
        if value is not None:
            return value, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _day(found: re.Match[str], today: date) -> date | None:
    kind = found.lastgroup or ""
    text = found[kind].lower()
    try:
        match kind:
            case "iso":
                return date.fromisoformat(text)
            case "slash":
                month, day, *year = map(int, text.split("/"))
                return _next_date(today, month, day, year)
            case "md" | "dm":
                month = next(_MONTHS.index(word[:3]) + 1 for word in _WORD.findall(text))
                day, *year = map(int, _NUMBER.findall(text))
                return _next_date(today, month, day, year)
            case "word":
                return today + timedelta(days=text == "tomorrow")
    except ValueError:  # no such day: it is part of the title
        return None
    ahead = (_WEEKDAYS.index(text[:3]) - today.weekday()) % 7
    return today + timedelta(days=ahead or 7)


def _next_date(today: date, month: int, day: int, year: list[int]) -> date:
    """Return a day of a year, or without one the next such day. Raises ValueError where there is none."""
    if year:
        return date(year[0], month, day)
    for ahead in range(9):  # a 29 February comes in eight years at the latest
        try:
            found = date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise ValueError("no such day")


def _times(found: re.Match[str]) -> tuple[timedelta, timedelta | None] | None:
    if found["only"]:
        start = _clock(found["only"], "")
        return None if start is None else (start, None)
    half = "".join(_HALF.findall(found["last"].lower()))
    start, end = _clock(found["first"], half), _clock(found["last"], "")
    if start is not None and end is not None and half and start > end and half not in found["first"].lower():
        start = _clock(found["first"], "am")  # from 11 to 1pm
    return None if start is None or end is None else (start, end)


def _clock(text: str, half: str) -> timedelta | None:
    """Return a time of day; `half` is am or pm where the text does not say so itself."""
    lower = text.lower()
    if lower in ("noon", "midnight"):
        return timedelta(hours=12 if lower == "noon" else 0)
    hour, *minute = map(int, _NUMBER.findall(lower))
    half = "".join(_HALF.findall(lower)) or half
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "pm") if half else hour
    return timedelta(hours=hour, minutes=minute[0] if minute else 0) if hour < 24 and not minute[1:] else None


def _tidy(text: str) -> str:
    """Return a title without the words that led to what was taken out of it."""
    words = text.replace(",", " , ").split()
    while words and (words[-1] == "," or (len(words) > 1 and words[-1] in _LEADS)):
        words.pop()
    if len(words) > 1 and words[0] in _LEADS:
        del words[0]
    return " ".join(words).replace(" ,", ",").strip(" ,")
