"""What the owner of a mailbox sets: automatic replies, working hours, and how dates and times are written.

What was never set follows from the rest: the formats from the language, the zone of the hours from the mailbox's.
"""

from __future__ import annotations

import enum
import re

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.permission import Delivery
from rsvpd.calendar.rule import Weekday
from rsvpd.calendar.spans import Span
from rsvpd.calendar.working_hours import WorkingHours
from rsvpd.clock import Instant
from rsvpd.errors import InvalidProperty, InvalidReplyTimes, InvalidWorkingHours
from rsvpd.mail import language as languages
from rsvpd.mail.category import Categories
from rsvpd.mail.language import Language
from rsvpd.mail.person import Person
from rsvpd.timezones import zone as zones
from rsvpd.timezones.custom import CustomZone

NEVER, FOREVER = -(2**62), 2**62
_LONGEST_FORMAT = 40
# One letter once or several times, or a text in quotes, as .NET reads a format.
_FIELD = re.compile(rf"'[^']{{0,{_LONGEST_FORMAT}}}+'|([A-Za-z])\1*+")
_OF_A_DATE, _OF_A_TIME = ["M", "d", "y"], (["H", "m"], ["h", "m"])
_BESIDE_A_TIME = frozenset("st")


class ReplyStatus(enum.Enum):
    """When mail is answered automatically."""

    DISABLED = "disabled"
    ALWAYS = "alwaysEnabled"
    SCHEDULED = "scheduled"


class Audience(enum.Enum):
    """Who outside is answered."""

    NONE = "none"
    CONTACTS = "contactsOnly"
    ALL = "all"


class AutomaticReplies(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is answered automatically, and when; the messages are HTML.

    `start` and `end` bound it where it is scheduled; they are kept while it is not.
    """

    status: ReplyStatus = ReplyStatus.DISABLED
    audience: Audience = Audience.ALL
    start: Instant | None = None
    end: Instant | None = None
    internal: str = ""
    external: str = ""

    @property
    def span(self) -> Span | None:
        """Return from when until when mail is answered; None where it is not."""
        if self.status is ReplyStatus.ALWAYS:
            return NEVER, FOREVER
        if self.status is ReplyStatus.DISABLED or self.start is None or self.end is None:
            return None
        return self.start, self.end

    def is_active(self, now: Instant) -> bool:
        """Return whether mail is answered now."""
        span = self.span
        return span is not None and span[0] <= now < span[1]

    def message(self, *, is_internal: bool) -> str:
        """Return what somebody of this server is answered, or somebody outside; nothing where nobody is.

        There are no contacts here, so that nobody outside is one.
        """
        if is_internal:
            return self.internal
        return self.external if self.audience is Audience.ALL else ""


class Settings(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The settings of a mailbox. None is what follows from the rest; `zone_name` is the zone's name as it was set.

    `categories` is None where the list is as a new mailbox has it.
    """

    replies: AutomaticReplies = AutomaticReplies()
    hours: WorkingHours = WorkingHours()
    tag: str = languages.DEFAULT.tag
    date: str | None = None
    time: str | None = None
    zone_name: str | None = None
    categories: Categories | None = None

    @property
    def language(self) -> Language:
        """Return the language with its country."""
        return languages.find(self.tag) or languages.DEFAULT

    @property
    def date_format(self) -> str:
        """Return how dates are written."""
        return self.language.date if self.date is None else self.date

    @property
    def time_format(self) -> str:
        """Return how times of the day are written."""
        return self.language.time if self.time is None else self.time

    def zone_as_set(self, own: str) -> str:
        """Return the name of the zone `own` (IANA): as it was set, else as Windows has it."""
        name = self.zone_name
        return name if name is not None and zones.find(name) == own else zones.windows_name(own)


DEFAULTS = Settings()


class SettingsView(Person, frozen=True, kw_only=True):
    """Somebody with what the own mailbox is set to."""

    settings: Settings = DEFAULTS
    delivery: Delivery = Delivery.DELEGATE_ONLY

    @property
    def zone_name(self) -> str:
        """Return the name of the zone as it was set, else as Windows has it."""
        return self.settings.zone_as_set(self.zone)

    @property
    def hours(self) -> WorkingHours:
        """Return the hours the owner works, with their zone."""
        return self.settings.hours.in_zone(self.zone_name)


class RepliesDraft(Struct, frozen=True, kw_only=True):
    """What is to be changed of automatic replies."""

    status: ReplyStatus | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    start: Instant | UnsetType | None = UNSET
    end: Instant | UnsetType | None = UNSET
    internal: str | UnsetType = UNSET
    external: str | UnsetType = UNSET


class HoursDraft(Struct, frozen=True, kw_only=True):
    """What is to be changed of working hours: the same members as there."""

    days: tuple[Weekday, ...] | UnsetType = UNSET
    start: int | UnsetType = UNSET
    end: int | UnsetType = UNSET
    zone: str | CustomZone | UnsetType | None = UNSET


class SettingsDraft(Struct, frozen=True, kw_only=True):
    """What is to be changed of the settings; of working hours some members, or all of them."""

    replies: RepliesDraft | UnsetType = UNSET
    hours: HoursDraft | WorkingHours | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    date: str | UnsetType = UNSET
    time: str | UnsetType = UNSET
    zone_name: str | UnsetType = UNSET


def change(settings: Settings, draft: SettingsDraft, now: Instant) -> Settings:
    """Return the settings as `draft` wants them.

    Raises InvalidProperty for a language or a format that is none, InvalidReplyTimes, InvalidWorkingHours, and
    InvalidTimeZone.
    """
    if draft.zone_name is not UNSET:
        settings = structs.replace(settings, zone_name=_as_spelled(draft.zone_name))
    if draft.tag is not UNSET:
        settings = _in_language(settings, draft.tag)
    return structs.replace(
        settings,
        replies=settings.replies if draft.replies is UNSET else _replies(settings.replies, draft.replies, now),
        hours=settings.hours if draft.hours is UNSET else _hours(settings.hours, draft.hours),
        date=settings.date if draft.date is UNSET else _date_format(draft.date),
        time=settings.time if draft.time is UNSET else _time_format(draft.time),
    )


def order_of_date(date_format: str) -> str:
    """Return in which order a format has month, day and year, by their letters: `MDY`."""
    return "".join(dict.fromkeys(letter.upper() for letter in _fields(date_format) if letter in _OF_A_DATE))


def has_24_hours(time_format: str) -> bool:
    """Return whether a format counts the hours of the whole day."""
    return "H" in _fields(time_format)


def _as_spelled(name: str) -> str:
    """Return a zone's name as it was written but for the case. Raises InvalidTimeZone."""
    found = zones.find(name)
    return found if found.casefold() == name.casefold() else zones.windows_name(found)


def _in_language(settings: Settings, tag: str) -> Settings:
    """Return the settings in another language, whose formats come with it."""
    language = languages.find(tag)
    if language is None:
        raise InvalidProperty(f"language: '{tag[:40]}' is not a language with a country.", target="language")
    if language.tag == settings.tag:
        return settings
    return structs.replace(settings, tag=language.tag, date=None, time=None)


def _replies(old: AutomaticReplies, draft: RepliesDraft, now: Instant) -> AutomaticReplies:
    given = {name: value for name, value in structs.asdict(draft).items() if value is not UNSET}
    new = structs.replace(old, **given)
    if new.status is ReplyStatus.SCHEDULED:
        if new.start is None or new.end is None:
            raise InvalidReplyTimes("Scheduled replies need scheduledStartDateTime and scheduledEndDateTime.")
        # What is over already cannot be scheduled.
        if new.end <= max(new.start, now):
            raise InvalidReplyTimes
    return new


def _hours(old: WorkingHours, draft: HoursDraft | WorkingHours) -> WorkingHours:
    if isinstance(draft, WorkingHours):
        new = draft
    else:
        given = {name: value for name, value in structs.asdict(draft).items() if value is not UNSET}
        is_changed = any(given.get(name, getattr(old, name)) != getattr(old, name) for name in ("days", "start", "end"))
        new = structs.replace(old, **given, periods=() if is_changed else old.periods)
    if new.start >= new.end:
        raise InvalidWorkingHours
    if isinstance(new.zone, str):
        new = structs.replace(new, zone=_as_spelled(new.zone))
    return structs.replace(new, days=tuple(sorted(set(new.days))))


def _date_format(text: str) -> str:
    if len(text) > _LONGEST_FORMAT or sorted(set(_fields(text))) != _OF_A_DATE:
        raise InvalidProperty(f"dateFormat: '{text[:40]}' is no format of dates.", target="dateFormat")
    return text


def _time_format(text: str) -> str:
    if len(text) > _LONGEST_FORMAT or sorted(set(_fields(text)) - _BESIDE_A_TIME) not in _OF_A_TIME:
        raise InvalidProperty(f"timeFormat: '{text[:40]}' is no format of times.", target="timeFormat")
    return text


def _fields(text: str) -> list[str]:
    """Return the letters of a format's fields, in order."""
    return [found[1] for found in _FIELD.finditer(text) if found[1]]
