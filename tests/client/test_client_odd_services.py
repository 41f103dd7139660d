"""Services that do not behave: whatever they send, a caller gets a ClientError that says what is wrong, or what
can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from rsvpd.cli import show
from rsvpd.client import (
    Answer,
    Client,
    ClientError,
    GoogleAccount,
    MicrosoftAccount,
    NotSignedIn,
    Provider,
    RetryPolicy,
    Unavailable,
    Unreadable,
    session,
)
from support.recorded import (
    BASES,
    GRAPH,
    Exchange,
    Naps,
    Recording,
    Terminal,
    client,
    graph_event,
    graph_page,
    still_clock,
)

DEEP = b'{"value":' * 5000
LUNCH = graph_event("e1", "Lunch", "2026-11-24T11:00", "2026-11-24T12:00")
ANYTHING = [
    b"", b"[]", b"5", b"null", b'"x"', b"<html>", b"\xff\xfe", b"[" * 100_000, DEEP, b'{"value":[NaN]}',
    b'{"value":[null]}', b'{"value":{}}', b'{"items":[5]}', b'{"items":"x"}', b'{"error":' * 5000,
    b'{"value":[],"@odata.nextLink":5}', b'{"value":[],"@odata.nextLink":{"a":1}}',
    b'{"value":[],"@odata.nextLink":"http://[bad"}', b'{"value":[],"@odata.nextLink":"file:///etc/passwd"}',
    b'{"value":[],"@odata.nextLink":"https://user@graph.microsoft.com/"}', b'{"items":[],"nextPageToken":{"a":[]}}',
    b'{"error":{"errors":[5]}}', b'{"error":{"errors":"x","message":[1]}}', b'{"error":5}', b'{"value":[{"id":5}]}',
]  # fmt: skip


class Same(httpx.BaseTransport):
    """A service that says the same to everything."""

    def __init__(self, status: int, content: bytes | Callable[[], Iterator[bytes]], **headers: str) -> None:
        self._status = status
        self._content = content
        self._headers = headers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = self._content if isinstance(self._content, bytes) else self._content()
        return httpx.Response(self._status, content=content, headers=self._headers)


@pytest.mark.parametrize("status", [200, 202, 302, 400, 403, 404, 500])
@pytest.mark.parametrize("provider", list(Provider), ids=lambda one: one.value)
def test_anything_may_come(provider: Provider, status: int) -> None:
    for body in ANYTHING:
        with client(provider, Same(status, body)) as odd:
            calls: list[Callable[[], Any]] = [
                lambda: odd.invitations(include_answered=True, with_messages=True),
                lambda: odd.invitation("e1"),
                lambda: odd.answer("e1", Answer.ACCEPTED),
                odd.address,
            ]
            for call in calls:
                with suppress(ClientError):
                    call()


EVENTS: list[dict[str, Any]] = [
    {"start": {"dateTime": "9999-12-31T23:59:59", "timeZone": "Asia/Tokyo"}},
    {"start": {"dateTime": "0001-01-01T00:00:00", "timeZone": "Asia/Tokyo"}},
    {"start": {"dateTime": "2026-11-24T11:00:00", "timeZone": "../../etc/passwd"}},
    {"start": {"dateTime": 5}}, {"start": None}, {"start": []}, {"end": "x"}, {"responseStatus": "x"},
    {"responseStatus": []}, {"organizer": "x"}, {"organizer": {"emailAddress": []}}, {"location": 5}, {"type": {}},
    {"seriesMasterId": {"a": 1}}, {"subject": {"a": 1}}, {"isAllDay": "x"},
]  # fmt: skip


@pytest.mark.parametrize("differs", EVENTS, ids=str)
def test_an_event_may_be_anything(differs: dict[str, Any]) -> None:
    page = json.dumps(graph_page(LUNCH | differs) | LUNCH | differs).encode()
    with client(Provider.GRAPH, Same(200, page)) as odd:
        for call in (odd.invitations, lambda: odd.invitation("e1")):
            with suppress(ClientError):
                call()


def test_what_is_missing_is_named() -> None:
    without = {name: value for name, value in LUNCH.items() if name != "start"}
    with pytest.raises(Unreadable, match="it lacks 'start'"):
        client(Provider.GRAPH, Same(200, json.dumps(without).encode())).invitation("e1")


def test_zones_may_have_their_windows_names() -> None:
    event = LUNCH | {"start": {"dateTime": "2026-11-24T11:00:00", "timeZone": "W. Europe Standard Time"}}
    found = client(Provider.GRAPH, Same(200, json.dumps(event).encode())).invitation("e1")
    assert str(found.start) == "2026-11-24 10:00:00+00:00"


def test_a_redirect_says_where_to() -> None:
    odd = client(Provider.GRAPH, Same(302, b"", location="https://login.example/?secret"))
    with pytest.raises(Unreadable, match=r"points to https://login\.example/.*base URL"):
        odd.invitations()


def test_an_answer_that_trickles_is_not_waited_for() -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            yield b" "

    retry = RetryPolicy(answer_seconds=0.05, reading_seconds=-1)
    odd = Client(Provider.GRAPH, "t", base=GRAPH, transport=Same(200, trickle), retry=retry, sleep=Naps())
    with pytest.raises(Unavailable, match="too slowly"):
        odd.invitations()


def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LONGEST_BYTES", 2**20)

    def flood() -> Iterator[bytes]:
        while True:
            yield b" " * 2**16

    with pytest.raises(Unreadable, match="more than 1 MB"):
        client(Provider.GRAPH, Same(200, flood)).invitations()


def test_reading_is_not_begun_again_after_a_long_wait() -> None:
    recording = Recording(Exchange("GET /v1.0/me/events/e1", fails=httpx.ReadTimeout))
    odd = Client(
        Provider.GRAPH, "t", base=GRAPH, transport=recording, retry=RetryPolicy(reading_seconds=-1), clock=still_clock
    )
    with pytest.raises(Unavailable, match="does not answer as it should"):
        odd.invitation("e1")


@pytest.mark.parametrize("token", ["", "a\nb", "a\r\nX-Other: 1", "tök", " secret", "\x00"])
def test_what_is_no_token_goes_nowhere_and_is_not_shown(token: str) -> None:
    recording = Recording()
    with pytest.raises(NotSignedIn) as refused:
        Client(Provider.GRAPH, token, base=GRAPH, transport=recording).invitations()
    assert recording.requests == []
    assert not token or token not in str(refused.value)


@pytest.mark.parametrize("base", ["http://", "http://[::1", "ftp://x", "notaurl", "http://x:99999", "https://u:p@x/"])
def test_a_base_that_is_no_url(base: str) -> None:
    with pytest.raises(Unreadable, match="not a"):
        Client(Provider.GRAPH, "t", base=base)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_the_ends_of_the_calendar_can_be_shown(moment: str, zone: str) -> None:
    event = graph_event("e1", "Lunch", moment, moment)
    found = client(Provider.GRAPH, Same(200, json.dumps(event).encode())).invitation("e1")
    assert f"{found.start.year}" in show.when(found, show.Layout(zone=ZoneInfo(zone), today=date(2026, 11, 22)))


def test_the_command_says_it_in_one_line(tmp_path: Any) -> None:
    terminal = Terminal(tmp_path, Recording(Exchange("GET /v1.0/me", DEEP)))
    assert terminal("login", "outlook", "--base", "http://localhost/v1.0", "--token", "t") == 4
    assert terminal.err == "rsvp: The service answered with something that is not JSON; is this its base URL?\n"
    assert set(BASES) == set(Provider)


# --- signing in

AUTHORIZED = json.dumps({"client_id": "c", "client_secret": "s", "refresh_token": "r"})
PLACES = {
    name: f"https://login.microsoftonline.com/common/oauth2/v2.0/{name}"
    for name in ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint")
} | {"issuer": "https://login.microsoftonline.com/common/v2.0", "metadata": []}
CODE = {"user_code": "U", "device_code": "D", "expires_in": 2, "interval": 0, "message": "Go there."}
SIGN_IN = [b"", b"oops", b"<html>", b"[]", b"{}", b"5", b"[" * 100_000, b'{"error":5}', b'{"error":"server_error"}']


def microsoft(known: int, status: int, body: bytes) -> MicrosoftAccount:
    """Return credentials of a service that says the first `known` things right."""

    def said(request: httpx.Request) -> httpx.Response:
        place = str(request.url)
        if known > 0 and ("openid-configuration" in place or "discovery" in place):
            return httpx.Response(200, json=PLACES)
        if known > 1 and "device_authorization" in place:
            return httpx.Response(200, json=CODE)
        return httpx.Response(status, content=body, headers={"location": "https://elsewhere.example/"})

    http = httpx.Client(transport=httpx.MockTransport(said))
    return MicrosoftAccount("id", base=GRAPH, http=http)


@pytest.mark.parametrize("status", [200, 302, 400, 429, 500])
@pytest.mark.parametrize("known", [0, 1, 2])
def test_a_sign_in_service_may_say_anything(known: int, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    for body in SIGN_IN:
        with pytest.raises(ClientError) as refused:
            microsoft(known, status, body).sign_in(lambda text: None)
        assert refused.value.message
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("status", "kind"), [(400, NotSignedIn), (500, Unavailable), (429, Unavailable)])
def test_google_may_say_anything(status: int, kind: type[ClientError], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", Naps())  # google-auth waits between attempts of its own
    for body in SIGN_IN:
        for code in (status, 200):
            account = GoogleAccount(AUTHORIZED, http=httpx.Client(transport=Same(code, body)))
            with pytest.raises(ClientError) as refused:
                account.token()
            assert refused.value.message
    with pytest.raises(kind):
        GoogleAccount(AUTHORIZED, http=httpx.Client(transport=Same(status, b"oops"))).token()


def test_a_kept_sign_in_that_is_broken() -> None:
    with pytest.raises(NotSignedIn, match="rsvp login graph"):
        MicrosoftAccount("id", base=GRAPH, cache="{not json", http=httpx.Client(transport=Same(200, b"{}"))).token()
