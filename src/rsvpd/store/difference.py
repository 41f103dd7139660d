"""What differs between two states of one story, table by table, without a look at what is in the rows.

Both stand beside each other in one connection, under names that statements put before the names of tables (`before`,
`after`): two data files that are attached, or two schemas of a database.

No number of a change is given twice (store/continuation.py): where both have a change of the same number, all up to it
is the same in both. So of events and messages only what changed since the last one they share is compared; where that
is not kept any more, all of them. The other kinds are few, and compared whole.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.event import State
from rsvpd.store.engine import Row, Session
from rsvpd.store.transfer import TABLES

_MAILBOXES = (
    "SELECT one.number, (SELECT max(number) FROM {before}.change WHERE mailbox = one.number),"
    " (SELECT max(number) FROM {after}.change WHERE mailbox = one.number)"
    " FROM (SELECT number FROM {before}.person UNION SELECT number FROM {after}.person) AS one ORDER BY one.number"
)
_HAS = "SELECT 1 FROM {there}.change WHERE mailbox = :mailbox AND number = :number"
_SHARED = (
    "SELECT max(one.number) FROM {before}.change AS one JOIN {after}.change AS other"
    " ON other.mailbox = one.mailbox AND other.number = one.number WHERE one.mailbox = :mailbox"
)
_CANDIDATES = "CREATE TEMP TABLE candidate (mailbox BIGINT, item BIGINT, PRIMARY KEY (mailbox, item))"
_OF_CHANGES = (
    "INSERT INTO candidate SELECT mailbox, item FROM {here}.change"
    " WHERE mailbox = :mailbox AND number > :number ON CONFLICT DO NOTHING"
)
_OF_ITEMS = (
    "INSERT INTO candidate SELECT mailbox, item FROM {here}.{table} AS one WHERE mailbox = :mailbox"
    " AND NOT EXISTS (SELECT 1 FROM {there}.{table} AS other"
    " WHERE other.mailbox = one.mailbox AND other.item = one.item AND other.change = one.change)"
    " ON CONFLICT DO NOTHING"
)
_LIVE = {"event": f" AND {{name}}.state <> {State.DELETED:d}", "message": ""}
_ONLY = (
    "FROM candidate AS c CROSS JOIN {here}.{table} AS one"
    " LEFT JOIN {there}.{table} AS other ON other.mailbox = one.mailbox AND other.item = one.item{other_live}"
    " WHERE one.mailbox = c.mailbox AND one.item = c.item{one_live} AND other.item IS NULL"
)
_CHANGED = (
    "FROM candidate AS c CROSS JOIN {before}.{table} AS one CROSS JOIN {after}.{table} AS other"
    " WHERE one.mailbox = c.mailbox AND one.item = c.item{one_live}"
    " AND other.mailbox = one.mailbox AND other.item = one.item{other_live} AND other.change <> one.change"
)
_LONE_ROWS = (
    "FROM {here}.{table} AS one WHERE NOT EXISTS (SELECT 1 FROM {there}.{table} AS other WHERE {same_key})"
)
_OTHER_ROWS = "FROM {before}.{table} AS one JOIN {after}.{table} AS other ON {same_key} WHERE {differs}"

# The key of a row, which mostly begins with the number of a mailbox.
Place = Row


class ComparedTable(Struct, frozen=True):
    """A kind of rows that is compared whole: its name, its table, and which columns are not compared."""

    name: str
    table: str
    without: frozenset[str]


def _kind(name: str, table: str, without: str = "") -> ComparedTable:
    return ComparedTable(name, table, frozenset(without.split()))


EVENTS, MESSAGES = "events", "messages"
_ITEMS = {EVENTS: "event", MESSAGES: "message"}
# What is compared beside events and messages, in the order in which it is told.
KINDS = (
    _kind("people", "person", "created_us"),
    _kind("profiles", "profile"),
    _kind("photos", "photo"),
    _kind("rooms", "room"),
    _kind("places", "place"),
    _kind("room lists", "room_list"),
    _kind("rooms in lists", "listed_room"),
    _kind("calendars", "calendar", "change"),
    _kind("groups of calendars", "calendar_group", "change"),
    _kind("listed calendars", "calendar_entry"),
    _kind("permissions", "permission"),
    _kind("delegations", "delegation"),
    _kind("settings", "mailbox_settings", "replies_from_us replies_until_us"),
    _kind("people who answer by themselves", "persona"),
    _kind("folders", "mail_folder", "change"),
    _kind("rules", "message_rule"),
    _kind("focused senders", "sender_override"),
    _kind("extended properties", "extended", "value_fold"),
    _kind("subscriptions", "subscription", "origin reached sending due_us lease leased_us beside sent failures"
          " failing_us tried_us answered challenge_us"),
    _kind("messages that wait to leave", "outbox"),
    _kind("consents", "consent"),
    _kind("senders who got an automatic reply", "answered_sender", "answered_us"),
)  # fmt: skip
# Whose rows belong to an event, to a message or to what holds them, which has changed where they have.
PARTS = frozenset((
    "meeting", "revision", "letter", "content", "content_piece", "content_holder", "response", "own_date",
    "former_dates", "change",
))  # fmt: skip
# What is not compared, in words, and its tables.
NOT_COMPARED = {
    "signed-in programs and their tokens": ("sign_in", "grant_secret", "device_code"),
    "uploads under way": ("upload",),
    "work that the server has begun": ("delivery", "folder_work", "calendar_emptying", "persona_due"),
    "keys, and how the clock is steered": ("meta",),
    "ids of people who were removed": ("former_person",),
}


class Kind(Struct, frozen=True):
    """What differs of one kind: how many came, went and changed, and which, up to a bound, by their keys."""

    counts: tuple[int, int, int]
    came: tuple[Place, ...]
    went: tuple[Place, ...]
    changed: tuple[Place, ...]


class Scene(Struct, frozen=True):
    """Two states in one connection: the names of both, and what says in SQL that two values are not the same."""

    session: Session
    before: str
    after: str
    is_not: str

    def rows(self, sql: str, **params: object) -> list[Row]:
        """Return what a statement finds."""
        return self.session.execute(sql, params).fetchall()

    def directions(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return both ways to look: from what is there afterwards at what was before, and back."""
        return {"here": self.after, "there": self.before}, {"here": self.before, "there": self.after}


def compare(scene: Scene, most: int) -> dict[str, Kind]:
    """Return what differs, by kind; `most` bounds what is named of each."""
    names = {"before": scene.before, "after": scene.after}
    scene.session.write(_CANDIDATES, {})
    for mailbox, oldest, newest in scene.rows(_MAILBOXES.format(**names)):
        if oldest != newest:
            _gather(scene, mailbox, oldest or 0, newest or 0)
    found = {name: _of_items(scene, table, most) for name, table in _ITEMS.items()}
    return found | {kind.name: _of_rows(scene, kind, most) for kind in KINDS}


def _gather(scene: Scene, mailbox: int, before: int, after: int) -> None:
    """Note what may differ in a mailbox, whose newest changes these are."""
    shared = _last_common_change(scene, mailbox, before, after)
    for names in scene.directions():
        if shared is not None:
            scene.session.write(_OF_CHANGES.format(**names), {"mailbox": mailbox, "number": shared})
            continue
        for table in _ITEMS.values():
            scene.session.write(_OF_ITEMS.format(table=table, **names), {"mailbox": mailbox})


def _last_common_change(scene: Scene, mailbox: int, before: int, after: int) -> int | None:
    """Return the last change that both have, None where there is none that both keep."""
    for number, there in ((before, scene.after), (after, scene.before)):
        if scene.rows(_HAS.format(there=there), mailbox=mailbox, number=number):
            return number
    ((number,),) = scene.rows(_SHARED.format(before=scene.before, after=scene.after), mailbox=mailbox)
    return None if number is None else int(number)


def _of_items(scene: Scene, table: str, most: int) -> Kind:
    lives = {f"{name}_live": _LIVE[table].format(name=name) for name in ("one", "other")}
    came, went = (_ONLY.format(table=table, **names, **lives) for names in scene.directions())
    changed = _CHANGED.format(table=table, before=scene.before, after=scene.after, **lives)
    return _kind_of(scene, (came, went, changed), ("mailbox", "item"), most)


def _of_rows(scene: Scene, kind: ComparedTable, most: int) -> Kind:
    table = next(one for one in TABLES if one.name == kind.table)
    members = [name for name in table.others if name not in kind.without]
    names = {
        "table": kind.table, "same_key": _all("other.{0} = one.{0}", table.key),
        "differs": " OR ".join(f"other.{name} {scene.is_not} one.{name}" for name in members) or "1 = 0",
    }  # fmt: skip
    came, went = (_LONE_ROWS.format(**names, **way) for way in scene.directions())
    changed = _OTHER_ROWS.format(before=scene.before, after=scene.after, **names)
    return _kind_of(scene, (came, went, changed), table.key, most)


def _kind_of(scene: Scene, parts: tuple[str, str, str], key: tuple[str, ...], most: int) -> Kind:
    counts = [int(scene.rows(f"SELECT count(*) {part}")[0][0]) for part in parts]
    columns = ", ".join(f"one.{name}" for name in key)
    places = [
        tuple(scene.rows(f"SELECT {columns} {part} ORDER BY {columns} LIMIT :most", most=most)) if count else ()
        for part, count in zip(parts, counts, strict=True)
    ]
    return Kind((counts[0], counts[1], counts[2]), *places)


def _all(form: str, names: tuple[str, ...]) -> str:
    return " AND ".join(form.format(name) for name in names)
