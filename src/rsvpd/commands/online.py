"""Online meetings of events: a client wishes for one, and the mailbox has somebody who provides it or has not."""

from __future__ import annotations

from msgspec import UNSET, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.conference import ENTROPY, Provider, Wish, new_conference, with_join_block
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Event
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.content import Body
from rsvpd.mail.person import Person
from rsvpd.store import calendars
from rsvpd.store.tx import Tx


def with_online(
    tx: Tx, owner: Person, draft: EventDraft, before: Event | None = None, calendar: int | None = None
) -> tuple[EventDraft, tuple[Hint, ...]]:
    """Return a draft with the online meeting it wishes for, and with how to join in its body; else a hint."""
    wish = draft.conference
    if not isinstance(wish, Wish):
        return draft, ()
    provider = _provider(tx, owner, wish, calendar)
    if provider is None:
        return structs.replace(draft, conference=UNSET), (Hint(HintCode.ONLINE_MEETING_IGNORED),)
    made = new_conference(provider, owner.oid, tx.entropy(ENTROPY), wish.request_id)
    draft = structs.replace(draft, conference=made)
    if provider is Provider.MEET:
        return draft, ()
    body = draft.body if draft.body is not UNSET else before.body if before else None
    return structs.replace(draft, body=with_join_block(body or Body(), made)), ()


def _provider(tx: Tx, owner: Person, wish: Wish, calendar: int | None) -> Provider | None:
    """Return who provides it. Most have those of Google; of Microsoft's a mailbox has those it was given."""
    row = calendars.one(tx, owner.number, calendar or DEFAULT_CALENDAR)
    if row is not None and wish.provider is Provider.MEET:
        return wish.provider if row.properties.has_meet else None
    if row is None or not row.properties.providers:
        return None
    own, allowed = row.properties.provider, row.properties.providers
    wanted = wish.provider.value if wish.provider else own if own in allowed else allowed[0]
    return Provider(wanted) if wanted in allowed else None
