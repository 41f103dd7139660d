"""Who may subscribe, how often, what it costs whoever changes something, and what the administrator sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from msgspec import structs

from rsvpd.clock import to_datetime
from rsvpd.commands.subscriptions import MOST, all_subscriptions
from rsvpd.control.subscriptions import describe_subscription
from rsvpd.errors import AlreadyExists, NotAllowed, PersonNotFound
from rsvpd.mail.subscription import Subscription
from rsvpd.store import subscriptions
from rsvpd.store.tx import Tx
from support.listening import DAY, Listening, invite, subscribe_to
from support.world import World


def test_a_mailbox_has_so_many(world: World) -> None:
    view = subscribe_to(world, "alice")
    world.store.engine.run(lambda tx: _fill(tx, view.stored, MOST - 1), writes=True)
    with pytest.raises(NotAllowed):
        subscribe_to(world, "alice")
    world.now += DAY
    subscribe_to(world, "alice")


def test_a_name_is_taken_once(world: World) -> None:
    subscribe_to(world, "alice", id="name")
    for name in ("alice", "bob"):
        with pytest.raises(AlreadyExists):
            subscribe_to(world, name, id="name")


def test_what_an_answer_changes_costs_no_statement(world: World) -> None:
    invite(world, "bob")
    (copy,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    subscribe_to(world, "alice")
    statements: list[str] = []
    place = f"/v1.0/me/events/{copy['id']}"
    with _noted(statements):
        assert world.request("bob", "POST", f"{place}/accept", {}).status == 202
    assert statements
    assert not [one for one in statements if "subscription" in one]


def test_the_administrator_sees_how_far_each_is(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    with_content = subscribe_to(world, "bob", has_content=True)
    listening.receivers.will(None)
    invite(world)
    listening.tell()
    (view, behind), _ = world.store.run(all_subscriptions)
    assert behind == 1
    assert (view.stored.failures, view.stored.answered) == (1, "timeout")
    assert to_datetime(view.stored.tried).year == 2026
    shown = describe_subscription(view, behind)
    assert (shown.mailbox, shown.interface, shown.topic) == ("alice@example.com", "plain", "events")
    assert not shown.has_content
    assert describe_subscription(with_content, 0).has_content
    assert shown.receiver == "https://receiver.example:443"
    assert shown.next_try is not None
    assert world.store.run(all_subscriptions, mailbox="bob@example.com") == [(with_content, 0)]
    assert len(world.store.run(all_subscriptions, mailbox="alice@example.com")) == 1
    with pytest.raises(PersonNotFound):
        world.store.run(all_subscriptions, mailbox="nobody@example.com")


def _fill(tx: Tx, one: Subscription, count: int) -> None:
    for number in range(count):
        subscriptions.add(tx, structs.replace(one, id=f"{number:04}"))


@contextmanager
def _noted(statements: list[str]) -> Iterator[None]:
    """Note every statement of every transaction."""
    made = Tx.__init__

    def note(self: Any, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        for name in ("_execute", "_execute_many", "_write", "_count", "_insert"):
            setattr(self, name, _noting(getattr(self, name), statements))

    with patch.object(Tx, "__init__", note):
        yield


def _noting(plain: Any, statements: list[str]) -> Any:
    def noting(sql: str, *args: Any) -> Any:
        statements.append(sql)
        return plain(sql, *args)

    return noting
