"""A table of people as spreadsheets and directories export it: CSV (RFC 4180), with titles or without."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rsvpd.control.people import Kind, NewPerson
from rsvpd.control.profiles import check_members, member_named
from rsvpd.errors import DomainError, InvalidProperty

_COLUMNS = ("address", "name", "time_zone", "kind")
_TITLES: Mapping[str, str] = {
    "address": "address", "email": "address", "e-mail": "address", "mail": "address", "emailaddress": "address",
    "name": "name", "displayname": "name",
    "timezone": "time_zone", "zone": "time_zone",
    "kind": "kind",
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {"user": "user", "room": "room"}
_DELIMITERS = ",;\t"
_MOST_BYTES = 16 * 2**20


def read_people(file: str, *, time_zone: str, kind: Kind) -> list[NewPerson]:
    """Return whom the table in `file` names, `-` for standard input; cells that are empty get the defaults.

    Raises InvalidProperty, which names the line.
    """
    raw = sys.stdin.buffer.read(_MOST_BYTES + 1) if file == "-" else _content(Path(file))
    if len(raw) > _MOST_BYTES:
        raise InvalidProperty(f"{file}: is larger than {_MOST_BYTES // 2**20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidProperty(f"{file}: is not UTF-8") from None
    return _people(file, text, time_zone, kind)


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as wrong:
        raise InvalidProperty(f"{path}: cannot be read ({wrong.strerror})") from None


def _people(file: str, text: str, time_zone: str, kind: Kind) -> list[NewPerson]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[NewPerson] = []
    columns: Sequence[str] = ()
    try:
        for cells in lines:
            row = [one.strip() for one in cells]
            if not any(row):
                continue
            if not columns:
                columns, is_title = _columns_of(file, row)
                if is_title:
                    continue
            found.append(_person(f"{file}, line {lines.line_num}", columns, row, time_zone, kind))
    except csv.Error as wrong:
        raise InvalidProperty(f"{file}, line {lines.line_num}: {wrong}") from None
    if not found:
        raise InvalidProperty(f"{file}: names nobody")
    return found


def _columns_of(file: str, row: Sequence[str]) -> tuple[Sequence[str], bool]:
    """Return which columns there are, and whether the first line says so."""
    if "@" in row[0]:
        return _COLUMNS, False
    titles = [one.casefold().replace(" ", "").replace("_", "") for one in row]
    named = [_TITLES.get(title) or member_named(title) for title in titles]
    if None in named:
        unknown = row[named.index(None)][:40]
        more = f"{', '.join(_COLUMNS)}, and the members that `rsvpd user set` sets"
        raise InvalidProperty(f"{file}: there is no column '{unknown}'; there are {more}")
    columns = [one for one in named if one]
    if "address" not in columns or len(set(columns)) < len(columns):
        raise InvalidProperty(f"{file}: it takes one column address, and each of the others once at most")
    return columns, True


def _person(place: str, columns: Sequence[str], row: Sequence[str], time_zone: str, kind: Kind) -> NewPerson:
    if len(row) > len(columns):
        raise InvalidProperty(f"{place}: more cells than columns")
    cells = dict(zip(columns, row, strict=False))
    named = cells.get("kind", "").casefold() or kind
    if named not in _KINDS:
        raise InvalidProperty(f"{place}: kind is user or room, not '{named[:40]}'")
    members = {name: text for name, text in cells.items() if name not in _COLUMNS and text}
    try:
        check_members(members)
    except DomainError as wrong:
        raise InvalidProperty(f"{place}: {wrong.message}") from None
    return NewPerson(
        members=members,
        address=cells.get("address", ""),
        name=cells.get("name", ""),
        time_zone=cells.get("time_zone", "") or time_zone,
        kind=_KINDS[named],
    )
