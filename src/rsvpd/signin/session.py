"""Who is signed in in a browser, and that a form came from a page of ours.

Two cookies: one names the browser, made with the first page; one says who signed in and when, signed with a key
that is made from the data file's, so that a restart keeps everybody signed in. A form carries a digest over the
browser's name and what the form is for: a page of another site knows neither (CSRF).
"""

from __future__ import annotations

import hmac
import re

import jwt
import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.clock import SKEW_SECONDS, Instant
from rsvpd.identity.jose import SIGNATURE_ONLY
from rsvpd.signin import http
from rsvpd.signin.provider import SECOND, Provider, fresh_secret

SESSION_SECONDS = 14 * 86_400
_BROWSER, _SESSION = "rsvpd_browser", "rsvpd_session"
# A browser lets nothing that came over HTTP take the place of a cookie of HTTPS, so that each has names of its own.
_OVER_HTTPS = "__Host-"
_BROWSER_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_ALGORITHM = "HS256"


class Session(Struct, frozen=True, kw_only=True):
    """Who signed in in this browser, at which instant."""

    oid: str
    signed_in: Instant


class Browser:
    """The browser that sent a request: what its cookies say, and the ones that go back to it."""

    def __init__(self, provider: Provider, request: Request) -> None:
        self._provider = provider
        self._is_https = http.origin(request).startswith("https:")
        self._new: dict[str, tuple[str, int]] = {}
        prefix = _OVER_HTTPS if self._is_https else ""
        self._browser_cookie, self._session_cookie = prefix + _BROWSER, prefix + _SESSION
        name = request.cookies.get(self._browser_cookie, "")
        if not _BROWSER_NAME.fullmatch(name):
            name = fresh_secret()
            self._new[self._browser_cookie] = (name, SESSION_SECONDS)
        self._name = name
        self.session = self._read(request.cookies.get(self._session_cookie, ""))

    def sign_in(self, oid: str) -> Session:
        """Remember that somebody signed in just now."""
        session = Session(oid=oid, signed_in=self._provider.clock())
        claims = {"oid": oid, "at": session.signed_in}
        self._new[self._session_cookie] = (jwt.encode(claims, self._key, algorithm=_ALGORITHM), SESSION_SECONDS)
        self.session = session
        return session

    def sign_out(self) -> None:
        """Forget who signed in."""
        self._new[self._session_cookie] = ("", 0)
        self.session = None

    def form_token(self, purpose: str) -> str:
        """Return what a form of ours carries."""
        text = f"{self._name} {purpose}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._provider.derive_key("form"), text, "sha256").hex()

    def is_own_form(self, token: str, purpose: str) -> bool:
        """Return whether a form came from a page that this browser was given for this purpose."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.form_token(purpose).encode())

    def send(self, response: Response) -> Response:
        """Return `response` with the cookies that are new."""
        for name, (value, seconds) in self._new.items():
            response.set_cookie(
                name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._is_https
            )
        return response

    @property
    def _key(self) -> bytes:
        return self._provider.derive_key("session")

    def _read(self, text: str) -> Session | None:
        try:
            claims = jwt.decode(text, self._key, algorithms=[_ALGORITHM], options=SIGNATURE_ONLY)
            found = msgspec.convert({"oid": claims["oid"], "signed_in": claims["at"]}, Session)
        except (jwt.PyJWTError, ValueError, KeyError, RecursionError):
            return None
        age = self._provider.clock() - found.signed_in
        return found if -SKEW_SECONDS * SECOND <= age < SESSION_SECONDS * SECOND else None
