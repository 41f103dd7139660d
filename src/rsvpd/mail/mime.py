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
from collections.abc import Iterable, Iterator
from email.utils import format_datetime

from msgspec import Struct

from rsvpd.clock import to_datetime
from rsvpd.mail.address import Mailbox, ascii_domain, is_same
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
_MESSAGE_ID = re.compile(r"<[^<>\s]++>")


class Invite(Struct, frozen=True):
    """The calendar in a meeting message: its method, the document, and whom to write back to."""

    method: str
    document: bytes
    reply_to: Mailbox | None = None


def message(
    letter: Letter,
    *,
    plain: str,
    html: str,
    invite: Invite | None = None,
    in_reply_to: str = "",
    is_automatic: bool = False,
) -> bytes:
    """Return `letter` as a message with these words. Without `html` it has plain text only.

    A meeting message is multipart/mixed: the alternatives plain, HTML and text/calendar, and the same
    calendar as a file.
    """
    alternatives = [_text("plain", plain)]
    if html:
        alternatives.append(_text("html", html))
    if invite is None:
        body = alternatives[0] if not html else _several("alternative", alternatives, letter)
    else:
        alternatives.append(_calendar(invite))
        body = _several("mixed", [_several("alternative", alternatives, letter), _file(invite)], letter)
    headers = [*_headers(letter, invite, in_reply_to), "MIME-Version: 1.0"]
    submitted = letter.auto_submitted
    if submitted is AutoSubmitted.NO and is_automatic:
        submitted = AutoSubmitted.GENERATED
    if submitted is not AutoSubmitted.NO:
        headers.append(f"Auto-Submitted: {submitted.value}")
    return "\r\n".join(headers).encode() + b"\r\n" + body


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


def _several(kind: str, parts: Iterable[bytes], letter: Letter) -> bytes:
    # Neither quoted-printable nor base64 ever has "=_" in it.
    name = hashlib.blake2s(f"{kind} {letter.internet_message_id}".encode(), digest_size=12).hexdigest()
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
