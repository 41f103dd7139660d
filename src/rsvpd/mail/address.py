"""Mail addresses: how they are written, and when two of them are the same person.

This is the one place that decides what an address is: a dot-atom, `@` and a domain name (RFC 5322 3.4.1),
with letters of every script (RFC 6531). Quoted local parts and domain literals are not among them. What
stands around an address that was pasted (blanks, a scheme, fields of a mailto link, letters without width)
never becomes part of it: `check_address` refuses such a text, `parse_address` takes the address out of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

import idna
from msgspec import Struct

from rsvpd.errors import InvalidProperty

_LONGEST = 320
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253
# RFC 5322 3.2.3: atext, and what is not ASCII (RFC 6531 3.3).
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-]++")
_LABEL = re.compile(r"[A-Za-z0-9_]++(?:-++[A-Za-z0-9_]++)*+")
_SCHEMES = ("mailto:", "smtp:")
# Letters nobody sees (zero-width, marks of direction), controls, halves of characters, what nobody assigned.
_HIDDEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"))
# How many addresses are known folded.
_KEPT = 16_384
# What may stand for itself in the local part of a mailto URI (RFC 6068 2).
_IN_A_URI = "!$&'*+/=^_`{|}~.-"


class Mailbox(Struct, frozen=True, gc=False, omit_defaults=True):
    """An address with the name shown beside it; `address` stands as it was written."""

    address: str
    name: str = ""


def fold(address: str) -> str:
    """Return the form under which equal addresses are equal: no case, no blanks, the domain in ASCII."""
    # The same addresses are compared again and again; what is no address for its length is not kept.
    return _fold_with_cache(address) if len(address) <= _LONGEST else _fold(address)


def _fold(address: str) -> str:
    folded = address.strip().casefold()
    if folded.isascii():
        return folded
    local, at, domain = folded.rpartition("@")
    return f"{unicodedata.normalize('NFC', local)}{at}{ascii_domain(domain) or domain}"


_fold_with_cache = lru_cache(maxsize=_KEPT)(_fold)


def check_address(text: str, *, target: str | None = None) -> str:
    """Return `text` where it is an address and nothing else. Raises InvalidProperty."""
    if not _is_address(text):
        raise _no_address(text, target)
    return text


def parse_address(text: str, *, target: str | None = None) -> str:
    """Return the address in `text` without what is around it. Raises InvalidProperty where there is none."""
    bare = _address_in(text) if len(text) <= _LONGEST else None
    if bare is None:
        raise _no_address(text.strip(), target)
    return bare


def _no_address(text: str, target: str | None) -> InvalidProperty:
    return InvalidProperty(f"'{text[:80]}' is not a mail address: it is written like erin@example.com.", target=target)


@lru_cache(maxsize=_KEPT)  # the same people are invited again and again
def _address_in(text: str) -> str | None:
    bare = _without_scheme(_bare(text))
    return bare if _is_address(bare) else None


def is_same(one: str, other: str) -> bool:
    """Return whether both addresses name one mailbox."""
    return fold(one) == fold(other)


def local_part(address: str) -> str:
    """Return what stands before the `@`, folded (RFC 5321, section 2.3.11)."""
    return fold(address).rpartition("@")[0]


def matching_addresses(wanted: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses `wanted` can stand for: the one it is, else all with this local part."""
    known, short = list(addresses), fold(_without_scheme(_bare(wanted)))
    return [one for one in known if fold(one) == short] or [one for one in known if short and local_part(one) == short]


def short_names(addresses: Iterable[str]) -> dict[str, str]:
    """Return for each address its local part where that stands for no other of them, else the whole of it."""
    known = list(addresses)
    count = Counter(map(local_part, known))
    taken = set(map(fold, known))

    def is_clear(address: str) -> bool:
        short = local_part(address)
        return bool(short) and count[short] == 1 and short not in taken

    return {one: one.rpartition("@")[0] if is_clear(one) else one for one in known}


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str | None:
    """Return a domain name in ASCII, lower case where it had other letters (RFC 5891, UTS 46); None where it has none.

    `münchen.example` is `xn--mnchen-3ya.example`.
    """
    if domain.isascii():
        labels = domain.split(".")
        fits = len(domain) <= _LONGEST_DOMAIN and all(len(one) <= 63 and _LABEL.fullmatch(one) for one in labels)
        return domain if fits else None
    # UTS 46 would drop what is invisible; here it makes another name.
    if len(domain) > _LONGEST_DOMAIN or any(map(_is_hidden, domain)):
        return None
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def uri(address: str) -> str:
    """Return an address as a mailto URI: ASCII, as RFC 5545 3.3.3 wants it (RFC 6068 2)."""
    local, at, domain = address.rpartition("@")
    known = ascii_domain(domain)
    return "mailto:" + quote(local, safe=_IN_A_URI) + at + (quote(domain, safe=_IN_A_URI) if known is None else known)


def _without_scheme(text: str) -> str:
    """Return `text` without the scheme of a URI of mail, and what such a URI may say besides (RFC 6068 2)."""
    scheme = next((one for one in _SCHEMES if text.lower().startswith(one)), "")
    return _bare(text[len(scheme) :].partition("?")[0]) if scheme else text


def _bare(text: str) -> str:
    """Return `text` without the blanks and the invisible letters at its ends."""
    first, last = 0, len(text)
    while first < last and _is_hidden(text[first]):
        first += 1
    while last > first and _is_hidden(text[last - 1]):
        last -= 1
    return text[first:last]


def _is_address(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    if not 1 <= len(local) <= _LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return False
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    return (text.isascii() or not any(map(_is_hidden, text))) and ascii_domain(domain) is not None


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN
