"""The control interface, asked without a server around it."""

from __future__ import annotations

import asyncio
from typing import Any

from rsvpd.control.api import make_control


def test_a_body_that_does_not_arrive_whole_is_refused() -> None:
    unused: Any = None
    app = make_control(unused, unused, clock=lambda: 0, token="t", service_account=unused)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/people", "query_string": b"",
        "headers": [(b"authorization", b"Bearer t")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    parts = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
