"""The folders every mailbox has, under the names the protocols know them by.

Only the well-known folders exist so far; their numbers are part of the data file.
"""

from __future__ import annotations

import enum

from rsvpd.errors import FolderNotFound


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


# Graph: resources/mailfolder, well-known folder names.
WELL_KNOWN: dict[Folder, tuple[str, str]] = {
    Folder.ROOT: ("msgfolderroot", "Top of Information Store"),
    Folder.ARCHIVE: ("archive", "Archive"),
    Folder.DELETED: ("deleteditems", "Deleted Items"),
    Folder.DRAFTS: ("drafts", "Drafts"),
    Folder.INBOX: ("inbox", "Inbox"),
    Folder.JUNK: ("junkemail", "Junk Email"),
    Folder.OUTBOX: ("outbox", "Outbox"),
    Folder.SENT: ("sentitems", "Sent Items"),
}

_BY_NAME = {name: folder for folder, (name, _) in WELL_KNOWN.items()}


def by_name(name: str) -> Folder | None:
    """Return the folder with this well-known name, in any case, or None."""
    return _BY_NAME.get(name.lower())


def by_number(number: int) -> Folder:
    """Return the folder with this number. Raises FolderNotFound."""
    try:
        return Folder(number)
    except ValueError:
        raise FolderNotFound("The specified folder could not be found in the store.") from None
