"""Users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from rsvpd.commands import people as commands
from rsvpd.commands import settings
from rsvpd.dialects.microsoft.exchange import control_info, listing
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, nowhere, short, show
from rsvpd.dialects.microsoft.tables.user import PERSON_FIELDS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import NotEmulated, PersonNotFound
from rsvpd.mail.person import Person
from rsvpd.query.algebra import Order


async def get_user(call: Call) -> Response:
    """Answer the signed-in user, or anybody in the directory; that opens no mailbox."""
    person = await person_of(call)
    return await show(call, USERS, person, context=control_info.user_context(call, call.options.select))


def _select(call: Call, shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names. Raises NotEmulated for one of which nothing is known here."""
    for path in call.options.select or ():
        if path[0].lower() in call.profile.unknown_of_users:
            raise NotEmulated(f"The member '{path[0]}' of users is not emulated by rsvpd.", target="$select")
    return listing.selection(call, shapes)


async def person_of(call: Call) -> Person:
    """Return whom the path names, or who asks. Raises PersonNotFound."""
    if call.who.owner is None:
        return await call.door(settings.get_settings, call.who)
    wanted = call.who.owner
    for person in await call.door(commands.list_people, structs.replace(call.who, owner=None)):
        if person.oid.lower() == wanted.lower() or person.answers_to(wanted):
            return person
    raise PersonNotFound(f"Resource '{wanted[:120]}' does not exist.", target=wanted)


def _to_wire(call: Call, person: Person, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_user(call, person), **call.profile.user.write(person, call.ctx, select)}


async def _everybody(call: Call, _: None) -> list[Person]:
    return await call.door(commands.list_people, call.who)


USERS: Collection[Person, None] = Collection(
    place=nowhere,
    find=short(_everybody, PERSON_FIELDS),
    shapes=lambda profile: (profile.user,),
    select=_select,
    lookup=lambda profile: profile.lookups.user,
    order=(Order("name"),),
    question=listing.query_of_people,
    write=lambda call, select: lambda person: _to_wire(call, person, select),
)
