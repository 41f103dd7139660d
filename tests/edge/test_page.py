"""The files of the page: who gets them, under which policy, and that what they ask for is served."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files

import pytest

from rsvpd.dialects.microsoft.routes import resolve
from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.dialects.odata import url
from rsvpd.edge import page
from rsvpd.errors import DomainError
from support.fakes import Fake, asked_of, edge_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FILES = {one.name: one.read_text("utf-8") for one in files("rsvpd.page").iterdir() if one.suffix in (".js", ".html")}
# What stands in the place of a name in the scripts' addresses.
NAMES = {"name": "inbox", "call": "accept", "kind": "reply", "DRAFTS[kind]": "createReply"}
PATHS = {"mail.js": "/me/mailFolders/inbox", "write.js": "/me/messages/id", "change.js": "/me/events/id"}
CALL = re.compile(r'(\w+)?\(?(?:"(\w+)", )?[`"]((?:\$\{pathOf\(\w+\)\}|/(?:me|users|places|\$batch)\b)[^`"]*)[`"]')
METHODS = {"get": "GET", "post": "POST", "patch": "PATCH", "all": "GET", "DELETE": "DELETE"}


def ask(target, **headers):
    return asked_of(edge_of(Fake("/v1.0")), "GET", target, headers=headers)


@pytest.mark.parametrize(
    ("accept", "kind"), [(BROWSER, "text/html"), ("*/*", "text/plain"), ("application/json", "application/json")]
)
def test_browsers_get_the_page_and_others_the_index(accept, kind):
    reply = ask("/", accept=accept)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(kind)
    assert reply.headers["vary"] == "Accept"


@pytest.mark.parametrize("name", sorted(FILES.keys() | {"style.css", "message.css", "icon.svg"}))
def test_each_file_is_sent_under_the_policy(name):
    reply = ask("/", accept=BROWSER) if name == "index.html" else ask(f"/page/{name}")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == page.MEDIA_TYPES[name.rpartition(".")[2]]
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("known", ["{}", "W/{}", '"another", {}'])
def test_what_has_not_changed_is_not_sent_again(known):
    first = ask("/page/app.js")
    again = ask("/page/app.js", **{"if-none-match": known.format(first.headers["etag"])})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask("/page/app.js", **{"if-none-match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/page/", "/page/nothing.js", "/page/../outside.py", "/page/__init__.py", "/page/index.html"]
)
def test_nothing_else_is_served(path):
    assert ask(path).status_code == 404


def test_the_markup_holds_nothing_that_runs_and_nothing_from_elsewhere():
    markup = FILES["index.html"]
    assert not re.findall(r"\son\w+=|style=|<style|javascript:", markup)
    assert all(one.endswith("></script>") for one in re.findall(r"<script.*?</script>", markup))
    for name, text in FILES.items():
        assert not re.findall(r"https?://(?!graph\.microsoft\.com/\.default|www\.googleapis\.com/auth/)", text), name
        assert not re.search(r"\.innerHTML\s*=|insertAdjacentHTML|document\.write|eval\(", text), name


def test_what_the_page_loads_is_there():
    named = set(itertools.chain.from_iterable(re.findall(r"/page/([\w.]+)", text) for text in FILES.values()))
    imported = set(itertools.chain.from_iterable(re.findall(r'from "\./([\w.]+)"', text) for text in FILES.values()))
    assert {ask(f"/page/{name}").status_code for name in named | imported} == {200}


def calls():
    """Yield what the scripts ask of Graph: method and path, with something for each id."""
    for name, text in sorted(FILES.items()):
        for caller, method, literal in CALL.findall(text):
            path = re.sub(r"\$\{encodeURIComponent\([^)]*\)\}", "id", literal.partition("?")[0])
            path = re.sub(r"\$\{pathOf\(\w+\)\}", PATHS.get(name, ""), path)
            path = re.sub(r"\$\{([^}]+)\}", lambda one: NAMES.get(one[1], "id"), path)
            yield name, METHODS.get(method or caller or "", "GET"), path


@pytest.mark.parametrize(("name", "method", "path"), sorted(set(calls())))
def test_every_address_of_the_scripts_is_a_route(name, method, path):
    if path == "/$batch":
        return
    try:
        resolve(GRAPH, url.parse(path), method)
    except DomainError as wrong:
        pytest.fail(f"{name}: {method} {path}: {wrong}")


def test_the_addresses_of_the_scripts_are_found():
    found = {(method, path) for _, method, path in calls()}
    assert {
        ("POST", "/me/events/id/accept"), ("POST", "/me/events/id/cancel"), ("PATCH", "/me/messages/id"),
        ("GET", "/me/mailFolders/inbox/messages/delta"), ("POST", "/me/calendar/getSchedule"), ("POST", "/$batch"),
        ("DELETE", "/me/events/id"), ("GET", "/places/microsoft.graph.room"),
    } <= found  # fmt: skip
