"""The pictures of the README, from the page as it is. RSVPD_UPDATE_PICTURES=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import expect

from support.browsing import Arrive, open_message

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "invitation.png"
MOST_BYTES = 100_000


def test_the_picture_of_the_readme_is_small(arrive: Arrive):
    bob = arrive("Bob", width=1080, height=620)
    open_message(bob, "Project kickoff")
    expect(bob.locator(".beside")).to_contain_text("Nothing else is in your calendar")
    bob.locator("h2").blur()
    taken = bob.screenshot()
    assert len(taken) < MOST_BYTES
    if os.environ.get("RSVPD_UPDATE_PICTURES"):
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_bytes(taken)
    assert PICTURE.stat().st_size < MOST_BYTES
