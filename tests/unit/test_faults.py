"""What goes wrong on purpose: for whom, how often, until when, and which rules cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.clock import parse_instant
from rsvpd.control.faults import PROFILES, describe_fault, fault_of
from rsvpd.edge.dialects import all_routes
from rsvpd.errors import AlreadyExists, InvalidProperty, Missing, NotAllowed
from rsvpd.faults import Effect, Fault, Faults, RequestFacts, segments_of

INTERFACES = ("graph", "outlook-v2", "outlook-v1", "google")
NOW = parse_instant("2026-11-23T08:00:00")
SECOND = 1_000_000


def board(*rules: dict[str, Any]) -> Faults:
    made = Faults(all_routes)
    for number, rule in enumerate(rules):
        made.add(fault_of({"name": f"f{number}", "effect": "drop"} | rule), NOW)
    return made


def asked(
    path: str, method: str = "GET", interface: str = "graph", person: str = "bob@example.com", application: str = "app"
) -> RequestFacts:
    return RequestFacts(interface, method, segments_of(path), person, application)


@pytest.mark.parametrize(
    ("rule", "path", "is_meant"),
    [
        ({}, "/me", True),
        ({"path": "/me/events"}, "/me/events", True),
        ({"path": "/me/events"}, "/ME/Events/", True),
        ({"path": "/me/events"}, "/me/events/AAMk=", False),
        ({"path": "/me/events"}, "/users/bob@example.com/events", False),
        ({"path": "/me/events/{event}"}, "/me/events/AAMk=", True),
        ({"path": "/me/events/{event}"}, "/me/events('AAMk=')", True),
        ({"path": "/Me/Events/{event}/Accept"}, "/me/events/AAMk=/accept", True),
        ({"path": "/Me/Events('AAMk=')/Accept"}, "/me/events/AAMk=/accept", True),
        ({"path": "/Me/Events('AAMk=')/Accept"}, "/me/events/AAMl=/accept", False),
        ({"path": "/Me/Events({event})/Accept"}, "/me/events('AAMk=')/accept", True),
        ({"path": "/Me/Events/{event}/Accept"}, "/me/events/AAMk=/Microsoft.OutlookServices.Accept", True),
        ({"path": "/me/reminderView"}, "/me/reminderView(startDateTime='2026',endDateTime='2027')", True),
        ({"path": "/Me/MailFolders/Inbox/Messages"}, "/me/folders/inbox/messages", True),
        ({"path": "/me/events/{event}/accept"}, "/me/events/AAMk=/microsoft.graph.accept", True),
        ({"path": "/me/events/{event}/accept"}, "/me/events/AAMk=/decline", False),
        ({"path": "/users/bob@example.com/events"}, "/users/bob%40example.com/events", True),
        ({"path": "/users/bob@example.com/events"}, "/users/alice@example.com/events", False),
        ({"path": "/me/**"}, "/me/messages/AAMk=/attachments", True),
        ({"path": "/me/**"}, "/me", True),
        ({"path": "/me/**"}, "/users/bob@example.com", False),
        ({"path": "/me/*"}, "/me/events", True),
        ({"path": "/calendars/{calendarId}/events", "interfaces": ["google"]}, "/calendars/primary/events", False),
        ({"interfaces": ["graph"]}, "/me", True),
        ({"interfaces": ["outlook"]}, "/me", False),
        ({"interfaces": ["outlook", "graph"]}, "/me", True),
        ({"method": "POST"}, "/me", False),
        ({"person": "bob"}, "/me", True),
        ({"person": "Bob@Example.com"}, "/me", True),
        ({"person": "alice"}, "/me", False),
        ({"application": "app"}, "/me", True),
        ({"application": "other"}, "/me", False),
    ],
    ids=str,
)
def test_for_whom(rule: dict[str, Any], path: str, is_meant: bool) -> None:
    decision = board(rule).decide(asked(path), NOW)
    assert (decision.fault is not None) is is_meant


def test_a_name_of_an_interface_stands_for_its_versions() -> None:
    made = board({"interfaces": ["outlook"]})
    found = [made.decide(asked("/me", interface=one), NOW).fault for one in ("outlook-v1", "outlook-v2", "google")]
    assert [one is not None for one in found] == [True, True, False]


@pytest.mark.parametrize(
    ("rule", "meets_batch", "meets_part"),
    [
        ({"effect": "answer"}, False, True),
        ({"effect": "answer", "path": "/me/**"}, False, True),
        ({"effect": "answer", "path": "/me/messages"}, False, False),
        ({"effect": "answer", "path": "/**"}, False, True),
        ({"effect": "answer", "path": "/$batch"}, True, False),
        ({"effect": "answer", "method": "POST"}, False, False),
        ({"effect": "limit", "requests": 1}, False, True),
        ({"effect": "limit", "requests": 1, "path": "$batch"}, True, False),
        ({"effect": "delay", "seconds": 1}, True, False),
        ({"effect": "delay", "seconds": 1, "path": "/me/events"}, False, True),
        ({"effect": "expired-token"}, True, False),
        ({"effect": "expired-token", "path": "/me/events"}, False, True),
        *(({"effect": one}, True, False) for one in ("drop", "drop-answer", "cut")),
        *(({"effect": one, "path": "/me/events"}, False, False) for one in ("drop", "drop-answer", "cut")),
        ({"effect": "trickle", "seconds": 1, "path": "/me/**"}, False, False),
        ({"effect": "drop", "path": "/$batch"}, True, False),
    ],
    ids=str,
)
def test_what_meets_a_batch_and_what_meets_its_requests(
    rule: dict[str, Any], meets_batch: bool, meets_part: bool
) -> None:
    def is_met(one: RequestFacts) -> bool:
        made = board(rule)
        for _ in range(2):
            decision = made.decide(one, NOW)
            made.end(decision)
        return decision.fault is not None

    assert is_met(RequestFacts("graph", "POST", segments_of("/$batch"), "bob@example.com")) is meets_batch
    part = RequestFacts("graph", "GET", segments_of("/me/events"), "bob@example.com", is_part=True)
    assert is_met(part) is meets_part
    assert segments_of("/me/$batch") == ("$batch",)


@pytest.mark.parametrize(
    ("rule", "is_noted"),
    [({}, False), ({"path": "/me/events"}, True), ({"path": "$batch"}, False), ({"path": "/**"}, False),
     ({"effect": "answer", "path": "/me/events"}, False), ({"webhooks": True}, False)],
    ids=str,
)  # fmt: skip
def test_a_rule_about_a_connection_says_that_it_is_not_for_batches(rule: dict[str, Any], is_noted: bool) -> None:
    (made,) = board(rule).rules()
    assert ("a rule with the path $batch" in describe_fault(made, is_active=True).note) is is_noted


def test_the_next_few_and_then_nothing_is_asked_any_more() -> None:
    made = board({"times": 2})
    assert [made.decide(asked("/me"), NOW).fault is not None for _ in range(3)] == [True, True, False]
    assert made.requests == ()
    (rule,) = made.rules()
    assert (rule.made, rule.left) == (2, 0)


def test_until_an_instant() -> None:
    made = board({"until": "2026-11-23T09:00:00Z"})
    assert made.decide(asked("/me"), NOW + 3_599 * SECOND).fault
    assert not made.decide(asked("/me"), NOW + 3_600 * SECOND).fault
    assert made.requests == ()


def test_what_is_drawn_is_drawn_again_with_the_same_seed() -> None:
    def drawn(seed: int) -> list[bool]:
        made = board({"probability": 0.3, "seed": seed})
        return [made.decide(asked("/me"), NOW).fault is not None for _ in range(400)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert 80 < sum(drawn(7)) < 160


def test_the_first_that_fits_counts() -> None:
    made = board({"path": "/me/events", "effect": "cut"}, {"effect": "drop"})
    assert [made.decide(asked(path), NOW).fault.effect for path in ("/me/events", "/me")] == [Effect.CUT, Effect.DROP]


def test_four_at_a_time_in_a_mailbox() -> None:
    made = Faults(all_routes)
    made.add(PROFILES["outlook"], NOW)
    under_way = [made.decide(asked("/me/events"), NOW) for _ in range(4)]
    assert [one.fault for one in under_way] == [None] * 4
    beyond = made.decide(asked("/me/messages"), NOW)
    assert beyond.fault is PROFILES["outlook"]
    assert beyond.retry_after == 1
    others = [asked("/me", person="alice@example.com"), asked("/me", application="b"), asked("/me", interface="google")]
    assert [made.decide(one, NOW).fault for one in others] == [None] * 3
    made.end(beyond)  # what was refused was not under way
    assert made.decide(asked("/me/events"), NOW).fault
    made.end(under_way[0])
    assert not made.decide(asked("/users/bob@example.com/events"), NOW).fault


def test_so_many_in_a_while() -> None:
    made = board({"effect": "limit", "requests": 2, "window_seconds": 60})

    def at(second: int) -> int | None:
        decision = made.decide(asked("/me"), NOW + second * SECOND)
        made.end(decision)
        return decision.retry_after

    assert [at(second) for second in (0, 10, 20, 59, 60, 61, 62)] == [None, None, 40, 1, None, None, 58]


def test_notifications_by_their_address() -> None:
    made = board({"webhooks": True, "url": "https://a.example/", "times": 1})
    assert made.requests == ()
    assert made.decide_webhook("https://b.example/", NOW) is None
    assert made.decide_webhook("https://a.example/told", NOW)
    assert made.decide_webhook("https://a.example/told", NOW) is None
    assert made.webhooks == ()


def test_one_is_taken_away() -> None:
    made = board({}, {"webhooks": True})
    made.remove("f0")
    assert made.requests == ()
    assert len(made.webhooks) == 1
    with pytest.raises(Missing, match="set are f1"):
        made.remove("g")
    made.clear()
    assert made.rules() == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"path": "/me/event"}, "did you mean me/events"),
        ({"path": "/me/evnts/{event}/accept"}, "did you mean me/events/{event}/accept"),
        ({"path": "/zebra"}, "paths are written like"),
        ({"path": "/calendars/{calendarId}/events", "interfaces": ["graph"]}, "There is no route"),
        ({"path": "/me/events", "interfaces": ["google"]}, "There is no route '/me/events' in google"),
        ({"path": "/places/{place}", "interfaces": ["outlook"]}, "no route '/places/{place}' in outlook"),
        ({"path": "/Me/Evnts/{event}/Accept", "interfaces": ["outlook"]}, "did you mean Me/Events/{event}/Accept"),
        ({"path": "/calendar/{calendar}/events", "interfaces": ["google"]}, "mean calendars/{calendarId}/events"),
        ({"path": "/zebra", "interfaces": ["google"]}, "written like calendars/{calendarId}/clear"),
        ({"path": "/me/getMailTips", "interfaces": ["outlook-v1"]}, "in outlook-v1"),
        ({"path": "$batch", "interfaces": ["outlook-v1"]}, "There is no route"),
        ({"path": "/Me/Events", "interfaces": ["outlook"], "method": "PUT"}, "it takes GET, POST"),
        ({"path": "/me/events/{event}/accept", "method": "GET"}, "it takes POST"),
        ({"path": "/me/**/accept"}, "stands at the end"),
        ({"interfaces": ["grpah"]}, "did you mean graph"),
        ({"method": "post"}, "in capitals"),
        ({"method": "BREW"}, "it takes"),
        ({"name": "a b"}, "letters, digits"),
        ({"effect": "explode"}, "no effect 'explode'; here are answer, expired-token"),
        ({"efect": "drop"}, "did you mean effect"),
        ({"effect": "answer", "status": 404}, "not 404"),
        ({"effect": "answer", "status": 403}, "set interfaces to google"),
        ({"effect": "answer", "code": "a\r\nb"}, "a word of letters"),
        ({"effect": "delay"}, "how long"),
        ({"effect": "delay", "seconds": -1}, ">= 0"),
        ({"effect": "delay", "seconds": 1e9}, "<= 600"),
        ({"effect": "limit"}, "how many requests"),
        ({"requests": 3}, "effect 'limit'"),
        ({"times": 0}, ">= 1"),
        ({"times": 3, "probability": 0.5}, "not together"),
        ({"probability": 0}, "> 0"),
        ({"until": "2020-01-01T00:00:00Z"}, "to come"),
        ({"until": "soon"}, "to come"),
        ({"url": "https://a.example"}, "set webhooks too"),
        ({"webhooks": True, "effect": "trickle", "seconds": 1}, "a notification may meet"),
        ({"webhooks": True, "person": "bob"}, "by its url alone"),
        ({"profile": "outlok"}, "did you mean outlook"),
    ],
    ids=str,
)
def test_what_cannot_be(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidProperty) as refused:
        board(rule)
    assert words in refused.value.message


def test_each_interface_has_routes_of_its_own_in_its_own_words() -> None:
    paths = {name: {one.path for one in all_routes() if one.interface == name} for name in INTERFACES}
    assert {"me/events/{event}/accept", "places/{place}", "$batch"} <= paths["graph"]
    assert {"Me/Events/{event}/Accept", "Me/FindMeetingTimes", "$batch"} <= paths["outlook-v2"]
    assert "Me/Events/{event}/Accept" in paths["outlook-v1"]
    assert not {"$batch", "Me/FindMeetingTimes"} & paths["outlook-v1"]
    assert {"calendars/{calendarId}/events/{eventId}", "$batch"} <= paths["google"]


def test_what_is_missing_and_what_is_there_already() -> None:
    with pytest.raises(InvalidProperty, match="missing: effect"):
        fault_of({"name": "a"})
    with pytest.raises(AlreadyExists):
        board({"name": "a"}, {"name": "a"})


def test_a_hundred_rules_and_one_more() -> None:
    made = board(*({"name": f"r{number}"} for number in range(100)))
    with pytest.raises(NotAllowed, match="100 faults are set; remove some first"):
        made.add(fault_of({"name": "more", "effect": "drop"}), NOW)
    made.remove("r7")
    assert made.add(fault_of({"name": "more", "effect": "drop"}), NOW) in made.rules()


@pytest.mark.parametrize("path", ["/_rsvpd/faults", "/_rsvpd/**", "/health", "/oauth2/v2.0/token"])
def test_no_rule_is_for_the_desk(path: str) -> None:
    with pytest.raises(InvalidProperty, match="There is no route"):
        board({"path": path})


def test_times_of_a_limit_are_how_often_it_refuses() -> None:
    made = board({"effect": "limit", "requests": 1, "times": 2})
    decision = [made.decide(asked("/me"), NOW).fault is not None for _ in range(5)]
    assert decision == [False, True, True, False, False]


def test_a_profile_with_what_is_said_otherwise() -> None:
    assert fault_of({"profile": "outlook"}) == PROFILES["outlook"]
    fault = fault_of({"profile": "outlook", "name": "narrow", "concurrent": 1, "person": "bob"})
    assert (fault.name, fault.requests, fault.concurrent, fault.person) == ("narrow", 10_000, 1, "bob")


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_can_be_set(profile: str) -> None:
    assert isinstance(Faults(all_routes).add(PROFILES[profile], NOW).fault, Fault)
