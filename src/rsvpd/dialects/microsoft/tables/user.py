"""The tables of people: Graph's users and those of Outlook REST.

Of what a directory tells about somebody, a name, an address and an id are known here. Other members are there
to be selected and asked about, and are null or empty for everybody.
"""

from __future__ import annotations

from typing import Any

from rsvpd.commands.settings import SettingsView
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.folder import YES
from rsvpd.dialects.microsoft.tables.settings import settings_tables
from rsvpd.dialects.microsoft.vocabulary.codecs import TEXT, Ctx, constant, nothing, read_only
from rsvpd.dialects.microsoft.vocabulary.directory import PARTS, parts_of
from rsvpd.dialects.shape import Codec, Prop, Shape, Shown
from rsvpd.mail.person import Person
from rsvpd.query.fields import Field, Fields, Kind

MEMBER = "Member"
# Published members that are complex, of which nothing is known: they cannot be selected.
NOT_EMULATED = frozenset((
    "assignedlicenses", "assignedplans", "authorizationinfo", "customsecurityattributes", "deleteddatetime",
    "employeeorgdata", "identities", "licenseassignmentstates", "onpremisesextensionattributes",
    "onpremisesprovisioningerrors", "passwordprofile", "provisionedplans", "serviceprovisioningerrors",
    "signinactivity",
))  # fmt: skip
_TEXT, _TEXTS, _FLAG, _TIME = "Edm.String", "Collection(Edm.String)", "Edm.Boolean", "Edm.DateTimeOffset"
# What is null or empty for everybody, by its type.
_UNKNOWN: dict[str, tuple[str, ...]] = {
    _TEXT: (
        "aboutMe", "ageGroup", "city", "companyName", "consentProvidedForMinor", "country", "creationType",
        "department", "employeeId", "employeeType", "externalUserState", "faxNumber", "legalAgeGroupClassification",
        "mySite", "onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesImmutableId",
        "onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesUserPrincipalName",
        "passwordPolicies", "postalCode", "preferredDataLocation", "preferredName", "securityIdentifier", "state",
        "streetAddress", "usageLocation",
    ),
    _TEXTS: ("imAddresses", "interests", "otherMails", "pastProjects", "responsibilities", "schools", "skills"),
    _FLAG: ("isManagementRestricted", "isResourceAccount", "onPremisesSyncEnabled", "showInAddressList"),
    _TIME: (
        "birthday", "createdDateTime", "employeeHireDate", "employeeLeaveDateTime",
        "externalUserStateChangeDateTime", "hireDate", "lastPasswordChangeDateTime", "onPremisesLastSyncDateTime",
        "signInSessionsValidFromDateTime",
    ),
}  # fmt: skip
_NO_VALUES: dict[str, Codec[Ctx]] = {
    edm: constant(edm, ()) if edm == _TEXTS else nothing(edm) for edm in _UNKNOWN
}
# The fields by which they are asked about.
_ASKED = {_TEXT: "no_text", _TEXTS: "no_texts", _FLAG: "no_flag", _TIME: "no_time"}


def _given_name(name: str) -> str | None:
    return name.partition(" ")[0] or None


def _surname(name: str) -> str | None:
    return name.partition(" ")[2] or None


def _alias(address: str) -> str:
    return address.partition("@")[0]


def _proxies(address: str) -> tuple[str, ...]:
    return (f"SMTP:{address}",)


# What may be asked of people: evaluated in Python only.
PERSON_FIELDS: Fields = {
    field.name: field
    for field in (
        Field("name", Kind.TEXT, lambda person: person.name),
        Field(PARTS, Kind.TEXT, lambda person: " ".join(parts_of(person.name))),
        Field("given_name", Kind.TEXT, lambda person: _given_name(person.name)),
        Field("surname", Kind.TEXT, lambda person: _surname(person.name)),
        Field("address", Kind.TEXT, lambda person: person.address),
        Field("alias", Kind.TEXT, lambda person: _alias(person.address)),
        Field("proxies", Kind.TEXTS, lambda person: _proxies(person.address)),
        Field("oid", Kind.TEXT, lambda person: person.oid),
        Field("enabled", Kind.BOOL, lambda person: True),
        Field("user_type", Kind.TEXT, lambda person: MEMBER),
        Field("no_text", Kind.TEXT, lambda person: None),
        Field("no_texts", Kind.TEXTS, lambda person: ()),
        Field("no_flag", Kind.BOOL, lambda person: None),
        Field("no_time", Kind.INSTANT, lambda person: None),
    )
}


def _prop_without_value(edm: str, name: str, *, shown: Shown = Shown.SELECTED) -> Prop[Ctx]:
    return Prop(name=name, source="", codec=_NO_VALUES[edm], query=_ASKED[edm], shown=shown)


def user_table(t: Types) -> Shape[Ctx]:
    """Return the table of Graph's users: the default set of `GET /me`, and what is there when selected."""
    selected, default = Shown.SELECTED, Shown.BY_DEFAULT
    return Shape(
        "user",
        (
            _prop_without_value(_TEXTS, "businessPhones", shown=default),
            Prop(name="displayName", source="name", codec=TEXT, query="name"),
            Prop(name="givenName", source="name", codec=GIVEN_NAME, query="given_name"),
            _prop_without_value(_TEXT, "jobTitle", shown=default),
            Prop(name="mail", source="address", codec=TEXT, query="address"),
            _prop_without_value(_TEXT, "mobilePhone", shown=default),
            _prop_without_value(_TEXT, "officeLocation", shown=default),
            _prop_without_value(_TEXT, "preferredLanguage", shown=default),
            Prop(name="surname", source="name", codec=SURNAME, query="surname"),
            Prop(name="userPrincipalName", source="address", codec=TEXT, query="address"),
            Prop(name="id", source="oid", codec=TEXT, query="oid", shown=Shown.ALWAYS),
            Prop(name="accountEnabled", source="", codec=YES, query="enabled", shown=selected),
            Prop(name="mailNickname", source="address", codec=ALIAS, query="alias", shown=selected),
            Prop(name="proxyAddresses", source="address", codec=PROXIES, query="proxies", shown=selected),
            Prop(name="userType", source="", codec=USER_TYPE, query="user_type", shown=selected),
            *(_prop_without_value(edm, name) for edm, names in _UNKNOWN.items() for name in names),
            _own_settings(t),
        ),
        base="directoryObject",
    )


def outlook_user_table(t: Types) -> Shape[Ctx]:
    """Return the table of users as Outlook REST has it; the id is what stands in `Users('…')`."""
    return Shape(
        "user",
        (
            Prop(name="id", source="", codec=USER_KEY, query="oid", shown=Shown.ALWAYS),
            Prop(name="emailAddress", source="address", codec=TEXT, query="address"),
            Prop(name="displayName", source="name", codec=TEXT, query="name"),
            Prop(name="alias", source="address", codec=ALIAS, query="alias"),
            Prop(name="mailboxGuid", source="oid", codec=read_only("Edm.Guid", lambda oid, _: oid), query="oid"),
            _own_settings(t),
        ),
        base="entity",
    )


def _own_settings(t: Types) -> Prop[Ctx]:
    table = settings_tables(t)[0]

    def write(person: Person, ctx: Ctx) -> dict[str, Any] | None:
        """Write the settings of who asks; those of others are not theirs to see."""
        return table.write(person, ctx) if isinstance(person, SettingsView) else None

    return Prop(name="mailboxSettings", source="", codec=read_only(table.name, write), shown=Shown.SELECTED)


USER_KEY = read_only("Edm.String", lambda person, ctx: ctx.user_key(person, ctx.tenant))
GIVEN_NAME = read_only("Edm.String", lambda name, _: _given_name(name))
SURNAME = read_only("Edm.String", lambda name, _: _surname(name))
ALIAS = read_only("Edm.String", lambda address, _: _alias(address))
PROXIES = read_only("Collection(Edm.String)", lambda address, _: list(_proxies(address)))
USER_TYPE = constant("Edm.String", MEMBER)
