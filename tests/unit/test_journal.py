"""The journal of requests: what it keeps, how much of it, and what it never keeps."""

from __future__ import annotations

import weakref
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.journal import MOST_BODY_BYTES, Entry, Journal, Message, message, query_without_tokens, request_message

SECRET = "zqxjv8"


def keep(journal: Journal, id: str = "r", weight: int = 0, **more) -> None:
    own = {
        "id": id, "batch": "", "at": 0.0, "now": 0, "person": "bob@example.com", "application": "", "method": "GET",
        "origin": "http://localhost", "mount": "/v1.0", "path": "/me", "query": "", "has_token": True,
        "request": Message(), "status": 200, "answer": Message(), "seconds": 0.001, "hint": "", "problem": None,
    }
    journal.keep(id, weight, lambda number: Entry(number=number, **(own | more)))


def test_the_oldest_go_first():
    journal = Journal(3)
    for _ in range(5):
        keep(journal)
    assert [one.number for one in journal] == [5, 4, 3]
    assert journal.clear() == 3
    keep(journal)
    assert [one.number for one in journal] == [6]


def test_all_bodies_together_are_bounded():
    journal = Journal(1000, most_bytes=10_000)
    for _ in range(50):
        keep(journal, weight=1500)
    assert len(journal) == 6
    keep(journal, weight=20_000)
    assert len(journal) == 0


def test_of_a_body_the_beginning_is_kept_and_its_size():
    kept = message((), b"x" * (MOST_BODY_BYTES + 5))
    assert (len(kept.body), kept.size) == (MOST_BODY_BYTES, MOST_BODY_BYTES + 5)


def test_one_is_found_by_its_id_its_number_or_as_the_last():
    journal = Journal(10)
    assert journal.find("last") is None
    for id in ("a", "b", "7"):
        keep(journal, id)
    assert [journal.find(name).number for name in ("a", "2", "7", "last")] == [1, 2, 3, 3]
    assert [journal.find(name) for name in ("", "0", "-1", "²", "9" * 30, "c")] == [None] * 6


def test_an_entry_is_made_once_and_what_it_was_made_of_is_let_go():
    class Raw:
        made = 0

        def __call__(self, number):
            Raw.made += 1
            return entries.pop()

    journal, entries = Journal(10), []
    keep(other := Journal(10))
    entries.extend(other)
    raw = Raw()
    held = weakref.ref(raw)
    journal.keep("r", 0, raw)
    del raw
    assert held() is not None
    assert list(journal) == list(other) == list(journal)
    assert (Raw.made, held()) == (1, None)


def test_numbers_may_come_from_elsewhere_and_those_inside_a_batch_are_told():
    numbers = iter([4, 9, 10])
    journal = Journal(10, next_number=lambda: next(numbers))
    for id in ("r.1", "r.2", "r"):
        keep(journal, id)
    assert [one.number for one in journal] == [10, 9, 4]
    assert (journal.inside("r"), journal.inside("r.1")) == ([4, 9], [])


NAMES = st.sampled_from(["access_token", "oauth_token", "authtoken", "Access_Token", "access%5Ftoken", "%61uthtoken"])


@given(NAMES, st.lists(st.sampled_from(["$top=5", "fields=items", "q=a%20b", "x"])), st.booleans())
def test_a_token_in_a_query_is_not_kept(name, others, is_first):
    token = f"{name}={quote(SECRET)}"
    query = "&".join([token, *others] if is_first else [*others, token])
    found = query_without_tokens(query)
    assert SECRET not in found
    assert [one for one in others if one not in found] == []


def test_options_that_are_no_secret_stay():
    query = "pageToken=abc&syncToken=abc&%24skiptoken=abc"
    assert query_without_tokens(query) == query


@pytest.mark.parametrize("name", ["authorization", "proxy-authorization", "cookie", "referer"])
def test_a_header_that_says_who_somebody_is_is_not_kept(name):
    kept = request_message({name: SECRET, "prefer": "x"}, b"")
    assert kept.headers == (("prefer", "x"),)


def test_a_form_and_the_address_of_an_upload_have_no_tokens_either():
    form = request_message({"content-type": "Application/x-www-form-urlencoded"}, f"q=a&access_token={SECRET}".encode())
    assert form.body == b"q=a&access_token=left-out"
    upload = message((), f'{{"uploadUrl": "http://localhost/x?authtoken={SECRET}&y=1"}}'.encode())
    assert upload.body == b'{"uploadUrl": "http://localhost/x?authtoken=left-out&y=1"}'
