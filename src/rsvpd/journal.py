"""The journal of requests: the last of them with their answers, in memory, for whoever asks what was said.

What is kept is what came and went, by reference: an entry is made when somebody asks for it. A body counts up to
MOST_BODY_BYTES, all of them together up to MOST_BYTES; the oldest go first.
Rule: no entry has a token. The headers that carry one are left out, and so are the options of a query that may.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from urllib.parse import unquote

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.errors import RsvpdError

MOST_BODY_BYTES = 65_536
MOST_BYTES = 64 * 2**20

# What says who somebody is; a page's address may have a token in it as well.
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "referer"})
_SECRET_OPTIONS = frozenset({"access_token", "oauth_token", "authtoken"})
# In the address of an upload, which is as good as a token.
_SECRET_IN_BODY = re.compile(rb"(?<=authtoken=)[\w-]++")
LEFT_OUT = "left-out"

Headers = tuple[tuple[str, str], ...]


class Message(Struct, frozen=True):
    """A request or an answer: headers, the first bytes of the body, and how many bytes it had.

    `body` is None where it is not kept at all. Headers are by lower-case name in a request, as sent in an answer.
    """

    headers: Headers = ()
    body: bytes | None = None
    size: int = 0


class Entry(Struct, frozen=True, kw_only=True):
    """One request and how it was answered. `number` counts them, `at` is seconds since 1970, `now` the server's clock.

    `id` is the answer's request-id, with a point and a number for a request inside a batch, whose own id `batch` is.
    `mount` is the prefix of the interface, empty outside all of them, `origin` scheme and host as the client saw them.
    `has_token` where one was shown, good or not; `fault` is the rule by which it went wrong on purpose, `problem` the
    kind of error that was answered.
    """

    number: int
    id: str
    batch: str
    at: float
    now: Instant
    person: str
    application: str
    method: str
    origin: str
    mount: str
    path: str
    query: str
    has_token: bool
    request: Message
    status: int
    answer: Message
    seconds: float
    hint: str
    fault: str = ""
    problem: type[RsvpdError] | None

    @property
    def target(self) -> str:
        """Return path and query."""
        path = self.mount + self.path
        return f"{path}?{self.query}" if self.query else path


class _Kept(Struct):
    """One request: its entry, or how to make it as long as nobody asked for it."""

    number: int
    id: str
    weight: int
    made: Entry | Callable[[int], Entry]

    def entry(self) -> Entry:
        if not isinstance(self.made, Entry):
            self.made = self.made(self.number)
        return self.made


class Journal:
    """The last `most` requests. All of it is called from one thread, that of the event loop.

    `next_number` gives the numbers, each larger than those before, and `newest_number` the last one of whoever shares
    them; without these they are counted here.
    """

    def __init__(
        self,
        most: int,
        *,
        most_bytes: int = MOST_BYTES,
        next_number: Callable[[], int] | None = None,
        newest_number: Callable[[], int] | None = None,
    ) -> None:
        self.most = most
        self._most_bytes = most_bytes
        self._next = count(1).__next__ if next_number is None else next_number
        self._newest = newest_number
        self._bytes = 0
        self._kept: deque[_Kept] = deque()

    @property
    def newest(self) -> int:
        """Return the number of the newest that is kept, of whoever shares the numbers; 0 without any."""
        if self._newest is not None:
            return self._newest()
        return self._kept[-1].number if self._kept else 0

    def keep(self, id: str, weight: int, make: Callable[[int], Entry]) -> None:
        """Keep a request under its id, and let go of the oldest where there are too many.

        `make` makes the entry of a number when somebody asks for it; what it holds takes `weight` bytes, about.
        """
        self._kept.append(_Kept(self._next(), id, weight, make))
        self._bytes += weight
        while len(self._kept) > self.most or self._bytes > self._most_bytes:
            self._bytes -= self._kept.popleft().weight

    def clear(self) -> int:
        """Forget all of them, and return how many there were; numbers go on."""
        found = len(self._kept)
        self._kept.clear()
        self._bytes = 0
        return found

    def __iter__(self) -> Iterator[Entry]:
        """Go through what is kept, the newest first."""
        return (one.entry() for one in reversed(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, id: str) -> Entry | None:
        """Return the entry with an id, or with a number, or the newest as `last`."""
        if id == "last":
            return self._kept[-1].entry() if self._kept else None
        number = int(id) if id.isascii() and id.isdecimal() and len(id) < 19 else 0
        return next((one.entry() for one in reversed(self._kept) if id == one.id or number == one.number), None)

    def inside(self, id: str) -> list[int]:
        """Return the numbers of the requests in the batch of an id, in their order."""
        return [one.number for one in self._kept if one.id.startswith(f"{id}.")]


def request_message(headers: Mapping[str, str], body: bytes | None, size: int | None = None) -> Message:
    """Return what is kept of a request; `size` is how long its body was where that is cut already."""
    if body and "form" in headers.get("content-type", "").lower():  # which may stand for a query
        body = query_without_tokens(body.decode("latin-1")).encode("latin-1")
    return message(tuple([one for one in headers.items() if one[0] not in _SECRET_HEADERS]), body, size)


def message(headers: Headers, body: bytes | None, size: int | None = None) -> Message:
    """Return what is kept of an answer; `size` is how long its body was where that is cut already."""
    if body is None:
        return Message(headers)
    kept = body[:MOST_BODY_BYTES]
    if b"authtoken=" in kept:
        kept = _SECRET_IN_BODY.sub(LEFT_OUT.encode(), kept)
    return Message(headers, kept, len(body) if size is None else size)


def query_without_tokens(query: str) -> str:
    """Return a query in which the values of options that carry a token are left out."""
    if "oken" not in query.lower() and "%" not in query:  # by which a name may be written in another way
        return query
    return "&".join(map(_option, query.split("&")))


def _option(text: str) -> str:
    name, found, _ = text.partition("=")
    return f"{name}={LEFT_OUT}" if found and unquote(name).lower() in _SECRET_OPTIONS else text
