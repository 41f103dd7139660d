"""Google's page for signing in: what an application gets back, and what is told on the page instead."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from rsvpd.config import RegisteredClient
from rsvpd.identity.clients import LOCAL_GOOGLE_CLIENT, LOCAL_SECRET
from rsvpd.signin.pkce import challenge_of
from support.browser import Page
from support.code_flow import answer
from support.sign_in import SignIn, claims

ACCOUNTS = "https://accounts.google.com"
CALENDAR = "https://www.googleapis.com/auth/calendar"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
REDIRECT = "http://localhost:8080/"
VERIFIER = "v" * 43
ALICE = "alice@example.com"
REQUEST = {
    "client_id": LOCAL_GOOGLE_CLIENT, "redirect_uri": REDIRECT, "response_type": "code", "state": "s&1\r\nx",
    "nonce": "n", "scope": f"openid email {CALENDAR}",
}  # fmt: skip
CLIENT = {"client_id": LOCAL_GOOGLE_CLIENT, "client_secret": LOCAL_SECRET}
OTHER = RegisteredClient(
    id="other.apps.googleusercontent.com", secrets=("s",), redirect_uris=("https://app.example/back",)
)


@pytest.fixture
def server(make: Callable[..., SignIn]) -> SignIn:
    return make(OTHER)


def ask(server: SignIn, **changed: str) -> httpx.Response:
    """Open the page; an empty parameter is left out."""
    asked = {name: value for name, value in (REQUEST | changed).items() if value}
    return server.get("/o/oauth2/v2/auth", asked)


def agree(server: SignIn, reply: httpx.Response, who: str = ALICE) -> httpx.Response:
    """Press what there is to press until the application is told."""
    if "Pick an account" in reply.text:
        reply = Page(server, reply).press(who)
    return Page(server, reply).press("accept") if reply.status_code == 200 else reply


def redeem(server: SignIn, code: str, **changed: str) -> httpx.Response:
    form = CLIENT | {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT} | changed
    return server.post("https://oauth2.googleapis.com/token", {name: value for name, value in form.items() if value})


def word(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


def test_somebody_signs_in_and_agrees(server: SignIn) -> None:
    page = ask(server)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    consent = Page(server, page).press(ALICE)
    assert "See, edit, share, and delete all your calendars" in consent.text
    told = answer(Page(server, consent).press("accept"))
    assert (told["state"], told["iss"], told["scope"]) == (REQUEST["state"], ACCOUNTS, f"openid {EMAIL} {CALENDAR}")
    got = redeem(server, told["code"]).json()
    assert "refresh_token" not in got
    assert (got["token_type"], got["scope"]) == ("Bearer", f"openid {EMAIL} {CALENDAR}")
    said = claims(got["id_token"])
    assert (said["iss"], said["aud"], said["nonce"], said["email"]) == (ACCOUNTS, LOCAL_GOOGLE_CLIENT, "n", ALICE)
    listed = server.get("/calendar/v3/users/me/calendarList", authorization=f"Bearer {got['access_token']}")
    assert listed.status_code == 200


def test_a_refresh_token_comes_once_unless_consent_is_asked_for_again(server: SignIn) -> None:
    first = redeem(server, answer(agree(server, ask(server, access_type="offline")))["code"]).json()
    again = redeem(server, answer(agree(server, ask(server, access_type="offline")))["code"]).json()
    asked = redeem(server, answer(agree(server, ask(server, access_type="offline", prompt="consent")))["code"]).json()
    assert ["refresh_token" in one for one in (first, again, asked)] == [True, False, True]
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert server.post("/token", form).json()["scope"] == f"openid {EMAIL} {CALENDAR}"
    less = server.post("/token", form | {"scope": CALENDAR}).json()
    assert less["scope"] == CALENDAR
    more = server.post("/token", form | {"scope": "https://www.googleapis.com/auth/gmail.send"})
    assert word(more) == (400, "invalid_scope")


def test_scopes_add_up_where_that_is_asked_for(server: SignIn) -> None:
    agree(server, ask(server))
    told = answer(agree(server, ask(server, scope="profile", include_granted_scopes="true")))
    assert set(told["scope"].split()) == {
        "openid", EMAIL, CALENDAR, "https://www.googleapis.com/auth/userinfo.profile"
    }
    assert answer(agree(server, ask(server, scope="profile")))["scope"].endswith("userinfo.profile")


def test_a_code_is_good_once_for_who_asked_for_it(server: SignIn) -> None:
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    code = answer(agree(server, ask(server, access_type="offline", **pkce)))["code"]
    other = {"client_id": OTHER.id, "client_secret": "s"}
    assert word(redeem(server, code, code_verifier=VERIFIER, **other)) == (400, "invalid_grant")
    assert word(redeem(server, code, code_verifier="w" * 43)) == (400, "invalid_grant")
    assert word(redeem(server, code)) == (400, "invalid_grant")
    wrong = redeem(server, code, code_verifier=VERIFIER, redirect_uri="http://localhost:1/")
    assert word(wrong) == (400, "redirect_uri_mismatch")
    got = redeem(server, code, code_verifier=VERIFIER).json()
    assert word(redeem(server, code, code_verifier=VERIFIER)) == (400, "invalid_grant")
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}
    assert word(server.post("/token", form)) == (400, "invalid_grant"), "who shows a code twice loses what came of it"
    late = answer(agree(server, ask(server)))["code"]
    server.pass_seconds(601)
    assert word(redeem(server, late)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost.evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost@evil.example/"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}, 400, "redirect_uri_mismatch"),
        ({"client_id": OTHER.id}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"response_mode": "fragment"}, 400, "invalid_request"),
        ({"scope": "https://evil.example/x"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"prompt": "sometimes"}, 400, "invalid_request"),
        ({"code_challenge": "short"}, 400, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_on_a_page_and_to_nobody_else(
    server: SignIn, changed: dict[str, str], status: int, code: str
) -> None:
    reply = ask(server, **changed)
    assert reply.status_code == status
    assert f"Error {status}: {code}" in reply.text
    assert "location" not in reply.headers


def test_who_refuses_is_told_to_the_application(server: SignIn) -> None:
    consent = Page(server, ask(server)).press(ALICE)
    assert answer(Page(server, consent).press("cancel"))["error"] == "access_denied"


def test_nobody_is_asked_where_the_application_says_so(server: SignIn) -> None:
    assert answer(ask(server, prompt="none"))["error"] == "login_required"
    agree(server, ask(server))
    assert "code" in answer(ask(server, prompt="none"))
    assert answer(ask(server, prompt="none", scope="profile"))["error"] == "consent_required"


def test_a_form_of_another_site_is_refused(server: SignIn) -> None:
    page = Page(server, ask(server))
    server.from_peer("127.0.0.2")  # another browser
    reply = page.press(ALICE)
    assert (reply.status_code, "did not come from a page" in reply.text) == (400, True)


def test_a_code_is_typed_on_a_page(server: SignIn) -> None:
    body = server.post("/device/code", CLIENT | {"scope": CALENDAR}).json()
    typed = Page(server, server.get("/device")).press("next", user_code=body["user_code"].lower())
    done = agree(server, typed, "bob@example.com")
    assert "all set" in done.text
    server.pass_seconds(6)
    form = CLIENT | {"device_code": body["device_code"], "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
    got = server.post("/token", form).json()
    said = server.get("/tokeninfo", {"access_token": got["access_token"]}).json()
    assert said["scope"] == CALENDAR
    theirs = Page(server, server.get("/devicelogin")).press("next", user_code=body["user_code"])
    assert "didn't work" in theirs.text or "didn&#39;t work" in theirs.text
