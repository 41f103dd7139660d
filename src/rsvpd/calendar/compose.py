"""A copy as its readers see it: what the organizer says, what the owner keeps, and who answered what, as one value.

`Meeting` and `Event` are made here and stored nowhere. What can be derived is: how the time is shown, which dates
differ, what the copy of somebody with single dates looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from msgspec import UNSET, structs

from rsvpd.calendar.copy import NO_RESPONSES, OVERLAID, Copy, Overlay, Private, Response, Responses
from rsvpd.calendar.duration import end_after_move
from rsvpd.calendar.event import Answer, Attendee, Event, Meeting, Sensitivity, ShowAs, Status
from rsvpd.calendar.lazy import LazyMapping
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.calendar.series import NO_RULE, Frame, at_wall_time, wall_of
from rsvpd.mail.address import fold

CANCELLED_PREFIX = "Canceled: "
# What an answer makes of the time; an accepted one is shown as its organizer wants it (MS-OXOCAL, PidLidBusyStatus).
_SHOWN_AS = {Answer.NONE: ShowAs.TENTATIVE, Answer.TENTATIVE: ShowAs.TENTATIVE, Answer.DECLINED: ShowAs.FREE}
_COMPONENT_MEMBERS = tuple(
    name for name in Component.__struct_fields__ if name not in ("guests", "show_as", "sensitivity")
)
_PRIVATE_MEMBERS = tuple(
    name for name in Private.__struct_fields__ if name not in ("show_as", "sensitivity", "overlay", "called_off")
)
_component_members, _private_members = attrgetter(*_COMPONENT_MEMBERS), attrgetter(*_PRIVATE_MEMBERS)
_TIMES = ("start", "end")


def guest_show_as(status: Status, answer: Answer, wanted: ShowAs) -> ShowAs:
    """Return how a guest's copy shows the time, as its status and the owner's answer have it."""
    return ShowAs.FREE if status is Status.CANCELLED else _SHOWN_AS.get(answer, wanted)


def sensitivity_for_guest(sensitivity: Sensitivity) -> Sensitivity:
    """Return how private a guest's copy is (RFC 5545 3.8.1.3: CLASS travels; "personal" is a note to oneself)."""
    return Sensitivity.NORMAL if sensitivity is Sensitivity.PERSONAL else sensitivity


def compose(copy: Copy, responses: Responses = NO_RESPONSES) -> Meeting:
    """Return the copy as its owner sees it; `responses` are what the organizer knows of answers.

    Without them it is made once of each copy.
    """
    if responses:
        return _Composer(copy, responses).meeting()
    made: Meeting | None = copy.__dict__.get("meeting_")
    if made is None:
        made = copy.__dict__["meeting_"] = _Composer(copy, responses).meeting()
    return made


class _Composer:
    def __init__(self, copy: Copy, responses: Responses) -> None:
        self.copy, self.revision, self.responses = copy, copy.revision, responses
        self.whole = self._of(self.revision.event, copy.own, None)
        self.frame: Frame | None = None

    def meeting(self) -> Meeting:
        copy, names = self.copy, self._names()
        exceptions = LazyMapping(names, self.date) if names else {}
        deleted = copy.removed
        if copy.invited_to is None:
            off = {rid for rid, one in copy.dates_apart().items() if one.called_off}
            deleted = tuple(sorted({*self.revision.excluded, *copy.removed} - off))
            return self._meeting(exceptions, deleted)
        return self._partial(exceptions, deleted, min(copy.invited_to))

    def date(self, rid: str) -> Event:
        """Return one date as it is."""
        private, component = self.copy.private(rid), self.copy.exception(rid)
        if component is None:
            regular = self._regular(rid)
            event = self._event(self.revision.event, private, rid, regular.start, regular.end)
            changed = self.copy.own.overlay
            event = _apply_overlay(event, changed and structs.replace(changed, start=UNSET, end=UNSET))
        else:
            event = self._with_series_overlay(self._event(component, private, rid, component.start, component.end), rid)
        return _apply_overlay(event, private.overlay)

    # --- the whole

    def _meeting(self, exceptions: Mapping[str, Event], deleted: tuple[str, ...]) -> Meeting:
        copy, revision = self.copy, self.revision
        moved = revision.recurrence is not None and self.whole.start != revision.event.start
        return Meeting(
            uid=revision.uid,
            organizer=revision.organizer,
            is_organizer=copy.is_organizer,
            is_private_copy=copy.is_private_copy,
            event=self.whole,
            sequence=copy.sequence,
            dtstamp=copy.dtstamp,
            recurrence=revision.recurrence,
            pattern_start=revision.event.start if moved else None,
            exceptions=exceptions,
            deleted=deleted,
            transaction_id=copy.transaction_id,
            created=copy.created,
            modified=copy.modified,
            creator=copy.creator,
        )

    def _partial(self, exceptions: Mapping[str, Event], deleted: tuple[str, ...], first: str) -> Meeting:
        meeting = self._meeting(exceptions, deleted)
        event = exceptions.get(first, self.whole)
        wall = wall_of(meeting, first)
        if wall is not None:
            begin = at_wall_time(self.revision.event.start, wall)
            end = end_after_move(self.revision.event.start, self.revision.event.end, begin)
            event = structs.replace(event, start=begin, end=end)
        return structs.replace(meeting, event=event, recurrence=NO_RULE, pattern_start=None)

    def _names(self) -> tuple[str, ...]:
        """Return the recurrence ids of what differs in this copy."""
        copy, revision = self.copy, self.revision
        if copy.invited_to is not None:
            return tuple(rid for rid in copy.invited_to if self._takes_place(rid))
        if not (revision.exceptions or copy.dates or self.responses or revision.resets):
            return ()
        gone = {*copy.removed}
        exceptions = (rid for rid in revision.exceptions if rid not in gone)
        own = (rid for rid in copy.dates if rid not in gone) if gone else copy.dates
        excluded = {*revision.excluded}
        answered = (rid for rid in self.responses if rid and rid not in excluded and self._is_answered(rid))
        asked = (rid for rid in revision.resets if copy.is_organizer and rid not in excluded and self._follows(rid))
        return tuple(dict.fromkeys((*exceptions, *own, *answered, *asked)))

    def _takes_place(self, rid: str) -> bool:
        if rid in self.copy.dates and self.copy.dates[rid].called_off:
            return True
        if rid in self.revision.excluded:
            return False
        return rid in self.revision.exceptions or self._follows(rid)

    def _is_answered(self, rid: str) -> bool:
        """Return whether an answer to this date counts there, and so its list differs from that of the series."""
        component = self.revision.list_of(rid)
        found = ((component.places.get(who), one) for who, one in self.responses[rid].items())
        counts = any(place is not None and _counts(self.revision, component, place, rid, one) for place, one in found)
        return counts and self._follows(rid)

    def _follows(self, rid: str) -> bool:
        wall = wall_of(self._series().meeting, rid)
        return wall is not None and self._series().follows(wall)

    def _series(self) -> Frame:
        """Return the frame of the series without its exceptions."""
        if self.frame is None:
            self.frame = Frame(self._meeting({}, ()))
        return self.frame

    # --- one event

    def _regular(self, rid: str) -> Event:
        """Return a date of the series as its pattern and the owner's own move of it have it."""
        wall = wall_of(self._series().meeting, rid)
        return self.whole if wall is None else self._series().event(wall)

    def _of(self, component: Component, private: Private, rid: str | None) -> Event:
        return _apply_overlay(self._event(component, private, rid, component.start, component.end), private.overlay)

    def _event(self, component: Component, private: Private, rid: str | None, start: Any, end: Any) -> Event:
        copy, off = self.copy, private.called_off or self.copy.own.called_off
        members: dict[str, Any] = dict(zip(_COMPONENT_MEMBERS, _component_members(component), strict=True))
        members.update(zip(_PRIVATE_MEMBERS, _private_members(private), strict=True), start=start, end=end)
        if copy.is_organizer:
            attendees = self._attendees(component, rid)
            members.update(show_as=component.show_as, sensitivity=component.sensitivity, attendees=attendees)
            return Event(**members)
        if off is not None:
            members.update(status=Status.CANCELLED, subject=CANCELLED_PREFIX + component.subject)
        wanted = guest_show_as(members["status"], private.answer, component.show_as)
        return Event(
            **members,
            attendees=_attendees_for_guest(component, copy.address, off.responses if off else {}),
            intended_show_as=component.show_as,
            show_as=wanted if private.show_as is None else private.show_as,
            sensitivity=private.sensitivity,
        )

    def _with_series_overlay(self, event: Event, rid: str) -> Event:
        """Return an occurrence the organizer changed, after the owner changed the series in the own copy.

        What was the series' follows it, what differed stays.
        """
        wall = wall_of(self._series().meeting, rid) if self.copy.own.overlay else None
        if wall is None:
            return event
        unmoved = Frame(structs.replace(self._series().meeting, event=self._plain())).event(wall)
        now = self._series().event(wall)
        stays = (event.start, event.end) != (unmoved.start, unmoved.end)
        names = (
            name
            for name in OVERLAID
            if getattr(event, name) == getattr(unmoved, name) and not (stays and name in _TIMES)
        )
        return structs.replace(event, **{name: getattr(now, name) for name in names})

    def _plain(self) -> Event:
        return self._event(self.revision.event, self.copy.own, None, self.revision.event.start, self.revision.event.end)

    # --- who answered what

    def _attendees(self, component: Component, rid: str | None) -> tuple[Attendee, ...]:
        """Return the guest list with what the organizer knows of the answers."""
        last_reset = self.revision.reset_sequence_of(rid)
        whole, own = self.responses.get("", {}), self.responses.get(rid, {}) if rid else {}
        if not (whole or own):
            return component.attendees_reset_at(last_reset)
        is_as_whole = rid is not None and last_reset == self.revision.reset_sequence
        if is_as_whole and component is self.revision.event:
            return self._attendees_of_date(component, whole, own, rid)
        found = list(component.attendees)
        for who, place in component.places.items():
            found[place] = attendee_with_answer(self.revision, component, place, rid, whole.get(who), own.get(who))
        return tuple(found)

    def _attendees_of_date(
        self, component: Component, whole: Mapping[str, Response], own: Mapping[str, Response], rid: str | None
    ) -> tuple[Attendee, ...]:
        """Return the list of the whole with the answers to one date: only those are looked at."""
        found = list(self.whole.attendees)
        for who, response in own.items():
            place = component.places.get(who)
            if place is not None:
                found[place] = attendee_with_answer(self.revision, component, place, rid, whole.get(who), response)
        return tuple(found)

def attendee_with_answer(
    revision: Revision, component: Component, place: int, rid: str | None, whole: Response | None, own: Response | None
) -> Attendee:
    """Return a guest of `component` with what the organizer knows: the later answer, to the whole or to the date."""
    attendee, since = component.attendees[place], component.guests[place].since
    last_reset = revision.reset_sequence_of(rid)
    reset = last_reset if last_reset > since else 0
    counting = [one for one in (own, whole) if one is not None and _counts(revision, component, place, rid, one)]
    if not counting:
        return structs.replace(attendee, reset_sequence=reset) if reset else attendee
    return with_response(attendee, max(counting, key=lambda one: one.order), reset)


def _counts(revision: Revision, component: Component, place: int, rid: str | None, response: Response) -> bool:
    return response.sequence >= max(component.guests[place].since, revision.reset_sequence_of(rid))


def with_response(attendee: Attendee, response: Response, reset_sequence: int = 0) -> Attendee:
    """Return a guest with what is known of the answer."""
    return Attendee(
        address=attendee.address,
        name=attendee.name or response.name,
        role=attendee.role,
        answer=response.answer,
        answered=response.answered,
        answered_through=response.answered_through,
        comment=response.comment,
        comment_readers=response.comment_readers,
        guests=response.guests,
        reply_sequence=response.sequence,
        reply_dtstamp=response.dtstamp,
        reset_sequence=reset_sequence,
        proposal=response.proposal,
    )


def response_of(attendee: Attendee) -> Response:
    """Return what is known of a guest's answer."""
    return Response(
        answer=attendee.answer,
        answered=attendee.answered,
        answered_through=attendee.answered_through,
        sequence=attendee.reply_sequence,
        dtstamp=attendee.reply_dtstamp,
        comment=attendee.comment,
        comment_readers=attendee.comment_readers,
        guests=attendee.guests,
        name=attendee.name,
        proposal=attendee.proposal,
    )


def component_of(event: Event, before: Component | None = None, *, since: int = 0) -> Component:
    """Return what an organizer's event says. Who stood on the list `before` stays as listed, newcomers come `since`."""
    guests = before.guests if before else ()
    if not _is_same_list(event.attendees, guests):
        known = before.places if before else {}
        listed = ((one, known.get(fold(one.address))) for one in event.attendees)
        guests = tuple(
            Guest(one.address, one.name, one.role, since if place is None else guests[place].since)
            for one, place in listed
        )
    values = {name: getattr(event, name) for name in _COMPONENT_MEMBERS}
    return Component(**values, guests=guests, show_as=event.show_as, sensitivity=event.sensitivity)


def _is_same_list(attendees: tuple[Attendee, ...], guests: tuple[Guest, ...]) -> bool:
    if len(attendees) != len(guests):
        return False
    pairs = zip(attendees, guests, strict=True)
    return all((one.address, one.name, one.role) == (guest.address, guest.name, guest.role) for one, guest in pairs)


def private_of(event: Event) -> Private:
    """Return what an organizer's event keeps for its owner."""
    return Private(**{name: getattr(event, name) for name in _PRIVATE_MEMBERS})


def regular_component(revision: Revision, recurrence_id: str) -> Component | None:
    """Return what the organizer would say of a date if nothing made it differ; None where the pattern has none."""
    frame = Frame(compose(Copy(revision=revision, is_organizer=True)))
    wall = wall_of(frame.meeting, recurrence_id)
    if wall is None or not frame.follows(wall):
        return None
    event = frame.event(wall)
    return structs.replace(revision.event, start=event.start, end=event.end)


def _attendees_for_guest(component: Component, address: str, responses: Mapping[str, Response]) -> tuple[Attendee, ...]:
    """Return the guest list as a guest may see it, with the answers that were seen last."""
    listed = component.attendees
    if component.hide_attendees:
        listed = tuple(one for one in listed if fold(one.address) == address)
    if not responses:
        return listed
    return tuple(
        with_response(one, responses[who]) if (who := fold(one.address)) in responses else one for one in listed
    )


def _apply_overlay(event: Event, overlay: Overlay | None) -> Event:
    if overlay is None:
        return event
    changes = {name: value for name in OVERLAID if (value := getattr(overlay, name)) is not UNSET}
    return structs.replace(event, **changes)
