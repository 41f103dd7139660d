"""The pages people see: what protects them, and what they do without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import jwt
import pytest

from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.mail.person import PersonKind
from support.browser import Page
from support.code_flow import ALICE, REQUEST, answer, authorize, signed_in
from support.sign_in import SignIn

LOGIN = "/common/login"


@pytest.fixture
def public(make: Callable[..., SignIn]) -> SignIn:
    """Return a server that others reach: there are passwords."""
    return make(is_local=False)


def test_elsewhere_people_give_a_password(public: SignIn) -> None:
    page = Page(public, authorize(public, login_hint=ALICE))
    assert page.forms[0].fields["username"] == ALICE
    assert "bob@example.com" not in page.reply.text
    wrong = Page(public, page.press("next", password="guess"))
    assert "The address or the password is wrong." in wrong.text
    consent = Page(public, wrong.press("next", password=public.password(ALICE)))
    assert answer(consent.press("accept"))["code"]


def test_elsewhere_nobody_is_picked(public: SignIn) -> None:
    form = Page(public, authorize(public)).forms[0]
    reply = public.post(form.action, form.fields | {"account": ALICE, "decision": "next"})
    assert "The address or the password is wrong." in Page(public, reply).text


def test_wrong_passwords_are_counted(public: SignIn) -> None:
    page = Page(public, authorize(public, login_hint=ALICE))
    for _ in range(10):
        page.press("next", password="guess")
    assert "Too many attempts" in Page(public, page.press("next", password=public.password(ALICE))).text
    public.pass_seconds(61)
    assert "Permissions requested" in Page(public, page.press("next", password=public.password(ALICE))).text


def test_a_room_signs_in_nowhere(server: SignIn) -> None:
    server.world.add("orion", kind=PersonKind.ROOM)
    page = Page(server, authorize(server))
    assert "orion" not in page.text
    form = page.forms[0]
    reply = server.post(form.action, form.fields | {"account": "orion@example.com"})
    assert "Nobody here has that address." in Page(server, reply).text


def test_of_many_people_some_are_listed_and_all_can_be_typed(server: SignIn) -> None:
    for number in range(30):
        server.world.add(f"guest{number}")
    page = Page(server, authorize(server))
    assert len(page.forms[0].buttons) == 20
    assert "Another of 32 accounts" in page.text
    assert "Permissions requested" in Page(server, page.press("next", account="guest29@example.com")).text


@pytest.mark.parametrize("field", ["token", "request", "step"])
def test_a_form_of_another_page_does_nothing(server: SignIn, field: str) -> None:
    page = Page(server, authorize(server))
    page.forms[0].fields[field] = {"request": page.forms[0].fields["request"] + "&login_hint=x"}.get(field, "x")
    reply = page.press(ALICE)
    assert (reply.status_code, "location" in reply.headers) == (400, False)
    assert "rsvpd_session" not in reply.headers.get("set-cookie", "")
    assert "did not come from a page" in Page(server, reply).text


def test_the_address_of_a_form_opened_again_says_where_to_begin(server: SignIn) -> None:
    assert "sign in again" in Page(server, server.get(LOGIN)).text


def test_a_form_of_another_browser_does_nothing(server: SignIn) -> None:
    page = Page(server, authorize(server))
    server.http.cookies.clear()
    assert page.press(ALICE).status_code == 400


def test_a_consent_form_is_for_its_request_and_its_sign_in(server: SignIn) -> None:
    consent = Page(server, Page(server, authorize(server)).press(ALICE))
    asked = consent.forms[0].fields["request"]
    consent.forms[0].fields["request"] = asked.replace("Mail.Read", "Mail.ReadWrite")
    assert consent.press("accept").status_code == 400
    consent.forms[0].fields["request"] = asked
    server.pass_seconds(1)
    Page(server, authorize(server, prompt="login")).press("bob@example.com")
    assert consent.press("accept").status_code == 400


def test_a_session_cannot_be_made_up(server: SignIn) -> None:
    signed_in(server)
    name = "__Host-rsvpd_session"
    assert name in server.http.cookies
    key, said = server.world.store.signing_key, {"oid": server.alice.oid, "at": server.world.now}
    for token in (server.world.token("alice"), jwt.encode(said, key), jwt.encode(said, None, algorithm="none")):
        server.http.cookies.clear()
        server.http.cookies.set(name, token)
        assert "Pick an account" in Page(server, authorize(server)).text


def test_what_a_session_is_for_is_no_access_token(server: SignIn) -> None:
    signed_in(server)
    assert server.graph(server.http.cookies["__Host-rsvpd_session"], "/me").status_code == 401


@pytest.mark.parametrize("origin", ["https://login.microsoftonline.com", "http://localhost:8365"])
def test_cookies_are_for_the_browser_alone(server: SignIn, origin: str) -> None:
    page = Page(server, server.get(f"{origin}/common/oauth2/v2.0/authorize", REQUEST))
    page.forms[0].action = origin + page.forms[0].action
    cookies = page.reply.headers.get_list("set-cookie") + page.press(ALICE).headers.get_list("set-cookie")
    prefix = "__Host-" if origin.startswith("https:") else ""
    assert {one.partition("=")[0] for one in cookies} == {f"{prefix}rsvpd_browser", f"{prefix}rsvpd_session"}
    for one in cookies:
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(one.split("; "))
        assert ("Secure" in one.split("; ")) == origin.startswith("https:")


def test_pages_are_not_framed_cached_scripted_or_read_by_other_pages(server: SignIn) -> None:
    page = Page(server, server.get("/common/oauth2/v2.0/authorize", REQUEST, origin="http://localhost:3000"))
    headers = page.reply.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.reply.text
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "access-control-allow-origin" not in headers
    style = re.findall(r"style-src ('sha256-[^']+')", policy)
    assert len(style) == 1


def test_a_page_of_this_machine_may_ask_for_tokens(server: SignIn) -> None:
    reply = server.token({"grant_type": "x"}, origin="http://localhost:3000")
    assert reply.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_the_methods_of_a_path_are_told(server: SignIn) -> None:
    assert server.request("OPTIONS", "/common/oauth2/v2.0/token").headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "{{ 7 * 7 }}"])
def test_what_comes_in_is_text_on_every_page(server: SignIn, text: str) -> None:
    pages = [
        authorize(server, login_hint=text), authorize(server, client_id=text), authorize(server, redirect_uri=text),
        authorize(server, state=text), server.get(f"/common/oauth2/v2.0/authorize?{LOCAL_CLIENT}={text}"),
        server.post("/devicelogin", {"step": "code", "token": text, "user_code": text}),
    ]  # fmt: skip
    for reply in pages:
        assert "<img" not in reply.text
        assert "<script" not in reply.text
        assert "49" not in re.sub(r"[0-9a-f]{64}|%7B", "", reply.text) or "7 * 7" not in text


@pytest.mark.parametrize("target", ["http://localhost:5000/bye", ""])
def test_somebody_signs_out(server: SignIn, target: str) -> None:
    signed_in(server)
    asked = {"post_logout_redirect_uri": target, "state": "a b", "client_id": LOCAL_CLIENT}
    reply = server.get("/common/oauth2/v2.0/logout", {name: value for name, value in asked.items() if value})
    if target:
        assert reply.headers["location"] == f"{target}?state=a%20b"
    else:
        assert "Signed out" in Page(server, reply).text
    assert "Pick an account" in Page(server, authorize(server)).text


@pytest.mark.parametrize("more", [{}, {"client_id": LOCAL_CLIENT}, {"client_id": "x"}, {"id_token_hint": "x"}])
def test_signing_out_leads_nowhere_else(server: SignIn, more: dict[str, str]) -> None:
    asked = {"post_logout_redirect_uri": "https://evil.example/"} | more
    reply = server.get("/common/oauth2/v2.0/logout", asked)
    assert (reply.status_code, "location" in reply.headers) == (200, False)
