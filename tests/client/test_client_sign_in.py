"""Signing in: the exchanges with Microsoft's and Google's identity services, and the files they leave."""

from __future__ import annotations

import base64
import json
import stat
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from rsvpd.client import GoogleAccount, MicrosoftAccount, NotSignedIn, Provider, StaticToken, Unavailable
from rsvpd.client.accounts import (
    Account,
    AccountBook,
    AccountsFileError,
    GoogleSignIn,
    LocalSignIn,
    MicrosoftSignIn,
    TokenSignIn,
)
from support.recorded import GRAPH, Exchange, Recording, Terminal, graph_page

COMMON = "https://login.microsoftonline.com/common"
DISCOVERY = Exchange(
    "GET /common/v2.0/.well-known/openid-configuration",
    {
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "authorization_endpoint": f"{COMMON}/oauth2/v2.0/authorize",
        "token_endpoint": f"{COMMON}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{COMMON}/oauth2/v2.0/devicecode",
    },
)
CODE = Exchange(
    "POST /common/oauth2/v2.0/devicecode",
    {
        "user_code": "ABC123",
        "device_code": "d",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 0.01,
        "message": "Open https://microsoft.com/devicelogin and enter ABC123.",
    },
)
ALIASES = Exchange(
    "GET /common/discovery/instance",
    {
        "tenant_discovery_endpoint": f"{COMMON}/v2.0/.well-known/openid-configuration",
        "metadata": [
            {
                "preferred_network": "login.microsoftonline.com",
                "preferred_cache": "login.windows.net",
                "aliases": ["login.microsoftonline.com", "login.windows.net"],
            }
        ],
    },
)
TOKEN = "POST /common/oauth2/v2.0/token"


def encoded(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def tokens(access: str) -> dict[str, Any]:
    now = time.time()
    claims = {
        "aud": "app",
        "iss": "https://login.microsoftonline.com/t/v2.0",
        "exp": now + 3600,
        "iat": now,
        "nbf": now - 1,
        "sub": "s",
        "oid": "o",
        "tid": "t",
        "preferred_username": "bob@contoso.example",
    }
    return {
        "token_type": "Bearer",
        "scope": "https://graph.microsoft.com/Calendars.ReadWrite https://graph.microsoft.com/User.Read"
        " https://graph.microsoft.com/Mail.Read",
        "expires_in": 3600,
        "access_token": access,
        "refresh_token": "R",
        "id_token": f"{encoded({'alg': 'none'})}.{encoded(claims)}.x",
        "client_info": encoded({"uid": "o", "utid": "t"}),
    }


def microsoft(*exchanges: Exchange, cache: str = "") -> tuple[MicrosoftAccount, Recording, list[str]]:
    recording, kept = Recording(*exchanges), [cache]
    account = MicrosoftAccount("app", base=GRAPH, cache=cache, keep=kept.append, http=httpx.Client(transport=recording))
    return account, recording, kept


def signed_in() -> str:
    account, _, kept = microsoft(DISCOVERY, CODE, Exchange(TOKEN, tokens("first")))
    account.sign_in(lambda _: None)
    return kept[-1]


def test_the_device_code_is_shown_and_the_address_known() -> None:
    pending = Exchange(
        TOKEN, {"error": "authorization_pending", "error_description": "AADSTS70016: not yet"}, status=400
    )
    account, recording, kept = microsoft(DISCOVERY, CODE, pending, Exchange(TOKEN, tokens("first")))
    shown: list[str] = []
    assert account.sign_in(shown.append) == "bob@contoso.example"
    assert shown == ["Open https://microsoft.com/devicelogin and enter ABC123."]
    form = recording.requests[1].content.decode()
    assert "Calendars.ReadWrite" in form
    assert "offline_access" in form
    assert "claims" not in form  # an empty parameter is not an absent one
    assert "first" in kept[-1]
    assert recording.is_over


def test_a_kept_token_is_used_without_asking() -> None:
    account, recording, _ = microsoft(DISCOVERY, cache=signed_in())
    assert account.token() == "first"
    assert recording.is_over


def test_a_token_is_renewed_silently_and_kept() -> None:
    account, recording, kept = microsoft(DISCOVERY, Exchange(TOKEN, tokens("second")), cache=signed_in())
    assert account.renewed() == "second"
    assert b"grant_type=refresh_token" in recording.requests[1].content
    assert "second" in kept[-1]


def test_a_sign_in_that_was_withdrawn() -> None:
    said = {
        "error": "invalid_grant",
        "error_description": "AADSTS50173: The grant has expired.\r\nTrace ID: 1",
    }
    account, _, _ = microsoft(DISCOVERY, Exchange(TOKEN, said, status=400), ALIASES, cache=signed_in())
    with pytest.raises(NotSignedIn, match=r"AADSTS50173: The grant has expired\.$") as caught:
        account.renewed()
    assert caught.value.code == "invalid_grant"


def test_nobody_is_signed_in() -> None:
    account, _, _ = microsoft(DISCOVERY, ALIASES)
    with pytest.raises(NotSignedIn, match="rsvp login graph"):
        account.token()


def test_a_declined_sign_in() -> None:
    said = {"error": "authorization_declined", "error_description": "AADSTS65004: declined"}
    account, _, _ = microsoft(DISCOVERY, CODE, Exchange(TOKEN, said, status=400))
    with pytest.raises(NotSignedIn, match="AADSTS65004"):
        account.sign_in(lambda _: None)


def test_an_unknown_tenant() -> None:
    said = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."}
    account, _, _ = microsoft(Exchange(DISCOVERY.asked, said, status=400))
    with pytest.raises(NotSignedIn, match="refuses"):
        account.sign_in(lambda _: None)


def test_a_sign_in_service_out_of_reach() -> None:
    account, _, _ = microsoft(Exchange(DISCOVERY.asked, fails=httpx.ConnectError))
    with pytest.raises(Unavailable, match="sign-in service cannot be reached"):
        account.sign_in(lambda _: None)


# --- Google

AUTHORIZED = json.dumps(
    {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "R", "token": "old"}
)


def google(*exchanges: Exchange, authorized: str = AUTHORIZED) -> tuple[GoogleAccount, Recording, list[str]]:
    recording, kept = Recording(*exchanges), list[str]()
    return (
        GoogleAccount(authorized, keep=kept.append, http=httpx.Client(transport=recording)),
        recording,
        kept,
    )


def test_google_renews_what_has_expired_and_keeps_it() -> None:
    account, recording, kept = google(Exchange("POST /token", {"access_token": "new", "expires_in": 3600}))
    assert account.token() == "new"
    assert account.token() == "new"
    assert b"grant_type=refresh_token" in recording.requests[0].content
    again, recording, _ = google(authorized=kept[-1])
    assert again.token() == "new"
    assert recording.requests == []


def test_google_renews_on_demand() -> None:
    account, _, _ = google(Exchange("POST /token", {"access_token": "new", "expires_in": 3600}))
    assert account.renewed() == "new"


def test_google_withdrew_the_sign_in() -> None:
    account, _, _ = google(Exchange("POST /token", {"error": "invalid_grant"}, status=400))
    with pytest.raises(NotSignedIn, match="invalid_grant"):
        account.token()


def test_google_out_of_reach() -> None:
    account, _, _ = google(Exchange("POST /token", fails=httpx.ConnectError))
    with pytest.raises(Unavailable):
        account.token()


@pytest.mark.parametrize("text", ["{}", "[]", "no json"])
def test_what_is_no_authorized_user(text: str) -> None:
    account, _, _ = google(authorized=text)
    with pytest.raises(NotSignedIn, match="not an authorized-user file"):
        account.token()


def test_a_pasted_token_cannot_be_renewed() -> None:
    assert (StaticToken("t").token(), StaticToken("t").renewed()) == ("t", None)


# --- files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    "sign_in",
    [TokenSignIn(), MicrosoftSignIn(client_id="app", tenant="t"), GoogleSignIn(), LocalSignIn("/x/rsvpd.db")],
)
def test_accounts_are_read_as_they_were_written(tmp_path: Path, sign_in: Any) -> None:
    account = Account(name="bob", provider=Provider.OUTLOOK_V1, base="http://127.0.0.1/api/v1.0", sign_in=sign_in)
    AccountBook(tmp_path / "a").add(account, "secret")
    book = AccountBook(tmp_path / "a")
    assert book.accounts() == (account,)
    assert book.secret("bob") == "secret"
    assert (mode(tmp_path / "a" / "accounts.json"), mode(tmp_path / "a" / "tokens.json")) == (0o600, 0o600)
    assert "secret" not in (tmp_path / "a" / "accounts.json").read_text()


def test_an_account_is_replaced_by_name_and_forgotten(tmp_path: Path) -> None:
    book = AccountBook(tmp_path)
    one = Account(name="bob", provider=Provider.GRAPH, base=GRAPH, sign_in=TokenSignIn())
    book.add(one, "a")
    book.add(one, "b")
    book.add(Account(name="carol", provider=Provider.GRAPH, base=GRAPH, sign_in=TokenSignIn()), "c")
    assert [found.name for found in book.accounts()] == ["bob", "carol"]
    assert (book.secret("bob"), book.secret("carol"), book.secret("dave")) == ("b", "c", "")
    book.remove("bob")
    assert [found.name for found in book.accounts()] == ["carol"]
    assert "bob" not in (tmp_path / "tokens.json").read_text()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("{")
    with pytest.raises(AccountsFileError, match=r"accounts\.json"):
        AccountBook(tmp_path).accounts()


# --- rsvp login


def test_login_graph_keeps_the_sign_in_and_uses_it(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, Recording(DISCOVERY, CODE, Exchange(TOKEN, tokens("first"))))
    assert terminal("login", "graph", "--client-id", "app", "--mail") == 0
    assert b"Mail.Read" in terminal.recording.requests[1].content
    assert "enter ABC123" in terminal.err
    assert terminal.out == "Signed in as bob@contoso.example (graph). See what waits: `rsvp invites`\n"
    recording = terminal.recording = Recording(
        DISCOVERY,
        Exchange("GET /v1.0/me/calendarView", status=401),
        Exchange(TOKEN, tokens("second")),
        Exchange("GET /v1.0/me/calendarView", graph_page()),
        Exchange("GET /v1.0/me/events", graph_page()),
    )
    assert terminal("invites") == 0, terminal.err
    assert [one.headers.get("authorization") for one in recording.requests] == [
        None,
        "Bearer first",
        None,
        "Bearer second",
        "Bearer second",
    ]
    assert "second" in (tmp_path / "config" / "rsvpd" / "tokens.json").read_text()


def test_login_outlook_reads_the_version_from_the_base(tmp_path: Path) -> None:
    me = Exchange("GET /api/v1.0/me", {"EmailAddress": "bob@example.com"})
    terminal = Terminal(tmp_path, Recording(me), typed="Bearer tok\n")
    assert terminal("login", "outlook", "--base", "http://127.0.0.1:1/api/v1.0/", "--token", "-", "--json") == 0
    assert terminal.json["account"] == {
        "name": "bob@example.com",
        "address": "bob@example.com",
        "provider": "outlook-v1",
        "base": "http://127.0.0.1:1/api/v1.0",
        "sign_in": "token",
        "configured": True,
    }
    assert terminal.recording.requests[0].headers["authorization"] == "Bearer tok"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("outlook", "--base", "http://mail.example/api/v2.0", "--token", "t"), "unencrypted"),
        (("outlook", "--base", "https://mail.example/api", "--token", "t"), "--version v1"),
        (("outlook", "--base", "ftp://mail.example/api/v2.0", "--token", "t"), "not an http or https URL"),
        (("outlook", "--base", "https://mail.example/api/v2.0"), "--token"),
        (("outlook", "--base", "https://mail.example/api/v2.0", "--token", "-"), "No token was given"),
        (("graph",), "--client-id"),
        (("google",), "--client-secrets"),
        (("google", "--client-secrets", "/nowhere"), "cannot be read"),
        (("rsvpd", "--token", "t"), "--url"),
        (("rsvpd",), "No rsvpd server is running"),
        ((), "SERVICE"),
    ],
)
def test_login_says_what_is_missing(tmp_path: Path, argv: tuple[str, ...], said: str) -> None:
    terminal = Terminal(tmp_path)
    assert terminal("login", *argv) in (2, 4)
    assert said in terminal.err
    assert terminal.out == ""


def test_a_token_that_is_not_taken_leaves_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, Recording(Exchange("GET /v1.0/me", status=401)))
    assert terminal("login", "graph", "--token", "bad") == 3
    assert not (tmp_path / "config").exists()


def test_login_google_with_an_authorized_user_file(tmp_path: Path) -> None:
    file = tmp_path / "authorized.json"
    file.write_text(AUTHORIZED)
    terminal = Terminal(
        tmp_path,
        Recording(
            Exchange("POST /token", {"access_token": "new", "expires_in": 3600}),
            Exchange("GET /calendar/v3/calendars/primary", {"id": "bob@gmail.example"}),
        ),
    )
    assert terminal("login", "google", "--client-secrets", str(file)) == 0, terminal.err
    assert "bob@gmail.example (google)" in terminal.out
    assert '\\"token\\":\\"new\\"' in (tmp_path / "config" / "rsvpd" / "tokens.json").read_text().replace(" ", "")


def test_login_google_with_client_secrets_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "client.json"
    file.write_text('{"installed": {"client_id": "c"}}')
    terminal = Terminal(tmp_path)
    assert terminal("login", "google", "--client-secrets", str(file)) == 2
    assert "google-auth-oauthlib" in terminal.err


def test_the_same_person_through_two_interfaces_has_two_names(tmp_path: Path) -> None:
    terminal = Terminal(
        tmp_path,
        Recording(
            Exchange("GET /v1.0/me", {"mail": "bob@example.com"}),
            Exchange("GET /calendar/v3/calendars/primary", {"id": "bob@example.com"}),
            Exchange("GET /v1.0/me", {"mail": "bob@example.com"}),
        ),
    )
    assert terminal("login", "graph", "--token", "a") == 0
    assert terminal("login", "google", "--token", "b") == 0
    assert terminal("login", "graph", "--token", "c") == 0
    terminal("accounts", "--json")
    assert [one["name"] for one in terminal.json["accounts"]] == ["bob@example.com-google", "bob@example.com"]
    terminal.recording = Recording(
        Exchange("GET /v1.0/me/calendarView", graph_page()), Exchange("GET /v1.0/me/events", graph_page())
    )
    assert terminal("invites", "--account", "BOB@example.com") == 0, terminal.err
    assert terminal("logout", "bob") == 2
    assert terminal("logout", "bob@example.com-google") == 0
    assert terminal("logout", "nobody") == 2
    terminal("accounts")
    assert terminal.out.splitlines()[1:] == ["bob@example.com  graph    https://graph.microsoft.com/v1.0"]
