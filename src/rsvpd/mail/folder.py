"""The folders of a mailbox: those that every mailbox has, and those that its owner makes.

A folder is known by its number. The well-known ones have the first numbers, which are part of the data file; a folder
that was made has that of the change that made it beyond `MADE`, which no other ever gets.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from rsvpd.errors import (
    FolderExists,
    FolderInsideItself,
    FolderNotFound,
    InvalidFolderType,
    InvalidParentFolder,
    InvalidProperty,
    NotAllowed,
)

NOT_FOUND = "The specified folder could not be found in the store."
MADE = 1_000
LONGEST_NAME = 255
# learn.microsoft.com/exchange "Exchange Online limits" allow 300 levels and 10,000 folders; a tree is read as a whole.
DEEPEST, MOST = 50, 1_000
# Of search folders the oldest go where there are more (Graph: resources/mailsearchfolder, "Search folder lifecycle").
MOST_SEARCHES = 100
# What a search folder may be told: letters of its question, folders in which it looks.
LONGEST_FILTER, MOST_SOURCES = 4_000, 100


class Folder(enum.IntEnum):
    """Well-known folders; the number is stored with each message."""

    ROOT = 0
    INBOX = 1
    DRAFTS = 2
    SENT = 3
    DELETED = 4
    JUNK = 5
    ARCHIVE = 6
    OUTBOX = 7
    SEARCHES = 8


# Graph: resources/mailfolder, well-known folder names.
WELL_KNOWN: dict[Folder, tuple[str, str]] = {
    Folder.ROOT: ("msgfolderroot", "Top of Information Store"),
    Folder.ARCHIVE: ("archive", "Archive"),
    Folder.DELETED: ("deleteditems", "Deleted Items"),
    Folder.DRAFTS: ("drafts", "Drafts"),
    Folder.INBOX: ("inbox", "Inbox"),
    Folder.JUNK: ("junkemail", "Junk Email"),
    Folder.OUTBOX: ("outbox", "Outbox"),
    Folder.SEARCHES: ("searchfolders", "Finder"),
    Folder.SENT: ("sentitems", "Sent Items"),
}

_BY_NAME = {name: folder for folder, (name, _) in WELL_KNOWN.items()}


class Search(Struct, frozen=True, kw_only=True):
    """What a search folder shows: messages of its `sources`, where it `is_deep` also of all folders below them.

    `filter` is the question that is true of them as it was written, `condition` the same as it is kept
    (query/stored.py).
    """

    filter: str
    condition: bytes
    sources: tuple[int, ...]
    is_deep: bool = False


class MailFolder(Struct, frozen=True, kw_only=True):
    """A folder of one mailbox; `parent` is the number of the one that it stands in, None for the root and for the one
    of search folders. A folder with a `search` holds nothing itself.
    """

    number: int
    parent: int | None
    name: str
    is_hidden: bool = False
    search: Search | None = None

    @property
    def is_made(self) -> bool:
        """Return whether somebody made it."""
        return is_made(self.number)


# Exchange has the folder of search folders beside the root of mail.
_ALONE = (Folder.ROOT, Folder.SEARCHES)
_KNOWN = tuple(
    MailFolder(number=int(folder), parent=None if folder in _ALONE else int(Folder.ROOT), name=name)
    for folder, (_, name) in WELL_KNOWN.items()
)


def by_name(name: str) -> Folder | None:
    """Return the folder with this well-known name, in any case, or None."""
    return _BY_NAME.get(name.lower())


def is_made(number: int) -> bool:
    """Return whether a folder of this number is one that somebody made."""
    return number >= MADE


def check_holds_messages(number: int, *, is_search: bool) -> None:
    """Raise InvalidFolderType for a folder into which no message can be put."""
    if is_search or number == Folder.SEARCHES:
        raise InvalidFolderType("A search folder shows messages of other folders, and holds none.")


def check_folder_name(name: str | None) -> str:
    """Return a name that a folder can have. Raises InvalidProperty."""
    bare = (name or "").strip()
    if not bare or len(bare) > LONGEST_NAME or not all(letter.isprintable() for letter in bare):
        raise InvalidProperty(f"A folder has a name of 1 to {LONGEST_NAME} printable letters.", target="displayName")
    return bare


class FolderTree:
    """All folders of one mailbox: the well-known ones, and those that were `made`."""

    def __init__(self, made: Iterable[MailFolder] = ()) -> None:
        self._by_number = {one.number: one for one in (*_KNOWN, *made)}
        self._below: dict[int | None, list[MailFolder]] = defaultdict(list)
        for one in sorted(self._by_number.values(), key=lambda folder: (folder.name.casefold(), folder.number)):
            self._below[one.parent].append(one)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of all folders."""
        return tuple(self._by_number)

    def get(self, number: int) -> MailFolder:
        """Return a folder. Raises FolderNotFound."""
        found = self._by_number.get(number)
        if found is None:
            raise FolderNotFound(NOT_FOUND)
        return found

    def find(self, number: int) -> MailFolder | None:
        """Return a folder, or None."""
        return self._by_number.get(number)

    def children(self, number: int, *, with_hidden: bool = False) -> list[MailFolder]:
        """Return the folders directly in one, by name."""
        return [one for one in self._below.get(number, ()) if with_hidden or not one.is_hidden]

    def walk(self, number: int) -> Iterator[MailFolder]:
        """Yield a folder and all below it, each after the one that it stands in."""
        waiting = [self.get(number)]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(self._below.get(one.number, ()))

    def sources(self, search: Search) -> tuple[int, ...]:
        """Return the folders in which a search folder looks, of those that are there: each once."""
        there = [self._by_number[one] for one in search.sources if one in self._by_number]
        found = (below for one in there for below in (self.walk(one.number) if search.is_deep else (one,)))
        return tuple(dict.fromkeys(one.number for one in found if one.search is None))

    def searches(self) -> list[MailFolder]:
        """Return the search folders, the oldest first."""
        return sorted((one for one in self._by_number.values() if one.search), key=lambda folder: folder.number)

    def is_within(self, number: int, other: int) -> bool:
        """Return whether a folder is `other`, or stands somewhere below it."""
        return other in (number, *(one.number for one in self._ancestors(number)))

    def check_new(self, parent: int, name: str, *, is_search: bool = False) -> None:
        """Raise FolderExists where one in `parent` has this name, NotAllowed where no more can be made there,
        InvalidParentFolder where none can.
        """
        self._check_parent(parent, is_search=is_search)
        self._check_room(1)
        self._check_depth(parent, 1)
        self.check_name(parent, name)

    def check_copy(self, number: int, parent: int) -> None:
        """Raise what keeps a folder from being copied into `parent`: FolderInsideItself, NotAllowed, FolderExists,
        InvalidParentFolder.
        """
        self._check_parent(parent, is_search=self.get(number).search is not None)
        self._check_room(sum(1 for _ in self.walk(number)))
        self._check_below(number, parent)
        self.check_name(parent, self.get(number).name)

    def check_move(self, number: int, parent: int) -> None:
        """Raise what keeps a folder from standing in `parent`: FolderInsideItself, NotAllowed, FolderExists,
        InvalidParentFolder.
        """
        self._check_parent(parent, is_search=self.get(number).search is not None)
        self._check_below(number, parent)
        self.check_name(parent, self.get(number).name, of=number)

    def check_name(self, parent: int, name: str, *, of: int | None = None) -> None:
        """Raise FolderExists where another folder than `of` has this name in `parent`."""
        taken = self._find_child(parent, name)
        if taken is not None and taken.number != of:
            raise FolderExists("A folder with the specified name already exists.", target="displayName")

    def free_name(self, parent: int, name: str) -> str:
        """Return a name that no folder in `parent` has: this one, or with the first number after it that is free."""
        if self._find_child(parent, name) is None:
            return name
        taken = {one.name.casefold() for one in self._below.get(parent, ())}
        tried = (f"{name[: LONGEST_NAME - 5]}{number}" for number in range(1, MOST + 2))
        return next(one for one in tried if one.casefold() not in taken)

    def _find_child(self, parent: int, name: str) -> MailFolder | None:
        folded = name.casefold()
        return next((one for one in self._below.get(parent, ()) if one.name.casefold() == folded), None)

    def _ancestors(self, number: int) -> Iterator[MailFolder]:
        parent = self.get(number).parent
        while parent is not None:
            one = self.get(parent)
            yield one
            parent = one.parent

    def _check_parent(self, parent: int, *, is_search: bool) -> None:
        if self.get(parent).search is not None:
            raise InvalidParentFolder("Cannot create a subfolder within a SearchFolder.")
        if parent == Folder.SEARCHES and not is_search:
            raise InvalidParentFolder("The folder of search folders holds search folders alone.")

    def _check_room(self, more: int) -> None:
        if len(self._by_number) - len(_KNOWN) + more > MOST:
            raise NotAllowed(f"A mailbox has no more than {MOST} folders.", target="displayName")

    def _check_below(self, number: int, parent: int) -> None:
        if self.is_within(parent, number):
            raise FolderInsideItself("A folder cannot be put into itself.", target="destinationId")
        own = sum(1 for _ in self._ancestors(number))
        self._check_depth(
            parent, 1 + max(sum(1 for _ in self._ancestors(one.number)) - own for one in self.walk(number))
        )

    def _check_depth(self, parent: int, height: int) -> None:
        """Raise NotAllowed where so many levels of folders are too much in `parent`."""
        if sum(1 for _ in self._ancestors(parent)) + height > DEEPEST:
            raise NotAllowed(f"Folders stand in each other no deeper than {DEEPEST} levels.", target="parentFolderId")
