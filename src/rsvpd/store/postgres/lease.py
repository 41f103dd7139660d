"""Whether this server is the only one that writes to a database: what it remembers of it is true then, and unasked.

A server is one process or several that share `SharedNumbers`. Each connection that may write holds a lock that names
its server, so that PostgreSQL itself knows which servers there are (`pg_locks`): one that dies is gone with it.

Rule 1: a server claims the lease, looks for others, and only then is sure. A connection takes its lock, and only then
        looks for a lease. So of two that do it at once one sees the other.
Rule 2: who finds the lease of another server ends it, and writes nothing until that one cannot rely on it any more:
        it does so for LEASE_SECONDS after it began to ask whether it still holds it, by its own clock.
Rule 3: what was remembered before the lease began is forgotten then.
"""

from __future__ import annotations

import time
from typing import Any

from rsvpd.store.postgres import driver

LEASE_SECONDS = 1.0
RENEW_SECONDS = 0.25
# Between two tries to be the only one; a program that is soon over does not try.
_CLAIM_SECONDS = 1.0
_MARGIN = 1.1  # clocks do not run at quite the same rate
_SERVERS = 0x72737670  # with two numbers, so that these are no locks of mailboxes

_JOIN = f"SELECT pg_advisory_lock_shared({_SERVERS}, $1::bigint::integer)"
_END = (
    "UPDATE lease SET server = 0, is_sure = false, round = round + 1,"
    " ended = CASE WHEN is_sure THEN clock_timestamp() ELSE ended END WHERE server NOT IN (0, $1)"
)
_LEFT = "SELECT extract(epoch FROM ended + make_interval(secs => $1) - clock_timestamp())::float8 FROM lease"
_HELD = "SELECT round FROM lease WHERE server = $1 AND is_sure"
_OTHERS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"  # noqa: S608 - a constant
    f" AND classid = {_SERVERS} AND objid <> $1::bigint::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_CLAIM = (
    "UPDATE lease SET server = $1, round = round + 1 WHERE server IN (0, $1) AND NOT is_sure RETURNING round"
)
_BE_SURE = "UPDATE lease SET is_sure = true WHERE server = $1 AND round = $2"
_LET_GO = "UPDATE lease SET server = 0, is_sure = false, round = round + 1 WHERE server = $1"

# A machine that sleeps does not stop this clock, where there is one (man 7 time_namespaces).
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def join(connection: driver.Connection[Any], server: int) -> None:
    """Let a connection write in the name of a server: what another remembers is not relied on any more afterwards."""
    cursor = driver.RawCursor(connection)
    cursor.execute(_JOIN, (server,))
    cursor.execute(_END, (server,))
    ended = cursor.execute(_LEFT, (LEASE_SECONDS * _MARGIN,)).fetchone()
    if ended and ended[0] > 0:
        time.sleep(min(ended[0], LEASE_SECONDS * _MARGIN))


class Lease:
    """What one process of a server knows of its lease. `renew` it over and over, in one thread."""

    def __init__(self, server: int, *, is_shared: bool) -> None:
        self._server = server
        self._is_shared = is_shared  # with other processes
        self._until = 0.0
        self._round = 0
        self._next_claim = now() + _CLAIM_SECONDS

    def is_held(self) -> bool:
        """Return whether no other server can have written meanwhile."""
        return now() < self._until

    def renew(self, connection: driver.Connection[Any]) -> bool:
        """Ask for how long it is held; return whether it begins. `hold` it once what was remembered is forgotten."""
        began = now()
        held = self._query(connection)
        if held == self._round and began < self._until:
            self._until = began + LEASE_SECONDS
            return False
        self._until = 0.0
        self._round = held
        return held > 0

    def hold(self, connection: driver.Connection[Any]) -> None:
        """Rely on it, if it is still the one that began."""
        began = now()
        if self._query(connection) == self._round:
            self._until = began + LEASE_SECONDS

    def let_go(self, connection: driver.Connection[Any]) -> None:
        """Let others write at once, if no other process of this server relies on it."""
        self._until = 0.0
        if not self._is_shared:
            driver.RawCursor(connection).execute(_LET_GO, (self._server,))

    def _query(self, connection: driver.Connection[Any]) -> int:
        """Return the round of the lease that this server holds, or 0; try to have one now and then."""
        cursor = driver.RawCursor(connection)
        held = cursor.execute(_HELD, (self._server,)).fetchone()
        if held:
            return int(held[0])
        if now() >= self._next_claim:
            self._next_claim = now() + _CLAIM_SECONDS
            self._claim(cursor)
        return 0

    def _claim(self, cursor: driver.RawCursor[Any]) -> None:
        if self._is_among_others(cursor):
            return
        claimed = cursor.execute(_CLAIM, (self._server,)).fetchone()
        if claimed is None:
            return
        if self._is_among_others(cursor):
            cursor.execute(_LET_GO, (self._server,))
        else:
            cursor.execute(_BE_SURE, (self._server, claimed[0]))

    def _is_among_others(self, cursor: driver.RawCursor[Any]) -> bool:
        found = cursor.execute(_OTHERS, (self._server,)).fetchone()
        return found is None or found[0] > 0


def now() -> float:
    """Return the seconds of the clock that a lease goes by."""
    return time.clock_gettime(_CLOCK)
