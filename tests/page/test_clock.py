"""The page goes by the server's clock."""

from __future__ import annotations

from playwright.sync_api import expect

from support.browsing import Arrive, go
from support.running import Running


def test_today_is_what_the_server_says(arrive: Arrive, server: Running):
    assert server.ask("PUT", "/_rsvpd/clock", json={"now": "2031-05-14T08:00:00Z"}).status_code == 200
    bob = arrive("Bob")
    go(bob, "#/calendar/agenda")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Today, Wednesday 14 May")
