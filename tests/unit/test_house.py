"""What every file of this repository keeps to: one subject that fits on a few screens, and nothing left for later."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE_LINES = 600
ROOMS_OF_PYTHON = ("src", "tests", "benchmarks")
LONE_PARTICIPLES = re.compile(
    r"""_*(?:
    added|answered|asked|attached|authorized|changed|checked|checking|compared|compressed|computed|connected|
    challenged|counted|created|decoded|delivered|delivering|differing|emptied|enclosed|excluded|existing|expanded|expired|
    fired|firing|fitting|followed|found|given|held|joined|kept|known|led|lent|limited|listed|listened|listening|made|
    mapped|matching|merged|moved|moving|named|narrowed|needed|opened|placed|quoted|received|refused|removed|
    replying|requested|required|said|seen|sent|settled|shared|showing|shown|spelled|standing|steered|stored|taken|told|tracked|
    trapped|tried|typed|unanswered|unseen|waiting|wanted|worked|written
    )_*""",
    re.VERBOSE,
)
# Written apart, so that this file does not find itself.
FOR_LATER = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")


def files(folder: str, pattern: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob(pattern) if "__pycache__" not in path.parts)


PYTHON = [path for folder in ROOMS_OF_PYTHON for path in files(folder, "*.py")]
CONTENTS = files("src", "__init__.py")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_too_long():
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in PYTHON}
    assert lengths
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


@pytest.mark.parametrize("path", CONTENTS, ids=name)
def test_a_package_opens_with_a_table_of_contents(path: Path):
    docstring, *rest = ast.parse(path.read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(docstring.value, ast.Constant)
    assert isinstance(docstring.value.value, str)
    assert [ast.unparse(one) for one in rest if not _is_contents(one)] == []


def test_nothing_is_left_for_later():
    read = [*files("src", "*.py"), *files("src", "*.sql"), *files("docs", "*.md"), *ROOT.glob("*.md")]
    left = [
        f"{name(path)}:{number}"
        for path in read
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if FOR_LATER.search(line)
    ]
    assert left == []


def test_a_function_is_not_called_by_a_lone_participle():
    """What was asked, known or told, and by whom? A name says what a thing is, or what the function does."""
    assert [one for path in files("src", "*.py") for one in _lone_participles(path)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def told(): ...", ["told"]),
        ("class Reader:\n    async def _named(self): ...", ["_named"]),
        ("def told_subscription(): ...", []),
        ("def find_named(): ...", []),
        ("class Line:\n    @property\n    def found(self): ...", []),
    ],
)
def test_lone_participles_are_found(code: str, found: list[str], tmp_path: Path):
    path = tmp_path / "one.py"
    path.write_text(code)
    assert [one.rpartition(" ")[2] for one in _lone_participles(path)] == found


@pytest.mark.parametrize(("module", "engine"), [("sqlite3", "sqlite"), ("psycopg", "postgres")])
def test_a_database_is_imported_in_one_file(module: str, engine: str):
    importing = {name(path) for path in files("src", "*.py") if module in _imported(path)}
    assert importing == {f"src/rsvpd/store/{engine}/driver.py"}


def _lone_participles(path: Path) -> list[str]:
    return [
        f"{path}:{one.lineno} {one.name}"
        for one in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        and LONE_PARTICIPLES.fullmatch(one.name)
        and not any(isinstance(each, ast.Name) and each.id == "property" for each in one.decorator_list)
    ]


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for one in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(one, ast.ImportFrom) and one.module:
            found.add(one.module.partition(".")[0])
        elif isinstance(one, ast.Import):
            found.update(each.name.partition(".")[0] for each in one.names)
    return found


def _is_contents(one: ast.stmt) -> bool:
    match one:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name("__all__" | "__version__")]):
            return True
    return False
