"""One member of an entity by itself: `…/subject`, and what it is without JSON around it, `…/subject/$value`.

It is what `$select` of it shows (OData 4.01 URL conventions, 4.6 and 4.7); a member without a value is no content.
"""

from __future__ import annotations

import json
from typing import Any

from rsvpd.dialects.microsoft.exchange import access, control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.wire import Response
from rsvpd.errors import UnknownSegment


def member_of(entity: Handler, name: str, *, is_raw: bool) -> Handler:
    """Return who answers one member of what `entity` answers."""

    async def answer(call: Call) -> Response:
        asked = call.with_query(f"$select={name}")
        await access.check(asked)  # what the token opens of an entity may not be all of it
        shown: dict[str, Any] = json.loads((await entity(asked)).body)
        found = next((key for key in shown if key.lower() == name.lower()), None)
        value = None if found is None else shown[found]
        if found is None or value is None:
            return replies.no_content(call)
        if is_raw:
            return replies.raw(call, _text(value).encode("utf-8", "replace"), "text/plain;charset=utf-8")
        fragment = f"{control_info.entity_path(call)}/{found}"
        if isinstance(value, dict):
            return replies.entity(call, value, context=control_info.context_of(call, fragment))
        return replies.value(call, fragment, value)

    return answer


def _text(value: Any) -> str:
    """Return a plain value as text. Raises UnknownSegment for others, which have none."""
    if isinstance(value, dict | list):
        raise UnknownSegment("Resource not found for the segment '$value'.", target="$value")
    return value if isinstance(value, str) else json.dumps(value)
