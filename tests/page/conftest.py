"""The page in Debian's Chromium, over a real server. `make test-page` installs it where it is missing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from support.browsing import HERE, NOW, Arrive
from support.running import Running

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# How long to wait for what must come: a machine may have much else to do.
PATIENCE = 30_000
# What a browser says of an address that answers with an error: the tests say themselves what they expect.
_LOADING = "Failed to load resource"
# What it says of a message that tries something, and does not succeed.
_STOPPED = ("Content Security Policy", "sandboxed", "sandbox", "Unsafe attempt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/page" in item.path.as_posix():
            item.add_marker("page")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for all tests; each person gets a context of their own."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server with the people and meetings of a new data file, which keeps its port when it is started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Running(tmp_path, "--port", str(port), "--clock", f"{NOW.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    # A clock that is set is kept with the data, so that a server that is started again goes on with it.
    assert running.ask("PUT", "/_rsvpd/clock", json={"now": "+0s"}).status_code == 200
    yield running
    running.close()


@pytest.fixture
def arrive(browser: Browser, server: Running) -> Iterator[Arrive]:
    """Let somebody sign in in a browser of their own. What their page must never do, no test has to ask for: ask
    another host, break its own policy, or fail in silence. `dark` and `hostile` (somebody tries to) are said of it."""
    wrong: list[str] = []

    def sign_in(name: str, *, place: str = "", width: int = 1280, height: int = 800, **more: bool) -> Page:
        def see(request: Request) -> None:
            parts = urlsplit(request.url)
            is_ours = parts.scheme in ("data", "blob", "about") or f"{parts.scheme}://{parts.netloc}" == server.url
            if not is_ours and not more.get("hostile"):  # what the policy stops is seen here, too
                wrong.append(f"asked for {request.url}")

        def hear(said: ConsoleMessage) -> None:
            is_stopped = more.get("hostile") and any(one in said.text for one in _STOPPED)
            if said.type == "error" and not is_stopped and not said.text.startswith(_LOADING):
                wrong.append(said.text)

        context = browser.new_context(
            viewport={"width": width, "height": height}, timezone_id=HERE.key, locale="en-GB",
            color_scheme="dark" if more.get("dark") else "light",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("request", see)
        page.on("pageerror", lambda failure: wrong.append(str(failure)))
        page.on("console", hear)
        page.goto(f"{server.url}/{place}")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=name).click()
        page.get_by_role("button", name="Switch person").wait_for()
        return page

    yield sign_in
    for context in browser.contexts:
        context.close()
    assert wrong == []
