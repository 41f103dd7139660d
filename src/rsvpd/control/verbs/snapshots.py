"""Verbs about copies of all there is, and about beginning anew."""

from __future__ import annotations

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.control import backup, differences, snapshots
from rsvpd.control.datafile import make_fresh
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.snapshots import Snapshot


class NewSnapshot(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a snapshot is to be called; `overwrite` takes the place of one that is called so."""

    name: str
    overwrite: bool = False


class Fork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the data file is to be, an absolute file name as the server sees it; or the URL of an empty database."""

    path: str


class Beginning(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to begin anew: with the sample people and their meetings, or with nobody."""

    story: bool = True


class Begun(Struct, frozen=True, kw_only=True):
    """That all is new."""

    story: bool


async def list_snapshots(desk: Desk) -> list[Snapshot]:
    """Return the snapshots there are, by name."""
    return await run_in_threadpool(snapshots.snapshots, desk.store)


async def save_snapshot(desk: Desk, body: NewSnapshot) -> Snapshot:
    """Save all there is under a name, while others read and write."""
    return await run_in_threadpool(snapshots.save, desk.store, body.name, overwrite=body.overwrite)


async def remove_snapshot(desk: Desk, name: str) -> Snapshot:
    """Delete a snapshot."""
    return await run_in_threadpool(snapshots.remove, desk.store, name)


async def restore_snapshot(desk: Desk, name: str) -> Snapshot:
    """Put a snapshot in the place of all there is; whoever is signed in stays signed in."""
    async with desk.time.hold():
        return await run_in_threadpool(snapshots.restore, desk.store, name)


async def fork_snapshot(desk: Desk, name: str, body: Fork) -> backup.Backup:
    """Make a data file of its own of a snapshot, or fill an empty database, for another server."""
    return await run_in_threadpool(snapshots.fork, desk.store, name, body.path)


async def compare_snapshots(desk: Desk, name: str, other: str = "") -> differences.Differences:
    """Return in words what differs from a snapshot to another one, or to now."""
    return await run_in_threadpool(differences.differences, desk.store, name, other, desk.clock())


async def reset(desk: Desk, body: Beginning) -> Begun:
    """Begin anew, as a new data file begins; the sample people keep their ids, passwords and tokens."""

    def begin() -> None:
        snapshots.reset(
            desk.store,
            lambda place, keys: make_fresh(place, desk.config, desk.clock(), keys=keys, is_seeded=body.story),
        )

    async with desk.time.hold():
        await run_in_threadpool(begin)
    return Begun(story=body.story)


VERBS = (
    Verb("GET", "/snapshots", list_snapshots),
    Verb("POST", "/snapshots", save_snapshot, 201, patience_seconds=None),
    Verb("DELETE", "/snapshots/{name}", remove_snapshot),
    Verb("POST", "/snapshots/{name}/restore", restore_snapshot, patience_seconds=None),
    Verb("GET", "/snapshots/{name}/diff", compare_snapshots, patience_seconds=None),
    Verb("POST", "/snapshots/{name}/fork", fork_snapshot, 201, patience_seconds=None),
    Verb("POST", "/reset", reset, patience_seconds=None),
)
