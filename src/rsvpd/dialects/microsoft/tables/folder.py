"""The tables of what holds items: mail folders and calendars, with their permissions."""

from __future__ import annotations

from rsvpd.calendar.permission import CalendarRole
from rsvpd.dialects.microsoft.tables.builder import as_mailbox, mailbox_writer, many, reader
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.item import CHANGE_KEY, ID
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, NUMBER, TEXT, Ctx, constant, read_flag, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.mail.address import Mailbox
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView, folder_id


def folder_table(_: Types) -> Shape[Ctx]:
    """Return the table of mail folders."""
    return Shape(
        "mailFolder",
        (
            ID,
            Prop(name="displayName", source="folder.name", codec=TEXT, access=Access.WRITE, query="name"),
            Prop(name="parentFolderId", source="", codec=read_only("Edm.String", _parent)),
            Prop(name="childFolderCount", source="children", codec=NUMBER, query="children"),
            Prop(name="unreadItemCount", source="unread", codec=NUMBER, query="unread"),
            Prop(name="totalItemCount", source="total", codec=NUMBER, query="total"),
            Prop(name="isHidden", source="folder.is_hidden", codec=FLAG, access=Access.WRITE, query="is_hidden"),
        ),
        base="entity",
    )


def _parent(view: FolderView, _: Ctx) -> str | None:
    parent = view.folder.parent
    return None if parent is None else folder_id(view.owner, parent)


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
