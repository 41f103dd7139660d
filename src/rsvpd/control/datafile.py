"""Opening a data file, and making a new one with its story or without.

A new file is told its story under another name and takes its place when it is complete: a start
that was cut short leaves nothing half told. The caller holds the lock (see `sidecar.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

from rsvpd.clock import Instant
from rsvpd.config import Config
from rsvpd.control.seed import seed
from rsvpd.store.database import Store
from rsvpd.store.tx import Rules

_BESIDE = ("", "-wal", "-shm")


def open_data(config: Config, now: Instant) -> Store:
    """Return the store of `config.data`. A file that is not there yet is made, seeded unless forbidden."""
    if _is_new(config.data):
        if config.seed:
            _make_seeded(config, now)
        else:
            _make_private(config.data)
    return _opened(config.data, config)


def _opened(path: Path, config: Config) -> Store:
    rules = Rules(
        discard_answered_user=config.invitation_after_answer_user == "delete",
        discard_answered_room=config.invitation_after_answer_room == "delete",
    )
    return Store.open(path, rules=rules, queue_limit=config.queue_limit)


def _make_seeded(config: Config, now: Instant) -> None:
    fresh = config.data.with_name(f".{config.data.name}.new")
    for ending in _BESIDE:
        fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
    _make_private(fresh)
    store = _opened(fresh, config)
    try:
        seed(store.run, now)
    finally:
        store.close()
    os.replace(fresh, config.data)


def _make_private(path: Path) -> None:
    """The file holds the key that signs tokens: only its owner may read it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _is_new(data: Path) -> bool:
    """An empty file, as `mktemp` makes one, counts as none; beside a WAL it does not."""
    if not data.exists():
        return True
    return data.stat().st_size == 0 and not data.with_name(data.name + "-wal").exists()
