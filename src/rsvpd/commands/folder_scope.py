"""Of which folders a list of messages is, and which of these there are."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from rsvpd.errors import FolderNotFound, InvalidFolderType
from rsvpd.mail.folder import NOT_FOUND, Folder, FolderTree, Search, check_holds_messages, is_made
from rsvpd.mail.person import Person
from rsvpd.query.algebra import And, Node
from rsvpd.query.stored import from_bytes
from rsvpd.store import folders
from rsvpd.store.tx import Tx


class Scope(Struct, frozen=True):
    """Which folders a list of messages is of: one, or all `without` some."""

    folder: int | None = None
    without: tuple[int, ...] = ()

    def __contains__(self, number: int | None) -> bool:
        """Return whether a folder is among them."""
        if self.folder is not None:
            return number == self.folder
        return number is not None and number not in self.without


class MessageFilter(NamedTuple):
    """What a list of messages shows: those that `folders` hold, for which `where` is true."""

    folders: tuple[int, ...]
    where: Node | None = None


def is_folder(tx: Tx, owner: Person, folder: int) -> bool:
    """Return whether a folder of this number is there."""
    return folders.is_there(tx, owner.number, folder) if is_made(folder) else 0 <= folder <= max(Folder)


def check_folder(tx: Tx, owner: Person, folder: int | None) -> None:
    """Raise FolderNotFound where a folder, if one is named, is not there."""
    if folder is not None and not is_folder(tx, owner, folder):
        raise FolderNotFound(NOT_FOUND)


def check_holder(tx: Tx, owner: Person, folder: int) -> None:
    """Raise FolderNotFound where a folder is not there, InvalidFolderType where no message can be put into it."""
    check_folder(tx, owner, folder)
    check_holds_messages(folder, is_search=_search(tx, owner, folder) is not None)


def check_feed(tx: Tx, owner: Person, folder: int | None) -> None:
    """Raise FolderNotFound where a folder is not there, InvalidFolderType where nobody can keep in step with it."""
    check_folder(tx, owner, folder)
    if folder is not None and _search(tx, owner, folder) is not None:
        raise InvalidFolderType("What a search folder shows is not told by its changes: ask its source folders.")


def filter_of_scope(tx: Tx, owner: Person, scope: Scope, where: Node | None = None) -> MessageFilter:
    """Return what a list of messages that are `where` shows. Raises FolderNotFound."""
    if scope.folder is None:
        return MessageFilter(
            tuple(int(one) for one in (*Folder, *folders.numbers(tx, owner.number)) if one in scope), where
        )
    check_folder(tx, owner, scope.folder)
    search = _search(tx, owner, scope.folder)
    if search is None:
        return MessageFilter((scope.folder,), where)
    return filter_of_search(folders.tree(tx, owner.number), search, where)


def filter_of_search(tree: FolderTree, search: Search, where: Node | None = None) -> MessageFilter:
    """Return what a search folder shows of messages that are `where`."""
    condition = from_bytes(search.condition)
    return MessageFilter(tree.sources(search), condition if where is None else And((condition, where)))


def _search(tx: Tx, owner: Person, folder: int) -> Search | None:
    return folders.search_of(tx, owner.number, folder) if is_made(folder) else None
