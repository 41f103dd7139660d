"""Where the token of a request comes from.

`msal` and `google-auth` are loaded when they are needed: most calls of a terminal command find a token that
is still good, and starting fast is part of being pleasant. Both go through the same `httpx` client as
everything else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from rsvpd.client.errors import ClientError, NotSignedIn, Unavailable, Unreadable

AUTHORITY = "https://login.microsoftonline.com"
PERMISSIONS = ("Calendars.ReadWrite", "User.Read")
GOOGLE_SCOPES = ("https://www.googleapis.com/auth/calendar.events",)
_AGAIN = "Sign in again: rsvp login"
_LATER = {"temporarily_unavailable", "server_error"}
# What the two libraries stumble over where a service answers with something else than they know.
_ODD = (AttributeError, LookupError, TypeError, RuntimeError)

Keep = Callable[[str], None]


class Credentials(Protocol):
    """Something that has a token. Both raise NotSignedIn where there is none to be had."""

    def token(self) -> str:
        """Return a token that should be good."""

    def renewed(self) -> str | None:
        """Return another token after the service refused the last one, or None where there is no other."""


class StaticToken:
    """A token that somebody gave us; when it has expired, nothing can be done."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """Return it."""
        return self._token

    def renewed(self) -> str | None:
        """Return None: there is only the one."""
        return None


# --- Microsoft


def scopes(base: str, permissions: Sequence[str]) -> list[str]:
    """Return the scopes to ask for, named for the host of `base` (national clouds have their own)."""
    parts = urlsplit(base)
    return [f"{parts.scheme}://{parts.netloc}/{one}" for one in permissions]


class MicrosoftAccount:
    """A person signed in with Microsoft's identity platform; tokens are renewed without asking.

    `cache` is what `keep` was last given: the serialised token cache, a secret.
    """

    def __init__(
        self,
        client_id: str,
        *,
        base: str,
        tenant: str = "common",
        permissions: Sequence[str] = PERMISSIONS,
        authority: str = AUTHORITY,
        cache: str = "",
        keep: Keep = lambda cache: None,
        http: httpx.Client | None = None,
    ) -> None:
        self._client_id = client_id
        self._authority = f"{authority.rstrip('/')}/{tenant}"
        self._scopes = scopes(base, permissions)
        self._saved = cache
        self._keep = keep
        self._http = http or httpx.Client(timeout=30)
        self._made: tuple[Any, Any] | None = None

    def sign_in(self, show: Callable[[str], None]) -> str | None:
        """Sign in with a device code: `show` gets what the person has to do. Returns the address, if told.

        Raises NotSignedIn where the person or the tenant declines, or time runs out.
        """
        app, _ = self._app()
        flow = self._ask(lambda: app.initiate_device_flow(scopes=self._scopes))
        if "user_code" not in flow:
            raise _sign_in_error(flow)
        show(str(flow["message"]))
        result = self._ask(lambda: app.acquire_token_by_device_flow(flow))
        self._save()
        if "access_token" not in result:
            raise _sign_in_error(result)
        return (result.get("id_token_claims") or {}).get("preferred_username")

    def token(self) -> str:
        """Return a token from the cache, renewed where it is about to expire."""
        token = self._acquire_silently(force=False)
        if token is None:
            raise NotSignedIn(f"The sign-in has run out. {_AGAIN} graph", code="interaction_required")
        return token

    def renewed(self) -> str | None:
        """Return a token that is fetched anew."""
        return self._acquire_silently(force=True)

    def _acquire_silently(self, *, force: bool) -> str | None:
        app, _ = self._app()
        accounts = self._ask(app.get_accounts)
        if not accounts:
            return None
        result = self._ask(
            lambda: app.acquire_token_silent_with_error(self._scopes, account=accounts[0], force_refresh=force)
        )
        self._save()
        if result and "access_token" not in result:
            raise _sign_in_error(result)
        return str(result["access_token"]) if result else None

    def _ask(self, call: Callable[[], Any]) -> Any:
        from msal.exceptions import MsalServiceError

        try:
            return call()
        except (httpx.HTTPError, OSError, MsalServiceError) as wrong:
            raise Unavailable(f"The sign-in service cannot be reached ({wrong}).") from None
        except json.JSONDecodeError as wrong:
            raise _unreadable_answer("The sign-in service", wrong) from None
        except ValueError as wrong:  # what msal says of an authority that is none
            raise NotSignedIn(f"The sign-in service refuses: {wrong}") from None
        except _ODD as wrong:
            raise _unreadable_answer("The sign-in service", wrong) from None

    def _app(self) -> tuple[Any, Any]:
        if self._made is None:
            import msal

            logging.getLogger("msal").addHandler(logging.NullHandler())  # errors are raised, not printed as well
            cache = msal.SerializableTokenCache()
            try:
                cache.deserialize(self._saved)
            except ValueError:
                raise NotSignedIn(f"What was kept of the sign-in cannot be read. {_AGAIN} graph") from None
            self._made = self._ask(
                lambda: (
                    msal.PublicClientApplication(
                        self._client_id,
                        authority=self._authority,
                        token_cache=cache,
                        http_client=_Form(self._http),
                    ),
                    cache,
                )
            )
        return self._made

    def _save(self) -> None:
        _, cache = self._app()
        if cache.has_state_changed:
            self._keep(cache.serialize())


class _Form:
    """What msal calls an HTTP client: leaves out the parameters that are None, as msal expects."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, url: str, *, params: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Ask."""
        return self._http.get(url, params=_without_nulls(params), headers=headers)

    def post(self, url: str, *, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> httpx.Response:
        """Send a form."""
        return self._http.post(url, params=_without_nulls(params), data=_without_nulls(data), headers=headers)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _without_nulls(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: value for name, value in values.items() if value is not None} if values else None


def _sign_in_error(result: Mapping[str, Any]) -> ClientError:
    """Return what Microsoft says, without the trace ids on the following lines."""
    reason = str(result.get("error_description") or result.get("error") or "no reason given").splitlines()[0]
    code = str(result.get("error") or "")
    kind = Unavailable if code in _LATER else NotSignedIn
    return kind(f"Microsoft did not sign you in: {reason}", code=code)


def _unreadable_answer(who: str, wrong: Exception) -> Unreadable:
    return Unreadable(f"{who} answers in a way that cannot be read ({wrong}).")


# --- Google


class GoogleAccount:
    """A person signed in with Google: `authorized` is an authorized-user file's text, a secret."""

    def __init__(
        self, authorized: str, *, keep: Keep = lambda authorized: None, http: httpx.Client | None = None
    ) -> None:
        self._authorized = authorized
        self._keep = keep
        self._http = http or httpx.Client(timeout=30)
        self._made: Any = None
        self._status = 0  # of the sign-in service's last answer

    def token(self) -> str:
        """Return the token, renewed where it has expired."""
        credentials = self._credentials()
        return str(credentials.token) if credentials.valid else self._refresh()

    def renewed(self) -> str | None:
        """Return a token that is fetched anew."""
        return self._refresh()

    def _credentials(self) -> Any:
        if self._made is None:
            from google.oauth2.credentials import Credentials as Made

            try:
                made: Any = Made
                self._made = made.from_authorized_user_info(json.loads(self._authorized))
            except (ValueError, TypeError, AttributeError) as wrong:
                raise NotSignedIn(f"This is not an authorized-user file: {wrong}") from None
        return self._made

    def _refresh(self) -> str:
        from google.auth import exceptions

        credentials = self._credentials()
        try:
            credentials.refresh(self._send)
        except exceptions.RefreshError as wrong:
            reason = str(wrong.args[0] if wrong.args else "").rstrip(".") or "no reason given"
            if self._status == 429 or self._status >= 500:
                raise Unavailable(f"Google does not renew the sign-in now: {reason}.") from None
            raise NotSignedIn(
                f"Google did not renew the sign-in: {reason}. {_AGAIN} google", code="invalid_grant"
            ) from None
        except exceptions.TransportError as wrong:
            raise Unavailable(f"Google's sign-in service cannot be reached ({wrong}).") from None
        except (*_ODD, ValueError) as wrong:
            raise _unreadable_answer("Google's sign-in service", wrong) from None
        self._keep(credentials.to_json())
        return str(credentials.token)

    def _send(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> Any:
        """Be what google-auth calls a transport."""
        from google.auth import exceptions

        try:
            found = self._http.request(method, url, content=body, headers=headers, timeout=timeout or 30)
        except httpx.HTTPError as wrong:
            failed: Any = exceptions.TransportError
            raise failed(wrong) from wrong
        self._status = found.status_code
        return _Answer(found.status_code, dict(found.headers), found.content)


class _Answer:
    """What google-auth calls a response."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data
