"""How the tables of complex types are made: one list of members, spelled in each profile's style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rsvpd.dialects.microsoft.vocabulary.codecs import CAMEL, Ctx, Style, read_list, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.mail.address import Mailbox, parse_address


class Builder:
    """Makes the tables of complex types in one style, leaving out the members a profile does not have."""

    def __init__(self, style: Style, without: frozenset[str]) -> None:
        self.style = style
        self.without = without
        self.tables: dict[str, Shape[Ctx]] = {}

    def table(self, name: str, *props: Prop[Ctx], base: str | None = None) -> Shape[Ctx]:
        """Add the table of one type, given in Graph's names."""
        drop = [one.partition(".")[2] for one in self.without if one.partition(".")[0] == name]
        shape = Shape(name, props).derive(
            self.style.type(name),
            case=self.style.name,
            drop=drop,
            base=self.style.type(base) if base else None,
        )
        self.tables[name] = shape
        return shape

    def describe(self, name: str, members: Mapping[str, str], base: str | None = None) -> None:
        """Add a type whose values are made elsewhere: its members' names and EDM types."""
        self.table(
            name, *(member(one, read_only(self.edm(edm), refuse_to_write)) for one, edm in members.items()), base=base
        )

    def edm(self, graph: str) -> str:
        """Return an EDM type in this style: `Collection(attendee)` is `Collection(Attendee)`."""
        if graph.startswith("Collection("):
            return f"Collection({self.edm(graph[11:-1])})"
        return graph if graph.startswith("Edm.") else self.style.type(graph)


def member(name: str, codec: Codec[Ctx], source: str = "", **more: Any) -> Prop[Ctx]:
    """Return one member of a complex type; a client may write it."""
    return Prop(name=name, source=source, codec=codec, access=Access.WRITE, **more)


def many(one: Codec[Ctx]) -> Codec[Ctx]:
    """Return the codec of a collection."""
    write, read = one.write, one.read

    def read_all(value: Any, ctx: Ctx) -> tuple[Any, ...]:
        entries = read_list(value, ctx)
        if any(entry is None for entry in entries):
            raise ValueError("an entry is null.")
        return tuple(read(entry, ctx) for entry in entries)

    def write_all(values: Any, ctx: Ctx) -> list[Any]:
        return [write(value, ctx) for value in values]

    return Codec(f"Collection({one.edm})", write_all, read_all)


def reader(shape: Shape[Ctx], make: Callable[..., Any]) -> Callable[[Any, Ctx], Any]:
    """Return a function that reads an object by its table and hands the members to `make`; null is None."""

    def read(value: Any, ctx: Ctx) -> Any:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise ValueError("an object is expected.")
        fields, _ = shape.read(value, ctx, creating=True)
        return make(**fields)

    return read


def refuse_to_write(_: Any, __: Ctx) -> Any:
    raise ValueError("a member of this type is written with the whole.")


def mailbox_writer(style: Style) -> Callable[[str, str], dict[str, str]]:
    """Return a function that writes an emailAddress; somebody without a name is shown by the address."""
    name_, address_ = style.names("name", "address")
    return lambda name, address: {name_: name or address, address_: address}


def as_mailbox(name: str | None = None, address: str | None = None) -> Mailbox:
    """Return a checked address with its name. Raises InvalidProperty."""
    return Mailbox(parse_address(address or "", target="emailAddress"), name or "")


_SPOKEN = frozenset({"type", "index", "firstDayOfWeek", "daysOfWeek"})


def recase(style: Style, value: Any, *, spoken: bool = False) -> Any:
    """Return a pattern made in Graph's spelling (dicts, lists, words) in another one."""
    if style is CAMEL or value is None:
        return value
    if isinstance(value, dict):
        return {style.name(key): recase(style, one, spoken=key in _SPOKEN) for key, one in value.items()}
    if isinstance(value, list):
        return [recase(style, one, spoken=spoken) for one in value]
    return style.word(value) if spoken and isinstance(value, str) else value
