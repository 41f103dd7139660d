"""The description of each profile's types and actions, made from the same tables as its answers.

Only what is emulated is declared: a type that nothing refers to is left out, and so is every
action that would be refused. Parameters of actions are spelled as the published metadata does,
in Pascal case in every profile; they are read in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rsvpd.dialects.microsoft.tables.extended import FORMS
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.resources import V1_NAMES
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.metadata import (
    Action,
    ComplexType,
    Container,
    EntitySet,
    EntityType,
    EnumType,
    Function,
    Navigation,
    Parameter,
    Property,
    Schema,
    Singleton,
    edmx,
)
from rsvpd.dialects.shape import Prop, Shape

OWN_TYPE = re.compile(r"(?<![\w.])[A-Za-z_]\w*+(?![\w.(])")
OF_ITEMS = ("changeKey", "createdDateTime", "lastModifiedDateTime", "categories")
_PROPERTIES = {
    "multiValueExtendedProperties": "Collection(multiValueLegacyExtendedProperty)",
    "singleValueExtendedProperties": "Collection(singleValueLegacyExtendedProperty)",
}
_CATEGORIES = {"masterCategories": "Collection(outlookCategory)"}
_EXTENSIONS = {"extensions": "Collection(openTypeExtension)"}
NAVIGATIONS: Mapping[str, Mapping[str, str]] = {
    "event": {"calendar": "calendar", "instances": "Collection(event)", **_EXTENSIONS, **_PROPERTIES},
    "message": {**_EXTENSIONS, **_PROPERTIES},
    "eventMessage": {"event": "event"},
    "mailFolder": {"childFolders": "Collection(mailFolder)", "messages": "Collection(message)", **_PROPERTIES},
    "calendar": {
        "calendarPermissions": "Collection(calendarPermission)",
        "calendarView": "Collection(event)",
        "events": "Collection(event)",
        **_PROPERTIES,
    },
    "roomList": {"rooms": "Collection(room)"},
    "user": {
        "calendar": "calendar",
        "calendars": "Collection(calendar)",
        "calendarView": "Collection(event)",
        "events": "Collection(event)",
        "mailFolders": "Collection(mailFolder)",
        "messages": "Collection(message)",
    },
}
_SCHEDULE = {
    "Schedules": "Collection(Edm.String)",
    "EndTime": "dateTimeTimeZone",
    "StartTime": "dateTimeTimeZone",
    "AvailabilityViewInterval": "Edm.Int32",
}
_MEETING = {
    "Attendees": "Collection(attendeeBase)",
    "LocationConstraint": "locationConstraint",
    "TimeConstraint": "timeConstraint",
    "MeetingDuration": "Edm.Duration",
    "MaxCandidates": "Edm.Int32",
    "IsOrganizerOptional": "Edm.Boolean",
    "ReturnSuggestionReasons": "Edm.Boolean",
    "MinimumAttendeePercentage": "Edm.Double",
}
_TIPS = {"EmailAddresses": "Collection(Edm.String)", "MailTipsOptions": "mailTipsType"}
_ANSWER = {"SendResponse": "Edm.Boolean", "Comment": "Edm.String"}
_PROPOSAL = {"ProposedNewTime": "timeSlot"} | _ANSWER
ACTIONS: tuple[tuple[str, str, Mapping[str, str], str | None], ...] = (
    ("accept", "event", _ANSWER, None),
    ("cancel", "event", {"Comment": "Edm.String"}, None),
    ("decline", "event", _PROPOSAL, None),
    ("dismissReminder", "event", {}, None),
    ("forward", "event", {"ToRecipients": "Collection(recipient)", "Comment": "Edm.String"}, None),
    ("snoozeReminder", "event", {"NewReminderTime": "dateTimeTimeZone"}, None),
    ("tentativelyAccept", "event", _PROPOSAL, None),
    ("getSchedule", "calendar", _SCHEDULE, "Collection(scheduleInformation)"),
    ("findMeetingTimes", "user", _MEETING, "meetingTimeSuggestionsResult"),
    ("getMailTips", "user", _TIPS, "Collection(mailTips)"),
    ("reauthorize", "subscription", {}, None),
    ("move", "message", {"DestinationId": "Edm.String"}, "message"),
    ("sendMail", "user", {"Message": "message", "SaveToSentItems": "Edm.Boolean"}, None),
)
_NEEDED = ("NewReminderTime", "DestinationId", "Message", "ToRecipients", "EmailAddresses")
_OF_USERS = ("findMeetingTimes", "getMailTips")
_DOCUMENTS: dict[str, bytes] = {}


def document(profile: Profile) -> bytes:
    """Return the metadata document of a profile: CSDL in XML, made once."""
    if profile.name not in _DOCUMENTS:
        _DOCUMENTS[profile.name] = edmx(schema(profile))
    return _DOCUMENTS[profile.name]


def schema(profile: Profile) -> Schema:
    """Return the description of a profile."""
    return _Describer(profile).schema()


class _Describer:
    """Describes one profile; names go from Graph's spelling to the profile's on the way out."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.tables = profile.tables
        self.style = profile.style
        self.type_names = {"mailFolder": profile.folder.name}
        self.proposes = self.tables.types.tables["attendee"].find("proposedNewTime") is not None

    def schema(self) -> Schema:
        entities, actions = self.entities(), self.actions()
        complexes = self.complexes()
        functions = self.functions()
        needed = _reachable_types(entities, (*actions, *functions), complexes)
        return Schema(
            namespace=self.profile.namespace,
            alias=self.profile.alias,
            enums=tuple(one for one in self.enums() if one.name in needed),
            complex_types=tuple(one for one in complexes if one.name in needed),
            entity_types=entities,
            actions=actions,
            functions=functions,
            container=Container(
                name=self.profile.container,
                singletons=(Singleton(self.style.name("me"), self.type("user")),),
                sets=tuple(EntitySet(self.style.name(name), self.type(one)) for name, one in self.sets()),
            ),
        )

    def sets(self) -> Iterable[tuple[str, str]]:
        yield "users", "user"
        if self.tables.places:
            yield "places", "place"
        if self.tables.subscription is not None:
            yield "subscriptions", "subscription"

    def type(self, graph: str) -> str:
        """Return a type's name: `Collection(mailFolder)` is `Collection(Folder)` in Outlook v1.0."""
        if graph.startswith("Edm."):
            return graph
        return OWN_TYPE.sub(lambda found: self.type_names.get(found[0]) or self.style.type(found[0]), graph)

    def enums(self) -> Iterable[EnumType]:
        for one in words.ALL:
            members = tuple((self.style.word(word), number) for word, number in one.members)
            yield EnumType(self.style.type(one.name), members, flags=one.has_flags)

    def complexes(self) -> tuple[ComplexType, ...]:
        shapes = self.tables.complex_types()
        return tuple(
            ComplexType(name=shape.name, properties=_properties(self.own(shape)), base=shape.base)
            for shape in sorted(shapes, key=lambda shape: shape.name)
        )

    def entities(self) -> tuple[EntityType, ...]:
        shapes = [shape for shape in self.tables.entities() if shape.base or shape in self.tables.extended]
        directory = self.type("directoryObject")
        roots = [
            EntityType(
                name=self.type("entity"),
                properties=(Property(self.style.name("id"), "Edm.String", nullable=False),),
                key=(self.style.name("id"),),
                abstract=True,
            ),
            EntityType(
                name=self.type("outlookItem"),
                properties=_properties(self.of_items()),
                base=self.type("entity"),
                abstract=True,
            ),
        ]
        if any(shape.base == directory for shape in shapes):
            roots.append(EntityType(name=directory, base=self.type("entity"), abstract=True))
        return (*roots, *(self.entity(shape) for shape in shapes))

    def entity(self, shape: Shape[Ctx]) -> EntityType:
        navigations = {self.type(name): dict(ways) for name, ways in NAVIGATIONS.items()}.get(shape.name, {})
        if shape is self.tables.folder and self.tables.rules:
            navigations["messageRules"] = "Collection(messageRule)"
        if shape is self.tables.user and self.tables.people:
            navigations["people"] = "Collection(person)"
        if shape is self.tables.user and self.tables.push_subscription is not None:
            navigations["subscriptions"] = "Collection(PushSubscription)"
        return EntityType(
            name=shape.name,
            base=shape.base,
            properties=_properties(self.own(shape)),
            key=() if shape.base else (shape.props[0].name,),
            navigations=tuple(
                Navigation(self.profile.segment(name), self.type(target), contained=True)
                for name, target in navigations.items()
                if name.lower() not in FORMS or self.tables.extended
            ),
        )

    def of_items(self) -> list[Prop[Ctx]]:
        """Return the properties that every event and message has from their common base."""
        message = self.tables.message
        found = (message.find(name) or message.find(V1_NAMES.get(name, name)) for name in OF_ITEMS)
        return [prop for prop in found if prop is not None]

    def own(self, shape: Shape[Ctx]) -> list[Prop[Ctx]]:
        """Return the properties a type does not have from its base."""
        inherited = {"id"} if shape.base else set()
        base = shape.base
        if base == self.type("outlookItem"):
            inherited |= {prop.name.lower() for prop in self.of_items()}
        while base in self.by_name:
            inherited |= {prop.name.lower() for prop in self.by_name[base].props}
            base = self.by_name[base].base
        return [prop for prop in shape.props if prop.name.lower() not in inherited]

    @property
    def by_name(self) -> dict[str | None, Shape[Ctx]]:
        return {shape.name: shape for shape in self.tables.shapes()}

    def functions(self) -> tuple[Function, ...]:
        window = (Parameter(name, "Edm.String", nullable=False) for name in ("StartDateTime", "EndDateTime"))
        return (
            Function(
                name=self.style.name("reminderView"),
                parameters=(Parameter("bindingParameter", self.type("user")), *window),
                returns=self.type("Collection(reminder)"),
            ),
        )

    def actions(self) -> tuple[Action, ...]:
        return tuple(
            Action(
                name=self.style.name(name),
                parameters=(
                    Parameter("bindingParameter", self.type(bound)),
                    *(
                        Parameter(one, self.type(edm), nullable=one not in _NEEDED)
                        for one, edm in parameters.items()
                        if self.proposes or one != "ProposedNewTime"
                    ),
                ),
                returns=self.type(returns) if returns else None,
                entity_set_path="bindingParameter" if returns == bound else None,
            )
            for name, bound, parameters, returns in ACTIONS
            if (name != "getSchedule" or self.tables.schedule)
            and (name not in _OF_USERS or name in self.profile.published.types["user"].actions)
            and (bound != "subscription" or self.tables.subscription)
        )


def _properties(props: Iterable[Prop[Ctx]]) -> tuple[Property, ...]:
    return tuple(
        Property(prop.name, prop.codec.edm) for prop in sorted(props, key=lambda prop: prop.name.lower())
    )


def _reachable_types(
    entities: Iterable[EntityType], operations: Iterable[Action | Function], complexes: Iterable[ComplexType]
) -> set[str]:
    """Return the names of all types that entities and operations need, however far away."""
    members = {
        one.name: {name for prop in one.properties for name in OWN_TYPE.findall(prop.type)}
        | ({one.base} if one.base else set())
        for one in complexes
    }
    wanted = {name for one in entities for prop in one.properties for name in OWN_TYPE.findall(prop.type)}
    for one in operations:
        types = (*(each.type for each in one.parameters), one.returns or "")
        wanted |= {name for each in types for name in OWN_TYPE.findall(each)}
    reached: set[str] = set()
    while wanted:
        reached |= wanted
        wanted = {inner for name in wanted for inner in members.get(name, ())} - reached
    return reached
