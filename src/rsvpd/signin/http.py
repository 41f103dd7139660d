"""Requests and answers of the sign-in endpoints: forms, redirects, headers.

Rule: nothing that came in is written into a header or a page as it is. Redirects are made by `with_parameters`,
pages by templates that escape.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit, urlunsplit

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from rsvpd.errors import DomainError

# Under this name the scope says where a client sees this server: scheme and host, without a slash at the end.
ORIGIN = "rsvpd.origin"
# And under this one from which address the request comes.
PEER = "rsvpd.peer"
MAX_FORM_BYTES = 65_536
_MOST_PARAMETERS = 100

# Answers of sign-in endpoints hold what nobody else may see (RFC 6749 5.1).
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# Discovery documents and keys are for everybody, and for pages of any origin.
PUBLIC = {"Cache-Control": "public, max-age=3600"}


class UnreadableForm(Exception):
    """A body that is no form, too long, or of too many parts; the text says which."""


class Params(Mapping[str, str]):
    """The parameters of a request. One that stands there twice is in `repeated` (RFC 6749 3.1 forbids it)."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values = dict(pairs)
        self.repeated = frozenset(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str) -> str:
        """Return a parameter, empty where it is not there (RFC 6749 3.1 makes no difference)."""
        return self._values.get(name, "")


def parse_parameters(text: str) -> Params:
    """Return the parameters of a query or a form. Raises UnreadableForm."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise UnreadableForm("There are too many parameters.") from None
    return Params(pairs)


async def read_form(request: Request) -> Params:
    """Return the parameters of a form. Raises UnreadableForm."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type != "application/x-www-form-urlencoded":
        raise UnreadableForm("The body has to be application/x-www-form-urlencoded.")
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_FORM_BYTES:
                raise UnreadableForm("The body is too long.")
    except ClientDisconnect:
        raise UnreadableForm("The body is not complete.") from None
    except DomainError as wrong:  # what the connection finds wrong with the bytes
        raise UnreadableForm(wrong.message) from None
    return parse_parameters(body.decode("utf-8", "replace"))


def query(request: Request) -> str:
    """Return the query as it came."""
    return bytes(request.scope["query_string"]).decode("latin-1")


async def query_or_form(request: Request) -> str:
    """Return the parameters of a request that may come either way (OpenID Connect Core 3.1.2.1), as a query."""
    return urlencode(list((await read_form(request)).items())) if request.method == "POST" else query(request)


def basic_credentials(authorization: str) -> tuple[str, str]:
    """Return id and secret of a Basic header, where they stand form-encoded (RFC 6749 2.3.1); empty without one.

    Raises ValueError where it cannot be read.
    """
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    name, _, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    return unquote_plus(name), unquote_plus(secret)


def origin(request: Request) -> str:
    """Return scheme and host as whoever asks sees them."""
    return str(request.scope[ORIGIN])


def client_address(request: Request) -> str:
    """Return the address from which a request comes."""
    return str(request.scope[PEER])


def json_answer(body: object, status: int = 200, *, headers: Mapping[str, str] = NO_STORE) -> Response:
    """Return an answer in JSON."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def with_parameters(uri: str, more: Mapping[str, str]) -> str:
    """Return a URI with parameters added to its query (RFC 6749 3.1.2 keeps those it has)."""
    parts = urlsplit(uri)
    query = "&".join(one for one in (parts.query, urlencode(more, quote_via=quote)) if one)
    return urlunsplit(parts._replace(query=query))


def with_fragment(uri: str, more: Mapping[str, str]) -> str:
    """Return a URI with parameters in its fragment."""
    return urlunsplit(urlsplit(uri)._replace(fragment=urlencode(more, quote_via=quote)))


def redirect(uri: str) -> Response:
    """Return an answer that sends a browser on, by GET whatever came in (RFC 9110 15.4.4)."""
    safe = quote(uri, safe=":/?#[]@!$&'()*+,;=%~")
    return Response(status_code=303, headers={"Location": safe, "Referrer-Policy": "no-referrer", **NO_STORE})
