"""Shell completion, made from the parser itself so that it cannot fall behind.

The scripts know the words that may follow each command: its options, the words options and positions may be.
Where anything may follow, the shell offers files.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

_NO_WORD = re.compile(r"\W")


class Command(Struct, frozen=True):
    """A command path like `("login", "graph")`, what it is for, and every word that may follow it."""

    path: tuple[str, ...]
    does: str
    words: tuple[str, ...]


def commands(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = (), does: str = ""
) -> Iterator[Command]:
    """Yield the command a parser stands for, and all below it."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    helps = {one.dest: one.help or "" for action in below for one in action._choices_actions}
    words = [word for action in parser._actions for word in _words(action)]
    yield Command(path, does, tuple(words))
    for action in below:
        for name, one in action.choices.items():
            yield from commands(one, (*path, name), helps.get(name, ""))


def _words(action: argparse.Action) -> Iterator[str]:
    yield from action.option_strings
    if action.choices and not action.option_strings:
        yield from map(str, action.choices)


def values(parser: argparse.ArgumentParser) -> dict[str, tuple[str, ...]]:
    """Return the words that may follow each option that takes a value; none where that can be anything."""
    found = dict[str, tuple[str, ...]]()
    for action in _every_action(parser):
        if action.option_strings and action.nargs != 0:
            words = tuple(map(str, action.choices or ()))
            for option in action.option_strings:
                found[option] = found.get(option) or words
    return found


def _every_action(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _every_action(one)


def bash(parser: argparse.ArgumentParser) -> str:
    """Return a script for bash."""
    found, name = list(commands(parser)), parser.prog
    function = "_" + _NO_WORD.sub("_", name)
    cases = "\n".join(f'    "{" ".join(one.path)}") words="{" ".join(one.words)}" ;;' for one in found)
    after = "\n".join(
        f'    {option}) words="{" ".join(words)}" ;;' for option, words in values(parser).items()
    )
    return f"""\
# bash completion for {name}
{function}() {{
  local here="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" path="" words="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "${{path:+$path }}$word" in
{_bash_paths(found)}
    esac
  done
  case "$path" in
{cases}
  esac
  case "$before" in
{after}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$here"))
}}
complete -o default -F {function} {name}"""


def _bash_paths(found: list[Command]) -> str:
    paths = "|".join(f'"{" ".join(one.path)}"' for one in found if one.path)
    return f'      {paths}) path="${{path:+$path }}$word" ;;'


def zsh(parser: argparse.ArgumentParser) -> str:
    """Return a script for zsh, which runs the one for bash."""
    return f"""\
#compdef {parser.prog}
autoload -U +X bashcompinit && bashcompinit
{bash(parser)}"""


def fish(parser: argparse.ArgumentParser) -> str:
    """Return a script for fish."""
    name = parser.prog
    lines = [f"# fish completion for {name}", f"complete -c {name} -f"]
    found = list(commands(parser))
    for one in found:
        below = [other for other in found if other.path[:-1] == one.path and other.path]
        lines += [_fish(name, one.path, below, f"-a {other.path[-1]} -d {_quote(other.does)}") for other in below]
        names = {other.path[-1] for other in below}
        lines += [_fish(name, one.path, below, _fish_word(word)) for word in one.words if word not in names]
    lines += [
        f"complete -c {name} {_fish_word(option)} " + (f"-x -a '{' '.join(words)}'" if words else "-r -F")
        for option, words in values(parser).items()
    ]
    return "\n".join(lines)


def _fish(name: str, path: tuple[str, ...], below: list[Command], what: str) -> str:
    conditions = [f"__fish_seen_subcommand_from {word}" for word in path]
    if not path:
        conditions = ["__fish_use_subcommand"]
    elif below:
        conditions.append("not __fish_seen_subcommand_from " + " ".join(one.path[-1] for one in below))
    return f"complete -c {name} -n '{'; and '.join(conditions)}' {what}"


def _fish_word(word: str) -> str:
    if word.startswith("--"):
        return f"-l {word[2:]}"
    return f"-s {word[1:]}" if word.startswith("-") else f"-a {word}"


def _quote(text: str) -> str:
    """Return `text` between apostrophes, for fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: dict[str, Callable[[argparse.ArgumentParser], str]] = {"bash": bash, "zsh": zsh, "fish": fish}

ABOUT = """\
Print a completion script for your shell. Keep it where the shell looks, then
open a new one:

  bash   mkdir -p ~/.local/share/bash-completion/completions
         {name} completion bash > \\
           ~/.local/share/bash-completion/completions/{name}
  zsh    {name} completion zsh > "${{fpath[1]}}/_{name}"
  fish   {name} completion fish > ~/.config/fish/completions/{name}.fish
"""
