"""Tokens: what they say, and everything that is not a valid one."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.errors import NotAuthenticated, TokenExpired, TokenMalformed, TokenMissing
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.person import Person

KEY = b"k" * 32
TENANT = "11111111-2222-4333-8444-555555555555"
OID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
BOB = Person(number=2, oid=OID, address="Bob@example.com", name="Bob Baker", zone="UTC")
SECOND = 1_000_000
NOW = 1_765_000_000 * SECOND
TOKENS = Tokens(KEY, TENANT)
PAYLOAD = {
    "oid": OID, "upn": "bob@example.com", "tid": TENANT, "exp": NOW // SECOND + 60, "nbf": NOW // SECOND,
    "name": "Bob", "scp": "Mail.Read",
}  # fmt: skip


def bearer(payload, *, key=KEY, algorithm="HS256", headers=None):
    return "Bearer " + jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def without(name):
    return {key: value for key, value in PAYLOAD.items() if key != name}


def segment(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_the_claims_clients_look_for():
    claims = jwt.decode(TOKENS.issue(BOB, now=NOW, lifetime_seconds=10), options={"verify_signature": False})
    assert claims["upn"] == claims["unique_name"] == claims["preferred_username"] == "Bob@example.com"
    assert (claims["oid"], claims["tid"], claims["name"]) == (OID, TENANT, "Bob Baker")
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (NOW // SECOND,) * 2 + (NOW // SECOND + 10,)
    assert TENANT in claims["iss"]
    assert claims["aud"]
    assert claims["ver"]
    assert "Calendars.ReadWrite" in claims["scp"].split()


def test_what_was_issued_is_valid_and_says_who():
    claims = TOKENS.verify("Bearer " + TOKENS.issue(BOB, now=NOW, scopes=("Mail.Read",)), NOW)
    assert (claims.oid, claims.upn, claims.name) == (OID, "Bob@example.com", "Bob Baker")
    assert claims.scopes == {"Mail.Read"}


def test_a_server_whose_clock_is_behind_takes_it():
    header = "Bearer " + TOKENS.issue(BOB, now=NOW)
    assert TOKENS.verify(header, NOW - 300 * SECOND).oid == OID
    with pytest.raises(TokenMalformed, match="not yet valid"):
        TOKENS.verify(header, NOW - 301 * SECOND)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "beaReR"])
def test_the_scheme_stands_in_any_case(scheme):
    token = TOKENS.issue(BOB, now=NOW)
    assert TOKENS.verify(f"{scheme} {token}", NOW).oid == OID
    assert TOKENS.verify(f"{scheme}   {token} ", NOW).oid == OID


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer    ", "Basic Ym9iOng=", "token"])
def test_no_bearer_token_at_all(header):
    with pytest.raises(TokenMissing):
        TOKENS.verify(header, NOW)


def test_it_expires_with_the_second_even_when_it_was_seen_before():
    header = "Bearer " + TOKENS.issue(BOB, now=NOW, lifetime_seconds=5)
    assert TOKENS.verify(header, NOW + 5 * SECOND - 1).oid == OID
    with pytest.raises(TokenExpired):
        TOKENS.verify(header, NOW + 5 * SECOND)
    assert TOKENS.verify(header, NOW).oid == OID


@pytest.mark.parametrize(
    "header",
    [
        bearer(PAYLOAD, key=b"x" * 32),
        bearer(PAYLOAD, algorithm="none", key=None),
        bearer(PAYLOAD, algorithm="HS512", key=KEY * 2),
        bearer(PAYLOAD | {"tid": OID}),
        bearer(PAYLOAD | {"nbf": NOW // SECOND + 301}),
        bearer(PAYLOAD | {"exp": "soon"}),
        bearer(PAYLOAD | {"exp": None}),
        bearer(PAYLOAD | {"exp": 1e400}),
        bearer(PAYLOAD | {"oid": 7}),
        bearer(PAYLOAD | {"scp": ["Mail.Read"]}),
        bearer(PAYLOAD, headers={"crit": ["b64"], "b64": False}),
        *[bearer(without(name)) for name in ("oid", "upn", "tid", "exp", "nbf")],
        bearer(PAYLOAD).rpartition(".")[0],
        bearer(PAYLOAD).rpartition(".")[0] + ".",
        bearer(PAYLOAD)[:-2],
        bearer(PAYLOAD) + "A",
        bearer(PAYLOAD) + ".A",
        bearer(PAYLOAD).replace(".", "..", 1),
        "Bearer " + ".".join([segment({"alg": "none"}), segment(PAYLOAD), ""]),
        "Bearer " + ".".join([segment(b"[" * 4000), segment(PAYLOAD), segment(b"x" * 32)]),
        "Bearer " + ".".join([segment(["HS256"]), segment(PAYLOAD), segment(b"x" * 32)]),
        "Bearer ...",
        "Bearer ü.ü.ü",
        "Bearer one two",
        "Bearer " + "A" * 8192,
    ],
    ids=lambda header: header[7:40],
)
def test_not_a_token_of_ours(header):
    with pytest.raises(TokenMalformed):
        TOKENS.verify(header, NOW)


def test_a_payload_nested_beyond_reason_is_malformed_even_when_signed():
    inner = jwt.PyJWS().encode(b'{"a":' * 900 + b"1" + b"}" * 900, KEY, algorithm="HS256")
    with pytest.raises(TokenMalformed):
        TOKENS.verify("Bearer " + inner, NOW)


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_any_header_is_valid_or_raises_not_authenticated(text):
    for header in (text, "Bearer " + text):
        with pytest.raises(NotAuthenticated):
            TOKENS.verify(header, NOW)
