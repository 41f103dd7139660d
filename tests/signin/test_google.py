"""Signing in as at Google, asked by Google's own libraries and by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import google.auth.transport
import httpx
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import credentials, id_token, service_account

from rsvpd.config import RegisteredClient
from rsvpd.identity import service_accounts
from rsvpd.identity.clients import LOCAL_GOOGLE_CLIENT, LOCAL_SECRET
from support.sign_in import SignIn, claims

CALENDAR = "https://www.googleapis.com/auth/calendar"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
TOKEN = "https://oauth2.googleapis.com/token"
CLIENT = {"client_id": LOCAL_GOOGLE_CLIENT, "client_secret": LOCAL_SECRET}
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OTHER = RegisteredClient(id="other.apps.googleusercontent.com", secrets=("s",))


class Transport(google.auth.transport.Request):
    """What Google's libraries send their requests with, to the server in this process."""

    def __init__(self, server: SignIn) -> None:
        self._server = server

    def __call__(  # the base says less than it takes
        self, url: str, method: str = "GET", body: Any = None, headers: Any = None, timeout: Any = None, **more: Any
    ) -> Any:
        reply = self._server.request(method, url, content=body, headers=headers or {})

        class Answer(google.auth.transport.Response):
            status = reply.status_code
            headers = reply.headers
            data = reply.content

        return Answer()


@pytest.fixture
def server(make: Callable[..., SignIn]) -> SignIn:
    return make(OTHER)


def key_file(server: SignIn) -> dict[str, str]:
    """Return the key file of the account that every server has."""
    key = server.run(server.provider.service_account_key())
    return service_accounts.key_file(
        service_accounts.LOCAL_ACCOUNT, key, token_uri=TOKEN, certificates_uri="https://www.googleapis.com/certs"
    )


def acting_for(server: SignIn, address: str | None, *scopes: str) -> service_account.Credentials:
    """Return what a program signs in with that acts for somebody."""
    # Their library signs with the clock of this machine, so the server goes by it too.
    server.use_wall_clock()
    return service_account.Credentials.from_service_account_info(
        key_file(server), scopes=scopes or (CALENDAR,), subject=address
    )


def events(server: SignIn, token: str) -> httpx.Response:
    return server.request(
        "GET", "https://www.googleapis.com/calendar/v3/calendars/primary/events",
        headers={"authorization": f"Bearer {token}"},
    )


def word(reply: httpx.Response) -> tuple[int, str]:
    """Return status and word of an answer that refuses."""
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, reply.json()["error"]


def test_a_service_account_acts_for_a_person(server: SignIn) -> None:
    signed_in = acting_for(server, "bob@example.com")
    signed_in.refresh(Transport(server))
    found = server.provider.tokens.verify(f"Bearer {signed_in.token}", server.provider.clock())
    assert (found.upn, found.scopes) == ("bob@example.com", {CALENDAR})
    assert found.app_id == service_accounts.LOCAL_ACCOUNT
    assert events(server, str(signed_in.token)).json()["summary"] == "bob@example.com"


@pytest.mark.parametrize(
    ("address", "scope", "expected"),
    [
        (None, CALENDAR, "names? whom it acts for|no calendar"),
        ("eve@example.com", CALENDAR, "Invalid email or User ID"),
        ("room@example.com", CALENDAR, "Invalid email or User ID"),
        ("bob@example.com", "https://evil.example/auth", "invalid_scope"),
    ],
)
def test_what_a_service_account_may_not(server: SignIn, address: str | None, scope: str, expected: str) -> None:
    with pytest.raises(RefreshError, match=expected):
        acting_for(server, address, scope).refresh(Transport(server))


def test_an_account_of_another_server_is_unknown(server: SignIn) -> None:
    server.use_wall_clock()
    theirs = key_file(server) | {"private_key": service_accounts.new_private_key().decode()}
    for changed, expected in (
        (theirs, "Invalid JWT Signature"),
        (theirs | {"client_email": "x@other.iam.gserviceaccount.com"}, "account not found"),
    ):
        signed_in = service_account.Credentials.from_service_account_info(
            changed, scopes=[CALENDAR], subject="bob@example.com"
        )
        with pytest.raises(RefreshError, match=expected):
            signed_in.refresh(Transport(server))


def test_an_id_token_for_an_audience(server: SignIn) -> None:
    server.use_wall_clock()
    signed_in = service_account.IDTokenCredentials.from_service_account_info(
        key_file(server), target_audience="https://app.example", additional_claims={"sub": "bob@example.com"}
    )
    signed_in.refresh(Transport(server))
    said = id_token.verify_token(
        signed_in.token, Transport(server), audience="https://app.example",
        certs_url="https://www.googleapis.com/oauth2/v1/certs", clock_skew_in_seconds=10,
    )
    assert (said["email"], said["iss"]) == ("bob@example.com", "https://accounts.google.com")


def test_a_device_signs_in(server: SignIn) -> None:
    begun = server.post("/device/code", CLIENT | {"scope": f"openid email {CALENDAR}"})
    body = begun.json()
    assert (begun.status_code, body["expires_in"], body["interval"]) == (200, 900, 5)
    assert body["verification_url"].endswith("/device")
    poll = CLIENT | {"device_code": body["device_code"], "grant_type": DEVICE_GRANT}
    server.pass_seconds(6)
    assert word(server.post("/token", poll)) == (428, "authorization_pending")
    server.decide_device(body["user_code"], server.bob)
    server.pass_seconds(6)
    assert word(server.post("/token", poll | {"client_id": OTHER.id, "client_secret": "s"})) == (400, "invalid_grant")
    got = server.post("/token", poll).json()
    assert got["scope"] == f"openid {EMAIL} {CALENDAR}"
    assert claims(got["id_token"])["email"] == "bob@example.com"
    assert word(server.post("/token", poll)) == (400, "invalid_grant")
    again = credentials.Credentials(
        None, refresh_token=got["refresh_token"], token_uri=TOKEN, client_id=LOCAL_GOOGLE_CLIENT,
        client_secret=LOCAL_SECRET,
    )
    again.refresh(Transport(server))
    assert events(server, str(again.token)).status_code == 200
    again.refresh(Transport(server))  # a refresh token of Google's stays good
    assert server.post("/revoke", {"token": got["refresh_token"]}).json() == {}
    with pytest.raises(RefreshError, match="expired or revoked"):
        again.refresh(Transport(server))


def test_a_device_that_is_refused_or_asks_too_often(server: SignIn) -> None:
    body = server.post("/device/code", CLIENT | {"scope": CALENDAR}).json()
    poll = CLIENT | {"device_code": body["device_code"], "grant_type": DEVICE_GRANT}
    server.post("/token", poll)
    assert word(server.post("/token", poll)) == (403, "slow_down")
    server.decide_device(body["user_code"], None)
    assert word(server.post("/token", poll)) == (403, "access_denied")
    late = server.post("/device/code", CLIENT | {"scope": CALENDAR}).json()
    server.pass_seconds(901)
    poll = CLIENT | {"device_code": late["device_code"], "grant_type": DEVICE_GRANT}
    assert word(server.post("/token", poll)) == (400, "expired_token")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, (400, "unsupported_grant_type")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "authorization_code", "code": "x", "client_id": "nobody"}, (401, "invalid_client")),
        ({"grant_type": "authorization_code", "code": "x"} | CLIENT | {"client_secret": "y"}, (401, "invalid_client")),
        ({"grant_type": "authorization_code"} | CLIENT, (400, "invalid_request")),
        ({"grant_type": "authorization_code", "code": "x"} | CLIENT, (400, "invalid_grant")),
        ({"grant_type": "refresh_token"} | CLIENT, (400, "invalid_request")),
        ({"grant_type": "refresh_token", "refresh_token": "1//x"} | CLIENT, (400, "invalid_grant")),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, (400, "invalid_request")),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, (400, "invalid_grant")),
        ({"grant_type": DEVICE_GRANT} | CLIENT, (400, "invalid_request")),
    ],
)
def test_what_the_token_endpoint_refuses(server: SignIn, form: dict[str, str], expected: tuple[int, str]) -> None:
    assert word(server.post("/token", form)) == expected


def test_scopes_of_nobody(server: SignIn) -> None:
    assert word(server.post("/device/code", CLIENT | {"scope": "https://evil.example/x"})) == (400, "invalid_scope")
    assert word(server.post("/device/code", CLIENT)) == (400, "invalid_scope")
    mail = server.post("/device/code", CLIENT | {"scope": "https://mail.google.com/ profile"})
    assert mail.status_code == 200, "what opens nothing here may be asked for"


def test_user_info_and_token_info(server: SignIn) -> None:
    token = server.world.tokens.issue(server.bob, now=server.world.now, scopes=["openid", EMAIL], app_id="app")
    for path, name in (("/v1/userinfo", "email_verified"), ("/oauth2/v2/userinfo", "verified_email")):
        said = server.get(path, authorization=f"Bearer {token}").json()
        assert (said["email"], said[name], said["hd"]) == ("bob@example.com", True, "example.com")
        assert "name" not in said
        refused = server.get(path)
        assert (refused.status_code, refused.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
        assert "www-authenticate" in refused.headers
    told = server.get("/tokeninfo", {"access_token": token}).json()
    assert (told["aud"], told["email"], told["expires_in"]) == ("app", "bob@example.com", "86400")
    assert word(server.get("/tokeninfo", {"access_token": "x"})) == (400, "invalid_token")
    assert word(server.get("/tokeninfo", {"id_token": "x"})) == (400, "invalid_token")
    assert word(server.post("/revoke", {"token": "x"})) == (400, "invalid_token")
    assert word(server.post("/revoke", {})) == (400, "invalid_request")


def test_where_everything_is(server: SignIn) -> None:
    said = server.get("https://accounts.google.com/.well-known/openid-configuration").json()
    assert said["issuer"] == "https://accounts.google.com"
    for name in ("token_endpoint", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"):
        assert server.request("OPTIONS", said[name]).status_code == 204
    (key,) = server.get(said["jwks_uri"]).json()["keys"]
    certificates = server.get("/oauth2/v1/certs").json()
    assert list(certificates) == [key["kid"]]
    assert json.dumps(certificates).count("BEGIN CERTIFICATE") == 1
    server.restart()
    assert server.get("/oauth2/v1/certs").json() == certificates


def test_guesses_of_a_secret_are_counted(server: SignIn) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "1//x", "client_id": OTHER.id}
    for _ in range(10):
        assert word(server.post("/token", form | {"client_secret": "wrong"})) == (401, "invalid_client")
    for secret in ("wrong", "s"):
        assert word(server.post("/token", form | {"client_secret": secret})) == (403, "rate_limit_exceeded")
    server.pass_seconds(61)
    assert word(server.post("/token", form | {"client_secret": "s"})) == (400, "invalid_grant")
