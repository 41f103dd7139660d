"""Rules of the inbox and overrides of the focused inbox: kept, and obeyed when mail comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rsvpd import commands
from support.client import Client, plain
from support.town import ASKED_OF_MAIL
from support.world import Reply, World

RULES = "/me/mailFolders/inbox/messageRules"
OVERRIDES = "/me/inferenceClassification/overrides"


@pytest.fixture(params=["graph", "v2"])
def bob(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "bob", request.param)


@pytest.fixture
def graph(world: World) -> Client:
    return Client(world, "bob", "graph")


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def make(client: Client, actions: Any, name: str = "Rule", **more: Any) -> Any:
    reply = client("POST", RULES, {"displayName": name, "actions": actions, **more})
    assert reply.status == 201, reply.body
    return plain(reply.json)


def to(*names: str) -> list[Any]:
    return [{"emailAddress": {"address": name if "@" in name else f"{name}@example.com"}} for name in names]


def mail(client: Client, *recipients: str, sender: str = "alice", **more: Any) -> None:
    message = {"subject": "Plans", "toRecipients": to(*recipients or ("bob",)), **more}
    assert Client(client.world, sender, "graph")("POST", "/me/sendMail", {"message": message}).status == 202


def listed(client: Client, folder: str = "inbox", who: str = "") -> list[Any]:
    asked = Client(client.world, who, "graph") if who else client
    value: list[Any] = asked.get(f"/me/mailFolders/{folder}/messages?$top=50")["value"]
    return value


def subjects(client: Client, folder: str = "inbox", who: str = "") -> list[str]:
    return sorted(one["subject"] for one in listed(client, folder, who))


# --- rules as resources


def test_a_rule_is_made_read_changed_and_removed(bob: Client) -> None:
    made = make(bob, {"markAsRead": True}, conditions={"senderContains": ["alice"]})
    assert made == {
        "id": made["id"], "displayName": "Rule", "sequence": 1, "conditions": {"senderContains": ["alice"]},
        "actions": {"markAsRead": True}, "isEnabled": True, "hasError": False, "isReadOnly": False,
    } | {name: one for name, one in made.items() if "@" in name}  # fmt: skip
    path = f"{RULES}/{made['id']}"
    assert bob.get(path)["displayName"] == "Rule"
    reply = bob("PATCH", path, {"displayName": "Other", "exceptions": {"sentToMe": True}, "isEnabled": False})
    changed = plain(reply.json)
    assert (reply.status, changed["displayName"], changed["isEnabled"]) == (200, "Other", False)
    assert (changed["conditions"], changed["exceptions"]) == (made["conditions"], {"sentToMe": True})
    assert "exceptions" not in plain(bob("PATCH", path, {"exceptions": None}).json)
    second = make(bob, {"delete": True}, "Second")
    assert second["sequence"] == 2
    assert [one["displayName"] for one in bob.get(RULES)["value"]] == ["Other", "Second"]
    assert bob("GET", f"{RULES}/$count").body == b"2"
    assert bob("DELETE", path).status == 204
    assert code(bob("GET", path)) == (404, "ErrorItemNotFound")
    assert [one["displayName"] for one in bob.get(RULES)["value"]] == ["Second"]


def test_everything_that_can_be_asked_is_kept(graph: Client) -> None:
    made = make(graph, {"delete": True}, conditions=ASKED_OF_MAIL, exceptions=ASKED_OF_MAIL)
    assert made["conditions"] == made["exceptions"] == ASKED_OF_MAIL


def test_everything_that_can_be_done_is_kept(graph: Client) -> None:
    folder = graph("POST", "/me/mailFolders", {"displayName": "Rules"}).json["id"]
    actions = {
        "assignCategories": ["Blue"], "copyToFolder": folder, "moveToFolder": "archive", "delete": True,
        "permanentDelete": True, "markAsRead": True, "markImportance": "high", "stopProcessingRules": True,
        "forwardTo": to("alice"), "forwardAsAttachmentTo": to("alice"), "redirectTo": to("alice"),
    }  # fmt: skip
    named = {"emailAddress": {"name": "alice@example.com", "address": "alice@example.com"}}
    archive = graph.get("/me/mailFolders/archive")["id"]
    people = {name: [named] for name in ("forwardTo", "forwardAsAttachmentTo", "redirectTo")}
    expected = actions | {"moveToFolder": archive} | people
    assert make(graph, actions)["actions"] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"displayName": "A"}, (400, "ErrorInvalidParameter")),
        ({"actions": {"delete": True}}, (400, "ErrorInvalidParameter")),
        ({"displayName": " ", "actions": {"delete": True}}, (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {}}, (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {"delete": False}}, (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {"delete": True}, "sequence": 0}, (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {"explode": True}}, (400, "ErrorPropertyValidationFailure")),
        ({"displayName": "A", "actions": {"delete": "perhaps"}}, (400, "ErrorPropertyValidationFailure")),
        ({"displayName": "A", "actions": {"forwardTo": [{}]}}, (400, "ErrorPropertyValidationFailure")),
        ({"displayName": "A", "actions": {"forwardTo": to(*"abcdefghijk")}}, (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {"moveToFolder": "nowhere"}}, (400, "ErrorInvalidIdMalformed")),
        ({"displayName": "A", "actions": {"moveToFolder": "clutter"}}, (404, "ErrorFolderNotFound")),
        ({"displayName": "A", "actions": {"moveToFolder": "msgfolderroot"}}, (404, "ErrorFolderNotFound")),
        ({"displayName": "A", "nosuch": 1, "actions": {"delete": True}}, (400, "RequestBodyRead")),
        ({"displayName": "A", "actions": {"delete": True}, "conditions": {"importance": "huge"}},
         (400, "ErrorPropertyValidationFailure")),
        ({"displayName": "A", "actions": {"delete": True},
          "conditions": {"withinSizeRange": {"minimumSize": 5, "maximumSize": 1}}},
         (400, "ErrorInboxRulesValidationError")),
        ({"displayName": "A", "actions": {"delete": True}, "conditions": {"subjectContains": ["x" * 70_000]}},
         (400, "ErrorInvalidRequest")),
    ],
)  # fmt: skip
def test_impossible_rules_are_refused(graph: Client, body: Any, expected: tuple[int, str]) -> None:
    assert code(graph("POST", RULES, body)) == expected
    assert graph.get(RULES)["value"] == []


def test_the_inbox_alone_has_rules(bob: Client) -> None:
    assert code(bob("GET", "/me/mailFolders/archive/messageRules")) == (400, "ErrorInvalidRequest")
    inbox = bob.get("/me/mailFolders/inbox")["id"]
    assert bob.get(f"/me/mailFolders/{inbox}/messageRules")["value"] == []
    assert Client(bob.world, "bob", "v1")("GET", RULES).status == 400


def test_rules_of_somebody_else_are_not_found(bob: Client) -> None:
    rule = make(bob, {"delete": True})["id"]
    alice = Client(bob.world, "alice", bob.profile)
    for method, body in (("GET", None), ("PATCH", {"displayName": "Mine"}), ("DELETE", None)):
        assert code(alice(method, f"{RULES}/{rule}", body)) == (404, "ErrorItemNotFound")
    theirs = plain(alice("POST", "/me/mailFolders", {"displayName": "Theirs"}).json)["id"]
    reply = bob("POST", RULES, {"displayName": "A", "actions": {"moveToFolder": theirs}})
    assert code(reply) == (404, "ErrorFolderNotFound")
    folder = bob.get("/me/mailFolders/inbox")["id"]
    assert code(bob("GET", f"{RULES}/{folder}")) == (400, "ErrorInvalidIdMalformed")


# --- rules obeyed


def test_mail_goes_where_a_rule_says(bob: Client) -> None:
    folder = plain(bob("POST", "/me/mailFolders", {"displayName": "Clients"}).json)["id"]
    make(bob, {"moveToFolder": folder, "markAsRead": True, "assignCategories": ["Blue"], "markImportance": "high"},
         conditions={"subjectContains": ["PLAN"]})  # fmt: skip
    mail(bob)
    mail(bob, subject="Lunch")
    assert (subjects(bob), subjects(bob, folder)) == (["Lunch"], ["Plans"])
    (one,) = listed(bob, folder)
    assert (one["isRead"], one["categories"], one["importance"].lower()) == (True, ["Blue"], "high")


def test_a_copy_a_deletion_and_an_end(graph: Client) -> None:
    make(graph, {"copyToFolder": "archive"}, "copy")
    make(graph, {"delete": True, "stopProcessingRules": True}, "delete", conditions={"bodyContains": ["junk"]})
    make(graph, {"assignCategories": ["Seen"]}, "mark")
    mail(graph, body={"contentType": "html", "content": "<p>pure <b>JUNK</b></p>"})
    mail(graph, subject="Lunch")
    assert subjects(graph) == ["Lunch"]
    assert subjects(graph, "archive") == ["Lunch", "Plans"]
    assert subjects(graph, "deleteditems") == ["Plans"]
    assert [one["categories"] for one in (*listed(graph), *listed(graph, "deleteditems"))] == [["Seen"], []]


def test_what_is_deleted_for_good_is_nowhere(graph: Client) -> None:
    make(graph, {"permanentDelete": True})
    mail(graph)
    assert graph.get("/me/messages")["value"] == []
    assert subjects(graph, "sentitems", "alice") == ["Plans"]


def test_rules_go_by_their_sequence_and_the_first_place_counts(graph: Client) -> None:
    make(graph, {"moveToFolder": "junkemail"}, "later", sequence=9)
    make(graph, {"moveToFolder": "archive"}, "sooner", sequence=3)
    make(graph, {"moveToFolder": "drafts"}, "never", sequence=1, isEnabled=False)
    mail(graph)
    assert subjects(graph) == subjects(graph, "drafts") == []
    assert subjects(graph, "archive") == subjects(graph, "junkemail") == ["Plans"]


def test_a_rule_whose_folder_is_gone_loses_nothing(graph: Client) -> None:
    folder = graph("POST", "/me/mailFolders", {"displayName": "Clients"}).json["id"]
    rule = make(graph, {"moveToFolder": folder})["id"]
    assert graph("POST", f"/me/mailFolders/{folder}/permanentDelete").status == 204
    mail(graph)
    assert subjects(graph) == ["Plans"]
    assert graph.get(f"{RULES}/{rule}")["hasError"] is True
    assert graph("PATCH", f"{RULES}/{rule}", {"actions": {"moveToFolder": "archive"}}).json["hasError"] is False


def test_mail_is_forwarded_and_redirected(graph: Client) -> None:
    world = graph.world
    world.add("carol")
    make(graph, {"forwardTo": to("carol")}, "forward", conditions={"fromAddresses": to("alice")})
    make(graph, {"redirectTo": to("carol", "out@side.example")}, "redirect")
    mail(graph, body={"contentType": "text", "content": "See you"})
    assert subjects(graph) == ["Plans"]
    forwarded, redirected = sorted(listed(graph, who="carol"), key=lambda one: one["subject"])
    assert forwarded["subject"] == "FW: Plans"
    assert forwarded["from"]["emailAddress"]["address"] == "bob@example.com"
    assert "See you" in forwarded["body"]["content"]
    assert redirected["from"]["emailAddress"]["address"] == "alice@example.com"
    assert redirected["toRecipients"][0]["emailAddress"]["address"] == "bob@example.com"


def test_mail_is_forwarded_as_an_attachment(graph: Client) -> None:
    graph.world.add("carol")
    make(graph, {"forwardAsAttachmentTo": to("carol"), "delete": True}, conditions={"hasAttachments": True})
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGVsbG8="}
    mail(graph, subject="Lunch")
    mail(graph, attachments=[file])
    assert (subjects(graph), subjects(graph, "deleteditems")) == (["Lunch"], ["Plans"])
    (one,) = listed(graph, who="carol")
    assert (one["subject"], one["hasAttachments"]) == ("FW: Plans", True)
    carol, path = Client(graph.world, "carol", "graph"), f"/me/messages/{one['id']}/attachments"
    (attached,) = carol.get(path)["value"]
    item = carol.get(f"{path}/{attached['id']}?$expand=microsoft.graph.itemAttachment/item")["item"]
    assert (item["subject"], item["hasAttachments"]) == ("Plans", True)
    assert item["from"]["emailAddress"]["address"] == "alice@example.com"


def test_two_mailboxes_that_forward_to_each_other_end(world: World) -> None:
    for one, other in (("alice", "bob"), ("bob", "alice")):
        make(Client(world, one, "graph"), {"forwardTo": to(other)})
        make(Client(world, one, "graph"), {"redirectTo": to(other)})
    world.add("carol")
    bob = Client(world, "bob", "graph")
    mail(bob, sender="carol")
    # To alice, and from her back to bob, whose rules have had it already.
    assert subjects(bob) == ["FW: Plans", "FW: Plans", "FW: Plans", "Plans", "Plans"]
    assert subjects(bob, who="alice") == ["FW: Plans", "Plans"]


def test_a_circle_of_many_ends(world: World) -> None:
    names = [f"p{number}" for number in range(8)]
    for name in names:
        world.add(name)
    for place, name in enumerate(names):
        make(Client(world, name, "graph"), {"redirectTo": to(names[(place + 1) % 8])})
    mail(Client(world, "bob", "graph"), "p0")
    found = [len(listed(Client(world, name, "graph"))) for name in names]
    assert found == [1, 1, 1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize("engine_of", ["graph", "v2"])
def test_an_invitation_obeys_rules_and_its_event_is_there(world: World, engine_of: str) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", engine_of)
    world.add("carol")
    make(bob, {"moveToFolder": "archive"}, conditions={"isMeetingRequest": True})
    alice.create("Kickoff", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob", "carol")
    assert subjects(bob) == []
    assert subjects(bob, who="carol") == ["Kickoff"]
    (event,) = bob.get("/me/events")["value"]
    assert event["subject"] == "Kickoff"
    (request,) = Client(world, "bob", "graph").get("/me/mailFolders/archive/messages")["value"]
    path = f"/me/messages/{request['id']}/microsoft.graph.eventMessage/event"
    assert Client(world, "bob", "graph").get(path)["id"] == event["id"]
    make(alice, {"permanentDelete": True}, conditions={"isMeetingResponse": True})
    assert bob("POST", f"/me/events/{event['id']}/accept", {"comment": "yes"}).status == 202
    assert subjects(alice) == []
    (mine,) = alice.get("/me/events")["value"]
    assert {one["status"]["response"] for one in mine["attendees"]} == {"accepted", "none"}


# --- the focused inbox


def test_overrides_say_where_mail_of_a_sender_goes(bob: Client) -> None:
    sender = {"name": "Alice", "address": "Alice@Example.com"}
    reply = bob("POST", OVERRIDES, {"classifyAs": "other", "senderEmailAddress": sender})
    made = plain(reply.json)
    assert reply.status == 201
    assert (made["classifyAs"].lower(), made["senderEmailAddress"]) == ("other", sender)
    mail(bob)
    (one,) = listed(bob)
    assert one["inferenceClassification"].lower() == "other"
    path = f"{OVERRIDES}/{made['id']}"
    assert plain(bob("PATCH", path, {"classifyAs": "focused"}).json)["classifyAs"].lower() == "focused"
    mail(bob, subject="Lunch")
    assert {one["subject"]: one["inferenceClassification"].lower() for one in listed(bob)} == {
        "Plans": "other", "Lunch": "focused",
    }  # fmt: skip
    again = bob("POST", OVERRIDES, {"classifyAs": "other", "senderEmailAddress": sender | {"name": "A"}})
    assert plain(again.json)["id"] == made["id"]
    assert [one["senderEmailAddress"]["name"] for one in bob.get(OVERRIDES)["value"]] == ["A"]
    assert bob.get(path)["classifyAs"].lower() == "other"
    assert bob("DELETE", path).status == 204
    assert bob.get(OVERRIDES)["value"] == []
    assert code(bob("GET", path)) == (404, "ErrorItemNotFound")


def test_invitations_are_on_their_side_too(graph: Client) -> None:
    sender = {"address": "alice@example.com"}
    assert graph("POST", OVERRIDES, {"classifyAs": "other", "senderEmailAddress": sender}).status == 201
    alice = Client(graph.world, "alice", "graph")
    alice.create("Kickoff", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob")
    assert [one["inferenceClassification"] for one in listed(graph)] == ["other"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"classifyAs": "other"}, "ErrorInvalidParameter"),
        ({"senderEmailAddress": {"address": "a@example.com"}}, "ErrorInvalidParameter"),
        ({"classifyAs": "aside", "senderEmailAddress": {"address": "a@example.com"}}, "ErrorPropertyValidationFailure"),
        ({"classifyAs": "other", "senderEmailAddress": {"address": "nobody"}}, "ErrorPropertyValidationFailure"),
        ({"classifyAs": "other", "nosuch": 1}, "RequestBodyRead"),
    ],
)
def test_impossible_overrides_are_refused(graph: Client, body: Any, expected: str) -> None:
    assert code(graph("POST", OVERRIDES, body)) == (400, expected)


def test_nothing_comes_into_an_inbox_past_its_rules() -> None:
    sources = {one.name: one.read_text("utf-8") for one in Path(commands.__path__[0]).glob("*.py")}
    assert [name for name, text in sources.items() if "store.apply" in text or "import apply as" in text] == [
        "arrival.py"
    ]
