"""What is an owner's own of a message: its flag with its dates, and the side of the focused inbox that it is on."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client
from support.world import World


def at(day: int, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": f"2026-12-{day:02}T00:00:00", "timeZone": zone}


def shown(day: int) -> dict[str, str]:
    return {"dateTime": f"2026-12-{day:02}T00:00:00.0000000", "timeZone": "UTC"}


def receiver(world: World, profile: str) -> Client:
    alice = Client(world, "alice", profile)
    message = {"subject": "Plans", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}
    assert alice("POST", "/me/sendMail", {"message": message}).status == 202
    return Client(world, "bob", profile)


@pytest.fixture
def bob(world: World) -> Client:
    return receiver(world, "graph")


def path_of(client: Client) -> str:
    (one,) = client.get("/me/mailFolders/inbox/messages")["value"]
    return f"/me/messages/{one['id']}"


def change(client: Client, flag: Any) -> Any:
    reply = client("PATCH", path_of(client), {"flag": flag})
    assert reply.status == 200, reply.body
    assert "x-rsvpd-hint" not in reply.headers
    return client.get(path_of(client))["flag"]


DUE = {"flagStatus": "flagged", "startDateTime": at(1), "dueDateTime": at(4)}


def test_a_flag_keeps_its_dates(bob: Client) -> None:
    assert bob.get(path_of(bob))["flag"] == {"flagStatus": "notFlagged"}
    assert change(bob, DUE) == {"flagStatus": "flagged", "startDateTime": shown(1), "dueDateTime": shown(4)}
    assert change(bob, {"flagStatus": "flagged"}) == {"flagStatus": "flagged"}
    assert change(bob, {"startDateTime": at(1)}) == {"flagStatus": "flagged", "startDateTime": shown(1)}


def test_outlook_has_it_in_its_own_words(world: World) -> None:
    bob = receiver(world, "v2")
    assert change(bob, DUE) == {"flagStatus": "Flagged", "startDateTime": shown(1), "dueDateTime": shown(4)}
    assert bob.get(path_of(bob))["inferenceClassification"] == "Focused"


def test_what_is_done_keeps_when_it_was_due(bob: Client) -> None:
    change(bob, DUE)
    done = change(bob, {"flagStatus": "complete"})
    assert (done["flagStatus"], done["startDateTime"], done["dueDateTime"]) == ("complete", shown(1), shown(4))
    assert done["completedDateTime"]["timeZone"] == "UTC"
    bob.world.now += 86_400_000_000
    assert change(bob, {"flagStatus": "complete"}) == done
    assert change(bob, {"flagStatus": "complete", "completedDateTime": at(2)})["completedDateTime"] == shown(2)


def test_no_flag_has_no_dates(bob: Client) -> None:
    change(bob, DUE)
    assert change(bob, {"flagStatus": "notFlagged", "startDateTime": at(1)}) == {"flagStatus": "notFlagged"}
    change(bob, DUE)
    assert change(bob, None) == {"flagStatus": "notFlagged"}


def test_dates_are_shown_in_the_zone_that_is_asked_for(bob: Client) -> None:
    change(bob, DUE | {"startDateTime": at(1, "Pacific Standard Time")})
    found = bob.get(path_of(bob), prefer='outlook.timezone="Pacific Standard Time"')["flag"]
    assert found["startDateTime"] == shown(1) | {"timeZone": "Pacific Standard Time"}


@pytest.mark.parametrize(
    "flag",
    [
        {"flagStatus": "flagged", "dueDateTime": at(4)}, {"flagStatus": "raised"}, {"startDateTime": "2026-12-01"},
        {"startDateTime": {"dateTime": "soon"}}, "flagged", {"startDateTime": at(1, "Nowhere/Time")},
    ],
)  # fmt: skip
def test_impossible_flags_are_refused(bob: Client, flag: Any) -> None:
    assert bob("PATCH", path_of(bob), {"flag": flag}).status == 400
    assert bob.get(path_of(bob))["flag"] == {"flagStatus": "notFlagged"}


def test_a_copy_and_what_is_moved_keep_their_flags(bob: Client) -> None:
    change(bob, DUE)
    assert bob("PATCH", path_of(bob), {"inferenceClassification": "other"}).status == 200
    for action in ("copy", "move"):
        assert bob("POST", f"{path_of(bob)}/{action}", {"destinationId": "archive"}).status == 201
    for one in bob.get("/me/mailFolders/archive/messages")["value"]:
        assert one["flag"] == {"flagStatus": "flagged", "startDateTime": shown(1), "dueDateTime": shown(4)}
        assert one["inferenceClassification"] == "other"


def test_messages_are_found_by_flag_and_by_side(bob: Client) -> None:
    def found(condition: str) -> int:
        return len(bob.get(f"/me/messages?$filter={condition.replace(' ', '%20')}")["value"])

    assert (found("inferenceClassification eq 'focused'"), found("inferenceClassification eq 'other'")) == (1, 0)
    assert bob("PATCH", path_of(bob), {"inferenceClassification": "other", "flag": DUE}).status == 200
    assert (found("inferenceClassification eq 'focused'"), found("inferenceClassification eq 'other'")) == (0, 1)
    assert (found("flag/flagStatus eq 'flagged'"), found("flag/flagStatus ne 'flagged'")) == (1, 0)
    assert bob("PATCH", path_of(bob), {"inferenceClassification": "elsewhere"}).status == 400
