"""What a service account signs: Google's own library makes it, and whatever is not right about it is refused."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from google.oauth2 import service_account
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.identity.service_accounts import (
    GOOGLE_TOKEN_ENDPOINTS,
    LOCAL_ACCOUNT,
    Assertion,
    InvalidAssertion,
    account_of,
    key_file,
    key_id,
    new_private_key,
    public_key,
    read,
)

SECOND = 1_000_000
NOW = 1_795_000_000
KEY, OTHER = new_private_key(), new_private_key()
FILE = key_file(LOCAL_ACCOUNT, KEY, token_uri=GOOGLE_TOKEN_ENDPOINTS[0], certificates_uri="https://example.com/certs")
SCOPE = "https://www.googleapis.com/auth/calendar"


def signed(key: bytes | str = KEY, algorithm: str = "RS256", **changed: Any) -> str:
    """Return an assertion; a claim of None is left out."""
    claims = {
        "iss": LOCAL_ACCOUNT, "sub": "bob@example.com", "scope": SCOPE, "aud": GOOGLE_TOKEN_ENDPOINTS[0], "iat": NOW,
        "exp": NOW + 3600,
    } | changed  # fmt: skip
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm=algorithm)


def asked(assertion: str, *keys: str) -> Assertion:
    """Read an assertion with the account's own key."""
    return read(assertion, keys=keys or (public_key(KEY),), endpoints=GOOGLE_TOKEN_ENDPOINTS, now=NOW * SECOND)


def test_what_googles_library_signs_is_read() -> None:
    credentials = service_account.Credentials.from_service_account_info(FILE, scopes=[SCOPE], subject="bob@example.com")
    made = credentials._make_authorization_grant_assertion()
    made = made.decode() if isinstance(made, bytes) else made
    claims = jwt.decode(made, options={"verify_signature": False})
    assert jwt.get_unverified_header(made)["kid"] == key_id(KEY)
    got = read(made, keys=[public_key(KEY)], endpoints=GOOGLE_TOKEN_ENDPOINTS, now=claims["iat"] * SECOND)
    assert got == Assertion(account=LOCAL_ACCOUNT, subject="bob@example.com", scopes=(SCOPE,), audience="")
    assert account_of(made) == LOCAL_ACCOUNT


def test_one_of_several_keys_is_enough() -> None:
    assert asked(signed(), public_key(OTHER), public_key(KEY)).account == LOCAL_ACCOUNT
    assert asked(signed(prn="eve@example.com", sub=None)).subject == "eve@example.com"


@pytest.mark.parametrize(
    ("assertion", "code", "words"),
    [
        (signed(OTHER), "invalid_grant", "Signature"),
        (signed("secret" * 8, "HS256"), "invalid_grant", "Signature"),
        (signed("", "none"), "invalid_grant", "Signature"),
        (signed()[:-4], "invalid_grant", "Signature"),
        (signed(aud="https://evil.example/token"), "invalid_grant", "audience"),
        (signed(aud=["https://oauth2.googleapis.com/token"]), "invalid_grant", "Invalid JWT"),
        (signed(exp=NOW - 301), "invalid_grant", "short-lived"),
        (signed(exp=NOW + 10_000), "invalid_grant", "short-lived"),
        (signed(iat=NOW + 400, exp=NOW + 500), "invalid_grant", "short-lived"),
        (signed(iat=NOW, exp=NOW), "invalid_grant", "short-lived"),
        (signed(exp=None), "invalid_grant", "Invalid JWT"),
        (signed(iat="now"), "invalid_grant", "Invalid JWT"),
        (signed(exp=10**400), "invalid_grant", "Invalid JWT"),
        (signed(scope=" "), "invalid_scope", "scope"),
    ],
)
def test_what_is_not_right_is_refused(assertion: str, code: str, words: str) -> None:
    with pytest.raises(InvalidAssertion, match=words) as refused:
        asked(assertion)
    assert refused.value.code == code


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789-_.=", max_size=200))
def test_any_text_is_refused(text: str) -> None:
    for act in (account_of, asked):
        with pytest.raises(InvalidAssertion):
            act(text)
