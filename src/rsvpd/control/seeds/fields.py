"""The members of one thing in a seed: each is asked for by its name and read as what it has to be.

What is wrong is an InvalidProperty that names the line. A member that nobody knows is one, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rsvpd.clock import Instant
from rsvpd.control.seeds.dates import Base, Moment, read_instant, read_moment, read_step
from rsvpd.control.seeds.nodes import Items, Members, Node, Text, quote, wrong
from rsvpd.errors import DomainError, InvalidProperty
from rsvpd.mail.address import fold, local_part, parse_address, short_names
from rsvpd.spelling import did_you_mean

T = TypeVar("T")

_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_MICROSECONDS = 1_000_000
_NAMED = 8
_MOST_FAULTS = 10


@contextmanager
def at_line(line: int) -> Iterator[None]:
    """Let what is raised inside name the line, unless it does."""
    try:
        yield
    except DomainError as fault:
        if fault.message.startswith("line "):
            raise
        raise wrong(line, fault.message or "this cannot be") from None


class Faults:
    """What is wrong, so that more than the first is told; never all, since finding what was meant takes long."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep what is raised inside, and go on."""
        try:
            yield
        except DomainError as fault:
            self._found.append(fault.message)
        if len(self._found) >= _MOST_FAULTS:
            self.check()

    def check(self) -> None:
        """Raise InvalidProperty with the first that was found, and where others are."""
        if not self._found:
            return
        first, *others = sorted(self._found, key=_line_of)
        places = [str(_line_of(one)) for one in others[:_NAMED]]
        more = f" (and {len(others)} more: line {', '.join(places)})" if others else ""
        raise InvalidProperty(first + more)


def _line_of(message: str) -> int:
    number = message.removeprefix("line ").partition(":")[0]
    return int(number) if number.isdecimal() else 0


class Directory:
    """Who can be named: by the whole address, or by what stands before its @ where only one has that."""

    def __init__(self) -> None:
        self.zones: dict[str, str] = {}  # by address, as it is written there
        self.names: dict[str, str] = {}
        self.rooms: set[str] = set()  # folded
        self._by_fold: dict[str, str] = {}
        self._by_local: dict[str, list[str]] = {}
        self._domains: set[str] = set()

    def add(self, address: str, name: str, zone: str, *, is_room: bool) -> None:
        """Let somebody be known."""
        self.zones[address] = zone
        self.names[address] = name
        if fold(address) not in self._by_fold:  # who has a mailbox already may stand in the seed by mistake
            self._by_local.setdefault(local_part(address), []).append(address)
        self._by_fold[fold(address)] = address
        self._domains.add(fold(address).rpartition("@")[2])
        if is_room:
            self.rooms.add(fold(address))

    def one(self, text: Text) -> str:
        """Return the address of somebody who has a mailbox. Raises InvalidProperty."""
        found = self._find(text)
        if found is None:
            raise wrong(text.line, f"nobody here is called {quote(text.value)}{self._near(text.value)}")
        return found

    def anybody(self, text: Text) -> str:
        """Return the address of somebody here, or of somebody outside."""
        found = self._find(text)
        if found is not None:
            return found
        if "@" not in text.value:
            raise wrong(text.line, f"nobody here is called {quote(text.value)}{self._near(text.value)}")
        with at_line(text.line):
            address = parse_address(text.value)
        if fold(address).rpartition("@")[2] in self._domains:
            raise wrong(
                text.line,
                f"{address} has no mailbox here{self._near(address)}; write it under 'people', or give people outside "
                "another domain",
            )
        return address

    def _find(self, text: Text) -> str | None:
        folded = fold(text.value)
        if folded in self._by_fold:
            return self._by_fold[folded]
        if "@" in folded:
            return None
        found = self._by_local.get(folded, [])
        if len(found) > 1:
            raise wrong(text.line, f"{quote(text.value)} could be {' or '.join(found[:4])}; write the whole address")
        return found[0] if found else None

    def _near(self, word: str) -> str:
        if "@" in word:
            return did_you_mean(word, self.zones)
        near = did_you_mean(word, short_names(self.zones).values())
        if near or not self.zones:
            return near or "; write somebody under 'people' first"
        return f"; here are {', '.join(list(self.zones)[:_NAMED])}"


class Fields:
    """The members of one thing. `known` are the names that it may have; `what` says what it is."""

    def __init__(self, node: Node, known: Collection[str], what: str) -> None:
        if not isinstance(node, Members):
            raise wrong(node.line, f"{what} has members; write NAME: VALUE, of {', '.join(known)}")
        for name, line in node.lines.items():
            if name not in known:
                near = did_you_mean(name, known) or f"; it has {', '.join(known)}"
                raise wrong(line, f"{what} has no {quote(name)}{near}")
        self.line = node.line
        self._what = what
        self._node = node

    def __contains__(self, name: str) -> bool:
        return self.node(name) is not None

    def node(self, name: str) -> Node | None:
        """Return what stands under a name; None where nothing does."""
        found = self._node.members.get(name)
        return None if isinstance(found, Text) and found.is_nothing else found

    def line_of(self, name: str) -> int:
        """Return in which line a member stands; of one that is not there, where the whole begins."""
        return self._node.lines.get(name, self.line)

    def text(self, name: str) -> Text | None:
        """Return a text, None where nothing stands. Raises InvalidProperty for a list or members."""
        node = self.node(name)
        if node is None or isinstance(node, Text):
            return node
        raise wrong(node.line, f"{name} is one text")

    def required_text(self, name: str, example: str) -> Text:
        """Return a text that has to be there."""
        found = self.text(name)
        if found is None or not found.value.strip():
            raise wrong(self.line, f"{self._what} has no {name}; write '{name}: {example}'")
        return found

    def word(self, name: str, words: Mapping[str, T]) -> T | None:
        """Return what one of some words means."""
        found = self.text(name)
        return None if found is None else word(found, name, words)

    def flag(self, name: str) -> bool | None:
        """Return yes or no."""
        return self.word(name, _YES_NO)

    def number(self, name: str, *, most: int) -> int | None:
        """Return a whole number from 0 to `most`."""
        found = self.text(name)
        if found is None:
            return None
        if not (found.value.isascii() and found.value.isdigit() and len(found.value) < 10 and int(found.value) <= most):
            raise wrong(found.line, f"{name} is a number from 0 to {most}, not {quote(found.value)}")
        return int(found.value)

    def texts(self, name: str) -> tuple[Text, ...]:
        """Return several texts: a list, or with commas between them."""
        node = self.node(name)
        if isinstance(node, Text):
            parts = [one.strip() for one in node.value.split(",")]
            return tuple(Text(one, node.line) for one in parts if one)
        return tuple(_plain(one, name) for one in self.items(name))

    def items(self, name: str) -> Sequence[Node]:
        """Return the things of a list, or the one that stands there without being one."""
        node = self.node(name)
        if node is None:
            return ()
        return node.items if isinstance(node, Items) else (node,)

    def moment(self, name: str, base: Base) -> Moment | None:
        """Return a date, a time, or a span of one day."""
        found = self.text(name)
        return None if found is None else self._read(found, lambda: read_moment(found.value, base))

    def instant(self, name: str, base: Base) -> Instant | None:
        """Return an instant; `+2h` counts from the base."""
        found = self.text(name)
        if found is None:
            return None
        step = read_step(found.value) if found.value[:1] in ("+", "-") else None
        if step is not None:
            return base.now + int(step.total_seconds()) * _MICROSECONDS
        return self._read(found, lambda: read_instant(found.value, base))

    def _read(self, found: Text, read: Callable[[], T]) -> T:
        with at_line(found.line):
            return read()


def word(text: Text, name: str, words: Mapping[str, T]) -> T:
    """Return what one of some words means. Raises InvalidProperty."""
    wanted = text.value.strip().casefold()
    for known, meant in words.items():
        if known.casefold() == wanted:
            return meant
    near = did_you_mean(wanted, words) or f"; it is {', '.join(words)}"
    raise wrong(text.line, f"{name} cannot be {quote(text.value)}{near}")


def _plain(node: Node, name: str) -> Text:
    if not isinstance(node, Text):
        raise wrong(node.line, f"{name} are texts, each in a line of its own after '- '")
    return node
