"""What is published of an object of which nothing is done here but to keep it."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

_MOST_ENTRIES, _MOST_PARAMETERS = 50, 300
_LONGEST_NAME, _LONGEST_TEXT = 256, 2048


def check(value: Any, spec: Any, name: str = "") -> Any:
    """Return of `value` what is published; `name` is where it stands. Raises ValueError for another kind of value.

    `spec` is the length of a text, words, a list with what is in it, an object of such, None for an object of texts
    with any names, or ... for an object of which nothing is kept.
    """
    at = name or "it"
    match spec:
        case int():
            if not isinstance(value, str) or len(value) > spec:
                raise ValueError(f"{at} must be a string of at most {spec} characters.")
            return value
        case tuple():
            if value not in spec:
                raise ValueError(f"{at} must be one of {', '.join(spec)}.")
            return value
        case [inner]:
            if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
                raise ValueError(f"{at} must be a list of at most {_MOST_ENTRIES}.")
            return [check(one, inner, name) for one in value]
    if not isinstance(value, dict):
        raise ValueError(f"{at} must be an object.")
    if isinstance(spec, EllipsisType):
        return {}
    if spec is None:
        return _texts(value, at)
    path = f"{name}." if name else ""
    given = ((one, value.get(one)) for one in spec)
    return {one: check(held, spec[one], path + one) for one, held in given if held is not None}


def _texts(value: dict[str, Any], at: str) -> dict[str, str]:
    if len(value) > _MOST_PARAMETERS:
        raise ValueError(f"{at} must be an object of at most {_MOST_PARAMETERS}.")
    return {one[:_LONGEST_NAME]: check(text, _LONGEST_TEXT, at) for one, text in value.items()}
