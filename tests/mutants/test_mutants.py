"""What `make mutants` changes, how it plays tests against a change, and that its list of explanations is true."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from msgspec import structs

from support.mutants.anew import SOURCE
from support.mutants.changes import Mutant, mutants
from support.mutants.explained import Explanation, explanations
from support.mutants.reach import passes

EXPLAINED = explanations(Path(__file__).with_name("explained.toml"))
of_module = cache(mutants)


def changes(folder: Path, source: str) -> list[str]:
    path = folder / "module.py"
    path.write_text(source, "utf-8")
    return [one.change for one in mutants(path)]


def body(line: str) -> str:
    return f"def function(a, b, c):\n    {line}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (body("x = a < b"), ["a < b  ->  a <= b", "a < b  ->  a >= b"]),
        (body("x = a in b"), ["a in b  ->  a not in b"]),
        (body("x = a in (b, c)"), ["(b, c)  ->  (b,)", "(b, c)  ->  (c,)", "a in (b, c)  ->  a not in (b, c)"]),
        (body("x = a or b"), ["a or b  ->  a", "a or b  ->  a and b", "a or b  ->  b"]),
        (body("x = not a"), ["not a  ->  a"]),
        (body("x = a - 1"), ["1  ->  2", "a - 1  ->  a + 1"]),
        (body("x = a - 60"), ["a - 60  ->  a + 60"]),
        (body("x = max(a, True)"), ["True  ->  False", "max(a, True)  ->  min(a, True)"]),
        (body("x = a if b else c"), ["a if b else c  ->  a", "a if b else c  ->  c"]),
        (body("x = [d for d in a if d]"), ["d  ->  True"]),
        (body("if a:\n        x = b"), ["a  ->  False", "a  ->  True"]),
        (body("a(b)"), ["a(b)  ->  pass"]),
        (body("raise a"), ["raise a  ->  pass"]),
        (body("return a"), ["return a  ->  return None"]),
        (body("return b(a)"), ["return b(a)  ->  return None", "return b(a)  ->  return a"]),
        (
            body("x = replace(a, b=b, c=c)"),
            ["replace(a, b=b, c=c)  ->  replace(a, b=b)", "replace(a, b=b, c=c)  ->  replace(a, c=c)"],
        ),
        ("A = {1: b, c: d}", ["1  ->  2", "{1: b, c: d}  ->  {1: b}", "{1: b, c: d}  ->  {c: d}"]),
        ("class A:\n    a: bool = False", ["False  ->  True"]),
        ("def function(a: int | None = 3): ...", ["3  ->  4"]),
        ('"""Words."""\nimport a\nif TYPE_CHECKING:\n    import b\nT = TypeVar("T", covariant=True)', []),
        ("A = Mapping[str, Mapping[str, int]]", []),
        ("A = One | Two | Three", []),
        ("A = ONE | TWO", ["ONE | TWO  ->  ONE", "ONE | TWO  ->  ONE & TWO"]),
    ],
)
def test_what_is_changed(tmp_path: Path, source: str, expected: list[str]) -> None:
    assert changes(tmp_path, source) == expected


def test_each_change_is_made_in_its_place_alone(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    source = 'class Ä:\n    def é(self):\n        ü = "größer" if self.a < 1 else 2  # größer\n        return ü\n'
    path.write_text(source, "utf-8")
    one = next(one for one in mutants(path) if one.change == "self.a < 1  ->  self.a <= 1")
    assert one.source == source.replace("self.a < 1", "(self.a <= 1)")
    assert (one.function, one.begins, one.line) == ("Ä.é", 2, 3)


def test_of_what_is_long_the_difference_is_said(tmp_path: Path) -> None:
    members = ", ".join(f"member{n}=value{n}" for n in range(9))
    found = changes(tmp_path, body(f"x = replace(a, {members})"))
    assert (
        "...=value3, member4=value4, member5=value5, member6=value6, member7=value7,...  ->  "
        "...=value3, member4=value4, member6=value6, member7=value7,..."
    ) in found


@pytest.mark.parametrize("one", EXPLAINED, ids=lambda one: one.change)
def test_what_is_explained_stands_in_the_code(one: Explanation) -> None:
    assert one.because
    assert any(one.fits(mutant) for mutant in of_module(SOURCE / "rsvpd" / one.file))


def test_an_explanation_fits_one_change() -> None:
    mutant = Mutant(
        path=SOURCE / "rsvpd/calendar/rule.py", line=7, last=7, function="A.f", begins=6, change="1  ->  2", source=""
    )
    fitting = Explanation(file="calendar/rule.py", function="A.f", change="1 -> 2", because="it is so")
    assert fitting.fits(mutant)
    for other in ({"file": "calendar/event.py"}, {"function": "f"}, {"change": "1 -> 3"}):
        assert not structs.replace(fitting, **other).fits(mutant)


def test_what_no_test_reaches_is_noticed_by_none() -> None:
    assert passes([])
