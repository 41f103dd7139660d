"""What a request of the journal did not do, in words: each hint, and the error where it was refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from rsvpd.control.journal import RequestLine, interface_of, line_of
from rsvpd.control.reasons import (
    ANSWERED_AS_BETA,
    FOREIGN_ORIGIN,
    HINTS,
    INEFFICIENT_FILTER,
    INVALID_NODES,
    OTHER_VERSION,
    SMALL_OPERATORS,
    UNFILTERED_MEMBER,
    UNQUOTED_SEARCH,
    Reason,
)
from rsvpd.control.refusals import REFUSALS
from rsvpd.dialects.google.serve import INTERFACE
from rsvpd.dialects.microsoft.exchange import hints as microsoft
from rsvpd.dialects.microsoft.exchange import traps
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.errors import RsvpdError
from rsvpd.hints import HintCode
from rsvpd.journal import Entry

_PROFILES = {one.mount: one for one in (OUTLOOK_V1, OUTLOOK_V2, GRAPH)} | {"/beta": GRAPH}
_PLACE = re.compile(r"\{[^{}]*+\}")
_REFUSED = 400
_TRAPS = {
    INEFFICIENT_FILTER: traps.TOO_COMPLEX,
    UNFILTERED_MEMBER: traps.UNSUPPORTED,
    UNQUOTED_SEARCH: traps.UNQUOTED,
    SMALL_OPERATORS: traps.SMALL_OPERATORS,
    INVALID_NODES: traps.INVALID_NODES,
}
# As edge/app.py and edge/dialects.py say it, in part.
_NOTICES = {
    "which this server has in the place of /beta": ANSWERED_AS_BETA,
    "may not read this: loopback origins may": FOREIGN_ORIGIN,
}


class Sentence(Struct, frozen=True, kw_only=True):
    """One thing that was ignored, refused or done otherwise. `kind` is hint or error, `name` which one of them.

    `said` is what the answer itself said, `what` happened by which `rule`, `instead` is what to call, `page` where the
    documentation has it.
    """

    kind: str
    name: str
    said: str
    what: str
    rule: str
    instead: str
    page: str


class Explanation(Struct, frozen=True, kw_only=True):
    """A request, what came of it in a sentence, and what there is to know of it."""

    request: RequestLine
    summary: str
    sentences: list[Sentence]


def explain(entry: Entry, inside: Sequence[int] = ()) -> Explanation:
    """Return what there is to know of a request and its answer; `inside` are the numbers of those in a batch."""
    found = [*_of_error(entry), *_of_hints(entry)]
    return Explanation(request=line_of(entry), summary=_summary(entry, len(found), inside), sentences=found)


def hints_in(mount: str, text: str) -> list[str]:
    """Return the names of the hints that the header of an answer has, in the order of the table."""
    notices = [name for notice, name in _NOTICES.items() if notice in text]
    profile = _PROFILES.get(mount)
    if profile is None:
        return [*_of_google(text), *notices]
    found = [name for name, mark in _marks(profile) if mark in text]
    return [*found, *notices] or ([HintCode.REFUSED_BECAUSE.value] if text else [])


def reason_of(problem: type[RsvpdError]) -> Reason:
    """Return why something was refused, by the kind of its error or the one above."""
    return next(REFUSALS[kind] for kind in problem.__mro__ if kind in REFUSALS)


def _of_error(entry: Entry) -> Iterator[Sentence]:
    if entry.status < _REFUSED or entry.problem is None:
        return
    code, message = _error_in(entry)
    yield _sentence("error", code or entry.problem.__name__, message, reason_of(entry.problem), entry)


def _of_hints(entry: Entry) -> Iterator[Sentence]:
    known = reason_of(entry.problem) if entry.problem else None
    for name in hints_in(entry.mount, entry.hint):
        if HINTS[name] != known:  # which was told as the error
            yield _sentence("hint", name, entry.hint, HINTS[name], entry)


def _sentence(kind: str, name: str, said: str, reason: Reason, entry: Entry) -> Sentence:
    is_google = interface_of(entry) == INTERFACE
    return Sentence(
        kind=kind, name=name, said=said, what=reason.what, rule=reason.rule,
        instead=instead_of(reason, None if is_google else _PROFILES.get(entry.mount, GRAPH)),
        page=(is_google and reason.google) or reason.page,
    )  # fmt: skip


def instead_of(reason: Reason, profile: Profile | None) -> str:
    """Return what to call instead, in the words of a profile of Microsoft; of none in Google's."""
    if profile is None:
        return reason.in_google or microsoft.with_words(GRAPH, reason.instead)
    return microsoft.with_words(profile, reason.instead)


def _summary(entry: Entry, count: int, inside: Sequence[int]) -> str:
    who = entry.person or entry.application or "Somebody without a token"
    told = f"{who} asked {entry.method} {entry.target} and was answered {entry.status}."
    if inside:
        return f"{told} It is a batch; its requests have explanations of their own: {', '.join(map(str, inside))}."
    if count:
        return told
    if entry.status >= _REFUSED:
        return f"{told} The answer says what is wrong; there is no rule of a mailbox behind it."
    return f"{told} All of it was done: nothing was ignored, refused or changed."


class _Inside(Struct):
    code: str | int = ""
    message: str = ""
    errors: list[dict[str, object]] = []


class _Error(Struct):
    error: _Inside


def _error_in(entry: Entry) -> tuple[str, str]:
    """Return code and message of an error, Google's by its reason."""
    try:
        inside = msgspec.json.decode(entry.answer.body or b"", type=_Error).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    reason = inside.errors[0].get("reason", "") if inside.errors else inside.code
    return str(reason), inside.message


def _of_google(text: str) -> list[str]:
    names = [part.partition(": ")[0] for part in text.split(" | ")]
    return [name for name in dict.fromkeys(names) if name in HINTS]


def _marks(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield each hint of a profile with the longest part of its line that is always the same."""
    for code, template in microsoft.LINES.items():
        if code not in (HintCode.REFUSED_BECAUSE, HintCode.PROPERTIES_IGNORED):
            yield code.value, _mark(microsoft.with_words(profile, template))
    yield HintCode.PROPERTIES_IGNORED.value, "Left out, as read-only: "
    yield OTHER_VERSION, "Left out, as of another version"
    for name, template in _TRAPS.items():
        yield name, _mark(template)


def _mark(template: str) -> str:
    return max(_PLACE.split(template), key=len).strip()
