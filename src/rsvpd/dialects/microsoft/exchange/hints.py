"""Hints in the words of this dialect: one line that says what was not done, and the call that does it.

In the templates `<name>` is a property or action in the profile's own case, `{event}` the path at which
an attendee finds the event, `{own}` the path of the event that was asked for, `{root}` the path of the
dialect, `{detail}` what the hint itself names. A line is ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rsvpd.dialects.microsoft.tables.drafts import Reason, reason
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.odata import url
from rsvpd.errors import DomainError, NotTheOrganizer, OrganizerCannotRespond
from rsvpd.hints import HEADER, Hint, HintCode

_LONGEST = 900
_WORD = re.compile(r"<(\w++)>")

LINES: dict[HintCode, str] = {
    HintCode.ATTENDEE_STATUS_IGNORED: (
        "<attendees>[].<status> is ignored here as in Office 365: only the attendee's own answer changes it. "
        "POST {event}/<accept> (or /<decline>, /<tentativelyAccept>)."
    ),
    HintCode.ATTENDEE_LIST_IGNORED: (
        "<attendees> is ignored on an attendee's copy as in Office 365: only the organizer changes who is "
        "invited. To answer, POST {event}/<accept> (or /<decline>, /<tentativelyAccept>)."
    ),
    HintCode.SHARED_PROPERTY_LOCAL: (
        "Only this copy was changed as in Office 365 ({detail}): neither the organizer nor the others are "
        "told, and the organizer's next update overwrites it. To ask for another time, POST "
        "{event}/<tentativelyAccept> with <proposedNewTime>."
    ),
    HintCode.PROPERTIES_IGNORED: "Left out, as read-only: {detail}. GET {root}/$metadata names what there is.",
    HintCode.ORGANIZER_CANNOT_RESPOND: (
        "This is the organizer's copy. An attendee answers in the own mailbox with the id the meeting has "
        "there: GET {root}/me/messages as the attendee, then POST {root}/me/events('ID')/<accept>. "
        "The organizer changes the meeting with PATCH {event} and calls it off with POST {event}/<cancel>."
    ),
    HintCode.ID_OF_ANOTHER_MAILBOX: (
        "This id belongs to another mailbox: each person's copy of a meeting (or folder, or calendar) has an "
        "id of its own. GET {root}/me/events?$filter=iCalUId eq '...' finds a meeting in this mailbox."
    ),
    HintCode.NOT_THE_ORGANIZER: (
        "Only the organizer cancels a meeting; an attendee declines it: POST {event}/<decline>."
    ),
    HintCode.RESPONSE_NOT_SENT: (
        "The answer stands in this copy only and the organizer was not told. To tell the organizer, POST "
        "{event}/<accept> (or /<decline>, /<tentativelyAccept>) again with <sendResponse> true."
    ),
    HintCode.PRIVATE_COPY: (
        "This event is a private copy, made with Google Calendar: whoever is on its list is not invited, and nobody is "
        "told of anything. POST {root}/me/events makes a meeting that invites people."
    ),
    HintCode.ONLINE_MEETING_IGNORED: (
        "<isOnlineMeeting> is ignored: this mailbox has no provider of online meetings. "
        "Put the link into the <body> or <location> with PATCH {own}."
    ),
    HintCode.EVENT_LEFT_CALENDAR: (
        "A declined event leaves the calendar for Deleted Items as in Office 365, and its answer can no "
        "longer be changed here; it comes back with the organizer's next update. GET {root}/me/calendarView "
        "shows what is left."
    ),
    HintCode.ALREADY_INVITED: (
        "Invited before, and so not added to <attendees>: {detail}. The request was sent once more; it is "
        "answered like the first one, with POST {event}/<accept> in that mailbox."
    ),
    HintCode.FORWARD_TO_ORGANIZER: (
        "The organizer has the meeting, nothing was sent to {detail}. POST {event}/<forward> names somebody "
        "else in <toRecipients>; an answer with a <comment> reaches the organizer."
    ),
    HintCode.REMINDER_IS_OFF: (
        "There is no reminder, so nothing was done. PATCH {event} with <isReminderOn> true and "
        "<reminderMinutesBeforeStart> sets one."
    ),
    HintCode.REMINDER_OF_ONE: (
        "A series is reminded of meeting by meeting: only the reminder of {detail} was changed. GET "
        "{root}/me/<reminderView>(<startDateTime>='...',<endDateTime>='...') lists them with their ids."
    ),
    HintCode.CHANGED_FOR_ALL: (
        "The organizer lets guests change this meeting: it changed for everybody ({detail}). GET {event} shows it."
    ),
    HintCode.COMMENT_DROPPED: (
        "Nobody is invited, so the comment reached nobody and is not kept. POST {root}/me/sendMail tells people."
    ),
    HintCode.INVITATION_OUT_OF_DATE: (
        "This invitation is out of date: the meeting has changed since, and what was answered is the meeting as "
        "it is now. GET {event} shows it."
    ),
    HintCode.REFUSED_BECAUSE: "{detail} GET {root}/$metadata names what there is.",
    HintCode.ENDLESS_SERIES_CUT: (
        "Series that never end are listed until {detail} only. GET {root}/me/calendarView with another "
        "<startDateTime> and <endDateTime> shows what follows."
    ),
    HintCode.WORK_LIMIT: (
        "This is more than one answer may look at, and so nothing was answered. Ask for a shorter window, for less in "
        "$filter, or without $count; GET {root}/me/calendarView in the order of its start needs least."
    ),
    HintCode.SCOPE_MISSING: (
        "The token is not for this; the least that would do is {detail}. A token of the command 'rsvpd token' may do "
        "everything, and GET {root}/$metadata names what there is."
    ),
    HintCode.ADMINISTRATOR_NEEDED: (
        "It takes an administrator of the directory, or an application by itself: 'rsvpd user set WHO "
        "administrator=yes' makes one. GET {root}/$metadata names what there is."
    ),
}

# The same where a member is not read-only; what is left out for several reasons has a sentence for each.
LEFT_OUT: dict[Reason, str] = {
    Reason.READ_ONLY: LINES[HintCode.PROPERTIES_IGNORED],
    Reason.OTHER_VERSION: (
        "Left out, as of another version of the service: {detail}. GET {root}/$metadata names what this one has."
    ),
}

# Errors that call for a hint even where nobody attached one.
_EXPLAINED: dict[type[Exception], HintCode] = {
    OrganizerCannotRespond: HintCode.ORGANIZER_CANNOT_RESPOND,
    NotTheOrganizer: HintCode.NOT_THE_ORGANIZER,
}


def line(profile: Profile, hint: Hint, *, event: str, own: str = "") -> str:
    """Return the line for `hint`; `event` and `own` are paths of the event it is about: an attendee's, the asker's."""
    if hint.code is HintCode.PROPERTIES_IGNORED:
        return _reasons_text(profile, hint.detail)
    return _ascii(_fill(profile, LINES[hint.code], hint.detail, event=event, own=own))


def _reasons_text(profile: Profile, detail: str) -> str:
    """Return why each of the members in `detail` has no effect."""
    by_reason: dict[Reason, list[str]] = {}
    for name in detail.split(", "):
        by_reason.setdefault(reason(profile, name), []).append(name)
    sentences = (_fill(profile, LEFT_OUT[one], ", ".join(by_reason[one])) for one in Reason if one in by_reason)
    return _ascii(" ".join(sentences))


def _fill(profile: Profile, template: str, detail: str, *, event: str = "", own: str = "") -> str:
    text = with_words(profile, template)
    places = {"{event}": event, "{own}": own or event, "{root}": profile.mount, "{detail}": detail}
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def with_words(profile: Profile, template: str) -> str:
    """Return a template with its words in the profile's case, and its places still open."""
    return _WORD.sub(lambda match: profile.word(match[1]), template)


def _ascii(text: str) -> str:
    return " ".join(text.encode("ascii", "backslashreplace").decode().split())[:_LONGEST]


def headers(
    profile: Profile, hints: Iterable[Hint], *, event: str, own: str = ""
) -> tuple[tuple[str, str], ...]:
    """Return one header with all of the hints, or none where there are none."""
    lines = dict.fromkeys(line(profile, hint, event=event, own=own) for hint in hints)
    return ((HEADER, " ".join(lines)),) if lines else ()


def of_error(error: Exception) -> tuple[Hint, ...]:
    """Return the hints that go out with an error."""
    if not isinstance(error, DomainError):
        return ()
    if error.hint is not None:
        return (error.hint,)
    code = _EXPLAINED.get(type(error))
    return (Hint(code),) if code else ()


def event_path(profile: Profile, path: str) -> str:
    """Return the path of the event that the request path `path` names, or one with `ID` in its place."""
    try:
        segments = url.parse(path)
    except DomainError:
        segments = ()
    done, found = profile.mount, f"{profile.mount}/me/events('ID')"
    for segment, after in zip(segments, (*segments[1:], None), strict=False):
        done += "/" + _segment_text(segment)
        if segment.word.lower() in ("events", "instances"):
            if segment.key is not None:
                found = done
            elif after is not None and not after.text.startswith("$"):
                found = f"{done}/{_segment_text(after)}"
    return found


def _segment_text(segment: url.Segment) -> str:
    return segment.word + url.key_text(segment.key) if segment.key is not None else segment.text[:200]
