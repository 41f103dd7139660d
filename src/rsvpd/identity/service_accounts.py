"""Google's service accounts: programs that sign what they ask for with a key of their own (RFC 7523).

The key file is what Google's libraries read (`GOOGLE_APPLICATION_CREDENTIALS`). One account is known to every
server; its key is made with the data file. The words of errors are those of Google's token endpoint (Google
Identity: Using OAuth 2.0 for server to server applications).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec import Struct

from rsvpd.clock import SKEW_SECONDS, Instant
from rsvpd.identity.jose import SIGNATURE_ONLY

LOCAL_ACCOUNT = "local@rsvpd.iam.gserviceaccount.com"
GOOGLE_TOKEN_ENDPOINTS = (
    "https://oauth2.googleapis.com/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://accounts.google.com/o/oauth2/token",
)

_ALGORITHM = "RS256"
_BITS, _EXPONENT = 2048, 65_537
_SECOND = 1_000_000
_LONGEST_SECONDS = 3_600
_MOST_LETTERS = 16_384
_TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)


class InvalidAssertion(Exception):
    """What is wrong with an assertion: Google's code and its words."""

    def __init__(self, message: str, *, code: str = "invalid_grant") -> None:
        super().__init__(message)
        self.code = code


class Assertion(Struct, frozen=True, kw_only=True):
    """What a service account asks for. `subject` is the address of whom it acts for, empty for itself.

    `audience` is for whom an ID token is wanted, in the place of scopes.
    """

    account: str
    subject: str
    scopes: tuple[str, ...]
    audience: str


class _Payload(Struct, frozen=True):
    iss: str
    aud: str
    iat: int
    exp: int
    scope: str = ""
    sub: str = ""
    prn: str = ""  # what `sub` was called before it had that name
    target_audience: str = ""


def new_private_key() -> bytes:
    """Return a fresh key, as PKCS #8 in PEM."""
    key = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_file(account: str, private_key: bytes, *, token_uri: str, certificates_uri: str) -> dict[str, str]:
    """Return what stands in the key file of an account."""
    return {
        "type": "service_account",
        "project_id": account.partition("@")[2].partition(".")[0],
        "private_key_id": key_id(private_key),
        "private_key": private_key.decode(),
        "client_email": account,
        "client_id": str(int(hashlib.sha256(account.encode()).hexdigest(), 16) % 10**21).zfill(21),
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": token_uri,
        "auth_provider_x509_cert_url": certificates_uri,
        "universe_domain": "googleapis.com",
    }


def key_id(private_key: bytes) -> str:
    """Return the name of a key: the first letters of the SHA-256 of its public half."""
    public = _private(private_key).public_key()
    raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(raw).hexdigest()[:40]


def public_key(private_key: bytes) -> str:
    """Return the public half of a key, in PEM."""
    public = _private(private_key).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def account_of(assertion: str) -> str:
    """Return who says to have signed an assertion, of which nothing has been checked yet.

    Raises InvalidAssertion.
    """
    try:
        if len(assertion) > _MOST_LETTERS:
            raise ValueError
        claims = jwt.decode(assertion, options={"verify_signature": False})
        return str(claims["iss"])
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, RecursionError):
        raise InvalidAssertion("Invalid JWT: it cannot be read, or has no issuer (iss).") from None


def read(assertion: str, *, keys: Iterable[str], endpoints: Iterable[str], now: Instant) -> Assertion:
    """Return what an assertion asks for that one of `keys` (PEM) has signed, for one of `endpoints`.

    Raises InvalidAssertion.
    """
    payload = _payload(_verify(assertion, keys))
    if payload.aud.rstrip("/") not in endpoints:
        raise InvalidAssertion("Invalid JWT: Failed audience check. The right audience is this token endpoint.")
    second = now // _SECOND
    is_short = 0 < payload.exp - payload.iat <= _LONGEST_SECONDS + SKEW_SECONDS
    if not is_short or not payload.iat - SKEW_SECONDS <= second < payload.exp + SKEW_SECONDS:
        raise InvalidAssertion(_TIMES)
    if not payload.scope.split() and not payload.target_audience:
        raise InvalidAssertion("Invalid OAuth scope or ID token audience provided.", code="invalid_scope")
    return Assertion(
        account=payload.iss, subject=payload.sub or payload.prn, scopes=tuple(payload.scope.split()),
        audience=payload.target_audience,
    )  # fmt: skip


def _verify(assertion: str, keys: Iterable[str]) -> Mapping[str, Any]:
    for key in keys:
        try:
            claims: Mapping[str, Any] = jwt.decode(assertion, key, algorithms=[_ALGORITHM], options=SIGNATURE_ONLY)
        except (jwt.PyJWTError, ValueError, RecursionError):
            continue
        return claims
    raise InvalidAssertion("Invalid JWT Signature.")


def _payload(claims: Mapping[str, Any]) -> _Payload:
    try:
        return msgspec.convert(claims, _Payload)
    except ValueError as wrong:
        raise InvalidAssertion(f"Invalid JWT: {str(wrong)[:120]}.") from None


def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
