"""Binding: loopback by itself, anything else only where somebody said so."""

from __future__ import annotations

import socket

import pytest

from rsvpd.edge.serve import BindError, bind, url_of


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_loopback_is_taken(host):
    with bind(host, 0, allow_public=False) as bound:
        assert url_of(bound).startswith("http://127.0.0.")
        assert not url_of(bound).endswith(":0")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_anything_else_is_refused(host):
    with pytest.raises(BindError, match="--allow-public-bind"):
        bind(host, 0, allow_public=False)


def test_anything_else_is_taken_when_asked_for_by_name():
    with bind("0.0.0.0", 0, allow_public=True) as bound:
        assert url_of(bound).startswith("http://127.0.0.1:")


def test_a_port_in_use_is_one_helpful_line():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BindError) as wrong:
        bind("127.0.0.1", taken.getsockname()[1], allow_public=False)
    assert "--port" in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_host_that_does_not_exist():
    with pytest.raises(BindError, match=r"a\.\.b"):
        bind("a..b", 0, allow_public=False)
