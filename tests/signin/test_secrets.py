"""Nothing secret is written down: not in what is stored, not in a log. What is remembered is bounded."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rsvpd import log
from rsvpd.config import RegisteredClient
from rsvpd.edge.limits import REFUSAL
from rsvpd.edge.request_log import request_log
from rsvpd.errors import RequestTimeout
from rsvpd.signin.throttle import MOST_COUNTED, Throttle, TooManyAttempts
from rsvpd.store.transfer import TABLES
from support.browser import Page
from support.code_flow import ALICE, VERIFIER, answer, authorize, code_of, redeem, refresh
from support.engines import rows_of
from support.fakes import settings
from support.sign_in import PUBLIC, SECRET, SignIn

SHOWN = RegisteredClient(id="shown", secrets=("client-secret-text",), allows_passwords=True)


class _Stream(io.StringIO):
    def close(self) -> None:
        """What was written is read later."""


@pytest.fixture
def stream() -> Iterator[_Stream]:
    """Return where all lines of the log go, debug ones included."""
    kept = {name: (one.handlers[:], one.level, one.propagate) for name in ("rsvpd", "uvicorn", "asyncio")
            if (one := logging.getLogger(name))}  # fmt: skip
    found = _Stream()
    log.setup("debug", "json", stream=found)
    yield found
    for name, (handlers, level, propagate) in kept.items():
        one = logging.getLogger(name)
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def test_no_secret_stands_in_a_log_and_the_person_does(make: Callable[..., SignIn], stream: _Stream) -> None:
    requests = request_log(settings(log_format="json"), stream)
    assert requests is not None
    server = make(SHOWN, requests=requests)
    login = Page(server, authorize(server, login_hint=ALICE, state="state-text", nonce="nonce-text"))
    code = answer(Page(server, login.press(ALICE)).press("accept"))["code"]
    body = redeem(server, code).json()
    renewed = refresh(server, body["refresh_token"]).json()
    refresh(server, body["refresh_token"])
    device = server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": "User.Read"}).json()
    Page(server, server.get("/devicelogin")).press("next", user_code=device["user_code"])
    server.token(PUBLIC | {"grant_type": "device_code", "device_code": device["device_code"]})
    password = {"client_id": "shown", "client_secret": "client-secret-text", "grant_type": "password",
                "username": ALICE, "password": server.password(ALICE), "scope": "User.Read"}  # fmt: skip
    assert server.token(password).status_code == 200
    server.token(password | {"password": "wrong-password-text"})
    server.request("POST", "/common/oauth2/v2.0/token", params=password, data=password)
    server.get("/common/oauth2/v2.0/token", password | {"code": code, "refresh_token": renewed["refresh_token"]})
    server.get(f"/common/oauth2/v2.0/logout?id_token_hint={body['id_token']}")
    requests.close()
    text = stream.getvalue()
    for secret in (
        code, VERIFIER, body["access_token"], body["id_token"], body["refresh_token"], renewed["refresh_token"],
        device["device_code"], device["user_code"], "client-secret-text", server.password(ALICE),
        "wrong-password-text", "state-text", "nonce-text",
    ):  # fmt: skip
        assert secret not in text
    told = [json.loads(line) for line in text.splitlines()]
    by_path = {one["path"].partition("?")[0]: one["person"] for one in told if one.get("status") in (200, 303)}
    assert by_path["/common/login"] == ALICE
    assert by_path["/…0000/oauth2/v2.0/token"] == ALICE


def test_what_is_stored_holds_no_secret_that_works(server: SignIn) -> None:
    code = code_of(server)
    body = redeem(server, code).json()
    device = server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": "User.Read"}).json()
    stored = [row for table in TABLES for row in server.world.store.run(rows_of, f"SELECT * FROM {table.name}")]  # noqa: S608 - constants
    assert len(stored) > 10
    text = "\n".join(map(repr, stored))
    digits = text.lower()
    for secret in (code, body["refresh_token"], device["device_code"], device["user_code"]):
        assert secret not in text
        assert secret.encode().hex() not in digits


def test_what_expired_goes_as_new_things_come(server: SignIn) -> None:
    def rows() -> int:
        asked = (f"SELECT count(*) FROM {one}" for one in ("sign_in", "grant_secret", "device_code"))  # noqa: S608 - constants
        return sum(server.world.store.run(rows_of, sql)[0][0] for sql in asked)

    for _ in range(5):
        redeem(server, code_of(server))
        code_of(server)
        server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": "User.Read"})
    before = rows()
    server.pass_seconds(91 * 86_400)
    server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": "User.Read"})
    assert before > 20
    assert rows() == 1


def test_what_is_counted_is_bounded() -> None:
    throttle = Throttle()
    for number in range(MOST_COUNTED + 500):
        throttle.count([f"peer {number}"], now=0)
    assert len(throttle._counts) == MOST_COUNTED


def test_right_ones_are_held_up_as_well_until_the_window_is_over() -> None:
    throttle = Throttle()
    for second in range(10):
        throttle.check(["a"], now=second * 1_000_000)
        throttle.count(["a"], now=second * 1_000_000)
    with pytest.raises(TooManyAttempts) as wrong:
        throttle.check(["b", "a"], now=9_500_000)
    assert wrong.value.retry_after == 51
    throttle.check(["b"], now=9_500_000)
    throttle.check(["a"], now=60_000_000)


@pytest.mark.parametrize("path", [
    "/common/oauth2/token", "/common/oauth2/authorize", "/common/adminconsent", "/example.com/v2.0/adminconsent",
    "/common/saml2",
])  # fmt: skip
def test_what_is_not_emulated_is_named(server: SignIn, path: str) -> None:
    for reply in (server.get(path), server.post(path, SECRET)):
        assert reply.status_code == 501
        assert "does not emulate" in reply.json()["error_description"]


@pytest.mark.parametrize("path", ["/common/oauth2/v2.0/token", "/devicelogin", "/token", "/common/oauth2/v2.0/logout"])
@pytest.mark.parametrize("ending", ["leaves", "is too slow"])
def test_who_does_not_finish_a_form_breaks_nothing(
    server: SignIn, stream: _Stream, path: str, ending: str
) -> None:
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https", "path": path, "query_string": b"",
        "headers": [(b"host", b"login.microsoftonline.com")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 443),
    }  # fmt: skip
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": b"a=b", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        if len(parts) == 1 and ending == "is too slow":
            scope[REFUSAL] = RequestTimeout("The request did not arrive in time.")
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    server.run(server.app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert "request.failed" not in stream.getvalue()


ODD = ["\x00", "\ud7ff\U0010ffff", "%", "%zz", "é" * 5000, "a" * 20_000, "[", "http://[", "\r\n", "../..", "null", "-1"]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:20])
def test_whatever_comes_in_nothing_breaks(server: SignIn, text: str) -> None:
    names = (
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "prompt", "nonce",
        "login_hint", "max_age", "code_challenge", "code_challenge_method", "client-request-id", "domain_hint",
    )  # fmt: skip
    for name in names:
        assert authorize(server, **{name: text}).status_code in (200, 303, 400, 414)
    fields = (
        "grant_type", "client_id", "client_secret", "scope", "code", "redirect_uri", "code_verifier", "refresh_token",
        "device_code", "username", "password", "assertion", "client_assertion", "client_assertion_type",
        "requested_token_use", "claims", "client_info",
    )  # fmt: skip
    for grant in ("authorization_code", "refresh_token", "password", "client_credentials", "device_code",
                  "urn:ietf:params:oauth:grant-type:jwt-bearer"):  # fmt: skip
        whole = SECRET | dict.fromkeys(fields[4:14], "x") | {"grant_type": grant, "scope": "User.Read"}
        whole.pop("client_assertion")
        for name in fields:
            reply = server.token(whole | {name: text})
            assert reply.status_code in (200, 400, 401), reply.text
    for cookie in ("__Host-rsvpd_browser", "__Host-rsvpd_session"):
        sent = text.encode().decode("latin-1") if text.isprintable() else "x"
        reply = server.get("/devicelogin", cookie=f"{cookie}={sent}".encode("latin-1"))  # bytes, as a browser may send
        assert reply.status_code in (200, 431)
    for path in ("/devicelogin", "/common/login", "/common/oauth2/v2.0/logout"):
        form = dict.fromkeys(("step", "token", "request", "user_code", "post_logout_redirect_uri"), text)
        assert server.post(path, form).status_code in (200, 400)
