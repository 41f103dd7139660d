"""What is sent and not kept is called by its right name, in Graph and in both Outlook services."""

from __future__ import annotations

from typing import Any

import pytest

from support.microsoft import Microsoft

TO = [{"emailAddress": {"address": "bob@example.com"}}]
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
HEADERS = [{"name": "x-a", "value": "b"}]
SINGLE, SET = "singleValueExtendedProperties", "{66f5a359-4659-4830-9070-00047ec6ac6e}"
VALUES: dict[str, list[dict[str, Any]]] = {
    SINGLE: [{"id": f"String {SET} Name Color", "value": "Green"}],
    "multiValueExtendedProperties": [{"id": f"StringArray {SET} Name Pals", "value": ["Ann"]}],
    "extensions": [{"extensionName": "Com.Contoso.Deal", "dealValue": 10}],
}
READ_ONLY, OTHER = "as read-only", "of another version"


def sentence(hint: str, reason: str) -> str:
    """Return the names that a hint gives a reason for."""
    parts = [part for part in hint.split("Left out, ") if reason in part]
    return parts[0].partition(": ")[2].partition(". ")[0] if parts else ""


def sent(outlook: Microsoft, **members: Any) -> str:
    message = {"subject": "Report", "toRecipients": TO, **members}
    reply = outlook.call("alice", "POST", "/me/sendMail", {"message": message})
    assert reply.status == 202
    assert outlook.inbox("bob")[-1].subject == "Report"
    return reply.hint


def test_surface_23_mail_with_more(outlook: Microsoft) -> None:
    hint = sent(outlook, internetMessageHeaders=HEADERS, isReadReceiptRequested=True,
                isDeliveryReceiptRequested=True)  # fmt: skip
    # internetMessageHeaders came after Outlook v1.0; all else is kept.
    assert sentence(hint, OTHER) == ("internetMessageHeaders" if outlook.offsets else "")
    assert sentence(hint, READ_ONLY) == ""


@pytest.mark.parametrize("name", ["singleValueExtendedProperties", "multiValueExtendedProperties", "extensions"])
def test_surface_23_mail_with_more_of_its_own(outlook: Microsoft, name: str) -> None:
    hint = sent(outlook, **{name: VALUES[name]})
    assert sentence(hint, OTHER) == (name if outlook.offsets else "")


def test_surface_23_mail_that_asks_for_nothing_more(outlook: Microsoft) -> None:
    nothing = {"attachments": [], "isReadReceiptRequested": False, "internetMessageHeaders": None}
    assert sent(outlook, **nothing) == ""


def test_surface_23_mail_with_more_each_reason_has_its_sentence(outlook: Microsoft) -> None:
    hint = sent(outlook, bodyPreview="x", parentFolderId="y", mentionsPreview={"a": 1})
    assert sentence(hint, READ_ONLY) == "bodyPreview, parentFolderId"
    assert sentence(hint, OTHER) == "mentionsPreview"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_surface_23_an_event_with_more(outlook: Microsoft, method: str) -> None:
    slot: dict[str, Any] = {"start": "2026-12-02T10:00:00Z", "end": "2026-12-02T11:00:00Z"}
    if not outlook.offsets:
        slot = {name: {"dateTime": at[:19], "timeZone": "UTC"} for name, at in slot.items()}
    more = {"attachments": [FILE], SINGLE: VALUES[SINGLE], "isCancelled": True, "uid": "x"}
    path = "/me/events"
    if method == "PATCH":
        path += "/" + outlook.get(outlook.call("alice", "GET", path).json["value"][0], "id")
    reply = outlook.call("alice", method, path, {"subject": "Plans", **slot, **more})
    assert reply.status == (201 if method == "POST" else 200)
    assert sentence(reply.hint, OTHER) == ("singleValueExtendedProperties, uid" if outlook.offsets else "uid")
    # What is attached is no member of an event that is there: it is added and taken away by itself.
    assert sentence(reply.hint, READ_ONLY) == ("isCancelled" if method == "POST" else "attachments, isCancelled")


def test_surface_23_a_flag_with_dates(outlook: Microsoft) -> None:
    id = outlook.inbox("bob")[0].id
    when = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
    flag = {"flagStatus": "flagged", "startDateTime": when, "dueDateTime": when}
    reply = outlook.call("bob", "PATCH", f"/me/messages/{id}", {"flag": flag})
    assert reply.status == 200
    if outlook.offsets:
        assert sentence(reply.hint, OTHER) == "flag"
    else:
        assert reply.hint == ""
        kept = outlook.get(outlook.call("bob", "GET", f"/me/messages/{id}").json, "flag")
        assert outlook.get(kept, "dueDateTime", "dateTime") == "2026-12-01T10:00:00.0000000"
