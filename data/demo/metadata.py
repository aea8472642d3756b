"""What both flavours tell about themselves: server, account, fields, statuses, projects, versions, issues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from data.demo.changelogs import embedded_changelog
from data.demo.desk import Desk
from data.demo.exchange import Request, Response, json_answer, refuse
from data.demo.rendering import jira_text
from data.demo.site import JsonObject
from data.demo.team_workflow import STATUS_CATEGORIES

_EMBEDDED = 100


def paged(request: Request, values: Sequence[Any], most: int) -> JsonObject:
    """The page of a list that the request asks for, in the frame Jira puts around it."""
    start, size = max(request.number("startAt", 0), 0), min(max(request.number("maxResults", most), 1), most)
    page = list(values[start : start + size])
    is_last = start + size >= len(values)
    return {"maxResults": size, "startAt": start, "total": len(values), "isLast": is_last, "values": page}


def server_info(desk: Desk, request: Request) -> Response:
    if "empty-server-info" in request.faults:
        return json_answer({})
    zone = desk.site.account.timezone
    now = desk.clock()
    version, numbers = ("1001.0.0-SNAPSHOT", [1001, 0, 0]) if desk.cloud else ("9.12.7", [9, 12, 7])
    info: JsonObject = {
        "baseUrl": desk.base_url,
        "version": version,
        "versionNumbers": numbers,
        "deploymentType": "Cloud" if desk.cloud else "Server",
        "buildNumber": 100_291 if desk.cloud else 9_120_007,
        "serverTime": jira_text(now, zone),
        "serverTitle": desk.site.name,
    }
    if desk.cloud:
        info["serverTimeZone"] = str(ZoneInfo(zone))
    if "old-server-info" in request.faults:
        del info["deploymentType"]
    return json_answer(info)


def myself(desk: Desk, _request: Request) -> Response:
    account = desk.site.account
    common = {
        "self": f"{desk.base_url}/rest/api/2/user",
        "emailAddress": account.email,
        "displayName": account.display_name,
        "active": True,
        "timeZone": account.timezone,
        "locale": "en_GB",
    }
    if desk.cloud:
        return json_answer({"accountId": account.account_id, "accountType": "atlassian", **common})
    return json_answer({"key": f"JIRAUSER{account.username}", "name": account.username, **common})


def my_permissions(desk: Desk, request: Request) -> Response:
    wanted = request.listed("permissions")
    if desk.cloud and not wanted:
        raise refuse(400, "The 'permissions' query parameter is required.")
    may = bool(desk.projects(request))
    permissions = {
        name: {
            "id": str(10 + number),
            "key": name,
            "name": name.replace("_", " ").title(),
            "type": "PROJECT",
            "havePermission": may and name in {"BROWSE_PROJECTS", "VIEW_DEV_TOOLS", "VIEW_READONLY_WORKFLOW"},
        }
        for number, name in enumerate(wanted or ["BROWSE_PROJECTS", "CREATE_ISSUES"])
    }
    return json_answer({"permissions": permissions})


def fields(desk: Desk, request: Request) -> Response:
    listed = [
        {name: value for name, value in entry.items() if desk.cloud or name != "key"}
        for entry in desk.site.fields
        if (request.member or not entry["custom"]) and (desk.cloud or "scope" not in entry)
    ]
    return json_answer(listed)


def statuses(desk: Desk, request: Request) -> Response:
    return json_answer(_status_list(desk) if request.member else [])


def _status_list(desk: Desk) -> list[JsonObject]:
    """Data Center knows no statuses of one project only."""
    if desk.cloud:
        return list(desk.site.statuses)
    return [status for status in desk.site.statuses if "scope" not in status]


def status_categories(_desk: Desk, _request: Request) -> Response:
    return json_answer(list(STATUS_CATEGORIES))


def issue_types(desk: Desk, request: Request) -> Response:
    return json_answer(_types(desk) if request.member else [])


def _types(desk: Desk) -> list[JsonObject]:
    return [
        {name: value for name, value in kind.items() if desk.cloud or name != "hierarchyLevel"}
        for kind in desk.site.issue_types
    ]


def priorities(desk: Desk, request: Request) -> Response:
    return json_answer(list(desk.site.priorities) if request.member else [])


def resolutions(desk: Desk, request: Request) -> Response:
    return json_answer(list(desk.site.resolutions) if request.member else [])


def projects(desk: Desk, request: Request) -> Response:
    return json_answer(desk.projects(request))


def project_search(desk: Desk, request: Request) -> Response:
    keys = {key.upper() for key in request.listed("keys")}
    query = request.text("query").lower()
    found = [
        project
        for project in desk.projects(request)
        if (not keys or project["key"] in keys) and query in f"{project['key']} {project.get('name')}".lower()
    ]
    page = paged(request, found, 100)
    address = f"{desk.base_url}/rest/api/3/project/search"
    return json_answer({"self": f"{address}?maxResults={page['maxResults']}&startAt={page['startAt']}", **page})


def project(desk: Desk, request: Request) -> Response:
    found = desk.project(request, request.groups["project"])
    return json_answer({**found, "versions": _versions(desk, found), "issueTypes": _types(desk)})


def project_statuses(desk: Desk, request: Request) -> Response:
    found = desk.project(request, request.groups["project"])
    shown = [status for status in _status_list(desk) if _scope_of(status) in {"", str(found["id"])}]
    address = f"{desk.base_url}/rest/api/2/issuetype"
    return json_answer(
        [
            {name: kind[name] for name in ("id", "name", "subtask")}
            | {"self": f"{address}/{kind['id']}", "statuses": shown}
            for kind in desk.site.issue_types
        ]
    )


def _scope_of(entry: JsonObject) -> str:
    return str(entry.get("scope", {}).get("project", {}).get("id", ""))


def _versions(desk: Desk, project: JsonObject) -> list[JsonObject]:
    wanted = str(project["id"])
    return [version for version in desk.store.versions if str(version.get("projectId", wanted)) == wanted]


def project_versions(desk: Desk, request: Request) -> Response:
    return json_answer(_versions(desk, desk.project(request, request.groups["project"])))


def project_version_page(desk: Desk, request: Request) -> Response:
    found = _versions(desk, desk.project(request, request.groups["project"]))
    state = request.text("status")
    if state:
        found = [version for version in found if _version_state(version) in state.split(",")]
    return json_answer(paged(request, found, 50))


def _version_state(version: JsonObject) -> str:
    return "archived" if version.get("archived") else "released" if version.get("released") else "unreleased"


def issue(desk: Desk, request: Request) -> Response:
    record = desk.issue(request, request.groups["issue"])
    version = 2 if request.groups.get("version") == "2" or not desk.cloud else 3
    answer = desk.renderer.issue(record, request.listed("fields") or ["*all"], version)
    if "changelog" in request.listed("expand"):
        answer |= embedded_changelog(desk, request, record, _EMBEDDED if desk.cloud else None)
    return json_answer(answer)


def autocomplete(desk: Desk, _request: Request) -> Response:
    names = [
        {
            "value": entry["clauseNames"][0],
            "displayName": entry["name"],
            "orderable": str(entry["orderable"]).lower(),
            "searchable": str(entry["searchable"]).lower(),
            "operators": ["=", "!=", "in", "not in", "is", "is not"],
            "types": [],
        }
        for entry in desk.site.fields
    ]
    return json_answer(
        {"visibleFieldNames": names, "visibleFunctionNames": [], "jqlReservedWords": ["and", "or", "not", "order"]}
    )
