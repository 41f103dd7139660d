"""Whether an event of somebody's own declines the invitations that it meets, and what it says to them.

Google's focus time and absences do (discovery document: `EventOutOfOfficeProperties`, `EventFocusTimeProperties`).
"""

from __future__ import annotations

import enum

from msgspec import Struct


class DeclineMode(enum.Enum):
    """Which invitations are declined: none, those that come while the event is there, or those before it too."""

    __hash__ = object.__hash__  # each member is one object; that of enum hashes its name in Python

    NONE = "none"
    NEW = "new"
    ALL = "all"


class AutoDecline(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """What an event declines, and the words of that answer."""

    mode: DeclineMode = DeclineMode.NONE
    message: str = ""
