"""Questions that the index of words can answer in part: which items are read at all.

The index says of which items a question cannot be true; of all others it is decided on the items themselves. What the
index has not seen yet the change log names, and so every answer is exact.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from math import isqrt
from typing import TypeVar

from rsvpd.query.algebra import Node
from rsvpd.query.terms import Vocabulary, narrow
from rsvpd.store import terms
from rsvpd.store.terms import IndexState
from rsvpd.store.tx import Tx
from rsvpd.work import Exhausted

T = TypeVar("T")

# Changes that an index may be behind to be of use.
_MOST_UNSEEN = 2_000
# So many items are looked up one by one without another thought. What many have stands on every page, which then is
# read as it comes, for so many steps; where that fills no page, more are looked up, and so on.
_FEW, _A_PAGE, _PAGES = 500, 3_000, 60_000
# To look one up takes about a tenth of reading one as it comes, and a page has about 25 of them: both ways take as long
# where the square of how many are found is so many times the number of all items.
_AS_LONG = 250


def narrowed(
    tx: Tx, mailbox: int, where: Node | None, vocabulary: Vocabulary, read: Callable[[str | None], T]
) -> T:
    """Return what `read` returns, which is told the only items that it has to look at as a JSON array; None for all."""
    wanted = narrow(where, vocabulary)
    state = None if wanted is None else terms.state(tx, mailbox)
    unseen = _unseen(tx, mailbox, state) if state else None
    if wanted is None or state is None or unseen is None:
        return read(None)
    for most, steps in ((_FEW, _A_PAGE), (max(_FEW, isqrt(_AS_LONG * state.reached)), _PAGES)):
        found = terms.find(tx, mailbox, wanted, most=most + 1)
        if len(found) <= most:
            break
        with suppress(Exhausted), tx.work.within(steps):
            return read(None)
    else:
        found = terms.find(tx, mailbox, wanted, most=terms.ALL)
    return read(json.dumps(sorted(unseen.union(found))))


def _unseen(tx: Tx, mailbox: int, state: IndexState) -> set[int] | None:
    """Return the items that have changed since they were indexed; None where the index is of no use."""
    if not state.is_filled:
        return None
    changed = terms.changed_since(tx, mailbox, state.reached, most=_MOST_UNSEEN + 1)
    if changed is None or len(changed) > _MOST_UNSEEN:
        return None
    return {item for _, item in changed}
