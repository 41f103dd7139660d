"""Plays tests against one change after the other, each in a process of its own.

The tests are collected once. A change within a function is made in a fork of the process that has them, in which
the function gets the changed code; whoever imported it has it changed, too. A change outside of functions is made
by importing everything anew.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from msgspec import Struct

from support.mutants.anew import OPTIONS, ROOT, SOURCE, prepare
from support.mutants.changes import Mutant
from support.mutants.reach import Reached, passes, reached
from support.world import World

TESTS = ROOT / "tests"
# The nearest, without those that are slow by themselves; and the lives of meetings.
NEAREST = (
    "tests/unit/calendar", "tests/unit/scheduling", "tests/unit/ical", "tests/cases", "tests/dialogues",
    "tests/matrix", "tests/conformance", "tests/laws/test_life_of_meetings.py",
)  # fmt: skip
_LAWS = "test_the_life_of_meetings"
SURVIVED, NOTICED = 0, 1
MOST_TESTS = 400  # against one change, beside the laws
MOST_BYTES = 6 << 30  # that a change may use which makes something grow without an end
MOST_FILES_ANEW = 12


class Outcome(Struct, frozen=True):
    """What became of one change."""

    mutant: Mutant
    is_noticed: bool
    tests: int
    seconds: float


class Session:
    """A plugin of pytest that plays the collected tests against changes, and no other way."""

    def __init__(self, mutants: list[Mutant], jobs: int, say: Callable[[Outcome], None]) -> None:
        self.mutants, self.jobs, self.say = mutants, jobs, say
        self.paths = sorted({one.path for one in mutants})
        self.failed: list[str] = []
        self.outcomes: list[Outcome] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave what is slow out."""
        items[:] = [one for one in items if not _is_slow(one) or _LAWS in one.name]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Play them."""
        _warm()
        gc.unfreeze()
        functions = _functions({str(path) for path in self.paths})
        gc.freeze()
        found = self._reached(session.items)
        self.failed = sorted(name for name, one in found.items() if one.has_failed)
        if not self.failed:
            self._play(session.items, found, functions)
        return True

    def _reached(self, items: list[pytest.Item]) -> dict[str, Reached]:
        """Return what each test reaches; the tests are shared out to as many processes as there may be."""
        found: dict[str, Reached] = {}
        with tempfile.TemporaryDirectory() as scratch:
            files = [Path(scratch) / str(job) for job in range(self.jobs)]
            children = [
                _Child(lambda file=file, part=items[job :: self.jobs]: _keep(file, reached(part, self.paths)))
                for job, file in enumerate(files)
            ]
            for child in children:
                child.wait()
            for file in files:
                found |= pickle.loads(file.read_bytes())
        return found

    def _play(
        self, items: list[pytest.Item], found: dict[str, Reached], functions: dict[tuple[str, int], FunctionType]
    ) -> None:
        self._check(items, found)
        waiting, running = list(reversed(self.mutants)), {}
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    mutant = waiting.pop()
                    tests = _nearest(items, found, mutant)
                    child = _child(mutant, tests, functions.get((str(mutant.path), mutant.begins)))
                    running[child] = (mutant, len(tests))
                for child in [one for one in running if one.is_over()]:
                    self._over(child, *running.pop(child))
                time.sleep(0.005)
        finally:
            for child in running:
                child.end()

    def _over(self, child: _Child, mutant: Mutant, tests: int) -> None:
        outcome = Outcome(mutant, child.status != SURVIVED, tests, time.monotonic() - child.began)
        self.outcomes.append(outcome)
        self.say(outcome)

    def _check(self, items: list[pytest.Item], found: dict[str, Reached]) -> None:
        """Make sure that tests which are played anew pass where nothing is changed."""
        path = self.paths[0]
        same = Mutant(path=path, line=0, last=0, function="", begins=0, change="", source=path.read_text("utf-8"))
        child = _Child(lambda: _play_anew(same, _nearest(items, found, same)))
        child.wait()
        if child.status != SURVIVED:
            raise RuntimeError("tests that are played anew fail with nothing changed")


def play(mutants: list[Mutant], jobs: int, say: Callable[[Outcome], None]) -> Session:
    """Play the nearest tests against these changes; what was found is in the session returned."""
    prepare()
    session = Session(mutants, jobs, say)
    status = pytest.main([*OPTIONS, *(str(ROOT / one) for one in NEAREST)], [session])
    if status:
        raise RuntimeError(f"pytest ended with {status}")
    return session


def _is_slow(item: pytest.Item) -> bool:
    """Return whether a test itself takes long, other than by being one of many (tests/conftest.py)."""
    return any(not mark.args for mark in item.iter_markers("slow"))


def _reaches(one: Reached, mutant: Mutant) -> bool:
    lines = one.lines.get(str(mutant.path), frozenset())
    if not mutant.function:
        return bool(lines)
    return any(line in lines for line in range(mutant.line, mutant.last + 1))


def _nearest(items: list[pytest.Item], found: dict[str, Reached], mutant: Mutant) -> list[pytest.Item]:
    """Return the tests that reach a change: first the table of its module, then of each way through it the fastest.

    So what only one test says comes early, however many others there are. The laws come last, in any case. What is
    carried out as a module is imported is read by tests of its table that run none of its lines.
    """
    ways: dict[frozenset[int], int] = defaultdict(int)
    order: list[tuple[bool, bool, int, float, pytest.Item]] = []
    for one in sorted(items, key=lambda one: found[one.nodeid].seconds):
        this = found[one.nodeid]
        is_table = one.path.name.startswith(f"test_{mutant.path.stem}")
        if _reaches(this, mutant) or (is_table and not mutant.function):
            way = this.lines.get(str(mutant.path), frozenset())
            order.append((_LAWS in one.name, not is_table, ways[way], this.seconds, one))
            ways[way] += 1
    order.sort(key=lambda place: place[:4])
    tests = [one for is_law, *_, one in order if not is_law]
    return [*tests[:MOST_TESTS], *(one for is_law, *_, one in order if is_law)]


def _child(mutant: Mutant, tests: list[pytest.Item], function: FunctionType | None) -> _Child:
    code = _code(mutant, function) if function is not None else None
    if function is not None and code is not None:
        return _Child(lambda: _play_changed(function, code, tests))
    return _Child(lambda: _play_anew(mutant, tests))


def _play_changed(function: FunctionType, code: CodeType, tests: list[pytest.Item]) -> int:
    function.__code__ = code
    return SURVIVED if passes(tests) else NOTICED


def _play_anew(mutant: Mutant, tests: list[pytest.Item]) -> int:
    """Let a new Python import everything with this change, and play the tests of the first few files."""
    files = list(dict.fromkeys(str(one.path) for one in tests))[:MOST_FILES_ANEW]
    if not files:
        return SURVIVED
    names = "\n".join(one.nodeid for one in tests if str(one.path) in files)
    with tempfile.TemporaryDirectory() as scratch:
        changed, wanted = Path(scratch) / "changed.py", Path(scratch) / "wanted"
        changed.write_text(mutant.source, "utf-8")
        wanted.write_text(names, "utf-8")
        command = [sys.executable, "-m", "support.mutants.anew", str(mutant.path), str(changed), str(wanted), *files]
        where = {"PYTHONPATH": f"{TESTS}{os.pathsep}{SOURCE}"}
        return subprocess.run(command, cwd=ROOT, env=os.environ | where, check=False).returncode


def _code(mutant: Mutant, function: FunctionType) -> CodeType | None:
    """Return the changed code of a function, or None where it cannot be given to the function that there is."""
    changed = _find(compile(mutant.source, str(mutant.path), "exec", dont_inherit=True), function.__code__)
    return changed if changed is not None and changed.co_freevars == function.__code__.co_freevars else None


def _find(code: CodeType, wanted: CodeType) -> CodeType | None:
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    for one in inner:
        if (one.co_qualname, one.co_firstlineno) == (wanted.co_qualname, wanted.co_firstlineno):
            return one
        if (deeper := _find(one, wanted)) is not None:
            return deeper
    return None


def _functions(files: set[str]) -> dict[tuple[str, int], FunctionType]:
    """Return the functions of these files by file and first line."""
    found = (one for one in gc.get_objects() if isinstance(one, FunctionType))
    ours = (one for one in found if one.__code__.co_filename in files)
    return {(one.__code__.co_filename, one.__code__.co_firstlineno): one for one in ours}


def _warm() -> None:
    """Do once what every test would do first: make a data file."""
    with tempfile.TemporaryDirectory() as folder:
        World(Path(folder)).close()


def _keep(file: Path, found: dict[str, Reached]) -> int:
    file.write_bytes(pickle.dumps(found))
    return SURVIVED


class _Child:
    """A fork that does one thing and ends with its result, in a session and with a folder of its own."""

    def __init__(self, act: Callable[[], int]) -> None:
        self.began = time.monotonic()
        self.folder = tempfile.mkdtemp(prefix="mutant-")
        self.status = NOTICED
        self.number = os.fork()
        if self.number == 0:
            self._be(act)

    def _be(self, act: Callable[[], int]) -> None:
        status = 3
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = tempfile.tempdir = self.folder
            status = act()
        finally:
            os._exit(status)

    def is_over(self) -> bool:
        """Return whether it has ended."""
        number, status = os.waitpid(self.number, os.WNOHANG)
        if number:
            self._gone(os.waitstatus_to_exitcode(status))
        return bool(number)

    def end(self) -> None:
        """End it, and what it has started."""
        os.killpg(self.number, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Wait for it without a limit."""
        _, status = os.waitpid(self.number, 0)
        self._gone(os.waitstatus_to_exitcode(status))

    def _gone(self, status: int) -> None:
        self.status = status
        shutil.rmtree(self.folder, ignore_errors=True)
