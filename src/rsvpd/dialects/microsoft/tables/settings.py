"""The tables of the mailbox settings: automatic replies, working hours, the language, and how all is written."""

from __future__ import annotations

import re
from typing import Any

from rsvpd.calendar.rule import Weekday
from rsvpd.calendar.working_hours import DAY
from rsvpd.clock import Instant
from rsvpd.dialects.microsoft.tables.builder import member, reader
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import NUMBER, TEXT, Ctx, read_list, read_object, read_only, read_text
from rsvpd.dialects.microsoft.vocabulary.times import SEVEN_DIGITS, as_timed, read_zoned
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.errors import InvalidSettingsZone, UnknownWord, UnreadableValue
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import PersonKind
from rsvpd.mail.settings import HoursDraft, RepliesDraft
from rsvpd.mail.view import folder_id
from rsvpd.timezones.custom import LONGEST_BIAS, CustomZone, Onset
from rsvpd.timezones.zone import at_instant, to_instant

_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,12})?)?", re.ASCII)
_LONGEST_LITERAL, _LONGEST_NAME = 40, 100
_MONTHS, _OCCURRENCES, _LAST_YEAR = range(1, 13), range(1, 6), 9999
_DAYS = {
    "monday": Weekday.MO, "tuesday": Weekday.TU, "wednesday": Weekday.WE, "thursday": Weekday.TH,
    "friday": Weekday.FR, "saturday": Weekday.SA, "sunday": Weekday.SU,
}  # fmt: skip
_WORDS_OF_DAYS = {day: word for word, day in _DAYS.items()}
_NO_TIME = "0001-01-01T00:00:00" + SEVEN_DIGITS
PURPOSES = {PersonKind.USER: "user", PersonKind.ROOM: "room"}


def settings_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of mailbox settings, and those it is made of."""
    replies, locale, zones = _replies_table(t), _locale_table(t), _zone_tables(t)
    hours = _hours_table(t, zones)
    settings = _table(
        t,
        "mailboxSettings",
        Prop(
            name="archiveFolder",
            source="",
            codec=read_only("Edm.String", lambda person, _: folder_id(person, Folder.ARCHIVE)),
        ),
        Prop(name="timeZone", source="zone_name", codec=_not_null(TEXT), access=Access.WRITE),
        Prop(
            name="delegateMeetingMessageDeliveryOptions",
            source="delivery",
            codec=_not_null(t.word(words.DELEGATE_DELIVERY)),
            access=Access.WRITE,
        ),
        Prop(
            name="dateFormat", source="settings.date_format", codec=_not_null(TEXT), access=Access.WRITE, field="date"
        ),
        Prop(
            name="timeFormat", source="settings.time_format", codec=_not_null(TEXT), access=Access.WRITE, field="time"
        ),
        Prop(name="userPurpose", source="kind", codec=_purpose(t)),
        Prop(
            name="automaticRepliesSetting",
            source="settings.replies",
            codec=_not_null(Codec(replies.name, replies.write, reader(replies, RepliesDraft))),
            access=Access.WRITE,
        ),
        Prop(
            name="language",
            source="settings.language",
            codec=_not_null(Codec(locale.name, locale.write, reader(locale, lambda tag=None: tag or ""))),
            access=Access.WRITE,
            field="tag",
        ),
        Prop(
            name="workingHours",
            source="hours",
            codec=_not_null(Codec(hours.name, hours.write, reader(hours, HoursDraft))),
            access=Access.WRITE,
        ),
    )
    return settings, replies, hours, locale, *zones


def working_hours(t: Types) -> Codec[Ctx]:
    """Return the codec of the hours somebody works, where they cannot be changed."""
    hours = _hours_table(t, _zone_tables(t))
    return read_only(hours.name, hours.write)


def _table(t: Types, name: str, *props: Prop[Ctx], base: str | None = None) -> Shape[Ctx]:
    return Shape(name, props).derive(t.edm(name), case=t.style.name, base=base and t.edm(base))


def _not_null(codec: Codec[Ctx]) -> Codec[Ctx]:
    """Return a codec that reads no null: settings cannot be deleted."""

    def read(value: Any, ctx: Ctx) -> Any:
        if value is None:
            raise ValueError("null is not possible.")
        return codec.read(value, ctx)

    return Codec(codec.edm, codec.write, read)


def _purpose(t: Types) -> Codec[Ctx]:
    return read_only(t.edm(words.USER_PURPOSE.name), lambda kind, _: t.style.word(PURPOSES[kind]))


# --- automatic replies, language


def _replies_table(t: Types) -> Shape[Ctx]:
    when, text = moment(t), Codec("Edm.String", TEXT.write, lambda value, _: read_text(value) or "")
    return _table(
        t,
        "automaticRepliesSetting",
        member("status", _not_null(t.word(words.AUTOMATIC_REPLIES_STATUS)), "status", field="status"),
        member("externalAudience", _not_null(t.word(words.EXTERNAL_AUDIENCE_SCOPE)), "audience", field="audience"),
        member("internalReplyMessage", text, "internal", field="internal"),
        member("externalReplyMessage", text, "external", field="external"),
        member("scheduledStartDateTime", when, "start", field="start"),
        member("scheduledEndDateTime", when, "end", field="end"),
    )


def moment(t: Types) -> Codec[Ctx]:
    """Return the codec of an instant as dateTimeTimeZone; where there is none the first time of all stands."""
    when = t.date_time_time_zone
    date_time, time_zone = t.style.names("dateTime", "timeZone")

    def write(instant: Instant | None, ctx: Ctx) -> Any:
        if instant is None:
            return {date_time: _NO_TIME, time_zone: "UTC"}
        return when.write(at_instant(instant, "UTC"), ctx)

    def read(value: Any, ctx: Ctx) -> Instant | None:
        stamp = read_zoned(value, ctx)
        return None if stamp is None else to_instant(as_timed(stamp))

    return Codec(when.edm, write, read)


def _locale_table(t: Types) -> Shape[Ctx]:
    return _table(
        t,
        "localeInfo",
        member("locale", TEXT, "tag", field="tag"),
        Prop(name="displayName", source="name", codec=TEXT),
    )


# --- working hours


def _hours_table(t: Types, zones: tuple[Shape[Ctx], ...]) -> Shape[Ctx]:
    return _table(
        t,
        "workingHours",
        member("daysOfWeek", _days(t), "days", field="days"),
        member("startTime", _not_null(_time_of_day()), "start", field="start"),
        member("endTime", _not_null(_time_of_day()), "end", field="end"),
        member("timeZone", _zone(t, zones), "zone", field="zone"),
    )


def _days(t: Types) -> Codec[Ctx]:
    day = _day(t)
    return Codec(
        f"Collection({day.edm})",
        lambda days, ctx: [day.write(one, ctx) for one in days],
        lambda value, ctx: tuple(day.read(one, ctx) for one in read_list(value)),
    )


def _day(t: Types) -> Codec[Ctx]:
    def read(value: Any, _: Ctx) -> Weekday:
        found = _DAYS.get(value.lower()) if isinstance(value, str) else None
        if found is None:
            raise UnknownWord(f"Requested value '{_literal(value)}' was not found.", target="daysOfWeek")
        return found

    return Codec(t.edm(words.DAY_OF_WEEK.name), lambda day, _: t.style.word(_WORDS_OF_DAYS[day]), read)


def _time_of_day() -> Codec[Ctx]:
    """Return the codec of seconds after midnight; fractions of a second are dropped."""

    def write(seconds: int, _: Ctx) -> str:
        if seconds >= DAY:
            return "23:59:59.9999999"
        minutes, rest = divmod(seconds, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}{SEVEN_DIGITS}"

    def read(value: Any, _: Ctx) -> int | None:
        if value is None:
            return None
        found = _TIME_OF_DAY.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise UnreadableValue(
                f"Cannot convert the literal '{_literal(value)}' to the expected type 'Edm.TimeOfDay'."
            )
        hours, minutes, seconds = (int(one or 0) for one in found.groups())
        return (hours * 60 + minutes) * 60 + seconds

    return Codec("Edm.TimeOfDay", write, read)


def _literal(value: Any) -> str:
    return value[:_LONGEST_LITERAL] if isinstance(value, str) else str(value)[:_LONGEST_LITERAL]


# --- zones


def _zone_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the tables of zones by name and by their rules, and of what these begin with.

    A type's own members stand in its table, what it inherits in that of its base.
    """
    standard = _table(
        t,
        "standardTimeZoneOffset",
        member("time", _time_of_day(), "at", field="at"),
        member("dayOccurrence", NUMBER, "nth", field="nth"),
        member("dayOfWeek", _day(t), "weekday", field="weekday"),
        member("month", NUMBER, "month", field="month"),
        member("year", NUMBER, "year", field="year"),
    )
    bias = member("daylightBias", NUMBER, "daylight_bias", field="daylight_bias")
    daylight = _table(t, "daylightTimeZoneOffset", bias, base="standardTimeZoneOffset")

    def read_onset(value: Any, ctx: Ctx) -> dict[str, Any] | None:
        members = read_object(value)
        return None if members is None else {**standard.read(members, ctx)[0], **daylight.read(members, ctx)[0]}

    def write_daylight(custom: CustomZone, ctx: Ctx) -> dict[str, Any] | None:
        if custom.daylight is None:
            return None
        return {**standard.write(custom.daylight, ctx), **daylight.write(custom, ctx)}

    custom = _table(
        t,
        "customTimeZone",
        member("bias", NUMBER, "bias", field="bias"),
        member(
            "standardOffset",
            Codec(standard.name, lambda onset, ctx: onset and standard.write(onset, ctx), read_onset),
            "standard",
            field="standard",
        ),
        member("daylightOffset", Codec(daylight.name, write_daylight, read_onset), field="daylight"),
        base="timeZoneBase",
    )
    return _table(t, "timeZoneBase", member("name", TEXT, "name", field="name")), custom, standard, daylight


def _zone(t: Types, zones: tuple[Shape[Ctx], ...]) -> Codec[Ctx]:
    """Return the codec of a zone by its name, or by its rules (Graph: customTimeZone)."""
    base, custom, *_ = zones
    name, type_ = t.style.name("name"), f"#{t.style.namespace}.{custom.name}"

    def write(zone: str | CustomZone, ctx: Ctx) -> dict[str, Any]:
        if isinstance(zone, CustomZone):
            return {"@odata.type": type_, **base.write(zone, ctx), **custom.write(zone, ctx)}
        return {name: zone}

    def read(value: Any, ctx: Ctx) -> str | CustomZone | None:
        members = read_object(value)
        if members is None:
            return None
        fields = {**base.read(members, ctx)[0], **custom.read(members, ctx)[0]}
        return _custom(**fields) if "bias" in fields else str(fields.get("name") or "")

    return Codec(base.name, write, read)


def _custom(
    bias: int | None,
    name: str | None = None,
    standard: dict[str, Any] | None = None,
    daylight: dict[str, Any] | None = None,
) -> CustomZone:
    """Return a zone by its rules. Raises InvalidSettingsZone."""
    further = (daylight or {}).get("daylight_bias") or 0
    if not (-LONGEST_BIAS <= (bias or 0) <= LONGEST_BIAS and -LONGEST_BIAS <= further <= LONGEST_BIAS):
        raise InvalidSettingsZone(target="timeZone")
    return CustomZone(
        name=(name or "Customized Time Zone")[:_LONGEST_NAME],
        bias=bias or 0,
        standard=_onset(**standard) if standard else None,
        daylight=_onset(**daylight) if daylight else None,
        daylight_bias=further,
    )


def _onset(
    month: int | None = None,
    weekday: Weekday = Weekday.SU,
    nth: int | None = None,
    at: int | None = None,
    year: int | None = None,
    daylight_bias: int | None = None,
) -> Onset:
    if month not in _MONTHS or nth not in _OCCURRENCES or not 0 <= (year or 0) <= _LAST_YEAR:
        raise InvalidSettingsZone(target="timeZone")
    return Onset(month=month or 0, weekday=int(weekday), nth=nth or 0, at=at or 0, year=year or 0)
