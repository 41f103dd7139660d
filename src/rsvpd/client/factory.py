"""From an account to a client that can be used."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd.client.accounts import (
    Account,
    AccountBook,
    GoogleSignIn,
    LocalSignIn,
    MicrosoftSignIn,
    TokenSignIn,
)
from rsvpd.client.client import Client
from rsvpd.client.credentials import Credentials, GoogleAccount, MicrosoftAccount, StaticToken
from rsvpd.client.errors import NotSignedIn
from rsvpd.client.session import http_client


class ClientFactory(Struct, frozen=True, kw_only=True):
    """Makes the clients of accounts, with what these need from outside: the files, the network, the time."""

    book: AccountBook
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: clocks.Clock = clocks.system_clock

    def open(self, account: Account) -> Client:
        """Return a client for the account. Raises NotSignedIn where its secret is gone, and Unavailable where
        the local server it belongs to is not running."""
        match account.sign_in:
            case LocalSignIn(data):
                return self._at_home(account, Path(data))
            case TokenSignIn():
                return self._client(account, StaticToken(self._secret(account)))
            case MicrosoftSignIn() as sign_in:
                return self._client(account, self._microsoft(account, sign_in))
            case GoogleSignIn():
                return self._client(account, self._google(account))

    def _client(self, account: Account, credentials: Credentials) -> Client:
        return Client(
            account.provider,
            credentials,
            base=account.base,
            transport=self.transport,
            sleep=self.sleep,
            clock=self.clock,
        )

    def _microsoft(self, account: Account, sign_in: MicrosoftSignIn) -> MicrosoftAccount:
        """Return the credentials of a Microsoft sign-in, which keep their own secret up to date."""
        return MicrosoftAccount(
            sign_in.client_id,
            base=account.base,
            permissions=sign_in.permissions,
            tenant=sign_in.tenant,
            authority=sign_in.authority,
            cache=self._secret(account),
            keep=lambda secret: self.book.keep_secret(account.name, secret),
            http=http_client(sign_in.authority, transport=self.transport),
        )

    def _google(self, account: Account) -> GoogleAccount:
        """Return the credentials of a Google sign-in, which keep their own secret up to date."""
        return GoogleAccount(
            self._secret(account),
            keep=lambda secret: self.book.keep_secret(account.name, secret),
            http=http_client(account.base, transport=self.transport),
        )

    def _at_home(self, account: Account, data: Path) -> Client:
        return Client.local(
            account.address or "",
            account.provider,
            data=data,
            transport=self.transport,
            sleep=self.sleep,
            clock=self.clock,
        )

    def _secret(self, account: Account) -> str:
        secret = self.book.secret(account.name)
        if not secret:
            raise NotSignedIn(f"There is no token for {account.name} any more. Sign in again: rsvp login --help")
        return secret
