"""For test suites: a real server of one's own, and what a test asks of it.

    import rsvpd.testing

    with rsvpd.testing.server() as tenant:
        tenant.invite("Kickoff", to="bob")
        answer_everything(base=tenant.graph, token=tenant.token("bob"))
        tenant.assert_answered("bob", "Kickoff", "accepted")

With pytest nothing is imported: the fixture `rsvpd` is such a tenant, as it was at the beginning, for each test.
"""

from rsvpd.testing.desk import NotOnThisServer, Refused
from rsvpd.testing.starting import attach, server
from rsvpd.testing.tenant import Tenant

__all__ = ["NotOnThisServer", "Refused", "Tenant", "attach", "server"]
