"""The ring of keys: what it signs it opens, what others sign it does not, whatever that says of itself."""

from __future__ import annotations

import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from rsvpd.identity.keys import MOST_KEPT, InvalidToken, KeyRing

DAY = 86_400_000_000
RING = KeyRing.create(0)
OTHER = KeyRing.create(0)
SAID = {"aud": "a", "scp": "x"}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header: dict[str, object], key: bytes = b"") -> str:
    """Return a token that no library would make."""
    text = f"{part(header)}.{part(SAID)}"
    signature = hmac.digest(key, text.encode(), "sha256") if key else b""
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_what_it_signs_anybody_can_check_by_what_is_published() -> None:
    token = RING.sign(SAID)
    (key,) = RING.public
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": key["kid"], "typ": "JWT"}
    assert jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience="a") == SAID
    assert "d" not in key


def test_it_is_stored_and_read_again() -> None:
    again = KeyRing.decode(RING.encode())
    assert again.open(RING.sign(SAID)) == SAID
    assert again.public == RING.public


@pytest.mark.slow
def test_a_new_key_signs_and_the_ones_before_it_still_open() -> None:
    first = RING.sign(SAID)
    ring = RING
    for day in range(1, MOST_KEPT):
        ring = ring.rotate(day * DAY)
    assert ring.open(first) == SAID
    assert [one["kid"] for one in ring.public][-1] == RING.public[0]["kid"]
    assert jwt.get_unverified_header(ring.sign(SAID))["kid"] == ring.public[0]["kid"]
    with pytest.raises(InvalidToken):
        ring.rotate(MOST_KEPT * DAY).open(first)


@pytest.mark.parametrize(("days", "is_due"), [(29, False), (30, True)])
def test_a_key_is_due_by_its_age(days: int, is_due: bool) -> None:
    assert RING.is_due(days * DAY, days=30) == is_due


def _public_pem() -> bytes:
    private = serialization.load_pem_private_key(RING.stored[0].pem.encode(), password=None)
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


KID = RING.public[0]["kid"]
FORGED = {
    "another ring's": OTHER.sign(SAID),
    "another ring's under this kid": OTHER.sign(SAID).replace(
        OTHER.sign(SAID).split(".")[0], part({"alg": "RS256", "kid": KID, "typ": "JWT"})
    ),
    "none": forged({"alg": "none", "kid": KID}),
    "None": forged({"alg": "None", "kid": KID}),
    "HS256 by the public key": forged({"alg": "HS256", "kid": KID}, _public_pem()),
    "HS256 by its number": forged({"alg": "HS256", "kid": KID}, RING.public[0]["n"].encode()),
    "RS256 by the public key": forged({"alg": "RS256", "kid": KID}, _public_pem()),
    "no kid": forged({"alg": "RS256"}, b"x"),
    "a kid that is a list": forged({"alg": "RS256", "kid": [KID]}, b"x"),
    "its own key": forged({"alg": "RS256", "kid": "x", "jwk": RING.public[0]}, b"x"),
    "nothing": "",
    "no token": "a.b.c",
    "deep": f"{base64.urlsafe_b64encode(b'[' * 6000).decode()}.e30.e30",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_what_others_sign_is_not_opened(token: str) -> None:
    with pytest.raises(InvalidToken):
        RING.open(token)
