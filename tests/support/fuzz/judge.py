"""What an answer must be, whatever was asked: the rules that a broken input breaks.

1. No 5xx, but for 501 (not emulated) and 503 with Retry-After (overloaded).
2. An answer within two seconds of the server's own time, and a connection that is not dropped on a whole request.
3. An error in the shape of the dialect that was asked.
4. Nothing of the inside: no traceback, no path, no name of a library or of a table.
5. Lists that are read afterwards are answered.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import Any

MOST_SECONDS = 2.0
_INSIDE = re.compile(
    r"Traceback|\.py\b|site-packages|sqlite|msgspec|starlette|uvicorn|rsvpd\.(?!db)\w+\.\w+"
    r"|<class |object at 0x|NoneType|UNIQUE constraint|no such table"
    r"|\b(?:Key|Value|Type|Attribute|Index|Assertion|Recursion|Overflow|Unicode\w+)Error\b"
)
_MICROSOFT = ("/v1.0/", "/api/v2.0/", "/api/v1.0/", "/beta/")
_GOOGLE = ("/calendar/v3/", "/batch/calendar/v3/")


@dataclass(frozen=True)
class Answer:
    """What came back. `status` 0 means that nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Return the body as text, unpacked where it is packed; bytes that are no UTF-8 are surrogates."""
        body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return body.decode("utf-8", "surrogateescape")


def faults(target: str, method: str, answer: Answer) -> list[str]:
    """Return what is wrong with an answer to a request for `target`; nothing for a good one."""
    found = []
    if answer.seconds > MOST_SECONDS:
        found.append(f"slow: {answer.seconds:.1f} s")
    if answer.status == 0:
        return [*found, "dropped: no answer"]
    if answer.status >= 500 and answer.status != 501 and not (answer.status == 503 and "retry-after" in answer.headers):
        found.append(f"status: {answer.status}")
    text = answer.text
    shown = _INSIDE.search(text) if answer.status >= 400 else None
    if shown:
        found.append(f"inside: {shown[0]}")
    if method != "HEAD":
        found += _shape(target, answer, text)
    return found


def _shape(target: str, answer: Answer, text: str) -> list[str]:
    is_json = "json" in answer.headers.get("content-type", "")
    if is_json and answer.body:
        try:
            value = json.loads(text, parse_constant=_not_json)
        except ValueError as wrong:
            return [f"shape: no JSON ({wrong})"]
    else:
        value = None
    if answer.status < 400:
        return []
    path = target.partition("?")[0].lower() + "/"
    if path.startswith(_MICROSOFT):
        return _microsoft(value)
    if path.startswith(_GOOGLE):
        return _google(value, answer.status)
    return [] if text or answer.status == 304 else ["shape: an error without a word"]


def _microsoft(value: Any) -> list[str]:
    error = value.get("error") if isinstance(value, dict) else None
    if isinstance(error, dict) and isinstance(error.get("code"), str) and isinstance(error.get("message"), str):
        return [] if error["code"] and error["message"] else ["shape: an empty code or message"]
    return ["shape: not Microsoft's"]


def _google(value: Any, status: int) -> list[str]:
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict) or error.get("code") != status or not error.get("message"):
        return ["shape: not Google's"]
    reasons = error.get("errors")
    if not isinstance(reasons, list) or not reasons or not all(one.get("reason") for one in reasons):
        return ["shape: no reason"]
    return []


def _not_json(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
