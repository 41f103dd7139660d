"""What applications read before anybody signs in."""

from __future__ import annotations

from collections.abc import Callable

import jwt
import pytest

from rsvpd.identity.clients import LOCAL_TENANT
from support.sign_in import HOST, PUBLIC, SignIn, refusal

CONFIGURATION = "/v2.0/.well-known/openid-configuration"


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", LOCAL_TENANT, "example.com", "Common"])
@pytest.mark.parametrize("path", [CONFIGURATION, "/.well-known/openid-configuration"])
def test_every_name_of_the_tenant_has_a_document_whose_urls_lead_here(
    server: SignIn, tenant: str, path: str
) -> None:
    found = server.get(f"/{tenant}{path}").json()
    base = f"{HOST}/{tenant.lower()}"
    assert found["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert found["authorization_endpoint"] == f"{base}/oauth2/v2.0/authorize"
    assert found["device_authorization_endpoint"] == f"{base}/oauth2/v2.0/devicecode"
    assert server.get(found["jwks_uri"]).json()["keys"]


@pytest.mark.parametrize("tenant", ["contoso.com", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "nobody", "a" * 500])
@pytest.mark.parametrize("path", [CONFIGURATION, "/discovery/v2.0/keys"])
def test_another_tenant_is_not_here(server: SignIn, tenant: str, path: str) -> None:
    assert refusal(server.get(f"/{tenant}{path}")) == (400, "invalid_request", 90002)


def test_the_issuer_is_the_tenants_and_a_template_where_it_is_open(server: SignIn) -> None:
    issuers = {name: server.get(f"/{name}{CONFIGURATION}").json()["issuer"] for name in ("common", "example.com")}
    assert issuers == {"common": f"{HOST}/{{tenantid}}/v2.0", "example.com": f"{HOST}/{server.tenant}/v2.0"}
    assert server.get(f"/{server.tenant}{CONFIGURATION}").json()["issuer"] == f"{HOST}/{server.tenant}/v2.0"
    assert server.get(f"/{LOCAL_TENANT}{CONFIGURATION}").json()["issuer"] == f"{HOST}/{LOCAL_TENANT}/v2.0"


def test_urls_follow_the_way_in(server: SignIn) -> None:
    found = server.get(f"http://localhost:8365/common{CONFIGURATION}").json()
    assert found["token_endpoint"] == "http://localhost:8365/common/oauth2/v2.0/token"


def test_instance_discovery_knows_the_names_of_the_public_cloud(server: SignIn) -> None:
    asked = {"api-version": "1.1", "authorization_endpoint": f"{HOST}/example.com/oauth2/v2.0/authorize"}
    found = server.get("/common/discovery/instance", asked).json()
    assert found["tenant_discovery_endpoint"] == f"{HOST}/example.com{CONFIGURATION}"
    assert "login.windows.net" in found["metadata"][0]["aliases"]


@pytest.mark.slow
def test_keys_stay_over_a_restart_and_turn_with_age(make: Callable[..., SignIn]) -> None:
    server = make(rotation_days=30)

    def kids() -> list[str]:
        return [one["kid"] for one in server.get("/common/discovery/v2.0/keys").json()["keys"]]

    (first,) = kids()
    server.restart()
    assert kids() == [first]
    form = PUBLIC | {
        "grant_type": "password", "username": "alice@example.com", "password": server.password("alice@example.com"),
        "scope": "openid",
    }  # fmt: skip
    before = server.token(form).json()["id_token"]
    server.pass_seconds(31 * 86_400)
    assert kids()[1:] == [first]
    server.restart()
    assert kids()[1:] == [first]
    after = server.token(form).json()["id_token"]
    assert [jwt.get_unverified_header(one)["kid"] for one in (before, after)] == [first, kids()[0]]


@pytest.mark.parametrize(("user", "kind"), [("alice@example.com", "Managed"), ("eve@elsewhere.example", "Unknown")])
def test_nobody_else_signs_these_people_in(server: SignIn, user: str, kind: str) -> None:
    found = server.get(f"/common/userrealm/{user}", {"api-version": "1.0"}).json()
    assert (found["ver"], found["account_type"], found["domain_name"]) == ("1.0", kind, user.partition("@")[2])
