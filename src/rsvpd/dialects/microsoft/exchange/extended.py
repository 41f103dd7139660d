"""What programs hang on items, as `$expand` shows it: of properties those that its filter names, by their ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from rsvpd.dialects.microsoft.exchange import control_info
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Expansion
from rsvpd.dialects.microsoft.tables.extended import NAMES, name_reader, write_all
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.odata.syntax import Compare, Expr, OneOf, Path, Some, Text, parse
from rsvpd.errors import InvalidQuery
from rsvpd.mail.extended import CustomProperties, CustomProperty, Form
from rsvpd.mail.person import Person
from rsvpd.query.algebra import Op

V = TypeVar("V")
_ID = ("id", "propertyid")


class Home(Struct, frozen=True):
    """Where an item is: in whose mailbox, in which collection there, in Graph's words, and its id."""

    owner: Person
    collection: str
    id: str


Fetch = Callable[[Call, Sequence[V]], Awaitable[Sequence[CustomProperties]]]


def expansions(fetch: Fetch[V], home: Callable[[V], Home], *forms: Form) -> dict[str, Expansion[V]]:
    """Return the expansions of an item; `fetch` returns what hangs on each of some, `home` where one is."""
    return {NAMES[form].lower(): _expansion(form, fetch, home) for form in forms}


def creation_members(call: Call, sent: Sequence[CustomProperty], home: Home) -> dict[str, Any]:
    """Return what the answer to the creation of an item shows: its extensions (Graph: opentypeextension-post)."""
    found = [one for one in sent if one.form is Form.EXTENSION]
    return _members(call, Form.EXTENSION, found, home) if found else {}


def write(call: Call, form: Form, found: Sequence[CustomProperty], home: Home) -> list[dict[str, Any]]:
    """Return them as they stand on the wire."""
    written = write_all(call.profile.tables.extended[form], found, call.ctx)
    if form is not Form.EXTENSION:
        return written
    return [
        {**control_info.of_extension(call, home.owner, home.collection, home.id, members[_id(call)]), **members}
        for members in (_with_name_as_id(call, one) if not home.collection else one for one in written)
    ]


def _with_name_as_id(call: Call, members: dict[str, Any]) -> dict[str, Any]:
    """Return an extension of a user, whose id is its name (Graph: opentypeextension)."""
    return {**members, _id(call): members[call.profile.member("extensionName")]}


def _id(call: Call) -> str:
    return call.profile.member("id")


def _expansion(form: Form, fetch: Fetch[V], home: Callable[[V], Home]) -> Expansion[V]:
    async def show_each(call: Call, views: Sequence[V], one: Expand) -> list[Mapping[str, Any]]:
        names, held = _filtered_names(one, form), await fetch(call, views)
        pairs = zip(views, held, strict=True)
        return [_members(call, form, _selected_values(found, form, names), home(view)) for view, found in pairs]

    async def show(call: Call, view: V, one: Expand) -> Mapping[str, Any]:
        (found,) = await show_each(call, [view], one)
        return found

    return Expansion(show=show, show_each=show_each, check=lambda one: _filtered_names(one, form))


def _members(call: Call, form: Form, found: Sequence[CustomProperty], home: Home) -> dict[str, Any]:
    """Return the navigation with its context. A property that an item does not have leaves nothing behind."""
    if not found and form is not Form.EXTENSION:
        return {}
    name = call.profile.member(NAMES[form])
    context = control_info.navigation_context(call, home.owner, home.collection, home.id, name)
    return {**context, name: write(call, form, found, home)}


def _selected_values(held: CustomProperties, form: Form, names: frozenset[str] | None) -> list[CustomProperty]:
    """Return those of a form that were named; all extensions where none was, but no properties."""
    if names is None:
        names = frozenset(name for one, name in held if one is form is Form.EXTENSION)
    return [one for (kind, name), one in held.items() if kind is form and name in names]


def _filtered_names(one: Expand, form: Form) -> frozenset[str] | None:
    """Return which are named in the filter of an expansion, None without a filter.

    Raises InvalidQuery for a filter that does anything else, InvalidExtendedProperty for what is no id.
    """
    if one.options.filter is None:
        return None
    read = name_reader(form)
    return frozenset(read(text) for text in _texts(parse(one.options.filter)))


def _texts(expr: Expr) -> list[str]:
    match expr:
        case Some(parts):
            return [text for part in parts for text in _texts(part)]
        case Compare(Op.EQ, Path((name,)), Text(text)) | Compare(Op.EQ, Text(text), Path((name,))) if (
            name.lower() in _ID
        ):
            return [text]
        case OneOf(Path((name,)), values) if name.lower() in _ID:
            return [value.value for value in values if isinstance(value, Text)]
    raise InvalidQuery("In $expand they are filtered by id eq '…' alone, or by several with or.", target="$expand")
