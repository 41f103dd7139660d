"""The control interface, asked without a server around it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from msgspec import structs

from rsvpd.control.api import MOUNT, VERBS, make_control
from rsvpd.control.desk import Desk
from rsvpd.control.faults import fault_of
from rsvpd.control.openapi import describe
from rsvpd.errors import InvalidProperty
from rsvpd.faults import check
from rsvpd.signin.http import ORIGIN, PEER

DOCS = Path(__file__).parents[3] / "docs"

UNUSED: Any = None
DESK = Desk(
    config=UNUSED, store=UNUSED, accounts=UNUSED, clock=lambda: 0, time=UNUSED, token="t", service_account=UNUSED
)  # fmt: skip


def test_a_body_that_does_not_arrive_whole_is_refused() -> None:
    app = make_control(DESK)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/people", "query_string": b"",
        "headers": [(b"authorization", b"Bearer t")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    parts = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400


def answered(
    desk: Desk, method: str, path: str, *, peer: str = "127.0.0.1", body: bytes = b"", **headers: str
) -> tuple[int, str]:
    app = make_control(desk)

    async def reached(scope: Any, receive: Any, send: Any) -> None:
        await app(scope | {ORIGIN: "http://localhost:1", PEER: peer}, receive, send)

    async def ask() -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(reached), base_url="http://localhost:1") as client:
            return await client.request(method, path, headers=sent, content=body)

    reply = asyncio.run(ask())
    return reply.status_code, reply.text


@pytest.mark.parametrize(
    ("is_local", "peer", "headers", "is_let_in"),
    [
        (True, "127.0.0.1", {}, True),
        (True, "::1", {"origin": "http://localhost:1", "sec_fetch_site": "same-origin"}, True),
        (True, "127.0.0.1", {"origin": "http://localhost:2"}, False),
        (True, "127.0.0.1", {"origin": "null"}, False),
        (True, "127.0.0.1", {"sec_fetch_site": "cross-site"}, False),
        (True, "127.0.0.1", {"authorization": "Bearer other"}, False),
        (True, "192.0.2.1", {}, False),
        (False, "127.0.0.1", {}, False),
        (False, "192.0.2.1", {"authorization": "Bearer t", "origin": "http://a.example"}, True),
    ],
)
def test_who_is_on_this_machine_needs_no_token_but_pages_of_others_do(
    is_local: bool, peer: str, headers: dict[str, str], is_let_in: bool
) -> None:
    desk = structs.replace(DESK, service_account=_service_account, is_local=is_local)
    status, _ = answered(desk, "GET", "/service-account", peer=peer, **headers)
    assert status == (200 if is_let_in else 401)


async def _service_account(origin: str) -> object:
    return {"origin": origin}


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/service-account?orgin=x", "There is no option 'orgin': here are origin."),
        ("GET", "/outbox?after=-1", "after cannot be '-1'"),
        ("GET", "/outbox/seven", "number cannot be 'seven'"),
        ("GET", "/people?deep=true", "There is no option 'deep': none is read here."),
        ("POST", "/people", "The body is not what this takes"),
    ],
)
def test_what_cannot_be_asked_is_said(method: str, path: str, said: str) -> None:
    status, text = answered(DESK, method, path, authorization="Bearer t")
    assert status == 400
    assert said in text


@pytest.mark.parametrize(
    ("method", "path", "wanted", "said"),
    [
        ("GET", "/peple", 404, "There is no verb at /peple; did you mean /people or /people/batch?"),
        ("GET", "/x/y/z", 404, "There is no verb at /x/y/z; GET /openapi.json has all of them"),
        ("PATCH", "/people", 405, "/people takes GET, POST, not PATCH."),
    ],
)
def test_what_is_not_there_is_said(method: str, path: str, wanted: int, said: str) -> None:
    status, text = answered(DESK, method, path, authorization="Bearer t")
    assert (status, json.loads(text)["error"]["message"]) == (wanted, said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"addres": "erin@example.com"}', "`addres`; did you mean address?"),
        (b'{"qqq": 1}', "`qqq`; here are address, name, "),
    ],
)
def test_an_unknown_member_is_told_what_may_be_meant(body: bytes, said: str) -> None:
    status, text = answered(DESK, "POST", "/people", body=body, authorization="Bearer t")
    assert status == 400
    assert said in json.loads(text)["error"]["message"]


def test_the_description_is_whole() -> None:
    document = describe(VERBS, MOUNT)
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) == len({one["operationId"] for one in operations}) == len(VERBS)
    assert all(one["summary"] for one in operations)
    for path, found in document["paths"].items():
        for one in found.values():
            named = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
    for reference in re.findall(r"#/components/schemas/([^\"]+)", json.dumps(document)):
        assert reference in document["components"]["schemas"]


def validator(schema: Any) -> Draft202012Validator:
    """Return what checks a value by a schema of the description, whose references lead into it."""
    return Draft202012Validator(schema | {"components": describe(VERBS, MOUNT)["components"]})


def test_every_schema_of_the_description_is_one() -> None:
    document = describe(VERBS, MOUNT)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for operation in (one for path in document["paths"].values() for one in path.values()):
        said = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in (media for one in said for media in one.get("content", {}).values()):
            Draft202012Validator.check_schema(media["schema"])
        for parameter in operation["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])


def examples() -> Iterator[tuple[str, str, Any]]:
    """Yield method, path and body of the verbs that stand in the documentation with their body."""
    for page in ("control.md", "testing.md", "seeds.md", "clock.md", "personas.md"):
        text = re.sub(r"```.*?```", "", (DOCS / page).read_text("utf-8"), flags=re.DOTALL)
        method = path = ""
        for code in re.findall(r"`([^`]+)`", text):
            words = " ".join(code.split())
            if called := re.fullmatch(r"(POST|PUT) (?:\$RSVPD_URL)?(?:/_rsvpd)?(/[\w{}/-]+)", words):
                method, path = called.groups()
            elif path and words.startswith('{"') and "\u2026" not in words:
                yield method, path, json.loads(words)


@pytest.mark.parametrize(("method", "path", "body"), list(examples()), ids=str)
def test_what_the_documentation_shows_is_valid(method: str, path: str, body: Any) -> None:
    operation = describe(VERBS, MOUNT)["paths"][MOUNT + path][method.lower()]
    validator(operation["requestBody"]["content"]["application/json"]["schema"]).validate(body)


def test_the_documentation_shows_bodies() -> None:
    shown = {path for _, path, _ in examples()}
    assert {"/faults", "/clock", "/clock/advance", "/people", "/snapshots", "/seed/company"} <= shown


@pytest.mark.parametrize(
    ("body", "is_valid"),
    [
        ({"profile": "outlook"}, True),
        ({"profile": "outlook", "name": "narrow", "concurrent": 1}, True),
        ({"profile": "outlok"}, False),
        ({"name": "a", "effect": "drop"}, True),
        ({"name": "a", "effect": "explode"}, False),
        ({"name": "a b", "effect": "drop"}, False),
        ({"name": "a", "effect": "drop", "colour": "red"}, False),
        ({"name": "a", "effect": "drop", "times": 0}, False),
        ({"name": "a", "effect": "drop", "probability": 0}, False),
        ({"name": "a", "effect": "delay", "seconds": 601}, False),
        ({"name": "a"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_what_a_fault_may_be_is_described(body: Any, is_valid: bool) -> None:
    operation = describe(VERBS, MOUNT)["paths"][f"{MOUNT}/faults"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert validator(schema).is_valid(body) is is_valid
    if is_valid:
        assert fault_of(body)
    else:
        with pytest.raises(InvalidProperty):
            check(fault_of(body), 0, tuple)
