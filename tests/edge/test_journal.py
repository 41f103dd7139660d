"""What goes into the journal of requests when answers are sent."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from rsvpd import log
from rsvpd.dialects.wire import Part, Request, Response
from rsvpd.edge.app import make_app
from rsvpd.errors import ItemNotFound
from rsvpd.journal import Journal
from support.fakes import Fake, asked_of, settings

SECRET = "zqxjv8"


def app_of(journal: Journal | None, answer=None, **more):
    return make_app([Fake("/v1", answer).dialect], settings(), clock=lambda: 0, journal=journal, **more)


def everything(journal: Journal) -> str:
    return repr(list(journal))


def test_a_request_is_kept_with_its_answer():
    def answer(request: Request) -> Response:
        log.person.set("bob@example.com")
        return Response(status=404, headers=(("X-Rsvpd-Hint", "Mind this."),), body=b"{}", problem=ItemNotFound)

    journal = Journal(10)
    reply = asked_of(
        app_of(journal, answer), "POST", f"/v1/me?$top=1&access_token={SECRET}", content=b'{"a": 1}',
        headers={"Authorization": f"Bearer {SECRET}", "Prefer": "x", "Cookie": SECRET},
    )  # fmt: skip
    (one,) = journal
    assert (one.id, one.number) == (reply.headers["request-id"], 1)
    assert (one.method, one.mount, one.path) == ("POST", "/v1", "/me")
    assert (one.person, one.status, one.hint, one.problem) == ("bob@example.com", 404, "Mind this.", ItemNotFound)
    assert one.target == "/v1/me?$top=1&access_token=left-out"
    assert (one.request.body, one.answer.body, one.has_token) == (b'{"a": 1}', b"{}", True)
    assert dict(one.request.headers)["prefer"] == "x"
    assert SECRET not in everything(journal)


def test_requests_inside_another_one_stand_for_themselves():
    inside = Request(
        method="PATCH", origin="http://localhost", mount="/v1", path="/me/events/x", query="", body=b'{"b": 2}',
        headers={"authorization": SECRET, "content-type": "application/json"}, now=0, request_id="x",
    )  # fmt: skip
    part = Part(
        person="bob@example.com", application="", method="PATCH", mount="/v1", path="/me/events/x", query="",
        status=200, seconds=0.5, hint="", request=inside, response=Response(status=200, body=b'{"c": 3}'),
    )  # fmt: skip
    journal = Journal(10)
    app = app_of(journal, lambda request: Response(status=200, body=b"all", parts=(part, part)))
    id = asked_of(app, "POST", "/v1/$batch", content=SECRET.encode()).headers["request-id"]
    whole, second, first = journal
    assert [(one.id, one.batch) for one in (first, second, whole)] == [(f"{id}.1", id), (f"{id}.2", id), (id, "")]
    assert (first.request.body, first.answer.body) == (b'{"b": 2}', b'{"c": 3}')
    assert (whole.request.body, whole.answer.body) == (None, None)
    assert SECRET not in everything(journal)


def test_the_body_of_a_batch_that_cannot_be_read_is_not_kept():
    journal = Journal(10)
    app = app_of(journal, lambda request: Response(status=400, body=b"why"))
    asked_of(app, "POST", "/v1/$Batch", content=f'{{"headers": {{"authorization": "{SECRET}"'.encode())
    assert SECRET not in everything(journal)
    assert [one.answer.body for one in journal] == [b"why"]


def test_where_people_sign_in_neither_bodies_nor_options_are_kept():
    def token(request):
        return JSONResponse({"access_token": SECRET})

    journal = Journal(10)
    app = app_of(journal, sign_in=[Route("/oauth2/token", token, methods=["POST"])])
    asked_of(app, "POST", f"/oauth2/token?code={SECRET}", content=f"password={SECRET}".encode())
    (one,) = journal
    assert (one.path, one.status, one.request.body, one.answer.body) == ("/oauth2/token", 200, None, None)
    assert SECRET not in everything(journal)


def test_who_looks_at_the_journal_is_not_in_it():
    journal = Journal(10)
    desk = Starlette(routes=[Route("/requests", lambda request: JSONResponse([]))])
    app = app_of(journal, control=desk)
    for path in ("/_rsvpd/requests", "/_rsvpd", "/health", "/nothing"):
        asked_of(app, "GET", path)
    assert [one.path for one in journal] == ["/nothing"]


@pytest.mark.parametrize("status", [200, 500])
def test_without_a_journal_the_answer_is_the_same(status):
    def answer(request: Request) -> Response:
        if status == 500:
            raise ValueError
        return Response(status=200, body=b"ok")

    kept, none = (asked_of(app_of(one, answer), "GET", "/v1/me") for one in (Journal(10), None))
    assert (kept.status_code, kept.content) == (none.status_code, none.content) == (status, none.content)
