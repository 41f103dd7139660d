"""What SQL finds is what Python finds: random filters and orders over rows of SQLite."""

from __future__ import annotations

import itertools
import re
import sqlite3
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.errors import InvalidQuery
from rsvpd.mail.extended import Bearer, Form
from rsvpd.mail.message import Inference, MeetingKind
from rsvpd.query.algebra import (
    And,
    Cmp,
    Contains,
    EndsWith,
    Has,
    HasExtended,
    In,
    InWindow,
    Node,
    Not,
    Op,
    Or,
    Order,
    StartsWith,
    Value,
    Words,
)
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS, MESSAGE_FIELDS, Field, Fields, Kind
from rsvpd.query.page import decode, encode
from rsvpd.query.words import words_of
from rsvpd.store import messages
from rsvpd.store.compile import (
    EVENT_COLUMNS,
    KEY_LETTERS,
    MESSAGE_COLUMNS,
    OCCURRENCE_COLUMNS,
    Column,
    Columns,
    keyset,
    order_by,
    split,
)
from rsvpd.store.extended import key_of
from rsvpd.store.sqlite.file import migrate
from rsvpd.store.sqlite.upgrades import ABOUT_CONTENT
from support.sorting import sorted_by

Row = dict[str, Any]

# What programs hang on items: few names and values, so that questions meet them.
HELD = [("single", "A"), ("single", "B"), ("multi", "A"), ("extension", "A")]
LONG = "x" * KEY_LETTERS
HELD_VALUES = st.sampled_from(["", "a", "A", "ab", "ß", "10", "-7", LONG, f"{LONG}y", LONG[1:]])

# Letters where case, code points and wildcards are delicate.
LETTERS = "aAbßé%_'\\ 会\ud7ff\ue000\U0010ffff\0"
TEXTS = st.text(LETTERS, max_size=3)
NUMBERS = st.integers(-2, 6)
MEETINGS = [kind.name.lower() for kind in MeetingKind]
IMPORTANCES = ["low", "normal", "high"]
FLAGS = ["notFlagged", "complete", "flagged"]


def fields_of(columns: Columns, fields: Fields) -> Fields:
    """Return fields like the true ones, over rows that hold each value by its field's name."""
    names = {*columns, "body", "categories"}
    return {name: Field(name, fields[name].kind, itemgetter(name), fields[name].rank) for name in names}


EVENTS = fields_of(EVENT_COLUMNS, EVENT_FIELDS)
OCCURRENCES = fields_of(OCCURRENCE_COLUMNS, EVENT_FIELDS)
MESSAGES = fields_of(MESSAGE_COLUMNS, MESSAGE_FIELDS)


@st.composite
def event_rows(draw: st.DrawFn) -> Row:
    """Draw an event with its columns; those of a series (1) or of single occurrences (2) span more than the first."""
    is_series = draw(st.sampled_from([0, 1, 2]))
    start, end = draw(NUMBERS), draw(NUMBERS)
    subject = draw(TEXTS)
    return {
        "subject": subject,
        "uid": draw(TEXTS),
        "start": start,
        "end": end,
        "created": draw(NUMBERS),
        "modified": draw(NUMBERS),
        "kind": "master" if is_series == 1 else "single",
        "body": draw(TEXTS),
        "categories": tuple(draw(st.lists(TEXTS, max_size=2))),
        "is_series": is_series,
        "begins_us": start,
        **_span(draw(NUMBERS) if is_series else start, draw(st.none() | NUMBERS) if is_series else end),
        "subject_fold": subject.casefold(),
        "extended": draw(held()),
    }


@st.composite
def held(draw: st.DrawFn) -> dict[tuple[str, str], tuple[str, ...]]:
    """Draw what hangs on an item: single values, many, or none to ask about."""
    most = {"single": 1, "multi": 3, "extension": 0}
    return {
        key: tuple(draw(st.lists(HELD_VALUES, min_size=key[0] == "single", max_size=most[key[0]])))
        for key in draw(st.lists(st.sampled_from(HELD), max_size=3))
    }


@st.composite
def held_tests(draw: st.DrawFn) -> HasExtended:
    """Draw a question for what hangs on an item."""
    form, name = draw(st.sampled_from(HELD))
    text: st.SearchStrategy[Node] = st.builds(
        lambda make, value: make("item", value), st.sampled_from([Contains, StartsWith, EndsWith]), HELD_VALUES
    )
    compared, number = (
        st.builds(lambda op, value: Cmp("item", op, value), st.sampled_from(Op), values)
        for values in (HELD_VALUES, NUMBERS)
    )
    is_number = draw(st.booleans())
    return HasExtended(form, name, draw(st.just(And(())) | (number if is_number else text | compared)), is_number)


def _span(first: int, last: int | None) -> Row:
    return {"first": first, "last": last, "start_us": first, "end_us": last}


@st.composite
def message_rows(draw: st.DrawFn) -> Row:
    """Draw a message with its columns."""
    row: Row = {name: draw(NUMBERS) for name in ("received", "sent", "created", "modified")}
    row |= {"is_read": draw(st.booleans()), "is_draft": draw(st.booleans())}
    row |= {"subject": draw(TEXTS), "from": draw(TEXTS), "conversation": draw(TEXTS), "body": draw(TEXTS)}
    row |= {"meeting": draw(st.sampled_from(MEETINGS)), "importance": draw(st.sampled_from(IMPORTANCES))}
    row |= {"categories": tuple(draw(st.lists(TEXTS, max_size=2))), "flag": draw(st.sampled_from(FLAGS))}
    row |= {"extended": draw(held())}
    inference, attached = draw(st.sampled_from(Inference)), draw(st.integers(0, 2))
    return row | {
        "subject_fold": row["subject"].casefold(),
        "from_fold": row["from"].casefold(),
        "kind": MEETINGS.index(row["meeting"]),
        "bearer": int(Bearer.MESSAGE),
        "attached": attached,
        "has_attachments": attached == 2,
        "inference": inference.name.lower(),
        "inference_stored": int(inference),
    }


VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    st.sampled_from([2**63 - 1, 2**63, -(2**63) - 1]),
    TEXTS,
    st.sampled_from(["master", "single", "occurrence", *MEETINGS, *IMPORTANCES]),
)


def values_for(field: Field) -> st.SearchStrategy[Value]:
    """Mostly values that make sense, now and then others."""
    if field.kind is Kind.WORD:
        return st.sampled_from(["master", "single", *MEETINGS, *IMPORTANCES]) | VALUES
    if field.kind in (Kind.TEXT, Kind.ID):
        return TEXTS | VALUES
    return NUMBERS | VALUES


@st.composite
def leaves(draw: st.DrawFn, fields: Fields) -> Node:
    """Draw a test of one field."""
    if "extended" in fields and draw(st.integers(0, 4)) == 0:
        return draw(held_tests())
    lists = (Kind.TEXTS, Kind.EXTENDED)
    field = draw(st.sampled_from([one for _, one in sorted(fields.items()) if one.kind not in lists]))
    form: Any = draw(st.sampled_from([Cmp, Cmp, In, Contains, StartsWith, EndsWith, Words, Has, InWindow]))
    if form is Cmp:
        return Cmp(field.name, draw(st.sampled_from(Op)), draw(values_for(field)))
    if form is In:
        return In(field.name, tuple(draw(st.lists(values_for(field), max_size=3))))
    if form is Words:
        return Words(field.name, words_of(draw(TEXTS)), draw(st.booleans()))
    if form is Has:
        return Has("categories", Contains("item", draw(TEXTS)))
    if form is InWindow:
        if "first" not in fields:
            return And(())
        return InWindow(draw(st.none() | NUMBERS), draw(st.none() | NUMBERS))
    text: Node = form(field.name, draw(TEXTS))
    return text


def trees(fields: Fields) -> st.SearchStrategy[Node]:
    """Filters over `fields`."""
    return st.recursive(
        leaves(fields),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(tuple).map(And),
            st.lists(inner, max_size=3).map(tuple).map(Or),
            inner.map(Not),
        ),
        max_leaves=8,
    )


INSTANTS = ("begins_us", "start_us", "end_us", "created_us", "modified_us", "received_us", "sent_us")
OTHERS = (
    "subject_fold",
    "from_fold",
    "conversation",
    "importance",
    "kind",
    "is_series",
    "is_read",
    "is_draft",
    "flag",
    "inference",
    "attached",
)
COLUMN_NAMES = (*INSTANTS, *OTHERS)
INSERT = "INSERT INTO event VALUES (:item, :item, " + ", ".join(f":{name}" for name in COLUMN_NAMES) + ")"  # noqa: S608 - made of constants


def table(rows: list[Row]) -> sqlite3.Connection:
    """Return a database whose rows are numbered from 1."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE meeting (number INTEGER PRIMARY KEY, uid)")
    database.execute(f"CREATE TABLE event (item INTEGER PRIMARY KEY, meeting, {', '.join(COLUMN_NAMES)})")
    database.execute("CREATE TABLE extended (mailbox, bearer, item, recurrence_id, form, name, value_fold)")
    for number, row in enumerate(rows, 1):
        stored = {name: row.get(name, row.get(name.removesuffix("_us"))) for name in COLUMN_NAMES}
        stored["inference"] = row.get("inference_stored")
        database.execute(INSERT, stored | {"item": number})
        database.execute("INSERT INTO meeting VALUES (?, ?)", (number, row.get("uid")))
        for (form, name), values in row.get("extended", {}).items():
            key = key_of(values[0]) if form == "single" else ""
            where = (1, row.get("bearer", 0), number, "", int(Form[form.upper()]), name, key)
            database.execute("INSERT INTO extended VALUES (?, ?, ?, ?, ?, ?, ?)", where)
    return database


def found_by_sql(rows: list[Row], where: Node | None, columns: Columns, fields: Fields) -> list[Row]:
    sql, params, residual = split(where, columns)
    found = table(rows).execute(f"SELECT item FROM event WHERE {sql} ORDER BY item", {"mailbox": 1, **params})  # noqa: S608 - made of constants
    seen = [rows[number - 1] for (number,) in found]
    return seen if residual is None else [row for row in seen if matches(residual, row, fields)]


def check(rows: list[Row], where: Node, columns: Columns, fields: Fields) -> None:
    assert found_by_sql(rows, where, columns, fields) == [row for row in rows if matches(where, row, fields)]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(event_rows(), max_size=6), where=trees(EVENTS))
def test_events_found_by_sql_and_residual_are_those_python_finds(rows: list[Row], where: Node) -> None:
    check(rows, where, EVENT_COLUMNS, EVENTS)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(event_rows(), max_size=6), where=trees(OCCURRENCES))
def test_rows_of_occurrences_found_by_sql_and_residual_are_those_python_finds(rows: list[Row], where: Node) -> None:
    # An occurrence may have another subject than its series' row.
    seen = [row | {"subject_fold": "series"} if row["is_series"] else row for row in rows]
    check(seen, where, OCCURRENCE_COLUMNS, OCCURRENCES)


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(message_rows(), max_size=6), where=trees(MESSAGES))
def test_messages_found_by_sql_and_residual_are_those_python_finds(rows: list[Row], where: Node) -> None:
    check(rows, where, MESSAGE_COLUMNS, MESSAGES)


# Columns that may be NULL and hold their field in every row.
NULLABLE: Columns = {
    "end": Column(sql="end_us", kind=Kind.INSTANT, to_sql=int, nullable=True),
    "sent": Column(sql="sent_us", kind=Kind.INSTANT, to_sql=int, nullable=True),
}
NULLABLE_FIELDS = {"end": EVENTS["end"], "sent": MESSAGES["sent"], "categories": EVENTS["categories"]}
NULLABLE_ROWS = st.builds(
    lambda end, sent: {"end": end, "sent": sent, "categories": ()}, st.none() | NUMBERS, st.none() | NUMBERS
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(NULLABLE_ROWS, max_size=6), where=trees(NULLABLE_FIELDS))
def test_null_is_neither_more_nor_less_in_sql_than_in_python(rows: list[Row], where: Node) -> None:
    check(rows, where, NULLABLE, NULLABLE_FIELDS)


@given(where=trees(MESSAGES))
def test_values_travel_as_parameters_only(where: Node) -> None:
    sql, params, _ = split(where, MESSAGE_COLUMNS)
    assert re.fullmatch(r"[a-z_A-Z0-9 .,()<>=:]*", sql.replace("recurrence_id = ''", ""))
    assert set(re.findall(r":(\w+)", sql)) - {"mailbox"} == set(params)
    assert "LIKE" not in sql


SUBJECT = Cmp("subject", Op.EQ, "Été")
BODY = Contains("body", "x")


@pytest.mark.parametrize(
    ("where", "sql", "params", "residual"),
    [
        (None, "1 = 1", {}, None),
        (SUBJECT, "((subject_fold = :p0))", {"p0": "été"}, None),
        (BODY, "1 = 1", {}, BODY),
        (And((SUBJECT, BODY)), "((subject_fold = :p0))", {"p0": "été"}, BODY),
        (Or((SUBJECT, BODY)), "1 = 1", {}, Or((SUBJECT, BODY))),
        (Not(Or((SUBJECT, BODY))), "((NOT (subject_fold = :p0)))", {"p0": "été"}, Not(BODY)),
        (Not(Not(SUBJECT)), "((subject_fold = :p0))", {"p0": "été"}, None),
        (
            StartsWith("subject", "RE: "),
            "((subject_fold >= :p0 AND subject_fold < :p1))",
            {"p0": "re: ", "p1": "re:!"},
            None,
        ),
        (Contains("subject", "50%"), "((instr(subject_fold, :p0) > 0))", {"p0": "50%"}, None),
        (EndsWith("subject", "x"), "(((instr(subject_fold, :p0) > 0)))", {"p0": "x"}, EndsWith("subject", "x")),
        # What has the words has each as a part: fewer rows for Python to look at.
        (
            Words("subject", ("two", "w"), True),
            "(((instr(subject_fold, :p0) > 0) AND (instr(subject_fold, :p1) > 0)))",
            {"p0": "two", "p1": "w"},
            Words("subject", ("two", "w"), True),
        ),
        (Words("body", ("x",)), "1 = 1", {}, Words("body", ("x",))),
        (
            Or((Words("subject", ("x",)), SUBJECT)),
            "((((instr(subject_fold, :p0) > 0)) OR (subject_fold = :p1)))",
            {"p0": "x", "p1": "été"},
            Or((Words("subject", ("x",)), SUBJECT)),
        ),
        (Or((Words("subject", ("x",)), BODY)), "1 = 1", {}, Or((Words("subject", ("x",)), BODY))),
        (Not(Words("subject", ("x",))), "1 = 1", {}, Not(Words("subject", ("x",)))),
        (Cmp("end", Op.GE, 5), "(is_series <> 0 OR (end_us >= :p0))", {"p0": 5}, Cmp("end", Op.GE, 5)),
        (
            In("uid", ("A", "b")),
            "((meeting IN (SELECT number FROM meeting WHERE uid IN (:p0, :p1))))",
            {"p0": "A", "p1": "b"},
            None,
        ),
        (Cmp("kind", Op.GT, "a"), "1 = 1", {}, Cmp("kind", Op.GT, "a")),  # words have no order in SQL
        (Contains("uid", "\0"), "1 = 1", {}, Contains("uid", "\0")),  # not every engine takes NUL
        (Cmp("created", Op.LT, 2**63), "1 = 1", {}, Cmp("created", Op.LT, 2**63)),
    ],
)
def test_split(where: Node | None, sql: str, params: dict[str, Any], residual: Node | None) -> None:
    assert split(where, EVENT_COLUMNS) == (sql, params, residual)


def test_windows_mean_the_same_in_sql() -> None:
    """All windows over all events of a few instants: no length, negative length and no end included."""
    instants = range(4)
    rows: list[Row] = [_span(first, last) for first in instants for last in (None, *instants)]
    for window in itertools.starmap(InWindow, itertools.product((None, *instants), repeat=2)):
        assert split(window, EVENT_COLUMNS).residual is None
        check(rows, window, EVENT_COLUMNS, EVENTS)


@pytest.mark.slow
def test_parts_of_texts_mean_the_same_in_sql() -> None:
    """All short texts against each other: case, wildcards, and the ends of what can be a letter."""
    letters = LETTERS.replace("\0", "")
    texts = ["".join(pair) for size in range(3) for pair in itertools.product(letters, repeat=size)]
    rows: list[Row] = [{"subject": text, "subject_fold": text.casefold()} for text in texts]
    database = table(rows)
    for text in texts:
        for test in (StartsWith("subject", text), Contains("subject", text)):
            sql, params, residual = split(test, MESSAGE_COLUMNS)
            found = database.execute(f"SELECT item FROM event WHERE {sql} ORDER BY item", params)  # noqa: S608 - made of constants
            assert residual is None
            assert [rows[item - 1] for (item,) in found] == [row for row in rows if matches(test, row, MESSAGES)]


def test_a_filter_of_very_many_parts_stays_within_what_an_engine_takes() -> None:
    many = Or(tuple(Cmp("subject", Op.EQ, f"{number}") for number in range(5000)))
    rows: list[Row] = [
        {"subject": "4999", "subject_fold": "4999", "is_read": False},
        {"subject": "x", "subject_fold": "x"},
    ]
    assert found_by_sql(rows, many, MESSAGE_COLUMNS, MESSAGES) == rows[:1]
    assert found_by_sql(rows, And(many.parts), MESSAGE_COLUMNS, MESSAGES) == []


# Orders and places.

SORTABLE = {name: column for name, column in MESSAGE_COLUMNS.items() if column.sorts}


def orders(columns: Columns) -> st.SearchStrategy[tuple[Order, ...]]:
    one = st.builds(Order, st.sampled_from(sorted(columns)), st.booleans())
    return st.lists(one, max_size=3).map(tuple)


def paged(rows: list[Row], order: tuple[Order, ...], columns: Columns, fields: Fields, top: int) -> list[Row]:
    """Return the rows as pages of a statement bring them."""
    database = table(rows)
    found: list[Row] = []
    where, params = "1 = 1", dict[str, Any]()
    ordering = order_by(order, columns)
    for _ in range(len(rows) + 1):
        statement = f"SELECT item FROM event WHERE ({where}) ORDER BY {ordering} LIMIT {top}"  # noqa: S608 - made of constants
        page = [rows[item - 1] for (item,) in database.execute(statement, params)]
        found += page
        if len(page) < top:
            return found
        values = (fields[one.field].get(page[-1]) for one in order)
        place = decode(encode(tuple(value for value in values if not isinstance(value, tuple)), (page[-1]["item"],)))
        where, params = keyset(order, columns, place.values, place.item)
    raise AssertionError("the pages never end")


def numbered(rows: list[Row]) -> list[Row]:
    return [row | {"item": number} for number, row in enumerate(rows, 1)]


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(message_rows(), max_size=7).map(numbered), order=orders(SORTABLE), top=st.integers(1, 4))
def test_pages_by_sql_are_the_list_python_sorts(rows: list[Row], order: tuple[Order, ...], top: int) -> None:
    expected = sorted_by(rows, order, MESSAGES, tie=lambda row: (row["item"],))
    assert paged(rows, order, MESSAGE_COLUMNS, MESSAGES, top) == expected


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(NULLABLE_ROWS, max_size=7).map(numbered), order=orders(NULLABLE), top=st.integers(1, 4))
def test_null_has_its_place_in_pages(rows: list[Row], order: tuple[Order, ...], top: int) -> None:
    expected = sorted_by(rows, order, NULLABLE_FIELDS, tie=lambda row: (row["item"],))
    assert paged(rows, order, NULLABLE, NULLABLE_FIELDS, top) == expected


@pytest.mark.parametrize(
    ("order", "columns", "expected"),
    [
        ((), MESSAGE_COLUMNS, "item ASC"),
        ((Order("received", True),), MESSAGE_COLUMNS, "received_us DESC, item DESC"),
        ((Order("is_read", True), Order("from")), MESSAGE_COLUMNS, "is_read DESC, from_fold ASC, item ASC"),
        ((Order("modified"),), EVENT_COLUMNS, "modified_us ASC, item ASC"),
        ((Order("start"),), EVENT_COLUMNS, "begins_us ASC, item ASC"),
        ((Order("end"),), EVENT_COLUMNS, None),
        ((Order("importance"),), MESSAGE_COLUMNS, None),
        ((Order("received"), Order("body")), MESSAGE_COLUMNS, None),
        ((Order("start"),), OCCURRENCE_COLUMNS, None),
    ],
)
def test_order_by(order: tuple[Order, ...], columns: Columns, expected: str | None) -> None:
    assert order_by(order, columns) == expected


RECEIVED = (Order("received", True),)


@pytest.mark.parametrize(
    ("values", "item"),
    [((), (1,)), (("x",), (1,)), ((None,), (1,)), ((1, 2), (1,)), ((1,), ()), ((1,), ("x",)), ((1,), (1, 2))],
)
def test_a_place_in_another_list_is_refused(values: tuple[Value, ...], item: tuple[Value, ...]) -> None:
    with pytest.raises(InvalidQuery):
        keyset(RECEIVED, MESSAGE_COLUMNS, values, item)


def test_keyset() -> None:
    found = keyset(RECEIVED, MESSAGE_COLUMNS, (5,), (7,))
    assert found.sql == "received_us <= :k0 AND (received_us < :k0 OR (item < :k1))"
    assert found.params == {"k0": 5, "k1": 7}


# The true schema.


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:", isolation_level=None)
    migrate(found, ABOUT_CONTENT, {})
    return found


@pytest.mark.parametrize(
    ("name", "columns"),
    [("event", EVENT_COLUMNS), ("event", OCCURRENCE_COLUMNS), ("message", MESSAGE_COLUMNS)],
)
def test_every_column_stands_in_the_schema(database: sqlite3.Connection, name: str, columns: Columns) -> None:
    for column in columns.values():
        sql = column.sql.format("e.form = 0 AND e.name = '' AND e.value_fold = ''")
        database.execute(f"SELECT {sql} FROM {name} WHERE {column.unless or '1 = 1'}", {"mailbox": 1})  # noqa: S608 - made of constants


def test_the_next_page_of_a_folder_is_a_range_of_its_index(database: sqlite3.Connection) -> None:
    where, params = keyset(RECEIVED, MESSAGE_COLUMNS, (5,), (7,))
    order = order_by(RECEIVED, MESSAGE_COLUMNS)
    question = f"SELECT item FROM message WHERE mailbox = 1 AND folder = 1 AND {where} ORDER BY {order}"  # noqa: S608 - made of constants
    plan = database.execute(f"EXPLAIN QUERY PLAN {question}", params)
    words = " ".join(row[-1] for row in plan)
    assert "received_us<" in words
    assert "TEMP B-TREE" not in words


def test_a_folder_is_counted_without_a_look_at_its_messages(database: sqlite3.Connection) -> None:
    plan = database.execute(f"EXPLAIN QUERY PLAN {messages._COUNTS}", {"mailbox": 1, "folder": 1})
    assert [row[-1] for row in plan] == [
        "SEARCH message USING COVERING INDEX message_folder (mailbox=? AND folder=?)"
    ]


def test_items_are_found_by_what_hangs_on_them_in_its_index(database: sqlite3.Connection) -> None:
    where, params, residual = split(HasExtended("single", "A", Cmp("item", Op.EQ, "x")), EVENT_COLUMNS)
    assert residual == HasExtended("single", "A", Cmp("item", Op.EQ, "x"))  # of single dates Python knows more
    order = order_by((Order("start", False),), EVENT_COLUMNS)
    question = f"SELECT item FROM event WHERE mailbox = :mailbox AND ({where}) ORDER BY {order} LIMIT 10"  # noqa: S608 - made of constants
    plan = database.execute(f"EXPLAIN QUERY PLAN {question}", {"mailbox": 1, **params})
    index = "extended_value (mailbox=? AND bearer=? AND form=? AND name=? AND value_fold=?)"
    assert index in " ".join(row[-1] for row in plan)


def test_events_of_a_uid_are_found_by_the_index_of_meetings(database: sqlite3.Connection) -> None:
    where, params, _ = split(Cmp("uid", Op.EQ, "x"), EVENT_COLUMNS)
    order = order_by((Order("start", False),), EVENT_COLUMNS)
    question = f"SELECT item FROM event WHERE mailbox = 1 AND {where} ORDER BY {order} LIMIT 10"  # noqa: S608 - made of constants
    plan = database.execute(f"EXPLAIN QUERY PLAN {question}", params)
    assert "event_meeting (meeting=? AND mailbox=?)" in " ".join(row[-1] for row in plan)
