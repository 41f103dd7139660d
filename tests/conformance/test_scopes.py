"""Every route of every dialect with every scope: the right ones pass, each other one and none is refused.

What suffices stands here once more, read from the Permissions tables of the Graph reference and from the discovery
document of Google Calendar, so that a wrong word in a route table shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from rsvpd.dialects.google.routes import ROUTES as GOOGLE_ROUTES
from rsvpd.dialects.microsoft.routes import rows
from rsvpd.dialects.odata.url import Gap
from rsvpd.hints import HEADER
from rsvpd.identity.clients import LOCAL_CLIENT, Clients, RegisteredClient
from rsvpd.identity.tokens import ALL_SCOPES
from support.town import ALICE, MICROSOFT, OWNER, PEOPLE, Town, Tried
from support.world import Reply, World

GOOGLE_SCOPES = Path(__file__).parents[1] / "unit" / "dialects" / "data" / "google_scopes.txt"
PREFIX = "https://www.googleapis.com/auth/"
APPLICATION = "99999999-0000-4000-8000-000000000001"


class Suffices(Struct, frozen=True):
    """What suffices for a kind of call: in the own mailbox, in one that is shared, to an application."""

    own: frozenset[str]
    shared: frozenset[str]
    roles: frozenset[str]


def suffices(own: str, shared: str, roles: str) -> Suffices:
    return Suffices(frozenset(own.split()), frozenset(shared.split()), frozenset(roles.split()))


EVENTS = "Calendars.Read Calendars.ReadWrite Calendars.Read.Shared Calendars.ReadWrite.Shared"
EVENTS_SHARED, EVENTS_ROLES = "Calendars.Read.Shared Calendars.ReadWrite.Shared", "Calendars.Read Calendars.ReadWrite"
MAIL = "Mail.Read Mail.ReadWrite Mail.Read.Shared Mail.ReadWrite.Shared"
MAIL_SHARED = "Mail.Read.Shared Mail.ReadWrite.Shared"
SETTINGS = "MailboxSettings.Read MailboxSettings.ReadWrite"
USERS = "User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"
CHANGES_USERS = "User.ReadWrite.All Directory.ReadWrite.All"
KINDS = {
    "read events, basics": suffices(
        f"Calendars.ReadBasic {EVENTS}", EVENTS_SHARED, f"Calendars.ReadBasic Calendars.ReadBasic.All {EVENTS_ROLES}"
    ),
    "read events": suffices(EVENTS, EVENTS_SHARED, EVENTS_ROLES),
    "change events": suffices(
        "Calendars.ReadWrite Calendars.ReadWrite.Shared", "Calendars.ReadWrite.Shared", "Calendars.ReadWrite"
    ),
    "find times": suffices(EVENTS_SHARED, EVENTS_SHARED, ""),
    "read mail, basics": suffices(
        f"Mail.ReadBasic Mail.ReadBasic.Shared {MAIL}", f"Mail.ReadBasic.Shared {MAIL_SHARED}",
        "Mail.ReadBasic Mail.ReadBasic.All Mail.Read Mail.ReadWrite",
    ),
    "read mail": suffices(MAIL, MAIL_SHARED, "Mail.Read Mail.ReadWrite"),
    "change mail": suffices("Mail.ReadWrite Mail.ReadWrite.Shared", "Mail.ReadWrite.Shared", "Mail.ReadWrite"),
    "send mail": suffices("Mail.Send Mail.Send.Shared", "Mail.Send.Shared", "Mail.Send"),
    "read settings": suffices(SETTINGS, SETTINGS, SETTINGS),
    "change settings": suffices(*["MailboxSettings.ReadWrite"] * 3),
    "read a profile": suffices(
        f"User.Read User.ReadWrite User.ReadBasic.All {USERS}", f"User.ReadBasic.All {USERS}", USERS
    ),
    "change a profile": suffices(f"User.ReadWrite {CHANGES_USERS}", *[CHANGES_USERS] * 2),
    "change the directory": suffices(*[CHANGES_USERS] * 3),
    "remove somebody": suffices(*[f"User.DeleteRestore.All {CHANGES_USERS}"] * 3),
    "read managers": suffices(USERS, USERS, USERS),
    "read people": suffices("People.Read People.Read.All", *["People.Read.All"] * 2),
    "read places": suffices(*["Place.Read.All Place.ReadWrite.All"] * 3),
    "change places": suffices(*["Place.ReadWrite.All"] * 3),
    "read the directory": suffices(f"User.ReadBasic.All {USERS}", f"User.ReadBasic.All {USERS}", USERS),
}
# Methods, the path below a user, and the kind; the first line that fits counts.
RULES = (
    ("GET", r"users(/\$count|/delta)?|/findRoom(s|Lists)", "read the directory"),
    ("GET", r"/(manager(/\$ref)?|directReports(/\$count)?)", "read managers"),
    ("PUT|DELETE", r"/manager/\$ref", "change the directory"),
    ("GET", r"/(memberOf|photos?(/.*)?)", "read a profile"),
    ("PUT|PATCH|DELETE", r"/photo/\$value", "change a profile"),
    ("GET", r"/people.*", "read people"),
    ("GET", r"places/.*", "read places"),
    ("PATCH", r"places/.*", "change places"),
    ("POST", r"users", "change the directory"),
    ("PATCH", r"", "change a profile"),
    ("DELETE", r"", "remove somebody"),
    ("GET", r"|(/outlook)?(/supportedTimeZones|/supportedLanguages)?|/extensions.*", "read a profile"),
    ("POST|PATCH|DELETE", r"/extensions.*", "change a profile"),
    ("GET", r"(/outlook)?/masterCategories.*|.*/messageRules.*", "read settings"),
    ("POST|PATCH|DELETE", r"(/outlook)?/masterCategories.*|.*/messageRules.*", "change settings"),
    ("GET", r"/inferenceClassification.*", "read mail"),
    ("POST|PATCH|DELETE", r"/inferenceClassification.*", "change mail"),
    ("POST", r"/translateExchangeIds", "read mail, basics"),
    ("GET", r"/mailboxSettings(/\w+)?", "read settings"),
    ("PATCH", r"/mailboxSettings", "change settings"),
    ("POST", r".*/(accept|tentativelyAccept|decline|cancel|dismissReminder|snoozeReminder)", "change events"),
    (
        "POST",
        r"(/mailFolders/[^/]+(/childFolders/[^/]+)?)?/messages/[^/]+/(send|reply|replyAll|forward)",
        "send mail",
    ),
    ("POST", r".*/forward", "read events"),
    ("POST", r".*/getSchedule", "read events, basics"),
    ("POST", r"/findMeetingTimes", "find times"),
    ("POST", r"/getMailTips", "read mail"),
    ("POST", r"/sendMail", "send mail"),
    ("GET", r".*/allowedCalendarSharingRoles", "read events"),
    ("GET", r".*/calendarPermissions.*|/reminderView", "read events"),
    ("GET", r".*/(events|calendarView)/.*/(attachments|extensions).*", "read events"),
    ("GET", r"/(messages|mailFolders/).*/(attachments.*|extensions.*|\$value)", "read mail"),
    ("GET", r"/(messages|mailFolders).*", "read mail, basics"),
    ("PATCH|DELETE|POST", r"/(messages|mailFolders).*", "change mail"),
    ("GET", r"/(calendar|events).*", "read events, basics"),
    ("PATCH|DELETE|POST", r"/(calendar|events).*", "change events"),
)
OTHERS = ("", "openid", "Chat.Read", "Contacts.ReadWrite", f"{PREFIX}calendar")
OF_THE_DIRECTORY = (
    "read a profile", "read the directory", "change a profile", "change the directory", "remove somebody",
    "read managers",
)
EVERY_SCOPE = sorted({name for kind in KINDS.values() for name in (*kind.own, *kind.shared)}) + list(OTHERS)
EVERY_ROLE = sorted({name for kind in KINDS.values() for name in kind.roles}) + list(OTHERS)
REFUSALS = {
    "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
    "Authorization_RequestDenied": "Insufficient privileges to complete the operation.",
}


class Case(Struct, frozen=True):
    """A request, and what suffices for it."""

    tried: Tried
    kind: Suffices
    is_me: bool
    is_directory: bool


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    world = World(tmp_path_factory.mktemp("scopes"))
    town = Town(world)
    yield town
    world.close()


def kind_of(method: str, pattern: str) -> str:
    below = re.sub(r"^(me|users/\{user\})", "", pattern)
    return next(kind for methods, path, kind in RULES if re.fullmatch(methods, method) and re.fullmatch(path, below))


def cases(town: Town, dialect: str) -> list[Case]:
    """Return every row of the table that is answered, about alice."""
    found = []
    for row in rows():
        # Subscriptions name their mailbox in the body (test_subscriptions.py, test_outlook_push.py).
        if isinstance(row.handler, Gap) or "subscriptions" in row.pattern:
            continue
        kind = kind_of(row.method, row.pattern)
        for tried in town.tries(dialect, row):
            is_me = row.pattern.partition("/")[0] == "me"
            if not tried.is_gap:
                found.append(Case(tried, KINDS[kind], is_me, kind in OF_THE_DIRECTORY))
    assert len(found) > 300  # a walk over nothing would find nothing wrong
    return found


def person_token(town: Town, who: str, *scopes: str) -> str:
    return town.world.tokens.issue(town.world.people[who], now=town.world.now, scopes=scopes, app_id=LOCAL_CLIENT)


def application_token(town: Town, *roles: str, app_id: str = LOCAL_CLIENT) -> str:
    return town.world.tokens.issue_to_application(app_id, APPLICATION, roles=roles, now=town.world.now)


def sent(town: Town, tried: Tried, token: str) -> Reply:
    headers = {"authorization": f"Bearer {token}", **tried.headers}
    return town.world.request(None, tried.method, tried.path, tried.body, headers=headers, raw=tried.raw)


def is_refused(reply: Reply) -> bool:
    """Return whether it is the token that is refused, and not what was asked for."""
    return "The token is not for this" in reply.hint


def wrong_words(case: Case, reply: Reply, dialect: str, least: frozenset[str]) -> str:
    """Return what is wrong with a refusal."""
    code = "Authorization_RequestDenied" if case.is_directory and dialect == "graph" else "ErrorAccessDenied"
    error = reply.json["error"]
    told = (reply.status, error["code"], error["message"], not least or any(name in reply.hint for name in least))
    return "" if told == (403, code, REFUSALS[code], True) else f"{reply.status} {reply.body!r} {reply.hint}"


def spelled(dialect: str, scope: str) -> str:
    """Return a scope as it may stand in a token: to Outlook REST in any case, with the resource before it."""
    if dialect == "graph" or "." not in scope or scope.startswith("https:"):
        return scope
    return f"https://outlook.office.com/{scope}" if dialect == "v2" else scope.lower()


@pytest.mark.slow
@pytest.mark.parametrize("dialect", MICROSOFT)
def test_every_scope_on_every_route_of_the_own_mailbox(town: Town, dialect: str) -> None:
    wrong = []
    tokens = {scope: person_token(town, "alice", spelled(dialect, scope)) for scope in EVERY_SCOPE}
    for case in cases(town, dialect):
        for scope, token in tokens.items():
            reply = sent(town, case.tried, token)
            if is_refused(reply) == (scope in case.kind.own):
                wrong.append(f"{scope}: {case.tried.method} {case.tried.path}: {reply.status}")
            elif is_refused(reply) and (words := wrong_words(case, reply, dialect, case.kind.own)):
                wrong.append(words)
    assert not wrong, wrong[:20]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", MICROSOFT)
def test_every_scope_on_every_route_of_a_mailbox_that_is_shared(town: Town, dialect: str) -> None:
    wrong = []
    delegate = PEOPLE["delegateWithPrivateEventAccess"]
    tokens = {scope: person_token(town, delegate, spelled(dialect, scope)) for scope in EVERY_SCOPE}
    for case in cases(town, dialect):
        for scope, token in tokens.items() if not case.is_me else ():
            reply = sent(town, case.tried, token)
            if is_refused(reply) == (scope in case.kind.shared):
                wrong.append(f"{scope}: {case.tried.method} {case.tried.path}: {reply.status} {reply.hint}")
    assert not wrong, wrong[:20]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", MICROSOFT)
def test_every_role_on_every_route(town: Town, dialect: str) -> None:
    wrong = []
    tokens = {role: application_token(town, role) for role in EVERY_ROLE}
    for case in cases(town, dialect):
        if case.is_me:
            continue
        for role, token in tokens.items():
            reply = sent(town, case.tried, token)
            if is_refused(reply) == (role in case.kind.roles) or reply.status == 401:
                wrong.append(f"{role}: {case.tried.method} {case.tried.path}: {reply.status} {reply.hint}")
            elif is_refused(reply) and (words := wrong_words(case, reply, dialect, case.kind.roles)):
                wrong.append(words)
    assert not wrong, wrong[:20]


@pytest.mark.parametrize("dialect", MICROSOFT)
def test_an_application_by_itself_has_no_me(town: Town, dialect: str) -> None:
    token = application_token(town, "*")
    mine = [case for case in cases(town, dialect) if case.is_me]
    for case in mine:
        reply = sent(town, case.tried, token)
        assert reply.status == 400, case
        assert reply.json["error"]["code"] == "BadRequest"
        assert reply.json["error"]["message"] == "/me request is only valid with delegated authentication flow."
        assert HEADER.lower() in reply.headers


@pytest.mark.slow
@pytest.mark.parametrize("dialect", MICROSOFT)
def test_what_may_everything_is_answered_everywhere(town: Town, dialect: str) -> None:
    person, application = person_token(town, "alice", ALL_SCOPES), application_token(town, "*")
    for case in cases(town, dialect):
        # No token makes a person an administrator (test_directory.py).
        for token in (person,) if case.is_me else (application,) if case.tried.least > OWNER else (person, application):
            reply = sent(town, case.tried, token)
            # A message is nothing to be answered, its event is (test_every_route.py).
            is_unanswerable = re.search(r"(messages/[^/]+|Response/event)/\w*(accept|decline)$", case.tried.path, re.I)
            is_administrators = "It takes an administrator" in reply.hint
            is_right = reply.status < 300 or is_administrators or (reply.status == 400 and is_unanswerable)
            assert is_right, (case, reply.body, reply.hint)


# --- application access policies


POLICY = "12345678-0000-4000-8000-000000000001"


@pytest.fixture
def policed(town: Town) -> Iterator[Town]:
    """Let an application touch the mailbox of zoe alone."""
    client = RegisteredClient(id=POLICY, roles=("*",), mailboxes=("Zoe@Example.com",))
    town.serve(Clients((client,)))
    yield town
    town.serve(Clients())


@pytest.mark.parametrize("dialect", MICROSOFT)
@pytest.mark.parametrize("app_id", [POLICY, "not-registered"])
def test_a_policy_keeps_an_application_out_of_other_mailboxes(policed: Town, dialect: str, app_id: str) -> None:
    token = application_token(policed, "*", app_id=app_id)
    for case in cases(policed, dialect):
        if case.is_me:
            continue
        reply = sent(policed, case.tried, token)
        if case.is_directory or case.tried.path.startswith("/v1.0/places/"):  # in no mailbox
            assert reply.status in (200, 201, 204), case
            continue
        error = reply.json["error"]
        assert (reply.status, error["code"]) == (403, "ErrorAccessDenied"), case
        assert error["message"] == "Access to OData is disabled."


@pytest.mark.parametrize("user", ["zoe@example.com", "ZOE@example.com", "{oid}"])
def test_a_policy_lets_an_application_into_its_own_mailboxes(policed: Town, user: str) -> None:
    user = user.replace("{oid}", policed.world.people["zoe"].oid)
    tried = Tried("GET", f"/v1.0/users/{user}/messages", 0)
    assert sent(policed, tried, application_token(policed, "Mail.Read", app_id=POLICY)).status == 200


# --- Google


def published() -> dict[str, frozenset[str]]:
    lines = GOOGLE_SCOPES.read_text(encoding="utf-8").splitlines()
    split = [line.split() for line in lines if line[0] != "#"]
    return {method: frozenset(scopes) for method, *scopes in split}


# Of public calendars there are none, and none that the application made: with that scope the others are not there.
PUBLIC, CREATED = "calendar.events.public.readonly", "calendar.app.created"
OWNED = {"calendar.events.owned", "calendar.events.owned.readonly", "calendar.acls", "calendar.acls.readonly"}
EVERY_GOOGLE_SCOPE = sorted({f"{PREFIX}{one}" for scopes in published().values() for one in scopes})


@pytest.mark.slow
@pytest.mark.parametrize("who", ["alice", PEOPLE["write"]])
def test_every_scope_on_every_method_of_google(town: Town, who: str) -> None:
    ids = {(route.method, route.template): route.id for route in GOOGLE_ROUTES}
    wrong = []
    tries = [one for one in town.google() if not one.is_gap][: len(ids)]
    for (_, template), method, tried in zip(ids, ids.values(), tries, strict=True):
        is_of_calendar = "{calendarId}" in template
        narrow = {PUBLIC} | ({CREATED} if is_of_calendar else set())
        narrow |= OWNED if who != "alice" and is_of_calendar else set()
        right = {f"{PREFIX}{one}" for one in published()[method] - narrow}
        for scope in (*EVERY_GOOGLE_SCOPE, "", "openid email", "Calendars.ReadWrite"):
            reply = sent(town, tried, person_token(town, who, scope))
            is_unseen = scope == f"{PREFIX}{CREATED}" and is_of_calendar and reply.status == 404
            if is_refused(reply) == (scope in right) and not is_unseen:
                wrong.append(f"{scope}: {method}: {reply.status} {reply.hint}")
            elif is_refused(reply):
                check_google_refusal(reply, method, published()[method])
    assert not wrong, wrong[:20]


def check_google_refusal(reply: Reply, method: str, scopes: frozenset[str]) -> None:
    error = reply.json["error"]
    assert (reply.status, error["code"], error["status"]) == (403, 403, "PERMISSION_DENIED")
    assert error["message"] == "Request had insufficient authentication scopes."
    one = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    assert error["errors"] == [one]
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert error["details"][0]["metadata"]["method"].lower() == f"calendar.v3.{method}".lower()
    wanted = " ".join(sorted(f"{PREFIX}{one}" for one in scopes))
    challenge = f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{wanted}"'
    assert reply.headers["www-authenticate"] == challenge


def test_an_application_without_a_person_has_no_calendar_at_google(town: Town) -> None:
    for tried in (one for one in town.google() if not one.is_gap):
        reply = sent(town, tried, application_token(town, "*"))
        assert reply.status == 403
        assert reply.json["error"]["errors"][0]["reason"] == "insufficientPermissions"
        assert "domain-wide delegation" in reply.hint


TIMES = f"{PREFIX}calendar.events.freebusy"


def test_who_may_know_the_times_alone_sees_nothing_else(town: Town) -> None:
    paths = [
        f"/calendars/{ALICE}/events",
        f"/calendars/{ALICE}/events?singleEvents=true&maxResults=5",
        f"/calendars/primary/events/{town.google_id}",
    ]
    for path in paths:
        reply = sent(town, Tried("GET", f"/calendar/v3{path}", 0), person_token(town, "alice", TIMES))
        assert reply.status == 200, path
        for one in reply.json.get("items", [reply.json]):
            assert one["start"]
        assert b"Secret" not in reply.body
        assert b"zoe@" not in reply.body
    both = person_token(town, "alice", TIMES, f"{PREFIX}calendar.events.owned.readonly")
    whole = sent(town, Tried("GET", f"/calendar/v3{paths[0]}", 0), both).body
    assert b"Secret" in whole
    assert b"zoe@" in whole


@pytest.mark.parametrize("query", ["q=Secret", "privateExtendedProperty=a%3Db", "sharedExtendedProperty=a%3Db"])
def test_who_may_know_the_times_alone_asks_for_nothing_else(town: Town, query: str) -> None:
    tried = Tried("GET", f"/calendar/v3/calendars/primary/events?{query}", 0)
    assert is_refused(sent(town, tried, person_token(town, "alice", TIMES)))


# --- basic permissions


BASIC = {"me/events": "Calendars.ReadBasic", "me/messages": "Mail.ReadBasic"}


@pytest.mark.parametrize("dialect", MICROSOFT)
@pytest.mark.parametrize("place", BASIC)
def test_a_basic_permission_leaves_out_the_body(town: Town, dialect: str, place: str) -> None:
    token = person_token(town, "alice", BASIC[place])
    reply = sent(town, Tried("GET", f"{MICROSOFT[dialect]}/{place}", 0), token)
    assert reply.status == 200
    shown = reply.json["value"]
    assert b"Secret text" not in reply.body
    assert b"Secret plans" in reply.body
    for one in (*shown, sent(town, Tried("GET", f"{MICROSOFT[dialect]}/{place}/{ident(shown[0])}", 0), token).json):
        assert not {"body", "bodypreview", "uniquebody"} & {name.lower() for name in one}
    whole = sent(
        town, Tried("GET", f"{MICROSOFT[dialect]}/{place}", 0),
        person_token(town, "alice", BASIC[place], BASIC[place].replace("Basic", "")),
    )  # fmt: skip
    assert b"Secret text" in whole.body


def ident(one: dict[str, str]) -> str:
    return one.get("id") or one["Id"]


@pytest.mark.parametrize(
    ("place", "query"),
    [
        ("me/events", "$select=subject,body"),
        ("me/events", "$select=bodyPreview"),
        ("me/events", "$filter=contains(body/content,'Secret')"),
        ("me/events", "$filter=startswith(bodyPreview,'Secret')"),
        ("me/events", "$expand=attachments"),
        ("me/events", "$expand=exceptionOccurrences($select=body)"),
        ("me/messages", "$select=uniqueBody"),
        ("me/messages", "$search=\"Secret\""),
        ("me/messages", "$orderby=bodyPreview"),
        ("me/messages", "$expand=microsoft.graph.eventMessage/event($select=body)"),
    ],
)
def test_a_basic_permission_asks_for_no_body(town: Town, place: str, query: str) -> None:
    tried = Tried("GET", f"/v1.0/{place}?{query}", 0)
    refused = sent(town, tried, person_token(town, "alice", BASIC[place]))
    assert (refused.status, refused.json["error"]["code"]) == (403, "ErrorAccessDenied")
    assert BASIC[place].replace("Basic", "") in refused.hint


def test_a_basic_permission_of_mail_shows_no_body_of_the_event_either(town: Town) -> None:
    path = f"/v1.0/me/messages/{town.request['id']}"
    expand = Tried("GET", f"{path}?$expand=microsoft.graph.eventMessage/event", 0)
    behind = Tried("GET", f"{path}/microsoft.graph.eventMessage/event", 0)
    for tried in (expand, behind):
        reply = sent(town, tried, person_token(town, "alice", "Mail.ReadBasic"))
        assert reply.status == 200
        assert b"Secret text" not in reply.body
        assert b"bodyPreview" not in reply.body
        assert b"Secret text" in sent(town, tried, person_token(town, "alice", "Mail.Read")).body


# --- what is shared


def test_a_shared_calendar_among_the_own_ones_needs_a_shared_scope(town: Town) -> None:
    delegate = PEOPLE["delegateWithPrivateEventAccess"]
    listed = Tried("GET", "/v1.0/me/calendars", 0)
    calendars = sent(town, listed, person_token(town, delegate, "Calendars.Read")).json["value"]
    theirs = next(one for one in calendars if one["owner"]["address"] == ALICE)
    events = Tried("GET", f"/v1.0/me/calendars/{theirs['id']}/events", 0)
    assert is_refused(sent(town, events, person_token(town, delegate, "Calendars.ReadWrite")))
    shown = sent(town, events, person_token(town, delegate, "Calendars.Read.Shared"))
    assert b"Secret plans" in shown.body


def test_an_application_reaches_a_shared_calendar_with_the_rights_of_the_mailbox(policed: Town) -> None:
    reader = PEOPLE["limitedRead"]
    everywhere = application_token(policed, "*")
    calendars = sent(policed, Tried("GET", f"/v1.0/users/{reader}@example.com/calendars", 0), everywhere).json["value"]
    theirs = next(one for one in calendars if one["owner"]["address"] == ALICE)
    events = Tried("GET", f"/v1.0/users/{reader}@example.com/calendars/{theirs['id']}/events", 0)
    shown = sent(policed, events, everywhere)
    assert shown.status == 200
    assert b"Secret" not in shown.body


def test_a_policy_counts_for_the_calendar_that_is_shared_too(town: Town) -> None:
    reader = f"{PEOPLE['read']}@example.com"
    town.serve(Clients((RegisteredClient(id=POLICY, roles=("*",), mailboxes=(reader,)),)))
    token = application_token(town, "*", app_id=POLICY)
    calendars = sent(town, Tried("GET", f"/v1.0/users/{reader}/calendars", 0), token).json["value"]
    theirs = next(one for one in calendars if one["owner"]["address"] == ALICE)
    reply = sent(town, Tried("GET", f"/v1.0/users/{reader}/calendars/{theirs['id']}/events", 0), token)
    town.serve(Clients())
    assert (reply.status, reply.json["error"]["message"]) == (403, "Access to OData is disabled.")


@pytest.mark.parametrize("dialect", MICROSOFT)
def test_an_application_is_shown_what_the_owner_is(town: Town, dialect: str) -> None:
    mount = MICROSOFT[dialect]
    mine = sent(town, Tried("GET", f"{mount}/me/events", 0), person_token(town, "alice", "Calendars.Read"))
    for user in (ALICE, town.world.people["alice"].oid):
        shown = sent(town, Tried("GET", f"{mount}/users/{user}/events", 0), application_token(town, "Calendars.Read"))
        assert shown.json == mine.json


def test_an_application_finds_nobody_where_nobody_is(town: Town) -> None:
    for path in ("/v1.0/users/nobody@example.com/events", "/v1.0/users/nobody@example.com"):
        assert sent(town, Tried("GET", path, 0), application_token(town, "*")).status == 404
