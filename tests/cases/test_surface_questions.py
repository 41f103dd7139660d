"""What programs ask: searches of mail and people, filters, synchronization. In Graph and in both Outlook services."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from support.microsoft import Microsoft
from support.world import Reply

PICKER = " or ".join(
    f"startswith({name},'bo')" for name in ("displayName", "givenName", "surname", "mail", "userPrincipalName")
)


# --- $search of messages


@pytest.fixture
def mail(outlook: Microsoft) -> Microsoft:
    """Return a service in which alice has sent bob three messages besides the invitation."""
    for subject, to, cc, body in (
        ("Quarterly numbers", "bob", "carol", "The figures are attached to nothing."),
        ("Lunch", "bob", "", "Pizza at noon?"),
        ("Quarantine", "carol", "bob", "Stay at home."),
    ):
        message: dict[str, Any] = {"subject": subject, "body": {"contentType": "text", "content": body}}
        message["toRecipients"] = [{"emailAddress": {"address": f"{to}@example.com"}}]
        message["ccRecipients"] = [{"emailAddress": {"address": f"{cc}@example.com"}}] if cc else []
        assert outlook.call("alice", "POST", "/me/sendMail", {"message": message}).status == 202
        outlook.world.now += 24 * 3600 * 10**6
    return outlook


def subjects(service: Microsoft, search: str) -> list[str]:
    page = service.call("bob", "GET", f"/me/messages?$search={quote(search)}&$top=50")
    assert page.status == 200, page.body
    return [service.get(one, "subject") for one in page.json["value"]]


EVERY = ["Quarantine", "Lunch", "Quarterly numbers", "Plans"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('"received>=2020-01-01"', EVERY),
        ('"sent<2030-01-01"', EVERY),
        ('"sent<2026-11-24"', ["Quarterly numbers", "Plans"]),
        ('"received:2026-11-24"', ["Lunch"]),
        ('"received:11/24/2026"', ["Lunch"]),
        ('"received:2026-11-24..2026-11-25"', ["Quarantine", "Lunch"]),
        ('"received:yesterday"', ["Quarantine"]),
        ('"subject=Quarterly"', ["Quarterly numbers"]),
        ('"(Quarterly)"', ["Quarterly numbers"]),
        ('"Quart*"', ["Quarterly numbers"]),
        ('"Quar*"', ["Quarantine", "Quarterly numbers"]),
        ('"Quar"', []),
        ('"quarterly OR pizza"', ["Lunch", "Quarterly numbers"]),
        ('"quarterly or pizza"', ["Lunch", "Quarterly numbers"]),
        ('"Quar* AND NOT home"', ["Quarterly numbers"]),
        ('"Quar* -numbers"', ["Quarantine"]),
        ('"from:alice -(subject:lunch OR plans)"', ["Quarantine", "Quarterly numbers"]),
        (r'"\"figures are\""', ["Quarterly numbers"]),
        (r'"\"are figures\""', []),
        ('"cc:carol"', ["Quarterly numbers"]),
        ('"to:carol"', ["Quarantine"]),
        ('"recipients:carol"', ["Quarantine", "Quarterly numbers"]),
        ('"participants:alice@example.com"', EVERY),
        ('"bcc:carol"', []),
        ('"hasAttachments:true"', []),
        ('"hasAttachments:false"', EVERY),
        ('"kind:meetings"', ["Plans"]),
        ('"importance:high"', []),
        ('"size:1..500000"', EVERY),
        ('"isRead:true"', []),
    ],
)
def test_surface_20_search_that_cannot_be_read_is_read(mail: Microsoft, search: str, expected: list[str]) -> None:
    assert subjects(mail, search) == expected


@pytest.mark.parametrize("search", ['"colour:red"', '"received:someday"', '"(Quarterly"', '"*terly"', '"subject: x"'])
def test_surface_20_search_that_cannot_be_read_is_refused_with_a_reason(mail: Microsoft, search: str) -> None:
    reply = mail.call("bob", "GET", f"/me/messages?$search={quote(search)}")
    error = reply.json["error"]
    assert (reply.status, error["code"]) == (400, "ErrorInvalidUrlQuery" if mail.pascal else "BadRequest")
    assert error["message"].startswith("The search cannot be read: ")


def test_surface_20_search_that_cannot_be_read_names_what_is_missing(mail: Microsoft) -> None:
    reply = mail.call("bob", "GET", f"/me/messages?$search={quote(chr(34) + 'lunch NEAR pizza' + chr(34))}")
    assert (reply.status, reply.json["error"]["code"]) == (501, "NotImplemented")
    assert "NEAR" in reply.json["error"]["message"]


def test_surface_20_what_the_real_service_reads_otherwise_is_said(mail: Microsoft) -> None:
    def hint(search: str) -> str:
        return mail.call("bob", "GET", f"/me/messages?$search={quote(search)}").hint

    assert "in quotes" in hint("subject:lunch")
    assert "or in lower case" in hint('"lunch or plans"')
    assert hint('"lunch OR plans"') == ""
    assert hint("lunch") == ""


def test_a_search_goes_on_to_the_next_page(mail: Microsoft) -> None:
    page = mail.call("bob", "GET", f"/me/messages?$search={quote(chr(34) + 'Quar*' + chr(34))}&$top=1")
    follow = mail.world.request("bob", "GET", page.json["@odata.nextLink"])
    found = [mail.get(one, "subject") for one in (*page.json["value"], *follow.json["value"])]
    assert found == ["Quarantine", "Quarterly numbers"]


def test_blind_copies_are_found_by_who_wrote_them_alone(outlook: Microsoft) -> None:
    box = [{"emailAddress": {"address": "carol@example.com"}}]
    to = [{"emailAddress": {"address": "bob@example.com"}}]
    message = {"subject": "Secret", "toRecipients": to, "bccRecipients": box}
    assert outlook.call("alice", "POST", "/me/sendMail", {"message": message}).status == 202
    for who, expected in (("alice", 1), ("bob", 0), ("carol", 0)):
        page = outlook.call(who, "GET", f"/me/messages?$search={quote(chr(34) + 'bcc:carol' + chr(34))}")
        assert len(page.json["value"]) == expected


# --- people


def people(service: Microsoft, question: str, **headers: str) -> Reply:
    return service.call("bob", "GET", f"/users?{question}", **headers)


def names(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [one.get("displayName") or one["DisplayName"] for one in reply.json["value"]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("startswith(givenName,'B')", ["Bob"]),
        ("givenName eq 'carol'", ["Carol"]),
        (PICKER, ["Bob"]),
        ("startswith(displayName,'x') or startswith(mail,'car')", ["Carol"]),
        ("mailNickname eq 'bob'", ["Bob"]),
        ("userType eq 'Member'", ["Alice", "Bob", "Carol"]),
        ("proxyAddresses/any(x:x eq 'smtp:bob@example.com')", ["Bob"]),
        ("otherMails/any(x:startswith(x,'bob'))", []),
        ("id eq '{bob}'", ["Bob"]),
        ("id eq {bob}", ["Bob"]),
        ("id in ('{bob}','{alice}')", ["Alice", "Bob"]),
    ],
)
def test_surface_21_users_by_name(outlook: Microsoft, question: str, expected: list[str]) -> None:
    oids = {name: person.oid for name, person in outlook.world.people.items()}
    reply = people(outlook, f"$filter={quote(question.format(**oids))}")
    if not outlook.pascal:
        assert names(reply) == expected
    else:  # the users of Outlook REST have five members, and no part of a text is filtered there
        assert reply.status == (200 if question == "id in ('{bob}','{alice}')" or question.startswith("id eq") else 400)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("surname eq null", ["Alice", "Bob", "Carol"]),
        ("endswith(mail,'@example.com') and accountEnabled eq true", ["Alice", "Bob", "Carol"]),
        ("jobTitle eq 'Engineer' or department eq null", ["Alice", "Bob", "Carol"]),
        ("accountEnabled ne true", []),
        ("not startswith(displayName,'A')", ["Bob", "Carol"]),
    ],
)
def test_surface_21_users_by_what_takes_advanced_queries(
    outlook: Microsoft, question: str, expected: list[str]
) -> None:
    asked = f"$filter={quote(question)}"
    assert people(outlook, asked, consistencylevel="eventual").status == 400
    reply = people(outlook, asked)
    assert reply.status == 400
    if not outlook.pascal:
        assert reply.json["error"]["code"] == "Request_UnsupportedQuery"
        counted = people(outlook, f"{asked}&$count=true", consistencylevel="eventual")
        assert names(counted) == expected
        assert counted.json["@odata.count"] == len(expected)


@pytest.mark.parametrize("question", ["MailboxGuid eq {bob}", "MailboxGuid eq guid'{bob}'", "Alias eq 'bob'"])
def test_surface_21_users_of_the_outlook_services(outlook: Microsoft, question: str) -> None:
    reply = people(outlook, f"$filter={quote(question.format(bob=outlook.world.people['bob'].oid))}")
    if outlook.pascal:
        assert names(reply) == ["Bob"]
    else:
        assert reply.status == 400


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ('"displayName:bob"', ["Bob"]),
        ('"displayName:ca"', ["Carol"]),
        ('"displayName:rol"', []),
        ('"displayName:bob" OR "mail:carol@"', ["Bob", "Carol"]),
        ('"displayName:bob" AND "mail:carol@"', []),
        ('("displayName:bob" OR "displayName:alice") AND "userPrincipalName:alice"', ["Alice"]),
    ],
)
def test_surface_21_users_by_search(outlook: Microsoft, search: str, expected: list[str]) -> None:
    reply = people(outlook, f"$search={quote(search)}", consistencylevel="eventual")
    if outlook.pascal:
        assert reply.status == 400
        return
    assert names(reply) == expected
    counted = outlook.call("bob", "GET", f"/users/$count?$search={quote(search)}", consistencylevel="eventual")
    assert counted.body == str(len(expected)).encode()
    both = people(outlook, f"$search={quote(search)}&$filter=mail%20eq%20'x'", consistencylevel="eventual")
    assert names(both) == []


def test_surface_21_users_by_search_need_their_header(outlook: Microsoft) -> None:
    reply = people(outlook, f"$search={quote(chr(34) + 'displayName:bob' + chr(34))}")
    assert reply.status == 400
    if not outlook.pascal:
        assert reply.json["error"]["code"] == "Request_UnsupportedQuery"
        assert "ConsistencyLevel: eventual" in reply.json["error"]["message"]


@pytest.mark.parametrize("search", ['"nosuch:bob"', '"bob"', "bob", '"accountEnabled:true"'])
def test_surface_21_users_by_a_search_that_is_none(outlook: Microsoft, search: str) -> None:
    reply = people(outlook, f"$search={quote(search)}", consistencylevel="eventual")
    code = "ErrorInvalidUrlQuery" if outlook.pascal else "BadRequest"
    assert (reply.status, reply.json["error"]["code"]) == (400, code)


def test_surface_21_documented_members_are_selected(outlook: Microsoft) -> None:
    if outlook.pascal:
        assert people(outlook, "$select=companyName").status == 400
        return
    (bob,) = people(outlook, "$select=displayName,companyName,employeeId,skills&$filter=mail%20eq%20'bob@example.com'"
                    ).json["value"]  # fmt: skip
    assert {name: bob[name] for name in bob if "@" not in name} == {
        "displayName": "Bob", "companyName": None, "employeeId": None, "skills": [], "id": bob["id"]
    }  # fmt: skip
    assert people(outlook, "$select=assignedLicenses").status == 501
    assert people(outlook, "$select=nosuch").status == 400
    assert outlook.call("bob", "GET", "/me?$select=signInActivity").status == 501


# --- filters that the real service does not take


@pytest.mark.parametrize("place", ["/me/events", "/me/calendar/events", "/me/calendarView"])
@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("organizer/emailAddress/address eq 'alice@example.com'", "organizer"),
        ("responseStatus/response eq 'none'", "responseStatus"),
        ("subject eq 'Plans'", ""),
    ],
)
def test_case_18_filter_by_organizer(outlook: Microsoft, place: str, question: str, word: str) -> None:
    window = "&startDateTime=2026-12-01&endDateTime=2026-12-02"
    reply = outlook.call("bob", "GET", f"{place}?$filter={quote(question)}{window}")
    assert reply.status == 200
    assert len(reply.json["value"]) == 1
    if word:
        assert "UnsupportedEntityExpression" in reply.hint
        assert outlook.word(word) in reply.hint
    else:
        assert reply.hint == ""


@pytest.mark.parametrize("place", ["/me/events", "/me/events/$count"])
def test_case_18_filter_by_attendees_is_refused(outlook: Microsoft, place: str) -> None:
    question = quote("attendees/any(a:a/emailAddress/address eq 'bob@example.com')")
    reply = outlook.call("bob", "GET", f"{place}?$filter={question}")
    code = "ErrorInvalidProperty" if outlook.pascal else "UnsupportedEntityExpression"
    assert (reply.status, reply.json["error"]["code"]) == (400, code)


# --- synchronization


VIEW_OF_DECEMBER = "/me/calendarView?startDateTime=2026-12-01&endDateTime=2026-12-31"


@pytest.mark.parametrize(
    "path",
    [VIEW_OF_DECEMBER, "/me/messages", "/me/events", "/me/mailFolders/inbox/messages", "/me/mailFolders", "/users"],
)
def test_surface_25_track_changes_v2(outlook: Microsoft, path: str) -> None:
    """Outlook REST follows mail and calendar views by a header, Graph by a function: elsewhere that is refused."""
    is_followed = outlook.name != "graph" and path not in ("/me/events", "/users")
    joint = "&" if "?" in path else "?"
    asked = outlook.call("bob", "GET", path, prefer="odata.track-changes, odata.maxpagesize=50")
    again = outlook.call("bob", "GET", f"{path}{joint}$deltatoken=abc")
    if is_followed:
        assert asked.status == 200
        assert "@odata.deltaLink" in asked.json
        assert again.status == 400
    else:
        for reply, name in ((asked, "track-changes"), (again, "$deltatoken")):
            assert (reply.status, reply.json["error"]["code"]) == (501, "NotImplemented")
            assert name in reply.json["error"]["message"]
    assert outlook.call("bob", "GET", path, prefer="odata.maxpagesize=50").status == 200
    foreign = outlook.call("bob", "GET", f"{path}{joint}$skiptoken=abc")
    assert foreign.status == 400


def test_surface_25_one_thing_has_no_changes_to_track(outlook: Microsoft) -> None:
    assert outlook.call("bob", "GET", "/me", prefer="odata.track-changes").status == 200
    assert outlook.call("bob", "GET", "/me/mailFolders/inbox", prefer="odata.track-changes").status == 200
