"""What is repeated and what is not, and where the token goes."""

from __future__ import annotations

import httpx
import pytest

from rsvpd.client import Answer, NotFound, NotSignedIn, Provider, Refused, Session, Unavailable, Unreadable
from rsvpd.client.requests import HttpRequest, HttpResponse, check, error_of, get, segment
from rsvpd.client.session import origin, retry_after
from support.recorded import GRAPH, NOW, Exchange, Naps, Recording, client, graph_event, still_clock

READ = "GET /v1.0/me/events/e1"
EVENT = graph_event("e1", "Lunch", "2026-11-24T11:00", "2026-11-24T12:00")
WRITE = "POST /v1.0/me/events/e1/accept"
THROTTLED = {"error": {"code": "TooManyRequests", "message": "Please wait."}}


def read(*exchanges: Exchange) -> tuple[Recording, Naps]:
    recording, naps = Recording(*exchanges), Naps()
    client(Provider.GRAPH, recording, naps).invitation("e1")
    return recording, naps


@pytest.mark.parametrize("status", [429, 503, 504])
def test_reads_are_repeated_with_growing_pauses(status: int) -> None:
    recording, naps = read(
        Exchange(READ, THROTTLED, status=status),
        Exchange(READ, THROTTLED, status=status),
        Exchange(READ, EVENT),
    )
    assert naps.seconds == [0.5, 1.0]
    assert recording.is_over


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("2.128", 2.128),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 12:00:09 GMT", 9.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("-3", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after(HttpResponse(status=429, headers={"retry-after": said}), still_clock()) == seconds


def test_retry_after_is_waited_for() -> None:
    _, naps = read(Exchange(READ, status=429, headers={"Retry-After": "7"}), Exchange(READ, EVENT))
    assert naps.seconds == [7.0]


def test_nobody_waits_for_an_hour() -> None:
    naps = Naps()
    recording = Recording(Exchange(READ, THROTTLED, status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(Unavailable, match="Please wait") as caught:
        client(Provider.GRAPH, recording, naps).invitation("e1")
    assert (caught.value.code, caught.value.status, naps.seconds) == ("TooManyRequests", 429, [])


def test_reads_are_given_up_after_four_attempts() -> None:
    naps = Naps()
    recording = Recording(*[Exchange(READ, status=503)] * 4)
    with pytest.raises(Unavailable):
        client(Provider.GRAPH, recording, naps).invitation("e1")
    assert naps.seconds == [0.5, 1.0, 2.0]
    assert recording.is_over


def test_reads_survive_a_broken_connection() -> None:
    recording, naps = read(
        Exchange(READ, fails=httpx.ConnectError),
        Exchange(READ, fails=httpx.ReadTimeout),
        Exchange(READ, EVENT),
    )
    assert (naps.seconds, recording.is_over) == ([0.5, 1.0], True)


@pytest.mark.parametrize("status", [500, 502])
def test_other_server_errors_are_not_repeated(status: int) -> None:
    with pytest.raises(Unavailable):
        client(Provider.GRAPH, Recording(Exchange(READ, status=status))).invitation("e1")


# --- answers


def accept(*exchanges: Exchange) -> tuple[Recording, Naps]:
    recording, naps = Recording(Exchange(READ, EVENT), *exchanges), Naps()
    client(Provider.GRAPH, recording, naps).answer("e1", Answer.ACCEPTED)
    return recording, naps


@pytest.mark.parametrize("status", [429, 503])
def test_an_answer_is_repeated_when_the_service_says_when(status: int) -> None:
    recording, naps = accept(Exchange(WRITE, status=status, headers={"Retry-After": "2"}), Exchange(WRITE, status=202))
    assert (naps.seconds, recording.is_over) == ([2.0], True)


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(WRITE, status=429),
        Exchange(WRITE, status=503),
        Exchange(WRITE, status=504, headers={"Retry-After": "1"}),
        Exchange(WRITE, status=500),
        Exchange(WRITE, fails=httpx.ReadTimeout),
        Exchange(WRITE, fails=httpx.ConnectError),
    ],
    ids=["429", "503", "504", "500", "no reply", "no connection"],
)
def test_an_answer_that_may_have_arrived_is_not_sent_again(exchange: Exchange) -> None:
    with pytest.raises(Unavailable):
        accept(exchange)


def test_an_answer_without_reply_says_that_nobody_knows() -> None:
    with pytest.raises(Unavailable, match="not known"):
        accept(Exchange(WRITE, fails=httpx.ReadTimeout))


# --- tokens


class Renewing:
    """A token that was replaced once."""

    def __init__(self, *later: str) -> None:
        self.later = list(later)

    def token(self) -> str:
        return "old"

    def renewed(self) -> str | None:
        return self.later.pop(0) if self.later else None


def asked_with(renewing: Renewing, *exchanges: Exchange) -> list[str]:
    recording = Recording(*exchanges)
    session = Session(GRAPH, renewing, http=httpx.Client(transport=recording))
    check(session.exchange(get(f"{GRAPH}/me")))
    return [one.headers["authorization"] for one in recording.requests]


def test_a_refused_token_is_renewed_once() -> None:
    me = "GET /v1.0/me"
    assert asked_with(Renewing("new"), Exchange(me, status=401), Exchange(me, {})) == [
        "Bearer old",
        "Bearer new",
    ]


def test_a_renewed_token_that_is_refused_ends_it() -> None:
    me = "GET /v1.0/me"
    with pytest.raises(NotSignedIn):
        asked_with(Renewing("new", "newer"), Exchange(me, status=401), Exchange(me, status=401))


def test_a_token_that_cannot_be_renewed_ends_it() -> None:
    with pytest.raises(NotSignedIn, match="expired"):
        asked_with(
            Renewing(),
            Exchange(
                "GET /v1.0/me",
                {"error": {"code": "InvalidAuthenticationToken", "message": "expired"}},
                status=401,
            ),
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1.0/me",
        "http://graph.microsoft.com/v1.0/me",
        "https://graph.microsoft.com:444/v1.0/me",
        "https://graph.microsoft.com@evil.example/v1.0/me",
        "file:///etc/passwd",
        "https://[bad/",
    ],
)
def test_the_token_leaves_for_no_other_place(url: str) -> None:
    recording = Recording()
    session = Session(GRAPH, Renewing(), http=httpx.Client(transport=recording))
    with pytest.raises(Unreadable):
        session.exchange(HttpRequest(method="GET", url=url))
    assert recording.requests == []


def test_a_redirect_is_not_followed() -> None:
    moved = Exchange("GET /v1.0/me", status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(Unreadable):
        asked_with(Renewing(), moved)


def test_default_ports_are_the_same_place() -> None:
    assert origin("HTTPS://Graph.Microsoft.com:443/x") == origin(GRAPH)


# --- errors, in the words of the service


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message"),
    [
        (
            400,
            b'{"error":{"code":"ErrorInvalidRequest","message":"You are the organizer."}}',
            Refused,
            "ErrorInvalidRequest",
            "You are the organizer.",
        ),
        (
            404,
            b'{"error":{"code":"ErrorItemNotFound","message":"Not in the store."}}',
            NotFound,
            "ErrorItemNotFound",
            "Not in the store.",
        ),
        (
            410,
            b'{"error":{"errors":[{"reason":"deleted"}],"message":"It was deleted"}}',
            NotFound,
            "deleted",
            "It was deleted",
        ),
        (
            403,
            b'{"error":{"errors":[{"reason":"rateLimitExceeded"}],"message":"Slow down"}}',
            Unavailable,
            "rateLimitExceeded",
            "Slow down",
        ),
        (401, b'{"error":"invalid_token"}', NotSignedIn, "invalid_token", "answered 401 without"),
        (502, b"<html>", Unavailable, "", "answered 502 without"),
        (400, b"\xff", Refused, "", "answered 400 without"),
        (400, b"[]", Refused, "", "answered 400 without"),
        (304, b"", Unreadable, "", "answered 304 without"),
    ],
)
def test_errors_keep_the_words_of_the_service(
    status: int, body: bytes, kind: type[Exception], code: str, message: str
) -> None:
    error = error_of(HttpResponse(status=status, body=body, headers={"x-rsvpd-hint": "do this"}))
    assert type(error) is kind
    assert (error.code, error.status, error.hint) == (code, status, "do this")
    assert message in error.message


def test_a_page_that_is_no_json_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="base URL"):
        read(Exchange(READ, b"<html>It works!</html>"))


def test_ids_stand_in_one_segment() -> None:
    assert segment("AAMk/+ %'==") == "AAMk%2F%2B%20%25%27=="


def test_now_is_what_the_clock_says() -> None:
    assert still_clock() == int(NOW.timestamp() * 1_000_000)
