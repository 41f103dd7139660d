"""The newest change of each mailbox, in memory that the processes of one server share.

Whoever changes a mailbox tells its number before the COMMIT, while the mailbox is held (store/postgres/engine.py,
rule 1): no two write the same place at once, and a number never becomes smaller. So a process that remembers what
another has changed since finds that out without asking the database.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from rsvpd.shared_memory import shared_numbers

# Of 32 MB only those pages take memory that something was written to. Of mailboxes beyond nothing is remembered.
_PLACES = 2**22
_REMOVED = 2**63


class SharedNumbers:
    """Made before the processes are. `server` names all of them together, to others over the same database."""

    def __init__(self) -> None:
        self.server = server_name()
        self._numbers = shared_numbers(_PLACES)

    def tell(self, newest: Mapping[int, int], removed: Iterable[int]) -> None:
        """Say what a transaction is about to commit: the newest changes of mailboxes, and who is gone."""
        for mailbox, number in newest.items():
            if mailbox < _PLACES:
                self._numbers[mailbox] = number
        for mailbox in removed:
            if mailbox < _PLACES:
                self._numbers[mailbox] = _REMOVED

    def newest(self, mailbox: int) -> int | None:
        """Return the newest change that was told of, or 0; None of a mailbox that has no place."""
        return self._numbers[mailbox] if mailbox < _PLACES else None


def server_name() -> int:
    """Return a number that no other server has."""
    return secrets.randbelow(2**31 - 1) + 1
