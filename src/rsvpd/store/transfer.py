"""All there is, table by table, in slices that another store takes as they are.

Every table with its key and its columns; a test compares them with both schemas. What only one engine keeps beside
(sequences, `change_number`, `lease`) follows from what was copied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct

from rsvpd.store import meta
from rsvpd.store.engine import Row, Run
from rsvpd.store.tx import Tx, mark_command

SLICE = 2_000
_MOVING = "moving"
# Of each store its own: what its schema is, and that a move into it is not over.
_BUT_OWN = f"key NOT IN ('schema', '{_MOVING}')"

_encode = msgspec.msgpack.Encoder().encode


class Table(Struct, frozen=True):
    """A table: its name, the columns of its key, the others, which of its rows go along, how many at a time at most."""

    name: str
    key: tuple[str, ...]
    others: tuple[str, ...]
    rows: str = "1 = 1"
    most: int = 2**31

    @property
    def columns(self) -> tuple[str, ...]:
        """Return all columns, the key first."""
        return self.key + self.others


def _table(name: str, key: str, others: str, rows: str = "1 = 1", most: int = 2**31) -> Table:
    return Table(name, tuple(key.split()), tuple(others.split()), rows, most)


TABLES = (
    _table("meta", "key", "value", _BUT_OWN),
    _table("person", "number", "oid fold address name zone kind created_us"),
    _table("meeting", "number", "uid organizer_fold"),
    _table("revision", "number", "digest data"),
    _table("letter", "number", "data"),
    _table("content", "number", "digest size holders"),
    _table("content_piece", "content place", "data", most=16),  # each is up to a mebibyte
    _table("content_holder", "kind mailbox holder content", ""),
    _table("upload", "number", "digest mailbox expires_us content received data"),
    _table(
        "event",
        "mailbox item",
        "change state calendar meeting revision is_namesake has_responses has_dates begins_us start_us end_us is_series"
        " declines dtstamp_us created_us modified_us subject_fold transaction_id data",
    ),
    _table("response", "mailbox item recurrence_id address", "data"),
    _table("own_date", "mailbox item recurrence_id", "data"),
    _table("former_dates", "mailbox item change", "data"),
    _table(
        "message",
        "mailbox item",
        "change folder received_us sent_us created_us modified_us is_read is_draft kind event dtstamp_us moves"
        " importance conversation subject_fold from_fold flag flag_dates inference categories letter principal"
        " attached",
    ),
    _table("mail_folder", "mailbox number", "change parent name is_hidden search"),
    _table("message_rule", "mailbox number", "data"),
    _table("sender_override", "mailbox number", "fold data"),
    _table("folder_work", "number", "mailbox data"),
    _table("extended", "mailbox bearer item recurrence_id form name", "value_fold data"),
    _table("change", "mailbox number", "item kind place place_before moves_before from_us until_us"),
    _table("delivery", "number", "mailbox uid done letters revision data"),
    _table("outbox", "number", "key due_us mailbox data"),
    _table("room", "mailbox", "settings"),
    _table("calendar", "mailbox number", "change calendar_group address data"),
    _table("calendar_group", "mailbox number", "change name"),
    _table("calendar_entry", "mailbox owner calendar", "data"),
    _table("calendar_emptying", "mailbox calendar", "until_item asked_us notify decline"),
    _table("permission", "mailbox calendar grantee", "role"),
    _table("profile", "number", "manager data"),
    _table("photo", "number", "width height media_type content"),
    _table("former_person", "number", "oid"),
    _table("place", "number", "data"),
    _table("room_list", "number", "oid fold address name data"),
    _table("listed_room", "list room", ""),
    _table("delegation", "mailbox", "delivery"),
    _table("mailbox_settings", "mailbox", "replies_from_us replies_until_us settings"),
    _table("answered_sender", "mailbox fold", "answered_us"),
    _table("persona", "mailbox", "data"),
    _table("persona_due", "mailbox uid organizer recurrence_id", "due_us"),
    _table("consent", "mailbox client", "scopes"),
    _table(
        "subscription",
        "mailbox id",
        "dialect holder origin expires_us reached sending due_us lease leased_us beside sent failures failing_us"
        " tried_us answered challenge_us data",
    ),
    _table("sign_in", "number", "mailbox expires_us data"),
    _table("grant_secret", "digest", "sign_in kind is_used expires_us terms"),
    _table("device_code", "digest", "user_digest mailbox asked_us expires_us data"),
)
# What follows from all these and is made again where it is wanted: the index of words.
DERIVED = ("item_terms", "term_index")
# Where something lives, these are not empty.
_LIVED_IN = ("person", "change", "letter")

_FINGERPRINT = "SELECT mailbox, max(number) FROM change GROUP BY mailbox ORDER BY mailbox"


class Mark(Struct, frozen=True):
    """How far a move has come: what it is moved from (`fingerprint`), and after which row of which table."""

    source: str
    table: int = 0
    after: tuple[Any, ...] = ()


class Sum(Struct):
    """How many rows, and what they come to in whatever order: the sum of their digests."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows in."""
        for row in rows:
            found = hashlib.blake2b(_encode([_as_stored(value) for value in row]), digest_size=16).digest()
            self.digest = (self.digest + int.from_bytes(found)) % 2**128
            self.rows += 1


def fingerprint(tx: Tx) -> str:
    """Return what names the state of everything: another after every change of a mailbox."""
    found = [meta.get(tx, "signing-key"), *tx.rows(_FINGERPRINT)]
    return hashlib.blake2b(_encode(found), digest_size=16).hexdigest()


@partial(mark_command, writes=False)
def read_slice(tx: Tx, table: Table, after: Sequence[Any]) -> list[Row]:
    """Return the next rows of a table after a key; the first ones after none."""
    names = [f"k{place}" for place in range(len(table.key))]
    key, columns = ", ".join(table.key), ", ".join(table.columns)
    beyond = f" AND ({key}) > ({', '.join(f':{name}' for name in names)})" if after else ""
    where = f"{table.rows}{beyond}"
    sql = f"SELECT {columns} FROM {table.name} WHERE {where} ORDER BY {key} LIMIT {min(SLICE, table.most):d}"  # noqa: S608 - constants
    return tx.rows(sql, **dict(zip(names, after, strict=False)))


def slices(run: Run, table: Table, after: Sequence[Any] = ()) -> Iterator[list[Row]]:
    """Yield the rows of a table after a key, so many at a time, from where `run` runs commands."""
    while rows := run(read_slice, table, after):
        after = rows[-1][: len(table.key)]
        yield rows


def insertion(table: Table, name: str) -> str:
    """Return the statement that adds a row to a table, which has this name where it is executed."""
    places = ", ".join(f":{column}" for column in table.columns)
    return f"INSERT INTO {name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608 - constants


def write_slice(tx: Tx, table: Table, rows: Iterable[Row], mark: Mark) -> None:
    """Write rows and how far the move has come, in one transaction."""
    sql = insertion(table, table.name)
    if table.name == "meta":
        sql += " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    with tx.together():
        for row in rows:
            tx.add(sql, **dict(zip(table.columns, row, strict=True)))
    meta.put(tx, _MOVING, _encode(mark))


def mark(tx: Tx) -> Mark | None:
    """Return how far a move into this store has come, or None where none is under way."""
    found = meta.get(tx, _MOVING)
    return msgspec.msgpack.decode(found, type=Mark) if found else None


def is_lived_in(tx: Tx) -> bool:
    """Return whether anything is there that a move would mix with."""
    return any(tx.row(f"SELECT 1 FROM {name} LIMIT 1") for name in _LIVED_IN)  # noqa: S608 - constants


def finish(tx: Tx) -> None:
    """Go on with the numbers from what was copied, and let the store be used."""
    tx.take_up_numbers()
    meta.drop(tx, _MOVING)


def _as_stored(value: Any) -> Any:
    """Return a value as every engine has it: columns of a database hold no NUL (store/postgres/session.py)."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return bytes(value) if isinstance(value, memoryview) else value
