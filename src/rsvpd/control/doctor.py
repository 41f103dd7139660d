"""What this server emulates, partly or not, and how the data file is.

The table below is the one place that says so; `rsvpd doctor` prints it (`cli/report.py`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from rsvpd import __version__


class Extent(enum.Enum):
    """How much of something is there."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Feature(Struct, frozen=True):
    """One thing the real services do. `note` says what is missing, or how it differs."""

    area: str
    name: str
    extent: Extent
    note: str = ""


class Report(Struct, frozen=True):
    """The doctor's report. `health` is None where no data file exists yet."""

    version: str
    features: tuple[Feature, ...]
    health: Mapping[str, Any] | None


_MICROSOFT = "Graph, Outlook REST"
_GOOGLE = "Google Calendar"
_BOTH = "all interfaces"

FEATURES = (
    Feature(_MICROSOFT, "answering: accept, tentativelyAccept, decline", Extent.YES),
    Feature(_MICROSOFT, "events: list, get, create, patch, delete, cancel", Extent.YES),
    Feature(_MICROSOFT, "calendarView, instances of a series", Extent.YES),
    Feature(_MICROSOFT, "forwarding events", Extent.YES),
    Feature(_MICROSOFT, "reminderView, dismissReminder, snoozeReminder", Extent.YES),
    Feature(_MICROSOFT, "findMeetingTimes", Extent.YES, "Graph and Outlook v2.0; v1.0 never had it"),
    Feature(_MICROSOFT, "getSchedule", Extent.YES, "Graph and Outlook v2.0; v1.0 never had it"),
    Feature(_MICROSOFT, "calendars, calendarGroups", Extent.YES),
    Feature(_MICROSOFT, "calendarPermissions, shared calendars", Extent.PARTLY, "within this server"),
    Feature(_MICROSOFT, "messages: list, get, move, delete, mark read, sendMail", Extent.YES),
    Feature(_MICROSOFT, "messages: drafts, reply, forward, copy", Extent.YES),
    Feature(_MICROSOFT, "messageRules, inferenceClassification overrides", Extent.YES),
    Feature(_MICROSOFT, "mail folders", Extent.YES),
    Feature(_MICROSOFT, "search folders", Extent.PARTLY, "Graph; they do not expire, and have no delta of messages"),
    Feature(_MICROSOFT, "masterCategories", Extent.YES),
    Feature(_MICROSOFT, "$select, $top, $skip, $orderby, $filter, $count", Extent.YES),
    Feature(_MICROSOFT, "$expand", Extent.PARTLY, "the event of an invitation, calendars, folders, exceptions"),
    Feature(_MICROSOFT, "$search", Extent.PARTLY, "messages: all of KQL but NEAR and its like; users: as Graph has it"),
    Feature(_MICROSOFT, "$metadata", Extent.YES, "made from the property tables"),
    Feature(_MICROSOFT, "users", Extent.YES, "administrators write them"),
    Feature(_MICROSOFT, "people", Extent.YES, "Graph and Outlook v2.0; v1.0 never had them"),
    Feature(_MICROSOFT, "mailboxSettings, automatic replies", Extent.YES),
    Feature(_MICROSOFT, "getMailTips", Extent.YES, "Graph and Outlook v2.0; v1.0 never had it"),
    Feature(_MICROSOFT, "profile photos", Extent.YES),
    Feature(_MICROSOFT, "places, room lists", Extent.YES),
    Feature(_MICROSOFT, "online meetings of events", Extent.YES),
    Feature(_MICROSOFT, "$batch", Extent.YES, "Graph and Outlook v2.0; v1.0 never had it"),
    Feature(_MICROSOFT, "delta queries", Extent.YES, "messages, folders, events, views; Outlook: track-changes"),
    Feature(_MICROSOFT, "subscriptions (webhooks)", Extent.PARTLY, "Graph, Outlook v2.0; a $filter is missing"),
    Feature(_MICROSOFT, "attachments", Extent.YES, "files, items, references; uploads in parts"),
    Feature(_MICROSOFT, "messages in MIME", Extent.YES, "read and sent"),
    Feature(_MICROSOFT, "extensions, extended properties", Extent.YES, "Graph and Outlook v2.0; v1.0 never had them"),
    Feature(_MICROSOFT, "the beta endpoint", Extent.PARTLY, "as v1.0, with a hint"),
    Feature(_MICROSOFT, "contacts, groups", Extent.NO, "the directory is GET users"),
    Feature(_GOOGLE, "events: list, instances, get, insert, patch, update, delete", Extent.YES),
    Feature(_GOOGLE, "answering by the own attendee entry, attendeesOmitted", Extent.YES),
    Feature(_GOOGLE, "guests who invite others, guests who modify", Extent.YES),
    Feature(_GOOGLE, "calendarList, calendars, settings", Extent.YES),
    Feature(_GOOGLE, "calendars: transferOwnership", Extent.YES, "by an administrator of the directory"),
    Feature(_GOOGLE, "acl", Extent.PARTLY, "users, and the owner's domain"),
    Feature(_GOOGLE, "freeBusy", Extent.YES, "of calendars, and of lists of rooms as groups"),
    Feature(_GOOGLE, "events: import, quickAdd", Extent.PARTLY, "a UID is imported once; texts in English"),
    Feature(_GOOGLE, "events: move", Extent.YES),
    Feature(_GOOGLE, "syncToken, colors, batch", Extent.YES),
    Feature(_GOOGLE, "watch channels", Extent.YES, "of events, acl, settings, calendarList"),
    Feature(_BOTH, "guests of single occurrences of a series", Extent.YES),
    Feature(_BOTH, "delivery between people of this server", Extent.YES, "in the same commit as the change"),
    Feature(_BOTH, "mail to addresses elsewhere", Extent.PARTLY, "written, see `rsvpd outbox`; not sent yet"),
    Feature(_BOTH, "rooms that answer by themselves", Extent.YES, "the policy of each: `rsvpd room ADDRESS`"),
    Feature(_BOTH, "bearer tokens", Extent.YES, "with scopes and roles: `rsvpd docs scopes`"),
    Feature(_BOTH, "OAuth2 / OpenID Connect sign-in", Extent.PARTLY, "what is missing stands in docs/sign-in.md"),
    Feature("CalDAV", "everything", Extent.NO, "the interfaces above reach the same calendars"),
)


def report(health: Mapping[str, Any] | None, found: Sequence[str] = ()) -> Report:
    """Return the report over a data file's `health`, with the faults that were `found` beside its own."""
    if health is not None:
        health = {**health, "faults": [*health["faults"], *found]}
    return Report(__version__, FEATURES, health)
