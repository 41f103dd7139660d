"""Subscribing to what happens in a mailbox, for whoever made the subscription.

It begins after the newest change there is; what expired is as if it had never been.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from msgspec import Struct, structs

from rsvpd.calendar.permission import CalendarRole
from rsvpd.clock import Instant
from rsvpd.commands.access import open_calendar, open_own_calendar
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.folder_scope import check_feed
from rsvpd.errors import AlreadyExists, NotAllowed, PersonNotFound, SubscriptionNotFound
from rsvpd.mail.person import Person
from rsvpd.mail.subscription import Beside, Subscription, Terms, Topic, first_challenge
from rsvpd.store import changes, people
from rsvpd.store import subscriptions as rows
from rsvpd.store.tx import Tx

# learn.microsoft.com/graph/api/resources/change-notifications-api-overview: 1,000 for a mailbox, of all applications.
MOST = 1_000
# What a list for the administrator holds at once: all of one mailbox at least.
MOST_AT_ONCE = 2 * MOST


class Holder(Struct, frozen=True):
    """Who made a subscription: in which dialect, which application and, where it asked for somebody, that person."""

    dialect: str
    name: str


class NewSubscription(Struct, frozen=True, kw_only=True):
    """What is to be subscribed to. `id` is the name where the caller chose it, `beside` what is told first.

    `authorized` is until when the token is good that asked for it.
    """

    holder: Holder
    origin: str
    expires: Instant
    terms: Terms
    id: str = ""
    beside: Beside = Beside.NOTHING
    authorized: Instant = 0


class SubscriptionView(Struct, frozen=True):
    """A subscription and whose mailbox it is to."""

    owner: Person
    stored: Subscription


def new_id(mailbox: int, random: bytes) -> str:
    """Return a UUID (version 8, RFC 9562 5.8) that says which mailbox it belongs to, with 14 octets of chance."""
    raw = bytearray(mailbox.to_bytes(4, "big") + random[:12])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def mailbox_of(id: str) -> int:
    """Return the mailbox that a name made by `new_id` belongs to. Raises SubscriptionNotFound for another text."""
    parts = id.lower().split("-")
    try:
        if [len(part) for part in parts] != [8, 4, 4, 4, 12]:
            raise ValueError
        return int(bytes.fromhex("".join(parts))[:4].hex(), 16)
    except ValueError:
        raise SubscriptionNotFound("The object was not found.") from None


def name_of(application: str, chosen: str) -> str:
    """Return the name of a subscription that its application chose, which is unique among those of the application."""
    return hashlib.blake2b(f"{application}\0{chosen}".encode("utf-8", "replace"), digest_size=16).hexdigest()


@reads
def may_subscribe(tx: Tx, who: Who, topic: Topic, now: Instant, *, folder: int | None = None) -> Person:
    """Return the owner of the mailbox, if `who` may subscribe there. Raises what `subscribe` raises."""
    owner, _ = _open(tx, who, topic, now)
    check_feed(tx, owner, folder)
    return owner


def open_topic(tx: Tx, who: Who, topic: Topic) -> tuple[Person, int]:
    """Return the owner of the mailbox and the number of a calendar, where `who` may hear of this.

    Raises what opening a mailbox raises.
    """
    if topic is Topic.EVENTS:
        access = open_calendar(tx, who, least=CalendarRole.READ)
        return access.owner, access.calendar
    return open_own_calendar(tx, who)


@writes
def subscribe(tx: Tx, who: Who, new: NewSubscription) -> Done[SubscriptionView]:
    """Subscribe to a mailbox: the own one, as an application any; to events also where they are shared to be read.

    Raises NotAllowed beyond `MOST`, AlreadyExists for a name that is taken, FolderNotFound.
    """
    owner, calendar = _open(tx, who, new.terms.topic, who.now)
    check_feed(tx, owner, new.terms.folder)
    actor = None if who.is_application else people.by_oid(tx, who.actor)
    newest = changes.newest(tx, owner.number)
    if new.id and rows.is_taken(tx, new.id):
        raise AlreadyExists("The name of the subscription is taken.", target=new.id)
    stored = Subscription(
        mailbox=owner.number,
        id=new.id or new_id(owner.number, tx.entropy(12)),
        dialect=new.holder.dialect,
        holder=new.holder.name,
        origin=new.origin,
        expires=new.expires,
        reached=newest,
        sending=newest,
        beside=new.beside,
        challenge=first_challenge(who.now, new.authorized, new.expires) if new.terms.tells_lifecycle else 0,
        terms=structs.replace(new.terms, creator=actor.number if actor else 0, calendar=calendar),
    )
    if not rows.add(tx, stored):
        raise AlreadyExists("The name of the subscription is taken.", target=new.id)
    return Done(SubscriptionView(owner, stored))


@reads
def get_subscription(tx: Tx, holder: Holder, mailbox: int, id: str, now: Instant) -> SubscriptionView:
    """Return a subscription that `holder` made. Raises SubscriptionNotFound."""
    return _view(tx, _own(tx, holder, mailbox, id, now))


@reads
def list_subscriptions(tx: Tx, holder: Holder, now: Instant) -> list[SubscriptionView]:
    """Return what `holder` subscribed to."""
    return [_view(tx, one) for one in rows.of_holder(tx, holder.name, holder.dialect) if not one.is_over(now)]


@writes
def change_subscription(
    tx: Tx, holder: Holder, mailbox: int, id: str, now: Instant, change: Callable[[Subscription], Subscription]
) -> Done[SubscriptionView]:
    """Let `change` decide on another expiry and other terms. Raises SubscriptionNotFound, and what `change` raises."""
    changed = change(_own(tx, holder, mailbox, id, now))
    rows.renew(tx, changed)
    return Done(_view(tx, changed))


@writes
def unsubscribe(tx: Tx, holder: Holder, mailbox: int, id: str, now: Instant) -> Done[None]:
    """End a subscription; what is under way may still arrive. Raises SubscriptionNotFound."""
    _own(tx, holder, mailbox, id, now)
    rows.drop(tx, mailbox, id)
    return Done(None)


@writes
def remove_subscription(tx: Tx, name: str) -> SubscriptionView:
    """End a subscription as the service does by itself; `name` is its id, or the one that was chosen for it.

    Raises SubscriptionNotFound, also where several have this name.
    """
    found = [one for one in rows.after(tx, 0, "", most=MOST_AT_ONCE) if name in (one.id, one.terms.label)]
    if len(found) != 1 or found[0].beside is Beside.REMOVAL:
        raise SubscriptionNotFound(f"{len(found) or 'No'} subscriptions are called {name:.80}: `rsvpd subscriptions`.")
    view = _view(tx, found[0])
    end(tx, found[0])
    return view


def end_of_person(tx: Tx, person: Person) -> None:
    """End what was subscribed to in somebody's name who has to sign in again."""
    for one in rows.after(tx, person.number, "", most=MOST):
        if one.mailbox == one.terms.creator == person.number and one.terms.has_lifecycle:
            end(tx, one)


def end(tx: Tx, one: Subscription) -> None:
    """Let a subscription be over that its holder did not end."""
    if one.terms.tells_lifecycle:
        rows.remove(tx, one)
    else:
        rows.drop(tx, one.mailbox, one.id)


@reads
def all_subscriptions(tx: Tx, *, mailbox: str = "") -> list[tuple[SubscriptionView, int]]:
    """Return subscriptions in the order of mailboxes, each with how many changes it is behind.

    Those to the mailbox with this address, or the first `MOST_AT_ONCE` of all; for the administrator. Raises
    PersonNotFound.
    """
    person = people.by_address(tx, mailbox) if mailbox else None
    if mailbox and person is None:
        raise PersonNotFound(f"Nobody here has the address {mailbox}.")
    newest: dict[int, int] = {}
    found = []
    for one in rows.after(tx, person.number if person else 0, "", most=MOST_AT_ONCE):
        if person is not None and one.mailbox != person.number:
            break
        if one.mailbox not in newest:
            newest[one.mailbox] = changes.newest(tx, one.mailbox)
        found.append((_view(tx, one), newest[one.mailbox] - one.reached))
    return found


def _open(tx: Tx, who: Who, topic: Topic, now: Instant) -> tuple[Person, int]:
    owner, calendar = open_topic(tx, who, topic)
    if rows.count(tx, owner.number, now) >= MOST:
        raise NotAllowed(f"There are {MOST} subscriptions to this mailbox already.")
    return owner, calendar


def _own(tx: Tx, holder: Holder, mailbox: int, id: str, now: Instant) -> Subscription:
    found = rows.one(tx, mailbox, id)
    if found is None or Holder(found.dialect, found.holder) != holder or found.is_over(now):
        raise SubscriptionNotFound("The object was not found.")
    return found


def _view(tx: Tx, one: Subscription) -> SubscriptionView:
    owner = people.by_number(tx, one.mailbox)
    if owner is None:  # removed, and what it had is not yet
        raise SubscriptionNotFound("The object was not found.")
    return SubscriptionView(owner, one)
