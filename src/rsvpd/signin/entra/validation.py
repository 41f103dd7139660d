"""The tokens by which receivers of notifications know that it is Microsoft Graph that tells them something
(learn.microsoft.com/graph/change-notifications-with-resource-data, validation tokens)."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from rsvpd.signin.provider import SECOND, Provider

# Who publishes notifications, as receivers compare it.
PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
_LIFETIME_SECONDS = 3_600
# A token is used again so long: receivers have to check each, and it is the same for all messages to one application.
_REUSED_SECONDS = 300
_MOST_KEPT = 1_000


def validation_tokens(provider: Provider) -> Callable[[str], Awaitable[str]]:
    """Return what signs for an application, by its id, that this server tells it something.

    Its keys are the published ones, and its times those of the machine: receivers check them by their own clocks.
    """
    kept: dict[str, tuple[int, str]] = {}

    async def sign(audience: str) -> str:
        second = provider.wall_clock() // SECOND
        since, token = kept.get(audience, (0, ""))
        if since <= second < since + _REUSED_SECONDS:
            return token
        issuer = f"https://sts.windows.net/{provider.tenant}/"
        token = (await provider.ring()).sign({
            "aud": audience,
            "iss": issuer,
            "iat": second,
            "nbf": second,
            "exp": second + _LIFETIME_SECONDS,
            "appid": PUBLISHER,
            "appidacr": "2",
            "azp": PUBLISHER,
            "idp": issuer,
            "tid": provider.tenant,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        })  # fmt: skip
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[audience] = (second, token)
        return token

    return sign
