"""Domain errors in Google's shape: status, domain, reason, words.

A known error of Google's keeps Google's own words, whatever the domain said; the others say
what the domain says. An error is looked up by its class, then by the class above.
"""

from __future__ import annotations

import enum
from typing import Any

from msgspec import Struct

from rsvpd import errors as e


class Words(enum.Enum):
    """Whose words the message is in."""

    GOOGLE = "google"
    DOMAIN = "domain"


class Row(Struct, frozen=True):
    """One kind of answer. `location_type` says what the error's target is: a parameter, a header."""

    status: int
    domain: str
    reason: str
    message: str
    words: Words = Words.DOMAIN
    location_type: str | None = None
    location: str | None = None


def _invalid(message: str) -> Row:
    return Row(400, "global", "invalid", message)


def _refused(message: str) -> Row:
    return Row(403, "global", "forbidden", message)


_NOT_FOUND = Row(404, "global", "notFound", "Not Found", Words.GOOGLE)
_PARAMETER = Row(400, "global", "invalidParameter", "Invalid parameter.", location_type="parameter")
_FOREIGN = Row(
    403, "calendar", "forbiddenForNonOrganizer",
    "Shared properties can only be changed by the organizer of the event.", Words.GOOGLE,
)
_CREDENTIALS = Row(401, "global", "authError", "Invalid Credentials", Words.GOOGLE, "header", "Authorization")

TABLE: dict[type[e.RsvpdError], Row] = {
    e.MalformedBody: Row(400, "global", "parseError", "Parse Error"),
    e.UnsupportedMedia: Row(400, "global", "badContent", "Unsupported content type; send application/json."),
    e.TooLarge: Row(413, "global", "requestTooLarge", "The request is too large."),
    e.InvalidProperty: _invalid("Invalid Value"),
    e.UnknownProperty: _invalid("Invalid Value"),
    e.MissingProperty: Row(400, "global", "required", "Required"),
    e.InvalidTimeZone: _invalid("Invalid time zone definition."),
    e.InvalidRange: Row(400, "calendar", "timeRangeEmpty", "The specified time range is empty."),
    e.ScheduleTooLong: Row(400, "calendar", "timeRangeTooLong", "The requested time range is too long."),
    e.EventTooLong: _invalid("The event lasts too long."),
    e.WindowTooLong: _invalid("The time range is too long."),
    e.InvalidRecurrence: _invalid("Invalid recurrence rule."),
    e.InvalidId: _NOT_FOUND,
    e.InvalidQuery: _PARAMETER,
    e.UnfilterableProperty: _PARAMETER,
    e.UnknownSegment: Row(404, "global", "notFound", "Not Found"),
    e.OrganizerCannotRespond: _invalid("The organizer does not answer the own invitation."),
    e.NotTheOrganizer: _FOREIGN,
    e.CommentWithoutResponse: _invalid("A comment needs a response to travel in."),
    e.ProposalWithoutResponse: _invalid("A proposal needs a response to travel in."),
    e.ProposalNotAllowed: _refused("The organizer takes no proposals for a new time."),
    e.ResponseNotRequested: _refused("The organizer of this event asked for no answers."),
    e.MeetingIsCancelled: _refused("The event has been cancelled."),
    e.NotInvited: _refused("Only attendees of the event can answer it."),
    e.SharedPropertyByGuest: _FOREIGN,
    e.NotTheSender: _refused("Mail goes out in the own name only."),
    e.OccurrenceCrossing: _invalid("An instance cannot move past its neighbours."),
    e.NotAllowed: _refused("Forbidden"),
    e.ItemNotFound: _NOT_FOUND,
    e.FolderNotFound: _NOT_FOUND,
    e.CalendarNotFound: _NOT_FOUND,
    e.PersonNotFound: _NOT_FOUND,
    e.ItemGone: Row(410, "global", "deleted", "Resource has been deleted", Words.GOOGLE),
    e.ChangeKeyMismatch: Row(
        412, "global", "conditionNotMet", "Precondition Failed", Words.GOOGLE, "header", "If-Match"
    ),
    e.AlreadyExists: Row(
        409, "global", "duplicate", "The requested identifier already exists.", Words.GOOGLE
    ),
    e.TokenMissing: Row(401, "global", "required", "Login Required", Words.GOOGLE, "header", "Authorization"),
    e.TokenMalformed: _CREDENTIALS,
    e.TokenExpired: _CREDENTIALS,
    # Google does not say that somebody else's calendar is there.
    e.AccessDenied: _NOT_FOUND,
    e.RoleTooLow: Row(
        403, "global", "requiredAccessLevel", "You need to have writer access to this calendar.", Words.GOOGLE
    ),
    e.MethodNotAllowed: Row(405, "global", "httpMethodNotAllowed", "Method Not Allowed"),
    e.NotEmulated: Row(501, "global", "notImplemented", "Not emulated."),
    e.Overloaded: Row(503, "global", "backendError", "Backend Error"),
}


def row_of(error: e.RsvpdError) -> Row:
    """Return how `error` is answered; one without an own row like its class above."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


def document(error: e.RsvpdError) -> dict[str, Any]:
    """Return the body that says what `error` is."""
    row = row_of(error)
    own = str(getattr(error, "message", ""))
    message = row.message if row.words is Words.GOOGLE or not own else own
    one = {"domain": row.domain, "reason": row.reason, "message": message}
    location = row.location or getattr(error, "target", None)
    if row.location_type and location:
        one |= {"locationType": row.location_type, "location": location}
    return {"error": {"errors": [one], "code": row.status, "message": message}}
