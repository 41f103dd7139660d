"""A whole server in this process, asked over HTTP as the applications ask it, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from rsvpd import clock
from rsvpd.commands import grants
from rsvpd.config import Config, RegisteredClient
from rsvpd.edge.app import make_app
from rsvpd.edge.dialects import all_dialects
from rsvpd.edge.request_log import Record
from rsvpd.identity import passwords
from rsvpd.identity.clients import LOCAL_CLIENT, LOCAL_SECRET, LOCAL_TENANT, Clients
from rsvpd.log import BackgroundWriter
from rsvpd.mail.person import Person, PersonKind
from rsvpd.signin import user_codes
from rsvpd.signin.provider import Provider, Rules
from rsvpd.signin.routes import routes
from support.world import World

T = TypeVar("T")
HOST = "https://login.microsoftonline.com"
VENDORS = (
    "login.microsoftonline.com", "graph.microsoft.com", "accounts.google.com", "oauth2.googleapis.com",
    "www.googleapis.com",
)  # fmt: skip
SECRET = {"client_id": LOCAL_CLIENT, "client_secret": LOCAL_SECRET}
PUBLIC = {"client_id": LOCAL_CLIENT}
MAIL = "https://graph.microsoft.com/Mail.Read"


class SignIn:
    """The sign-in endpoints over a world of alice, bob and a room; cookies are kept as a browser keeps them."""

    def __init__(
        self,
        folder: Path,
        *clients: RegisteredClient,
        is_local: bool = True,
        with_local: bool = True,
        lifetime_seconds: int = 3600,
        rotation_days: int = 90,
        requests: BackgroundWriter[Record] | None = None,
        wall_ahead_seconds: int = 0,
    ) -> None:
        self.world = World(folder)
        self.alice = self.world.add("alice")
        self.bob = self.world.add("bob")
        self.world.add("room", kind=PersonKind.ROOM)
        self.tenant = self.world.store.tenant
        self._clients = Clients(clients, with_local=with_local)
        self._rules = Rules(
            is_local=is_local, token_lifetime_seconds=lifetime_seconds, key_rotation_days=rotation_days
        )
        self._runner = asyncio.Runner()
        self.peer = "127.0.0.1"
        self._requests = requests
        self._wall_ahead = wall_ahead_seconds * 1_000_000
        self._open()

    def _open(self) -> None:
        store = self.world.store
        self.provider = Provider(
            store, self.world.tokens, self._clients, rules=self._rules, key=store.signing_key, tenant=store.tenant,
            clock=lambda: self.world.now, wall_clock=lambda: self.world.now + self._wall_ahead,
        )  # fmt: skip
        self._browse()

    def _browse(self) -> None:
        config = Config(data=self.world.path, hosts=VENDORS)
        dialects = all_dialects(self.world.store, self.world.tokens, self._clients)
        self.app = make_app(
            dialects, config, clock=lambda: self.world.now, sign_in=routes(self.provider), requests=self._requests
        )
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, client=(self.peer, 40_000)), base_url=HOST
        )

    def restart(self) -> None:
        """Close the data file and open it again; the browser keeps its cookies."""
        cookies = self.http.cookies
        self.world.reopen()
        self._open()
        self.http.cookies = cookies

    def from_peer(self, address: str) -> None:
        """Let what comes next come from another address, and another browser."""
        self.peer = address
        self._browse()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request; redirects are not followed."""
        return self._runner.run(self.http.request(method, path, **more))

    def get(self, path: str, params: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", path, params=params, headers=headers)

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> httpx.Response:
        """Send a form."""
        return self.request("POST", path, data=dict(form), headers=headers)

    def token(self, form: Mapping[str, str], *, tenant: str = LOCAL_TENANT, **headers: str) -> httpx.Response:
        """Ask for tokens."""
        return self.post(f"/{tenant}/oauth2/v2.0/token", form, **headers)

    def password(self, address: str) -> str:
        """Return somebody's first password."""
        return passwords.initial_password(self.world.store.signing_key, address)

    def graph(self, token: str, path: str) -> httpx.Response:
        """Read from Graph with a token."""
        headers = {"authorization": f"Bearer {token}"}
        return self.request("GET", f"https://graph.microsoft.com/v1.0{path}", headers=headers)

    def run(self, waiting: Coroutine[Any, Any, T]) -> T:
        """Wait for something of the server's."""
        return self._runner.run(waiting)

    def decide_device(self, shown: str, person: Person | None) -> None:
        """Let somebody allow what a device asks, None to refuse it."""
        assert self.run(self.world.store(grants.decide_device, user_codes.normalize(shown), person))

    def use_wall_clock(self) -> None:
        """Let the server's clock stand where that of this machine does: some libraries know no other."""
        self.world.now = clock.system_clock()

    def pass_seconds(self, seconds: int) -> None:
        """Move the clock."""
        self.world.now += seconds * 1_000_000

    def close(self) -> None:
        """Close everything."""
        self._runner.close()
        self.world.close()


def refusal(reply: httpx.Response) -> tuple[int, str, int]:
    """Return status, word and number of an answer that refuses, whose shape is checked."""
    body = reply.json()
    (number,) = body["error_codes"]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= body.keys()
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, body["error"], number


def claims(token: str) -> dict[str, Any]:
    """Return what a token says; its signature is not looked at."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found
