"""YAML, and JSON as a part of it, read into texts, lists and members that know their line.

Rule 1: each scalar is the text that was written. What it means is decided by who asks for it, so that `no`, `09:30` and
        `2026-12-07` are never something else (YAML 1.1 would read false, 570 and a date).
Rule 2: nothing stands for something else: tags and aliases are refused, and so a small file cannot mean a large one.
Rule 3: memory follows from the size of the text, which is bounded; so is how deep it may be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import yaml
from msgspec import Struct

from rsvpd.errors import InvalidProperty

MOST_BYTES = 4 * 2**20
_MOST_LEVELS = 12
_SHOWN = 60
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = ("", "~", "null", "Null", "NULL")
# An escape of JSON: a character in two halves, a half one, or another.
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.S
)


class Text(Struct, frozen=True):
    """What was written, and in which line (from 1). Without quotes it `is_plain`."""

    value: str
    line: int
    is_plain: bool = True

    @property
    def is_nothing(self) -> bool:
        """Return whether nothing stands there."""
        return self.is_plain and self.value in _NOTHING


class Items(Struct, frozen=True):
    """A list, and where it begins."""

    items: tuple[Node, ...]
    line: int


class Members(Struct, frozen=True):
    """Values by their names, and where they begin; of each name `lines` says the line."""

    members: Mapping[str, Node]
    lines: Mapping[str, int]
    line: int


Node = Text | Items | Members


def wrong(line: int, text: str) -> InvalidProperty:
    """Return the error that names a line and says what is wrong there."""
    return InvalidProperty(f"line {line}: {text}")


def quote(text: str) -> str:
    """Return how a text of the file is shown in an error."""
    flat = " ".join(text.split())
    return f"'{flat[:_SHOWN]}{'…' if len(flat) > _SHOWN else ''}'"


def parse(text: str) -> Node:
    """Return what stands in a text; an empty one has no members. Raises InvalidProperty, which names the line."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise InvalidProperty(f"A seed has at most {MOST_BYTES // 2**20} MiB; cut it in several files.")
    reader = _Reader()
    try:
        for event in yaml.parse(_as_yaml(text), Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise wrong(mark.line + 1 if mark else 1, f"this is no YAML: {_problem(fault, text)}") from None
    except yaml.YAMLError:
        raise InvalidProperty(
            "This is no text: YAML has no control characters. Save the file as UTF-8, and write them as \"\\x07\"."
        ) from None
    return Members({}, {}, 1) if reader.root is None else reader.root


def _as_yaml(text: str) -> str:
    """Return a text that is JSON as YAML has it: tabs stand only in strings there, and no half characters."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _ESCAPE.sub(_whole_escape, text.replace("\t", " "))


def _whole_escape(found: re.Match[str]) -> str:
    high, low, half = found.groups()
    if high:
        return bytes.fromhex(high + low).decode("utf-16-be")
    return "\ufffd" if half else found[0]


def _problem(fault: yaml.MarkedYAMLError, text: str) -> str:
    said, mark = fault.problem or "it ends too early", fault.problem_mark
    line = next(islice(text.splitlines(), mark.line, None), "") if mark else ""
    if mark and "\t" in line[: mark.column + 1]:
        return "a tab stands where blanks belong; write blanks"
    return f"{said}. A text with ': ' or '#' in it stands in quotes" if "mapping values" in said else said


class _Open:
    """A list or members that are not complete yet."""

    def __init__(self, line: int, *, is_list: bool) -> None:
        self.line = line
        self.is_list = is_list
        self.items: list[Node] = []
        self.members: dict[str, Node] = {}
        self.lines: dict[str, int] = {}
        self.key: Text | None = None

    def add(self, node: Node) -> None:
        if self.is_list:
            self.items.append(node)
        elif self.key is None:
            self._name(node)
        else:
            self.members[self.key.value] = node
            self.key = None

    def _name(self, node: Node) -> None:
        if not isinstance(node, Text):
            raise wrong(node.line, "a name of a member is a text; write NAME: VALUE")
        if node.value in self.lines:
            first = self.lines[node.value]
            raise wrong(node.line, f"{quote(node.value)} stands in line {first} already; put both into one")
        self.lines[node.value] = node.line
        self.key = node

    def close(self) -> Node:
        if self.is_list:
            return Items(tuple(self.items), self.line)
        return Members(self.members, self.lines, self.line)


class _Reader:
    """Puts together what the events of YAML say."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise wrong(line, "a second document begins; a seed is one, without a line '---' inside")
            case yaml.AliasEvent():
                raise wrong(line, f"*{event.anchor} stands for something else; write it out")
            case yaml.ScalarEvent():
                _check_tag(event.tag, line)
                self._add(Text(event.value, line, event.style in (None, "")))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                _check_tag(event.tag, line)
                if len(self._open) >= _MOST_LEVELS:
                    raise wrong(line, f"this is more than {_MOST_LEVELS} levels deep")
                self._open.append(_Open(line, is_list=isinstance(event, yaml.SequenceStartEvent)))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._add(self._open.pop().close())

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].add(node)
        else:
            self.root = node


def _check_tag(tag: str | None, line: int) -> None:
    if tag not in (None, "!"):
        raise wrong(line, f"the tag {quote(str(tag))} is not read; write the text alone")

