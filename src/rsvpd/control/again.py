"""A request of the journal once more: as a line for a shell, and as a test in Python and in JavaScript.

A token is never in the journal, and so not here either: all three take it from the environment.
"""

from __future__ import annotations

import pprint
import shlex
from typing import Any

import msgspec
from msgspec import Struct

from rsvpd.journal import LEFT_OUT, Entry, Message

# Said anew by whoever sends, or meant for the way alone (RFC 9110 7.6.1).
_OF_THE_WAY = frozenset(
    {
        "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "via",
        "content-length", "content-encoding", "accept-encoding", "user-agent", "origin", "dnt", "forwarded",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    }
)
_WIDTH = 100
_NOTHING = object()


class Call(Struct, frozen=True, kw_only=True):
    """What is sent again, by whom, and what was answered. `note` says what of it is missing."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    note: str
    person: str
    has_token: bool
    status: int


def call_of(entry: Entry) -> Call:
    """Return what makes the same request."""
    headers = {
        name: value for name, value in entry.request.headers
        if name not in _OF_THE_WAY and not name.startswith("sec-") and value != "*/*"
    }  # fmt: skip
    body, note = _body(entry.request)
    return Call(
        method=entry.method, url=_url(entry), headers=headers, body=body, note=note,
        person=entry.person, has_token=entry.has_token, status=entry.status,
    )  # fmt: skip


def _url(entry: Entry) -> str:
    """Return where it was sent; a token that stood there goes into a header now."""
    options = [one for one in entry.query.split("&") if one and not one.endswith(f"={LEFT_OUT}")]
    return entry.origin + entry.mount + entry.path + ("?" + "&".join(options) if options else "")


def curl(call: Call) -> str:
    """Return it as a command for a shell."""
    lines = [f"curl -sSi -X {shlex.quote(call.method)} {shlex.quote(call.url)}"]
    if call.method == "HEAD":
        lines = [f"curl -sSI {shlex.quote(call.url)}"]
    if call.has_token:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.body:
        lines.append(f"--data-raw {shlex.quote(call.body)}")
    return "\n".join([*_comment_lines(call, "# "), " \\\n  ".join(lines)]) + "\n"


def python(call: Call) -> str:
    """Return it as a test for pytest, over httpx."""
    headers = [f"    {_name(name)}: {value!r}," for name, value in call.headers.items()]
    if call.has_token:
        headers.insert(0, '    "Authorization": "Bearer " + os.environ["TOKEN"],')
    return "\n".join(
        [
            *_comment_lines(call, "# "),
            *(["import os", ""] if call.has_token else []),
            "import httpx",
            "",
            "",
            "def test_the_same_call():",
            "    reply = httpx.request(",
            f"        {call.method!r},",
            f"        {call.url!r},",
            *_indent(["headers={", *headers, "},"] if headers else [], 8),
            *_indent(_python_body(call), 8),
            "    )",
            f"    assert reply.status_code == {call.status}, reply.text",
            "",
        ]
    )


def javascript(call: Call) -> str:
    """Return it as a test for `node --test`, over fetch."""
    headers = [f"  {_json(name)}: {_json(value)}," for name, value in call.headers.items()]
    if call.has_token:
        headers.insert(0, '  "Authorization": `Bearer ${process.env.TOKEN}`,')
    return "\n".join(
        [
            *_comment_lines(call, "// "),
            'import assert from "node:assert/strict";',
            'import test from "node:test";',
            "",
            'test("the same call", async () => {',
            f"  const reply = await fetch({_json(call.url)}, {{",
            f"    method: {_json(call.method)},",
            *_indent(["headers: {", *headers, "},"] if headers else [], 4),
            *_indent(_javascript_body(call), 4),
            "  });",
            f"  assert.equal(reply.status, {call.status}, await reply.text());",
            "});",
            "",
        ]
    )


def _body(message: Message) -> tuple[str, str]:
    """Return the body as text, and what is missing of it."""
    if message.body is None:
        return "", "The body is not kept."
    if not message.body:
        return "", ""
    try:
        text = message.body.decode()
    except UnicodeDecodeError:
        return "", f"The body, {message.size} bytes that are no text, is missing."
    missing = message.size - len(message.body)
    return text, f"The last {missing} bytes of the body are missing." if missing else ""


def _comment_lines(call: Call, mark: str) -> list[str]:
    token = f"TOKEN=$(rsvpd token {shlex.quote(call.person)})" if call.person else "TOKEN=…, one of the application's"
    return [
        *([f"{mark}{call.note}"] if call.note else []),
        *([f"{mark}export {token}"] if call.has_token else []),
    ]


def _python_body(call: Call) -> list[str]:
    if not call.body:
        return []
    value = _json_body(call)
    if value is _NOTHING:
        return [f"content={_python_text(call.body)},"]
    first, *others = f"json={pprint.pformat(value, width=_WIDTH, sort_dicts=False)},".splitlines()
    return [first, *_indent(others, len("json="))]


def _javascript_body(call: Call) -> list[str]:
    if not call.body:
        return []
    if _json_body(call) is _NOTHING:
        return [f"body: {_json(call.body)},"]
    return f"body: JSON.stringify({msgspec.json.format(call.body, indent=2)}),".splitlines()


def _json_body(call: Call) -> Any:
    """Return a JSON object or list that the body is, or nothing where it is something else."""
    if call.note or "json" not in call.headers.get("content-type", ""):
        return _NOTHING
    try:
        found = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, RecursionError):
        return _NOTHING
    return found if isinstance(found, dict | list) else _NOTHING


def _python_text(text: str) -> str:
    return repr(text) if text.isascii() else f"{text!r}.encode()"


def _name(text: str) -> str:
    return _json(text) if text.isascii() else repr(text)


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _indent(lines: list[str], by: int) -> list[str]:
    return [f"{' ' * by}{line}" for line in lines]
