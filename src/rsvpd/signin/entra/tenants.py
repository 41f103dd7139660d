"""The names under which applications address this server's one tenant."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.commands import grants
from rsvpd.identity.clients import LOCAL_TENANT
from rsvpd.signin.entra.errors import EntraError
from rsvpd.signin.provider import Provider

# Names of no tenant in particular: whoever signs in decides.
COMMON, ORGANIZATIONS, CONSUMERS = "common", "organizations", "consumers"
OPEN = frozenset({COMMON, ORGANIZATIONS, CONSUMERS})
_LONGEST = 255


class Tenant(Struct, frozen=True):
    """A tenant as it was addressed: by which name, and the id that stands in its tokens.

    Whoever addresses it by the well-known id finds that in tokens and issuers, since applications compare the two.
    """

    name: str
    id: str

    @property
    def is_open(self) -> bool:
        """Return whether the name leaves open which tenant is meant."""
        return self.name in OPEN

    def issuer(self, origin: str) -> str:
        """Return the issuer of its ID tokens."""
        return f"{origin}/{self.id}/v2.0"

    def published_issuer(self, origin: str) -> str:
        """Return the issuer as the discovery document has it: where the tenant is open, a template."""
        is_template = self.name in (COMMON, ORGANIZATIONS)
        return f"{origin}/{{tenantid}}/v2.0" if is_template else self.issuer(origin)


async def find_tenant(provider: Provider, name: str) -> Tenant:
    """Return the tenant of a path. Raises EntraError."""
    known = name.lower()
    if known in OPEN or known == provider.tenant:
        return Tenant(known, provider.tenant)
    if known == LOCAL_TENANT:
        return Tenant(known, LOCAL_TENANT)
    if "." in known and len(known) <= _LONGEST and await provider.door(grants.has_domain, known):
        return Tenant(known, provider.tenant)
    raise EntraError(
        90002,
        f"Tenant '{known[:80]}' not found. Check to make sure you have the correct tenant ID and are signing into the"
        f" correct cloud. This server has one tenant, '{LOCAL_TENANT}' for short.",
    )
