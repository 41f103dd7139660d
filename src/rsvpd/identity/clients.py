"""The applications that may sign people in here, and what each may do by itself.

They are settings (`[[clients]]`), plus one that every server knows, so that nothing needs to be registered to
begin with. Its secret is public: it is for servers that only this machine reaches. And there is the server's own page.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from rsvpd.config import RegisteredClient

__all__ = ["LOCAL_CLIENTS", "Clients", "RegisteredClient"]

LOCAL_TENANT = "72737670-6400-4000-8000-000000000000"
LOCAL_CLIENT = "72737670-6400-4000-8000-000000000001"
PAGE_CLIENT = "72737670-6400-4000-8000-000000000002"
LOCAL_GOOGLE_CLIENT = "rsvpd-local.apps.googleusercontent.com"
LOCAL_SECRET = "rsvpd-local-secret"

# An application that was given these may do all that an application can; see `dialects/microsoft/tables/scopes.py`.
ALL_ROLES = ("*",)


_LOCAL_REDIRECTS = (
    "http://localhost", "http://127.0.0.1", "http://[::1]",
    "https://localhost", "https://127.0.0.1", "https://[::1]", "urn:ietf:wg:oauth:2.0:oob",
    "https://login.microsoftonline.com/common/oauth2/nativeclient",
)  # fmt: skip
LOCAL_CLIENTS = tuple(
    RegisteredClient(
        id=known, name="A program on this machine", secrets=(LOCAL_SECRET,), redirect_uris=_LOCAL_REDIRECTS,
        roles=ALL_ROLES, allows_passwords=True, allows_public=True,
    )
    for known in (LOCAL_CLIENT, LOCAL_GOOGLE_CLIENT)
)  # fmt: skip


# The server's own page, for which nobody is asked to agree: it shows nothing but what this server has. It stands in no
# list and has no redirect URI but the one that `is_page_redirect` knows, so that nobody else gets a token as the page.
PAGE = RegisteredClient(id=PAGE_CLIENT, name="this server's page", admin_consent=True)


# Nothing that URL parsers disagree about: no control characters, no spaces, no backslash.
_PLAIN_URI = re.compile(r"[\x21-\x5b\x5d-\x7e]{1,2000}+")
_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


class Clients:
    """Every application that is known."""

    def __init__(self, registered: Iterable[RegisteredClient] = (), *, with_local: bool = True) -> None:
        self.has_local = with_local
        own = LOCAL_CLIENTS if with_local else ()
        self._by_id = {one.id.lower(): one for one in (*own, *registered)}

    def find(self, client_id: str) -> RegisteredClient | None:
        """Return the application of that id, in whatever case it is written."""
        return self._by_id.get(client_id.lower())

    @property
    def all(self) -> tuple[RegisteredClient, ...]:
        """Return every application."""
        return tuple(self._by_id.values())

    def may_touch(self, client_id: str, address: str) -> bool:
        """Return whether an application may go to this mailbox by itself."""
        one = self.find(client_id)
        return one is not None and (one.mailboxes is None or address.lower() in {m.lower() for m in one.mailboxes})


def has_redirect(client: RegisteredClient, uri: str) -> bool:
    """Return whether an application may be answered at `uri`: a registered one, letter by letter.

    Of a loopback address the port does not count (RFC 8252 7.3); the application that every local server knows may
    have any path there, too.
    """
    if uri in client.redirect_uris:
        return True
    asked = _loopback(uri)
    if asked is None:
        return False
    loopbacks = [known for one in client.redirect_uris if (known := _loopback(one)) is not None]
    same_host = [one for one in loopbacks if (one.scheme, one.hostname) == (asked.scheme, asked.hostname)]
    if client in LOCAL_CLIENTS:
        return bool(same_host)
    return any((one.path or "/", one.query) == (asked.path or "/", asked.query) for one in same_host)


def is_page_redirect(uri: str, origin: str) -> bool:
    """Return whether `uri` is the page of the server that is seen at `origin`."""
    return uri == f"{origin}/"


def _loopback(uri: str) -> SplitResult | None:
    """Return a URI of this machine in parts, None for any other and for what browsers may read otherwise."""
    if not _PLAIN_URI.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    # What stands between the slashes is compared whole: urlsplit itself takes `[::1].example.com` for `::1`.
    is_here = parts.scheme in ("http", "https") and _LOOPBACK.fullmatch(parts.netloc)
    return parts if is_here and not parts.fragment else None


def has_secret(client: RegisteredClient, text: str) -> bool:
    """Return whether `text` is one of an application's secrets; how long that takes says nothing."""
    octets = text.encode("utf-8", "surrogatepass")
    return sum(hmac.compare_digest(octets, one.encode()) for one in client.secrets) > 0
