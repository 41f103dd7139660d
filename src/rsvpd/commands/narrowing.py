"""Questions that the index of words can answer in part: which items are read at all.

The index says of which items a question cannot be true; of all others it is decided on the items themselves. What the
index has not seen yet the change log names, and so every answer is exact.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from rsvpd.query.algebra import Node
from rsvpd.query.terms import Vocabulary, narrow
from rsvpd.store import terms
from rsvpd.store.tx import Tx
from rsvpd.work import Exhausted

T = TypeVar("T")

# Items that are looked up one by one; what more items have stands on every page, which is then read as it comes.
_MOST = 5_000
# Changes that an index may be behind to be of use.
_MOST_UNSEEN = 2_000
# How far a page is read as it comes, in steps, before it is looked up all the same.
_AS_IT_COMES = 60_000


def narrowed(
    tx: Tx, mailbox: int, where: Node | None, vocabulary: Vocabulary, read: Callable[[str | None], T]
) -> T:
    """Return what `read` returns, which is told the only items that it has to look at as a JSON array; None for all."""
    wanted = narrow(where, vocabulary)
    unseen = None if wanted is None else _unseen(tx, mailbox)
    if wanted is None or unseen is None:
        return read(None)
    found = terms.find(tx, mailbox, wanted, most=_MOST + 1)
    if len(found) > _MOST:
        try:
            with tx.work.within(_AS_IT_COMES):
                return read(None)
        except Exhausted:
            found = terms.find(tx, mailbox, wanted, most=terms.ALL)
    return read(json.dumps(sorted(unseen.union(found))))


def _unseen(tx: Tx, mailbox: int) -> set[int] | None:
    """Return the items that have changed since they were indexed; None where the index is of no use."""
    state = terms.state(tx, mailbox)
    if state is None or not state.is_filled:
        return None
    changed = terms.changed_since(tx, mailbox, state.reached, most=_MOST_UNSEEN + 1)
    if changed is None or len(changed) > _MOST_UNSEEN:
        return None
    return {item for _, item in changed}
