"""A person at a web browser without JavaScript: follows a sign-in page to its end, as somebody would click.

    python browser.py URL [ADDRESS] [CODE]

signs ADDRESS in (or whom $SIGN_IN_AS names) and types CODE where a device's code is asked for. It prints where the
browser was sent at the end, and goes there if somebody listens. As `BROWSER="python browser.py %s &"` it serves
programs that open a page. Certificates are checked as ever.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import httpx
from bs4 import BeautifulSoup, Tag

PAGES = 10
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
REFUSING = frozenset({"cancel", "deny", "decline", "no", "back"})


class Person:
    """Who sits there, and the code on the other device."""

    def __init__(self, address: str, code: str) -> None:
        self.address = address
        self.code = code

    def typed(self, field: Tag) -> str:
        """Return what goes into a field."""
        if field.get("type") == "password":
            people = json.loads(Path(os.environ["RSVPD_READY_FILE"]).read_bytes())["people"]
            return str(people[self.address]["password"])
        told = f"{field.get('name')} {field.get('id')}".lower()
        return self.code if "code" in told or "otc" in told else self.address

    def is_named(self, element: Tag) -> bool:
        """Return whether a button or a choice is the one for this person."""
        label = element.find_parent("label") or element
        return self.address in f"{element.get('value')} {label.get_text()}".lower()


def follow(http: httpx.Client, url: str, person: Person) -> httpx.Request:
    """Return the request with which the pages end: to another program of this machine, or for the last page."""
    request = http.build_request("GET", url)
    for _ in range(PAGES):
        response = http.send(request)
        if response.has_redirect_location:
            target = http.build_request("GET", response.url.join(response.headers["location"]))
        elif form := BeautifulSoup(response.text, "html.parser").find("form"):
            target = _sending(http, response.url.join(str(form.get("action") or response.url)), form, person)
        else:
            response.raise_for_status()
            return request
        if target.url.host in LOOPBACK and target.url.netloc != response.url.netloc:
            return target
        request = target
    raise SystemExit(f"no end after {PAGES} pages: {response.url} {_text(response)}")


def _sending(http: httpx.Client, target: httpx.URL, form: Tag, person: Person) -> httpx.Request:
    fields = _filled(form, person)
    if str(form.get("method", "get")).lower() == "post":
        return http.build_request("POST", target, data=fields)
    return http.build_request("GET", target.copy_merge_params(fields))


def _filled(form: Tag, person: Person) -> dict[str, str]:
    fields: dict[str, str] = {}
    for field in form.find_all("input"):
        kind, name = field.get("type", "text"), str(field.get("name"))
        if kind == "hidden":
            fields[name] = str(field.get("value", ""))
        elif kind in ("radio", "checkbox"):
            if person.is_named(field) or (field.has_attr("checked") and name not in fields):
                fields[name] = str(field.get("value", "on"))
        elif kind != "submit":
            fields[name] = person.typed(field)
    pressed = _pressed(form, person)
    if pressed is not None and pressed.get("name"):
        fields[str(pressed["name"])] = str(pressed.get("value", ""))
    return fields


def _pressed(form: Tag, person: Person) -> Tag | None:
    buttons = [one for one in form.find_all(["button", "input"]) if one.name == "button" or one["type"] == "submit"]
    named = [one for one in buttons if person.is_named(one)]
    agreeing = [one for one in buttons if not REFUSING & set(f"{one.get('value')} {one.get_text()}".lower().split())]
    return next(iter(named or agreeing), None)


def _text(response: httpx.Response) -> str:
    return " ".join(BeautifulSoup(response.text, "html.parser").get_text(" ").split())[:500]


def main(url: str, address: str = "", code: str = "") -> None:
    """Sign in and print where it ended."""
    with httpx.Client(timeout=30) as http:
        last = follow(http, url, Person(address or os.environ["SIGN_IN_AS"], code))
        print(last.url, flush=True)
        if last.url.host in LOOPBACK:
            try:
                http.send(last)
            except httpx.ConnectError:
                return  # a program that wants only to be told the address


if __name__ == "__main__":
    main(*sys.argv[1:])
