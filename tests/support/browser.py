"""A browser without scripts: it reads the forms of a page and presses a button."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx
from msgspec import Struct

from support.sign_in import SignIn


class Form(Struct):
    """A form: where it goes, and its fields and buttons by name and value."""

    action: str
    fields: dict[str, str]
    buttons: list[tuple[str, str]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"] == "post"
            self.forms.append(Form(given["action"], {}, []))
        elif tag == "input":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class Page:
    """A page as somebody sees it."""

    def __init__(self, server: SignIn, reply: httpx.Response) -> None:
        assert reply.headers["content-type"] == "text/html; charset=utf-8", reply.text
        self.server = server
        self.reply = reply
        reader = _Reader()
        reader.feed(reply.text)
        self.forms = reader.forms
        self.text = " ".join(" ".join(reader.text).split())

    def press(self, value: str, **typed: str) -> httpx.Response:
        """Fill fields and press the button of that value."""
        form, name = next((one, name) for one in self.forms for name, known in one.buttons if known == value)
        assert typed.keys() <= form.fields.keys()
        return self.server.post(form.action, form.fields | typed | {name: value})
