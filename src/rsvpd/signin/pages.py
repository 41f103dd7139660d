"""The pages people see: templates that escape everything, one style sheet, no scripts.

The only script is the one that sends a form on by itself (OAuth 2.0 Form Post Response Mode); the policy of its page
names it by digest, and without scripts there is a button.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct
from starlette.responses import Response

from rsvpd.mail.person import Person
from rsvpd.signin import http
from rsvpd.signin.http import NO_STORE

SUBMIT = "document.forms[0].submit()"


class Form(Struct, frozen=True, kw_only=True):
    """Where a page's form goes, and what it carries unseen."""

    action: str
    hidden: Mapping[str, str]


def pick_person(form: Form, people: Sequence[Person], *, app: str, hint: str, problem: str, more: int) -> Response:
    """Return the page on which one of `people` is picked; `more` are not listed, and can be typed."""
    return _page(
        "pick.html", "Pick an account", form=form, people=people, app=app, hint=hint, problem=problem, more=more
    )


def ask_password(form: Form, *, app: str, hint: str, problem: str) -> Response:
    """Return the page that asks for an address and a password."""
    return _page("password.html", "Sign in", form=form, app=app, hint=hint, problem=problem)


def ask_consent(form: Form, person: Person, *, app: str, scopes: Sequence[str], on_device: bool) -> Response:
    """Return the page that asks whether an application may do what it wants."""
    return _page("consent.html", "Permissions requested", form=form, person=person, app=app, scopes=scopes,
                 on_device=on_device)  # fmt: skip


def ask_code(form: Form, *, problem: str) -> Response:
    """Return the page on which the code is typed that a device shows."""
    return _page("code.html", "Enter code", form=form, problem=problem)


def message(title: str, text: str, *, status: int = 200) -> Response:
    """Return a page that says something."""
    return _page("message.html", title, status=status, text=text)


def foreign_form() -> Response:
    """Return what is said of a form that did not come from a page of this browser."""
    text = (
        "This form did not come from a page that was shown in this browser lately, or cookies are switched off."
        " Go back to the application and sign in again."
    )
    return message("Start again", text, status=400)


def reply(uri: str, mode: str, values: Mapping[str, str]) -> Response:
    """Return what brings `values` to an application, by the response mode it asked for."""
    if mode == "form_post":
        return form_post(uri, values)
    return http.redirect((http.with_fragment if mode == "fragment" else http.with_parameters)(uri, values))


def form_post(action: str, values: Mapping[str, str]) -> Response:
    """Return the page that posts an answer to an application."""
    return _page("form_post.html", "Back to the application", scripts=f" script-src {_digest(SUBMIT)};",
                 form=Form(action=action, hidden=values), script=SUBMIT)  # fmt: skip


def _page(template: str, title: str, *, status: int = 200, scripts: str = "", **values: Any) -> Response:
    environment = _environment()
    body = environment.get_template(template).render(title=title, style=_style(), **values)
    policy = (
        f"default-src 'none'; style-src {_digest(_style())};{scripts} base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **NO_STORE,
    }
    return Response(body, status, headers, media_type="text/html")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("rsvpd.signin"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return _environment().get_template("style.css").render().strip()


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
