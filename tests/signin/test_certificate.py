"""An application that signs an assertion in the place of showing a secret (RFC 7523)."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rsvpd.config import RegisteredClient
from rsvpd.identity.clients import LOCAL_TENANT
from support.sign_in import HOST, SignIn, refusal

ID = "c0ffee00-0000-4000-8000-000000000003"
ENDPOINT = f"{HOST}/{LOCAL_TENANT}/oauth2/v2.0/token"


@cache
def key_pair(number: int) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    """Return a key and its certificate."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"app {number}")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), number, start, start + datetime.timedelta(9999))
    return key, made.sign(key, hashes.SHA256())


def pem(number: int = 1) -> str:
    return key_pair(number)[1].public_bytes(serialization.Encoding.PEM).decode()


def thumbprint(number: int, make: Any = hashlib.sha256) -> str:
    der = key_pair(number)[1].public_bytes(serialization.Encoding.DER)
    return base64.urlsafe_b64encode(make(der).digest()).rstrip(b"=").decode()


@pytest.fixture
def server(make: Callable[..., SignIn]) -> SignIn:
    return make(RegisteredClient(id=ID, certificates=(pem(2), pem(1)), roles=("Mail.Read",)))


def assertion(server: SignIn, *, number: int = 1, algorithm: str = "PS256", headers: Any = None, **changed: Any) -> str:
    now = server.world.now // 1_000_000
    said = {"iss": ID, "sub": ID, "aud": ENDPOINT, "exp": now + 600, "nbf": now, "jti": "1"} | changed
    named = {"x5t#S256": thumbprint(number)} if headers is None else headers
    return jwt.encode(said, key_pair(number)[0], algorithm=algorithm, headers=named)


def ask(server: SignIn, text: str, **changed: str) -> Any:
    form = {
        "client_id": ID, "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion": text,
    }  # fmt: skip
    return server.token(form | changed)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("headers", [
    None, {}, {"x5t": thumbprint(1, hashlib.sha1)}, {"x5t": thumbprint(1)}, {"x5t": thumbprint(1, hashlib.sha1) + "="},
])  # fmt: skip
def test_an_application_shows_who_it_is(server: SignIn, algorithm: str, headers: Any) -> None:
    body = ask(server, assertion(server, algorithm=algorithm, headers=headers)).json()
    found = server.provider.tokens.verify(f"Bearer {body['access_token']}", server.world.now)
    assert (found.app_id, found.roles) == (ID, frozenset({"Mail.Read"}))


def test_an_assertion_may_come_again_while_it_is_valid(server: SignIn) -> None:
    text = assertion(server)  # MSAL keeps one for minutes
    assert [ask(server, text).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("audience", [
    ENDPOINT, f"{HOST}/{LOCAL_TENANT}/v2.0", [f"{HOST}/{LOCAL_TENANT}/", "x"], f"{HOST}/{LOCAL_TENANT}/oauth2/token",
])  # fmt: skip
def test_it_is_for_this_tenant(server: SignIn, audience: Any) -> None:
    assert ask(server, assertion(server, aud=audience)).status_code == 200


@pytest.mark.parametrize(("changed", "number"), [
    ({"aud": "https://evil.example/token"}, 700027),
    ({"aud": f"{HOST}/contoso.com/oauth2/v2.0/token"}, 700027),
    ({"aud": None}, 700027), ({"aud": 7}, 700027),
    ({"iss": "other"}, 700027), ({"sub": "other"}, 700027),
    ({"exp": 1}, 700024), ({"exp": "soon"}, 700024), ({"exp": float("inf")}, 700024), ({"exp": True}, 700024),
    ({"nbf": 2**33}, 700024), ({"nbf": None}, 700024),
    ({"number": 3}, 700027),
    ({"number": 2, "headers": {"x5t#S256": thumbprint(1)}}, 700027),
    ({"headers": {"x5t": "x"}}, 700027),
    ({"headers": {"x5t": 1}}, 700027),
    ({"algorithm": "RS384"}, 700027),
])  # fmt: skip
def test_an_assertion_that_says_nothing(server: SignIn, changed: Any, number: int) -> None:
    assert refusal(ask(server, assertion(server, **changed))) == (401, "invalid_client", number)


def forged(server: SignIn, algorithm: str, key: bytes) -> str:
    """Return an assertion with whatever algorithm, which libraries refuse to make."""
    now = server.world.now // 1_000_000
    said = {"iss": ID, "sub": ID, "aud": ENDPOINT, "exp": now + 600}
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode()
        for one in ({"alg": algorithm, "typ": "JWT"}, said)
    ]
    signature = hmac.digest(key, ".".join(parts).encode(), "sha256") if key else b""
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


def test_the_algorithm_is_not_the_senders_to_choose(server: SignIn) -> None:
    public = key_pair(1)[0].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for text in (
        forged(server, "none", b""), forged(server, "None", b""), forged(server, "HS256", public),
        forged(server, "HS256", pem().encode()), forged(server, "RS256", public),
    ):  # fmt: skip
        assert refusal(ask(server, text)) == (401, "invalid_client", 700027)


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "é.é.é", "x" * 20_000, "e30.e30.e30", "bnVsbA.e30.AA"])
def test_garbage_is_refused(server: SignIn, text: str) -> None:
    assert refusal(ask(server, text)) == (401, "invalid_client", 700027)


def test_the_type_is_named(server: SignIn) -> None:
    assert refusal(ask(server, assertion(server), client_assertion_type="x")) == (400, "invalid_request", 90014)


def test_an_application_without_certificates_signs_nothing(make: Callable[..., SignIn]) -> None:
    server = make(RegisteredClient(id=ID, secrets=("s",)))
    assert refusal(ask(server, assertion(server))) == (401, "invalid_client", 700027)
