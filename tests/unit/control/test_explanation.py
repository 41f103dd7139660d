"""What explanations say: a sentence for each kind of hint and of error, found again in what an answer says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd import errors
from rsvpd.control import explanation
from rsvpd.control.explanation import hints_in, instead_of
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
)
from rsvpd.control.refusals import REFUSALS
from rsvpd.dialects.google.exchange import errors as google_errors
from rsvpd.dialects.google.exchange import hints as google
from rsvpd.dialects.microsoft.exchange import hints as microsoft
from rsvpd.dialects.microsoft.exchange import traps
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2
from rsvpd.edge import dialects
from rsvpd.hints import Hint, HintCode

CONTROL = (Path(__file__).parents[3] / "docs" / "control.md").read_text("utf-8")
PROFILES = (GRAPH, OUTLOOK_V2, OUTLOOK_V1)
EVENT = "/v1.0/me/events('AAMk=')"
# What is said of a hint that names members, of whom there are some in every version.
DETAILS = {HintCode.PROPERTIES_IGNORED: "id"}
TRAPS = {
    INEFFICIENT_FILTER: traps.TOO_COMPLEX, UNFILTERED_MEMBER: traps.UNSUPPORTED, UNQUOTED_SEARCH: traps.UNQUOTED,
    SMALL_OPERATORS: traps.SMALL_OPERATORS, INVALID_NODES: traps.INVALID_NODES,
}  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.mount)
@pytest.mark.parametrize("code", HintCode)
def test_a_hint_of_microsoft_is_known_again(profile, code):
    line = microsoft.line(profile, Hint(code, DETAILS.get(code, "bob@example.com")), event=EVENT)
    assert hints_in(profile.mount, line) == [code.value]


@pytest.mark.parametrize("code", HintCode)
def test_a_hint_of_google_is_known_again(code):
    line = google.header([Hint(code, "bob@example.com")])
    assert hints_in("/calendar/v3", line) == [code.value]


def test_several_hints_are_all_known_again():
    both = [Hint(HintCode.ATTENDEE_STATUS_IGNORED), Hint(HintCode.SHARED_PROPERTY_LOCAL, "subject")]
    ((_, line),) = microsoft.headers(GRAPH, both, event=EVENT)
    assert hints_in("/v1.0", line) == ["attendee-status-ignored", "shared-property-local"]
    assert hints_in("/calendar/v3", google.header(both)) == ["attendee-status-ignored", "shared-property-local"]


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_of_questions_is_known_again(name):
    assert hints_in("/v1.0", TRAPS[name].format("a and b")) == [name]


def test_what_is_said_of_versions_and_pages_is_known_again():
    other = microsoft.line(GRAPH, Hint(HintCode.PROPERTIES_IGNORED, "WebLinkOfNobody"), event=EVENT)
    assert hints_in("/v1.0", other) == [OTHER_VERSION]
    assert hints_in("/beta", dialects._BETA_NOTICE) == [ANSWERED_AS_BETA]
    page = "Pages of https://a.example may not read this: loopback origins may, others are named by the setting"
    assert hints_in("/calendar/v3", page) == hints_in("/v1.0", page) == [FOREIGN_ORIGIN]
    assert hints_in("/v1.0", "") == hints_in("", "") == []


def test_every_kind_of_hint_has_a_sentence_and_stands_in_the_docs():
    assert {code.value for code in HintCode} <= HINTS.keys()
    for name, reason in HINTS.items():
        assert all((reason.what, reason.rule, reason.instead, reason.page.startswith("https://"))), name
        graph, google = instead_of(reason, GRAPH), instead_of(reason, None)
        assert f"| `{name}` | {reason.what} | {graph} | {'the same' if google == graph else google} |" in CONTROL


def kinds(root: type[errors.RsvpdError] = errors.RsvpdError) -> Iterator[type[errors.RsvpdError]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda one: one.__name__)
def test_every_kind_of_error_has_a_sentence(kind):
    reason = REFUSALS[kind]
    assert reason.page.startswith("https://")
    assert (reason.google or reason.page).startswith("https://")
    assert explanation.reason_of(kind) is reason
    for text in (reason.what, reason.rule, reason.instead):
        assert text[0] == text[0].upper() or text.startswith(("iCal", "mail"))
        assert text.endswith((".", "?"))


# What each service calls its own, and the other one has not.
OF_MICROSOFT = re.compile(r"\$\w|\bme/|sendResponse|tentativelyAccept|toRecipients|calendarView|proposedNewTime|<|>")
OF_GOOGLE = re.compile(r"sendUpdates|timeM|attendees\[\]|events\.\w|calendars\.[a-z]|calendarList|<|>")
CALL = re.compile(
    r"\b(?:GET|POST|PATCH|PUT|DELETE|Call|Ask|Write|Leave|Begin|Use|RSVPD_CORS_ORIGINS|rsvpd)\b|\$\w|RSVPD_"
)
REASONS = {**HINTS, **{kind.__name__: reason for kind, reason in REFUSALS.items()}}
# Nothing of Google's calls meets these.
NEVER_IN_GOOGLE = {
    "CommentWithoutResponse", "FolderNotFound", "PhotoNotFound", "ProposalNotAllowed", "ProposalWithoutResponse",
}
GOOGLE_KINDS = {kind.__name__ for kind in REFUSALS if kind in google_errors.TABLE} - NEVER_IN_GOOGLE


@pytest.mark.parametrize("name", REASONS)
def test_what_to_call_instead_is_said_in_the_words_of_the_interface(name):
    reason = REASONS[name]
    for profile in PROFILES:
        text = instead_of(reason, profile)
        assert not OF_GOOGLE.search(text), profile.mount
        assert not re.search(r"\b(?:TODO|TBD|xxx|foo|bar)\b", text)
    for outlook in (OUTLOOK_V2, OUTLOOK_V1):
        assert not re.search(r"\b(?:POST|GET) (?:me/)?[a-z]+[A-Z]", instead_of(reason, outlook))
    if name in HINTS.keys() & {code.value for code in HintCode} or name in GOOGLE_KINDS:
        assert not OF_MICROSOFT.search(instead_of(reason, None))


@pytest.mark.parametrize("name", HINTS)
def test_a_hint_names_a_call(name):
    if name == HintCode.REFUSED_BECAUSE.value:  # its own words do
        return
    for profile in (*PROFILES, None):
        assert CALL.search(instead_of(HINTS[name], profile)), profile


def test_outlook_has_capital_letters():
    reason = HINTS[HintCode.ATTENDEE_STATUS_IGNORED.value]
    assert instead_of(reason, OUTLOOK_V2).startswith("POST Accept, TentativelyAccept or Decline on")
    assert instead_of(reason, GRAPH).startswith("POST accept, tentativelyAccept or decline on")
    assert "attendees[]" in instead_of(reason, None)
