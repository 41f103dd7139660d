"""A door that keeps no reply."""

from __future__ import annotations

from typing import Any


class Forgetful:
    """Answers nothing from memory."""

    def recall(self, *_: Any) -> None:
        """Nothing is kept."""

    def keep(self, *_: Any) -> None:
        """Keep nothing."""
