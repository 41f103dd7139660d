"""Who asks: a person, unless it is said that an application does."""

from __future__ import annotations

import pytest

from rsvpd.commands.door import Who
from rsvpd.commands.people import whoami
from rsvpd.errors import DomainError
from support.world import World


def test_nobody_asks_as_an_application_unless_it_is_said(world: World) -> None:
    alice, bob = (world.people[name] for name in ("alice", "bob"))
    with pytest.raises(DomainError):
        world.store.run(whoami, Who(bob.oid, alice.oid, world.now))
    who = Who(bob.oid, alice.oid, world.now, is_application=True)
    assert world.store.run(whoami, who).address == alice.address
