"""The server's clock as it is steered, over both engines: what falls due happens in its order, at its own instant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rsvpd.clock import Steered, SteeredClock, to_text
from rsvpd.commands.clock import kept_clock
from rsvpd.control.clock import Advanced, ClockView, Timekeeper
from rsvpd.delivery.notifier import Clocks, Notifier
from rsvpd.dialects.push import Answer, Push
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.subscription import PATIENCE
from support.listening import PLAIN, Receivers, invite, rename, stored, subscribe_to
from support.world import SECOND, World

HOUR = 3600 * SECOND


class Steering:
    """A world under a clock that somebody steers, and its receivers of notifications."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.machine = world.now
        self.receivers = Receivers()
        self.clock = SteeredClock(lambda: self.machine, lambda: self.machine)
        clocks = Clocks(self.clock, lambda: self.machine)
        self.notifier = Notifier(world.store, PLAIN, self.receivers, clocks)
        self.keeper = Timekeeper(
            world.store, self.clock, settle=self.notifier.settle, machine=lambda: self.machine
        )

    def set(self, now: str | None = None, *, frozen: bool | None = None, back: bool = False) -> ClockView:
        """Steer, and let the world go by the clock."""
        found: ClockView = self.world.wait(self.keeper.set(now, frozen=frozen, back=back))
        self.world.now = self.clock()
        return found

    def advance(self, by: str) -> Advanced:
        """Let time pass."""
        found: Advanced = self.world.wait(self.keeper.advance(by))
        self.world.now = self.clock()
        return found


@pytest.fixture
def steering(world: World) -> Steering:
    world.pace = 0
    return Steering(world)


def told(found: Advanced) -> list[tuple[str, str]]:
    return [(one.at, one.what) for one in found.happened]


def test_it_stands_runs_and_is_kept(steering: Steering) -> None:
    store, begin = steering.world.store, steering.world.now
    assert not steering.keeper.show().steered
    assert steering.set(frozen=True).frozen
    steering.machine += HOUR
    assert steering.clock() == begin
    assert store.run(kept_clock) == Steered(frozen=begin)
    shown = steering.set("+30m", frozen=False)
    assert (shown.now, shown.ahead_seconds) == (to_text(begin + HOUR // 2), -1800)
    steering.machine += HOUR
    assert steering.clock() == begin + HOUR * 3 // 2
    another = SteeredClock(lambda: 0, lambda: steering.machine)
    another.steer(store.run(kept_clock))
    assert another() == steering.clock()
    steering.world.wait(steering.keeper.let_go(back=False))
    assert steering.clock() == steering.machine
    assert store.run(kept_clock) is None


def test_to_set_it_back_has_to_be_said(steering: Steering) -> None:
    begin = steering.set(frozen=True).now
    for now in ("-1s", "2026-01-01"):
        with pytest.raises(NotAllowed, match=f"before {begin}"):
            steering.set(now)
    assert steering.keeper.show().now == begin
    assert steering.set("2026-01-01", back=True).now == "2026-01-01T00:00:00Z"
    steering.machine += HOUR
    steering.set("+400d")
    with pytest.raises(NotAllowed):
        steering.world.wait(steering.keeper.let_go(back=False))


@pytest.mark.parametrize("now", ["", "tomorrow", "+", "+2", "+2y", "1900-01-01", "9999-01-01", "+999999999w"])
def test_what_is_no_instant_changes_nothing(steering: Steering, now: str) -> None:
    with pytest.raises(InvalidProperty):
        steering.set(now, frozen=True, back=True)
    assert not steering.keeper.show().steered


@pytest.mark.parametrize("by", ["", "0s", "-2h", "2", "1y", "P1M", "1h1d", "2h2h", "1.5h", "PT", "P1DT", "999999999w"])
def test_what_is_no_span_changes_nothing(steering: Steering, by: str) -> None:
    with pytest.raises(InvalidProperty):
        steering.advance(by)
    assert not steering.keeper.show().steered


def test_subscriptions_end_each_at_its_instant(steering: Steering) -> None:
    world = steering.world
    begin = steering.set(frozen=True).now
    views = [subscribe_to(world, name, lasts=hours * HOUR) for name, hours in (("alice", 2), ("bob", 1), ("bob", 9))]
    found = steering.advance("3h")
    assert (found.begin, found.now, found.frozen) == (begin, to_text(world.now), True)
    first, second = (to_text(views[number].stored.expires) for number in (1, 0))
    assert told(found) == [(first, "subscription-expired"), (second, "subscription-expired")]
    assert "bob@example.com" in found.happened[0].text
    assert [stored(world, view) is not None for view in views] == [False, False, True]


def test_what_was_changed_before_is_told_before_it_ends(steering: Steering) -> None:
    world = steering.world
    steering.set(frozen=True)
    subscribe_to(world, "alice", lasts=HOUR)
    invite(world, "bob")
    found = steering.advance("PT1H")
    assert [one.what for one in found.happened] == ["subscription-expired"]
    assert len(steering.receivers.take()) == 1


def test_what_does_not_arrive_is_sent_again_at_its_own_instants_until_it_is_given_up(steering: Steering) -> None:
    world = steering.world
    begin = steering.clock()
    view = subscribe_to(world, "alice", lasts=90 * 24 * HOUR)
    invite(world, "bob")
    steering.receivers.will(*[503] * 99)
    found = steering.advance("2m")
    failed = [one.at for one in found.happened if one.what == "notification-failed"]
    assert failed == [to_text(begin + seconds * SECOND) for seconds in (5, 15, 35, 75)]
    steering.advance("5h")
    assert stored(world, view).failures == 0
    tries = len(steering.receivers.take())
    assert PATIENCE // (30 * 60 * SECOND) < tries < 30
    steering.advance("4h")
    assert steering.receivers.take() == []


def test_what_is_sent_again_arrives_while_time_passes(steering: Steering) -> None:
    world = steering.world
    subscribe_to(world, "alice", lasts=90 * 24 * HOUR)
    invite(world, "bob")
    steering.receivers.will(503)
    found = steering.advance("1h")
    assert [one.what for one in found.happened] == ["notification"]
    assert found.settled


def test_a_receiver_sees_the_instant_at_which_it_is_told(steering: Steering) -> None:
    world = steering.world
    subscribe_to(world, "alice", lasts=90 * 24 * HOUR)
    invite(world, "bob")
    seen: list[int] = []

    def look(push: Push) -> Answer:
        seen.append(steering.clock())
        return Answer(202)

    steering.receivers.will(503, look)
    begin = steering.clock()
    steering.advance("1h")
    assert seen == [begin + 5 * SECOND]
    assert steering.clock() == begin + HOUR


def test_work_without_an_end_stops_the_clock_where_it_began(
    steering: Steering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rsvpd.control.clock.PATIENCE_SECONDS", 0.2)
    world = steering.world
    begin = steering.set(frozen=True).now
    subscribe_to(world, "alice", lasts=90 * 24 * HOUR)
    event = invite(world, "bob")

    async def change_again() -> None:
        while True:
            await asyncio.sleep(0)

    monkeypatch.setattr(steering.keeper, "_settle", change_again)
    found = steering.advance("1h")
    assert (found.settled, found.now) == (False, begin)
    rename(world, event)


def test_uploads_end_with_their_time(steering: Steering) -> None:
    world = steering.world
    steering.set(frozen=True)
    message = world.request("alice", "POST", "/v1.0/me/messages", {}).json["id"]
    body = {"AttachmentItem": {"attachmentType": "file", "name": "plan.pdf", "size": 4_000_000}}
    begun = world.request("alice", "POST", f"/v1.0/me/messages/{message}/attachments/createUploadSession", body)
    assert begun.status == 201
    found = steering.advance("30d")
    assert told(found) == [(found.happened[0].at, "upload-expired")]
    assert "plan.pdf" in found.happened[0].text
    assert found.begin < found.happened[0].at < found.now


def test_without_a_server_time_does_not_pass_step_by_step(world: World) -> None:
    keeper = Timekeeper(world.store, SteeredClock(lambda: world.now))
    with pytest.raises(NotAllowed, match="set the clock"):
        world.wait(keeper.advance("2h"))
    view: ClockView = world.wait(keeper.set("+2h", frozen=True, back=False))
    assert view.now == to_text(world.now + 2 * HOUR)


def test_several_processes_hear_of_it(world: World) -> None:
    clocks = [SteeredClock(lambda: world.now, lambda: world.now) for _ in range(2)]
    first, second = (Timekeeper(world.store, one, machine=lambda: world.now) for one in clocks)

    async def steer() -> None:
        async with second.listening():
            await first.set("+2h", frozen=True, back=False)
            await _until(lambda: clocks[1].steered is not None)

    world.wait(steer())
    assert clocks[1]() == world.now + 2 * HOUR


async def _until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0)
