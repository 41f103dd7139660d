"""Property tables: one mapping per resource, read and written by the same rows.

A `Shape` lists the properties of a resource. From it come the reader of request bodies, the
writer of answers with `$select`, the binding of filters, the metadata document and the
read-only rules. What needs the request as a whole (O1's `Start` beside `StartTimeZone`, say)
is a function of the dialect, not a row.

`C` is the dialect's context: zone preference, links, profile.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, call
from typing import Any, Generic, TypeVar

from msgspec import Struct

from rsvpd.errors import InvalidProperty, UnknownProperty

C = TypeVar("C")

# How many selections of a table are remembered; clients choose them.
_MOST_SELECTIONS = 256


class Access(enum.Enum):
    """Who may write a property; what may not be written is ignored when sent, and named as ignored."""

    READ_ONLY = "read-only"
    CREATE = "create"
    WRITE = "write"


class Shown(enum.Enum):
    """When a property appears in an answer."""

    ALWAYS = "always"
    BY_DEFAULT = "by default"
    SELECTED = "only when selected"


class Codec(Struct, Generic[C], frozen=True):
    """How one kind of value stands on the wire: both directions, made together.

    `edm` is the OData type name (without namespace for own types: `itemBody`, `Collection(attendee)`).
    `read` raises ValueError with what is wrong; the shape adds the property's name.
    """

    edm: str
    write: Callable[[Any, C], Any]
    read: Callable[[Any, C], Any]


def as_is(value: Any, _: object) -> Any:
    """Write a value that JSON can say."""
    return value


class Constant(Struct, frozen=True):
    """Writes the same whatever there is."""

    value: Any

    def __call__(self, value: Any, _: object) -> Any:
        """Return the constant."""
        return self.value


class Prop(Struct, Generic[C], frozen=True, kw_only=True):
    """One property: wire name, where the value lives, how it is written.

    `source` is a dotted path on the view; empty means the view itself. `field` is the member of the
    draft that takes the value. `query` is the field of the query algebra for filters and sorting, or None.
    `absent_when` leaves the property out of an answer where its value is that (proposedNewTime: None).
    """

    name: str
    source: str
    codec: Codec[C]
    access: Access = Access.READ_ONLY
    field: str = ""
    query: str | None = None
    shown: Shown = Shown.BY_DEFAULT
    absent_when: Any = ...


class Shape(Generic[C]):
    """The table of one resource. Names are found in any case; an unknown name is the caller's error."""

    def __init__(self, name: str, props: Iterable[Prop[C]], *, base: str | None = None) -> None:
        self.name = name
        self.base = base
        self.props = tuple(props)
        self._by_name = {prop.name.lower(): prop for prop in self.props}
        self._writers: dict[frozenset[str] | None, _Writer[C]] = {}
        if len(self._by_name) != len(self.props):
            raise ValueError(f"{name}: a property stands twice")

    def find(self, name: str) -> Prop[C] | None:
        """Return the property with this wire name, in any case."""
        return self._by_name.get(name.lower())

    def write(self, view: Any, ctx: C, select: frozenset[str] | None = None) -> dict[str, Any]:
        """Return `view` as a wire object. `select` holds wire names in this table's own case."""
        writer = self._writers.get(select)
        if writer is None:
            if len(self._writers) >= _MOST_SELECTIONS:
                self._writers = {}
            writer = self._writers[select] = _Writer(prop for prop in self.props if _is_shown(prop, select))
        return writer.write(view, ctx)

    def read(
        self, body: Mapping[str, Any], ctx: C, *, creating: bool = False, strict: bool = False
    ) -> tuple[dict[str, Any], list[str]]:
        """Return draft fields from a wire object, and the names of members that have no effect.

        Annotations (`@odata…`, `x@odata…`) are passed over. Raises InvalidProperty for a value of the wrong
        kind, and with `strict` UnknownProperty for a name this table does not have.
        """
        fields: dict[str, Any] = {}
        ignored: list[str] = []
        for name, value in body.items():
            if "@" in name:
                continue
            prop = self.find(name)
            if prop is None:
                if strict:
                    raise UnknownProperty(
                        f"The property '{name}' does not exist on type '{self.name}'.", target=name
                    )
                ignored.append(name)
            elif prop.access is Access.WRITE or (creating and prop.access is Access.CREATE):
                fields[prop.field or prop.source.rpartition(".")[2]] = self._value(prop, value, ctx)
            else:
                ignored.append(name)
        return fields, ignored

    def derive(
        self,
        name: str,
        *,
        case: Callable[[str], str] = lambda name: name,
        rename: Mapping[str, str] | None = None,
        drop: Iterable[str] = (),
        override: Iterable[Prop[C]] = (),
        base: str | None = None,
    ) -> Shape[C]:
        """Return this table in another profile: `rename` beats `case`, `override` rows replace or add by name."""
        rename, dropped = dict(rename or {}), {one.lower() for one in drop}
        rows: dict[str, Prop[C]] = {}
        for prop in self.props:
            if prop.name.lower() not in dropped:
                wire = rename.get(prop.name, case(prop.name))
                rows[wire.lower()] = _rename(prop, wire)
        for prop in override:
            rows[prop.name.lower()] = prop
        return Shape(name, rows.values(), base=base)

    @staticmethod
    def _value(prop: Prop[C], value: Any, ctx: C) -> Any:
        try:
            return prop.codec.read(value, ctx)
        except (ValueError, TypeError, OverflowError) as wrong:
            raise InvalidProperty(f"{prop.name}: {wrong}", target=prop.name) from None


class _Writer(Generic[C]):
    """Writes some properties of a table. What does not depend on a view is decided once, when it is made.

    Tables are long and lists too: constants are copied together, values that JSON can say are fetched together, and
    what is left is one call for each property.
    """

    def __init__(self, props: Iterable[Prop[C]]) -> None:
        table = tuple(props)
        rest = [prop for prop in table if not isinstance(prop.codec.write, Constant)]
        always = [prop for prop in rest if prop.absent_when is ...]
        self._template = {prop.name: getattr(prop.codec.write, "value", None) for prop in table}
        self._plain = _Columns([prop for prop in always if prop.source and prop.codec.write is as_is])
        self._coded = _Columns([prop for prop in always if prop.source and prop.codec.write is not as_is])
        self._whole = _Columns([prop for prop in always if not prop.source])
        self._optional = tuple((prop, _getter(prop.source)) for prop in rest if prop.absent_when is not ...)

    def write(self, view: Any, ctx: C) -> dict[str, Any]:
        """Return the members, in the order of the table."""
        out = self._template.copy()
        plain, coded, whole = self._plain, self._coded, self._whole
        out.update(zip(plain.names, plain.values(view), strict=False))
        out.update(zip(coded.names, map(call, coded.writes, coded.values(view), repeat(ctx)), strict=False))
        out.update(zip(whole.names, map(call, whole.writes, repeat(view), repeat(ctx)), strict=False))
        for prop, get in self._optional:
            value = get(view)
            if value == prop.absent_when:
                del out[prop.name]
            else:
                out[prop.name] = prop.codec.write(value, ctx)
        return out


class _Columns(Generic[C]):
    """Properties of a table: their names, what writes them, and what fetches the values of all of them."""

    def __init__(self, props: Sequence[Prop[C]]) -> None:
        self.names = tuple(prop.name for prop in props)
        self.writes = tuple(prop.codec.write for prop in props)
        self.values = _values_of(props)


def _values_of(props: Sequence[Prop[Any]]) -> Callable[[Any], tuple[Any, ...]]:
    sources = [prop.source for prop in props]
    if len(sources) > 1 and all(sources):
        return attrgetter(*sources)
    getters = [_getter(source) for source in sources]
    return lambda view: tuple(get(view) for get in getters)


def _getter(source: str) -> Callable[[Any], Any]:
    return attrgetter(source) if source else lambda view: view


def _is_shown(prop: Prop[C], select: frozenset[str] | None) -> bool:
    if prop.shown is Shown.ALWAYS:
        return True
    return prop.shown is Shown.BY_DEFAULT if select is None else prop.name in select


def _rename(prop: Prop[C], name: str) -> Prop[C]:
    return Prop(
        name=name, source=prop.source, codec=prop.codec, access=prop.access, field=prop.field,
        query=prop.query, shown=prop.shown, absent_when=prop.absent_when,
    )
