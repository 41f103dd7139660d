"""Extended properties and open extensions in the data file: a row for each, apart from the items they hang on.

Whoever does not ask for them reads nothing of them; who asks by a value finds its items by an index.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from rsvpd.mail.extended import Bearer, Content, CustomProperties, CustomProperty, Form, Key
from rsvpd.store.compile import KEY_LETTERS
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

# So much of a value is looked for in the index (store/compile.py).
# What reading one costs, in steps, and for so many letters of it.
_READ, _LETTERS_A_STEP = 2, 50

_ONE_ITEM = (
    "SELECT item, recurrence_id, form, name, data FROM extended"
    " WHERE mailbox = :mailbox AND bearer = :bearer AND item = :item AND recurrence_id IN ('', :rid)"
    " ORDER BY recurrence_id, form, name"
)
_ITEMS = (
    "SELECT item, recurrence_id, form, name, data FROM json_each(:items) AS one CROSS JOIN extended"
    " WHERE mailbox = :mailbox AND bearer = :bearer AND item = one.value ORDER BY item, recurrence_id, form, name"
)
_KEEP = (
    "INSERT INTO extended (mailbox, bearer, item, recurrence_id, form, name, value_fold, data)"
    " VALUES (:mailbox, :bearer, :item, :rid, :form, :name, :value_fold, :data)"
    " ON CONFLICT (mailbox, bearer, item, recurrence_id, form, name)"
    " DO UPDATE SET value_fold = excluded.value_fold, data = excluded.data"
)
_DROP = (
    "DELETE FROM extended WHERE mailbox = :mailbox AND bearer = :bearer AND item = :item AND recurrence_id = :rid"
    " AND form = :form AND name = :name"
)
_DROP_ITEM = "DELETE FROM extended WHERE mailbox = :mailbox AND bearer = :bearer AND item = :item"
_COPY = (
    "INSERT INTO extended (mailbox, bearer, item, recurrence_id, form, name, value_fold, data)"
    " SELECT mailbox, bearer, :copy, recurrence_id, form, name, value_fold, data FROM extended"
    " WHERE mailbox = :mailbox AND bearer = :bearer AND item = :item"
)

_encode = msgspec.json.Encoder().encode
_decode_text = msgspec.json.Decoder(str).decode
_decode_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_extension = msgspec.json.Decoder(tuple[str, dict[str, Any]]).decode

# An item, and the recurrence id of one date of it.
Place = tuple[int, str | None]


def of(tx: Tx, mailbox: int, bearer: Bearer, item: int, recurrence_id: str | None = None) -> CustomProperties:
    """Return what hangs on an item, or on one date of a series: its own before what hangs on the whole."""
    rows = tx.rows(_ONE_ITEM, mailbox=mailbox, bearer=int(bearer), item=item, rid=recurrence_id or "")
    return _custom_data_of(tx, rows)


def own_of(tx: Tx, mailbox: int, bearer: Bearer, item: int, recurrence_id: str | None) -> CustomProperties:
    """Return what hangs on an item or on one date of it, and not what that has from the whole."""
    rows = tx.rows(_ONE_ITEM, mailbox=mailbox, bearer=int(bearer), item=item, rid=recurrence_id or "")
    return _custom_data_of(tx, [row for row in rows if row[1] == (recurrence_id or "")])


def of_places(tx: Tx, mailbox: int, bearer: Bearer, places: Collection[Place]) -> dict[Place, CustomProperties]:
    """Return what hangs on some items and dates."""
    items = json.dumps(sorted({item for item, _ in places}))
    rows = tx.rows(_ITEMS, mailbox=mailbox, bearer=int(bearer), items=items)
    by_item: dict[int, list[Row]] = {}
    for row in rows:
        by_item.setdefault(row[0], []).append(row)
    return {
        (item, rid): _custom_data_of(tx, [row for row in by_item.get(item, ()) if row[1] in ("", rid or "")])
        for item, rid in places
    }


def put(
    tx: Tx, mailbox: int, bearer: Bearer, item: int, changes: Iterable[CustomProperty], recurrence_id: str | None = None
) -> None:
    """Write what hangs on an item or on one date of it; what has no content is removed."""
    place: dict[str, Any] = {"mailbox": mailbox, "bearer": int(bearer), "item": item, "rid": recurrence_id or ""}
    for one in changes:
        form, name = one.key
        if one.content is None:
            tx.write(_DROP, form=int(form), name=name, **place)
            continue
        data = _encode((one.name, one.content) if form is Form.EXTENSION else one.content).decode()
        tx.write(_KEEP, form=int(form), name=name, value_fold=key_of(one.content), data=data, **place)


def copy(tx: Tx, mailbox: int, bearer: Bearer, item: int, to: int) -> None:
    """Let what hangs on an item hang on its copy as well."""
    tx.write(_COPY, mailbox=mailbox, bearer=int(bearer), item=item, copy=to)


def drop(tx: Tx, mailbox: int, bearer: Bearer, item: int) -> None:
    """Remove what hangs on an item that is gone."""
    tx.write(_DROP_ITEM, mailbox=mailbox, bearer=int(bearer), item=item)


def key_of(content: Content) -> str:
    """Return what of a single value stands in the index; nothing of others."""
    return content.casefold()[:KEY_LETTERS] if isinstance(content, str) else ""


def _custom_data_of(tx: Tx, rows: Iterable[Row]) -> CustomProperties:
    """Return what stands in rows of one place; those of a date come after those of the whole."""
    found: dict[Key, CustomProperty] = {}
    for _, _, form, name, data in rows:
        tx.work.spend(_READ + len(data) // _LETTERS_A_STEP)
        found[Form(form), name] = _decode_custom_data(Form(form), name, data)
    return found


def _decode_custom_data(form: Form, name: str, data: str) -> CustomProperty:
    if form is Form.EXTENSION:
        shown, members = _decode_extension(data)
        return CustomProperty(form, shown, members)
    return CustomProperty(form, name, _decode_text(data) if form is Form.SINGLE else _decode_texts(data))


def values_of(held: CustomProperties) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return what can be asked about, by form and name, as `query.algebra.HasExtended` names them."""
    return {(form.name.lower(), name): _values(one.content) for (form, name), one in held.items()}


def _values(content: Content | None) -> tuple[str, ...]:
    if isinstance(content, str):
        return (content,)
    return content if isinstance(content, tuple) else ()
