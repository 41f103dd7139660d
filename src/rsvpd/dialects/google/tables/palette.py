"""The colors of calendars and events: constants that Google's service answers to everybody.

Ids and values are its "classic" colors, as the documentation of gcsa lists them (google-calendar-simple-api, colors).
"""

from __future__ import annotations

from typing import Any

_FOREGROUND = "#1d1d1d"
# What is written on a calendar that nobody gave another color.
FOREGROUND = "#000000"
_CALENDARS = (
    "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765", "#7bd148", "#b3dc6c",
    "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7", "#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf",
    "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
)  # fmt: skip
_EVENTS = (
    "#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1", "#5484ed", "#51b749",
    "#dc2127",
)  # fmt: skip

# As they are seen since 2016: what the same numbers are as labels.
_AS_LABELS = (
    "#7986cb", "#33b679", "#8e24aa", "#e67c73", "#f6bf26", "#f4511e", "#039be5", "#616161", "#3f51b5", "#0b8043",
    "#d50000",
)  # fmt: skip
LABEL_COLORS = {str(number): one for number, one in enumerate(_AS_LABELS, 1)}


def _palette(colors: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {str(number): {"background": one, "foreground": _FOREGROUND} for number, one in enumerate(colors, 1)}


CALENDAR_COLORS = {str(number): one for number, one in enumerate(_CALENDARS, 1)}
_USUAL = 14


def usual_color(calendar: int) -> str:
    """Return the color of a calendar that nobody gave one, by its number in the mailbox."""
    return str((_USUAL - 1 + (calendar - 1)) % len(_CALENDARS) + 1)


def nearest(color: str) -> str:
    """Return the id of the calendar color that is nearest to one in the form #0088aa."""
    wanted = _parts(color)
    return min(
        CALENDAR_COLORS,
        key=lambda one: sum((a - b) ** 2 for a, b in zip(_parts(CALENDAR_COLORS[one]), wanted, strict=True)),
    )


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


COLORS: dict[str, Any] = {
    "kind": "calendar#colors",
    "updated": "2012-02-14T00:00:00.000Z",
    "calendar": _palette(_CALENDARS),
    "event": _palette(_EVENTS),
}
