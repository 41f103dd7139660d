"""Places where people meet: rooms, and lists of rooms, as a directory describes them.

Names are those of Microsoft Graph's `place` and `room` (https://learn.microsoft.com/graph/api/resources/room).
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.event import Coordinates, PostalAddress


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="v", tag=1):
    """What is known of a room or a list of rooms beside its name; all of it may be missing."""

    audio_device: str | None = None
    building: str | None = None
    coordinates: Coordinates | None = None
    display_device: str | None = None
    floor_label: str | None = None
    floor_number: int | None = None
    is_wheelchair_accessible: bool | None = None
    label: str | None = None
    nickname: str | None = None
    phone: str | None = None
    postal: PostalAddress | None = None
    tags: tuple[str, ...] = ()
    teams: str = "unknown"
    video_device: str | None = None


NOWHERE = Place()
