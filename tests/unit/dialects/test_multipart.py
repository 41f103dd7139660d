"""Parts of `multipart/mixed`: what is read, what is refused, what is written."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.dialects import multipart
from rsvpd.dialects.multipart import Part
from rsvpd.dialects.wire import Response
from rsvpd.edge import limits
from rsvpd.errors import DomainError, HeadTooLarge, MalformedBody, MalformedRequest, UnsupportedMedia
from support.batches import answers
from support.world import Reply

TYPE = "multipart/mixed; boundary=b"
HTTP = "Content-Type: application/http"


def read(text: str, media: str = TYPE, most: int = 10) -> list[Part]:
    return parts(media, text.replace("\n", "\r\n").encode("latin-1"), most=most)


def parts(media: str, body: bytes, *, most: int) -> list[Part]:
    return [multipart.read_part(content) for content in multipart.split(media, body, most=most)]


def alone(text: str) -> Part:
    """Return the one part with this content."""
    (part,) = read(f"--b\n{text}\n--b--")
    return part


@pytest.mark.parametrize(
    "media",
    [
        "multipart/mixed; boundary=b",
        'Multipart/Mixed;charset=x; Boundary="b"; type=y',
        "multipart/mixed;boundary= b ;",
    ],
)
def test_the_boundary_however_it_is_written(media: str) -> None:
    (part,) = read(f"--b\n{HTTP}\n\nGET /x HTTP/1.1\n\n--b--", media)
    assert (part.method, part.target) == ("GET", "/x")


@pytest.mark.parametrize(
    "media",
    [
        "multipart/mixed", "multipart/mixed;", "multipart/mixed; boundary", 'multipart/mixed; boundary=""',
        'multipart/mixed; boundary="b ', "multipart/mixed; boundary=é",
        "multipart/mixed; boundary=" + "b" * 71, 'multipart/mixed; boundary="b "',
    ],
)  # fmt: skip
def test_a_boundary_that_is_none(media: str) -> None:
    with pytest.raises(MalformedBody):
        read(f"--b\n{HTTP}\n\nGET /x HTTP/1.1\n\n--b--", media)


@pytest.mark.parametrize("media", ["", "text/plain; boundary=b", "multipart/form-data; boundary=b"])
def test_another_media_type(media: str) -> None:
    with pytest.raises(UnsupportedMedia):
        read("--b\n\n--b--", media)


def test_parts_stand_between_delimiters_alone() -> None:
    body = (
        f"preamble --b\n--bc\n--b \t\n{HTTP}\n\nPOST /1 HTTP/1.1\n\nx--b\n --b\n--bc\n--b--d\n"
        f"--b\n{HTTP}\n\nGET /2 HTTP/1.1\n\n--b-- \nepilogue\n--b\n--b--"
    )
    one, two = read(body)
    assert one.body == b"x--b\r\n --b\r\n--bc\r\n--b--d"
    assert (two.target, two.body) == ("/2", b"")


@pytest.mark.parametrize("end", ["", "--b", "--b\n", "--b-", "--b-- x", " --b--", "--bc--"])
def test_a_batch_that_does_not_end(end: str) -> None:
    with pytest.raises(MalformedBody, match="ends before"):
        read(f"--b\n{HTTP}\n\nGET /x HTTP/1.1\n{end}")


def test_lines_that_are_nearly_delimiters_are_few() -> None:
    body = f"--b\n{HTTP}\n\nPOST /x\n\n{{}}\n--b--"
    assert len(read(body.format("--bx\n" * 1000))) == 1
    with pytest.raises(MalformedBody):
        read(body.format("--bx\n" * 1010))


def test_how_many_there_may_be() -> None:
    part = f"--b\n{HTTP}\n\nGET /x\n"
    assert len(read(f"{part * 10}--b--")) == 10
    with pytest.raises(MalformedBody, match="at most 10"):
        read(f"{part * 11}--b--")
    with pytest.raises(MalformedBody, match="no request"):
        read("--b--")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_end_as_they_like(newline: str) -> None:
    text = f"--b\n{HTTP}\nContent-ID: <x>\n\nPUT /x HTTP/1.1\nA: 1\nb:2\na:  3 \n\n[\n]\n--b--\n"
    (part,) = parts(TYPE, text.replace("\n", newline).encode(), most=1)
    assert part == Part(
        media="application/http", content_id="<x>", method="PUT", target="/x", headers={"a": "1, 3", "b": "2"},
        body=f"[{newline}]".encode(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("GET /x HTTP/1.1", "/x"),
        ("GET /x", "/x"),
        ("get   /x?a=b c   http/1.0", "/x?a=b c"),
        ("GET /x HTTP/1.1 ", "/x"),
    ],
)
def test_first_lines(line: str, target: str) -> None:
    part = alone(f"{HTTP}\n\n{line}\n\n")
    assert (part.method, part.target) == ("GET", target)


@pytest.mark.parametrize(
    "line", ["", "GET", "GET ", "GET HTTP/1.1", "/x HTTP/1.1", "G\u00cbT /x", "GET /\x00", "GET /x\x0b HTTP/1.1"]
)
def test_first_lines_that_are_none(line: str) -> None:
    assert isinstance(alone(f"{HTTP}\n\n{line}\n\n").problem, MalformedRequest)


def test_blank_lines_before_a_request_do_not_count() -> None:
    assert alone(f"{HTTP}\n\n\n\nGET /x HTTP/1.1\nA: b\n\nbody").body == b"body"


def test_lines_are_unfolded() -> None:
    part = alone(f"{HTTP}\nContent-ID: <uuid +\n 1>\n\nGET /x HTTP/1.1\nA: b\n\tc\n\n")
    assert (part.content_id, part.headers) == ("<uuid + 1>", {"a": "b\tc"})


@pytest.mark.parametrize("header", ["no colon", ": nameless", "na me: x", "n\u00e4me: x", "name: \x00", "a: b\x7f"])
def test_headers_that_are_none(header: str) -> None:
    assert isinstance(alone(f"{HTTP}\n\nGET /x HTTP/1.1\n{header}\n\n").problem, MalformedRequest)
    assert isinstance(alone(f"{HTTP}\n{header}\n\nGET /x HTTP/1.1\n\n").problem, MalformedRequest)


@pytest.mark.parametrize("head", ["a:b\n" * 129, f"a: {'b' * 70_000}\n", "a: b\n" + " c\n" * 128])
def test_heads_are_bounded(head: str) -> None:
    assert isinstance(alone(f"{HTTP}\n\nGET /x HTTP/1.1\n{head}\n").problem, HeadTooLarge)
    assert isinstance(alone(f"{head}\n\nGET /x HTTP/1.1\n\n").problem, HeadTooLarge)


def test_bounds_are_those_of_requests_that_come_alone() -> None:
    assert (multipart.MAX_HEAD_BYTES, multipart.MAX_HEAD_LINES) == (limits.MAX_HEAD_BYTES, limits.MAX_HEAD_LINES)


def test_what_is_wrong_with_a_part_keeps_its_name_and_the_others() -> None:
    one, two = read(f"--b\nContent-ID: x\n\nGET /x\n--b\n{HTTP}\n\nGET /y\n--b--")
    assert (one.content_id, type(one.problem)) == ("x", UnsupportedMedia)
    assert two.target == "/y"


def test_what_the_whole_says_of_its_own_body_is_not_passed_on() -> None:
    outer = {"content-type": "multipart/mixed", "content-length": "9", "host": "x", "prefer": "a", "authorization": "b"}
    own = {"host": "y", "prefer": "c", "content-type": "application/json", "transfer-encoding": "chunked"}
    assert multipart.inherited_headers(outer, own) == {
        "authorization": "b", "prefer": "c", "content-type": "application/json",
    }  # fmt: skip


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([TYPE, "multipart/mixed", ""]))
def test_any_bytes_are_read_or_refused(body: bytes, media: str) -> None:
    for text in (body, b"--b\r\n" + body + b"\r\n--b--"):
        try:
            parts(media, text, most=3)
        except DomainError:
            continue


STATUSES = st.sampled_from([200, 201, 202, 404, 501])
HEADERS = st.dictionaries(st.sampled_from(["A", "B-C", "X-Rsvpd-Hint"]), st.text(max_size=20))
BODIES = st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=3)


@settings(deadline=None)
@given(st.lists(st.tuples(STATUSES, HEADERS, BODIES), min_size=1, max_size=5))
def test_what_is_written_is_read_by_others(written: list[tuple[int, dict[str, str], dict[str, str]]]) -> None:
    responses = [
        (str(place), Response(status=status, headers=tuple(headers.items()), body=msgspec.json.encode(body)))
        for place, (status, headers, body) in enumerate(written)
    ]
    body = multipart.write(responses, boundary="b")
    found = answers(Reply(200, {"content-type": TYPE}, body))
    assert [(one.content_id, one.status, one.json) for one in found] == [
        (str(place), status, sent) for place, (status, _, sent) in enumerate(written)
    ]
    for one, (_, headers, _) in zip(found, written, strict=True):
        assert set(one.headers) == {*headers, "Content-Length"}


def test_nothing_in_a_header_ends_its_line() -> None:
    body = multipart.write([("x\r\ny", Response(status=204, headers=(("A", "b\r\n\r\nc\u00e4"),)))], boundary="b")
    assert body == (
        b"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: x??y\r\n\r\n"
        b"HTTP/1.1 204 No Content\r\nA: b????c?\r\n\r\n\r\n--b--\r\n"
    )
