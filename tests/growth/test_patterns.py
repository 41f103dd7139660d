"""No regular expression of the source looks at a letter twice, whatever it is given."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import rsvpd
from support.patterns import faults

_SEARCHES = frozenset(("search", "finditer", "findall", "sub", "subn", "split", "scanner"))
_ONCE = frozenset(("match", "fullmatch"))
# Of which the rules cannot tell that they are quick.
_QUICK_BECAUSE = {
    "dialects.microsoft.tables.metadata.OWN_TYPE": "a try begins where a word begins",
    "dialects.odata.metadata._OWN_NAME": "a try begins where a word begins",
    "edge.request_log._MAILBOX": "a try begins where a run of such letters begins",
    "mail.markup._TOKEN": "a tag without an end is a token too, the last that anybody looks for",
}


def _modules() -> dict[str, ModuleType]:
    found = (one.name for one in pkgutil.walk_packages(rsvpd.__path__, "rsvpd."))
    return {name.removeprefix("rsvpd."): importlib.import_module(name) for name in found if "__main__" not in name}


MODULES = _modules()


@cache
def _trees() -> dict[str, ast.Module]:
    return {name: ast.parse(Path(one.__file__ or "").read_text("utf-8")) for name, one in MODULES.items()}


def _held(value: object) -> list[re.Pattern[str]]:
    several = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else (value,)
    return [one for one in several if isinstance(one, re.Pattern)]


def _uses(name: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield the patterns on which a module calls a method, each with the method."""
    known = vars(MODULES[name])
    for node in ast.walk(_trees()[name]):
        if isinstance(node, ast.Attribute) and node.attr in _SEARCHES | _ONCE:
            holder = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            if isinstance(holder, ast.Name):
                yield from ((pattern, node.attr) for pattern in _held(known.get(holder.id)))


PATTERNS = {
    f"{name}.{variable}" + (f"[{number}]" if number else ""): pattern
    for name, module in MODULES.items()
    for variable, value in vars(module).items()
    for number, pattern in enumerate(_held(value))
}


@cache
def _methods() -> dict[str, set[str]]:
    """Return for each pattern's text what is called on it."""
    found: dict[str, set[str]] = {}
    for name in MODULES:
        for pattern, method in _uses(name):
            found.setdefault(pattern.pattern, set()).add(method)
    return found


@pytest.mark.slow  # it reads the whole source; the rules themselves are tried below
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_looks_at_no_letter_twice(name: str):
    pattern = PATTERNS[name]
    methods = _methods().get(pattern.pattern, set())
    assert methods, f"{name}: nothing says how it is used"
    if name not in _QUICK_BECAUSE:
        assert faults(pattern, is_searched=bool(methods & _SEARCHES)) == []


@pytest.mark.slow
def test_every_pattern_stands_where_it_is_found():
    """Made once, on the level of its module, and never by `re.sub` and its like."""
    astray = []
    for name, tree in _trees().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        inside = {id(node) for outer in functions for node in ast.walk(outer)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "re":
                if node.attr in _SEARCHES | _ONCE or (node.attr == "compile" and id(node) in inside):
                    astray.append(f"{name}:{node.lineno}")
            elif isinstance(node, ast.ImportFrom) and node.module == "re":
                astray.append(f"{name}:{node.lineno}")
    assert astray == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"<[^>]*>",  # not possessive
        r"<[^>]*+>",  # each of many `<` would run to the end
        r"\s*+x",  # so would each of many blanks
        r"(?:a|\s*+)*+=",  # one within the other
        r'(?:"(?:[^"\\]|\\.)*+"|")++',  # a branch that fails is tried again from the next quote on
        r"/\*.*?\*/",
        r"(\w+\s?)*$",
    ],
)
def test_the_rules_find_what_is_slow(pattern: str):
    assert faults(re.compile(pattern), is_searched=True)


@pytest.mark.parametrize(
    "pattern", [r"[ \t]++", r"<[^<>]*+>", r"\bx{1,30}y", r"a++(?:b++c)?+", r'"[^"]*+(?:"|\Z)', r"[\w.\-]++"]
)
def test_the_rules_pass_what_is_quick(pattern: str):
    assert faults(re.compile(pattern), is_searched=True) == []


def test_what_was_slow_was_slow():
    """The patterns that stopped the server once, by the rules that keep them out."""
    old = [
        r"\s*([A-Za-z_]\w*)\s*=\s*([\w.]*'(?:[^']|'')*'|[^,'()=]+)\s*(?:,|\Z)",
        r"""([\w.\-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^",;]+))?[^,"]*(?:,|\Z)""",
        r"<(script|style|head)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)",
    ]
    assert all(faults(re.compile(pattern, re.S), is_searched=True) for pattern in old)
