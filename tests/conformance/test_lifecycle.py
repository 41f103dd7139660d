"""Lifecycle notifications of Microsoft Graph: what becomes of a subscription itself, told to whoever asked for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsvpd.clock import to_text
from rsvpd.commands.directory import change_profile
from rsvpd.commands.subscriptions import all_subscriptions, remove_subscription
from rsvpd.dialects.push import Answer, Push
from rsvpd.errors import SubscriptionNotFound
from support.listening import Listening, Receivers
from support.world import SECOND, Reply, World

URL = "https://receiver.example/hook"
LIFE = "https://receiver.example/life"
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class App:
    """Bob's application, which holds a token for a while and hears of his events."""

    def __init__(self, listening: Listening) -> None:
        self.world, self.listening = listening.world, listening
        self.world.pace = 0
        self.token = self.world.token("bob")

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        """Ask with the token that is held."""
        headers = {"authorization": f"Bearer {self.token}"}
        return self.world.request(None, method, f"/v1.0/subscriptions{path}", body, headers=headers)

    def subscribe(self, *, lasts: int = 6 * DAY, **more: Any) -> str:
        """Subscribe; return the id."""
        body = {
            "changeType": "created,updated,deleted", "notificationUrl": URL, "lifecycleNotificationUrl": LIFE,
            "resource": "me/events", "expirationDateTime": to_text(self.world.now + lasts), "clientState": "secret",
        }  # fmt: skip
        made = self.ask("POST", "", {name: one for name, one in (body | more).items() if one is not None})
        assert made.status == 201, made.body
        return str(made.json["id"])

    def heard(self, *, after: int = 0) -> list[str]:
        """Let so much time pass, and return what the application is told: lifecycle events, and changes."""
        self.world.now += after
        self.listening.machine += after
        self.world.wait(self.listening.notifier.settle())
        found = []
        for push in self.listening.receivers.take():
            for one in json.loads(push.body)["value"]:
                assert push.url == (LIFE if "lifecycleEvent" in one else URL)
                found.append(one.get("lifecycleEvent") or one["changeType"])
        return found

    def new_token(self) -> None:
        """Sign in again."""
        self.token = self.world.token("bob")


@pytest.fixture
def app(listening: Listening) -> App:
    return App(listening)


def invite(world: World) -> None:
    slot = {
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": "bob@example.com"}}],
    }
    assert world.request("alice", "POST", "/v1.0/me/events", slot).status == 201


def test_shortly_before_the_token_and_before_the_end_it_has_to_be_authorized_again(app: App) -> None:
    app.subscribe(lasts=2 * DAY)
    assert app.heard(after=DAY - 16 * MINUTE) == []
    assert app.heard(after=MINUTE) == ["reauthorizationRequired"]
    assert app.heard(after=DAY - MINUTE) == []
    assert app.heard(after=MINUTE) == ["reauthorizationRequired"]
    assert app.heard(after=14 * MINUTE) == []
    app.new_token()
    assert app.ask("GET", "").json["value"][0]["resource"] == "me/events"
    assert app.heard(after=MINUTE) == []
    assert app.ask("GET", "").json["value"] == []


def test_what_it_looks_like(app: App, receivers: Receivers) -> None:
    id = app.subscribe(lasts=HOUR)
    app.world.now += 50 * MINUTE
    app.world.wait(app.listening.notifier.settle())
    (push,) = receivers.take()
    assert push.url == LIFE
    assert json.loads(push.body) == {
        "value": [
            {
                "subscriptionId": id,
                "subscriptionExpirationDateTime": to_text(app.world.now + 10 * MINUTE).replace("Z", ".0000000Z"),
                "clientState": "secret",
                "tenantId": app.world.store.tenant,
                "lifecycleEvent": "reauthorizationRequired",
            }
        ]
    }


@pytest.mark.parametrize("renews", [False, True])
def test_who_shows_again_that_it_may_is_asked_again_when_that_ends(app: App, renews: bool) -> None:
    id = app.subscribe(lasts=6 * DAY)
    assert app.heard(after=DAY - 15 * MINUTE) == ["reauthorizationRequired"]
    app.new_token()
    if renews:
        until = {"expirationDateTime": to_text(app.world.now + 6 * DAY)}
        assert app.ask("PATCH", f"/{id}", until).status == 200
    else:
        assert app.ask("POST", f"/{id}/reauthorize").status == 204
    assert app.heard(after=DAY - 16 * MINUTE) == []
    assert app.heard(after=MINUTE) == ["reauthorizationRequired"]


def test_who_shows_it_before_is_not_asked_then(app: App) -> None:
    id = app.subscribe(lasts=6 * DAY)
    assert app.heard(after=DAY - 16 * MINUTE) == []
    app.new_token()
    assert app.ask("POST", f"/{id}/reauthorize").status == 204
    assert app.heard(after=HOUR) == []


def test_of_less_than_half_an_hour_it_is_asked_after_half_the_time(app: App) -> None:
    app.token = app.world.tokens.issue(app.world.people["bob"], now=app.world.now, lifetime_seconds=600)
    app.subscribe(lasts=HOUR)
    assert app.heard(after=4 * MINUTE) == []
    assert app.heard(after=MINUTE) == ["reauthorizationRequired"]


def test_changes_go_on_and_wait_for_no_more_than_the_challenge(app: App, receivers: Receivers) -> None:
    app.subscribe(lasts=2 * DAY)
    app.world.now += DAY
    receivers.will(503, url=LIFE)
    invite(app.world)
    assert app.heard() == ["reauthorizationRequired"]
    assert app.heard(after=5 * SECOND) == ["reauthorizationRequired", "created"]


def test_a_challenge_that_nobody_takes_is_given_up_soon(app: App, receivers: Receivers) -> None:
    app.subscribe(lasts=2 * DAY)
    receivers.will(*[500] * 30, url=LIFE)
    app.world.now += DAY
    invite(app.world)
    heard: list[str] = []
    while "created" not in heard:
        heard += app.heard(after=40 * SECOND)
        assert len(heard) < 8
    assert app.heard(after=HOUR) == []


def test_without_an_address_for_it_nobody_is_told(app: App) -> None:
    id = app.subscribe(lasts=2 * DAY, lifecycleNotificationUrl=None)
    assert app.heard(after=2 * DAY - MINUTE) == []
    app.new_token()
    assert app.ask("POST", f"/{id}/reauthorize").status == 204


@pytest.mark.parametrize("change", [{"passwordProfile": {"password": "Another-1-word!"}}, {"accountEnabled": False}])
def test_with_another_password_or_without_an_account_it_is_removed(app: App, change: dict[str, Any]) -> None:
    id = app.subscribe()
    quiet = app.subscribe(lifecycleNotificationUrl=None)
    app.world.store.run(change_profile, app.world.people["alice"], {"is_administrator": True})
    invite(app.world)
    assert app.world.request("alice", "PATCH", "/v1.0/users/bob@example.com", change).status == 204
    for one in (id, quiet):
        assert app.ask("GET", f"/{one}").status == 404
        assert app.ask("PATCH", f"/{one}", {"expirationDateTime": to_text(app.world.now + HOUR)}).status == 404
        assert app.ask("DELETE", f"/{one}").status == 404
    assert app.ask("GET", "").json["value"] == []
    assert app.heard() == ["subscriptionRemoved"]
    invite(app.world)
    assert app.heard(after=HOUR) == []
    assert app.world.store.run(all_subscriptions) == []


def test_that_it_was_removed_is_told_until_it_arrives(app: App, receivers: Receivers) -> None:
    id = app.subscribe()
    receivers.will(None, 503, url=LIFE)
    app.world.store.run(remove_subscription, id)
    assert app.heard() == ["subscriptionRemoved"]
    assert app.heard(after=5 * SECOND) == ["subscriptionRemoved"]
    assert app.heard(after=10 * SECOND) == ["subscriptionRemoved"]
    assert app.heard(after=HOUR) == []
    assert app.world.store.run(all_subscriptions) == []


def test_what_is_under_way_when_it_is_removed_does_not_bring_it_back(app: App, receivers: Receivers) -> None:
    id = app.subscribe()
    invite(app.world)

    def removed(_: Push) -> Answer:
        app.world.store.engine.run(lambda tx: remove_subscription(tx, id), writes=True)
        return Answer(202)

    receivers.will(removed)
    assert app.heard() == ["created", "subscriptionRemoved"]
    assert app.world.store.run(all_subscriptions) == []


def test_what_is_not_there_cannot_be_removed(app: App) -> None:
    with pytest.raises(SubscriptionNotFound):
        app.world.store.run(remove_subscription, "nobody")
