"""The metadata document: well-formed, in the words of CSDL, and without dangling names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from rsvpd.dialects.odata.metadata import (
    EDM,
    EDMX,
    Action,
    ComplexType,
    Container,
    EntitySet,
    EntityType,
    EnumType,
    Function,
    Navigation,
    Parameter,
    Property,
    Schema,
    Singleton,
    edmx,
)

SCHEMA = Schema(
    namespace="microsoft.graph",
    alias="graph",
    enums=(
        EnumType("importance", (("low", 0), ("normal", 1), ("high", 2))),
        EnumType("scope", (("read", 1), ("write", 2)), flags=True),
    ),
    complex_types=(
        ComplexType(name="recipient", properties=(Property("address", "Edm.String"),)),
        ComplexType(name="attendee", base="recipient", open=True),
    ),
    entity_types=(
        EntityType(name="entity", abstract=True, key=("id",), properties=(Property("id", "Edm.String", False),)),
        EntityType(
            name="event",
            base="entity",
            open=True,
            properties=(
                Property("attendees", "Collection(attendee)"),
                Property("importance", "importance"),
                Property("categories", "Collection(Edm.String)", False),
            ),
            navigations=(Navigation("instances", "Collection(event)", contained=True),),
        ),
        EntityType(name="user", base="microsoft.graph.entity"),
    ),
    actions=(
        Action(
            name="accept",
            parameters=(
                Parameter("bindingParameter", "event"),
                Parameter("SendResponse", "Edm.Boolean"),
                Parameter("Comment", "Edm.String"),
            ),
        ),
        Action(
            name="copy",
            parameters=(
                Parameter("bindingParameter", "event"),
                Parameter("DestinationId", "Edm.String", False),
            ),
            returns="event",
            entity_set_path="bindingParameter",
        ),
    ),
    functions=(
        Function(
            name="delta",
            parameters=(Parameter("bindingParameter", "Collection(event)", False),),
            returns="Collection(event)",
            composable=True,
        ),
    ),
    container=Container(
        name="Service",
        sets=(EntitySet("users", "user"),),
        singletons=(Singleton("me", "user"),),
    ),
)

EDM_TYPES = {
    *("Edm.String", "Edm.Boolean", "Edm.Int32", "Edm.Int64", "Edm.Double", "Edm.Date", "Edm.TimeOfDay"),
    *("Edm.DateTimeOffset", "Edm.Duration", "Edm.Guid", "Edm.Binary", "Edm.Stream", "Edm.Untyped"),
}


def tag(name: str) -> str:
    return f"{{{EDM}}}{name}"


def schema_of(document: bytes) -> Element:
    found = ElementTree.fromstring(document).find(f"{{{EDMX}}}DataServices/{tag('Schema')}")
    assert found is not None
    return found


def dangling(document: bytes) -> Iterator[str]:
    """Yield the names of types that are used and not declared."""
    schema = schema_of(document)
    prefixes = [schema.get(name) for name in ("Namespace", "Alias") if schema.get(name)]
    declared = {one.get("Name") for one in schema if one.tag in map(tag, ("EnumType", "ComplexType", "EntityType"))}
    known = EDM_TYPES | {f"{prefix}.{name}" for prefix in prefixes for name in declared}
    for element in schema.iter():
        for attribute in ("Type", "BaseType", "EntityType"):
            name = element.get(attribute)
            if name is not None and re.sub(r"^Collection\((.*)\)$", r"\1", name) not in known:
                yield name


def test_every_type_that_is_named_is_declared() -> None:
    assert list(dangling(edmx(SCHEMA))) == []


def test_the_checker_finds_what_is_missing() -> None:
    schema = Schema(
        namespace="n",
        complex_types=(ComplexType(name="a", base="b", properties=(Property("p", "Collection(c)"),)),),
        container=Container(name="Service", sets=(EntitySet("s", "d"),)),
    )
    assert sorted(dangling(edmx(schema))) == ["Collection(n.c)", "n.b", "n.d"]


def test_the_document_around_the_schema() -> None:
    document = edmx(SCHEMA)
    root = ElementTree.fromstring(document)
    assert document.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<edmx:Edmx xmlns:edmx=")
    assert (root.tag, root.get("Version")) == (f"{{{EDMX}}}Edmx", "4.0")
    assert [child.tag for child in root] == [f"{{{EDMX}}}DataServices"]
    assert schema_of(document).attrib == {"Namespace": "microsoft.graph", "Alias": "graph"}


@pytest.mark.parametrize(
    "expected",
    [
        '<EnumType Name="importance"> <Member Name="low" Value="0" />',
        '<EnumType Name="scope" IsFlags="true">',
        '<ComplexType Name="attendee" BaseType="graph.recipient" OpenType="true" />',
        '<EntityType Name="entity" Abstract="true"> <Key> <PropertyRef Name="id" /> </Key>'
        ' <Property Name="id" Type="Edm.String" Nullable="false" /> </EntityType>',
        '<EntityType Name="event" BaseType="graph.entity" OpenType="true">',
        '<EntityType Name="user" BaseType="microsoft.graph.entity" />',
        '<Property Name="attendees" Type="Collection(graph.attendee)" />',
        '<Property Name="categories" Type="Collection(Edm.String)" Nullable="false" />',
        '<NavigationProperty Name="instances" Type="Collection(graph.event)" ContainsTarget="true" />',
        '<Action Name="accept" IsBound="true"> <Parameter Name="bindingParameter" Type="graph.event" />'
        ' <Parameter Name="SendResponse" Type="Edm.Boolean" /> <Parameter Name="Comment" Type="Edm.String" />'
        " </Action>",
        '<Action Name="copy" IsBound="true" EntitySetPath="bindingParameter">',
        '<Parameter Name="DestinationId" Type="Edm.String" Nullable="false" />'
        ' <ReturnType Type="graph.event" /> </Action>',
        '<Function Name="delta" IsBound="true" IsComposable="true">'
        ' <Parameter Name="bindingParameter" Type="Collection(graph.event)" Nullable="false" />'
        ' <ReturnType Type="Collection(graph.event)" /> </Function>',
        '<EntityContainer Name="Service"> <Singleton Name="me" Type="graph.user" />'
        ' <EntitySet Name="users" EntityType="graph.user" /> </EntityContainer>',
    ],
)
def test_shapes(expected: str) -> None:
    assert expected in re.sub(r"\s+", " ", edmx(SCHEMA).decode())


def test_without_an_alias_names_are_whole_and_text_is_escaped() -> None:
    schema = Schema(
        namespace="Own.Space",
        complex_types=(ComplexType(name="a", properties=(Property('ü<&"', "a"),)),),
        container=Container(name="Service"),
    )
    prop = schema_of(edmx(schema)).find(f".//{tag('Property')}")
    assert prop is not None
    assert prop.attrib == {"Name": 'ü<&"', "Type": "Own.Space.a"}
