"""Folders, people and settings in the three Microsoft profiles."""

from __future__ import annotations

from msgspec import structs

from support.microsoft_door import ALICE, BASE, BOB, EVENT, FOLDERS, Client


def test_folders(any_profile: Client) -> None:
    profile = any_profile.profile
    name, identifier = profile.member("displayName"), profile.member("id")
    page = any_profile.json("GET", "/me/mailFolders")
    assert [one[name] for one in page["value"]] == ["Inbox", "Sent Items"]
    page = any_profile.json("GET", "/me/MailFolders?$filter=displayName eq 'sent items'&$count=true")
    assert [one[name] for one in page["value"]] == ["Sent Items"]
    assert page["@odata.count"] == 1
    assert any_profile.json("GET", "/me/mailFolders('INBOX')")[identifier] == FOLDERS[0].id
    assert any_profile.json("GET", f"/me/mailFolders/{FOLDERS[0].id}")[name] == "Inbox"
    assert len(any_profile.json("GET", "/me/mailFolders/msgfolderroot/childFolders")["value"]) == 2
    foreign = structs.replace(FOLDERS[0], owner=ALICE).id
    assert any_profile("GET", f"/me/mailFolders/{foreign}").status == 404
    assert any_profile("GET", f"/me/mailFolders/{EVENT.id}").status == 400


def test_the_older_word_for_folders_is_outlooks(v1: Client, v2: Client, graph: Client) -> None:
    assert v1.json("GET", "/me/folders")["@odata.context"].endswith("#Me/Folders")
    assert v2.json("GET", "/me/folders")["@odata.context"].endswith("#Me/MailFolders")
    assert graph("GET", "/me/folders").status == 400


def test_people(graph: Client) -> None:
    me = graph.json("GET", "/me")
    assert (me["mail"], me["userPrincipalName"], me["id"]) == (BOB.address, BOB.address, BOB.oid)
    assert me["@odata.context"] == f"{BASE}/v1.0/$metadata#users/$entity"
    assert graph.json("GET", f"/users/{ALICE.oid}")["mail"] == ALICE.address
    assert graph.json("GET", "/users('ALICE@example.com')")["id"] == ALICE.oid
    assert graph("GET", "/users/nobody@example.com").status == 404
    page = graph.json("GET", "/users?$filter=mail eq 'alice@example.com'")
    assert [one["id"] for one in page["value"]] == [ALICE.oid]
    assert page["@odata.context"] == f"{BASE}/v1.0/$metadata#users"
    assert graph("GET", "/users/$count", consistencylevel="eventual").body == b"2"


def test_mailbox_settings(any_profile: Client) -> None:
    settings = any_profile.json("GET", "/me/mailboxSettings")
    zone = any_profile.profile.member("timeZone")
    assert settings[zone] == "W. Europe Standard Time"
    assert any_profile.json("GET", "/me/mailboxSettings/timeZone")["value"] == "W. Europe Standard Time"
