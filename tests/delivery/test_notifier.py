"""What subscribers are told: everything, in order, again until it arrives, and nothing that they did not ask for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from rsvpd.commands.notifications import SLICE, SLICE_WITH_CONTENT
from rsvpd.commands.people import remove_person
from rsvpd.commands.subscriptions import MOST, all_subscriptions
from rsvpd.delivery.notifier import LEASE_SECONDS, LOOK_SECONDS, MOST_FOR_ONE
from rsvpd.dialects.push import Answer, Push, Undelivered
from rsvpd.errors import Overloaded
from rsvpd.mail.folder import Folder
from rsvpd.mail.subscription import PATIENCE, Beside, Occasion, Subscription, Topic
from rsvpd.store import changes, subscriptions
from rsvpd.store.tx import Tx
from support.listening import (
    CREATED,
    DAY,
    PLAIN,
    REMOVED,
    UPDATED,
    URL,
    Listening,
    Receivers,
    invite,
    rename,
    stored,
    subscribe_to,
)
from support.world import SECOND, World

HOUR = 3600


def occasions(told: list[Any]) -> list[list[str]]:
    return [[occasion for occasion, _ in body] for body in told]


def test_each_change_is_told_once_in_order(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    event = invite(world, "bob")
    assert occasions(listening.tell()) == [[CREATED]]
    rename(world, event)
    assert occasions(listening.tell()) == [[UPDATED]]
    assert world.request("alice", "DELETE", f"/v1.0/me/events/{event}").status == 204
    assert occasions(listening.tell()) == [[REMOVED]]
    assert listening.tell(after=HOUR) == []


def test_what_was_before_is_not_told(world: World, listening: Listening) -> None:
    invite(world)
    subscribe_to(world, "alice")
    assert listening.tell() == []


def test_what_changes_while_a_message_is_settled_is_told_at_once(world: World, listening: Listening) -> None:
    """The row is free only then: whoever looks before finds nothing to claim, and must look again."""
    subscribe_to(world, "alice", url=f"{URL}/one")
    event = invite(world)
    notifier = listening.notifier
    settle = notifier._settle

    async def later() -> None:
        found, notifier._settled = notifier._settled, []
        await notifier._claim(world.people["alice"].number)  # somebody else woke it
        notifier._settled = found
        await settle()

    notifier._settle = later
    rename(world, event)
    listening.tell()
    rename(world, event, "Newer")
    listening.tell()
    view = stored(world, world.store.run(all_subscriptions)[0][0])
    assert view.reached == world.store.engine.run(
        lambda tx: changes.newest(tx, view.mailbox), writes=False
    )


def test_several_changes_travel_together(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    first, second = invite(world), invite(world)
    rename(world, first)
    ((one, other),) = listening.tell()
    assert (one[0], other[0]) == (CREATED, CREATED)
    assert one[1] != other[1]
    rename(world, second)
    rename(world, second, "Newer")
    assert occasions(listening.tell()) == [[UPDATED]]


@pytest.mark.parametrize(("has_content", "most"), [(False, SLICE), (True, SLICE_WITH_CONTENT)])
def test_a_message_has_so_many_changes(world: World, listening: Listening, has_content: bool, most: int) -> None:
    subscribe_to(world, "alice", has_content=has_content)
    for _ in range(2 * SLICE_WITH_CONTENT + 1):
        invite(world)
    sizes = [len(body) for body in listening.tell()]
    assert sum(sizes) == 2 * SLICE_WITH_CONTENT + 1
    assert max(sizes) == min(most, sum(sizes))


def test_only_what_was_asked_for(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice", occasions=(Occasion.REMOVED,))
    event = invite(world)
    rename(world, event)
    assert listening.tell() == []
    world.request("alice", "DELETE", f"/v1.0/me/events/{event}")
    assert occasions(listening.tell()) == [[REMOVED]]


def test_a_declined_copy_has_left(world: World, listening: Listening) -> None:
    subscribe_to(world, "bob", url=f"{URL}/outlook")
    subscribe_to(world, "bob", url=f"{URL}/google", shows_declined=True)
    invite(world, "bob")
    assert occasions(listening.tell()) == [[CREATED], [CREATED]]
    (event,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    world.request("bob", "POST", f"/v1.0/me/events/{event['id']}/decline", {})
    world.wait(listening.notifier.drain())
    told = {push.url: push.body for push in listening.receivers.take()}
    assert REMOVED.encode() in told[f"{URL}/outlook"]
    assert UPDATED.encode() in told[f"{URL}/google"]


def test_a_folder_sees_what_comes_and_goes(world: World, listening: Listening) -> None:
    subscribe_to(world, "bob", Topic.MESSAGES, folder=int(Folder.INBOX))
    invite(world, "bob")
    assert occasions(listening.tell()) == [[CREATED]]
    (message,) = world.request("bob", "GET", "/v1.0/me/messages").json["value"]
    place = f"/v1.0/me/messages/{message['id']}"
    assert world.request("bob", "PATCH", place, {"isRead": True}).status == 200
    assert occasions(listening.tell()) == [[UPDATED]]
    moved = world.request("bob", "POST", f"{place}/move", {"destinationId": "archive"}).json
    assert occasions(listening.tell()) == [[REMOVED]]
    world.request("bob", "PATCH", f"/v1.0/me/messages/{moved['id']}", {"isRead": False})
    assert listening.tell() == []
    world.request("bob", "POST", f"/v1.0/me/messages/{moved['id']}/move", {"destinationId": "inbox"})
    assert occasions(listening.tell()) == [[CREATED]]


def test_a_moved_message_has_another_id(world: World, listening: Listening) -> None:
    subscribe_to(world, "bob", Topic.MESSAGES, url=f"{URL}/all")
    invite(world, "bob")
    listening.tell()
    subscribe_to(world, "bob", Topic.MESSAGES, url=f"{URL}/lasting", has_lasting_ids=True)
    (message,) = world.request("bob", "GET", "/v1.0/me/messages").json["value"]
    world.request("bob", "POST", f"/v1.0/me/messages/{message['id']}/move", {"destinationId": "archive"})
    world.wait(listening.notifier.drain())
    told = {push.url: push.body.count(b"[", 1) for push in listening.receivers.take()}
    assert told == {f"{URL}/all": 2, f"{URL}/lasting": 1}


def test_what_did_not_arrive_is_told_again_and_what_comes_next_waits(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice")
    listening.receivers.will(500, None, 202)
    event = invite(world)
    assert occasions(listening.tell()) == [[CREATED]]
    rename(world, event)
    assert listening.tell(after=4) == []
    assert occasions(listening.tell(after=1)) == [[CREATED]]
    assert stored(world, view).answered == "timeout"
    assert listening.tell(after=9) == []
    assert occasions(listening.tell(after=1)) == [[CREATED], [UPDATED]]
    assert (stored(world, view).failures, stored(world, view).sent) == (0, 2)


def test_what_came_and_went_while_it_was_told_is_told_as_both(world: World, listening: Listening) -> None:
    """The receiver may have got the first message although its answer was lost."""
    subscribe_to(world, "alice")
    listening.receivers.will(None)
    event = invite(world)
    assert occasions(listening.tell()) == [[CREATED]]
    world.request("alice", "DELETE", f"/v1.0/me/events/{event}")
    assert occasions(listening.tell(after=5)) == [[CREATED], [REMOVED]]


def test_after_four_hours_it_is_given_up_and_told_where_losses_are(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice", loss_url=f"{URL}/lost")
    listening.receivers.will(*[503] * 50)
    event = invite(world)
    told: list[Any] = []
    minutes = 0
    while "LOSS" not in told:
        told += listening.tell(after=60)
        minutes += 1
    # After 5, 10, 20… seconds, in the end every half hour.
    assert minutes * 60 * SECOND > PATIENCE
    assert minutes < 5 * 60
    assert len(told) == 17 + 1
    listening.receivers.reactions.clear()
    rename(world, event)
    assert occasions(listening.tell()) == [[UPDATED]]
    assert stored(world, view).failures == 0


def test_who_says_no_is_not_asked_again(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    listening.receivers.will(404)
    event = invite(world)
    assert occasions(listening.tell()) == [[CREATED]]
    assert listening.tell(after=HOUR) == []
    rename(world, event)
    assert occasions(listening.tell()) == [[UPDATED]]


def test_a_lost_signal_costs_time_only(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    listening.tell()
    listening.notifier.hear = lambda commit: None
    invite(world)
    assert listening.tell() == []
    assert occasions(listening.tell(after=LOOK_SECONDS)) == [[CREATED]]


def test_who_begins_is_told_that_first(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice", beside=Beside.BEGINNING)
    invite(world)
    first, second = listening.tell()
    assert first == "BEGINNING"
    assert occasions([second]) == [[CREATED]]


def test_an_expired_subscription_is_over(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice", lasts=60 * SECOND)
    listening.tell()
    world.now += 61 * SECOND
    invite(world)
    assert listening.tell() == []
    assert listening.tell(after=LOOK_SECONDS) == []
    assert stored(world, view) is None


def test_what_is_not_kept_any_more_is_a_loss(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice", loss_url=f"{URL}/lost")
    for _ in range(3):
        invite(world)
    world.store.engine.run(lambda tx: changes.trim(tx, kept=1), writes=True)
    assert listening.tell() == ["LOSS"]
    assert listening.tell(after=HOUR) == []
    event = invite(world)
    rename(world, event)
    assert occasions(listening.tell()) == [[CREATED]]
    assert stored(world, view).sent == 2


@pytest.mark.parametrize("ends", ["taken back", "person removed"])
def test_a_calendar_is_heard_of_as_long_as_it_is_shared(world: World, listening: Listening, ends: str) -> None:
    rule = {"emailAddress": {"address": "bob@example.com"}, "role": "read"}
    made = world.request("alice", "POST", "/v1.0/me/calendar/calendarPermissions", rule).json["id"]
    view = subscribe_to(world, "bob", owner="alice")
    event = invite(world)
    assert occasions(listening.tell()) == [[CREATED]]
    if ends == "taken back":
        assert world.request("alice", "DELETE", f"/v1.0/me/calendar/calendarPermissions/{made}").status == 204
    else:
        world.store.run(remove_person, "bob@example.com")
    rename(world, event)
    assert listening.tell() == []
    assert stored(world, view) is None


def test_who_is_removed_takes_the_subscriptions_along(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "bob")
    world.store.run(remove_person, "bob@example.com")
    assert stored(world, view) is None
    assert listening.tell(after=LOOK_SECONDS) == []


def test_a_thousand_hear_of_one_change(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice")
    world.store.engine.run(lambda tx: _fill(tx, view.stored, MOST - 1), writes=True)
    invite(world)
    assert occasions(listening.tell()) == [[CREATED]] * MOST
    assert listening.tell(after=HOUR) == []


def test_a_slow_receiver_holds_up_no_other(world: World, listening: Listening) -> None:
    slow = subscribe_to(world, "alice", url="https://slow.example/")
    world.store.engine.run(lambda tx: _fill(tx, slow.stored, 200), writes=True)
    waiting: list[Push] = []
    most = 0

    async def send(push: Push) -> Answer:
        nonlocal most
        if "slow" not in push.url:
            return Answer(202)
        waiting.append(push)
        most = max(most, len(waiting))
        for _ in range(200):  # slower than everything else is
            await asyncio.sleep(0)
        waiting.remove(push)
        raise Undelivered("timeout")

    listening.notifier._send = send
    event = invite(world)
    quick = subscribe_to(world, "alice")
    rename(world, event)
    world.wait(listening.notifier.drain())
    assert MOST_FOR_ONE <= most <= MOST_FOR_ONE + 64
    assert stored(world, quick).sent == 1


def test_a_process_that_dies_leaves_it_to_the_next(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice")
    under_way = asyncio.Event()

    async def send(push: Push) -> Answer:
        under_way.set()
        return await asyncio.Future()  # the process is gone before an answer comes

    async def die() -> None:
        await listening.notifier.turn()
        await under_way.wait()

    listening.notifier._send = send
    invite(world)
    world.wait(die())
    assert stored(world, view).lease
    another = Listening(world, listening.receivers)
    another.machine = listening.machine
    assert another.tell(after=LEASE_SECONDS - 1) == []
    assert occasions(another.tell(after=1)) == [[CREATED]]


def test_what_cannot_be_read_at_the_moment_is_told_later(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice")
    invite(world)
    push = PLAIN["plain"].push

    async def busy(_: object) -> Push:
        raise Overloaded

    listening.notifier._publishers = {"plain": structs.replace(PLAIN["plain"], push=busy)}
    assert listening.tell() == []
    assert (stored(world, view).failures, stored(world, view).answered) == (1, "busy")
    listening.notifier._publishers = {"plain": structs.replace(PLAIN["plain"], push=push)}
    assert occasions(listening.tell(after=5)) == [[CREATED]]


def test_an_answer_that_comes_after_the_lease_settles_nothing(world: World, listening: Listening) -> None:
    view = subscribe_to(world, "alice")
    another = Listening(world, Receivers())

    def comes_late(push: Push) -> Answer:
        another.machine = listening.machine + LEASE_SECONDS * SECOND
        late.append(push)
        return Answer(202)

    late: list[Push] = []
    listening.receivers.will(comes_late)
    invite(world)

    async def both() -> None:
        await listening.notifier.turn()  # sends
        await asyncio.sleep(0)
        another.receivers.will(500)
        await another.notifier.drain()  # takes it over, and fails
        await listening.notifier.drain()  # hears of the first answer

    world.wait(both())
    assert late
    assert len(another.receivers.sent) == 1
    assert (stored(world, view).failures, stored(world, view).sent) == (1, 0)


@pytest.mark.data_file
def test_the_only_process_goes_on_at_once(world: World, listening: Listening) -> None:
    if world.store.engine.path is None:
        return
    view = subscribe_to(world, "alice")
    invite(world)
    world.store.engine.run(lambda tx: _hold(tx, view.stored, listening.machine), writes=True)
    another = Listening(world, listening.receivers)
    assert another.tell() == []
    world.wait(another.notifier.begin())
    assert occasions(another.tell(after=LOOK_SECONDS)) == [[CREATED]]


def test_two_processes_do_not_tell_the_same(world: World, listening: Listening) -> None:
    subscribe_to(world, "alice")
    another = Listening(world, listening.receivers)
    invite(world)

    async def both() -> None:
        await listening.notifier.turn()
        await another.notifier.turn()

    world.wait(both())
    assert occasions(listening.tell() + another.tell()) == [[CREATED]]


def _fill(tx: Tx, one: Subscription, count: int) -> None:
    for number in range(count):
        subscriptions.add(tx, structs.replace(one, id=f"{number:04}"))


def _hold(tx: Tx, one: Subscription, now: int) -> None:
    subscriptions.claim(tx, [structs.replace(one, lease="gone", leased=now + DAY)])
