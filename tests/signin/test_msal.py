"""Microsoft's own library, unchanged, with its requests led in here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msal
import pytest
from cryptography.hazmat.primitives import serialization

from rsvpd.config import RegisteredClient
from rsvpd.identity.clients import LOCAL_CLIENT, LOCAL_SECRET, LOCAL_TENANT
from signin.test_certificate import key_pair, pem
from support.browser import Page
from support.code_flow import ALICE, answer
from support.sign_in import HOST, SignIn

pytestmark = [
    pytest.mark.filterwarnings("ignore:response_mode='form_post'"),  # advice to whoever writes applications
    pytest.mark.filterwarnings("ignore:This API has been deprecated:DeprecationWarning"),
]

COMMON = f"{HOST}/common"
SCOPES = ["User.Read", "Mail.Read"]


class Transport:
    """What MSAL asks of an HTTP client; who asks for what is noted."""

    def __init__(self, server: SignIn) -> None:
        self._server = server
        self.asked: list[str] = []

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Any:
        self.asked.append(url)
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in (data or {}).items()}
        return _kept(self._server.request("POST", url, params=params, data=form, headers=headers))

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Any:
        self.asked.append(url)
        return _kept(self._server.request("GET", url, params=params, headers=headers))

    def close(self) -> None:
        """Nothing is open."""


def _kept(reply: Any) -> Any:
    reply.raise_for_status = lambda: None
    return reply


@pytest.fixture
def transport(server: SignIn) -> Transport:
    return Transport(server)


@pytest.fixture
def public(transport: Transport) -> Any:
    return msal.PublicClientApplication(LOCAL_CLIENT, authority=COMMON, http_client=transport)


def by_browser(server: SignIn, app: Any, scopes: list[str] = SCOPES) -> Any:
    """Go through the code flow as `acquire_token_interactive` does."""
    flow = app.initiate_auth_code_flow(scopes, redirect_uri="http://localhost:53682")
    reply = server.get(flow["auth_uri"])
    if "Pick an account" in reply.text:
        reply = Page(server, reply).press(ALICE)
    if reply.status_code == 200:
        reply = Page(server, reply).press("accept")
    return app.acquire_token_by_auth_code_flow(flow, dict(answer(reply)))


def test_a_program_on_a_desk_signs_in_and_goes_on_silently(
    server: SignIn, transport: Transport, public: Any
) -> None:
    found = by_browser(server, public)
    assert found["id_token_claims"]["preferred_username"] == ALICE
    assert server.graph(found["access_token"], "/me").json()["mail"] == ALICE
    (account,) = public.get_accounts()
    assert account["username"] == ALICE
    transport.asked.clear()
    again = public.acquire_token_silent(SCOPES, account=account)
    assert again["access_token"] == found["access_token"]
    assert transport.asked == []  # from its cache: the answer named the scopes as they were asked for
    forced = public.acquire_token_silent(["User.Read"], account=account, force_refresh=True)
    assert server.graph(forced["access_token"], "/me").status_code == 200


@pytest.mark.parametrize("scope", ["https://graph.microsoft.com/.default", "https://graph.microsoft.com/Mail.Read"])
def test_full_scopes_are_found_in_its_cache(
    server: SignIn, transport: Transport, public: Any, scope: str
) -> None:
    by_browser(server, public, [scope])
    transport.asked.clear()
    assert public.acquire_token_silent([scope], account=public.get_accounts()[0])["access_token"]
    assert transport.asked == []


def test_a_device_signs_in(server: SignIn, public: Any) -> None:
    flow = public.initiate_device_flow(SCOPES)
    page = Page(server, server.get(flow["verification_uri"]))
    consent = Page(server, Page(server, page.press("next", user_code=flow["user_code"])).press(ALICE))
    consent.press("accept")
    found = public.acquire_token_by_device_flow(flow)
    assert found["id_token_claims"]["oid"] == server.alice.oid
    assert public.acquire_token_silent(SCOPES, account=public.get_accounts()[0], force_refresh=True)["access_token"]


def test_a_password_signs_in(server: SignIn, public: Any) -> None:
    found = public.acquire_token_by_username_password(ALICE, server.password(ALICE), SCOPES)
    assert server.graph(found["access_token"], "/me").json()["mail"] == ALICE
    wrong = public.acquire_token_by_username_password(ALICE, "x", SCOPES)
    assert (wrong["error"], wrong["error_codes"]) == ("invalid_grant", [50126])


@pytest.mark.parametrize("tenant", [LOCAL_TENANT, "example.com"])
def test_an_application_signs_in_by_itself(server: SignIn, tenant: str) -> None:
    app = msal.ConfidentialClientApplication(
        LOCAL_CLIENT, client_credential=LOCAL_SECRET, authority=f"{HOST}/{tenant}", http_client=Transport(server)
    )
    found = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert server.graph(found["access_token"], f"/users/{ALICE}").json()["mail"] == ALICE
    assert app.acquire_token_for_client(["https://graph.microsoft.com/.default"])["token_source"] == "cache"


def test_an_application_signs_in_with_a_certificate(make: Callable[..., SignIn]) -> None:
    server = make(RegisteredClient(id="app", certificates=(pem(),), roles=("User.Read.All",)))
    server.use_wall_clock()  # its assertions know no other
    private = key_pair(1)[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    app = msal.ConfidentialClientApplication(
        "app", authority=f"{HOST}/{LOCAL_TENANT}", http_client=Transport(server),
        client_credential={"private_key": private.decode(), "public_certificate": pem()},
    )  # fmt: skip
    for scope in ("https://graph.microsoft.com/.default", "https://outlook.office.com/.default"):
        assert "access_token" in app.acquire_token_for_client([scope])


def test_an_interface_goes_on_for_a_person(make: Callable[..., SignIn]) -> None:
    server = make(RegisteredClient(id="todo", secrets=("s",), admin_consent=True))
    desk = msal.PublicClientApplication(LOCAL_CLIENT, authority=COMMON, http_client=Transport(server))
    token = by_browser(server, desk, ["api://todo/Items.Read"])["access_token"]
    app = msal.ConfidentialClientApplication(
        "todo", client_credential="s", authority=COMMON, http_client=Transport(server)
    )
    found = app.acquire_token_on_behalf_of(token, ["User.Read"])
    assert server.graph(found["access_token"], "/me").json()["mail"] == ALICE


def test_an_authority_of_any_host_is_one_of_its_own(server: SignIn) -> None:
    """Rule of MSAL: where the authority is no cloud of Microsoft's, the issuer has to be at the same host."""
    app = msal.PublicClientApplication(
        LOCAL_CLIENT, oidc_authority=f"https://localhost:8443/{LOCAL_TENANT}/v2.0", http_client=Transport(server)
    )
    found = app.acquire_token_by_username_password(ALICE, server.password(ALICE), SCOPES)
    assert found["id_token_claims"]["iss"] == f"https://localhost:8443/{LOCAL_TENANT}/v2.0"
