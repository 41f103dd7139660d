"""Messages in the data file: one small row for each mailbox's copy, one letter for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from rsvpd.clock import Instant
from rsvpd.mail.attachment import content_digests, presence
from rsvpd.mail.content import Importance
from rsvpd.mail.extended import Bearer
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Flag, FlagStatus, Inference, Letter, MeetingKind, Message
from rsvpd.scheduling.effects import DiscardRequests, FileLetter, Invite, RewriteDraft
from rsvpd.store import changes, contents, extended
from rsvpd.store.changes import ChangeKind, Trace
from rsvpd.store.contents import ContentHolder, HolderKind
from rsvpd.store.engine import Row
from rsvpd.store.events import item_of
from rsvpd.store.terms import among
from rsvpd.store.tx import Tx

Stored = dict[int, tuple[Letter, int]]  # by id(): the letters stored so far, each with its number

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Letter).decode
_words = msgspec.json.Encoder().encode
_unwords = msgspec.json.Decoder(tuple[str, ...]).decode
_undates = msgspec.json.Decoder(tuple[Instant | None, Instant | None, Instant | None]).decode

_SELECT = (
    "SELECT m.item, m.change, m.folder, m.received_us, m.created_us, m.modified_us, m.is_read, m.is_draft,"
    " m.kind, m.event, m.moves, m.importance, m.flag, m.flag_dates, m.inference, m.categories, m.principal,"
    " m.dtstamp_us, l.data"
    " FROM message m JOIN letter l ON l.number = m.letter WHERE m.mailbox = :mailbox"
)
_BY_ITEM = _SELECT + " AND m.item = :item"
_KEY = (
    "item, change, principal, CASE WHEN event <> 0 THEN (SELECT e.change FROM event e WHERE e.mailbox ="
    " CASE message.principal WHEN 0 THEN message.mailbox ELSE message.principal END AND e.item = message.event) END"
)
_KEY_COLUMNS = 4
# As many folders are merged in one step.
_MERGED = 200
# What lists may be sorted by.
_SORTED_BY = (
    "received_us", "sent_us", "created_us", "modified_us", "is_read", "is_draft", "subject_fold", "from_fold", "kind",
    "importance", "conversation",
)  # fmt: skip
_IN_INBOX = Trace(place=int(Folder.INBOX))
_NEW_IN_INBOX = {
    "folder": int(Folder.INBOX), "is_read": 0, "is_draft": 0, "principal": 0, "flag": FlagStatus.NONE.value,
    "flag_dates": "", "inference": int(Inference.FOCUSED), "categories": "[]",
}  # fmt: skip
# What reading a message costs, in steps: each, and for so many bytes of it.
_READ, _BYTES_A_STEP = 20, 50
_COUNTS = (
    "SELECT count(*), count(*) FILTER (WHERE is_read = 0) FROM message WHERE mailbox = :mailbox AND folder = :folder"
)
_COUNT = "SELECT count(*) FROM message WHERE mailbox = :mailbox"
_LETTER = "INSERT INTO letter (data) VALUES (:data)"
_INSERT = (
    "INSERT INTO message (mailbox, item, change, folder, received_us, sent_us, created_us, modified_us, is_read,"
    " is_draft, kind, event, dtstamp_us, moves, importance, conversation, subject_fold, from_fold, flag,"
    " flag_dates, inference, categories, letter, principal, attached)"
    " VALUES (:mailbox, :item, :item, :folder, :received, :sent, :received, :received, :is_read,"
    " :is_draft, :kind, :event, :dtstamp, 0, :importance, :conversation, :subject, :from_, :flag,"
    " :flag_dates, :inference, :categories, :letter, :principal, :attached)"
)
_UPDATE = (
    "UPDATE message SET change = :change, folder = :folder, modified_us = :modified, is_read = :is_read,"
    " moves = :moves, importance = :importance, flag = :flag, flag_dates = :flag_dates, inference = :inference,"
    " categories = :categories"
    " WHERE mailbox = :mailbox AND item = :item"
)
_COPY = (
    "INSERT INTO message (mailbox, item, change, folder, received_us, sent_us, created_us, modified_us, is_read,"
    " is_draft, kind, event, dtstamp_us, moves, importance, conversation, subject_fold, from_fold, flag,"
    " flag_dates, inference, categories, letter, principal, attached)"
    " SELECT mailbox, :copy, :copy, :folder, received_us, sent_us, :now, :now, is_read,"
    " is_draft, kind, event, dtstamp_us, 0, importance, conversation, subject_fold, from_fold, flag,"
    " flag_dates, inference, categories, :letter, principal, attached FROM message"
    " WHERE mailbox = :mailbox AND item = :item"
)
_REWRITE = (
    "UPDATE message SET received_us = :received, sent_us = :sent, is_draft = :is_draft, subject_fold = :subject,"
    " from_fold = :from_, letter = :letter, attached = :attached WHERE mailbox = :mailbox AND item = :item"
)
_LETTER_OF = "SELECT letter FROM message WHERE mailbox = :mailbox AND item = :item"
# A letter with attachments goes with the last message that has it, for the sake of what it takes; others stay.
_IN_A_MAILBOX = "SELECT 1 FROM message WHERE letter = :letter AND attached <> 0 LIMIT 1"
_UNDER_WAY = "SELECT 1 FROM delivery, json_each(delivery.letters) AS one WHERE one.value = :letter"
_DROP_LETTER = "DELETE FROM letter WHERE number = :number"
_DELETE = "DELETE FROM message WHERE mailbox = :mailbox AND item = :item"
_MOVES = "SELECT moves FROM message WHERE mailbox = :mailbox AND item = :item"
_MOVES_BEFORE = (
    "SELECT moves_before FROM change WHERE mailbox = :mailbox AND number > :number AND item = :item"
    " AND moves_before IS NOT NULL ORDER BY number LIMIT 1"
)
_REQUESTS = (
    "SELECT item, moves FROM message WHERE mailbox = :mailbox AND folder = :folder AND event = :event AND kind = :kind"
    " AND principal = 0"
)
_NEWEST_REQUEST = (
    "SELECT l.data FROM message m JOIN letter l ON l.number = m.letter"
    " WHERE m.mailbox = :mailbox AND m.event = :event AND m.kind = :kind AND m.principal = 0"
    " ORDER BY m.dtstamp_us DESC, m.item DESC LIMIT 1"  # a copy of an old request is a new item
)
_IN_FOLDER = (
    "SELECT item, received_us, moves, is_draft, letter, attached FROM message"
    " WHERE mailbox = :mailbox AND folder = :folder"
    " AND (received_us, item) > (:received, :item) AND item <= :last ORDER BY received_us, item LIMIT :most"
)
_DISCARD = (
    "UPDATE message SET change = :change, folder = :folder, moves = moves + 1 WHERE mailbox = :mailbox AND item = :item"
)


# What names one state of a stored message and of the event it is about: its item, its newest change, the mailbox whose
# delegate has it (or 0), and the newest change of the event, if there is one.
MessageKey = tuple[int, int, int, int | None]


# A place in a folder: when a message was received, and its item.
FolderPlace = tuple[Instant, int]
BEGINNING: FolderPlace = (-(2**62), 0)
_LAST = 2**62


class MessageRow(msgspec.Struct, frozen=True):
    """A stored copy of a letter: number, newest change, kind, the revision it speaks of, content."""

    item: int
    change: int
    kind: MeetingKind
    dtstamp: Instant
    message: Message


def by_item(tx: Tx, mailbox: int, item: int) -> MessageRow | None:
    """Return a message by its number."""
    row = tx.row(_BY_ITEM, mailbox=mailbox, item=item)
    if row is None:
        return None
    tx.work.spend(_READ + len(row[-1]) // _BYTES_A_STEP)
    return _decode_row(row)


def keys(
    tx: Tx,
    mailbox: int,
    folders: Collection[int],
    where: str,
    tail: str,
    *,
    items: str | None = None,
    **params: object,
) -> Iterable[MessageKey]:
    """Return the keys, one by one, of messages of some folders for which the SQL condition `where` holds; `tail` orders
    and limits.

    They are among `items`, a JSON array, where that is given. No letter is looked at.
    """
    if not folders:
        return ()
    # The index is by folder: several are merged, each read as far as the list is. Merging sorts by what is selected.
    columns = ", ".join((_KEY, *(column for column in _SORTED_BY if column in tail)))
    rows = f"SELECT {columns} FROM message WHERE mailbox = :mailbox AND ({where})"  # noqa: S608 - made of constants
    if items is None:
        arms = [f"{rows} AND folder = {folder:d}" for folder in folders]
        if not tx.streams and len(arms) > 1:  # no more of each is looked at than all of them can have
            arms = [f"SELECT * FROM ({arm} {tail}) AS one" for arm in arms]  # noqa: S608 - as above
    else:
        arms = [among(f"{rows} AND folder IN ({_sql_list(folders)})", "message", items)]
    # SQLite merges 500 at once.
    while len(arms) > _MERGED:
        several = (" UNION ALL ".join(arms[at : at + _MERGED]) for at in range(0, len(arms), _MERGED))
        arms = [f"SELECT * FROM ({one} {tail}) AS merged" for one in several]  # noqa: S608 - as above
    found = tx.stream(f"{' UNION ALL '.join(arms)} {tail}", mailbox=mailbox, items=items, **params)
    return (row[:_KEY_COLUMNS] for row in found)


def count(
    tx: Tx, mailbox: int, folders: Collection[int], where: str, *, items: str | None = None, **params: object
) -> int:
    """Return how many messages of some folders, and among `items`, there are for which a SQL condition holds."""
    if not folders:
        return 0
    sql = among(f"{_COUNT} AND folder IN ({_sql_list(folders)}) AND ({where})", "message", items)
    row = tx.row(sql, mailbox=mailbox, items=items, **params)
    return int(row[0]) if row else 0


def counts(tx: Tx, mailbox: int, folder: int) -> tuple[int, int]:
    """Return how many messages are in a folder, and how many of them unread."""
    row = tx.row(_COUNTS, mailbox=mailbox, folder=folder)
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _sql_list(folders: Iterable[int]) -> str:
    """Return numbers as they stand in a list of SQL."""
    return ", ".join(f"{folder:d}" for folder in folders)


def file(tx: Tx, effect: FileLetter, letters: Stored) -> int:
    """Put a letter into a folder; return the item's number. `letters` remembers those stored already."""
    mailbox, values = effect.mailbox, _values(tx, effect, letters)
    about = effect.item
    if about is None:
        about = item_of(tx, effect.principal or mailbox, effect.about) if effect.about else 0
    item = changes.record_created(tx, mailbox, ChangeKind.MESSAGE_CREATED, Trace(place=int(effect.folder)))
    tx.add(
        _INSERT,
        mailbox=mailbox,
        item=item,
        folder=int(effect.folder),
        is_read=int(effect.is_read),
        is_draft=int(effect.is_draft),
        event=about,
        principal=effect.principal,
        flag=effect.flag.status.value,
        flag_dates=_dates(effect.flag),
        inference=int(effect.inference),
        categories=_words(effect.categories).decode(),
        **(values if effect.importance is None else values | {"importance": effect.importance.value}),
    )
    extended.put(tx, mailbox, Bearer.MESSAGE, item, effect.extended)
    return item


def file_invitations(tx: Tx, effect: Invite, items: Iterable[int], letters: Stored) -> None:
    """Put a letter into the inboxes of those who were invited, each about the copy of this number there."""
    values = _values(tx, effect, letters) | _NEW_IN_INBOX
    for (mailbox, _), about in zip(effect.guests, items, strict=True):
        if mailbox in effect.apart:
            continue
        item = changes.record_created(tx, mailbox, ChangeKind.MESSAGE_CREATED, _IN_INBOX)
        tx.add(_INSERT, mailbox=mailbox, item=item, event=about, **values)


def _values(tx: Tx, effect: FileLetter | Invite, letters: Stored) -> dict[str, Any]:
    """Return what the columns of a message say of its letter, which is stored the first time."""
    letter = effect.letter
    return {
        "received": letter.sent,
        "sent": letter.sent,
        "kind": int(letter.note.kind) if letter.note else 0,
        "dtstamp": letter.note.dtstamp if letter.note else 0,
        "importance": letter.importance.value,
        "conversation": letter.conversation,
        "subject": letter.subject.casefold(),
        "from_": letter.from_.address.casefold(),
        "letter": effect.stored if effect.stored is not None else letter_number(tx, letter, letters),
        "attached": int(presence(letter.attachments)),
    }


def letter_number(tx: Tx, letter: Letter, letters: Stored) -> int:
    """Return the number of a letter, which is stored the first time."""
    known = letters.get(id(letter))
    if known is None:
        # Kept with its number: the id of a letter nobody holds is soon another's.
        known = letters[id(letter)] = (letter, tx.insert(_LETTER, data=_encode(letter)))
        if letter.attachments:
            contents.hold(tx, ContentHolder(HolderKind.LETTER, known[1]), content_digests(letter.attachments))
    return known[1]


def update(tx: Tx, mailbox: int, item: int, message: Message, *, before: Message) -> int:
    """Write what the owner may change of a message; return the change's number."""
    if message.folder == before.folder:
        kind, trace = ChangeKind.MESSAGE_UPDATED, Trace(place=message.folder)
    else:
        kind, trace = ChangeKind.MESSAGE_MOVED, _move(before.folder, before.moves, message.folder)
    change = changes.record_change(tx, mailbox, item, kind, trace)
    tx.write(
        _UPDATE,
        mailbox=mailbox,
        item=item,
        change=change,
        folder=message.folder,
        modified=message.modified,
        is_read=int(message.is_read),
        moves=message.moves,
        importance=(message.importance or message.letter.importance).value,
        flag=message.flag.status.value,
        flag_dates=_dates(message.flag),
        inference=int(message.inference),
        categories=_words(message.categories).decode(),
    )
    return change


def copy(tx: Tx, mailbox: int, item: int, message: Message, folder: int, *, now: Instant) -> int:
    """Put a copy of a message into a folder and return its number; a draft gets a letter of its own."""
    letter = letter_number(tx, message.letter, {}) if message.is_draft else _letter_of(tx, mailbox, item)
    number = changes.record_created(tx, mailbox, ChangeKind.MESSAGE_CREATED, Trace(place=folder))
    tx.write(_COPY, mailbox=mailbox, item=item, copy=number, folder=folder, now=now, letter=letter)
    extended.copy(tx, mailbox, Bearer.MESSAGE, item, number)
    return number


def delete(tx: Tx, mailbox: int, item: int, *, before: Message) -> None:
    """Remove a message for good, and its letter where that is a draft's or has attachments that nobody else has."""
    letter = _letter_of(tx, mailbox, item)
    _remove(tx, mailbox, item, before.folder, before.moves)
    _let_go(tx, letter, is_draft=before.is_draft, has_attachments=bool(before.letter.attachments))


def delete_some(tx: Tx, mailbox: int, folder: int, *, most: int) -> int:
    """Remove for good at most so many messages of a folder; return how many there were."""
    rows = tx.rows(
        _IN_FOLDER, mailbox=mailbox, folder=folder, received=BEGINNING[0], item=BEGINNING[1], last=_LAST, most=most
    )  # fmt: skip
    for item, _, moves, is_draft, letter, attached in rows:
        _remove(tx, mailbox, item, folder, moves)
        _let_go(tx, letter, is_draft=bool(is_draft), has_attachments=bool(attached))
    return len(rows)


def some_of(tx: Tx, mailbox: int, folder: int, *, after: FolderPlace, last: int, most: int) -> list[FolderPlace]:
    """Return the next messages of a folder after a place, at most so many, and none that is newer than item `last`."""
    received, item = after
    rows = tx.rows(
        _IN_FOLDER, mailbox=mailbox, folder=folder, received=received, item=item, last=last, most=most
    )  # fmt: skip
    return [(received, item) for item, received, *_ in rows]


def _remove(tx: Tx, mailbox: int, item: int, folder: int, moves: int) -> None:
    changes.record_change(
        tx, mailbox, item, ChangeKind.MESSAGE_DELETED, Trace(place_before=folder, moves_before=moves)
    )  # fmt: skip
    tx.write(_DELETE, mailbox=mailbox, item=item)
    extended.drop(tx, mailbox, Bearer.MESSAGE, item)


def drop_letter(tx: Tx, number: int) -> None:
    """Delete a letter that nobody has."""
    tx.write(_DROP_LETTER, number=number)
    contents.let_go(tx, ContentHolder(HolderKind.LETTER, number))


def drop_unheld(tx: Tx, letters: Iterable[int]) -> None:
    """Delete those letters, which may have attachments, that no message has and no delivery under way."""
    for letter in letters:
        if not any(tx.row(sql, letter=letter) for sql in (_IN_A_MAILBOX, _UNDER_WAY)):
            drop_letter(tx, letter)


def _let_go(tx: Tx, letter: int, *, is_draft: bool, has_attachments: bool) -> None:
    """Delete the letter of a message that does not have it any more, if it is a draft's or takes much."""
    if has_attachments:
        drop_unheld(tx, (letter,))
    elif is_draft:
        tx.write(_DROP_LETTER, number=letter)


def rewrite(tx: Tx, effect: RewriteDraft, letters: Stored) -> None:
    """Write a message over, a draft which may be sent with that; the letter that nobody has any more goes."""
    mailbox, item, after = effect.mailbox, effect.item, effect.after
    update(tx, mailbox, item, after, before=effect.before)
    unused = _letter_of(tx, mailbox, item)
    tx.write(
        _REWRITE,
        mailbox=mailbox,
        item=item,
        received=after.received,
        sent=after.letter.sent,
        is_draft=int(after.is_draft),
        subject=after.letter.subject.casefold(),
        from_=after.letter.from_.address.casefold(),
        letter=letter_number(tx, after.letter, letters),
        attached=int(presence(after.letter.attachments)),
    )
    before = effect.before
    _let_go(tx, unused, is_draft=before.is_draft, has_attachments=bool(before.letter.attachments))


def _letter_of(tx: Tx, mailbox: int, item: int) -> int:
    (number,) = tx.row(_LETTER_OF, mailbox=mailbox, item=item) or (0,)
    return int(number)


def moves_at(tx: Tx, mailbox: int, item: int, number: int) -> int | None:
    """Return how often a message had been moved, which its id is made of, after the change of this number.

    None where nobody knows any more.
    """
    row = tx.row(_MOVES_BEFORE, mailbox=mailbox, number=number, item=item)
    return int(row[0]) if row else moves_of(tx, mailbox, item)


def moves_of(tx: Tx, mailbox: int, item: int) -> int | None:
    """Return how often a message has been moved; None where it is not there."""
    row = tx.row(_MOVES, mailbox=mailbox, item=item)
    return int(row[0]) if row else None


def newest_request(tx: Tx, mailbox: int, event: int) -> Letter | None:
    """Return the newest invitation to a meeting that is in a mailbox, in whatever folder."""
    found = tx.row(_NEWEST_REQUEST, mailbox=mailbox, event=event, kind=int(MeetingKind.REQUEST))
    return _decode(found[0]) if found else None


def discard_requests(tx: Tx, effect: DiscardRequests) -> None:
    """Move the requests for a meeting from the inbox to Deleted Items."""
    requests = tx.rows(
        _REQUESTS,
        mailbox=effect.mailbox,
        folder=int(Folder.INBOX),
        event=effect.item,
        kind=int(MeetingKind.REQUEST),
    )
    for item, moves in requests:
        trace = _move(Folder.INBOX, moves, Folder.DELETED)
        change = changes.record_change(tx, effect.mailbox, item, ChangeKind.MESSAGE_MOVED, trace)
        tx.write(_DISCARD, mailbox=effect.mailbox, item=item, change=change, folder=int(Folder.DELETED))


def _move(before: int, moves: int, folder: int) -> Trace:
    return Trace(place=int(folder), place_before=int(before), moves_before=moves)


def _dates(flag: Flag) -> str:
    """Return the dates of a flag as they are stored."""
    dates = (flag.start, flag.due, flag.completed)
    return _words(dates).decode() if any(one is not None for one in dates) else ""


def _flag(status: str, dates: str) -> Flag:
    return Flag(FlagStatus(status), *(_undates(dates) if dates else ()))


def _decode_row(row: Row) -> MessageRow:
    (
        item,
        change,
        folder,
        received,
        created,
        modified,
        is_read,
        is_draft,
        kind,
        event,
        moves,
        importance,
        flag,
        flag_dates,
        inference,
        categories,
        principal,
        dtstamp,
        data,
    ) = row
    message = Message(
        letter=_decode(data),
        folder=folder,
        received=received,
        created=created,
        modified=modified,
        is_read=bool(is_read),
        is_draft=bool(is_draft),
        categories=_unwords(categories),
        importance=Importance(importance),
        flag=_flag(flag, flag_dates),
        inference=Inference(inference),
        event=event,
        moves=moves,
        principal=principal,
    )
    return MessageRow(item, change, MeetingKind(kind), dtstamp, message)
