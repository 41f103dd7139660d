"""Letters as Internet messages (RFC 5322, 2045 to 2047), with a meeting inside (RFC 6047).

Written byte by byte, so that the same letter is the same message everywhere: bodies are
quoted-printable, calendars base64, headers ASCII. An address that is not ASCII stands as UTF-8
(RFC 6532); its domain is written in ASCII where it has such a form.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from email.utils import format_datetime
from urllib.parse import quote

from msgspec import Struct

from rsvpd.clock import to_datetime
from rsvpd.mail.address import Mailbox, ascii_domain, is_same
from rsvpd.mail.attachment import UNKNOWN_TYPE, Attachment, AttachmentKind
from rsvpd.mail.content import Importance
from rsvpd.mail.message import AutoSubmitted, Letter

FILE_NAME = "invite.ics"
_LONGEST_LINE = 76
_WORD_OCTETS = 36
_PRIORITIES = {Importance.HIGH: "1", Importance.LOW: "5"}
# What ends a line somewhere, or steers a terminal, has no place in a header.
_BREAKING = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]++")
_PLAIN_HEADER = re.compile(r"[!-~]++(?: [!-~]++)*+")
_DOT_ATOM = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]++(?:\.[\w!#$%&'*+/=?^`{|}~-]++)*+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_QUOTING = re.compile(r'["\\]')
_MEDIA = re.compile(r"[\w.+-]++/[\w.+-]++(?:; ?[\w-]++=[\w.-]++)*+", re.ASCII)
_MESSAGE_ID = re.compile(r"<[^<>\s]++>")


class Invite(Struct, frozen=True):
    """The calendar in a meeting message: its method, the document, and whom to write back to.

    `as_file`: whether the same stands beside the alternatives as a file.
    """

    method: str
    document: bytes
    reply_to: Mailbox | None = None
    as_file: bool = True


class AttachmentBytes(Struct, frozen=True):
    """What is attached to a message, as it stands in it; `is_message` where its bytes are a message of their own."""

    attachment: Attachment
    data: bytes = b""
    is_message: bool = False


def message(
    letter: Letter,
    *,
    plain: str,
    html: str,
    invite: Invite | None = None,
    in_reply_to: str = "",
    is_automatic: bool = False,
    enclosed: Sequence[AttachmentBytes] = (),
    with_bcc: bool = False,
) -> bytes:
    """Return `letter` as a message with these words. Without `html` it has plain text only.

    `with_bcc`: whether it is its author's own copy, which alone says who got it in secret (RFC 5322 3.6.3).

    A meeting message has the alternatives plain, HTML and text/calendar. What the HTML shows inside stands beside it
    (RFC 2387), all else that is `enclosed` after the words, and last the calendar as a file.
    """
    inline = [one for one in enclosed if one.attachment.is_inline and html]
    words = _text("html", html) if html else b""
    if inline:
        words = _several("related", [words, *map(_attachment_part, inline)], letter)
    alternatives = [one for one in (_text("plain", plain), words, _calendar(invite) if invite else b"") if one]
    body = alternatives[0] if len(alternatives) == 1 else _several("alternative", alternatives, letter)
    files = [_attachment_part(one) for one in enclosed if one not in inline]
    if invite is not None and invite.as_file:
        files.append(_file(invite))
    if files:
        body = _several("mixed", [body, *files], letter)
    headers = [*_headers(letter, invite, in_reply_to), "MIME-Version: 1.0"]
    if with_bcc and letter.bcc:
        headers.append("Bcc: " + _mailboxes(letter.bcc))
    submitted = letter.auto_submitted
    if submitted is AutoSubmitted.NO and is_automatic:
        submitted = AutoSubmitted.GENERATED
    if submitted is not AutoSubmitted.NO:
        headers.append(f"Auto-Submitted: {submitted.value}")
    return "\r\n".join(headers).encode() + b"\r\n" + body


def header_lines(letter: Letter) -> list[tuple[str, str]]:
    """Return the headers with which `letter` is written, each on one line."""
    lines = (line.replace("\r\n ", " ").partition(": ") for line in (*_headers(letter, None, ""), "MIME-Version: 1.0"))
    return [(name, value) for name, _, value in lines]


def one_line(text: str) -> str:
    """Return `text` as a header can hold it: one line, no controls."""
    return _BREAKING.sub(" ", text).strip()


# --- headers -----------------------------------------------------------------------------------


def _headers(letter: Letter, invite: Invite | None, in_reply_to: str) -> Iterator[str]:
    yield "From: " + _mailbox(letter.from_)
    if not is_same(letter.sender.address, letter.from_.address):
        yield "Sender: " + _mailbox(letter.sender)
    reply_to = letter.reply_to or ((invite.reply_to,) if invite and invite.reply_to else ())
    if reply_to:
        yield "Reply-To: " + _mailboxes(reply_to)
    if letter.to:
        yield "To: " + _mailboxes(letter.to)
    elif not letter.cc:
        yield "To: undisclosed-recipients:;"
    if letter.cc:
        yield "Cc: " + _mailboxes(letter.cc)
    yield "Subject: " + _words(letter.subject, begun=len("Subject: "))
    yield "Date: " + format_datetime(to_datetime(letter.sent))
    yield "Message-ID: " + _message_id(letter.internet_message_id)
    followed = [one for one in letter.references or (in_reply_to,) if _MESSAGE_ID.fullmatch(one)]
    if followed:
        yield "In-Reply-To: " + _message_id(followed[-1])
        yield "References: " + "\r\n ".join(map(_message_id, followed))
    if letter.importance in _PRIORITIES:
        yield f"Importance: {letter.importance.value}"
        yield f"X-Priority: {_PRIORITIES[letter.importance]}"
    if letter.receipts.read:  # RFC 8098 2.1
        yield "Disposition-Notification-To: " + _mailbox(letter.from_)
    if letter.receipts.delivery:
        yield "Return-Receipt-To: " + _mailbox(letter.from_)
    for one in letter.headers:
        yield f"{one.name}: " + _words(one.value, begun=len(one.name) + 2)


def _mailboxes(boxes: Iterable[Mailbox]) -> str:
    return ",\r\n ".join(map(_mailbox, boxes))


def _mailbox(box: Mailbox) -> str:
    name = " ".join(one_line(box.name).split())
    if not name:
        return _address(box.address)
    phrase, address = _phrase(name), f"<{_address(box.address)}>"
    fits = len(phrase) + len(address) < _LONGEST_LINE - len("Reply-To: ")
    return f"{phrase} {address}" if fits else f"{phrase}\r\n {address}"


def _phrase(name: str) -> str:
    if name.isascii() and len(name) <= 60:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded_words(name)


def _address(address: str) -> str:
    local, _, domain = "".join(one_line(address).split()).rpartition("@")
    if not _DOT_ATOM.fullmatch(local):
        escaped = local.replace("\\", "\\\\").replace('"', '\\"')
        local = f'"{escaped}"'
    return f"{local}@{ascii_domain(domain) or domain}"


def _message_id(text: str) -> str:
    local, _, domain = "".join(one_line(text).split()).rpartition("@")
    bare = domain.removesuffix(">")
    return f"{local}@{ascii_domain(bare) or bare}>"


def _words(text: str, *, begun: int) -> str:
    """Return the text of a header that has `begun` characters already, encoded where it has to be."""
    line = one_line(text)
    is_plain = "=?" not in line and _PLAIN_HEADER.fullmatch(line) is not None
    if not line or (is_plain and begun + len(line) <= _LONGEST_LINE):
        return line
    return _encoded_words(line)


def _encoded_words(line: str) -> str:
    """Return encoded words (RFC 2047), a line for each; no character is cut in two."""
    pieces, piece = [], b""
    for char in line:
        octets = char.encode()
        if len(piece) + len(octets) > _WORD_OCTETS:
            pieces.append(piece)
            piece = b""
        piece += octets
    return "\r\n ".join(f"=?utf-8?B?{b64encode(one).decode()}?=" for one in (*pieces, piece))


# --- parts -------------------------------------------------------------------------------------


def _text(kind: str, text: str) -> bytes:
    lines = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    octets = _SURROGATES.sub("\ufffd", lines).encode()
    body = binascii.b2a_qp(octets, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return _part((f"Content-Type: text/{kind}; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable"), body)


def _calendar(invite: Invite) -> bytes:
    kind = f"Content-Type: text/calendar; charset=UTF-8; method={invite.method}"
    return _part((kind, "Content-Transfer-Encoding: base64"), _base64(invite.document))


def _file(invite: Invite) -> bytes:
    headers = (
        f'Content-Type: application/ics; name="{FILE_NAME}"',
        f'Content-Disposition: attachment; filename="{FILE_NAME}"',
        "Content-Transfer-Encoding: base64",
    )
    return _part(headers, _base64(invite.document))


def _attachment_part(one: AttachmentBytes) -> bytes:
    """Return a part of what is attached; a message inside stands as it is (RFC 2046 5.2.1), a link by its address
    (RFC 2017)."""
    attached = one.attachment
    if attached.kind is AttachmentKind.REFERENCE:
        url = "".join(one_line(attached.link.url if attached.link else "").split()).replace('"', "%22")
        kind = f'Content-Type: message/external-body; access-type=URL;\r\n URL="{url}"'
        inner = f"Content-Type: {_media(attached.content_type)}\r\nContent-ID: <{attached.number}@rsvpd>\r\n\r\n"
        return _part((kind, _disposition(attached)), inner.encode())
    if one.is_message:
        return _part(("Content-Type: message/rfc822", _disposition(attached)), one.data)
    headers = [
        f"Content-Type: {_media(attached.content_type)}", _disposition(attached), "Content-Transfer-Encoding: base64"
    ]  # fmt: skip
    if attached.content_id:
        headers.append(f"Content-ID: <{''.join(one_line(attached.content_id).split()).strip('<>')}>")
    return _part(headers, _base64(one.data))


def _disposition(one: Attachment) -> str:
    kind = "inline" if one.is_inline else "attachment"
    name = one_line(one.name)
    if not name:
        return f"Content-Disposition: {kind}"
    if _PLAIN_HEADER.fullmatch(name) and not _QUOTING.search(name) and len(name) < _LONGEST_LINE:
        return f'Content-Disposition: {kind};\r\n filename="{name}"'
    # RFC 2231; readers know no other way for names that are long or not ASCII.
    return f"Content-Disposition: {kind};\r\n filename*=utf-8''{quote(name, safe='', errors='replace')}"


def _media(text: str) -> str:
    """Return a media type that a part in base64 may have: no message and no parts of its own (RFC 2045 6.4)."""
    is_sound = _MEDIA.fullmatch(text) and not text.lower().startswith(("multipart/", "message/"))
    return text if is_sound else UNKNOWN_TYPE


def _several(kind: str, parts: Sequence[bytes], letter: Letter) -> bytes:
    # Neither quoted-printable nor base64 ever has "=_" in it; a message inside may have, and names its own otherwise.
    inside = b"".join(hashlib.blake2s(one, digest_size=12).digest() for one in parts if b"\n--=_" in one)
    seed = f"{kind} {letter.internet_message_id}".encode() + inside
    name = hashlib.blake2s(seed, digest_size=12).hexdigest()
    boundary = f"=_{name}"
    inner = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    end = f"--{boundary}--\r\n".encode()
    return _part((f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"',), inner + end)


def _part(headers: Iterable[str], body: bytes) -> bytes:
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + body


def _base64(octets: bytes) -> bytes:
    text = b64encode(octets)
    return b"".join(
        text[begin : begin + _LONGEST_LINE] + b"\r\n" for begin in range(0, len(text), _LONGEST_LINE)
    )
