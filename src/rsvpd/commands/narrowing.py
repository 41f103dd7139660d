"""Questions that the index of words can answer in part: which items are read at all.

The index says of which items a question cannot be true; of all others it is decided on the items themselves. What the
index has not seen yet the change log names, and so every answer is exact.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
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
# So many items are looked up one by one without another thought, and a page may have that many.
_FEW, _PAGE = 500, 25
# What it takes, in steps, to look an item up among those that were found, and to read one as it comes.
_LOOK_UP, _READ = 5, 40
# An estimate may be wrong by so much before the other way is taken.
_DOUBT = 4


def read_candidates(
    tx: Tx, mailbox: int, where: Node | None, vocabulary: Vocabulary, read: Callable[[str | None], T]
) -> T:
    """Return what `read` returns, which is told the only items that it has to look at as a JSON array; None for all."""
    wanted = narrow(where, vocabulary)
    state = None if wanted is None else terms.state(tx, mailbox)
    unseen = _unindexed_items(tx, mailbox, state) if state else None
    if wanted is None or state is None or unseen is None:
        return read(None)
    found = terms.find(tx, mailbox, wanted, most=_FEW + 1)
    if len(found) > _FEW:
        # What many items have stands on every page: to read these as they come may take less than to look all up.
        share = len(found) / (max(found) - min(found) + 1)
        as_they_come, looked_up = int(_PAGE / share * _READ), int(share * state.reached * _LOOK_UP)
        if as_they_come < looked_up:
            with suppress(Exhausted), tx.work.within(_DOUBT * as_they_come):
                return read(None)
        found = terms.find(tx, mailbox, wanted, most=terms.ALL)
    return read(json.dumps(sorted(unseen.union(found))))


def _unindexed_items(tx: Tx, mailbox: int, state: IndexState) -> set[int] | None:
    """Return the items that have changed since they were indexed; None where the index is of no use."""
    if not state.is_filled:
        return None
    changed = terms.changes_after(tx, mailbox, state.reached, most=_MOST_UNSEEN + 1)
    if changed is None or len(changed) > _MOST_UNSEEN:
        return None
    return {item for _, item in changed}
