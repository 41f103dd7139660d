"""How errors and hints are told: no error without its row, the protocol's messages word for word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rsvpd import clock, errors
from rsvpd.dialects.microsoft.exchange import hints
from rsvpd.dialects.microsoft.exchange.errors import COMMON, refuse, row
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES, Profile
from rsvpd.dialects.wire import Request
from rsvpd.errors import DomainError, RsvpdError
from rsvpd.hints import Hint, HintCode


def request(profile: Profile, path: str = "/me/events('AA=')/accept", **headers: str) -> Request:
    return Request(
        method="POST",
        origin="http://rsvpd.test",
        mount=profile.mount,
        path=path,
        query="",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=b"",
        now=clock.parse_instant("2026-11-23T08:00:00.25"),
        request_id="00000000-0000-4000-8000-000000000001",
    )


def told(profile: Profile, error: RsvpdError, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    response = refuse(profile, request(profile, **headers), error)
    return response.status, json.loads(response.body)["error"], dict(response.headers)


def tree(kind: type[RsvpdError]) -> Iterator[type[RsvpdError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from tree(one)


ALL = [kind for kind in tree(RsvpdError) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_no_error_is_forgotten(kind: type[RsvpdError]) -> None:
    assert kind in COMMON


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_is_told_in_the_dialects_shape(kind: type[RsvpdError], profile: Profile) -> None:
    status, body, headers = told(profile, kind())
    assert 400 <= status < 600
    assert body["code"]
    assert body["message"]
    assert ("innerError" in body) is profile.error_has_inner
    assert headers["Content-Type"].split(";")[0] == "application/json"


def test_graphs_shape() -> None:
    _, body, headers = told(GRAPH, errors.ItemNotFound(), client_request_id="abc-1")
    assert body == {
        "code": "ErrorItemNotFound",
        "message": "The specified object was not found in the store.",
        "innerError": {
            "date": "2026-11-23T08:00:00",
            "request-id": "00000000-0000-4000-8000-000000000001",
            "client-request-id": "abc-1",
        },
    }
    assert headers["OData-Version"] == "4.0"


def test_outlooks_shape() -> None:
    assert told(OUTLOOK_V1, errors.ItemNotFound())[1] == {
        "code": "ErrorItemNotFound",
        "message": "The specified object was not found in the store.",
    }


VERBATIM = [
    (
        errors.OrganizerCannotRespond, 400, "ErrorInvalidRequest",
        "Your request can't be completed. You can't respond to this meeting because you're the "
        "meeting organizer.",
    ),
    (
        errors.NotTheOrganizer, 400, "ErrorInvalidRequest",
        "Your request can't be completed. You need to be an organizer to cancel a meeting.",
    ),
    (
        errors.CommentWithoutResponse, 400, "ErrorInvalidParameter",
        "'SendResponse' must be true when 'Comment' is not null.",
    ),
    (
        errors.ResponseNotRequested, 400, "ErrorInvalidRequest",
        "Your request can't be completed. The meeting organizer hasn't requested a response.",
    ),
    (errors.ItemNotFound, 404, "ErrorItemNotFound", "The specified object was not found in the store."),
    (errors.InvalidId, 400, "ErrorInvalidIdMalformed", "Id is malformed."),
    (
        errors.OccurrenceCrossing, 400, "ErrorOccurrenceCrossingBoundary",
        "Modified occurrence is crossing or overlapping adjacent occurrence.",
    ),
    (
        errors.AccessDenied, 403, "ErrorAccessDenied",
        "Access is denied. Check credentials and try again.",
    ),
    (
        errors.ChangeKeyMismatch, 412, "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the "
        "request does not match the current change key for the item.",
    ),
    (errors.TokenMissing, 401, "InvalidAuthenticationToken", "Access token is empty."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "status", "code", "message"), VERBATIM)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_what_the_services_say_word_for_word(
    profile: Profile, kind: type[DomainError], status: int, code: str, message: str
) -> None:
    found, body, _ = told(profile, kind("something of our own"))
    assert (found, body["code"], body["message"]) == (status, code, message)


def test_elsewhere_the_error_speaks_for_itself() -> None:
    error = errors.UnknownSegment("Resource not found for the segment 'x'.", target="x")
    status, body, _ = told(GRAPH, error)
    assert (status, body["code"]) == (400, "RequestBroker--ParseUri")
    assert body["message"] == "Resource not found for the segment 'x'."


@pytest.mark.parametrize(
    ("profile", "error", "code"),
    [
        (GRAPH, errors.InvalidQuery("?", target="$filter"), "BadRequest"),
        (OUTLOOK_V2, errors.InvalidQuery("?", target="$filter"), "ErrorInvalidUrlQueryFilter"),
        (OUTLOOK_V1, errors.InvalidQuery("?", target="$top"), "ErrorInvalidUrlQuery"),
        (OUTLOOK_V1, errors.InvalidQuery("?", target="$expand"), "BadRequest"),
        (OUTLOOK_V1, errors.UnfilterableProperty("?", target="ChangeKey"), "ErrorInvalidProperty"),
        (OUTLOOK_V1, errors.PersonNotFound("?"), "MailboxNotEnabledForRESTAPI"),
        (GRAPH, errors.PersonNotFound("?"), "ResourceNotFound"),
    ],
)
def test_where_the_profiles_differ(profile: Profile, error: DomainError, code: str) -> None:
    assert told(profile, error)[1]["code"] == code


@pytest.mark.parametrize("kind", [errors.TokenMissing, errors.TokenMalformed, errors.TokenExpired])
def test_who_is_not_known_is_told_how_to_be(kind: type[DomainError]) -> None:
    status, _, headers = told(GRAPH, kind())
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Bearer ")


def test_headers_of_single_errors() -> None:
    assert told(GRAPH, errors.MethodNotAllowed("no", target="GET, POST"))[2]["Allow"] == "GET, POST"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Overloaded(retry_after=7), 503, "ServiceUnavailable"),
        (errors.StorageFull(7), 507, "ErrorQuotaExceeded"),
        (errors.StorageFailed(7), 503, "ErrorMailboxStoreUnavailable"),
    ],
)
def test_what_is_not_available_says_when_to_come_back(
    profile: Profile, error: RsvpdError, status: int, code: str
) -> None:
    found, body, headers = told(profile, error)
    assert (found, body["code"], headers["Retry-After"]) == (status, code, "7")


def test_a_fault_of_ours_says_nothing_of_what_is_inside() -> None:
    assert row(GRAPH, RsvpdError("secret")).status == 500
    assert "secret" not in json.dumps(told(GRAPH, RsvpdError("secret"))[1])


def test_what_cannot_be_encoded_is_told_all_the_same() -> None:
    assert told(GRAPH, errors.InvalidQuery("\ud800"))[1]["message"] == "?"


# --- hints


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("code", HintCode)
def test_every_hint_has_its_line(code: HintCode, profile: Profile) -> None:
    event = f"{profile.mount}/me/events('AA=')"
    line = hints.line(profile, Hint(code, "Émil\r\nX-Evil: 1"), event=event)
    assert line.isascii()
    assert line.isprintable()
    assert not set("<>{}") & set(line)
    assert any(method in line for method in ("GET ", "POST ", "PATCH "))


def test_a_hint_names_the_call_in_the_profiles_spelling() -> None:
    path = hints.event_path(OUTLOOK_V1, "/Me/Events('AA=')")
    line = hints.line(OUTLOOK_V1, Hint(HintCode.ATTENDEE_STATUS_IGNORED), event=path)
    assert line == (
        "Attendees[].Status is ignored here as in Office 365: only the attendee's own answer changes it. "
        "POST /api/v1.0/Me/Events('AA=')/Accept (or /Decline, /TentativelyAccept)."
    )
    line = hints.line(GRAPH, Hint(HintCode.ATTENDEE_STATUS_IGNORED), event="/v1.0/me/events/AA=")
    assert line.startswith("attendees[].status is ignored")
    assert "/v1.0/me/events/AA=/accept (or /decline, /tentativelyAccept)" in line


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("/me/events/AA%3D/accept", "/v1.0/me/events/AA="),
        ("/Me/Events('AA=')/Accept", "/v1.0/Me/Events('AA=')"),
        ("/users/bob%40x.org/calendar/events/AA", "/v1.0/users/bob@x.org/calendar/events/AA"),
        ("/me/events", "/v1.0/me/events('ID')"),
        ("/me/messages", "/v1.0/me/events('ID')"),
        ("/%ff", "/v1.0/me/events('ID')"),
    ],
)
def test_the_event_of_a_path(path: str, event: str) -> None:
    assert hints.event_path(GRAPH, path) == event


@pytest.mark.parametrize(
    "error",
    [
        errors.OrganizerCannotRespond(),
        errors.OrganizerCannotRespond(hint=Hint(HintCode.ORGANIZER_CANNOT_RESPOND)),
        errors.NotTheOrganizer(),
        errors.ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX)),
    ],
)
def test_the_classic_traps_are_explained(error: DomainError) -> None:
    assert told(OUTLOOK_V2, error)[2]["X-Rsvpd-Hint"]


def test_several_hints_stand_in_one_line() -> None:
    once = Hint(HintCode.RESPONSE_NOT_SENT)
    several = [once, once, Hint(HintCode.NOT_THE_ORGANIZER)]
    ((name, value),) = hints.headers(GRAPH, several, event="/v1.0/me/events/AA")
    assert name == "X-Rsvpd-Hint"
    assert value.count("organizer was not told") == 1
    assert value.endswith("POST /v1.0/me/events/AA/decline.")
