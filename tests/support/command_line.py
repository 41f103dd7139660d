"""The parsers of a command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator


def parsers(above: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and all below it."""
    yield above
    for action in above._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)
