"""Why something was ignored or answered otherwise: a sentence for each kind of hint.

A hint names the call to make with the ids of its request; what stands here is the rule behind it, and where that is
written. `refusals.py` has the same for errors.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.control import pages as p
from rsvpd.hints import HintCode


class Reason(Struct, frozen=True):
    """What happened, by which rule, what to call instead, and on whose page that is.

    Words in angle brackets are spelled as the profile does. `google` is the page and `in_google` the call in Google's
    case, where these are others.
    """

    what: str
    rule: str
    instead: str
    page: str
    google: str = ""
    in_google: str = ""


BY_HINT: dict[HintCode, Reason] = {
    HintCode.ATTENDEE_STATUS_IGNORED: Reason(
        "The status of an attendee was ignored, and nobody was told.",
        "Everybody answers for themselves: only a response of the attendee changes what the organizer sees.",
        "POST <accept>, <tentativelyAccept> or <decline> on the attendee's own event.",
        p.ACCEPT, p.PATCH,
        in_google="PATCH the event with the attendee's own token and the own entry in attendees[].",
    ),
    HintCode.ATTENDEE_LIST_IGNORED: Reason(
        "The list of attendees was ignored.",
        "Only the organizer changes who is invited; an attendee's copy shows the organizer's list.",
        "PATCH the organizer's event to invite; to answer, POST <accept>, <tentativelyAccept> or <decline>.",
        p.UPDATE, p.INVITING,
        in_google="PATCH the organizer's event to invite; to answer, PATCH the own entry in attendees[].",
    ),
    HintCode.SHARED_PROPERTY_LOCAL: Reason(
        "What belongs to all was changed in this copy only, and the organizer's next update takes it away.",
        "An attendee writes over the own copy alone; what everybody sees is the organizer's.",
        "POST <tentativelyAccept> or <decline> with <proposedNewTime>, or PATCH the event as the organizer.",
        p.UPDATE, p.INVITING,
        in_google="PATCH the event as the organizer, or ask with a comment in the own entry of attendees[].",
    ),
    HintCode.PROPERTIES_IGNORED: Reason(
        "Members that cannot be written were left out, and the rest was done.",
        "Clients send whole items back as they read them: what is read-only is passed over.",
        "Leave them out; $metadata says what can be written.",
        p.EVENT, p.EVENTS,
        in_google="Leave them out; the reference of events says what can be written.",
    ),
    HintCode.ORGANIZER_CANNOT_RESPOND: Reason(
        "An answer to the own meeting was refused.",
        "The organizer is not asked, and so cannot answer.",
        "Answer as an attendee, with the id that the event has there; the organizer may PATCH it or POST <cancel>.",
        p.ACCEPT, p.PATCH,
        in_google="Answer with an attendee's token; as the organizer PATCH or DELETE the event.",
    ),
    HintCode.ID_OF_ANOTHER_MAILBOX: Reason(
        "The id was not found, since it is one of another mailbox.",
        "Each person's copy of a meeting has an id of its own; what they have in common is iCalUId.",
        "GET me/events with $filter=iCalUId eq '…' in this mailbox.",
        p.EVENT, p.LIST,
        in_google="Call events.list with iCalUID in this calendar.",
    ),
    HintCode.NOT_THE_ORGANIZER: Reason(
        "The meeting was not called off.",
        "Only the organizer cancels a meeting.",
        "POST <decline> as an attendee.",
        p.CANCEL, p.GUIDE,
        in_google="DELETE the event from the own calendar, or PATCH the own entry in attendees[].",
    ),
    HintCode.RESPONSE_NOT_SENT: Reason(
        "The answer stands in this copy only: the organizer was not told.",
        "With sendResponse false, or sendUpdates none, no message leaves.",
        "POST the answer again with <sendResponse> true.",
        p.ACCEPT, p.PATCH,
        in_google="PATCH the own entry again, with sendUpdates=all.",
    ),
    HintCode.PRIVATE_COPY: Reason(
        "Nobody on the list was invited or told of anything.",
        "An event that was made with privateCopy, or imported, is of its owner alone.",
        "Make another one: POST me/events.",
        p.CREATE, f"{p.EVENTS}/import",
        in_google="Call events.insert without privateCopy.",
    ),
    HintCode.ONLINE_MEETING_IGNORED: Reason(
        "No online meeting was made.",
        "The provider that was asked for is not one that this mailbox has.",
        "Write the link into <body> or <location>.",
        p.EVENT, f"{p.GOOGLE}guides/create-events",
        in_google="Write the link into description or location.",
    ),
    HintCode.EVENT_LEFT_CALENDAR: Reason(
        "The event is in Deleted Items, and its id is not found any more.",
        "Outlook takes what is declined out of the calendar; no call of REST answers it again.",
        "GET me/<calendarView> shows what is left; the organizer's next full update brings it back.",
        f"{p.API}event-decline", p.LIST,
        in_google="Call events.list with showDeleted=true.",
    ),
    HintCode.ALREADY_INVITED: Reason(
        "Nobody was added: whoever was named is invited already, and got the request once more.",
        "Somebody stands on a list once.",
        "Answer the first request in that mailbox: POST <accept>.",
        p.FORWARD, p.EVENTS,
        in_google="PATCH the own entry in attendees[] of the event in that calendar.",
    ),
    HintCode.FORWARD_TO_ORGANIZER: Reason(
        "Nothing was sent to the organizer.",
        "The organizer has the meeting, and is told of forwards by a notification.",
        "POST <forward> to somebody else; words for the organizer go into the <comment> of an answer.",
        p.FORWARD, p.EVENTS,
        in_google="PATCH attendees[] with somebody else; words for the organizer go into the comment of the own entry.",
    ),
    HintCode.REMINDER_IS_OFF: Reason(
        "Nothing was done, since the event has no reminder.",
        "Only a reminder that is set is dismissed or snoozed.",
        "PATCH the event with <isReminderOn> true and <reminderMinutesBeforeStart>.",
        p.SNOOZE, f"{p.GOOGLE}concepts/reminders",
        in_google="PATCH the event with reminders.overrides.",
    ),
    HintCode.REMINDER_OF_ONE: Reason(
        "Only the reminder of one occurrence was changed.",
        "A series is reminded of occurrence by occurrence.",
        "GET me/<reminderView> lists them with their ids.",
        p.SNOOZE, f"{p.GOOGLE}concepts/reminders",
        in_google="Call events.instances, and PATCH the one that is meant.",
    ),
    HintCode.CHANGED_FOR_ALL: Reason(
        "The meeting was changed for everybody, by a guest.",
        "Its organizer lets guests modify it (Google: guestsCanModify).",
        "GET the event shows what it is now; its organizer ends it in Google, with guestsCanModify false.",
        p.UPDATE, p.INVITING,
        in_google="Call events.get to see what it is now; the organizer ends it with guestsCanModify false.",
    ),
    HintCode.COMMENT_DROPPED: Reason(
        "The comment reached nobody.",
        "It travels in the cancellations, and nobody is invited.",
        "POST me/<sendMail> tells people something.",
        p.CANCEL, f"{p.EVENTS}/delete",
        in_google="PATCH the event with attendees[] first, then DELETE it with sendUpdates=all.",
    ),
    HintCode.INVITATION_OUT_OF_DATE: Reason(
        "What was answered is the meeting as it is now, not as the invitation says.",
        "An answer is to the event, which has the organizer's newest word; isOutOfDate marks older requests.",
        "GET the event before answering.",
        f"{p.API}resources/eventmessagerequest", p.EVENTS,
    ),
    HintCode.REFUSED_BECAUSE: Reason(
        "The request was refused, in words of the service that do not say what is wrong; the hint does.",
        "Programs compare the service's words, so they stay as they are.",
        "Change what the hint names.",
        p.ERRORS, p.GUIDE,
    ),
    HintCode.ENDLESS_SERIES_CUT: Reason(
        "Occurrences of endless series were listed to a date only.",
        "A series without an end has no last occurrence to list.",
        "Ask for a window: GET me/<calendarView>.",
        p.VIEW, p.LIST,
        in_google="Call events.list with timeMin and timeMax.",
    ),
    HintCode.WORK_LIMIT: Reason(
        "Nothing was answered: the question looks at more than one answer may.",
        "What one request may cost is bounded, as it is in the services (docs/reliability.md).",
        "GET a shorter window, with less in $filter, or without $count.",
        p.THROTTLING, p.GUIDE,
        in_google="Call events.list with timeMin and timeMax nearer to each other, or with less in q.",
    ),
    HintCode.SCOPE_MISSING: Reason(
        "The request was refused: its token may not do this.",
        "Each call names the permissions of which a token has to carry one (docs/scopes.md).",
        "Ask for the scope that the hint names when signing in; `rsvpd token` makes tokens that may do everything.",
        p.PERMISSIONS, p.SCOPES,
    ),
    HintCode.ADMINISTRATOR_NEEDED: Reason(
        "The request was refused: it takes an administrator of the directory.",
        "Only an administrator, or an application by itself, changes what belongs to the directory.",
        "`rsvpd user set WHO administrator=yes`, or the token of an application.",
        p.PERMISSIONS, p.SHARING,
    ),
}  # fmt: skip

# What hints say that is no fact of a command: of the query, of a version, of a page.
INEFFICIENT_FILTER = "inefficient-filter"
UNFILTERED_MEMBER = "unfiltered-member"
UNQUOTED_SEARCH = "unquoted-search"
SMALL_OPERATORS = "small-operators"
INVALID_NODES = "invalid-nodes"
OTHER_VERSION = "other-version"
ANSWERED_AS_BETA = "beta"
FOREIGN_ORIGIN = "foreign-origin"

HINTS: dict[str, Reason] = {
    **{code.value: reason for code, reason in BY_HINT.items()},
    INEFFICIENT_FILTER: Reason(
        "This was answered, and Microsoft Graph refuses it with InefficientFilter.",
        "What $orderby names has to stand in $filter, first and in the same order.",
        "Begin $filter with the members of $orderby: receivedDateTime ge 1900-01-01T00:00:00Z and ….",
        p.MESSAGES,
    ),
    UNFILTERED_MEMBER: Reason(
        "This was answered, and the real service refuses it with UnsupportedEntityExpression.",
        "Events are not filtered by organizer or responseStatus.",
        "GET me/<calendarView> of a window, and compare in the program.",
        f"{p.API}user-list-events",
    ),
    UNQUOTED_SEARCH: Reason(
        "This was answered, and the real service wants the search in quotes.",
        "A $search of several words is one string of KQL, in quotation marks.",
        'Write $search="from:alice budget".',
        p.SEARCH,
    ),
    SMALL_OPERATORS: Reason(
        "and, or and not in small letters were read as operators here; to the real service they are words.",
        "KQL knows its operators in capital letters alone.",
        "Write AND, OR and NOT.",
        p.SEARCH,
    ),
    INVALID_NODES: Reason(
        "This was answered, and the real service refuses it with ErrorInvalidUrlQueryFilter.",
        "Mail and events take comparisons, contains and startswith, and no lambdas over recipients.",
        "Use $search, or compare in the program.",
        f"{p.GRAPH}filter-query-parameter",
    ),
    OTHER_VERSION: Reason(
        "Members that another version of the service has were left out.",
        "Graph, Outlook v2.0 and v1.0 have different members.",
        "Leave them out, or ask the version that has them; $metadata names them.",
        p.EVENT,
    ),
    ANSWERED_AS_BETA: Reason(
        "/beta was answered as /v1.0: members and calls of beta alone are missing.",
        "Only v1.0 is emulated.",
        "Call /v1.0.",
        p.BETA,
    ),
    FOREIGN_ORIGIN: Reason(
        "A page of another origin was not let in.",
        "Pages of loopback origins may read answers, others where the setting cors_origins names them.",
        "RSVPD_CORS_ORIGINS=https://app.example.com rsvpd up.",
        p.CORS, p.CORS,
    ),
}  # fmt: skip
