"""Search folders of Graph: made, changed and removed, and what they show, which stands elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from rsvpd.commands import folders as commands
from rsvpd.mail import folder as mail_folder
from support.client import Client, plain
from support.world import Reply, World

Folder = dict[str, Any]
TYPE = "microsoft.graph.mailSearchFolder"


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "graph")


def search(
    client: Client, name: str, question: str, *sources: str, parent: str = "searchfolders", **more: Any
) -> Reply:
    body = {"@odata.type": TYPE, "displayName": name, "sourceFolderIds": list(sources), "filterQuery": question, **more}
    return client("POST", f"/me/mailFolders/{parent}/childFolders", body)


def make(client: Client, question: str, *sources: str, name: str = "Found", **more: Any) -> Folder:
    reply = search(client, name, question, *sources, **more)
    assert reply.status == 201, reply.body
    found: Folder = reply.json
    return found


def plain_folder(client: Client, name: str, parent: str = "inbox") -> str:
    reply = client("POST", f"/me/mailFolders/{parent}/childFolders", {"displayName": name})
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def put(client: Client, folder: str, subject: str, **more: Any) -> Folder:
    reply = client("POST", f"/me/mailFolders/{folder}/messages", {"subject": subject, **more})
    assert reply.status == 201, reply.body
    found: Folder = reply.json
    return found


def subjects(client: Client, folder: str, query: str = "") -> list[str]:
    return [one["subject"] for one in client.get(f"/me/mailFolders/{folder}/messages?$select=subject{query}")["value"]]


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def test_it_is_made_read_changed_and_removed(alice: Client) -> None:
    inbox = alice.get("/me/mailFolders/inbox")["id"]
    finder = alice.get("/me/mailFolders/searchfolders")
    made = make(alice, "contains(subject, 'digest')", inbox, name="Digests")
    assert {name: one for name, one in made.items() if name != "@odata.context"} == {
        "@odata.type": f"#{TYPE}", "id": made["id"], "displayName": "Digests", "parentFolderId": finder["id"],
        "childFolderCount": 0, "unreadItemCount": 0, "totalItemCount": 0, "isHidden": False, "isSupported": True,
        "includeNestedFolders": False, "sourceFolderIds": [inbox], "filterQuery": "contains(subject, 'digest')",
    }  # fmt: skip
    path = f"/me/mailFolders/{made['id']}"
    assert plain(alice.get(path)) == plain(made)
    assert (finder["displayName"], finder["parentFolderId"]) == ("Finder", None)
    assert "Finder" not in [one["displayName"] for one in alice.get("/me/mailFolders?$top=50")["value"]]
    put(alice, "archive", "Weekly digest", isRead=True)
    body = {"sourceFolderIds": ["archive", "archive"], "displayName": "Weekly", "includeNestedFolders": True}
    reply = alice("PATCH", path, body)
    archive = alice.get("/me/mailFolders/archive")["id"]
    assert (reply.status, reply.json["sourceFolderIds"], reply.json["displayName"]) == (200, [archive], "Weekly")
    assert (reply.json["includeNestedFolders"], reply.json["totalItemCount"]) == (True, 1)
    changed = alice("PATCH", path, {"@odata.type": TYPE, "filterQuery": "contains(subject, 'news')"}).json
    assert (changed["filterQuery"], changed["totalItemCount"]) == ("contains(subject, 'news')", 0)
    assert changed["sourceFolderIds"] == [archive]
    assert alice("DELETE", path).status == 204
    assert code(alice("GET", path)) == (404, "ErrorFolderNotFound")
    assert alice.get("/me/mailFolders/deleteditems/childFolders")["value"] == []
    assert subjects(alice, "archive") == ["Weekly digest"]


def test_what_was_read_may_be_sent_back(alice: Client) -> None:
    made = make(alice, "isRead eq true", "inbox")
    reply = alice("PATCH", f"/me/mailFolders/{made['id']}", made | {"displayName": "Other", "isSupported": False})
    assert (reply.status, reply.json["displayName"], reply.json["isSupported"]) == (200, "Other", True)
    assert "parentFolderId" in reply.hint


def test_it_shows_what_its_question_is_true_of_as_that_changes(alice: Client) -> None:
    below = plain_folder(alice, "Below")
    shallow = make(alice, "isRead eq false", "inbox", name="Shallow")["id"]
    deep = make(alice, "isRead eq false", "inbox", name="Deep", includeNestedFolders=True, parent="inbox")["id"]
    first = put(alice, "inbox", "First", isRead=False)
    put(alice, below, "Second", isRead=False)
    put(alice, "archive", "Elsewhere", isRead=False)
    assert subjects(alice, shallow) == ["First"]
    assert subjects(alice, deep) == ["Second", "First"]
    assert [one["displayName"] for one in alice.get("/me/mailFolders/inbox/childFolders")["value"]] == ["Below", "Deep"]
    counts = alice.get(f"/me/mailFolders/{deep}")
    assert (counts["totalItemCount"], counts["unreadItemCount"]) == (2, 2)
    # What is shown is the message itself: read and changed there, and gone when it is not true of it any more.
    path = f"/me/mailFolders/{deep}/messages/{first['id']}"
    assert alice.get(path)["parentFolderId"] == alice.get("/me/mailFolders/inbox")["id"]
    assert alice("PATCH", path, {"isRead": True}).status == 200
    assert code(alice("GET", path)) == (404, "ErrorItemNotFound")
    assert subjects(alice, deep) == ["Second"]
    assert subjects(alice, shallow) == []
    assert len(alice.get("/me/messages")["value"]) == 3


def test_lists_are_asked_inside_it(alice: Client) -> None:
    for number in range(5):
        put(alice, "inbox", f"Plan {number}", importance="high" if number % 2 else "low")
    found = make(alice, "startswith(subject, 'plan')", "inbox")["id"]
    page = alice.get(f"/me/mailFolders/{found}/messages?$top=2&$count=true&$select=subject")
    assert (page["@odata.count"], [one["subject"] for one in page["value"]]) == (5, ["Plan 4", "Plan 3"])
    following = alice.get(page["@odata.nextLink"].partition("/v1.0")[2])
    assert [one["subject"] for one in following["value"]] == ["Plan 2", "Plan 1"]
    assert subjects(alice, found, f"&$filter={quote('''importance eq 'high' ''')}") == ["Plan 3", "Plan 1"]
    assert subjects(alice, found, "&$search=%22subject:4%22") == ["Plan 4"]
    assert alice("GET", f"/me/mailFolders/{found}/messages/$count").body == b"5"
    (shown,) = alice.get("/me/mailFolders/searchfolders/childFolders?$expand=messages($top=1;$select=subject)")["value"]
    assert [one["subject"] for one in shown["messages"]] == ["Plan 4"]


@pytest.mark.parametrize(
    "question",
    [
        "contains(body/content, 'sails')",
        "from/emailAddress/address eq 'alice@example.com' and contains(body/content, 'sails')",
        "categories/any(c:c eq 'Sea')",
        "hasAttachments eq false and receivedDateTime ge 2026-01-01T00:00:00Z",
        "not (subject eq 'Other') and flag/flagStatus eq 'notFlagged'",
        "length(subject) eq 5 or indexof(subject, 'lan') eq 1",
        "singleValueExtendedProperties/any(ep: ep/id eq 'String {8eccc264-6880-4ebe-992f-8888d2eeaa1d} Name A'"
        " and ep/value eq 'b')",
    ],
)
def test_whatever_lists_can_be_asked_it_can(alice: Client, question: str) -> None:
    property_ = {"id": "String {8eccc264-6880-4ebe-992f-8888d2eeaa1d} Name A", "value": "b"}
    body = {"contentType": "text", "content": "Under sails"}
    put(alice, "inbox", "Plans", body=body, categories=["Sea"], singleValueExtendedProperties=[property_])
    put(alice, "archive", "Other")
    found = make(alice, question, "msgfolderroot", includeNestedFolders=True)
    listed = [one["subject"] for one in alice.get(f"/me/messages?$filter={quote(question)}")["value"]]
    assert subjects(alice, found["id"]) == listed
    assert "Plans" in listed
    assert found["totalItemCount"] == len(listed)
    path = f"/me/mailFolders/{found['id']}/messages"
    (shown,) = [one for one in alice.get(path)["value"] if one["subject"] == "Plans"]
    assert alice.get(f"{path}/{shown['id']}")["subject"] == "Plans"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", (400, "ErrorPropertyValidationFailure")),
        (None, (400, "ErrorPropertyValidationFailure")),
        (7, (400, "ErrorPropertyValidationFailure")),
        ("a" * 4_001, (400, "ErrorPropertyValidationFailure")),
        ("subject eq", (400, "BadRequest")),
        ("nosuch eq 'a'", (400, "BadRequest")),
        ("conversationIndex eq 'a'", (400, "ErrorInvalidProperty")),
        ("(" * 500 + "isRead eq true" + ")" * 500, (400, "BadRequest")),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(
    alice: Client, question: Any, expected: tuple[int, str]
) -> None:
    assert code(search(alice, "Found", question, "inbox")) == expected
    made = make(alice, "isRead eq false", "inbox", name="Other")
    assert code(alice("PATCH", f"/me/mailFolders/{made['id']}", {"filterQuery": question})) == expected
    assert alice.get(f"/me/mailFolders/{made['id']}")["filterQuery"] == "isRead eq false"


def test_what_it_needs_is_asked_for(alice: Client) -> None:
    path = "/me/mailFolders/searchfolders/childFolders"
    whole = {"@odata.type": TYPE, "displayName": "A", "sourceFolderIds": ["inbox"], "filterQuery": "isRead eq true"}
    for name in ("displayName", "sourceFolderIds", "filterQuery"):
        body = {one: value for one, value in whole.items() if one != name}
        assert code(alice("POST", path, body)) == (400, "ErrorInvalidParameter")
    for sources in ([], "inbox", None, [1], ["inbox"] * 101):
        assert code(alice("POST", path, whole | {"sourceFolderIds": sources})) == (
            400, "ErrorPropertyValidationFailure",
        )  # fmt: skip
    assert code(alice("POST", path, whole | {"sourceFolderIds": ["clutter"]})) == (404, "ErrorFolderNotFound")
    assert code(alice("POST", path, whole | {"sourceFolderIds": ["nonsense"]})) == (400, "ErrorInvalidIdMalformed")
    theirs = plain_folder(Client(alice.world, "bob", "graph"), "Theirs")
    assert code(alice("POST", path, whole | {"sourceFolderIds": [theirs]})) == (404, "ErrorFolderNotFound")
    other = make(alice, "isRead eq true", "inbox")["id"]
    for source in (other, "searchfolders"):
        assert code(alice("POST", path, whole | {"sourceFolderIds": [source]})) == (
            400, "ErrorInvalidFolderTypeForOperation",
        )  # fmt: skip
    assert code(alice("POST", path, whole | {"@odata.type": "microsoft.graph.event"})) == (400, "BadRequest")
    assert code(alice("POST", path, {name: one for name, one in whole.items() if "@" not in name})) == (
        400, "RequestBodyRead",
    )  # fmt: skip
    assert code(alice("PATCH", "/me/mailFolders/inbox", {"filterQuery": "isRead eq true"})) == (400, "RequestBodyRead")


def test_nothing_is_put_into_it(alice: Client) -> None:
    found, below = make(alice, "isRead eq true", "inbox")["id"], plain_folder(alice, "Below")
    message = put(alice, "inbox", "Plans")["id"]
    holds_none = (400, "ErrorInvalidFolderTypeForOperation")
    for folder in (found, "searchfolders"):
        for action in ("move", "copy"):
            assert code(alice("POST", f"/me/messages/{message}/{action}", {"destinationId": folder})) == holds_none
            reply = alice("POST", f"/me/mailFolders/{below}/{action}", {"destinationId": folder})
            assert code(reply) == (400, "ErrorInvalidParentFolder")
        assert code(alice("POST", f"/me/mailFolders/{folder}/messages", {"subject": "A"})) == holds_none
        reply = alice("POST", f"/me/mailFolders/{folder}/childFolders", {"displayName": "A"})
        assert code(reply) == (400, "ErrorInvalidParentFolder")
        rule = {"displayName": "A", "actions": {"moveToFolder": folder}}
        assert code(alice("POST", "/me/mailFolders/inbox/messageRules", rule)) == holds_none
    assert code(search(alice, "B", "isRead eq true", "inbox", parent=found)) == (400, "ErrorInvalidParentFolder")
    assert code(alice("GET", f"/me/mailFolders/{found}/messages/delta")) == holds_none


def test_folders_go_that_it_looks_into(alice: Client) -> None:
    one, two = plain_folder(alice, "One"), plain_folder(alice, "Two")
    put(alice, one, "In one")
    put(alice, two, "In two")
    found = make(alice, "subject ne 'x'", one, two)
    assert found["totalItemCount"] == 2
    assert alice("POST", f"/me/mailFolders/{one}/permanentDelete").status == 204
    shown = alice.get(f"/me/mailFolders/{found['id']}")
    assert (shown["sourceFolderIds"], shown["totalItemCount"]) == ([two], 1)
    assert subjects(alice, found["id"]) == ["In two"]
    assert alice("POST", f"/me/mailFolders/{two}/permanentDelete").status == 204
    assert subjects(alice, found["id"]) == []
    assert alice.get(f"/me/mailFolders/{found['id']}")["sourceFolderIds"] == []


def test_it_is_moved_copied_and_goes_with_its_folder(alice: Client) -> None:
    folder = plain_folder(alice, "Folder", "msgfolderroot")
    put(alice, "inbox", "Plans")
    found = make(alice, "subject eq 'plans'", "inbox")["id"]
    moved = alice("POST", f"/me/mailFolders/{found}/move", {"destinationId": folder}).json
    assert (moved["id"], moved["parentFolderId"], moved["totalItemCount"]) == (found, folder, 1)
    copy = alice("POST", f"/me/mailFolders/{folder}/copy", {"destinationId": "archive"}).json
    (inner,) = alice.get(f"/me/mailFolders/{copy['id']}/childFolders")["value"]
    assert (inner["@odata.type"], inner["totalItemCount"]) == (f"#{TYPE}", 1)
    assert inner["filterQuery"] == "subject eq 'plans'"
    while alice.world.store.run(commands.go_on_next):
        pass
    assert len(alice.get("/me/messages")["value"]) == 1
    assert alice("POST", f"/me/mailFolders/{folder}/permanentDelete").status == 204
    assert code(alice("GET", f"/me/mailFolders/{found}")) == (404, "ErrorFolderNotFound")
    assert subjects(alice, "inbox") == ["Plans"]


def test_casts_and_selections(alice: Client) -> None:
    plain_folder(alice, "Below")
    found = make(alice, "isRead eq true", "inbox", parent="inbox", isHidden=True)["id"]
    path = "/me/mailFolders/inbox/childFolders"
    assert [one["displayName"] for one in alice.get(path)["value"]] == ["Below"]
    everything = alice.get(f"{path}?includeHiddenFolders=true")["value"]
    assert [one.get("@odata.type") for one in everything] == [None, f"#{TYPE}"]
    (only,) = alice.get(f"{path}/{TYPE}?includeHiddenFolders=true")["value"]
    assert only["id"] == found
    assert alice("GET", f"{path}/{TYPE}/$count?includeHiddenFolders=true").body == b"1"
    cast = f"$select=displayName,{TYPE}/filterQuery"
    one, two = alice.get(f"{path}?includeHiddenFolders=true&{cast}")["value"]
    assert (plain(one), plain(two)) == (
        {"id": one["id"], "displayName": "Below"},
        {"@odata.type": f"#{TYPE}", "id": found, "displayName": "Found", "filterQuery": "isRead eq true"},
    )
    assert alice.get(f"/me/mailFolders/{found}/{TYPE}?$select=filterQuery")["filterQuery"] == "isRead eq true"
    assert code(alice("GET", f"{path}?$select=filterQuery"))[0] == 400
    assert code(alice("GET", f"/me/mailFolders/inbox/{TYPE}")) == (404, "ErrorFolderNotFound")


def test_only_so_many_are_kept(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_SEARCHES", 2)
    assert mail_folder.MOST_SEARCHES == 100
    for number in range(3):
        make(alice, "isRead eq true", "inbox", name=f"Number {number}")
    listed = alice.get("/me/mailFolders/searchfolders/childFolders")["value"]
    assert [one["displayName"] for one in listed] == ["Number 1", "Number 2"]


def test_a_count_that_takes_too_long_is_not_said(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        put(alice, "inbox", f"Plan {number}")
    by_columns = make(alice, "startswith(subject, 'plan')", "inbox", name="By columns")
    monkeypatch.setattr(commands, "_COUNTED", 50)
    in_bodies = make(alice, "contains(body/content, 'sails')", "inbox", name="In bodies")
    shown = alice.get("/me/mailFolders/searchfolders/childFolders")["value"]
    assert [(one["id"], one["totalItemCount"]) for one in shown] == [(by_columns["id"], 3), (in_bodies["id"], None)]


def test_its_counts_are_told_with_those_of_where_it_looks(alice: Client) -> None:
    found = make(alice, "isRead eq false", "inbox", parent="archive")["id"]
    beside = make(alice, "isRead eq false", "inbox", name="Beside")["id"]
    first = alice.get("/me/mailFolders/delta")
    assert found in [one["id"] for one in first["value"]]
    put(alice, "inbox", "Plans", isRead=False)
    told = alice.get(first["@odata.deltaLink"].partition("/v1.0")[2])
    (shown,) = [one for one in told["value"] if one["id"] == found]
    assert (shown["unreadItemCount"], shown["filterQuery"]) == (1, "isRead eq false")
    assert beside not in [one["id"] for one in told["value"]]
    assert alice("POST", f"/me/mailFolders/{found}/move", {"destinationId": "searchfolders"}).status == 201
    told = alice.get(told["@odata.deltaLink"].partition("/v1.0")[2])
    assert [one["id"] for one in told["value"] if "@removed" in one] == [found]


@pytest.mark.parametrize("profile", ["v2", "v1"])
def test_outlook_has_them_as_folders(alice: Client, profile: str) -> None:
    put(alice, "inbox", "Plans")
    found = make(alice, "subject eq 'plans'", "inbox", parent="inbox")["id"]
    outlook = Client(alice.world, "alice", profile)
    (shown,) = outlook.get("/me/mailFolders/inbox/childFolders")["value"]
    assert (shown["id"], shown["totalItemCount"]) == (found, 1)
    assert "filterQuery" not in shown
    assert [one["subject"] for one in outlook.get(f"/me/mailFolders/{found}/messages")["value"]] == ["Plans"]
    body = {"@odata.type": "#Microsoft.OutlookServices.MailSearchFolder", "displayName": "A"}
    assert outlook("POST", "/me/mailFolders", body).status == 400
    cast = "Microsoft.OutlookServices.MailSearchFolder"
    for path in (f"/me/mailFolders/{found}/{cast}", f"/me/mailFolders/inbox/childFolders/{cast}"):
        assert outlook("GET", path).status == 400


def test_an_application_may_as_far_as_its_owner(world: World) -> None:
    alice = Client(world, "alice", "graph")
    found = make(alice, "isRead eq true", "inbox")["id"]
    reply = Client(world, "bob", "graph")("GET", f"/me/mailFolders/{found}")
    assert code(reply) == (404, "ErrorFolderNotFound")
