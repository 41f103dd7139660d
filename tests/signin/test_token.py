"""Tokens without a browser: an application by itself, and a password."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest

from rsvpd.commands import grants
from rsvpd.commands.directory import change_profile
from rsvpd.config import RegisteredClient
from rsvpd.identity import passwords
from rsvpd.identity.clients import LOCAL_CLIENT, LOCAL_SECRET, LOCAL_TENANT
from support.sign_in import HOST, MAIL, PUBLIC, SECRET, SignIn, claims, refusal

GRAPH_ALL = "https://graph.microsoft.com/.default"
BY_ITSELF = SECRET | {"grant_type": "client_credentials", "scope": GRAPH_ALL}
CONFIDENTIAL = RegisteredClient(id="c0ffee00-0000-4000-8000-000000000001", secrets=("geheim: %+é",))
DESK = RegisteredClient(id="c0ffee00-0000-4000-8000-000000000002")


def by_password(server: SignIn, scope: str = "openid profile offline_access User.Read", **more: str) -> httpx.Response:
    form = PUBLIC | {
        "grant_type": "password", "username": "alice@example.com", "password": server.password("alice@example.com"),
        "scope": scope,
    }  # fmt: skip
    return server.token(form | more)


def test_an_application_signs_in_by_itself(server: SignIn) -> None:
    reply = server.token(BY_ITSELF)
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert (body["token_type"], body["expires_in"], body["ext_expires_in"]) == ("Bearer", 3600, 3600)
    assert body.keys() == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    found = server.provider.tokens.verify(f"Bearer {body['access_token']}", server.world.now)
    assert (found.is_application, found.app_id, found.roles) == (True, LOCAL_CLIENT, frozenset({"*"}))


@pytest.mark.parametrize(("tenant", "is_one"), [
    (LOCAL_TENANT, True), ("example.com", True), ("common", False), ("organizations", False), ("consumers", False),
])  # fmt: skip
def test_an_application_names_its_tenant(server: SignIn, tenant: str, is_one: bool) -> None:
    reply = server.token(BY_ITSELF, tenant=tenant)
    assert reply.status_code == 200 if is_one else refusal(reply) == (400, "invalid_request", 50059)


def test_the_secret_may_stand_in_a_basic_header_form_encoded(make: Callable[..., SignIn]) -> None:
    server = make(CONFIDENTIAL)
    shown = base64.b64encode(f"{CONFIDENTIAL.id}:geheim%3A+%25%2B%C3%A9".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": GRAPH_ALL}
    assert server.token(form, authorization=f"Basic {shown}").status_code == 200
    assert refusal(server.token(form, authorization="Basic !")) == (401, "invalid_client", 70002)
    mixed = server.token(form | {"client_id": LOCAL_CLIENT}, authorization=f"Basic {shown}")
    assert refusal(mixed) == (400, "invalid_request", 90014)


@pytest.mark.parametrize(("changed", "expected"), [
    ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
    ({"client_secret": LOCAL_SECRET + "x"}, (401, "invalid_client", 7000215)),
    ({"client_secret": ""}, (401, "invalid_client", 7000218)),
    ({"client_id": "unknown"}, (400, "unauthorized_client", 700016)),
    ({"client_id": ""}, (400, "invalid_request", 900144)),
    ({"grant_type": ""}, (400, "invalid_request", 900144)),
    ({"grant_type": "magic"}, (400, "unsupported_grant_type", 70003)),
    ({"scope": ""}, (400, "invalid_request", 900144)),
    ({"scope": "User.Read"}, (400, "invalid_scope", 1002012)),
    ({"scope": "https://graph.microsoft.com/User.Read"}, (400, "invalid_scope", 1002012)),
    ({"scope": f"{GRAPH_ALL} api://x/.default"}, (400, "invalid_scope", 1002012)),
    ({"scope": "\u2028"}, (400, "invalid_scope", 1002012)),
    ({"scope": '"'}, (400, "invalid_scope", 70011)),
])  # fmt: skip
def test_what_is_wrong_has_its_number(
    server: SignIn, changed: dict[str, str], expected: tuple[int, str, int]
) -> None:
    assert refusal(server.token(BY_ITSELF | changed)) == expected


def test_a_public_application_has_no_secret_to_show(make: Callable[..., SignIn]) -> None:
    server = make(DESK)
    form = {"client_id": DESK.id, "grant_type": "client_credentials", "scope": GRAPH_ALL}
    assert refusal(server.token(form)) == (401, "invalid_client", 7000218)
    assert refusal(server.token(form | {"client_secret": "x"})) == (401, "invalid_client", 700025)


def test_wrong_secrets_are_counted(server: SignIn) -> None:
    for _ in range(10):
        assert refusal(server.token(BY_ITSELF | {"client_secret": "x"}))[2] == 7000215
    throttled = server.token(BY_ITSELF)
    assert refusal(throttled) == (400, "invalid_grant", 50053)
    assert int(throttled.headers["retry-after"]) in range(1, 61)
    server.pass_seconds(61)
    assert server.token(BY_ITSELF).status_code == 200


def know(server: SignIn, **changes: Any) -> None:
    """Let something be known of alice."""
    server.world.store.run(change_profile, server.alice, changes)


def test_a_password_that_was_chosen_counts_alone(server: SignIn) -> None:
    know(server, password=passwords.digest_of("Chosen-123", b"0123456789abcdef"))
    assert by_password(server, password="Chosen-123").status_code == 200
    refused = by_password(server)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_nobody_signs_in_to_an_account_that_is_closed(server: SignIn) -> None:
    refresh = by_password(server).json()["refresh_token"]
    know(server, is_enabled=False)
    assert by_password(server).json()["error"] == "invalid_grant"
    again = PUBLIC | {"grant_type": "refresh_token", "refresh_token": refresh}
    assert refusal(server.token(again)) == (400, "invalid_grant", 50057)
    know(server, is_enabled=True)
    assert server.token(again).status_code == 200


@pytest.mark.parametrize("is_enabled", [True, False])
def test_what_began_before_an_account_was_closed_ends_there(server: SignIn, is_enabled: bool) -> None:
    run, now = server.world.store.run, server.world.now
    grant = grants.Grant(oid=server.alice.oid, client=LOCAL_CLIENT, scopes=(MAIL,), signed_in=now, tenant="common")
    terms = grants.CodeTerms(redirect_uri="http://localhost", challenge="", challenge_method="", nonce="")
    run(grants.start_with_code, "code", grant, terms=terms, expires=now + 60_000_000, now=now)
    device = server.post(f"/{LOCAL_TENANT}/oauth2/v2.0/devicecode", PUBLIC | {"scope": MAIL}).json()
    server.decide_device(device["user_code"], server.alice)
    know(server, is_enabled=is_enabled)
    by_code = server.token(
        PUBLIC | {"grant_type": "authorization_code", "code": "code", "redirect_uri": "http://localhost"}
    )
    by_device = server.token(PUBLIC | {"grant_type": "device_code", "device_code": device["device_code"]})
    if is_enabled:
        assert (by_code.status_code, by_device.status_code) == (200, 200)
    else:
        assert refusal(by_code) == (400, "invalid_grant", 50057)
        assert refusal(by_device)[2] == 65004


def test_a_person_signs_in_by_password(server: SignIn) -> None:
    body = by_password(server, client_info="1", nonce="unused").json()
    assert body["scope"] == "openid profile User.Read"
    assert server.graph(body["access_token"], "/me").json()["userPrincipalName"] == "alice@example.com"
    said = claims(body["id_token"])
    assert (said["oid"], said["tid"], said["aud"], said["ver"]) == (
        server.alice.oid, LOCAL_TENANT, LOCAL_CLIENT, "2.0",
    )  # fmt: skip
    assert (said["iss"], said["preferred_username"]) == (f"{HOST}/{LOCAL_TENANT}/v2.0", "alice@example.com")
    (key,) = server.get("/common/discovery/v2.0/keys").json()["keys"]
    jwt.decode(
        body["id_token"], jwt.PyJWK(key), algorithms=["RS256"], audience=LOCAL_CLIENT,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )  # fmt: skip
    info = claims(f".{body['client_info']}.")
    assert info == {"uid": server.alice.oid, "utid": LOCAL_TENANT}


def test_a_person_has_another_name_for_each_application(make: Callable[..., SignIn]) -> None:
    other = RegisteredClient(id="other", allows_passwords=True)
    server = make(other)
    found = {claims(by_password(server, client_id=one).json()["id_token"])["sub"] for one in (LOCAL_CLIENT, "other")}
    assert len(found) == 2
    assert server.alice.oid not in found


@pytest.mark.parametrize(("changed", "expected"), [
    ({"password": "wrong"}, (400, "invalid_grant", 50126)),
    ({"username": "nobody@example.com"}, (400, "invalid_grant", 50126)),
    ({"username": "\ud7ff"}, (400, "invalid_grant", 50126)),
    ({"password": ""}, (400, "invalid_request", 900144)),
    ({"scope": "User.Fly"}, (400, "invalid_client", 650053)),
    ({"scope": "User.Read https://outlook.office.com/Mail.Read"}, (400, "invalid_scope", 28000)),
    ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
])  # fmt: skip
def test_what_is_wrong_with_a_password(
    server: SignIn, changed: dict[str, str], expected: tuple[int, str, int]
) -> None:
    assert refusal(by_password(server, **changed)) == expected


def test_a_password_is_for_applications_that_may(make: Callable[..., SignIn]) -> None:
    server = make(DESK)
    assert refusal(by_password(server, client_id=DESK.id)) == (400, "unauthorized_client", 70001)


def test_wrong_passwords_are_counted_by_person_and_by_address(server: SignIn) -> None:
    bob = {"username": "bob@example.com", "password": server.password("bob@example.com")}
    for _ in range(10):
        assert refusal(by_password(server, password="x"))[2] == 50126
    assert refusal(by_password(server, **bob))[2] == 50053  # the same address
    server.from_peer("127.0.0.9")
    assert refusal(by_password(server))[2] == 50053  # the same person
    assert by_password(server, **bob).status_code == 200
    server.pass_seconds(61)
    assert by_password(server).status_code == 200


def test_tokens_are_for_what_was_asked(server: SignIn) -> None:
    body = by_password(server, f"{MAIL} calendars.readwrite").json()
    assert body["scope"] == f"{MAIL} calendars.readwrite"
    found = server.provider.tokens.verify(f"Bearer {body['access_token']}", server.world.now)
    assert found.scopes == {"Mail.Read", "Calendars.ReadWrite"}
    assert "id_token" not in body
    assert "refresh_token" not in body


@pytest.mark.parametrize("claims_parameter", ['{"access_token":{"xms_cc":{"values":["cp1"]}}}', "{"])
def test_wanted_claims_are_accepted_and_change_nothing(server: SignIn, claims_parameter: str) -> None:
    assert by_password(server, claims=claims_parameter).status_code == 200


def test_default_is_all_that_a_person_can_let(server: SignIn) -> None:
    body = by_password(server, GRAPH_ALL).json()
    found = server.provider.tokens.verify(f"Bearer {body['access_token']}", server.world.now)
    assert {"Calendars.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite"} <= found.scopes
    assert "rsvpd.All" not in found.scopes
    assert {GRAPH_ALL, "https://graph.microsoft.com/Mail.Send"} <= set(body["scope"].split())


def test_an_own_interface_gets_a_token_it_can_check(server: SignIn) -> None:
    body = by_password(server, "api://todo/Items.Write openid").json()
    (key,) = server.get("/common/discovery/v2.0/keys").json()["keys"]
    found = jwt.decode(
        body["access_token"], jwt.PyJWK(key), algorithms=["RS256"], audience="api://todo",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )  # fmt: skip
    assert (found["scp"], found["oid"], found["azp"]) == ("Items.Write", server.alice.oid, LOCAL_CLIENT)
    assert server.graph(body["access_token"], "/me").status_code == 401


@pytest.mark.parametrize("body", [b"\xff\xfe=%", b"a=1&" * 200, b"x=" + b"y" * 70_000, b"", b"{}"])
def test_a_body_that_is_no_form_is_told(server: SignIn, body: bytes) -> None:
    reply = server.request("POST", "/common/oauth2/v2.0/token", content=body)
    assert refusal(reply)[0] == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD"])
@pytest.mark.parametrize("path", ["token", "devicecode"])
def test_forms_are_posted(server: SignIn, method: str, path: str) -> None:
    reply = server.request(method, f"/common/oauth2/v2.0/{path}")
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST, OPTIONS")
    if method != "HEAD":
        assert refusal(reply) == (405, "invalid_request", 900561)


def test_the_paths_of_google_are_no_tenants(server: SignIn) -> None:
    assert server.post("/o/oauth2/token", {}).json().keys() == {"error", "error_description"}


def test_a_parameter_stands_there_once(server: SignIn) -> None:
    form = "grant_type=client_credentials&grant_type=password"
    reply = server.request(
        "POST", "/common/oauth2/v2.0/token", content=form,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert refusal(reply) == (400, "invalid_request", 9000411)


def test_the_local_application_can_be_switched_off(make: Callable[..., SignIn]) -> None:
    server = make(with_local=False)
    assert refusal(server.token(BY_ITSELF)) == (400, "unauthorized_client", 700016)
