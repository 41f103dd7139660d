"""What these data keep of themselves, by key: secrets, and how far work on all of them has come."""

from __future__ import annotations

from rsvpd.store.tx import Tx

_GET = "SELECT value FROM meta WHERE key = :key"
_PUT = "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_PUT_NEW = "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"
_DROP = "DELETE FROM meta WHERE key = :key"


def get(tx: Tx, key: str) -> bytes | None:
    """Return what is kept under a key, or None."""
    row = tx.row(_GET, key=key)
    return bytes(row[0]) if row else None


def put(tx: Tx, key: str, value: bytes) -> None:
    """Keep a value, in the place of what was there."""
    tx.write(_PUT, key=key, value=value)


def put_new(tx: Tx, key: str, value: bytes) -> bool:
    """Keep a value where there is none yet; return whether that was so: of several processes one is told True."""
    return tx.run(_PUT_NEW, key=key, value=value) == 1


def drop(tx: Tx, key: str) -> None:
    """Keep nothing under a key any more."""
    tx.write(_DROP, key=key)
