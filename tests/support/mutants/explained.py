"""What is known to make no difference, and why."""

from __future__ import annotations

import tomllib
from pathlib import Path

from msgspec import Struct, convert

from support.mutants.changes import Mutant


class Explanation(Struct, frozen=True, forbid_unknown_fields=True):
    """A change that no test can notice, in the words in which it is reported, wherever it stands in its function."""

    file: str  # below src/rsvpd
    function: str  # the qualified name of the outermost; "" outside of functions
    change: str
    because: str

    def fits(self, mutant: Mutant) -> bool:
        """Return whether it is this change that is explained."""
        place = (mutant.path.as_posix().partition("/rsvpd/")[2], mutant.function)
        return (self.file, self.function) == place and _words(self.change) == _words(mutant.change)


def explanations(path: Path) -> list[Explanation]:
    """Read the list."""
    return convert(tomllib.loads(path.read_text("utf-8")).get("equivalent", []), list[Explanation])


def _words(text: str) -> str:
    return " ".join(text.split())
