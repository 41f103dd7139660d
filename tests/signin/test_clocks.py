"""A server whose clock is set to some time (`--clock`): applications go by the clock of the machine. Servers whose
clocks differ.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rsvpd.config import RegisteredClient
from signin.test_certificate import ID, ask, assertion, pem
from signin.test_device import begin, poll
from signin.test_on_behalf_of import API, trade
from support.code_flow import ALICE, answer, authorize, code_of, redeem, signed_in
from support.sign_in import SignIn, claims, refusal

YEAR = 365 * 86_400
CERTIFIED = RegisteredClient(id=ID, certificates=(pem(2), pem(1)))


@pytest.fixture(params=[-YEAR, YEAR], ids=["ahead of the machine", "behind the machine"])
def server(make: Callable[..., SignIn], request: pytest.FixtureRequest) -> SignIn:
    return make(API, CERTIFIED, wall_ahead_seconds=request.param)


def seconds(server: SignIn) -> int:
    """Return what the clock of the machine shows."""
    return server.provider.wall_clock() // 1_000_000


def test_id_tokens_are_dated_by_the_machine_and_the_rest_by_the_server(server: SignIn) -> None:
    code = code_of(server)
    server.pass_seconds(30)
    body = redeem(server, code).json()
    said = claims(body["id_token"])
    assert seconds(server) - said["iat"] < 5
    assert said["exp"] - said["iat"] == 3600
    assert 30 <= said["iat"] - said["auth_time"] < 40
    assert server.graph(body["access_token"], "/me").json()["mail"] == ALICE


def test_an_assertion_of_the_machines_time_is_good(server: SignIn) -> None:
    now = seconds(server)
    assert ask(server, assertion(server, nbf=now, exp=now + 600)).status_code == 200
    assert ask(server, assertion(server)).status_code == 401


def test_tokens_for_interfaces_of_ones_own_are_good_by_the_machines_time(server: SignIn) -> None:
    token = redeem(server, code_of(server, scope="api://todo/Items.Read")).json()["access_token"]
    assert seconds(server) - claims(token)["iat"] < 5
    assert trade(server, token).status_code == 200


def test_what_one_server_began_another_goes_on_with_whose_clock_is_a_minute_behind(
    make: Callable[..., SignIn],
) -> None:
    server = make(API)
    assert answer(signed_in(server))["code"]
    own = redeem(server, code_of(server, scope="api://todo/Items.Read")).json()["access_token"]
    device = begin(server)
    assert refusal(poll(server, device["device_code"]))[1] == "authorization_pending"
    server.pass_seconds(-60)
    assert answer(authorize(server, prompt="none"))["code"], "the browser is signed in"
    assert trade(server, own).status_code == 200
    assert refusal(poll(server, device["device_code"]))[1] == "authorization_pending"
    assert refusal(poll(server, device["device_code"], after=1))[1] == "slow_down"
