"""What goes on when older data are put in the place of those that there are: numbers.

Ids, change keys and tokens of lists are made of numbers of changes and of mailboxes. What was given out in a history
that is thrown away shall mean nothing in the one that comes instead, so none is given twice: those of changes go on
above the greatest ever given, and what stands before such a hole is known (`store/changes.py`). A token of what is
taken back leads nowhere, one of before it goes on; a change key of what is taken back matches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rsvpd.store import changes, removal
from rsvpd.store.tx import Tx


class LastNumbers(Struct, frozen=True):
    """The greatest number of a change that each mailbox has, and the greatest number of a mailbox."""

    changes: Mapping[int, int]
    mailbox: int


def last_numbers(tx: Tx) -> LastNumbers:
    """Return which numbers were given."""
    return LastNumbers(changes.last_numbers(tx), removal.highest_number(tx))


def go_on(tx: Tx, before: LastNumbers) -> None:
    """Have a history that is put in the place of another one go on above that one's numbers."""
    changes.go_on_above(tx, before.changes)
    removal.keep_number(tx, before.mailbox)


def begin_anew(tx: Tx, before: LastNumbers) -> None:
    """Have a new history begin above the numbers of another one, in which nobody read anything yet."""
    changes.begin_anew_above(tx, before.changes)
    removal.keep_number(tx, before.mailbox)
