"""What programs hang on items: read beside them where it is asked for, written with them.

It is the mailbox's own. Nothing of it goes along with an invitation or a mail, and in a calendar that is shared it is
seen by whoever sees the whole event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import structs

from rsvpd.calendar import permission
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess, open_calendar, open_calendars, open_mailbox
from rsvpd.commands.arrival import apply
from rsvpd.commands.door import Who, reads
from rsvpd.mail.extended import Bearer, CustomProperties, CustomProperty, merge
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView, MessageView
from rsvpd.query.algebra import Node, custom_data_names
from rsvpd.scheduling.component import with_private
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import events, extended, messages
from rsvpd.store.tx import Tx

V = TypeVar("V", EventView, MessageView)


def loader(tx: Tx, owner: Person, bearer: Bearer, where: Node | None) -> Callable[[V], V]:
    """Return what adds to a view the values that a filter asks about; nothing is read where it asks about none."""
    if not custom_data_names(where):
        return lambda view: view

    def load(view: V) -> V:
        date = view.recurrence_id if isinstance(view, EventView) else None
        held = extended.of(tx, owner.number, bearer, view.item, date)
        return structs.replace(view, extended=extended.values_of(held))

    return load


def event_loader(tx: Tx, access: CalendarAccess, where: Node | None) -> Callable[[EventView], EventView]:
    """Return the loader of events; who does not see all could find out by asking what is kept from him."""
    return loader(tx, access.owner, Bearer.EVENT, where) if access.sees_all else lambda view: view


@reads
def of_events(tx: Tx, who: Who, views: Sequence[EventView]) -> list[CustomProperties]:
    """Return what hangs on each of these events of one calendar."""
    access = open_calendar(tx, who)
    found = extended.of_places(
        tx, access.owner.number, Bearer.EVENT, [(view.item, view.recurrence_id) for view in views]
    )
    return [found[view.item, view.recurrence_id] if _sees(access, view) else {} for view in views]


@reads
def of_messages(tx: Tx, who: Who, views: Sequence[MessageView]) -> list[CustomProperties]:
    """Return what hangs on each of these messages of one mailbox."""
    owner = open_mailbox(tx, who)
    found = extended.of_places(tx, owner.number, Bearer.MESSAGE, [(view.item, None) for view in views])
    return [found[view.item, None] for view in views]


@reads
def of_folders(tx: Tx, who: Who, views: Sequence[FolderView]) -> list[CustomProperties]:
    """Return what hangs on each of these folders of one mailbox."""
    owner = open_mailbox(tx, who)
    found = extended.of_places(tx, owner.number, Bearer.FOLDER, [(view.folder.number, None) for view in views])
    return [found[view.folder.number, None] for view in views]


@reads
def of_calendars(tx: Tx, who: Who, views: Sequence[CalendarView]) -> list[CustomProperties]:
    """Return what hangs on each of these calendars; nothing for who sees free and busy times of it only."""
    open_calendars(tx, who)
    found: dict[tuple[int, int], CustomProperties] = {}
    for mailbox in {view.owner.number for view in views}:
        places = [(one.number, None) for one in views if one.owner.number == mailbox and one.role >= CalendarRole.READ]
        held = extended.of_places(tx, mailbox, Bearer.CALENDAR, places)
        found |= {(mailbox, number): one for (number, _), one in held.items()}
    return [found.get((view.owner.number, view.number), {}) for view in views]


@reads
def calendars_with_values(tx: Tx, who: Who, views: Sequence[CalendarView]) -> list[CalendarView]:
    """Return these calendars with the values that a filter asks about."""
    held = of_calendars(tx, who, views)
    return [structs.replace(view, extended=extended.values_of(one)) for view, one in zip(views, held, strict=True)]


def write_of_calendar(tx: Tx, mailbox: int, number: int, changes: tuple[CustomProperty, ...]) -> bool:
    """Write what is to hang on a calendar; return whether that is another than before."""
    held = extended.of(tx, mailbox, Bearer.CALENDAR, number)
    if not changes or merge(held, changes) == held:
        return False
    extended.put(tx, mailbox, Bearer.CALENDAR, number, changes)
    return True


def write_of_event(
    tx: Tx,
    owner: Person,
    row: events.CopyRow,
    recurrence_id: str | None,
    changes: tuple[CustomProperty, ...],
    now: Instant,
    *,
    is_changed: bool,
) -> events.CopyRow:
    """Write what is to hang on an event and return its row; a change of nothing else is a change of the event.

    A date of a series on which something hangs of its own is not as the others any more.
    """
    held = extended.own_of(tx, owner.number, Bearer.EVENT, row.item, recurrence_id)
    if not changes or merge(held, changes) == held:
        return row
    extended.put(tx, owner.number, Bearer.EVENT, row.item, changes, recurrence_id)
    if recurrence_id is not None and recurrence_id not in row.meeting.exceptions:
        kept = with_private(row.copy, recurrence_id, row.copy.private(recurrence_id))
        apart = structs.replace(kept, modified=now)
        apply(tx, (PutCopy(mailbox=owner.number, copy=apart, item=row.item, state=row.state),))
    elif not is_changed:
        events.touch(tx, owner.number, row.item, now)
    touched = events.copy_by_item(tx, owner.number, row.item)
    assert touched is not None
    return touched


def write_of_message(
    tx: Tx,
    owner: Person,
    row: messages.MessageRow,
    changes: tuple[CustomProperty, ...],
    now: Instant,
    *,
    is_changed: bool,
) -> None:
    """Write what is to hang on a message; a change of nothing else is a change of the message."""
    held = extended.own_of(tx, owner.number, Bearer.MESSAGE, row.item, None)
    if not changes or merge(held, changes) == held:
        return
    extended.put(tx, owner.number, Bearer.MESSAGE, row.item, changes)
    if not is_changed:
        changed = structs.replace(row.message, modified=now)
        messages.update(tx, owner.number, row.item, changed, before=row.message)


def _sees(access: CalendarAccess, view: EventView) -> bool:
    if access.sees_all:
        return True
    return access.role >= CalendarRole.READ and not permission.is_hidden(view.meeting, view.event, access.role)
