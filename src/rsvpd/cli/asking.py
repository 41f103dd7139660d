"""Having one verb of the control desk done; what does it is imported then, so that `--help` answers at once."""

from __future__ import annotations

from typing import Any

from rsvpd.config import Config


def ask(config: Config, does: Any, **given: Any) -> Any:
    """Have a verb done where the data are open."""
    from rsvpd.cli.reach import open_administration

    with open_administration(config, make=False) as admin:
        return admin.ask(does, **given)


def ask_server(config: Config, does: Any, **given: Any) -> Any:
    """Have a verb done by the server that is running, over a database as well."""
    from rsvpd.cli.reach import open_administration

    with open_administration(config, make=False, asks_server=True) as admin:
        return admin.ask(does, **given)
