"""The numbered steps of an engine's schema, which bring any earlier version up to date."""

from __future__ import annotations

from importlib import resources


def steps(engine: str) -> list[str]:
    """Return the scripts in `schema/<engine>`, in their order."""
    folder = resources.files("rsvpd.store") / "schema" / engine
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]
