"""The server's own page signs in: nobody is asked whether it may, and nobody else comes in that way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest

from rsvpd.identity.clients import LOCAL_CLIENT, PAGE_CLIENT
from support.browser import Page
from support.code_flow import ALICE, answer, authorize, redeem, refresh
from support.sign_in import HOST, MAIL, SignIn, refusal

ASKED = {"client_id": PAGE_CLIENT, "redirect_uri": f"{HOST}/", "response_mode": "fragment"}


def ask(server: SignIn, **changed: str) -> httpx.Response:
    return authorize(server, **(ASKED | changed))


def trade(server: SignIn, told: Mapping[str, str], **changed: str) -> httpx.Response:
    return redeem(server, told["code"], **({"client_id": PAGE_CLIENT, "redirect_uri": f"{HOST}/"} | changed))


def test_who_picks_somebody_is_that_person_on_the_page(server: SignIn) -> None:
    page = Page(server, ask(server))
    assert "to continue to this server's page" in page.text
    reply = page.press(ALICE)
    assert reply.headers["location"].startswith(f"{HOST}/#")
    body = trade(server, answer(reply)).json()
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE
    assert refresh(server, body["refresh_token"], client_id=PAGE_CLIENT).status_code == 200


def test_it_is_known_where_others_reach_the_server_and_takes_a_password_there(make: Callable[..., SignIn]) -> None:
    public = make(is_local=False, with_local=False)
    page = Page(public, ask(public, login_hint=ALICE))
    assert "wrong" in Page(public, page.press("next", password="guess")).text
    reply = page.press("next", password=public.password(ALICE))
    assert trade(public, answer(reply)).status_code == 200


def test_another_person_is_picked_with_one_more_click(server: SignIn) -> None:
    Page(server, ask(server)).press(ALICE)
    assert answer(ask(server))["code"]
    again = Page(server, ask(server, prompt="select_account"))
    body = trade(server, answer(again.press("bob@example.com"))).json()
    assert server.graph(body["access_token"], "/me").json()["mail"] == "bob@example.com"


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:5000/", "http://127.0.0.1/", "https://evil.example.com/", f"{HOST}/page/", HOST,
        f"{HOST}.evil.example.com/", f"{HOST}/?x=1", f"{HOST}/#x", f"{HOST}:8443/", f"{HOST.upper()}/",
        "https://login.microsoftonline.com/common/oauth2/nativeclient",
    ],
)
def test_nowhere_else_is_anybody_answered_as_the_page(server: SignIn, uri: str) -> None:
    Page(server, ask(server)).press(ALICE)
    reply = ask(server, redirect_uri=uri)
    assert (reply.status_code, "location" in reply.headers) == (400, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": "plain"},
        {"code_challenge_method": ""}, {"response_mode": "query"}, {"response_mode": ""},
        {"response_mode": "form_post"}, {"response_type": "id_token"}, {"response_type": "code id_token"},
    ],
)  # fmt: skip
def test_it_signs_in_by_a_code_that_no_log_sees_and_nobody_else_can_use(
    server: SignIn, changed: dict[str, str]
) -> None:
    Page(server, ask(server)).press(ALICE)
    reply = ask(server, **changed)
    told = reply.text if changed.get("response_mode") == "form_post" else str(answer(reply))
    assert "AADSTS9002325" in told


def test_a_code_of_the_page_is_nobody_elses(server: SignIn) -> None:
    code = answer(Page(server, ask(server)).press(ALICE))
    assert refusal(trade(server, code, client_id=LOCAL_CLIENT))[2] == 70000
    assert refusal(trade(server, code, code_verifier="w" * 43))[2] == 501481
    assert refusal(trade(server, code, redirect_uri="http://localhost/"))[2] == 500112


@pytest.mark.parametrize("grant", ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"])
def test_no_other_way_to_a_token_knows_it(server: SignIn, grant: str) -> None:
    form = {"client_id": PAGE_CLIENT, "grant_type": grant, "scope": MAIL, "username": ALICE, "password": "x"}
    assert refusal(server.token(form))[2] == 700016
    asked = server.post("/common/oauth2/v2.0/devicecode", {"client_id": PAGE_CLIENT, "scope": MAIL})
    assert refusal(asked)[2] == 700016
    assert server.post("/device/code", {"client_id": PAGE_CLIENT, "scope": "openid"}).status_code in (400, 401)


def test_every_other_application_still_asks_the_same_person(server: SignIn) -> None:
    Page(server, ask(server)).press(ALICE)
    assert "Permissions requested" in Page(server, authorize(server)).text
    at_home = authorize(server, redirect_uri="http://localhost:8365/", response_mode="fragment")
    assert "Permissions requested" in Page(server, at_home).text
