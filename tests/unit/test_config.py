"""Configuration: three places, the last wins; what is wrong is said in one line; the docs know every key."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from rsvpd.config import TOLD_VARIABLES, Config, ConfigError, default_data, load

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"
FIELDS = msgspec.structs.fields(Config)


def test_nothing_needs_to_be_set():
    config = load({}, environ={"XDG_DATA_HOME": "/somewhere"})
    assert config == Config(data=Path("/somewhere/rsvpd/rsvpd.db"))
    assert (config.host, config.port, config.seed) == ("127.0.0.1", 8365, True)


def test_flags_beat_environment_beats_file(tmp_path):
    file = tmp_path / "rsvpd.toml"
    file.write_text('port = 1\nhost = "a"\nlog_level = "error"\n')
    environ = {"RSVPD_CONFIG": str(file), "RSVPD_PORT": "2", "RSVPD_HOST": "b"}
    config = load({"port": "3"}, environ=environ)
    assert (config.port, config.host, config.log_level) == (3, "b", "error")


def test_the_flag_names_another_file_than_the_environment(tmp_path):
    (tmp_path / "one.toml").write_text("port = 1")
    (tmp_path / "two.toml").write_text("port = 2")
    environ = {"RSVPD_CONFIG": str(tmp_path / "one.toml")}
    assert load({}, environ=environ, file=tmp_path / "two.toml").port == 2


def test_an_empty_variable_counts_as_not_set():
    assert load({}, environ={"RSVPD_PORT": ""}).port == 8365


def test_what_programs_are_told_of_a_server_sets_no_other_one():
    told = dict.fromkeys(TOLD_VARIABLES, "https://127.0.0.1:1")
    assert load({}, environ=told) == load({}, environ={})


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("RSVPD_SEED", "false", "seed", False),
        ("RSVPD_SEED", "1", "seed", True),
        ("RSVPD_ALLOW_PUBLIC_BIND", "true", "allow_public_bind", True),
        ("RSVPD_DATA", "/x/y.db", "data", Path("/x/y.db")),
        ("RSVPD_CLOCK", "1970-01-01T00:00:01Z", "clock", 1_000_000),
        ("RSVPD_CLOCK", "1970-01-01T01:00:00+01:00", "clock", 0),
        ("RSVPD_INVITATION_AFTER_ANSWER_USER", "delete", "invitation_after_answer_user", "delete"),
        ("RSVPD_REQUEST_LOG", "false", "request_log", False),
        ("RSVPD_HOSTS", "Cal.Example.com. , *.example.org,[2001:DB8:0::1],", "hosts",
         ("cal.example.com", "*.example.org", "2001:db8::1")),
        ("RSVPD_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16,::1", "trusted_proxies",
         ("10.0.0.1/32", "10.1.0.0/16", "::1/128")),
        ("RSVPD_CORS_ORIGINS", "https://App.example.com:8443,null,*", "cors_origins",
         ("https://app.example.com:8443", "null", "*")),
    ],
)
def test_a_variable_is_read_as_its_kind(name, text, key, value):
    assert getattr(load({}, environ={name: text}), key) == value


def test_a_list_may_be_one_in_the_file(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text('hosts = ["cal.example.com", "a.example"]\ncors_origins = "https://app.example.com"')
    config = load({}, environ={}, file=file)
    assert (config.hosts, config.cors_origins) == (("cal.example.com", "a.example"), ("https://app.example.com",))
    file.write_text("hosts = [1]")
    with pytest.raises(ConfigError, match="hosts must be"):
        load({}, environ={}, file=file)


def test_a_toml_datetime_is_an_instant(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text("clock = 1970-01-01T00:00:02Z")
    assert load({}, environ={}, file=file).clock == 2_000_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RSVPD_PORT", "many"),
        ("RSVPD_PORT", "65536"),
        ("RSVPD_PORT", "-1"),
        ("RSVPD_SEED", "perhaps"),
        ("RSVPD_LOG_LEVEL", "loud"),
        ("RSVPD_CLOCK", "noon"),
        ("RSVPD_MAX_BODY_BYTES", "10"),
        ("RSVPD_TOKEN_LIFETIME_SECONDS", "0"),
        ("RSVPD_INVITATION_AFTER_ANSWER_ROOM", "burn"),
        ("RSVPD_HOSTS", "cal.example.com:80"),
        ("RSVPD_HOSTS", "http://cal.example.com"),
        ("RSVPD_HOSTS", "*"),
        ("RSVPD_HOSTS", "bücher.example"),
        ("RSVPD_TRUSTED_PROXIES", "proxy.example.com"),
        ("RSVPD_CORS_ORIGINS", "app.example.com"),
        ("RSVPD_CORS_ORIGINS", "https://app.example.com/"),
        ("RSVPD_MAX_CONNECTIONS", "0"),
        ("RSVPD_HEAD_SECONDS", "0"),
    ],
)
def test_a_bad_value_is_one_line_that_names_place_and_key(name, text):
    with pytest.raises(ConfigError) as wrong:
        load({}, environ={name: text})
    said = str(wrong.value)
    assert said.startswith(f"{name}: {name[6:].lower()} must be ")
    assert text in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("flags", "environ", "said"),
    [
        ({"prot": 1}, {}, "--prot: there is no setting 'prot'; did you mean port"),
        ({"xyz": 1}, {}, "--xyz: there is no setting 'xyz'; `rsvpd docs configuration` has all of them"),
        ({}, {"RSVPD_PROT": "1"}, "RSVPD_PROT: there is no setting 'prot'"),
    ],
)
def test_an_unknown_key_is_an_error(flags, environ, said):
    with pytest.raises(ConfigError, match=said):
        load(flags, environ=environ)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"port": "8366"}, "https_port: 8366 is taken by port"),
        ({"https_port": "8365"}, "https_port: 8365 is taken by port"),
        ({"proxy_port": "8366"}, "proxy_port: 8366 is taken by https_port"),
    ],
)
def test_two_ports_are_never_one(flags, said):
    with pytest.raises(ConfigError, match=said):
        load({**flags, "https": True}, environ={})
    assert load(flags, environ={}), "without HTTPS they are not listened on"


def test_any_free_port_may_be_any_number_of_times():
    assert load({"https": True, "port": "0", "https_port": "0", "proxy_port": "0"}, environ={}).https_port == 0


@pytest.mark.parametrize("text", [b"port = ", b"prot = 1", b"port = true", b"\xff", b"[port]\nx = 1"])
def test_a_bad_file_is_one_line_that_names_it(tmp_path, text):
    file = tmp_path / "c.toml"
    file.write_bytes(text)
    with pytest.raises(ConfigError) as wrong:
        load({}, environ={}, file=file)
    assert str(wrong.value).startswith(f"{file}: ")
    assert "\n" not in str(wrong.value)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load({}, environ={}, file=tmp_path / "none.toml")


def test_the_default_data_file_follows_the_xdg_folders(monkeypatch):
    monkeypatch.setenv("HOME", "/home/erin")
    assert default_data({}) == Path("/home/erin/.local/share/rsvpd/rsvpd.db")
    assert default_data({"XDG_DATA_HOME": "relative"}) == Path("/home/erin/.local/share/rsvpd/rsvpd.db")


def _sections() -> dict[str, str]:
    parts = re.split(r"^### `(\w+)`$", DOCS.read_text("utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_docs_have_every_key_and_no_other():
    assert set(_sections()) == {field.name for field in FIELDS}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_docs_tell_the_default_and_the_unit(field):
    text = _sections()[field.name]
    default = field.default
    if isinstance(default, bool):
        default = str(default).lower()
    if field.name != "data":
        assert ("Default:" if default in (None, ()) else f"Default `{default}`") in text
    for unit in ("bytes", "seconds"):
        if field.name.endswith(unit):
            assert f"` {unit}" in text


CERTIFICATE = """-----BEGIN CERTIFICATE-----
AAAA
-----END CERTIFICATE-----
"""


def test_applications_are_tables_of_the_file(tmp_path):
    file = tmp_path / "rsvpd.toml"
    file.write_text('[[clients]]\nid = "a"\nsecrets = ["s"]\n[[clients]]\nid = "b"\nmailboxes = []\n')
    one, two = load({}, environ={}, file=file).clients
    assert (one.id, one.secrets, one.mailboxes, one.is_public) == ("a", ("s",), None, False)
    assert (two.id, two.mailboxes, two.is_public) == ("b", (), True)
    assert load({}, environ={"RSVPD_CLIENTS": '[{"id": "c"}]'}).clients[0].id == "c"


@pytest.mark.parametrize("text", [
    '[{"id": ""}]', '[{"id": "a"}, {"id": "A"}]', '[{"name": "a"}]', '[{"id": "a", "secret": "hidden"}]', "hidden",
    "{}", '[{"id": "a", "certificates": ["/nowhere"]}]', '[{"id": "a", "secrets": "hidden"}]',
    msgspec.json.encode([{"id": "a", "certificates": [CERTIFICATE]}]).decode(),
])  # fmt: skip
def test_a_wrong_application_is_told_without_its_secrets(text):
    with pytest.raises(ConfigError, match="RSVPD_CLIENTS: clients must be a list of tables") as wrong:
        load({}, environ={"RSVPD_CLIENTS": text})
    assert "hidden" not in str(wrong.value)
