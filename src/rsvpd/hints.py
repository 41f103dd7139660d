"""What a request did not do, and why: facts that a dialect puts into one helpful line.

A hint never changes an answer. It goes out as `X-Rsvpd-Hint` and into the log.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from msgspec import Struct

HEADER = "X-Rsvpd-Hint"
# What Microsoft Graph has in the place of a call of Outlook REST (dialects/microsoft/successors.py).
GRAPH_HEADER = "X-Rsvpd-Graph"


class HintCode(enum.Enum):
    """The classic surprises of meeting interfaces."""

    ATTENDEE_STATUS_IGNORED = "attendee-status-ignored"
    ATTENDEE_LIST_IGNORED = "attendee-list-ignored"
    SHARED_PROPERTY_LOCAL = "shared-property-local"
    PROPERTIES_IGNORED = "properties-ignored"
    ORGANIZER_CANNOT_RESPOND = "organizer-cannot-respond"
    ID_OF_ANOTHER_MAILBOX = "id-of-another-mailbox"
    NOT_THE_ORGANIZER = "not-the-organizer"
    RESPONSE_NOT_SENT = "response-not-sent"
    PRIVATE_COPY = "private-copy"
    ONLINE_MEETING_IGNORED = "online-meeting-ignored"
    EVENT_LEFT_CALENDAR = "event-left-calendar"
    ALREADY_INVITED = "already-invited"
    FORWARD_TO_ORGANIZER = "forward-to-organizer"
    REMINDER_IS_OFF = "reminder-is-off"
    REMINDER_OF_ONE = "reminder-of-one"
    CHANGED_FOR_ALL = "changed-for-all"
    COMMENT_DROPPED = "comment-dropped"
    INVITATION_OUT_OF_DATE = "invitation-out-of-date"
    REFUSED_BECAUSE = "refused-because"
    ENDLESS_SERIES_CUT = "endless-series-cut"
    WORK_LIMIT = "work-limit"
    SCOPE_MISSING = "scope-missing"
    ADMINISTRATOR_NEEDED = "administrator-needed"


class Hint(Struct, frozen=True):
    """One thing to know. `detail` names members or addresses, as the code calls for."""

    code: HintCode
    detail: str = ""


def ignored_property_hints(names: Iterable[str]) -> tuple[Hint, ...]:
    """Return the hint that names the members of a body that have no effect; none where there are none."""
    detail = ", ".join(names)
    return (Hint(HintCode.PROPERTIES_IGNORED, detail),) if detail else ()
