"""Who asks: a person, unless it is said that an application does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rsvpd.commands.door import Who, reads, reads_by_index, writes
from rsvpd.commands.people import whoami
from rsvpd.errors import DomainError
from support.world import World


def test_nobody_asks_as_an_application_unless_it_is_said(world: World) -> None:
    alice, bob = (world.people[name] for name in ("alice", "bob"))
    with pytest.raises(DomainError):
        world.store.run(whoami, Who(bob.oid, alice.oid, world.now))
    who = Who(bob.oid, alice.oid, world.now, is_application=True)
    assert world.store.run(whoami, who).address == alice.address


@pytest.mark.parametrize(
    ("mark", "marks"),
    [
        (reads, {"writes": False}),
        (reads_by_index, {"writes": False, "begins_in_loop": True}),
        (writes, {"writes": True}),
    ],
)
def test_a_command_says_whether_it_changes_anything(mark: Callable[[Any], Any], marks: dict[str, bool]) -> None:
    def command() -> None:
        """Do nothing."""

    assert mark(command) is command
    assert command.__dict__ == marks
