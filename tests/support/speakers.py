"""The same moves said in each dialect, and the same questions asked in each.

A test that uses a `Speaker` does not know which dialect it speaks: that is what the matrix and
the dialogues are made of.
"""

from __future__ import annotations

from support.google import Google
from support.microsoft import Microsoft
from support.seen import ANSWERS, Note, Seen
from support.world import World

__all__ = ["ANSWERS", "DIALECTS", "Google", "Microsoft", "Note", "Seen", "Speaker", "speakers"]

Speaker = Microsoft | Google
DIALECTS = ("graph", "outlook-v2", "outlook-v1", "google")


def speakers(world: World) -> dict[str, Speaker]:
    """Return one speaker for each dialect."""
    return {
        "graph": Microsoft(world, "graph", "/v1.0"),
        "outlook-v2": Microsoft(world, "outlook-v2", "/api/v2.0"),
        "outlook-v1": Microsoft(world, "outlook-v1", "/api/v1.0"),
        "google": Google(world),
    }
