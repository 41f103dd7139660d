"""Parameters of statements: the store names them, what executes a statement may take them by place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

_PARAMETER = re.compile(r":([a-z_0-9]++)")

# Brings the values of named parameters in the order of their places.
InOrder = Callable[[Mapping[str, Any]], tuple[Any, ...]]


@cache
def by_place(sql: str, sign: str) -> tuple[str, InOrder]:
    """Return a statement whose parameters stand by place (`$1` where the sign is `$`), and what orders their values."""
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    places = {name: f"{sign}{place}" for place, name in enumerate(names, 1)}
    statement = _PARAMETER.sub(lambda found: places[found[1]], sql)
    if len(names) == 1:
        (name,) = names
        return statement, lambda params: (params[name],)
    return statement, itemgetter(*names) if names else lambda params: ()
