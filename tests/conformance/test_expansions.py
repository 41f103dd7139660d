"""What stands inside of what stands inside: `$expand` within `$expand`, and ways that lead to one thing."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client, plain
from support.world import Reply, World

FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
ITEM = "microsoft.graph.itemAttachment"
RULES = "/me/mailFolders/inbox/messageRules"
WHEN = ("2026-12-01T09:00:00", "2026-12-01T10:00:00")


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "graph")


@pytest.fixture
def bob(world: World) -> Client:
    return Client(world, "bob", "graph")


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def with_an_item(client: Client, item: dict[str, Any]) -> tuple[str, str]:
    """Return the path of a draft to which an item is attached, and the id of the attachment."""
    path = f"/me/messages/{client('POST', '/me/messages', {'subject': 'Outer'}).json['id']}"
    body = {"@odata.type": f"#{ITEM}", "name": "Inner", "item": item}
    reply = client("POST", f"{path}/attachments", body)
    assert reply.status == 201, reply.body
    return path, reply.json["id"]


MESSAGE = {"@odata.type": "microsoft.graph.message", "subject": "Inside", "attachments": [FILE]}


def test_the_event_of_an_invitation_with_what_is_attached_to_it(alice: Client, bob: Client) -> None:
    times = alice.times(*WHEN)
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": "Plans", "attendees": guests, "attachments": [FILE], **times}
    assert alice("POST", "/me/events", body).status == 201
    nested = "microsoft.graph.eventMessage/event($select=subject;$expand=attachments($select=name),calendar)"
    (message,) = bob.get(f"/me/mailFolders/inbox/messages?$expand={nested}")["value"]
    assert [one["name"] for one in message["event"]["attachments"]] == ["a.txt"]
    assert message["event"]["calendar"]["name"] == "Calendar"
    assert "body" not in message["event"]
    one = bob.get(f"/me/messages/{message['id']}?$expand={nested}")
    assert one["event"] == message["event"]


def test_items_inside_attachments_of_messages(alice: Client) -> None:
    path, _ = with_an_item(alice, MESSAGE)
    nested = f"attachments($expand={ITEM}/item($select=subject;$expand=attachments($select=name)))"
    (attachment,) = alice.get(f"{path}?$expand={nested}")["attachments"]
    assert attachment["item"]["subject"] == "Inside"
    assert [one["name"] for one in attachment["item"]["attachments"]] == ["a.txt"]
    (listed,) = alice.get(f"{path}/attachments?$expand={ITEM}/item($select=subject)")["value"]
    assert (listed["name"], listed["item"]["subject"]) == ("Inner", "Inside")
    (by_list,) = alice.get(f"/me/mailFolders/drafts/messages?$expand={nested}")["value"]
    assert by_list["attachments"] == [attachment]


@pytest.mark.parametrize("profile", ["graph", "v2", "v1"])
def test_the_item_of_an_attachment_by_itself(world: World, profile: str) -> None:
    path, id = with_an_item(Client(world, "alice", "graph"), MESSAGE)
    client = Client(world, "alice", profile)
    cast = ITEM if profile == "graph" else "Microsoft.OutlookServices.ItemAttachment"
    item = client.get(f"{path}/attachments/{id}/{cast}/item")
    assert (item["subject"], item["@odata.type"].rpartition(".")[2].lower()) == ("Inside", "message")
    assert item["@odata.context"].lower().endswith("itemattachment/item/$entity")
    inside = client.get(f"{path}/attachments/{id}/{cast}/item?$select=subject&$expand=attachments($select=name)")
    assert [one["name"] for one in inside["attachments"]] == ["a.txt"]
    assert client.get(f"{path}/attachments/{id}/{cast}?$expand=item")["item"]["subject"] == "Inside"
    assert client("GET", f"{path}/attachments/{id}/{cast}/item?$expand=nosuch").status == 400


def test_the_item_of_an_event_attachment(alice: Client) -> None:
    event = alice.create("Plans", *WHEN)
    inner = {"@odata.type": "microsoft.graph.event", "subject": "Inside", **alice.times(*WHEN)}
    body = {"@odata.type": f"#{ITEM}", "name": "Inner", "item": inner}
    attached = alice("POST", f"/me/events/{event['id']}/attachments", body).json["id"]
    item = alice.get(f"/me/events/{event['id']}/attachments/{attached}/{ITEM}/item")
    assert (item["@odata.type"], item["subject"], item["id"]) == ("#microsoft.graph.event", "Inside", "")
    assert item["start"]["dateTime"].startswith(WHEN[0])


def test_what_is_no_item_has_none(alice: Client) -> None:
    path = f"/me/messages/{alice('POST', '/me/messages', {'subject': 'A', 'attachments': [FILE]}).json['id']}"
    id = alice.get(f"{path}/attachments")["value"][0]["id"]
    assert code(alice("GET", f"{path}/attachments/{id}/{ITEM}/item")) == (404, "ErrorItemNotFound")
    assert code(alice("GET", f"{path}/attachments/{id}/{ITEM}")) == (404, "ErrorItemNotFound")
    assert alice.get(f"{path}/attachments/{id}/microsoft.graph.fileAttachment")["contentBytes"] == "YQ=="
    assert alice("GET", f"{path}/attachments/{id}/item").status == 400


@pytest.mark.parametrize("profile", ["graph", "v2"])
def test_folders_with_their_rules(world: World, profile: str) -> None:
    client = Client(world, "alice", profile)
    for name in ("First", "Second"):
        rule = {"displayName": name, "actions": {"markAsRead": True}}
        assert Client(world, "alice", "graph")("POST", RULES, rule).status == 201
    inbox = plain(client.get("/me/mailFolders/inbox?$expand=messageRules($select=displayName)"))
    assert [one["displayName"] for one in inbox["messageRules"]] == ["First", "Second"]
    assert "actions" not in inbox["messageRules"][0]
    found = client.get("/me/mailFolders?$expand=messageRules($top=1)&$top=50")["value"]
    rules = {one["displayName"]: len(one["messageRules"]) for one in map(plain, found)}
    assert (rules["Inbox"], rules["Archive"]) == (1, 0)
    if profile == "graph":
        only = client.get("/me/mailFolders/inbox?$expand=messageRules($filter=displayName eq 'second')")
        assert [one["displayName"] for one in only["messageRules"]] == ["Second"]
        assert client("GET", "/me/mailFolders/inbox?$expand=messageRules($select=nosuch)").status == 400


def test_rules_inside_need_what_rules_need(world: World) -> None:
    token = world.tokens.issue(world.people["alice"], now=world.now, scopes=("Mail.Read",))
    headers = {"authorization": f"Bearer {token}"}
    refused = world.request("alice", "GET", "/v1.0/me/mailFolders/inbox?$expand=messageRules", headers=headers)
    assert code(refused) == (403, "ErrorAccessDenied")
    assert "MailboxSettings.Read" in refused.hint
    assert world.request("alice", "GET", "/v1.0/me/mailFolders/inbox", headers=headers).status == 200


@pytest.mark.parametrize("profile", ["graph", "v2"])
def test_the_focused_inbox_as_a_whole(world: World, profile: str) -> None:
    client = Client(world, "alice", profile)
    whole = client.get("/me/inferenceClassification")
    assert {name: one for name, one in plain(whole).items() if "@" not in name} == {"id": world.people["alice"].oid}
    assert whole["@odata.context"].lower().endswith("/inferenceclassification/$entity")
    for name in ("zoe", "yan"):
        override = {"classifyAs": "other", "senderEmailAddress": {"address": f"{name}@example.org"}}
        made = Client(world, "alice", "graph")("POST", "/me/inferenceClassification/overrides", override)
        assert made.status == 201
    shown = plain(client.get("/me/inferenceClassification?$expand=overrides($top=1)"))["overrides"]
    assert [one["senderEmailAddress"]["address"] for one in shown] == ["zoe@example.org"]
    assert client("PATCH", "/me/inferenceClassification", {}).status == 501
    assert client("GET", "/me/inferenceClassification?$expand=nosuch").status == 400
    assert Client(world, "alice", "v1")("GET", "/me/inferenceClassification").status == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/me/messages?$expand=attachments($expand=nosuch)", 400),
        ("/me/messages?$expand=microsoft.graph.eventMessage/event($expand=attachments($expand=nosuch))", 400),
        ("/me/messages?$expand=microsoft.graph.eventMessage/event($expand=instances)", 501),
        ("/me/messages?$expand=microsoft.graph.eventMessage/event($select=nosuch)", 400),
        ("/me/messages?$expand=extensions($expand=nosuch)", 400),
        ("/me/events?$expand=calendar($expand=events)", 501),
        ("/me/events?$expand=calendar($expand=nosuch)", 400),
        ("/me/calendarGroups?$expand=calendars($expand=calendarView)", 501),
        ("/me/mailFolders?$expand=childFolders($expand=childFolders($expand=nosuch))", 400),
        ("/me/mailFolders?$expand=messages($expand=attachments($expand=nosuch))", 400),
        ("/me/mailFolders?$expand=messages($expand=attachments,extensions)", 200),
        ("/me/mailFolders?$expand=childFolders($expand=childFolders,messages($top=1))", 200),
    ],
)
def test_what_is_asked_for_inside_is_looked_at_as_well(alice: Client, path: str, status: int) -> None:
    assert alice("GET", path).status == status


def test_as_much_is_shown_inside_as_an_answer_holds(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsvpd.dialects.microsoft.exchange.call.MOST_SHOWN", 10)
    for number in range(4):
        assert alice("POST", "/me/mailFolders/inbox/childFolders", {"displayName": f"{number}"}).status == 201
    assert alice("GET", "/me/mailFolders/inbox?$expand=childFolders($expand=childFolders)").status == 200
    assert alice("GET", "/me/mailFolders?$expand=childFolders($expand=childFolders)").status == 504


def test_the_folders_below_one_are_followed(alice: Client) -> None:
    def make(name: str, parent: str) -> str:
        reply = alice("POST", f"/me/mailFolders/{parent}/childFolders", {"displayName": name})
        return str(reply.json["id"])

    one, two = make("One", "inbox"), make("Two", "archive")
    inner = make("Inner", one)
    first = alice.get("/me/mailFolders/inbox/childFolders/delta")
    assert [found["displayName"] for found in first["value"]] == ["One", "Inner"]
    make("Elsewhere", "archive")
    told = alice.get(first["@odata.deltaLink"].partition("/v1.0")[2])
    assert told["value"] == []
    below = make("Below", two)
    assert alice("POST", f"/me/mailFolders/{two}/move", {"destinationId": "inbox"}).status == 201
    told = alice.get(told["@odata.deltaLink"].partition("/v1.0")[2])
    assert {found["id"] for found in told["value"]} == {two, below}
    assert alice("POST", f"/me/mailFolders/{one}/move", {"destinationId": "archive"}).status == 201
    told = alice.get(told["@odata.deltaLink"].partition("/v1.0")[2])
    assert {found["id"] for found in told["value"] if "@removed" in found} == {one, inner}
    assert alice("POST", f"/me/mailFolders/{two}/permanentDelete").status == 204
    told = alice.get(told["@odata.deltaLink"].partition("/v1.0")[2])
    assert {found["id"] for found in told["value"] if "@removed" in found} == {two, below}
    of_another = told["@odata.deltaLink"].partition("/v1.0")[2].replace("/inbox/", "/archive/")
    assert code(alice("GET", of_another)) == (410, "SyncStateNotFound")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("$top=2", ["c.txt", "a.txt"]),
        ("$skip=1", ["a.txt", "b.txt"]),
        ("$orderby=name", ["a.txt", "b.txt", "c.txt"]),
        ("$orderby=name desc;$top=1;$skip=1", ["b.txt"]),
        ("$filter=name eq 'a.txt'", ["a.txt"]),
        ("$select=size", [None, None, None]),
    ],
)
def test_options_inside_count_for_what_is_inside(alice: Client, options: str, names: list[str | None]) -> None:
    files = [{**FILE, "name": f"{letter}.txt"} for letter in "cab"]
    draft = alice("POST", "/me/messages", {"subject": "Many", "attachments": files}).json["id"]
    event = alice("POST", "/me/events", {"subject": "Many", "attachments": files, **alice.times(*WHEN)}).json["id"]
    for path in (f"/me/messages/{draft}", f"/me/events/{event}"):
        shown = alice.get(f"{path}?$expand=attachments({options})")["attachments"]
        assert [one.get("name") for one in shown] == names


def test_calendars_of_a_group_and_their_options(alice: Client) -> None:
    for name in ("Travel", "Sport"):
        assert alice("POST", "/me/calendars", {"name": name}).status == 201
    (group,) = (one for one in alice.get("/me/calendarGroups?$expand=calendars($orderby=name desc;$top=2)")["value"]
                if one["calendars"])  # fmt: skip
    assert [one["name"] for one in group["calendars"]] == ["Travel", "Sport"]
    reply = alice("GET", "/me/calendarGroups?$expand=calendars($filter=nothing eq 1)")
    assert reply.status == 400
