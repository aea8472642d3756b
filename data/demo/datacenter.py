"""The search of Jira Server and Data Center: offsets, a total, and a window beyond which nothing can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.demo.changelogs import embedded_changelog
from data.demo.desk import Desk
from data.demo.exchange import Request, Response, json_answer, refuse
from data.demo.jql_syntax import JqlError
from data.demo.site import JsonObject
from data.demo.spoiling import spoil_issues
from data.demo.store import Record

_DEFAULT_PAGE = 50
_BODY: Mapping[str, type] = {
    "jql": str,
    "startAt": int,
    "maxResults": int,
    "fields": list,
    "expand": list,
    "validateQuery": bool,
    "properties": list,
    "fieldsByKeys": bool,
}
_JAVA_NAMES = {
    str: "java.lang.String",
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    list: "java.util.ArrayList",
}


def _arguments(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        return _body(request)
    return {
        "jql": request.text("jql"),
        "startAt": request.number("startAt", 0),
        "maxResults": request.number("maxResults", _DEFAULT_PAGE),
        "fields": request.listed("fields"),
        "expand": request.listed("expand"),
        "validateQuery": request.text("validateQuery", "true").lower() not in {"false", "none", "warn"},
    }


def _body(request: Request) -> dict[str, Any]:
    body = request.json_object()
    for name, value in body.items():
        kind = _BODY.get(name)
        if kind is None:
            raise refuse(400, f'Unrecognized field "{name}" (Class SearchRequestBean), not marked as ignorable')
        if not isinstance(value, kind):
            token = "VALUE_STRING" if isinstance(value, str) else "VALUE"
            raise refuse(400, f"Can not deserialize instance of {_JAVA_NAMES[kind]} out of {token} token")
    if not all(isinstance(name, str) for name in body.get("fields", [])):
        raise refuse(400, "Can not deserialize instance of java.lang.String out of VALUE token")
    return body


def search(desk: Desk, request: Request) -> Response:
    arguments = _arguments(request)
    start = max(int(arguments.get("startAt", 0)), 0)
    asked = int(arguments.get("maxResults", _DEFAULT_PAGE))
    size = min(asked, desk.page_cap) if asked >= 0 else desk.page_cap
    if start + size > desk.result_window:
        raise refuse(500, _window_text(start + size, desk.result_window))
    rows, warnings = _rows(desk, request, arguments)
    page = rows[start : start + size]
    issues = [_issue(desk, request, record, arguments) for record in page]
    answer: JsonObject = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(rows) + (7 if "total-too-large" in request.faults else 0),
        "issues": spoil_issues(issues, request),
    }
    return json_answer(answer | ({"warningMessages": warnings} if warnings else {}))


def _window_text(wanted: int, limit: int) -> str:
    return (
        f"Search limit exceeded. We couldn't complete your search because it requests {wanted:,} results "
        f"which exceeded the search platform limit of {limit:,}."
    )


def _rows(desk: Desk, request: Request, arguments: Mapping[str, Any]) -> tuple[list[Record], list[str]]:
    jql = arguments.get("jql") or ""
    if arguments.get("validateQuery", True):
        return desk.search(request, jql), []
    records = desk.store.indexed() if request.member else []
    try:
        rows = desk.scope(request, strict=False).search(jql, records, bounded=False)
    except JqlError as error:
        raise refuse(400, str(error)) from None
    return rows, _warnings(desk, request, jql)


def _warnings(desk: Desk, request: Request, jql: str) -> list[str]:
    try:
        desk.scope(request).search(jql, [], bounded=False)
    except JqlError as error:
        return [str(error)]
    return []


def _issue(desk: Desk, request: Request, record: Record, arguments: Mapping[str, Any]) -> JsonObject:
    issue = desk.renderer.issue(record, arguments.get("fields") or ["*navigable"], 2)
    if "changelog" in arguments.get("expand", []):
        issue |= embedded_changelog(desk, request, record, None)
    return issue
