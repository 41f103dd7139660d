"""Verbs about what leaves the server: waiting mail, and who is told of changes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from starlette.concurrency import run_in_threadpool

from rsvpd.commands import outbox as mail
from rsvpd.commands import people
from rsvpd.commands import subscriptions as commands
from rsvpd.control import outbox, subscriptions
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.people import find

_Number = Annotated[int, Meta(ge=0, lt=2**62, description="the number of a message")]


async def list_outbox(desk: Desk, after: _Number = 0) -> list[outbox.QueuedMessage]:
    """Return what waits to leave the server, in the order it came, a page at a time."""
    return [outbox.summary(row) for row in await desk.store(mail.list_messages, after=after)]


async def show_outgoing(desk: Desk, number: _Number) -> outbox.OutgoingMessage:
    """Return a message that waits, as it will be sent."""
    return await run_in_threadpool(outbox.outgoing_message, await desk.store(mail.waiting_message, number))


async def list_subscriptions(desk: Desk, mailbox: str = "") -> list[subscriptions.ToldSubscription]:
    """Return who is told of changes, of one mailbox or of all."""
    address = find(await desk.store(people.people), mailbox).address if mailbox else ""
    found = await desk.store(commands.all_subscriptions, mailbox=address)
    return [subscriptions.describe_subscription(view, pending) for view, pending in found]


async def remove_subscription(desk: Desk, id: str) -> subscriptions.ToldSubscription:
    """End a subscription as the service does by itself: who asked to be told of that hears `subscriptionRemoved`."""
    return subscriptions.describe_subscription(await desk.store(commands.remove_subscription, id), 0)


VERBS = (
    Verb("GET", "/outbox", list_outbox),
    Verb("GET", "/outbox/{number}", show_outgoing),
    Verb("GET", "/subscriptions", list_subscriptions),
    Verb("DELETE", "/subscriptions/{id}", remove_subscription),
)
