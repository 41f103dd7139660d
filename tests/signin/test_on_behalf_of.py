"""An interface of the user's own trades the token it got for one of Graph; and who asks about the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from rsvpd.config import RegisteredClient
from support.code_flow import ALICE, code_of, redeem
from support.sign_in import SignIn, claims, refusal

API = RegisteredClient(
    id="todo", secrets=("s",), admin_consent=True, allows_passwords=True, roles=("Items.Read",)
)
STRANGER = RegisteredClient(id="stranger", secrets=("s",))


@pytest.fixture
def server(make: Callable[..., SignIn]) -> SignIn:
    return make(API, STRANGER)


def assertion(server: SignIn, scope: str = "api://todo/Items.Read") -> str:
    token: str = redeem(server, code_of(server, scope=scope)).json()["access_token"]
    return token


def trade(server: SignIn, token: str, **changed: str) -> httpx.Response:
    form = {
        "client_id": "todo", "client_secret": "s", "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "requested_token_use": "on_behalf_of", "assertion": token, "scope": "User.Read offline_access",
    }  # fmt: skip
    return server.token(form | changed, tenant="common")


def test_an_interface_reads_graph_for_whoever_called_it(server: SignIn) -> None:
    body = trade(server, assertion(server)).json()
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE
    assert claims(body["access_token"])["appid"] == "todo"
    assert body["refresh_token"]


@pytest.mark.parametrize(("changed", "expected"), [
    ({"client_secret": ""}, (401, "invalid_client", 7000218)),
    ({"client_secret": "x"}, (401, "invalid_client", 7000215)),
    ({"requested_token_use": "x"}, (400, "invalid_request", 90014)),
    ({"assertion": ""}, (400, "invalid_request", 900144)),
    ({"assertion": "x"}, (400, "invalid_grant", 50013)),
    ({"scope": ""}, (400, "invalid_request", 900144)),
    ({"client_id": "stranger"}, (400, "invalid_grant", 500131)),
])  # fmt: skip
def test_what_is_wrong(server: SignIn, changed: dict[str, str], expected: tuple[int, str, int]) -> None:
    assert refusal(trade(server, assertion(server), **changed)) == expected


def test_a_token_expires_and_tokens_for_others_are_none(server: SignIn) -> None:
    mine = assertion(server)
    graph = redeem(server, code_of(server)).json()
    assert refusal(trade(server, graph["access_token"])) == (400, "invalid_grant", 50013)
    assert refusal(trade(server, graph["id_token"])) == (400, "invalid_grant", 500131)
    foreign = jwt.encode(claims(mine), rsa.generate_private_key(65_537, 2048), algorithm="RS256",
                         headers={"kid": jwt.get_unverified_header(mine)["kid"]})  # fmt: skip
    assert refusal(trade(server, foreign)) == (400, "invalid_grant", 50013)
    server.pass_seconds(3601)
    assert refusal(trade(server, mine)) == (400, "invalid_grant", 500133)


def test_what_says_who_somebody_is_gives_no_access(server: SignIn) -> None:
    """An ID token is for the application as well, and so is a token without a person: neither was meant for this."""
    own = {"client_id": "todo", "client_secret": "s"}
    password = {"grant_type": "password", "username": ALICE, "password": server.password(ALICE), "scope": "openid"}
    id_token = server.token(own | password).json()["id_token"]
    by_itself = {"grant_type": "client_credentials", "scope": "api://todo/.default"}
    without_person = server.token(own | by_itself).json()["access_token"]
    for token in (id_token, without_person):
        assert refusal(trade(server, token)) == (400, "invalid_grant", 500131)


def test_who_did_not_agree_is_asked_first(make: Callable[..., SignIn]) -> None:
    server = make(RegisteredClient(id="todo", secrets=("s",), redirect_uris=("http://localhost:5000/callback",)))
    token = assertion(server)
    refused = trade(server, token)
    assert refusal(refused) == (400, "invalid_grant", 65001)
    assert refused.json()["suberror"] == "consent_required"
    code_of(server, client_id="todo", scope="User.Read")
    assert trade(server, token).status_code == 200


def userinfo(server: SignIn, token: str) -> Any:
    return server.get("https://graph.microsoft.com/oidc/userinfo", authorization=f"Bearer {token}")


def test_an_application_asks_who_signed_in(server: SignIn) -> None:
    body = redeem(server, code_of(server)).json()
    found = userinfo(server, body["access_token"]).json()
    assert found == {
        "sub": claims(body["id_token"])["sub"], "name": "Alice", "given_name": "Alice", "family_name": "",
        "email": ALICE,
    }  # fmt: skip


def test_userinfo_is_for_tokens_of_people_with_openid(server: SignIn) -> None:
    assert userinfo(server, "x").status_code == 401
    assert 'error="invalid_token"' in userinfo(server, "x").headers["www-authenticate"]
    without = redeem(server, code_of(server, scope="User.Read")).json()["access_token"]
    assert userinfo(server, without).status_code == 403
    app = server.token({
        "client_id": "todo", "client_secret": "s", "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
    }).json()["access_token"]  # fmt: skip
    assert userinfo(server, app).status_code == 403
