"""Histories as each endpoint gives them: embedded and cut short, paged per issue, or in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.demo.desk import Desk
from data.demo.exchange import Request, Response, json_answer, refuse
from data.demo.site import JsonObject
from data.demo.spoiling import spoil_histories
from data.demo.store import Record, read_instant

_PAGE = 100
_BULK_BODY = {"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"}


def embedded_changelog(desk: Desk, request: Request, record: Record, most: int | None) -> JsonObject:
    """The `changelog` of an issue, newest first and at most so many; nothing when the site has no history of it."""
    histories = desk.renderer.histories(record)
    if histories is None or "without-changelog" in request.faults:
        return {}
    total = len(histories)
    shown = histories if most is None else histories[::-1][:most]
    shown = spoil_histories(shown, request)
    size = len(shown) if most is None else min(most, total)
    return {"changelog": {"startAt": 0, "maxResults": size, "total": total, "histories": shown}}


def issue_changelog(desk: Desk, request: Request) -> Response:
    """All of them, oldest first, a hundred a page; the array is called `values` here."""
    record = desk.issue(request, request.groups["issue"])
    histories = desk.renderer.histories(record) or []
    start, size = max(request.number("startAt", 0), 0), min(max(request.number("maxResults", _PAGE), 1), _PAGE)
    address = f"{desk.base_url}/rest/api/3/issue/{record.id}/changelog"
    page = spoil_histories(histories[start : start + size], request)
    is_last = start + size >= len(histories)
    answer: JsonObject = {"self": f"{address}?maxResults={size}&startAt={start}"}
    if not is_last:
        answer["nextPage"] = f"{address}?maxResults={size}&startAt={start + size}"
    answer |= {"maxResults": size, "startAt": start, "total": len(histories), "isLast": is_last, "values": page}
    return json_answer(answer)


def listed_changelogs(desk: Desk, request: Request) -> Response:
    record = desk.issue(request, request.groups["issue"])
    wanted = {str(identity) for identity in request.json_object().get("changelogIds", [])}
    found = [history for history in desk.renderer.histories(record) or [] if str(history["id"]) in wanted]
    answer = {"histories": found, "startAt": 0, "maxResults": len(found), "total": len(found)}
    return json_answer(answer)


def bulk_changelogs(desk: Desk, request: Request) -> Response:
    """Pages count histories, not issues, oldest first over all issues: one issue may be spread over many pages."""
    body = _bulk_body(request)
    query = ("changelog", tuple(str(name) for name in body["issueIdsOrKeys"]), tuple(body.get("fieldIds") or ()))
    token = body.get("nextPageToken")
    if token:
        entries, offset = desk.walks.resume(token, query)
    else:
        entries, offset = _entries(desk, request, query[1], frozenset(query[2])), 0
    size = body.get("maxResults", 1000)
    answer: JsonObject = {"issueChangeLogs": _grouped(entries[offset : offset + size], request)}
    if offset + size < len(entries):
        answer["nextPageToken"] = desk.walks.keep(query, entries, offset + size)
    return json_answer(answer)


def _bulk_body(request: Request) -> dict[str, Any]:
    body = request.json_object()
    issues, fields, size = body.get("issueIdsOrKeys"), body.get("fieldIds") or [], body.get("maxResults", 1000)
    listed = isinstance(issues, list) and isinstance(fields, list) and all(isinstance(name, str) for name in fields)
    if set(body) - _BULK_BODY or not listed:
        raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    if not 1 <= len(body["issueIdsOrKeys"]) <= 1000:
        raise refuse(400, "The number of issue IDs or keys must be between 1 and 1000.")
    if len(fields) > 10 or len(set(fields)) != len(fields):
        raise refuse(400, "At most 10 different field IDs can be given.")
    if not isinstance(size, int) or not 1 <= size <= 10_000:
        raise refuse(400, "The maximum number of results must be between 1 and 10000.")
    return body


Entry = tuple[str, JsonObject]


def _entries(desk: Desk, request: Request, names: Iterable[str], fields: frozenset[str]) -> list[Entry]:
    found = {record.id: record for name in names if (record := desk.store.find(name))}
    entries = [
        (record.id, narrowed)
        for record in found.values()
        for history in desk.renderer.histories(record) or []
        if "without-changelog" not in request.faults and (narrowed := _narrowed(history, fields))
    ]
    return sorted(entries, key=_age)


def _age(entry: Entry) -> tuple[float, int]:
    instant = read_instant(str(entry[1]["created"]))
    return (instant.timestamp() if instant else 0.0, int(entry[0]))


def _narrowed(history: JsonObject, fields: frozenset[str]) -> JsonObject | None:
    if not fields:
        return history
    every = history.get("items", [])
    items = [item for item in every if item.get("fieldId", item.get("field")) in fields]
    return history if items and len(items) == len(every) else {**history, "items": items} if items else None


def _grouped(entries: Iterable[Entry], request: Request) -> list[JsonObject]:
    groups: dict[str, list[JsonObject]] = {}
    for identity, history in entries:
        groups.setdefault(identity, []).append(history)
    return [
        {"issueId": identity, "changeHistories": spoil_histories(groups[identity], request)}
        for identity in sorted(groups, key=int)
    ]
