"""Answer invitations on any service, this one and the real ones.

    from rsvpd.client import Answer, Client, Provider

    with Client(Provider.GRAPH, token) as client:
        for invitation in client.invitations():
            client.answer(invitation, Answer.ACCEPTED, comment="I will be there!")

On a machine where `rsvpd up` runs, `Client.local("bob@example.com")` needs neither token nor URL.

`Client` is synchronous. Programs with a network layer of their own take the plans of `microsoft.py` and
`google.py` (see `requests.py`) and send the requests themselves.
"""

from rsvpd.calendar.event import Answer
from rsvpd.client.client import BASES, DEFAULT_DAYS, Client
from rsvpd.client.credentials import Credentials, GoogleAccount, MicrosoftAccount, StaticToken
from rsvpd.client.errors import (
    ClientError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
    Unreadable,
)
from rsvpd.client.requests import HttpRequest, HttpResponse, Plan
from rsvpd.client.session import RetryPolicy, Session
from rsvpd.client.values import Answered, Invitation, Organizer, Provider

__all__ = [
    "BASES",
    "DEFAULT_DAYS",
    "Answer",
    "Answered",
    "Client",
    "ClientError",
    "Credentials",
    "Forbidden",
    "GoogleAccount",
    "HttpRequest",
    "HttpResponse",
    "Invitation",
    "MicrosoftAccount",
    "NotFound",
    "NotSignedIn",
    "Organizer",
    "Plan",
    "Provider",
    "Refused",
    "RetryPolicy",
    "Session",
    "StaticToken",
    "Unavailable",
    "Unreadable",
]
