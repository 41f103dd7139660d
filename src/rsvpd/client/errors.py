"""What can go wrong when somebody else's service is asked, in one small tree.

    ClientError
    ├── NotSignedIn    no token, or one the service does not take
    ├── Forbidden      signed in, but not allowed there
    ├── NotFound       no such event in this mailbox (any more)
    ├── Refused        understood, and against the service's rules
    ├── Unavailable    not reached, overloaded or throttling; trying later may help
    └── Unreadable     an answer that does not look like the service it should be

`message` is the service's own sentence where it said one, `code` its own word for the error, `hint`
what an rsvpd server adds in `X-Rsvpd-Hint`. `status` is 0 where no HTTP answer came.
"""

from __future__ import annotations

from rsvpd.errors import RsvpdError


class ClientError(RsvpdError):
    """Root of everything this library raises on purpose."""

    def __init__(self, message: str, *, code: str = "", hint: str | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.status = status


class NotSignedIn(ClientError): ...


class Forbidden(ClientError): ...


class NotFound(ClientError): ...


class Refused(ClientError): ...


class Unavailable(ClientError): ...


class Unreadable(ClientError): ...
