"""An application sends a browser, somebody signs in and agrees, a code becomes tokens, and they are renewed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from rsvpd.commands.people import remove_person
from rsvpd.config import RegisteredClient
from rsvpd.identity.clients import LOCAL_CLIENT, LOCAL_TENANT
from rsvpd.signin.http import redirect
from support.browser import Page
from support.code_flow import (
    ALICE,
    REDIRECT,
    REQUEST,
    SCOPES,
    VERIFIER,
    answer,
    authorize,
    code_of,
    redeem,
    refresh,
    signed_in,
)
from support.engines import rows_of
from support.sign_in import HOST, PUBLIC, SECRET, SignIn, claims, refusal

OTHER = RegisteredClient(
    id="other", name="Room <booker>", redirect_uris=("https://booker.example.com/cb?x=1", "myapp://auth", REDIRECT)
)
ADMINISTERED = RegisteredClient(id="administered", redirect_uris=(REDIRECT,), admin_consent=True)


def test_somebody_signs_in_and_the_application_reads_as_that_person(server: SignIn) -> None:
    found = answer(signed_in(server))
    assert (found["state"], found["iss"]) == ("s&1\r\nx", f"{HOST}/{server.tenant}/v2.0")
    body = redeem(server, found["code"], client_info="1").json()
    assert body["scope"] == "openid profile User.Read Mail.Read"
    assert body["refresh_token"]
    said = claims(body["id_token"])
    assert (said["nonce"], said["oid"], said["tid"]) == ("n", server.alice.oid, server.tenant)
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE


def test_the_well_known_tenant_stands_in_its_tokens(server: SignIn) -> None:
    found = answer(signed_in(server, LOCAL_TENANT))
    assert found["iss"] == f"{HOST}/{LOCAL_TENANT}/v2.0"
    form = {
        "client_id": LOCAL_CLIENT, "grant_type": "authorization_code", "code": found["code"],
        "redirect_uri": REDIRECT, "code_verifier": "v" * 43,
    }  # fmt: skip
    said = claims(server.token(form).json()["id_token"])
    assert (said["iss"], said["tid"]) == (found["iss"], LOCAL_TENANT)


def test_who_is_signed_in_and_agreed_is_not_asked_again(server: SignIn) -> None:
    signed_in(server)
    assert answer(authorize(server))["code"]
    server.restart()
    assert answer(authorize(server))["code"]
    assert answer(authorize(server, prompt="none"))["code"]


@pytest.mark.parametrize(("changed", "expected"), [
    ({"prompt": "login"}, "Pick an account"),
    ({"prompt": "select_account"}, "Pick an account"),
    ({"prompt": "consent"}, "Permissions requested"),
    ({"login_hint": "bob@example.com"}, "Pick an account"),
    ({"max_age": "0"}, "Pick an account"),
    ({"scope": "openid Calendars.Read"}, "Permissions requested"),
])  # fmt: skip
def test_who_is_signed_in_is_asked_again_where_the_application_wants_it(
    server: SignIn, changed: dict[str, str], expected: str
) -> None:
    signed_in(server)
    server.pass_seconds(5)
    assert expected in Page(server, authorize(server, **changed)).text


def test_prompt_none_asks_nobody(server: SignIn) -> None:
    silent = answer(authorize(server, prompt="none"))
    assert silent["error"] == "login_required"
    assert silent["error_description"].startswith("AADSTS50058")
    signed_in(server, scope="openid")
    silent = answer(authorize(server, prompt="none"))
    assert (silent["error"], silent["state"]) == ("interaction_required", "s&1\r\nx")


def test_the_hinted_person_comes_first(server: SignIn) -> None:
    page = Page(server, authorize(server, login_hint="BOB@example.com"))
    assert [value for name, value in page.forms[0].buttons] == ["bob@example.com", ALICE]


def test_somebody_may_refuse_at_both_pages(server: SignIn) -> None:
    page = Page(server, authorize(server))
    assert answer(page.press("cancel"))["error"] == "access_denied"
    consent = Page(server, page.press(ALICE))
    assert answer(consent.press("cancel"))["error"] == "access_denied"
    assert "Permissions requested" in Page(server, authorize(server)).text


def test_the_consent_page_names_application_person_and_scopes(make: Callable[..., SignIn]) -> None:
    server = make(OTHER)
    page = Page(server, Page(server, authorize(server, client_id="other")).press(ALICE))
    assert "Room <booker> would like to" in page.text
    assert "Mail.Read (graph.microsoft.com)" in page.text
    assert ALICE in page.text
    assert "<booker>" not in page.reply.text


def test_where_the_administrator_agreed_nobody_is_asked(make: Callable[..., SignIn]) -> None:
    server = make(ADMINISTERED)
    assert answer(Page(server, authorize(server, client_id="administered")).press(ALICE))["code"]


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_the_answer_comes_where_it_was_wanted(server: SignIn, mode: str) -> None:
    where = urlsplit(signed_in(server, response_mode=mode).headers["location"])
    assert bool(where.query) == (mode == "query")
    assert bool(where.fragment) == (mode == "fragment")


def test_the_answer_may_be_posted_by_a_form(server: SignIn) -> None:
    page = Page(server, signed_in(server, response_mode="form_post", state='"><script>x'))
    (form,) = page.forms
    assert form.action == REDIRECT
    assert form.fields["state"] == '"><script>x'
    assert redeem(server, form.fields["code"]).status_code == 200
    script = page.reply.text.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.reply.headers["content-security-policy"]


def test_an_id_token_may_come_along(server: SignIn) -> None:
    found = answer(signed_in(server, response_type="code id_token"))
    said = claims(found["id_token"])
    half = base64.urlsafe_b64encode(hashlib.sha256(found["code"].encode()).digest()[:16]).rstrip(b"=").decode()
    assert (said["c_hash"], said["nonce"]) == (half, "n")


def test_redirects_keep_their_query_and_schemes_of_applications_work(make: Callable[..., SignIn]) -> None:
    server = make(OTHER)
    reply = signed_in(server, client_id="other", redirect_uri="https://booker.example.com/cb?x=1")
    assert reply.headers["location"].startswith("https://booker.example.com/cb?x=1&code=")
    reply = authorize(server, client_id="other", redirect_uri="myapp://auth")
    assert reply.headers["location"].startswith("myapp://auth?code=")


@pytest.mark.parametrize("uri", [
    "http://localhost:1/a", "http://localhost", "http://127.0.0.1:65535/x?y=1", "http://[::1]:8080/",
    "https://localhost:8443/signin-oidc", "https://login.microsoftonline.com/common/oauth2/nativeclient",
])  # fmt: skip
def test_loopback_redirects_have_any_port(server: SignIn, uri: str) -> None:
    signed_in(server)
    assert authorize(server, redirect_uri=uri).headers["location"].startswith(uri)


@pytest.mark.parametrize("uri", [
    "https://evil.example/cb", "http://localhost.evil.example/", "http://localhost@evil.example/", "//evil.example",
    "http://localhost:99999/", "http://localhost:x/", "http://localhost\\@evil.example/", "javascript:alert(1)",
    "http://127.0.0.1.evil.example/", "http://localhost/#x", "http://localhost /",
    "http://localhost/\r\nSet-Cookie: a=b", "http://127.1/",
    "HTTP://evil.example/?http://localhost", "http://[::1].evil.example/", "ftp://localhost/",
])  # fmt: skip
def test_no_browser_is_sent_where_the_application_does_not_live(server: SignIn, uri: str) -> None:
    signed_in(server)
    reply = authorize(server, redirect_uri=uri)
    assert (reply.status_code, "location" in reply.headers) == (400, False)
    assert "AADSTS50011" in Page(server, reply).text
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize("uri", ["http://localhost:7/callback/x", "http://127.0.0.1:7/callback", "http://localhost/"])
def test_a_registered_loopback_redirect_has_its_path(make: Callable[..., SignIn], uri: str) -> None:
    server = make(OTHER)
    assert authorize(server, client_id="other", redirect_uri="http://localhost:7/callback").status_code == 200
    assert authorize(server, client_id="other", redirect_uri=uri).status_code == 400


@pytest.mark.parametrize(("changed", "number"), [
    ({"client_id": "unknown"}, 700016), ({"client_id": ""}, 900144), ({"redirect_uri": ""}, 900144),
])  # fmt: skip
def test_what_is_wrong_before_the_redirect_is_known_goes_on_a_page(
    server: SignIn, changed: dict[str, str], number: int
) -> None:
    reply = authorize(server, **changed)
    assert reply.status_code == 400
    assert f"AADSTS{number}" in Page(server, reply).text


@pytest.mark.parametrize(("changed", "error"), [
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "id_token", "nonce": ""}, "invalid_request"),
    ({"response_type": "id_token", "response_mode": "query"}, "invalid_request"),
    ({"response_mode": "pigeon"}, "invalid_request"),
    ({"scope": ""}, "invalid_request"),
    ({"scope": "User.Fly"}, "invalid_client"),
    ({"scope": '"'}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "magic"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge_method": "S512"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
])  # fmt: skip
def test_what_is_wrong_with_a_request_goes_to_the_application(
    server: SignIn, changed: dict[str, str], error: str
) -> None:
    found = answer(authorize(server, **changed))
    assert (found["error"], found["state"]) == (error, "s&1\r\nx")
    assert found["error_description"].startswith("AADSTS")


def test_a_parameter_that_stands_there_twice_is_told_on_a_page(server: SignIn) -> None:
    reply = server.get(f"/common/oauth2/v2.0/authorize?client_id={LOCAL_CLIENT}&redirect_uri=a&redirect_uri=b")
    assert "AADSTS9000411" in Page(server, reply).text


def test_a_redirect_is_one_line_whatever_was_registered() -> None:
    sent = redirect("https://app.example.com/é\r\nSet-Cookie: a=b?x=%20").headers
    assert sent["location"] == "https://app.example.com/%C3%A9%0D%0ASet-Cookie:%20a=b?x=%20"
    assert "set-cookie" not in sent


def test_state_adds_no_header(server: SignIn) -> None:
    reply = signed_in(server, state="x\r\nSet-Cookie: evil=1\u2028é")
    assert "evil=1" not in str(reply.headers.get("set-cookie", ""))
    assert "\r" not in reply.headers["location"]
    assert answer(reply)["state"] == "x\r\nSet-Cookie: evil=1\u2028é"


@pytest.mark.parametrize(("changed", "expected"), [
    ({"code_verifier": "w" * 43}, (400, "invalid_grant", 501481)),
    ({"code_verifier": "v"}, (400, "invalid_grant", 501481)),
    ({"code_verifier": ""}, (400, "invalid_request", 900144)),
    ({"redirect_uri": "http://localhost:5001/callback"}, (400, "invalid_grant", 500112)),
    ({"redirect_uri": ""}, (400, "invalid_request", 900144)),
    ({"client_id": "other"}, (400, "invalid_grant", 70000)),
    ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
    ({"code": "1.Aunknown"}, (400, "invalid_grant", 70000)),
    ({"code": ""}, (400, "invalid_request", 900144)),
    ({"scope": "User.Fly"}, (400, "invalid_client", 650053)),
    ({"scope": "User.Read https://outlook.office.com/Mail.Read"}, (400, "invalid_scope", 28000)),
])  # fmt: skip
def test_a_code_is_for_whoever_asked_for_it(
    make: Callable[..., SignIn], changed: dict[str, str], expected: tuple[int, str, int]
) -> None:
    server = make(OTHER)
    code = code_of(server)
    assert refusal(redeem(server, **{"code": code} | changed)) == expected
    assert redeem(server, code, **SECRET).status_code == 200  # nobody took it away by being wrong


def test_a_verifier_that_nobody_announced_is_refused(server: SignIn) -> None:
    code = code_of(server, code_challenge="", code_challenge_method="")
    assert refusal(redeem(server, code)) == (400, "invalid_grant", 501481)
    assert redeem(server, code, code_verifier="").status_code == 200


def test_a_plain_challenge_is_its_verifier(server: SignIn) -> None:
    code = code_of(server, code_challenge="v" * 43, code_challenge_method="plain")
    assert redeem(server, code).status_code == 200


def test_a_code_expires(server: SignIn) -> None:
    code = code_of(server)
    server.pass_seconds(601)
    assert refusal(redeem(server, code)) == (400, "invalid_grant", 70008)


def test_a_code_used_twice_ends_what_came_of_it(server: SignIn) -> None:
    code = code_of(server)
    token = redeem(server, code).json()["refresh_token"]
    assert refusal(redeem(server, code)) == (400, "invalid_grant", 54005)
    assert refusal(refresh(server, token)) == (400, "invalid_grant", 70000)


def test_a_refresh_token_is_used_once_and_twice_ends_the_sign_in(server: SignIn) -> None:
    first = redeem(server, code_of(server)).json()["refresh_token"]
    second = refresh(server, first).json()["refresh_token"]
    third = refresh(server, second).json()["refresh_token"]
    assert len({first, second, third}) == 3
    assert refusal(refresh(server, first)) == (400, "invalid_grant", 70000)  # whoever copied it
    assert refusal(refresh(server, third)) == (400, "invalid_grant", 70000)  # and whoever had it rightly


def test_another_sign_in_of_the_same_person_goes_on(server: SignIn) -> None:
    stolen = redeem(server, code_of(server)).json()["refresh_token"]
    other = redeem(server, code_of(server)).json()["refresh_token"]
    refresh(server, stolen)
    refresh(server, stolen)
    assert refresh(server, other).status_code == 200


def test_refreshed_tokens_are_the_persons_and_stay_over_a_restart(server: SignIn) -> None:
    token = redeem(server, code_of(server)).json()["refresh_token"]
    server.restart()
    body = refresh(server, token).json()
    assert body["scope"] == SCOPES.replace(" offline_access", "")
    assert claims(body["id_token"])["oid"] == server.alice.oid
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE


def test_a_refresh_token_is_narrowed_but_not_widened(server: SignIn) -> None:
    token = redeem(server, code_of(server)).json()["refresh_token"]
    narrow = refresh(server, token, scope="https://graph.microsoft.com/User.Read").json()
    assert "Mail.Read" not in narrow["scope"]
    wide = refresh(server, narrow["refresh_token"], scope="Calendars.ReadWrite")
    assert refusal(wide) == (400, "invalid_grant", 65001)
    assert wide.json()["suberror"] == "consent_required"
    assert refresh(server, narrow["refresh_token"]).status_code == 200


def test_a_refresh_token_expires_and_is_nobody_elses(make: Callable[..., SignIn]) -> None:
    server = make(OTHER)
    token = redeem(server, code_of(server)).json()["refresh_token"]
    assert refusal(refresh(server, token, client_id="other")) == (400, "invalid_grant", 70000)
    server.pass_seconds(90 * 86_400)
    assert refusal(refresh(server, token)) == (400, "invalid_grant", 700082)


def test_tokens_of_another_tenant_are_none_here(make: Callable[..., SignIn]) -> None:
    here, there = make(), make()
    body = redeem(there, code_of(there)).json()
    assert refusal(refresh(here, body["refresh_token"])) == (400, "invalid_grant", 70000)
    assert here.graph(body["access_token"], "/me").status_code == 401


def grants_of(server: SignIn, mailbox: int) -> list[int]:
    """Return how many sign-ins and consents of somebody there are."""
    asked = (f"SELECT count(*) FROM {table} WHERE mailbox = :mailbox" for table in ("sign_in", "consent"))  # noqa: S608 - constants
    return [server.world.store.run(rows_of, sql, mailbox=mailbox)[0][0] for sql in asked]


def test_two_that_bring_one_code_at_once_get_one_answer_and_end_the_sign_in(server: SignIn) -> None:
    form = PUBLIC | {
        "grant_type": "authorization_code", "code": code_of(server), "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }  # fmt: skip

    async def both() -> list[httpx.Response]:
        return await asyncio.gather(*(server.http.post("/common/oauth2/v2.0/token", data=form) for _ in range(2)))

    good, late = sorted(server.run(both()), key=lambda reply: reply.status_code)
    assert (good.status_code, refusal(late)) == (200, (400, "invalid_grant", 54005))
    assert refusal(refresh(server, good.json()["refresh_token"])) == (400, "invalid_grant", 70000)


def test_who_is_removed_is_signed_out(server: SignIn) -> None:
    token, code = redeem(server, code_of(server)).json()["refresh_token"], code_of(server)
    assert all(grants_of(server, server.alice.number))
    server.world.store.run(remove_person, ALICE)
    assert grants_of(server, server.alice.number) == [0, 0]
    assert refusal(refresh(server, token)) == (400, "invalid_grant", 70000)
    assert refusal(redeem(server, code)) == (400, "invalid_grant", 70000)
    assert "Pick an account" in Page(server, authorize(server)).text


def test_a_request_may_be_posted(server: SignIn) -> None:
    page = Page(server, server.post("/common/oauth2/v2.0/authorize", REQUEST))
    assert "Permissions requested" in Page(server, page.press(ALICE)).text
