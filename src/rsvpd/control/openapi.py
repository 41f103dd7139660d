"""The description of the control desk for programs (https://spec.openapis.org/oas/v3.1.0), made from its verbs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from rsvpd import __version__
from rsvpd.control.desk import BODY, Argument, Verb, arguments

_REFERENCE = "#/components/schemas/{name}"
_JSON, _TEXT = "application/json", "text/plain"
_NEXT_WORD = re.compile(r"_(\w)")
_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}


def describe(verbs: Sequence[Verb], mount: str) -> dict[str, Any]:
    """Return the document of verbs whose paths stand below `mount`."""
    types = [
        kind for verb in verbs
        for kind in (*(one.kind for one in arguments(verb)), _answer_type(verb), *verb.bodies)
    ]  # fmt: skip
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    places = iter(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for verb in verbs:
        read = [(one, next(places)) for one in arguments(verb)]
        operation = _operation(verb, read, next(places))
        if verb.bodies:
            either = {"oneOf": [next(places) for _ in verb.bodies]}
            operation["requestBody"]["content"][_JSON]["schema"] = either
        paths.setdefault(mount + verb.path, {})[verb.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "The control desk of rsvpd", "version": __version__},
        "paths": paths,
        "components": {"schemas": {**components, "Error": _ERROR}, "securitySchemes": {"token": _TOKEN}},
        "security": [{"token": []}],
    }


_TOKEN = {"type": "http", "scheme": "bearer", "description": "The control token of the running server."}


def _operation(verb: Verb, read: list[tuple[Argument, dict[str, Any]]], answer: dict[str, Any]) -> dict[str, Any]:
    bodies = [
        {"required": True, "content": {_TEXT if arg.kind is str else _JSON: {"schema": one}}}
        for arg, one in read if arg.place == BODY
    ]  # fmt: skip
    parameters = [
        {"name": arg.name, "in": arg.place, "required": not arg.is_optional, "schema": one}
        for arg, one in read if arg.place != BODY
    ]  # fmt: skip
    found: dict[str, Any] = {
        "operationId": _NEXT_WORD.sub(lambda match: match[1].upper(), verb.does.__name__),
        "summary": (inspect.getdoc(verb.does) or "").partition("\n")[0],
        "parameters": parameters,
        "responses": {
            str(verb.status): {"description": "Done.", "content": {_JSON: {"schema": answer}}},
            "default": {
                "description": "Not done.",
                "content": {_JSON: {"schema": {"$ref": _REFERENCE.format(name="Error")}}},
            },
        },
    }
    if bodies:
        found["requestBody"] = bodies[0]
    if verb.is_open:
        found["security"] = []
    return found


def _answer_type(verb: Verb) -> Any:
    kind = inspect.signature(verb.does, eval_str=True).return_annotation
    return dict[str, Any] if inspect.isclass(kind) and not issubclass(kind, msgspec.Struct) else kind
