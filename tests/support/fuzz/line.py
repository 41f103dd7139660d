"""A connection to the server under test: bytes out, an answer in, whatever the bytes are."""

from __future__ import annotations

import http.client
import os
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from support.fuzz.judge import Answer

_GIVE_UP_SECONDS = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Line:
    """A connection that is kept while it can be, and opened anew where it cannot.

    The time of an answer is what the server, the process `pid`, computed for it: how long it waited for a processor
    says nothing of the input. Where that is not told, it is the time that went by.
    """

    def __init__(self, url: str, pid: int = 0) -> None:
        self._times = Path(f"/proc/{pid}/stat")
        where = urlsplit(url)
        self._where = (where.hostname or "127.0.0.1", where.port or 80)
        self._socket: socket.socket | None = None

    def ask(self, raw: bytes, method: str) -> Answer:
        """Send bytes and return what comes back; status 0 where nothing does."""
        begin = self._now()
        try:
            connection = self._socket or socket.create_connection(self._where, _GIVE_UP_SECONDS)
            self._socket = None
            connection.sendall(raw)
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return Answer(0, {}, b"", self._now() - begin)
        if answer.will_close:
            connection.close()
        else:
            self._socket = connection
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, body, self._now() - begin)

    def ask_once(self, raw: bytes, method: str) -> Answer:
        """Send bytes on a connection of their own and say that nothing follows."""
        begin = self._now()
        with socket.create_connection(self._where, _GIVE_UP_SECONDS) as connection:
            try:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                answer = http.client.HTTPResponse(connection, method=method)
                answer.begin()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return Answer(0, {}, b"", self._now() - begin)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, body, self._now() - begin)

    def _now(self) -> float:
        try:
            fields = self._times.read_text().rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / _TICKS
