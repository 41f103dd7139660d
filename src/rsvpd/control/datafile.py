"""Opening a data file, and making a new one with its story or without.

A new file is told its story under another name and takes its place when it is complete: a start
that was cut short leaves nothing half told. The caller holds the lock (see `sidecar.py`).
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable
from pathlib import Path

from rsvpd import locks
from rsvpd.clock import Instant
from rsvpd.commands.door import reads, writes
from rsvpd.commands.people import claim, people
from rsvpd.config import Config
from rsvpd.control import work
from rsvpd.control.move import refuse_unfinished
from rsvpd.control.seed import Run, seed
from rsvpd.control.seeds.files import read_text
from rsvpd.errors import DomainError, InvalidProperty
from rsvpd.store import meta
from rsvpd.store.database import Store
from rsvpd.store.shared import SharedNumbers
from rsvpd.store.sqlite.untouched import beside
from rsvpd.store.tx import Rules, Tx

# What tokens are signed with, and whose they are: what names the data to those who are signed in.
KEYS = ("signing-key", "tenant")
Keys = tuple[tuple[str, bytes], ...]

_BESIDE = ("", "-wal", "-shm")


def open_data(
    config: Config,
    now: Instant,
    *,
    put: Callable[[Path, Path], None] = os.replace,
    shared: SharedNumbers | None = None,
) -> Store:
    """Return the store of `config.data`. A file that is not there yet is made, seeded unless forbidden.

    `put` moves the finished file to its place; `shared` is for a database, where this is one of several processes.
    """
    if config.database:
        return _open_database(config, now, shared)
    place = locks.resolve(config.data)
    if is_new(place):
        if config.seed:
            _make_seeded(place, config, now, put)
        else:
            _make_private(place)
    store = _open_store(config.data, config)
    work.run(work.clean_up(), store.run)
    return store


def _open_database(config: Config, now: Instant, shared: SharedNumbers | None) -> Store:
    """Return the store over a database. One where nothing was ever told is told the story, all of it or nothing.

    Of several processes that start at once one tells it.
    """
    store = _open_store(config.database, config, shared)
    try:
        if config.seed:
            store.run(tell_first, now, config)
        work.run(work.clean_up(), store.run)
    except BaseException:
        store.close()
        raise
    return store


@writes
def tell_first(tx: Tx, now: Instant, config: Config) -> None:
    """Tell the story, in one transaction, where it was not told before and nobody lives yet."""
    if claim(tx, "story") and not people(tx):
        tell_story(tx, now, config)


@writes
def tell_story(tx: Tx, now: Instant, config: Config) -> None:
    """Tell the story. What looks like chance in it follows from the key of these data: ids are the same each time."""
    tx.entropy = _sequence(get_key(tx, KEYS[0]))
    _tell(work.within(tx), now, config)


def _tell(run: Run, now: Instant, config: Config) -> None:
    """Tell the story that new data begin with: the one of the seed file, if there is one. Raises InvalidProperty."""
    if config.seed_file is None:
        seed(run, now)
        return
    from rsvpd.control.seeds.reading import tell_seed  # here, since YAML is read by few

    try:
        run(tell_seed, read_text(config.seed_file), now)
    except DomainError as wrong:
        raise InvalidProperty(f"{config.seed_file}: {wrong.message}") from None


def is_new(data: Path) -> bool:
    """Return whether there is no data file. An empty one, as `mktemp` makes it, counts as none, beside a WAL not."""
    try:
        return data.stat().st_size == 0 and not beside(locks.resolve(data), "-wal").exists()
    except FileNotFoundError:
        return True


def _open_store(
    place: Path | str,
    config: Config,
    shared: SharedNumbers | None = None,
) -> Store:
    rules = Rules(
        discard_answered_user=config.invitation_after_answer_user == "delete",
        discard_answered_room=config.invitation_after_answer_room == "delete",
    )
    store = Store.open(place, rules=rules, queue_limit=config.queue_limit, shared=shared)
    try:
        refuse_unfinished(store)
    except BaseException:
        store.close()
        raise
    return store


def make_fresh(place: Path, config: Config, now: Instant, *, keys: Keys = (), is_seeded: bool = True) -> None:
    """Make a data file as `rsvpd up` makes it, with these keys where some are given.

    Whoever holds a token of one of the people of the story holds it still when it is told anew with the same keys.
    """
    _make_private(place)
    store = _open_store(place, config)
    try:
        store.run(keep_keys, keys)
        if is_seeded:
            store.run(tell_story, now, config)
    finally:
        store.close()


@writes
def keep_keys(tx: Tx, keys: Keys) -> None:
    """Put keys in the place of those that are there."""
    for key, value in keys:
        meta.put(tx, key, value)


@reads
def get_key(tx: Tx, key: str) -> bytes:
    """Return what is kept under a key, or nothing."""
    return meta.get(tx, key) or b""


def _sequence(key: bytes) -> Callable[[int], bytes]:
    counter = itertools.count()
    return lambda size: hashlib.shake_256(b"story" + key + next(counter).to_bytes(8, "big")).digest(size)


def _make_seeded(place: Path, config: Config, now: Instant, put: Callable[[Path, Path], None]) -> None:
    fresh = place.with_name(f".{place.name}.new")
    _clear(fresh)
    try:
        make_fresh(fresh, config, now)
        put(fresh, place)
    except BaseException:
        _clear(fresh)
        raise


def _clear(path: Path) -> None:
    for ending in _BESIDE:
        beside(path, ending).unlink(missing_ok=True)


def _make_private(path: Path) -> None:
    """The file holds the key that signs tokens: only its owner may read it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
