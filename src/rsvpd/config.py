"""What can be set from outside: one frozen struct, read once, at start.

Three places are asked, later ones win: a TOML file, environment variables `RSVPD_<KEY>`, flags.
Nothing needs to be set. Every key has a heading in `docs/configuration.md`; a test compares them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from rsvpd.clock import Instant, parse_instant
from rsvpd.spelling import did_you_mean

PREFIX = "RSVPD_"
# A name, or with `*.` before it all names below; letters beyond ASCII stand in their IDNA form.
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?")
# An origin has no path (RFC 6454 6.2); `null` is that of a page from a file.
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*+://[^/?#@\s,]++")
FILE_VARIABLE = "RSVPD_CONFIG"
# What `rsvpd run` and `rsvpd env` tell programs: where the server is, never how another one is set.
TOLD_VARIABLES = frozenset({"RSVPD_URL", "RSVPD_HTTPS_URL", "RSVPD_PROXY_URL", "RSVPD_VENDOR_HOSTS"})


class ConfigError(Exception):
    """A key nobody knows, or a value it cannot have. The text is one line that names key and place."""


class RegisteredClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application that may sign people in. Without secrets and certificates it is a public one, as programs on
    a desk are; `allows_public` lets one with secrets be used as one, too (RFC 6749 2.1).

    `redirect_uris` are compared letter by letter, but for the port of loopback addresses (RFC 8252 7.3).
    `roles` are what it may do by itself; `mailboxes` the addresses it may then touch, None for all (an
    application access policy). `certificates` are PEM texts of what it signs its assertions with.
    `admin_consent` says that the administrator agreed in everybody's place, so that nobody is asked.
    """

    id: str
    name: str = ""
    secrets: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] | None = None
    allows_passwords: bool = False
    allows_public: bool = False
    admin_consent: bool = False

    @property
    def is_public(self) -> bool:
        """Return whether it may go without showing who it is."""
        return self.allows_public or not (self.secrets or self.certificates)


Fate = Literal["keep", "delete"]
Names = tuple[str, ...]
_LIST = "several, with commas between them"


class Config(Struct, frozen=True, kw_only=True):
    """Every setting. The description says in words what a value may be."""

    data: Annotated[Path, Meta(description="a file name")]
    database: Annotated[
        str, Meta(pattern="^(postgres(ql)?://.+)?$", description="a URL that begins with postgresql://")
    ] = ""
    workers: Annotated[int, Meta(ge=1, le=64, description="a number of processes from 1 to 64")] = 1
    host: Annotated[str, Meta(min_length=1, description="a host name or an address")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="a number from 0 to 65535")] = 8365
    https: Annotated[bool, Meta(description="true or false")] = False
    https_port: Annotated[int, Meta(ge=0, le=65535, description="a number from 0 to 65535")] = 8366
    https_standard_port: Annotated[bool, Meta(description="true or false")] = True
    proxy_port: Annotated[int, Meta(ge=0, le=65535, description="a number from 0 to 65535")] = 8367
    seed: Annotated[bool, Meta(description="true or false")] = True
    seed_file: Annotated[Path | None, Meta(description="a file name")] = None
    ready_file: Annotated[Path | None, Meta(description="a file name")] = None
    clock: Annotated[Instant | None, Meta(description="an ISO 8601 instant like 2026-12-07T08:00:00Z")] = None
    allow_public_bind: Annotated[bool, Meta(description="true or false")] = False
    hosts: Annotated[Names, Meta(description=f"host names without a port, {_LIST}")] = ()
    trusted_proxies: Annotated[Names, Meta(description=f"addresses or networks, {_LIST}")] = ()
    cors_origins: Annotated[
        Names, Meta(description=f"* or origins like https://app.example.com, {_LIST}")
    ] = ()
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="debug, info, warning or error")
    ] = "info"
    log_format: Annotated[Literal["logfmt", "json"], Meta(description="logfmt or json")] = "logfmt"
    request_log: Annotated[bool, Meta(description="true or false")] = True
    journal: Annotated[
        Annotated[int, Meta(ge=0, le=100_000)] | None, Meta(description="a number of requests from 0 to 100000")
    ] = None
    max_body_bytes: Annotated[int, Meta(ge=1024, description="a number of bytes, at least 1024")] = 4_194_304
    max_bodies_bytes: Annotated[
        int, Meta(ge=65_536, description="a number of bytes, at least 65536")
    ] = 67_108_864
    max_connections: Annotated[int, Meta(ge=1, description="a number of connections, at least 1")] = 1000
    head_seconds: Annotated[int, Meta(ge=1, description="a number of seconds, at least 1")] = 20
    body_seconds: Annotated[int, Meta(ge=1, description="a number of seconds, at least 1")] = 60
    queue_limit: Annotated[int, Meta(ge=1, description="a number of commands, at least 1")] = 4096
    token_lifetime_seconds: Annotated[int, Meta(ge=1, description="a number of seconds, at least 1")] = 86_400
    key_rotation_days: Annotated[int, Meta(ge=1, description="a number of days, at least 1")] = 90
    clients: Annotated[
        tuple[RegisteredClient, ...], Meta(description="a list of tables with an id each, see docs/sign-in.md")
    ] = ()
    local_client: Annotated[bool | None, Meta(description="true or false")] = None
    push_private_addresses: Annotated[bool | None, Meta(description="true or false")] = None
    stop_at_eof: Annotated[bool, Meta(description="true or false")] = False
    stop_seconds: Annotated[int, Meta(ge=1, description="a number of seconds, at least 1")] = 5
    invitation_after_answer_user: Annotated[Fate, Meta(description="keep or delete")] = "keep"
    invitation_after_answer_room: Annotated[Fate, Meta(description="keep or delete")] = "delete"


def load(
    flags: Mapping[str, Any], *, environ: Mapping[str, str], file: str | Path | None = None
) -> Config:
    """Return the settings. `file` is the one named by a flag; RSVPD_CONFIG names it otherwise.

    An empty environment variable counts as not set. Raises ConfigError.
    """
    named = file or environ.get(FILE_VARIABLE)
    values: dict[str, Any] = {}
    for key, value, place in _raw_settings(flags, environ, Path(named) if named else None):
        values[key] = _read(key, value, place)
    values.setdefault("data", default_data(environ, values.get("database", ""), values.get("port", 0)))
    config = Config(**values)
    if config.workers > 1 and not config.database:
        raise ConfigError("workers: a data file has one process; more of them need a --database")
    _expect_different_ports(config)
    return config


def _expect_different_ports(config: Config) -> None:
    if not config.https:
        return
    taken = {config.port: "port"}
    for key in ("https_port", "proxy_port"):
        port = getattr(config, key)
        other = taken.setdefault(port, key)
        if port and other != key:
            raise ConfigError(f"{key}: {port} is taken by {other}; name another, or 0 for any free one")


def default_data(environ: Mapping[str, str], database: str = "", port: int = 0) -> Path:
    """Return where the data file is when nobody says where (XDG base directories).

    Over a database there is no such file, but its name stands for this server on this machine: what a server leaves
    for others to find stands beside it.
    """
    home = environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    if not database:
        return base / "rsvpd" / "rsvpd.db"
    digest = hashlib.sha256(database.encode()).hexdigest()[:12]
    return base / "rsvpd" / f"database-{digest}-{port}"


def _raw_settings(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None
) -> Iterator[tuple[str, Any, str]]:
    """Yield key, value and place, the weakest first."""
    for key, value in (_table(file) if file else {}).items():
        yield key, value, str(file)
    for name, value in environ.items():
        if name.startswith(PREFIX) and value and name not in TOLD_VARIABLES and name != FILE_VARIABLE:
            yield name[len(PREFIX) :].lower(), value, name
    for key, value in flags.items():
        yield key, value, "--" + key.replace("_", "-")


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as wrong:
        raise ConfigError(f"{file}: cannot be read ({wrong.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{file}: is not TOML ({wrong})") from None


def _path(value: Any) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError
    return Path(value).expanduser()


def _instant(value: Any) -> Instant:
    return parse_instant(value if isinstance(value, str) else value.isoformat())


def _names(value: Any) -> Names:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(one, str) for one in parts):
        raise ValueError
    return tuple(one.strip() for one in parts if one.strip())


def _hosts(value: Any) -> Names:
    return tuple(_host(one.lower().rstrip(".").strip("[]")) for one in _names(value))


def _host(name: str) -> str:
    """Return a host as it is compared: an IPv6 address without brackets, in its shortest form."""
    if ":" in name:
        return str(ipaddress.ip_address(name))
    if not _HOST.fullmatch(name):
        raise ValueError
    return name


def _networks(value: Any) -> Names:
    return tuple(str(ipaddress.ip_network(one, strict=False)) for one in _names(value))


def _origins(value: Any) -> Names:
    names = tuple(one.lower() for one in _names(value))
    if not all(_ORIGIN.fullmatch(one) for one in names):
        raise ValueError
    return names


def _clients(value: Any) -> tuple[RegisteredClient, ...]:
    listed = msgspec.json.decode(value) if isinstance(value, str) else value
    found = msgspec.convert(listed, tuple[RegisteredClient, ...])
    if not all(one.id for one in found) or len({one.id.lower() for one in found}) < len(found):
        raise ValueError
    return tuple(msgspec.structs.replace(one, certificates=tuple(map(_pem, one.certificates))) for one in found)


def _pem(text: str) -> str:
    """Return a certificate that is given as it is, or by the name of its file."""
    if not text.startswith("-----BEGIN"):
        text = Path(text).expanduser().read_text("ascii")
    from cryptography.x509 import load_pem_x509_certificate  # here, since it takes long and few need it

    load_pem_x509_certificate(text.encode("ascii"))
    return text


_FIELDS = {field.name: field for field in msgspec.structs.fields(Config)}
_OWN_READERS: dict[str, Callable[[Any], Any]] = {
    "data": _path, "ready_file": _path, "seed_file": _path, "clock": _instant,
    "clients": _clients, "hosts": _hosts, "trusted_proxies": _networks, "cors_origins": _origins,
}


def _read(key: str, value: Any, place: str) -> Any:
    field = _FIELDS.get(key)
    if field is None:
        guess = did_you_mean(key, _FIELDS) or "; `rsvpd docs configuration` has all of them"
        raise ConfigError(f"{place}: there is no setting '{key}'{guess}")
    try:
        own = _OWN_READERS.get(key)
        return own(value) if own else msgspec.convert(value, field.type, strict=not isinstance(value, str))
    except (ValueError, TypeError, AttributeError, OverflowError, RuntimeError, OSError):
        shown = "" if key == "clients" else f", not {str(value)!r:.60}"  # secrets stand in there
        raise ConfigError(f"{place}: {key} must be {_value_description(field.type)}{shown}") from None


def _value_description(kind: Any) -> str:
    """Return the words that describe a setting's values."""
    return next(str(note.description) for note in kind.__metadata__ if isinstance(note, Meta))
