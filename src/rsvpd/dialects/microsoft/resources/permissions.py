"""Permissions of a calendar: who may do what with it. They are the owner's to see and to give."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.view import CalendarView
from rsvpd.commands import permissions as commands
from rsvpd.commands.permissions import PermissionView
from rsvpd.dialects.microsoft.exchange import control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, check_options, short, show, show_changed
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.resources.events import place_of_event
from rsvpd.dialects.microsoft.tables.queries import PERMISSION_FIELDS
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidId, InvalidProperty, ItemNotFound, MissingProperty
from rsvpd.hints import Hint, HintCode, ignored_property_hints


async def get_permission(call: Call) -> Response:
    """Answer one."""
    await check_calendar(call)
    return await show(call, PERMISSIONS, await call.door(commands.get_permission, call.who, await _grantee(call)))


async def create_permission(call: Call) -> Response:
    """Share the calendar with somebody."""
    check_options(call, PERMISSIONS)
    await check_calendar(call)
    fields = _fields(call, creating=True)
    box, role = fields.get("box"), fields.get("role")
    if box is None:
        raise MissingProperty("The property 'emailAddress' is required.", target="emailAddress")
    if role is None:
        raise MissingProperty("The property 'role' is required.", target="role")
    done = await call.door(commands.grant, call.who, box.address, role)
    location = ("Location", control_info.permission_url(call, done.value))
    return await show_changed(call, PERMISSIONS, done.value, status=201, headers=(location,))


async def update_permission(call: Call) -> Response:
    """Give another role; nothing else of a permission can be changed."""
    check_options(call, PERMISSIONS)
    await check_calendar(call)
    fields = _fields(call, creating=False)
    ignored = [name for name in call.body if name.lower() != "role" and "@" not in name]
    role, grantee = fields.get("role"), await _grantee(call)
    if role is None:
        raise MissingProperty("The property 'role' is required.", target="role")
    done = await call.door(commands.change_role, call.who, grantee, role)
    hints = ignored_property_hints(ignored)
    return await show_changed(call, PERMISSIONS, done.value, hints=replies.hint_headers(call, hints))


async def delete_permission(call: Call) -> Response:
    """Take a permission back."""
    await check_calendar(call)
    await call.door(commands.revoke, call.who, await _grantee(call))
    return replies.no_content(call)


async def _grantee(call: Call) -> int:
    """Return whose permission the path names. Raises InvalidId, or ItemNotFound for another mailbox's."""
    item = call.item("permission")
    if item.kind is not ids.Kind.PERMISSION:
        raise InvalidId("Id is malformed.")
    view = await call.door(commands.get_permission, call.who, item.item)
    if view.owner.number != item.mailbox:
        raise ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return item.item


def _fields(call: Call, *, creating: bool) -> dict[str, Any]:
    fields, _ = call.profile.permission.read(call.body, call.ctx, creating=creating, strict=True)
    if fields.get("inside") is False:
        wrong = "isInsideOrganization: a calendar is shared with people of this server only."
        raise InvalidProperty(wrong, target="isInsideOrganization")
    if fields.get("removable") is False:
        # learn.microsoft.com/graph/api/resources/calendarpermission: that of My Organization alone cannot be removed.
        wrong = "isRemovable: the permission that somebody is given can be taken back."
        raise InvalidProperty(wrong, target="isRemovable")
    return fields


def _to_wire(call: Call, view: PermissionView, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_permission(call, view), **call.profile.permission.write(view, call.ctx, select)}


async def _all(call: Call, _: CalendarView | None) -> list[PermissionView]:
    return await call.door(commands.list_permissions, call.who)


# That of everybody here comes first.
PERMISSIONS: Collection[PermissionView, CalendarView | None] = Collection(
    place=check_calendar,
    find=short(_all, PERMISSION_FIELDS),
    shapes=lambda profile: (profile.permission,),
    lookup=lambda profile: profile.lookups.permission,
    write=lambda call, select: lambda view: _to_wire(call, view, select),
)
# Those of the calendar in which an event stands.
PERMISSIONS_BESIDE = structs.replace(PERMISSIONS, place=place_of_event)
