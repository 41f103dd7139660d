"""Folders that an owner makes, in the three Microsoft profiles: made, renamed, moved, copied and deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from rsvpd.commands import folders as commands
from support.client import MOUNTS, Client, plain
from support.world import Reply, World

Folder = dict[str, Any]


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


def make(client: Client, name: str, parent: str = "", **more: Any) -> Folder:
    path = f"/me/mailFolders/{parent}/childFolders" if parent else "/me/mailFolders"
    reply = client("POST", path, {"displayName": name, **more})
    assert reply.status == 201, reply.body
    found: Folder = plain(reply.json)
    assert reply.headers["location"].endswith(f"('{found['id']}')")
    return found


def names(client: Client, parent: str = "", query: str = "") -> list[str]:
    path = f"/me/mailFolders/{parent}/childFolders" if parent else "/me/mailFolders"
    return [one["displayName"] for one in client.get(f"{path}?$top=100{query}")["value"]]


def draft(client: Client, folder: str, subject: str) -> dict[str, Any]:
    reply = client("POST", f"/me/mailFolders/{folder}/messages", {"subject": subject, "isRead": False})
    assert reply.status == 201, reply.body
    found: dict[str, Any] = plain(reply.json)
    return found


def subjects(client: Client, folder: str) -> list[str]:
    return sorted(one["subject"] for one in client.get(f"/me/mailFolders/{folder}/messages?$top=100")["value"])


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def test_a_folder_stands_beside_the_well_known_ones(alice: Client) -> None:
    before = names(alice)
    made = make(alice, "Clients")
    assert names(alice) == sorted([*before, "Clients"], key=str.casefold)
    root = alice.get("/me/mailFolders/msgfolderroot")
    assert made["parentFolderId"] == root["id"]
    assert root["childFolderCount"] == len(before) + 1
    assert (made["childFolderCount"], made["totalItemCount"], made["unreadItemCount"]) == (0, 0, 0)
    assert alice.get(f"/me/mailFolders/{made['id']}") == made | {
        name: one for name, one in alice.get(f"/me/mailFolders/{made['id']}").items() if "@odata" in name
    }


def test_folders_stand_in_each_other_however_deep(alice: Client) -> None:
    path, folder = "/me/mailFolders/inbox", "inbox"
    for name in ("One", "Two", "Three", "Four"):
        folder = make(alice, name, folder)["id"]
        path += f"/childFolders/{folder}"
    assert alice.get(path)["displayName"] == "Four"
    message = draft(alice, folder, "Deep")
    assert [one["subject"] for one in alice.get(f"{path}/messages")["value"]] == ["Deep"]
    assert alice.get(f"{path}/messages/{message['id']}")["subject"] == "Deep"
    assert alice("PATCH", f"{path}/messages/{message['id']}", {"subject": "Deeper"}).status == 200
    reply = alice("POST", f"{path}/childFolders", {"displayName": "Five"})
    assert plain(reply.json)["parentFolderId"] == folder
    assert alice("GET", f"{path}/childFolders/$count").body == b"1"


def test_a_path_that_is_none_is_refused(alice: Client) -> None:
    one, two = make(alice, "One")["id"], make(alice, "Two")["id"]
    inner = make(alice, "Inner", one)["id"]
    assert code(alice("GET", f"/me/mailFolders/{two}/childFolders/{inner}")) == (404, "ErrorFolderNotFound")
    assert code(alice("GET", f"/me/mailFolders/inbox/childFolders/{one}/childFolders/{inner}/messages")) == (
        404, "ErrorFolderNotFound",
    )  # fmt: skip
    assert alice("GET", f"/me/mailFolders/msgfolderroot/childFolders/{one}/childFolders/{inner}/messages").status == 200


def test_a_name_is_there_once_in_a_folder(alice: Client) -> None:
    parent = make(alice, "Clients")["id"]
    make(alice, "Acme", parent)
    again = alice("POST", f"/me/mailFolders/{parent}/childFolders", {"displayName": "ACME"})
    assert code(again) == (409, "ErrorFolderExists")
    assert code(alice("POST", "/me/mailFolders", {"displayName": "inbox"})) == (409, "ErrorFolderExists")
    other = make(alice, "Acme")["id"]
    assert code(alice("POST", f"/me/mailFolders/{other}/move", {"destinationId": parent})) == (409, "ErrorFolderExists")
    assert code(alice("PATCH", f"/me/mailFolders/{other}", {"displayName": "clients"})) == (409, "ErrorFolderExists")


def test_a_folder_is_renamed(alice: Client) -> None:
    made = make(alice, "Clients")["id"]
    reply = alice("PATCH", f"/me/mailFolders/{made}", {"displayName": "Customers"})
    assert (reply.status, plain(reply.json)["displayName"]) == (200, "Customers")
    assert "Customers" in names(alice)
    assert "Clients" not in names(alice)
    same = alice("PATCH", f"/me/mailFolders/{made}", {"displayName": "CUSTOMERS"})
    assert (same.status, plain(same.json)["displayName"]) == (200, "CUSTOMERS")


def test_a_folder_moves_with_all_that_is_in_it(alice: Client) -> None:
    one, two = make(alice, "One")["id"], make(alice, "Two")["id"]
    inner = make(alice, "Inner", one)["id"]
    message = draft(alice, inner, "Plans")
    reply = alice("POST", f"/me/mailFolders/{one}/move", {"destinationId": two})
    moved = plain(reply.json)
    assert (reply.status, moved["id"], moved["parentFolderId"]) == (201, one, two)
    assert names(alice, two) == ["One"]
    assert alice.get(f"/me/messages/{message['id']}")["parentFolderId"] == inner
    into_itself = alice("POST", f"/me/mailFolders/{two}/move", {"destinationId": inner})
    assert code(into_itself) == (400, "ErrorMoveCopyFailed")


def test_a_folder_is_copied_with_all_that_is_in_it(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SLICE", 2)
    one = make(alice, "One")["id"]
    inner = make(alice, "Inner", one)["id"]
    for number in range(5):
        draft(alice, inner, f"Plan {number}")
    draft(alice, one, "Overview")
    reply = alice("POST", f"/me/mailFolders/{one}/copy", {"destinationId": "archive"})
    copy = plain(reply.json)
    assert (reply.status, copy["displayName"], copy["totalItemCount"]) == (201, "One", 1)
    later = [alice.world.store.run(commands.go_on_next) for _ in range(4)]
    assert later == [True, True, True, False]
    assert copy["id"] != one
    (below,) = alice.get(f"/me/mailFolders/{copy['id']}/childFolders")["value"]
    assert (below["displayName"], below["totalItemCount"], below["unreadItemCount"]) == ("Inner", 5, 5)
    assert subjects(alice, below["id"]) == subjects(alice, inner) == [f"Plan {number}" for number in range(5)]
    assert code(alice("POST", f"/me/mailFolders/{one}/copy", {"destinationId": "archive"})) == (
        409, "ErrorFolderExists",
    )  # fmt: skip
    assert code(alice("POST", f"/me/mailFolders/{one}/copy", {"destinationId": inner})) == (400, "ErrorMoveCopyFailed")


def test_a_folder_is_deleted_twice(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SLICE", 2)
    one = make(alice, "One")["id"]
    inner = make(alice, "Inner", one)["id"]
    messages = [draft(alice, inner, f"Plan {number}")["id"] for number in range(5)]
    assert alice("DELETE", f"/me/mailFolders/{one}").status == 204
    assert names(alice, "deleteditems") == ["One"]
    assert alice.get(f"/me/messages/{messages[0]}")["subject"] == "Plan 0"
    make(alice, "One")
    assert alice("DELETE", f"/me/mailFolders/{one}").status == 204
    assert alice.get("/me/messages")["value"] == []
    assert alice("GET", f"/me/messages/{messages[4]}").status == 404
    while alice.world.store.run(commands.go_on_next):
        pass
    for path in (f"/me/mailFolders/{one}", f"/me/mailFolders/{inner}", f"/me/mailFolders/{inner}/messages"):
        assert code(alice("GET", path)) == (404, "ErrorFolderNotFound")
    assert [alice("GET", f"/me/messages/{one}").status for one in messages] == [404] * 5
    assert names(alice, "deleteditems") == []


def test_what_is_deleted_takes_a_free_name(alice: Client) -> None:
    for expected in (["One"], ["One", "One1"], ["One", "One1", "One2"]):
        made = make(alice, "One")["id"]
        assert alice("DELETE", f"/me/mailFolders/{made}").status == 204
        assert names(alice, "deleteditems") == expected


def test_a_folder_that_everybody_has_stays_as_it_is(alice: Client) -> None:
    for name in ("inbox", "msgfolderroot", "drafts"):
        assert code(alice("DELETE", f"/me/mailFolders/{name}")) == (400, "ErrorDeleteDistinguishedFolder")
        moved = alice("POST", f"/me/mailFolders/{name}/move", {"destinationId": "archive"})
        assert code(moved) == (400, "ErrorMoveDistinguishedFolder")
        assert code(alice("PATCH", f"/me/mailFolders/{name}", {"displayName": "Other"})) == (403, "ErrorAccessDenied")
    assert alice("PATCH", "/me/mailFolders/inbox", {"displayName": "Inbox"}).status == 200


@pytest.mark.parametrize("name", ["", "  ", "a" * 256, "two\nlines", None, 7])
def test_impossible_names_are_refused(alice: Client, name: Any) -> None:
    reply = alice("POST", "/me/mailFolders", {"displayName": name})
    assert code(reply) == (400, "ErrorPropertyValidationFailure")


def test_what_is_missing_is_said(alice: Client) -> None:
    assert code(alice("POST", "/me/mailFolders", {})) == (400, "ErrorInvalidParameter")
    assert code(alice("POST", "/me/mailFolders", {"displayName": "A", "nosuch": 1})) == (400, "RequestBodyRead")
    assert code(alice("POST", "/me/mailFolders/inbox/copy", {})) == (400, "ErrorInvalidParameter")
    gone = make(alice, "Gone")["id"]
    assert alice("DELETE", f"/me/mailFolders/{gone}").status == 204
    assert alice("DELETE", f"/me/mailFolders/{gone}").status == 204
    for method, path, body in (
        ("POST", f"/me/mailFolders/{gone}/childFolders", {"displayName": "A"}),
        ("POST", f"/me/mailFolders/{gone}/messages", {"subject": "A"}),
        ("PATCH", f"/me/mailFolders/{gone}", {"displayName": "A"}),
        ("DELETE", f"/me/mailFolders/{gone}", None),
        ("POST", f"/me/mailFolders/{gone}/move", {"destinationId": "inbox"}),
        ("POST", "/me/mailFolders/inbox/copy", {"destinationId": gone}),
    ):
        assert code(alice(method, path, body)) == (404, "ErrorFolderNotFound"), path
    message = draft(alice, "drafts", "A")["id"]
    for action in ("move", "copy"):
        reply = alice("POST", f"/me/messages/{message}/{action}", {"destinationId": gone})
        assert code(reply) == (404, "ErrorFolderNotFound")


def test_a_folder_of_somebody_else_is_refused(alice: Client) -> None:
    theirs = make(Client(alice.world, "bob", alice.profile), "Theirs")["id"]
    for path in (f"/me/mailFolders/{theirs}", f"/me/mailFolders/{theirs}/messages"):
        assert code(alice("GET", path)) == (404, "ErrorFolderNotFound")
    mine = make(alice, "Mine")["id"]
    assert code(alice("POST", f"/me/mailFolders/{mine}/move", {"destinationId": theirs})) == (
        404, "ErrorFolderNotFound",
    )  # fmt: skip


def test_messages_go_into_a_folder_and_out_of_it(alice: Client) -> None:
    folder = make(alice, "Clients")["id"]
    message = draft(alice, "drafts", "Plans")
    reply = alice("POST", f"/me/messages/{message['id']}/move", {"destinationId": folder})
    moved = plain(reply.json)
    assert (reply.status, moved["parentFolderId"]) == (201, folder)
    assert subjects(alice, folder) == ["Plans"]
    assert [one["subject"] for one in alice.get("/me/messages")["value"]] == ["Plans"]
    counts = alice.get(f"/me/mailFolders/{folder}")
    assert (counts["totalItemCount"], counts["unreadItemCount"]) == (1, 1)
    assert code(alice("GET", f"/me/mailFolders/inbox/messages/{moved['id']}")) == (404, "ErrorItemNotFound")
    assert alice("POST", f"/me/messages/{moved['id']}/copy", {"destinationId": "inbox"}).status == 201
    assert alice("DELETE", f"/me/messages/{moved['id']}").status == 204
    assert subjects(alice, folder) == []
    assert subjects(alice, "deleteditems") == subjects(alice, "inbox") == ["Plans"]


def test_what_is_below_deleted_items_is_removed_for_good(alice: Client) -> None:
    folder = make(alice, "Old", "deleteditems")["id"]
    message = draft(alice, folder, "Plans")["id"]
    assert alice("DELETE", f"/me/messages/{message}").status == 204
    assert subjects(alice, "deleteditems") == subjects(alice, folder) == []


def test_lists_of_all_messages_reach_every_folder(world: World) -> None:
    alice = Client(world, "alice", "graph")
    for number in range(12):
        draft(alice, make(alice, f"Folder {number}")["id"], f"Plan {number}")
        world.now += 1_000_000
    found = alice.get("/me/messages?$top=5&$select=subject")
    assert [one["subject"] for one in found["value"]] == [f"Plan {number}" for number in range(11, 6, -1)]
    assert int(alice("GET", "/me/messages/$count").body) == 12
    wanted = alice.get(f"/me/messages?$filter={quote('subject eq ')}'Plan 3'".replace(" ", "%20"))
    assert [one["subject"] for one in wanted["value"]] == ["Plan 3"]


def test_more_folders_than_are_merged_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsvpd.store.messages._MERGED", 3)
    test_lists_of_all_messages_reach_every_folder(world)


def test_hidden_folders_are_shown_to_who_asks_for_them(world: World) -> None:
    alice = Client(world, "alice", "graph")
    made = make(alice, "Settings", isHidden=True)
    assert made["isHidden"] is True
    inner = make(alice, "Cache", "inbox", isHidden=True)
    for parent, name in (("", "Settings"), ("inbox", "Cache")):
        assert name not in names(alice, parent)
        assert name in names(alice, parent, "&includeHiddenFolders=true")
    assert alice.get(f"/me/mailFolders/{inner['id']}")["displayName"] == "Cache"
    assert alice.get("/me/mailFolders/inbox")["childFolderCount"] == 0
    reply = alice("PATCH", f"/me/mailFolders/{made['id']}", {"isHidden": False})
    assert (reply.status, reply.json["isHidden"]) == (200, True)
    assert "isHidden" in reply.headers["x-rsvpd-hint"]


def test_folders_are_asked_for_by_name_and_with_what_is_in_them(world: World) -> None:
    alice = Client(world, "alice", "graph")
    folder = make(alice, "Clients")["id"]
    for name in ("Beta", "Acme"):
        make(alice, name, folder)
    for number in range(3):
        draft(alice, folder, f"Plan {number}")
        world.now += 1_000_000
    (found,) = alice.get(
        "/me/mailFolders?$filter=displayName%20eq%20'clients'"
        "&$expand=childFolders($select=displayName;$top=1),messages($select=subject;$top=2)"
    )["value"]
    assert [one["displayName"] for one in found["childFolders"]] == ["Acme"]
    assert [one["subject"] for one in found["messages"]] == ["Plan 2", "Plan 1"]
    assert set(found["messages"][0]) >= {"subject"}


WELL_KNOWN = ("archive", "DeletedItems", "drafts", "Inbox", "junkemail", "outbox", "sentItems")
ELSEWHERE = (
    "clutter", "conflicts", "conversationhistory", "localfailures", "recoverableitemsdeletions", "scheduled",
    "serverfailures", "syncissues",
)  # fmt: skip


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_a_well_known_name_stands_for_an_id_everywhere(world: World, name: str) -> None:
    alice = Client(world, "alice", "graph")
    id = alice.get(f"/me/mailFolders/{name}")["id"]
    assert id.lower() != name.lower()
    message, folder = draft(alice, name, "Plans"), make(alice, "Clients", name)
    assert (message["parentFolderId"], folder["parentFolderId"]) == (id, id)
    for action in ("copy", "move"):
        reply = alice("POST", f"/me/messages/{message['id']}/{action}", {"destinationId": name})
        assert (reply.status, reply.json["parentFolderId"]) == (201, id)
    other = make(alice, "Other")["id"]
    for action in ("copy", "move"):
        destination = {"destinationId": name if action == "move" else folder["id"]}
        assert alice("POST", f"/me/mailFolders/{other}/{action}", destination).status == 201
    assert alice.get(f"/me/mailFolders/{other}")["parentFolderId"] == id
    rule = {"displayName": "A", "actions": {"moveToFolder": name}}
    assert alice("POST", "/me/mailFolders/inbox/messageRules", rule).json["actions"]["moveToFolder"] == id
    search = {
        "@odata.type": "microsoft.graph.mailSearchFolder", "displayName": "A", "sourceFolderIds": [name],
        "filterQuery": "subject eq 'plans'",
    }  # fmt: skip
    made = alice("POST", f"/me/mailFolders/{name}/childFolders", search).json
    assert (made["sourceFolderIds"], made["totalItemCount"]) == ([id], 2)
    for path in ("messages/delta", "childFolders/delta", "messages/$count", "childFolders"):
        assert alice("GET", f"/me/mailFolders/{name}/{path}").status == 200
    assert code(alice("DELETE", f"/me/mailFolders/{name}")) == (400, "ErrorDeleteDistinguishedFolder")


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_folder_that_no_mailbox_here_has_is_not_found(alice: Client, name: str) -> None:
    message = draft(alice, "drafts", "A")["id"]
    for method, path, body in (
        ("GET", f"/me/mailFolders/{name}", None),
        ("GET", f"/me/mailFolders/{name}/messages", None),
        ("POST", f"/me/mailFolders/{name}/childFolders", {"displayName": "A"}),
        ("POST", f"/me/messages/{message}/move", {"destinationId": name}),
    ):
        assert code(alice(method, path, body)) == (404, "ErrorFolderNotFound"), path
    assert code(alice("GET", "/me/mailFolders/nosuch")) == (400, "ErrorInvalidIdMalformed")


def test_permanent_deletion_is_of_graph_alone(alice: Client) -> None:
    folder = make(alice, "Clients")["id"]
    draft(alice, folder, "Plans")
    reply = alice("POST", f"/me/mailFolders/{folder}/permanentDelete")
    assert reply.status == (204 if alice.profile == "graph" else 400)
    assert ("Clients" in names(alice)) is (alice.profile != "graph")
    assert names(alice, "deleteditems") == []
