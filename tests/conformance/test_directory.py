"""The directory: what is known of people, who may change it, who comes and goes, who is whose manager."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands.directory import change_profile
from rsvpd.identity.clients import LOCAL_CLIENT
from support.client import Client
from support.town import JPEG
from support.world import Reply, World

APPLICATION = "99999999-0000-4000-8000-000000000001"
EVENTUAL = {"consistencylevel": "eventual"}
KNOWN = {
    "aboutMe": "About", "accountEnabled": True, "ageGroup": "Adult", "birthday": "1990-01-02T00:00:00Z",
    "businessPhones": ["+1 555 0100"], "city": "Berlin", "companyName": "Contoso", "country": "Germany",
    "department": "Research", "displayName": "Alice Adams", "employeeHireDate": "2020-05-04T00:00:00Z",
    "employeeId": "E1", "employeeType": "Employee", "faxNumber": "2", "givenName": "Alicia",
    "interests": ["chess"], "jobTitle": "Engineer", "mailNickname": "al", "mobilePhone": "3",
    "mySite": "https://example.com/", "officeLocation": "4/100", "otherMails": ["alice@example.org"],
    "passwordPolicies": "DisablePasswordExpiration", "pastProjects": ["one"], "postalCode": "10115",
    "preferredLanguage": "en-US", "preferredName": "Al", "responsibilities": ["all"], "schools": ["some"],
    "showInAddressList": False, "skills": ["odata"], "state": "BE", "streetAddress": "Street 1", "surname": "Adams",
    "usageLocation": "DE", "userType": "Guest",
}  # fmt: skip
NEW = {
    "accountEnabled": True, "displayName": "Carol", "mailNickname": "carol", "userPrincipalName": "carol@example.com",
    "passwordProfile": {"password": "Secret-123", "forceChangePasswordNextSignIn": False},
}  # fmt: skip


def application(world: World, method: str, path: str, body: Any = None, role: str = "*", **headers: str) -> Reply:
    token = world.tokens.issue_to_application(LOCAL_CLIENT, APPLICATION, roles=[role], now=world.now)
    sent = {"authorization": f"Bearer {token}", **headers}
    return world.request(None, method, f"/v1.0{path}".replace(" ", "%20"), body, headers=sent)


def selected(world: World, who: str, *names: str) -> dict[str, Any]:
    found = application(world, "GET", f"/users/{who}@example.com?$select={','.join(names)}").json
    return {name: one for name, one in found.items() if "@" not in name and name != "id"}


def test_all_that_is_documented_is_kept(world: World) -> None:
    reply = application(world, "PATCH", "/users/alice@example.com", KNOWN)
    assert (reply.status, reply.body) == (204, b"")
    assert selected(world, "alice", *KNOWN) == KNOWN
    cleared = dict.fromkeys(("city", "jobTitle", "birthday"), None) | {"businessPhones": [], "skills": []}
    assert application(world, "PATCH", "/users/alice@example.com", cleared).status == 204
    assert selected(world, "alice", *KNOWN) == {**KNOWN, **cleared}
    assert Client(world, "bob", "graph").get("/me?$select=jobTitle,skills")["skills"] == []


def test_what_follows_from_what_is_known(world: World) -> None:
    derived = ("legalAgeGroupClassification", "createdDateTime", "lastPasswordChangeDateTime", "securityIdentifier")
    minor = {"ageGroup": "minor", "consentProvidedForMinor": "granted"}
    assert application(world, "PATCH", "/users/alice@example.com", minor).status == 204
    found = selected(world, "alice", *derived, "ageGroup", "identities")
    assert found["legalAgeGroupClassification"] == "MinorWithParentalConsent"
    assert found["ageGroup"] == "Minor"
    assert found["createdDateTime"] == found["lastPasswordChangeDateTime"] == "2026-11-23T08:00:00Z"
    assert found["securityIdentifier"].startswith("S-1-12-1-")
    assert found["identities"] == [
        {"signInType": "userPrincipalName", "issuer": "example.com", "issuerAssignedId": "alice@example.com"}
    ]


def test_everybody_changes_a_little_of_the_own_profile(world: World) -> None:
    alice = Client(world, "alice", "graph")
    assert alice("PATCH", "/me", {"mobilePhone": "1", "aboutMe": "Hello", "skills": ["a"]}).status == 204
    assert alice.get("/me?$select=mobilePhone,aboutMe,skills")["mobilePhone"] == "1"
    denied = (403, "Authorization_RequestDenied")
    assert alice.error("PATCH", "/me", {"jobTitle": "Chief"}) == denied
    assert alice.error("PATCH", "/me", {"mobilePhone": "2", "displayName": "Queen"}) == denied
    assert alice.error("PATCH", "/users/bob@example.com", {"mobilePhone": "1"}) == denied
    assert alice.error("POST", "/users", NEW) == denied
    assert alice.error("DELETE", "/users/bob@example.com") == denied
    assert "rsvpd user set" in alice("DELETE", "/users/bob@example.com").hint
    assert alice.get("/me?$select=mobilePhone")["mobilePhone"] == "1"


def test_an_administrator_changes_everybody(world: World) -> None:
    world.store.run(change_profile, world.people["alice"], {"is_administrator": True})
    alice = Client(world, "alice", "graph")
    assert alice("PATCH", "/users/bob@example.com", {"jobTitle": "Engineer"}).status == 204
    assert alice.get("/users/bob@example.com")["jobTitle"] == "Engineer"
    narrow = world.tokens.issue(world.people["alice"], now=world.now, scopes=["User.ReadWrite"], app_id=LOCAL_CLIENT)
    bearer = f"Bearer {narrow}"
    assert alice.error("PATCH", "/users/bob@example.com", {"jobTitle": "X"}, authorization=bearer)[0] == 403
    assert alice("PATCH", "/me", {"jobTitle": "Chief"}, authorization=bearer).status == 204


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"birthday": "yesterday"}, "Invalid value specified for property 'birthday' of resource 'User'."),
        ({"skills": "odata"}, "Invalid value specified for property 'skills' of resource 'User'."),
        ({"usageLocation": "Germany"}, "Invalid value specified for property 'usageLocation' of resource 'User'."),
        ({"jobTitle": "x" * 129}, "Invalid value specified for property 'jobTitle' of resource 'User'."),
        ({"displayName": None}, "Invalid value specified for property 'displayName' of resource 'User'."),
        ({"accountEnabled": None}, "Invalid value specified for property 'accountEnabled' of resource 'User'."),
        ({"userType": "Boss"}, "Invalid value specified for property 'userType' of resource 'User'."),
        ({"businessPhones": ["1", "2"]}, "Invalid value specified for property 'businessPhones' of resource 'User'."),
        ({"otherMails": ["nobody"]}, "Invalid value specified for property 'otherMails' of resource 'User'."),
        ({"createdDateTime": "2020-01-01T00:00:00Z"}, "Property 'createdDateTime' is read-only and cannot be set."),
        ({"hobby": "chess"}, "Invalid property 'hobby'."),
        ({"passwordProfile": {"password": "simple"}}, "The specified password does not comply"),
        ({"passwordProfile": {"password": 5}}, "passwordProfile: a string is expected."),
    ],
)
def test_what_cannot_be(world: World, body: dict[str, Any], message: str) -> None:
    reply = application(world, "PATCH", "/users/alice@example.com", body)
    assert (reply.status, reply.json["error"]["code"]) == (400, "Request_BadRequest")
    assert reply.json["error"]["message"].startswith(message)


def test_another_address_is_not_emulated(world: World) -> None:
    for body in (
        {"mail": "x@example.com"}, {"userPrincipalName": "x@example.com"}, {"identities": []}, {"employeeOrgData": {}},
    ):  # fmt: skip
        reply = application(world, "PATCH", "/users/alice@example.com", body)
        assert (reply.status, reply.json["error"]["code"]) == (501, "NotImplemented")


def test_the_address_may_be_written_back_as_it_was_read(world: World) -> None:
    names = ("mail", "userPrincipalName", "identities", "jobTitle")
    shown = selected(world, "alice", *names)
    changed = {**shown, "jobTitle": "Engineer"}
    assert application(world, "PATCH", "/users/alice@example.com", changed).status == 204
    assert selected(world, "alice", *names) == changed


def test_another_name_is_everywhere(world: World) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    assert alice.get("/me/calendar")["owner"]["name"] == "Alice"
    assert application(world, "PATCH", "/users/alice@example.com", {"displayName": "Alice Adams"}).status == 204
    assert alice.get("/me/calendar")["owner"]["name"] == "Alice Adams"
    assert bob.get("/users/alice@example.com")["displayName"] == "Alice Adams"
    alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob")
    (event,) = bob.get("/me/events")["value"]
    assert event["organizer"]["emailAddress"]["name"] == "Alice Adams"


def test_a_new_user_has_a_mailbox(world: World) -> None:
    reply = application(world, "POST", "/users", {**NEW, "jobTitle": "Engineer", "mail": "carol@example.com"})
    assert reply.status == 201
    assert reply.json["@odata.context"].endswith("/$metadata#users/$entity")
    assert (reply.json["displayName"], reply.json["jobTitle"]) == ("Carol", "Engineer")
    world.know("carol")
    alice, carol = Client(world, "alice", "graph"), Client(world, "carol", "graph")
    alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "carol")
    assert [one["subject"] for one in carol.get("/me/events")["value"]] == ["Plans"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"displayName": None}, "A value is required for property 'displayName' of resource 'User'."),
        ({"passwordProfile": None}, "A value is required for property 'passwordProfile' of resource 'User'."),
        ({"userPrincipalName": "carol@elsewhere.org"}, "The domain portion of the userPrincipalName property is"),
        ({"userPrincipalName": "carol"}, "Invalid value specified for property 'userPrincipalName'"),
        ({"userPrincipalName": "BOB@example.com"}, "Another object with the same value for property userPrincipalName"),
        ({"passwordProfile": {"password": "12345678"}}, "The specified password does not comply"),
    ],
)
def test_nobody_comes_like_that(world: World, change: dict[str, Any], message: str) -> None:
    reply = application(world, "POST", "/users", {**NEW, **change})
    assert (reply.status, reply.json["error"]["code"]) == (400, "Request_BadRequest")
    assert reply.json["error"]["message"].startswith(message)
    assert application(world, "GET", "/users/carol@example.com").status == 404


def test_who_is_deleted_is_gone(world: World) -> None:
    bob = Client(world, "bob", "graph")
    Client(world, "alice", "graph").create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob")
    oid = bob.get("/me")["id"]
    assert application(world, "DELETE", f"/users/{oid.upper()}").status == 204
    assert bob("GET", "/me").status == 401
    reply = application(world, "GET", f"/users/{oid}")
    assert (reply.status, reply.json["error"]["code"]) == (404, "Request_ResourceNotFound")
    assert application(world, "DELETE", f"/users/{oid}").status == 404
    assert application(world, "POST", "/users", {**NEW, "userPrincipalName": "bob@example.com"}).status == 201
    world.know("bob")
    assert bob.get("/me/events")["value"] == []


# --- questions


def test_pages(world: World) -> None:
    for number in range(7):
        world.add(f"guest{number}")
    alice = Client(world, "alice", "graph")
    found, path = [], "/users?$top=4&$select=mail"
    while path:
        page = alice.get(path)
        found += [one["mail"] for one in page["value"]]
        path = page.get("@odata.nextLink", "")
    assert found == [f"{name}@example.com" for name in ("alice", "bob", *(f"guest{n}" for n in range(7)))]
    assert len(alice.get("/users?$filter=startswith(mail,'guest')&$top=999")["value"]) == 7


@pytest.mark.parametrize(
    ("query", "headers", "answer"),
    [
        ("$top=0", {}, (400, "Request_UnsupportedQuery")),
        ("$top=1000", {}, (400, "Request_UnsupportedQuery")),
        ("$skip=1", {}, (400, "Request_BadRequest")),
        ("$filter=contains(displayName,'li')", {}, (400, "Request_UnsupportedQuery")),
        ("$filter=contains(displayName,'li')&$count=true", EVENTUAL, (400, "Request_UnsupportedQuery")),
        ("$filter=endswith(displayName,'ce')&$count=true", EVENTUAL, (400, "Request_UnsupportedQuery")),
        ("$filter=companyName eq 'x'", {}, (400, "Request_UnsupportedQuery")),
        ("$filter=jobTitle gt 'x'", {}, (400, "Request_UnsupportedQuery")),
        ("$filter=startswith(mail,'a')&$orderby=displayName", {}, (400, "Request_UnsupportedQuery")),
        ("$orderby=jobTitle", {}, (400, "Request_UnsupportedQuery")),
        ("$orderby=createdDateTime", {}, (400, "Request_UnsupportedQuery")),
        ("$filter=aboutMe eq 'x'", {}, (400, "ErrorInvalidProperty")),
        ("$filter=nothing eq 'x'", {}, (400, "BadRequest")),
        ("$select=passwordProfile", {}, (501, "NotImplemented")),
    ],
)
def test_what_is_not_answered(world: World, query: str, headers: dict[str, str], answer: tuple[int, str]) -> None:
    assert Client(world, "alice", "graph").error("GET", f"/users?{query}", **headers) == answer


def test_what_is_answered_with_the_header(world: World) -> None:
    alice = Client(world, "alice", "graph")
    assert application(world, "PATCH", "/users/bob@example.com", {"companyName": "Contoso", "mobilePhone": "25"}).status

    def names(query: str, **headers: str) -> list[str]:
        return [one["displayName"] for one in alice.get(f"/users?{query}", **headers)["value"]]

    assert names("$filter=companyName eq 'contoso'&$count=true", **EVENTUAL) == ["Bob"]
    assert names("$filter=startswith(mobilePhone,'25')&$count=true", **EVENTUAL) == ["Bob"]
    assert names("$filter=companyName ne null&$count=true", **EVENTUAL) == ["Bob"]
    assert names("$filter=startswith(mail,'a')&$orderby=displayName&$count=true", **EVENTUAL) == ["Alice"]
    assert names("$orderby=createdDateTime desc&$count=true", **EVENTUAL) == ["Bob", "Alice"]
    assert names("$orderby=displayName desc") == ["Bob", "Alice"]
    assert alice.error("GET", "/users/$count") == (400, "Request_BadRequest")
    assert alice("GET", "/users/$count?$filter=accountEnabled ne false", **EVENTUAL).body == b"2"
    assert "@odata.count" not in alice.get("/users?$count=true")
    assert alice.get("/users?$count=true", **EVENTUAL)["@odata.count"] == 2


# --- who comes and goes


def test_whoever_keeps_in_step_is_told(world: World) -> None:
    alice = Client(world, "alice", "graph")
    first = alice.get("/users/delta?$select=displayName,jobTitle&$top=1")
    assert [one["displayName"] for one in first["value"]] == ["Alice"]
    second = alice.get(first["@odata.nextLink"])
    assert [one["displayName"] for one in second["value"]] == ["Bob"]
    link = second["@odata.deltaLink"]
    assert alice.get(link)["value"] == []
    assert application(world, "POST", "/users", NEW).status == 201
    assert application(world, "PATCH", "/users/alice@example.com", {"jobTitle": "Engineer"}).status == 204
    assert application(world, "PATCH", "/users/alice@example.com", {"displayName": "Al"}).status == 204
    bob = alice.get("/users/bob@example.com")["id"]
    assert application(world, "DELETE", f"/users/{bob}").status == 204
    told = []
    while link:
        page = alice.get(link)
        told += page["value"]
        link = page.get("@odata.nextLink", "")
    shown = [(one.get("displayName"), one.get("jobTitle"), one.get("@removed")) for one in told]
    assert shown == [("Carol", None, None), ("Al", "Engineer", None), (None, None, {"reason": "deleted"})]
    assert told[-1]["id"] == bob
    assert alice.get(page["@odata.deltaLink"])["value"] == []


def test_some_are_followed_by_their_ids(world: World) -> None:
    alice = Client(world, "alice", "graph")
    bob = world.people["bob"].oid
    page = alice.get(f"/users/delta?$filter=id eq '{bob}'")
    assert [one["displayName"] for one in page["value"]] == ["Bob"]
    for name in ("alice", "bob"):
        assert application(world, "PATCH", f"/users/{name}@example.com", {"city": "Berlin"}).status == 204
    assert [one["displayName"] for one in alice.get(page["@odata.deltaLink"])["value"]] == ["Bob"]
    assert alice.error("GET", "/users/delta?$filter=displayName eq 'Bob'")[0] == 400
    assert alice.error("GET", "/users/delta?$orderby=displayName")[0] == 400


# --- managers and photos


def test_managers(world: World) -> None:
    world.add("carol")
    alice = Client(world, "alice", "graph")
    assert alice.error("GET", "/me/manager") == (404, "Request_ResourceNotFound")
    for who, above in (("alice", "bob"), ("bob", "carol"), ("carol", "alice")):
        ref = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{world.people[above].oid}"}
        assert application(world, "PUT", f"/users/{who}@example.com/manager/$ref", ref).status == 204
    manager = alice.get("/me/manager?$select=displayName")
    assert (manager["@odata.type"], manager["displayName"]) == ("#microsoft.graph.user", "Bob")
    assert alice.get("/me/manager/$ref")["@odata.id"].endswith(f"/users('{world.people['bob'].oid}')")
    reports = alice.get("/users/bob@example.com/directReports")["value"]
    assert [one["displayName"] for one in reports] == ["Alice"]
    assert alice("GET", "/users/bob@example.com/directReports/$count").body == b"1"
    chain = alice.get("/me?$select=displayName&$expand=manager($levels=max;$select=displayName)")
    assert chain["manager"]["manager"]["displayName"] == "Carol"
    assert "manager" not in chain["manager"]["manager"]
    assert "manager" not in alice.get("/users?$expand=manager")["value"][0]["manager"]
    assert application(world, "DELETE", "/users/alice@example.com/manager/$ref").status == 204
    assert application(world, "DELETE", "/users/alice@example.com/manager/$ref").status == 404
    assert alice.error("PUT", "/me/manager/$ref", {"@odata.id": "x"})[0] == 400
    assert alice.error("PUT", "/me/manager/$ref", ref)[0] == 403
    assert application(world, "DELETE", "/users/bob@example.com").status == 204
    assert alice.get("/me/directReports")["value"][0]["displayName"] == "Carol"
    assert alice.get("/me/memberOf")["value"] == []


@pytest.mark.parametrize("profile", ["graph", "v2"])
def test_photos(world: World, profile: str) -> None:
    alice, bob = Client(world, "alice", profile), Client(world, "bob", profile)
    assert alice.error("GET", "/me/photo") == (404, "ImageNotFound")
    assert alice.error("GET", "/me/photo/$value") == (404, "ImageNotFound")
    path, jpeg = f"{alice.mount}/me/photo/$value", {"content-type": "image/jpeg"}
    assert world.request("alice", "PUT", path, raw=JPEG, headers=jpeg).status == 200
    photo = bob.get("/users/alice@example.com/photo")
    assert (photo["width"], photo["height"], photo["@odata.mediaContentType"]) == (120, 120, "image/jpeg")
    shown = bob("GET", "/users/alice@example.com/photo/$value")
    assert (shown.body, shown.headers["content-type"]) == (JPEG, "image/jpeg")
    assert bob("GET", "/users/alice@example.com/photos/120x120/$value").body == JPEG
    assert [one["width"] for one in bob.get("/users/alice@example.com/photos")["value"]] == [120]
    assert bob("GET", "/users/alice@example.com/photos/48x48/$value").status == 501
    assert bob.error("GET", "/users/alice@example.com/photos/648x648/$value") == (404, "ImageNotFound")
    theirs = f"{alice.mount}/users/alice@example.com/photo/$value"
    assert world.request("bob", "PUT", theirs, raw=JPEG, headers=jpeg).status == 403
    for raw in (b"GIF89a", JPEG[:22], b"\xff\xd8" + b"\xff" * 1000, b"\xff\xd8\xff\xda\x00\x02"):
        assert world.request("alice", "PUT", path, raw=raw, headers=jpeg).status == 400
    assert world.request("alice", "PUT", path, raw=JPEG, headers={"content-type": "image/png"}).status == 415
    assert alice("DELETE", "/me/photo/$value").status == 204
    assert alice("DELETE", "/me/photo/$value").status == 404
