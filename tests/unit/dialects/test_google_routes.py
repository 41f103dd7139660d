"""Every published method is answered, or says that it is not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.dialects.google.routes import GAPS, ROUTES, Route, resolve
from rsvpd.errors import DomainError, MethodNotAllowed, NotEmulated, UnknownSegment

DATA = Path(__file__).parent / "data" / "google_methods.txt"


def published() -> set[tuple[str, ...]]:
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return {tuple(line.split()[:3]) for line in lines if line[0] != "#"}


def test_every_published_method_is_a_route_or_a_gap() -> None:
    assert {(one.id, one.method, one.template) for one in (*ROUTES, *GAPS)} == published()


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.id)
def test_a_gap_names_itself_and_the_nearest_call(gap: Route) -> None:
    with pytest.raises(NotEmulated) as caught:
        resolve(gap.method, "/" + gap.template.replace("{", "").replace("}", ""))
    assert gap.id in caught.value.message
    assert gap.nearest in caught.value.message
    method, _, template = gap.nearest.partition("?")[0].partition(" ")
    assert (method, template) in {(one.method, one.template) for one in ROUTES}


@pytest.mark.parametrize(
    ("method", "path", "found", "names"),
    [
        ("GET", "/calendars/primary/events", "events.list", {"calendarId": "primary"}),
        ("GET", "/calendars/me%40ex.test/events/", "events.list", {"calendarId": "me@ex.test"}),
        (
            "GET",
            "/calendars/me@ex.test/events/abcde",
            "events.get",
            {"calendarId": "me@ex.test", "eventId": "abcde"},
        ),
        (
            "GET",
            "/calendars/primary/events/import",
            "events.get",
            {"calendarId": "primary", "eventId": "import"},
        ),
        ("GET", "/users/me/calendarList/primary", "calendarList.get", {"calendarId": "primary"}),
        ("GET", "/users/me/settings/timezone", "settings.get", {"setting": "timezone"}),
    ],
)
def test_resolving(method: str, path: str, found: str, names: dict[str, str]) -> None:
    route, values = resolve(method, path)
    assert (route.id, values) == (found, names)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/calendar/primary/event", "calendars/{calendarId}"),
        ("/calendars/primary/events/abcde/accept", "calendars/{calendarId}/events/{eventId}"),
        ("/users/alice/calendarList", "users/me/calendarList"),
        ("", "calendar"),
        ("/%ff", "UTF-8"),
        ("/a" * 50, "segments"),
    ],
)
def test_an_unknown_path_names_the_nearest(path: str, near: str) -> None:
    with pytest.raises(UnknownSegment, match=near.replace("{", r"\{").replace("}", r"\}")):
        resolve("GET", path)


def test_another_method_is_told_which_there_are() -> None:
    with pytest.raises(MethodNotAllowed, match="DELETE, GET, PATCH, PUT") as caught:
        resolve("POST", "/calendars/primary/events/abcde")
    assert caught.value.target == "DELETE, GET, PATCH, PUT"


@given(st.text("/abc%{}@ _é", max_size=60))
def test_any_path_resolves_or_is_refused(path: str) -> None:
    with suppress(DomainError):
        resolve("GET", path)
