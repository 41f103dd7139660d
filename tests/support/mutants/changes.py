"""The small changes of a module, each as a reader would make it: one place, one other word."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CALLED = {"max": "min", "min": "max", "any": "all", "all": "any"}
_DROPPED = (ast.AugAssign, ast.Raise, ast.Continue, ast.Delete)
_WORDS = re.compile(r"\w++|\W")
_SHORT = 70  # letters that are said whole
_AROUND = 9  # words around what differs
_BOUND = 10  # from here on numbers are bounds and units: one more makes no other rule
_GENERIC = ("Callable", "Iterator", "Mapping", "Sequence", "dict", "frozenset", "list", "tuple")  # of an alias
_FEWEST_ITEMS = 2  # of a tuple or a table of which one is left out


class Mutant(Struct, frozen=True):
    """One change: where, what stood there, what stands there now, and the whole module with it.

    `function` is the qualified name of the outermost function around it and `begins` its line; "" and 0 outside of
    functions, where it is carried out when the module is imported. `last` is the last line of the statement.
    `change` says it in words of the code, and stays the same wherever in the file the code stands.
    """

    path: Path
    line: int
    last: int
    function: str
    begins: int
    change: str
    source: str


def mutants(path: Path) -> list[Mutant]:
    """Return every change of a module, in the order of its lines."""
    source = path.read_text("utf-8")
    return sorted(_Reader(path, source).mutants(), key=lambda one: (one.line, one.change))


class _Place(Struct, frozen=True):
    """Where the reader is."""

    function: str = ""
    begins: int = 0
    line: int = 0
    last: int = 0
    qualifier: str = ""


class _Reader:
    def __init__(self, path: Path, source: str) -> None:
        self.path, self.source = path, source
        self.bytes = source.encode()
        self.starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def mutants(self) -> Iterator[Mutant]:
        seen: set[str] = set()
        for place, node, now in self._statements(ast.parse(self.source).body, _Place()):
            made = self._made(place, node, now)
            if made is not None and made.source not in seen:
                seen.add(made.source)
                yield made

    def _statements(self, body: list[ast.stmt], place: _Place) -> Iterator[tuple[_Place, ast.AST, str]]:
        for statement in body:
            if isinstance(statement, ast.Import | ast.ImportFrom) or _is_words(statement) or _is_for_types(statement):
                continue
            yield from self._statement(statement, place)

    def _statement(self, statement: ast.stmt, place: _Place) -> Iterator[tuple[_Place, ast.AST, str]]:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
            for default in defaults:
                here = _at(place, default)
                yield from ((here, node, now) for node, now in _expressions(default))
            yield from self._statements(statement.body, _within(place, statement))
            return
        if isinstance(statement, ast.ClassDef):
            inner = _Place(qualifier=f"{place.qualifier}{statement.name}.") if not place.function else place
            # Numbers of an enumeration are names; those that are stored are held by tests/store/recordings.
            is_enumeration = any(ast.unparse(one).endswith("Enum") for one in statement.bases)
            kept = [one for one in statement.body if not (is_enumeration and isinstance(one, ast.Assign))]
            yield from self._statements(kept, inner)
            return
        bodies = [getattr(statement, name) for name in ("body", "orelse", "finalbody") if hasattr(statement, name)]
        bodies += [one.body for one in getattr(statement, "handlers", ())]
        bodies += [one.body for one in getattr(statement, "cases", ())]
        here = _at(place, statement)
        yield from ((here, node, now) for node, now in _of_statement(statement, is_table=not place.function))
        for body in bodies:
            yield from self._statements(body, place)

    def _made(self, place: _Place, node: ast.AST, now: str) -> Mutant | None:
        begin, end = (self._offset(node, edge) for edge in ("", "end_"))
        whole = now if isinstance(node, ast.stmt | ast.Constant) else f"({now})"
        changed = (self.bytes[:begin] + whole.encode() + self.bytes[end:]).decode()
        try:
            compile(changed, str(self.path), "exec")
        except SyntaxError:
            return None
        return Mutant(
            path=self.path, line=place.line, last=place.last, function=place.function, begins=place.begins,
            change=_difference(ast.unparse(node), now), source=changed,
        )  # fmt: skip

    def _offset(self, node: ast.AST, edge: str) -> int:
        line, column = getattr(node, f"{edge}lineno"), getattr(node, f"{edge}col_offset")
        return self.starts[int(line) - 1] + int(column)


def _at(place: _Place, node: ast.stmt | ast.expr) -> _Place:
    """Return the place of a statement: of one with a body, its head."""
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
    return _Place(place.function, place.begins, node.lineno, max(node.lineno, last), place.qualifier)


def _within(place: _Place, function: ast.FunctionDef | ast.AsyncFunctionDef) -> _Place:
    """Return the place of a function's body; what stands in an inner function belongs to the outermost."""
    if place.function:
        return place
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return _Place(function=f"{place.qualifier}{function.name}", begins=first)


def _is_words(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_for_types(statement: ast.stmt) -> bool:
    """Return whether it is there for who checks types: `if TYPE_CHECKING`, an alias, `__all__`."""
    if isinstance(statement, ast.If):
        return "TYPE_CHECKING" in ast.unparse(statement.test)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        called = ast.unparse(statement.value).partition("(")[0] if isinstance(statement.value, ast.Call) else ""
        generic = ast.unparse(statement.value).partition("[")[0] if isinstance(statement.value, ast.Subscript) else ""
        is_alias = called in ("TypeVar", "ParamSpec", "NewType") or generic in _GENERIC or _is_union(statement.value)
        return is_alias or statement.targets[0].id == "__all__"
    return False


def _is_union(value: ast.expr) -> bool:
    """Return whether it is one of several classes."""
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.BitOr) and _is_union(value.left) and _is_union(value.right)
    return isinstance(value, ast.Name) and re.fullmatch(r"[A-Z]\w*[a-z]\w*", value.id) is not None


def _of_statement(statement: ast.stmt, *, is_table: bool) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(statement, _DROPPED) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        yield statement, "pass"
    if isinstance(statement, ast.Return) and statement.value is not None:
        yield from _returned(statement)
    if isinstance(statement, ast.If):
        yield from ((statement.test, word) for word in ("True", "False"))
    for name, value in ast.iter_fields(statement):
        if name in ("body", "orelse", "finalbody", "handlers", "cases", "annotation", "target", "targets"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                yield from _expressions(node, is_table=is_table)


def _returned(statement: ast.Return) -> Iterator[tuple[ast.AST, str]]:
    if not isinstance(statement.value, ast.Constant):
        yield statement, "return None"
    if isinstance(statement.value, ast.Call) and statement.value.args:
        first = statement.value.args[0]
        if isinstance(first, ast.Name):
            yield statement, f"return {first.id}"


def _expressions(top: ast.AST, *, is_table: bool = False) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(top):
        for variant in _VARIANTS.get(type(node), _none)(node):
            yield node, variant
        if isinstance(node, ast.comprehension):
            yield from ((test, "True") for test in node.ifs)
        if is_table or isinstance(node, ast.Compare):
            yield from _shorter(node if is_table else node.comparators[-1])


def _none(node: ast.AST) -> Iterator[str]:
    yield from ()


def _compare(node: ast.Compare) -> Iterator[str]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARED[type(operator)]:
            yield _changed(node, lambda one, place=place, other=other: one.ops.__setitem__(place, other()))


def _bool(node: ast.BoolOp) -> Iterator[str]:
    other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
    yield _changed(node, lambda one: setattr(one, "op", other))
    if len(node.values) > _FEWEST_ITEMS:
        for place in range(len(node.values)):
            yield _changed(node, lambda one, place=place: one.values.pop(place))
    else:
        yield from (ast.unparse(one) for one in node.values)


def _unary(node: ast.UnaryOp) -> Iterator[str]:
    if isinstance(node.op, ast.Not) or (isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant)):
        yield ast.unparse(node.operand)


def _binary(node: ast.BinOp) -> Iterator[str]:
    other = _CALCULATED.get(type(node.op))
    if other is not None:
        yield _changed(node, lambda one: setattr(one, "op", other()))
    if isinstance(node.op, ast.BitOr | ast.Add):
        yield ast.unparse(node.left)


def _constant(node: ast.Constant) -> Iterator[str]:
    if isinstance(node.value, bool):
        yield str(not node.value)
    elif isinstance(node.value, int) and node.value < _BOUND:
        yield str(node.value + 1)


def _choice(node: ast.IfExp) -> Iterator[str]:
    yield from (ast.unparse(one) for one in (node.body, node.orelse))


def _call(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _CALLED and isinstance(node.func, ast.Name):
        yield _changed(node, lambda one: setattr(one, "func", ast.Name(_CALLED[name])))
    if name == "replace" or name[:1].isupper():  # where a member that is not named keeps its value, or its default
        for place in range(len(node.keywords)):
            yield _changed(node, lambda one, place=place: one.keywords.pop(place))


def _shorter(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield a table without each of its items."""
    if isinstance(node, ast.Dict) and len(node.keys) >= _FEWEST_ITEMS:
        for place in range(len(node.keys)):
            yield node, _changed(node, lambda one, place=place: (one.keys.pop(place), one.values.pop(place)))
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) >= _FEWEST_ITEMS:
        for place in range(len(node.elts)):
            yield node, _changed(node, lambda one, place=place: one.elts.pop(place))


def _changed(node: ast.AST, change: Callable[[ast.AST], object]) -> str:
    other = copy.deepcopy(node)
    change(other)
    return ast.unparse(other)


def _difference(was: str, now: str) -> str:
    """Return both in one line; of what is long, what differs and some words around it."""
    before, after = (_WORDS.findall(" ".join(text.split())) for text in (was, now))
    least = min(len(before), len(after))
    head = next((place for place in range(least) if before[place] != after[place]), least)
    tail = next((place for place in range(least - head) if before[~place] != after[~place]), least - head)
    return "  ->  ".join(_part(words, head, len(words) - tail) for words in (before, after))


def _part(words: list[str], begin: int, end: int) -> str:
    if sum(map(len, words)) <= _SHORT:
        return "".join(words)
    first, last = max(0, begin - _AROUND), min(len(words), end + _AROUND)
    return ("..." if first else "") + "".join(words[first:last]).strip() + ("..." if last < len(words) else "")


_VARIANTS: dict[type[ast.AST], Callable[..., Iterator[str]]] = {
    ast.Compare: _compare,
    ast.BoolOp: _bool,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Constant: _constant,
    ast.IfExp: _choice,
    ast.Call: _call,
}
