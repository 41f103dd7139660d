"""How single values stand on the wire of the Outlook services: both directions, made together.

Rules. Names and words are written in the profile's own spelling and read in any case; booleans
are also read as the words "true" and "false", numbers as digits; null is read as None. A value
that cannot be is a ValueError, to which the table adds the property's name. Times of events
live in `times.py`, complex types in `tables/complex_types.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from rsvpd import clock
from rsvpd.clock import Instant
from rsvpd.dialects.microsoft.vocabulary.words import Words
from rsvpd.dialects.shape import Codec, Constant, as_is
from rsvpd.mail.content import BodyKind
from rsvpd.mail.person import Person

NEVER = "0001-01-01T00:00:00Z"  # the time of an answer nobody gave
RESET = "4501-01-01T00:00:00Z"  # the time of an answer that was asked for anew
MOST_IN_A_LIST = 500  # Graph: at most 500 attendees, and recipients, of one item
_LONGEST_TEXT = 1_000_000
_REMEMBERED = 256
_LARGEST_NUMBER = 2**31 - 1


class Style(Struct, frozen=True):
    """How a profile spells members, words of enumerations and types that Graph spells in camel case.

    `namespace` is that of its types.
    """

    name: Callable[[str], str]
    word: Callable[[str], str]
    type: Callable[[str], str]
    namespace: str

    def names(self, *graph: str) -> tuple[str, ...]:
        """Return several member names in this spelling."""
        return tuple(map(self.name, graph))


class Ctx(Struct, frozen=True, kw_only=True):
    """Everything a codec may need to know of the request.

    `style`, `mount` and `user_key` are those of the profile that was asked. `base` is the absolute root URL of
    the profile; `tenant` what the tenant is called; `zone` the IANA zone of `Prefer: outlook.timezone` and
    `zone_name` the same as the client wrote it; `body_kind` that of `Prefer: outlook.body-content-type`;
    `active_html` says whether scripts in bodies are shown.
    """

    style: Style
    mount: str
    user_key: Callable[[Person, str], str]
    base: str = ""
    tenant: str = ""
    owner: Person | None = None
    zone: str | None = None
    zone_name: str | None = None
    body_kind: BodyKind | None = None
    active_html: bool = False


_PASCAL_NAMES = {"iCalUId": "iCalUId"}
_PASCAL_WORDS = {"html": "HTML"}
_PASCAL_TYPES = {"outlookGeoCoordinates": "GeoCoordinates", "outlookItem": "Item"}


def same(name: str) -> str:
    """Return `name`, as Graph spells it."""
    return name


def pascal_name(name: str) -> str:
    """Return a member name as Outlook REST spells it."""
    return _PASCAL_NAMES.get(name) or name[:1].upper() + name[1:]


def pascal_word(word: str) -> str:
    """Return a word of an enumeration as Outlook REST spells it."""
    return _PASCAL_WORDS.get(word) or word[:1].upper() + word[1:]


def pascal_type(name: str) -> str:
    """Return a type's name as Outlook REST spells it."""
    return _PASCAL_TYPES.get(name) or name[:1].upper() + name[1:]


CAMEL = Style(same, same, same, "microsoft.graph")
PASCAL = Style(pascal_name, pascal_word, pascal_type, "Microsoft.OutlookServices")


# --- plain values


def read_text(value: Any, _: object = None) -> str | None:
    """Return a text or None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("a string is expected.")
    if len(value) > _LONGEST_TEXT:
        raise ValueError("the text is too long.")
    return value


def read_flag(value: Any, _: object = None) -> bool | None:
    """Return a boolean or None; the services also read the words, and clients send them."""
    if value is None or isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word not in ("true", "false"):
        raise ValueError("true or false is expected.")
    return word == "true"


def read_number(value: Any, _: object = None) -> int | None:
    """Return a 32-bit number or None."""
    if value is None:
        return None
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 12:
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_NUMBER:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number is expected.")
    if not -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER:
        raise ValueError("the number is too large.")
    return value


def read_double(value: Any, _: object = None) -> float | None:
    """Return a number or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e12:
        raise ValueError("a number is expected.")
    return float(value)


def read_object(value: Any, _: object = None) -> Mapping[str, Any] | None:
    """Return a JSON object or None."""
    if value is not None and not isinstance(value, Mapping):
        raise ValueError("an object is expected.")
    return value


def read_list(value: Any, _: object = None) -> list[Any]:
    """Return a JSON array of at most 500; null is the empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError("an array is expected.")
    if len(value) > MOST_IN_A_LIST:
        raise ValueError(f"at most {MOST_IN_A_LIST} entries are possible.")
    return value


def read_texts(value: Any, _: object = None) -> tuple[str, ...]:
    """Return an array of texts."""
    texts = read_list(value)
    if not all(isinstance(text, str) and len(text) <= _LONGEST_TEXT for text in texts):
        raise ValueError("an array of strings is expected.")
    return tuple(texts)


def refuse_to_read(_: Any, __: Ctx) -> Any:
    """Refuse to read what only the server says; the table's access keeps anybody from getting here."""
    raise ValueError("the property is read-only.")


TEXT: Codec[Ctx] = Codec("Edm.String", as_is, read_text)
FLAG: Codec[Ctx] = Codec("Edm.Boolean", as_is, read_flag)
NUMBER: Codec[Ctx] = Codec("Edm.Int32", as_is, read_number)
DOUBLE: Codec[Ctx] = Codec("Edm.Double", as_is, read_double)
TEXTS: Codec[Ctx] = Codec("Collection(Edm.String)", lambda texts, _: list(texts), read_texts)


def read_only(edm: str, write: Callable[[Any, Ctx], Any]) -> Codec[Ctx]:
    """Return the codec of something only the server says."""
    return Codec(edm, write, refuse_to_read)


def constant(edm: str, value: Any) -> Codec[Ctx]:
    """Return the codec of a property that always answers `value`."""
    return Codec(edm, Constant(value), refuse_to_read)


def always_null(edm: str = "Edm.String") -> Codec[Ctx]:
    """Return the codec of a property for which nothing is ever stored: null."""
    return constant(edm, None)


# --- words


def enumeration(words: Words, style: Style) -> Codec[Ctx]:
    """Return the codec of one enumeration in this spelling."""
    spellings = {value: style.word(word) for value, word in words.meaning.items()}
    known = {word.lower(): value for value, word in words.meaning.items()} | dict(words.also)

    def read(value: Any, _: Ctx) -> Any:
        if value is None:
            return None
        word = value.lower() if isinstance(value, str) else None
        if word not in known:
            text = repr(value[:80]) if isinstance(value, str) else "this"
            raise ValueError(f"{text} is not a word of {words.name}.")
        return known[word]

    return Codec(style.type(words.name), lambda value, _: spellings[value], read)


# --- instants


# What was never changed since has one time several times.
@lru_cache(maxsize=_REMEMBERED)
def precise(instant: Instant) -> str:
    """Return an instant in UTC with the seven fraction digits of the services."""
    return clock.to_datetime(instant).isoformat(timespec="microseconds")[:26] + "0Z"


@lru_cache(maxsize=_REMEMBERED)
def whole(instant: Instant) -> str:
    """Return an instant in UTC cut to whole seconds, as messages show them."""
    return clock.to_datetime(instant).isoformat(timespec="seconds")[:19] + "Z"


def read_instant(value: Any, _: object = None) -> Instant | None:
    """Return the instant of an ISO 8601 text; without an offset it is UTC."""
    if value is None:
        return None
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        raise ValueError("a date and time is expected.")
    try:
        return clock.parse_instant(value)
    except ValueError:
        raise ValueError(f"'{value}' is not a date and time.") from None


PRECISE: Codec[Ctx] = Codec("Edm.DateTimeOffset", lambda instant, _: precise(instant), read_instant)
WHOLE: Codec[Ctx] = Codec("Edm.DateTimeOffset", lambda instant, _: whole(instant), read_instant)
