"""Which hosts are answered, and where links lead."""

from __future__ import annotations

import pytest

from rsvpd.addresses import is_loopback
from rsvpd.edge.hosts import Hosts
from rsvpd.errors import InvalidHost, MisdirectedRequest
from support.fakes import Fake, asked_of, edge_of

PROXY = ("10.1.2.3", 40_000)
STRANGER = ("192.0.2.9", 40_000)


def scope(*, server=("127.0.0.1", 8365), client=STRANGER, version="1.1", scheme="http"):
    return {"server": server, "client": client, "http_version": version, "scheme": scheme}


def seen(headers, names=(), proxies=(), **more):
    return Hosts(names, proxies).origin(scope(**more), headers)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:1", "localhost.", "app.localhost:8365", "127.0.0.1", "127.9.9.9:80", "[::1]",
        "[::1]:80", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:80",
    ],
)
def test_loopback_is_answered(host):
    assert seen({"host": host}) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "notlocalhost", "192.0.2.7", "10.0.0.1:8365", "[2001:db8::1]",
        "127.0.0.1.nip.io",
    ],
)
def test_any_other_host_is_misdirected(host):
    with pytest.raises(MisdirectedRequest, match="RSVPD_HOSTS"):
        seen({"host": host})


@pytest.mark.parametrize(
    "headers",
    [{}, {"host": ""}, {"host": "localhost, localhost"}, {"host": "a b"}, {"host": "a/b?c"}, {"host": "localhost:"},
     {"host": "[::1"}, {"host": "user@localhost"}, {"host": "localhost:99999999"}],
)
def test_no_host_or_more_than_one_is_invalid(headers):
    with pytest.raises(InvalidHost):
        seen(headers)


def test_http_1_0_knows_no_host():
    assert seen({}, version="1.0") == "http://127.0.0.1:8365"
    assert seen({}, version="1.0", server=("::1", 80)) == "http://[::1]:80"


@pytest.mark.parametrize(
    ("server", "host"),
    [("10.0.0.5", "10.0.0.5:8365"), ("2001:db8::5", "[2001:DB8:0::5]:8365"), ("::ffff:10.0.0.5", "10.0.0.5")],
)
def test_the_address_that_was_reached_is_answered(server, host):
    assert seen({"host": host}, server=(server, 8365)) == f"http://{host}"


@pytest.mark.parametrize(
    ("host", "is_known"),
    [("cal.example.com", True), ("CAL.example.com.:8", True), ("a.b.example.org", True), ("example.org", False),
     ("example.com", False), ("xcal.example.com", False), ("[2001:db8::9]:80", True)],
)
def test_configured_names_are_answered(host, is_known):
    names = ("cal.example.com", "*.example.org", "2001:db8::9")
    if is_known:
        assert seen({"host": host}, names) == f"http://{host}"
    else:
        with pytest.raises(MisdirectedRequest):
            seen({"host": host}, names)


FORWARDED = {
    "the scheme": ({"x-forwarded-proto": "https"}, "https://localhost"),
    "the host": ({"x-forwarded-host": "cal.example.com", "x-forwarded-proto": "HTTPS"}, "https://cal.example.com"),
    "the last of several": ({"x-forwarded-host": "evil.example, cal.example.com:444"}, "http://cal.example.com:444"),
    "the port": ({"x-forwarded-host": "cal.example.com", "x-forwarded-port": "444"}, "http://cal.example.com:444"),
    "the scheme's own port": ({"x-forwarded-proto": "https", "x-forwarded-port": "443"}, "https://localhost"),
    "a port beside another": ({"host": "localhost:8365", "x-forwarded-port": "9"}, "http://localhost:9"),
    "no scheme": ({"x-forwarded-proto": "javascript"}, "http://localhost"),
    "no port": ({"x-forwarded-port": "9x"}, "http://localhost"),
    "standard": ({"forwarded": 'for=192.0.2.1;proto=https;host="cal.example.com:9"'}, "https://cal.example.com:9"),
    "standard before old": ({"forwarded": "proto=https", "x-forwarded-proto": "http"}, "https://localhost"),
    "standard, the last": ({"forwarded": "host=evil.example, Host=cal.example.com"}, "http://cal.example.com"),
    "nothing in it": ({"forwarded": "", "x-forwarded-host": " "}, "http://localhost"),
}


@pytest.mark.parametrize(("headers", "origin"), FORWARDED.values(), ids=FORWARDED.keys())
def test_what_a_configured_proxy_says_counts(headers, origin):
    asked = {"host": "localhost"} | headers
    hosts = Hosts(["cal.example.com"], ["10.0.0.0/8", "::1/128"])
    assert hosts.origin(scope(client=PROXY), asked) == origin
    assert hosts.origin(scope(client=("::ffff:10.9.9.9", 1)), asked) == origin
    assert hosts.origin(scope(client=STRANGER), asked) == f"http://{asked['host']}"
    assert Hosts(["cal.example.com"], []).origin(scope(client=PROXY), asked) == f"http://{asked['host']}"


def test_a_proxy_passes_on_no_host_that_is_not_ours():
    with pytest.raises(MisdirectedRequest):
        seen({"host": "localhost", "x-forwarded-host": "evil.example"}, proxies=["10.0.0.0/8"], client=PROXY)
    with pytest.raises(MisdirectedRequest):
        seen({"host": "evil.example", "x-forwarded-host": "localhost"}, proxies=["10.0.0.0/8"], client=PROXY)


def test_what_http_1_0_may_leave_out_http_1_1_may_not():
    hosts = Hosts((), ())
    hosts.origin(scope(version="1.0"), {})
    with pytest.raises(InvalidHost):
        hosts.origin(scope(), {})


def test_one_connection_s_answer_is_not_another_s():
    hosts = Hosts((), ())
    assert hosts.origin(scope(server=("10.0.0.5", 1)), {"host": "10.0.0.5"}) == "http://10.0.0.5"
    with pytest.raises(MisdirectedRequest):
        hosts.origin(scope(server=("10.0.0.6", 1)), {"host": "10.0.0.5"})


def test_what_is_remembered_of_hosts_is_bounded():
    hosts = Hosts((), ())
    for number in range(3000):
        hosts.origin(scope(), {"host": f"h{number}.localhost"})
    assert len(hosts._origins) <= 256


@pytest.mark.parametrize("name", ["", "localhost.example", "0.0.0.0", "::", "128.0.0.1", "127.0.0.256"])
def test_what_is_not_loopback(name):
    assert not is_loopback(name)


@pytest.mark.parametrize("path", ["/v1/a", "/", "/health", "/nothing", "/_rsvpd/ready"])
def test_a_wrong_host_is_told_in_the_shape_of_the_path(path):
    fake = Fake("/v1")
    app = edge_of(fake)
    reply = asked_of(app, "GET", path, headers={"Host": "evil.example"})
    assert reply.status_code == 421
    assert asked_of(app, "GET", path, headers={"Host": "a, b"}).status_code == 400
    assert all(not one.origin.startswith("http://evil") for one in fake.seen)
    if path.startswith("/v1"):
        assert reply.text == "refused: MisdirectedRequest"
    else:
        assert reply.json()["error"]["code"] == "MisdirectedRequest"


def test_the_index_leads_where_the_client_sees_us():
    app = edge_of(Fake("/v1"), hosts=("cal.example.com",), trusted_proxies=("127.0.0.0/8",))
    headers = {"X-Forwarded-Host": "cal.example.com", "X-Forwarded-Proto": "https"}
    assert "https://cal.example.com/v1" in asked_of(app, "GET", "/", headers=headers).text


def test_the_host_to_listen_on_is_a_name_of_ours():
    app = edge_of(Fake("/v1"), host="Laptop.lan")
    assert asked_of(app, "GET", "/v1", headers={"Host": "laptop.lan:8365"}).status_code == 200


PEERS = {
    "nothing is said": ({}, "10.0.0.1"),
    "the last of several": ({"x-forwarded-for": "192.0.2.9, 192.0.2.1"}, "192.0.2.1"),
    "standard": ({"forwarded": "for=192.0.2.9, for=192.0.2.1;proto=https"}, "192.0.2.1"),
    "a port": ({"forwarded": 'For="192.0.2.1:4711"'}, "192.0.2.1"),
    "IPv6": ({"forwarded": 'for="[2001:DB8::1]:4711"'}, "2001:db8::1"),
    "IPv6 without brackets": ({"x-forwarded-for": "2001:db8::1"}, "2001:db8::1"),
    "hidden": ({"forwarded": "for=_hidden, for=unknown"}, "10.0.0.1"),
    "garbage": ({"x-forwarded-for": "[["}, "10.0.0.1"),
}


@pytest.mark.parametrize(("headers", "peer"), PEERS.values(), ids=PEERS)
def test_a_proxy_says_from_where_a_request_comes(headers: dict[str, str], peer: str) -> None:
    hosts = Hosts((), ("10.0.0.0/8",))
    assert hosts.peer({"client": ("10.0.0.1", 4000)}, headers) == peer
    assert hosts.peer({"client": ("192.0.2.7", 4000)}, headers) == "192.0.2.7"
