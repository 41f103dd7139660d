"""The keys that sign tokens: RSA, one in use, those before it still good for checking.

Clients fetch the public halves as a JSON Web Key Set (RFC 7517) and check what they are given; this server
checks its own tokens with the same ring. Rule: RS256 and a known `kid`, whatever a token says of itself
(RFC 8725 3.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

import jwt
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from msgspec import Struct

from rsvpd.clock import Instant, to_datetime
from rsvpd.identity.jose import SIGNATURE_ONLY, base64url

ALGORITHM = "RS256"
BITS = 2048
MOST_KEPT = 4  # the key in use and three before it
_DAY = 86_400_000_000


class StoredKey(Struct, frozen=True, kw_only=True):
    """A key as the data file keeps it: PKCS #8 in PEM, and the instant since when it signs."""

    kid: str
    pem: str
    since: Instant


class InvalidToken(Exception):
    """A token that no key of this ring signed, or that cannot be read."""


class KeyRing:
    """Signs with the newest key and opens what any of its keys signed."""

    def __init__(self, stored: tuple[StoredKey, ...]) -> None:
        self.stored = stored
        self._private: dict[str, Any] = {
            one.kid: serialization.load_pem_private_key(one.pem.encode(), password=None) for one in stored
        }

    @classmethod
    def create(cls, now: Instant) -> KeyRing:
        """Return a ring with one fresh key."""
        return cls((_new_key(now),))

    @classmethod
    def decode(cls, raw: bytes) -> KeyRing:
        """Return the ring that `encode` wrote."""
        return cls(msgspec.json.decode(raw, type=tuple[StoredKey, ...]))

    def encode(self) -> bytes:
        """Return the ring as the data file keeps it; whoever reads this can sign."""
        return msgspec.json.encode(self.stored)

    def rotate(self, now: Instant) -> KeyRing:
        """Return a ring that signs with a fresh key and still opens what the last ones signed."""
        return KeyRing((*self.stored, _new_key(now))[-MOST_KEPT:])

    def is_due(self, now: Instant, *, days: int) -> bool:
        """Return whether the key in use has signed for `days`."""
        return now - self.stored[-1].since >= days * _DAY

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a JSON Web Token with these claims."""
        kid = self.stored[-1].kid
        return jwt.encode(dict(claims), self._private[kid], algorithm=ALGORITHM, headers={"kid": kid})

    def open(self, token: str) -> dict[str, Any]:
        """Return the claims of a token of this ring; times and audience are the caller's to compare.

        Raises InvalidToken.
        """
        try:
            key = self._private[str(jwt.get_unverified_header(token).get("kid"))].public_key()
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[ALGORITHM], options=SIGNATURE_ONLY)
        except (jwt.PyJWTError, KeyError, ValueError, RecursionError):
            raise InvalidToken from None
        return claims

    @cached_property
    def public(self) -> list[dict[str, str]]:
        """Return the public keys as JSON Web Keys (RFC 7517), the one in use first."""
        return [_public(one.kid, self._private[one.kid].public_key()) for one in reversed(self.stored)]


    @cached_property
    def certificates(self) -> dict[str, str]:
        """Return the public keys as certificates (PEM) by their ids; they say nothing but the key."""
        return {one.kid: _certificate(one, self._private[one.kid]) for one in reversed(self.stored)}


def _new_key(now: Instant) -> StoredKey:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return StoredKey(kid=_thumbprint(private.public_key()), pem=pem.decode(), since=now)


def _certificate(stored: StoredKey, key: rsa.RSAPrivateKey) -> str:
    """Return the same certificate every time: signatures of RSA (PKCS #1 v1.5) hold nothing random."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rsvpd")])
    begin = to_datetime(stored.since)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(hashlib.sha256(stored.kid.encode()).digest()[:16]) | 1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3_650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _public(kid: str, key: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {
        "kty": "RSA", "use": "sig", "alg": ALGORITHM, "kid": kid, "n": _number(numbers.n), "e": _number(numbers.e),
    }  # fmt: skip


def _thumbprint(key: rsa.RSAPublicKey) -> str:
    """Return the key's thumbprint (RFC 7638), by which it is known."""
    numbers = key.public_numbers()
    members = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    return base64url(hashlib.sha256(msgspec.json.encode(members)).digest())


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))
