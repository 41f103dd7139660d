"""Everything that can go wrong, in the words of mail and calendars.

No status codes here: each dialect owns a table from these classes to its own codes
and messages, and a test walks the tree so that none is forgotten.

    RsvpdError
    ├── DomainError                      the caller's doing; message is safe to show
    │   ├── Malformed                    the request cannot be understood
    │   │   ├── MalformedBody            not JSON, not UTF-8, too deep, not an object
    │   │   ├── UnsupportedMedia         a body in a media type that is not read
    │   │   ├── UnsupportedCoding        a body in a content coding that is not read
    │   │   ├── TooLarge                 body over the limit
    │   │   ├── HeadTooLarge             header lines over the limit
    │   │   ├── TargetTooLong            a URL over the limit
    │   │   ├── MalformedRequest         bytes that are not an HTTP request
    │   │   ├── RequestTimeout           a request that did not arrive whole in time
    │   │   ├── InvalidHost              no host is named, or more than one
    │   │   ├── MisdirectedRequest       a host is named that is not this server
    │   │   ├── InvalidProperty          a known property with an impossible value
    │   │   ├── UnknownWord              a word that is none of those which are possible
    │   │   ├── UnreadableValue          a value that is not of the property's type
    │   │   ├── UnknownProperty          a property the type does not have
    │   │   ├── MissingProperty          a property the request needs
    │   │   ├── NoRecipients             a message to nobody is to be sent
    │   │   ├── InvalidTimeZone          a zone name nobody knows
    │   │   ├── InvalidSettingsZone      one that a mailbox or its working hours are to be in
    │   │   ├── InvalidRange             end before start, empty window
    │   │   │   ├── ScheduleTooLong      free times asked for over too many days
    │   │   │   ├── InvalidWorkingHours  working hours that end before they start
    │   │   │   ├── InvalidReplyTimes    automatic replies over no time, or over one that is past
    │   │   │   ├── EventTooLong         an event longer than calendars hold
    │   │   │   └── WindowTooLong        a window longer than calendars show
    │   │   ├── InvalidRecurrence        a rule that is malformed or never matches
    │   │   ├── InvalidId                an id that no mailbox ever minted
    │   │   ├── InvalidSubscription      what cannot be subscribed to, or told there
    │   │   ├── SubscriptionTooLong      one that would expire later than is possible
    │   │   ├── InvalidQuery             a query option that cannot be read
    │   │   │   └── UnfilterableProperty a property that cannot be filtered or sorted by
    │   │   └── UnknownSegment           a path word that does not exist
    │   ├── Refused                      understood, and against the rules of meetings
    │   │   ├── OrganizerCannotRespond
    │   │   ├── NotTheOrganizer          cancel by an attendee
    │   │   ├── CommentWithoutResponse   comment together with sendResponse=false
    │   │   ├── ProposalWithoutResponse
    │   │   ├── ProposalNotAllowed
    │   │   ├── ResponseNotRequested
    │   │   ├── MeetingIsCancelled
    │   │   ├── NotInvited               an answer from somebody who is not on the list
    │   │   ├── SharedPropertyByGuest    a guest changed what only the organizer may
    │   │   ├── NotTheSender             mail in the name of somebody else
    │   │   ├── OccurrenceCrossing       an occurrence moved over its neighbour
    │   │   ├── FolderIsWellKnown        what nobody may do to a folder that every mailbox has
    │   │   │   ├── UnrenamableFolder    a new name
    │   │   │   ├── UndeletableFolder    to delete it
    │   │   │   └── UnmovableFolder      another place
    │   │   ├── FolderInsideItself       a folder moved or copied below itself
    │   │   └── NotAllowed               any other refusal, said in the message
    │   ├── Missing                      what was named is not there
    │   │   ├── ItemNotFound
    │   │   ├── FolderNotFound
    │   │   ├── CalendarNotFound
    │   │   ├── PersonNotFound
    │   │   ├── SubscriptionNotFound
    │   │   ├── ItemGone                 it was there and has been deleted
    │   │   └── SyncStateGone            what changed since a token is not known any more
    │   ├── Conflict
    │   │   ├── ChangeKeyMismatch        If-Match names an older state
    │   │   ├── FolderExists             another folder beside it has the name
    │   │   └── AlreadyExists
    │   ├── NotAuthenticated
    │   │   ├── TokenMissing
    │   │   ├── TokenMalformed
    │   │   └── TokenExpired
    │   ├── AccessDenied                 known, but not allowed in that mailbox
    │   ├── TokenTooNarrow               the token is good, and not for this
    │   │   ├── ScopeMissing             it carries no scope or role that would do
    │   │   ├── DirectoryScopeMissing    the same, of what the directory tells
    │   │   ├── PersonRequired           an application by itself, where a person is meant
    │   │   └── MailboxOutOfPolicy       an application in a mailbox that is kept from it
    │   ├── RoleTooLow                   allowed there, but not to do this
    │   ├── MethodNotAllowed
    │   ├── FailedDependency             a request of a batch that needs another one, which failed
    │   ├── NotEmulated                  the real service has it, rsvpd has not (yet)
    │   └── WorkLimitExceeded            more to look at for one answer than is allowed
    └── Unavailable                      ours: nothing was done, try again later
        ├── Overloaded                   the write queue is full
        │   ├── Throttled                one person asks for too many long answers at once
        │   └── IndexBehind              a search has to wait until its mailbox is indexed
        ├── StorageFull                  there is no room left on the disk
        └── StorageFailed                the data file cannot be read or written
"""

from __future__ import annotations

from rsvpd.hints import Hint


class RsvpdError(Exception):
    """Root of every error raised on purpose."""


class DomainError(RsvpdError):
    """An error of the caller's; `message` may be shown, `target` names the member or option at fault.

    `hint` says more where the error is one of the classic surprises.
    """

    def __init__(self, message: str = "", *, target: str | None = None, hint: Hint | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.target = target
        self.hint = hint


class Malformed(DomainError): ...
class MalformedBody(Malformed): ...
class UnsupportedMedia(Malformed): ...
class UnsupportedCoding(Malformed): ...
class TooLarge(Malformed): ...
class HeadTooLarge(Malformed): ...
class TargetTooLong(Malformed): ...
class MalformedRequest(Malformed): ...
class RequestTimeout(Malformed): ...
class InvalidHost(Malformed): ...
class MisdirectedRequest(Malformed): ...
class InvalidProperty(Malformed): ...
class UnknownWord(Malformed): ...
class UnreadableValue(Malformed): ...
class UnknownProperty(Malformed): ...
class MissingProperty(Malformed): ...
class NoRecipients(Malformed): ...
class InvalidTimeZone(Malformed): ...
class InvalidSettingsZone(Malformed): ...
class InvalidRange(Malformed): ...
class ScheduleTooLong(InvalidRange): ...
class InvalidWorkingHours(InvalidRange): ...
class InvalidReplyTimes(InvalidRange): ...
class EventTooLong(InvalidRange): ...
class WindowTooLong(InvalidRange): ...
class InvalidRecurrence(Malformed): ...
class InvalidId(Malformed): ...
class InvalidSubscription(Malformed): ...
class SubscriptionTooLong(Malformed): ...
class InvalidQuery(Malformed): ...
class UnfilterableProperty(InvalidQuery): ...
class UnknownSegment(Malformed): ...


class Refused(DomainError): ...
class OrganizerCannotRespond(Refused): ...
class NotTheOrganizer(Refused): ...
class CommentWithoutResponse(Refused): ...
class ProposalWithoutResponse(Refused): ...
class ProposalNotAllowed(Refused): ...
class ResponseNotRequested(Refused): ...
class MeetingIsCancelled(Refused): ...
class NotInvited(Refused): ...
class SharedPropertyByGuest(Refused): ...
class NotTheSender(Refused): ...
class OccurrenceCrossing(Refused): ...
class FolderIsWellKnown(Refused): ...
class UnrenamableFolder(FolderIsWellKnown): ...
class UndeletableFolder(FolderIsWellKnown): ...
class UnmovableFolder(FolderIsWellKnown): ...
class FolderInsideItself(Refused): ...
class NotAllowed(Refused): ...


class Missing(DomainError): ...
class ItemNotFound(Missing): ...
class FolderNotFound(Missing): ...
class CalendarNotFound(Missing): ...
class PersonNotFound(Missing): ...
class SubscriptionNotFound(Missing): ...
class ItemGone(Missing): ...
class SyncStateGone(Missing): ...


class Conflict(DomainError): ...
class ChangeKeyMismatch(Conflict): ...
class FolderExists(Conflict): ...
class AlreadyExists(Conflict): ...


class NotAuthenticated(DomainError): ...
class TokenMissing(NotAuthenticated): ...
class TokenMalformed(NotAuthenticated): ...
class TokenExpired(NotAuthenticated): ...


class AccessDenied(DomainError): ...


class TokenTooNarrow(DomainError):
    """The token is good, and not for this; `wanted` are scopes of which any one would do, the least first."""

    def __init__(
        self, message: str = "", *, target: str | None = None, hint: Hint | None = None, wanted: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, target=target, hint=hint)
        self.wanted = wanted


class ScopeMissing(TokenTooNarrow): ...
class DirectoryScopeMissing(TokenTooNarrow): ...
class PersonRequired(TokenTooNarrow): ...
class MailboxOutOfPolicy(TokenTooNarrow): ...


class RoleTooLow(DomainError): ...
class MethodNotAllowed(DomainError): ...
class FailedDependency(DomainError): ...
class NotEmulated(DomainError): ...
class WorkLimitExceeded(DomainError): ...


class Unavailable(RsvpdError):
    """Nothing was done, and the caller may try again in `retry_after` seconds; `message` is safe to show."""

    message = "The server is not available; try again shortly."
    retry_after = 1

    def __init__(self, retry_after: int | None = None) -> None:
        super().__init__(self.message)
        if retry_after is not None:
            self.retry_after = retry_after


class Overloaded(Unavailable):
    """The write queue is full."""

    message = "The server is busy; try again shortly."


class Throttled(Overloaded):
    """Too many requests of one person that take long are under way; this one was not begun."""

    message = "Too many long requests at once; wait for the answers to the others."


class IndexBehind(Overloaded):
    """A mailbox is searched whose words are still being indexed; each request goes on with that."""

    message = "The words of this mailbox are being indexed; try again shortly."


class StorageFull(Unavailable):
    """There is no room left for the data file."""

    message = "There is no room left to store this; nothing was changed."
    retry_after = 30


class StorageFailed(Unavailable):
    """The data file cannot be read or written, or is not the file that was opened."""

    message = "The data cannot be read or written at present; nothing was changed."
    retry_after = 30
