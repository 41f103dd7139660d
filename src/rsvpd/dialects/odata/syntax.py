"""The text of `$filter`, and nothing of what it is about (OData 4.01 URL conventions, 5.1.1).

Read are: `and or not`, `eq ne gt ge lt le in has`, parentheses, the functions of `FUNCTIONS`,
`any` and `all`, member paths with type casts, and literals: `'it''s'`, numbers, `true`,
`false`, `null`, dates and times, times of day, GUIDs (bare, or `guid'…'` as in OData 3), `Some.Type'Word'`.
Arithmetic, durations and every other function are refused. Words of the language count in any case.

Rule: any text is either read or raises InvalidQuery.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from rsvpd.clock import Instant, parse_instant
from rsvpd.errors import InvalidQuery
from rsvpd.query.algebra import Op

TARGET = "$filter"
MOST_LETTERS = 8192
MOST_DEPTH = 50
_MOST_DIGITS = 25

# Functions, by how many arguments they may take.
FUNCTIONS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("contains", "startswith", "endswith", "concat", "indexof"), (2,)),
    **dict.fromkeys(("tolower", "toupper", "trim", "length"), (1,)),
    **dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "fractionalseconds", "date", "time"), (1,)),
    "substring": (2, 3),
    "cast": (2,),
}
# What tells types apart: the services refuse it of mail and calendars (microsoft-graph-docs#6842), but of the values of
# extended properties, inside a lambda.
_OF_TYPES = ("isof", "cast")
OF_TYPES = "$filter by type"


class Text(Struct, frozen=True):
    """`'…'`"""

    value: str


class Number(Struct, frozen=True):
    """A number, whole where it is written so."""

    value: int | float


class Truth(Struct, frozen=True):
    """`true` or `false`."""

    value: bool


class Null(Struct, frozen=True):
    """`null`"""


class Moment(Struct, frozen=True):
    """A date, or a date and time; without an offset it means UTC."""

    instant: Instant


class Clock(Struct, frozen=True):
    """A time of day, in microseconds."""

    microseconds: int


class Guid(Struct, frozen=True):
    """A GUID, as it is written."""

    value: str


class Word(Struct, frozen=True):
    """A word of an enumeration with its type before it: `microsoft.graph.importance'high'`."""

    type: str
    name: str


Literal = Text | Number | Truth | Null | Moment | Clock | Guid | Word


class Path(Struct, frozen=True):
    """A member path. A step with a dot in it is a type cast."""

    steps: tuple[str, ...]


class Call(Struct, frozen=True):
    """A function and its arguments; the name in lower case."""

    name: str
    arguments: tuple[Expr, ...]


class Compare(Struct, frozen=True):
    """Two sides compared."""

    op: Op
    left: Expr
    right: Expr


class OneOf(Struct, frozen=True):
    """`operand in (…)`"""

    operand: Expr
    values: tuple[Literal, ...]


class Includes(Struct, frozen=True):
    """`operand has value`"""

    operand: Expr
    value: Literal


class Quantifier(enum.Enum):
    """How many of a collection a test must hold for."""

    ANY = "any"
    ALL = "all"


class Lambda(Struct, frozen=True):
    """`path/any(variable:body)`; `any()` has neither variable nor body."""

    quantifier: Quantifier
    path: Path
    variable: str = ""
    body: Expr | None = None


class Every(Struct, frozen=True):
    """`… and …`"""

    parts: tuple[Expr, ...]


class Some(Struct, frozen=True):
    """`… or …`"""

    parts: tuple[Expr, ...]


class Negated(Struct, frozen=True):
    """`not …`"""

    part: Expr


Expr = Literal | Path | Call | Compare | OneOf | Includes | Lambda | Every | Some | Negated

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:[Zz]|[+-]\d\d:\d\d)?"
_MOMENT = re.compile(rf"{_DATE}(?:{_TIME})?", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,12}))?)?", re.ASCII)
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN = re.compile(
    rf"""
    (?P<blank>[ \t\r\n]++)
  | (?P<text>'(?:[^']|'')*+')
  | (?P<guid>{_GUID.pattern}(?![\w.]))
  | (?P<moment>(?a:{_DATE}(?:{_TIME})?)(?![\w.]))
  | (?P<clock>(?a:\d\d:\d\d(?::\d\d(?:\.\d{{1,12}})?)?)(?![\w.]))
  | (?P<number>(?a:-?\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)(?![\w.]))
  | (?P<word>[^\W\d][\w]*+(?:\.[^\W\d][\w]*+)*+)
  | (?P<sign>[(),:/])
    """,
    re.VERBOSE,
)
_OPS = {op.value: op for op in Op}
_CONSTANTS: dict[str, Literal] = {"true": Truth(True), "false": Truth(False), "null": Null()}
_NOT_READ = ("add", "sub", "mul", "div", "divby", "mod")


class Token(Struct, frozen=True):
    """A piece of the text: `kind` is a group of the pattern above, or `end`."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Expr:
    """Return the expression `text` writes. Raises InvalidQuery."""
    if len(text) > MOST_LETTERS:
        raise InvalidQuery(f"A filter has at most {MOST_LETTERS} letters.", target=TARGET)
    return _Parser(list(_tokens(text))).parse()


def read_moment(text: str) -> Instant:
    """Return the instant of a date or a date and time; without an offset it means UTC. Raises ValueError."""
    bare = text.strip()
    if not _MOMENT.fullmatch(bare):
        raise ValueError(f"'{bare[:80]}' is not a date or time")
    return parse_instant(bare.upper())


def read_clock(text: str) -> int:
    """Return the microseconds of a time of day. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text[:80]}' is not a time of day")
    hour, minute, second, fraction = found.groups("0")
    return ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _fault(Token("", text[at], at))
        if found.lastgroup != "blank":
            yield Token(found.lastgroup, found.group(), at)
        at = found.end()
    yield Token("end", "", at)


def _fault(token: Token) -> InvalidQuery:
    found = f"'{token.text[:80]}'" if token.kind != "end" else "its end"
    return InvalidQuery(f"The filter cannot be read at position {token.at + 1}, at {found}.", target=TARGET)


def _number(token: Token) -> Number:
    if len(token.text) > _MOST_DIGITS:
        raise _fault(token)
    return Number(int(token.text) if token.text.removeprefix("-").isdigit() else float(token.text))


def _moment(token: Token) -> Moment:
    try:
        return Moment(read_moment(token.text))
    except ValueError:
        raise _fault(token) from None


def _clock(token: Token) -> Clock:
    try:
        return Clock(read_clock(token.text))
    except ValueError:
        raise _fault(token) from None


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'")


class _Parser:
    """Recursive descent; each method reads what its name says and leaves the rest."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._is_in_lambda = False

    def parse(self) -> Expr:
        found = self._or()
        if self._peek().kind != "end":
            raise self._refusal()
        return found

    # The tokens.

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _is_at(self, sign: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind == "sign" and token.text == sign

    def _takes(self, sign: str) -> bool:
        if self._is_at(sign):
            self._next += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise _fault(self._peek())

    def _word(self) -> str:
        """Return the word that comes next, in lower case, or nothing where something else does."""
        token = self._peek()
        return token.text.lower() if token.kind == "word" else ""

    def _takes_word(self, word: str) -> bool:
        if self._word() == word:
            self._next += 1
            return True
        return False

    def _refusal(self) -> InvalidQuery:
        token = self._peek()
        if self._word() in _NOT_READ:
            return InvalidQuery(f"The operator '{token.text}' is not supported.", target=TARGET)
        return _fault(token)

    # The grammar.

    def _or(self) -> Expr:
        return self._chain("or", self._and, Some)

    def _and(self) -> Expr:
        return self._chain("and", self._not, Every)

    def _chain(self, word: str, part: Callable[[], Expr], whole: Callable[[tuple[Expr, ...]], Expr]) -> Expr:
        parts = [part()]
        while self._takes_word(word):
            parts.append(part())
        return whole(tuple(parts)) if len(parts) > 1 else parts[0]

    def _not(self) -> Expr:
        # `not a eq b` strictly is `(not a) eq b`, which is true exactly when `not (a eq b)` is.
        if self._takes_word("not"):
            return Negated(self._deeper(self._not))
        return self._comparison()

    def _comparison(self) -> Expr:
        left = self._operand()
        if self._takes_word("in"):
            return OneOf(left, self._list())
        if self._takes_word("has"):
            return Includes(left, self._literal())
        op = _OPS.get(self._word())
        if op is None:
            return left
        self._next += 1
        return Compare(op, left, self._operand())

    def _list(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._literal()]
        while self._takes(","):
            values.append(self._literal())
        self._expect(")")
        return tuple(values)

    def _operand(self) -> Expr:
        if self._takes("("):
            inside = self._deeper(self._or)
            self._expect(")")
            return inside
        if self._peek().kind != "word" or self._peek(1).kind == "text" or self._word() in _CONSTANTS:
            return self._literal()
        return self._call() if self._is_at("(", 1) else self._path()

    def _literal(self) -> Literal:
        token = self._take()
        match token.kind:
            case "text":
                return Text(_unquote(token.text))
            case "moment":
                return _moment(token)
            case "clock":
                return _clock(token)
            case "guid":
                return Guid(token.text)
            case "number":
                return _number(token)
            case "word" if self._peek().kind == "text":
                return self._typed_literal(token)
            case "word" if token.text.lower() in _CONSTANTS:
                return _CONSTANTS[token.text.lower()]
        raise _fault(token)

    def _typed_literal(self, type_: Token) -> Word | Guid:
        value = self._take()
        name = type_.text.lower()
        if value.at != type_.at + len(type_.text) or name in ("duration", "binary"):
            raise _fault(type_)
        if name != "guid":
            return Word(type_.text, _unquote(value.text))
        if not _GUID.fullmatch(_unquote(value.text)):
            raise _fault(value)
        return Guid(_unquote(value.text))

    def _call(self) -> Call:
        token = self._take()
        name = token.text.lower()
        if name in _OF_TYPES and not (name == "cast" and self._is_in_lambda):
            raise InvalidQuery("The query filter contains one or more invalid nodes.", target=OF_TYPES)
        if name not in FUNCTIONS:
            raise InvalidQuery(f"The function '{token.text[:80]}' is not supported.", target=TARGET)
        self._expect("(")
        arguments = [self._deeper(self._operand)]
        while self._takes(","):
            arguments.append(self._deeper(self._operand))
        self._expect(")")
        if len(arguments) not in FUNCTIONS[name]:
            most = " or ".join(map(str, FUNCTIONS[name]))
            raise InvalidQuery(f"The function '{name}' takes {most} arguments.", target=TARGET)
        return Call(name, tuple(arguments))

    def _path(self) -> Path | Lambda:
        steps = [self._step()]
        while self._takes("/"):
            if self._word() in ("any", "all") and self._is_at("(", 1):
                return self._lambda(Path(tuple(steps)))
            steps.append(self._step())
        return Path(tuple(steps))

    def _step(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise _fault(token)
        return token.text

    def _lambda(self, path: Path) -> Lambda:
        quantifier = Quantifier(self._take().text.lower())
        self._expect("(")
        if quantifier is Quantifier.ANY and self._takes(")"):
            return Lambda(quantifier, path)
        variable = self._step()
        self._expect(":")
        outside, self._is_in_lambda = self._is_in_lambda, True
        body = self._deeper(self._or)
        self._is_in_lambda = outside
        self._expect(")")
        return Lambda(quantifier, path, variable, body)

    def _deeper(self, read: Callable[[], Expr]) -> Expr:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise InvalidQuery(f"A filter is at most {MOST_DEPTH} levels deep.", target=TARGET)
        found = read()
        self._depth -= 1
        return found
