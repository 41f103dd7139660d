"""The tables of what holds items: mail folders and calendars, with their permissions; and the mailbox settings."""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.permission import CalendarRole, Delivery
from rsvpd.dialects.microsoft.tables.builder import as_mailbox, mailbox_writer, many, reader
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.item import CHANGE_KEY, ID
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, NUMBER, TEXT, Ctx, constant, read_flag, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.mail.address import Mailbox
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.view import FolderView, folder_id
from rsvpd.timezones import zone


def folder_table(_: Types) -> Shape[Ctx]:
    """Return the table of mail folders."""
    return Shape(
        "mailFolder",
        (
            ID,
            Prop(name="displayName", source="name", codec=TEXT, query="name"),
            Prop(name="parentFolderId", source="", codec=read_only("Edm.String", _parent)),
            Prop(name="childFolderCount", source="children", codec=NUMBER, query="children"),
            Prop(name="unreadItemCount", source="unread", codec=NUMBER, query="unread"),
            Prop(name="totalItemCount", source="total", codec=NUMBER, query="total"),
            Prop(name="isHidden", source="", codec=constant("Edm.Boolean", False)),
        ),
        base="entity",
    )


def _parent(view: FolderView, _: Ctx) -> str | None:
    return None if view.folder is Folder.ROOT else folder_id(view.owner, Folder.ROOT)


def calendar_table(t: Types) -> Shape[Ctx]:
    """Return the table of calendars: what their reader may do with them is said by the role."""
    provider, unknown = t.edm(words.ONLINE_MEETING_PROVIDER.name), t.style.word("unknown")
    color = t.style.word("auto")
    write = mailbox_writer(t.style)

    def owner(box: Mailbox, _: Ctx) -> dict[str, str]:
        return write(box.name, box.address)

    return Shape(
        "calendar",
        (
            ID,
            Prop(name="name", source="name", codec=TEXT, query="name"),
            Prop(name="color", source="", codec=constant(t.edm(words.CALENDAR_COLOR.name), color)),
            Prop(name="hexColor", source="", codec=constant("Edm.String", "")),
            Prop(name="isDefaultCalendar", source="number", codec=IS_DEFAULT),
            CHANGE_KEY,
            Prop(name="canShare", source="role", codec=IS_OWNER),
            Prop(name="canViewPrivateItems", source="role.sees_private", codec=FLAG),
            Prop(name="canEdit", source="role.can_edit", codec=FLAG),
            Prop(
                name="allowedOnlineMeetingProviders",
                source="",
                codec=constant(f"Collection({provider})", ()),
            ),
            Prop(name="defaultOnlineMeetingProvider", source="", codec=constant(provider, unknown)),
            Prop(name="isTallyingResponses", source="number", codec=IS_DEFAULT),
            Prop(name="isRemovable", source="", codec=NO),
            Prop(name="owner", source="owner.mailbox", codec=read_only(t.edm("emailAddress"), owner)),
        ),
        base="entity",
    )


YES = constant("Edm.Boolean", True)
NO = constant("Edm.Boolean", False)
IS_OWNER = read_only("Edm.Boolean", lambda role, _: role is CalendarRole.OWNER)
IS_DEFAULT = read_only("Edm.Boolean", lambda number, _: number == 1)


def permission_table(t: Types) -> Shape[Ctx]:
    """Return the table of what somebody may do with a calendar; everybody here is called My Organization."""
    roles = t.word(words.CALENDAR_ROLE_TYPE)
    name, address = t.style.names("name", "address")
    write_box = mailbox_writer(t.style)
    read_box = reader(t.tables["emailAddress"], as_mailbox)

    def write(person: Person | None, _: Ctx) -> dict[str, str | None]:
        if person is None:
            return {name: "My Organization", address: None}
        return {**write_box(person.name, person.address)}

    return Shape(
        "calendarPermission",
        (
            ID,
            Prop(
                name="emailAddress",
                source="person",
                codec=Codec(t.edm("emailAddress"), write, read_box),
                access=Access.CREATE,
                field="box",
            ),
            Prop(
                name="isInsideOrganization",
                source="",
                codec=Codec("Edm.Boolean", lambda _, __: True, read_flag),
                access=Access.CREATE,
                field="inside",
            ),
            Prop(name="isRemovable", source="is_removable", codec=FLAG),
            Prop(name="allowedRoles", source="allowed", codec=many(roles)),
            Prop(name="role", source="role", codec=roles, access=Access.WRITE),
        ),
        base="entity",
    )


# --- mailbox settings

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def mailbox_settings_table(t: Types) -> Shape[Ctx]:
    """Return the table of mailbox settings: the zone is the person's own, the rest what a new mailbox has."""
    return Shape(
        "mailboxSettings",
        (
            Prop(
                name="archiveFolder",
                source="",
                codec=read_only("Edm.String", lambda person, _: folder_id(person, Folder.ARCHIVE)),
            ),
            Prop(name="timeZone", source="zone", codec=ZONE),
            Prop(
                name="delegateMeetingMessageDeliveryOptions",
                source="",
                codec=_delivery(t),
                access=Access.WRITE,
                field="delivery",
            ),
            Prop(name="dateFormat", source="", codec=constant("Edm.String", "yyyy-MM-dd")),
            Prop(name="timeFormat", source="", codec=constant("Edm.String", "HH:mm")),
            Prop(name="userPurpose", source="kind", codec=_purpose(t)),
            Prop(name="automaticRepliesSetting", source="", codec=_no_replies(t)),
            Prop(name="language", source="", codec=_english(t)),
            Prop(name="workingHours", source="zone", codec=working_hours(t)),
        ),
    )


ZONE = read_only("Edm.String", lambda name, _: zone.windows_name(name))
PURPOSES = {PersonKind.USER: "user", PersonKind.ROOM: "room"}


def _delivery(t: Types) -> Codec[Ctx]:
    plain = t.word(words.DELEGATE_DELIVERY)

    def write(person: Person, ctx: Ctx) -> Any:
        return plain.write(getattr(person, "delivery", Delivery.DELEGATE_ONLY), ctx)

    return Codec(plain.edm, write, plain.read)


def _purpose(t: Types) -> Codec[Ctx]:
    return read_only(t.edm(words.USER_PURPOSE.name), lambda kind, _: t.style.word(PURPOSES[kind]))


def _no_replies(t: Types) -> Codec[Ctx]:
    name, word = t.style.name, t.style.word
    never = {name("dateTime"): "0001-01-01T00:00:00.0000000", name("timeZone"): "UTC"}
    return constant(
        t.edm("automaticRepliesSetting"),
        {
            name("status"): word("disabled"),
            name("externalAudience"): word("all"),
            name("internalReplyMessage"): "",
            name("externalReplyMessage"): "",
            name("scheduledStartDateTime"): dict(never),
            name("scheduledEndDateTime"): dict(never),
        },
    )


def _english(t: Types) -> Codec[Ctx]:
    locale, display_name = t.style.names("locale", "displayName")
    return constant(t.edm("localeInfo"), {locale: "en-US", display_name: "English (United States)"})


def working_hours(t: Types) -> Codec[Ctx]:
    """Return the codec of the hours somebody works: nobody sets them yet; they stand in the own zone."""
    name, word = t.style.name, t.style.word

    def write(own_zone: str, _: Ctx) -> dict[str, Any]:
        return {
            name("daysOfWeek"): [word(day) for day in _WEEK],
            name("startTime"): "08:00:00.0000000",
            name("endTime"): "17:00:00.0000000",
            name("timeZone"): {name("name"): zone.windows_name(own_zone)},
        }

    return read_only(t.edm("workingHours"), write)
