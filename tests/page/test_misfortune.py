"""What goes wrong under the page, and pages that should not be let in."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browsing import Arrive, go, open_message
from support.running import Running

KICKOFF = "Project kickoff"
AGAIN = "You are not signed in any more"


def send(server: Running, subject: str) -> None:
    """alice writes to bob."""
    message = {"subject": subject, "body": {"content": "Hello"}, "toRecipients": [{"emailAddress": {"address": BOB}}]}
    assert server.ask("POST", "/v1.0/me/sendMail", "alice", json={"message": message}).status_code == 202


BOB = "bob@example.com"


def first(page: Page) -> Any:
    return page.locator(".messages li").first


# --- the server is another one --------------------------------------------------------------------


@pytest.mark.parametrize("happens", ["reset", "restored", "restarted after a reset"])
def test_the_page_goes_on_over_other_data_with_the_same_people(arrive: Arrive, server: Running, happens: str):
    assert server.cli("snapshot", "save", "before").returncode == 0
    send(server, "Of another story")
    bob = arrive("Bob")
    expect(first(bob)).to_contain_text("Of another story")
    if happens == "restored":
        assert server.cli("snapshot", "restore", "before").returncode == 0
    else:
        assert server.cli("reset").returncode == 0
    if happens.startswith("restarted"):
        server.stop()
        server.start()
    expect(first(bob)).to_contain_text(KICKOFF)
    open_message(bob, KICKOFF)
    bob.get_by_role("article").get_by_role("button", name="Accept", exact=True).click()
    expect(bob.get_by_role("article")).to_contain_text("You accepted.")


def test_over_another_data_file_it_asks_to_sign_in_again(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    go(bob, "#/calendar/agenda")
    bob.get_by_role("link", name=KICKOFF).first.wait_for()
    server.stop()
    server.data = server.folder / "other.db"
    server.start()
    expect(bob.get_by_role("alert").filter(has_text=AGAIN)).to_be_visible()
    bob.get_by_role("button", name="Sign in").click()
    bob.get_by_role("button", name="Bob").click()
    expect(bob.get_by_role("link", name=KICKOFF).first).to_be_visible()  # where they were


# --- the way to the server ------------------------------------------------------------------------


def test_without_a_network_it_says_so_and_goes_on_later(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    first(bob).wait_for()
    bob.context.set_offline(True)
    expect(bob.locator("#trouble")).to_contain_text("does not answer")
    send(server, "Meanwhile")
    bob.context.set_offline(False)
    expect(first(bob)).to_contain_text("Meanwhile")
    expect(bob.locator("#trouble")).to_be_hidden()


def test_events_that_stay_open_over_a_dead_way_hide_nothing(arrive: Arrive, server: Running):
    bob = arrive("Bob")
    first(bob).wait_for()
    send(server, "By an event")
    expect(first(bob)).to_contain_text("By an event")
    bob.context.route(re.compile("/v1.0/|/_rsvpd/traps"), lambda route: route.abort())
    expect(bob.locator("#trouble")).to_contain_text("does not answer")
    send(server, "Meanwhile")
    bob.context.unroute_all()
    expect(first(bob)).to_contain_text("Meanwhile")
    expect(bob.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize(
    "fault",
    [{"effect": "cut"}, {"effect": "drop"}, {"effect": "answer", "status": 500}],
    ids=lambda fault: fault["effect"],
)
def test_a_look_that_goes_wrong_is_not_the_last(arrive: Arrive, server: Running, fault: dict[str, Any]):
    bob = arrive("Bob")
    first(bob).wait_for()
    rule = {"name": "once", "times": 1, "path": "/me/mailFolders/{folder}/messages/delta", "method": "GET", **fault}
    assert server.ask("POST", "/_rsvpd/faults", json=rule).status_code == 201
    for subject in ("While it went wrong", "And after"):
        send(server, subject)
        expect(first(bob)).to_contain_text(subject)
    assert server.ask("GET", "/_rsvpd/faults").json()[0]["left"] == 0
    expect(bob.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "expired-token"}, {"effect": "answer", "status": 429, "retry_after": 1},
        {"effect": "answer", "status": 503},
    ],
    ids=["expired", "throttled", "unavailable"],
)  # fmt: skip
def test_an_answer_that_meets_a_fault_is_given_once(arrive: Arrive, server: Running, fault: dict[str, Any]):
    bob = arrive("Bob")
    open_message(bob, KICKOFF)
    rule = {"name": "once", "times": 1, "path": "/me/events/{event}/accept", "method": "POST", **fault}
    assert server.ask("POST", "/_rsvpd/faults", json=rule).status_code == 201
    bob.get_by_role("article").get_by_role("button", name="Accept", exact=True).click()
    expect(bob.get_by_role("article")).to_contain_text("You accepted.")
    asked = server.ask("GET", "/_rsvpd/requests?path=/accept&method=POST").json()
    assert [one["status"] for one in asked] == [202, fault.get("status", 401)]
    came = server.ask("GET", "/v1.0/me/messages?$select=subject,from", "alice").json()["value"]
    answers = [one["from"]["emailAddress"]["address"] for one in came if one["subject"] == f"Accepted: {KICKOFF}"]
    assert answers.count(BOB) == 1


def test_two_tabs_of_one_person_keep_in_step(arrive: Arrive):
    bob = arrive("Bob")
    other = bob.context.new_page()
    other.goto(bob.url)
    other.get_by_role("button", name="Sign in").click()  # the browser knows who it is
    open_message(other, KICKOFF)
    open_message(bob, KICKOFF)
    bob.get_by_role("article").get_by_role("button", name="Decline", exact=True).click()
    expect(other.get_by_role("article")).to_contain_text("You declined")
    open_message(bob, "Retrospective")
    expect(other.get_by_role("article").locator("h2")).to_have_text(KICKOFF)  # each tab stays where it is


# --- pages of others ------------------------------------------------------------------------------

TRIES = """async (there) => {
  const said = (answer) => (answer.type === "opaque" ? "sent" : `read ${answer.status}`);
  const tell = (name, work) => work().then((answer) => [name, said(answer)], () => [name, "refused"]);
  const form = (path, body) => fetch(there + path, { method: "POST", mode: "no-cors", body });
  return Object.fromEntries(await Promise.all([
    tell("people", () => fetch(`${there}/_rsvpd/people`)),
    tell("requests", () => fetch(`${there}/_rsvpd/requests`)),
    tell("traps", () => fetch(`${there}/_rsvpd/traps`)),
    tell("live", () => fetch(`${there}/_rsvpd/live`)),
    tell("page", () => fetch(`${there}/`, { credentials: "include" })),
    tell("sign-in", () => fetch(`${there}/common/oauth2/v2.0/authorize?prompt=none`, { credentials: "include" })),
    tell("reset", () => form("/_rsvpd/reset", "{}")),
    tell("seed", () => form("/_rsvpd/seed", "people: [{address: mallory@example.com}]")),
    tell("delete", () => fetch(`${there}/_rsvpd/requests`, { method: "DELETE" })),
    tell("mail", () => form("/v1.0/me/sendMail", "{}")),
  ]));
}"""


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[str]:
    """A page of another origin of this machine, which frames the server's pages."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Elsewhere</title>")
    handler = partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{elsewhere.server_port}/"
        elsewhere.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_foreign_page_reads_and_changes_nothing(arrive: Arrive, server: Running, foreign: str, host: str):
    bob = arrive("Bob")
    page = bob.context.new_page()  # of the browser in which bob is signed in
    page.goto(foreign.replace("127.0.0.1", host))
    before = server.ask("GET", "/v1.0/me/messages?$select=id", "bob").json()["value"]
    told = page.evaluate(TRIES, server.url)
    readable = {name for name, what in told.items() if what.startswith("read 2")}
    assert readable <= {"page"}, told  # what it shows everybody: markup without anybody's data
    assert server.ask("GET", "/_rsvpd/people").json()["people"].keys() == server.people.keys()
    assert server.ask("GET", "/v1.0/me/messages?$select=id", "bob").json()["value"] == before
    assert server.ask("GET", "/_rsvpd/requests?path=sendMail").json()[0]["status"] == 401


@pytest.mark.parametrize("path", ["/", "/common/oauth2/v2.0/authorize", "/o/oauth2/v2/auth", "/devicelogin"])
def test_a_foreign_page_frames_nothing(browser: Browser, server: Running, foreign: str, path: str):
    page = browser.new_context().new_page()
    page.goto(foreign)
    page.evaluate("""address => new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.addEventListener("load", done, { once: true });
      frame.src = address;
      document.body.append(frame);
    })""", server.url + path)
    assert [one.url for one in page.frames[1:]] == ["chrome-error://chromewebdata/"]
    page.context.close()
