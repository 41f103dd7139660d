"""A receiver of notifications on a port of this machine, which can be slow, fail, stop and start again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Receiver:
    """Agrees to every subscription and notes what it is told, unless `fails` says so; `slowly` comes first."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.tokens: list[str] = []  # by which the last message says who sent it
        self.fails: Callable[[], bool] = lambda: False
        self.slowly: Callable[[], None] = lambda: None
        self.port = 0
        self._news = threading.Condition()
        self._server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        """Return where it listens, the same after each start."""
        return f"http://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        """Listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = urlsplit(self.path).query.replace("validationtoken", "validationToken")  # Outlook REST's
                token = parse_qs(query).get("validationToken", [""])[0]
                status, content = (200, token.encode()) if token else (receiver._take(body, dict(self.headers)), b"")
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more; what was noted stays."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def wait_for(self, what: Callable[[list[dict[str, Any]]], bool], *, seconds: float) -> None:
        """Wait until what was heard is enough."""
        until = time.monotonic() + seconds
        with self._news:
            while not what(self.heard):
                left = until - time.monotonic()
                assert left > 0, f"{len(self.heard)} were heard in {seconds} s"
                self._news.wait(left)

    def _take(self, body: bytes, headers: dict[str, str]) -> int:
        self.slowly()
        if self.fails():
            return 503
        sent = json.loads(body) if body else {"value": [headers]}
        told = sent["value"]
        with self._news:
            self.tokens = sent.get("validationTokens", [])
            self.heard += told
            self._news.notify_all()
        return 202
