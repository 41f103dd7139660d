"""What programs hang on items for themselves: extended properties (of MAPI) and open extensions.

They belong to one mailbox's copy: nothing of them travels with an invitation, an answer or a mail. One is named by
its form and its name, which for a property is its id as `property_id` writes it.
"""

from __future__ import annotations

import base64
import enum
import math
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType, json

from rsvpd.clock import parse_instant
from rsvpd.errors import InvalidExtendedProperty, InvalidProperty, TooLarge

# Of one item: how many there may be, and how long one and all of them may be, in bytes of JSON.
MOST, LONGEST, LONGEST_TOGETHER = 100, 32 * 2**10, 64 * 2**10
_LONGEST_NAME = 250


class Bearer(enum.IntEnum):
    """What one hangs on; the number is stored."""

    EVENT = 0
    MESSAGE = 1
    FOLDER = 2
    CALENDAR = 3
    MAILBOX = 4


class Form(enum.IntEnum):
    """What it is: a property with one value or with many, or an open extension; the number is stored."""

    SINGLE = 0
    MULTI = 1
    EXTENSION = 2


# The value of a property as text, the values of one with many, or the members of an extension.
Content = str | tuple[str, ...] | Mapping[str, Any]


class CustomProperty(Struct, frozen=True):
    """An extended property or an open extension; `content` is None where it is to be removed."""

    form: Form
    name: str
    content: Content | None

    @property
    def key(self) -> Key:
        """Return what names it on its item; case does not count in the name of an extension."""
        return self.form, self.name.casefold() if self.form is Form.EXTENSION else self.name


Key = tuple[Form, str]
# By what names them, in the order in which they are shown.
CustomProperties = Mapping[Key, CustomProperty]


def merge(held: CustomProperties, changes: tuple[CustomProperty, ...]) -> dict[Key, CustomProperty]:
    """Return what hangs on an item after `changes`. Raises TooLarge where that is more than one item carries."""
    after = {**held, **{one.key: one for one in changes}}
    found = {key: one for key, one in after.items() if one.content is not None}
    check_together(found)
    return found


def drafted_custom_data(sent: tuple[CustomProperty, ...] | UnsetType) -> tuple[CustomProperty, ...]:
    """Return what a draft wants to hang on an item: nothing where it does not say."""
    return () if sent is UNSET else sent


def check_together(held: CustomProperties) -> None:
    """Raise TooLarge where this is more than one item carries."""
    if len(held) > MOST:
        raise TooLarge(f"At most {MOST} extended properties and open extensions can be kept of one item.")
    sizes = [len(json.encode(one.content)) for one in held.values()]
    if any(size > LONGEST for size in sizes) or sum(sizes) > LONGEST_TOGETHER:
        raise TooLarge(
            f"An extended property or open extension takes at most {LONGEST} bytes, those of one item together"
            f" {LONGEST_TOGETHER}."
        )


# --- extended properties

_ID = re.compile(
    r"\s*+(?P<type>[A-Za-z]{1,30})\s++(?:(?P<tag>0x[0-9A-Fa-f]{1,8})"
    r"|\{(?P<set>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}\s++"
    r"(?:Name\s++(?P<name>\S++(?:[^\S\n]++\S++)*+)|Id\s++(?P<number>0x[0-9A-Fa-f]{1,8})))\s*+",
    re.I,
)
_NAMED_FROM, _LAST = 0x8000, 0xFFFE


def property_id(text: str, *, many: bool) -> str:
    """Return the id of an extended property, spelled in one way: case counts in its name alone.

    Forms are `String {guid} Name text`, `Integer {guid} Id 0x8012` and `String 0x4001`; a property with many values has
    a type that ends in `Array` (Graph: extended-properties-overview). Raises InvalidExtendedProperty.
    """
    found = _ID.fullmatch(text) if len(text) <= 2 * _LONGEST_NAME else None
    word = found["type"] if found else ""
    is_many = word.lower().endswith("array")
    type_ = _TYPES.get(word.lower().removesuffix("array"))
    if found is None or type_ is None or is_many is not many or (many and type_.single_only):
        raise InvalidExtendedProperty(target="Id")
    head = f"{type_.name}Array" if many else type_.name
    if found["tag"] is not None:
        return f"{head} {_tag(found['tag'])}"
    set_ = f"{{{found['set'].lower()}}}"
    if found["number"] is not None:
        return f"{head} {set_} Id {_hex(found['number'], _LAST)}"
    name = found["name"]
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidExtendedProperty(target="Id")
    return f"{head} {set_} Name {name}"


def _tag(text: str) -> str:
    """Return a property tag: its identifier, without the type that may follow it."""
    number = int(text, 16)
    number = number >> 16 if number > 0xFFFF else number
    if not 0 < number < _NAMED_FROM:
        raise InvalidExtendedProperty(target="Id")
    return f"0x{number:x}"


def _hex(text: str, last: int) -> str:
    number = int(text, 16)
    if not 0 < number <= last:
        raise InvalidExtendedProperty(target="Id")
    return f"0x{number:x}"


def property_value(id_: str, value: Any) -> str:
    """Return a value of the property of this id as it is kept. Raises InvalidProperty for one of another type."""
    word = id_.partition(" ")[0]
    type_ = _TYPES[word.lower().removesuffix("array")]
    # JSON's own numbers and truths are taken for what they say.
    text = str(value) if isinstance(value, bool | int | float) else value
    if not isinstance(text, str):
        raise InvalidProperty(f"Value: text is expected that says a value of the type {type_.name}.", target="Value")
    try:
        return type_.read(text)
    except (ValueError, OverflowError):
        raise InvalidProperty(f"Value: '{text[:80]}' is no value of the type {type_.name}.", target="Value") from None


def _text(text: str) -> str:
    return storable_text(text)


def storable_text(text: str) -> str:
    """Return a text that every store keeps. Raises ValueError for one with a NUL or half a letter in it."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a text cannot be kept with this letter")
    return text


def _integer(bits: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        number = int(text[:30]) if text.isascii() else None
        if number is None or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError("out of range")
        return str(number)

    return read


def _floating(text: str) -> str:
    number = float(text[:60])
    if not math.isfinite(number):
        raise ValueError("not a number")
    return repr(number) if number != int(number) else str(int(number))


def _boolean(text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text.lower()


def _bytes(text: str) -> str:
    return base64.b64encode(base64.b64decode(text, validate=True)).decode()


def _moment(text: str) -> str:
    parse_instant(text)
    return text


class _Type(Struct, frozen=True):
    """A type of MAPI (EWS MapiPropertyTypeType) and how its values are read."""

    name: str
    read: Callable[[str], str]
    single_only: bool = False


_TYPES = {
    one.name.lower(): one
    for one in (
        _Type("ApplicationTime", _floating),
        _Type("Binary", _bytes),
        _Type("Boolean", _boolean, single_only=True),
        _Type("CLSID", lambda text: str(uuid.UUID(text))),
        _Type("Currency", _integer(64)),
        _Type("Double", _floating),
        _Type("Float", _floating),
        _Type("Integer", _integer(32)),
        _Type("Long", _integer(64)),
        _Type("Short", _integer(16)),
        _Type("String", _text),
        _Type("SystemTime", _moment),
    )
}


# --- open extensions

_EXTENSION_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*+")
_PREFIXES = ("microsoft.graph.opentypeextension.", "microsoft.outlookservices.opentypeextension.")
# What stands in every extension and is no member of its data.
_OWN = frozenset(("id", "extensionname"))
_DEEPEST = 8


def extension_name(text: str) -> str:
    """Return the name of an extension from that or from its id, the name with its type before it."""
    prefix = next((one for one in _PREFIXES if text.lower().startswith(one)), "")
    return text[len(prefix) :]


def extension(name: Any, members: Mapping[str, Any]) -> CustomProperty:
    """Return an extension with the members that a client sent; null is nothing. Raises InvalidProperty."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not _EXTENSION_NAME.fullmatch(extension_name(name)):
        wrong = "ExtensionName: a name of letters, digits, '.', '_' and '-' is needed."
        raise InvalidProperty(wrong, target="ExtensionName")
    data = {
        key: value
        for key, value in members.items()
        if "@" not in key and key.lower() not in _OWN and value is not None
    }
    for key, value in data.items():
        _check(key, value)
    return CustomProperty(Form.EXTENSION, extension_name(name), data)


def _check(key: str, value: Any, depth: int = 0) -> None:
    """Raise InvalidProperty for what cannot be kept: values nested too deep, letters that no store takes."""
    try:
        storable_text(key)
        if isinstance(value, str):
            storable_text(value)
    except ValueError:
        raise InvalidProperty("A text holds a letter that cannot be kept.", target=key[:80]) from None
    if isinstance(value, Mapping | list):
        if depth >= _DEEPEST:
            raise InvalidProperty(f"Members are at most {_DEEPEST} levels deep.", target=key[:80])
        inner = value.items() if isinstance(value, Mapping) else ((key, one) for one in value)
        for name, one in inner:
            _check(name, one, depth + 1)
