"""Whose invitations are meant: choosing among accounts, and `rsvp accounts`, `login` and `logout`."""

from __future__ import annotations

import argparse
import getpass
import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rsvpd.cli.screen import one_line
from rsvpd.cli.tables import Column, page, table
from rsvpd.cli.usage import UsageError
from rsvpd.cli.world import World
from rsvpd.client import local
from rsvpd.client.accounts import (
    Account,
    GoogleSignIn,
    LocalSignIn,
    MicrosoftSignIn,
    SignIn,
    TokenSignIn,
)
from rsvpd.client.client import Client
from rsvpd.client.credentials import (
    GOOGLE_SCOPES,
    PERMISSIONS,
    Credentials,
    GoogleAccount,
    MicrosoftAccount,
    StaticToken,
)
from rsvpd.client.errors import Forbidden, NotSignedIn, Unavailable
from rsvpd.client.session import LOOPBACK, http_client, origin
from rsvpd.client.values import Provider
from rsvpd.mail.address import matching_addresses, short_names
from rsvpd.spelling import did_you_mean

NOBODY = (
    "No account is known, and no rsvpd server is running on this machine. Start one (`rsvpd up`), or sign in: "
    "`rsvp login --help`"
)
_NEEDS_FLOW = (
    "This is a client-secrets file. To sign in with it, install google-auth-oauthlib beside rsvpd, or make "
    "an authorized-user file elsewhere and name that one."
)
_LEAST_NAME, _LEAST_PLACE = 20, 16
_SIGN_INS: dict[type[SignIn], str] = {
    TokenSignIn: "token",
    MicrosoftSignIn: "microsoft",
    GoogleSignIn: "google",
    LocalSignIn: "rsvpd",
}


# --- choosing


def people_here(world: World, *kinds: str) -> tuple[Account, ...]:
    """Return the people of the local server as accounts; nobody where none is running.

    `kinds` are `user` and `room`; without any, both.
    """
    data = world.data
    try:
        server = local.find(data, transport=world.transport)
    except Unavailable:
        return ()
    found = local.accounts(server, data)
    return tuple(one for one in found if not kinds or server.people[one.name].kind in kinds)


def resolve_accounts(world: World, wanted: str | None) -> tuple[Account, ...]:
    """Return the accounts a command is for: the one meant by `wanted`, else all that were signed in with,
    else everybody of the local server but its rooms. Raises UsageError and NotSignedIn."""
    configured = world.book.accounts()
    if wanted is None:
        found = configured or people_here(world, "user")
        if not found:
            raise NotSignedIn(NOBODY, code="noAccount")
        return found
    matching = matches(configured, wanted)
    if not matching:
        here = people_here(world)
        matching = matches(here, wanted)
        configured += here
    if len(matching) == 1:
        return matching
    if not configured:
        raise NotSignedIn(NOBODY, code="noAccount")
    raise UsageError(_mismatch_text(wanted, matching, configured))


def matches(accounts: Sequence[Account], wanted: str) -> tuple[Account, ...]:
    """Return the accounts that are called `wanted`; where none is, those with that address, or else those with
    that local part."""
    word = wanted.casefold()
    named = tuple(one for one in accounts if one.name.casefold() == word)
    if named:
        return named
    addresses = set(matching_addresses(wanted, [one.address or one.name for one in accounts]))
    return tuple(one for one in accounts if (one.address or one.name) in addresses)


def _mismatch_text(wanted: str, matching: Sequence[Account], known: Sequence[Account]) -> str:
    names = [one.name for one in matching or known]
    if matching:
        return f"'{wanted}' could be any of {', '.join(names)}; give the whole name."
    return f"There is no account '{wanted}'{_suggestion(wanted, names)} Known: {', '.join(names)}."


def _suggestion(wanted: str, addresses: Sequence[str]) -> str:
    """Return which of these may have been meant, as the end of a sentence."""
    return did_you_mean(wanted, short_names(addresses).values()) or "."


# --- rsvp accounts


def accounts(args: argparse.Namespace, world: World) -> int:
    """List the accounts that were signed in with, and the people of the local server."""
    configured = world.book.accounts()
    here = people_here(world)
    rows = [account_document(one, configured=True) for one in configured]
    rows += [account_document(one, configured=False) for one in here]
    if args.json:
        world.give({"accounts": rows})
    else:
        world.draw(_account_table(rows, world)) if rows else world.tell(NOBODY)
    return 0


def _account_table(rows: Sequence[Mapping[str, Any]], world: World) -> str:
    columns = [
        Column("ACCOUNT", tuple(row["name"] for row in rows), _LEAST_NAME),
        Column("THROUGH", tuple(row["provider"] for row in rows)),
        Column("AT", tuple(_place(row) for row in rows), _LEAST_PLACE, wraps=True),
    ]
    return table(columns, page(world.out, world.environ))


def _place(row: Mapping[str, Any]) -> str:
    if row["sign_in"] != "rsvpd":
        return str(row["base"])
    return "this machine's server" + ("" if row["configured"] else " (no sign-in needed)")


def account_document(account: Account, *, configured: bool) -> dict[str, Any]:
    """Return an account as `--json` shows it; secrets are not part of it."""
    return {
        "name": account.name,
        "address": account.address,
        "provider": account.provider.value,
        "base": account.base or None,
        "sign_in": _SIGN_INS[type(account.sign_in)],
        "configured": configured,
    }


def logout(args: argparse.Namespace, world: World) -> int:
    """Forget an account and its tokens on this machine."""
    configured = world.book.accounts()
    matching = matches(configured, args.account)
    if len(matching) != 1:
        if not configured:
            raise UsageError("No account was signed in with, so there is nothing to forget.")
        raise UsageError(_mismatch_text(args.account, matching, configured))
    world.book.remove(matching[0].name)
    if args.json:
        world.give({"removed": matching[0].name})
    else:
        world.tell(f"{matching[0].name} is forgotten here. The service itself was not told.")
    return 0


# --- rsvp login


def login_graph(args: argparse.Namespace, world: World) -> int:
    """Sign in to Microsoft Graph with a device code, or with a token somebody else fetched."""
    base = _base(args, args.base)
    if args.token:
        return _with_token(args, world, Provider.GRAPH, base)
    if not args.client_id:
        raise UsageError(
            "Microsoft wants to know which application asks: give --client-id (the Application (client) ID "
            "of an app registration that allows public client flows), or --token."
        )
    sign_in = MicrosoftSignIn(
        client_id=args.client_id,
        permissions=(*PERMISSIONS, "Mail.Read") if args.mail else PERMISSIONS,
        tenant=args.tenant,
        authority=args.authority,
    )
    kept: list[str] = []
    credentials = MicrosoftAccount(
        sign_in.client_id,
        base=base,
        permissions=sign_in.permissions,
        tenant=sign_in.tenant,
        authority=sign_in.authority,
        keep=kept.append,
        http=http_client(sign_in.authority, transport=world.transport),
    )
    given = credentials.sign_in(lambda text: world.warn(one_line(text)))
    address = given or _address(world, Provider.GRAPH, base, credentials)
    return _keep_account(args, world, Provider.GRAPH, base, sign_in, address, kept[-1] if kept else "")


def login_outlook(args: argparse.Namespace, world: World) -> int:
    """Sign in to an Outlook REST service with a token."""
    base = _base(args, args.base)
    return _with_token(args, world, _outlook_version(base, args.version), base)


def login_google(args: argparse.Namespace, world: World) -> int:
    """Sign in to Google Calendar with an authorized-user file, a client-secrets file or a token."""
    base = _base(args, args.base)
    if args.token:
        return _with_token(args, world, Provider.GOOGLE, base)
    if not args.client_secrets:
        raise UsageError("Give --client-secrets FILE, or --token; rsvp login google --help tells what is in FILE.")
    kept = [_authorized_user_text(Path(args.client_secrets))]
    credentials = GoogleAccount(kept[0], keep=kept.append, http=http_client(base, transport=world.transport))
    credentials.token()
    address = _address(world, Provider.GOOGLE, base, credentials)
    return _keep_account(args, world, Provider.GOOGLE, base, GoogleSignIn(), address, kept[-1])


def login_rsvpd(args: argparse.Namespace, world: World) -> int:
    """Sign in as somebody of an rsvpd server."""
    provider = Provider(args.through)
    if args.token:
        if not args.url:
            raise UsageError("A token is for a server elsewhere: give its --url too. The local one needs no token.")
        base = _base(args, args.url.rstrip("/") + local.MOUNTS[provider])
        return _with_token(args, world, provider, base)
    data = Path(args.data).expanduser().absolute() if args.data else world.data
    server = local.find(data, transport=world.transport)
    if args.url and origin(args.url) != origin(server.url):
        raise UsageError(
            f"The server at {args.url} is not the one running on {data}, so its people are not known here. "
            "Give a token as well: on its machine, `rsvpd token ADDRESS` prints one."
        )
    address = _person(server, args.address)
    sign_in = LocalSignIn(str(data))
    with Client(
        provider, server.people[address].token, base=server.base(provider), transport=world.transport
    ) as client:
        client.address()
    return _keep_account(args, world, provider, "", sign_in, address, "")


def _person(server: local.LocalServer, wanted: str | None) -> str:
    names = ", ".join(server.people)
    if not wanted:
        raise UsageError(f"Say who you are with --as; this server knows {names or 'nobody yet'}.")
    found = matching_addresses(wanted, server.people)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"'{wanted}' could be any of {', '.join(found)}; give the whole address with --as.")
    near = _suggestion(wanted, list(server.people))
    raise UsageError(f"This server has nobody called '{wanted}'{near} It knows {names or 'nobody yet'}.")


def _outlook_version(base: str, wanted: str | None) -> Provider:
    known = {"v1": Provider.OUTLOOK_V1, "v2": Provider.OUTLOOK_V2}
    path = urlsplit(base).path.lower()
    found = next((key for key in known if path.endswith(f"/{key}.0")), None)
    if wanted is None and found is None:
        raise UsageError(f"{base} does not end in /v1.0 or /v2.0, so say which it is: --version v1 or --version v2.")
    return known[wanted or found or ""]


def _base(args: argparse.Namespace, base: str) -> str:
    """Return a base URL that a token may be sent to."""
    scheme, host, _ = origin(base)
    if scheme == "http" and host not in LOOPBACK and not args.allow_http:
        raise UsageError(
            f"{base} would carry your token unencrypted. Use https, or add --allow-http where the network is yours."
        )
    return base.rstrip("/")


def _with_token(args: argparse.Namespace, world: World, provider: Provider, base: str) -> int:
    token = _read_token(world) if args.token == "-" else args.token
    address = _address(world, provider, base, StaticToken(token))
    return _keep_account(args, world, provider, base, TokenSignIn(), address, token)


def _read_token(world: World) -> str:
    asked = getpass.getpass("Token: ") if world.stdin.isatty() else world.stdin.readline()
    token = asked.strip().removeprefix("Bearer ").strip()
    if not token:
        raise UsageError("No token was given.")
    return token


def _address(world: World, provider: Provider, base: str, credentials: Credentials) -> str | None:
    """Ask whose mailbox it is, which also proves that the token is taken."""
    with Client(provider, credentials, base=base, transport=world.transport, sleep=world.sleep) as client:
        try:
            return client.address()
        except Forbidden:  # good for the calendar, but not for asking who one is
            return None


def _authorized_user_text(path: Path) -> str:
    """Return the authorized-user text of a file, or of the sign-in that a client-secrets file leads to."""
    try:
        text = path.expanduser().read_text("utf-8")
        found = json.loads(text)
    except (OSError, ValueError) as wrong:
        raise UsageError(f"{path} cannot be read: {wrong}") from None
    if isinstance(found, dict) and ("installed" in found or "web" in found):
        return _run_installed_app_flow(path)
    if isinstance(found, dict) and "refresh_token" in found:
        return text
    raise UsageError(f"{path} is neither an authorized-user file nor a client-secrets file of Google's.")


def _run_installed_app_flow(path: Path) -> str:
    """Let the person grant access in the browser."""
    try:
        flows = importlib.import_module("google_auth_oauthlib.flow")
    except ImportError:
        raise UsageError(_NEEDS_FLOW) from None
    flow = flows.InstalledAppFlow.from_client_secrets_file(str(path.expanduser()), scopes=list(GOOGLE_SCOPES))
    return str(flow.run_local_server(port=0).to_json())


def _keep_account(
    args: argparse.Namespace,
    world: World,
    provider: Provider,
    base: str,
    sign_in: SignIn,
    address: str | None,
    secret: str,
) -> int:
    """Keep the account and say so."""
    name = args.name or _free_name(world, address or provider.value, provider)
    account = Account(name=name, provider=provider, base=base, sign_in=sign_in, address=address)
    world.book.add(account, secret)
    if args.json:
        world.give({"account": account_document(account, configured=True)})
    else:
        world.tell(f"Signed in as {name} ({provider.value}). See what waits: `rsvp invites`")
    return 0


def _free_name(world: World, wanted: str, provider: Provider) -> str:
    """Return the address, or with the interface behind it where the address is known through another one."""
    taken = {one.name: one.provider for one in world.book.accounts()}
    return wanted if taken.get(wanted, provider) is provider else f"{wanted}-{provider.value}"
