"""What is attached stays as long as somebody has it, and goes with the last who has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.commands.door import reads
from rsvpd.control import work
from rsvpd.mail.attachment import PIECE, content_of, digest_of, piece_digest
from rsvpd.store import removal
from rsvpd.store.tx import Tx
from support.client import Client
from support.world import World

TIMES = ("2026-12-01T10:00:00", "2026-12-01T11:00:00")
TABLES = ("content", "content_piece", "content_holder", "upload")


def file(name: str, data: str = "YQ==") -> dict[str, str]:
    return {"@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentBytes": data}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    yield world
    world.close()


def stored(world: World) -> dict[str, int]:
    @reads
    def count(tx: Tx) -> dict[str, int]:
        rows = ((name, tx.row(f"SELECT count(*) FROM {name}")) for name in TABLES)  # noqa: S608 - constants
        return {name: int(row[0]) for name, row in rows if row}

    return world.store.run(count)


def remove(world: World, name: str) -> None:
    work.run(work.removal(f"{name}@example.com", cancels=False, now=world.now), world.store.run)


@pytest.mark.parametrize("slice_", [1, removal.SLICE])
def test_nothing_is_left_of_who_is_removed(world: World, monkeypatch: pytest.MonkeyPatch, slice_: int) -> None:
    monkeypatch.setattr(removal, "SLICE", slice_)
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    to_bob = [{"emailAddress": {"address": "bob@example.com"}}]
    message = {"subject": "Report", "toRecipients": to_bob, "attachments": [file("a"), file("b", "Yg==")]}
    assert alice("POST", "/me/sendMail", {"message": message}).status == 202
    alice.create("Plans", *TIMES, "bob", attachments=[file("c", "Yw==")])
    (theirs,) = bob.get("/me/events")["value"]
    assert bob("POST", f"/me/events/{theirs['id']}/attachments", file("mine", "bWluZQ==")).status == 201
    draft = bob("POST", "/me/messages", {"attachments": [file("draft", "ZA==")]}).json
    item = {"attachmentType": "file", "name": "x", "size": 4_000_000}
    path = f"/me/messages/{draft['id']}/attachments/createUploadSession"
    assert bob("POST", path, {"AttachmentItem": item}).status == 201
    assert stored(world)["content"] == 6
    remove(world, "bob")
    left = stored(world)
    assert (left["content"], left["upload"]) == (3, 0)  # what alice has sent, and what stands in her event
    remove(world, "alice")
    assert stored(world) == dict.fromkeys(TABLES, 0)


def test_a_content_has_one_name_however_it_is_cut() -> None:
    data = bytes(range(256)) * 10_000
    whole = content_of(data)
    assert (whole.size, b"".join(whole.pieces)) == (len(data), data)
    assert {len(one) for one in whole.pieces[:-1]} == {PIECE}
    assert digest_of(map(piece_digest, whole.pieces), len(data)) == whole.digest
    assert content_of(data + b"\0").digest != whole.digest
    assert content_of(b"").pieces == ()
