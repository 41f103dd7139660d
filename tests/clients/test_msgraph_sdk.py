"""What Microsoft's Python SDK (msgraph-sdk 1.65) sends for the snippet in README.md.

The SDK itself is 54,000 files; where it is installed, tests/edge/test_readme.py runs the snippet.
"""

from __future__ import annotations

from urllib.parse import quote

from support.running import Running

HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "python-httpx/0.28.1 kiota-python/1.16.0",
}


def test_it_accepts_an_invitation(server: Running) -> None:
    listed = server.ask("GET", "/v1.0/me/events", "dave", headers=HEADERS).json()["value"]
    (series,) = [one for one in listed if one["subject"] == "Weekly planning"]
    path = f"/v1.0/me/events/{quote(series['id'], safe='')}"
    answered = server.ask(
        "POST", f"{path}/accept", "dave", headers=HEADERS | {"Content-Type": "application/json"},
        content=b'{"Comment": "I will be there!", "SendResponse": true}',
    )  # fmt: skip
    assert (answered.status_code, answered.content) == (202, b"")
    assert server.ask("GET", path, "dave", headers=HEADERS).json()["responseStatus"]["response"] == "accepted"
    inbox = server.ask("GET", "/v1.0/me/mailFolders/inbox/messages?$top=1", "alice").json()["value"]
    assert (inbox[0]["subject"], inbox[0]["bodyPreview"]) == ("Accepted: Weekly planning", "I will be there!")
