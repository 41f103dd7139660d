"""Mail folders: lists, single ones, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET, structs

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
from rsvpd.dialects.microsoft.resources import messages, rules
from rsvpd.dialects.microsoft.resources.folder_paths import destination_of, folder_in_path, resolve_folder
from rsvpd.dialects.microsoft.tables.drafts import NamedSearch, is_search_folder, read_folder
from rsvpd.dialects.microsoft.tables.profiles import Profile, folder_shape
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.filter import bind, parse
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import FolderNotFound, InvalidProperty
from rsvpd.mail.draft import FolderDraft, SearchDraft
from rsvpd.mail.extended import CustomProperties, Form
from rsvpd.mail.folder import LONGEST_FILTER, MOST_SOURCES, NOT_FOUND, Folder
from rsvpd.mail.view import FolderView
from rsvpd.query.algebra import Page, Query
from rsvpd.query.stored import to_bytes


async def get_folder(call: Call) -> Response:
    """Answer one folder."""
    return await show(call, FOLDERS, await _view(call))


async def create_folder(call: Call) -> Response:
    """Make a folder below the root, or in the folder that the path names."""
    check_options(call, FOLDERS)
    parent = await _parent(call)
    draft = await _draft(call, is_search=is_search_folder(call.profile, call.body), creating=True)
    done = await call.door(commands.create_folder, call.who, parent, draft)
    return await _created_response(call, done.value, hints=replies.hint_headers(call, done.hints))


async def update_folder(call: Call) -> Response:
    """Give a folder another name, or let a search folder show something else."""
    check_options(call, FOLDERS)
    folder = await folder_in_path(call)
    has_search = call.profile.tables.search_folder is not None
    is_search = has_search and await call.door(commands.is_search_folder, call.who, folder)
    draft = await _draft(call, is_search=is_search)
    done = await call.door(commands.update_folder, call.who, folder, draft)
    return await show_changed(call, FOLDERS, done.value, hints=replies.hint_headers(call, done.hints))


async def move_folder(call: Call) -> Response:
    """Put a folder into another one; its id stays."""
    check_options(call, FOLDERS)
    folder, destination = await folder_in_path(call), await destination_of(call)
    done = await call.door(commands.move_folder, call.who, folder, destination)
    return await _created_response(call, done.value)


async def copy_folder(call: Call) -> Response:
    """Copy a folder into another one, with all that is in it."""
    check_options(call, FOLDERS)
    folder, destination = await folder_in_path(call), await destination_of(call)
    done = await call.door(commands.copy_folder, call.who, folder, destination)
    return await _created_response(call, done.value)


async def delete_folder(call: Call) -> Response:
    """Put a folder into Deleted Items, or from there nowhere."""
    await call.door(commands.delete_folder, call.who, await folder_in_path(call))
    return replies.no_content(call)


async def delete_permanently(call: Call) -> Response:
    """Remove a folder for good, with all that is in it."""
    await call.door(commands.delete_folder, call.who, await folder_in_path(call), for_good=True)
    return replies.no_content(call)


async def _created_response(call: Call, view: FolderView, hints: replies.Headers = ()) -> Response:
    location = ("Location", control_info.folder_url(call, view))
    context = control_info.folder_context(call)
    return await show_changed(call, FOLDERS, view, status=201, context=context, headers=(location,), hints=hints)


async def _view(call: Call) -> FolderView:
    """Return the folder that the path names, if it is of the type that the path names."""
    view = await call.door(commands.get_folder, call.who, await folder_in_path(call))
    if any(step.is_cast for step in call.trail) and view.folder.search is None:
        raise FolderNotFound(NOT_FOUND)
    return view


async def _draft(call: Call, *, is_search: bool, creating: bool = False) -> FolderDraft:
    """Return what a client wants a folder to be: the folders that it names found, the question read.

    Raises InvalidProperty, InvalidQuery for a question that cannot be asked of messages, FolderNotFound.
    """
    draft, named = read_folder(call.profile, call.body, call.ctx, creating=creating, is_search=is_search)
    return structs.replace(draft, search=await _search(call, named)) if is_search else draft


async def _search(call: Call, named: NamedSearch) -> SearchDraft:
    text, sources = named.filter, named.sources
    if text is None or (text is not UNSET and not 0 < len(text.strip()) <= LONGEST_FILTER):
        raise InvalidProperty(f"filterQuery: 1 to {LONGEST_FILTER} letters are expected.", target="filterQuery")
    if sources is None or (sources is not UNSET and not 0 < len(sources) <= MOST_SOURCES):
        raise InvalidProperty(f"sourceFolderIds: 1 to {MOST_SOURCES} folders are expected.", target="sourceFolderIds")
    found = [await resolve_folder(call, one) for one in sources] if sources is not UNSET else []
    condition = UNSET if text is UNSET else to_bytes(bind(parse(text), call.profile.lookups.message))
    return SearchDraft(
        filter=text,
        condition=condition,
        sources=UNSET if sources is UNSET else tuple(dict.fromkeys(found)),
        is_deep=UNSET if named.is_deep is UNSET else bool(named.is_deep),
    )


# --- the collection


async def _parent(call: Call) -> int:
    """Return the folder whose folders the path means."""
    return await folder_in_path(call) if "folder" in call.keys else int(Folder.ROOT)


def _with_hidden(call: Call) -> bool:
    """Return whether lists show hidden folders too (Graph: user-list-mailfolders)."""
    return call.options.others.get("includehiddenfolders", "").strip().lower() == "true"


async def _find(call: Call, parent: int, asked: Query) -> Page[FolderView]:
    return await call.door(
        commands.list_folders, call.who, asked, folder=parent, with_hidden=_with_hidden(call),
        only_searches=any(step.is_cast for step in call.trail),
    )  # fmt: skip


async def _find_all(call: Call, parent: int, asked: Query) -> Page[FolderView]:
    return await call.door(delta.begin_folders, call.who, asked, below=parent, with_hidden=_with_hidden(call))


async def _since(call: Call, parent: int, number: int, most: int) -> Round[FolderView]:
    return await call.door(delta.folders_since, call.who, number, below=parent, with_hidden=_with_hidden(call))


def _select(call: Call, shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    base = shapes[-1] if any(step.is_cast for step in call.trail) else shapes[0]
    return listing.selection_by_cast(call, base, shapes)


def _shapes(profile: Profile) -> tuple[Shape[Ctx], ...]:
    return profile.tables.folders


def _writer(call: Call, select: frozenset[str] | None) -> Callable[[FolderView], dict[str, object]]:
    def write(view: FolderView) -> dict[str, object]:
        shape = folder_shape(call.profile, view)
        chosen = None if select is None else frozenset(name for name in select if shape.find(name))
        return {**control_info.of_folder(call, view), **shape.write(view, call.ctx, chosen)}

    return write


async def _show_folders(call: Call, view: FolderView, one: Expand) -> dict[str, Any]:
    inner = call.with_options(one.options)
    asked = listing.query(inner, call.profile.lookups.folder)
    below = await _find(inner, view.folder.number, asked)
    write = _writer(inner, check_options(inner, FOLDERS))
    return {call.profile.member("childFolders"): await write_all(inner, FOLDERS, below.items, write)}


async def _show_messages(call: Call, view: FolderView, one: Expand) -> dict[str, Any]:
    return {call.profile.member("messages"): await messages.page_inside(call.with_options(one.options), view)}


async def _custom_data_of(call: Call, views: Sequence[FolderView]) -> list[CustomProperties]:
    return await call.door(extended.of_folders, call.who, views)


def _home(view: FolderView) -> Home:
    return Home(view.owner, "mailFolders", view.id)


FOLDERS: Collection[FolderView, int] = Collection(
    place=_parent,
    find=_find,
    shapes=_shapes,
    select=_select,
    lookup=lambda profile: profile.lookups.folder,
    write=_writer,
    expand={
        "childfolders": Expansion(show=_show_folders, shapes=_shapes),
        **expansions(_custom_data_of, _home, Form.SINGLE, Form.MULTI),
        "messagerules": Expansion(show=rules.show_rules, shapes=lambda profile: profile.tables.rules[:1]),
        "messages": Expansion(show=_show_messages, shapes=lambda profile: tuple(profile.tables.messages.values())),
    },
    feed=Feed(
        name="MailFolders",
        refuses=("$orderby", "$filter", "$expand", "$search", "$skip", "$count"),
        number=lambda parent: parent,
        find=_find_all,
        since=_since,
    ),
)
CAST_FOLDERS = structs.replace(FOLDERS, feed=None)
