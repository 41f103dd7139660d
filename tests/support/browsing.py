"""The page in a real browser: who arrives, and what is opened there."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

Arrive = Callable[..., Page]


def open_message(page: Page, subject: str) -> None:
    """Open the newest message of that subject from the list, and wait until it has the focus."""
    page.locator(".messages").get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("article").locator("h2")).to_be_focused()


def go(page: Page, place: str) -> None:
    """Go to another place of the page, as a link does."""
    page.evaluate("place => { location.hash = place }", place)


def audit(page: Page) -> list[str]:
    """Return what axe finds serious on the page as it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
