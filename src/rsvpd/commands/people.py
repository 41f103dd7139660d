"""Who is there."""

from __future__ import annotations

from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Who, reads, writes
from rsvpd.mail.address import checked
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store import people as rows
from rsvpd.store.tx import Tx
from rsvpd.timezones.zone import find


@reads
def whoami(tx: Tx, who: Who) -> Person:
    """Return the owner of the addressed mailbox, where `who` may open it."""
    return open_mailbox(tx, who)


@reads
def list_people(tx: Tx, who: Who) -> list[Person]:
    """Return everybody in the directory."""
    open_mailbox(tx, who)
    return rows.everyone(tx)


@reads
def people(tx: Tx) -> list[Person]:
    """Return everybody, for the keeper of the server."""
    return rows.everyone(tx)


@writes
def add_person(
    tx: Tx,
    address: str,
    *,
    name: str = "",
    zone: str = "UTC",
    kind: PersonKind = PersonKind.USER,
    now: Instant,
) -> Person:
    """Give `address` a mailbox. Raises InvalidProperty, InvalidTimeZone, AlreadyExists."""
    plain = checked(address, target="address")
    shown = name.strip() or plain.partition("@")[0]
    return rows.add(tx, address=plain, name=shown, zone=find(zone), kind=kind, now=now)
