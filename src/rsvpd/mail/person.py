"""People and rooms: whoever has a mailbox here."""

from __future__ import annotations

import enum

from msgspec import Struct

from rsvpd.mail.address import Mailbox, fold


class PersonKind(enum.IntEnum):
    """What stands behind a mailbox; the number is stored."""

    USER = 0
    ROOM = 1


class Person(Struct, frozen=True, kw_only=True):
    """A mailbox owner. `number` is the mailbox, `oid` the directory's GUID, `zone` an IANA name."""

    number: int
    oid: str
    address: str
    name: str
    zone: str
    kind: PersonKind = PersonKind.USER

    @property
    def mailbox(self) -> Mailbox:
        """Return the address with the name beside it."""
        return Mailbox(self.address, self.name)

    def answers_to(self, address: str) -> bool:
        """Return whether `address` reaches this person."""
        return fold(address) == fold(self.address)
