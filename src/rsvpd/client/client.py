"""The client: who is invited to what, and the answer, the same for every provider."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx

from rsvpd import clock as clocks
from rsvpd.calendar.event import Answer
from rsvpd.client import local
from rsvpd.client.credentials import Credentials, StaticToken
from rsvpd.client.errors import Refused
from rsvpd.client.google import Google
from rsvpd.client.microsoft import SERVICES, Microsoft
from rsvpd.client.session import RetryPolicy, Session, http_client
from rsvpd.client.values import Answered, Invitation, Provider

DEFAULT_DAYS = 60
BASES = {
    Provider.GRAPH: "https://graph.microsoft.com/v1.0",
    Provider.GOOGLE: "https://www.googleapis.com/calendar/v3",
}


class Client:
    """One person's invitations at one service.

    `base` is the API's root URL; Graph and Google have a default. `credentials` may be a plain token.
    `mailbox` names somebody else's mailbox or calendar that the token may use; without it the token's owner
    is meant. Everything raises ClientError. Use it as a context manager, or `close` it.
    """

    def __init__(
        self,
        provider: Provider,
        credentials: Credentials | str,
        *,
        base: str | None = None,
        mailbox: str | None = None,
        transport: httpx.BaseTransport | None = None,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: clocks.Clock = clocks.system_clock,
    ) -> None:
        root = (base or BASES.get(provider, "")).rstrip("/")
        if not root:
            raise ValueError(f"{provider.value} needs a base URL.")
        held = StaticToken(credentials) if isinstance(credentials, str) else credentials
        self.provider = provider
        self.base = root
        self._plans = _plans(provider, root, mailbox)
        self._clock = clock
        self._session = Session(
            root,
            held,
            http=http_client(root, transport=transport),
            retry=retry,
            sleep=sleep,
            clock=clock,
        )

    @classmethod
    def local(
        cls,
        address: str,
        provider: Provider = Provider.GRAPH,
        *,
        data: Path | None = None,
        transport: httpx.BaseTransport | None = None,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: clocks.Clock = clocks.system_clock,
    ) -> Client:
        """Return a client for somebody of the rsvpd server on this machine, who needs no token.

        The server is the one that has `data` open, or else the default data file. What stands before the `@` is
        enough of `address` where only one person there has that. Raises Unavailable where none runs, NotSignedIn
        where it does not know whom.
        """
        place = data or local.default_data()
        server = local.find(place, transport=transport)
        return cls(
            provider,
            local.LocalToken(place, address, first=server, transport=transport),
            base=server.base(provider),
            transport=transport,
            retry=retry,
            sleep=sleep,
            clock=server.clock(clock),
        )

    def invitations(
        self, *, include_answered: bool = False, days: int = DEFAULT_DAYS, with_messages: bool = False
    ) -> list[Invitation]:
        """Return the invitations to what is still to come, the waiting ones first, each part by start.

        On the Microsoft services the next `days` are looked at date by date, so that single dates of a series
        that wait on their own are found; what starts later is found as a whole. `with_messages` looks for the
        invitation message of each as well (`message_id`), where the token may read mail.
        """
        now = clocks.to_datetime(self._clock())
        plan = self._plans.invitations(now, days=days, include_answered=include_answered, with_messages=with_messages)
        return self._session.run(plan)

    def invitation(self, event: str) -> Invitation:
        """Return one event by its id, whatever was answered; a series at its next date. Raises NotFound."""
        now = clocks.to_datetime(self._clock())
        return self._session.run(self._plans.invitation(event, now))

    def answer(
        self, invitation: Invitation | str, answer: Answer, *, comment: str | None = None, send: bool = True
    ) -> Answered:
        """Answer an invitation, or the event with this id.

        `send` tells the organizer; a comment travels with that and is refused without it. On Google the
        organizer sees the answer in any case, and `send` decides about mail only.
        """
        if answer is Answer.NONE:
            raise ValueError("NONE is not an answer.")
        if comment and not send:
            raise Refused(
                "A comment travels in the answer to the organizer and cannot be given without sending it.",
                code="commentWithoutResponse",
            )
        target = self.invitation(invitation) if isinstance(invitation, str) else invitation
        return self._session.run(self._plans.answer(target, answer, comment=comment or None, send_it=send))

    def address(self) -> str | None:
        """Return whose mailbox it is, or None where the service does not tell."""
        return self._session.run(self._plans.address())

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plans(provider: Provider, base: str, mailbox: str | None) -> Microsoft | Google:
    service = SERVICES.get(provider)
    return Microsoft(service, base, mailbox) if service else Google(base, mailbox)
