"""Who is whose manager."""

from __future__ import annotations

import re

from msgspec import structs

from rsvpd.commands import directory
from rsvpd.dialects.microsoft.exchange import control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, no_place, short, show
from rsvpd.dialects.microsoft.resources.users import USERS, directory_object
from rsvpd.dialects.microsoft.tables.user import PERSON_FIELDS
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidDirectoryValue
from rsvpd.mail.profile import UserView
from rsvpd.query.algebra import Order

_REFERENCE = re.compile(r"/(?:users|directoryObjects)(?:/|\(')([^/()']++)(?:'\))?/?\Z", re.IGNORECASE)
_NO_REFERENCE = "Invalid object identifier in '@odata.id'."


async def get_manager(call: Call) -> Response:
    """Answer the manager of somebody."""
    view = await call.door(directory.get_manager, call.who)
    context = control_info.context_of(call, f"{call.profile.member('directoryObjects')}/$entity")
    return await show(call, MANAGERS, view, context=context)


async def get_reference(call: Call) -> Response:
    """Answer where the manager of somebody is."""
    view = await call.door(directory.get_manager, call.who)
    context = control_info.context_of(call, "$ref")
    return replies.entity(call, {"@odata.id": control_info.user_url(call, view.person)}, context=context)


async def set_manager(call: Call) -> Response:
    """Let somebody be the manager whom a reference names. Raises InvalidDirectoryValue."""
    given = call.body.get("@odata.id")
    match = _REFERENCE.search(given) if isinstance(given, str) and len(given) < 2000 else None
    if match is None or "\n" in match.string[: match.start()]:
        raise InvalidDirectoryValue(_NO_REFERENCE, target="@odata.id")
    await call.door(directory.set_manager, call.who, match[1])
    return replies.no_content(call)


async def remove_manager(call: Call) -> Response:
    """Let somebody have no manager."""
    await call.door(directory.set_manager, call.who, None)
    return replies.no_content(call)


async def list_groups(call: Call) -> Response:
    """Answer nothing: there are no groups and roles here that anybody is in."""
    await call.door(directory.get_user, call.who)
    return replies.empty_collection(call)


async def _reports(call: Call, _: None) -> list[UserView]:
    return await call.door(directory.list_reports, call.who)


MANAGERS = structs.replace(
    USERS, write=lambda call, select: lambda view: directory_object(call, view, select), feed=None
)
REPORTS: Collection[UserView, None] = Collection(
    place=no_place,
    find=short(_reports, PERSON_FIELDS),
    shapes=lambda profile: (profile.user,),
    lookup=lambda profile: profile.lookups.user,
    order=(Order("address"),),
    write=lambda call, select: lambda view: directory_object(call, view, select),
)
