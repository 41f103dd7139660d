"""The list of categories of a mailbox. It can be read and changed by whoever may read and change its settings."""

from __future__ import annotations

from typing import Any

from rsvpd.commands import categories as commands
from rsvpd.dialects.microsoft.exchange import control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    check_options,
    no_place,
    short,
    show,
    show_changed,
)
from rsvpd.dialects.microsoft.tables.queries import CATEGORY_FIELDS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import MissingProperty
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.category import NO_COLOR, Category, find


async def get(call: Call) -> Response:
    """Answer one."""
    every = await call.door(commands.list_categories, call.who)
    return await show(call, CATEGORIES, find(every, call.keys["category"]))


async def create(call: Call) -> Response:
    """Add one."""
    check_options(call, CATEGORIES)
    fields, _ = _table(call).read(call.body, call.ctx, creating=True, strict=True)
    name = fields.get("name")
    if name is None:
        raise MissingProperty("The property 'displayName' is required.", target="displayName")
    done = await call.door(commands.create_category, call.who, name, fields.get("color", NO_COLOR))
    return await show_changed(call, CATEGORIES, done.value, status=201)


async def update(call: Call) -> Response:
    """Change the colour; the name stays as it is."""
    check_options(call, CATEGORIES)
    fields, ignored = _table(call).read(call.body, call.ctx, strict=True)
    hints = ignored_property_hints(ignored)
    if "color" not in fields:
        raise MissingProperty("The property 'color' is required.", target="color")
    done = await call.door(commands.recolor_category, call.who, call.keys["category"], fields["color"])
    return await show_changed(call, CATEGORIES, done.value, hints=replies.hint_headers(call, hints))


async def delete(call: Call) -> Response:
    """Remove one."""
    await call.door(commands.delete_category, call.who, call.keys["category"])
    return replies.no_content(call)


def _table(call: Call) -> Shape[Ctx]:
    table = call.profile.tables.category
    assert table is not None  # the route is refused where a service has none
    return table


async def _all(call: Call, _: None) -> list[Category]:
    return list(await call.door(commands.list_categories, call.who))


def _write(call: Call, one: Category, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_category(call, one.id), **_table(call).write(one, call.ctx, select)}


CATEGORIES: Collection[Category, None] = Collection(
    place=no_place,
    find=short(_all, CATEGORY_FIELDS),
    shapes=lambda profile: () if profile.tables.category is None else (profile.tables.category,),
    lookup=lambda profile: profile.lookups.category,
    write=lambda call, select: lambda one: _write(call, one, select),
)
