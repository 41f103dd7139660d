"""How long an event lasts, wherever it is put.

What has times lasts exactly as long as it did, whatever clocks do meanwhile; dates are counted in days
(RFC 5545 3.8.5.3: a component with DTEND gives all members of its recurrence set the same exact duration).
"""

from __future__ import annotations

from rsvpd.calendar.event import AllDay, When
from rsvpd.timezones.zone import at_instant, to_instant, to_wall


def end_after_move(start: When, end: When, to: When) -> When:
    """Return where what lasted from `start` to `end` ends once it starts at `to`: a date, or a time in its zone.

    Raises InvalidRange beyond the year 9999.
    """
    # Dates stand at midnight UTC here, where every day has its 24 hours.
    last = to_instant(to) + to_instant(end) - to_instant(start)
    return AllDay(to_wall(last, "UTC").date()) if isinstance(end, AllDay) else at_instant(last, end.zone)
