"""Open extensions of an event, a message or a mailbox's owner: made, replaced, removed, each by its name."""

from __future__ import annotations

from collections.abc import Callable

from rsvpd import ids
from rsvpd.calendar.permission import CalendarRole
from rsvpd.commands.access import open_event, open_mailbox
from rsvpd.commands.door import Done, Who, reads_by_index, writes
from rsvpd.commands.extended import write_of_event, write_of_message
from rsvpd.commands.mail import find_message
from rsvpd.commands.references import EventRef
from rsvpd.errors import AlreadyExists, ItemNotFound
from rsvpd.mail.extended import Bearer, CustomProperties, CustomProperty, Form, merge
from rsvpd.mail.person import Person
from rsvpd.store import changes, extended
from rsvpd.store.changes import ChangeKind
from rsvpd.store.tx import Tx

# What an extension is of: an event, a message, or whoever owns the mailbox.
Target = EventRef | ids.ItemId | None


@reads_by_index
def of_owner(tx: Tx, who: Who) -> tuple[Person, CustomProperties]:
    """Return the owner of a mailbox and what hangs on it."""
    owner = open_mailbox(tx, who)
    return owner, extended.of(tx, owner.number, Bearer.MAILBOX, 0)


@writes
def create_extension(tx: Tx, who: Who, target: Target, one: CustomProperty) -> Done[CustomProperty]:
    """Hang an extension on something. Raises AlreadyExists for one that has one of this name, TooLarge."""

    def create(held: CustomProperties) -> CustomProperty:
        if one.key in held:
            raise AlreadyExists(f"An extension with the name {one.name} already exists.")
        return one

    return Done(_change(tx, who, target, create))


@writes
def replace_extension(tx: Tx, who: Who, target: Target, one: CustomProperty) -> Done[CustomProperty]:
    """Let an extension have the members of `one` and no others. Raises ItemNotFound, TooLarge."""

    def replace(held: CustomProperties) -> CustomProperty:
        return CustomProperty(Form.EXTENSION, _find_extension(held, one.name).name, one.content)

    return Done(_change(tx, who, target, replace))


@writes
def delete_extension(tx: Tx, who: Who, target: Target, name: str) -> Done[None]:
    """Remove an extension. Raises ItemNotFound."""
    _change(tx, who, target, lambda held: CustomProperty(Form.EXTENSION, _find_extension(held, name).name, None))
    return Done(None)


def _find_extension(held: CustomProperties, name: str) -> CustomProperty:
    found = held.get((Form.EXTENSION, name.casefold()))
    if found is None:
        raise ItemNotFound
    return found


def _change(tx: Tx, who: Who, target: Target, decide: Callable[[CustomProperties], CustomProperty]) -> CustomProperty:
    """Write what is decided about the extensions of something, and return it."""
    if target is None:
        return _change_of_owner(tx, who, decide)
    if isinstance(target, EventRef):
        return _change_of_event(tx, who, target, decide)
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, target)
    one = decide(extended.of(tx, owner.number, Bearer.MESSAGE, row.item))
    write_of_message(tx, owner, row, (one,), who.now, is_changed=False)
    return one


def _change_of_event(
    tx: Tx, who: Who, ref: EventRef, decide: Callable[[CustomProperties], CustomProperty]
) -> CustomProperty:
    access, found = open_event(tx, who, ref, CalendarRole.WRITE)
    access.check(found)
    held = extended.own_of(tx, access.owner.number, Bearer.EVENT, found.row.item, found.recurrence_id)
    one = decide(held)
    write_of_event(tx, access.owner, found.row, found.recurrence_id, (one,), who.now, is_changed=False)
    return one


def _change_of_owner(tx: Tx, who: Who, decide: Callable[[CustomProperties], CustomProperty]) -> CustomProperty:
    owner, held = of_owner(tx, who)
    one = decide(held)
    merge(held, (one,))
    extended.put(tx, owner.number, Bearer.MAILBOX, 0, (one,))
    changes.record_change(tx, owner.number, changes.SETTINGS, ChangeKind.SETTINGS_CHANGED)
    return one
