"""What may have been meant by a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_NEAR, _MOST = 0.6, 2


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?`, or nothing where no known word begins so or is near."""
    folded = {one.lstrip("-").casefold(): one for one in known}
    start = word.lstrip("-").casefold()
    begins = [one for one in folded if start and one.startswith(start)]
    near = begins[:_MOST] or difflib.get_close_matches(start, folded, n=_MOST, cutoff=_NEAR)
    return f"; did you mean {' or '.join(folded[one] for one in near)}?" if near else ""
