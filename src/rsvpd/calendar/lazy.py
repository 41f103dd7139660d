"""Mappings whose values are made once somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class LazyMapping(Mapping[str, T]):
    """Values by name, each made by `make` when it is looked at, and once."""

    __slots__ = ("_found", "_make")

    def __init__(self, names: Iterable[str], make: Callable[[str], T]) -> None:
        self._found: dict[str, T | None] = dict.fromkeys(names)
        self._make = make

    def __getitem__(self, name: str) -> T:
        """Return one of them."""
        found = self._found[name]
        if found is None:
            found = self._found[name] = self._make(name)
        return found

    def __contains__(self, name: object) -> bool:
        """Return whether there is one of this name."""
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        """Yield their names."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)
