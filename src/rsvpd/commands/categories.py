"""The list of categories of a mailbox, which is its owner's."""

from __future__ import annotations

import uuid

from msgspec import structs

from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Done, Who, reads_by_index, writes
from rsvpd.mail.category import Categories, Category, add, find, first_categories
from rsvpd.mail.person import Person
from rsvpd.store import settings
from rsvpd.store.tx import Tx


@reads_by_index
def list_categories(tx: Tx, who: Who) -> Categories:
    """Return all, in the order they came."""
    return _of(tx, open_mailbox(tx, who))


@writes
def create_category(tx: Tx, who: Who, name: str, color: int) -> Done[Category]:
    """Add one. Raises AlreadyExists for a name that another has, in whatever case, InvalidProperty, NotAllowed."""
    owner = open_mailbox(tx, who)
    id = str(uuid.UUID(bytes=tx.entropy(16), version=4))
    categories, made = add(_of(tx, owner), id, name, color)
    _keep(tx, owner, categories)
    return Done(made)


@writes
def recolor_category(tx: Tx, who: Who, id: str, color: int) -> Done[Category]:
    """Give one another colour, which is all that can be changed of it. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    categories = _of(tx, owner)
    changed = structs.replace(find(categories, id), color=color)
    _keep(tx, owner, tuple(changed if one.id == changed.id else one for one in categories))
    return Done(changed)


@writes
def delete_category(tx: Tx, who: Who, id: str) -> Done[None]:
    """Remove one; items that carry its name keep it. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    categories = _of(tx, owner)
    gone = find(categories, id)
    _keep(tx, owner, tuple(one for one in categories if one is not gone))
    return Done(None)


def _of(tx: Tx, owner: Person) -> Categories:
    kept = settings.of(tx, owner.number).categories
    return first_categories(owner.oid) if kept is None else kept


def _keep(tx: Tx, owner: Person, categories: Categories) -> None:
    before = settings.of(tx, owner.number)
    if before.categories != categories:
        settings.keep(tx, owner.number, structs.replace(before, categories=categories), before=before)
