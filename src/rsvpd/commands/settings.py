"""The settings of a mailbox, which its owner reads and changes."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.permission import Delivery
from rsvpd.calendar.working_hours import Period, of_periods
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.errors import InvalidSettingsZone, InvalidTimeZone
from rsvpd.mail.person import Person
from rsvpd.mail.settings import SettingsDraft, SettingsView, change
from rsvpd.store import people, permissions, settings
from rsvpd.store.tx import Tx
from rsvpd.timezones import zone


@reads
def get_settings(tx: Tx, who: Who) -> SettingsView:
    """Return the settings of the mailbox."""
    return view_of(tx, open_mailbox(tx, who))


@writes
def update_settings(
    tx: Tx, who: Who, draft: SettingsDraft, *, delivery: Delivery | UnsetType = UNSET
) -> Done[SettingsView]:
    """Change settings, and where meeting messages go for somebody with delegates.

    Raises what `change` in mail/settings.py raises; InvalidSettingsZone for a zone that nobody knows.
    """
    owner = people.as_stored(tx, open_mailbox(tx, who))
    before = settings.of(tx, owner.number)
    try:
        after = change(before, draft, who.now)
    except InvalidTimeZone as wrong:
        raise InvalidSettingsZone(wrong.message, target="timeZone") from None
    if draft.zone_name is not UNSET:
        owner = move_to_zone(tx, owner, draft.zone_name)
    if after != before:
        settings.keep(tx, owner.number, after, before=before)
    if delivery is not UNSET and delivery is not permissions.delivery(tx, owner.number):
        permissions.deliver(tx, owner.number, delivery)
    return Done(view_of(tx, owner))


def view_of(tx: Tx, owner: Person) -> SettingsView:
    """Return somebody as stored, with the settings of the mailbox."""
    own = people.as_stored(tx, owner)
    return SettingsView(
        **structs.asdict(own),
        settings=settings.of(tx, own.number),
        delivery=permissions.delivery(tx, own.number),
    )


def move_to_zone(tx: Tx, owner: Person, name: str) -> Person:
    """Let a mailbox be in another zone, and return its owner then. Raises InvalidTimeZone."""
    own_zone = zone.find(name)
    if own_zone == owner.zone:
        return owner
    moved = structs.replace(owner, zone=own_zone)
    people.change(tx, moved)
    return moved


def choose_hours(tx: Tx, owner: Person, periods: tuple[Period, ...]) -> None:
    """Let somebody work at these hours, day by day; none at all are possible too."""
    before = settings.of(tx, owner.number)
    after = structs.replace(before, hours=of_periods(periods, before.hours))
    if after != before:
        settings.keep(tx, owner.number, after, before=before)
