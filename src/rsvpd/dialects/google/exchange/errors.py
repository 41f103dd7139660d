"""Domain errors in Google's shape: status, domain, reason, words.

A row with a ground (`source`) keeps Google's own words, whatever the domain said, and what the domain said
goes into the hint; the others say what the domain says. An error is looked up by its class, then by the
class above, up to the root: whatever goes wrong has an answer.
"""

from __future__ import annotations

from typing import Any

from rsvpd import errors as e
from rsvpd.dialects.google.vocabulary.refusals import FULL_SYNC, GUIDE, Refusal, Row
from rsvpd.hints import Hint, HintCode


def _invalid_row(message: str, source: str = "") -> Row:
    return Row(400, "global", "invalid", message, source)


def _forbidden_row(message: str) -> Row:
    return Row(403, "global", "forbidden", message)


_NOT_FOUND = Row(404, "global", "notFound", "Not Found", GUIDE)
_PARAMETER = Row(400, "global", "invalidParameter", "Invalid parameter.", location_type="parameter")
_FOREIGN = Row(
    403, "calendar", "forbiddenForNonOrganizer",
    "Shared properties can only be changed by the organizer of the event.", GUIDE,
)
_CREDENTIALS = Row(401, "global", "authError", "Invalid Credentials", GUIDE, "header", "Authorization")

TABLE: dict[type[e.RsvpdError], Row] = {
    e.RsvpdError: Row(500, "global", "backendError", "Backend Error", GUIDE),
    e.DomainError: Row(400, "global", "badRequest", "Bad Request"),
    e.MalformedBody: Row(400, "global", "parseError", "Parse Error", "northworld/google_calendar#50"),
    e.UnsupportedMedia: Row(400, "global", "badContent", "Unsupported content type; send application/json."),
    e.TooLarge: Row(413, "global", "requestTooLarge", "The request is too large."),
    e.AttachmentTooLarge: Row(413, "global", "requestTooLarge", "The request is too large."),
    e.ItemTooLarge: Row(413, "global", "requestTooLarge", "The event takes no more attachments."),
    e.UploadTooSmall: _invalid_row("Invalid Value"),
    e.UploadOutOfOrder: Row(416, "global", "requestedRangeNotSatisfiable", "These bytes are not what comes next."),
    e.InvalidMime: Row(400, "global", "badRequest", "Bad Request"),
    e.MimeNotBase64: Row(400, "global", "badRequest", "Bad Request"),
    e.UnsupportedCoding: Row(415, "global", "badContent", "Unsupported content coding; send gzip or none."),
    e.HeadTooLarge: Row(431, "global", "requestTooLarge", "The header lines are too large."),
    e.TargetTooLong: Row(414, "global", "uriTooLong", "The URL is too long."),
    e.MalformedRequest: Row(400, "global", "badRequest", "Bad Request"),
    e.RequestTimeout: Row(408, "global", "requestTimeout", "The request did not arrive in time."),
    e.InvalidHost: Row(400, "global", "badRequest", "Bad Request", location_type="header", location="Host"),
    e.MisdirectedRequest: Row(
        421, "global", "misdirectedRequest", "This host is not served here.", location_type="header", location="Host"
    ),
    e.InvalidProperty: _invalid_row("Invalid Value"),
    e.UnknownWord: _invalid_row("Invalid Value"),
    e.UnreadableValue: _invalid_row("Invalid Value"),
    e.StaleSequence: _invalid_row(
        "Invalid sequence value. The specified sequence number is below the current sequence number of the resource."
        " Re-fetch the resource and use its sequence number on the following request.",
        "stackoverflow.com/a/63487429",
    ),
    e.InvalidHeader: _invalid_row("Invalid Value"),
    e.TooManyHeaders: _invalid_row("Invalid Value"),
    e.InvalidDirectoryValue: _invalid_row("Invalid Value"),
    e.NoRecipients: _invalid_row("Invalid Value"),
    e.InvalidExtendedProperty: _invalid_row("Invalid Value"),
    e.UnknownProperty: _invalid_row("Invalid Value"),
    e.MissingProperty: Row(400, "global", "required", "Required"),
    e.InvalidTimeZone: _invalid_row("Invalid time zone definition."),
    e.InvalidSettingsZone: _invalid_row("Invalid time zone definition."),
    e.InvalidWorkingHours: _invalid_row("Working hours end after they start."),
    e.InvalidReplyTimes: _invalid_row("Automatic replies end after they start, and in the future."),
    e.InvalidRange: Row(
        400, "calendar", "timeRangeEmpty", "The specified time range is empty.", GUIDE, "parameter", "timeMax"
    ),
    e.ScheduleTooLong: Row(400, "calendar", "timeRangeTooLong", "The requested time range is too long."),
    # The reason is Google's (GAM knows it), the words are not published.
    e.EventTooLong: Row(400, "calendar", "eventDurationExceedsLimit", "The event lasts too long."),
    e.WindowTooLong: _invalid_row("The time range is too long."),
    e.InvalidRecurrence: _invalid_row("Invalid recurrence rule.", "derekantrican/GAS-ICS-Sync#466"),
    e.InvalidId: _NOT_FOUND,
    e.InvalidSubscription: _invalid_row("Invalid Value"),
    e.SubscriptionTooLong: _invalid_row("Invalid Value"),
    e.UnsupportedSubscriptionQuery: _invalid_row("Invalid Value"),
    e.SubscriptionNotFound: Row(404, "global", "notFound", "Not Found"),
    e.InvalidQuery: _PARAMETER,
    e.UnfilterableProperty: _PARAMETER,
    e.UnsupportedDirectoryQuery: _PARAMETER,
    e.UnknownSegment: Row(404, "global", "notFound", "Not Found"),
    e.OrganizerCannotRespond: _invalid_row("The organizer does not answer the own invitation."),
    e.NotTheOrganizer: _FOREIGN,
    e.CommentWithoutResponse: _invalid_row("A comment needs a response to travel in."),
    e.ProposalWithoutResponse: _invalid_row("A proposal needs a response to travel in."),
    e.ProposalNotAllowed: _forbidden_row("The organizer takes no proposals for a new time."),
    e.ResponseNotRequested: _forbidden_row("The organizer of this event asked for no answers."),
    e.MeetingIsCancelled: _forbidden_row("The event has been cancelled."),
    e.NotInvited: _forbidden_row("Only attendees of the event can answer it."),
    e.SharedPropertyByGuest: _FOREIGN,
    e.NotTheSender: _forbidden_row("Mail goes out in the own name only."),
    e.OccurrenceCrossing: _invalid_row("An instance cannot move past its neighbours."),
    e.InvalidRule: _invalid_row("The rule is not valid."),
    e.UnrenamableFolder: _forbidden_row("The folder cannot be renamed."),
    e.UndeletableFolder: _forbidden_row("The folder cannot be deleted."),
    e.UnmovableFolder: _forbidden_row("The folder cannot be moved."),
    e.FolderInsideItself: _invalid_row("A folder cannot be put into itself."),
    e.InvalidParentFolder: _invalid_row("No folder can be put there."),
    e.InvalidFolderType: _invalid_row("The folder is not of that kind."),
    e.OccurrenceStays: Row(
        400, "calendar", "cannotChangeOrganizerOfInstance", "The organizer of an instance is that of its series."
    ),
    e.UndeletableCalendar: _forbidden_row("The primary calendar cannot be deleted; it can be cleared."),
    e.NotAllowed: _forbidden_row("Forbidden"),
    e.ItemNotFound: _NOT_FOUND,
    e.FolderNotFound: _NOT_FOUND,
    e.CalendarNotFound: _NOT_FOUND,
    e.PersonNotFound: _NOT_FOUND,
    e.DirectoryObjectNotFound: _NOT_FOUND,
    e.PhotoNotFound: _NOT_FOUND,
    e.ItemGone: Row(410, "global", "deleted", "Resource has been deleted", "googleapis/google-api-python-client#210"),
    e.SyncStateGone: FULL_SYNC,
    e.ChangeKeyMismatch: Row(
        412, "global", "conditionNotMet", "Precondition Failed", GUIDE, "header", "If-Match"
    ),
    e.FolderExists: Row(409, "global", "duplicate", "The requested identifier already exists.", GUIDE),
    e.CalendarExists: Row(409, "global", "duplicate", "A calendar with this name exists already."),
    e.AlreadyExists: Row(
        409, "global", "duplicate", "The requested identifier already exists.", GUIDE
    ),
    e.DirectoryConflict: Row(409, "global", "duplicate", "The requested identifier already exists.", GUIDE),
    e.TokenMissing: Row(
        401, "global", "required", "Login Required", "googleapis/google-api-php-client#1215", "header", "Authorization"
    ),
    e.TokenMalformed: _CREDENTIALS,
    e.TokenExpired: _CREDENTIALS,
    # Google does not say that somebody else's calendar is there.
    e.AccessDenied: _NOT_FOUND,
    e.ScopeMissing: Row(
        403, "global", "insufficientPermissions", "Request had insufficient authentication scopes.",
        "GeneralTask/task-manager#2160",
    ),
    e.DirectoryScopeMissing: _forbidden_row("The token is not for the directory."),
    e.PersonRequired: _forbidden_row("The token is of nobody."),
    e.MailboxOutOfPolicy: _forbidden_row("The application may not touch this calendar."),
    e.RoleTooLow: Row(
        403, "calendar", "requiredAccessLevel", "You need to have writer access to this calendar.",
        "spatie/laravel-google-calendar#95",
    ),
    e.NotAnAdministrator: _forbidden_row("It takes an administrator of the directory."),
    e.MethodNotAllowed: Row(405, "global", "httpMethodNotAllowed", "Method Not Allowed"),
    e.FailedDependency: Row(424, "global", "failedDependency", "A call that this one depends on failed."),
    e.NotEmulated: Row(501, "global", "notImplemented", "Not emulated."),
    e.WorkLimitExceeded: Row(403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded.", GUIDE),
    e.Throttled: Row(403, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded", GUIDE),
    e.Overloaded: Row(503, "global", "backendError", "Backend Error"),
    e.IndexBehind: Row(503, "global", "backendError", "Backend Error"),
    e.StorageFull: Row(503, "global", "backendError", "Backend Error"),
    e.StorageFailed: Row(503, "global", "backendError", "Backend Error"),
    e.FaultOnPurpose: Row(500, "global", "backendError", "Backend Error", GUIDE),
}

# What is answered on purpose, by its reason.
_LIMITS = {
    "rateLimitExceeded": "Rate Limit Exceeded",
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "quotaExceeded": "Calendar usage limits exceeded.",
}


def row_of(error: e.RsvpdError) -> Row:
    """Return how `error` is answered; one without an own row like its class above."""
    if isinstance(error, Refusal):
        return error.row
    if isinstance(error, e.FaultOnPurpose):
        return _on_purpose(error)
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


def _on_purpose(error: e.FaultOnPurpose) -> Row:
    """Return the row of a status that somebody chose; below 500 it is a limit that is said to be exceeded."""
    if error.status >= 500:
        return Row(error.status, "global", error.code or "backendError", "Backend Error", GUIDE)
    reason = error.code or "rateLimitExceeded"
    return Row(error.status, "usageLimits", reason, _LIMITS.get(reason, reason), GUIDE)


def document(error: e.RsvpdError) -> dict[str, Any]:
    """Return the body that says what `error` is."""
    row = row_of(error)
    # A lone surrogate that is echoed cannot be encoded.
    message = (row.message if row.source else _own(error) or row.message).encode("utf-8", "replace").decode()
    one = {"domain": row.domain, "reason": row.reason, "message": message}
    location = row.location or getattr(error, "target", None)
    if row.location_type and location:
        one |= {"locationType": row.location_type, "location": location}
    if isinstance(error, e.ScopeMissing):
        return _scopes_document(row, error)
    return {"error": {"errors": [one], "code": row.status, "message": message}}


def _scopes_document(row: Row, error: e.ScopeMissing) -> dict[str, Any]:
    """Return the body for a token whose scopes are too few, which says more than others (analogdotnow/Analog#296)."""
    resource, _, method = (error.target or "").partition(".")
    called = f"calendar.v3.{resource[:1].upper()}{resource[1:]}.{method[:1].upper()}{method[1:]}"
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", "method": called},
    }
    one = {"message": "Insufficient Permission", "domain": row.domain, "reason": row.reason}
    body = {"code": row.status, "message": row.message, "errors": [one], "status": "PERMISSION_DENIED"}
    return {"error": {**body, "details": [detail]}}


def hints_of(error: e.RsvpdError) -> tuple[Hint, ...]:
    """Return the hint of an error, and for the caller's mistakes what Google's words leave out."""
    row, own = row_of(error), _own(error)
    given = (error.hint,) if isinstance(error, e.DomainError) and error.hint else ()
    # What is kept from the caller (403, 404) stays so.
    if row.status != 400 or not row.source or own in ("", row.message):
        return given
    return (*given, Hint(HintCode.REFUSED_BECAUSE, own))


def _own(error: e.RsvpdError) -> str:
    return str(getattr(error, "message", ""))
