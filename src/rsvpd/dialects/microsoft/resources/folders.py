"""Mail folders: under their well-known names, in any case, or under their ids."""

from __future__ import annotations

from typing import Any

from rsvpd import ids
from rsvpd.commands import delta, people
from rsvpd.commands import mail as commands
from rsvpd.commands.delta import Round
from rsvpd.dialects.microsoft.exchange import control_info, listing
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, Expansion, Feed, nowhere, short, show
from rsvpd.dialects.microsoft.tables.queries import FOLDER_FIELDS
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.wire import Response
from rsvpd.errors import FolderNotFound, InvalidId
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.folder import Folder, by_name, by_number
from rsvpd.mail.view import FolderView
from rsvpd.query.algebra import Page, Query

# Names the services know besides; a mailbox here has no such folder.
_ELSEWHERE = frozenset(
    (
        "clutter", "conflicts", "conversationhistory", "localfailures", "recoverableitemsdeletions",
        "scheduled", "searchfolders", "serverfailures", "syncissues",
    )
)
NOT_FOUND = "The specified folder could not be found in the store."


async def get_folder(call: Call) -> Response:
    """Answer one folder."""
    folder = await folder_of_path(call)
    assert folder is not None
    return await show(call, FOLDERS, await call.door(commands.get_folder, call.who, folder))


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


async def _place(call: Call) -> Folder:
    """Return the folder in the path, whose mailbox is open."""
    folder = await folder_of_path(call)
    assert folder is not None
    await call.door(commands.get_folder, call.who, folder)
    return folder


async def _below(call: Call, folder: Folder) -> list[FolderView]:
    """Return the folders below one: all of them below the root, none below the others."""
    return (await call.door(commands.list_folders, call.who)).items if folder is Folder.ROOT else []


async def _below_root(call: Call, _: None, asked: Query) -> Page[FolderView]:
    found = await call.door(commands.list_folders, call.who)
    page = listing.in_memory(found.items, asked, FOLDER_FIELDS)
    return page.showing(page.items, state=found.state)


async def _show_below(call: Call, view: FolderView, one: Expand) -> dict[str, Any]:
    select = listing.names(call, one.options.select, [call.profile.folder])
    below = await _below(call, view.folder)
    return {call.profile.member("childFolders"): [to_wire(call, each, select) for each in below]}


async def _since(call: Call, _: None, number: int, most: int) -> Round[FolderView]:
    return await call.door(delta.folders_since, call.who, number)


def to_wire(call: Call, view: FolderView, select: frozenset[str] | None) -> dict[str, object]:
    """Return a folder as it stands on the wire."""
    return {**control_info.of_folder(call, view), **call.profile.folder.write(view, call.ctx, select)}


CHILD_FOLDERS: Collection[FolderView, Folder] = Collection(
    place=_place,
    find=short(_below, FOLDER_FIELDS),
    shapes=lambda profile: (profile.folder,),
    lookup=lambda profile: profile.lookups.folder,
    write=lambda call, select: lambda view: to_wire(call, view, select),
    expand={"childfolders": Expansion(show=_show_below, shapes=lambda profile: (profile.folder,))},
)
FOLDERS: Collection[FolderView, None] = Collection(
    place=nowhere,
    find=_below_root,
    shapes=CHILD_FOLDERS.shapes,
    lookup=CHILD_FOLDERS.lookup,
    write=CHILD_FOLDERS.write,
    expand=CHILD_FOLDERS.expand,
    feed=Feed(
        name="MailFolders",
        refuses=("$orderby", "$filter", "$expand", "$search", "$skip", "$count"),
        since=_since,
    ),
)
