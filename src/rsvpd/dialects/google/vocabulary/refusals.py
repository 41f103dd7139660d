"""Refusals as Google words them: status, domain, reason and message of what is published.

`source` says where a row's words stand in public: on the documentation page, or in a report of an answer
that somebody got. Programs compare these messages, so they are never worded otherwise; what we know beyond
them (which address, which part of a rule) goes into the hint. Rows that nobody published are in our own
words and stand with the errors of the domain (`exchange/errors.py`).
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.errors import InvalidProperty

GUIDE = "developers.google.com/calendar/api/guides/errors"


class Row(Struct, frozen=True):
    """One kind of answer. Without `source` the words are ours, and what the domain says beats `message`.

    `location_type` says what the error's target is: a parameter, a header.
    """

    status: int
    domain: str
    reason: str
    message: str
    source: str = ""
    location_type: str | None = None
    location: str | None = None


class Refusal(InvalidProperty):
    """A refusal in Google's words; `why` is what we know beyond them."""

    def __init__(self, row: Row, why: str = "", *, target: str | None = None) -> None:
        super().__init__(why, target=target)
        self.row = row


def _invalid_row(message: str, source: str) -> Row:
    return Row(400, "global", "invalid", message, source)


def _missing_row(message: str, source: str) -> Row:
    return Row(400, "global", "required", message, source)


BAD_REQUEST = Row(400, "global", "badRequest", "Bad Request", "googleapis/google-api-java-client#1628")
ATTENDEE_EMAIL = _invalid_row("Invalid attendee email.", "googleapis/google-api-php-client#1605")
ATTENDEE_WITHOUT_EMAIL = _missing_row("Missing attendee email.", "kewisch/gdata-provider#82")
BOTH_DATES_OR_TIMES = _invalid_row(
    "Start and end times must either both be date or both be dateTime.", "phw198/OutlookGoogleCalendarSync#609"
)
RESOURCE_ID = _invalid_row("Invalid resource id value.", "googleworkspace/dotnet-samples#33")
ICAL_UID = _invalid_row("Invalid iCalUID value.", "googleworkspace/solutions#191")
CONFERENCE_TYPE = _invalid_row("Invalid conference type value.", "googleapis/google-api-nodejs-client#2387")
CONFERENCE_DATA = _invalid_row("Invalid conference data.", "googleapis/google-api-dotnet-client#1894")
COLOR = _invalid_row("Invalid Value", "coursetable/coursetable#1551")
SCOPE_WITHOUT_TYPE = _missing_row("Missing scope type.", "google/google-api-javascript-client#70")
DEFAULT_AND_OVERRIDES = Row(
    400, "calendar", "cannotUseDefaultRemindersAndSpecifyOverride",
    "Cannot specify both default reminders and overrides at the same time.",
    "phw198/OutlookGoogleCalendarSync#666",
)  # fmt: skip
ORDERING = Row(
    400, "global", "invalid", "The requested ordering is not available for the particular query.",
    "googleworkspace/java-samples#52", "parameter", "orderBy",
)  # fmt: skip

FULL_SYNC = Row(
    410, "calendar", "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
    "KeepSoftwareSimple/compass-calendar#1239", "parameter", "syncToken",
)  # fmt: skip


def missing_time(name: str) -> Row:
    """Return the refusal of an event without its start or end."""
    return _missing_row(f"Missing {name} time.", "percolatestudio/meteor-google-api#17")


def missing_zone(name: str) -> Row:
    """Return the refusal of a wall time without an offset, or of a series, that names no zone."""
    return _missing_row(f"Missing time zone definition for {name} time.", "openclaw/gogcli#347")


def unknown_zone(name: str) -> Row:
    """Return the refusal of a zone that is not one of the IANA database."""
    return _invalid_row(f"Invalid time zone definition for {name} time.", "n8n-io/n8n#2995")


def channel_taken(id: str) -> Row:
    """Return the refusal of a channel whose id its application used before."""
    return Row(400, "global", "channelIdNotUnique", f"Channel id {id} not unique", "autokitteh/autokitteh#1015")


def channel_not_found(id: str, project: str) -> Row:
    """Return the refusal to stop what is no channel of this application."""
    return Row(
        404, "global", "notFound", f"Channel '{id}' not found for project '{project}'",
        "googleapis/google-api-nodejs-client#627",
    )  # fmt: skip


def webhook_without_tls(address: str) -> Row:
    """Return the refusal of an address that nothing is sent to. Programs know the reason; the words are ours."""
    return Row(400, "global", "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")


def unknown_field(selection: str) -> Row:
    """Return the refusal of a `fields` parameter."""
    return Row(
        400, "global", "invalidParameter", f"Invalid field selection {selection}",
        "googleapis/google-api-dotnet-client#1444", "parameter", "fields",
    )  # fmt: skip
