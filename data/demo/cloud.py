"""The endpoints that only Jira Cloud has: cursor search, bulk issues, and JQL checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.demo import canned
from data.demo.changelogs import embedded_changelog
from data.demo.desk import Desk
from data.demo.exchange import Request, Response, json_answer, refuse
from data.demo.jql_syntax import JqlError
from data.demo.site import JsonObject
from data.demo.spoiling import spoil_issues
from data.demo.store import Record

MOST_IDS_A_PAGE = 5000
_EMBEDDED = 40
_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
_SEARCH_BODY: Mapping[str, type | tuple[type, ...]] = {
    "jql": str,
    "nextPageToken": (str, type(None)),
    "maxResults": int,
    "fields": list,
    "expand": str,
    "properties": list,
    "fieldsByKeys": bool,
    "failFast": bool,
    "reconcileIssues": list,
}


def checked_body(request: Request, allowed: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
    """The JSON object of a request; a name or type the interface does not know is refused as Jira refuses it."""
    body = request.json_object()
    for name, value in body.items():
        expected = allowed.get(name)
        if expected is None or not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise refuse(400, _PAYLOAD)
    if not all(isinstance(name, str) for name in body.get("fields", [])):
        raise refuse(400, _PAYLOAD)
    return body


def _search_arguments(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        body = checked_body(request, {name: kind for name, kind in _SEARCH_BODY.items() if name != "failFast"})
        return {**body, "expand": [part.strip() for part in body.get("expand", "").split(",")]}
    return {
        "jql": request.text("jql"),
        "nextPageToken": request.text("nextPageToken"),
        "maxResults": request.number("maxResults", 50),
        "fields": request.listed("fields"),
        "expand": request.listed("expand"),
        "reconcileIssues": [int(text) for text in request.listed("reconcileIssues") if text.isdigit()],
    }


def search_jql(desk: Desk, request: Request) -> Response:
    arguments = _search_arguments(request)
    reconciled = arguments.get("reconcileIssues") or []
    if len(reconciled) > 50:
        raise refuse(400, "The maximum number of issues to reconcile is 50.")
    fields = arguments.get("fields") or ["id"]
    rows, offset = _rows(desk, request, arguments, frozenset(str(identity) for identity in reconciled))
    size = _page_size(desk, arguments.get("maxResults", 50), fields)
    if "short-page" in request.faults:
        size = max(min(size, len(rows) - offset) // 2, 1)
    if "empty-page" in request.faults:
        size = 0
    page = rows[max(offset - 1, 0) if "duplicate-issues" in request.faults else offset : offset + size]
    issues = [_issue(desk, request, record, {**arguments, "fields": fields}) for record in page]
    answer: JsonObject = {"issues": spoil_issues(issues, request)}
    answer |= _continuation(desk, request, arguments, (rows, offset + size))
    return json_answer(answer)


def _rows(
    desk: Desk, request: Request, arguments: Mapping[str, Any], fresh: frozenset[str]
) -> tuple[list[Record], int]:
    token = arguments.get("nextPageToken")
    jql = arguments.get("jql") or ""
    if token:
        if "expired-token" in request.faults:
            raise refuse(400, "The nextPageToken is invalid or has expired.")
        rows, offset = desk.walks.resume(token, jql)
        return list(rows), offset
    return desk.search(request, jql, fresh=fresh), 0


def _page_size(desk: Desk, asked: int, fields: list[str]) -> int:
    if asked < 0:
        raise refuse(400, "The maxResults parameter must not be negative.")
    light = all(name in {"id", "key"} for name in fields)
    return max(min(asked, MOST_IDS_A_PAGE if light else desk.page_cap), 1)


def _issue(desk: Desk, request: Request, record: Record, arguments: Mapping[str, Any]) -> JsonObject:
    issue = desk.renderer.issue(record, arguments["fields"], _version(request))
    if "changelog" in arguments["expand"]:
        issue |= embedded_changelog(desk, request, record, _EMBEDDED)
    return issue


def _version(request: Request) -> int:
    return 2 if request.groups.get("version") == "2" else 3


def _continuation(
    desk: Desk, request: Request, arguments: Mapping[str, Any], rest: tuple[list[Record], int]
) -> JsonObject:
    rows, offset = rest
    asked_with = arguments.get("nextPageToken")
    if "repeated-token" in request.faults and asked_with:
        return {"nextPageToken": asked_with, "isLast": False}
    if "lost-token" in request.faults:
        return {"isLast": False}
    more: JsonObject = {"isLast": offset >= len(rows)}
    if offset < len(rows):
        more["nextPageToken"] = desk.walks.keep(arguments.get("jql") or "", rows, offset)
    elif "null-token" in request.faults:
        more["nextPageToken"] = None
    if "no-is-last" in request.faults:
        del more["isLast"]
    return more


def removed_search(_desk: Desk, _request: Request) -> Response:
    return canned.gone()


def approximate_count(desk: Desk, request: Request) -> Response:
    body = checked_body(request, {"jql": str})
    return json_answer({"count": len(desk.search(request, body.get("jql", "")))})


def bulk_issues(desk: Desk, request: Request) -> Response:
    allowed: Mapping[str, type] = {
        "issueIdsOrKeys": list,
        "fields": list,
        "expand": list,
        "properties": list,
        "fieldsByKeys": bool,
    }
    body = checked_body(request, allowed)
    wanted = body.get("issueIdsOrKeys") or []
    if not 1 <= len(wanted) <= 100:
        raise refuse(400, "The number of issue IDs or keys must be between 1 and 100.")
    found = {record.id: record for name in wanted if request.member and (record := desk.store.find(str(name)))}
    arguments = {"expand": body.get("expand", []), "fields": body.get("fields") or ["*navigable"]}
    identities = sorted(found, key=int)
    failed = identities[::37] if "bulk-errors" in request.faults else []
    issues = [_issue(desk, request, found[identity], arguments) for identity in identities if identity not in failed]
    errors = [{"id": identity, "errorMessage": "The issue could not be read. Try again."} for identity in failed]
    return json_answer({"issues": spoil_issues(issues, request), "issueErrors": errors})


def parse_queries(desk: Desk, request: Request) -> Response:
    queries = checked_body(request, {"queries": list}).get("queries") or []
    if not queries:
        raise refuse(400, "The list of queries must not be empty.")
    return json_answer({"queries": [_parsed(desk, request, str(query)) for query in queries]})


def _parsed(desk: Desk, request: Request, query: str) -> JsonObject:
    try:
        desk.scope(request).search(query, [], bounded=False)
    except JqlError as error:
        unknown_value = "does not exist for the field" in str(error)
        return {"query": query, "warnings" if unknown_value else "errors": [str(error)]}
    return {"query": query, "structure": {}}


def tenant_info(desk: Desk, _request: Request) -> Response:
    return json_answer({"cloudId": desk.site.cloud_id})
