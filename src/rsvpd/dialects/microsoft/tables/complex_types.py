"""The complex types that properties are made of: recipients, bodies, places, recurrence, flags.

Each is a table (for reading, the metadata document and the golden files). The types that
stand many times in one answer have a writer of their own, which takes its names from the
same style; a test holds it to the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, structs

from rsvpd.calendar.event import Coordinates, Location, PostalAddress
from rsvpd.dialects.microsoft.tables.attendee import attendees, response_status
from rsvpd.dialects.microsoft.tables.builder import (
    Builder,
    as_mailbox,
    mailbox_writer,
    many,
    member,
    reader,
    refuse_to_write,
)
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import (
    DOUBLE,
    TEXT,
    Ctx,
    Style,
    enumeration,
    read_only,
)
from rsvpd.dialects.microsoft.vocabulary.times import Stamp, as_timed, date_time_time_zone, read_zoned, time_slot
from rsvpd.dialects.shape import Codec, Prop, Shape
from rsvpd.mail.address import Mailbox, parse_address
from rsvpd.mail.content import Body, BodyKind, as_document, as_html, as_text
from rsvpd.mail.message import Flag, FlagStatus
from rsvpd.timezones.zone import at_instant, to_instant

_PLACES = 256
FULL_PLACE = Location(postal=PostalAddress(), coordinates=Coordinates())


class Types(Struct, frozen=True, kw_only=True):
    """The complex types in one profile's spelling. `tables` holds all of them, by Graph name.

    `no_place` is the location that is answered where an event has none.
    """

    style: Style
    tables: dict[str, Shape[Ctx]]
    no_place: Location
    recipient: Codec[Ctx]
    recipients: Codec[Ctx]
    body: Codec[Ctx]
    location: Codec[Ctx]
    date_time_time_zone: Codec[Ctx]
    time_slot: Codec[Ctx]
    time_slot_brief: Codec[Ctx]
    postal_address: Codec[Ctx]
    coordinates: Codec[Ctx]
    attendees: Codec[Ctx]
    response_status: Codec[Ctx]
    flag: Codec[Ctx]

    def word(self, one: words.Words) -> Codec[Ctx]:
        """Return the codec of an enumeration in this spelling."""
        return enumeration(one, self.style)

    def edm(self, graph: str) -> str:
        """Return a type's name in this spelling."""
        return self.style.type(graph)


def small_types(
    style: Style,
    *,
    without: frozenset[str] = frozenset(),
    no_place: Location,
    more: Mapping[str, Mapping[str, str]] = {},
) -> Types:
    """Return all complex types; `without` names members (`location.locationUri`) that are left out, `more` has types
    of this profile alone.
    """
    build = Builder(style, without)
    for name, members in {**DESCRIBED, **more}.items():
        build.describe(name, members)
    recipient = _recipient(build)
    when = date_time_time_zone(style)
    slot = time_slot(style, when)
    return Types(
        style=style,
        tables=build.tables,
        no_place=no_place,
        recipient=recipient,
        recipients=many(recipient),
        body=_body(build),
        location=_location(build),
        postal_address=_postal_address(build),
        coordinates=_coordinates(build),
        date_time_time_zone=when,
        time_slot=slot,
        time_slot_brief=time_slot(style, date_time_time_zone(style, fraction="")),
        attendees=attendees(build, recipient, slot),
        response_status=response_status(build),
        flag=_flag(build, when),
    )


# --- recipient, emailAddress


def _recipient(build: Builder) -> Codec[Ctx]:
    address = build.table("emailAddress", member("name", TEXT, "name"), member("address", TEXT, "address"))
    read_address = reader(address, as_mailbox)
    inner = Codec(address.name, refuse_to_write, read_address)
    shape = build.table("recipient", member("emailAddress", inner, field="who"))
    write = mailbox_writer(build.style)
    outer = build.style.name("emailAddress")

    def read_who(who: Mailbox | None = None) -> Mailbox:
        if who is None:
            raise ValueError(f"{outer} is missing.")
        return who

    return Codec(shape.name, lambda who, _: {outer: write(who.name, who.address)}, reader(shape, read_who))


# --- itemBody


def _body(build: Builder) -> Codec[Ctx]:
    kinds = enumeration(words.BODY_TYPE, build.style)
    shape = build.table("itemBody", member("contentType", kinds, "kind"), member("content", TEXT, "text"))
    type_, content = build.style.names("contentType", "content")
    spelled = {kind: build.style.word(word) for kind, word in words.BODY_TYPE.meaning.items()}

    def write(body: Body, ctx: Ctx) -> dict[str, str]:
        kind = ctx.body_kind or BodyKind.HTML
        if kind is BodyKind.TEXT or not body.text:
            text = as_text(body)  # the lines of a text stay as they were given, those of HTML end as Exchange ends them
            return {type_: spelled[kind], content: text if body.kind is BodyKind.TEXT else text.replace("\n", "\r\n")}
        return {type_: spelled[kind], content: (as_document if ctx.active_html else as_html)(body)}

    def make(kind: BodyKind | None = None, text: str | None = None) -> Body:
        return Body(text, kind or BodyKind.TEXT) if text else Body()  # nothing has no language

    return Codec(shape.name, write, reader(shape, make))


# --- location, physicalAddress, coordinates


def _postal_address(build: Builder) -> Codec[Ctx]:
    postal = build.tables["physicalAddress"]
    return Codec(postal.name, postal.write, reader(postal, PostalAddress))


def _coordinates(build: Builder) -> Codec[Ctx]:
    spot = build.tables["outlookGeoCoordinates"]
    return Codec(spot.name, spot.write, reader(spot, Coordinates))


def _location(build: Builder) -> Codec[Ctx]:
    build.table(
        "physicalAddress",
        member("street", TEXT, "street", absent_when=None),
        member("city", TEXT, "city", absent_when=None),
        member("state", TEXT, "state", absent_when=None),
        member("countryOrRegion", TEXT, "country", absent_when=None),
        member("postalCode", TEXT, "postal_code", absent_when=None),
    )
    build.table(
        "outlookGeoCoordinates",
        member("altitude", DOUBLE, "altitude", absent_when=None),
        member("latitude", DOUBLE, "latitude", absent_when=None),
        member("longitude", DOUBLE, "longitude", absent_when=None),
        member("accuracy", DOUBLE, "accuracy", absent_when=None),
        member("altitudeAccuracy", DOUBLE, "altitude_accuracy", absent_when=None),
    )
    kinds = enumeration(words.LOCATION_TYPE, build.style)
    shape = build.table(
        "location",
        member("displayName", TEXT, "name"),
        member("locationUri", TEXT, "uri", absent_when=None),
        member("locationEmailAddress", TEXT, "mailbox", absent_when=None),
        member("locationType", kinds, "kind"),
        member("uniqueId", TEXT, "unique_id", absent_when=None),
        Prop(name="uniqueIdType", source="unique_id", codec=_unique_id_type(build.style)),
        member(
            "address",
            _postal_address(build),
            "postal",
            absent_when=None,
        ),
        member(
            "coordinates",
            _coordinates(build),
            "coordinates",
            absent_when=None,
        ),
    )

    # An event shows a place twice, and the same places stand in many.
    @lru_cache(maxsize=_PLACES)
    def write(place: Location, ctx: Ctx) -> Mapping[str, Any]:
        return shape.write(_with_id(place), ctx)

    return Codec(shape.name, write, reader(shape, _place))


def _with_id(place: Location) -> Location:
    """Return a place with an id: a name that no directory gave is its own."""
    return structs.replace(place, unique_id=place.name) if place.name and not place.unique_id else place


def _unique_id_type(style: Style) -> Codec[Ctx]:
    private, unknown = style.word("private"), style.word("unknown")
    return read_only(
        style.type(words.LOCATION_UNIQUE_ID_TYPE.name), lambda unique, _: private if unique else unknown
    )


def _place(**members: Any) -> Location:
    mailbox, name = members.pop("mailbox", None), members.pop("name", None) or ""
    if members.get("unique_id") == name:  # what `_with_id` added
        del members["unique_id"]
    return Location(
        name=name,
        kind=members.pop("kind", None) or "default",
        mailbox=parse_address(mailbox, target="locationEmailAddress") if mailbox else None,
        **members,
    )


# --- followupFlag


def _flag(build: Builder, when: Codec[Ctx]) -> Codec[Ctx]:
    states = enumeration(words.FOLLOWUP_FLAG_STATUS, build.style)
    date = Codec(when.edm, lambda instant, ctx: when.write(at_instant(instant, "UTC"), ctx), read_zoned)
    shape = build.table(
        "followupFlag",
        member("completedDateTime", date, "completed", absent_when=None),
        member("dueDateTime", date, "due", absent_when=None),
        member("flagStatus", states, "status"),
        member("startDateTime", date, "start", absent_when=None),
    )

    def make(
        status: FlagStatus | None = None,
        start: Stamp | None = None,
        due: Stamp | None = None,
        completed: Stamp | None = None,
    ) -> Flag:
        if due is not None and start is None:
            raise ValueError("dueDateTime needs startDateTime.")  # Graph: followupFlag
        given = [None if one is None else to_instant(as_timed(one)) for one in (start, due, completed)]
        if status is None:
            status = FlagStatus.NONE if given == [None] * 3 else FlagStatus.FLAGGED
        return Flag() if status is FlagStatus.NONE else Flag(status, *given)

    return Codec(shape.name, shape.write, reader(shape, make))


# --- types whose values are made elsewhere, or always neutral

IN_GRAPH: dict[str, dict[str, str]] = {
    "objectIdentity": {"signInType": "Edm.String", "issuer": "Edm.String", "issuerAssignedId": "Edm.String"},
}
DESCRIBED: dict[str, dict[str, str]] = {
    "dateTimeTimeZone": {"dateTime": "Edm.String", "timeZone": "Edm.String"},
    "timeSlot": {"start": "dateTimeTimeZone", "end": "dateTimeTimeZone"},
    "patternedRecurrence": {"pattern": "recurrencePattern", "range": "recurrenceRange"},
    "recurrencePattern": {
        "type": "recurrencePatternType",
        "interval": "Edm.Int32",
        "month": "Edm.Int32",
        "dayOfMonth": "Edm.Int32",
        "daysOfWeek": "Collection(dayOfWeek)",
        "firstDayOfWeek": "dayOfWeek",
        "index": "weekIndex",
    },
    "recurrenceRange": {
        "type": "recurrenceRangeType",
        "startDate": "Edm.Date",
        "endDate": "Edm.Date",
        "recurrenceTimeZone": "Edm.String",
        "numberOfOccurrences": "Edm.Int32",
    },
    "onlineMeetingInfo": {
        "joinUrl": "Edm.String",
        "conferenceId": "Edm.String",
        "tollNumber": "Edm.String",
        "tollFreeNumbers": "Collection(Edm.String)",
        "quickDial": "Edm.String",
        "phones": "Collection(phone)",
    },
    "phone": {
        "type": "phoneType",
        "number": "Edm.String",
        "region": "Edm.String",
        "language": "Edm.String",
    },
    "reminder": {
        "eventId": "Edm.String",
        "eventStartTime": "dateTimeTimeZone",
        "eventEndTime": "dateTimeTimeZone",
        "changeKey": "Edm.String",
        "eventSubject": "Edm.String",
        "eventLocation": "location",
        "eventWebLink": "Edm.String",
        "reminderFireTime": "dateTimeTimeZone",
    },
    "internetMessageHeader": {"name": "Edm.String", "value": "Edm.String"},
}
