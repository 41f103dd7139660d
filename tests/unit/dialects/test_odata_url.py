"""Paths: every documented spelling of them, and the table they are resolved by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.dialects.odata.url import ANY, Gap, Routes, Row, Segment, key_text, parse, strip_namespace
from rsvpd.errors import DomainError, InvalidId, MethodNotAllowed, NotEmulated, UnknownSegment

ROUTES: Routes[str] = Routes(
    [
        Row("GET", "me", "me"),
        Row("GET", "me/messages", "messages"),
        Row("GET", "me/messages/:eventMessage", "cast"),
        Row("GET", "me/messages/{message}", "message"),
        Row("GET", "me/messages/{message}/:eventMessage/event", "event of message"),
        Row("GET", "me/mailFolders/{folder}/messages", "in folder"),
        Row("GET", "me/events", "events"),
        Row("POST", "me/events", "create"),
        Row("GET", "me/events/{event}", "event"),
        Row("POST", "me/events/{event}/accept", "accept"),
        Row("GET", "me/events/{series}/instances/{event}", "occurrence"),
        Row(ANY, "me/events/{event}/attachments", Gap("GET me/events/{event}")),
        Row("POST", "me/messages", Gap("POST me/events")),
        Row("GET", "users/{user}", "user"),
        Row("GET", "users/{user}/events/{event}", "event"),
        Row(ANY, "users/{user}/events/{event}/attachments", Gap("GET me/events/{event}")),
    ]
)
SYNONYMS = {"folders": "mailfolders"}


def resolve(path: str, method: str = "GET") -> tuple[str, dict[str, str]]:
    found = ROUTES.resolve(parse(path), method, root="/v1.0", synonyms=SYNONYMS)
    return found.handler, dict(found.keys)


@pytest.mark.parametrize(
    ("path", "handler", "keys"),
    [
        ("/me/events", "events", {}),
        ("/Me/Events/", "events", {}),
        ("//me//events//", "events", {}),
        ("/me/events/AAMk=", "event", {"event": "AAMk="}),
        ("/me/events/AAMk%3D%3D", "event", {"event": "AAMk=="}),
        ("/Me/Events('AAMk=')", "event", {"event": "AAMk="}),
        ("/Me/Events(%27AAMk%3D%27)", "event", {"event": "AAMk="}),
        ("/Me/Events%28'AAMk%3d'%29", "event", {"event": "AAMk="}),
        ("/Me/Events(AAMk==)", "event", {"event": "AAMk=="}),
        ("/Me/Events(Id='AAMk=')", "event", {"event": "AAMk="}),
        ("/users/bob%40example.com", "user", {"user": "bob@example.com"}),
        ("/Users('bob@example.com')/Events('AA')", "event", {"user": "bob@example.com", "event": "AA"}),
        ("/users('o''brien@example.com')", "user", {"user": "o'brien@example.com"}),
        ("/users/o'brien@example.com", "user", {"user": "o'brien@example.com"}),
        ("/me/MailFolders/Inbox/Messages", "in folder", {"folder": "Inbox"}),
        ("/me/Folders('Inbox')/Messages", "in folder", {"folder": "Inbox"}),
        ("/me/messages/microsoft.graph.eventMessage", "cast", {}),
        ("/Me/Messages/Microsoft.OutlookServices.EventMessage", "cast", {}),
        ("/me/messages/eventMessage", "message", {"message": "eventMessage"}),
        ("/me/messages/AA/MICROSOFT.GRAPH.EVENTMESSAGE/event", "event of message", {"message": "AA"}),
        ("/me/events/S/instances/O", "occurrence", {"series": "S", "event": "O"}),
        ("/me/events/a%252Fb", "event", {"event": "a%2Fb"}),  # decoded once
        ("/me/events/a%2Fb", "event", {"event": "a/b"}),
    ],
)
def test_one_path_many_spellings(path: str, handler: str, keys: dict[str, str]) -> None:
    assert resolve(path) == (handler, keys)


@pytest.mark.parametrize(
    "action",
    [
        "accept",
        "Accept",
        "microsoft.graph.accept",
        "Microsoft.OutlookServices.Accept",
        "Microsoft.Exchange.Services.OData.Model.Accept",
        "accept()",
        "%61ccept",
    ],
)
def test_actions_bare_or_with_a_namespace(action: str) -> None:
    assert resolve(f"/me/events/AA/{action}", "POST") == ("accept", {"event": "AA"})


def test_the_way_that_was_walked() -> None:
    found = ROUTES.resolve(parse("/ME/messages('AA')/microsoft.graph.eventMessage/event"), "GET")
    assert [(step.name, step.key, step.is_cast) for step in found.trail] == [
        ("me", None, False),
        ("messages", "AA", False),
        ("eventMessage", None, True),
        ("event", None, False),
    ]


def test_functions_have_named_arguments() -> None:
    segment = parse("/reminderView(startDateTime='2026-01-01T00:00',EndDateTime='it''s')")[0]
    assert segment.word == "reminderView"
    assert segment.arguments == {"startdatetime": "2026-01-01T00:00", "enddatetime": "it's"}
    zones = parse("/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')")[0]
    assert zones.arguments == {"timezonestandard": "Iana"}


def test_a_slash_that_is_not_encoded_is_no_part_of_an_id() -> None:
    with pytest.raises(UnknownSegment, match=r"Resource not found for the segment 'b='\."):
        resolve("/me/events/a/b=")


@pytest.mark.parametrize(
    ("path", "segment", "near"),
    [
        ("/me/mesages", "mesages", "GET /v1.0/me/messages"),
        ("/me/events/AA/acept", "acept", "POST /v1.0/me/events/AA/accept"),
        ("/me/mesages/AA", "mesages", "GET /v1.0/me/messages/AA"),
        ("/user", "user", "GET /v1.0/users/{id}"),
        ("/events/AA", "events", "GET /v1.0/me/events/AA"),
        ("/me/mailFolders", "me/mailFolders", "GET /v1.0/me/mailFolders/{id}/messages"),
    ],
)
def test_unknown_paths_name_the_gap_and_what_is_nearest(path: str, segment: str, near: str) -> None:
    with pytest.raises(UnknownSegment) as caught:
        resolve(path)
    assert caught.value.message == (
        f"Resource not found for the segment '{segment}'. The nearest route that exists is {near}."
    )


@pytest.mark.parametrize("path", ["/zzz", "/me/zzz", "/me/events/AA/zzz", "/me/events/AA/attachmants"])
def test_where_nothing_is_near_nothing_is_named(path: str) -> None:
    with pytest.raises(UnknownSegment, match=r"Resource not found for the segment '\w+'\.$"):
        resolve(path)


@pytest.mark.parametrize("path", ["/me/events/AA/attachments", "/me/events('AA')/attachments/BB/$value"])
def test_a_gap_holds_for_all_that_is_below_it(path: str) -> None:
    with pytest.raises(NotEmulated, match=r"'attachments' .* GET /v1.0/me/events/AA\."):
        resolve(path, "DELETE")


def test_a_gap_may_be_a_method_only() -> None:
    with pytest.raises(NotEmulated, match=r"'messages' .* POST /v1.0/me/events\."):
        resolve("/me/messages", "POST")
    with pytest.raises(MethodNotAllowed):
        resolve("/me/messages", "PATCH")


def test_a_gap_keeps_the_user_of_the_path() -> None:
    with pytest.raises(NotEmulated, match=r"GET /v1.0/users/bob@x.org/events/AA\."):
        resolve("/users/bob@x.org/events/AA/attachments")


def test_a_method_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        resolve("/me/events", "PUT")
    assert caught.value.target == "GET, POST"


@pytest.mark.parametrize(
    "path",
    ["/me/events('AA", "/me/events('A'B')", "/me/events('A')('B')", "/me/events('''')x"],
)
def test_quotes_have_to_fit(path: str) -> None:
    with pytest.raises((InvalidId, UnknownSegment)):
        resolve(path)


def test_not_utf8() -> None:
    with pytest.raises(UnknownSegment, match="UTF-8"):
        parse("/me/%ff%fe")


def test_keys_are_quoted_for_links() -> None:
    assert key_text("o'brien@example.com") == "('o''brien@example.com')"
    assert key_text("AA-_=") == "('AA-_=')"
    assert key_text("AA=", safe="") == "('AA%3D')"
    assert parse("/Users" + key_text("a b/c'd%"))[0].key == "a b/c'd%"


def test_namespaces() -> None:
    assert strip_namespace("MICROSOFT.graph.Accept") == ("Accept", True)
    assert strip_namespace("graph.eventMessage") == ("eventMessage", True), "Graph's alias, as Kiota writes it"
    assert strip_namespace("accept") == ("accept", False)


def test_a_row_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Routes([Row("GET", "me", "a"), Row("GET", "ME", "b")])


@given(st.text())
def test_any_text_parses_and_resolves_or_is_the_callers_error(text: str) -> None:
    try:
        ROUTES.resolve(parse(text), "GET", root="/v1.0")
    except DomainError as error:
        error.message.encode()


_PIECES = st.sampled_from(
    ["/", "me", "events", "('", "')", "'", "(", ")", "%27", "%2F", "=", ",", "id", "microsoft.graph.", "%"]
)


@given(st.lists(_PIECES, max_size=20).map("".join), st.sampled_from(["GET", "POST", "X"]))
def test_any_jumble_of_path_pieces_too(text: str, method: str) -> None:
    try:
        ROUTES.resolve(parse(text), method, root="/v1.0")
    except DomainError as error:
        error.message.encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_was_quoted_is_read_back(key: str) -> None:
    doubled = key.replace("'", "''")
    assert parse("/Events" + key_text(key)) == (Segment(f"Events('{doubled}')", "Events", key),)
