"""The server's clock as it is steered, over both engines: what falls due happens in its order, at its own instant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rsvpd.clock import ClockSteering, SteeredClock, to_text
from rsvpd.commands.clock import stored_steering
from rsvpd.control.clock import Advanced, ClockView, Timekeeper
from rsvpd.delivery.notifier import Clocks, Notifier
from rsvpd.dialects.push import Answer, Push
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.subscription import PATIENCE
from support.listening import PLAIN, URL, Receivers, invite, rename, slot, stored, subscribe_to
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
            world.store, self.clock, settle=self.notifier.settle, expired=world.tokens.expired_tokens,
            machine=lambda: self.machine,
        )  # fmt: skip

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


def guest(name: str) -> dict[str, Any]:
    return {"emailAddress": {"address": f"{name}@example.com"}}


def make(world: World, who: str, subject: str, hour: int, **more: Any) -> str:
    reply = world.request(who, "POST", "/v1.0/me/events", {"subject": subject, **slot(hour), **more})
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def told(found: Advanced) -> list[tuple[str, str]]:
    return [(one.at, one.what) for one in found.happened]


def test_it_stands_runs_and_is_kept(steering: Steering) -> None:
    store, begin = steering.world.store, steering.world.now
    assert not steering.keeper.show().steered
    assert steering.set(frozen=True).frozen
    steering.machine += HOUR
    assert steering.clock() == begin
    assert store.run(stored_steering) == ClockSteering(frozen=begin)
    shown = steering.set("+30m", frozen=False)
    assert (shown.now, shown.ahead_seconds) == (to_text(begin + HOUR // 2), -1800)
    steering.machine += HOUR
    assert steering.clock() == begin + HOUR * 3 // 2
    another = SteeredClock(lambda: 0, lambda: steering.machine)
    another.steer(store.run(stored_steering))
    assert another() == steering.clock()
    steering.world.wait(steering.keeper.let_go(back=False))
    assert steering.clock() == steering.machine
    assert store.run(stored_steering) is None


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


@pytest.mark.parametrize(
    "by",
    [
        "", "-2h", "2", "1y", "P1M", "1h1d", "2h2h", "1.5h", "PT", "P1DT", "999999999w", "1 month", "1e9h",
        "999999999h",
    ],
)  # fmt: skip
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


def test_reminders_are_told_as_they_fire(steering: Steering) -> None:
    world = steering.world
    steering.set("2026-12-01T08:00:00Z", frozen=True)
    daily = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
    make(world, "alice", "Stand-up", 9, recurrence=daily, attendees=[guest("bob")])
    make(world, "bob", "Lunch", 12, reminderMinutesBeforeStart=60)
    make(world, "bob", "Quiet", 12, isReminderOn=False)
    assert steering.advance("30m").happened == []
    found = steering.advance("25h")
    assert [(one.at[5:16], one.text) for one in found.happened] == [
        ("12-01T08:45", "alice@example.com is reminded of Stand-up, at 2026-12-01T09:00:00Z."),
        ("12-01T08:45", "bob@example.com is reminded of Stand-up, at 2026-12-01T09:00:00Z."),
        ("12-01T11:00", "bob@example.com is reminded of Lunch, at 2026-12-01T12:00:00Z."),
        ("12-02T08:00", "A token of alice@example.com expired."),
        ("12-02T08:00", "A token of bob@example.com expired."),
        ("12-02T08:45", "alice@example.com is reminded of Stand-up, at 2026-12-02T09:00:00Z."),
        ("12-02T08:45", "bob@example.com is reminded of Stand-up, at 2026-12-02T09:00:00Z."),
    ]
    assert {one.what for one in found.happened} == {"reminder", "token-expired"}


def test_of_what_was_put_off_or_is_over_it_is_told_as_the_view_of_reminders_says(steering: Steering) -> None:
    world = steering.world
    steering.set("2026-12-01T08:00:00Z", frozen=True)
    first, second = make(world, "bob", "Early", 9), make(world, "bob", "Late", 10)
    steering.advance("50m")
    later = {"newReminderTime": {"dateTime": "2026-12-01T09:55:00", "timeZone": "UTC"}}
    assert world.request("bob", "POST", f"/v1.0/me/events/{first}/snoozeReminder", later).status == 200
    assert world.request("bob", "POST", f"/v1.0/me/events/{second}/dismissReminder", {}).status == 200
    found = steering.advance("2h")
    assert [(one.at[11:16], one.text[:32]) for one in found.happened] == [("09:55", "bob@example.com is reminded of E")]


def test_ten_years_are_told_from_the_beginning_with_what_is_left_counted(steering: Steering) -> None:
    world = steering.world
    steering.set("2026-12-01T08:00:00Z", frozen=True)
    daily = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
    for who in ("alice", "bob"):
        make(world, who, "Stand-up", 9, recurrence=daily)
    found = steering.advance("3650d")
    assert (len(found.happened), found.settled) == (1000, True)
    days = [one.at[:10] for one in found.happened if one.what == "reminder"]
    assert days == sorted(days)
    assert (days[0], days[1], days[-1]) == ("2026-12-01", "2026-12-01", "2028-04-12")
    assert found.more > 0


def test_automatic_replies_begin_and_end(steering: Steering) -> None:
    world = steering.world
    steering.set("2026-12-01T08:00:00Z", frozen=True)
    times = {
        name: {"dateTime": f"2026-12-{day:02}T09:00:00", "timeZone": "UTC"}
        for name, day in (("scheduledStartDateTime", 2), ("scheduledEndDateTime", 4))
    }
    for who, status in (("alice", "scheduled"), ("bob", "alwaysEnabled")):
        replies = {"status": status, "internalReplyMessage": "Away", **times}
        reply = world.request(who, "PATCH", "/v1.0/me/mailboxSettings", {"automaticRepliesSetting": replies})
        assert reply.status == 200
    words = [
        [one.text for one in steering.advance(by).happened if one.what != "token-expired"] for by in ("24h", "2h", "2d")
    ]
    assert words == [
        [], ["The automatic replies of alice@example.com begin."], ["The automatic replies of alice@example.com end."],
    ]  # fmt: skip


def test_tokens_that_were_used_are_told_as_they_run_out(steering: Steering) -> None:
    world = steering.world
    steering.set("2026-12-01T08:00:00Z", frozen=True)
    for scopes in (["User.Read"], ["User.Read", "Calendars.Read"]):
        token = world.tokens.issue(world.people["bob"], now=world.now, lifetime_seconds=3600, scopes=scopes)
        reply = world.request(None, "GET", "/v1.0/me", headers={"authorization": f"Bearer {token}"})
        assert reply.status == 200
    world.tokens.issue(world.people["alice"], now=world.now, lifetime_seconds=3600)  # nobody has shown it
    assert told(steering.advance("59m")) == []
    found = steering.advance("1h")
    assert [(one.at, one.text) for one in found.happened] == [
        ("2026-12-01T09:00:00Z", "2 tokens of bob@example.com expired.")
    ]


def test_who_subscribed_hears_at_its_instant_that_it_has_to_be_authorized_again(steering: Steering) -> None:
    world = steering.world
    steering.set(frozen=True)
    view = subscribe_to(world, "alice", lasts=HOUR, loss_url=URL, has_lifecycle=True)
    found = steering.advance("2h")
    expires = view.stored.expires
    assert told(found) == [
        (to_text(expires - HOUR // 4), "reauthorization-required"),
        (to_text(expires - HOUR // 4), "notification"),
        (to_text(expires), "subscription-expired"),
    ]
    assert [push.body for push in steering.receivers.take()] == [b'"CHALLENGE"']


def test_to_let_no_time_pass_is_to_wait_until_all_is_done(steering: Steering) -> None:
    world = steering.world
    begin = steering.set(frozen=True).now
    subscribe_to(world, "alice", lasts=HOUR)
    invite(world, "bob")
    found = steering.advance("0s")
    assert (found.begin, found.now, told(found)) == (begin, begin, [])
    assert len(steering.receivers.take()) == 1


def test_two_who_let_time_pass_do_so_one_after_the_other(steering: Steering) -> None:
    begin = steering.clock()
    steering.set(frozen=True)

    async def both() -> list[Advanced]:
        return await asyncio.gather(steering.keeper.advance("1h"), steering.keeper.advance("2h"))

    first, second = steering.world.wait(both())
    assert (first.now, second.begin, second.now) == (
        to_text(begin + HOUR), to_text(begin + HOUR), to_text(begin + 3 * HOUR),
    )  # fmt: skip


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
    (over,) = (one for one in found.happened if one.what == "upload-expired")
    assert "plan.pdf" in over.text
    assert found.begin < over.at < found.now


def test_without_a_server_time_does_not_pass_step_by_step(world: World) -> None:
    keeper = Timekeeper(world.store, SteeredClock(lambda: world.now))
    with pytest.raises(NotAllowed, match="rsvpd up"):
        world.wait(keeper.advance("2h"))
    view: ClockView = world.wait(keeper.set("+2h", frozen=True, back=False))
    assert view.now == to_text(world.now + 2 * HOUR)


def test_several_processes_hear_of_it(world: World) -> None:
    clocks = [SteeredClock(lambda: world.now, lambda: world.now) for _ in range(2)]
    first, second = (Timekeeper(world.store, one, machine=lambda: world.now) for one in clocks)

    async def steer() -> None:
        async with second.follow_commits():
            await first.set("+2h", frozen=True, back=False)
            await _until(lambda: clocks[1].steered is not None)

    world.wait(steer())
    assert clocks[1]() == world.now + 2 * HOUR


async def _until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0)
