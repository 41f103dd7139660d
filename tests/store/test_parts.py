"""A page that is asked for part by part is the page that comes of one statement."""

from __future__ import annotations

import sqlite3
from operator import itemgetter
from typing import Any

import pytest

from rsvpd.commands.paging import Table, page
from rsvpd.query.algebra import Cmp, Contains, Node, Op, Order, Page, Query
from rsvpd.query.fields import Field, Fields, Kind
from rsvpd.store.compile import Column
from rsvpd.work import spend_nothing

Row = tuple[int, str, int]
FIELDS: Fields = {
    "subject": Field("subject", Kind.TEXT, itemgetter(1)),
    "sent": Field("sent", Kind.INSTANT, itemgetter(2)),
    "body": Field("body", Kind.TEXT, lambda row: "odd" if row[0] % 2 else "even"),
}
COLUMNS = {
    "subject": Column(sql="subject_fold", kind=Kind.TEXT, to_sql=str.casefold),
    "sent": Column(sql="sent", kind=Kind.INSTANT, to_sql=int),
}
TABLE = Table(COLUMNS, FIELDS, itemgetter(0))
TEXTS = ["A", "b", "B", "straße", "STRASSE"]
ROWS: list[Row] = [(number, TEXTS[number * 7 % 5], number * 3 % 4) for number in range(40)]


@pytest.fixture
def database() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE one (item INTEGER PRIMARY KEY, subject, subject_fold, sent)")
    made.executemany("INSERT INTO one VALUES (?, ?, ?, ?)", [(i, text, text.casefold(), at) for i, text, at in ROWS])
    return made


def pages(database: sqlite3.Connection, where: Node, order: tuple[Order, ...], *, in_parts: bool) -> list[list[Row]]:
    statements = []

    def source(sql: str, tail: str, params: dict[str, Any]) -> list[Row]:
        statements.append(tail)
        statement = f"SELECT item, subject, sent FROM one WHERE {sql} {tail}"  # noqa: S608 - made of constants
        return database.execute(statement, params).fetchall()

    found, after = [], None
    while True:
        query = Query(where=where, order=order, top=3, after=after)
        one: Page[Row] = page(
            source, TABLE, query, base="1 = 1", params={}, count=lambda *_: 0, spend=spend_nothing, in_parts=in_parts
        )
        found.append(one.items)
        after = one.after
        if after is None:
            assert all("LIMIT" in tail for tail in statements) is in_parts
            return found


@pytest.mark.parametrize(
    "order",
    [
        (Order("sent", descending=True),),
        (Order("subject"), Order("sent")),
        (Order("subject", descending=True),),
        (),
    ],
)
@pytest.mark.parametrize("where", [Contains("body", "odd"), Contains("body", "none"), Cmp("body", Op.NE, "even")])
def test_parts(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, where: Node, order: tuple[Order, ...]
) -> None:
    whole = pages(database, where, order, in_parts=False)
    for size in (1, 2, 7):
        monkeypatch.setattr("rsvpd.commands.paging._PART", size)
        monkeypatch.setattr("rsvpd.commands.paging._MOST_PART", 2 * size)
        assert pages(database, where, order, in_parts=True) == whole
