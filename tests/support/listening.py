"""Receivers of notifications that a test tells how to answer, and a notifier whose clock the test moves."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from rsvpd.commands.door import Who
from rsvpd.commands.notifications import Notification
from rsvpd.commands.subscriptions import Holder, NewSubscription, SubscriptionView, subscribe
from rsvpd.delivery.notifier import Clocks, Notifier
from rsvpd.dialects.push import Answer, Publisher, Push, Undelivered, origin_of
from rsvpd.mail.subscription import Beside, Occasion, Terms, Topic, Verdict
from rsvpd.store import subscriptions
from rsvpd.store.engine import Commit
from support.world import SECOND, World

URL = "https://receiver.example/hook"
DAY = 86_400 * SECOND

# What a receiver answers with: a status, an answer, None for no answer at all, or what to do on the way.
Reaction = int | Answer | None | Callable[[Push], Answer]


class Receivers:
    """All receivers there are, by URL: what each was sent, and how it answers next.

    Where nothing is said they agree to hear, which is not noted, and answer 202.
    """

    def __init__(self) -> None:
        self.sent: list[Push] = []
        self.reactions: dict[str, deque[Reaction]] = defaultdict(deque)

    def will(self, *reactions: Reaction, url: str = URL) -> None:
        """Let a receiver answer so, one after the other."""
        self.reactions[url].extend(reactions)

    async def __call__(self, push: Push) -> Answer:
        """See `dialects.push.Sender`."""
        url, _, query = push.url.partition("?")
        token = parse_qs(query.replace("validationtoken", "validationToken")).get("validationToken")
        if token and not self.reactions[url]:
            return Answer(200, "text/plain; charset=utf-8", token[0].encode())
        self.sent.append(push)
        reaction: Reaction = self.reactions[url].popleft() if self.reactions[url] else 202
        if callable(reaction):
            return reaction(push)
        if reaction is None:
            raise Undelivered("timeout")
        return Answer(reaction) if isinstance(reaction, int) else reaction

    def take(self) -> list[Push]:
        """Return what was sent since the last time."""
        taken, self.sent = self.sent, []
        return taken


async def _plain(told: Notification) -> Push:
    beside = told.subscription.beside
    what = beside.name if beside else [[one.occasion.name, one.item] for one in told.notices]
    terms = told.subscription.terms
    url = terms.loss_url if beside is Beside.LOSS else terms.url
    return Push(url=url, body=json.dumps(what).encode())


def _verdict(status: int | None) -> Verdict:
    if status is None or status >= 500:
        return Verdict.AGAIN
    return Verdict.ARRIVED if status < 300 else Verdict.GIVEN_UP


PLAIN = {"plain": Publisher(_plain, _verdict)}


class Listening:
    """A notifier over a world. Nothing is told until `tell` is called; `machine` is its clock."""

    def __init__(
        self, world: World, receivers: Receivers, publishers: Mapping[str, Publisher] = PLAIN
    ) -> None:
        self.world = world
        self.receivers = receivers
        self.store = world.store
        self.machine = world.now
        self.notifier = Notifier(
            self.store, publishers, receivers, Clocks(lambda: world.now, lambda: self.machine)
        )

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Let the notifier hear of commits."""

        def on_commit(commit: Commit) -> None:
            if self.notifier.concerns(commit):
                self.notifier.hear(commit)

        with self.store.on_commit(on_commit):
            yield

    def tell(self, *, after: float = 0) -> list[Any]:
        """Let time pass and everything be sent that is due; return the bodies, in their order."""
        self.machine += int(after * SECOND)
        self.world.wait(self.notifier.drain())
        return [json.loads(push.body) for push in self.receivers.take()]


def subscribe_to(
    world: World,
    name: str,
    topic: Topic = Topic.EVENTS,
    *,
    owner: str | None = None,
    url: str = URL,
    beside: Beside = Beside.NOTHING,
    id: str = "",
    lasts: int = DAY,
    **terms: Any,
) -> SubscriptionView:
    """Subscribe in the name of somebody, in the own mailbox unless another one is named."""
    who = Who(world.people[name].oid, f"{owner}@example.com" if owner else None, world.now)
    new = NewSubscription(
        holder=Holder("plain", f"/{world.people[name].oid}"),
        origin=origin_of(url),
        expires=world.now + lasts,
        authorized=world.now + lasts,
        beside=beside,
        id=id,
        terms=Terms(topic=topic, url=url, resource="", **terms),
    )
    return world.store.run(subscribe, who, new).value


CREATED, UPDATED, REMOVED = (one.name for one in Occasion)


def slot(hour: int = 10) -> dict[str, Any]:
    """Return when an event takes place."""
    return {
        "start": {"dateTime": f"2026-12-01T{hour:02}:00:00", "timeZone": "UTC"},
        "end": {"dateTime": f"2026-12-01T{hour + 1:02}:00:00", "timeZone": "UTC"},
    }


def invite(world: World, *guests: str) -> str:
    """Let alice make an event; return its id."""
    body = slot() | {"attendees": [{"emailAddress": {"address": f"{name}@example.com"}} for name in guests]}
    reply = world.request("alice", "POST", "/v1.0/me/events", body)
    assert reply.status == 201
    return str(reply.json["id"])


def rename(world: World, event: str, subject: str = "New") -> None:
    """Let alice give it another title."""
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{event}", {"subject": subject}).status == 200


def stored(world: World, view: Any) -> Any:
    """Return a subscription as it is stored now, None where it is gone."""
    return world.store.engine.run(
        lambda tx: subscriptions.one(tx, view.stored.mailbox, view.stored.id), writes=False
    )
