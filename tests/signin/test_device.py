"""The device flow (RFC 8628)."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from rsvpd.commands import grants
from rsvpd.config import RegisteredClient
from support.browser import Page
from support.code_flow import ALICE, refresh
from support.sign_in import HOST, PUBLIC, SignIn, claims, refusal

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
OTHER = RegisteredClient(id="other")


def begin(server: SignIn, scope: str = "openid offline_access User.Read") -> dict[str, str]:
    reply = server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": scope})
    assert reply.status_code == 200, reply.text
    found: dict[str, str] = reply.json()
    return found


def poll(server: SignIn, shown: str, *, after: int = 5, **changed: str) -> httpx.Response:
    server.pass_seconds(after)
    form = PUBLIC | {"grant_type": DEVICE_GRANT, "device_code": shown} | changed
    return server.token({name: value for name, value in form.items() if value}, tenant="common")


def typed(server: SignIn, code: str) -> Page:
    return Page(server, Page(server, server.get("/devicelogin")).press("next", user_code=code))


def test_somebody_types_the_code_and_the_device_is_signed_in(server: SignIn) -> None:
    device = begin(server)
    assert device["verification_uri"] == f"{HOST}/devicelogin"
    assert device["user_code"] in device["message"]
    assert refusal(poll(server, device["device_code"])) == (400, "authorization_pending", 70016)
    consent = Page(server, typed(server, device["user_code"].lower()).press(ALICE))
    assert "on another device" in consent.text
    assert refusal(poll(server, device["device_code"]))[1] == "authorization_pending"
    assert "You have signed in" in Page(server, consent.press("accept")).text
    body = poll(server, device["device_code"], device_code="", code=device["device_code"]).json()
    assert claims(body["id_token"])["oid"] == server.alice.oid
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE
    assert refresh(server, body["refresh_token"]).status_code == 200
    assert refusal(poll(server, device["device_code"])) == (400, "bad_verification_code", 70018)


def test_who_is_signed_in_and_agreed_is_still_asked(server: SignIn) -> None:
    for _ in range(2):
        device = begin(server)
        page = typed(server, device["user_code"])
        if "Pick an account" in page.text:
            page = Page(server, page.press(ALICE))
        assert "on another device" in page.text
        page.press("accept")


def test_somebody_refuses(server: SignIn) -> None:
    device = begin(server)
    page = Page(server, typed(server, device["user_code"]).press(ALICE))
    assert "You have declined" in Page(server, page.press("cancel")).text
    assert refusal(poll(server, device["device_code"])) == (400, "authorization_declined", 65004)
    assert "didn't work" in typed(server, device["user_code"]).text


def test_a_device_that_asks_too_often_is_told(server: SignIn) -> None:
    device = begin(server)
    assert refusal(poll(server, device["device_code"], after=1))[1] == "authorization_pending"  # some ask at once
    assert refusal(poll(server, device["device_code"], after=1)) == (400, "slow_down", 70016)
    assert refusal(poll(server, device["device_code"]))[1] == "authorization_pending"


def test_codes_expire(server: SignIn) -> None:
    device = begin(server)
    page = typed(server, device["user_code"])
    server.pass_seconds(901)
    assert refusal(poll(server, device["device_code"])) == (400, "expired_token", 70019)
    assert "didn't work" in Page(server, page.press(ALICE)).text


def test_a_code_is_the_devices_that_asked(make: Callable[..., SignIn]) -> None:
    server = make(OTHER)
    device = begin(server)
    assert refusal(poll(server, device["device_code"], client_id="other")) == (400, "bad_verification_code", 70018)
    assert refusal(poll(server, device["user_code"])) == (400, "bad_verification_code", 70018)
    assert refusal(poll(server, ""))[2] == 900144


def test_codes_stay_over_a_restart(server: SignIn) -> None:
    device = begin(server)
    server.restart()
    Page(server, typed(server, device["user_code"]).press(ALICE)).press("accept")
    server.restart()
    assert poll(server, device["device_code"]).status_code == 200


def test_who_guesses_codes_is_held_up(server: SignIn) -> None:
    device = begin(server)
    page = Page(server, server.get("/devicelogin"))
    for number in range(10):
        assert "didn't work" in Page(server, page.press("next", user_code=f"WRONG{number}")).text
    assert "Too many wrong codes" in Page(server, page.press("next", user_code=device["user_code"])).text
    server.pass_seconds(61)
    assert "Pick an account" in Page(server, page.press("next", user_code=device["user_code"])).text


@pytest.mark.parametrize("field", ["token", "request"])
def test_the_forms_are_ours(server: SignIn, field: str) -> None:
    first, second = begin(server), begin(server)
    page = typed(server, first["user_code"])
    page.forms[0].fields[field] = f"user_code={second['user_code']}" if field == "request" else "x"
    assert "did not come from a page" in Page(server, page.press(ALICE)).text
    code_page = Page(server, server.get("/devicelogin"))
    code_page.forms[0].fields["token"] = "x"
    assert code_page.press("next", user_code=first["user_code"]).status_code == 400


def test_a_flood_of_devices_is_refused(server: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "MOST_DEVICES", 3)
    for _ in range(3):
        begin(server)
    reply = server.post("/common/oauth2/v2.0/devicecode", PUBLIC | {"scope": "User.Read"})
    assert refusal(reply) == (503, "temporarily_unavailable", 90033)
    server.pass_seconds(900 + 3601)
    begin(server)


@pytest.mark.parametrize(("changed", "expected"), [
    ({"client_id": "unknown"}, (400, "unauthorized_client", 700016)),
    ({"scope": ""}, (400, "invalid_request", 900144)),
    ({"scope": "User.Fly"}, (400, "invalid_client", 650053)),
])  # fmt: skip
def test_what_is_wrong_with_a_device(server: SignIn, changed: dict[str, str], expected: tuple[int, str, int]) -> None:
    form = PUBLIC | {"scope": "User.Read"} | changed
    assert refusal(server.post("/common/oauth2/v2.0/devicecode", form)) == expected
