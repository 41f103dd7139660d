"""Mail addresses: how they are written, and when two of them are the same person."""

from __future__ import annotations

import re

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
