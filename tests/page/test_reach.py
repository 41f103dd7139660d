"""Whoever comes, and however: by keyboard, on a phone, in the dark; with a hostile message, a full inbox, a restart."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from playwright.sync_api import Page, Request, expect

from support.browsing import Arrive, audit, go, open_message
from support.running import Running

PLACES = ("#/inbox", "#/calendar/agenda", "#/calendar/week", "#/calendar/month", "#/requests")
HOSTILE = """<h1 onclick="parent.hacked=1">Hello</h1><script>parent.hacked = 1; fetch('/v1.0/me')</script>
<img src="http://ELSEWHERE/seen.png" onerror="parent.hacked=1"><style>@import "http://ELSEWHERE/a.css";</style>
<form action="http://ELSEWHERE/"><input name="password"><button>Sign in again</button></form>
<iframe src="http://ELSEWHERE/"></iframe><a href="javascript:parent.hacked=1">click</a>
<svg onload="parent.hacked=1"></svg><meta http-equiv="refresh" content="0;url=http://ELSEWHERE/">
<svg><script>parent.hacked = 1</script><a xlink:href="javascript:parent.hacked=1"><text>here</text></a>
<use href="data:image/svg+xml,<svg id='x' onload='parent.hacked=1'/>#x"></use></svg>
<math><a href="javascript:parent.hacked=1">there</a></math><base href="http://ELSEWHERE/">
<link rel="stylesheet" href="http://ELSEWHERE/c.css">
<object data="data:text/html,<script>top.hacked=1</script>"></object>
<a href="data:text/html,<script>top.hacked=1</script>">data</a><embed src="http://ELSEWHERE/e">
<div style="position:fixed;inset:0;background:url(http://ELSEWHERE/b.png)">over all</div>"""
MANY, IN_BATCH = 10_000, 20


@pytest.fixture
def hostile() -> Iterator[str]:
    """A message that wants something of another server of this machine, of which nobody may ask anything."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        yield HOSTILE.replace("ELSEWHERE", f"127.0.0.1:{elsewhere.getsockname()[1]}")
        elsewhere.setblocking(False)
        with suppress(BlockingIOError):
            came, _ = elsewhere.accept()  # Chromium may open a connection ahead of a policy; it says nothing there
            came.setblocking(False)
            assert came.recv(200) == b""


def test_a_hostile_message_does_nothing(arrive: Arrive, server: Running, hostile: str):
    message = {"subject": "Win", "body": {"contentType": "html", "content": hostile}, "toRecipients": to("bob")}
    assert server.ask("POST", "/v1.0/me/sendMail", "alice", json={"message": message}).status_code == 202
    bob = arrive("Bob", hostile=True)
    open_message(bob, "Win")
    expect(bob.locator("iframe").content_frame.locator("h1")).to_have_text("Hello")
    press(bob)


def test_a_message_that_the_server_did_not_clean_does_nothing(arrive: Arrive, hostile: str):
    bob = arrive("Bob", hostile=True)
    open_message(bob, "Project kickoff")
    bob.evaluate(
        """async content => {
          const { frame } = await import("/page/frame.js");
          document.querySelector("iframe").replaceWith(frame({ contentType: "html", content }, "Unclean"));
        }""",
        hostile,
    )
    press(bob)
    for odd in ("script", "form", "iframe", "img", "style", "meta[http-equiv=refresh]"):
        expect(bob.locator("iframe").content_frame.locator(odd)).to_have_count(0)


def test_the_frame_and_the_policy_would_stop_it_too(arrive: Arrive, hostile: str):
    bob = arrive("Bob", hostile=True)
    open_message(bob, "Project kickoff")
    expect(bob.locator("iframe").content_frame.locator("body")).to_contain_text("first milestone")
    bob.evaluate("content => { document.querySelector('iframe').srcdoc = content }", hostile)
    press(bob)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("'<p>Deep</p>' + '<div>'.repeat(20000)", "Deep"), ("'<p>Long</p>' + 'long '.repeat(1e6)", "Long"),
    ],
    ids=["deep", "long"],
)  # fmt: skip
def test_a_message_without_measure_is_shown_and_the_page_goes_on(arrive: Arrive, content: str, shown: str):
    bob = arrive("Bob")
    open_message(bob, "Project kickoff")
    bob.evaluate(
        f"""async () => {{
          const {{ frame }} = await import("/page/frame.js");
          const content = {content};
          document.querySelector("iframe").replaceWith(frame({{ contentType: "html", content }}, "Vast"));
        }}"""
    )
    expect(bob.frame_locator("iframe[title=Vast]").locator("p")).to_have_text(shown)
    bob.get_by_role("article").get_by_role("button", name="Accept", exact=True).click()
    expect(bob.get_by_role("article")).to_contain_text("You accepted.")


def press(page: Page) -> None:
    """Press what can be pressed in the message; nothing comes of it."""
    inside = page.locator("iframe").content_frame
    inside.locator("h1").dispatch_event("click")
    for button in inside.locator("button, a").all():
        button.dispatch_event("click")
    assert page.evaluate("window.hacked") is None
    assert page.locator("iframe").get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    assert page.context.pages == [page]
    expect(page.get_by_role("button", name="Switch person")).to_be_visible()


def test_the_keyboard_alone_is_enough(arrive: Arrive):
    bob = arrive("Bob")
    bob.locator(".messages a").first.wait_for()
    bob.keyboard.press("Tab")
    expect(bob.get_by_role("link", name="Skip to content")).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("main")).to_be_focused()
    expect(bob.locator(".tree a").first).to_be_visible()
    for _ in range(bob.locator(".tree a").count() + 2):  # past the folders, and the button beside the title
        bob.keyboard.press("Tab")
    expect(bob.locator(".messages a").first).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("article").locator("h2")).to_be_focused()
    expect(bob.get_by_role("button", name="Accept", exact=True)).to_be_visible()
    for _ in range(12):
        bob.keyboard.press("Tab")
        if bob.evaluate("document.activeElement.textContent") == "Accept":
            break
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("article")).to_contain_text("You accepted.")
    expect(bob.locator("#said")).to_have_text("You accepted.")
    expect(bob.get_by_role("button", name="Accept")).to_be_focused()


@pytest.mark.parametrize("place", PLACES)
def test_a_phone_shows_all_of_it(arrive: Arrive, place: str):
    bob = arrive("Bob", width=360, height=740)
    go(bob, place)
    bob.get_by_role("heading", level=1).wait_for()
    assert bob.evaluate("document.documentElement.scrollWidth") <= 360
    if place == "#/inbox":
        open_message(bob, "Project kickoff")
        expect(bob.locator(".messages")).to_be_hidden()
        assert bob.evaluate("document.documentElement.scrollWidth") <= 360
        bob.get_by_role("link", name="Back to the inbox").click()
        expect(bob.locator(".messages")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(arrive: Arrive, server: Running, dark: bool):
    found = server.ask("GET", "/v1.0/me/events?$filter=subject eq 'Project kickoff'", "bob").json()["value"]
    server.ask("POST", f"/v1.0/me/events/{found[0]['id']}/cancel", "bob", json={})
    server.ask("GET", "/v1.0/me/messages?$search=project kickoff", "bob")  # two traps, one for each kind of place
    bob = arrive("Bob", dark=dark)
    open_message(bob, "Project kickoff")
    bob.get_by_text("Add a comment").click()
    serious = {"card": audit(bob)}
    for place in PLACES[1:]:
        go(bob, place)
        bob.locator(".event, .log td").first.wait_for()
        serious[place] = audit(bob)
    go(bob, "#/calendar/agenda")
    bob.get_by_role("button", name="New meeting").click()
    bob.locator(".times .line").first.wait_for()
    serious["new"] = audit(bob)
    bob.get_by_role("button", name="Close").click()
    bob.get_by_role("link", name="Project kickoff").first.click()
    bob.get_by_role("heading", name="Invited").wait_for()
    bob.get_by_text("Timeline").click()
    bob.locator(".moment").first.wait_for()
    bob.get_by_text("As programs see it").click()
    bob.locator(".programs pre").wait_for()
    bob.locator("article trap-lines li").wait_for()
    bob.locator("#traps p").wait_for()
    serious["meeting"] = audit(bob)
    assert serious == {place: [] for place in serious}


def test_a_server_that_restarts_is_waited_for(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    bob.locator(".messages a").first.wait_for()
    server.stop()
    expect(bob.get_by_role("alert").first).to_contain_text("does not answer")
    server.start()
    expect(bob.locator("#trouble")).to_be_hidden(timeout=20_000)
    message = {"subject": "Back again", "body": {"content": "Hello"}, "toRecipients": to("bob")}
    server.ask("POST", "/v1.0/me/sendMail", "alice", json={"message": message})
    expect(bob.locator(".messages li").first).to_contain_text("Back again")


@pytest.mark.slow
def test_ten_thousand_messages_come_page_by_page(arrive: Arrive, server: Running):
    fill(server)
    bob = arrive("Bob")
    expect(bob.locator(".messages li")).to_have_count(25)
    asked: list[Request] = []
    bob.on("request", lambda one: asked.append(one) if "/messages" in one.url else None)
    bob.reload()
    expect(bob.locator(".messages li")).to_have_count(25)
    bob.get_by_role("button", name="Show older messages").click()
    expect(bob.locator(".messages li")).to_have_count(50)
    expect(bob.locator(".messages li").nth(25).get_by_role("link")).to_be_focused()
    pages = [one.url for one in asked if "/delta" not in one.url]
    assert len(pages) == 2, pages
    assert len(asked) < 12, [one.url for one in asked]  # and the beginning of delta, of which 10,000 would be many
    message = {"subject": "The newest", "body": {"content": "Hello"}, "toRecipients": to("bob")}
    server.ask("POST", "/v1.0/me/sendMail", "alice", json={"message": message})
    expect(bob.locator(".messages li").first).to_contain_text("The newest")
    expect(bob.locator(".messages li")).to_have_count(51)


def fill(server: Running) -> None:
    """Put many messages into bob's inbox."""

    def send(batch: int) -> None:
        requests = [
            {
                "id": str(n), "method": "POST", "url": "/me/mailFolders/inbox/messages",
                "headers": {"Content-Type": "application/json"}, "body": {"subject": f"Note {batch}.{n}"},
            }
            for n in range(IN_BATCH)
        ]  # fmt: skip
        reply = server.ask("POST", "/v1.0/$batch", "bob", json={"requests": requests})
        assert {one["status"] for one in reply.json()["responses"]} == {201}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(MANY // IN_BATCH)))


def test_the_text_of_a_message_is_never_markup(arrive: Arrive, server: Running):
    odd = "<img src=x onerror=parent.hacked=1>"
    message = {"subject": odd, "body": {"contentType": "text", "content": odd}, "toRecipients": to("bob")}
    server.ask("POST", "/v1.0/me/sendMail", "alice", json={"message": message})
    bob = arrive("Bob")
    open_message(bob, odd)
    expect(bob.get_by_role("article").locator("h2")).to_have_text(odd)
    expect(bob.locator("iframe").content_frame.locator("body")).to_contain_text(odd)


def to(name: str) -> list[dict[str, dict[str, str]]]:
    return [{"emailAddress": {"address": f"{name}@example.com"}}]
