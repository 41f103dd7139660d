"""The tables of what holds items: mail folders and calendars, with their permissions."""

from __future__ import annotations

from rsvpd.calendar.calendars import MY_CALENDARS, OTHER_CALENDARS
from rsvpd.calendar.permission import CalendarRole
from rsvpd.dialects.microsoft.tables.builder import as_mailbox, mailbox_writer, many, reader
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.item import CHANGE_KEY, ID
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, NUMBER, TEXT, TEXTS, Ctx, constant, read_flag, read_only
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


def search_folder_table(t: Types) -> Shape[Ctx]:
    """Return the table of search folders."""
    return Shape(
        "mailSearchFolder",
        (
            *folder_table(t).props,
            # Whether clients may change it: all that are here were made by one.
            Prop(name="isSupported", source="", codec=YES),
            Prop(name="includeNestedFolders", source="folder.search.is_deep", codec=FLAG, access=Access.WRITE),
            Prop(name="sourceFolderIds", source="sources", codec=TEXTS, access=Access.WRITE),
            Prop(name="filterQuery", source="folder.search.filter", codec=TEXT, access=Access.WRITE),
        ),
        base="mailFolder",
    )


def _parent(view: FolderView, _: Ctx) -> str | None:
    parent = view.folder.parent
    return None if parent is None else folder_id(view.owner, parent)


def calendar_table(t: Types) -> Shape[Ctx]:
    """Return the table of calendars: what their reader may do with them is said by the role."""
    provider, color = t.word(words.ONLINE_MEETING_PROVIDER), t.word(words.CALENDAR_COLOR)
    write = mailbox_writer(t.style)

    def owner(box: Mailbox, _: Ctx) -> dict[str, str]:
        return write(box.name, box.address)

    return Shape(
        "calendar",
        (
            ID,
            Prop(name="name", source="name", codec=TEXT, query="name", access=Access.WRITE),
            Prop(name="color", source="properties.color", codec=color, access=Access.WRITE),
            Prop(name="hexColor", source="properties.color", codec=HEX_COLOR),
            Prop(name="isDefaultCalendar", source="is_default", codec=FLAG),
            CHANGE_KEY,
            Prop(name="canShare", source="role", codec=IS_OWNER),
            Prop(name="canViewPrivateItems", source="role.sees_private", codec=FLAG),
            Prop(name="canEdit", source="role.can_edit", codec=FLAG),
            Prop(
                name="allowedOnlineMeetingProviders",
                source="properties.providers",
                codec=many(provider),
            ),
            Prop(
                name="defaultOnlineMeetingProvider", source="properties.provider", codec=provider, access=Access.WRITE
            ),
            Prop(name="isTallyingResponses", source="is_default", codec=FLAG),
            Prop(name="isRemovable", source="is_default", codec=read_only("Edm.Boolean", lambda yes, _: not yes)),
            Prop(name="owner", source="owner.mailbox", codec=read_only(t.edm("emailAddress"), owner)),
        ),
        base="entity",
    )


YES = constant("Edm.Boolean", True)
IS_OWNER = read_only("Edm.Boolean", lambda role, _: role is CalendarRole.OWNER)
# What Outlook on the web shows for each color; of a calendar that was never given one it is empty.
HEX_COLORS = {
    "lightBlue": "#a6d1f5", "lightGreen": "#87d28e", "lightOrange": "#fcab73", "lightGray": "#c0c0c0",
    "lightYellow": "#f4d07a", "lightTeal": "#4adacc", "lightPink": "#f08cc0", "lightBrown": "#cba287",
    "lightRed": "#f88c9b",
}  # fmt: skip
HEX_COLOR = read_only("Edm.String", lambda color, _: HEX_COLORS.get(color, ""))


# What Outlook calls the groups that every mailbox has (classId); one that somebody made has none.
GROUP_CLASSES = {MY_CALENDARS: "0006f0b7", OTHER_CALENDARS: "0006f0b8"}
_CLASS_REST = "0000-0000-c000-000000000046"
_NO_CLASS = "00000000-0000-0000-0000-000000000000"


def calendar_group_table(_: Types) -> Shape[Ctx]:
    """Return the table of groups of calendars."""

    def class_id(number: int, _: Ctx) -> str:
        return f"{GROUP_CLASSES[number]}-{_CLASS_REST}" if number in GROUP_CLASSES else _NO_CLASS

    return Shape(
        "calendarGroup",
        (
            ID,
            Prop(name="name", source="name", codec=TEXT, query="name", access=Access.WRITE),
            Prop(name="classId", source="number", codec=read_only("Edm.Guid", class_id)),
            CHANGE_KEY,
        ),
        base="entity",
    )


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
            Prop(name="isRemovable", source="is_removable", codec=FLAG, access=Access.CREATE, field="removable"),
            Prop(name="allowedRoles", source="allowed", codec=many(roles)),
            Prop(name="role", source="role", codec=roles, access=Access.WRITE),
        ),
        base="entity",
    )
