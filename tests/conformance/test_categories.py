"""The list of categories of a mailbox, and the languages a mailbox may be in: Graph and Outlook REST v2.0."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client, plain
from support.world import World

FIRST = [
    ("Blue category", "preset7"), ("Green category", "preset4"), ("Orange category", "preset1"),
    ("Purple category", "preset8"), ("Red category", "preset0"), ("Yellow category", "preset3"),
]  # fmt: skip
EXPENSES = {"displayName": "Project expenses", "color": "preset9"}


@pytest.fixture(params=["graph", "v2"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "alice", request.param)


def place(alice: Client) -> str:
    return "/me/outlook" if alice.profile == "graph" else "/me"


def listed(alice: Client) -> list[tuple[str, str]]:
    found = alice.get(f"{place(alice)}/masterCategories")["value"]
    return [(one["displayName"], one["color"].lower()) for one in found]


def create(alice: Client, **members: Any) -> Any:
    reply = alice("POST", f"{place(alice)}/masterCategories", members)
    assert reply.status == 201, reply.body
    return plain(reply.json)


def test_a_new_mailbox_has_some(world: World, alice: Client) -> None:
    assert listed(alice) == FIRST
    path = f"{place(alice)}/masterCategories"
    mine, again = (alice.get(path)["value"][0]["id"] for _ in range(2))
    theirs = Client(world, "bob", alice.profile).get(path)["value"][0]["id"]
    assert mine == again != theirs


def test_a_category_lives(alice: Client) -> None:
    made = create(alice, **EXPENSES)
    path = f"{place(alice)}/masterCategories/{made['id']}"
    assert plain(alice("GET", path).json)["displayName"] == "Project expenses"
    assert listed(alice) == [*FIRST, ("Project expenses", "preset9")]
    reply = alice("PATCH", path, {"color": "none", "displayName": "Other"})
    assert (reply.status, reply.json[alice.word("color")].lower()) == (200, "none")
    assert alice.word("displayName") in reply.hint
    assert listed(alice)[-1] == ("Project expenses", "none")
    assert alice("DELETE", path).status == 204
    assert listed(alice) == FIRST
    for method, body in (("GET", None), ("PATCH", {"color": "preset1"}), ("DELETE", None)):
        assert alice(method, path, body).status == 404


def test_those_of_a_new_mailbox_can_go_as_well(alice: Client) -> None:
    for one in alice.get(f"{place(alice)}/masterCategories")["value"]:
        assert alice("DELETE", f"{place(alice)}/masterCategories/{one['id']}").status == 204
    assert listed(alice) == []


def test_without_a_color_there_is_none(alice: Client) -> None:
    assert create(alice, displayName="Plain")["color"].lower() == "none"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"displayName": "red CATEGORY"}, 409),
        ({"displayName": ""}, 400),
        ({"displayName": "x" * 256}, 400),
        ({"displayName": 7}, 400),
        ({"color": "preset1"}, 400),
        ({"displayName": "A", "color": "preset25"}, 400),
        ({"displayName": "A", "colour": "preset1"}, 400),
    ],
)
def test_categories_that_cannot_be(alice: Client, body: dict[str, Any], status: int) -> None:
    assert alice("POST", f"{place(alice)}/masterCategories", body).status == status
    assert listed(alice) == FIRST


def test_the_list_ends_somewhere(alice: Client) -> None:
    for number in range(494):
        create(alice, displayName=f"N{number}")
    assert alice("POST", f"{place(alice)}/masterCategories", {"displayName": "One more"}).status == 400


def test_a_change_of_settings_leaves_them(alice: Client) -> None:
    create(alice, **EXPENSES)
    assert alice("PATCH", "/me/mailboxSettings", {"dateFormat": "yyyy-MM-dd"}).status == 200
    assert listed(alice)[-1] == ("Project expenses", "preset9")


def test_items_keep_names_that_are_not_in_the_list(alice: Client) -> None:
    made = create(alice, **EXPENSES)
    event = alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", categories=["Project expenses", "Odd"])
    assert alice("DELETE", f"{place(alice)}/masterCategories/{made['id']}").status == 204
    assert alice.get(f"/me/events/{event['id']}")["categories"] == ["Project expenses", "Odd"]


def test_languages_are_those_that_settings_take(alice: Client) -> None:
    found = {one["locale"]: one["displayName"] for one in alice.get(f"{place(alice)}/supportedLanguages")["value"]}
    assert found["de-CH"] == "German (Switzerland)"
    assert alice("PATCH", "/me/mailboxSettings", {"language": {"locale": "de-CH"}}).status == 200


@pytest.mark.parametrize(
    ("profile", "path"),
    [
        ("graph", "/me/masterCategories"), ("graph", "/me/supportedLanguages"), ("v2", "/me/outlook/masterCategories"),
        ("v1", "/me/masterCategories"), ("v1", "/me/outlook"), ("v1", "/me/supportedLanguages"),
    ],
)  # fmt: skip
def test_each_service_has_them_at_its_own_place(world: World, profile: str, path: str) -> None:
    assert Client(world, "alice", profile).error("GET", path) == (400, "RequestBroker--ParseUri")


def test_what_stands_around_the_list(world: World) -> None:
    alice = Client(world, "alice", "graph")
    assert alice.get("/me/outlook")["id"] == alice.get("/me")["id"]
