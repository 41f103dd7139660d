"""Scopes as applications ask for them: short, as URLs of a resource, or `.default`.

https://learn.microsoft.com/entra/identity-platform/scopes-oidc says what each form means. Tokens carry short names;
answers name scopes in the form in which they were asked for, since applications look their tokens up by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from rsvpd.dialects.microsoft.routes import delegated_permissions
from rsvpd.signin.entra.errors import EntraError

GRAPH = "https://graph.microsoft.com"
OUTLOOK = "https://outlook.office.com"
DEFAULT = ".default"
OFFLINE = "offline_access"
OPENID = ("openid", "profile", "email", OFFLINE)
# Other names of the same resources: the ids they have in every tenant, and the older host.
_RESOURCES = {
    GRAPH: GRAPH, "00000003-0000-0000-c000-000000000000": GRAPH,
    OUTLOOK: OUTLOOK, "https://outlook.office365.com": OUTLOOK, "00000002-0000-0ff1-ce00-000000000000": OUTLOOK,
}  # fmt: skip
OWN = frozenset({GRAPH, OUTLOOK})  # whose interfaces are served here

# What `.default` stands for where a person signs in: all that any call asks for.
DELEGATED = delegated_permissions()
# Delegated permissions follow a pattern: https://learn.microsoft.com/graph/permissions-overview.
_AREAS = (
    "accessreview agreement application appcatalog auditlog bookings bookingsappointment calendars channel"
    " channelmessage chat chatmessage contacts device directory domain eas ews family files group groupmember imap"
    " mail mailboxfolder mailboxitem mailboxsettings member notes notifications onlinemeetings organization people"
    " place policy pop presence reports schedule sites smtp subscription tasks team teammember teamsactivity user"
    " useractivity usernotification usertimelineactivity virtualevent"
)
_VERBS = (
    "accessasuser all create delete join manage read readbasic readwrite readwritebasic selected send shared user"
)
_MOST_PARTS = 6
_SPELLED = {one.lower(): one for one in DELEGATED}
_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]++")  # RFC 6749 3.3
_MOST, _LONGEST = 100, 4096


class Scope(Struct, frozen=True):
    """A scope: as it was asked for, the resource it is of (empty for the four of OpenID Connect), and its name."""

    asked: str
    resource: str
    name: str

    @property
    def full(self) -> str:
        """Return it as consents and grants are kept."""
        return f"{self.resource}/{self.name}" if self.resource else self.name

    def __str__(self) -> str:
        return self.asked


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Return the scopes of a parameter, each once. Raises EntraError."""
    words = list(dict.fromkeys(text.split()))
    if len(text) > _LONGEST or len(words) > _MOST or not all(map(_TOKEN.fullmatch, words)):
        raise EntraError(70011, "The provided value for the input parameter 'scope' is not valid.")
    return tuple(map(parse_scope, words))


def parse_scope(word: str) -> Scope:
    """Return one scope. Raises EntraError where its resource is served here and has no such scope."""
    if word.lower() in OPENID:
        return Scope(word, "", word.lower())
    resource, slash, name = word.rpartition("/")
    if not name:
        raise EntraError(70011, f"The provided value for the input parameter 'scope' is not valid: {word[:80]}")
    known = _RESOURCES.get(resource.rstrip("/").lower()) if slash else GRAPH
    if known is None:
        return Scope(word, resource, name)
    if name.lower() != DEFAULT and not _is_known(name):
        raise EntraError(
            650053, f"The application asked for scope '{name[:80]}' that doesn't exist on the resource '{known}'."
        )
    return Scope(word, known, _SPELLED.get(name.lower(), name))


def _is_known(name: str) -> bool:
    area, *words = name.lower().split(".")
    are_words = 0 < len(words) < _MOST_PARTS and all(word.isascii() and word.isalpha() for word in words)
    return area in _AREAS.split() and are_words and not set(words).isdisjoint(_VERBS.split())


def resource_of(scopes: Iterable[Scope]) -> str:
    """Return the one resource that scopes are of, Graph where they name none. Raises EntraError."""
    found = list(dict.fromkeys(one.resource for one in scopes if one.resource))
    if len(found) > 1:
        raise EntraError(
            28000,
            "Provided value for the input parameter scope isn't valid because it contains more than one resource:"
            f" {', '.join(found)[:200]}.",
        )
    return found[0] if found else GRAPH


def names(scopes: Iterable[Scope]) -> tuple[str, ...]:
    """Return what a token carries: short names, and all there is in the place of `.default`."""
    found: list[str] = []
    for one in scopes:
        is_all = one.name == DEFAULT and one.resource in OWN
        found += DELEGATED if is_all else [] if one.name in (DEFAULT, OFFLINE) else [one.name]
    return tuple(dict.fromkeys(found))


def scope_text(scopes: Iterable[Scope]) -> str:
    """Return the `scope` of a token answer: as it was asked for, and what `.default` came to in full."""
    found: list[str] = []
    for one in scopes:
        is_all = one.name == DEFAULT and one.resource in OWN
        found += [f"{one.resource}/{name}" for name in DELEGATED] if is_all else []
        found += [one.asked] if one.name != OFFLINE else []
    return " ".join(dict.fromkeys(found))


def is_covered(scopes: Iterable[Scope], granted: Iterable[str]) -> bool:
    """Return whether all of `scopes` are among those that were agreed to, in full form."""
    known = set(granted)
    return all(one.full in known or (one.resource and f"{one.resource}/{DEFAULT}" in known) for one in scopes)
