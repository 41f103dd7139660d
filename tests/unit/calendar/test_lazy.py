"""Values that are made once somebody looks at them."""

from __future__ import annotations

import pytest

from rsvpd.calendar.lazy import LazyMapping


def test_each_value_is_made_when_it_is_looked_at_and_once() -> None:
    made: list[str] = []

    def make(name: str) -> list[str]:
        made.append(name)
        return [name]

    values = LazyMapping(("b", "a"), make)
    assert (list(values), len(values), "a" in values, "c" in values, made) == (["b", "a"], 2, True, False, [])
    assert values["a"] == ["a"]
    assert values["a"] is values["a"]
    assert values.get("c") is None
    assert made == ["a"]
    with pytest.raises(KeyError):
        values["c"]
