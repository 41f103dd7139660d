"""Bodies in gzip: read, and bounded while they are unpacked."""

from __future__ import annotations

import gzip
import random

import pytest

from rsvpd.edge import coding
from rsvpd.edge.coding import MAX_MEMBERS, decompress, is_gzip
from rsvpd.errors import MalformedBody, TooLarge, UnsupportedCoding
from support.fakes import GOOD, Fake, asked_of, edge_of

LIMIT = 4_194_304
TEXT = b'{"summary": "Planning", "attendees": [{"email": "bob@example.com"}]}'
NOISE = random.Random(1).randbytes(300_000)


@pytest.mark.parametrize(
    ("header", "packed"),
    [(None, False), ("", False), ("identity", False), ("gzip", True), ("GZIP", True), (" x-gzip ", True)],
)
def test_gzip_is_read_under_its_names(header, packed):
    assert is_gzip(header) is packed


@pytest.mark.parametrize(
    "header", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip, identity", "*", "x" * 900]
)
def test_any_other_coding_is_not(header):
    with pytest.raises(UnsupportedCoding):
        is_gzip(header)


@pytest.mark.parametrize("body", [b"", TEXT, NOISE, b" " * 2**20, NOISE * 3, TEXT * 5000], ids=len)
def test_what_was_packed_comes_out(body):
    assert decompress(gzip.compress(body), limit=LIMIT) == body
    assert decompress(coding.compress(body), limit=LIMIT) == body


def test_members_come_out_one_after_the_other():
    assert decompress(gzip.compress(b"a") + gzip.compress(b"") + gzip.compress(b"bc"), limit=LIMIT) == b"abc"
    most = gzip.compress(b"a") * MAX_MEMBERS
    assert decompress(most, limit=LIMIT) == b"a" * MAX_MEMBERS
    with pytest.raises(MalformedBody):
        decompress(most + gzip.compress(b""), limit=LIMIT)


@pytest.mark.parametrize(
    "body",
    [
        TEXT, b"\x1f", gzip.compress(TEXT)[:-1], gzip.compress(TEXT)[:5], gzip.compress(TEXT) + b"x",
        gzip.compress(TEXT) + gzip.compress(TEXT)[:-4], gzip.compress(TEXT)[:-8] + b"\0" * 8,
        gzip.compress(TEXT)[:12] + b"\xff" * 20,
    ],
    ids=["plain", "a byte", "cut", "cut in the head", "more", "cut in a member", "a wrong sum", "broken"],
)
def test_what_is_broken_is_malformed(body):
    with pytest.raises(MalformedBody):
        decompress(body, limit=LIMIT)


def test_the_bound_is_on_what_comes_out():
    assert len(decompress(gzip.compress(NOISE), limit=len(NOISE))) == len(NOISE)
    with pytest.raises(TooLarge):
        decompress(gzip.compress(NOISE), limit=len(NOISE) - 1)
    half = gzip.compress(NOISE[: len(NOISE) // 2])
    with pytest.raises(TooLarge):
        decompress(half + half + half, limit=len(NOISE))


def test_what_grows_beyond_belief_is_too_large():
    with pytest.raises(TooLarge):
        decompress(gzip.compress(b" " * 1_100_000), limit=LIMIT)


def test_no_more_is_unpacked_than_the_bound(monkeypatch):
    out = []

    class Counting:
        def __init__(self, bits):
            self._real = ORIGINAL(bits)

        def decompress(self, data, most):
            out.append(self._real.decompress(data, most))
            return out[-1]

        def __getattr__(self, name):
            return getattr(self._real, name)

    monkeypatch.setattr(coding.zlib, "decompressobj", Counting)
    with pytest.raises(TooLarge):
        decompress(gzip.compress(b" " * 50_000_000), limit=LIMIT)
    assert sum(map(len, out)) <= LIMIT + 1


ORIGINAL = coding.zlib.decompressobj


def post(body, coding_name="gzip", **headers):
    fake = Fake("/v1")
    head = {"Content-Encoding": coding_name, "Authorization": GOOD} | headers
    reply = asked_of(edge_of(fake), "POST", "/v1/x", content=body, headers=head)
    return fake, reply


def test_a_dialect_sees_the_body_and_no_coding():
    fake, reply = post(gzip.compress(TEXT))
    assert reply.status_code == 200
    assert fake.seen[0].body == TEXT
    assert fake.seen[0].headers["content-length"] == str(len(TEXT))
    assert "content-encoding" not in fake.seen[0].headers


def test_no_body_has_no_coding():
    fake, reply = post(b"")
    assert (reply.status_code, fake.seen[0].body) == (200, b"")


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        (TEXT, "br", 415), (TEXT, "gzip", 400), (gzip.compress(TEXT)[:-1], "gzip", 400),
        (gzip.compress(b" " * 5_000_000), "gzip", 413), (gzip.compress(NOISE * 14), "gzip", 413),
    ],
    ids=["another coding", "not packed", "cut", "a bomb", "over the limit"],
)
def test_a_refusal_has_the_shape_of_the_dialect(body, name, status):
    fake, reply = post(body, name)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "fake/error")
    assert (reply.headers.get("accept-encoding") == "gzip") is (status == 415)
    assert len(fake.refused) == 1


def test_nothing_is_unpacked_for_who_is_not_known(monkeypatch):
    monkeypatch.setattr(coding, "decompress", None)
    _, reply = post(gzip.compress(TEXT), Authorization="Bearer other")
    assert reply.status_code == 401


def test_outside_the_dialects_no_coding_is_read():
    headers = {"Content-Encoding": "gzip"}
    reply = asked_of(edge_of(Fake("/v1")), "POST", "/x", content=gzip.compress(TEXT), headers=headers)
    assert (reply.status_code, reply.headers["accept-encoding"]) == (415, "gzip")
