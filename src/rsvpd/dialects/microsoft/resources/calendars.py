"""Calendars and the groups they stand in: those of a mailbox, the default one first, and those that others share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.calendars import PropertiesDraft
from rsvpd.calendar.view import CalendarGroupView, CalendarView
from rsvpd.commands import calendars as commands
from rsvpd.commands import extended, permissions
from rsvpd.dialects.microsoft.exchange import access, control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    check_options,
    no_place,
    short,
    show,
    show_changed,
    write_inside,
)
from rsvpd.dialects.microsoft.exchange.extended import Home, expansions
from rsvpd.dialects.microsoft.tables.drafts import read_calendar
from rsvpd.dialects.microsoft.tables.queries import CALENDAR_FIELDS, CALENDAR_GROUP_FIELDS
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.wire import Response
from rsvpd.errors import CalendarNotFound, InvalidId, ItemNotFound, MissingProperty
from rsvpd.hints import Hint, HintCode, ignored_property_hints
from rsvpd.mail.address import fold
from rsvpd.mail.extended import CustomProperties, CustomProperty, Form
from rsvpd.query.algebra import Page, Query, custom_data_names
from rsvpd.query.page import cut_few

NOT_FOUND = "The specified folder could not be found in the store."


# --- calendars


async def get_calendar(call: Call) -> Response:
    """Answer the default calendar, or the one whose id stands in the path."""
    view = await check_calendar(call)
    if view is None:
        view = await call.door(commands.get_calendar, call.who)
    return await show(call, CALENDARS, view)


async def create_calendar(call: Call) -> Response:
    """Create a calendar, in the group that the path names or else among the own ones."""
    check_options(call, CALENDARS)
    group = await group_number(call)
    draft, sent, hints = _draft(call, creating=True)
    if not draft.name:
        raise MissingProperty("The property 'name' is required.", target="name")
    done = await call.door(commands.create_calendar, call.who, draft, group=group, unique=True, extended=sent)
    location = ("Location", control_info.calendar_url(call, done.value))
    return await show_changed(call, CALENDARS, done.value, status=201, headers=(location,), hints=hints)


async def update_calendar(call: Call) -> Response:
    """Change a calendar."""
    check_options(call, CALENDARS)
    item, expected = await _calendar_id(call), await call.expected_change(lambda: _change(call))
    draft, sent, hints = _draft(call, creating=False)
    done = await call.door(
        commands.update_calendar, call.who, draft, item, unique=True, expected=expected, extended=sent
    )
    return await show_changed(call, CALENDARS, done.value, hints=hints)


async def delete_calendar(call: Call) -> Response:
    """Delete a calendar with all that is in it; one that somebody else shares leaves the list."""
    await call.door(commands.delete_calendar, call.who, await _calendar_id(call))
    return replies.no_content(call)


async def sharing_roles(call: Call) -> Response:
    """Answer the roles that somebody can be given in a calendar: none outside, and none to its owner."""
    view = await check_calendar(call)
    if view is None:
        view = await call.door(commands.get_calendar, call.who)
    address = url.parse(call.request.path)[-1].arguments.get("user", "")
    if not address:
        raise MissingProperty("The parameter 'User' is required.", target="User")
    roles = await call.door(permissions.roles_for_address, call.who, address)
    role = call.profile.permission.find("role")
    assert role is not None
    codec = role.codec
    values = [codec.write(role, call.ctx) for role in roles] if fold(address) != fold(view.owner.address) else []
    return replies.value(call, f"Collection({codec.edm})", values)


async def check_calendar(call: Call) -> CalendarView | None:
    """Return the calendar whose id stands in the path, if one does. Raises CalendarNotFound or InvalidId.

    What is done in a calendar that somebody else shares is done in the mailbox of its owner.
    """
    name = call.keys.get("calendar")
    if name is None or call.calendar is not None:
        return call.calendar
    view = await call.door(commands.get_calendar, call.who, ids.decode(name))
    await _check_group(call, view)
    call.calendar = view
    if view.lister is not None:
        access.go_on(call, view.owner, lister=view.lister)
    call.who = structs.replace(call.who, calendar=view.number)
    return view


def calendar_to_wire(call: Call, view: CalendarView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a calendar as it stands on the wire."""
    return {**control_info.of_calendar(call, view), **call.profile.calendar.write(view, call.ctx, select)}


# --- groups


async def get_group(call: Call) -> Response:
    """Answer a group of calendars."""
    return await show(call, GROUPS, await _group(call))


async def create_group(call: Call) -> Response:
    """Create a group of calendars."""
    check_options(call, GROUPS)
    name, hints = _group_name(call, creating=True)
    done = await call.door(commands.create_group, call.who, name)
    location = ("Location", control_info.calendar_group_url(call, done.value))
    return await show_changed(call, GROUPS, done.value, status=201, headers=(location,), hints=hints)


async def update_group(call: Call) -> Response:
    """Give a group another name."""
    check_options(call, GROUPS)
    group = await _group(call)
    expected = await call.expected_change(lambda: _group_change(call))
    name, hints = _group_name(call, creating=False)
    done = await call.door(commands.rename_group, call.who, group.number, name, expected=expected)
    return await show_changed(call, GROUPS, done.value, hints=hints)


async def delete_group(call: Call) -> Response:
    """Delete a group; its calendars come to the first one."""
    await call.door(commands.delete_group, call.who, (await _group(call)).number)
    return replies.no_content(call)


async def group_number(call: Call) -> int | None:
    """Return the number of the group that the path names, None where it names none. Raises ItemNotFound, InvalidId."""
    return (await _group(call)).number if "group" in call.keys else None


# --- parts


async def _calendar_id(call: Call) -> ids.ItemId | None:
    """Return the id in the path, None where it is about the default calendar."""
    name = call.keys.get("calendar")
    if name is None:
        return None
    item = ids.decode(name)
    if "group" in call.keys:
        await _check_group(call, await call.door(commands.get_calendar, call.who, item))
    return item


async def _check_group(call: Call, view: CalendarView) -> None:
    """Raise CalendarNotFound where a calendar does not stand in the group that the path names."""
    if "group" in call.keys and view.group != await group_number(call):
        raise CalendarNotFound(NOT_FOUND)


async def _change(call: Call) -> int:
    return (await call.door(commands.get_calendar, call.who, await _calendar_id(call))).change


async def _group_change(call: Call) -> int:
    return (await _group(call)).change


async def _group(call: Call) -> CalendarGroupView:
    item = call.item("group")
    if item.kind is not ids.Kind.CALENDAR_GROUP:
        raise InvalidId("Id is malformed.")
    view = await call.door(commands.get_group, call.who, item.item)
    if view.owner.number != item.mailbox:
        raise ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return view


def _draft(call: Call, *, creating: bool) -> tuple[PropertiesDraft, tuple[CustomProperty, ...], replies.Headers]:
    """Return what is written of a calendar, what is to hang on it, and the hint of what has no effect."""
    draft, sent, ignored = read_calendar(call.profile, call.body, call.ctx, creating=creating)
    hints = ignored_property_hints(ignored)
    return draft, sent, replies.hint_headers(call, hints)


def _group_name(call: Call, *, creating: bool) -> tuple[str, replies.Headers]:
    fields, ignored = call.profile.calendar_group.read(call.body, call.ctx, creating=creating, strict=True)
    if not fields.get("name"):
        raise MissingProperty("The property 'name' is required.", target="name")
    hints = ignored_property_hints(ignored)
    return fields["name"], replies.hint_headers(call, hints)


async def _all(call: Call, group: int | None) -> list[CalendarView]:
    return await call.door(commands.list_calendars, call.who, group=group)


async def _find(call: Call, group: int | None, asked: Query) -> Page[CalendarView]:
    found = await _all(call, group)
    if custom_data_names(asked.where):
        found = await call.door(extended.calendars_with_values, call.who, found)
    return cut_few(found, asked, CALENDAR_FIELDS)


async def _custom_data_of(call: Call, views: Sequence[CalendarView]) -> list[CustomProperties]:
    return await call.door(extended.of_calendars, call.who, views)


def _home(view: CalendarView) -> Home:
    return Home(view.lister or view.owner, "calendars", view.id)


async def _all_groups(call: Call, _: None) -> list[CalendarGroupView]:
    return await call.door(commands.list_groups, call.who)


async def _show_calendars(call: Call, view: CalendarGroupView, one: Expand) -> dict[str, Any]:
    found = await _all(call, view.number)
    return {call.profile.member("calendars"): await write_inside(call, CALENDARS, found, one, fields=CALENDAR_FIELDS)}


def _group_to_wire(call: Call, view: CalendarGroupView, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_calendar_group(call, view), **call.profile.calendar_group.write(view, call.ctx, select)}


CALENDARS: Collection[CalendarView, int | None] = Collection(
    place=group_number,
    find=_find,
    shapes=lambda profile: (profile.calendar,),
    lookup=lambda profile: profile.lookups.calendar,
    write=lambda call, select: lambda view: calendar_to_wire(call, view, select),
    expand=expansions(_custom_data_of, _home, Form.SINGLE, Form.MULTI),
)
GROUPS: Collection[CalendarGroupView, None] = Collection(
    place=no_place,
    find=short(_all_groups, CALENDAR_GROUP_FIELDS),
    shapes=lambda profile: (profile.calendar_group,),
    lookup=lambda profile: profile.lookups.calendar_group,
    write=lambda call, select: lambda view: _group_to_wire(call, view, select),
    expand={"calendars": Expansion(show=_show_calendars, shapes=lambda profile: (profile.calendar,))},
)
