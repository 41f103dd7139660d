"""What a program signs in with, fetched from a running server."""

from __future__ import annotations

from pathlib import Path

import httpx

from rsvpd.control.sidecar import Sidecar
from rsvpd.files import write_secret

_PATH = "/_rsvpd/service-account"
_SECONDS = 30.0


def credentials_file(server: Sidecar, folder: Path) -> Path | None:
    """Write the key file of the server's Google service account into `folder` and return where it is.

    It is the JSON that GOOGLE_APPLICATION_CREDENTIALS names (https://google.aip.dev/auth/4112), readable for the
    owner only. None where the server has no service account.
    """
    reply = httpx.get(
        server.url + _PATH, headers={"Authorization": f"Bearer {server.control_token}"}, trust_env=False,
        timeout=_SECONDS,
    )
    if reply.status_code != 200:
        return None
    file = folder / "service-account.json"
    write_secret(file, reply.content)
    return file
