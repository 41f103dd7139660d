"""What a token has to carry for a route: the column of the route table, in the names of Microsoft Graph.

Of the names in an `AnyOf` any one will do, and the first is the least. Delegated and application permissions are
those of the Permissions tables in the Graph reference (learn.microsoft.com/graph/api) and of the permissions
reference (learn.microsoft.com/graph/permissions-reference). Outlook REST has the same names, in any case.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from rsvpd.identity.clients import ALL_ROLES
from rsvpd.identity.tokens import ALL_SCOPES

# A scope may stand with the resource it is of before it.
_RESOURCES = ("https://graph.microsoft.com/", "https://outlook.office.com/", "https://outlook.office365.com/")
_EVERYTHING = frozenset((ALL_SCOPES.lower(), *ALL_ROLES))
# Members that basic permissions leave out, in lower case.
WITHHELD = frozenset((
    "body", "bodypreview", "uniquebody", "attachments", "extensions", "singlevalueextendedproperties",
    "multivalueextendedproperties",
))  # fmt: skip


class AnyOf(Struct, frozen=True):
    """Permissions of which any one suffices, the least first; `folded` are these in lower case, and what is for all."""

    names: tuple[str, ...]
    folded: frozenset[str]

    def suffices(self, granted: frozenset[str]) -> bool:
        """Return whether something of `granted`, which is in lower case, will do."""
        return not self.folded.isdisjoint(granted)


def any_of(*names: str) -> AnyOf:
    """Return the permissions with these names."""
    return AnyOf(names, _EVERYTHING | {name.lower() for name in names})


class Needs(Struct, frozen=True, kw_only=True):
    """What suffices for a route: to a person in the own mailbox, to one in somebody else's, to an application.

    With none of `whole` the members in `WITHHELD` are left out. What the directory tells (`is_directory`) is in
    no mailbox, and its refusal is worded otherwise. `names_mailbox` says whether the path names the mailbox.
    """

    delegated: AnyOf
    shared: AnyOf
    application: AnyOf
    whole: AnyOf | None = None
    is_directory: bool = False
    names_mailbox: bool = True


@lru_cache(maxsize=4096)
def fold_scopes(scopes: frozenset[str]) -> frozenset[str]:
    """Return the scopes of a token in lower case, without the resource before them."""
    return frozenset(_short(scope).lower() for scope in scopes)


def _short(scope: str) -> str:
    lower = scope.lower()
    return next((scope[len(one) :] for one in _RESOURCES if lower.startswith(one)), scope)


_READ, _WRITE = "Calendars.Read", "Calendars.ReadWrite"
_READ_SHARED, _WRITE_SHARED = "Calendars.Read.Shared", "Calendars.ReadWrite.Shared"
_MAIL, _MAIL_WRITE = "Mail.Read", "Mail.ReadWrite"
_MAIL_SHARED, _MAIL_WRITE_SHARED = "Mail.Read.Shared", "Mail.ReadWrite.Shared"
_CHANGES_SETTINGS = "MailboxSettings.ReadWrite"
_ALL_USERS = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All")

READ_CALENDARS = Needs(
    delegated=any_of(_READ, _READ_SHARED, _WRITE, _WRITE_SHARED),
    shared=any_of(_READ_SHARED, _WRITE_SHARED),
    application=any_of(_READ, _WRITE),
)
# The body, attachments and extensions of events are for more than the basic permission.
READ_CALENDARS_BASIC = Needs(
    delegated=any_of("Calendars.ReadBasic", *READ_CALENDARS.delegated.names),
    shared=READ_CALENDARS.shared,
    application=any_of("Calendars.ReadBasic", "Calendars.ReadBasic.All", *READ_CALENDARS.application.names),
    whole=READ_CALENDARS.delegated,
)
CHANGE_CALENDARS = Needs(
    delegated=any_of(_WRITE, _WRITE_SHARED), shared=any_of(_WRITE_SHARED), application=any_of(_WRITE)
)
# learn.microsoft.com/graph/api/user-findmeetingtimes: an application cannot.
_FINDS_TIMES = any_of(_READ_SHARED, _WRITE_SHARED)
FIND_TIMES = Needs(delegated=_FINDS_TIMES, shared=_FINDS_TIMES, application=any_of())
READ_MAIL = Needs(
    delegated=any_of(_MAIL, _MAIL_SHARED, _MAIL_WRITE, _MAIL_WRITE_SHARED),
    shared=any_of(_MAIL_SHARED, _MAIL_WRITE_SHARED),
    application=any_of(_MAIL, _MAIL_WRITE),
)
READ_MAIL_BASIC = Needs(
    delegated=any_of("Mail.ReadBasic", "Mail.ReadBasic.Shared", *READ_MAIL.delegated.names),
    shared=any_of("Mail.ReadBasic.Shared", *READ_MAIL.shared.names),
    application=any_of("Mail.ReadBasic.All", "Mail.ReadBasic", *READ_MAIL.application.names),
    whole=READ_MAIL.delegated,
)
CHANGE_MAIL = Needs(
    delegated=any_of(_MAIL_WRITE, _MAIL_WRITE_SHARED),
    shared=any_of(_MAIL_WRITE_SHARED),
    application=any_of(_MAIL_WRITE),
)
SEND_MAIL = Needs(
    delegated=any_of("Mail.Send", "Mail.Send.Shared"),
    shared=any_of("Mail.Send.Shared"),
    application=any_of("Mail.Send"),
)
_READS_SETTINGS = any_of("MailboxSettings.Read", _CHANGES_SETTINGS)
READ_SETTINGS = Needs(delegated=_READS_SETTINGS, shared=_READS_SETTINGS, application=_READS_SETTINGS)
_WRITES_SETTINGS = any_of(_CHANGES_SETTINGS)
CHANGE_SETTINGS = Needs(delegated=_WRITES_SETTINGS, shared=_WRITES_SETTINGS, application=_WRITES_SETTINGS)
_READS_USERS = any_of("User.ReadBasic.All", *_ALL_USERS)
READ_USERS = Needs(
    delegated=_READS_USERS, shared=_READS_USERS, application=any_of(*_ALL_USERS), is_directory=True
)
READ_USER = Needs(
    delegated=any_of("User.Read", "User.ReadWrite", *_READS_USERS.names),
    shared=_READS_USERS,
    application=READ_USERS.application,
    is_directory=True,
)
_CHANGES_USERS = any_of("User.ReadWrite.All", "Directory.ReadWrite.All")
CHANGE_USERS = Needs(
    delegated=_CHANGES_USERS, shared=_CHANGES_USERS, application=_CHANGES_USERS, is_directory=True, names_mailbox=False
)
CHANGE_USER = Needs(
    delegated=any_of("User.ReadWrite", *_CHANGES_USERS.names),
    shared=_CHANGES_USERS,
    application=_CHANGES_USERS,
    is_directory=True,
)
_READS_MANAGERS = any_of(*_ALL_USERS)
READ_MANAGERS = Needs(
    delegated=_READS_MANAGERS, shared=_READS_MANAGERS, application=_READS_MANAGERS, is_directory=True
)
_REMOVES_USERS = any_of("User.DeleteRestore.All", *_CHANGES_USERS.names)
REMOVE_USERS = Needs(
    delegated=_REMOVES_USERS, shared=_REMOVES_USERS, application=_REMOVES_USERS, is_directory=True
)
# learn.microsoft.com/graph/api/user-list-people: of others, and to applications, it takes the one for all.
_READS_ALL_PEOPLE = any_of("People.Read.All")
READ_PEOPLE = Needs(
    delegated=any_of("People.Read", "People.Read.All"), shared=_READS_ALL_PEOPLE, application=_READS_ALL_PEOPLE
)
_READS_PLACES, _CHANGES_PLACES = any_of("Place.Read.All", "Place.ReadWrite.All"), any_of("Place.ReadWrite.All")
READ_PLACES = Needs(
    delegated=_READS_PLACES, shared=_READS_PLACES, application=_READS_PLACES, names_mailbox=False
)
CHANGE_PLACES = Needs(
    delegated=_CHANGES_PLACES, shared=_CHANGES_PLACES, application=_CHANGES_PLACES, names_mailbox=False
)
# What is subscribed to stands in the body; then it takes what reading that takes.
SUBSCRIBE = Needs(
    delegated=any_of(*READ_CALENDARS.delegated.names, *READ_MAIL_BASIC.delegated.names),
    shared=any_of(*READ_CALENDARS.shared.names, *READ_MAIL_BASIC.shared.names),
    application=any_of(*READ_CALENDARS.application.names, *READ_MAIL_BASIC.application.names),
    names_mailbox=False,
)
