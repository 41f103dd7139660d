"""The command line of both commands: one sentence for what is wrong, and a guess at what was meant.

Everything here is derived from the parsers themselves, so that a new command or option is known at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

from rsvpd.spelling import did_you_mean

_HELP_COLUMN = 28
_FEW = 12


class UsageError(Exception):
    """The command cannot be carried out as it was given. The text is for the person at the terminal."""


class HelpWanted(UsageError):
    """Nothing was said where a command is needed; the text is the help."""


def pair(text: str) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`. Raises UsageError."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"'{text[:40]}' is not NAME=VALUE")
    return name, value


Elsewhere = Callable[[], Iterable[str]]


class Parser(argparse.ArgumentParser):
    """Raises what is wrong instead of printing it, and shows examples as they were written.

    `other` is the name of the other command and a function that returns its commands, so that who mistook one
    for the other is told.
    """

    other: tuple[str, Elsewhere] | None = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=partial(_Help, max_help_position=_HELP_COLUMN), allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        end = "" if message.endswith("?") else "."
        raise UsageError(f"{message[:1].upper()}{message[1:]}{end} See: `{self.prog} --help`")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; of what is left over the innermost command tells, for it knows its own options."""
        words = sys.argv[1:] if args is None else list(args)
        if any(action.required for action in self.groups()):
            if not words:
                raise HelpWanted(self.format_help().rstrip())
            if words[0] == "help":
                words = [*words[1:], "--help"]
            if words[0].startswith("-") and words[0] not in self._option_string_actions:
                self.error(self._too_early_text(words[0].partition("=")[0]))
        found, left = super().parse_known_args(words, namespace)
        if left:
            self.error(self._leftover_text(left))
        return found, left

    def groups(self) -> Iterator[argparse._SubParsersAction[Any]]:
        """Yield what holds the commands below this one."""
        yield from (one for one in self._actions if isinstance(one, argparse._SubParsersAction))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            self.error(self._unknown_command_text(str(value), action.choices))
        if action.choices is not None and value not in action.choices:
            self.error(_unknown_choice_text(action, str(value)))

    def _unknown_command_text(self, word: str, known: Iterable[str]) -> str:
        name, commands = self.other or ("", tuple)
        if word in commands():
            return f"'{word}' is a command of {name}: {name} {word}"
        return f"there is no command '{word}'" + did_you_mean(word, known)

    def _too_early_text(self, option: str) -> str:
        options = [known for action in self._actions for known in action.option_strings]
        guess = did_you_mean(option, options)
        return f"there is no option '{option}' before the command{guess or '; options stand after it'}"

    def _leftover_text(self, left: Sequence[str]) -> str:
        word = left[0]
        if not word.startswith("-"):
            return f"nothing more was expected, and '{word}' came"
        options = [option for action in self._actions for option in action.option_strings]
        return f"there is no option '{word}'" + did_you_mean(word.partition("=")[0], options)


def _unknown_choice_text(action: argparse.Action, word: str) -> str:
    name = "/".join(action.option_strings) or str(action.metavar or action.dest)
    known = list(map(str, action.choices or ()))
    listed = f"; there are {', '.join(known)}" if len(known) <= _FEW else ""
    return f"{name} cannot be '{word}'{did_you_mean(word, known) or listed}"


class _Help(argparse.RawDescriptionHelpFormatter):
    """Leaves room for the names of commands, which stand further in than the options argparse counts."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        names = action.choices if isinstance(action, argparse._SubParsersAction) else ()
        longest = max(map(len, names), default=0) + self._current_indent + self._indent_increment
        self._action_max_length = max(self._action_max_length, longest)
