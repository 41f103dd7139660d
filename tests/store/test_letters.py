"""A letter is stored once, and never taken for another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rsvpd.commands.door import writes
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.scheduling.effects import FileLetter
from rsvpd.store import messages
from rsvpd.store.apply import apply
from rsvpd.store.tx import Tx
from support.world import World


@writes
def file_all(tx: Tx, letters: Iterator[Letter], mailbox: int) -> None:
    apply(tx, (FileLetter(mailbox=mailbox, folder=Folder.INBOX, letter=one) for one in letters))


@writes
def subjects(tx: Tx, mailbox: int) -> list[str]:
    keys = messages.keys(tx, mailbox, (Folder.INBOX,), "1 = 1", "ORDER BY item")
    rows = (messages.by_item(tx, mailbox, key[0]) for key in keys)
    return [row.message.letter.subject for row in rows if row]


def test_letters_nobody_holds_are_not_mixed_up(tmp_path: Path) -> None:
    """Effects may be worked out one by one, and the memory of a letter that was filed be another's next."""
    world = World(tmp_path)
    alice = world.add("alice")
    wanted = [f"Letter {number}" for number in range(50)]
    fresh = (Letter(subject=subject, sender=alice.mailbox, from_=alice.mailbox) for subject in wanted)
    world.store.run(file_all, fresh, alice.number)
    assert world.store.run(subjects, alice.number) == wanted
    world.close()


def test_one_letter_for_two_mailboxes_is_stored_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    alice = world.add("alice")
    letter = Letter(subject="One", sender=alice.mailbox, from_=alice.mailbox)
    world.store.run(file_all, iter([letter, letter]), alice.number)

    @writes
    def count(tx: Tx) -> int:
        row = tx.row("SELECT count(*) FROM letter")
        return int(row[0]) if row else 0

    assert world.store.run(count) == 1
    world.close()
