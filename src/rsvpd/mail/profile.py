"""What a directory knows of somebody beside the name and the address.

Everything may be missing. Names and limits are those of Microsoft Graph's `user`
(https://learn.microsoft.com/graph/api/resources/user).
"""

from __future__ import annotations

import enum
import uuid

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.mail.person import Person, PersonKind


class AgeGroup(enum.Enum):
    """How old somebody is said to be."""

    MINOR = "Minor"
    NOT_ADULT = "NotAdult"
    ADULT = "Adult"


class Consent(enum.Enum):
    """Whether a parent agreed, for somebody who is a minor."""

    GRANTED = "Granted"
    DENIED = "Denied"
    NOT_REQUIRED = "NotRequired"


class Profile(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="v", tag=1
):
    """What is known of somebody. `is_administrator` may change what others are and has no place in any answer.

    `password` is how a password that was chosen is kept (identity/passwords.py), empty for the first one;
    `password_changed` and `sessions_valid_from` are None where nothing happened since there is this person.
    """

    about_me: str | None = None
    age_group: AgeGroup | None = None
    alias: str | None = None
    birthday: Instant | None = None
    business_phones: tuple[str, ...] = ()
    city: str | None = None
    company_name: str | None = None
    consent: Consent | None = None
    country: str | None = None
    creation_type: str | None = None
    department: str | None = None
    employee_hire_date: Instant | None = None
    employee_id: str | None = None
    employee_leave_date: Instant | None = None
    employee_type: str | None = None
    external_user_state: str | None = None
    external_user_state_change: Instant | None = None
    fax_number: str | None = None
    given_name: str | None = None
    hire_date: Instant | None = None
    im_addresses: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    is_administrator: bool = False
    is_enabled: bool = True
    is_management_restricted: bool | None = None
    is_resource_account: bool | None = None
    job_title: str | None = None
    mobile_phone: str | None = None
    must_change_password: bool = False
    my_site: str | None = None
    office_location: str | None = None
    on_premises_distinguished_name: str | None = None
    on_premises_domain_name: str | None = None
    on_premises_immutable_id: str | None = None
    on_premises_last_sync: Instant | None = None
    on_premises_sam_account_name: str | None = None
    on_premises_security_identifier: str | None = None
    on_premises_sync_enabled: bool | None = None
    on_premises_user_principal_name: str | None = None
    other_mails: tuple[str, ...] = ()
    password: str = ""
    password_changed: Instant | None = None
    password_policies: str | None = None
    past_projects: tuple[str, ...] = ()
    postal_code: str | None = None
    preferred_data_location: str | None = None
    preferred_language: str | None = None
    preferred_name: str | None = None
    responsibilities: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()
    sessions_valid_from: Instant | None = None
    show_in_address_list: bool | None = None
    skills: tuple[str, ...] = ()
    state: str | None = None
    street_address: str | None = None
    surname: str | None = None
    usage_location: str | None = None
    user_type: str = "Member"


NOBODY_KNOWN = Profile()


class Photo(Struct, frozen=True, kw_only=True):
    """A picture of somebody, as it was sent; its size is in pixels."""

    width: int
    height: int
    media_type: str
    content: bytes


class UserView(Struct, frozen=True, kw_only=True):
    """Somebody in the directory, with what is known, and since when there is this mailbox."""

    person: Person
    profile: Profile
    created: Instant

    @property
    def given_name(self) -> str | None:
        """Return the first name: as it was given, else the first word of the whole name."""
        return self.profile.given_name or self.person.name.partition(" ")[0] or None

    @property
    def surname(self) -> str | None:
        """Return the last name: as it was given, else what follows the first word of the whole name."""
        return self.profile.surname or self.person.name.partition(" ")[2] or None

    @property
    def alias(self) -> str:
        """Return the mail nickname: as it was given, else what is before the @ of the address."""
        return self.profile.alias or self.person.address.partition("@")[0]

    @property
    def is_enabled(self) -> bool:
        """Return whether somebody signs in here; nobody does as a room."""
        return self.profile.is_enabled and self.person.kind is PersonKind.USER

    @property
    def password_changed(self) -> Instant:
        """Return since when the password is what it is."""
        return self.profile.password_changed if self.profile.password_changed is not None else self.created

    @property
    def sessions_valid_from(self) -> Instant:
        """Return before when no sign-in counts."""
        known = self.profile.sessions_valid_from
        return known if known is not None else self.created

    @property
    def legal_age_group(self) -> str | None:
        """Return the legal age group, which follows from the age group and a parent's consent."""
        if self.profile.age_group is AgeGroup.MINOR:
            return _MINORS.get(self.profile.consent or Consent.DENIED, "MinorWithoutParentalConsent")
        return self.profile.age_group and self.profile.age_group.value

    @property
    def security_identifier(self) -> str:
        """Return the SID of a cloud account, whose four numbers are the object's GUID as it lies in memory."""
        raw = uuid.UUID(self.person.oid).bytes_le
        return "S-1-12-1-" + "-".join(str(int.from_bytes(raw[at : at + 4], "little")) for at in range(0, 16, 4))


# https://learn.microsoft.com/graph/api/resources/user: legalAgeGroupClassification property values.
_MINORS = {
    Consent.GRANTED: "MinorWithParentalConsent",
    Consent.NOT_REQUIRED: "MinorNoParentalConsentRequired",
}
