"""What is done to a real request: values, members, options, paths, headers and bare bytes that nobody expects."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from support.fuzz.corpus import Ask

# Values that some layer below cannot keep, count, compare, write or show.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**30,
    1.5,
    -0.0,
    1e308,
    "",
    " ",
    "x",
    "\x00",
    "a\x00b",
    "\r\nBcc: x@example.com",
    "\u202e\u2066",
    "\u200b",
    "\ufffe",
    "é" * 300,
    "😀" * 50,
    "<svg/onload=alert(1)>",
    "<a" * 2_000,
    "&#" + "1" * 4_400 + ";",
    "'; --",
    "%",
    "%s%n",
    "{}",
    "${x}",
    "x" * 20_000,
    "[" * 500,
    "(" * 800,
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999",
    "9999-12-31",
    "2026-02-30T10:00:00",
    "2026-12-10T24:00:00",
    "2026-12-10T10:00:00+99:99",
    "-2026-12-10",
    "2026-12-10T10:00:00Z",
    "2026-10-25T02:30:00",
    "2026-03-29T02:30:00",
    "99999999999999999999",
    "NaN",
    "Infinity",
    "1e999",
    "Europe/Berlin",
    "W. Europe Standard Time",
    "Nowhere/City",
    "UTC",
    "../../etc/passwd",
    "tzone://Microsoft/Custom",
    "alice@example.com",
    "mailto:bob@example.com",
    "bob@münchen.example",
    "@",
    "a@b@c",
    "x" * 300 + "@example.com",
    " bob@example.com ",
    "Bob <bob@example.com>",
    "bob@example.com, carol@example.com",
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=HOURLY;COUNT=100000000",
    "RRULE:FREQ=DAILY;INTERVAL=99999999999",
    "EXDATE:20261210T100000Z",
    "RDATE:99991231T235959Z",
    "RRULE:FREQ=MONTHLY;BYSETPOS=-366;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "DTSTART:20260101T000000Z",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"a": {"b": {"c": []}}},
    ["x"] * 600,
    {"dateTime": None, "timeZone": None},
    {"date": "2026-12-10"},
    {"date": "2026-12-10", "dateTime": "2026-12-10T10:00:00Z"},
    {"emailAddress": None},
    {"pattern": {"type": "daily", "interval": 2**31}, "range": {"type": "noEnd", "startDate": "0001-01-01"}},
    {"pattern": {"type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 30}, "range": {"type": "noEnd"}},
    {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "endDate", "startDate": "2026-01-01", "endDate": "9999-12-31"},
    },
)
# Bare JSON that no value of Python makes.
RAW_JSON: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"NaN",
    b"{}{}",
    b'{"a":1,}',
    b'{"subject":"\xff"}',
    b'{"subject":"\\ud800"}',
    b'{"summary":"\\udfff\\ud800"}',
    b'{"subject":NaN}',
    b'{"id":1e999}',
    b"[" * 4000,
    b'{"a":' * 400 + b"1" + b"}" * 400,
    b'{"subject":"a","subject":"b"}',
    b"\xef\xbb\xbf{}",
    b"\x00",
    b'{"sequence":123456789012345678901234567890}',
)
SEGMENTS: tuple[str, ...] = (
    "",
    ".",
    "..",
    "%",
    "%zz",
    "%00",
    "%ff%fe",
    "%2F",
    "%252e",
    "('",
    "')",
    "('x')",
    "(a=%20%20",
    "x" * 5_000,
    "$count",
    "$value",
    "$ref",
    "me",
    "é",
    "a(b='c',d=1)",
    "microsoft.graph.event",
    "%20" * 400,
    "(" * 300,
    "'" * 301,
    "*",
    ";",
    "\\",
)
FILTERS: tuple[str, ...] = (
    "(" * 400,
    "not " * 400 + "true",
    "subject eq '" + "x" * 9_000 + "'",
    "subject eq 'a'" + " and subject eq 'a'" * 300,
    "start/dateTime ge '9999-12-31T23:59:59'",
    "receivedDateTime ge 0001-01-01T00:00:00Z",
    "subject in ('a'" + ",'b'" * 500 + ")",
    "id eq 99999999999999999999999",
    "subject eq null",
    "1 eq 1",
    "subject eq",
    "eq",
    "'",
    "subject lt 1e400",
    "isRead eq 'x'",
    "contains(subject,'%_\\')",
    "any(x:x)",
    "categories/any(a:a eq 'x' or categories/any(b:b eq 'y'))",
    "length(subject) gt 3",
    "year(start/dateTime) gt 99999 or month(receivedDateTime) eq 13",
    "date(start/dateTime) lt 0001-01-01 or time(start/dateTime) gt 23:59:59.999999",
    "contains(concat(concat(body/content,subject),body/content),substring(subject,1,2))",
    "substring(subject,99999999999999999999) eq 'x' or indexof(subject,'') eq 0",
    "importance has 'high' and isof('microsoft.graph.event')",
    "subject eq '\ud800'",
    "subject\x00eq 'x'",
    "attendees/any(a:a/emailAddress/address eq 'x')",
    "body/content eq 'x'",
    '"' + "(" * 300,
    '"' + "a " * 3_000 + '"',
    '"NOT NOT a"',
    '"received:9999-99-99"',
    "*",
    "-",
    '"subject:"',
    "datetime'2026'",
)

HEADERS: tuple[tuple[str, str], ...] = (
    ("Prefer", 'outlook.timezone="' + "a" * 3_000),
    ("Prefer", "a" * 5_000 + '"'),
    ("Prefer", "odata.maxpagesize=0"),
    ("Prefer", "odata.maxpagesize=99999999999999999999"),
    ("Prefer", "odata.track-changes"),
    ("If-Match", '"' * 400),
    ("If-Match", ", ".join(f'W/"{n}"' for n in range(200))),
    ("If-None-Match", "W/"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br"),
    ("Accept", "text/xml"),
    ("Accept", "*/*;q=2"),
    ("Accept-Encoding", "gzip;q=x"),
    ("X-Forwarded-Host", "evil.example"),
    ("Forwarded", "host=evil.example"),
    ("X-HTTP-Method-Override", "é"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("Authorization", "Bearer x"),
    ("Host", "evil.example"),
    ("Expect", "200-ok"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/json; charset=utf-16"),
    ("client-request-id", "\x7f" * 90),
    ("Cookie", "a" * 4_000),
    ("Origin", "null"),
    ("Range", "bytes=0-"),
    ("Accept-Language", "\xff"),
    ("X" * 200, "y"),
    ("Content-Range", "bytes 0-9/10"),
    ("Content-Range", "bytes 5-1/x"),
    ("Content-Type", "multipart/mixed"),
    ("Content-Type", "multipart/mixed; boundary=" + "a" * 300),
    ("ConsistencyLevel", "eventual"),
    ("Prefer", 'IdType="ImmutableId"'),
    ("Prefer", "odata.track-changes, odata.maxpagesize=1"),
    ("X-Goog-Channel-ID", "x"),
)

_TOKEN = b"Authorization"
Mutation = Callable[[Ask, random.Random], Ask]


def mutations(ask: Ask) -> list[Mutation]:
    """Return what can be done to this request."""
    found: list[Mutation] = [_option, _query_value, _option, _query_value, _damaged_value, _segment, _method, _header]
    if ask.raw is not None:
        found += [_raw] * 6
    elif ask.has_body:  # what is kept can break what is read later, so it is changed most
        found += [_value] * 9 + [_member] * 3 + [_several]
    return found


def mutate(ask: Ask, rng: random.Random) -> bytes:
    """Return a request as bytes, changed in one to four places; one in ten stays as it is."""
    if rng.random() < 0.1:
        return ask.bytes()
    for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
        ask = rng.choice(mutations(ask))(ask, rng)
    body = _body(ask, rng)
    raw = _deep(ask, body)
    return _bytes(raw, rng) if rng.random() < 0.1 else raw


def _deep(ask: Ask, body: bytes | None) -> bytes:
    if body is None:
        return ask.bytes()
    return replace(ask, has_body=True).bytes(body)


def _body(ask: Ask, rng: random.Random) -> bytes | None:
    """Return the body's bytes where they are to differ from the value's JSON."""
    if not ask.has_body:
        return None
    luck = rng.random()
    if ask.raw is not None:
        return gzip.compress(ask.raw) if luck < 0.03 else None
    if luck < 0.04:
        return rng.choice(RAW_JSON)
    body = msgspec.json.encode(ask.value)
    if luck < 0.10:
        return _bytes(body, rng)
    if luck < 0.13 and any(name == "Content-Encoding" for name, _ in ask.headers):
        return gzip.compress(body)
    return body


def _bytes(raw: bytes, rng: random.Random) -> bytes:
    """Return `raw` with single bytes changed, taken out, doubled or put in."""
    mutable = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if not mutable:
            break
        at = rng.randrange(len(mutable))
        if _TOKEN in mutable and rng.random() < 0.9:  # most of a head is its token, which is refused whatever it is
            at = rng.choice(
                (rng.randrange(mutable.index(_TOKEN)), rng.randrange(mutable.rindex(b"\r\n"), len(mutable)))
            )
        way = rng.randrange(4)
        if way == 0:
            mutable[at] = rng.randrange(256)
        elif way == 1:
            del mutable[at : at + rng.choice((1, 1, 7))]
        elif way == 2:
            mutable[at:at] = mutable[at : at + rng.choice((1, 5, 40))]
        else:
            mutable[at:at] = rng.choice((b"\x00", b"\r\n", b"%", b'"', b"'", b"\xff", b"\\", b"{", b" "))
    return bytes(mutable)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _paths(one, (*at, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _paths(one, (*at, number))


def _put(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _put(copy[at[0]], at[1:], new)
    return copy


def _value(ask: Ask, rng: random.Random) -> Ask:
    places = list(_paths(ask.value))
    if not places:
        return ask
    return replace(ask, value=_put(ask.value, rng.choice(places), rng.choice(HOSTILE)))


def _several(ask: Ask, rng: random.Random) -> Ask:
    for _ in range(4):
        ask = _value(ask, rng)
    return ask


def _member(ask: Ask, rng: random.Random) -> Ask:
    """A member taken out, renamed, or put in that is not asked for."""
    if not isinstance(ask.value, dict):
        return ask
    value = dict(ask.value)
    if value and rng.random() < 0.5:
        name = rng.choice(sorted(value))
        kept = value.pop(name)
        if rng.random() < 0.6:
            value[
                rng.choice(
                    (name.upper(), name + "\x00", "@odata.type", "id", "iCalUId", "status", "organizer", "sequence")
                )
            ] = kept
    else:
        name = rng.choice(
            ("isAllDay", "start", "end", "recurrence", "originalStartTime", "attachments", "extensions", "x" * 3_000)
        )
        value[name] = rng.choice(HOSTILE)
    return replace(ask, value=value)


def _option(ask: Ask, rng: random.Random) -> Ask:
    name = rng.choice(
        (
            "$filter",
            "$search",
            "$orderby",
            "$select",
            "$expand",
            "$top",
            "$skip",
            "$skiptoken",
            "$deltatoken",
            "syncToken",
            "q",
            "timeMin",
            "timeMax",
            "maxResults",
            "fields",
            "pageToken",
            "startDateTime",
            "endDateTime",
            "timeZone",
            "originalStart",
        )
    )
    pool: tuple[Any, ...] = FILTERS if name in ("$filter", "$search", "$orderby", "$expand", "fields", "q") else HOSTILE
    return replace(ask, query=(*ask.query, (name, _text(rng.choice(pool)))))


def _query_value(ask: Ask, rng: random.Random) -> Ask:
    if not ask.query:
        return _option(ask, rng)
    at = rng.randrange(len(ask.query))
    name, _ = ask.query[at]
    changed = (name, _text(rng.choice((*HOSTILE, *FILTERS))))
    return replace(ask, query=(*ask.query[:at], changed, *ask.query[at + 1 :]))


def _raw(ask: Ask, rng: random.Random) -> Ask:
    return replace(ask, raw=_bytes(ask.raw or b"", rng))


def _damaged_value(ask: Ask, rng: random.Random) -> Ask:
    """A value that was good once: cut, longer, or with one letter that is another."""
    if not ask.query:
        return ask
    at = rng.randrange(len(ask.query))
    name, value = ask.query[at]
    cut = rng.randrange(len(value) + 1)
    changed = rng.choice((value[:cut], value[cut:], value[:cut] + "A" + value[cut + 1 :], value + value, value + "="))
    return replace(ask, query=(*ask.query[:at], (name, changed), *ask.query[at + 1 :]))


def _segment(ask: Ask, rng: random.Random) -> Ask:
    parts = ask.path.split("/")
    at = rng.randrange(1, len(parts)) if len(parts) > 1 else 0
    way = rng.randrange(3)
    if way == 0:
        parts[at] = rng.choice(SEGMENTS)
    elif way == 1:
        parts.insert(at, rng.choice(SEGMENTS))
    else:
        word = parts[at]
        cut = rng.randrange(len(word) + 1)
        parts[at] = word[:cut] + rng.choice(("", "A", "%", "='", "é")) + word[cut + 1 :]
    return replace(ask, path="/".join(parts).replace(" ", "%20"))


def _method(ask: Ask, rng: random.Random) -> Ask:
    if rng.random() < 0.7:
        return ask
    return replace(
        ask, method=rng.choice(("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "get", "MERGE"))
    )


def _header(ask: Ask, rng: random.Random) -> Ask:
    name, value = rng.choice(HEADERS)
    return replace(ask, headers=(*ask.headers, (name, value)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
