"""The headers of a message: those of its author's own, and all with which it is written."""

from __future__ import annotations

import re
from typing import Any

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, read_list, read_object
from rsvpd.dialects.shape import Codec
from rsvpd.errors import InvalidHeader, TooManyHeaders
from rsvpd.mail.message import Header, Message
from rsvpd.mail.mime import header_lines

# learn.microsoft.com/graph/api/resources/message: headers of one's own begin with x-; and how many there may be,
# microsoft's answer says (learn.microsoft.com/answers/questions/762243).
MOST_HEADERS = 5
_LONGEST_HEADER = 998
_OWN_HEADER = re.compile(r"[xX]-[!-9;-~]{1,120}")


def internet_headers(t: Types) -> Codec[Ctx]:
    """Return the codec of a message's headers: of a draft those of its author, of any other all of them."""
    name, value = t.style.names("name", "value")

    def write(message: Message, _: Ctx) -> list[dict[str, str]]:
        letter = message.letter
        own = [(one.name, one.value) for one in letter.headers]
        return [{name: one, value: said} for one, said in (own if message.is_draft else header_lines(letter))]

    def read(given: Any, _: Ctx) -> tuple[Header, ...] | None:
        if given is None:
            return None
        found = tuple(_header(one) for one in read_list(given))
        if len(found) > MOST_HEADERS:
            raise TooManyHeaders(target="internetMessageHeaders")
        return found

    return Codec(f"Collection({t.edm('internetMessageHeader')})", write, read)


def _header(given: Any) -> Header:
    members = {name.lower(): value for name, value in (read_object(given) or {}).items()}
    name, value = members.get("name"), members.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        raise ValueError("a name and a value are expected.")
    if not _OWN_HEADER.fullmatch(name):
        words = f"The internet message header name '{name[:120]}' should start with 'x-' or 'X-'."
        raise InvalidHeader(words, target="internetMessageHeaders")
    if len(value) > _LONGEST_HEADER:
        raise InvalidHeader(f"The value of the header '{name}' is too long.", target="internetMessageHeaders")
    return Header(name, value)
