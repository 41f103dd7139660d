"""Taking a mailbox out of the data file: gone at once for whoever looks, deleted slice by slice.

A person's number is never given to anybody else: it stands in ids, in permissions and in others' messages.
Letters are shared; one goes when no mailbox holds it and nothing still delivers it.
"""

from __future__ import annotations

import msgspec

from rsvpd.mail.person import Person
from rsvpd.store import changes, contents, events, grants, messages, meta, revisions, uploads
from rsvpd.store.changes import DIRECTORY, ChangeKind
from rsvpd.store.tx import Tx

SLICE = 500

_LAST, _LEFT = "last-person", "removed-people"
_NEWEST = "SELECT max(number) FROM person"
_AT_ONCE = (
    "DELETE FROM person WHERE number = :number",
    "DELETE FROM room WHERE mailbox = :number",
    "DELETE FROM delegation WHERE mailbox = :number",
    "DELETE FROM mailbox_settings WHERE mailbox = :number",
    "DELETE FROM calendar WHERE mailbox = :number",
    "DELETE FROM calendar_group WHERE mailbox = :number",
    "DELETE FROM calendar_emptying WHERE mailbox = :number",
    "DELETE FROM subscription WHERE mailbox = :number",
    "DELETE FROM folder_work WHERE mailbox = :number",
    "DELETE FROM persona WHERE mailbox = :number",
    "DELETE FROM persona_due WHERE mailbox = :number",
    "DELETE FROM term_index WHERE mailbox = :number",
    "DELETE FROM profile WHERE number = :number",
    "DELETE FROM photo WHERE number = :number",
    "DELETE FROM place WHERE number = :number",
    "DELETE FROM listed_room WHERE room = :number",
)
_FORMER = "INSERT INTO former_person (number, oid) VALUES (:number, :oid)"
_OF_OTHERS_TOO = (
    "DELETE FROM permission WHERE mailbox = :number OR grantee = :number",
    "DELETE FROM calendar_entry WHERE mailbox = :number OR owner = :number",
)
_BY_SLICES = tuple(
    f"DELETE FROM {table} WHERE mailbox = :mailbox"  # noqa: S608 - constants
    f" AND {key} IN (SELECT {key} FROM {table} WHERE mailbox = :mailbox LIMIT :limit)"
    for table, key in (
        ("message", "item"), ("mail_folder", "number"), ("response", "item"), ("own_date", "item"),
        ("former_dates", "item"), ("change", "number"), ("answered_sender", "fold"),
        ("extended", "item"), ("message_rule", "number"), ("sender_override", "number"),
    )
)
_EVENTS = "SELECT item, revision, meeting FROM event WHERE mailbox = :mailbox ORDER BY item LIMIT :limit"
_DROP_EVENT = "DELETE FROM event WHERE mailbox = :mailbox AND item = :item"
_ORPHANS = (
    "SELECT number FROM letter WHERE number > :after AND number NOT IN (SELECT letter FROM message)"
    " AND number NOT IN (SELECT value FROM delivery, json_each(delivery.letters)) ORDER BY number LIMIT :limit"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int]).decode


def remove(tx: Tx, person: Person) -> None:
    """Take somebody out of the directory; nobody finds the mailbox from then on."""
    keep_number(tx, highest_number(tx))
    meta.put(tx, _LEFT, _encode([*_removed_mailboxes(tx), person.number]))
    for sql in (*_AT_ONCE, *_OF_OTHERS_TOO):
        tx.write(sql, number=person.number)
    grants.drop_person(tx, person.number)
    tx.write(_FORMER, number=person.number, oid=person.oid)
    changes.record_change(tx, DIRECTORY, person.number, ChangeKind.PERSON_REMOVED)
    tx.removed.append(person.number)
    tx.met = {key: one for key, one in tx.met.items() if one.number != person.number}


def last_number(tx: Tx) -> int:
    """Return a number up to which all were given to somebody, some of whom are gone."""
    return int(meta.get(tx, _LAST) or 0)


def highest_number(tx: Tx) -> int:
    """Return the greatest number that anybody was ever given."""
    (newest,) = tx.row(_NEWEST) or (0,)
    return max(int(newest or 0), last_number(tx))


def keep_number(tx: Tx, number: int) -> None:
    """Give nobody a number up to this one any more."""
    if number > last_number(tx):
        meta.put(tx, _LAST, b"%d" % number)


def is_left(tx: Tx) -> bool:
    """Return whether a mailbox was removed of which something is still in the file."""
    return bool(_removed_mailboxes(tx))


def delete_slice(tx: Tx) -> bool:
    """Delete a slice of the mailboxes that were removed; return whether there was one."""
    return any(
        _delete_events(tx, number)
        or tx.drop_terms(number, SLICE)
        or contents.drop_of_mailbox(tx, number, SLICE)
        or uploads.drop_of_mailbox(tx, number, SLICE)
        or any(tx.run(sql, mailbox=number, limit=SLICE) for sql in _BY_SLICES)
        for number in _removed_mailboxes(tx)
    )


def finish(tx: Tx) -> None:
    """Note that nothing is left of the mailboxes that were removed."""
    meta.put(tx, _LEFT, _encode([]))


def orphans(tx: Tx, after: int) -> list[int]:
    """Return the numbers of letters that nobody holds, the first slice beyond `after`.

    Nobody comes to hold one again: a letter is stored by the transaction that gives it to somebody.
    """
    return [int(number) for (number,) in tx.rows(_ORPHANS, after=after, limit=SLICE)]


def drop_letters(tx: Tx, numbers: list[int]) -> None:
    """Delete letters."""
    for number in numbers:
        messages.drop_letter(tx, number)


def _delete_events(tx: Tx, mailbox: int) -> bool:
    """Delete a slice of the copies of a mailbox, and the revisions and names of meetings that nobody else holds."""
    found = tx.rows(_EVENTS, mailbox=mailbox, limit=SLICE)
    for item, _, _ in found:
        tx.write(_DROP_EVENT, mailbox=mailbox, item=item)
    for revision in {revision for _, revision, _ in found}:
        revisions.drop_unheld(tx, revision)
    for _, _, meeting in found:
        events.drop_unheld(tx, meeting)
    return bool(found)


def _removed_mailboxes(tx: Tx) -> list[int]:
    return _decode(meta.get(tx, _LEFT) or b"[]")
