"""From the sign-in to the call: what was agreed to is open, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import jwt
import pytest

from rsvpd.config import RegisteredClient
from rsvpd.identity import service_accounts
from support.sign_in import PUBLIC, SECRET, SignIn

GRAPH = "https://graph.microsoft.com"
CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
WHEN = {"start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}}
# An application that may read mail by itself, bob's alone.
READER = RegisteredClient(
    id="c0ffee00-0000-4000-8000-000000000003", secrets=("s",), roles=("Mail.Read",), mailboxes=("bob@example.com",)
)


def signed_in(server: SignIn, scope: str) -> str:
    """Return alice's access token."""
    password = server.password("alice@example.com")
    form = PUBLIC | {"grant_type": "password", "username": "alice@example.com", "password": password, "scope": scope}
    return str(server.token(form).json()["access_token"])


def by_itself(server: SignIn, **client: str) -> str:
    """Return an application's own access token."""
    form = (client or SECRET) | {"grant_type": "client_credentials", "scope": f"{GRAPH}/.default"}
    return str(server.token(form).json()["access_token"])


def told(reply: httpx.Response) -> tuple[int, str]:
    error = reply.json().get("error", {})
    return reply.status_code, error.get("message", "")


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("openid User.Read", "/me", 200),
        ("openid User.Read", "/me/events", 403),
        ("calendars.read", "/me/events", 200),
        (f"{GRAPH}/Calendars.Read", "/me/events", 200),
        (f"{GRAPH}/Calendars.Read", "/me/messages", 403),
        ("https://outlook.office.com/Mail.ReadBasic", "/me/messages", 200),
        ("https://outlook.office.com/Mail.ReadBasic", "/me/messages?$select=body", 403),
        (f"{GRAPH}/.default", "/me/events", 200),
        (f"{GRAPH}/.default", "/me/messages", 200),
        (f"{GRAPH}/.default", "/me/mailboxSettings", 200),
        (f"{GRAPH}/.default", "/users", 200),
        (f"{GRAPH}/.default", "/me/people", 200),
        (f"{GRAPH}/.default", "/me/manager", 404),
        (f"{GRAPH}/.default", "/places/microsoft.graph.room", 200),
    ],
)
def test_what_a_person_agreed_to_is_open(server: SignIn, scope: str, path: str, status: int) -> None:
    assert server.graph(signed_in(server, scope), path).status_code == status


def test_all_that_calls_ask_for_is_in_the_default(server: SignIn) -> None:
    token = signed_in(server, f"{GRAPH}/.default")
    granted = set(jwt.decode(token, options={"verify_signature": False})["scp"].split())
    for scope in ("Place.ReadWrite.All", "User.ReadWrite", "People.Read", "Mail.Send.Shared", "Calendars.ReadBasic"):
        assert scope in granted


def test_an_application_by_itself_acts_in_any_mailbox(server: SignIn) -> None:
    token = by_itself(server)
    assert told(server.graph(token, "/me")) == (400, "/me request is only valid with delegated authentication flow.")
    bob = "/users/bob@example.com"
    for path in ("/users", bob, f"{bob}/events", f"/users/{server.bob.oid}/messages"):
        assert server.graph(token, path).status_code == 200


def test_an_application_acts_where_its_roles_and_its_policy_let_it(make: Callable[..., SignIn]) -> None:
    server = make(READER)
    token = by_itself(server, client_id=READER.id, client_secret="s")
    assert server.graph(token, "/users/bob@example.com/messages").status_code == 200
    assert told(server.graph(token, "/users/alice@example.com/messages")) == (403, "Access to OData is disabled.")
    assert told(server.graph(token, "/users/bob@example.com/events"))[0] == 403
    assert told(server.graph(token, "/users")) == (403, "Insufficient privileges to complete the operation.")


def test_a_scope_of_google_is_for_google(server: SignIn) -> None:
    server.use_wall_clock()
    token = acting_for_bob(server, f"{CALENDAR}.events.readonly")
    headers = {"authorization": f"Bearer {token}"}
    assert server.request("GET", EVENTS, headers=headers).status_code == 200
    refused = server.request("POST", EVENTS, headers=headers, json=WHEN)
    assert told(refused) == (403, "Request had insufficient authentication scopes.")
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert server.graph(token, "/me").status_code == 403
    microsoft = {"authorization": f"Bearer {signed_in(server, 'Calendars.ReadWrite')}"}
    assert server.request("GET", EVENTS, headers=microsoft).status_code == 403


def acting_for_bob(server: SignIn, scope: str) -> str:
    """Return a token that the service account gets for bob (RFC 7523)."""
    token_uri = "https://oauth2.googleapis.com/token"
    second = server.world.now // 1_000_000
    said = {
        "iss": service_accounts.LOCAL_ACCOUNT, "sub": "bob@example.com", "scope": scope, "aud": token_uri,
        "iat": second, "exp": second + 3600,
    }  # fmt: skip
    key = server.run(server.provider.service_account_key())
    file = service_accounts.key_file(
        service_accounts.LOCAL_ACCOUNT, key, token_uri=token_uri, certificates_uri="https://www.googleapis.com/certs"
    )
    assertion = jwt.encode(said, file["private_key"], algorithm="RS256", headers={"kid": file["private_key_id"]})
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return str(server.request("POST", token_uri, data=form).json()["access_token"])
