"""Errors in the words of this dialect: status, code and message for every error of the domain.

`verbatim` rows are what the services say, word for word, and clients compare them; in the others
the error's own message is shown, and the row's only where it has none. Outlook REST differs from
Graph in a few codes and in having no `innerError`. A test walks the tree of errors, so that none
is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from rsvpd import clock, errors
from rsvpd.dialects.microsoft.exchange import hints
from rsvpd.dialects.microsoft.exchange.preferences import VERSION, Metadata, client_request_id, content_type
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.wire import Request, Response


class Row(Struct, frozen=True):
    """How one error is told. `verbatim`: the message is the protocol's, whatever the domain has to say."""

    status: int
    code: str
    message: str
    verbatim: bool = False


def _verbatim(status: int, code: str, message: str) -> Row:
    return Row(status, code, message, verbatim=True)


Table = Mapping[type[errors.RsvpdError], Row]

COMMON: Table = {
    errors.RsvpdError: _verbatim(500, "InternalServerError", "The server failed to answer the request."),
    errors.Unavailable: Row(503, "ServiceUnavailable", "The service is not available. Try again later."),
    errors.Overloaded: Row(503, "ServiceUnavailable", "The service is busy. Try again later."),
    # 507 is in Graph's table of statuses; the codes are those of Exchange (EWS ResponseCodeType).
    errors.StorageFull: Row(507, "ErrorQuotaExceeded", "There is no room left to store this."),
    errors.StorageFailed: Row(503, "ErrorMailboxStoreUnavailable", "The mailbox store is not available."),
    errors.Throttled: _verbatim(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    errors.IndexBehind: Row(503, "ServiceUnavailable", "The mailbox is being indexed. Try again later."),
    # Malformed
    errors.Malformed: Row(400, "BadRequest", "The request cannot be understood."),
    errors.MalformedBody: Row(400, "BadRequest", "The request body is not valid JSON."),
    errors.UnsupportedMedia: Row(415, "UnsupportedMediaType", "The Content-Type is not application/json."),
    errors.TooLarge: Row(413, "RequestEntityTooLarge", "The request is too large."),
    # The codes are those of Exchange (EWS ResponseCodeType); microsoft-graph-docs-contrib#2561, #4690.
    errors.AttachmentTooLarge: Row(
        413, "ErrorAttachmentSizeLimitExceeded", "The attachment is larger than can be sent at a time."
    ),
    errors.ItemTooLarge: _verbatim(
        413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size."
    ),
    errors.UploadTooSmall: Row(
        400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", "The file is small enough to be sent as a whole."
    ),
    errors.UploadOutOfOrder: Row(416, "ErrorInvalidRange", "These bytes are not the ones that come next."),
    errors.InvalidMime: Row(400, "ErrorMimeContentInvalid", "The MIME content is not valid."),
    errors.MimeNotBase64: _verbatim(
        400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content."
    ),
    errors.UnsupportedCoding: Row(415, "UnsupportedMediaType", "The Content-Encoding is neither gzip nor identity."),
    errors.HeadTooLarge: Row(431, "RequestHeaderFieldsTooLarge", "The header lines are too large."),
    errors.TargetTooLong: Row(414, "RequestUriTooLong", "The URL is too long."),
    errors.MalformedRequest: Row(400, "BadRequest", "This is not an HTTP request."),
    errors.RequestTimeout: Row(408, "RequestTimeout", "The request did not arrive in time."),
    errors.InvalidHost: Row(400, "BadRequest", "The Host header has to name one host."),
    errors.MisdirectedRequest: Row(421, "MisdirectedRequest", "This host is not served here."),
    errors.InvalidProperty: Row(400, "ErrorPropertyValidationFailure", "A property has an impossible value."),
    # learn.microsoft.com/graph/api/user-update-mailboxsettings, Errors
    errors.UnknownWord: Row(400, "InvalidArguments", "The requested value was not found."),
    errors.UnreadableValue: Row(400, "RequestBodyRead", "Cannot convert a literal to the expected type."),
    errors.InvalidSettingsZone: _verbatim(400, "InvalidTimeZone", "Time Zone settings provided are invalid."),
    errors.InvalidWorkingHours: _verbatim(
        400, "ErrorInvalidTimeSettings", "Start Time should occur before End Time."
    ),
    # EWS ResponseCodeType; ecederstrand/exchangelib#617
    errors.InvalidReplyTimes: Row(
        400,
        "ErrorInvalidScheduledOofDuration",
        "The scheduled duration for sending automatic replies isn't valid.",
    ),
    errors.StaleSequence: Row(400, "ErrorInvalidRequest", "The event has a later revision."),
    # learn.microsoft.com/answers/questions/762243
    errors.InvalidHeader: Row(400, "InvalidInternetMessageHeader", "A header of a message is not valid."),
    errors.TooManyHeaders: _verbatim(
        400,
        "InvalidInternetMessageHeaderCollection",
        "Maximum number of headers in one message should be less than or equal to 5.",
    ),
    # The directory's own codes: learn.microsoft.com/graph/aad-advanced-queries, learn.microsoft.com/graph/errors.
    errors.InvalidDirectoryValue: Row(400, "Request_BadRequest", "Invalid value specified for a property."),
    errors.UnsupportedDirectoryQuery: Row(400, "Request_UnsupportedQuery", "Unsupported Query."),
    # microsoftgraph/msgraph-sdk-dotnet#1891
    errors.NoRecipients: _verbatim(
        400,
        "ErrorInvalidRecipients",
        "At least one recipient is not valid., A message can't be sent because it contains no recipients.",
    ),
    # microsoftgraph/microsoft-graph-docs#2251
    errors.InvalidExtendedProperty: _verbatim(
        400, "ErrorInvalidExtendedProperty", "The extended property attribute combination is invalid."
    ),
    errors.UnknownProperty: Row(400, "RequestBodyRead", "The type has no such property."),
    errors.MissingProperty: Row(400, "ErrorInvalidParameter", "A required property is missing."),
    errors.InvalidTimeZone: Row(400, "TimeZoneNotSupportedException", "The time zone is not supported."),
    errors.InvalidRange: Row(
        400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end date is earlier than the start date."
    ),
    errors.EventTooLong: Row(400, "ErrorCalendarDurationIsTooLong", "The event lasts too long."),
    errors.WindowTooLong: Row(400, "ErrorCalendarViewRangeTooBig", "The window is too long."),
    errors.ScheduleTooLong: Row(400, "ErrorTimeIntervalTooBig", "The time range is too long."),
    errors.InvalidRecurrence: Row(400, "ErrorCalendarInvalidRecurrence", "The recurrence is not valid."),
    # splunk/azure-functions-splunk#26, microsoftgraph/microsoft-graph-docs#2988
    errors.InvalidSubscription: Row(400, "ValidationError", "Subscription validation request failed."),
    errors.UnsupportedSubscriptionQuery: Row(400, "ExtensionError", "The resource has options that cannot be."),
    errors.SubscriptionTooLong: Row(400, "ExtensionError", "Subscription expiration is too far in the future."),
    errors.InvalidId: _verbatim(400, "ErrorInvalidIdMalformed", "Id is malformed."),
    errors.InvalidQuery: Row(400, "BadRequest", "A query option cannot be read."),
    errors.UnfilterableProperty: Row(400, "ErrorInvalidProperty", "The property does not support filtering."),
    errors.UnknownSegment: Row(400, "RequestBroker--ParseUri", "Resource not found for the segment."),
    # Refused
    errors.Refused: Row(400, "ErrorInvalidRequest", "Your request can't be completed."),
    errors.OrganizerCannotRespond: _verbatim(
        400,
        "ErrorInvalidRequest",
        "Your request can't be completed. You can't respond to this meeting because you're "
        "the meeting organizer.",
    ),
    errors.NotTheOrganizer: _verbatim(
        400,
        "ErrorInvalidRequest",
        "Your request can't be completed. You need to be an organizer to cancel a meeting.",
    ),
    errors.CommentWithoutResponse: _verbatim(
        400, "ErrorInvalidParameter", "'SendResponse' must be true when 'Comment' is not null."
    ),
    errors.ProposalWithoutResponse: _verbatim(
        400, "ErrorInvalidParameter", "'SendResponse' must be true when 'ProposedNewTime' is not null."
    ),
    errors.ProposalNotAllowed: Row(
        400, "ErrorInvalidParameter", "The organizer of this meeting does not allow new times to be proposed."
    ),
    errors.ResponseNotRequested: _verbatim(
        400,
        "ErrorInvalidRequest",
        "Your request can't be completed. The meeting organizer hasn't requested a response.",
    ),
    errors.MeetingIsCancelled: Row(
        400, "ErrorInvalidRequest", "Your request can't be completed. The meeting has been cancelled."
    ),
    errors.NotInvited: Row(
        400, "ErrorInvalidRequest", "Your request can't be completed. You are not invited to this meeting."
    ),
    errors.SharedPropertyByGuest: Row(
        403, "ErrorAccessDenied", "Only the organizer can change what all attendees share."
    ),
    errors.NotTheSender: _verbatim(
        403,
        "ErrorSendAsDenied",
        "The user account which was used to submit this request does not have the right to send mail on "
        "behalf of the specified sending account.",
    ),
    errors.OccurrenceCrossing: _verbatim(
        400,
        "ErrorOccurrenceCrossingBoundary",
        "Modified occurrence is crossing or overlapping adjacent occurrence.",
    ),
    # The codes are those of Exchange (EWS ResponseCodeType).
    errors.InvalidRule: Row(400, "ErrorInboxRulesValidationError", "The rule is not valid."),
    errors.FolderIsWellKnown: Row(400, "ErrorInvalidRequest", "Your request can't be completed."),
    errors.UnrenamableFolder: Row(403, "ErrorAccessDenied", "A distinguished folder cannot be renamed."),
    errors.UndeletableFolder: Row(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted."),
    errors.UnmovableFolder: Row(400, "ErrorMoveDistinguishedFolder", "Distinguished folders cannot be moved."),
    errors.FolderInsideItself: Row(400, "ErrorMoveCopyFailed", "A folder cannot be put into itself."),
    # The codes are those of Exchange Web Services (ResponseCode).
    errors.InvalidParentFolder: Row(
        400, "ErrorInvalidParentFolder", "Cannot create a subfolder within a SearchFolder."
    ),
    errors.InvalidFolderType: Row(
        400, "ErrorInvalidFolderTypeForOperation", "The folder type is not valid for the operation."
    ),
    errors.OccurrenceStays: Row(
        400, "ErrorCalendarCannotMoveOrCopyOccurrence", "An occurrence cannot be moved or copied."
    ),
    errors.UndeletableCalendar: Row(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted."),
    errors.NotAllowed: Row(400, "ErrorInvalidRequest", "Your request can't be completed."),
    # Missing
    errors.Missing: Row(404, "ErrorItemNotFound", "The specified object was not found in the store."),
    errors.ItemNotFound: _verbatim(
        404, "ErrorItemNotFound", "The specified object was not found in the store."
    ),
    errors.FolderNotFound: Row(
        404, "ErrorFolderNotFound", "The specified folder could not be found in the store."
    ),
    errors.CalendarNotFound: Row(
        404, "ErrorFolderNotFound", "The specified folder could not be found in the store."
    ),
    errors.SubscriptionNotFound: _verbatim(404, "ResourceNotFound", "The object was not found."),
    errors.PersonNotFound: Row(404, "ResourceNotFound", "Resource could not be discovered."),
    # msgraph-sdk-dotnet#2673, ms-identity-dotnetcore-b2c-account-management#23
    errors.PhotoNotFound: _verbatim(
        404,
        "ImageNotFound",
        "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
    ),
    errors.DirectoryObjectNotFound: Row(404, "ResourceNotFound", "Resource could not be discovered."),
    errors.SyncStateGone: Row(410, "SyncStateNotFound", "The sync state generation is not found."),
    errors.ItemGone: _verbatim(404, "ErrorItemNotFound", "The specified object was not found in the store."),
    # Conflict
    errors.Conflict: Row(409, "Conflict", "The request conflicts with what is there."),
    errors.ChangeKeyMismatch: _verbatim(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request "
        "does not match the current change key for the item.",
    ),
    errors.FolderExists: _verbatim(
        409, "ErrorFolderExists", "A folder with the specified name already exists."
    ),
    # The code is that which programs meet: alcionai/corso#3318.
    errors.CalendarExists: Row(409, "ErrorFolderExists", "A folder with the specified name already exists."),
    errors.AlreadyExists: Row(409, "Conflict", "An item with this identity already exists."),
    errors.DirectoryConflict: _verbatim(
        400,
        "Request_BadRequest",
        "Another object with the same value for property userPrincipalName already exists.",
    ),
    # Who may
    errors.NotAuthenticated: Row(401, "InvalidAuthenticationToken", "Access token is not valid."),
    errors.TokenMissing: _verbatim(401, "InvalidAuthenticationToken", "Access token is empty."),
    errors.TokenMalformed: Row(401, "InvalidAuthenticationToken", "CompactToken parsing failed."),
    errors.TokenExpired: _verbatim(401, "InvalidAuthenticationToken", "Access token has expired."),
    errors.AccessDenied: _verbatim(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    errors.NotAnAdministrator: _verbatim(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    errors.RoleTooLow: _verbatim(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    errors.TokenTooNarrow: Row(403, "ErrorAccessDenied", "The token is not for this."),
    errors.ScopeMissing: _verbatim(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    errors.DirectoryScopeMissing: _verbatim(
        403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
    ),
    errors.PersonRequired: _verbatim(
        400, "BadRequest", "/me request is only valid with delegated authentication flow."
    ),
    errors.MailboxOutOfPolicy: _verbatim(403, "ErrorAccessDenied", "Access to OData is disabled."),
    errors.MethodNotAllowed: Row(405, "ErrorMethodNotAllowed", "The method is not allowed here."),
    # RFC 4918 11.4; the word is that of its status.
    errors.FailedDependency: Row(424, "FailedDependency", "A request that this one depends on failed."),
    errors.NotEmulated: Row(501, "NotImplemented", "The real service has this, and rsvpd has not yet."),
    # The services say UnknownError and nothing more (microsoftgraph/microsoft-graph-docs#5853).
    errors.WorkLimitExceeded: Row(504, "UnknownError", "The request takes too long to answer."),
    errors.DomainError: Row(400, "BadRequest", "The request cannot be answered."),
    errors.FaultOnPurpose: _verbatim(500, "InternalServerError", "The server failed to answer the request."),
}

# What is answered on purpose, by the status that was chosen (learn.microsoft.com/graph/errors).
_ON_PURPOSE: Mapping[int, tuple[str, str]] = {
    429: ("ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    500: ("InternalServerError", "The server failed to answer the request."),
    501: ("NotImplemented", "The requested feature is not implemented."),
    502: ("BadGateway", "The gateway got no valid answer."),
    503: ("ServiceUnavailable", "The service is not available. Try again later."),
    504: ("GatewayTimeout", "The gateway got no answer in time."),
    507: ("ErrorQuotaExceeded", "There is no room left to store this."),
    509: ("BandwidthLimitExceeded", "The bandwidth limit is exceeded. Try again later."),
}
_UNUSUAL = ("UnknownError", "The request cannot be answered.")

# What a namespace says otherwise, and the codes of query options by the option at fault.
_OTHERWISE: Mapping[str, Table] = {
    "microsoft.graph": {
        errors.DirectoryScopeMissing: _verbatim(
            403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
        ),
        errors.NotAnAdministrator: _verbatim(
            403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
        ),
        errors.DirectoryObjectNotFound: Row(404, "Request_ResourceNotFound", "Resource does not exist."),
    },
    "Microsoft.OutlookServices": {
        errors.InvalidQuery: Row(400, "ErrorInvalidUrlQuery", "A query option cannot be read."),
        **dict.fromkeys(
            (errors.PersonNotFound, errors.DirectoryObjectNotFound),
            _verbatim(404, "MailboxNotEnabledForRESTAPI", "REST API is not yet supported for this mailbox."),
        ),
    }
}
_OPTION_CODES: Mapping[str, Mapping[str, str]] = {
    "microsoft.graph": {
        "$filter by type": "ErrorInvalidUrlQueryFilter",
        "$select without a cast": "RequestBroker--ParseUri",
        "$search with $filter": "SearchWithFilter",
        "$search with $orderBy": "SearchWithOrderBy",
        "$search without ConsistencyLevel": "Request_UnsupportedQuery",
    },
    "Microsoft.OutlookServices": {
        "$filter": "ErrorInvalidUrlQueryFilter",
        "$filter by type": "ErrorInvalidUrlQueryFilter",
        "$select": "BadRequest",
        "$expand": "BadRequest",
    }
}
# Members that no filter may ask about, by their first step, where that has a code of its own
# (microsoftgraph/microsoft-graph-docs-contrib#8066).
_MEMBER_CODES: Mapping[str, Mapping[str, str]] = {"microsoft.graph": {"attendees": "UnsupportedEntityExpression"}}


def row(profile: Profile, error: errors.RsvpdError) -> Row:
    """Return how `error` is told in this profile; a class without a row of its own is told as its parent."""
    if isinstance(error, errors.FaultOnPurpose):
        code, message = _ON_PURPOSE.get(error.status, _UNUSUAL)
        return _verbatim(error.status, error.code or code, message)
    otherwise = _OTHERWISE.get(profile.namespace, {})
    kind: type[errors.RsvpdError] = next(
        kind for kind in type(error).__mro__ if kind in COMMON  # RsvpdError is, so there always is one
    )
    found = otherwise.get(kind) or COMMON[kind]
    target = str(getattr(error, "target", ""))
    if kind is errors.InvalidQuery:
        code = _OPTION_CODES.get(profile.namespace, {}).get(target, found.code)
    elif kind is errors.UnfilterableProperty:
        code = _MEMBER_CODES.get(profile.namespace, {}).get(target.partition("/")[0].lower(), found.code)
    else:
        return found
    return Row(found.status, code, found.message)


def refuse(profile: Profile, request: Request, error: errors.RsvpdError) -> Response:
    """Return the answer that tells `error`."""
    entry = row(profile, error)
    own = "" if entry.verbatim else getattr(error, "message", "")
    # A lone surrogate that is echoed cannot be encoded.
    message = (own or entry.message).encode("utf-8", "replace").decode()
    inside: dict[str, object] = {"code": entry.code, "message": message}
    if profile.error_has_inner:
        inside["innerError"] = {
            "date": clock.to_datetime(request.now).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request.request_id,
            "client-request-id": client_request_id(request) or request.request_id,
        }
    return Response(
        status=entry.status,
        headers=(
            ("Content-Type", content_type(Metadata.MINIMAL)),
            VERSION,
            *_particular(error),
            *hints.headers(
                profile, hints.of_error(error), event=hints.event_path(profile, request.path)
            ),
        ),
        body=msgspec.json.encode({"error": inside}),
        problem=type(error),
    )


def _particular(error: errors.RsvpdError) -> tuple[tuple[str, str], ...]:
    """Return the headers that go with one kind of error."""
    match error:
        case errors.TokenMissing():
            return (("WWW-Authenticate", 'Bearer realm="rsvpd"'),)
        case errors.NotAuthenticated():
            return (("WWW-Authenticate", 'Bearer realm="rsvpd", error="invalid_token"'),)
        case errors.MethodNotAllowed():
            return (("Allow", error.target or ""),)
        case errors.Unavailable():
            return (("Retry-After", str(error.retry_after)),)
    return ()
