"""What the words of a dialogue mean: times, series, guests and settings in plain English.

Nothing here knows a dialect: a `Slot`, a `Series` and settings by neutral names are what the
speakers say in their own words.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

DAY = r"\d{4}-\d\d-\d\d"
AT = rf"{DAY} (?:\d\d:\d\d \S+ for -?\d+ min|all day(?: for \d+ days)?)"
SERIES = (
    r"(?:daily|weekly|monthly|yearly|every \d+ (?:days|weeks|months|years))"
    rf"(?: on [^,]+)?(?:, \d+ times|, until {DAY}|, for ever)"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_UNITS = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_GROUPS = {"weekday": _WEEKDAYS[:5], "weekend day": _WEEKDAYS[5:], "day": _WEEKDAYS}


class Slot(Struct, frozen=True):
    """From when to when, as wall times in a zone, or whole days."""

    begin: datetime
    end: datetime
    zone: str = "UTC"
    all_day: bool = False


class Series(Struct, frozen=True, kw_only=True):
    """How something is repeated. `day` counts in the month, `index` the weekdays of the month."""

    unit: str
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    day: int = 0
    index: str = ""
    month: int = 0
    count: int = 0
    until: date | None = None

    def pattern(self, slot: Slot) -> dict[str, Any]:
        """Return it as a patternedRecurrence for an event at `slot`."""
        limits: dict[str, Any] = {"type": "noEnd", "startDate": slot.begin.date().isoformat()}
        if self.count:
            limits |= {"type": "numbered", "numberOfOccurrences": self.count}
        if self.until:
            limits |= {"type": "endDate", "endDate": self.until.isoformat()}
        kind = {"day": "daily", "week": "weekly"}.get(self.unit)
        kind = kind or ("relative" if self.index else "absolute") + self.unit.title() + "ly"
        pattern: dict[str, Any] = {"type": kind, "interval": self.interval}
        if self.unit == "week" or self.index:
            pattern["daysOfWeek"] = list(self._weekdays(slot))
        if self.unit == "week":
            pattern["firstDayOfWeek"] = "monday"
        if self.index:
            pattern["index"] = self.index
        if kind.startswith("absolute"):
            pattern["dayOfMonth"] = self.day or slot.begin.day
        if self.unit == "year":
            pattern["month"] = self.month or slot.begin.month
        return {"pattern": pattern, "range": limits}

    def rule(self, slot: Slot) -> str:
        """Return it as an RRULE line for an event at `slot`."""
        freq = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}[self.unit]
        parts = [f"FREQ={freq}", f"INTERVAL={self.interval}"]
        days = [one[:2].upper() for one in self._weekdays(slot)]
        if self.unit == "week":
            parts.append("BYDAY=" + ",".join(days))
        if self.unit == "year":
            parts.append(f"BYMONTH={self.month or slot.begin.month}")
        if self.index and len(days) == 1:
            parts.append(f"BYDAY={_INDEXES[self.index]}{days[0]}")
        elif self.index:
            parts += ["BYDAY=" + ",".join(days), f"BYSETPOS={_INDEXES[self.index]}"]
        elif self.unit in ("month", "year"):
            parts.append(self._month_day(slot))
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.until:
            parts.append("UNTIL=" + self._until(slot, self.until))
        return "RRULE:" + ";".join(parts)

    def _weekdays(self, slot: Slot) -> tuple[str, ...]:
        return self.weekdays or (_WEEKDAYS[slot.begin.weekday()],)

    def _month_day(self, slot: Slot) -> str:
        # Outlook's day 31 is the last day of a shorter month, which RFC 5545 says with -1.
        day = self.day or slot.begin.day
        return "BYMONTHDAY=-1" if day == 31 else f"BYMONTHDAY={day}"

    def _until(self, slot: Slot, last: date) -> str:
        if slot.all_day:
            return last.strftime("%Y%m%d")
        midnight = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=ZoneInfo(slot.zone))
        return midnight.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def slot_of(text: str) -> Slot:
    """Return what `2026-12-01 10:00 Europe/Berlin for 30 min` or `2026-12-01 all day for 2 days` says."""
    day, first, *rest = text.split()
    if first == "all":
        begin = datetime.fromisoformat(day)
        days = int(rest[2]) if len(rest) > 1 else 1
        return Slot(begin, begin + timedelta(days=days), "UTC", all_day=True)
    begin = datetime.fromisoformat(f"{day}T{first}:00")
    # Windows names have blanks, which would end the word: `India.Standard.Time`.
    return Slot(begin, begin + timedelta(minutes=int(rest[2])), rest[0].replace(".", " "))


def series_of(text: str) -> Series:
    """Return what `every 2 weeks on monday and friday, 5 times` says."""
    found = re.fullmatch(r"(?P<unit>every \d+ \w+|\w+)(?: on (?P<on>[^,]+))?, (?P<limit>.+)", text)
    assert found, text
    unit, limit = found["unit"], found["limit"]
    fields: dict[str, Any] = {"unit": _UNITS.get(unit, unit.split()[-1].removesuffix("s"))}
    if unit.startswith("every"):
        fields["interval"] = int(unit.split()[1])
    if limit.startswith("until"):
        fields["until"] = date.fromisoformat(limit.split()[1])
    elif limit.endswith("times"):
        fields["count"] = int(limit.split()[0])
    return Series(**fields, **_days_of(found["on"] or ""))


def _days_of(text: str) -> dict[str, Any]:
    named = re.fullmatch(r"the (?P<index>\w+) (?P<day>\w+(?: day)?)(?: of (?P<month>\w+))?", text)
    if named:
        month = _MONTHS.index(named["month"]) + 1 if named["month"] else 0
        return {"index": named["index"], "weekdays": _GROUPS.get(named["day"], (named["day"],)), "month": month}
    if text.startswith("day "):
        return {"day": int(text[4:])}
    first, _, number = text.partition(" ")
    if first in _MONTHS:
        return {"month": _MONTHS.index(first) + 1, "day": int(number)}
    return {"weekdays": tuple(text.split(" and "))} if text else {}


def guests_of(text: str) -> list[str]:
    """Return the guests of a list; each may carry a role: `carol (optional)`."""
    return [] if text == "nobody" else [one.strip() for one in text.split(",")]


def parts(text: str, mark: str = ",") -> list[str]:
    """Return the parts between the marks that do not stand in quotes."""
    found = re.findall(rf'(?:[^{mark}"]|"[^"]*")+', text)
    return [one.strip() for one in found if one.strip()]


_SETTINGS: tuple[tuple[str, str, Any], ...] = (
    (r'subject "(.*)"', "subject", str),
    (r'location "(.*)"', "location", str),
    (r'body "(.*)"', "body", str),
    (r"importance (\w+)", "importance", str),
    (r"sensitivity (\w+)", "sensitivity", str),
    (r"shown as (\w+)", "show_as", str),
    (r"reminder (\d+) min", "reminder", int),
    (r"(no reminder)", "reminder", lambda _: None),
    (r'category "(.*)"', "categories", lambda name: [name]),
    (r"(responses not requested)", "response_requested", lambda _: False),
    (r"(proposals not allowed)", "allow_proposals", lambda _: False),
    (r"(guests may modify)", "guests_modify", lambda _: True),
    (r"(guests may not invite)", "guests_invite", lambda _: False),
    (r"(guests hidden)", "hide_attendees", lambda _: True),
    (r"(the same UID)", "uid", lambda _: ""),
    (r"(online)", "online", lambda _: True),
    (r"(flagged all day)", "all_day", lambda _: True),
    (r"status (cancelled|confirmed)", "status", str),
    (r'transaction "(.*)"', "transaction", str),
    (r"organizer (\w+)", "organizer", str),
)


def settings_of(text: str | None) -> dict[str, Any]:
    """Return the settings of a list like `location "Room 1", importance high`, by their neutral names."""
    return dict(_setting(one) for one in parts(text or ""))


def _setting(text: str) -> tuple[str, Any]:
    for pattern, name, read in _SETTINGS:
        found = re.fullmatch(pattern, text)
        if found:
            return name, read(found[1])
    raise AssertionError(f"no setting: {text}")
