"""The route table of all three Microsoft dialects, in Graph's words.

Words count in any case. `U` stands for a user (`me`, `users/{user}`), `E` and `M` for the
places where events and messages are found, `A` for one event, `P` for the permissions of a calendar,
`C` for a type cast of messages, `S` for a member of the mailbox settings.

What the real services have and this one has not (yet) stands in `tables/published.py`; `GAPS` says which
route helps instead, so that the answer can name it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rsvpd.dialects.microsoft.exchange.call import Handler
from rsvpd.dialects.microsoft.resources import (
    calendars,
    events,
    folders,
    messages,
    people,
    permissions,
    reminders,
    responses,
    schedules,
)
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA
from rsvpd.dialects.odata.url import ANY, Found, Gap, Routes, Row, Segment, not_emulated
from rsvpd.errors import MethodNotAllowed, NotEmulated, UnknownSegment

USERS = ("me", "users/{user}")
CALENDARS = ("", "/calendar", "/calendars/{calendar}")
FOLDERS = ("U/mailFolders/{folder}", "U/mailFolders/{parent}/childFolders/{folder}")
MESSAGES = ("U/messages", *(f"{folder}/messages" for folder in FOLDERS))
CASTS = ("message", "eventMessage", "eventMessageRequest", "eventMessageResponse")
# One event: where it stands, as an occurrence of its series, in a view; and as the event of a message.
ONE_EVENT = ("E/{event}", "E/{series}/instances/{event}", "W/{event}")
EVENT_OF_MESSAGE = tuple(f"M/{{message}}/:{cast}/event" for cast in CASTS[1:])
SETTINGS = tuple(f"U/mailboxSettings/{name}" for name in GRAPH_SCHEMA.types["mailboxSettings"].properties)

TABLE: tuple[tuple[str, str, Handler], ...] = (
    # people
    ("GET", "U", people.get_user),
    ("GET", "users", people.list_users),
    ("GET", "users/$count", people.count_users),
    ("GET", "U/mailboxSettings", people.get_settings),
    ("PATCH", "U/mailboxSettings", people.update_settings),
    ("GET", "S", people.get_setting),
    # mail
    ("GET", "M", messages.list_messages),
    ("GET", "M/$count", messages.count_messages),
    ("GET", "M/:C", messages.list_messages),
    ("GET", "M/:C/$count", messages.count_messages),
    ("GET", "M/{message}", messages.get_message),
    ("PATCH", "M/{message}", messages.update_message),
    ("DELETE", "M/{message}", messages.delete_message),
    ("POST", "M/{message}/move", messages.move_message),
    ("GET", "M/{message}/attachments", messages.list_nothing),
    ("GET", "M/{message}/:C", messages.get_message),
    ("PATCH", "M/{message}/:C", messages.update_message),
    ("GET", "V", messages.get_event),
    ("POST", "V/accept", responses.accept),
    ("POST", "V/tentativelyAccept", responses.tentatively_accept),
    ("POST", "V/decline", responses.decline),
    ("POST", "V/forward", responses.forward),
    ("POST", "M/{message}/accept", messages.answer_elsewhere),
    ("POST", "M/{message}/tentativelyAccept", messages.answer_elsewhere),
    ("POST", "M/{message}/decline", messages.answer_elsewhere),
    ("POST", "U/sendMail", messages.send_mail),
    ("GET", "U/mailFolders", folders.list_folders),
    ("GET", "U/mailFolders/$count", folders.count_folders),
    ("GET", "F", folders.get_folder),
    ("GET", "F/childFolders", folders.list_children),
    ("GET", "F/childFolders/$count", folders.count_children),
    # calendars
    ("GET", "U/calendar", calendars.get_calendar),
    ("GET", "U/calendars", calendars.list_calendars),
    ("GET", "U/calendars/$count", calendars.count_calendars),
    ("GET", "U/calendars/{calendar}", calendars.get_calendar),
    ("POST", "U/calendar/getSchedule", schedules.get_schedule),
    ("POST", "U/calendars/{calendar}/getSchedule", schedules.get_schedule),
    ("GET", "P", permissions.list_permissions),
    ("POST", "P", permissions.create_permission),
    ("GET", "P/$count", permissions.count_permissions),
    ("GET", "P/{permission}", permissions.get_permission),
    ("PATCH", "P/{permission}", permissions.update_permission),
    ("DELETE", "P/{permission}", permissions.delete_permission),
    # events
    ("GET", "E", events.list_events),
    ("POST", "E", events.create_event),
    ("GET", "E/$count", events.count_events),
    ("GET", "W", events.calendar_view),
    ("GET", "W/$count", events.count_view),
    ("GET", "A", events.get_event),
    ("PATCH", "A", events.update_event),
    ("DELETE", "A", events.delete_event),
    ("GET", "A/calendar", events.get_calendar_of),
    ("GET", "A/$ref", events.get_reference),
    ("GET", "A/attachments", events.list_nothing),
    ("POST", "A/accept", responses.accept),
    ("POST", "A/tentativelyAccept", responses.tentatively_accept),
    ("POST", "A/decline", responses.decline),
    ("POST", "A/cancel", responses.cancel),
    ("POST", "A/forward", responses.forward),
    ("POST", "A/dismissReminder", reminders.dismiss),
    ("POST", "A/snoozeReminder", reminders.snooze),
    ("GET", "U/reminderView", reminders.view),
    ("GET", "E/{event}/instances", events.list_instances),
    ("GET", "E/{event}/exceptionOccurrences", events.list_exceptions),
    ("GET", "E/{event}/instances/$count", events.count_instances),
    ("GET", "W/{event}/instances", events.list_instances),
    ("GET", "W/{event}/instances/$count", events.count_instances),
)

# Of what is missing, where another route helps: method, path, and that route.
GAPS: tuple[tuple[str, str, str], ...] = (
    (ANY, "U/calendarGroups", "GET me/calendars"),
    ("POST", "U/calendars", "GET me/calendars"),
    (ANY, "W/delta", "GET me/calendarView"),
    (ANY, "E/delta", "GET me/events"),
    (ANY, "W/{series}/instances/{event}", "GET me/events/{event}"),
    (ANY, "E/{series}/exceptionOccurrences/{event}", "GET me/events/{event}"),
    (ANY, "A/calendar/calendarPermissions", "GET me/calendar/calendarPermissions"),
    (ANY, "A/calendar/calendarView", "GET me/calendar/calendarView"),
    (ANY, "A/calendar/events", "GET me/calendar/events"),
    (ANY, "A/calendar/getSchedule", "POST me/calendar/getSchedule"),
    (ANY, "A/attachments/{attachment}", "GET me/events/{event}/attachments"),
    (ANY, "A/permanentDelete", "DELETE me/events/{event}"),
    (ANY, "U/mailFolders/delta", "GET me/mailFolders"),
    ("POST", "M", "POST me/sendMail"),
    (ANY, "M/delta", "GET me/messages"),
    (ANY, "M/{message}/attachments/{attachment}", "GET me/messages/{message}/attachments"),
    (ANY, "M/{message}/send", "POST me/sendMail"),
    (ANY, "M/{message}/reply", "POST me/sendMail"),
    (ANY, "M/{message}/replyAll", "POST me/sendMail"),
    (ANY, "M/{message}/forward", "POST me/sendMail"),
    (ANY, "M/{message}/createReply", "POST me/sendMail"),
    (ANY, "M/{message}/createReplyAll", "POST me/sendMail"),
    (ANY, "M/{message}/createForward", "POST me/sendMail"),
    (ANY, "M/{message}/copy", "POST me/messages/{message}/move"),
    (ANY, "M/{message}/permanentDelete", "DELETE me/messages/{message}"),
    (ANY, "U/findMeetingTimes", "POST me/calendar/getSchedule"),
    (ANY, "U/findRooms", "GET users"),
    (ANY, "U/contacts", "GET users"),
    (ANY, "U/people", "GET users"),
    (ANY, "places", "GET users"),
    ("GET", "users/delta", "GET users"),
)


def rows() -> Iterator[Row[Handler]]:
    """Return the whole table, every stand-in written out."""
    for method, short, handler in TABLE:
        for pattern in written_out(short):
            yield Row(method, pattern, handler)
    for method, short, near in GAPS:
        for pattern in written_out(short):
            at_hand = near.replace("me/calendar/", "me/calendars/{calendar}/") if "{calendar}" in pattern else near
            yield Row(method, pattern, Gap(at_hand))


def resolve(profile: Profile, segments: tuple[Segment, ...], method: str) -> Found[Handler]:
    """Return who answers `method` at this path in one profile.

    Raises UnknownSegment for what this service never had, NotEmulated for what it has and rsvpd has not, else
    MethodNotAllowed.
    """
    try:
        return ROUTES.resolve(
            segments, method, root=profile.mount, synonyms=profile.synonyms, namespace=profile.namespace
        )
    except (UnknownSegment, MethodNotAllowed, NotEmulated) as refusal:
        methods = profile.published.methods(segments, profile.synonyms)
        if isinstance(refusal, NotEmulated):
            if not methods:
                raise _never_there(segments) from None
        elif method in methods:
            raise _missing(profile, segments, method) from None
        raise


def _never_there(segments: tuple[Segment, ...]) -> UnknownSegment:
    text = segments[-1].text[:80]
    return UnknownSegment(f"Resource not found for the segment '{text}'.", target=text)


def _missing(profile: Profile, segments: tuple[Segment, ...], method: str) -> NotEmulated:
    """Return the error for a route that is real; a member of an entity is to be had with `$select`."""
    *before, last = segments
    place = "/".join(one.text[:80] for one in segments)
    near = ""
    if method == "GET" and profile.published.is_member(segments, profile.synonyms):
        near = f"GET {profile.mount}/{'/'.join(one.text[:80] for one in before)}?$select={last.text[:80]}"
    return not_emulated(f"{method} of '{last.text[:80]}'", place, near, target=last.text[:80])


def written_out(short: str) -> list[str]:
    """Return the patterns that a pattern with stand-ins means."""
    for letter, meanings in _STAND_INS:
        head, _, rest = short.partition("/")
        if head == letter:
            ends = [f"{meaning}/{rest}" if rest else meaning for meaning in meanings]
            return [pattern for end in ends for pattern in written_out(end)]
    if "/:C" in short:
        return [pattern for cast in CASTS for pattern in written_out(short.replace("/:C", f"/:{cast}", 1))]
    return [short]


_STAND_INS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("A", ONE_EVENT),
    ("V", EVENT_OF_MESSAGE),
    ("E", tuple(f"U{calendar}/events" for calendar in CALENDARS)),
    ("W", tuple(f"U{calendar}/calendarView" for calendar in CALENDARS)),
    ("M", MESSAGES),
    ("F", FOLDERS),
    ("S", SETTINGS),
    ("P", tuple(f"U{calendar}/calendarPermissions" for calendar in CALENDARS[1:])),
    ("U", USERS),
)

ROUTES: Routes[Handler] = Routes(rows())
