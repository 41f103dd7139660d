"""Verbs about people who answer by themselves."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from rsvpd.clock import parse_span
from rsvpd.commands import people, personas
from rsvpd.commands.personas import PersonaView
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.people import find
from rsvpd.errors import InvalidProperty
from rsvpd.mail.person import Person
from rsvpd.scheduling.persona import Habit, Persona

_SECOND = 1_000_000


class PersonaSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody is to do with invitations, how long after each came, and with which comment.

    `to` is to whom whoever forwards passes them on.
    """

    does: Habit
    after: Annotated[str, Meta(description="2h, 1d12h, or a duration of ISO 8601; at once without it")] = ""
    comment: str = ""
    to: str = ""


class ToldPersona(Struct, frozen=True, kw_only=True):
    """What somebody does by itself, null where nothing; `waiting` counts the invitations that wait for it."""

    address: str
    does: Habit | None
    after_seconds: int
    comment: str
    to: str
    waiting: int


async def show_persona(desk: Desk, address: str) -> ToldPersona:
    """Return what somebody does with invitations by itself."""
    person = find(await desk.store(people.people), address)
    return _describe_persona(person, await desk.store(personas.get_persona, person))


async def set_persona(desk: Desk, address: str, body: PersonaSetting) -> ToldPersona:
    """Let somebody answer by itself the invitations that come from now on."""
    everybody = await desk.store(people.people)
    person = find(everybody, address)
    to = find(everybody, body.to).address if body.to and "@" not in body.to else body.to
    wanted = Persona(does=body.does, after_seconds=_seconds(body.after), comment=body.comment, to=to)
    return _describe_persona(person, await desk.store(personas.set_persona, person, wanted))


async def remove_persona(desk: Desk, address: str) -> None:
    """Let somebody do nothing by itself any more; what waits is not answered."""
    await desk.store(personas.drop_persona, find(await desk.store(people.people), address))


def _describe_persona(person: Person, view: PersonaView) -> ToldPersona:
    one = view.persona
    return ToldPersona(
        address=person.address,
        does=one.does if one else None,
        after_seconds=one.after_seconds if one else 0,
        comment=one.comment if one else "",
        to=one.to if one else "",
        waiting=view.waiting,
    )


def _seconds(text: str) -> int:
    try:
        return parse_span(text) // _SECOND if text else 0
    except ValueError:
        raise InvalidProperty(
            f"'{text:.80}' is no span of time: it is written like 2h, 1d12h, 90s or PT2H30M.", target="after"
        ) from None


VERBS = (
    Verb("GET", "/people/{address}/persona", show_persona),
    Verb("PUT", "/people/{address}/persona", set_persona),
    Verb("DELETE", "/people/{address}/persona", remove_persona, 204),
)
