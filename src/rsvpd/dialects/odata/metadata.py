"""The metadata document: OData 4.0 CSDL in XML, from a description in plain values.

Type names are written as a property table writes them: `Edm.String`, `itemBody`,
`Collection(attendee)`. A name without a dot is of the schema itself and gets its alias.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from msgspec import Struct

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"

_OWN_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*+(?![\w.(])")


class EnumType(Struct, frozen=True):
    """An enumeration: its words with their numbers."""

    name: str
    members: tuple[tuple[str, int], ...]
    flags: bool = False


class Property(Struct, frozen=True):
    """A property of a type."""

    name: str
    type: str
    nullable: bool = True


class Navigation(Struct, frozen=True):
    """A way from an entity to others. `contained`: they live within it."""

    name: str
    type: str
    nullable: bool = True
    contained: bool = False


class ComplexType(Struct, frozen=True, kw_only=True):
    """A type without identity."""

    name: str
    properties: tuple[Property, ...] = ()
    base: str | None = None
    abstract: bool = False
    open: bool = False


class EntityType(Struct, frozen=True, kw_only=True):
    """A type with identity; `key` stands on the type at the root of its line."""

    name: str
    properties: tuple[Property, ...] = ()
    navigations: tuple[Navigation, ...] = ()
    key: tuple[str, ...] = ()
    base: str | None = None
    abstract: bool = False
    open: bool = False


class Parameter(Struct, frozen=True):
    """A parameter of an action or function; of a bound one the first is what it is bound to."""

    name: str
    type: str
    nullable: bool = True


class Action(Struct, frozen=True, kw_only=True):
    """Something to do. `returns` None: nothing comes back."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    bound: bool = True
    returns: str | None = None
    entity_set_path: str | None = None


class Function(Struct, frozen=True, kw_only=True):
    """Something to ask."""

    name: str
    returns: str
    parameters: tuple[Parameter, ...] = ()
    bound: bool = True
    composable: bool = False
    entity_set_path: str | None = None


class EntitySet(Struct, frozen=True):
    """A collection at the root of the service."""

    name: str
    type: str


class Singleton(Struct, frozen=True):
    """A single entity at the root of the service."""

    name: str
    type: str


class Container(Struct, frozen=True, kw_only=True):
    """What stands at the root of the service."""

    name: str
    sets: tuple[EntitySet, ...] = ()
    singletons: tuple[Singleton, ...] = ()


class Schema(Struct, frozen=True, kw_only=True):
    """A whole namespace."""

    namespace: str
    container: Container
    alias: str | None = None
    enums: tuple[EnumType, ...] = ()
    complex_types: tuple[ComplexType, ...] = ()
    entity_types: tuple[EntityType, ...] = ()
    actions: tuple[Action, ...] = ()
    functions: tuple[Function, ...] = ()


def edmx(schema: Schema) -> bytes:
    """Return the metadata document of `schema`, UTF-8."""
    root = Element("edmx:Edmx", {"xmlns:edmx": EDMX, "Version": "4.0"})
    services = SubElement(root, "edmx:DataServices")
    _Writer(schema).write(services)
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _flag(name: str, value: bool) -> dict[str, str]:
    """Return an attribute that is false where it is absent."""
    return {name: "true"} if value else {}


def _nullable(one: Property | Navigation | Parameter) -> dict[str, str]:
    return {} if one.nullable else {"Nullable": "false"}


class _Writer:
    """Writes the elements of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._prefix = f"{schema.alias or schema.namespace}."

    def write(self, parent: Element) -> None:
        schema = self._schema
        alias = {"Alias": schema.alias} if schema.alias else {}
        element = SubElement(parent, "Schema", {"xmlns": EDM, "Namespace": schema.namespace, **alias})
        for enum in schema.enums:
            self._enum(element, enum)
        for complex_type in schema.complex_types:
            self._properties(self._structure(element, "ComplexType", complex_type), complex_type)
        for entity_type in schema.entity_types:
            self._entity(element, entity_type)
        for action in schema.actions:
            self._operation(element, "Action", action)
        for function in schema.functions:
            operation = self._operation(element, "Function", function)
            operation.attrib.update(_flag("IsComposable", function.composable))
        self._container(element, schema.container)

    def _type(self, name: str) -> str:
        return _OWN_NAME.sub(lambda found: self._prefix + found.group(), name)

    def _enum(self, parent: Element, enum: EnumType) -> None:
        element = SubElement(parent, "EnumType", {"Name": enum.name, **_flag("IsFlags", enum.flags)})
        for name, value in enum.members:
            SubElement(element, "Member", {"Name": name, "Value": str(value)})

    def _structure(self, parent: Element, tag: str, one: ComplexType | EntityType) -> Element:
        base = {"BaseType": self._type(one.base)} if one.base else {}
        flags = _flag("Abstract", one.abstract) | _flag("OpenType", one.open)
        return SubElement(parent, tag, {"Name": one.name, **base, **flags})

    def _properties(self, parent: Element, one: ComplexType | EntityType) -> None:
        for prop in one.properties:
            attributes = {"Name": prop.name, "Type": self._type(prop.type), **_nullable(prop)}
            SubElement(parent, "Property", attributes)

    def _entity(self, parent: Element, entity: EntityType) -> None:
        element = self._structure(parent, "EntityType", entity)
        if entity.key:
            key = SubElement(element, "Key")
            for name in entity.key:
                SubElement(key, "PropertyRef", {"Name": name})
        self._properties(element, entity)
        for one in entity.navigations:
            attributes = {"Name": one.name, "Type": self._type(one.type), **_nullable(one)}
            SubElement(element, "NavigationProperty", attributes | _flag("ContainsTarget", one.contained))

    def _operation(self, parent: Element, tag: str, one: Action | Function) -> Element:
        path = {"EntitySetPath": one.entity_set_path} if one.entity_set_path else {}
        element = SubElement(parent, tag, {"Name": one.name, **_flag("IsBound", one.bound), **path})
        for parameter in one.parameters:
            attributes = {"Name": parameter.name, "Type": self._type(parameter.type)}
            SubElement(element, "Parameter", attributes | _nullable(parameter))
        if one.returns:
            SubElement(element, "ReturnType", {"Type": self._type(one.returns)})
        return element

    def _container(self, parent: Element, container: Container) -> None:
        element = SubElement(parent, "EntityContainer", {"Name": container.name})
        for single in container.singletons:
            SubElement(element, "Singleton", {"Name": single.name, "Type": self._type(single.type)})
        for one in container.sets:
            SubElement(element, "EntitySet", {"Name": one.name, "EntityType": self._type(one.type)})
