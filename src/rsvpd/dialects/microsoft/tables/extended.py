"""The tables of what programs hang on items: extended properties and open extensions; and how they are read.

The id of a property is written in one way, whatever way it was sent. Outlook REST v2.0 calls it PropertyId (Outlook
extended properties REST reference, version 2.0), v1.0 has nothing of all this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from rsvpd.dialects.microsoft.vocabulary.codecs import TEXT, TEXTS, Ctx, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown
from rsvpd.errors import InvalidProperty, MissingProperty
from rsvpd.mail.extended import (
    MOST,
    Content,
    CustomProperty,
    Form,
    extension,
    extension_name,
    property_id,
    property_value,
)

SINGLE, MULTI, EXTENSIONS = "singleValueExtendedProperties", "multiValueExtendedProperties", "extensions"
FORMS = {SINGLE.lower(): Form.SINGLE, MULTI.lower(): Form.MULTI, EXTENSIONS: Form.EXTENSION}
NAMES = {Form.SINGLE: SINGLE, Form.MULTI: MULTI, Form.EXTENSION: EXTENSIONS}
# With its type before it, an extension has the same id in every service.
_EXTENSION_PREFIX = "Microsoft.OutlookServices.OpenTypeExtension."

_TEXTS: Codec[Ctx] = Codec(TEXTS.edm, lambda values, _: list(values), TEXTS.read)
_EXTENSION_ID = read_only("Edm.String", lambda name, _: f"{_EXTENSION_PREFIX}{name}")


def custom_data_tables() -> tuple[Shape[Ctx], ...]:
    """Return the tables of properties with one value, of those with many, and of open extensions."""
    return (
        _property_table("singleValueLegacyExtendedProperty", TEXT),
        _property_table("multiValueLegacyExtendedProperty", _TEXTS),
        Shape(
            "openTypeExtension",
            (
                Prop(name="id", source="name", codec=_EXTENSION_ID, shown=Shown.ALWAYS),
                Prop(name="extensionName", source="name", codec=TEXT, access=Access.CREATE),
            ),
            base="entity",
        ),
    )


def _property_table(name: str, codec: Codec[Ctx]) -> Shape[Ctx]:
    return Shape(
        name,
        (
            Prop(name="id", source="name", codec=TEXT, shown=Shown.ALWAYS),
            Prop(name="value", source="content", codec=codec, access=Access.WRITE),
        ),
        base="entity",
    )


def read_extended(
    members: Mapping[str, Any], navigations: frozenset[str], *, creating: bool
) -> tuple[CustomProperty, ...]:
    """Return what a body wants to hang on its item, of what this service has (`navigations`, in lower case).

    Of an item that is there already, extensions are changed one by one at their own place.
    """
    return tuple(
        one
        for name, value in members.items()
        if is_read(name, navigations, creating=creating)
        for one in _read(name, value, FORMS[name.lower()])
    )


def is_read(name: str, navigations: frozenset[str], *, creating: bool) -> bool:
    """Return whether a member says what is to hang on an item."""
    lower = name.lower()
    return lower in FORMS and lower in navigations and (creating or lower != EXTENSIONS)


def _read(name: str, value: Any, form: Form) -> Iterator[CustomProperty]:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise InvalidProperty(f"{name}: a list of objects is expected.", target=name)
    if len(value) > MOST:
        raise InvalidProperty(f"{name}: at most {MOST} are possible.", target=name)
    for one in value:
        yield read_extension(one) if form is Form.EXTENSION else _read_property(one, many=form is Form.MULTI)


def read_extension(members: Mapping[str, Any], name: str | None = None) -> CustomProperty:
    """Return an extension; `name` where the path gives it. Raises MissingProperty, InvalidProperty."""
    given = _member(members, "extensionName")
    if name is None and given is None:
        # The service answers 500 (microsoftgraph/microsoft-graph-explorer-v4#2665), which is no answer to rely on.
        raise MissingProperty("The property 'extensionName' is required.", target="extensionName")
    if name is not None and given is not None and extension_name(str(given)).casefold() != name.casefold():
        raise InvalidProperty("ExtensionName: an extension cannot get another name.", target="extensionName")
    return extension(given if name is None else name, members)


def _read_property(members: Mapping[str, Any], *, many: bool) -> CustomProperty:
    id_ = _member(members, "id", "propertyId")
    if not isinstance(id_, str):
        raise MissingProperty("The property 'id' is required.", target="Id")
    name, value = property_id(id_, many=many), _member(members, "value")
    return CustomProperty(Form.MULTI if many else Form.SINGLE, name, _content(name, value, many=many))


def _content(name: str, value: Any, *, many: bool) -> Content | None:
    if value is None:
        return None
    if not many:
        return property_value(name, value)
    if not isinstance(value, list):
        raise InvalidProperty("Value: a list is expected.", target="Value")
    return tuple(property_value(name, one) for one in value)


def _member(members: Mapping[str, Any], *names: str) -> Any:
    wanted = {name.lower() for name in names}
    return next((value for name, value in members.items() if name.lower() in wanted), None)


def name_reader(form: Form) -> Callable[[str], str]:
    """Return what reads the id by which one of this form is named in a filter, as it is kept."""
    if form is Form.EXTENSION:
        return lambda text: extension_name(text).casefold()
    return lambda text: property_id(text, many=form is Form.MULTI)


def write_all(shape: Shape[Ctx], found: Iterable[CustomProperty], ctx: Ctx) -> list[dict[str, Any]]:
    """Return properties or extensions as they stand on the wire; of these the members as they were sent."""
    return [{**shape.write(one, ctx), **(one.content if isinstance(one.content, Mapping) else {})} for one in found]

