"""Mail addresses: how they are written, and when two of them are the same person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from rsvpd.errors import InvalidProperty

_PLAUSIBLE = re.compile(r"[^\s@<>,;\"\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;\"\\\x00-\x1f\x7f]{1,255}")


class Mailbox(Struct, frozen=True, omit_defaults=True):
    """An address with the name shown beside it; `address` stands as it was written."""

    address: str
    name: str = ""


def fold(address: str) -> str:
    """Return the form under which equal addresses are equal: no `mailto:`, no case, no blanks."""
    folded = address.strip().casefold()
    return folded[7:] if folded.startswith("mailto:") else folded


def checked(address: str, *, target: str | None = None) -> str:
    """Return `address` trimmed, or raise InvalidProperty where no mail could ever reach it."""
    bare = address.strip()
    if not _PLAUSIBLE.fullmatch(bare):
        raise InvalidProperty(f"'{bare[:80]}' is not a mail address.", target=target)
    return bare


def is_same(one: str, other: str) -> bool:
    """Return whether both addresses name one mailbox."""
    return fold(one) == fold(other)


def local_part(address: str) -> str:
    """Return what stands before the `@`, folded (RFC 5321, section 2.3.11)."""
    return fold(address).rpartition("@")[0]


def matching_addresses(wanted: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses `wanted` can stand for: the one it is, else all with this local part."""
    known, short = list(addresses), fold(wanted)
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
