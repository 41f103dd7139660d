"""Batches as Google Calendar has them: calls in the parts of `multipart/mixed` (Google: Send batch requests).

Headers and parameters of the whole count for each call that has none of that name itself, its token too. Each call
has an answer of its own, in the order of the calls.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from rsvpd.dialects import batch, multipart
from rsvpd.dialects.batch import Answers, Batch, Step
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import DomainError, MethodNotAllowed, UnknownSegment, UnsupportedCoding

MOST_CALLS = 1000
# Where the batch itself shows no good token. Each call may have one, but until then it is a stranger's.
MOST_CALLS_OF_STRANGERS = 50


def read(request: Request, mount: str, *, is_known: bool) -> Batch:
    """Return the calls of a batch, each below `mount`. `is_known`: the batch itself has a good token.

    Its parameters have been read, and so are not too many to be passed on to each call. Raises DomainError for one
    that is not right as a whole.
    """
    if request.path.strip("/"):
        raise UnknownSegment(f"There is nothing below {request.mount}.")
    if request.method != "POST":
        raise MethodNotAllowed(f"{request.method[:20]} is not a method of this path; it knows POST.", target="POST")
    passed_on = [one for one in request.query.split("&") if one]
    most = MOST_CALLS if is_known else MOST_CALLS_OF_STRANGERS
    contents = multipart.split(request.headers.get("content-type"), request.body, most=most)
    # Each is made as its turn comes: with headers and parameters of the whole, a thousand are large.
    return Batch(_step(request, multipart.read_part(content), mount, passed_on) for content in contents)


def write(request: Request, answers: Answers) -> Response:
    """Return the answer to a batch: 200, whatever became of its calls."""
    boundary = f"batch_{request.request_id}"
    named = ((_answer_name(name), response) for name, response in answers.named)
    return Response(
        status=200,
        headers=(("Content-Type", f"{multipart.MEDIA}; boundary={boundary}"), ("Vary", "Authorization")),
        body=multipart.write(named, boundary=boundary),
        parts=answers.parts,
    )


def _step(outer: Request, part: multipart.Part, mount: str, passed_on: Sequence[str]) -> Step:
    headers = multipart.inherited_headers(outer.headers, part.headers)
    call = structs.replace(outer, mount=mount, method=part.method, headers=headers, body=part.body, path="", query="")
    step = Step(request=call, name=part.content_id, problem=part.problem)
    if step.problem is not None:
        return step
    try:
        if headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
            raise UnsupportedCoding("Inside a batch a body has no coding of its own.", target="Content-Encoding")
        path, own = batch.path_and_query(batch.local(part.target, outer.origin))
        path = f"/{path.lstrip('/')}"
        if not f"{path}/".startswith(f"{mount}/"):
            raise UnknownSegment(f"A call in this batch is one below {mount}.")
    except DomainError as wrong:
        return structs.replace(step, problem=wrong)
    return structs.replace(step, request=structs.replace(call, path=path[len(mount) :], query=_query(own, passed_on)))


def _query(own: str, passed_on: Sequence[str]) -> str:
    names = {one.partition("=")[0] for one in own.split("&")}
    more = [one for one in passed_on if one.partition("=")[0] not in names]
    return "&".join([*([own] if own else []), *more])


def _answer_name(content_id: str) -> str:
    """Return the Content-ID of the answer to the call that has this one; none has none."""
    if not content_id:
        return ""
    return f"<response-{content_id[1:]}" if content_id.startswith("<") else f"response-{content_id}"
