"""The accounts a person has signed in with, in two files of the own configuration folder.

`accounts.json` says which service and whose mailbox, `tokens.json` holds the secrets: tokens and token
caches. Both are readable by their owner only and are replaced as a whole, so that an interrupted write loses
nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from rsvpd.client.credentials import AUTHORITY, PERMISSIONS
from rsvpd.client.errors import ClientError
from rsvpd.client.values import Provider

T = TypeVar("T", bound=Struct)

VERSION = 1


class AccountsFileError(ClientError):
    """A file of the configuration folder cannot be read or written."""


class TokenSignIn(Struct, frozen=True, tag="token"):
    """A token that was pasted."""


class MicrosoftSignIn(Struct, frozen=True, tag="microsoft", kw_only=True):
    """A device-code sign-in; the secret is the token cache."""

    client_id: str
    permissions: tuple[str, ...] = PERMISSIONS
    tenant: str = "common"
    authority: str = AUTHORITY


class GoogleSignIn(Struct, frozen=True, tag="google"):
    """A Google sign-in; the secret is an authorized-user file."""


class LocalSignIn(Struct, frozen=True, tag="rsvpd"):
    """A person of the rsvpd server on this machine that has this data file open; no secret is kept."""

    data: str


SignIn = TokenSignIn | MicrosoftSignIn | GoogleSignIn | LocalSignIn


class Account(Struct, frozen=True, kw_only=True):
    """One mailbox at one service. `name` is unique and what `--account` is matched with; `base` of a local
    server is empty, for it may listen elsewhere each time."""

    name: str
    provider: Provider
    base: str
    sign_in: SignIn
    address: str | None = None


class _Accounts(Struct, frozen=True):
    version: int = VERSION
    accounts: tuple[Account, ...] = ()


class _Secrets(Struct, frozen=True):
    version: int = VERSION
    secrets: dict[str, str] = {}


class AccountBook:
    """The accounts of one configuration folder. Raises AccountsFileError."""

    def __init__(self, folder: Path) -> None:
        self._accounts = folder / "accounts.json"
        self._tokens = folder / "tokens.json"

    def accounts(self) -> tuple[Account, ...]:
        """Return them in the order of signing in."""
        return _read(self._accounts, _Accounts).accounts

    def secret(self, name: str) -> str:
        """Return an account's secret, or nothing."""
        return _read(self._tokens, _Secrets).secrets.get(name, "")

    def add(self, account: Account, secret: str = "") -> None:
        """Add an account, in the place of one with the same name."""
        others = tuple(one for one in self.accounts() if one.name != account.name)
        self._keep_secrets({account.name: secret})
        _write(self._accounts, _Accounts(accounts=(*others, account)))

    def keep_secret(self, name: str, secret: str) -> None:
        """Replace an account's secret."""
        self._keep_secrets({name: secret})

    def remove(self, name: str) -> None:
        """Forget an account and its secret."""
        _write(self._accounts, _Accounts(accounts=tuple(one for one in self.accounts() if one.name != name)))
        self._keep_secrets({name: ""})

    def _keep_secrets(self, changes: Mapping[str, str]) -> None:
        held = _read(self._tokens, _Secrets).secrets
        wanted = {name: secret for name, secret in {**held, **changes}.items() if secret}
        if wanted != held:
            _write(self._tokens, _Secrets(secrets=wanted))


def config_folder(environ: Mapping[str, str]) -> Path:
    """Return where accounts are kept (XDG base directories)."""
    home = environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / "rsvpd"


def write_privately(path: Path, data: bytes) -> None:
    """Replace a file as a whole; only its owner may read it. Raises AccountsFileError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes files that only their owner may open.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError as wrong:
        raise AccountsFileError(f"{path} cannot be written ({wrong.strerror}).") from None


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise AccountsFileError(f"{path} cannot be read ({wrong}); mend it, or move it away.") from None


def _write(path: Path, what: Struct) -> None:
    write_privately(path, msgspec.json.format(msgspec.json.encode(what)) + b"\n")
