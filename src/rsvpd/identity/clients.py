"""The applications that may sign people in here, and what each may do by itself.

They are settings (`[[clients]]`), plus one that every server knows, so that nothing needs to be registered to
begin with. Its secret is public: it is for servers that only this machine reaches.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from rsvpd.config import RegisteredClient

__all__ = ["LOCAL_CLIENTS", "Clients", "RegisteredClient"]

LOCAL_TENANT = "72737670-6400-4000-8000-000000000000"
LOCAL_CLIENT = "72737670-6400-4000-8000-000000000001"
LOCAL_GOOGLE_CLIENT = "rsvpd-local.apps.googleusercontent.com"
LOCAL_SECRET = "rsvpd-local-secret"

# An application that was given these may do all that an application can; see `dialects/microsoft/tables/scopes.py`.
ALL_ROLES = ("*",)


_LOCAL_REDIRECTS = (
    "http://localhost", "http://127.0.0.1", "http://[::1]", "https://localhost", "urn:ietf:wg:oauth:2.0:oob",
    "https://login.microsoftonline.com/common/oauth2/nativeclient",
)  # fmt: skip
LOCAL_CLIENTS = tuple(
    RegisteredClient(
        id=known, name="A program on this machine", secrets=(LOCAL_SECRET,), redirect_uris=_LOCAL_REDIRECTS,
        roles=ALL_ROLES, allows_passwords=True, allows_public=True,
    )
    for known in (LOCAL_CLIENT, LOCAL_GOOGLE_CLIENT)
)  # fmt: skip


class Clients:
    """Every application that is known."""

    def __init__(self, registered: Iterable[RegisteredClient] = (), *, with_local: bool = True) -> None:
        self.has_local = with_local
        own = LOCAL_CLIENTS if with_local else ()
        self._by_id = {one.id.lower(): one for one in (*own, *registered)}

    def find(self, client_id: str) -> RegisteredClient | None:
        """Return the application of that id, in whatever case it is written."""
        return self._by_id.get(client_id.lower())

    def may_touch(self, client_id: str, address: str) -> bool:
        """Return whether an application may go to this mailbox by itself."""
        one = self.find(client_id)
        return one is not None and (one.mailboxes is None or address.lower() in {m.lower() for m in one.mailboxes})


def has_secret(client: RegisteredClient, text: str) -> bool:
    """Return whether `text` is one of an application's secrets; how long that takes says nothing."""
    shown = text.encode("utf-8", "surrogatepass")
    return sum(hmac.compare_digest(shown, one.encode()) for one in client.secrets) > 0
