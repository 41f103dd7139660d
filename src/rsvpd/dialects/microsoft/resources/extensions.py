"""Open extensions of events, of messages and of users, each named by its name or by its id."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from rsvpd.commands import extended, extensions
from rsvpd.dialects.microsoft.exchange import replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, check_options, short, show, show_changed
from rsvpd.dialects.microsoft.exchange.extended import Home, write
from rsvpd.dialects.microsoft.resources import events, messages
from rsvpd.dialects.microsoft.tables.extended import read_extension
from rsvpd.dialects.microsoft.tables.queries import EXTENSION_FIELDS
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound
from rsvpd.mail.extended import CustomProperties, CustomProperty, Form, extension_name


class _Place(Struct, frozen=True):
    """What extensions are of, where it is, and what hangs on it."""

    target: extensions.Target
    home: Home
    held: CustomProperties


class _LocatedExtension(Struct, frozen=True):
    """An extension and where what it hangs on is."""

    one: CustomProperty
    home: Home


async def get(call: Call) -> Response:
    """Answer one."""
    place = await _place(call)
    found = place.held.get((Form.EXTENSION, _name(call).casefold()))
    if found is None:
        raise ItemNotFound
    return await show(call, EXTENSIONS, _LocatedExtension(found, place.home))


async def create(call: Call) -> Response:
    """Make one."""
    check_options(call, EXTENSIONS)
    place, one = await _place(call), read_extension(call.body)
    done = await call.door(extensions.create_extension, call.who, place.target, one)
    return await show_changed(call, EXTENSIONS, _LocatedExtension(done.value, place.home), status=201)


async def update(call: Call) -> Response:
    """Replace the members of one: what is not sent is gone afterwards (Graph: opentypeextension-update)."""
    check_options(call, EXTENSIONS)
    place, one = await _place(call), read_extension(call.body, _name(call))
    done = await call.door(extensions.replace_extension, call.who, place.target, one)
    return await show_changed(call, EXTENSIONS, _LocatedExtension(done.value, place.home))


async def delete(call: Call) -> Response:
    """Remove one."""
    place = await _place(call)
    await call.door(extensions.delete_extension, call.who, place.target, _name(call))
    return replies.no_content(call)


def _name(call: Call) -> str:
    return extension_name(call.keys["extension"])


async def _place(call: Call) -> _Place:
    if "event" in call.keys:
        event = await events.view_of(call)
        (held,) = await call.door(extended.of_events, call.who, [event])
        return _Place(events.event_ref(call), Home(event.owner, "events", event.id), held)
    if "message" in call.keys:
        message = await messages.view_of(call)
        (held,) = await call.door(extended.of_messages, call.who, [message])
        return _Place(call.item("message"), Home(message.owner, "messages", message.id), held)
    owner, held = await call.door(extensions.of_owner, call.who)
    return _Place(None, Home(owner, "", ""), held)


async def _all(_: Call, place: _Place) -> list[_LocatedExtension]:
    return [_LocatedExtension(one, place.home) for (form, _), one in place.held.items() if form is Form.EXTENSION]


def _write(call: Call, placed: _LocatedExtension) -> dict[str, Any]:
    (members,) = write(call, Form.EXTENSION, [placed.one], placed.home)
    return members


EXTENSIONS: Collection[_LocatedExtension, _Place] = Collection(
    place=_place,
    find=short(_all, EXTENSION_FIELDS),
    shapes=lambda profile: profile.tables.extended[Form.EXTENSION :],
    lookup=lambda profile: profile.lookups.extension,
    write=lambda call, _: lambda placed: _write(call, placed),
)
