"""The colors of calendars and events: constants that Google's service answers to everybody.

Ids and values are its "classic" colors, as the documentation of gcsa lists them (google-calendar-simple-api, colors).
"""

from __future__ import annotations

from typing import Any

_FOREGROUND = "#1d1d1d"
_CALENDARS = (
    "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765", "#7bd148", "#b3dc6c",
    "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7", "#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf",
    "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
)  # fmt: skip
_EVENTS = (
    "#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1", "#5484ed", "#51b749",
    "#dc2127",
)  # fmt: skip


def _palette(colors: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {str(number): {"background": one, "foreground": _FOREGROUND} for number, one in enumerate(colors, 1)}


COLORS: dict[str, Any] = {
    "kind": "calendar#colors",
    "updated": "2012-02-14T00:00:00.000Z",
    "calendar": _palette(_CALENDARS),
    "event": _palette(_EVENTS),
}
