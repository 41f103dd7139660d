"""What lies outside the dialects: the page, the index for those who are no browser, whether we are well, the control
interface, a helpful 404."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Lifespan, Scope

from rsvpd import __version__, errors
from rsvpd.dialects import wire
from rsvpd.edge import page
from rsvpd.signin.http import ORIGIN

CONTROL = "/_rsvpd"
_VARY = {"Vary": "Accept"}
ERROR_BODY = b'{"error":{"code":"InternalServerError","message":"Something went wrong inside the server."}}'

_STATUS: Mapping[type[errors.RsvpdError], int] = {
    errors.MalformedRequest: 400,
    errors.InvalidHost: 400,
    errors.RequestTimeout: 408,
    errors.TargetTooLong: 414,
    errors.UnsupportedCoding: 415,
    errors.MisdirectedRequest: 421,
    errors.HeadTooLarge: 431,
    errors.Overloaded: 503,
}


def refuse(error: errors.RsvpdError) -> wire.Response:
    """Return the answer that tells what is wrong with a request of which no dialect is known."""
    body = {"error": {"code": type(error).__name__, "message": getattr(error, "message", "")}}
    return wire.Response(
        status=_STATUS[type(error)],
        headers=(("Content-Type", "application/json"),),
        body=msgspec.json.encode(body),
    )


def make_rest(
    places: Mapping[str, str],
    control: ASGIApp | None,
    lifespan: Lifespan[Starlette] | None,
    *,
    more: Iterable[BaseRoute] = (),
) -> Starlette:
    """Return the application for everything that no dialect answers; `places` are prefixes by title, `more` what is
    served besides."""

    def index(request: Request) -> Response:
        return _index(request, places)

    def refuse_route(request: Request, wrong: Exception) -> Response:
        assert isinstance(wrong, HTTPException)
        return _refusal(request, wrong, places)

    routes = [
        Route("/", index),
        Route("/health", _health),
        *page.routes(),
        *([Mount(CONTROL, app=control)] if control else []),
        *more,
    ]
    return Starlette(
        routes=routes, exception_handlers={HTTPException: refuse_route, Exception: _answer_error}, lifespan=lifespan
    )


def methods(rest: Starlette, scope: Scope) -> str:
    """Return which methods a path takes."""
    found = [one for one in rest.routes if isinstance(one, Route) and one.matches(scope)[0] is not Match.NONE]
    return ", ".join(sorted(found[0].methods or ())) if found else "GET"


def _index(request: Request, places: Mapping[str, str]) -> Response:
    if page.wants_page(request):
        return page.index(request)
    base = request.scope[ORIGIN]
    if "json" in request.headers.get("accept", ""):
        interfaces = {name: base + at for name, at in places.items()}
        return _json({"name": "rsvpd", "interfaces": interfaces}, headers=_VARY)
    lines = [f"{name:<24} {base}{at}" for name, at in places.items()]
    text = "\n".join(["rsvpd: meeting invitations over an API", "", *lines, ""])
    return PlainTextResponse(text, headers=_VARY)


async def _health(request: Request) -> Response:
    return _json({"status": "ok", "version": __version__}, headers={"Cache-Control": "no-store"})


def _refusal(request: Request, wrong: HTTPException, places: Mapping[str, str]) -> Response:
    if wrong.status_code == 404:
        known = ", ".join(places.values())
        message = f"Nothing is served at {request.url.path!r:.200}; the interfaces are below {known}."
        return _json({"error": {"code": "NotFound", "message": message}}, 404)
    body = {"error": {"code": "RequestNotPossible", "message": wrong.detail}}
    return _json(body, wrong.status_code, headers=wrong.headers)


def _answer_error(request: Request, wrong: Exception) -> Response:
    return Response(ERROR_BODY, 500, media_type="application/json")


def _json(body: object, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
