"""Query parameters: text from the URL, read by kind. What cannot be read names its parameter.

Names are case-sensitive, unknown ones do not count. Every error is InvalidQuery with the
parameter as its target, or InvalidTimeZone.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from rsvpd.clock import Instant
from rsvpd.dialects.google.vocabulary.refusals import BAD_REQUEST, Refusal
from rsvpd.dialects.google.vocabulary.times import read_instant
from rsvpd.errors import InvalidQuery
from rsvpd.timezones.zone import find_iana

_MOST = 200
_LONGEST = 20_000
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


class Options:
    """The parameters of one request."""

    def __init__(self, query: str) -> None:
        if len(query) > _LONGEST:
            raise InvalidQuery(f"The query is longer than {_LONGEST} characters.")
        try:
            self._values = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST)
        except ValueError:
            raise InvalidQuery(
                f"The query cannot be read: it is not UTF-8, or has over {_MOST} parameters."
            ) from None

    def text(self, name: str) -> str | None:
        """Return the last value of `name`."""
        return self._values[name][-1] if name in self._values else None

    def texts(self, name: str) -> list[str]:
        """Return every value of a repeatable parameter."""
        return self._values.get(name, [])

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in _FLAGS:
            raise self.wrong(name, "must be true or false")
        return _FLAGS[text.lower()]

    def number(self, name: str, *, least: int = 1) -> int | None:
        """Return a whole number."""
        text = self.text(name)
        if text is None:
            return None
        try:
            number = int(text[:20]) if text.isascii() else None
        except ValueError:
            number = None
        if number is None or not least <= number < 2**31:
            raise self.wrong(name, f"must be a whole number from {least} on")
        return number

    def word(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """Return one of `allowed`."""
        text = self.text(name)
        if text is not None and text not in allowed:
            raise self.wrong(name, f"must be one of {', '.join(allowed)}")
        return text

    def instant(self, name: str) -> Instant | None:
        """Return a moment, in whole seconds."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return read_instant(text)
        except (ValueError, OverflowError) as wrong:
            blank = "; a + in a URL means a blank: send %2B" if " " in text else ""
            raise Refusal(BAD_REQUEST, self.wrong(name, f"{wrong}{blank}").message, target=name) from None

    def zone(self, name: str) -> str | None:
        """Return the IANA name of a time zone; Windows names are unknown to Google."""
        text = self.text(name)
        return find_iana(text) if text else None

    def wrong(self, name: str, why: str) -> InvalidQuery:
        """Return the error for a value of `name` that cannot be."""
        return InvalidQuery(f"Invalid value '{(self.text(name) or '')[:80]}' for {name}: {why}.", target=name)
