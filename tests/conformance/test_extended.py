"""What programs hang on items: extended properties and open extensions, in Graph and Outlook REST v2.0."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from rsvpd.commands.door import reads
from rsvpd.store.tx import Tx
from support.client import Client, plain
from support.world import World

SET = "{8ECCC264-6880-4EBE-992F-8888D2EEAA1D}"
SINGLE, MULTI = "singleValueExtendedProperties", "multiValueExtendedProperties"
COLOR, SIZE = f"String {SET} Name Color", f"Integer {SET} Id 0x8012"
PALS = f"StringArray {SET} Name Pals"
WRITTEN = {one: one.replace(SET, SET.lower()) for one in (COLOR, SIZE, PALS)}
VALUES = [{"id": COLOR, "value": "Green"}, {"id": SIZE, "value": "7"}]
MANY = [{"id": PALS, "value": ["Ann", "Bob"]}]
DEAL = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "Com.Contoso.Deal", "dealValue": 10}
TIMES = ("2026-12-01T10:00:00", "2026-12-01T11:00:00")
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-04T00:00:00Z"
DAILY = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}


@pytest.fixture(params=["graph", "v2"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "alice", request.param)


def asked(text: str) -> str:
    return quote(text, safe="/?&=$()',:;")


def names(alice: Client, path: str, condition: str) -> list[str]:
    """Return the subjects of what a filter finds."""
    mark = "&" if "?" in path else "?"
    found = alice.get(asked(f"{path}{mark}$filter={condition}"))["value"]
    return sorted(one["subject"] for one in found)


def single(id: str, test: str) -> str:
    return f"singleValueExtendedProperties/any(ep: ep/id eq '{id}' and {test})"


def shown(alice: Client, path: str, *ids: str) -> dict[str, Any]:
    """Return by id what an item shows of the properties that are asked for."""
    wanted = " or ".join(f"id eq '{id}'" for id in ids)
    options = f"singleValueExtendedProperties($filter={wanted}),multiValueExtendedProperties($filter=id eq '{PALS}')"
    item = alice.get(asked(f"{path}?$expand={options}"))
    found = [*item.get("singleValueExtendedProperties", ()), *item.get("multiValueExtendedProperties", ())]
    return {one.get("id") or one["propertyId"]: one["value"] for one in found}


@reads
def counted(tx: Tx) -> int:
    (number,) = tx.row("SELECT count(*) FROM extended") or (0,)
    return int(number)


def item(alice: Client, kind: str, subject: str, **more: Any) -> str:
    """Return the path of a new event, or of a new draft."""
    if kind == "events":
        return f"/me/events/{alice.create(subject, *TIMES, **more)['id']}"
    reply = alice("POST", "/me/messages", {"subject": subject, **more})
    assert reply.status == 201, reply.body
    return f"/me/messages/{reply.json[alice.word('id')]}"


KINDS = pytest.mark.parametrize("kind", ["events", "messages"])


@KINDS
def test_properties_are_written_with_an_item_and_shown_where_they_are_asked_for(alice: Client, kind: str) -> None:
    path = item(alice, kind, "Plans", singleValueExtendedProperties=VALUES, multiValueExtendedProperties=MANY)
    assert shown(alice, path, COLOR) == {WRITTEN[COLOR]: "Green", WRITTEN[PALS]: ["Ann", "Bob"]}
    assert shown(alice, path, COLOR, SIZE)[WRITTEN[SIZE]] == "7"
    assert shown(alice, path, f"String {SET} Name color") == {WRITTEN[PALS]: ["Ann", "Bob"]}  # names have their case
    plain = alice.get(path)
    assert not [name for name in plain if "xtended" in name]


@KINDS
def test_a_change_of_a_property_is_a_change_of_the_item(alice: Client, kind: str) -> None:
    path = item(alice, kind, "Plans", singleValueExtendedProperties=VALUES)
    before = alice.get(path)
    change = {"singleValueExtendedProperties": [{"id": COLOR, "value": "Red"}, {"id": SIZE, "value": None}]}
    expand = asked(f"$expand=singleValueExtendedProperties($filter=id eq '{COLOR}' or id eq '{SIZE}')")
    reply = alice("PATCH", f"{path}?{expand}", change)
    assert reply.status == 200, reply.body
    assert reply.hint == ""
    (only,) = reply.json[alice.word("singleValueExtendedProperties")]
    assert only[alice.word("value")] == "Red"
    assert alice.get(path)["changeKey"] != before["changeKey"]
    again = alice.get(path)
    assert alice("PATCH", path, change).status == 200
    assert alice.get(path)["changeKey"] == again["changeKey"]  # it was so already


@KINDS
def test_items_are_found_by_their_properties(alice: Client, kind: str) -> None:
    item(alice, kind, "Green seven", singleValueExtendedProperties=VALUES, multiValueExtendedProperties=MANY)
    blue = [{"id": COLOR, "value": "Blueish"}, {"id": SIZE, "value": "12"}]
    item(alice, kind, "Blue twelve", singleValueExtendedProperties=blue)
    item(alice, kind, "Bare")
    path = f"/me/{kind}"
    for test, found in (
        ("ep/value eq 'GREEN'", ["Green seven"]),
        ("ep/value ne 'green'", ["Blue twelve"]),
        ("ep/value ne null", ["Blue twelve", "Green seven"]),
        ("contains(ep/value, 'ueis')" if alice.profile == "graph" else "ep/value eq 'blueish'", ["Blue twelve"]),
    ):
        assert names(alice, path, single(COLOR, test)) == found, test
    for test, found in (
        ("cast(ep/value, Edm.Int32) gt 7", ["Blue twelve"]),
        ("cast(ep/value, Edm.Int32) ge 7", ["Blue twelve", "Green seven"]),
        ("ep/value eq '12'", ["Blue twelve"]),
    ):
        assert names(alice, path, single(SIZE, test)) == found, test
    both = f"{single(COLOR, 'ep/value eq ' + repr('green'))} or {single(SIZE, 'ep/value eq ' + repr('12'))}"
    assert names(alice, path, both) == ["Blue twelve", "Green seven"]
    assert names(alice, path, f"not {single(COLOR, 'ep/value ne null')}") == ["Bare"]
    pals = f"multiValueExtendedProperties/any(ep: ep/id eq '{PALS}' and ep/value/any(v: v eq 'bob'))"
    assert names(alice, path, pals) == ["Green seven"]


def test_dates_of_a_series_have_what_hangs_on_it_until_they_have_their_own(alice: Client) -> None:
    path = item(alice, "events", "Daily", recurrence=DAILY, singleValueExtendedProperties=VALUES)
    dates = [f"/me/events/{one['id']}" for one in alice.get(f"{path}/instances?{WINDOW}")["value"]]
    assert shown(alice, dates[1], COLOR)[WRITTEN[COLOR]] == "Green"
    red = {"singleValueExtendedProperties": [{"id": COLOR, "value": "Red"}]}
    assert alice("PATCH", dates[1], red).status == 200
    assert [shown(alice, one, COLOR)[WRITTEN[COLOR]] for one in (path, *dates)] == ["Green", "Green", "Red", "Green"]
    view = f"/me/calendarView?{WINDOW}"
    assert len(names(alice, view, single(COLOR, "ep/value eq 'green'"))) == 2
    assert len(names(alice, view, single(COLOR, "ep/value eq 'red'"))) == 1
    assert names(alice, "/me/events", single(COLOR, "ep/value eq 'red'")) == []


def test_a_list_shows_them_for_a_page_at_once(alice: Client) -> None:
    for number in range(3):
        item(alice, "events", f"{number}", singleValueExtendedProperties=[{"id": SIZE, "value": f"{number}"}])
    expand = asked(f"$expand=singleValueExtendedProperties($filter=id eq '{SIZE}')&$top=2")
    page = alice.get(f"/me/events?{expand}")["value"]
    assert [one["subject"] for one in page] == [one["singleValueExtendedProperties"][0]["value"] for one in page]


def test_nothing_of_it_travels(world: World, alice: Client) -> None:
    more = {"singleValueExtendedProperties": VALUES, "extensions": [DEAL]}
    alice.create("Plans", *TIMES, "bob", **more)
    letter = {"subject": "Mail", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}], **more}
    assert alice("POST", "/me/sendMail", {"message": letter}).status == 202
    bob = Client(world, "bob", alice.profile)
    for path in ("/me/events", "/me/messages"):
        assert bob.get(path)["value"]
        assert names(bob, path, single(COLOR, "ep/value ne null")) == []
    assert names(alice, "/me/mailFolders/sentitems/messages", single(COLOR, "ep/value ne null")) == ["Mail"]


def test_copies_of_messages_have_them_and_those_that_are_gone_leave_nothing(alice: Client) -> None:
    path = item(alice, "messages", "Draft", singleValueExtendedProperties=VALUES)
    reply = alice("POST", f"{path}/copy", {"destinationId": "archive"})
    assert reply.status == 201
    assert names(alice, "/me/mailFolders/archive/messages", single(COLOR, "ep/value eq 'green'")) == ["Draft"]
    assert alice("POST", f"{path}/move", {"destinationId": "deleteditems"}).status == 201
    (moved,) = alice.get("/me/mailFolders/deleteditems/messages")["value"]
    assert shown(alice, f"/me/messages/{moved['id']}", COLOR)[WRITTEN[COLOR]] == "Green"
    assert alice("DELETE", f"/me/messages/{moved['id']}").status == 204
    assert alice.world.store.run(counted) == 2


def test_who_may_only_look_does_not_find_out_by_asking(world: World, alice: Client) -> None:
    item(alice, "events", "Secret", sensitivity="private", singleValueExtendedProperties=VALUES)
    item(alice, "events", "Open", singleValueExtendedProperties=VALUES)
    given = {"emailAddress": {"address": "bob@example.com"}, "role": "read"}
    assert Client(world, "alice", "graph")("POST", "/me/calendar/calendarPermissions", given).status == 201
    bob = Client(world, "bob", alice.profile)
    path = "/users/alice@example.com/events"
    assert names(bob, path, single(COLOR, "ep/value ne null")) == []
    expand = asked(f"$expand=singleValueExtendedProperties($filter=id eq '{COLOR}')")
    found = {one["subject"]: one for one in bob.get(f"{path}?{expand}")["value"]}
    assert [name for name, one in found.items() if "singleValueExtendedProperties" in one] == ["Open"]


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"id": "String x", "value": "a"}, 400, "ErrorInvalidExtendedProperty"),
        ({"id": f"StringArray {SET} Name Color", "value": "a"}, 400, "ErrorInvalidExtendedProperty"),
        ({"id": f"Strange {SET} Name Color", "value": "a"}, 400, "ErrorInvalidExtendedProperty"),
        ({"id": "String 0x8001", "value": "a"}, 400, "ErrorInvalidExtendedProperty"),  # named ones begin there
        ({"id": f"Integer {SET} Id 0x10000", "value": "1"}, 400, "ErrorInvalidExtendedProperty"),
        ({"id": SIZE, "value": "many"}, 400, "ErrorPropertyValidationFailure"),
        ({"id": SIZE, "value": str(2**31)}, 400, "ErrorPropertyValidationFailure"),
        ({"id": f"Boolean {SET} Name Is", "value": "yes"}, 400, "ErrorPropertyValidationFailure"),
        ({"id": f"SystemTime {SET} Name At", "value": "noon"}, 400, "ErrorPropertyValidationFailure"),
        ({"id": f"Binary {SET} Name Data", "value": "?"}, 400, "ErrorPropertyValidationFailure"),
        ({"id": COLOR, "value": {"a": 1}}, 400, "ErrorPropertyValidationFailure"),
        ({"id": COLOR, "value": "a\0b"}, 400, "ErrorPropertyValidationFailure"),
        ({"value": "a"}, 400, "ErrorInvalidParameter"),
        ({"id": COLOR, "value": "x" * 40_000}, 413, "RequestEntityTooLarge"),
    ],
)
def test_properties_that_cannot_be(alice: Client, members: dict[str, Any], status: int, code: str) -> None:
    body = {"subject": "x", **alice.times(*TIMES), "singleValueExtendedProperties": [members]}
    assert alice.error("POST", "/me/events", body) == (status, code)
    assert alice.get("/me/events")["value"] == []


@pytest.mark.parametrize(
    "question",
    [
        "$filter=singleValueExtendedProperties/any(ep: ep/value eq 'x')",
        f"$filter=singleValueExtendedProperties/all(ep: ep/id eq '{COLOR}')",
        f"$filter=singleValueExtendedProperties/any(ep: ep/id eq '{COLOR}' and ep/other eq 'x')",
        f"$filter=singleValueExtendedProperties/any(ep: ep/id eq '{SIZE}' and cast(ep/value, Edm.Stream) eq 1)",
        "$filter=singleValueExtendedProperties eq 'x'",
        "$filter=singleValueExtendedProperties/any(ep: ep/id eq 'nonsense')",
        "$expand=singleValueExtendedProperties($filter=id eq 'nonsense')",
        "$expand=singleValueExtendedProperties($filter=value eq 'Green')",
        "$orderby=singleValueExtendedProperties",
    ],
)
def test_questions_that_cannot_be(alice: Client, question: str) -> None:
    assert alice.error("GET", asked(f"/me/events?{question}"))[0] == 400


def test_without_a_filter_no_property_is_shown(alice: Client) -> None:
    path = item(alice, "events", "Plans", singleValueExtendedProperties=VALUES)
    assert "singleValueExtendedProperties" not in alice.get(f"{path}?$expand=singleValueExtendedProperties")


# --- open extensions


@pytest.fixture(params=["events", "messages", ""])
def home(request: pytest.FixtureRequest, alice: Client) -> str:
    """Return the path of what extensions hang on: an event, a message, alice."""
    return item(alice, request.param, "Plans") if request.param else "/me"


def test_an_extension_lives(alice: Client, home: str) -> None:
    reply = alice("POST", f"{home}/extensions", DEAL | {"companyName": "Wingtip Toys"})
    assert reply.status == 201
    made = plain(reply.json)
    id = made["id"]
    assert id.endswith("Com.Contoso.Deal")
    assert made["extensionName"] == "Com.Contoso.Deal"
    assert (made["dealValue"], made["companyName"]) == (10, "Wingtip Toys")
    for name in ("Com.Contoso.Deal", "com.contoso.deal", id, "microsoft.graph.openTypeExtension.Com.Contoso.Deal"):
        assert alice.get(f"{home}/extensions/{name}")["dealValue"] == 10
    assert len(alice.get(f"{home}/extensions")["value"]) == 1
    change = {"dealValue": 20, "topPicks": ["a", "b"], "companyName": None}
    reply = alice("PATCH", f"{home}/extensions/com.contoso.deal", change)
    assert reply.status == 200
    data = {name for name in plain(reply.json) if "@" not in name}
    assert data - {"id", "extensionName"} == {"dealValue", "topPicks"}  # what is not sent, or null, is gone
    assert alice("DELETE", f"{home}/extensions/Com.Contoso.Deal").status == 204
    assert alice("GET", f"{home}/extensions/Com.Contoso.Deal").status == 404
    assert alice("DELETE", f"{home}/extensions/Com.Contoso.Deal").status == 404
    assert alice("PATCH", f"{home}/extensions/Com.Contoso.Deal", change).status == 404


def test_its_name_is_there_once(alice: Client, home: str) -> None:
    assert alice("POST", f"{home}/extensions", DEAL).status == 201
    assert alice("POST", f"{home}/extensions", {"extensionName": "com.contoso.DEAL"}).status == 409
    other = {"extensionName": "Com.Contoso.Other"}
    assert alice("PATCH", f"{home}/extensions/Com.Contoso.Deal", other).status == 400


@KINDS
def test_an_item_is_created_with_extensions_and_the_answer_shows_them(alice: Client, kind: str) -> None:
    body = {"subject": "Plans", "extensions": [DEAL], **(alice.times(*TIMES) if kind == "events" else {})}
    reply = alice("POST", f"/me/{kind}", body)
    assert reply.status == 201
    (made,) = plain(reply.json)["extensions"]
    assert made["dealValue"] == 10
    found = "extensions/any(f: f/id eq 'com.contoso.deal')"
    assert names(alice, f"/me/{kind}", found) == ["Plans"]
    assert names(alice, f"/me/{kind}", found.replace("deal", "other")) == []
    path = f"/me/{kind}/{reply.json[alice.word('id')]}"
    for expand, count in (("", 1), ("($filter=id eq 'Com.Contoso.Deal')", 1), ("($filter=id eq 'x.y')", 0)):
        assert len(alice.get(asked(f"{path}?$expand=extensions{expand}"))["extensions"]) == count


def test_a_change_of_an_extension_is_told(alice: Client) -> None:
    path = item(alice, "events", "Plans")
    before = alice.get(path)["changeKey"]
    assert alice("POST", f"{path}/extensions", DEAL).status == 201
    assert alice.get(path)["changeKey"] != before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"dealValue": 1}, 400),
        ({"extensionName": "with blanks"}, 400),
        ({"extensionName": 7}, 400),
        ({"extensionName": "a.b", "deep": [[[[[[[[[[1]]]]]]]]]]}, 400),
        ({"extensionName": "a.b", "text": "a\0b"}, 400),
        ({"extensionName": "a.b", "long": "x" * 40_000}, 413),
    ],
)
def test_extensions_that_cannot_be(alice: Client, home: str, body: dict[str, Any], status: int) -> None:
    assert alice("POST", f"{home}/extensions", body).status == status


def test_one_item_carries_so_many(alice: Client) -> None:
    path = item(alice, "events", "Plans")
    values = [{"id": f"String {SET} Name N{number}", "value": "x"} for number in range(100)]
    assert alice("PATCH", path, {"singleValueExtendedProperties": values}).status == 200
    more = [{"id": COLOR, "value": "x"}]
    assert alice("PATCH", path, {"singleValueExtendedProperties": more}).status == 413


def test_outlook_rest_v1_has_nothing_of_all_this(world: World) -> None:
    alice = Client(world, "alice", "v1")
    path = item(alice, "events", "Plans", singleValueExtendedProperties=VALUES)
    assert alice.error("GET", f"{path}/extensions") == (400, "RequestBroker--ParseUri")
    assert alice.error("GET", f"{path}?$expand=extensions")[0] == 400
    assert Client(world, "alice", "v2").get(f"{path}/extensions")["value"] == []


def test_extensions_of_others_are_not_there_to_see(world: World) -> None:
    alice, bob = (Client(world, who, "graph") for who in ("alice", "bob"))
    path = item(alice, "events", "Plans", extensions=[DEAL])
    for method, rest in (("GET", ""), ("GET", "/Com.Contoso.Deal"), ("DELETE", "/Com.Contoso.Deal")):
        assert bob(method, f"{path}/extensions{rest}").status == 404
    assert bob("GET", "/users/alice@example.com/extensions").status == 403



# --- folders


def test_a_folder_keeps_properties_that_are_shown_and_found(alice: Client) -> None:
    made = alice("POST", "/me/mailFolders", {"displayName": "Projects", SINGLE: VALUES, MULTI: MANY})
    assert made.status == 201
    assert alice("POST", "/me/mailFolders", {"displayName": "Other"}).status == 201
    path = f"/me/mailFolders/{plain(made.json)['id']}"
    assert SINGLE not in alice.get(path)
    shown = alice.get(asked(f"{path}?$expand={SINGLE}($filter=id eq '{COLOR}'),{MULTI}($filter=id eq '{PALS}')"))
    assert [one["value"] for one in shown[SINGLE]] == ["Green"]
    assert [one["value"] for one in shown[MULTI]] == [["Ann", "Bob"]]
    condition = f"{SINGLE}/any(ep: ep/id eq '{COLOR}' and ep/value eq 'Green')"
    found = alice.get(asked(f"/me/mailFolders?$filter={condition}"))["value"]
    assert [one["displayName"] for one in found] == ["Projects"]


def test_properties_of_a_folder_change_and_go_along_with_its_copy(alice: Client) -> None:
    made = plain(alice("POST", "/me/mailFolders", {"displayName": "Projects", SINGLE: VALUES}).json)
    path, red = f"/me/mailFolders/{made['id']}", [{"id": COLOR, "value": "Red"}]
    assert alice("PATCH", path, {SINGLE: red}).status == 200
    copied = alice("POST", f"{path}/copy", {"destinationId": "drafts"})
    assert copied.status == 201
    for one in (path, f"/me/mailFolders/{plain(copied.json)['id']}"):
        held = alice.get(asked(f"{one}?$expand={SINGLE}($filter=id eq '{COLOR}' or id eq '{SIZE}')"))[SINGLE]
        assert sorted(one["value"] for one in held) == ["7", "Red"]
    assert alice("PATCH", path, {SINGLE: [{"id": "Color", "value": "x"}]}).status == 400
    assert alice("DELETE", f"{path}").status == 204


# --- calendars


def test_a_calendar_keeps_properties_that_are_shown_and_found(alice: Client) -> None:
    made = alice("POST", "/me/calendars", {"name": "Projects", SINGLE: VALUES, MULTI: MANY})
    assert made.status == 201
    assert alice("POST", "/me/calendars", {"name": "Other"}).status == 201
    path = f"/me/calendars/{plain(made.json)['id']}"
    assert SINGLE not in alice.get(path)
    shown = alice.get(asked(f"{path}?$expand={SINGLE}($filter=id eq '{COLOR}'),{MULTI}($filter=id eq '{PALS}')"))
    assert [one["value"] for one in shown[SINGLE]] == ["Green"]
    assert [one["value"] for one in shown[MULTI]] == [["Ann", "Bob"]]
    listed = alice.get(asked(f"/me/calendars?$expand={SINGLE}($filter=id eq '{COLOR}')"))["value"]
    assert [one["name"] for one in listed if SINGLE in one] == ["Projects"]
    condition = f"{SINGLE}/any(ep: ep/id eq '{COLOR}' and ep/value eq 'Green')"
    found = alice.get(asked(f"/me/calendars?$filter={condition}"))["value"]
    assert [one["name"] for one in found] == ["Projects"]


def test_properties_of_the_default_calendar_change_it(alice: Client) -> None:
    before = alice.get("/me/calendar")["changeKey"]
    reply = alice("PATCH", "/me/calendar", {SINGLE: VALUES})
    assert reply.status == 200
    assert plain(reply.json)["changeKey"] != before
    same = alice("PATCH", "/me/calendar", {SINGLE: VALUES})
    assert plain(same.json)["changeKey"] == plain(reply.json)["changeKey"]
    assert alice("PATCH", "/me/calendar", {SINGLE: [{"id": COLOR, "value": None}]}).status == 200
    held = alice.get(asked(f"/me/calendar?$expand={SINGLE}($filter=id eq '{COLOR}' or id eq '{SIZE}')"))[SINGLE]
    assert [one["value"] for one in held] == ["7"]
    assert alice("PATCH", "/me/calendar", {SINGLE: [{"id": "Color", "value": "x"}]}).status == 400
    assert alice("PATCH", "/me/calendar", {SINGLE: "Green"}).status == 400


def test_properties_of_a_shared_calendar_are_seen_by_who_reads_it(world: World) -> None:
    alice, bob = (Client(world, who, "graph") for who in ("alice", "bob"))
    assert alice("PATCH", "/me/calendar", {SINGLE: VALUES}).status == 200
    expand = f"$expand={SINGLE}($filter=id eq '{COLOR}')"
    address = {"name": "Bob", "address": "bob@example.com"}
    for role, is_seen in (("freeBusyRead", False), ("read", True)):
        shared = alice("POST", "/me/calendar/calendarPermissions", {"emailAddress": address, "role": role})
        assert shared.status == 201
        listed = bob.get(asked(f"/me/calendars?{expand}"))["value"]
        assert sum(SINGLE in one for one in listed) == is_seen
        condition = f"{SINGLE}/any(ep: ep/id eq '{COLOR}' and ep/value eq 'Green')"
        assert len(bob.get(asked(f"/me/calendars?$filter={condition}"))["value"]) == is_seen
        assert (SINGLE in bob.get(asked(f"/users/alice@example.com/calendar?{expand}"))) is is_seen
        other = bob("PATCH", f"/me/calendars/{listed[-1]['id']}", {SINGLE: VALUES})
        assert other.status == 403
        assert alice("DELETE", f"/me/calendar/calendarPermissions/{plain(shared.json)['id']}").status == 204


def test_outlook_rest_v1_takes_no_properties_of_calendars(world: World) -> None:
    reply = Client(world, "alice", "v1")("POST", "/me/calendars", {"name": "Projects", SINGLE: VALUES})
    assert reply.status == 400
