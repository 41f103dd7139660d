"""The index of words of each engine finds what its terms say, and nothing of other mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsvpd.commands.door import reads, writes
from rsvpd.query.terms import AllOf, AnyOf, Term, Terms
from rsvpd.store import terms as index
from rsvpd.store.database import Store
from rsvpd.store.terms import IndexState
from rsvpd.store.tx import Tx
from support.postgres import drop_database, new_database

WORDS = ("sa", "sab", "sabc", "b1", "s会", "sstraße", "kand", "kor", "knot", "knear", "s1", "12sa")
DOCUMENTS = st.dictionaries(st.integers(1, 6), st.sets(st.sampled_from(WORDS), min_size=1, max_size=5), max_size=6)
QUESTIONS: st.SearchStrategy[Terms] = st.recursive(
    st.builds(Term, st.sampled_from((*WORDS, "s", "kn", "x")), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(AllOf),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(AnyOf),
    ),
    max_leaves=6,
)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = new_database() if request.param == "postgres" else ""
    opened = Store.open(url or tmp_path / "terms.db")
    yield opened
    opened.close()
    if url:
        drop_database(url)


def run(store: Store, work: Callable[[Tx], Any]) -> Any:
    return store.run(writes(lambda tx: work(tx)))


def finds(terms: Terms, known: set[str]) -> bool:
    match terms:
        case Term(text, is_open):
            return any(one.startswith(text) for one in known) if is_open else text in known
        case AllOf(parts):
            return all(finds(part, known) for part in parts)
        case AnyOf(parts):
            return any(finds(part, known) for part in parts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=DOCUMENTS, others=DOCUMENTS, question=QUESTIONS)
def test_what_is_found(
    store: Store, mine: dict[int, set[str]], others: dict[int, set[str]], question: Terms
) -> None:
    def work(tx: Tx) -> list[int]:
        for mailbox, documents in ((1, mine), (12, others)):
            while tx.drop_terms(mailbox, 4):
                pass
            for item, words in documents.items():
                index.put(tx, mailbox, item, words)
        return index.find(tx, 1, question, most=100)

    expected = sorted(item for item, words in mine.items() if finds(question, words))
    assert sorted(run(store, work)) == expected
    assert sorted(store.run(reads(lambda tx: index.find(tx, 1, question, most=100)))) == expected
    assert len(store.run(reads(lambda tx: index.find(tx, 1, question, most=2)))) == min(2, len(expected))


def test_an_index_of_another_version_begins_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run(store, lambda tx: index.advance(tx, 1, IndexState(7, index.ALL)) if index.hold(tx, 1, 5) else None)
    assert store.run(reads(lambda tx: index.state(tx, 1))) == IndexState(7, index.ALL)
    assert run(store, lambda tx: index.hold(tx, 1, 9)) == IndexState(7, index.ALL)
    monkeypatch.setattr("rsvpd.store.terms.VERSION", "another")
    assert store.run(reads(lambda tx: index.state(tx, 1))) is None
    assert run(store, lambda tx: index.hold(tx, 1, 9)) == IndexState(9, 0)


def test_an_item_is_indexed_anew_and_dropped(store: Store) -> None:
    def found(word: str) -> list[int]:
        return sorted(store.run(reads(lambda tx: index.find(tx, 1, Term(word), most=9))))

    run(store, lambda tx: [index.put(tx, 1, item, ("sold", "sboth")) for item in (1, 2)])
    run(store, lambda tx: index.put(tx, 1, 2, ("snew", "sboth")))
    assert (found("sold"), found("snew"), found("sboth")) == ([1], [2], [1, 2])
    run(store, lambda tx: index.drop(tx, 1, 1))
    assert (found("sold"), found("sboth")) == ([], [2])
