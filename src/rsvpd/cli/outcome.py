"""How a command ends: exit codes, and the JSON of invitations and errors (docs/rsvp.md)."""

from __future__ import annotations

from typing import Any

from rsvpd.client.accounts import AccountsFileError
from rsvpd.client.errors import (
    ClientError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
    Unreadable,
)
from rsvpd.client.values import Invitation

OK, REFUSED, USAGE, NOT_SIGNED_IN, UNREACHABLE = range(5)

EXIT_CODES: dict[type[ClientError], int] = {
    Refused: REFUSED,
    Forbidden: REFUSED,
    NotFound: REFUSED,
    AccountsFileError: USAGE,
    NotSignedIn: NOT_SIGNED_IN,
    Unavailable: UNREACHABLE,
    Unreadable: UNREACHABLE,
}
_KINDS: dict[type[ClientError], str] = {
    Refused: "refused",
    Forbidden: "forbidden",
    NotFound: "notFound",
    AccountsFileError: "accountsFile",
    NotSignedIn: "notSignedIn",
    Unavailable: "unavailable",
    Unreadable: "unreadable",
}


def exit_code(error: ClientError) -> int:
    """Return the exit code that tells of this error."""
    return EXIT_CODES[type(error)]


def as_document(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation as `--json` shows it."""
    return {name: getattr(invitation, name) for name in Invitation.__struct_fields__}


def error_document(error: ClientError) -> dict[str, Any]:
    """Return an error as `--json` shows it."""
    return {
        "kind": _KINDS[type(error)],
        "code": error.code or None,
        "message": error.message,
        "hint": error.hint,
        "status": error.status or None,
        "exit": exit_code(error),
    }


def usage_document(message: str) -> dict[str, Any]:
    """Return a usage error as `--json` shows it."""
    return {"kind": "usage", "code": None, "message": message, "hint": None, "status": None, "exit": USAGE}
