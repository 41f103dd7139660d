"""The metadata document against itself and against what is answered: nothing undeclared on either side."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from support.client import MOUNTS, Client
from support.world import World

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
TYPES = ("EnumType", "ComplexType", "EntityType")
# Where each type is read, in Graph's words.
READ = {
    "event": "/me/events",
    "eventMessageRequest": "/me/messages",
    "mailFolder": "/me/mailFolders",
    "calendar": "/me/calendars",
    "user": "/users",
    "mailboxSettings": "/me/mailboxSettings",
}
# What the Outlook services call otherwise.
OTHERWISE: dict[str, dict[str, str]] = {
    "graph": {},
    "v2": {"eventMessageRequest": "EventMessage"},
    "v1": {"eventMessageRequest": "EventMessage", "mailFolder": "Folder"},
}


class Document:
    """What a metadata document declares."""

    def __init__(self, text: bytes) -> None:
        self.root = ElementTree.fromstring(text)
        self.types = {one.get("Name", ""): one for tag in TYPES for one in self.root.iter(EDM + tag)}

    def properties(self, name: str) -> dict[str, str]:
        """Return the types of all properties of a type, by name; those of its bases as well."""
        one = self.types[name]
        base = one.get("BaseType")
        above = self.properties(_bare(base)) if base else {}
        own = {prop.get("Name", ""): prop.get("Type", "") for prop in one.findall(EDM + "Property")}
        assert not own.keys() & above.keys(), name
        return above | own


@pytest.fixture(params=MOUNTS)
def bob(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "bob", request.param)


@pytest.fixture
def document(bob: Client) -> Document:
    reply = bob.world.request(None, "GET", f"{bob.mount}/$metadata")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
    return Document(reply.body)


def test_every_type_that_is_named_is_there(document: Document) -> None:
    (schema,) = document.root.iter(f"{EDM}Schema")
    prefixes = {schema.get("Namespace"), schema.get("Alias")}
    for one in document.root.iter():
        for attribute in ("Type", "BaseType", "EntityType"):
            named = re.sub(r"^Collection\((.*)\)$", r"\1", one.get(attribute, "Edm.None"))
            space, _, name = named.rpartition(".")
            assert space == "Edm" or (space in prefixes and name in document.types), (one.get("Name"), named)


def test_ways_lead_to_entities_and_properties_do_not(document: Document) -> None:
    entities = {one.get("Name") for one in document.root.iter(f"{EDM}EntityType")}
    for way in document.root.iter(f"{EDM}NavigationProperty"):
        assert _bare(way.get("Type", "")) in entities
    for prop in document.root.iter(f"{EDM}Property"):
        assert _bare(prop.get("Type", "")) not in entities


def test_what_is_answered_is_declared(bob: Client, document: Document) -> None:
    daily = {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "noEnd", "startDate": "2026-12-01"},
    }
    alice = Client(bob.world, "alice", bob.profile)
    place = {"displayName": "Here", "address": {"city": "Town"}, "coordinates": {"latitude": 1.5}}
    alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob", recurrence=daily, location=place)
    for name, path in READ.items():
        answer = bob("GET", path).json
        for one in answer.get("value", [answer]):
            _check(document, OTHERWISE[bob.profile].get(name) or bob.word(name), one)


def _check(document: Document, name: str, value: dict[str, Any]) -> None:
    name = {"Folders": "Folder"}.get(name, name)
    declared = document.properties(name)
    for member, inner in value.items():
        if "@" in member:
            continue
        assert member in declared, f"{name}.{member}"
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                _check(document, _bare(declared[member]), one)


def _bare(type_name: str) -> str:
    return re.sub(r"^Collection\((.*)\)$", r"\1", type_name).rpartition(".")[2]
