"""Any body, query and path are answered, or refused as the caller's fault; nothing ever crashes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.dialects.google.tables.attendee import ATTENDEE
from rsvpd.dialects.google.tables.resources import EVENT
from support.google_door import ID, FakeDoor, ask, done, page, view

WORDS = st.sampled_from(
    [
        "",
        "x",
        "me@ex.test",
        "accepted",
        "default",
        "UTC",
        "2026-12-01",
        "2026-12-01T10:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "RRULE:FREQ=DAILY;COUNT=2",
        "popup",
        "all",
        "true",
        "\x00",
        "é",
    ]
)
NAMES = st.sampled_from(
    [prop.name for prop in (*EVENT.props, *ATTENDEE.props)]
    + ["date", "dateTime", "timeZone", "useDefault", "overrides", "minutes", "method", "private", "nonsense"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=6)
TIMES = {"start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}}
PARAMETERS = st.dictionaries(
    st.sampled_from(
        [
            *("timeMin", "timeMax", "updatedMin", "maxResults", "maxAttendees", "pageToken", "orderBy", "q"),
            *("singleEvents", "showDeleted", "timeZone", "fields", "originalStart", "iCalUID", "sendUpdates"),
            *(
                "alt",
                "prettyPrint",
                "eventTypes",
                "privateExtendedProperty",
                "syncToken",
                "conferenceDataVersion",
            ),
        ]
    ),
    WORDS | st.text(max_size=12),
    max_size=4,
)
EXPECTED = {200, 204, 304, 400, 404, 410, 501}


def door() -> FakeDoor:
    return FakeDoor(
        get_event=view(),
        update_event=done(view()),
        create_event=done(view()),
        find_events=page(view()),
        find_series=page(view()),
        instances=page(view()),
    )


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["PATCH", "PUT", "POST"]), BODIES, st.booleans())
def test_any_body(method: str, body: dict[str, Any], timed: bool) -> None:
    url = "/calendars/primary/events" + ("" if method == "POST" else f"/{ID}")
    response = ask(door(), method, url, {**TIMES, **body} if timed else body)
    assert response.status in EXPECTED
    json.loads(response.body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["", f"/{ID}", f"/{ID}/instances"]), PARAMETERS)
def test_any_query(path: str, parameters: dict[str, str]) -> None:
    response = ask(door(), "GET", f"/calendars/primary/events{path}?{urlencode(parameters)}")
    assert response.status in EXPECTED


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_any_bytes(raw: bytes, path: str, query: str) -> None:
    response = ask(door(), "POST", f"/calendars/primary/events/{path}?{query}".replace("#", ""), raw=raw)
    assert response.status in EXPECTED | {401, 405}
