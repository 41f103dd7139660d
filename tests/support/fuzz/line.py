"""A connection to the server under test: bytes out, an answer in, whatever the bytes are."""

from __future__ import annotations

import http.client
import socket
import time
from urllib.parse import urlsplit

from support.fuzz.judge import Answer

_GIVE_UP_SECONDS = 30.0


class Line:
    """A connection that is kept while it can be, and opened anew where it cannot."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._where = (where.hostname or "127.0.0.1", where.port or 80)
        self._socket: socket.socket | None = None

    def ask(self, raw: bytes, method: str) -> Answer:
        """Send bytes and return what comes back; status 0 where nothing does."""
        begin = time.monotonic()
        try:
            connection = self._socket or socket.create_connection(self._where, _GIVE_UP_SECONDS)
            self._socket = None
            connection.sendall(raw)
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return Answer(0, {}, b"", time.monotonic() - begin)
        if answer.will_close:
            connection.close()
        else:
            self._socket = connection
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, body, time.monotonic() - begin)

    def ask_once(self, raw: bytes, method: str) -> Answer:
        """Send bytes on a connection of their own and say that nothing follows."""
        begin = time.monotonic()
        with socket.create_connection(self._where, _GIVE_UP_SECONDS) as connection:
            try:
                connection.sendall(raw)
                connection.shutdown(socket.SHUT_WR)
                answer = http.client.HTTPResponse(connection, method=method)
                answer.begin()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return Answer(0, {}, b"", time.monotonic() - begin)
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, body, time.monotonic() - begin)
