"""What processes tell each other of their commits, with NOTIFY
(https://www.postgresql.org/docs/current/sql-notify.html): it comes after the COMMIT, in the order of commits.

A signal that is lost costs time, never a change: after a connection broke whoever remembers anything asks.
"""

from __future__ import annotations

import os
import secrets
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec
from msgspec import structs

from rsvpd import log
from rsvpd.store.engine import Commit, OnCommit
from rsvpd.store.postgres import driver
from rsvpd.store.postgres.lease import RENEW_SECONDS, Lease, now
from rsvpd.store.postgres.session import LISTEN, PostgresSession

_MOST = 200  # mailboxes in one signal, which holds 8000 bytes
_AGAIN_SECONDS = 0.5

_log = log.get(__name__)


class _Signal(msgspec.Struct, frozen=True, array_like=True):
    by: str
    commit: Commit


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Signal).decode


class Listener:
    """Tells others of this process's commits, and `on_commit` of theirs, in a thread of its own."""

    def __init__(self, url: str, options: Mapping[str, Any], on_commit: OnCommit, lease: Lease) -> None:
        self._name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._url = url
        self._options = options
        self._on_commit = on_commit
        self._lease = lease
        self._closing = False
        self._waker, self._wakened = socket.socketpair()
        self._thread = threading.Thread(target=self._work, name="rsvpd-listener", daemon=True)
        self._thread.start()

    def tell(self, session: PostgresSession, commit: Commit) -> None:
        """Tell the others, once the transaction is committed."""
        for part in _parts(commit):
            session.tell(_encode(_Signal(self._name, part)))

    def close(self) -> None:
        """Stop listening."""
        self._closing = True
        self._waker.send(b" ")
        self._thread.join()
        self._waker.close()
        self._wakened.close()

    def _work(self) -> None:
        while not self._closing:
            with suppress(driver.Error):
                self._listen()
            if not self._closing:
                select.select([self._wakened], [], [], _AGAIN_SECONDS)

    def _listen(self) -> None:
        with driver.Connection.connect(self._url, **self._options) as connection:
            connection.execute(LISTEN)
            self._hear(Commit(is_anything=True))  # what was told meanwhile, or before
            renewed = now()
            while not self._closing:
                if now() >= renewed + RENEW_SECONDS:
                    renewed = now()
                    self._renew(connection)
                for signal in connection.notifies(timeout=0):
                    heard = _decode(signal.payload)
                    if heard.by != self._name:
                        self._hear(heard.commit)
                select.select([connection.fileno(), self._wakened.fileno()], [], [], RENEW_SECONDS)
            self._lease.let_go(connection)

    def _renew(self, connection: driver.Connection[Any]) -> None:
        """Keep the lease of this server. Where it begins, what others did before may not have been heard of."""
        if self._lease.renew(connection):
            self._hear(Commit(is_anything=True))
            self._lease.hold(connection)

    def _hear(self, commit: Commit) -> None:
        try:
            self._on_commit(commit)
        except Exception as fault:
            _log.failure("listener.failed", fault)


def _parts(commit: Commit) -> Iterator[Commit]:
    """Yield what is told of a commit, in pieces that a signal can hold."""
    numbers = iter(commit.newest.items())
    yield structs.replace(commit, newest=dict(islice(numbers, _MOST)))
    while more := dict(islice(numbers, _MOST)):
        yield Commit(newest=more)
