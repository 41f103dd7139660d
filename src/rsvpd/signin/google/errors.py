"""Google's errors at its OAuth endpoints: a word, a sentence, a status (RFC 6749 5.2)."""

from __future__ import annotations

from msgspec import Struct
from starlette.responses import Response

from rsvpd.signin.http import json_answer


class GoogleError(Exception):
    """What a token, device or revocation endpoint says is wrong."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def answer(self) -> Response:
        """Return the answer that says it."""
        body = {"error": self.code, "error_description": self.message}
        return json_answer(body if self.message else {"error": self.code}, self.status)


class _Kind(Struct, frozen=True):
    code: str
    message: str
    status: int = 400

    def __call__(self) -> GoogleError:
        return GoogleError(self.code, self.message, status=self.status)


NO_CLIENT = _Kind("invalid_client", "The OAuth client was not found.", 401)
WRONG_SECRET = _Kind("invalid_client", "Unauthorized", 401)
TOO_MANY = _Kind("rate_limit_exceeded", "Too many wrong secrets; try again in a minute.", 403)
NO_SUCH_CODE = _Kind("invalid_grant", "Malformed auth code.")
BAD_GRANT = _Kind("invalid_grant", "Bad Request")
REVOKED = _Kind("invalid_grant", "Token has been expired or revoked.")
WRONG_REDIRECT = _Kind("redirect_uri_mismatch", "Bad Request")
WRONG_VERIFIER = _Kind("invalid_grant", "Invalid code verifier.")
MISSING_VERIFIER = _Kind("invalid_grant", "Missing code verifier.")
PENDING = _Kind("authorization_pending", "Precondition Required", 428)
SLOW_DOWN = _Kind("slow_down", "Forbidden", 403)
REFUSED = _Kind("access_denied", "Forbidden", 403)
DEVICE_EXPIRED = _Kind("expired_token", "The device code has expired.")
NO_DEVICE = _Kind("invalid_grant", "Malformed device code.")
UNSUPPORTED_GRANT = _Kind("unsupported_grant_type", "Invalid grant_type")
UNKNOWN_SUBJECT = _Kind("invalid_grant", "Invalid email or User ID")
UNKNOWN_ACCOUNT = _Kind("invalid_grant", "Invalid grant: account not found")
NO_SUBJECT = _Kind(
    "unauthorized_client",
    "A service account has no calendar here: name whom it acts for (the claim 'sub', in Google's libraries"
    " with_subject).",
    401,
)
INVALID_TOKEN = _Kind("invalid_token", "Invalid Value")
NO_SCOPE = _Kind("invalid_scope", "Missing required parameter: scope")


def invalid_scopes(names: list[str]) -> GoogleError:
    """Return the error for scopes that Google does not know."""
    listed = ", ".join(name[:80] for name in names[:5])
    return GoogleError("invalid_scope", f"Some requested scopes were invalid. {{invalid=[{listed}]}}")


def missing_parameter(name: str) -> GoogleError:
    """Return the error for a parameter that is not there."""
    return GoogleError("invalid_request", f"Missing required parameter: {name}")
