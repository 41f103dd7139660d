"""Lists whose items come as bytes: how a dialect writes them, and when what was written before will do."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from rsvpd.store.tx import Tx

V = TypeVar("V")

# What it costs to find a fragment and to write one, in steps: each, and for so many bytes of it.
_FIND, _WRITE, _BYTES_A_STEP = 1, 20, 50

Fragment = Callable[[tuple[Any, ...], Callable[[], V]], bytes]


class ItemWriter(Struct, Generic[V], frozen=True):
    """How a dialect writes an item of a list.

    `rendering` is everything that the bytes depend on besides the view that is written.
    """

    rendering: Hashable
    write: Callable[[V], bytes]


def fragment_maker(tx: Tx, writer: ItemWriter[V], *reader: Hashable) -> Fragment[V]:
    """Return a function that returns the bytes of an item, told its key and how to get its view.

    The key names the state of everything the view is made of, but for the `reader`: whose item it is, and as whom
    it is seen. Only where nothing was written under it yet, the view is made.
    """
    fragments, spend = tx.fragments, tx.work.spend
    number = fragments.number_of((writer.rendering, *reader))

    def fragment(key: tuple[Any, ...], view: Callable[[], V]) -> bytes:
        whole = (number, *key)
        found = fragments.get(whole)
        if found is not None:
            spend(_FIND)
            return found
        written = writer.write(view())
        spend(_WRITE + len(written) // _BYTES_A_STEP)
        fragments.keep(whole, written)
        return written

    return fragment
