"""The folders that owners made, in the data file."""

from __future__ import annotations

from collections.abc import Iterable

from rsvpd.mail.extended import Bearer
from rsvpd.mail.folder import MADE, FolderTree, MailFolder
from rsvpd.store import changes, extended
from rsvpd.store.changes import ChangeKind, Trace
from rsvpd.store.tx import Tx

# What reading a folder costs, in steps.
_READ = 2
_ALL = "SELECT number, parent, name, is_hidden FROM mail_folder WHERE mailbox = :mailbox"
_NUMBERS = "SELECT number FROM mail_folder WHERE mailbox = :mailbox"
_ONE = f"{_NUMBERS} AND number = :number"
_INSERT = (
    "INSERT INTO mail_folder (mailbox, number, change, parent, name, is_hidden)"
    " VALUES (:mailbox, :number, :change, :parent, :name, :is_hidden)"
)
_UPDATE = (
    "UPDATE mail_folder SET change = :change, parent = :parent, name = :name"
    " WHERE mailbox = :mailbox AND number = :number"
)
_DELETE = "DELETE FROM mail_folder WHERE mailbox = :mailbox AND number = :number"


def tree(tx: Tx, mailbox: int) -> FolderTree:
    """Return all folders of a mailbox."""
    rows = tx.rows(_ALL, mailbox=mailbox)
    tx.work.spend(_READ * len(rows))
    return FolderTree(
        MailFolder(number=number, parent=parent, name=name, is_hidden=bool(is_hidden))
        for number, parent, name, is_hidden in rows
    )


def numbers(tx: Tx, mailbox: int) -> list[int]:
    """Return the numbers of the folders that were made."""
    return [int(number) for (number,) in tx.rows(_NUMBERS, mailbox=mailbox)]


def is_there(tx: Tx, mailbox: int, number: int) -> bool:
    """Return whether a folder that was made is there."""
    return tx.row(_ONE, mailbox=mailbox, number=number) is not None


def create(tx: Tx, mailbox: int, *, parent: int, name: str, is_hidden: bool = False) -> int:
    """Make a folder and return its number."""
    change = changes.created(tx, mailbox, ChangeKind.FOLDER_CREATED, Trace(place=parent), beyond=MADE)
    tx.write(
        _INSERT,
        mailbox=mailbox,
        number=MADE + change,
        change=change,
        parent=parent,
        name=name,
        is_hidden=int(is_hidden),
    )
    return MADE + change


def update(tx: Tx, mailbox: int, folder: MailFolder, *, before: MailFolder) -> None:
    """Give a folder another name, or another place."""
    assert folder.parent is not None
    if folder.parent == before.parent:
        kind, trace = ChangeKind.FOLDER_UPDATED, Trace(place=folder.parent)
    else:
        kind, trace = ChangeKind.FOLDER_MOVED, Trace(place=folder.parent, place_before=before.parent)
    change = changes.changed(tx, mailbox, folder.number, kind, trace)
    tx.write(
        _UPDATE, mailbox=mailbox, number=folder.number, change=change, parent=folder.parent, name=folder.name
    )  # fmt: skip


def delete(tx: Tx, mailbox: int, folders: Iterable[MailFolder]) -> None:
    """Take folders away in which nothing is left."""
    for one in folders:
        changes.changed(tx, mailbox, one.number, ChangeKind.FOLDER_REMOVED, Trace(place_before=one.parent))
        tx.write(_DELETE, mailbox=mailbox, number=one.number)
        extended.drop(tx, mailbox, Bearer.FOLDER, one.number)
