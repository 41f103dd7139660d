"""Where meeting messages go for somebody with delegates.

Rule 1: the delegates get them, and the owner too where the mailbox is set so.
Rule 2: nobody gets what they sent themselves; where no delegate is left, the owner gets it.
Rule 3: whatever the messages do, the answers are tracked in the owner's calendar.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.permission import Delivery
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.effects import FileLetter
from rsvpd.store import permissions
from rsvpd.store.tx import Tx


def inboxes(tx: Tx, person: Person, filed: FileLetter, *, sender: int) -> Iterator[FileLetter]:
    """Yield what becomes of a meeting message for `person`, which the owner of the mailbox `sender` sent."""
    found = () if person.kind is PersonKind.ROOM else permissions.delegates(tx, person.number)
    others = [one for one in found if one.number != sender]
    if not others:
        yield filed
        return
    alone = permissions.delivery(tx, person.number) is Delivery.DELEGATE_ONLY
    if not alone:
        yield filed
    for one in others:
        passed = structs.replace(filed, mailbox=one.number, principal=person.number)
        if alone:
            letter = structs.replace(filed.letter, to=(one.mailbox,), cc=())
            passed = structs.replace(passed, letter=letter, stored=None)
        yield passed
