"""The tables of people: Graph's users and those of Outlook REST.

A user has a name, an address and an id; all else is a profile (mail/profile.py), which clients may write as far as the
service lets them. What only the administrator of the server says (where somebody was synchronized from, say) is
read-only here.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.settings import settings_tables
from rsvpd.dialects.microsoft.vocabulary.codecs import (
    FLAG,
    TEXT,
    TEXTS,
    WHOLE,
    Ctx,
    read_flag,
    read_instant,
    read_only,
    read_text,
    read_texts,
    whole,
)
from rsvpd.dialects.microsoft.vocabulary.directory import PARTS, parts_of
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown, as_is
from rsvpd.errors import InvalidProperty
from rsvpd.mail.address import fold, parse_address
from rsvpd.mail.person import Person
from rsvpd.mail.profile import AgeGroup, Consent, UserView
from rsvpd.mail.settings import SettingsView
from rsvpd.query.fields import Field, Fields, Kind

# Published members that are complex, of which nothing is known: they cannot be selected.
NOT_EMULATED = frozenset((
    "assignedlicenses", "assignedplans", "authorizationinfo", "customsecurityattributes", "deleteddatetime",
    "employeeorgdata", "licenseassignmentstates", "onpremisesextensionattributes", "onpremisesprovisioningerrors",
    "passwordprofile", "provisionedplans", "serviceprovisioningerrors", "signinactivity",
))  # fmt: skip
_ALIAS = re.compile(r"[!#$%&'*+./0-9=?A-Z^_`a-z{|}~-]{1,64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_POLICIES = re.compile(
    r"(None|DisablePasswordExpiration|DisableStrongPassword)(, ?(DisablePasswordExpiration|DisableStrongPassword))*+"
)
# Members that several dialects have, or that have a column of their own.
_FIELD_NAMES = {"displayName": "name", "mail": "address", "userPrincipalName": "address", "mailNickname": "alias"}
_KINDS = {
    "Edm.String": Kind.TEXT, "Collection(Edm.String)": Kind.TEXTS, "Edm.Boolean": Kind.BOOL,
    "Edm.DateTimeOffset": Kind.INSTANT,
}  # fmt: skip
READ, CREATE, WRITE = Access.READ_ONLY, Access.CREATE, Access.WRITE
_SELECTED, _DEFAULT = Shown.SELECTED, Shown.BY_DEFAULT


class Member(NamedTuple):
    """A member of the profile: its name, where it is in a UserView, its codec, who writes it, when it is shown.

    `is_asked` says whether the directory filters by it.
    """

    name: str
    source: str
    codec: Codec[Ctx]
    access: Access = WRITE
    shown: Shown = _SELECTED
    is_asked: bool = True

    def prop(self) -> Prop[Ctx]:
        """Return the row of the table."""
        query = _FIELD_NAMES.get(self.name, self.name) if self.is_asked else None
        return Prop(
            name=self.name, source=self.source, codec=self.codec, access=self.access, query=query, shown=self.shown
        )

    def field(self) -> Field:
        """Return what is asked by it."""
        return Field(self.name, _KINDS[self.codec.edm], _query_value(self.source))


def limited_text(most: int) -> Codec[Ctx]:
    """Return the codec of a text of so many letters at most; the empty one is none."""

    def read(value: Any, _: object) -> str | None:
        text = read_text(value)
        if text is not None and len(text) > most:
            raise ValueError(f"at most {most} characters are possible.")
        return text or None

    return Codec("Edm.String", as_is, read)


def _chosen(words: type[AgeGroup] | type[Consent]) -> Codec[Ctx]:
    known = {one.value.lower(): one for one in words}

    def read(value: Any, _: object) -> AgeGroup | Consent | None:
        text = read_text(value)
        if not text:
            return None
        if text.lower() not in known:
            raise ValueError(f"'{text[:40]}' is none of {', '.join(one.value for one in words)}.")
        return known[text.lower()]

    return Codec("Edm.String", lambda one, _: one and one.value, read)


def _matching_text(match: Callable[[str], re.Match[str] | None], what: str) -> Codec[Ctx]:
    def read(value: Any, _: object) -> str | None:
        text = read_text(value)
        if text and not match(text):
            raise ValueError(f"{what} is expected.")
        return text or None

    return Codec("Edm.String", as_is, read)


def _one_of(*words: str) -> Codec[Ctx]:
    known = {word.lower(): word for word in words}

    def read(value: Any, _: object) -> str:
        text = read_text(value) or ""
        if text.lower() not in known:
            raise ValueError(f"one of {', '.join(words)} is expected.")
        return known[text.lower()]

    return Codec("Edm.String", as_is, read)


def _read_one_phone(value: Any, _: object) -> tuple[str, ...]:
    texts = read_texts(value)
    if len(texts) > 1 or any(len(text) > 64 for text in texts):
        raise ValueError("one number of at most 64 characters is possible.")
    return texts


def _read_addresses(value: Any, _: object) -> tuple[str, ...]:
    return tuple(_parse_address(text) for text in read_texts(value))


def _read_enabled(value: Any, _: object) -> bool:
    flag = read_flag(value)
    if flag is None:
        raise ValueError("true or false is expected.")
    return flag


def _read_name(value: Any, _: object) -> str:
    text = (read_text(value) or "").strip()
    if not text or len(text) > 256:
        raise ValueError("1 to 256 characters are expected.")
    return text


def _read_alias(value: Any, _: object) -> str | None:
    text = read_text(value) or ""
    if not _ALIAS.fullmatch(text):
        raise ValueError("1 to 64 characters of an address are expected.")
    return text


def _read_address(value: Any, _: object) -> str:
    return _parse_address(read_text(value) or "")


def _parse_address(text: str) -> str:
    try:
        return parse_address(text)
    except InvalidProperty as wrong:
        raise ValueError(wrong.message) from None


MOMENT: Codec[Ctx] = Codec("Edm.DateTimeOffset", lambda at, _: None if at is None else whole(at), read_instant)
PHONES: Codec[Ctx] = Codec("Collection(Edm.String)", lambda texts, _: list(texts), _read_one_phone)
ADDRESSES: Codec[Ctx] = Codec("Collection(Edm.String)", lambda texts, _: list(texts), _read_addresses)
ENABLED: Codec[Ctx] = Codec("Edm.Boolean", as_is, _read_enabled)
NAME: Codec[Ctx] = Codec("Edm.String", as_is, _read_name)
NICKNAME: Codec[Ctx] = Codec("Edm.String", as_is, _read_alias)
ADDRESS: Codec[Ctx] = Codec("Edm.String", as_is, _read_address)
LANGUAGE = _matching_text(_LANGUAGE.fullmatch, "a language like en-US")
COUNTRY_CODE = _matching_text(_COUNTRY.fullmatch, "a country of two letters")
PASSWORD_POLICIES = _matching_text(
    _POLICIES.fullmatch,
    "DisablePasswordExpiration, DisableStrongPassword or both",
)
PROXIES = read_only("Collection(Edm.String)", lambda address, _: list(_proxies(address)))


def _proxies(address: str) -> tuple[str, ...]:
    return (f"SMTP:{address}",)


def _own(attribute: str) -> str:
    return f"profile.{attribute}"


# In the words and with the limits of https://learn.microsoft.com/graph/api/resources/user.
MEMBERS: tuple[Member, ...] = (
    Member("businessPhones", _own("business_phones"), PHONES, shown=_DEFAULT),
    Member("displayName", "person.name", NAME, shown=_DEFAULT),
    Member("givenName", "given_name", limited_text(64), shown=_DEFAULT),
    Member("jobTitle", _own("job_title"), limited_text(128), shown=_DEFAULT),
    Member("mail", "person.address", ADDRESS, READ, _DEFAULT),
    Member("mobilePhone", _own("mobile_phone"), limited_text(64), shown=_DEFAULT),
    Member("officeLocation", _own("office_location"), limited_text(128), shown=_DEFAULT),
    Member("preferredLanguage", _own("preferred_language"), LANGUAGE, shown=_DEFAULT),
    Member("surname", "surname", limited_text(64), shown=_DEFAULT),
    Member("userPrincipalName", "person.address", ADDRESS, CREATE, _DEFAULT),
    Member("aboutMe", _own("about_me"), TEXT, is_asked=False),
    Member("accountEnabled", "is_enabled", ENABLED),
    Member("ageGroup", _own("age_group"), _chosen(AgeGroup)),
    Member("birthday", _own("birthday"), MOMENT, is_asked=False),
    Member("city", _own("city"), limited_text(128)),
    Member("companyName", _own("company_name"), limited_text(64)),
    Member("consentProvidedForMinor", _own("consent"), _chosen(Consent)),
    Member("country", _own("country"), limited_text(128)),
    Member("createdDateTime", "created", WHOLE, READ),
    Member("creationType", _own("creation_type"), TEXT, READ),
    Member("department", _own("department"), limited_text(64)),
    Member("employeeHireDate", _own("employee_hire_date"), MOMENT),
    Member("employeeId", _own("employee_id"), limited_text(16)),
    Member("employeeLeaveDateTime", _own("employee_leave_date"), MOMENT, is_asked=False),
    Member("employeeType", _own("employee_type"), limited_text(64)),
    Member("externalUserState", _own("external_user_state"), TEXT, READ),
    Member("externalUserStateChangeDateTime", _own("external_user_state_change"), MOMENT, READ, is_asked=False),
    Member("faxNumber", _own("fax_number"), limited_text(64)),
    Member("hireDate", _own("hire_date"), MOMENT, is_asked=False),
    Member("imAddresses", _own("im_addresses"), TEXTS, READ),
    Member("interests", _own("interests"), TEXTS, is_asked=False),
    Member("isManagementRestricted", _own("is_management_restricted"), FLAG, READ, is_asked=False),
    Member("isResourceAccount", _own("is_resource_account"), FLAG, READ),
    Member("lastPasswordChangeDateTime", "password_changed", WHOLE, READ, is_asked=False),
    Member("legalAgeGroupClassification", "legal_age_group", TEXT, READ, is_asked=False),
    Member("mailNickname", "alias", NICKNAME),
    Member("mySite", _own("my_site"), TEXT, is_asked=False),
    Member("onPremisesDistinguishedName", _own("on_premises_distinguished_name"), TEXT, READ, is_asked=False),
    Member("onPremisesDomainName", _own("on_premises_domain_name"), TEXT, READ, is_asked=False),
    Member("onPremisesImmutableId", _own("on_premises_immutable_id"), limited_text(128)),
    Member("onPremisesLastSyncDateTime", _own("on_premises_last_sync"), MOMENT, READ),
    Member("onPremisesSamAccountName", _own("on_premises_sam_account_name"), TEXT, READ),
    Member("onPremisesSecurityIdentifier", _own("on_premises_security_identifier"), TEXT, READ),
    Member("onPremisesSyncEnabled", _own("on_premises_sync_enabled"), FLAG, READ),
    Member("onPremisesUserPrincipalName", _own("on_premises_user_principal_name"), TEXT, READ),
    Member("otherMails", _own("other_mails"), ADDRESSES),
    Member("passwordPolicies", _own("password_policies"), PASSWORD_POLICIES),
    Member("pastProjects", _own("past_projects"), TEXTS, is_asked=False),
    Member("postalCode", _own("postal_code"), limited_text(40)),
    Member("preferredDataLocation", _own("preferred_data_location"), limited_text(64), is_asked=False),
    Member("preferredName", _own("preferred_name"), TEXT, is_asked=False),
    Member("proxyAddresses", "person.address", PROXIES, READ),
    Member("responsibilities", _own("responsibilities"), TEXTS, is_asked=False),
    Member("schools", _own("schools"), TEXTS, is_asked=False),
    Member("securityIdentifier", "security_identifier", TEXT, READ, is_asked=False),
    Member("showInAddressList", _own("show_in_address_list"), FLAG),
    Member("signInSessionsValidFromDateTime", "sessions_valid_from", WHOLE, READ, is_asked=False),
    Member("skills", _own("skills"), TEXTS, is_asked=False),
    Member("state", _own("state"), limited_text(128)),
    Member("streetAddress", _own("street_address"), limited_text(1024)),
    Member("usageLocation", _own("usage_location"), COUNTRY_CODE),
    Member("userType", _own("user_type"), _one_of("Member", "Guest")),
)


def _query_value(source: str) -> Callable[[UserView], Any]:
    """Return what gets the value that a question is about."""
    get = attrgetter(source)

    def value(view: UserView) -> Any:
        found = get(view)
        return found.value if isinstance(found, enum.Enum) else found

    return value


# What may be asked of people, most of it in Python only.
PERSON_FIELDS: Fields = {
    field.name: field
    for field in (
        Field("name", Kind.TEXT, lambda view: view.person.name),
        Field(PARTS, Kind.TEXT, lambda view: " ".join(parts_of(view.person.name))),
        Field("address", Kind.TEXT, lambda view: fold(view.person.address)),
        Field("alias", Kind.TEXT, lambda view: view.alias),
        Field("proxyAddresses", Kind.TEXTS, lambda view: _proxies(view.person.address)),
        Field("oid", Kind.TEXT, lambda view: view.person.oid),
        *(one.field() for one in MEMBERS if one.is_asked and one.name not in (*_FIELD_NAMES, "proxyAddresses")),
    )
}


def user_table(t: Types) -> Shape[Ctx]:
    """Return the table of Graph's users: the default set of `GET /me`, and what is there when selected."""
    default = [one.prop() for one in MEMBERS if one.shown is _DEFAULT]
    rest = [one.prop() for one in MEMBERS if one.shown is _SELECTED]
    return Shape(
        "user",
        (
            *default,
            Prop(name="id", source="person.oid", codec=TEXT, query="oid", shown=Shown.ALWAYS),
            *rest,
            Prop(name="identities", source="person.address", codec=_identities(t), shown=_SELECTED),
            _own_settings(t),
        ),
        base="directoryObject",
    )


def outlook_user_table(t: Types) -> Shape[Ctx]:
    """Return the table of users as Outlook REST has it; the id is what stands in `Users('…')`."""
    return Shape(
        "user",
        (
            Prop(name="id", source="person", codec=USER_KEY, query="oid", shown=Shown.ALWAYS),
            Prop(name="emailAddress", source="person.address", codec=TEXT, query="address"),
            Prop(name="displayName", source="person.name", codec=TEXT, query="name"),
            Prop(name="alias", source="alias", codec=TEXT, query="alias"),
            Prop(
                name="mailboxGuid", source="person.oid", codec=read_only("Edm.Guid", lambda oid, _: oid), query="oid"
            ),
            _own_settings(t),
        ),
        base="entity",
    )


def _identities(t: Types) -> Codec[Ctx]:
    kind, issuer, assigned = t.style.names("signInType", "issuer", "issuerAssignedId")

    def write(address: str, _: Ctx) -> list[dict[str, str]]:
        return [{kind: "userPrincipalName", issuer: address.rpartition("@")[2], assigned: address}]

    return read_only(f"Collection({t.edm('objectIdentity')})", write)


def _own_settings(t: Types) -> Prop[Ctx]:
    table = settings_tables(t)[0]

    def write(person: Person, ctx: Ctx) -> dict[str, Any] | None:
        """Write the settings of who asks; those of others are not theirs to see."""
        return table.write(person, ctx) if isinstance(person, SettingsView) else None

    return Prop(name="mailboxSettings", source="person", codec=read_only(table.name, write), shown=_SELECTED)


USER_KEY = read_only("Edm.String", lambda person, ctx: ctx.user_key(person, ctx.tenant))
