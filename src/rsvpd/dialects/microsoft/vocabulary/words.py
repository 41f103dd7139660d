"""The enumerations of the Outlook services, and what the words mean here.

Graph's spelling is the base; a profile's `Style` turns it into its own (`Accepted`, `HTML`).
Numbers are those of the published metadata. Words are read in any case and, for the one the
published schema misspells, in every spelling seen in the wild.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import Answer, EventKind, Role, Sensitivity, ShowAs
from rsvpd.calendar.meeting_times import Domain
from rsvpd.calendar.permission import CalendarRole, Delivery
from rsvpd.mail.content import BodyKind, Importance
from rsvpd.mail.message import FlagStatus, Inference, MeetingKind, RequestKind
from rsvpd.mail.settings import Audience, ReplyStatus


class Words(Struct, frozen=True):
    """One enumeration: its members with their numbers, and which of the model's values each stands for.

    `meaning` is written and read; `also` holds more words that are read, lower-case. `has_flags` says that several
    may stand together.
    """

    name: str
    members: tuple[tuple[str, int], ...]
    meaning: Mapping[Any, str]
    also: Mapping[str, Any] = {}
    has_flags: bool = False


def _enumerate(*names: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, number) for number, name in enumerate(names))


def _plain(name: str, members: tuple[tuple[str, int], ...], model: type[enum.Enum]) -> Words:
    """Return words that are the model's own values."""
    return Words(name, members, {value: str(value.value) for value in model})


def _own_words(name: str, members: tuple[tuple[str, int], ...]) -> Words:
    """Return words that have no counterpart in the model and stand for themselves."""
    return Words(name, members, {word: word for word, _ in members})


RESPONSE_TYPE = Words(
    "responseType",
    _enumerate("none", "organizer", "tentativelyAccepted", "accepted", "declined", "notResponded"),
    {
        Answer.NONE: "none",
        Answer.TENTATIVE: "tentativelyAccepted",
        Answer.ACCEPTED: "accepted",
        Answer.DECLINED: "declined",
    },
    {"notresponded": Answer.NONE, "organizer": None, "tentative": Answer.TENTATIVE},
)
MEETING_MESSAGE_TYPE = Words(
    "meetingMessageType",
    # The fifth word lacks a `t`, in the published schema and on the wire; clients compare it literally.
    _enumerate(
        "none",
        "meetingRequest",
        "meetingCancelled",
        "meetingAccepted",
        "meetingTenativelyAccepted",
        "meetingDeclined",
    ),
    {
        MeetingKind.NONE: "none",
        MeetingKind.REQUEST: "meetingRequest",
        MeetingKind.CANCELLED: "meetingCancelled",
        MeetingKind.ACCEPTED: "meetingAccepted",
        MeetingKind.TENTATIVE: "meetingTenativelyAccepted",
        MeetingKind.DECLINED: "meetingDeclined",
    },
    {
        "meetingtentativelyaccepted": MeetingKind.TENTATIVE,
        "meetingtentative": MeetingKind.TENTATIVE,
        "meetingcanceled": MeetingKind.CANCELLED,
    },
)
MEETING_REQUEST_TYPE = Words(
    "meetingRequestType",
    (
        ("none", 0),
        ("newMeetingRequest", 1),
        ("fullUpdate", 65536),
        ("informationalUpdate", 131072),
        ("silentUpdate", 262144),
        ("outdated", 524288),
        ("principalWantsCopy", 1048576),
    ),
    {
        None: "none",
        RequestKind.NEW: "newMeetingRequest",
        RequestKind.FULL: "fullUpdate",
        RequestKind.INFORMATIONAL: "informationalUpdate",
    },
)
EVENT_TYPE = Words(
    "eventType",
    _enumerate("singleInstance", "occurrence", "exception", "seriesMaster"),
    {
        EventKind.SINGLE: "singleInstance",
        EventKind.OCCURRENCE: "occurrence",
        EventKind.EXCEPTION: "exception",
        EventKind.MASTER: "seriesMaster",
    },
)
ATTENDEE_TYPE = _plain("attendeeType", _enumerate("required", "optional", "resource"), Role)
FREE_BUSY_STATUS = _plain(
    "freeBusyStatus",
    (("unknown", -1), *_enumerate("free", "tentative", "busy", "oof", "workingElsewhere")),
    ShowAs,
)
SENSITIVITY = _plain("sensitivity", _enumerate("normal", "personal", "private", "confidential"), Sensitivity)
IMPORTANCE = _plain("importance", _enumerate("low", "normal", "high"), Importance)
BODY_TYPE = _plain("bodyType", _enumerate("text", "html"), BodyKind)
FOLLOWUP_FLAG_STATUS = _plain("followupFlagStatus", _enumerate("notFlagged", "complete", "flagged"), FlagStatus)

LOCATION_TYPE = _own_words(
    "locationType",
    _enumerate(
        "default",
        "conferenceRoom",
        "homeAddress",
        "businessAddress",
        "geoCoordinates",
        "streetAddress",
        "hotel",
        "restaurant",
        "localBusiness",
        "postalAddress",
    ),
)
LOCATION_UNIQUE_ID_TYPE = _own_words(
    "locationUniqueIdType", _enumerate("unknown", "locationStore", "directory", "private", "bing")
)
ONLINE_MEETING_PROVIDER = _own_words(
    "onlineMeetingProviderType",
    _enumerate("unknown", "skypeForBusiness", "skypeForConsumer", "teamsForBusiness"),
)
INFERENCE_CLASSIFICATION = Words(
    "inferenceClassificationType",
    _enumerate("focused", "other"),
    {Inference.FOCUSED: "focused", Inference.OTHER: "other"},
)
MESSAGE_ACTION_FLAG = _own_words(
    "messageActionFlag",
    _enumerate(
        "any", "call", "doNotForward", "followUp", "fyi", "forward", "noResponseNecessary", "read", "reply",
        "replyToAll", "review",
    ),
)  # fmt: skip
RECURRENCE_PATTERN_TYPE = _own_words(
    "recurrencePatternType",
    _enumerate("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"),
)
RECURRENCE_RANGE_TYPE = _own_words("recurrenceRangeType", _enumerate("endDate", "noEnd", "numbered"))
WEEK_INDEX = _own_words("weekIndex", _enumerate("first", "second", "third", "fourth", "last"))
DAY_OF_WEEK = _own_words(
    "dayOfWeek", _enumerate("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
)
CATEGORY_COLOR = _own_words(
    "categoryColor", (("none", -1), *_enumerate(*(f"preset{number}" for number in range(25))))
)
CALENDAR_COLOR = _own_words(
    "calendarColor",
    (
        ("auto", -1),
        *_enumerate(
            "lightBlue",
            "lightGreen",
            "lightOrange",
            "lightGray",
            "lightYellow",
            "lightTeal",
            "lightPink",
            "lightBrown",
            "lightRed",
            "maxColor",
        ),
    ),
)
AUTOMATIC_REPLIES_STATUS = _plain(
    "automaticRepliesStatus", _enumerate("disabled", "alwaysEnabled", "scheduled"), ReplyStatus
)
EXTERNAL_AUDIENCE_SCOPE = _plain("externalAudienceScope", _enumerate("none", "contactsOnly", "all"), Audience)
_DELIVERIES = _enumerate("sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly")
DELEGATE_DELIVERY = Words(
    "delegateMeetingMessageDeliveryOptions",
    _DELIVERIES,
    {Delivery(number): word for word, number in _DELIVERIES},
)
_ROLES = _enumerate(
    "none",
    "freeBusyRead",
    "limitedRead",
    "read",
    "write",
    "delegateWithoutPrivateEventAccess",
    "delegateWithPrivateEventAccess",
)
CALENDAR_ROLE_TYPE = Words(
    "calendarRoleType",
    (*_ROLES, ("custom", len(_ROLES))),
    {CalendarRole(number): word for word, number in _ROLES},
)
ACTIVITY_DOMAIN = Words(
    "activityDomain",
    _enumerate("unknown", "work", "personal", "unrestricted"),
    {Domain.WORK: "work", Domain.PERSONAL: "personal", Domain.UNRESTRICTED: "unrestricted"},
    {"unknown": Domain.WORK},
)
_SCOPES = (("none", 0), ("internal", 1), ("external", 2), ("externalPartner", 4), ("externalNonPartner", 8))
RECIPIENT_SCOPE_TYPE = Words("recipientScopeType", _SCOPES, {word: word for word, _ in _SCOPES}, has_flags=True)
_MAIL_TIPS = (
    "automaticReplies", "mailboxFullStatus", "customMailTip", "externalMemberCount", "totalMemberCount",
    "maxMessageSize", "deliveryRestriction", "moderationStatus", "recipientScope", "recipientSuggestions",
)  # fmt: skip
MAIL_TIPS_TYPE = Words(
    "mailTipsType",
    tuple((word, 1 << place) for place, word in enumerate(_MAIL_TIPS)),
    {word: word for word in _MAIL_TIPS},
    has_flags=True,
)
USER_PURPOSE = _own_words(
    "userPurpose",
    (
        ("user", 1),
        ("linked", 2),
        ("shared", 3),
        ("room", 4),
        ("equipment", 5),
        ("others", 6),
        ("unknownFutureValue", 7),
    ),
)
PHONE_TYPE = _own_words(
    "phoneType",
    _enumerate(
        "home",
        "business",
        "mobile",
        "other",
        "assistant",
        "homeFax",
        "businessFax",
        "otherFax",
        "pager",
        "radio",
    ),
)

BOOKING_TYPE = _own_words("bookingType", _enumerate("unknown", "standard", "reserved"))
PLACE_FEATURE = _own_words(
    "placeFeatureEnablement", _enumerate("unknown", "enabled", "disabled", "unknownFutureValue")
)

SELECTION_LIKELIHOOD = _own_words("selectionLikelihoodInfo", _enumerate("notSpecified", "high"))
WEBSITE_TYPE = _own_words("websiteType", _enumerate("other", "home", "work", "blog", "profile"))

ALL: tuple[Words, ...] = (
    ACTIVITY_DOMAIN,
    ATTENDEE_TYPE,
    AUTOMATIC_REPLIES_STATUS,
    BODY_TYPE,
    BOOKING_TYPE,
    PLACE_FEATURE,
    CALENDAR_COLOR,
    CALENDAR_ROLE_TYPE,
    CATEGORY_COLOR,
    DAY_OF_WEEK,
    DELEGATE_DELIVERY,
    EVENT_TYPE,
    EXTERNAL_AUDIENCE_SCOPE,
    FOLLOWUP_FLAG_STATUS,
    FREE_BUSY_STATUS,
    IMPORTANCE,
    INFERENCE_CLASSIFICATION,
    LOCATION_TYPE,
    LOCATION_UNIQUE_ID_TYPE,
    MAIL_TIPS_TYPE,
    MEETING_MESSAGE_TYPE,
    MEETING_REQUEST_TYPE,
    MESSAGE_ACTION_FLAG,
    ONLINE_MEETING_PROVIDER,
    PHONE_TYPE,
    RECIPIENT_SCOPE_TYPE,
    RECURRENCE_PATTERN_TYPE,
    RECURRENCE_RANGE_TYPE,
    RESPONSE_TYPE,
    SELECTION_LIKELIHOOD,
    SENSITIVITY,
    USER_PURPOSE,
    WEBSITE_TYPE,
    WEEK_INDEX,
)
