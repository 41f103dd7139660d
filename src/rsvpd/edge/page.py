"""The page for people: static files, which use the public interfaces as any other client does.

Nothing on it comes from elsewhere, and nothing stands in its markup that runs: the policy allows this server's own
files. A frame with a message inherits the policy, so that no image of a message is ever fetched.
https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = "/page"
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}  # fmt: skip
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",  # asked for anew each time, and sent only where it changed
}


class File(Struct, frozen=True):
    """A file of the page, and the entity tag of its octets."""

    content: bytes
    media_type: str
    etag: str


def wants_page(request: Request) -> bool:
    """Return whether a browser asks: no other client names HTML in `Accept`."""
    return "text/html" in request.headers.get("accept", "").lower()


def index(request: Request) -> Response:
    """Answer with the page itself."""
    answer = _send(request, _files()["index.html"])
    answer.headers["Vary"] = "Accept"
    return answer


def routes() -> list[Route]:
    """Return the routes of everything that the page loads."""
    return [Route(f"{FOLDER}/{name}", _answer) for name in _files() if not name.endswith(".html")]


def _answer(request: Request) -> Response:
    return _send(request, _files()[request.url.path.removeprefix(f"{FOLDER}/")])


def _send(request: Request, file: File) -> Response:
    headers = {**_HEADERS, "ETag": file.etag}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if file.etag in known:  # RFC 9110 13.1.2: a weak comparison
        return Response(status_code=304, headers=headers)
    return Response(file.content, headers=headers | {"Content-Type": file.media_type})


@cache
def _files() -> Mapping[str, File]:
    """Return the files by name; they are read once, and are small."""
    found: dict[str, File] = {}
    for one in sorted(files("rsvpd.page").iterdir(), key=lambda one: one.name):
        media_type = MEDIA_TYPES.get(one.name.rpartition(".")[2])
        if media_type:
            content = one.read_bytes()
            found[one.name] = File(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return found
