"""`rsvpd doctor --legacy`: what applications still use of Outlook REST and EWS, and what Microsoft Graph has instead.

It is read from the log of requests, in JSON or as a terminal shows it, so that it holds for all processes of a server
and for as long as the log goes back.

Rule: a line is a request, another line of a log, or unknown; none of them is an error.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from rsvpd.cli.logs import Line, count, read_json
from rsvpd.cli.screen import print_prose
from rsvpd.cli.tables import LEAST, Column, print_table
from rsvpd.dialects.microsoft.successors import call_of, successor
from rsvpd.dialects.microsoft.tables.profiles import PROFILES

_LEGACY = {one.mount: one for one in PROFILES if one.has_successor}
_UNAUTHORIZED = 401
# As `edge/request_log.py` writes it for terminals.
_TEXT = re.compile(r"\d\d:\d\d:\d\d (\S++) ([A-Z]++|\?) (/\S*+) (\d{3}) \d++ ms")
_OTHER = re.compile(r"\d{4}-\d\d-\d\dT\S++ (?:info|warning|error) ")
_ARGUMENTS = re.compile(r"\(…\)")
_EWS = ("/ews/", "/autodiscover/")
EWS_PAGE = "see rsvpd docs moving-to-graph"
NOTHING = "nothing"


class Use(Struct, frozen=True, order=True):
    """A call as an application makes it, and what Graph has in its place. `application` is empty where nobody knows."""

    application: str
    call: str
    instead: str


class Uses(Struct, frozen=True):
    """What a log says: how often each call was made, and how many requests and other lines there were."""

    counts: dict[Use, int]
    requests: int
    unknown_lines: int


def uses_of(lines: Iterable[bytes]) -> Uses:
    """Return what the requests in these lines of a log used of what Graph came after."""
    counts: Counter[Use] = Counter()
    requests = unknown = 0
    for line in lines:
        read = _read(line)
        if read is None:
            unknown += bool(line.strip())
        elif read.event == "request":
            requests += 1
            if (use := _use(read)) is not None:
                counts[use] += 1
    return Uses(dict(sorted(counts.items())), requests, unknown)


def print_uses(found: Uses) -> None:
    """Print a table of what is used, or that nothing is."""
    if found.counts:
        uses = list(found.counts)
        print_table([
            Column("REQUESTS", tuple(str(number) for number in found.counts.values())),
            Column("APPLICATION", tuple(one.application or "-" for one in uses), LEAST, wraps=True),
            Column("CALL", tuple(one.call for one in uses), LEAST, wraps=True),
            Column("IN MICROSOFT GRAPH", tuple(one.instead or NOTHING for one in uses), LEAST, wraps=True),
        ])  # fmt: skip
        print()
    legacy = sum(found.counts.values())
    words = [f"{count(found.requests, 'request')} read, {legacy} of them to Outlook REST or EWS."]
    if found.unknown_lines:
        words.append(f"{count(found.unknown_lines, 'line')} could not be read.")
    print_prose(" ".join(words), sys.stdout)


def _read(line: bytes) -> Line | None:
    if read := read_json(line):
        return read
    text = line.decode("utf-8", "replace").strip()
    found = _TEXT.fullmatch(text)
    if found is not None:
        asker, method, path, status = found.groups()
        # An application that asks for itself stands where a person would, who has an address.
        application = "" if "@" in asker or asker == "-" else asker
        return Line("request", method, path, int(status), application=application)
    # The hint under a request is set in.
    return Line("other") if line.startswith(b"  ") or _OTHER.match(text) else None


def _use(line: Line) -> Use | None:
    """Return what a request used, or None where Graph came after nothing of it, or nobody good asked."""
    path, _, query = line.path.partition("?")
    if path.lower().startswith(_EWS):
        return Use(line.application, f"{line.method} {path}", EWS_PAGE)
    profile = next((one for mount, one in _LEGACY.items() if path.lower().startswith(f"{mount}/")), None)
    if profile is None or line.status == _UNAUTHORIZED:
        return None
    method = "GET" if line.method == "HEAD" else line.method
    below = _ARGUMENTS.sub("", path[len(profile.mount) :])
    tracks = "$deltatoken=" in query.lower()
    call = call_of(profile, method, below)
    return Use(line.application, call, successor(profile, method, below, tracks=tracks)) if call else None
