"""What somebody may do with a calendar, in Google's words."""

from __future__ import annotations

from rsvpd.calendar.permission import CalendarRole

# Our roles as Google calls them; where several have one name, the first is what the name means.
ROLES: dict[CalendarRole, str] = {
    CalendarRole.NONE: "none",
    CalendarRole.FREE_BUSY: "freeBusyReader",
    CalendarRole.LIMITED: "freeBusyReader",
    CalendarRole.READ: "reader",
    CalendarRole.WRITE: "writer",
    CalendarRole.DELEGATE: "writer",
    CalendarRole.PRIVATE_DELEGATE: "writer",
    CalendarRole.OWNER: "owner",
}
