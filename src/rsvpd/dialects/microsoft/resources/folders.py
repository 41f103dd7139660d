"""Mail folders: lists, single ones, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from rsvpd.commands import delta, extended
from rsvpd.commands import folders as commands
from rsvpd.commands.delta import Round
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    Feed,
    check_options,
    show,
    show_changed,
    write_all,
)
from rsvpd.dialects.microsoft.exchange.extended import Home, expansions
from rsvpd.dialects.microsoft.resources import messages
from rsvpd.dialects.microsoft.resources.folder_paths import destination_of, folder_in_path
from rsvpd.dialects.microsoft.tables.drafts import read_folder
from rsvpd.dialects.microsoft.tables.queries import FOLDER_FIELDS
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.wire import Response
from rsvpd.errors import NotEmulated
from rsvpd.mail.extended import Form, Held
from rsvpd.mail.folder import Folder
from rsvpd.mail.view import FolderView
from rsvpd.query.algebra import Page, Query, extended_in


async def get_folder(call: Call) -> Response:
    """Answer one folder."""
    return await show(call, FOLDERS, await _view(call))


async def create_folder(call: Call) -> Response:
    """Make a folder below the root, or in the folder that the path names."""
    check_options(call, FOLDERS)
    if "searchfolder" in str(call.body.get("@odata.type", "")).lower():
        raise NotEmulated("Search folders are not emulated by rsvpd. GET messages takes the same $filter.")
    draft = read_folder(call.profile, call.body, call.ctx, creating=True)
    done = await call.door(commands.create_folder, call.who, await _parent(call), draft)
    return await _created(call, done.value, hints=replies.hint_headers(call, done.hints))


async def update_folder(call: Call) -> Response:
    """Give a folder another name."""
    check_options(call, FOLDERS)
    draft = read_folder(call.profile, call.body, call.ctx)
    done = await call.door(commands.update_folder, call.who, await folder_in_path(call), draft)
    return await show_changed(call, FOLDERS, done.value, hints=replies.hint_headers(call, done.hints))


async def move_folder(call: Call) -> Response:
    """Put a folder into another one; its id stays."""
    check_options(call, FOLDERS)
    folder, destination = await folder_in_path(call), await destination_of(call)
    done = await call.door(commands.move_folder, call.who, folder, destination)
    return await _created(call, done.value)


async def copy_folder(call: Call) -> Response:
    """Copy a folder into another one, with all that is in it."""
    check_options(call, FOLDERS)
    folder, destination = await folder_in_path(call), await destination_of(call)
    done = await call.door(commands.copy_folder, call.who, folder, destination)
    return await _created(call, done.value)


async def delete_folder(call: Call) -> Response:
    """Put a folder into Deleted Items, or from there nowhere."""
    await call.door(commands.delete_folder, call.who, await folder_in_path(call))
    return replies.no_content(call)


async def delete_permanently(call: Call) -> Response:
    """Remove a folder for good, with all that is in it."""
    await call.door(commands.delete_folder, call.who, await folder_in_path(call), for_good=True)
    return replies.no_content(call)


async def _created(call: Call, view: FolderView, hints: replies.Headers = ()) -> Response:
    location = ("Location", control_info.folder_url(call, view))
    context = control_info.folder_context(call)
    return await show_changed(call, FOLDERS, view, status=201, context=context, headers=(location,), hints=hints)


async def _view(call: Call) -> FolderView:
    return await call.door(commands.get_folder, call.who, await folder_in_path(call))


# --- the collection


async def _parent(call: Call) -> int:
    """Return the folder whose folders the path means."""
    return await folder_in_path(call) if "folder" in call.keys else int(Folder.ROOT)


def _with_hidden(call: Call) -> bool:
    """Return whether lists show hidden folders too (Graph: user-list-mailfolders)."""
    return call.options.others.get("includehiddenfolders", "").strip().lower() == "true"


async def _find(call: Call, parent: int, asked: Query) -> Page[FolderView]:
    found = await call.door(commands.list_folders, call.who, parent, with_hidden=_with_hidden(call))
    if extended_in(asked.where):
        found = found.showing(await call.door(extended.folders_with_values, call.who, found.items))
    return _of(found, asked)


async def _find_all(call: Call, _: int, asked: Query) -> Page[FolderView]:
    return _of(await call.door(delta.begin_folders, call.who, with_hidden=_with_hidden(call)), asked)


def _of(found: Page[FolderView], asked: Query) -> Page[FolderView]:
    page = listing.in_memory(found.items, asked, FOLDER_FIELDS)
    return page.showing(page.items, state=found.state)


async def _since(call: Call, _: int, number: int, most: int) -> Round[FolderView]:
    return await call.door(delta.folders_since, call.who, number, with_hidden=_with_hidden(call))


def _writer(call: Call, select: frozenset[str] | None) -> Callable[[FolderView], dict[str, object]]:
    def write(view: FolderView) -> dict[str, object]:
        return {**control_info.of_folder(call, view), **call.profile.folder.write(view, call.ctx, select)}

    return write


async def _show_folders(call: Call, view: FolderView, one: Expand) -> dict[str, Any]:
    inner = call.with_options(one.options)
    asked = listing.query(inner, call.profile.lookups.folder)
    below = await _find(inner, view.folder.number, asked)
    write = _writer(inner, check_options(inner, FOLDERS))
    return {call.profile.member("childFolders"): await write_all(inner, FOLDERS, below.items, write)}


async def _show_messages(call: Call, view: FolderView, one: Expand) -> dict[str, Any]:
    return {call.profile.member("messages"): await messages.page_inside(call.with_options(one.options), view)}


async def _held(call: Call, views: Sequence[FolderView]) -> list[Held]:
    return await call.door(extended.of_folders, call.who, views)


def _home(view: FolderView) -> Home:
    return Home(view.owner, "mailFolders", view.id)


FOLDERS: Collection[FolderView, int] = Collection(
    place=_parent,
    find=_find,
    shapes=lambda profile: (profile.folder,),
    lookup=lambda profile: profile.lookups.folder,
    write=_writer,
    expand={
        "childfolders": Expansion(show=_show_folders, shapes=lambda profile: (profile.folder,)),
        **expansions(_held, _home, Form.SINGLE, Form.MULTI),
        "messages": Expansion(show=_show_messages, shapes=lambda profile: tuple(profile.tables.messages.values())),
    },
    feed=Feed(
        name="MailFolders",
        refuses=("$orderby", "$filter", "$expand", "$search", "$skip", "$count"),
        find=_find_all,
        since=_since,
    ),
)
# What changed is told of all folders together.
CHILD_FOLDERS = structs.replace(FOLDERS, feed=None)
