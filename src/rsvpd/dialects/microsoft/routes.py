"""The route table of all three Microsoft dialects, in Graph's words.

Words count in any case. `U` stands for a user (`me`, `users/{user}`), `E` and `M` for the
places where events and messages are found, `A` for one event, `N` for a calendar that is named by its id,
`P` for the permissions of a calendar, `C` for a type cast of messages, `B` for one of attachments, `S` for a member
of the mailbox settings, `K` for the list of categories.

The last column says what a token has to carry (`tables/scopes.py`).

What the real services have and this one has not (yet) stands in `tables/published.py`; `GAPS` says which
route helps instead, so that the answer can name it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, structs

from rsvpd.dialects.microsoft.exchange import collections, delta
from rsvpd.dialects.microsoft.exchange.call import Handler
from rsvpd.dialects.microsoft.exchange.collections import Collection
from rsvpd.dialects.microsoft.resources import (
    calendars,
    categories,
    drafts,
    events,
    extensions,
    folders,
    mail_tips,
    managers,
    meeting_times,
    members,
    messages,
    outlook_user,
    people,
    permissions,
    photos,
    places,
    push_subscriptions,
    reminders,
    responses,
    rules,
    schedules,
    settings,
    subscriptions,
    users,
)
from rsvpd.dialects.microsoft.tables import scopes
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA
from rsvpd.dialects.microsoft.tables.scopes import Needs
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.url import (
    ANY,
    Gap,
    ResolvedPath,
    Routes,
    Row,
    Segment,
    Step,
    not_emulated_error,
    strip_namespace,
)
from rsvpd.errors import MethodNotAllowed, NotEmulated, UnknownSegment

USERS = ("me", "users/{user}")
NAMED_CALENDARS = ("/calendars/{calendar}", "/calendarGroups/{group}/calendars/{calendar}")
CALENDARS = ("", "/calendar", *NAMED_CALENDARS)
FOLDERS = ("U/mailFolders/{folder}", "U/mailFolders/{parent}/childFolders/{folder}")
MESSAGES = ("U/messages", *(f"{folder}/messages" for folder in FOLDERS))
CASTS = ("message", "eventMessage", "eventMessageRequest", "eventMessageResponse")
ATTACHMENT_CASTS = ("fileAttachment", "itemAttachment", "referenceAttachment")
# One event: where it stands, as an occurrence of its series, in a view; and as the event of a message.
ONE_EVENT = ("E/{event}", "E/{series}/instances/{event}", "W/{event}")
EVENT_OF_MESSAGE = tuple(f"M/{{message}}/:{cast}/event" for cast in CASTS[1:])
SETTINGS = tuple(f"U/mailboxSettings/{name}" for name in GRAPH_SCHEMA.types["mailboxSettings"].properties)


class Route(Struct, frozen=True):
    """Who answers at a route, and what a token has to carry for it; whether any service has it."""

    answer: Handler
    needs: Needs
    is_real: bool = True


# In the place of a handler a collection stands for its list, `$count` and, where it has a feed, delta.
TABLE: tuple[tuple[str, str, Handler | Collection[Any, Any], Needs], ...] = (
    # people
    ("GET", "U", users.get_user, scopes.READ_USER),
    ("PATCH", "U", users.update_user, scopes.CHANGE_USER),
    ("DELETE", "users/{user}", users.delete_user, scopes.REMOVE_USERS),
    ("GET", "users", users.USERS, scopes.READ_USERS),
    ("POST", "users", users.create_user, scopes.CHANGE_USERS),
    ("GET", "U/mailboxSettings", settings.get_settings, scopes.READ_SETTINGS),
    ("PATCH", "U/mailboxSettings", settings.update_settings, scopes.CHANGE_SETTINGS),
    ("GET", "S", settings.get_setting, scopes.READ_SETTINGS),
    ("POST", "U/getMailTips", mail_tips.get_mail_tips, scopes.READ_MAIL),
    ("POST", "U/findMeetingTimes", meeting_times.find_meeting_times, scopes.FIND_TIMES),
    ("GET", "U/extensions", extensions.EXTENSIONS, scopes.READ_USER),
    ("POST", "U/extensions", extensions.create, scopes.CHANGE_USER),
    ("GET", "U/extensions/{extension}", extensions.get, scopes.READ_USER),
    ("PATCH", "U/extensions/{extension}", extensions.update, scopes.CHANGE_USER),
    ("DELETE", "U/extensions/{extension}", extensions.delete, scopes.CHANGE_USER),
    ("GET", "U/manager", managers.get_manager, scopes.READ_MANAGERS),
    ("GET", "U/manager/$ref", managers.get_reference, scopes.READ_MANAGERS),
    ("PUT", "U/manager/$ref", managers.set_manager, scopes.CHANGE_USERS),
    ("DELETE", "U/manager/$ref", managers.remove_manager, scopes.CHANGE_USERS),
    ("GET", "U/directReports", managers.REPORTS, scopes.READ_MANAGERS),
    ("GET", "U/memberOf", managers.list_groups, scopes.READ_USER),
    ("GET", "U/photo", photos.get_photo, scopes.READ_USER),
    ("GET", "U/photo/$value", photos.get_content, scopes.READ_USER),
    ("PUT", "U/photo/$value", photos.set_content, scopes.CHANGE_USER),
    ("PATCH", "U/photo/$value", photos.set_content, scopes.CHANGE_USER),
    ("DELETE", "U/photo/$value", photos.delete_content, scopes.CHANGE_USER),
    ("GET", "U/photos", photos.list_photos, scopes.READ_USER),
    ("GET", "U/photos/{photo}", photos.get_photo, scopes.READ_USER),
    ("GET", "U/photos/{photo}/$value", photos.get_content, scopes.READ_USER),
    ("GET", "U/people", people.PEOPLE, scopes.READ_PEOPLE),
    ("GET", "U/people/{person}", people.get_person, scopes.READ_PEOPLE),
    # places
    ("GET", "places/:room", places.ROOMS, scopes.READ_PLACES),
    ("GET", "places/:roomList", places.ROOM_LISTS, scopes.READ_PLACES),
    *(("GET", f"places/:{name}", places.NONE_OF_THAT_TYPE, scopes.READ_PLACES) for name in places.NO_TYPES),
    ("GET", "places/{place}", places.get_place, scopes.READ_PLACES),
    ("PATCH", "places/{place}", places.update_place, scopes.CHANGE_PLACES),
    ("GET", "places/{place}/:room", places.get_place, scopes.READ_PLACES),
    ("GET", "places/{place}/:roomList", places.get_place, scopes.READ_PLACES),
    ("GET", "places/{place}/:roomList/rooms", places.ROOMS_OF_LIST, scopes.READ_PLACES),
    ("GET", "places/{place}/:roomList/rooms/{room}", places.get_room_of_list, scopes.READ_PLACES),
    ("GET", "places/{place}/descendants", places.DESCENDANTS, scopes.READ_PLACES),
    ("GET", "U/findRooms", places.find_rooms, scopes.READ_USERS),
    ("GET", "U/findRoomLists", places.find_room_lists, scopes.READ_USERS),
    # subscriptions
    ("GET", "subscriptions", subscriptions.list_all, scopes.SUBSCRIBE),
    ("POST", "subscriptions", subscriptions.create, scopes.SUBSCRIBE),
    ("GET", "subscriptions/{subscription}", subscriptions.get, scopes.SUBSCRIBE),
    ("PATCH", "subscriptions/{subscription}", subscriptions.update, scopes.SUBSCRIBE),
    ("DELETE", "subscriptions/{subscription}", subscriptions.delete, scopes.SUBSCRIBE),
    ("POST", "subscriptions/{subscription}/reauthorize", subscriptions.reauthorize, scopes.SUBSCRIBE),
    ("GET", "U/subscriptions", push_subscriptions.list_all, scopes.SUBSCRIBE),
    ("POST", "U/subscriptions", push_subscriptions.create, scopes.SUBSCRIBE),
    ("GET", "U/subscriptions/{subscription}", push_subscriptions.get, scopes.SUBSCRIBE),
    ("PATCH", "U/subscriptions/{subscription}", push_subscriptions.renew, scopes.SUBSCRIBE),
    ("DELETE", "U/subscriptions/{subscription}", push_subscriptions.delete, scopes.SUBSCRIBE),
    ("GET", "U/outlook", outlook_user.get_outlook, scopes.READ_USER),
    ("GET", "U/outlook/supportedTimeZones", outlook_user.list_zones, scopes.READ_USER),
    ("GET", "U/outlook/supportedLanguages", outlook_user.list_languages, scopes.READ_USER),
    ("GET", "U/supportedTimeZones", outlook_user.list_zones, scopes.READ_USER),
    ("GET", "U/supportedLanguages", outlook_user.list_languages, scopes.READ_USER),
    ("GET", "K", categories.CATEGORIES, scopes.READ_SETTINGS),
    ("POST", "K", categories.create, scopes.CHANGE_SETTINGS),
    ("GET", "K/{category}", categories.get, scopes.READ_SETTINGS),
    ("PATCH", "K/{category}", categories.update, scopes.CHANGE_SETTINGS),
    ("DELETE", "K/{category}", categories.delete, scopes.CHANGE_SETTINGS),
    ("POST", "U/translateExchangeIds", outlook_user.translate_ids, scopes.READ_MAIL_BASIC),
    # mail
    ("GET", "M", messages.MESSAGES, scopes.READ_MAIL_BASIC),
    ("POST", "M", drafts.create_message, scopes.CHANGE_MAIL),
    ("GET", "M/:C", messages.CAST_MESSAGES, scopes.READ_MAIL_BASIC),
    ("GET", "M/{message}", messages.get_message, scopes.READ_MAIL_BASIC),
    ("PATCH", "M/{message}", messages.update_message, scopes.CHANGE_MAIL),
    ("DELETE", "M/{message}", messages.delete_message, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/send", drafts.send_message, scopes.SEND_MAIL),
    ("POST", "M/{message}/reply", drafts.reply, scopes.SEND_MAIL),
    ("POST", "M/{message}/replyAll", drafts.reply_all, scopes.SEND_MAIL),
    ("POST", "M/{message}/forward", drafts.forward, scopes.SEND_MAIL),
    ("POST", "M/{message}/createReply", drafts.create_reply, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/createReplyAll", drafts.create_reply_all, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/createForward", drafts.create_forward, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/move", messages.move_message, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/copy", messages.copy_message, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/permanentDelete", messages.delete_permanently, scopes.CHANGE_MAIL),
    ("GET", "M/{message}/$value", messages.get_mime, scopes.READ_MAIL),
    ("GET", "M/{message}/attachments", messages.ATTACHMENTS, scopes.READ_MAIL),
    ("POST", "M/{message}/attachments", messages.attach, scopes.CHANGE_MAIL),
    ("POST", "M/{message}/attachments/createUploadSession", messages.begin_upload, scopes.CHANGE_MAIL),
    ("GET", "M/{message}/attachments/{attachment}", messages.get_attachment, scopes.READ_MAIL),
    ("GET", "M/{message}/attachments/{attachment}/:B", messages.get_attachment, scopes.READ_MAIL),
    ("GET", "M/{message}/attachments/{attachment}/:itemAttachment/item", messages.get_attached_item, scopes.READ_MAIL),
    ("DELETE", "M/{message}/attachments/{attachment}", messages.delete_attachment, scopes.CHANGE_MAIL),
    ("GET", "M/{message}/attachments/{attachment}/$value", messages.get_attachment_value, scopes.READ_MAIL),
    ("GET", "M/{message}/extensions", extensions.EXTENSIONS, scopes.READ_MAIL),
    ("POST", "M/{message}/extensions", extensions.create, scopes.CHANGE_MAIL),
    ("GET", "M/{message}/extensions/{extension}", extensions.get, scopes.READ_MAIL),
    ("PATCH", "M/{message}/extensions/{extension}", extensions.update, scopes.CHANGE_MAIL),
    ("DELETE", "M/{message}/extensions/{extension}", extensions.delete, scopes.CHANGE_MAIL),
    ("GET", "M/{message}/:C", messages.get_message, scopes.READ_MAIL_BASIC),
    ("PATCH", "M/{message}/:C", messages.update_message, scopes.CHANGE_MAIL),
    ("GET", "V", messages.get_event, scopes.READ_MAIL_BASIC),
    ("POST", "V/accept", responses.accept, scopes.CHANGE_CALENDARS),
    ("POST", "V/tentativelyAccept", responses.tentatively_accept, scopes.CHANGE_CALENDARS),
    ("POST", "V/decline", responses.decline, scopes.CHANGE_CALENDARS),
    ("POST", "V/forward", responses.forward, scopes.READ_CALENDARS),
    ("POST", "U/sendMail", messages.send_mail, scopes.SEND_MAIL),
    ("GET", "U/mailFolders", folders.FOLDERS, scopes.READ_MAIL_BASIC),
    ("POST", "U/mailFolders", folders.create_folder, scopes.CHANGE_MAIL),
    ("GET", "F", folders.get_folder, scopes.READ_MAIL_BASIC),
    ("PATCH", "F", folders.update_folder, scopes.CHANGE_MAIL),
    ("DELETE", "F", folders.delete_folder, scopes.CHANGE_MAIL),
    ("POST", "F/move", folders.move_folder, scopes.CHANGE_MAIL),
    ("POST", "F/copy", folders.copy_folder, scopes.CHANGE_MAIL),
    ("POST", "F/permanentDelete", folders.delete_permanently, scopes.CHANGE_MAIL),
    ("GET", "U/mailFolders/:mailSearchFolder", folders.CAST_FOLDERS, scopes.READ_MAIL_BASIC),
    ("GET", "F/:mailSearchFolder", folders.get_folder, scopes.READ_MAIL_BASIC),
    ("PATCH", "F/:mailSearchFolder", folders.update_folder, scopes.CHANGE_MAIL),
    ("GET", "F/childFolders/:mailSearchFolder", folders.CAST_FOLDERS, scopes.READ_MAIL_BASIC),
    ("GET", "F/childFolders", folders.FOLDERS, scopes.READ_MAIL_BASIC),
    ("POST", "F/childFolders", folders.create_folder, scopes.CHANGE_MAIL),
    ("GET", "F/messageRules", rules.RULES, scopes.READ_SETTINGS),
    ("POST", "F/messageRules", rules.create_rule, scopes.CHANGE_SETTINGS),
    ("GET", "F/messageRules/{rule}", rules.get_rule, scopes.READ_SETTINGS),
    ("PATCH", "F/messageRules/{rule}", rules.update_rule, scopes.CHANGE_SETTINGS),
    ("DELETE", "F/messageRules/{rule}", rules.delete_rule, scopes.CHANGE_SETTINGS),
    ("GET", "U/inferenceClassification", rules.get_classification, scopes.READ_MAIL),
    ("GET", "U/inferenceClassification/overrides", rules.OVERRIDES, scopes.READ_MAIL),
    ("POST", "U/inferenceClassification/overrides", rules.create_override, scopes.CHANGE_MAIL),
    ("GET", "U/inferenceClassification/overrides/{override}", rules.get_override, scopes.READ_MAIL),
    ("PATCH", "U/inferenceClassification/overrides/{override}", rules.update_override, scopes.CHANGE_MAIL),
    ("DELETE", "U/inferenceClassification/overrides/{override}", rules.delete_override, scopes.CHANGE_MAIL),
    # calendars
    ("GET", "U/calendar", calendars.get_calendar, scopes.READ_CALENDARS_BASIC),
    ("GET", "U/calendars", calendars.CALENDARS, scopes.READ_CALENDARS_BASIC),
    ("PATCH", "U/calendar", calendars.update_calendar, scopes.CHANGE_CALENDARS),
    ("POST", "U/calendar/permanentDelete", calendars.delete_calendar, scopes.CHANGE_CALENDARS),
    ("POST", "U/calendar/getSchedule", schedules.get_schedule, scopes.READ_CALENDARS_BASIC),
    ("GET", "U/calendar/allowedCalendarSharingRoles", calendars.sharing_roles, scopes.READ_CALENDARS),
    ("POST", "U/calendars", calendars.create_calendar, scopes.CHANGE_CALENDARS),
    ("GET", "N", calendars.get_calendar, scopes.READ_CALENDARS_BASIC),
    ("PATCH", "N", calendars.update_calendar, scopes.CHANGE_CALENDARS),
    ("DELETE", "N", calendars.delete_calendar, scopes.CHANGE_CALENDARS),
    ("POST", "N/permanentDelete", calendars.delete_calendar, scopes.CHANGE_CALENDARS),
    ("POST", "N/getSchedule", schedules.get_schedule, scopes.READ_CALENDARS_BASIC),
    ("GET", "N/allowedCalendarSharingRoles", calendars.sharing_roles, scopes.READ_CALENDARS),
    ("GET", "U/calendarGroups", calendars.GROUPS, scopes.READ_CALENDARS_BASIC),
    ("POST", "U/calendarGroups", calendars.create_group, scopes.CHANGE_CALENDARS),
    ("GET", "U/calendarGroups/{group}", calendars.get_group, scopes.READ_CALENDARS_BASIC),
    ("PATCH", "U/calendarGroups/{group}", calendars.update_group, scopes.CHANGE_CALENDARS),
    ("DELETE", "U/calendarGroups/{group}", calendars.delete_group, scopes.CHANGE_CALENDARS),
    ("GET", "U/calendarGroups/{group}/calendars", calendars.CALENDARS, scopes.READ_CALENDARS_BASIC),
    ("POST", "U/calendarGroups/{group}/calendars", calendars.create_calendar, scopes.CHANGE_CALENDARS),
    ("GET", "P", permissions.PERMISSIONS, scopes.READ_CALENDARS),
    ("POST", "P", permissions.create_permission, scopes.CHANGE_CALENDARS),
    ("GET", "P/{permission}", permissions.get_permission, scopes.READ_CALENDARS),
    ("PATCH", "P/{permission}", permissions.update_permission, scopes.CHANGE_CALENDARS),
    ("DELETE", "P/{permission}", permissions.delete_permission, scopes.CHANGE_CALENDARS),
    # events
    ("GET", "E", events.EVENTS, scopes.READ_CALENDARS_BASIC),
    ("POST", "E", events.create_event, scopes.CHANGE_CALENDARS),
    ("GET", "W", events.VIEW, scopes.READ_CALENDARS_BASIC),
    ("GET", "A", events.get_event, scopes.READ_CALENDARS_BASIC),
    ("PATCH", "A", events.update_event, scopes.CHANGE_CALENDARS),
    ("DELETE", "A", events.delete_event, scopes.CHANGE_CALENDARS),
    ("GET", "A/calendar", events.get_calendar_of, scopes.READ_CALENDARS_BASIC),
    ("GET", "A/calendar/calendarPermissions", permissions.PERMISSIONS_BESIDE, scopes.READ_CALENDARS),
    ("GET", "A/calendar/calendarView", events.VIEW_BESIDE, scopes.READ_CALENDARS_BASIC),
    ("GET", "A/calendar/events", events.EVENTS_BESIDE, scopes.READ_CALENDARS_BASIC),
    ("POST", "A/calendar/getSchedule", schedules.get_schedule_beside, scopes.READ_CALENDARS_BASIC),
    ("POST", "A/permanentDelete", events.delete_permanently, scopes.CHANGE_CALENDARS),
    ("GET", "A/$ref", events.get_reference, scopes.READ_CALENDARS_BASIC),
    ("GET", "A/attachments", events.ATTACHMENTS, scopes.READ_CALENDARS),
    ("POST", "A/attachments", events.attach, scopes.CHANGE_CALENDARS),
    ("POST", "A/attachments/createUploadSession", events.begin_upload, scopes.CHANGE_CALENDARS),
    ("GET", "A/attachments/{attachment}", events.get_attachment, scopes.READ_CALENDARS),
    ("GET", "A/attachments/{attachment}/:B", events.get_attachment, scopes.READ_CALENDARS),
    ("GET", "A/attachments/{attachment}/:itemAttachment/item", events.get_attached_item, scopes.READ_CALENDARS),
    ("DELETE", "A/attachments/{attachment}", events.delete_attachment, scopes.CHANGE_CALENDARS),
    ("GET", "A/attachments/{attachment}/$value", events.get_attachment_value, scopes.READ_CALENDARS),
    ("GET", "A/extensions", extensions.EXTENSIONS, scopes.READ_CALENDARS),
    ("POST", "A/extensions", extensions.create, scopes.CHANGE_CALENDARS),
    ("GET", "A/extensions/{extension}", extensions.get, scopes.READ_CALENDARS),
    ("PATCH", "A/extensions/{extension}", extensions.update, scopes.CHANGE_CALENDARS),
    ("DELETE", "A/extensions/{extension}", extensions.delete, scopes.CHANGE_CALENDARS),
    ("POST", "A/accept", responses.accept, scopes.CHANGE_CALENDARS),
    ("POST", "A/tentativelyAccept", responses.tentatively_accept, scopes.CHANGE_CALENDARS),
    ("POST", "A/decline", responses.decline, scopes.CHANGE_CALENDARS),
    ("POST", "A/cancel", responses.cancel, scopes.CHANGE_CALENDARS),
    ("POST", "A/forward", responses.forward, scopes.READ_CALENDARS),
    ("POST", "A/dismissReminder", reminders.dismiss, scopes.CHANGE_CALENDARS),
    ("POST", "A/snoozeReminder", reminders.snooze, scopes.CHANGE_CALENDARS),
    ("GET", "U/reminderView", reminders.view, scopes.READ_CALENDARS),
    ("GET", "E/{event}/instances", events.INSTANCES, scopes.READ_CALENDARS_BASIC),
    ("GET", "E/{event}/exceptionOccurrences", events.EXCEPTIONS, scopes.READ_CALENDARS_BASIC),
    ("GET", "W/{event}/instances", events.INSTANCES, scopes.READ_CALENDARS_BASIC),
)

# What no service has, and people try: who answers says where to go.
WRONG_TURNS: tuple[tuple[str, str, Handler, Needs], ...] = tuple(
    ("POST", f"M/{{message}}/{answer}", messages.answer_elsewhere, scopes.CHANGE_CALENDARS)
    for answer in ("accept", "tentativelyAccept", "decline")
)

# Of what is missing, where another route helps: method, path, and that route.
GAPS: tuple[tuple[str, str, str], ...] = (
    (ANY, "W/{series}/instances/{event}", "GET me/events/{event}"),
    (ANY, "E/{series}/exceptionOccurrences/{event}", "GET me/events/{event}"),
    (ANY, "U/contacts", "GET users"),
)


def calls() -> Iterator[tuple[str, str, Handler, Needs]]:
    """Yield the table with everything that a collection stands for."""
    for method, short, answer, needs in TABLE:
        if not isinstance(answer, Collection):
            yield method, short, answer, needs
            continue
        feed = answer.feed
        yield method, short, delta.list_or_delta(answer, feed) if feed else collections.lister(answer), needs
        yield method, f"{short}/$count", collections.counter(answer), needs
        if feed:
            yield method, f"{short}/delta", delta.delta(answer, feed), needs


def delegated_permissions() -> tuple[str, ...]:
    """Return every permission that a person can give and that any call asks for, in alphabetical order."""
    named = {name for *_, needs in calls() for some in (needs.delegated, needs.shared) for name in some.names}
    return tuple(sorted(named))


def rows() -> Iterator[Row[Route]]:
    """Return the whole table, every stand-in written out."""
    for method, short, answer, needs in calls():
        route = Route(answer, needs)
        for pattern in patterns_of(short):
            yield Row(method, pattern, route)
    for method, short, answer, needs in WRONG_TURNS:
        for pattern in patterns_of(short):
            yield Row(method, pattern, Route(answer, needs, is_real=False))
    for method, short, near in GAPS:
        for pattern in patterns_of(short):
            at_hand = near.replace("me/calendar/", "me/calendars/{calendar}/") if "{calendar}" in pattern else near
            yield Row(method, pattern, Gap(at_hand))


def routes_of(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield method and pattern of what one profile answers, in its own words; batches too."""
    for row in rows():
        if not isinstance(row.handler, Gap) and _is_answered(profile, row.method, row.handler, row.pattern):
            yield row.method, _spell_pattern(profile, row.pattern)
    if profile.batch_paths:
        yield "POST", "$batch"


def _is_answered(profile: Profile, method: str, route: Route, pattern: str) -> bool:
    path = "/".join("AAMkAA1" if word.startswith("{") else word.lstrip(":") for word in pattern.split("/"))
    return not route.is_real or method in profile.published.methods(url.parse(path), profile.synonyms)


def _spell_pattern(profile: Profile, pattern: str) -> str:
    words = pattern.split("/")
    return "/".join(one if one[0] in "{$" else profile.segment(one.lstrip(":")) for one in words)


def resolve(profile: Profile, segments: tuple[Segment, ...], method: str) -> ResolvedPath[Route]:
    """Return who answers `method` at this path in one profile.

    Raises UnknownSegment for what this service never had, NotEmulated for what it has and rsvpd has not, else
    MethodNotAllowed.
    """
    near, between = _without_nesting(segments)
    try:
        found = ROUTES.resolve(near, method, root=profile.mount, synonyms=profile.synonyms, namespace=profile.namespace)
        if between:
            found = structs.replace(found, trail=_with_nesting(found.trail, between))
        methods = profile.published.methods(segments, profile.synonyms) if found.handler.is_real else (method,)
        if not methods:
            raise _never_there(segments)
        if method not in methods:
            raise MethodNotAllowed("The method is not allowed here.", target=", ".join(methods))
        return found
    except (UnknownSegment, MethodNotAllowed, NotEmulated) as refusal:
        member = _member(profile, segments) if method == "GET" else None
        if member is not None:
            return member
        methods = profile.published.methods(segments, profile.synonyms)
        if isinstance(refusal, NotEmulated):
            if not methods:
                raise _never_there(segments) from None
        elif method in methods:
            raise _missing_route(segments, method) from None
        raise


def _without_nesting(segments: tuple[Segment, ...]) -> tuple[tuple[Segment, ...], list[str]]:
    """Return a path with the last folder of those that stand in each other, and the ids of those between it and the
    first: the table knows one level.
    """
    keys: list[tuple[int, int, str]] = []  # of each folder that stands in another: where it begins and ends, its id
    for at, segment in enumerate(segments):
        if segment.word.lower() != "childfolders":
            continue
        following = segments[at + 1].text if at + 1 < len(segments) else "$"
        if segment.key is not None:
            keys.append((at, at + 1, segment.key))
        elif not following.startswith("$") and following.lower() != "delta" and not strip_namespace(following)[1]:
            keys.append((at, at + 2, following))
    between = keys[:-1]
    left = set(range(len(segments))) - {at for begin, end, _ in between for at in range(begin, end)}
    return tuple(segments[at] for at in sorted(left)), [key for _, _, key in between]


def _with_nesting(trail: tuple[Step, ...], between: list[str]) -> tuple[Step, ...]:
    """Return the way that was walked with the folders between."""
    at = next(place for place, step in enumerate(trail) if step.name == "childFolders")
    return (*trail[:at], *(Step("childFolders", key) for key in between), *trail[at:])


def _member(profile: Profile, segments: tuple[Segment, ...]) -> ResolvedPath[Route] | None:
    """Return who answers a path that ends in one member of an entity, or in the `$value` of that; else None."""
    is_raw = bool(segments) and segments[-1].text.lower() == "$value"
    path = segments[:-1] if is_raw else segments
    if len(path) < 2 or not profile.published.is_member(path, profile.synonyms):
        return None
    *before, last = path
    entity = resolve(profile, tuple(before), "GET")
    name = strip_namespace(last.word)[0]
    if not any(shape.find(name) for shape in profile.tables.shapes()):
        return None  # the service has it, and it is not kept here
    answer = members.member_of(entity.handler.answer, name, is_raw=is_raw)
    return structs.replace(entity, handler=structs.replace(entity.handler, answer=answer))


def _never_there(segments: tuple[Segment, ...]) -> UnknownSegment:
    text = segments[-1].text[:80]
    return UnknownSegment(f"Resource not found for the segment '{text}'.", target=text)


def _missing_route(segments: tuple[Segment, ...], method: str) -> NotEmulated:
    """Return the error for a route that is real."""
    last = segments[-1].text[:80]
    place = "/".join(one.text[:80] for one in segments)
    return not_emulated_error(f"{method} of '{last}'", place, "", target=last)


def patterns_of(short: str) -> list[str]:
    """Return the patterns that a pattern with stand-ins means."""
    for letter, meanings in _STAND_INS:
        head, _, rest = short.partition("/")
        if head == letter:
            ends = [f"{meaning}/{rest}" if rest else meaning for meaning in meanings]
            return [pattern for end in ends for pattern in patterns_of(end)]
    for letter, casts in (("/:C", CASTS), ("/:B", ATTACHMENT_CASTS)):
        if letter in short:
            return [pattern for cast in casts for pattern in patterns_of(short.replace(letter, f"/:{cast}", 1))]
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
    # In Graph, and in Outlook REST v2.0, where also zones and languages are those of a user.
    ("K", ("U/outlook/masterCategories", "U/masterCategories")),
    ("N", tuple(f"U{calendar}" for calendar in NAMED_CALENDARS)),
    ("U", USERS),
)

ROUTES: Routes[Route] = Routes(rows())
