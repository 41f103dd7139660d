"""Lists whose items come as bytes: how a dialect writes them, and when what was written before will do."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from msgspec import Struct

from rsvpd.store.tx import Tx

V = TypeVar("V")
L = TypeVar("L")

# What it costs to find a fragment and to write one, in steps: each, and for so many bytes of it.
_FIND, _WRITE, _BYTES_A_STEP = 1, 20, 50


class ItemWriter(Struct, Generic[V], frozen=True):
    """How a dialect writes an item of a list.

    `rendering` is everything that the bytes depend on besides the view that is written.
    """

    rendering: Hashable
    write: Callable[[V], bytes]


def write_items(
    tx: Tx,
    writer: ItemWriter[V],
    seen_by: Hashable,
    lines: list[L],
    *,
    key: Callable[[L], Hashable],
    view: Callable[[L], V],
) -> list[bytes]:
    """Return the bytes of each line of a list: those that were kept, or written anew from its view.

    The key names the state of everything that the view is made of, but for whom it is `seen_by`: whose item it is,
    and as whom it is seen.
    """
    fragments = tx.fragments
    number = fragments.number_of((writer.rendering, seen_by))
    items = []
    tx.work.spend(_FIND * len(lines))
    for line in lines:
        whole = number, key(line)
        fragment: bytes | None = fragments.get(whole)
        if fragment is None:
            fragment = writer.write(view(line))
            tx.work.spend(_WRITE + len(fragment) // _BYTES_A_STEP)
            fragments.keep(whole, fragment, len(fragment))
        items.append(fragment)
    return items
