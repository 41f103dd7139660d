"""Pages in a browser: which may read answers, and what they ask before."""

from __future__ import annotations

import pytest

from rsvpd.dialects.wire import Response
from rsvpd.edge.app import make_app
from rsvpd.edge.cors import Cors
from rsvpd.errors import UnknownSegment
from support.fakes import Fake, asked_of, edge_of, settings

PAGE = "http://localhost:3000"
ASKS = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.mark.parametrize(
    "origin",
    ["http://localhost", "https://LOCALHOST:3000", "http://127.0.0.1:5173", "http://[::1]:80", "http://app.localhost"],
)
def test_pages_of_this_machine_may(origin):
    assert Cors(()).allows(origin)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost.evil.example", "http://evil.example#localhost", "null", "", "localhost",
     "file://", "http://[::1", "chrome-extension://localhost", "http://192.0.2.1", "http://x@evil.example/@localhost"],
)
def test_other_pages_may_not(origin):
    assert not Cors(()).allows(origin)


def test_other_pages_may_where_they_are_named():
    cors = Cors(("https://app.example.com", "null"))
    assert all(cors.allows(one) for one in ("https://app.example.com", "https://App.example.com", "null", PAGE))
    assert not cors.allows("http://app.example.com")
    assert Cors(("*",)).allows("https://anybody.example")


def test_what_is_remembered_of_origins_is_bounded():
    cors = Cors(())
    for number in range(3000):
        cors.allows(f"http://{number}.example")
    assert len(cors._known) <= 256


def options(path="/v1/a", *fakes, config=None, **headers):
    return asked_of(edge_of(*(fakes or (Fake("/v1"),)), **(config or {})), "OPTIONS", path, headers=headers)


@pytest.mark.parametrize("path", ["/v1/a", "/health", "/"])
def test_a_preflight_is_answered_without_a_token(path):
    fake = Fake("/v1")
    reply = options(path, fake, Origin=PAGE, **ASKS)
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert "PATCH" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-headers"] == "authorization,content-type"
    assert int(reply.headers["access-control-max-age"]) > 0
    assert "Origin" in reply.headers["vary"]
    assert "access-control-allow-private-network" not in reply.headers
    assert fake.seen == []


def test_a_public_page_may_reach_a_private_address_where_it_is_named():
    asks = ASKS | {"Access-Control-Request-Private-Network": "true"}
    config = {"cors_origins": ("https://app.example.com",)}
    reply = options(config=config, Origin="https://app.example.com", **asks)
    assert reply.headers["access-control-allow-private-network"] == "true"


def test_a_page_that_may_not_is_told_which_setting_lets_it():
    reply = options(Origin="https://app.example.com", **ASKS)
    assert reply.status_code == 204
    assert not [name for name in reply.headers if name.startswith("access-control")]
    assert "RSVPD_CORS_ORIGINS" in reply.headers["x-rsvpd-hint"]
    assert reply.headers["vary"] == "Origin"


ANSWERS = {
    "an answer": (lambda request: Response(status=200), {}, 200),
    "an error of ours": (lambda request: 1 / 0, {}, 500),
    "a body that is not read": (None, {"Content-Encoding": "br"}, 415),
}


@pytest.mark.parametrize(("answer", "headers", "status"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_may_be_read_with_what_matters(answer, headers, status):
    fake = Fake("/v1", answer)
    reply = asked_of(edge_of(fake), "POST", "/v1/a", headers={"Origin": PAGE} | headers, content=b"x")
    assert reply.status_code == status
    assert reply.headers["access-control-allow-origin"] == PAGE
    exposed = reply.headers["access-control-expose-headers"].lower().split(", ")
    assert {"x-rsvpd-hint", "etag", "request-id", "location", "retry-after"} <= set(exposed)
    assert fake.seen[0].headers.get("origin") == PAGE


def test_who_is_no_page_gets_nothing_of_this():
    reply = asked_of(edge_of(Fake("/v1")), "GET", "/v1/a")
    assert not [name for name in reply.headers if name.startswith("access-control") or name == "vary"]


def test_the_control_interface_is_not_for_pages():
    async def control(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = make_app([], settings(), clock=lambda: 0, control=control)
    for method in ("GET", "OPTIONS"):
        reply = asked_of(app, method, "/_rsvpd/people", headers={"Origin": PAGE, **ASKS})
        assert reply.status_code == 200
        assert "access-control-allow-origin" not in reply.headers


def test_options_of_a_path_says_what_it_takes():
    reply = options()
    assert (reply.status_code, reply.headers["allow"]) == (204, "GET, POST, HEAD, OPTIONS")
    assert options("/").headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_of_a_path_there_is_not_is_refused_by_the_dialect():
    def methods(request):
        raise UnknownSegment("There is no such path.")

    reply = options("/v1/a", Fake("/v1", methods=methods))
    assert reply.text == "refused: UnknownSegment"
    assert options("/v1/a", Fake("/v1", methods=lambda request: 1 / 0)).status_code == 500
