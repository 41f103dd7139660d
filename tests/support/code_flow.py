"""An application that sends browsers to the authorization endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import httpx

from rsvpd.signin.pkce import challenge_of
from support.browser import Page
from support.sign_in import PUBLIC, SignIn

REDIRECT = "http://localhost:5000/callback"
VERIFIER = "v" * 43
SCOPES = "openid profile offline_access User.Read Mail.Read"
REQUEST = PUBLIC | {
    "response_type": "code", "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s&1\r\nx", "nonce": "n",
    "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
}  # fmt: skip
ALICE = "alice@example.com"


def authorize(server: SignIn, tenant: str = "common", **changed: str) -> httpx.Response:
    """Open the authorization endpoint; an empty parameter is left out."""
    asked = {name: value for name, value in (REQUEST | changed).items() if value}
    return server.get(f"/{tenant}/oauth2/v2.0/authorize", asked)


def answer(reply: httpx.Response) -> Mapping[str, str]:
    """Return what an application is told, in query or fragment."""
    assert reply.status_code == 303, reply.text
    parts = urlsplit(reply.headers["location"])
    return {name: value for name, (value,) in parse_qs(parts.query or parts.fragment, strict_parsing=True).items()}


def signed_in(server: SignIn, tenant: str = "common", *, who: str = ALICE, **changed: str) -> httpx.Response:
    """Sign in in a fresh browser and agree; return what goes to the application."""
    consent = Page(server, authorize(server, tenant, **changed)).press(who)
    return Page(server, consent).press("accept")


def code_of(server: SignIn, tenant: str = "common", **changed: str) -> str:
    """Return a fresh code of alice's, who agrees where she is asked."""
    reply = authorize(server, tenant, **changed)
    if reply.status_code == 200 and "Pick an account" in reply.text:
        reply = Page(server, reply).press(ALICE)
    if reply.status_code == 200:
        reply = Page(server, reply).press("accept")
    return answer(reply)["code"]


def redeem(server: SignIn, code: str, **changed: str) -> httpx.Response:
    """Trade a code for tokens."""
    form = PUBLIC | {
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER,
    }  # fmt: skip
    return server.token({name: value for name, value in (form | changed).items() if value}, tenant="common")


def refresh(server: SignIn, token: str, **changed: str) -> httpx.Response:
    """Trade a refresh token for tokens."""
    form = PUBLIC | {"grant_type": "refresh_token", "refresh_token": token}
    return server.token({name: value for name, value in (form | changed).items() if value}, tenant="common")
