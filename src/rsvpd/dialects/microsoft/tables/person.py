"""The tables of people who matter to somebody: Graph's person, with the addresses, telephones and kinds it has.

What a mailbox keeps of people beside that (notes, favorites, phonetic names) is empty, as it is in the service for
whoever is no contact (learn.microsoft.com/graph/api/user-list-people).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import DOUBLE, TEXT, Ctx, constant, read_only
from rsvpd.dialects.shape import Codec, Prop, Shape, Shown
from rsvpd.mail.address import fold
from rsvpd.mail.profile import UserView
from rsvpd.mail.relevance import RelevantPerson
from rsvpd.query.fields import Field, Fields, Kind


def class_of(person: RelevantPerson) -> tuple[str, str]:
    """Return the class and the subclass of somebody (learn.microsoft.com/graph/search-concept-person, person types)."""
    if person.is_room:
        return "Other", "Room"
    if person.known is None:
        return "Person", "ImplicitContact"
    return ("Other", "Guest") if person.known.profile.user_type == "Guest" else ("Person", "OrganizationUser")


def _of_known(get: Callable[[UserView], str | None]) -> Callable[[RelevantPerson], str | None]:
    return lambda person: None if person.known is None else get(person.known)


def _principal(person: RelevantPerson) -> str:
    return "" if person.known is None else person.known.person.address


def _im_address(person: RelevantPerson) -> str | None:
    if person.known is None or person.is_room:
        return None
    return next(iter(person.known.profile.im_addresses), f"sip:{person.known.person.address}")


# What the directory knows, by member; nothing of who is not in it.
_KNOWN: dict[str, Callable[[RelevantPerson], str | None]] = {
    "givenName": _of_known(lambda view: view.given_name),
    "surname": _of_known(lambda view: view.surname),
    "jobTitle": _of_known(lambda view: view.profile.job_title),
    "companyName": _of_known(lambda view: view.profile.company_name),
    "department": _of_known(lambda view: view.profile.department),
    "officeLocation": _of_known(lambda view: view.profile.office_location),
    "userPrincipalName": _principal,
    "imAddress": _im_address,
}
# What may be asked of them: evaluated in Python only.
RELEVANT_FIELDS: Fields = {
    field.name: field
    for field in (
        Field("oid", Kind.TEXT, lambda person: person.id),
        Field("name", Kind.TEXT, lambda person: person.name),
        Field("class", Kind.TEXT, lambda person: class_of(person)[0]),
        Field("subclass", Kind.TEXT, lambda person: class_of(person)[1]),
        Field("addresses", Kind.TEXTS, lambda person: (fold(person.address),)),
        *(Field(name, Kind.TEXT, get) for name, get in _KNOWN.items()),
    )
}
RELEVANT_PATHS = {
    "personType/class": "class", "personType/subclass": "subclass", "scoredEmailAddresses/address": "addresses",
}  # fmt: skip


def person_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of a person, and those it is made of."""
    likelihood = t.word(words.SELECTION_LIKELIHOOD)
    score = _part(
        t, "scoredEmailAddress",
        Prop(name="address", source="address", codec=TEXT),
        Prop(name="relevanceScore", source="score", codec=DOUBLE),
        Prop(
            name="selectionLikelihood", source="", codec=constant(likelihood.edm, t.style.word("notSpecified"))
        ),
    )  # fmt: skip
    kind = _part(
        t, "personType",
        Prop(name="class", source="", codec=read_only("Edm.String", lambda person, _: class_of(person)[0])),
        Prop(name="subclass", source="", codec=read_only("Edm.String", lambda person, _: class_of(person)[1])),
    )  # fmt: skip
    website = _part(
        t, "website",
        Prop(name="type", source="", codec=constant(t.word(words.WEBSITE_TYPE).edm, None)),
        *(Prop(name=name, source="", codec=constant("Edm.String", None)) for name in ("address", "displayName")),
    )  # fmt: skip
    scores = read_only(f"Collection({score.name})", lambda person, ctx: [score.write(person, ctx)])
    person: Shape[Ctx] = Shape(
        "person",
        (
            Prop(name="id", source="id", codec=TEXT, query="oid", shown=Shown.ALWAYS),
            Prop(name="displayName", source="name", codec=TEXT, query="name"),
            _directory_member("givenName"),
            _directory_member("surname"),
            _empty("birthday"),
            _empty("personNotes"),
            Prop(name="isFavorite", source="", codec=constant("Edm.Boolean", False)),
            _directory_member("jobTitle"),
            _directory_member("companyName"),
            _empty("yomiCompany"),
            _directory_member("department"),
            _directory_member("officeLocation"),
            _empty("profession"),
            _directory_member("userPrincipalName"),
            _directory_member("imAddress"),
            Prop(name="scoredEmailAddresses", source="", codec=scores),
            Prop(name="phones", source="", codec=_phones(t)),
            Prop(name="postalAddresses", source="", codec=constant(f"Collection({t.edm('location')})", [])),
            Prop(name="websites", source="", codec=constant(f"Collection({website.name})", [])),
            Prop(name="personType", source="", codec=read_only(kind.name, kind.write)),
        ),
        base="entity",
    )
    return person, score, kind, website


def _directory_member(name: str) -> Prop[Ctx]:
    get = _KNOWN[name]
    return Prop(name=name, source="", codec=read_only("Edm.String", lambda person, _: get(person)), query=name)


def _empty(name: str) -> Prop[Ctx]:
    return Prop(name=name, source="", codec=constant("Edm.String", ""))


def _phones(t: Types) -> Codec[Ctx]:
    kind, number = t.style.names("type", "number")
    business, mobile = t.style.word("business"), t.style.word("mobile")

    def numbers(person: RelevantPerson) -> Iterator[tuple[str, str]]:
        if person.known is not None:
            yield from ((business, one) for one in person.known.profile.business_phones)
            if person.known.profile.mobile_phone:
                yield mobile, person.known.profile.mobile_phone

    def write(person: Any, _: Ctx) -> list[dict[str, str]]:
        return [{kind: word, number: text} for word, text in numbers(person)]

    return read_only(f"Collection({t.edm('phone')})", write)


def _part(t: Types, name: str, *props: Prop[Ctx]) -> Shape[Ctx]:
    shape: Shape[Ctx] = Shape(name, props)
    return shape.derive(t.edm(name), case=t.style.name)
