"""Spoils right answers the way real sites do, as far as the faults of a request ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from data.demo.exchange import Request, Response
from data.demo.fault_names import WIRE_FAULTS
from data.demo.site import JsonObject
from data.demo.store import read_instant


def spoil_histories(histories: list[JsonObject], request: Request) -> list[JsonObject]:
    """The histories of one issue, which may be changed."""
    for name, spoil in _HISTORY_SPOILERS.items():
        if name in request.faults:
            histories = [spoil(number, history) for number, history in enumerate(histories)]
    if "without-items" in request.faults and histories:
        bare = {name: value for name, value in histories[0].items() if name != "items"}
        histories = [*histories, {**bare, "id": f"{histories[0]['id']}0"}]
    return histories[::-1] if "newest-first" in request.faults else histories


def _epoch(history: JsonObject, factor: int) -> JsonObject:
    instant = read_instant(str(history["created"]))
    return history if instant is None else {**history, "created": round(instant.timestamp() * factor)}


def _without(history: JsonObject, name: str) -> JsonObject:
    return {key: value for key, value in history.items() if key != name}


def _items_without(history: JsonObject, *names: str) -> JsonObject:
    items = [{key: value for key, value in item.items() if key not in names} for item in history.get("items", [])]
    return {**history, "items": items}


_HISTORY_SPOILERS: dict[str, Callable[[int, JsonObject], JsonObject]] = {
    "epoch-milliseconds": lambda _, history: _epoch(history, 1000),
    "epoch-seconds": lambda _, history: _epoch(history, 1),
    "without-author": lambda _, history: _without(history, "author"),
    "without-field-id": lambda _, history: _items_without(history, "fieldId"),
    "without-to": lambda _, history: _items_without(history, "to", "from"),
}


def spoil_issues(issues: list[JsonObject], request: Request) -> list[Any]:
    """Every seventh issue of a page unreadable, each in another way."""
    if "malformed-issues" not in request.faults:
        return issues
    ways: tuple[Callable[[JsonObject], Any], ...] = (
        lambda issue: {**issue, "fields": None},
        lambda issue: {name: value for name, value in issue.items() if name not in {"id", "key"}},
        lambda issue: f"issue {issue['key']}",
        lambda issue: {name: value for name, value in issue.items() if name != "fields"},
        lambda _: None,
    )
    return [ways[number // 7 % len(ways)](issue) if number % 7 == 3 else issue for number, issue in enumerate(issues)]


def spoil_response(response: Response, request: Request) -> Response:
    if "captcha-200" in request.faults:
        response = response.with_headers(X_Seraph_LoginReason="AUTHENTICATION_DENIED")
    if "near-limit" in request.faults and response.status == 200:
        response = response.with_headers(X_RateLimit_NearLimit="true", X_RateLimit_Remaining="41")
    if "truncated" in request.faults:
        response = replace(response, body=response.body[: len(response.body) // 2])
    if "wrong-length" in request.faults:
        response = response.with_headers(Content_Length=str(len(response.body) + 512))
    travel = next((name for name in WIRE_FAULTS if name in request.faults), "")
    return replace(response, travel=travel) if travel else response
