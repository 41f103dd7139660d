"""The log of requests: one line for each, and the hint that went out with the answer under it.

    14:02:11 bob@example.com PATCH /v1.0/me/events/…Hq8=?$select=subject 200 4 ms
             <attendees>[].<status> is ignored here as in Office 365: …

Rule: who asked is shown, by the address the token was made for. What they asked about is not: ids are cut
short, addresses are masked, of options whose values are somebody's words only the name is shown, and nothing
of what is unknown. A token is never shown. A part of a path that is letters alone counts as a word of the
interface, and so do versions.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from rsvpd.config import Config
from rsvpd.log import BackgroundWriter

# The thread that makes lines shares the interpreter with those who answer: what comes again is not made again.
_REMEMBERED = 1024
_SEGMENTS = 12
# The longest path with its options, and what stands where something was cut off.
LONGEST = 120
CUT = "…"
_ADDRESS = "{address}"
_WORD = re.compile(r"[A-Za-z$._:-]{1,48}|oauth2|v[0-9](?:\.[0-9])?")
# Ids of the dialects have a digit and some length; what is shorter may be a name.
_ID = re.compile(r"(?=[^0-9]*+[0-9])[A-Za-z0-9_=-]{16,}+")
_ID_SHOWN = 4
_VALUE = re.compile(r"[A-Za-z0-9_,/.: +-]{0,48}")
# A run of letters of an address begins only where none stands before it: one look at each letter.
_MAILBOX = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@[\w.-]++")
_WITH_VALUE = frozenset(
    {
        "$top", "$skip", "$count", "$select", "$orderby", "$expand", "startdatetime", "enddatetime", "timemin",
        "timemax", "updatedmin", "maxresults", "singleevents", "showdeleted", "orderby", "sendupdates",
        "sendnotifications", "alt", "prettyprint", "timezone",
    }
)
_BY_NAME = frozenset(
    {
        "$filter", "$search", "$skiptoken", "$deltatoken", "q", "pagetoken", "synctoken", "fields", "icaluid",
        "access_token", "oauth_token", "key", "eventtypes", "maxattendees", "privateextendedproperty",
        "sharedextendedproperty", "conferencedataversion", "supportsattachments", "showhiddeninvitations",
    }
)


class Record(Struct, frozen=True, kw_only=True):
    """One request and how it was answered. `at` is seconds since 1970, `person` an address or empty.

    `application` is the client id in the token: with a person it asks in their name, without one for itself. `fault` is
    the rule by which it went wrong on purpose; without an answer the status is 0.
    """

    at: float
    person: str
    application: str = ""
    method: str
    mount: str
    path: str
    query: str
    status: int
    seconds: float
    hint: str
    request_id: str
    fault: str = ""


def request_log(config: Config, stream: TextIO) -> BackgroundWriter[Record] | None:
    """Return the log as it is set, or None where nobody wants one."""
    if not config.request_log or config.log_level in ("warning", "error"):
        return None
    if config.log_format == "json":
        return BackgroundWriter(json_line, _drop_notice_json, stream)
    return BackgroundWriter(text_line, _drop_notice_text, stream)


def text_line(record: Record) -> str:
    """Return the line for a terminal, and a second one with the hint."""
    line = (
        f"{_clock(int(record.at))} {_asker(record)} {_method(record)} {target(record)} {record.status or 'no answer'}"
        f" {record.seconds * 1000:.0f} ms{f' (fault {record.fault})' if record.fault else ''}"
    )
    return f"{line}\n         {without_addresses(record.hint)}" if record.hint else line


def json_line(record: Record) -> str:
    """Return the line for programs, in the form of the other lines of the log."""
    found: dict[str, object] = {
        "time": _instant(record.at),
        "level": "info",
        "event": "request",
        "person": record.person or None,
        "method": _method(record),
        "path": target(record),
        "status": record.status,
        "ms": round(record.seconds * 1000, 1),
    }
    if record.application:
        found["application"] = record.application
    if record.fault:
        found["fault"] = record.fault
    if record.hint:
        found["hint"] = without_addresses(record.hint)
    return msgspec.json.encode(found | {"request": record.request_id}).decode()


def target(record: Record) -> str:
    """Return path and options with nothing personal in them."""
    text = record.mount + mask_path(record.path)
    options = mask_query(record.query)
    text = f"{text}?{options}" if options else text
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + CUT


def mask_path(path: str) -> str:
    """Return a path with its ids cut short and its addresses masked."""
    parts = path.split("/", _SEGMENTS + 1)
    masked = [_segment(part) for part in parts[: _SEGMENTS + 1]]
    return "/".join(masked if len(parts) <= _SEGMENTS + 1 else [*masked, CUT])


def mask_query(query: str) -> str:
    """Return the names of known options, with values where they are words of the interface."""
    parts = query.split("&", _SEGMENTS) if query else []
    return "&".join(dict.fromkeys(_option(part) for part in parts))


def without_addresses(text: str) -> str:
    """Return a hint without the addresses that stand in it."""
    return _MAILBOX.sub(_ADDRESS, text)


@lru_cache(maxsize=_REMEMBERED)
def _segment(text: str) -> str:
    if not text or _WORD.fullmatch(text):
        return text
    name, opened, key = text.partition("(")
    if opened and key.endswith(")") and _WORD.fullmatch(name):
        return f"{name}({_key(key[:-1])})"
    return _key(text)


def _key(text: str) -> str:
    plain = unquote(text).strip("'")
    if "@" in plain:
        return _ADDRESS
    return CUT + plain[-_ID_SHOWN:] if _ID.fullmatch(plain) else CUT


@lru_cache(maxsize=_REMEMBERED)
def _option(part: str) -> str:
    name, _, value = part.partition("=")
    name = unquote(name)
    known = name.lower()
    if known in _WITH_VALUE:
        value = unquote(value.replace("+", " "))
        return f"{name}={value.replace(' ', '+') if _VALUE.fullmatch(value) else CUT}"
    return f"{name}={CUT}" if known in _BY_NAME else CUT


def _asker(record: Record) -> str:
    return record.person or record.application or "-"


def _method(record: Record) -> str:
    return record.method if record.method.isascii() and record.method.isprintable() else "?"


@lru_cache(maxsize=2)
def _clock(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _drop_notice_text(count: int) -> str:
    return f"         {count} more requests are not shown: the log could not keep up"


def _drop_notice_json(count: int) -> str:
    found = {"time": _instant(time.time()), "level": "warning", "event": "requests.not_logged", "count": count}
    return msgspec.json.encode(found).decode()
