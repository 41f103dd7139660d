"""People who matter to somebody, for those who pick people: `me/people` in Graph and Outlook REST v2.0."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.directory import change_profile
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.mail.person import PersonKind
from support.client import Client
from support.world import Reply, World

APPLICATION = "99999999-0000-4000-8000-000000000002"


@pytest.fixture(autouse=True)
def others(world: World) -> None:
    for name in ("carol", "dave", "tyler"):
        world.add(name)
    world.add("orion", kind=PersonKind.ROOM)


@pytest.fixture(params=["graph", "v2"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "alice", request.param)


def write(client: Client, *to: str, cc: tuple[str, ...] = ()) -> None:
    """Send a letter to these addresses."""
    to_, cc_ = ([{"emailAddress": {"address": one}} for one in boxes] for boxes in (to, cc))
    letter = {"subject": "Hello", "body": {"content": "x"}, "toRecipients": to_, "ccRecipients": cc_}
    assert client("POST", "/me/sendMail", {"message": letter}).status == 202


def names(client: Client, path: str = "/me/people") -> list[str]:
    return [one["displayName"] for one in client.get(path.replace(" ", "%20"))["value"]]


def of(world: World, who: str, scopes: str, path: str) -> Reply:
    token = world.tokens.issue(world.people[who], now=world.now, scopes=scopes.split(), app_id=LOCAL_CLIENT)
    return world.request(None, "GET", path, headers={"authorization": f"Bearer {token}"})


def test_who_was_written_to_and_met_is_there_the_most_relevant_first(alice: Client, world: World) -> None:
    assert names(alice) == []
    alice.create("Plans", "2026-11-23T12:00:00", "2026-11-23T13:00:00", "dave")
    for _ in range(2):
        write(alice, "bob@example.com", cc=("carol@example.com",))
    write(Client(world, "tyler", "graph"), "alice@example.com")
    found = alice.get("/me/people")["value"]
    scores = {one["displayName"]: one["scoredEmailAddresses"][0]["relevanceScore"] for one in found}
    assert list(scores.items()) == [("Bob", 8), ("Dave", 2), ("Tyler", 2), ("Carol", 2)]


def test_what_is_later_weighs_more(alice: Client, world: World) -> None:
    write(alice, "bob@example.com")
    write(alice, "bob@example.com")
    world.now = parse_instant("2027-03-23T08:00:00")
    write(alice, "carol@example.com")
    assert names(alice) == ["Carol", "Bob"]


def test_drafts_deleted_mail_and_machines_say_nothing(alice: Client, world: World) -> None:
    draft = {"subject": "Hello", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}
    assert alice("POST", "/me/messages", draft).status == 201
    write(Client(world, "carol", "graph"), "alice@example.com")
    (mail,) = alice.get("/me/mailFolders/inbox/messages")["value"]
    assert alice("POST", f"/me/messages/{mail['id']}/move", {"destinationId": "deleteditems"}).status == 201
    assert names(alice) == []


def test_a_meeting_that_is_called_off_says_nothing(alice: Client) -> None:
    made = alice.create("Plans", "2026-11-23T12:00:00", "2026-11-23T13:00:00", "dave")
    assert names(alice) == ["Dave"]
    assert alice("DELETE", f"/me/events/{made['id']}").status == 204
    assert names(alice) == []


def test_a_person_as_it_is_published(alice: Client, world: World) -> None:
    known = {"job_title": "Auditor", "department": "Finance", "business_phones": ("+1 555 0100",), "mobile_phone": "7"}
    world.store.run(change_profile, world.people["bob"], known)
    write(alice, "bob@example.com", "someone@elsewhere.example", "orion@example.com")
    by_name = {one["displayName"]: one for one in alice.get("/me/people")["value"]}
    bob, room, outside = by_name["Bob"], by_name["Orion"], by_name["someone@elsewhere.example"]
    assert bob["id"] == world.people["bob"].oid
    assert (bob["jobTitle"], bob["department"], bob["companyName"]) == ("Auditor", "Finance", None)
    assert bob["userPrincipalName"] == "bob@example.com"
    assert bob["imAddress"] == "sip:bob@example.com"
    assert [one["number"] for one in bob["phones"]] == ["+1 555 0100", "7"]
    assert bob["personType"] == {"class": "Person", "subclass": "OrganizationUser"}
    assert bob["scoredEmailAddresses"][0]["address"] == "bob@example.com"
    assert room["personType"] == {"class": "Other", "subclass": "Room"}
    assert outside["personType"] == {"class": "Person", "subclass": "ImplicitContact"}
    assert (outside["userPrincipalName"], outside["givenName"], outside["imAddress"]) == ("", None, None)
    for one in (bob, outside):
        assert alice.get(f"/me/people/{one['id']}") | {"@odata.context": ""} == one | {"@odata.context": ""}
    assert alice.error("GET", f"/me/people/{world.people['carol'].oid}")[0] == 404


def test_pages_orders_and_members(alice: Client) -> None:
    for name in ("bob", "bob", "bob", "carol", "carol", "dave"):
        write(alice, f"{name}@example.com")
    assert names(alice, "/me/people?$top=2") == ["Bob", "Carol"]
    assert names(alice, "/me/people?$top=2&$skip=2") == ["Dave"]
    assert [page[0]["displayName"] for page in alice.pages("/me/people?$top=1")] == ["Bob", "Carol", "Dave"]
    assert names(alice, "/me/people?$orderby=displayName desc") == ["Dave", "Carol", "Bob"]
    (first, *_) = alice.get("/me/people?$select=displayName")["value"]
    assert {name for name in first if "@" not in name} == {"id", "displayName"}
    assert alice.get("/me/people/$count") == 3


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("personType/class eq 'Person' and personType/subclass eq 'OrganizationUser'", ["Bob"]),
        ("personType/subclass eq 'Room'", ["Orion"]),
        ("personType/subclass eq 'ImplicitContact'", ["someone@elsewhere.example"]),
        ("displayName eq 'Bob'", ["Bob"]),
        ("scoredEmailAddresses/any(a:a/address eq 'bob@example.com')", ["Bob"]),
        ("department eq 'Finance'", []),
    ],
)
def test_filters(alice: Client, condition: str, found: list[str]) -> None:
    write(alice, "bob@example.com", "someone@elsewhere.example", "orion@example.com")
    assert names(alice, f"/me/people?$filter={condition}") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("t", ["Tyler"]),
        ('"tyler"', ["Tyler"]),
        ('"tyler@example.com"', ["Tyler"]),
        ('"tiler"', ["Tyler"]),
        ('"tlyer"', ["Tyler"]),
        ('"tyler example"', ["Tyler"]),
        ('"yler"', ["Tyler"]),
        ('"ler"', []),
        ('"bobs tyler"', []),
    ],
)
def test_searches(alice: Client, text: str, found: list[str]) -> None:
    write(alice, "bob@example.com", "tyler@example.com")
    assert names(alice, f"/me/people?$search={text}") == found


def test_who_fits_exactly_comes_before_who_nearly_does(alice: Client) -> None:
    for name in ("jane", "jane", "jans"):
        write(alice, f"{name}@elsewhere.example")
    assert names(alice) == ["jane@elsewhere.example", "jans@elsewhere.example"]
    assert names(alice, '/me/people?$search="jans"') == ["jans@elsewhere.example", "jane@elsewhere.example"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ('$search="topic:planning"', 501),
        ('$search=""', 400),
        (f'$search="{" ".join("abcdefghijk")}"', 400),
        ('$search="bob"&$skip=1', 400),
        ("$filter=isFavorite eq true", 400),
        ("$filter=nosuch eq 'x'", 400),
        ("$select=emailAddresses", 400),
        ("$expand=manager", 400),
    ],
)
def test_questions_that_cannot_be(alice: Client, query: str, status: int) -> None:
    assert alice.error("GET", f"/me/people?{query}")[0] == status


def test_of_somebody_else_only_those_are_seen_who_stand_near_in_the_organization(world: World) -> None:
    alice, bob = (Client(world, who, "graph") for who in ("alice", "bob"))
    manager = world.people["carol"]
    for who in ("bob", "dave"):
        world.store.run(change_profile, world.people[who], {}, manager=manager, is_managed=True)
    write(bob, "tyler@example.com", "someone@elsewhere.example", "dave@example.com")
    assert names(bob) == ["Dave", "someone@elsewhere.example", "Tyler", "Carol"]
    assert names(alice, "/users/bob@example.com/people") == ["Dave", "Carol"]
    assert names(alice, f"/users/{manager.oid}/people") == ["Bob", "Dave"]
    assert names(bob, "/users/bob@example.com/people") == names(bob)
    assert alice.error("GET", '/users/bob@example.com/people?$search="dave"')[0] == 400
    assert alice.error("GET", "/users/nobody@example.com/people")[0] == 404
    token = world.tokens.issue_to_application(LOCAL_CLIENT, APPLICATION, roles=["People.Read.All"], now=world.now)
    found = world.request(
        None, "GET", "/v1.0/users/bob@example.com/people", headers={"authorization": f"Bearer {token}"}
    )
    assert [one["displayName"] for one in found.json["value"]] == ["Dave", "Carol"]


def test_what_a_token_has_to_carry(world: World) -> None:
    own, others = "/v1.0/me/people", "/v1.0/users/bob@example.com/people"
    for scopes, path, status in (
        ("People.Read", own, 200), ("People.Read.All", own, 200), ("User.Read.All", own, 403),
        ("People.Read", others, 403), ("People.Read.All", others, 200),
    ):  # fmt: skip
        assert of(world, "alice", scopes, path).status == status


def test_those_of_the_directory_come_after_all_others_where_they_are_asked_for(alice: Client, world: World) -> None:
    both = {"x_peoplequery_querysources": "Mailbox,Directory"}
    write(alice, "tyler@example.com", "dan@elsewhere.example")
    world.store.run(change_profile, world.people["carol"], {"show_in_address_list": False})
    found = [one["displayName"] for one in alice.get("/me/people", **both)["value"]]
    assert found == ["dan@elsewhere.example", "Tyler", "Bob", "Dave", "Orion"]
    found = [one["displayName"] for one in alice.get('/me/people?$search="da"', **both)["value"]]
    assert found == ["dan@elsewhere.example", "Dave"]
    assert names(alice, '/me/people?$search="da"') == ["dan@elsewhere.example"]


def test_who_is_hidden_from_address_lists_is_not_told(alice: Client, world: World) -> None:
    write(alice, "bob@example.com", "carol@example.com")
    world.store.run(change_profile, world.people["bob"], {"show_in_address_list": False})
    assert names(alice) == ["Carol"]


def test_a_circular_goes_to_everybody_and_says_nothing(alice: Client) -> None:
    write(alice, *(f"p{number}@elsewhere.example" for number in range(101)))
    assert names(alice) == []


def test_outlook_rest_v1_never_had_it(world: World) -> None:
    assert Client(world, "alice", "v1").error("GET", "/me/people") == (400, "RequestBroker--ParseUri")


def test_nothing_is_written_there(alice: Client) -> None:
    reply: Any = alice("POST", "/me/people", {"displayName": "x"})
    assert reply.status in (405, 501)
