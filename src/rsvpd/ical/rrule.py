"""Recurrence as iCalendar lines: RRULE, RDATE and EXDATE, read and written (RFC 5545 3.3.10, 3.8.5).

Google's `recurrence` array is such lines too. Every time here belongs to the series whose
start is given: on the way in it is brought to the wall time of that zone, on the way out an
all-day series writes dates, a series in UTC writes `…Z` and any other names its zone.

Rules of this room:
1. What is not understood is refused with InvalidRecurrence, never dropped.
2. `read_lines(write_lines(x)) == x`, and `read(write(rule)) == rule` but for Outlook's day 31,
   whose plain form is `BYMONTHDAY=-1`: other text, the same days.
3. This is syntax; whether a rule makes sense at its start is for `calendar/rule_check.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time

from msgspec.structs import replace

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.calendar.recurrence import LATEST, MAX_DATES, MAX_RULES
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.series import at_wall_time, recurrence_id, wall_time
from rsvpd.clock import Instant
from rsvpd.errors import InvalidRecurrence, InvalidTimeZone
from rsvpd.timezones.zone import find_iana, to_instant, to_wall

_SHOWN = 60
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}")
_LONGEST_LIST = 400
_LAST_SECOND = time(23, 59, 59)


# --- one rule ---------------------------------------------------------------------------------


def read(line: str, start: When) -> Rule:
    """Return the rule of an RRULE line, with or without `RRULE:` before it, in any case.

    An UNTIL in UTC becomes wall time of the series; one that is a date includes that whole day; one
    beyond the years that series live in is no end at all.
    """
    text = line.strip()
    if text[:6].upper() == "RRULE:":
        text = text[6:]
    parts = _parts(text)
    freq = _freq(parts.pop("FREQ", ""))
    second = parts.pop("BYSECOND", None)
    _refuse_if(second not in (None, str(wall_time(start).second)), "BYSECOND is not supported.")
    if isinstance(start, AllDay):
        _refuse_if(freq is Freq.HOURLY, "An all-day series cannot be HOURLY.")
        # RFC 5545 3.3.10: where the start is a date, times within the day are to be ignored.
        parts = {name: value for name, value in parts.items() if name not in ("BYHOUR", "BYMINUTE")}
    _refuse_if("COUNT" in parts and "UNTIL" in parts, "A rule ends by COUNT or by UNTIL, not by both.")
    fields = {}
    for name, value in parts.items():
        if name not in _READERS:
            raise InvalidRecurrence(f"The rule part {_quote(name)} is not known.")
        field, reader = _READERS[name]
        fields[field] = reader(value, start)
    return _as_clamped(Rule(freq=freq, **fields))  # type: ignore[arg-type]  # each reader gives its field's type


def write(rule: Rule, start: When) -> str:
    """Return the RRULE line of a rule."""
    plain = _as_plain(rule, start)
    parts = [f"FREQ={plain.freq.value}"]
    for name, (field, writer) in _WRITERS.items():
        value = getattr(plain, field)
        if value != _DEFAULTS[field]:
            parts.append(f"{name}={writer(value, start)}")
    return "RRULE:" + ";".join(parts)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().upper()
        _refuse_if(not equals or not value, f"The rule has a part without a value: {_quote(part)}.")
        _refuse_if(name in parts, f"The rule part {_quote(name)} stands twice.")
        parts[name] = value.strip().upper()
    return parts


def _freq(text: str) -> Freq:
    if text in ("SECONDLY", "MINUTELY"):
        raise InvalidRecurrence(f"FREQ={text} is not supported; the shortest step is HOURLY.")
    if text not in Freq.__members__:
        raise InvalidRecurrence(f"FREQ={_quote(text)} is not known." if text else "The rule has no FREQ.")
    return Freq[text]


# --- its parts: each has a reader and a writer, made together ------------------------------------


def _read_number(text: str, _start: When) -> int:
    if not _NUMBER.fullmatch(text):
        raise InvalidRecurrence(f"{_quote(text)} is not a number.")
    return int(text)


def _write_number(number: int, _start: When) -> str:
    return str(number)


def _read_numbers(text: str, start: When) -> tuple[int, ...]:
    return tuple(_read_number(one, start) for one in _items(text))


def _write_numbers(numbers: Iterable[int], _start: When) -> str:
    return ",".join(map(str, numbers))


def _read_days(text: str, start: When) -> tuple[WeekdayNth, ...]:
    return tuple(_read_day(one, start) for one in _items(text))


def _read_day(text: str, start: When) -> WeekdayNth:
    nth, day = text[:-2], text[-2:]
    number = _read_number(nth, start) if nth else 0
    if day not in Weekday.__members__ or (nth and number == 0):
        raise InvalidRecurrence(f"BYDAY={_quote(text)} is not a day of the week.")
    return WeekdayNth(Weekday[day], number)


def _write_days(days: Iterable[WeekdayNth], _start: When) -> str:
    return ",".join(f"{one.nth or ''}{one.day.name}" for one in days)


def _read_week_start(text: str, _start: When) -> Weekday:
    if text not in Weekday.__members__:
        raise InvalidRecurrence(f"WKST={_quote(text)} is not a day of the week.")
    return Weekday[text]


def _write_week_start(day: Weekday, _start: When) -> str:
    return day.name


def _read_until(text: str, start: When) -> datetime | None:
    moment = _moment(text)
    if moment.year > LATEST.year:
        return None
    if isinstance(moment, date) and not isinstance(moment, datetime):
        return datetime.combine(moment, time.min if isinstance(start, AllDay) else _LAST_SECOND)
    return _to_series(text, start, zone=None)


def _write_until(until: datetime, start: When) -> str:
    if isinstance(start, AllDay):
        return _date_text(until)
    return _utc_text(to_instant(Timed(until, start.zone)))


def _items(text: str) -> list[str]:
    items = text.split(",")
    _refuse_if(len(items) > _LONGEST_LIST, "The rule has a part with too many values.")
    return items


_Reader = Callable[[str, When], object]
_Writer = Callable[..., str]
_TABLE: tuple[tuple[str, str, _Reader, _Writer], ...] = (
    ("UNTIL", "until", _read_until, _write_until),
    ("COUNT", "count", _read_number, _write_number),
    ("INTERVAL", "interval", _read_number, _write_number),
    ("BYMONTH", "by_month", _read_numbers, _write_numbers),
    ("BYWEEKNO", "by_week_no", _read_numbers, _write_numbers),
    ("BYYEARDAY", "by_year_day", _read_numbers, _write_numbers),
    ("BYMONTHDAY", "by_month_day", _read_numbers, _write_numbers),
    ("BYDAY", "by_day", _read_days, _write_days),
    ("BYHOUR", "by_hour", _read_numbers, _write_numbers),
    ("BYMINUTE", "by_minute", _read_numbers, _write_numbers),
    ("BYSETPOS", "by_set_pos", _read_numbers, _write_numbers),
    ("WKST", "week_start", _read_week_start, _write_week_start),
)
_READERS: Mapping[str, tuple[str, _Reader]] = {name: (field, reader) for name, field, reader, _ in _TABLE}
_WRITERS: Mapping[str, tuple[str, _Writer]] = {name: (field, writer) for name, field, _, writer in _TABLE}
_DEFAULTS = {field: getattr(Rule(freq=Freq.DAILY), field) for _, field, _, _ in _TABLE}


# --- Outlook's day 29 to 31, which means the last day of a shorter month, said in RFC 5545 ----------

_PLAIN_FORMS: Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]] = {
    29: ((28, 29), (-1,)),
    30: ((28, 29, 30), (-1,)),
    31: ((-1,), ()),
}
_CLAMPED_FORMS = {form: day for day, form in _PLAIN_FORMS.items() if form[1]}


def _as_plain(rule: Rule, start: When) -> Rule:
    if not rule.clamp:
        return rule
    day = (rule.by_month_day or (wall_time(start).day,))[0]
    days, positions = _PLAIN_FORMS.get(day, ((day,), ()))
    return replace(rule, by_month_day=days, by_set_pos=positions, clamp=False)


def _as_clamped(rule: Rule) -> Rule:
    day = _CLAMPED_FORMS.get((tuple(sorted(rule.by_month_day)), rule.by_set_pos))
    is_pattern = rule.freq is Freq.MONTHLY or (rule.freq is Freq.YEARLY and len(rule.by_month) == 1)
    others = (rule.by_day, rule.by_year_day, rule.by_week_no, rule.by_hour, rule.by_minute, rule.by_month[1:])
    if day is None or not is_pattern or any(others):
        return rule
    return replace(rule, by_month_day=(day,), by_set_pos=(), clamp=True)


# --- a whole recurrence: lines of RRULE, RDATE, EXDATE --------------------------------------------


def read_lines(lines: Sequence[str], start: When) -> tuple[Recurrence, tuple[str, ...]]:
    """Return the recurrence of such lines, and the recurrence ids that EXDATE takes out, sorted.

    Without a rule the start counts among the dates, as RFC 5545 3.8.5.2 has it.
    """
    _refuse_if(len(lines) > MAX_DATES, "The recurrence has too many lines.")
    rules: list[Rule] = []
    dates: list[datetime] = []
    deleted: list[datetime] = []
    for line in lines:
        name, parameters, value = _split(line)
        match name:
            case "RRULE":
                rules.append(read(value, start))
            case "RDATE":
                dates += _read_dates(parameters, value, start)
            case "EXDATE":
                deleted += _read_dates(parameters, value, start)
            case _:
                raise InvalidRecurrence(_REFUSED.get(name, f"The line {_quote(name)} is not known."))
        _refuse_if(max(len(dates), len(deleted)) > MAX_DATES, _TOO_MANY_DATES)
    _refuse_if(len(rules) > MAX_RULES, f"The recurrence has more than {MAX_RULES} rules.")
    if dates and not rules:
        dates.append(wall_time(start))
    ids = sorted({recurrence_id(at_wall_time(start, moment)) for moment in deleted})
    return Recurrence(tuple(rules), tuple(sorted(set(dates)))), tuple(ids)


def write_lines(recurrence: Recurrence, deleted: Iterable[str], start: When) -> list[str]:
    """Return the lines of a recurrence without the occurrences whose ids are in `deleted`."""
    lines = [write(rule, start) for rule in recurrence.rules]
    if recurrence.dates:
        lines.append(_write_dates("RDATE", recurrence.dates, start))
    gone = [datetime.fromisoformat(one) for one in deleted]
    if gone:
        lines.append(_write_dates("EXDATE", gone, start))
    return lines


_TOO_MANY_DATES = f"The recurrence has more than {MAX_DATES} dates."
_WHERE_TIMES_GO = "start and end have members of their own."
_REFUSED = {
    "EXRULE": "EXRULE is not supported (RFC 5545 removed it); name the dates in EXDATE.",
    "DTSTART": f"DTSTART does not belong into the recurrence; {_WHERE_TIMES_GO}",
    "DTEND": f"DTEND does not belong into the recurrence; {_WHERE_TIMES_GO}",
}
_LINE = re.compile(r'([A-Za-z0-9-]++)((?:;[A-Za-z0-9-]++=(?:"[^"]*+(?:"|\Z)|[^";:]*+))*+):(.*+)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]++)=(?:"([^"]*+)(?:"|\Z)|([^";:]*+))')


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """Return name, parameters and value of a content line, names in capitals."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise InvalidRecurrence(f"The line {_quote(line)} cannot be read.")
    name, parameters, value = found.groups()
    return name.upper(), {key.upper(): quoted or bare for key, quoted, bare in _PARAMETER.findall(parameters)}, value


def _read_dates(parameters: Mapping[str, str], value: str, start: When) -> list[datetime]:
    _refuse_if(parameters.get("VALUE", "").upper() == "PERIOD", "RDATE with periods is not supported.")
    moments = value.split(",")
    _refuse_if(len(moments) > MAX_DATES, _TOO_MANY_DATES)  # before each is told in the zone of the series
    zone = _zone(parameters.get("TZID"))
    return [_to_series(one.strip().upper(), start, zone=zone) for one in moments]


def _zone(name: str | None) -> str | None:
    """Return the IANA zone of a TZID: lines without a VTIMEZONE beside them can name no other (RFC 5545 3.2.19)."""
    try:
        return find_iana(name) if name else None
    except InvalidTimeZone as unknown:
        raise InvalidRecurrence(unknown.message) from None


def _write_dates(name: str, moments: Iterable[datetime], start: When) -> str:
    if isinstance(start, AllDay):
        return f"{name};VALUE=DATE:" + ",".join(map(_date_text, moments))
    if start.zone == "UTC":
        return f"{name}:" + ",".join(f"{_wall_text(moment)}Z" for moment in moments)
    return f"{name};TZID={start.zone}:" + ",".join(map(_wall_text, moments))


# --- times in text -------------------------------------------------------------------------------

_DATE = re.compile(r"[0-9]{8}")
_DATE_TIME = re.compile(r"[0-9]{8}T[0-9]{6}Z?")


def _moment(text: str) -> date | datetime:
    """Return the date or the naive time that `text` shows, whatever zone it means."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _DATE_TIME.fullmatch(text):
            return datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        pass
    raise InvalidRecurrence(f"{_quote(text)} is not a date or a time.")


def _to_series(text: str, start: When, *, zone: str | None) -> datetime:
    """Return a date or time in the wall time of the series; without a zone of its own it is in that already.

    For an all-day series the date counts, as it is written; in a timed series a date alone means the
    occurrence of that day.
    """
    moment = _moment(text)
    if isinstance(start, AllDay):
        return datetime.combine(moment, time.min)
    if not isinstance(moment, datetime):
        return datetime.combine(moment, start.wall.time())
    own = "UTC" if text.endswith("Z") else zone
    return moment if own in (None, start.zone) else to_wall(to_instant(Timed(moment, own)), start.zone)


def _date_text(moment: datetime) -> str:
    return recurrence_id(AllDay(moment.date()))


def _wall_text(moment: datetime) -> str:
    return recurrence_id(Timed(moment))


def _utc_text(instant: Instant) -> str:
    return _wall_text(to_wall(instant, "UTC")) + "Z"


def _quote(text: str) -> str:
    return f"'{text[:_SHOWN]}'"


def _refuse_if(wrong: bool, message: str) -> None:
    if wrong:
        raise InvalidRecurrence(message)
