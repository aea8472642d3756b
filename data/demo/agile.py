"""Boards, their columns and their sprints, which both flavours answer alike."""

from __future__ import annotations

from data.demo.desk import Desk
from data.demo.exchange import Request, Response, json_answer, refuse
from data.demo.metadata import paged
from data.demo.site import Board, JsonObject

_MOST = 50


def boards(desk: Desk, request: Request) -> Response:
    kinds, project, name = request.listed("type"), request.text("projectKeyOrId"), request.text("name").lower()
    found = [
        _brief(desk, board)
        for board in _visible(desk, request)
        if (not kinds or board.type in kinds) and name in board.name.lower() and _belongs(desk, board, project)
    ]
    return json_answer(paged(request, found, _MOST))


def configuration(desk: Desk, request: Request) -> Response:
    board = _board(desk, request)
    shown = {key: value for key, value in board.configuration.items() if desk.cloud or key not in {"location", "type"}}
    return json_answer({"self": f"{desk.base_url}/rest/agile/1.0/board/{board.id}/configuration", **shown})


def sprints(desk: Desk, request: Request) -> Response:
    board = _board(desk, request)
    if board.type == "kanban":
        raise refuse(400, "The board does not support sprints")
    states = request.listed("state")
    found = [_sprint(desk, sprint) for sprint in board.sprints if not states or sprint["state"] in states]
    page = paged(request, found, _MOST)
    del page["total"]
    return json_answer(page)


def issues(desk: Desk, request: Request) -> Response:
    """Searched by offset on both flavours; the agile interface kept `startAt` and `total`."""
    board = _board(desk, request)
    rows = desk.search(request, f'project = "{board.project_key}" ORDER BY created ASC')
    start, size = max(request.number("startAt", 0), 0), min(max(request.number("maxResults", 50), 0), desk.page_cap)
    fields = request.listed("fields") or ["*navigable"]
    page = [desk.renderer.issue(record, fields, 3 if desk.cloud else 2) for record in rows[start : start + size]]
    return json_answer({"startAt": start, "maxResults": size, "total": len(rows), "issues": page})


def _visible(desk: Desk, request: Request) -> list[Board]:
    keys = {project["key"] for project in desk.projects(request)}
    return [board for board in desk.site.boards if board.project_key in keys]


def _belongs(desk: Desk, board: Board, key_or_id: str) -> bool:
    ids = {str(project["id"]): project["key"] for project in desk.site.projects}
    return not key_or_id or ids.get(key_or_id, key_or_id) == board.project_key


def _board(desk: Desk, request: Request) -> Board:
    for board in _visible(desk, request):
        if str(board.id) == request.groups["board"]:
            return board
    raise refuse(
        404, "The requested board cannot be viewed because it either does not exist or you do not have access."
    )


def _brief(desk: Desk, board: Board) -> JsonObject:
    brief: JsonObject = {
        "id": board.id,
        "self": f"{desk.base_url}/rest/agile/1.0/board/{board.id}",
        "name": board.name,
        "type": board.type,
    }
    return brief | ({"location": {"projectKey": board.project_key}} if desk.cloud else {})


def _sprint(desk: Desk, sprint: JsonObject) -> JsonObject:
    shown = {**sprint, "originBoardId": sprint["boardId"]}
    del shown["boardId"]
    if not desk.cloud and "startDate" in sprint:
        shown["activatedDate"] = sprint["startDate"]
    return {"self": f"{desk.base_url}/rest/agile/1.0/sprint/{sprint['id']}", **shown}
