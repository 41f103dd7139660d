"""Query options as they travel, and the query string of the next page."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.dialects.odata.options import Expand, Options, OrderBy, next_query, parse, without_casts
from rsvpd.errors import InvalidQuery

EVENT = ("microsoft.graph.eventMessage", "event")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Options()),
        ("&&", Options()),
        ("$top=5", Options(top=5)),
        ("%24top=5", Options(top=5)),
        ("top=5", Options(top=5)),
        ("$Top=0", Options(top=0)),
        ("$top=1000&$skip=20", Options(top=1000, skip=20)),
        ("$count=true", Options(count=True)),
        ("%24count=False", Options()),
        ("$select=subject,%20from", Options(select=(("subject",), ("from",)))),
        ("$select=id,id", Options(select=(("id",),))),
        ("$select=", Options()),
        ("$select=*", Options()),
        (
            "$select=microsoft.graph.eventMessage/meetingMessageType",
            Options(select=(("microsoft.graph.eventMessage", "meetingMessageType"),)),
        ),
        ("$filter=subject+eq+'a'", Options(filter="subject eq 'a'")),
        ("$filter=subject%20eq%20%27a%2Bb%26c%27", Options(filter="subject eq 'a+b&c'")),
        ("$filter=a eq 'x=y'", Options(filter="a eq 'x=y'")),
        ("$filter=+", Options()),
        ("$orderby=receivedDateTime+DESC", Options(orderby=(OrderBy(("receivedDateTime",), True),))),
        (
            "$orderBy=start/dateTime%20%20asc,subject",
            Options(orderby=(OrderBy(("start", "dateTime")), OrderBy(("subject",)))),
        ),
        ("$search=%22subject:pizza%22", Options(search='"subject:pizza"')),
        ("$skiptoken=abc-_", Options(skiptoken="abc-_")),
        ("$deltatoken=x", Options(deltatoken="x")),
        (
            "StartDateTime=2026-05-04T00:00:00%2B02:00&$format=json",
            Options(others={"startdatetime": "2026-05-04T00:00:00+02:00", "$format": "json"}),
        ),
        ("flag", Options(others={"flag": ""})),
        ("$expand=attachments", Options(expand=(Expand(("attachments",), Options()),))),
        ("expand=microsoft.graph.eventMessage%2Fevent", Options(expand=(Expand(EVENT, Options()),))),
        (
            "$expand=Microsoft.OutlookServices.EventMessage/Event",
            Options(expand=(Expand(("Microsoft.OutlookServices.EventMessage", "Event"), Options()),)),
        ),
        (
            "$expand=microsoft.graph.eventMessage/event($select=subject,start;$top=3),%20attachments()",
            Options(
                expand=(
                    Expand(EVENT, Options(select=(("subject",), ("start",)), top=3)),
                    Expand(("attachments",), Options()),
                )
            ),
        ),
        (
            "$expand=props($filter=id eq 'a),;('';b';expand=more)",
            Options(
                expand=(
                    Expand(
                        ("props",),
                        Options(filter="id eq 'a),;('';b'", expand=(Expand(("more",), Options()),)),
                    ),
                )
            ),
        ),
    ],
)
def test_parse(query: str, expected: Options) -> None:
    assert parse(query) == expected


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("$top=1001", "$top"),
        ("$top=-1", "$top"),
        ("$top=1.5", "$top"),
        ("$top=", "$top"),
        ("top=ten", "$top"),
        ("$top=%D9%A1", "$top"),  # a digit, but not one of ours
        ("$top=1_0", "$top"),
        ("$top=99999999999999999999999", "$top"),
        ("$skip=-1", "$skip"),
        ("$skip=4294967296", "$skip"),
        ("$count=yes", "$count"),
        ("$top=1&top=2", "$top"),
        ("$top=1&%24TOP=1", "$top"),
        ("startDateTime=a&StartDateTime=b", "startdatetime"),
        ("$select=a,,b", "$select"),
        ("$select=a b", "$select"),
        ("$select=a/", "$select"),
        ("$select='a'", "$select"),
        ("$orderby=a up", "$orderby"),
        ("$orderby=a desc desc", "$orderby"),
        ("$orderby=,", "$orderby"),
        ("$expand=a(", "$expand"),
        ("$expand=a)", "$expand"),
        ("$expand=a)(", "$expand"),
        ("$expand=a(b)c", "$expand"),
        ("$expand=a($top=1)($top=2)", "$expand"),
        ("$expand=($top=1)", "$expand"),
        ("$expand=a($top=x)", "$top"),
        ("$expand=a($top=1;$top=2)", "$top"),
        ("$expand=a($filter=b eq 'c)", "$expand"),
        ("$expand=" + "a($expand=" * 20 + "a" + ")" * 20, "$expand"),
        ("$filter=%FF", None),
        ("%FF=1", None),
        ("a=\ud800", None),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(query: str, target: str | None) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        parse(query)
    assert refusal.value.target == target
    assert len(refusal.value.message) < 300


PIECES = (
    "$top",
    "top",
    "$select",
    "$expand",
    "$filter",
    "$orderby",
    "count",
    *"=&();,/'a*1+",
    "b.c",
    "%24",
    "%FF",
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_or_raises_invalid_query_and_nothing_else(query: str) -> None:
    """Any text is read or raises InvalidQuery, nothing else."""
    with contextlib.suppress(InvalidQuery):
        parse(query)
        parse(next_query(query, "x"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "$skiptoken=T"),
        ("$top=5", "$top=5&$skiptoken=T"),
        ("$skip=10&$top=5", "$top=5&$skiptoken=T"),
        ("%24skiptoken=old&%24select=a%2Cb&$orderby=x+desc", "%24select=a%2Cb&$orderby=x+desc&$skiptoken=T"),
        (
            "SKIP=3&&startDateTime=2026-05-04T00:00:00%2B02:00",
            "startDateTime=2026-05-04T00:00:00%2B02:00&$skiptoken=T",
        ),
        ("skipper=1", "skipper=1&$skiptoken=T"),
    ],
)
def test_next_query(query: str, expected: str) -> None:
    assert next_query(query, "T") == expected


@given(st.text("azAZ09-_&=%+ /", max_size=20))
def test_the_token_comes_back_as_it_was(token: str) -> None:
    assert parse(next_query("$top=5&$skiptoken=old", token)).skiptoken == token


def test_without_casts() -> None:
    assert without_casts(EVENT) == ("event",)
    assert without_casts(("start", "dateTime")) == ("start", "dateTime")
