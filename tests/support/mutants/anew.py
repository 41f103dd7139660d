"""Plays tests with one module replaced: `python -m support.mutants.anew MODULE CHANGED WANTED FILE...`.

Nothing of rsvpd may be imported before the module is replaced.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src"
TEST_SECONDS, LAW_SECONDS = 20, 120
OPTIONS = [
    "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-qq", "--no-summary", "--hypothesis-seed=1",
    f"--rootdir={ROOT}",
]  # fmt: skip


def prepare() -> None:
    """Let Hypothesis and the laws play the same few examples, and make nothing smaller: that it fails is enough."""
    settings.register_profile("mutants", derandomize=True, deadline=None, phases=(Phase.explicit, Phase.generate))
    os.environ |= {"HYPOTHESIS_PROFILE": "mutants", "RSVPD_LAWS": "3"}


def be_patient(item: pytest.Item) -> None:
    """End this process where a test takes too long, as one does in which a loop has no end any more."""
    is_law = item.path.parent.name == "laws"
    signal.alarm(LAW_SECONDS if is_law else TEST_SECONDS)


class Replacing:
    """Finds one module, and gives it another source."""

    def __init__(self, path: Path, source: str) -> None:
        self.name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        self.path, self.source = path, source

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Return how the one module is loaded."""
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Let it be made as others are."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Run the other source in it."""
        exec(compile(self.source, str(self.path), "exec", dont_inherit=True), module.__dict__)


class Only:
    """A plugin that plays the wanted tests in the order in which they are wanted."""

    def __init__(self, wanted: list[str]) -> None:
        self.order = {name: place for place, name in enumerate(wanted)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave all others out."""
        wanted = (one for one in items if one.nodeid in self.order)
        items[:] = sorted(wanted, key=lambda one: self.order[one.nodeid])

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Wait for no test too long."""
        be_patient(item)


def main(path: str, changed: str, wanted: str, *files: str) -> int:
    """Return pytest's exit status."""
    prepare()
    sys.meta_path.insert(0, Replacing(Path(path), Path(changed).read_text("utf-8")))  # likewise
    return pytest.main([*OPTIONS, "-x", *files], [Only(Path(wanted).read_text("utf-8").splitlines())])


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
