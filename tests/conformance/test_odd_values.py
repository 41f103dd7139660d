"""JSON that no calendar means: it is kept or refused in the dialect's own shape, and no list fails afterwards."""

from __future__ import annotations

import pytest

from support.client import MOUNTS
from support.world import Reply, World

ODD = {
    "over 64 bits": "123456789012345678901234567890",
    "just over 64 bits": "9223372036854775808",
    "under 64 bits": "-9223372036854775809",
    "thousands of digits": "1" * 5000,
    "infinite": "1e999",
    "no number": "NaN",
    "a tiny number": "1e-400",
    "half a character": r'"\ud800"',
    "the other half": r'"\udc00\ud800"',
    "NUL": r'"a\u0000b"',
    "nested": "[" * 200 + "]" * 200,
    "nested beyond every stack": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a long string": '"' + "x" * 300_000 + '"',
    "an object with odd names": r'{"": 1, "\u0000": {"\u200b": null}, "a.b/c@odata": [1.5]}',
    "a year out of range": '"99999-01-01T00:00:00Z"',
    "the first year": '"0001-01-01T00:00:00+14:00"',
    "the last year": '"9999-12-31T23:59:59-14:00"',
    "a list": "[[], {}, null, true, 0]",
    "false": "false",
}
# Refused wherever they stand: they could not be written back.
NEVER_KEPT = {
    "over 64 bits", "just over 64 bits", "under 64 bits", "thousands of digits", "infinite", "no number",
    "half a character", "the other half", "nested", "nested beyond every stack",
}  # fmt: skip
TIMES = '"start": {"dateTime": "2027-04-05T10:00:00Z"}, "end": {"dateTime": "2027-04-05T11:00:00Z"}'
ZONED = TIMES.replace('Z"}', '", "timeZone": "UTC"}')
GOOGLE = (
    '"conferenceData": {"x": @}', '"gadget": {"x": @}', '"attachments": [{"fileUrl": @}]', '"source": {"title": @}',
    '"extendedProperties": {"private": {"x": @}}', '"summary": @', '"description": @', '"location": @', '"colorId": @',
    '"attendees": [{"email": "bob@example.com", "comment": @}]', '"attendees": [{"email": @}]',
    '"attendees": [{"email": "bob@example.com", "additionalGuests": @}]', '"attendees": @', '"reminders": @',
    '"reminders": {"overrides": [{"method": "popup", "minutes": @}]}', '"recurrence": [@]', '"start": {"dateTime": @}',
    '"start": {"date": @}', '"end": @', '"id": @', '"iCalUID": @', '"sequence": @', '"unknown": @',
    '"privateCopy": @', '"eventLabelId": @',
)  # fmt: skip
LABELED = (
    '"labelProperties": @', '"labelProperties": {"eventLabels": @}', '"labelProperties": {"eventLabels": [@]}',
    '"labelProperties": {"eventLabels": [{"backgroundColor": @}]}',
    '"labelProperties": {"eventLabels": [{"backgroundColor": "#0088aa", "name": @}]}',
    '"labelProperties": {"eventLabels": [{"backgroundColor": "#0088aa", "id": @}]}',
)  # fmt: skip
MICROSOFT = (
    '"subject": @', '"body": {"contentType": "html", "content": @}', '"location": {"displayName": @}',
    '"location": {"coordinates": {"latitude": @}}', '"attendees": [{"emailAddress": {"address": @}}]',
    '"attendees": [{"emailAddress": {"address": "bob@example.com", "name": @}}]', '"categories": [@]',
    '"reminderMinutesBeforeStart": @', '"transactionId": @', '"start": {"dateTime": @, "timeZone": "UTC"}',
    '"start": {"dateTime": "2027-04-05T10:00:00", "timeZone": @}', '"recurrence": {"pattern": {"interval": @}}',
    '"isAllDay": @', '"importance": @',
)  # fmt: skip


def check(name: str, reply: Reply, member: str) -> None:
    """Hold that an answer keeps the value or refuses it as the caller's mistake."""
    assert reply.status in ((400,) if name in NEVER_KEPT else (200, 201, 202, 400, 404, 501)), (member, reply.body)
    if reply.status >= 400:
        error = reply.json["error"]
        assert error.get("errors", [error])[0].keys() & {"reason", "code"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_in_google(world: World, name: str) -> None:
    events = "/calendar/v3/calendars/primary/events"
    versions = "conferenceDataVersion=1&supportsAttachments=true"
    plain = world.request("alice", "POST", events, raw=f"{{{TIMES}}}".encode()).json["id"]
    for member in GOOGLE:
        body = f"{{{TIMES}, {member.replace('@', ODD[name])}}}".encode()
        check(name, world.request("alice", "POST", f"{events}?{versions}", raw=body), member)
        check(name, world.request("alice", "PATCH", f"{events}/{plain}?{versions}", raw=body), member)
        labeled = f"{events}/{plain}?{versions}&eventLabelVersion=1"
        check(name, world.request("alice", "PATCH", labeled, raw=body), member)
    for member in LABELED:
        body = f"{{{member.replace('@', ODD[name])}}}".encode()
        check(name, world.request("alice", "PATCH", "/calendar/v3/calendars/primary", raw=body), member)
        assert world.request("alice", "GET", "/calendar/v3/calendars/primary").status == 200
    for who in ("alice", "bob"):
        assert world.request(who, "GET", f"{events}?maxResults=50&orderBy=updated").status == 200
        assert world.request(who, "GET", "/v1.0/me/events?$top=50").status == 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("profile", MOUNTS)
def test_in_microsoft(world: World, name: str, profile: str) -> None:
    events, mail = f"{MOUNTS[profile]}/me/events", f"{MOUNTS[profile]}/me/messages"
    times = '"start": "2027-04-05T10:00:00Z", "end": "2027-04-05T11:00:00Z"' if profile == "v1" else ZONED
    plain = world.request("alice", "POST", events, raw=f"{{{times}}}".encode()).json
    event = f"{events}/{plain.get('id') or plain['Id']}"
    for member in MICROSOFT:
        body = f"{{{times}, {member.replace('@', ODD[name])}}}".encode()
        check(name, world.request("alice", "POST", events, raw=body), member)
        check(name, world.request("alice", "PATCH", event, raw=body), member)
    answer = f'{{"comment": {ODD[name]}, "sendResponse": true}}'.encode()
    check(name, world.request("alice", "POST", f"{event}/accept", raw=answer), "comment")
    letter = f'{{"message": {{"subject": {ODD[name]}, "toRecipients": []}}}}'.encode()
    check(name, world.request("alice", "POST", f"{MOUNTS[profile]}/me/sendMail", raw=letter), "message")
    for who in ("alice", "bob"):
        assert world.request(who, "GET", f"{events}?$top=50").status == 200
        assert world.request(who, "GET", f"{mail}?$top=50").status == 200


@pytest.mark.parametrize("number", ["9" * 30, "-" + "9" * 30, "1e999", "9" * 5000])
def test_in_questions(world: World, number: str) -> None:
    urls = (
        f"/v1.0/me/events?$filter=reminderMinutesBeforeStart%20gt%20{number}", f"/v1.0/me/events?$top={number}",
        f"/v1.0/me/events?$skip={number}", f"/v1.0/me/messages?$filter=size%20eq%20{number}",
        f"/calendar/v3/calendars/primary/events?maxResults={number}",
        f"/calendar/v3/calendars/primary/events?maxAttendees={number}",
    )  # fmt: skip
    for url in urls:
        assert world.request("alice", "GET", url).status in (200, 400), url
