"""Hints in Google's words: one line each, naming the call to make instead."""

from __future__ import annotations

from collections.abc import Iterable

from rsvpd.hints import Hint, HintCode

_LONGEST = 1000
_ANSWER = (
    "PATCH calendars/primary/events/{eventId} with the attendee's own token and"
    ' {"attendeesOmitted": true, "attendees": [{"email": "own address", "responseStatus": "accepted"}]}'
)

LINES: dict[HintCode, str] = {
    HintCode.ATTENDEE_STATUS_IGNORED: (
        "attendees[].responseStatus of others was not changed ({detail}): everybody answers alone; " + _ANSWER
    ),
    HintCode.ATTENDEE_LIST_IGNORED: (
        "attendees[] of a guest changes nothing but the own entry; to answer, " + _ANSWER
    ),
    HintCode.SHARED_PROPERTY_LOCAL: "Changed in this calendar only, not in the organizer's: {detail}",
    HintCode.PROPERTIES_IGNORED: "Not written (read-only, unknown, or a parameter is missing): {detail}",
    HintCode.ORGANIZER_CANNOT_RESPOND: (
        "The organizer's own responseStatus stays accepted; to call the event off,"
        " DELETE calendars/primary/events/{eventId}?sendUpdates=all"
    ),
    HintCode.ID_OF_ANOTHER_MAILBOX: (
        "This id belongs to another calendar; find the event in this one with"
        " GET calendars/primary/events?iCalUID={iCalUID}"
    ),
    HintCode.NOT_THE_ORGANIZER: (
        "Only the organizer can do this; a guest declines with DELETE calendars/primary/events/{eventId}"
        " or by a PATCH of the own entry in attendees[]"
    ),
    HintCode.RESPONSE_NOT_SENT: "No message went to the organizer; send it with sendUpdates=all",
    HintCode.PRIVATE_COPY: "This is a private copy (privateCopy): nobody on its list is invited or told of anything",
    HintCode.ONLINE_MEETING_IGNORED: "No online meeting was made; this mailbox has no provider of online meetings",
    HintCode.EVENT_LEFT_CALENDAR: (
        "The event is not in this calendar any more; deleted ones are listed by"
        " GET calendars/primary/events?showDeleted=true"
    ),
    HintCode.ALREADY_INVITED: "Already on the list, and asked once more: {detail}",
    HintCode.FORWARD_TO_ORGANIZER: "The organizer is always on the list and was not invited: {detail}",
    HintCode.REMINDER_IS_OFF: "The event has no reminder; PATCH its reminders to set one",
    HintCode.REMINDER_OF_ONE: "Only one instance's reminder was changed: {detail}",
    HintCode.CHANGED_FOR_ALL: (
        "The organizer lets guests change this event (guestsCanModify): it changed for everybody ({detail}),"
        " and the organizer was told"
    ),
    HintCode.COMMENT_DROPPED: "Nobody is invited, so the comment reached nobody and is not kept",
    HintCode.INVITATION_OUT_OF_DATE: "The invitation is out of date; the event as it is now was answered",
    HintCode.REFUSED_BECAUSE: "{detail}",
    HintCode.ENDLESS_SERIES_CUT: (
        "Series that never end are listed until {detail} only; timeMax says how far they are to be listed"
    ),
    HintCode.WORK_LIMIT: (
        "More than one answer may look at, and so nothing was answered; ask for a shorter time with timeMin and"
        " timeMax, or for fewer words in q"
    ),
    HintCode.SCOPE_MISSING: (
        "The token is not for this; the least that would do is {detail}; one of the command 'rsvpd token' may do"
        " everything"
    ),
    HintCode.ADMINISTRATOR_NEEDED: "It takes an administrator of the directory",
}


def header(hints: Iterable[Hint]) -> str | None:
    """Return the value of the hint header, ASCII on one line, or None without hints."""
    lines = dict.fromkeys(f"{hint.code.value}: {_line(hint)}" for hint in hints)
    return " | ".join(lines)[:_LONGEST] or None


def _line(hint: Hint) -> str:
    text = LINES[hint.code].replace("{detail}", hint.detail)
    return "".join(one if " " <= one <= "~" else "?" for one in text)
