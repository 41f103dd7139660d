"""Faults as the control desk shows and takes them, and the profiles of what the services document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from rsvpd.errors import InvalidProperty
from rsvpd.faults import Effect, Fault, Rule, note_of
from rsvpd.spelling import did_you_mean

# By name: what is documented, and what a network does.
PROFILES: Mapping[str, Fault] = {
    # learn.microsoft.com/graph/throttling-limits#outlook-service-limits: per application and mailbox 10,000 requests in
    # ten minutes, and four at a time.
    "outlook": Fault(
        name="outlook", effect=Effect.LIMIT, requests=10_000, window_seconds=600, concurrent=4,
        status=429, code="ApplicationThrottled", interfaces=("graph", "outlook"),
    ),
    # developers.google.com/workspace/calendar/api/guides/quota: 600 requests in a minute per project and user, refused
    # with 403 or with 429 (developers.google.com/workspace/calendar/api/guides/errors).
    "google": Fault(
        name="google", effect=Effect.LIMIT, requests=600, window_seconds=60, status=403,
        code="userRateLimitExceeded", interfaces=("google",),
    ),
    "google-429": Fault(
        name="google-429", effect=Effect.LIMIT, requests=600, window_seconds=60, status=429,
        code="rateLimitExceeded", interfaces=("google",),
    ),
    "unsteady": Fault(name="unsteady", effect=Effect.ANSWER, status=503, retry_after=1, probability=0.1),
}  # fmt: skip


# A profile by its name, and whatever else is said in the place of what it says.
Profiled = msgspec.defstruct(
    "Profiled",
    [
        ("profile", Annotated[Literal[tuple(PROFILES)], Meta(description="what is documented of a service")]),
        *((one.name, one.type | UnsetType, UNSET) for one in structs.fields(Fault)),
    ],
    kw_only=True, forbid_unknown_fields=True,
)  # fmt: skip


class SetFault(Struct, frozen=True, kw_only=True):
    """A rule that is set: the rule itself, how often it was made, how often it still will be, and whether it counts.

    `note` is what it does not do though it may look so.
    """

    fault: Fault
    made: int
    left: int | None
    is_active: bool
    note: str = ""


def describe_fault(rule: Rule, *, is_active: bool) -> SetFault:
    """Return a rule as it is shown."""
    return SetFault(
        fault=rule.fault, made=rule.made, left=rule.left, is_active=is_active, note=note_of(rule.fault)
    )


def fault_of(body: Mapping[str, Any]) -> Fault:
    """Return the rule that a body says, or that of a profile with what the body says otherwise. Raises InvalidProperty.

    Of a profile nothing has to be said but `profile`; the rule then has its name.
    """
    profile = body.get("profile")
    given = {name: value for name, value in body.items() if name != "profile"}
    if profile is not None:
        base = PROFILES.get(str(profile))
        if base is None:
            meant = did_you_mean(str(profile)[:80], PROFILES) or f"; here are {', '.join(PROFILES)}."
            raise InvalidProperty(f"There is no profile '{profile!s:.80}'{meant}", target="profile")
        given = {**msgspec.to_builtins(base), "effect": base.effect.value, **given}
    _check_names(given)
    try:
        return msgspec.convert(given, Fault)
    except msgspec.ValidationError as wrong:
        raise InvalidProperty(str(wrong)) from None


def _check_names(given: Mapping[str, Any]) -> None:
    known = structs.fields(Fault)
    names = [one.name for one in known]
    for name in given:
        if name not in names:
            meant = did_you_mean(name[:80], names) or f"; here are {', '.join(names)}."
            raise InvalidProperty(f"A fault has no member '{name:.80}'{meant}", target=name)
    effects = [one.value for one in Effect]
    effect = given.get("effect", effects[0])
    if effect not in effects:
        meant = did_you_mean(str(effect)[:80], effects) or f"; here are {', '.join(effects)}."
        raise InvalidProperty(f"There is no effect '{effect!s:.80}'{meant}", target="effect")
    missing = [one.name for one in known if one.required and one.name not in given]
    if missing:
        raise InvalidProperty(f"What is missing: {', '.join(missing)}.", target=missing[0])
