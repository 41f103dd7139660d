"""Mail folders: under their well-known names, in any case, or under their ids."""

from __future__ import annotations

from collections.abc import Iterable

from rsvpd import ids
from rsvpd.commands import mail as commands
from rsvpd.commands import people
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.tables.queries import FOLDER_FIELDS
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.wire import Response
from rsvpd.errors import FolderNotFound, InvalidId, NotEmulated
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.folder import Folder, by_name, by_number
from rsvpd.mail.view import FolderView

# Names the services know besides; a mailbox here has no such folder.
_ELSEWHERE = frozenset(
    (
        "clutter", "conflicts", "conversationhistory", "localfailures", "recoverableitemsdeletions",
        "scheduled", "searchfolders", "serverfailures", "syncissues",
    )
)
NOT_FOUND = "The specified folder could not be found in the store."


async def list_folders(call: Call) -> Response:
    """Answer the folders directly under the root."""
    return await _listed(call, await call.door(commands.list_folders, call.who))


async def count_folders(call: Call) -> Response:
    """Answer how many there are."""
    views = await call.door(commands.list_folders, call.who)
    asked = listing.counting(listing.query(call, call.profile.lookups.folder))
    return replies.count(call, listing.in_memory(views, asked, FOLDER_FIELDS).total)


async def list_children(call: Call) -> Response:
    """Answer the folders below one: all of them below the root, none below the others."""
    folder = await _opened(call)
    return await _listed(call, await _children(call, folder))


async def count_children(call: Call) -> Response:
    """Answer how many there are."""
    folder = await _opened(call)
    if folder is Folder.ROOT:
        return await count_folders(call)
    return replies.count(call, 0)


async def get_folder(call: Call) -> Response:
    """Answer one folder."""
    folder = await folder_of_path(call)
    assert folder is not None
    view = await call.door(commands.get_folder, call.who, folder)
    (value,) = await _shown(call, [view])
    return replies.entity(call, value, select=call.options.select)


async def folder_of_path(call: Call) -> Folder | None:
    """Return the folder that the path names, or None where it names none."""
    name = call.keys.get("folder")
    return None if name is None else await resolve_folder(call, name)


async def resolve_folder(call: Call, name: str) -> Folder:
    """Return the folder under a well-known name or an id. Raises FolderNotFound or InvalidId."""
    known = by_name(name)
    if known is not None:
        return known
    if name.lower() in _ELSEWHERE:
        raise FolderNotFound(NOT_FOUND)
    item = ids.decode(name)
    if item.kind is not ids.Kind.FOLDER:
        raise InvalidId("Id is malformed.")
    owner = await call.door(people.whoami, call.who)
    if item.mailbox != owner.number:
        raise FolderNotFound(NOT_FOUND, hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return by_number(item.item)


async def _opened(call: Call) -> Folder | None:
    """Return the folder that the path names, in a mailbox that may be opened. Raises AccessDenied."""
    folder = await folder_of_path(call)
    await call.door(people.whoami, call.who)
    return folder


async def _listed(call: Call, views: Iterable[FolderView]) -> Response:
    asked = listing.query(call, call.profile.lookups.folder)
    page = listing.in_memory(views, asked, FOLDER_FIELDS)
    return replies.collection(call, await _shown(call, page.items), page, select=call.options.select)


async def _children(call: Call, folder: Folder | None) -> list[FolderView]:
    return await call.door(commands.list_folders, call.who) if folder is Folder.ROOT else []


async def _shown(call: Call, views: Iterable[FolderView]) -> list[dict[str, object]]:
    """Return folders as they stand on the wire, with the folders below them where those are wanted."""
    select, inside = listing.chosen(call, [call.profile.folder]), _wanted_children(call)
    values = []
    for view in views:
        value = _written(call, view, select)
        if inside is not None:
            chosen = listing.names(call, inside.options.select, [call.profile.folder])
            below = await _children(call, view.folder)
            value[call.profile.member("childFolders")] = [_written(call, one, chosen) for one in below]
        values.append(value)
    return values


def _wanted_children(call: Call) -> Expand | None:
    """Return what `$expand` asks of the folders below. Raises NotEmulated or InvalidQuery for anything else."""
    wanted = None
    for one in call.options.expand:
        name = listing.expandable(one)
        if name == "messages":
            route = f"GET {call.profile.mount}/me/{call.profile.segment('mailFolders')}('ID')/messages"
            raise NotEmulated(
                f"$expand=messages is not emulated by rsvpd. The nearest route that exists is {route}.",
                target="$expand",
            )
        if name != "childfolders":
            type_name = f"{call.profile.namespace}.{call.profile.folder.name}"
            raise listing.no_property("/".join(one.path), type_name, option="$expand")
        wanted = one
    return wanted


def _written(call: Call, view: FolderView, select: frozenset[str] | None) -> dict[str, object]:
    return {**control_info.of_folder(call, view), **call.profile.folder.write(view, call.ctx, select)}
