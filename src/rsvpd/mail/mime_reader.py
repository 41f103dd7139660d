"""Internet messages (RFC 5322, 2045 to 2047) as drafts: whatever bytes they are, they are read or raise InvalidMime.

Parts are cut apart here, level by level, so that the work grows with the bytes and never with how deep or how many the
parts say they are; headers are read by the standard library, each no longer than it may be. What a part says wrongly
of itself (a charset nobody knows, base64 that is none) is read as far as it is sound.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from inspect import signature
from typing import Any

from msgspec import Struct, structs

from rsvpd.clock import from_datetime
from rsvpd.errors import InvalidMime
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import AttachmentKind, Link, content_of
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.draft import AttachmentDraft, MessageDraft
from rsvpd.mail.message import Header

MOST_PARTS, MOST_LEVELS = 500, 20
# All headers of a message and its parts together, and one of them; of those that say what a part is, less.
MOST_HEAD_BYTES, LONGEST_HEADER, LONGEST_TYPE, MOST_HEADERS = 262_144, 65_536, 2_000, 100
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
# Text is decoded by these alone: others of Python's codecs are no charsets, or take the square of their input.
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"))
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}+>")
_HEADER_NAME = re.compile(r"[!-9;-~]{3,120}")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_IMPORTANCES = {"low": Importance.LOW, "normal": Importance.NORMAL, "high": Importance.HIGH}
_PRIORITIES = {"1": Importance.HIGH, "2": Importance.HIGH, "4": Importance.LOW, "5": Importance.LOW}
# What the standard library raises where a header is not what it should be.
_ODD = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)
_parse = BytesHeaderParser().parsebytes
# Later versions of Python take no list in which one address is odd, unless they are told to.
_LENIENT: Any = {"strict": False} if "strict" in signature(getaddresses).parameters else {}


class _Leaf(Struct, frozen=True):
    """A part that has no parts: its headers, its bytes, and whether it stands beside what shows it."""

    head: Part
    data: bytes
    is_related: bool


def read_mime(data: bytes) -> MessageDraft:
    """Return the message that these bytes are. Raises InvalidMime."""
    return _Reader().message(data, level=1)


class _Reader:
    """Reads one message; parts are counted over all that are inside it."""

    def __init__(self) -> None:
        self._parts = 0
        self._head_bytes = 0

    def message(self, data: bytes, *, level: int) -> MessageDraft:
        head, body = self._cut_head(data)
        if not data[:LONGEST_HEADER].partition(b"\n")[0].partition(b":")[1]:
            raise InvalidMime("The MIME content has no headers.")
        leaves = list(self._leaves(head, body, level=level, is_related=False))
        plain = _take_text(leaves, "text/plain")
        html = _take_text(leaves, "text/html")
        text = html or plain
        said = Body() if text is None else Body(_text(text), BodyKind.TEXT if html is None else BodyKind.HTML)
        attached = tuple(self._attachment_draft(one, level) for one in leaves)
        return structs.replace(_of_head(head), body=said, attachments=attached)

    def _leaves(self, head: Part, body: bytes, *, level: int, is_related: bool) -> Iterator[_Leaf]:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise InvalidMime(f"The MIME content has more than {MOST_PARTS} parts.")
        if level > MOST_LEVELS:
            raise InvalidMime(f"The MIME content is nested more than {MOST_LEVELS} levels deep.")
        boundary = _parameter(head, "boundary") if head.get_content_maintype() == "multipart" else ""
        if not boundary:
            yield _Leaf(head, body, is_related)
            return
        inside = is_related or head.get_content_subtype() == "related"
        for part in _split(body, boundary.encode("utf-8", "surrogateescape")):
            inner, rest = self._cut_head(part)
            yield from self._leaves(inner, rest, level=level + 1, is_related=inside)

    def _cut_head(self, data: bytes) -> tuple[Part, bytes]:
        """Return the headers of a message or part, and what follows them. Raises InvalidMime for too many of them."""
        if data.startswith((b"\r\n", b"\n")):
            return _parse(b""), data[2 if data.startswith(b"\r\n") else 1 :]
        end = _END_OF_HEAD.search(data, 0, MOST_HEAD_BYTES + 4)
        size = len(data) if end is None else end.start()
        self._head_bytes += size
        if self._head_bytes > MOST_HEAD_BYTES:
            raise InvalidMime(f"The headers of the MIME content are longer than {MOST_HEAD_BYTES} bytes.")
        head = _parse(data[:size])
        for name in ("Content-Type", "Content-Disposition"):
            if len(str(head.get(name, ""))) > LONGEST_TYPE:
                del head[name]
        return head, b"" if end is None else data[end.end() :]

    def _attachment_draft(self, leaf: _Leaf, level: int) -> AttachmentDraft:
        head = leaf.head
        kind, name = head.get_content_type(), _file_name(head)
        content_id = _one_line(head, "Content-ID").strip("<> ")
        draft = AttachmentDraft(
            kind=AttachmentKind.FILE,
            name=name,
            content_type=kind,
            is_inline=bool(content_id) and (leaf.is_related or head.get_content_disposition() == "inline"),
            content_id=content_id,
            content_location=_one_line(head, "Content-Location"),
        )
        if kind == "message/rfc822" and leaf.data.strip():
            if level >= MOST_LEVELS:
                raise InvalidMime(f"The MIME content is nested more than {MOST_LEVELS} levels deep.")
            inner = self.message(_bytes(leaf), level=level + 1)
            subject = inner.subject if isinstance(inner.subject, str) else ""
            return structs.replace(draft, kind=AttachmentKind.ITEM, content_type="", name=name or subject, item=inner)
        if kind == "message/external-body" and (url := _parameter(head, "url")):
            return structs.replace(draft, kind=AttachmentKind.REFERENCE, content_type="", link=Link(url=url))
        return structs.replace(draft, name=name or _default_file_name(kind), content=content_of(_bytes(leaf)))


# --- bytes


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """Return the parts between the lines with a boundary; where the last one is missing the rest is a part."""
    parts: list[bytes] = []
    begin: int | None = None
    for start, after, is_last in _boundaries(body, b"--" + boundary):
        if begin is not None:
            parts.append(_without_line_end(body, begin, start))
        begin = after
        if is_last:
            return parts
        if len(parts) > MOST_PARTS:
            break
    return parts if begin is None else [*parts, body[begin:]]


def _boundaries(body: bytes, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield where each line with a boundary begins, where the next line does, and whether it is the last boundary."""
    start = body.find(marker)
    while start >= 0:
        end = body.find(b"\n", start)
        after = len(body) if end < 0 else end + 1
        if start == 0 or body[start - 1 : start] == b"\n":
            rest = body[start + len(marker) : after].strip()
            if rest in (b"", b"--"):
                yield start, after, rest != b""
        start = body.find(marker, after)


def _without_line_end(body: bytes, begin: int, end: int) -> bytes:
    # The line end before a boundary belongs to that one (RFC 2046 5.1.1).
    part = body[begin:end]
    return part[:-2] if part.endswith(b"\r\n") else part.removesuffix(b"\n")


def _bytes(leaf: _Leaf) -> bytes:
    """Return what a part is once it is decoded, as far as it can be."""
    coding = _one_line(leaf.head, "Content-Transfer-Encoding").strip().lower()
    try:
        if coding == "base64":
            return binascii.a2b_base64(leaf.data)
        if coding == "quoted-printable":
            return binascii.a2b_qp(leaf.data)
    except binascii.Error:
        # What is cut off within a group of four says nothing in that group.
        letters = _NO_BASE64.sub(b"", leaf.data)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    return leaf.data


def _text(leaf: _Leaf) -> str:
    return _decode_text(_bytes(leaf), _parameter(leaf.head, "charset")).replace("\r\n", "\n")


def _decode_text(data: bytes, charset: str) -> str:
    """Return text in a charset; where nobody knows that one, as UTF-8 (RFC 2045 5.2 would have ASCII)."""
    try:
        codec = codecs.lookup(charset or "utf-8")
        if codec.name.replace("_", "-") in _NO_CHARSETS or not codec._is_text_encoding:
            raise LookupError(charset)
        return data.decode(codec.name, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _take_text(leaves: list[_Leaf], kind: str) -> _Leaf | None:
    """Take the first words of a kind out of the parts; words with a name are a file."""
    for place, one in enumerate(leaves):
        is_file = one.head.get_content_disposition() == "attachment" or _file_name(one.head)
        if one.head.get_content_type() == kind and not is_file:
            return leaves.pop(place)
    return None


# --- headers


def _of_head(head: Part) -> MessageDraft:
    """Return what the headers of a message say."""
    sender, from_ = _boxes(head, "Sender"), _boxes(head, "From")
    draft = MessageDraft(
        subject=_words(_raw(head, "Subject")),
        to=_boxes(head, "To"),
        cc=_boxes(head, "Cc"),
        bcc=_boxes(head, "Bcc"),
        reply_to=_boxes(head, "Reply-To"),
        importance=_importance(head),
        headers=tuple(_own_headers(head)),
        read_receipt=head.get("Disposition-Notification-To") is not None,
        delivery_receipt=head.get("Return-Receipt-To") is not None,
        references=tuple(dict.fromkeys(_MESSAGE_ID.findall(f"{_raw(head, 'References')} {_raw(head, 'In-Reply-To')}"))),
    )
    if from_:
        draft = structs.replace(draft, from_=from_[0])
    if sender or from_:
        draft = structs.replace(draft, sender=(sender or from_)[0])
    found = _MESSAGE_ID.search(_raw(head, "Message-ID"))
    if found:
        draft = structs.replace(draft, internet_message_id=found[0])
    return _with_date(draft, _raw(head, "Date"))


def _with_date(draft: MessageDraft, text: str) -> MessageDraft:
    try:
        return structs.replace(draft, sent=from_datetime(parsedate_to_datetime(text).astimezone()))
    except _ODD:
        return draft


def _importance(head: Part) -> Importance:
    word, number = _raw(head, "Importance").strip().lower(), _raw(head, "X-Priority").strip()[:1]
    return _IMPORTANCES.get(word) or _PRIORITIES.get(number) or Importance.NORMAL


def _own_headers(head: Part) -> Iterator[Header]:
    """Yield the headers that mean nothing here, in their order."""
    names = [name for name in head if name.lower().startswith("x-") and name.lower() != "x-priority"]
    for name in dict.fromkeys(names[:MOST_HEADERS]):
        if _HEADER_NAME.fullmatch(name):
            yield Header(name, _words(_raw(head, name)))


def _boxes(head: Part, name: str) -> tuple[Mailbox, ...]:
    """Return the addresses in a header; what is none of them is passed over."""
    try:
        found = getaddresses([_raw(head, name)], **_LENIENT)
    except _ODD:
        return ()
    return tuple(Mailbox(address, _words(phrase)) for phrase, address in found if "@" in address)


def _words(text: str) -> str:
    """Return the words of a header (RFC 2047)."""
    line = " ".join(text.split())
    if "=?" not in line:
        return line
    try:
        pieces = decode_header(line)
    except _ODD:
        return line
    return "".join(one if isinstance(one, str) else _decode_text(one, charset or "ascii") for one, charset in pieces)


def _raw(head: Part, name: str) -> str:
    """Return a header on one line, no longer than a header may be; bytes that are not ASCII are UTF-8."""
    value = head.get(name)
    text = str(value)[:LONGEST_HEADER] if value is not None else ""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _one_line(head: Part, name: str) -> str:
    return " ".join(_raw(head, name).split())[:1_000]


def _parameter(head: Part, name: str) -> str:
    """Return a parameter of the media type, or an empty text."""
    try:
        value = head.get_param(name)
    except _ODD:
        return ""
    if isinstance(value, tuple):
        value = value[2]
    return value[:1_000] if isinstance(value, str) else ""


def _file_name(head: Part) -> str:
    try:
        return _words((head.get_filename() or "")[:1_000])
    except _ODD:
        return ""


def _default_file_name(kind: str) -> str:
    """Return what a file without a name is called."""
    return "meeting.ics" if kind == "text/calendar" else f"attachment.{'txt' if kind.startswith('text/') else 'bin'}"
