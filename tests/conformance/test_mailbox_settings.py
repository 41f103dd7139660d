"""The settings of a mailbox: written in one interface, they hold in all (Graph: mailboxSettings)."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client, plain
from support.world import World

SETTINGS = "/me/mailboxSettings"
NAMESPACE = "Microsoft.OutlookServices"
VALIDATION = "ErrorPropertyValidationFailure"
CUSTOM = {
    "name": "Customized Time Zone",
    "bias": -300,
    "standardOffset": {"time": "02:00:00.0000000", "dayOccurrence": 2, "dayOfWeek": "sunday", "month": 10, "year": 0},
    "daylightOffset": {
        "time": "02:00:00.0000000", "dayOccurrence": 4, "dayOfWeek": "sunday", "month": 5, "year": 0,
        "daylightBias": 100,
    },
}  # fmt: skip


@pytest.fixture(params=["graph", "v2", "v1"])
def bob(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "bob", request.param)


def at(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def change(client: Client, body: dict[str, Any], **headers: str) -> Any:
    reply = client("PATCH", SETTINGS, body, **headers)
    assert reply.status == 200, reply.body
    return plain(reply.json)


def google_settings(world: World, who: str = "bob") -> dict[str, str]:
    page = world.request(who, "GET", "/calendar/v3/users/me/settings").json
    return {one["id"]: one["value"] for one in page["items"]}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"timeZone": "Pacific Standard Time"}, {"timeZone": "Pacific Standard Time"}),
        ({"timeZone": "america/los_angeles"}, {"timeZone": "America/Los_Angeles"}),
        ({"dateFormat": "dd.MM.yyyy"}, {"dateFormat": "dd.MM.yyyy"}),
        ({"timeFormat": "H:mm"}, {"timeFormat": "H:mm"}),
        ({"language": {"locale": "de-de"}}, {
            "language": {"locale": "de-DE", "displayName": "German (Germany)"},
            "dateFormat": "dd.MM.yyyy", "timeFormat": "HH:mm",
        }),
        ({"language": {"locale": "de-DE"}, "timeFormat": "h:mm"}, {"dateFormat": "dd.MM.yyyy", "timeFormat": "h:mm"}),
        ({"userPurpose": "room", "archiveFolder": "x"}, {"userPurpose": "user"}),
    ],
)  # fmt: skip
def test_a_setting_that_is_changed_is_answered(bob: Client, body: dict[str, Any], shown: dict[str, Any]) -> None:
    changed = change(bob, body)
    read = bob.get(SETTINGS)
    wanted = {name: bob.word(one) if name == "userPurpose" else one for name, one in shown.items()}
    assert {name: changed[name] for name in shown} == wanted == {name: read[name] for name in shown}
    ignored = bob("PATCH", SETTINGS, body).hint
    assert ("userPurpose" in body) == ("archiveFolder".lower() in ignored.lower())


def test_the_zone_is_that_of_all_interfaces(world: World, bob: Client) -> None:
    change(bob, {"timeZone": "Tokyo Standard Time"})
    assert google_settings(world)["timezone"] == "Asia/Tokyo"
    calendar = world.request("bob", "GET", "/calendar/v3/calendars/primary").json
    assert calendar["timeZone"] == "Asia/Tokyo"
    all_day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    assert world.request("bob", "POST", "/calendar/v3/calendars/primary/events", all_day).status == 200
    asked = {"timeMin": "2026-11-30T00:00:00Z", "timeMax": "2026-12-03T00:00:00Z", "items": [{"id": "primary"}]}
    busy = world.request("bob", "POST", "/calendar/v3/freeBusy", asked).json["calendars"]["primary"]["busy"]
    assert busy == [{"start": "2026-11-30T15:00:00Z", "end": "2026-12-01T15:00:00Z"}]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({}, {"dateFieldOrder": "MDY", "format24HourTime": "false", "locale": "en"}),
        ({"language": {"locale": "de-DE"}}, {"dateFieldOrder": "DMY", "format24HourTime": "true", "locale": "de"}),
        ({"language": {"locale": "en-GB"}}, {"dateFieldOrder": "DMY", "locale": "en_GB"}),
        ({"language": {"locale": "ja-JP"}}, {"dateFieldOrder": "YMD", "locale": "ja"}),
        ({"language": {"locale": "es-MX"}}, {"locale": "es_419"}),
        ({"language": {"locale": "cy-GB"}}, {"locale": "en"}),
        ({"dateFormat": "yyyy-MM-dd", "timeFormat": "HH:mm"}, {"dateFieldOrder": "YMD", "format24HourTime": "true"}),
        ({"dateFormat": "ddd d MMM yy"}, {"dateFieldOrder": "DMY"}),
    ],
)
def test_google_reads_the_same_truth(world: World, body: dict[str, Any], shown: dict[str, str]) -> None:
    change(Client(world, "bob", "graph"), body)
    found = google_settings(world)
    assert {name: found[name] for name in shown} == shown


def test_a_change_is_told_to_who_synchronizes(world: World) -> None:
    url = "/calendar/v3/users/me/settings"
    token = world.request("bob", "GET", url).json["nextSyncToken"]
    change(Client(world, "bob", "graph"), {"timeZone": "Tokyo Standard Time"})
    page = world.request("bob", "GET", f"{url}?syncToken={token}").json
    assert [(one["id"], one["value"]) for one in page["items"]] == [("timezone", "Asia/Tokyo")]


def test_working_hours_are_changed_member_by_member(bob: Client) -> None:
    body = {"workingHours": {"startTime": "09:30:00.0000000", "daysOfWeek": ["Saturday", "monday"]}}
    hours = change(bob, body)["workingHours"]
    assert hours["daysOfWeek"] == [bob.word("monday"), bob.word("saturday")]
    assert (hours["startTime"], hours["endTime"]) == ("09:30:00.0000000", "17:00:00.0000000")
    assert hours["timeZone"] == {"name": "UTC"}
    changed = change(bob, {"timeZone": "W. Europe Standard Time"})
    assert changed["workingHours"]["timeZone"] == {"name": "W. Europe Standard Time"}
    change(bob, {"workingHours": {"timeZone": {"name": "Tokyo Standard Time"}}})
    change(bob, {"timeZone": "Europe/Berlin"})
    read = bob.get(f"{SETTINGS}/workingHours")
    assert (read["startTime"], read["timeZone"]) == ("09:30:00.0000000", {"name": "Tokyo Standard Time"})


def test_a_zone_by_its_rules_is_kept(bob: Client) -> None:
    body = {"workingHours": {"timeZone": {"@odata.type": "#microsoft.graph.customTimeZone", **CUSTOM}}}
    zone = change(bob, body)["workingHours"]["timeZone"]
    kind = zone.pop("@odata.type")
    assert kind == f"#{'microsoft.graph' if bob.profile == 'graph' else NAMESPACE}.{bob.word('customTimeZone')}"
    for name in ("standardOffset", "daylightOffset"):
        assert zone[name].pop("dayOfWeek") == bob.word("sunday")
    assert zone == {
        name: {key: one for key, one in part.items() if key != "dayOfWeek"} if isinstance(part, dict) else part
        for name, part in CUSTOM.items()
    }


def test_automatic_replies_are_changed_member_by_member(bob: Client) -> None:
    name = "automaticRepliesSetting"
    times = {
        "scheduledStartDateTime": at("2026-12-20T18:00:00.0000000"),
        "scheduledEndDateTime": at("2026-12-28T10:00:00", "Pacific Standard Time"),
    }
    change(bob, {name: {"status": "Scheduled", "internalReplyMessage": "<p>Away</p>", **times}})
    found = change(bob, {name: {"externalReplyMessage": "Closed", "externalAudience": "contactsOnly"}})[name]
    assert found["status"] == bob.word("scheduled")
    assert (found["externalAudience"], found["externalReplyMessage"]) == (bob.word("contactsOnly"), "Closed")
    assert found["internalReplyMessage"] == "<p>Away</p>"
    assert found["scheduledStartDateTime"] == at("2026-12-20T18:00:00.0000000")
    assert found["scheduledEndDateTime"] == at("2026-12-28T18:00:00.0000000")
    read = bob.get(f"{SETTINGS}/{name}", prefer='outlook.timezone="Tokyo Standard Time"')
    assert read["scheduledStartDateTime"] == at("2026-12-21T03:00:00.0000000", "Tokyo Standard Time")
    off = change(bob, {name: {"status": "disabled"}})[name]
    assert off == found | {"status": bob.word("disabled")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"workingHours": {"startTime": "08"}}, "RequestBodyRead"),
        ({"workingHours": {"startTime": 8}}, "RequestBodyRead"),
        ({"workingHours": {"endTime": "25:00:00"}}, "RequestBodyRead"),
        ({"workingHours": {"startTime": "18:00:00"}}, "ErrorInvalidTimeSettings"),
        ({"workingHours": {"endTime": "08:00:00"}}, "ErrorInvalidTimeSettings"),
        ({"workingHours": {"daysOfWeek": ["RandomDay"]}}, "InvalidArguments"),
        ({"workingHours": {"daysOfWeek": [None]}}, "InvalidArguments"),
        ({"workingHours": {"timeZone": {"name": "Nowhere"}}}, "InvalidTimeZone"),
        ({"workingHours": {"timeZone": {"name": "Customized Time Zone"}}}, "InvalidTimeZone"),
        ({"workingHours": {"timeZone": {"bias": 5000}}}, "InvalidTimeZone"),
        ({"workingHours": {"timeZone": {"bias": 0, "standardOffset": {"month": 13}}}}, "InvalidTimeZone"),
        ({"workingHours": {"timeZone": {"bias": 0, "daylightOffset": {"month": 5}}}}, "InvalidTimeZone"),
        ({"workingHours": None}, VALIDATION),
        ({"workingHours": []}, VALIDATION),
        ({"timeZone": "Nowhere"}, "InvalidTimeZone"),
        ({"timeZone": ""}, "InvalidTimeZone"),
        ({"timeZone": 5}, VALIDATION),
        ({"timeZone": None}, VALIDATION),
        ({"dateFormat": "dd.MM"}, VALIDATION),
        ({"dateFormat": "dd.MM.yyyy HH"}, VALIDATION),
        ({"dateFormat": ""}, VALIDATION),
        ({"dateFormat": "dMy" * 40}, VALIDATION),
        ({"timeFormat": "yyyy"}, VALIDATION),
        ({"timeFormat": "hh:HH:mm"}, VALIDATION),
        ({"language": {"locale": "xx-YY"}}, VALIDATION),
        ({"language": {"locale": None}}, VALIDATION),
        ({"language": "de"}, VALIDATION),
        ({"automaticRepliesSetting": {"status": "on"}}, VALIDATION),
        ({"automaticRepliesSetting": {"status": None}}, VALIDATION),
        ({"automaticRepliesSetting": {"internalReplyMessage": 5}}, VALIDATION),
        ({"automaticRepliesSetting": {"status": "scheduled"}}, "ErrorInvalidScheduledOofDuration"),
        ({"automaticRepliesSetting": {"status": "scheduled", "scheduledStartDateTime": at("2026-12-20"),
          "scheduledEndDateTime": at("2026-12-20")}}, "ErrorInvalidScheduledOofDuration"),
        ({"automaticRepliesSetting": {"status": "scheduled", "scheduledStartDateTime": at("2016-03-20"),
          "scheduledEndDateTime": at("2016-03-28")}}, "ErrorInvalidScheduledOofDuration"),
        ({"automaticRepliesSetting": {"scheduledStartDateTime": at("soon")}}, VALIDATION),
        ({"automaticRepliesSetting": {"scheduledStartDateTime": at("2026-12-20", "Nowhere")}},
         "TimeZoneNotSupportedException"),
        ({"noSuchSetting": 1}, "RequestBodyRead"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_changes(bob: Client, body: dict[str, Any], code: str) -> None:
    before = bob.get(SETTINGS)
    assert bob.error("PATCH", SETTINGS, body) == (400, code)
    assert bob.get(SETTINGS) == before


def test_the_words_of_documented_refusals(world: World) -> None:
    bob = Client(world, "bob", "graph")

    def message(hours: dict[str, Any]) -> str:
        return str(bob("PATCH", SETTINGS, {"workingHours": hours}).json["error"]["message"])

    assert message({"startTime": "08"}) == "Cannot convert the literal '08' to the expected type 'Edm.TimeOfDay'."
    assert message({"startTime": "19:00:00"}) == "Start Time should occur before End Time."
    assert message({"daysOfWeek": ["RandomDay"]}) == "Requested value 'RandomDay' was not found."
    assert message({"timeZone": {"name": "x"}}) == "Time Zone settings provided are invalid."


def test_schedules_show_the_hours_that_are_set(world: World) -> None:
    bob, alice = Client(world, "bob", "graph"), Client(world, "alice", "graph")
    change(bob, {"workingHours": {"daysOfWeek": ["sunday"], "endTime": "18:30:00", "timeZone": CUSTOM}})
    asked = {
        "schedules": ["bob@example.com"], "startTime": at("2026-12-01T08:00:00"), "endTime": at("2026-12-01T12:00:00"),
    }  # fmt: skip
    (entry,) = alice("POST", "/me/calendar/getSchedule", asked).json["value"]
    assert entry["workingHours"]["daysOfWeek"] == ["sunday"]
    assert entry["workingHours"]["timeZone"]["bias"] == -300


def test_settings_stay_with_who_set_them(world: World) -> None:
    bob, alice = Client(world, "bob", "graph"), Client(world, "alice", "graph")
    change(bob, {"timeZone": "Tokyo Standard Time", "language": {"locale": "ja-JP"}})
    world.reopen()
    assert bob.get(SETTINGS)["language"]["locale"] == "ja-JP"
    assert bob.get("/me?$select=mailboxSettings")["mailboxSettings"]["timeZone"] == "Tokyo Standard Time"
    assert alice.get(SETTINGS)["language"]["locale"] == "en-US"
    theirs = "/users/alice@example.com/mailboxSettings"
    assert bob.error("PATCH", theirs, {"timeZone": "UTC"}) == (403, "ErrorAccessDenied")
    assert alice.get(f"/users/{bob.get('/me')['id']}?$select=mailboxSettings")["mailboxSettings"] is None
