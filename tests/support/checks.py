"""What the words after `sees` and in inbox lines mean, checked one by one.

What a dialect cannot say at all is None in `Seen` and is passed over there; the Graph reader, who
sees everything but Google's own members, looks at every line as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from support.seen import Note, Seen, minute, short

_NOTE = re.compile(r'(?P<told>\w+ "[^"]*" from \w+(?: "[^"]*")?)(?: \((?P<facts>.*)\))?')
_KINDS = {
    "a single meeting": "singleInstance",
    "a series": "seriesMaster",
    "an occurrence": "occurrence",
    "an exception": "exception",
}


def check(what: str, seen: Seen) -> None:
    """Check one thing that somebody is to see."""
    for pattern, look in _LOOKS:
        found = re.fullmatch(pattern, what)
        if found:
            look(seen, *found.groups())
            return
    raise AssertionError(f"nobody understands what is seen: {what}")


def told(note: Note) -> str:
    """Return a message as dialogues write it, an invitation (its text is the meeting's) and plain mail without text."""
    text = f' "{note.text}"' if note.text and note.kind not in ("meetingRequest", "message") else ""
    return f'{note.kind} "{note.subject}" from {note.sender}{text}'


def check_notes(notes: list[Note], wanted: list[str]) -> None:
    """Check that `notes` are the wanted ones, each with the facts that stand in brackets behind it."""
    found = [_NOTE.fullmatch(one) for one in wanted]
    assert all(found), f"no message: {wanted}"
    assert [told(note) for note in notes] == [one["told"] for one in found if one]
    for note, one in zip(notes, found, strict=True):
        facts = {fact.strip() for fact in (one["facts"] or "").split(",") if fact} if one else set()
        assert facts <= note.facts, f"{one and one[0]}: {sorted(note.facts)}"


def check_calendar(seen: list[Seen], entries: list[str], zoned: Callable[[Seen], str]) -> None:
    """Check that a calendar shows exactly these entries, each a day and a time, with a subject or without."""
    shown = [f'{zoned(one)} "{one.subject}"' for one in seen]
    short_form = [zoned(one) for one in seen]
    assert [full if '"' in want else brief for full, brief, want in _side(shown, short_form, entries)] == entries


def _side(full: list[str], brief: list[str], wanted: list[str]) -> list[tuple[str, str, str]]:
    wanted = [*wanted, *[""] * (len(full) - len(wanted))]
    return list(zip(full, brief, wanted[: len(full)], strict=True))


def _is(name: str) -> Callable[..., None]:
    def look(seen: Seen, wanted: str) -> None:
        value = getattr(seen, name)
        assert value is None or value == wanted, (name, value)

    return look


def _of(name: str) -> Callable[..., None]:
    def look(seen: Seen, who: str, wanted: str) -> None:
        values = getattr(seen, name)
        assert values is None or str(values.get(who, "nothing")) == wanted, (name, values)

    return look


def _flag(name: str, wanted: object) -> Callable[..., None]:
    def look(seen: Seen, *_: str) -> None:
        assert getattr(seen, name) == wanted, (name, getattr(seen, name))

    return look


def _raw(name: str, wanted: object) -> Callable[..., None]:
    def look(seen: Seen, *_: str) -> None:
        found = {key.lower(): value for key, value in seen.raw.items()}
        assert found.get(name.lower(), wanted) == wanted, (name, found.get(name.lower()))

    return look


def _at(name: str) -> Callable[..., None]:
    def look(seen: Seen, wanted: str) -> None:
        assert minute(getattr(seen, name)) == wanted, minute(getattr(seen, name))

    return look


def _shown_as(seen: Seen, wanted: str) -> None:
    assert seen.show_as == (wanted if seen.show_as != "opaque" or wanted == "free" else "opaque")


def _category(seen: Seen, wanted: str) -> None:
    assert seen.categories is None or " ".join(seen.categories) == wanted.strip('"').replace("none", "")


def _kind(seen: Seen, wanted: str) -> None:
    assert seen.kind in (None, _KINDS[wanted])


def _guests(seen: Seen, names: str) -> None:
    wanted = set() if names == "nobody" else set(names.split())
    assert seen.guests == wanted


def _word(seen: Seen, who: str, word: str, day: str) -> None:
    assert seen.words is None or seen.words[who] == (word, day), seen.words


def _answer(seen: Seen, who: str, answer: str) -> None:
    answers = {short(name): one for name, one in seen.answers.items()}
    assert answers.get(who) == answer, answers


_LOOKS: tuple[tuple[str, Callable[..., None]], ...] = (
    (r'"(.*)"', _is("subject")),
    (r"start (.*)", _at("start")),
    (r"end (.*)", _at("end")),
    (r"cancelled", _flag("cancelled", wanted=True)),
    (r"not cancelled", _flag("cancelled", wanted=False)),
    (r"all day", _flag("all_day", wanted=True)),
    (r"not all day", _flag("all_day", wanted=False)),
    (r'location "(.*)"', _is("location")),
    (r'body "(.*)"', _is("body")),
    (r"importance (\w+)", _is("importance")),
    (r"sensitivity (\w+)", _is("sensitivity")),
    (r"shown as (\w+)", _shown_as),
    (r"reminder (\d+) min", _is("reminder")),
    (r"no (reminder)", lambda seen, _: _is("reminder")(seen, "none")),
    (r"category (.*)", _category),
    (r"(a single meeting|a series|an occurrence|an exception)", _kind),
    (r"guests (.*)", _guests),
    (r"responses not requested", _raw("responseRequested", wanted=False)),
    (r"proposals not allowed", _raw("allowNewTimeProposals", wanted=False)),
    (r"not online", _raw("isOnlineMeeting", wanted=False)),
    (r"(\w+) in words (\w+) (\S+)", _word),
    (r"(\w+) proposes (.*)", _of("proposals")),
    (r"(\w+) brings (\d+)", _of("brings")),
    (r'(\w+) says "(.*)"', _of("comments")),
    (r"(\w+) is (required|optional|resource)", _of("roles")),
    (r"sequence (\d+)", lambda seen, number: _is("sequence")(seen, int(number))),
    (r"(organizer|none|accepted|tentative|declined)", _is("own_answer")),
    (r"(\S+) (none|accepted|tentative|declined)", _answer),
)
