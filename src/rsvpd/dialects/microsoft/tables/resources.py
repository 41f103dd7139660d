"""The tables of the three profiles: Graph's are the base, Outlook v2.0 and v1.0 say what differs.

Names follow the casing rule except where they stand here; the expanded tables are golden files.
Order within a table is that of the services' published samples.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rsvpd.calendar.event import Location
from rsvpd.dialects.microsoft.tables.attachment import (
    attachment_table,
    file_attachment_table,
    item_attachment_table,
    reference_attachment_table,
)
from rsvpd.dialects.microsoft.tables.category import category_table
from rsvpd.dialects.microsoft.tables.complex_types import FULL_PLACE, IN_GRAPH, Types, small_types
from rsvpd.dialects.microsoft.tables.event import SHARED_UID, event_table
from rsvpd.dialects.microsoft.tables.extended import custom_data_tables
from rsvpd.dialects.microsoft.tables.folder import (
    calendar_group_table,
    calendar_table,
    folder_table,
    permission_table,
    search_folder_table,
)
from rsvpd.dialects.microsoft.tables.mail_tips import mail_tips_tables
from rsvpd.dialects.microsoft.tables.meeting_times import meeting_times_tables
from rsvpd.dialects.microsoft.tables.message import (
    event_message_request_table,
    event_message_response_table,
    event_message_table,
    message_table,
)
from rsvpd.dialects.microsoft.tables.person import person_tables
from rsvpd.dialects.microsoft.tables.place import place_table, room_list_table, room_table
from rsvpd.dialects.microsoft.tables.rule import classification_table, override_table, rule_tables
from rsvpd.dialects.microsoft.tables.schedule import schedule_tables
from rsvpd.dialects.microsoft.tables.settings import settings_tables
from rsvpd.dialects.microsoft.tables.subscription import push_subscription_table, subscription_table
from rsvpd.dialects.microsoft.tables.user import outlook_user_table, user_table
from rsvpd.dialects.microsoft.vocabulary.codecs import CAMEL, PASCAL, Ctx, pascal_name, pascal_type
from rsvpd.dialects.microsoft.vocabulary.times import OFFSET, ZONE_NAME
from rsvpd.dialects.shape import Access, Prop, Shape
from rsvpd.mail.attachment import AttachmentKind
from rsvpd.mail.message import MeetingKind


class Tables(Struct, frozen=True, kw_only=True):
    """All tables of one profile. `messages` and `attachments` hold the one for each kind, `settings` that of the
    mailbox settings and those it is made of, `schedule` the same of an answer of getSchedule, `meeting_times` of one of
    findMeetingTimes, `mail_tips` of one of getMailTips, `subscription` that of subscriptions, `push_subscription` that
    of those of Outlook REST, `extended` those of properties with one value, with many, and of open extensions, and
    `category` that of categories, where the profile has them; so `rules` holds that of rules of an inbox and those it
    is made of, `override` is that of overrides of the focused inbox, `places` those of what all places have, of
    rooms and of lists of rooms, `search_folder` that of search folders, `classification` that of the focused inbox as a
    whole, and `people` that of people who matter to somebody, with those it is made of.
    """

    types: Types
    event: Shape[Ctx]
    message: Shape[Ctx]
    event_message: Shape[Ctx]
    event_message_request: Shape[Ctx]
    event_message_response: Shape[Ctx]
    messages: Mapping[MeetingKind, Shape[Ctx]]
    attachment: Shape[Ctx]
    attachments: Mapping[AttachmentKind, Shape[Ctx]]
    folder: Shape[Ctx]
    calendar: Shape[Ctx]
    calendar_group: Shape[Ctx]
    permission: Shape[Ctx]
    user: Shape[Ctx]
    settings: tuple[Shape[Ctx], ...]
    schedule: tuple[Shape[Ctx], ...] = ()
    meeting_times: tuple[Shape[Ctx], ...]
    mail_tips: tuple[Shape[Ctx], ...]
    subscription: Shape[Ctx] | None = None
    push_subscription: Shape[Ctx] | None = None
    extended: tuple[Shape[Ctx], ...] = ()
    rules: tuple[Shape[Ctx], ...] = ()
    override: Shape[Ctx] | None = None
    category: Shape[Ctx] | None = None
    places: tuple[Shape[Ctx], ...] = ()
    people: tuple[Shape[Ctx], ...] = ()
    search_folder: Shape[Ctx] | None = None
    classification: Shape[Ctx] | None = None

    @property
    def folders(self) -> tuple[Shape[Ctx], ...]:
        """Return the tables of mail folders, of plain ones first."""
        return (self.folder,) if self.search_folder is None else (self.folder, self.search_folder)

    @property
    def mailbox_settings(self) -> Shape[Ctx]:
        """Return the table of the mailbox settings."""
        return self.settings[0]

    def entities(self) -> tuple[Shape[Ctx], ...]:
        """Return the tables of entities, each once."""
        every = (
            self.event,
            self.message,
            self.event_message,
            self.event_message_request,
            self.event_message_response,
            self.attachment,
            *self.attachments.values(),
            *self.folders,
            self.calendar,
            self.calendar_group,
            self.permission,
            self.user,
        )
        some = (self.subscription, self.push_subscription, self.override, self.classification, self.category)
        own = (*self.rules[:1], *self.people[:1], *(one for one in some if one is not None))
        return tuple(dict.fromkeys((*every, *own, *self.extended, *self.places)))

    def shapes(self) -> tuple[Shape[Ctx], ...]:
        """Return the tables of entities, then those of complex types."""
        return (*self.entities(), *self.complex_types())

    def complex_types(self) -> tuple[Shape[Ctx], ...]:
        """Return the tables of complex types, of answers first."""
        asked = (*self.rules[1:], *self.people[1:])
        answers = (*self.settings, *self.schedule, *self.meeting_times, *self.mail_tips, *asked)
        return (*answers, *self.types.tables.values())


def arrange(shape: Shape[Ctx], first: str) -> Shape[Ctx]:
    """Return the same table with the properties named in `first` before the others."""
    places = {name.lower(): place for place, name in enumerate(first.split())}
    props = sorted(shape.props, key=lambda prop: places.get(prop.name.lower(), len(places)))
    return Shape(shape.name, props, base=shape.base)


# --- Graph


_KINDS_OF_ATTACHMENTS: Mapping[AttachmentKind, Shape[Ctx]] = {
    AttachmentKind.FILE: file_attachment_table(),
    AttachmentKind.ITEM: item_attachment_table(),
    AttachmentKind.REFERENCE: reference_attachment_table(),
}


def _graph() -> Tables:
    types = small_types(CAMEL, no_place=FULL_PLACE, more=IN_GRAPH)
    event_message = event_message_table(types)
    request, response = event_message_request_table(types), event_message_response_table(types)
    message = message_table(types)
    return Tables(
        types=types,
        event=event_table(types),
        message=message,
        event_message=event_message,
        event_message_request=request,
        event_message_response=response,
        messages={
            MeetingKind.NONE: message,
            MeetingKind.REQUEST: request,
            MeetingKind.CANCELLED: event_message,
            MeetingKind.ACCEPTED: response,
            MeetingKind.TENTATIVE: response,
            MeetingKind.DECLINED: response,
        },
        attachment=attachment_table(),
        attachments=_KINDS_OF_ATTACHMENTS,
        folder=folder_table(types),
        search_folder=search_folder_table(types),
        calendar=calendar_table(types),
        calendar_group=calendar_group_table(types),
        permission=permission_table(types),
        user=user_table(types),
        settings=settings_tables(types),
        meeting_times=meeting_times_tables(types),
        mail_tips=mail_tips_tables(types),
        schedule=schedule_tables(types),
        subscription=subscription_table(types),
        places=(place_table(types), room_table(types), room_list_table(types)),
        people=person_tables(types),
        extended=custom_data_tables(),
        rules=rule_tables(types),
        override=override_table(types),
        classification=classification_table(),
        category=category_table(types),
    )


# --- Outlook REST

_UID: Prop[Ctx] = Prop(name="iCalUId", source="", codec=SHARED_UID, query="uid")
_BETA_OF_EVENT_MESSAGE = (
    "type",
    "isOutOfDate",
    "isAllDay",
    "isDelegated",
    "recurrence",
    "startDateTime",
    "endDateTime",
    "location",
)
V1_NAMES = {
    "createdDateTime": "DateTimeCreated",
    "lastModifiedDateTime": "DateTimeLastModified",
    "receivedDateTime": "DateTimeReceived",
    "sentDateTime": "DateTimeSent",
    "reminderMinutesBeforeStart": "Reminder",
}
_NOT_IN_V1 = {
    "event": (
        "transactionId",
        "originalStartTimeZone",
        "originalEndTimeZone",
        "originalStart",
        "isReminderOn",
        "onlineMeetingUrl",
        "isOnlineMeeting",
        "onlineMeetingProvider",
        "onlineMeeting",
        "allowNewTimeProposals",
        "isDraft",
        "hideAttendees",
        "locations",
        "cancelledOccurrences",
    ),
    "message": (
        "internetMessageId",
        "internetMessageHeaders",
        "conversationIndex",
        "inferenceClassification",
        "flag",
    ),
    "calendar": (
        "hexColor",
        "isDefaultCalendar",
        "canShare",
        "canViewPrivateItems",
        "canEdit",
        "allowedOnlineMeetingProviders",
        "defaultOnlineMeetingProvider",
        "isTallyingResponses",
        "isRemovable",
        "owner",
    ),
}
_TYPE_MEMBERS_NOT_IN_V1 = frozenset({
    "attendee.proposedNewTime",
    "location.locationUri",
    "location.locationEmailAddress",
    "location.locationType",
    "location.uniqueId",
    "location.uniqueIdType",
    "recurrenceRange.recurrenceTimeZone",
})  # fmt: skip
_V1_EVENT_TIMES: tuple[Prop[Ctx], ...] = (
    Prop(name="Start", source="event.start", codec=OFFSET, access=Access.WRITE, query="start"),
    Prop(
        name="StartTimeZone", source="event.start", codec=ZONE_NAME, access=Access.WRITE, field="start_zone"
    ),
    Prop(name="End", source="event.end", codec=OFFSET, access=Access.WRITE, query="end"),
    Prop(name="EndTimeZone", source="event.end", codec=ZONE_NAME, access=Access.WRITE, field="end_zone"),
)
_EVENT_ORDER = (
    "Id ChangeKey Categories CreatedDateTime LastModifiedDateTime DateTimeCreated DateTimeLastModified "
    "Subject BodyPreview Body Importance HasAttachments Start StartTimeZone End EndTimeZone Reminder "
    "Location ResponseStatus ShowAs IsAllDay IsCancelled IsOrganizer ResponseRequested Type SeriesMasterId "
    "Attendees Recurrence Organizer iCalUId WebLink"
)
_MESSAGE_ORDER = (
    "Id ChangeKey Categories CreatedDateTime LastModifiedDateTime DateTimeCreated DateTimeLastModified "
    "ReceivedDateTime SentDateTime DateTimeReceived DateTimeSent HasAttachments Subject BodyPreview Body "
    "Importance ParentFolderId ConversationId Sender From ToRecipients CcRecipients BccRecipients ReplyTo "
    "IsDeliveryReceiptRequested IsReadReceiptRequested IsRead IsDraft WebLink"
)


class Edition(Struct, frozen=True, kw_only=True):
    """What one version of Outlook REST has otherwise than Graph, by table."""

    types: Types
    rename: Mapping[str, str] = {}
    drop: Mapping[str, tuple[str, ...]] = {}
    event_rows: tuple[Prop[Ctx], ...] = (_UID,)
    folder_name: str = "MailFolder"
    has_schedules: bool = True
    has_rules: bool = True
    has_subscriptions: bool = True
    has_extended: bool = True
    has_people: bool = True

    def derive(self, shape: Shape[Ctx], *, drop: tuple[str, ...] = (), name: str = "") -> Shape[Ctx]:
        """Return a table of Graph as this edition has it."""
        return shape.derive(
            name or pascal_type(shape.name),
            case=pascal_name,
            rename=self.rename,
            drop=(*drop, *self.drop.get(shape.name, ())),
            override=self.event_rows if shape.name == "event" else (),
            base=pascal_type(shape.base) if shape.base else None,
        )


def _outlook(edition: Edition) -> Tables:
    types = edition.types
    message = arrange(edition.derive(message_table(types)), _MESSAGE_ORDER)
    drop = (*_BETA_OF_EVENT_MESSAGE, *edition.drop.get("message", ()))
    about = arrange(edition.derive(event_message_table(types), drop=drop), _MESSAGE_ORDER)
    rule, *parts = rule_tables(types)
    person, *parts_of_people = person_tables(types)
    return Tables(
        types=types,
        event=arrange(edition.derive(event_table(types)), _EVENT_ORDER),
        message=message,
        event_message=about,
        event_message_request=about,
        event_message_response=about,
        messages={kind: about if kind else message for kind in MeetingKind},
        attachment=edition.derive(attachment_table()),
        attachments={kind: edition.derive(shape) for kind, shape in _KINDS_OF_ATTACHMENTS.items()},
        folder=edition.derive(folder_table(types), drop=("isHidden",), name=edition.folder_name),
        calendar=edition.derive(calendar_table(types)),
        calendar_group=edition.derive(calendar_group_table(types)),
        permission=edition.derive(permission_table(types)),
        user=edition.derive(outlook_user_table(types)),
        settings=settings_tables(types),
        meeting_times=meeting_times_tables(types),
        mail_tips=mail_tips_tables(types),
        schedule=schedule_tables(types) if edition.has_schedules else (),
        push_subscription=push_subscription_table(types) if edition.has_subscriptions else None,
        rules=(edition.derive(rule), *parts) if edition.has_rules else (),
        override=edition.derive(override_table(types)) if edition.has_rules else None,
        people=(edition.derive(person), *parts_of_people) if edition.has_people else (),
        classification=edition.derive(classification_table()) if edition.has_rules else None,
        extended=tuple(map(_outlook_custom_data, custom_data_tables())) if edition.has_extended else (),
        category=edition.derive(category_table(types)) if edition.has_extended else None,
    )


def _outlook_custom_data(shape: Shape[Ctx]) -> Shape[Ctx]:
    """Return the table of a property as Outlook REST has it, which calls its id otherwise, or that of an extension."""
    is_property = shape.find("value") is not None
    return shape.derive(
        pascal_type(shape.name),
        case=pascal_name,
        rename={"id": "PropertyId"} if is_property else {},
        base=None if is_property else pascal_type("entity"),
    )


GRAPH_TABLES = _graph()
V2_TABLES = _outlook(Edition(types=small_types(PASCAL, no_place=FULL_PLACE)))
V1_TABLES = _outlook(
    Edition(
        types=small_types(PASCAL, without=_TYPE_MEMBERS_NOT_IN_V1, no_place=Location()),
        rename=V1_NAMES,
        drop=_NOT_IN_V1,
        event_rows=(_UID, *_V1_EVENT_TIMES),
        folder_name="Folder",
        has_schedules=False,
        has_rules=False,
        has_subscriptions=False,
        has_extended=False,
        has_people=False,
    )
)
