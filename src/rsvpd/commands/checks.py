"""What keeps the data in order: what must hold is looked at, and old changes are forgotten."""

from __future__ import annotations

from rsvpd.commands.door import reads, writes
from rsvpd.store import changes, checks
from rsvpd.store.tx import Tx


@reads
def mailboxes(tx: Tx) -> list[int]:
    """Return every mailbox to which anything ever happened."""
    return checks.mailboxes(tx)


@reads
def faults_of(tx: Tx, mailbox: int) -> list[str]:
    """Return what does not hold in a mailbox, in words."""
    return checks.faults_of(tx, mailbox)


@reads
def faults_of_contents(tx: Tx) -> list[str]:
    """Return what does not hold of what is attached, in words."""
    return checks.faults_of_contents(tx)


@writes
def trim_changes(tx: Tx) -> bool:
    """Forget a slice of changes so old that whoever asks since then begins anew; return whether there was one."""
    return changes.trim(tx)
