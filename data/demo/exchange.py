"""One request to the simulated Jira and its answer, free of any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

JSON_TYPE = "application/json;charset=UTF-8"
HTML_TYPE = "text/html;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Response:
    """`travel` names the fault of the wire, if any, that befalls the answer on its way."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    travel: str = ""

    def with_headers(self, **extra: str) -> Response:
        """Header names are given with underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in extra.items()}
        return replace(self, headers={**self.headers, **named})

    def json(self) -> Any:
        return json.loads(self.body)


class Refusal(Exception):  # noqa: N818 - an answer, not a programming error
    """Raised anywhere inside an endpoint; the simulated Jira answers with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def _plain(value: object) -> object:
    """What a site made up on demand is, once it is written down."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def json_answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps(payload, option=orjson.OPT_PASSTHROUGH_SUBCLASS, default=_plain)
    return Response(status, {"Content-Type": JSON_TYPE, **(headers or {})}, body)


def html_answer(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"Content-Type": HTML_TYPE, **(headers or {})}, text.encode())


def text_answer(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"Content-Type": "text/plain;charset=UTF-8", **(headers or {})}, text.encode())


def refuse(status: int, *messages: str, **more: object) -> Refusal:
    """Jira's usual error body."""
    return Refusal(json_answer({"errorMessages": list(messages), "errors": {}, **more}, status))


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    faults: frozenset[str] = frozenset()
    member: bool = True
    """Whether the account asks; False: nobody in particular, who sees what is public."""
    groups: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        text = self.text(name)
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            raise refuse(400, f"The value '{text}' of the parameter '{name}' is not a whole number.") from None

    def listed(self, name: str) -> list[str]:
        """A parameter that may be repeated, and hold several values between commas."""
        return [part.strip() for text in self.query.get(name, []) for part in text.split(",") if part.strip()]

    def json_object(self) -> dict[str, Any]:
        try:
            payload = json.loads(self.body)
        except ValueError:
            raise refuse(400, "There was an error parsing JSON. Check that your request body is valid.") from None
        if not isinstance(payload, dict):
            raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return payload


def parse_target(target: str) -> tuple[str, dict[str, list[str]]]:
    """Path and query of a request target, which may also be a whole URL."""
    parts = urlsplit(target)
    return unquote(parts.path), parse_qs(parts.query, keep_blank_values=True)
