"""Online meetings in Google's words: `conferenceData`.

Rules (Calendar API: events, `conferenceData`; guide "Add video and phone conferences").
1. `createRequest` makes a new online meeting of Google's, at once; the same `requestId` again changes nothing.
2. Else it is one that exists: its solution and at least one way to enter it are given.
3. What is written back as it was read is the same online meeting.
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.conference import NAMES, Conference, Provider, Wish
from rsvpd.calendar.view import CalendarView
from rsvpd.dialects.google.vocabulary.checks import check
from rsvpd.dialects.google.vocabulary.codecs import read_only
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.refusals import CONFERENCE_DATA, CONFERENCE_TYPE, Refusal
from rsvpd.dialects.shape import Codec

_ICONS = "https://fonts.gstatic.com/s/i/productlogos"
_MEET_ICON = f"{_ICONS}/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x_web_512dp.png"
_OTHER_ICON = f"{_ICONS}/calendar_2020q4/v8/web-512dp/logo_calendar_2020q4_color_2x_web_512dp.png"
_KINDS = ("video", "phone", "sip", "more")
_SOLUTIONS = ("eventHangout", "eventNamedHangout", "hangoutsMeet", "addOn")
# How long texts may be, as documented.
_WORD, _CODE, _LABEL, _URI, _NOTES = 256, 128, 512, 1300, 2048
_KEY = {"type": _WORD}
_ENTRY: dict[str, Any] = {
    "entryPointType": _WORD, "uri": _URI, "label": _LABEL, "pin": _CODE, "accessCode": _CODE, "meetingCode": _CODE,
    "passcode": _CODE, "password": _CODE, "regionCode": _CODE, "entryPointFeatures": [_WORD],
}  # fmt: skip
_DATA: dict[str, Any] = {
    "createRequest": {"requestId": _LABEL, "conferenceSolutionKey": _KEY, "status": {"statusCode": _WORD}},
    "entryPoints": [_ENTRY],
    "conferenceSolution": {"key": _KEY, "name": _LABEL, "iconUri": _URI},
    "conferenceId": _LABEL,
    "signature": _NOTES,
    "notes": _NOTES,
    "parameters": {"addOnParameters": {"parameters": None}},
}


def allowed_providers(view: CalendarView) -> tuple[str, ...]:
    """Return what online meetings of Google's can be made in a calendar: those of today, unless its owner has none."""
    return (Provider.MEET.value,) if view.properties.has_meet else ()


def _write(conference: Conference | None, _: Context) -> dict[str, Any] | None:
    if conference is None or conference.data:
        return None if conference is None else conference.data
    provider = conference.provider
    is_meet = provider is Provider.MEET
    key = {"type": (Provider.MEET if is_meet else Provider.OTHER).value}
    asked = {"requestId": conference.request_id, "conferenceSolutionKey": key, "status": {"statusCode": "success"}}
    solution = {"key": key, "name": NAMES[provider], "iconUri": _MEET_ICON if is_meet else _OTHER_ICON}
    label = conference.url.partition("://")[2].partition("?")[0][:_LABEL]
    return {
        **({"createRequest": asked} if conference.request_id else {}),
        "entryPoints": [{"entryPointType": "video", "uri": conference.url, "label": label}],
        "conferenceSolution": solution,
        "conferenceId": conference.id,
    }


def _read(value: Any, ctx: Context) -> Conference | Wish | None:
    if not value:
        return None
    data = check(value, _DATA)
    before = ctx.stored.event.conference if ctx.stored else None
    asked, is_given = data.get("createRequest"), "conferenceSolution" in data
    is_same = before is not None and (asked or {}).get("requestId", "") == before.request_id
    if before is not None and (data == _write(before, ctx) or (is_same and asked and not is_given)):
        return before
    if asked is not None and not is_same and (before is not None or not is_given):
        return _wish(asked, ctx)
    return _read_conference({name: held for name, held in data.items() if not is_same or name != "createRequest"})


def _wish(asked: dict[str, Any], ctx: Context) -> Wish:
    if not asked.get("requestId"):
        raise _conference_refusal("createRequest.requestId is required.")
    if asked.get("conferenceSolutionKey", {}).get("type", Provider.MEET.value) not in ctx.conferences:
        allowed = ", ".join(ctx.conferences) or "none"
        raise Refusal(CONFERENCE_TYPE, f"of those the calendar allows {allowed}.", target="conferenceData")
    return Wish(provider=Provider.MEET, request_id=asked["requestId"])


def _read_conference(data: dict[str, Any]) -> Conference:
    entries, solution = data.get("entryPoints", []), data.get("conferenceSolution", {})
    kind = solution.get("key", {}).get("type")
    if kind not in _SOLUTIONS or not entries:
        raise _conference_refusal(
            "either createRequest, or conferenceSolution and at least one of entryPoints, is required."
        )
    kinds = [one.get("entryPointType") for one in entries]
    if any(one not in _KINDS for one in kinds) or any(kinds.count(one) > 1 for one in _KINDS if one != "phone"):
        raise _conference_refusal(
            f"entryPoints are each one of {', '.join(_KINDS)}; but for phones there is one of each."
        )
    if any(not one.get("uri") for one in entries):
        raise _conference_refusal("each of entryPoints has a uri.")
    main = next((one for one in entries if one["entryPointType"] == "video"), entries[0])
    provider = Provider.MEET if kind == Provider.MEET.value else Provider.OTHER
    asked = data.get("createRequest", {})
    return Conference(
        provider=provider, id=data.get("conferenceId", ""), url=main["uri"], request_id=asked.get("requestId", ""),
        data=data,
    )  # fmt: skip


def _conference_refusal(why: str) -> Refusal:
    return Refusal(CONFERENCE_DATA, why, target="conferenceData")


def _link(conference: Conference | None, _: Context) -> str | None:
    return conference.url if conference is not None and conference.provider is Provider.MEET else None


ALLOWED: Codec[Context] = read_only(
    "ConferenceProperties", lambda view, ctx: {"allowedConferenceSolutionTypes": list(allowed_providers(view))}
)
CONFERENCE: Codec[Context] = Codec("ConferenceData", _write, _read)
LINK: Codec[Context] = read_only("string", _link)
