"""Every route of every dialect, tried by everybody who might: who has no right to it gets nothing of it.

The routes come from the tables that answer them, so a new one is tried as soon as it stands there. Unless
`LEAST` says that somebody else may use it, it is the owner's alone (support/town.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from support.town import IDENTITIES, MICROSOFT, PEOPLE, PRIVATE, WRITE, Town, Tried
from support.world import World

SECRET = b"Secret"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    world = World(tmp_path_factory.mktemp("routes"))
    town = Town(world)
    yield town
    world.close()


def tries(town: Town, dialect: str) -> list[Tried]:
    found = town.google() if dialect == "google" else town.microsoft(dialect)
    assert len(found) > 30  # a walk over nothing would find nothing wrong
    return found


DIALECTS = (*MICROSOFT, "google")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nobody_gets_anything_without_a_token(town: Town, dialect: str) -> None:
    for one in tries(town, dialect):
        reply = town.world.request(None, one.method, one.path, one.body, headers=one.headers, raw=one.raw)
        assert reply.status == 401, (one, reply.body)
        assert SECRET not in reply.body, one


@pytest.mark.slow
@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_route_for_everybody(town: Town, dialect: str, identity: str) -> None:
    who, rank = PEOPLE[identity], IDENTITIES[identity]
    answers = [
        (one, town.world.request(who, one.method, one.path, one.body, headers=one.headers, raw=one.raw))
        for one in tries(town, dialect)
    ]
    wrong = [(one, reply) for one, reply in answers if reply.status not in right(one, rank)]
    assert not [f"{one.method} {one.path}: {reply.status} {reply.body[:200]!r}" for one, reply in wrong]
    if rank < PRIVATE:
        assert not [one for one, reply in answers if SECRET in reply.body]


def right(one: Tried, rank: int) -> set[int]:
    """Return the statuses that somebody of this rank may be answered with."""
    if one.is_gap:
        return {501}
    if rank < one.least:
        return {403, 404, 501} if rank >= WRITE else {403, 404}
    # What is private may be changed by those alone who may see it.
    is_private = one.method != "GET" and WRITE <= rank < PRIVATE
    # The event of a response is one's own meeting, and a message itself is nothing to be answered.
    is_unanswerable = re.search(r"(messages/[^/]+|Response/event)/\w*(accept|decline)$", one.path, re.I)
    return {200, 201, 202, 204, *((403,) if is_private else ()), *((400,) if is_unanswerable else ())}
