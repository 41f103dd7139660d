"""Why something was refused: a sentence for each kind of error, whichever interface tells it in its own code."""

from __future__ import annotations

from rsvpd import errors as e
from rsvpd.control import pages as p
from rsvpd.control.reasons import BY_HINT, Reason
from rsvpd.hints import HintCode

_INVALID = "The request says what cannot be."

REFUSALS: dict[type[e.RsvpdError], Reason] = {
    e.RsvpdError: Reason(
        "Something went wrong inside the server.", "It is a fault of rsvpd, not of the request.",
        "The log has a line with the same request-id; please report it.", p.ERRORS, p.GUIDE,
    ),
    e.DomainError: Reason(
        "The request was refused.", "The error's own words say why.", "Change what they name.", p.ERRORS, p.GUIDE
    ),
    e.Malformed: Reason(_INVALID, "The error's own words name it.", "Change what they name.", p.ERRORS, p.GUIDE),
    e.MalformedBody: Reason(
        "The body could not be read.", "A body is JSON in UTF-8.", "Send valid JSON.", p.ERRORS, p.GUIDE
    ),
    e.UnsupportedMedia: Reason(
        "The body was not read.", "Its Content-Type is not one that this call takes.",
        "Send Content-Type: application/json.", p.HTTP, p.GUIDE,
    ),
    e.UnsupportedCoding: Reason(
        "The body was not read.", "A body is sent as it is, or in gzip.", "Leave Content-Encoding out.", p.HTTP, p.GUIDE
    ),
    e.TooLarge: Reason(
        "The request was not read to its end.", "What is sent at a time is bounded.",
        "Send less, or raise max_body_bytes.", p.ERRORS, p.GUIDE,
    ),
    e.AttachmentTooLarge: Reason(
        "The attachment was not taken.", "In one request an attachment has at most 3 MB.",
        "POST <attachments>/<createUploadSession>, and send it in pieces.", p.UPLOAD, p.EVENTS,
    ),
    e.ItemTooLarge: Reason(
        "The item was not stored.", "A message with all that is attached has a largest size.",
        "Attach less, or a link.", p.UPLOAD, p.EVENTS,
    ),
    e.UploadTooSmall: Reason(
        "No upload session was made.", "A file under 3 MB is sent as a whole.", "POST attachments.", p.UPLOAD, p.EVENTS
    ),
    e.UploadOutOfOrder: Reason(
        "The piece was not taken.", "Pieces come in their order, without holes.",
        "GET the uploadUrl: nextExpectedRanges says where to go on.", p.UPLOAD, p.EVENTS,
    ),
    e.InvalidMime: Reason(
        "The message was not read.", "MIME content is a whole message of RFC 5322.",
        "Send header lines, an empty line, then the body.", p.SEND, p.GUIDE,
    ),
    e.MimeNotBase64: Reason(
        "The message was not read.", "MIME content is sent in base64, with Content-Type: text/plain.",
        "Encode the message.", p.SEND, p.GUIDE,
    ),
    e.HeadTooLarge: Reason(
        "The header lines were not read.", "What comes before a body is bounded.", "Send fewer headers.",
        p.HTTP, p.GUIDE
    ),
    e.TargetTooLong: Reason(
        "The URL was not read.", "A URL has a largest length.", "Put several calls into a batch, or ask for less.",
        p.BATCHING, p.BATCH,
    ),
    e.MalformedRequest: Reason(
        "This was not HTTP.", "A request follows RFC 9112.", "Use a client that speaks HTTP/1.1.", p.HTTP, p.GUIDE
    ),
    e.RequestTimeout: Reason(
        "The request did not arrive in time.", "Head and body have so many seconds (head_seconds, body_seconds).",
        "Send it again.", p.HTTP, p.GUIDE,
    ),
    e.InvalidHost: Reason(
        "The request was not answered.", "A Host header names one host.", "Send one Host header.", p.HTTP, p.GUIDE
    ),
    e.MisdirectedRequest: Reason(
        "The request was not answered.", "This host is not served here, so that no foreign name leads to a mailbox.",
        "Ask localhost, or name the host in the setting hosts.", p.HTTP, p.GUIDE,
    ),
    e.InvalidProperty: Reason(
        "Nothing was changed: a member has a value that it cannot have.", "The error's own words name it.",
        "Correct that member.", p.EVENT, p.EVENTS,
    ),
    e.UnknownWord: Reason(
        "Nothing was changed: a member has a word that is none of its values.", "Enumerations have fixed words.",
        "Take one of those that the reference lists.", p.EVENT, p.EVENTS,
    ),
    e.UnreadableValue: Reason(
        "Nothing was changed: a value is not of its member's type.", "Types are those of $metadata.",
        "Send a value of that type.", p.EVENT, p.EVENTS,
    ),
    e.StaleSequence: Reason(
        "Nothing was changed: the sequence is below the one there is.", "A revision is never replaced by an older one.",
        "GET the event, and write with its sequence or without one.", p.EVENT, p.EVENTS,
    ),
    e.InvalidHeader: Reason(
        "Nothing was stored: a header of the message cannot be.", "Own headers begin with x-.",
        "Rename it, or leave it out.", p.HEADERS, p.GUIDE,
    ),
    e.TooManyHeaders: Reason(
        "Nothing was stored.", "A message takes at most five headers.", "Send fewer.", p.HEADERS, p.GUIDE
    ),
    e.InvalidExtendedProperty: Reason(
        "Nothing was changed.", "An extended property is named by type, GUID and name or number.",
        "Write String {GUID} Name the-name.", p.EXTENDED, f"{p.GOOGLE}guides/extended-properties",
    ),
    e.InvalidDirectoryValue: Reason(
        "The user was not changed.", "The directory checks values of its own.", "Correct the member that is named.",
        f"{p.API}user-update", p.SHARING,
    ),
    e.UnknownProperty: Reason(
        "Nothing was changed: there is no such member.", "The type that was written has other members.",
        "Compare the spelling with $metadata.", p.EVENT, p.EVENTS,
        in_google="Compare the spelling with the reference of events.",
    ),
    e.MissingProperty: Reason(
        "Nothing was changed: a member is missing.", "The call needs it.", "Send it.", p.EVENT, p.EVENTS
    ),
    e.NoRecipients: Reason(
        "Nothing was sent: nobody is named.", "A message goes to somebody in to, cc or bcc.", "Name a recipient.",
        f"{p.API}user-sendmail", p.EVENTS,
    ),
    e.InvalidTimeZone: Reason(
        "The time zone is not known.", "Zones have names of Windows or of IANA.",
        "Take one that GET me/outlook/<supportedTimeZones> lists, or an IANA name like Europe/Berlin.",
        f"{p.API}resources/datetimetimezone", p.EVENTS,
        in_google="Take an IANA name like Europe/Berlin.",
    ),
    e.InvalidSettingsZone: Reason(
        "The settings were not changed.", "Their time zone is one that outlook/supportedTimeZones names.",
        "Take one of these.", p.SETTINGS, p.EVENTS,
    ),
    e.InvalidRange: Reason(
        "The times were refused.", "What ends does not end before it begins.", "Put end after start.", p.EVENT, p.EVENTS
    ),
    e.ScheduleTooLong: Reason(
        "Free and busy times were not answered.",
        "One question is of at most 62 days, in Google of about three months.",
        "Ask for several windows.", p.SCHEDULE, f"{p.GOOGLE}v3/reference/freebusy/query",
    ),
    e.InvalidWorkingHours: Reason(
        "The settings were not changed.", "Working hours begin before they end.", "Put endTime after startTime.",
        p.SETTINGS, p.EVENTS,
    ),
    e.InvalidReplyTimes: Reason(
        "The automatic replies were not set.", "They end after they begin, and in the future.",
        "Correct scheduledStartDateTime and scheduledEndDateTime.", p.SETTINGS, p.EVENTS,
    ),
    e.EventTooLong: Reason(
        "The event was not stored.", "An event lasts at most five years.", "Make a series of it.", p.EVENT, p.EVENTS
    ),
    e.WindowTooLong: Reason(
        "The window was not answered.", "A calendarView is of at most five years.", "Ask for a shorter one.",
        p.VIEW, p.LIST,
    ),
    e.InvalidRecurrence: Reason(
        "The series was not stored.", "Pattern and range have to say the same days as start.",
        "Correct the member that is named.",
        f"{p.API}resources/patternedrecurrence", f"{p.GOOGLE}concepts/events-calendars",
    ),
    e.InvalidId: Reason(
        "The id is none.", "Ids are opaque: they are those that answers gave, whole and with their case.",
        "Encode it in the URL, and take it from a list.", f"{p.GRAPH}outlook-immutable-id", p.GUIDE,
    ),
    e.InvalidSubscription: Reason(
        "Nobody is subscribed.", "The receiver has to answer a validation within ten seconds with what it was sent.",
        "Look at the receiver's log; answer 200, text/plain, with the decoded validationToken.",
        f"{p.GRAPH}change-notifications-delivery-webhooks", p.PUSH,
    ),
    e.SubscriptionTooLong: Reason(
        "Nobody is subscribed.", "Subscriptions to mail and calendars last at most seven days.",
        "Set an earlier expirationDateTime, and renew it.", p.SUBSCRIPTION, p.PUSH,
    ),
    e.UnsupportedSubscriptionQuery: Reason(
        "Nobody is subscribed.", "A resource of a subscription takes few options.", "Leave them out.",
        p.SUBSCRIPTION, p.PUSH,
    ),
    e.InvalidQuery: Reason(
        "The list was not answered: an option cannot be read.", "Options follow OData, and Google's own reference.",
        "Correct the option that is named; values are percent-encoded.", p.QUERY, p.PARAMETERS,
    ),
    e.UnfilterableProperty: Reason(
        "The list was not answered.", "This member supports no $filter.", "Compare in the program.",
        f"{p.GRAPH}filter-query-parameter", p.PARAMETERS,
    ),
    e.UnsupportedDirectoryQuery: Reason(
        "The list was not answered.", "The directory has questions that need ConsistencyLevel: eventual and $count.",
        "Send both.", p.DIRECTORY, p.PARAMETERS,
    ),
    e.UnknownSegment: Reason(
        "There is no such path.", "A part of it is no word of the interface.", "Compare the path with the reference.",
        f"{p.API}overview", p.PARAMETERS,
    ),
    e.Refused: Reason(
        "It was refused.", "The error's own words say why.", "Do what they name.", p.ERRORS, p.GUIDE
    ),
    e.OrganizerCannotRespond: BY_HINT[HintCode.ORGANIZER_CANNOT_RESPOND],
    e.NotTheOrganizer: BY_HINT[HintCode.NOT_THE_ORGANIZER],
    e.CommentWithoutResponse: Reason(
        "The answer was refused.", "A comment travels in the response, and sendResponse is false.",
        "Leave the <comment> out, or set <sendResponse> true.", p.ACCEPT, p.PATCH,
    ),
    e.ProposalWithoutResponse: Reason(
        "The answer was refused.", "A proposed time travels in the response, and sendResponse is false.",
        "Leave <proposedNewTime> out, or set <sendResponse> true.", f"{p.API}event-tentativelyaccept", p.PATCH,
    ),
    e.ProposalNotAllowed: Reason(
        "The answer was refused.", "The organizer takes no proposals (allowNewTimeProposals is false).",
        "Answer without <proposedNewTime>.", f"{p.API}event-tentativelyaccept", p.PATCH,
    ),
    e.ResponseNotRequested: Reason(
        "The answer was refused.", "The organizer wants no responses (responseRequested is false).",
        "Answer with <sendResponse> false.", p.ACCEPT, p.PATCH,
        in_google="Answer with sendUpdates=none.",
    ),
    e.MeetingIsCancelled: Reason(
        "The answer was refused.", "The meeting was called off.", "DELETE the own copy.", p.ACCEPT, p.PATCH
    ),
    e.NotInvited: Reason(
        "The answer was refused.", "Who answers is on the list.", "Have the organizer invite you.", p.ACCEPT, p.PATCH
    ),
    e.SharedPropertyByGuest: Reason(
        "Nothing was changed.", "What everybody sees is changed by the organizer alone.",
        "Change it as the organizer, or propose another time.", p.UPDATE, p.SHARING,
    ),
    e.NotTheSender: Reason(
        "Nothing was sent.", "Mail goes out in the own name, or in that of who allowed it.",
        "Leave from out, or be given the right to send as or on behalf.", f"{p.GRAPH}outlook-send-mail-from-other-user",
        p.SHARING,
    ),
    e.OccurrenceCrossing: Reason(
        "The occurrence was not moved.", "It may not pass or meet the occurrence before or after it.",
        "Choose a time between its neighbours, or change the series.", p.UPDATE, p.EVENTS,
    ),
    e.InvalidRule: Reason(
        "The rule was not stored.", "A rule has conditions and actions that can be done.",
        "Correct what is named.", p.RULE, p.GUIDE,
    ),
    e.FolderIsWellKnown: Reason(
        "The folder was not changed.", "Inbox, Drafts, Sent Items and their like stay.", "Make a folder of your own.",
        p.FOLDER, p.GUIDE,
    ),
    e.UnrenamableFolder: Reason(
        "The folder was not renamed.", "Inbox, Drafts, Sent Items and their like keep their names.",
        "Make a folder of your own.", p.FOLDER, p.GUIDE,
    ),
    e.UndeletableFolder: Reason(
        "The folder was not deleted.", "Inbox, Drafts, Sent Items and their like stay.",
        "Delete the messages in it.", p.FOLDER, p.GUIDE,
    ),
    e.UnmovableFolder: Reason(
        "The folder was not moved.", "Inbox, Drafts, Sent Items and their like stay where they are.",
        "Move the messages in it.", p.FOLDER, p.GUIDE,
    ),
    e.FolderInsideItself: Reason(
        "The folder was not moved.", "A folder cannot be put into itself.", "Choose another destination.",
        f"{p.API}mailfolder-move", p.GUIDE,
    ),
    e.InvalidParentFolder: Reason(
        "The folder was not made.", "A search folder holds no folders.", "Choose another parent.",
        f"{p.API}resources/mailsearchfolder", p.GUIDE,
    ),
    e.InvalidFolderType: Reason(
        "It was not put there.", "The folder is not of that kind.", "Choose a folder of messages.", p.FOLDER, p.GUIDE
    ),
    e.OccurrenceStays: Reason(
        "The occurrence was not moved to another calendar.", "Occurrences stay with their series.",
        "Move the series.", p.UPDATE, f"{p.EVENTS}/move",
    ),
    e.UndeletableCalendar: Reason(
        "The calendar was not deleted.", "The default calendar stays.", "DELETE its events.",
        f"{p.API}calendar-delete", f"{p.GOOGLE}v3/reference/calendars/clear",
        in_google="Call calendars.clear.",
    ),
    e.NotAllowed: Reason(
        "It was refused.", "The error's own words say why.", "Do what they name.", p.ERRORS, p.GUIDE
    ),
    e.Missing: Reason(
        "There is no such thing.", "It was deleted, or is not in this mailbox.", "Take the id from a list.",
        p.ERRORS, p.GUIDE,
    ),
    e.ItemNotFound: Reason(
        "There is no such item in this mailbox.",
        "Ids belong to one mailbox, and an item that is moved or declined has another one or none.",
        "Find it by GET me/<events>?$filter=iCalUId eq '…'.",
        f"{p.GRAPH}outlook-immutable-id", p.GUIDE,
        in_google="Call events.list with iCalUID.",
    ),
    e.FolderNotFound: Reason(
        "There is no such folder.", "Folders have ids, and the well-known ones names like inbox.",
        "GET me/<mailFolders>.", p.FOLDER, p.GUIDE,
    ),
    e.CalendarNotFound: Reason(
        "There is no such calendar.", "A calendar is seen by its owner and by those it is shared with.",
        "GET me/<calendars>.", f"{p.API}user-list-calendars", p.GUIDE,
        in_google="Call calendarList.list.",
    ),
    e.PersonNotFound: Reason(
        "Nobody here is called so.", "A user is named by address or id.", "`rsvpd user list` says who lives here.",
        f"{p.API}user-get", p.GUIDE,
    ),
    e.DirectoryObjectNotFound: Reason(
        "The directory has no such user.", "A user is named by address or id.",
        "`rsvpd user list` says who lives here.", f"{p.API}user-get", p.GUIDE,
    ),
    e.PhotoNotFound: Reason(
        "There is no picture.", "Nobody has one before it was put there.", "PUT photo/$value.",
        f"{p.API}profilephoto-get", p.GUIDE,
    ),
    e.SubscriptionNotFound: Reason(
        "There is no such subscription.", "It ended, or is another application's.",
        "POST subscriptions makes another one.", p.SUBSCRIPTION, p.PUSH,
    ),
    e.ItemGone: Reason(
        "The item was deleted before.", "What is deleted cannot be deleted or changed again.",
        "Nothing is left to do.", p.ERRORS, p.GUIDE,
    ),
    e.SyncStateGone: Reason(
        "What changed since then is not known any more.", "Tokens of delta and sync end with what they refer to.",
        "Begin anew without the token, and compare.", p.DELTA, p.SYNC,
    ),
    e.Conflict: Reason(
        "It does not fit what is there.", "The error's own words say why.", "Read it anew.",
        p.ERRORS, p.GUIDE,
    ),
    e.ChangeKeyMismatch: Reason(
        "Nothing was changed: somebody else was faster.",
        "If-Match lets a write happen only to the state that was read.",
        "GET the item, decide again, and write with its new @odata.etag.", p.ERRORS,
        f"{p.GOOGLE}guides/version-resources",
    ),
    e.FolderExists: Reason(
        "The folder was not made.",
        "Names are unique inside a folder.", "Take another name, or the folder that is there.",
        p.FOLDER, p.GUIDE,
    ),
    e.CalendarExists: Reason(
        "The calendar was not made.", "Names of calendars are unique.", "Take another name.",
        f"{p.API}user-post-calendars", p.GUIDE,
    ),
    e.AlreadyExists: Reason(
        "Nothing was made: something of this identity is there already.", "Identifiers are unique.",
        "Take another one, or change what is there.", p.ERRORS, p.GUIDE,
    ),
    e.DirectoryConflict: Reason(
        "Nobody was added.", "An address belongs to one user.", "Take another address.",
        f"{p.API}user-post-users", p.GUIDE
    ),
    e.NotAuthenticated: Reason(
        "Nobody is signed in.", "A request carries a bearer token of this server.", "`rsvpd token WHO` prints one.",
        p.AUTH, p.SCOPES,
    ),
    e.TokenMissing: Reason(
        "There is no token.", "A request carries Authorization: Bearer, and a token.",
        "`rsvpd token WHO` prints one.", p.AUTH, p.SCOPES,
    ),
    e.TokenMalformed: Reason(
        "The token is none of this server.", "Tokens are signed with the key of the data file that they belong to.",
        "`rsvpd token WHO` prints one; a new data file has another key.", p.AUTH, p.SCOPES,
    ),
    e.TokenExpired: Reason(
        "The token is over.", "Tokens live for token_lifetime_seconds.", "Renew it with the refresh token.",
        p.AUTH, p.SCOPES,
    ),
    e.AccessDenied: Reason(
        "The mailbox was not opened.", "Its owner, delegates, and those it is shared with may.",
        "Have the owner share it, or ask as the owner.", f"{p.GRAPH}outlook-share-or-delegate-calendar", p.SHARING,
    ),
    e.TokenTooNarrow: BY_HINT[HintCode.SCOPE_MISSING],
    e.ScopeMissing: BY_HINT[HintCode.SCOPE_MISSING],
    e.DirectoryScopeMissing: Reason(
        "The directory was not opened to this token.", "Calls of the directory have permissions of their own.",
        "Ask for the scope that the hint names, as User.Read.All.", p.PERMISSIONS, p.SCOPES,
    ),
    e.PersonRequired: Reason(
        "/me is nobody.", "An application that signs in by itself has no mailbox of its own.",
        "Call users/{address}.", f"{p.GRAPH}auth-v2-service", p.SCOPES,
    ),
    e.MailboxOutOfPolicy: Reason(
        "The mailbox was not opened.",
        "The application may touch certain mailboxes alone (its application access policy).",
        "Name the mailbox among its mailboxes in the settings.", f"{p.GRAPH}auth-limit-mailbox-access", p.SCOPES,
    ),
    e.RoleTooLow: Reason(
        "It was refused.", "The calendar is shared with less than this takes.", "Have its owner give a higher role.",
        f"{p.API}resources/calendarpermission", f"{p.GOOGLE}v3/reference/acl",
    ),
    e.NotAnAdministrator: BY_HINT[HintCode.ADMINISTRATOR_NEEDED],
    e.MethodNotAllowed: Reason(
        "The path does not take this method.", "The header Allow names those that it takes.", "Use one of these.",
        p.HTTP, p.PARAMETERS,
    ),
    e.FailedDependency: Reason(
        "The request of the batch was not asked.", "One that it depends on failed.", "Look at that one.",
        p.BATCHING, p.BATCH,
    ),
    e.NotEmulated: Reason(
        "The real service has this, and rsvpd has not yet.", "What is not emulated says so (docs/parity.md).",
        "`rsvpd doctor` has the short list.", f"{p.API}overview", p.PARAMETERS,
    ),
    e.WorkLimitExceeded: BY_HINT[HintCode.WORK_LIMIT],
    e.Unavailable: Reason(
        "Nothing was done.", "The server cannot answer at present.", "Try again after Retry-After seconds.",
        p.ERRORS, p.GUIDE,
    ),
    e.Overloaded: Reason(
        "Nothing was done.", "Too much is waiting already.", "Try again after Retry-After seconds.",
        p.THROTTLING, p.GUIDE
    ),
    e.Throttled: Reason(
        "It was not begun.", "Of requests that take long, one person has few under way at a time.",
        "Wait for the answers to the others; honour Retry-After.", p.THROTTLING, p.GUIDE,
    ),
    e.IndexBehind: Reason(
        "The search was not answered.", "The words of this mailbox are still being indexed.",
        "Try again after Retry-After seconds; each try goes on with that.", p.SEARCH, p.LIST,
    ),
    e.FaultOnPurpose: Reason(
        "Nothing was done.", "A fault that somebody set says so (X-Rsvpd-Fault).",
        "`rsvpd fault list` shows it, `rsvpd fault remove NAME` takes it away.", p.THROTTLING, p.GUIDE,
    ),
    e.StorageFull: Reason(
        "Nothing was stored.", "The disk is full.", "Make room: `rsvpd doctor` says where.", p.ERRORS, p.GUIDE
    ),
    e.StorageFailed: Reason(
        "Nothing was done.", "The data cannot be read or written.", "`rsvpd doctor` says more.", p.ERRORS, p.GUIDE
    ),
}  # fmt: skip
