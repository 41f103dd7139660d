"""Assertions: JSON Web Tokens by which an application shows who it is, signed with a key of its own (RFC 7523).

Rule: the algorithms are ours to choose, the keys those that were registered, whatever the assertion says of itself
(RFC 8725 3.1). An assertion may come again as long as it is valid: MSAL keeps one for as long.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificate

from rsvpd.clock import SKEW_SECONDS, Instant
from rsvpd.identity.jose import SIGNATURE_ONLY, base64url

ALGORITHMS = ("RS256", "PS256")
MAX_LENGTH = 16_384
_SECOND = 1_000_000
_FAR = 2**40  # seconds; beyond it are the infinities that JSON parsers let through


class Fault(enum.Enum):
    """What is wrong with an assertion."""

    MALFORMED = "it cannot be read"
    SIGNATURE = "no registered key made its signature"
    AUDIENCE = "it is for somebody else"
    TIME = "it is not valid now"


class InvalidAssertion(Exception):
    """An assertion that says nothing; `fault` is why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def open_assertion(
    text: str, keys: Iterable[RSAPublicKey], *, audiences: Iterable[str], now: Instant
) -> dict[str, Any]:
    """Return the claims of an assertion that one of `keys` signed, for one of `audiences`. Raises InvalidAssertion.

    Clocks may differ by five minutes.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidAssertion(Fault.MALFORMED)
    claims = _verify(text, keys)
    if not _strings(claims.get("aud")) & set(audiences):
        raise InvalidAssertion(Fault.AUDIENCE)
    second = now // _SECOND
    expires: Any = claims.get("exp")
    begins: Any = claims.get("nbf", 0)
    if not _is_number(expires) or not _is_number(begins):
        raise InvalidAssertion(Fault.TIME)
    if second >= expires + SKEW_SECONDS or second < begins - SKEW_SECONDS:
        raise InvalidAssertion(Fault.TIME)
    return claims


def keys_of(certificates: Sequence[str], text: str) -> list[RSAPublicKey]:
    """Return the keys of PEM certificates, of the one that the assertion names if it names one.

    It does so by the thumbprint in `x5t#S256` or `x5t` (RFC 7515 4.1.7).
    """
    loaded = [load_pem_x509_certificate(one.encode()) for one in certificates]
    named = _header(text)
    found = [one for one in loaded if _is_named(one, named)]
    return [key for one in found if isinstance(key := one.public_key(), RSAPublicKey)]


def _is_named(certificate: Certificate, header: dict[str, Any]) -> bool:
    der = certificate.public_bytes(Encoding.DER)
    for name, make in (("x5t#S256", hashlib.sha256), ("x5t", hashlib.sha1)):
        if name in header:
            # Some libraries leave the padding in, some write the thumbprint of SHA-256 as `x5t`.
            digest = str(header[name]).rstrip("=")
            return digest in {base64url(make(der).digest()), base64url(hashlib.sha256(der).digest())}
    return True


def _verify(text: str, keys: Iterable[RSAPublicKey]) -> dict[str, Any]:
    _header(text)
    for key in keys:
        try:
            claims: dict[str, Any] = jwt.decode(text, key, algorithms=list(ALGORITHMS), options=SIGNATURE_ONLY)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise InvalidAssertion(Fault.MALFORMED) from None
        return claims
    raise InvalidAssertion(Fault.SIGNATURE)


def _header(text: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(text)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidAssertion(Fault.MALFORMED) from None


def _strings(value: Any) -> set[str]:
    listed = value if isinstance(value, list) else [value]
    return {one for one in listed if isinstance(one, str)}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _FAR
