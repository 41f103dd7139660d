"""How far a mailbox is, for who looks at it and wants to be told; and how much waits in all of them."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Who, reads, reads_by_index
from rsvpd.mail.person import Person
from rsvpd.store import changes, outbox, subscriptions
from rsvpd.store.tx import Tx


class Backlog(Struct, frozen=True):
    """How many messages wait to leave, subscriptions there are, and changes these are not told of yet."""

    outbox: int
    subscriptions: int
    pending: int


@reads_by_index
def newest_change(tx: Tx, who: Who) -> tuple[Person, int]:
    """Return the owner of the mailbox that `who` opens, and the number of its newest change."""
    owner = open_mailbox(tx, who)
    return owner, changes.newest(tx, owner.number)


@reads
def backlog(tx: Tx) -> Backlog:
    """Return what waits, for the administrator. Of subscriptions the first thousand are counted."""
    found = subscriptions.after(tx, 0, "", most=1000)
    newest = changes.newest_of(tx, [one.mailbox for one in found])
    return Backlog(outbox.count_messages(tx), len(found), sum(newest[one.mailbox] - one.reached for one in found))
