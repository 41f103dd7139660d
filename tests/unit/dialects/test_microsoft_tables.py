"""The tables of the three Microsoft profiles: every name, and what they promise each other.

`RSVPD_UPDATE_GOLDEN=1 pytest …` writes the golden files anew; the difference is for the reviewer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rsvpd.calendar.draft import EventDraft
from rsvpd.dialects.microsoft.tables.metadata import OWN_TYPE, document, schema
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES, Profile
from rsvpd.dialects.microsoft.tables.queries import CALENDAR_FIELDS, PERSON_FIELDS
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import CAMEL, PASCAL, Ctx
from rsvpd.dialects.odata.metadata import EDM, ComplexType, EntityType
from rsvpd.dialects.shape import Access, Shape
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.message import MeetingKind
from rsvpd.query.fields import EVENT_FIELDS, FOLDER_FIELDS, MESSAGE_FIELDS

HERE = Path(__file__).parent
FILES = (("graph", GRAPH), ("outlook_v2", OUTLOOK_V2), ("outlook_v1", OUTLOOK_V1))
PUBLISHED = HERE / "data" / "graph_properties.txt"
# Published, and not emulated: nothing here has more than one identity, or is ever deleted from a directory; no address
# of a person is that of an item, as those of contacts are.
NOT_EMULATED = {("user", "identities"), ("directoryObject", "deletedDateTime"), ("scoredEmailAddress", "itemId")}
every_profile = pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.version)


def expanded(profile: Profile) -> str:
    """Return all tables of a profile: resource, wire name, EDM type, access, query field."""
    rows = (
        f"{shape.name:24} {prop.name:36} {prop.codec.edm:36} {prop.access.value:10} {prop.query or '-'}"
        for shape in profile.tables.shapes()
        for prop in shape.props
    )
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(("name", "profile"), FILES, ids=lambda one: one if isinstance(one, str) else "")
def test_expanded_tables_equal_the_golden_files(name: str, profile: Profile) -> None:
    path = HERE / "golden" / f"{name}.txt"
    if os.environ.get("RSVPD_UPDATE_GOLDEN"):
        path.write_text(expanded(profile), encoding="utf-8")
    assert expanded(profile) == path.read_text(encoding="utf-8")


# --- Graph against its published metadata


def published() -> set[tuple[str, str, str]]:
    lines = PUBLISHED.read_text(encoding="utf-8").splitlines()
    rows = (line.rstrip("!").split() for line in lines if line[0] != "#")
    return {(type_, prop, edm) for type_, prop, edm in rows}


def described(profile: Profile) -> set[tuple[str, str, str]]:
    whole = schema(profile)
    types: tuple[EntityType | ComplexType, ...] = (*whole.entity_types, *whole.complex_types)
    return {(one.name, prop.name, prop.type) for one in types for prop in one.properties}


def test_graph_invents_no_property_and_no_type() -> None:
    assert described(GRAPH) - published() == set()


def test_graph_answers_every_published_property_of_its_types() -> None:
    types = {name for name, _, _ in described(GRAPH)}
    missing = {(name, prop) for name, prop, edm in published() - described(GRAPH) if name in types}
    assert missing <= NOT_EMULATED


DOCS = HERE.parents[2] / "docs" / "compatibility.md"


@pytest.mark.parametrize("shape", [*GRAPH.tables.entities(), GRAPH.mailbox_settings], ids=lambda shape: shape.name)
def test_the_docs_say_what_becomes_of_each_member(shape: Shape[Ctx]) -> None:
    section = DOCS.read_text(encoding="utf-8").partition("## Members (Microsoft)")[2].partition("\n## ")[0]
    rows = {cells[1].strip(): cells[2:5] for line in section.splitlines() if len(cells := line.split("|")) > 4}
    bases = {"eventMessage": GRAPH.message, "eventMessageRequest": GRAPH.event_message}
    bases |= {"eventMessageResponse": GRAPH.event_message, "mailSearchFolder": GRAPH.folder}
    inherited = {prop.name for prop in bases[shape.name].props} if shape.name in bases else set()
    own = [prop for prop in shape.props if prop.name not in inherited]
    written, said, same = (re.findall(r"`(\w+)`", cell) for cell in rows[shape.name])
    assert sorted(written) == sorted(prop.name for prop in own if prop.access is not Access.READ_ONLY)
    assert sorted([*said, *same]) == sorted(prop.name for prop in own if prop.access is Access.READ_ONLY)


# --- laws


@every_profile
def test_writable_properties_fill_a_member_of_the_draft(profile: Profile) -> None:
    drafts = {profile.event: EventDraft} | dict.fromkeys(profile.tables.messages.values(), MessageDraft)
    before_finishing = {"is_all_day", "location", "start_zone", "end_zone", "is_online", "online_provider"}
    for shape, draft in drafts.items():
        fields = {
            prop.field or prop.source.rpartition(".")[2]
            for prop in shape.props
            if prop.access is not Access.READ_ONLY
        }
        assert fields - before_finishing <= set(draft.__struct_fields__)


@every_profile
def test_query_fields_exist(profile: Profile) -> None:
    known = {
        profile.event: EVENT_FIELDS,
        profile.folder: FOLDER_FIELDS,
        profile.calendar: CALENDAR_FIELDS,
        profile.user: PERSON_FIELDS,
    } | dict.fromkeys(profile.tables.messages.values(), MESSAGE_FIELDS)
    for shape, fields in known.items():
        assert {prop.query for prop in shape.props if prop.query} <= set(fields)


@every_profile
def test_every_message_has_a_table_that_begins_with_the_plain_one(profile: Profile) -> None:
    plain = {prop.name for prop in profile.message.props}
    assert set(profile.tables.messages) == set(MeetingKind)
    assert all(plain <= {prop.name for prop in one.props} for one in profile.tables.messages.values())
    assert profile.message.find("meetingMessageType") is None


def test_names_keep_their_one_exception() -> None:
    assert all("iCalUId" in names(profile.event) for profile in PROFILES)
    assert PASCAL.word("html") == "HTML"
    assert PASCAL.word("workingElsewhere") == "WorkingElsewhere"
    assert CAMEL.names("iCalUId", "showAs") == ("iCalUId", "showAs")


@pytest.mark.parametrize("vocabulary", words.ALL, ids=lambda one: one.name)
def test_words_are_members_of_their_enumeration(vocabulary: words.Words) -> None:
    members = {word for word, _ in vocabulary.members}
    assert set(vocabulary.meaning.values()) <= members
    assert all(word == word.lower() for word in vocabulary.also)


# --- profiles


@pytest.mark.parametrize(
    ("profile", "kind", "name"),
    [
        (GRAPH, MeetingKind.NONE, None),
        (GRAPH, MeetingKind.REQUEST, "#microsoft.graph.eventMessageRequest"),
        (GRAPH, MeetingKind.CANCELLED, "#microsoft.graph.eventMessage"),
        (GRAPH, MeetingKind.TENTATIVE, "#microsoft.graph.eventMessageResponse"),
        (OUTLOOK_V2, MeetingKind.NONE, None),
        (OUTLOOK_V2, MeetingKind.REQUEST, "#Microsoft.OutlookServices.EventMessage"),
        (OUTLOOK_V1, MeetingKind.DECLINED, "#Microsoft.OutlookServices.EventMessage"),
    ],
)
def test_type_names_of_messages(profile: Profile, kind: MeetingKind, name: str | None) -> None:
    assert profile.type_name(kind) == name


@pytest.mark.parametrize(
    ("profile", "name", "segment"),
    [
        (GRAPH, "mailFolders", "mailFolders"),
        (OUTLOOK_V2, "mailFolders", "MailFolders"),
        (OUTLOOK_V1, "mailFolders", "Folders"),
        (OUTLOOK_V1, "calendarView", "CalendarView"),
    ],
)
def test_canonical_segments(profile: Profile, name: str, segment: str) -> None:
    assert profile.segment(name) == segment


# --- filters


@pytest.mark.parametrize(
    ("profile", "path", "field"),
    [
        (GRAPH, "start/dateTime", "start"),
        (OUTLOOK_V2, "Start/DateTime", "start"),
        (OUTLOOK_V1, "Start", "start"),
        (OUTLOOK_V1, "DateTimeCreated", "created"),
        (GRAPH, "iCalUId", "uid"),
        (GRAPH, "organizer/emailAddress/address", "organizer"),
        (GRAPH, "responseStatus/response", "response"),
        (GRAPH, "start/timeZone", None),
        (GRAPH, "changeKey", None),
        (GRAPH, "attendees", None),
    ],
)
def test_event_paths(profile: Profile, path: str, field: str | None) -> None:
    bound = profile.lookups.event(tuple(path.split("/")))
    assert bound is not None
    assert bound.field == field


@pytest.mark.parametrize(
    ("profile", "path", "field"),
    [
        (GRAPH, "receivedDateTime", "received"),
        (OUTLOOK_V1, "DateTimeReceived", "received"),
        (GRAPH, "from/emailAddress/address", "from"),
        (OUTLOOK_V1, "From/EmailAddress/Address", "from"),
        (GRAPH, "microsoft.graph.eventMessage/meetingMessageType", "meeting"),
        (OUTLOOK_V2, "MeetingMessageType", "meeting"),
        (GRAPH, "toRecipients/emailAddress/address", "to"),
        (GRAPH, "parentFolderId", None),
    ],
)
def test_message_paths(profile: Profile, path: str, field: str | None) -> None:
    bound = profile.lookups.message(tuple(path.split("/")))
    assert bound is not None
    assert bound.field == field


def test_paths_that_do_not_exist() -> None:
    assert GRAPH.lookups.event(("sart", "dateTime")) is None
    assert GRAPH.lookups.message(("",)) is None
    assert OUTLOOK_V1.lookups.event(("originalStartTimeZone",)) is None


# --- metadata


def types_used(profile: Profile) -> Iterator[str]:
    whole = schema(profile)
    types: tuple[EntityType | ComplexType, ...] = (*whole.entity_types, *whole.complex_types)
    for one in types:
        yield from OWN_TYPE.findall(one.base or "")
        for prop in one.properties:
            yield from OWN_TYPE.findall(prop.type)
    for entity in whole.entity_types:
        for navigation in entity.navigations:
            yield from OWN_TYPE.findall(navigation.type)
    for action in (*whole.actions, *whole.functions):
        for text in (action.returns or "", *(parameter.type for parameter in action.parameters)):
            yield from OWN_TYPE.findall(text)


@every_profile
def test_every_type_in_the_metadata_is_declared_and_needed(profile: Profile) -> None:
    whole = schema(profile)
    declared = [one.name for one in whole.enums]
    declared += [one.name for one in whole.complex_types]
    declared += [one.name for one in whole.entity_types]
    used = set(types_used(profile)) - {"Edm"}
    assert len(declared) == len(set(declared))
    assert used <= set(declared)
    leaves = {one.name for one in whole.entity_types}
    assert set(declared) - used <= leaves


@every_profile
def test_the_document_declares_actions_with_their_parameters(profile: Profile) -> None:
    root = ElementTree.fromstring(document(profile))
    actions = {
        one.get("Name", "").lower(): [each.get("Name") for each in one.iter(f"{{{EDM}}}Parameter")]
        for one in root.iter(f"{{{EDM}}}Action")
    }
    free_busy = set() if profile is OUTLOOK_V1 else {"getschedule", "findmeetingtimes", "getmailtips"}
    always = {"accept", "decline", "tentativelyaccept", "cancel", "forward", "move", "sendmail"}
    always |= {"dismissreminder", "snoozereminder"}
    assert set(actions) == always | free_busy | ({"reauthorize"} if profile is GRAPH else set())
    assert actions["accept"] == ["bindingParameter", "SendResponse", "Comment"]
    proposes = profile is not OUTLOOK_V1
    assert ("ProposedNewTime" in actions["decline"]) is proposes


def test_no_property_of_a_derived_type_stands_twice() -> None:
    for profile in PROFILES:
        types = {one.name: one for one in schema(profile).entity_types}
        for one in types.values():
            own, base = [prop.name for prop in one.properties], one.base
            while base:
                own += [prop.name for prop in types[base].properties]
                base = types[base].base
            assert len(own) == len(set(own)), one.name


def names(shape: Shape[Ctx]) -> list[str]:
    return [prop.name for prop in shape.props]


def test_what_outlook_v1_has_otherwise() -> None:
    event, message = names(OUTLOOK_V1.event), names(OUTLOOK_V1.message)
    assert {"DateTimeCreated", "DateTimeLastModified", "StartTimeZone", "EndTimeZone", "Reminder"} <= set(
        event
    )
    assert not {"OriginalStartTimeZone", "IsReminderOn", "AllowNewTimeProposals"} & set(event)
    assert {"DateTimeReceived", "DateTimeSent"} <= set(message)
    assert not {"ReceivedDateTime", "InternetMessageId", "Flag"} & set(message)
    assert set(names(OUTLOOK_V1.event_message)) - set(message) == {"MeetingMessageType"}
    assert OUTLOOK_V1.folder.name == "Folder"
