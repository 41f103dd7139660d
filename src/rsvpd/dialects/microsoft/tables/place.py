"""The tables of places: rooms, and lists of rooms."""

from __future__ import annotations

from typing import Any

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import (
    FLAG,
    NUMBER,
    TEXT,
    TEXTS,
    Ctx,
    always_null,
    read_only,
    read_text,
)
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown, as_is
from rsvpd.query.fields import Field, Fields, Kind

WRITE = Access.WRITE
# What may be asked of places: evaluated in Python only.
PLACE_FIELDS: Fields = {
    field.name: field
    for field in (
        Field("oid", Kind.TEXT, lambda view: view.oid),
        Field("address", Kind.TEXT, lambda view: view.address),
        Field("name", Kind.TEXT, lambda view: view.name),
        Field("capacity", Kind.NUMBER, lambda view: view.capacity),
        Field("floor_number", Kind.NUMBER, lambda view: view.place.floor_number),
        Field("accessible", Kind.BOOL, lambda view: view.place.is_wheelchair_accessible),
        Field("tags", Kind.TEXTS, lambda view: view.place.tags),
        Field("label", Kind.TEXT, lambda view: view.place.label),
        Field("nickname", Kind.TEXT, lambda view: view.place.nickname or ""),
        Field("phone", Kind.TEXT, lambda view: view.place.phone),
        Field("building", Kind.TEXT, lambda view: view.place.building),
        Field("floor_label", Kind.TEXT, lambda view: view.place.floor_label),
        Field("audio", Kind.TEXT, lambda view: view.place.audio_device),
        Field("video", Kind.TEXT, lambda view: view.place.video_device),
        Field("display", Kind.TEXT, lambda view: view.place.display_device),
        Field("booking", Kind.WORD, lambda view: _booking(view.is_reserved)),
    )
}


def _booking(is_reserved: bool) -> str:
    return "reserved" if is_reserved else "standard"


def _read_name(value: Any, _: object) -> str:
    text = (read_text(value) or "").strip()
    if not text or len(text) > 256:
        raise ValueError("1 to 256 characters are expected.")
    return text


NAME: Codec[Ctx] = Codec("Edm.String", as_is, _read_name)
# Never null to clients.
NICKNAME: Codec[Ctx] = Codec("Edm.String", lambda text, _: text or "", read_text)


def place_table(t: Types) -> Shape[Ctx]:
    """Return the table of what all places have."""
    return Shape("place", _common_members(t), base="entity")


def room_table(t: Types) -> Shape[Ctx]:
    """Return the table of rooms."""
    own = (
        Prop(name="emailAddress", source="address", codec=read_only("Edm.String", as_is), query="address"),
        Prop(name="nickname", source="place.nickname", codec=NICKNAME, access=WRITE, query="nickname"),
        Prop(name="building", source="place.building", codec=TEXT, access=WRITE, query="building"),
        Prop(name="floorNumber", source="place.floor_number", codec=NUMBER, access=WRITE, query="floor_number"),
        Prop(name="floorLabel", source="place.floor_label", codec=TEXT, access=WRITE, query="floor_label"),
        Prop(name="capacity", source="capacity", codec=NUMBER, access=WRITE, query="capacity"),
        Prop(name="bookingType", source="is_reserved", codec=_booking_type(t), access=WRITE, query="booking"),
        Prop(name="audioDeviceName", source="place.audio_device", codec=TEXT, access=WRITE, query="audio"),
        Prop(name="videoDeviceName", source="place.video_device", codec=TEXT, access=WRITE, query="video"),
        Prop(name="displayDeviceName", source="place.display_device", codec=TEXT, access=WRITE, query="display"),
        Prop(name="teamsEnabledState", source="place.teams", codec=t.word(words.PLACE_FEATURE), access=WRITE),
    )
    return Shape("room", (*_common_members(t), *own), base="place")


def room_list_table(t: Types) -> Shape[Ctx]:
    """Return the table of lists of rooms."""
    own = Prop(name="emailAddress", source="address", codec=read_only("Edm.String", as_is), query="address")
    return Shape("roomList", (*_common_members(t), own), base="place")


def _common_members(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(name="id", source="oid", codec=TEXT, query="oid", shown=Shown.ALWAYS),
        Prop(name="placeId", source="oid", codec=TEXT, query="oid"),
        Prop(name="displayName", source="name", codec=NAME, access=WRITE, query="name"),
        Prop(name="label", source="place.label", codec=TEXT, access=WRITE, query="label"),
        Prop(name="phone", source="place.phone", codec=TEXT, access=WRITE, query="phone"),
        Prop(name="address", source="place.postal", codec=_or_none(t.postal_address), access=WRITE),
        Prop(name="geoCoordinates", source="place.coordinates", codec=_or_none(t.coordinates), access=WRITE),
        Prop(
            name="isWheelChairAccessible", source="place.is_wheelchair_accessible", codec=FLAG, access=WRITE,
            query="accessible",
        ),
        Prop(name="tags", source="place.tags", codec=TEXTS, access=WRITE, query="tags"),
        # Of floors and sections, which it would name, there are none.
        Prop(name="parentId", source="", codec=always_null()),
    )  # fmt: skip


def _or_none(codec: Codec[Ctx]) -> Codec[Ctx]:
    return Codec(codec.edm, lambda one, ctx: None if one is None else codec.write(one, ctx), codec.read)


def _booking_type(t: Types) -> Codec[Ctx]:
    plain = t.word(words.BOOKING_TYPE)

    def read(value: Any, ctx: Ctx) -> bool:
        return bool(plain.read(value, ctx) == "reserved")

    return Codec(plain.edm, lambda is_reserved, ctx: plain.write(_booking(is_reserved), ctx), read)
