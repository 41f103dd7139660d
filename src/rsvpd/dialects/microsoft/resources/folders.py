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
from rsvpd.errors import FolderNotFound, InvalidId
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
    return await _collection(call, await call.door(commands.list_folders, call.who))


async def count_folders(call: Call) -> Response:
    """Answer how many there are."""
    views = await call.door(commands.list_folders, call.who)
    asked = listing.count_query(listing.query(call, call.profile.lookups.folder))
    return replies.count(call, listing.in_memory(views, asked, FOLDER_FIELDS).total)


async def list_children(call: Call) -> Response:
    """Answer the folders below one: all of them below the root, none below the others."""
    return await _collection(call, await _children_of_path(call))


async def count_children(call: Call) -> Response:
    """Answer how many there are."""
    asked = listing.count_query(listing.query(call, call.profile.lookups.folder))
    return replies.count(call, listing.in_memory(await _children_of_path(call), asked, FOLDER_FIELDS).total)


async def get_folder(call: Call) -> Response:
    """Answer one folder."""
    folder = await folder_of_path(call)
    assert folder is not None
    view = await call.door(commands.get_folder, call.who, folder)
    (value,) = await _response(call, [view])
    return replies.entity(call, value, select=call.options.select)


async def folder_of_path(call: Call) -> Folder | None:
    """Return the folder that the path names, or None where it names none.

    Raises FolderNotFound where it does not stand in the folder named before it.
    """
    name = call.keys.get("folder")
    if name is None:
        return None
    folder = await resolve_folder(call, name)
    if "parent" in call.keys:
        parent = await resolve_folder(call, call.keys["parent"])
        if folder is Folder.ROOT or parent is not Folder.ROOT:
            raise FolderNotFound(NOT_FOUND)
    return folder


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


async def _collection(call: Call, views: Iterable[FolderView]) -> Response:
    asked = listing.query(call, call.profile.lookups.folder)
    page = listing.in_memory(views, asked, FOLDER_FIELDS)
    return replies.collection(call, await _response(call, page.items), page, select=call.options.select)


async def _children_of_path(call: Call) -> list[FolderView]:
    """Return the folders below the one in the path. A folder without any has its mailbox opened all the same."""
    folder = await folder_of_path(call)
    assert folder is not None
    await call.door(commands.get_folder, call.who, folder)
    return await _children(call, folder)


async def _children(call: Call, folder: Folder) -> list[FolderView]:
    return await call.door(commands.list_folders, call.who) if folder is Folder.ROOT else []


async def _response(call: Call, views: Iterable[FolderView]) -> list[dict[str, object]]:
    """Return folders as they stand on the wire, with the folders below them where those are wanted."""
    select, inside = listing.selection(call, [call.profile.folder]), _child_expand(call)
    values = []
    for view in views:
        value = to_wire(call, view, select)
        if inside is not None:
            chosen = listing.names(call, inside.options.select, [call.profile.folder])
            below = await _children(call, view.folder)
            value[call.profile.member("childFolders")] = [to_wire(call, one, chosen) for one in below]
        values.append(value)
    return values


def _child_expand(call: Call) -> Expand | None:
    """Return what `$expand` asks of the folders below, the only ones that can be expanded."""
    return next(iter(call.options.expand), None)


def to_wire(call: Call, view: FolderView, select: frozenset[str] | None) -> dict[str, object]:
    """Return a folder as it stands on the wire."""
    return {**control_info.of_folder(call, view), **call.profile.folder.write(view, call.ctx, select)}
