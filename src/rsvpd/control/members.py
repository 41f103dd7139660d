"""Members of a table as texts, as a terminal gives them: NAME=VALUE, in Graph's names and in any case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.shape import Shape
from rsvpd.errors import InvalidProperty, UnknownProperty
from rsvpd.spelling import did_you_mean

CTX = GRAPH.ctx()
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def read_member(shape: Shape[Ctx], names: Sequence[str], name: str, text: str) -> dict[str, Any]:
    """Return what a text comes to, by where it is kept; the empty one takes a value away, lists have commas.

    `names` are what can be set. Raises UnknownProperty, InvalidProperty.
    """
    prop = shape.find(name)
    if prop is None or prop.name not in names:
        near = did_you_mean(name, names)
        raise UnknownProperty(f"nothing is kept under the name '{name[:40]}'{near or '.'}", target=name)
    value: Any = text or None
    if prop.codec.edm.startswith("Collection("):
        value = [one.strip() for one in text.split(",") if one.strip()]
    elif prop.codec.edm == "Edm.Boolean" and text:
        value = read_flag(name, text)
    try:
        return {prop.source.rpartition(".")[2]: prop.codec.read(value, CTX)}
    except ValueError as wrong:
        raise InvalidProperty(f"{prop.name}: {wrong}", target=prop.name) from None


def read_flag(name: str, text: str) -> bool:
    """Return what yes or no means. Raises InvalidProperty."""
    if text.lower() not in _YES_NO:
        raise InvalidProperty(f"{name} is yes or no, not '{text[:40]}'.", target=name)
    return _YES_NO[text.lower()]
