"""The page in a real browser: who arrives, and what is opened there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

Arrive = Callable[..., Page]
HERE = ZoneInfo("Europe/Berlin")
# What the server's clock shows when a test begins: a Wednesday, by which the sample people and the page go.
NOW = datetime(2026, 12, 2, 9, 30, tzinfo=HERE)
TODAY = NOW.replace(hour=0, minute=0)


def open_message(page: Page, subject: str) -> None:
    """Open the newest message of that subject from the list, and wait until it has the focus."""
    page.locator(".messages").get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("article").locator("h2")).to_be_focused()


class Held:
    """Requests of a page that are answered when the test says so."""

    def __init__(self, page: Page, addresses: str) -> None:
        self._routes: list[Route] = []
        self._is_held = True
        self._status = 0
        page.route(addresses, self._meet)

    def release(self, *, status: int = 0) -> None:
        """Let the server answer these and all others of these addresses, or answer them with a `status`."""
        assert self._routes, "nothing was asked for there"
        self._is_held = False
        self._status = status
        for route in self._routes:
            self._meet(route)

    def _meet(self, route: Route) -> None:
        if self._is_held:
            self._routes.append(route)
        elif self._status:
            route.fulfill(status=self._status, body="{}")
        else:
            route.continue_()


def go(page: Page, place: str) -> None:
    """Go to another place of the page, as a link does, and wait until it is shown."""
    page.evaluate("place => { location.hash = place }", place)
    name = place.removeprefix("#/").split("/")[0].replace("inbox", "mail")
    page.locator(f"main.{name}").wait_for(state="attached")


def audit(page: Page) -> list[str]:
    """Return what axe finds serious on the page as it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
