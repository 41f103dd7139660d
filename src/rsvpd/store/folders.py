"""The folders that owners made, in the data file."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rsvpd.mail.extended import Bearer
from rsvpd.mail.folder import MADE, FolderTree, MailFolder, Search
from rsvpd.store import changes, extended
from rsvpd.store.changes import ChangeKind, Trace
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Search).decode

# What reading a folder costs, in steps, and one that is a search folder.
_READ, _SEARCH = 2, 10
_ALL = "SELECT number, parent, name, is_hidden, search FROM mail_folder WHERE mailbox = :mailbox"
_NUMBERS = "SELECT number FROM mail_folder WHERE mailbox = :mailbox"
_ONE = "SELECT search FROM mail_folder WHERE mailbox = :mailbox AND number = :number"
_INSERT = (
    "INSERT INTO mail_folder (mailbox, number, change, parent, name, is_hidden, search)"
    " VALUES (:mailbox, :number, :change, :parent, :name, :is_hidden, :search)"
)
_UPDATE = (
    "UPDATE mail_folder SET change = :change, parent = :parent, name = :name, search = :search"
    " WHERE mailbox = :mailbox AND number = :number"
)
_DELETE = "DELETE FROM mail_folder WHERE mailbox = :mailbox AND number = :number"


def tree(tx: Tx, mailbox: int) -> FolderTree:
    """Return all folders of a mailbox."""
    rows = tx.rows(_ALL, mailbox=mailbox)
    tx.work.spend(_READ * len(rows))
    return FolderTree(
        MailFolder(number=number, parent=parent, name=name, is_hidden=bool(is_hidden), search=_search(tx, search))
        for number, parent, name, is_hidden, search in rows
    )


def numbers(tx: Tx, mailbox: int) -> list[int]:
    """Return the numbers of the folders that were made."""
    return [int(number) for (number,) in tx.rows(_NUMBERS, mailbox=mailbox)]


def is_there(tx: Tx, mailbox: int, number: int) -> bool:
    """Return whether a folder that was made is there."""
    return tx.row(_ONE, mailbox=mailbox, number=number) is not None


def search_of(tx: Tx, mailbox: int, number: int) -> Search | None:
    """Return what a search folder shows; None for any other folder, and for one that is not there."""
    row = tx.row(_ONE, mailbox=mailbox, number=number)
    return None if row is None else _search(tx, row[0])


def create(
    tx: Tx, mailbox: int, *, parent: int, name: str, is_hidden: bool = False, search: Search | None = None
) -> int:
    """Make a folder and return its number."""
    change = changes.record_created(tx, mailbox, ChangeKind.FOLDER_CREATED, Trace(place=parent), beyond=MADE)
    tx.write(
        _INSERT,
        mailbox=mailbox,
        number=MADE + change,
        change=change,
        parent=parent,
        name=name,
        is_hidden=int(is_hidden),
        search=None if search is None else _encode(search),
    )
    return MADE + change


def update(tx: Tx, mailbox: int, folder: MailFolder, *, before: MailFolder) -> None:
    """Give a folder another name, another place, or another search."""
    assert folder.parent is not None
    if folder.parent == before.parent:
        kind, trace = ChangeKind.FOLDER_UPDATED, Trace(place=folder.parent)
    else:
        kind, trace = ChangeKind.FOLDER_MOVED, Trace(place=folder.parent, place_before=before.parent)
    change = changes.record_change(tx, mailbox, folder.number, kind, trace)
    tx.write(
        _UPDATE,
        mailbox=mailbox,
        number=folder.number,
        change=change,
        parent=folder.parent,
        name=folder.name,
        search=None if folder.search is None else _encode(folder.search),
    )


def delete(tx: Tx, mailbox: int, folders: Iterable[MailFolder]) -> None:
    """Take folders away in which nothing is left."""
    for one in folders:
        changes.record_change(tx, mailbox, one.number, ChangeKind.FOLDER_REMOVED, Trace(place_before=one.parent))
        tx.write(_DELETE, mailbox=mailbox, number=one.number)
        extended.drop(tx, mailbox, Bearer.FOLDER, one.number)


def _search(tx: Tx, data: bytes | None) -> Search | None:
    if data is None:
        return None
    tx.work.spend(_SEARCH)
    return _decode(data)
