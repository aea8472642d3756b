"""Reads files of raw Jira issues, as the REST interface gives them, into a site that can be served."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from data.demo.site import Account, Board, JsonObject, Site
from data.demo.store import read_instant
from data.demo.team_workflow import SYSTEM_FIELDS, custom_field, system_field
from data.model import JiraIssue

_LOADED_CLOUD_ID = "00000000-0000-4000-8000-00000000f11e"
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class UnreadableFileError(Exception):
    """A file that cannot be served; the text says why and what to do."""


def load_site(
    paths: Sequence[Path], *, versions: Path | None = None, statuses: Path | None = None, as_of: datetime | None = None
) -> Site:
    """Everything in files and folders that is an issue, with the versions and statuses beside it.

    Of several records with one id, the one updated last counts.
    """
    files = [file for path in paths for file in _files(path)]
    records = {file: _records(file) for file in files}
    issues = _latest(record for found in records.values() for record in found if _is_issue(record))
    if not issues:
        raise UnreadableFileError(
            f"No issue found in {', '.join(str(path) for path in paths)}. An issue is an object with id, key and "
            "fields, one per line (.jsonl) or one or a list of them per file (.json)."
        )
    project_file = _one_object(versions) if versions else {}
    listed = _records(statuses) if statuses else _statuses_beside(records)
    projects = _projects(issues, project_file)
    return Site(
        name=f"{projects[0]['name']} (from files)",
        cloud_id=_LOADED_CLOUD_ID,
        account=Account("file-reader", "reader", "File Reader", "reader@files.example", "UTC"),
        projects=tuple(projects),
        issues=tuple(issues),
        versions=tuple(project_file.get("versions", [])) or _distinct(_values(issues, "fixVersions", "versions")),
        statuses=_distinct([*listed, *_values(issues, "status")]),
        fields=_fields(issues),
        issue_types=_distinct(
            [*_values(issues, "issuetype"), *project_file.get("issueTypes", [])], defaults={"subtask": False}
        ),
        priorities=_distinct(_values(issues, "priority")),
        resolutions=_distinct(_values(issues, "resolution")),
        boards=tuple(_boards(records, projects)),
        as_of=as_of,
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix in {".json", ".jsonl"})
    if not path.is_file():
        raise UnreadableFileError(f"{path} does not exist. Give a .json or .jsonl file, or a folder of them.")
    return [path]


def _records(file: Path) -> list[Any]:
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"{file} cannot be read as JSON ({error}). Mend it or leave it out.") from error
    if isinstance(content, dict) and isinstance(content.get("issues"), list):
        return list(content["issues"])
    return content if isinstance(content, list) else [content]


def _one_object(file: Path) -> JsonObject:
    found = _records(file)
    if found and all(isinstance(record, dict) and "name" in record and "versions" not in record for record in found):
        return {"versions": found}
    if len(found) == 1 and isinstance(found[0], dict) and isinstance(found[0].get("versions"), list):
        return dict(found[0])
    raise UnreadableFileError(f"{file} holds no versions. Give a project with a list of versions, or such a list.")


def _is_issue(record: object) -> TypeGuard[JiraIssue]:
    return isinstance(record, dict) and {"id", "key"} <= set(record) and isinstance(record.get("fields"), dict)


def _is_status(record: object) -> bool:
    return isinstance(record, dict) and {"id", "name", "statusCategory"} <= set(record)


def _statuses_beside(records: Mapping[Path, list[Any]]) -> list[Any]:
    return [
        record
        for file, found in records.items()
        if "statuses" in file.stem.lower() and all(_is_status(entry) for entry in found)
        for record in found
    ]


def _latest(issues: Iterable[JiraIssue]) -> list[JiraIssue]:
    latest: dict[str, JiraIssue] = {}
    for issue in issues:
        known = latest.get(str(issue["id"]))
        if known is None or _updated(issue) >= _updated(known):
            latest[str(issue["id"])] = issue
    return [_oldest_first(issue) for issue in latest.values()]


def _updated(issue: JiraIssue) -> datetime:
    return read_instant(str(issue["fields"].get("updated"))) or _EARLIEST


def _oldest_first(issue: JiraIssue) -> JiraIssue:
    """With its embedded history, if it has one, in the order a site keeps it."""
    changelog = issue.get("changelog")
    if not isinstance(changelog, dict):
        return {name: value for name, value in issue.items() if name != "changelog"}
    histories = sorted(changelog.get("histories", []), key=_history_age)
    return {**issue, "changelog": {**changelog, "histories": histories}}


def _history_age(history: JsonObject) -> tuple[datetime, int, str]:
    identity = str(history.get("id", ""))
    return read_instant(str(history.get("created"))) or _EARLIEST, len(identity), identity


def _values(issues: Iterable[JiraIssue], *names: str) -> Iterator[JsonObject]:
    for issue in issues:
        for name in names:
            value = issue["fields"].get(name)
            yield from value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def _distinct(values: Iterable[Any], defaults: Mapping[str, Any] | None = None) -> tuple[JsonObject, ...]:
    found: dict[str, JsonObject] = {}
    for value in values:
        found.setdefault(str(value.get("id", value.get("name"))), {**(defaults or {}), **value})
    return tuple(found.values())


def _projects(issues: Sequence[JiraIssue], project_file: JsonObject) -> list[JsonObject]:
    projects: dict[str, JsonObject] = {}
    if {"id", "key"} <= set(project_file):
        projects[project_file["key"]] = {
            name: project_file[name] for name in ("id", "key", "name") if name in project_file
        }
    for issue in issues:
        key = str(issue["key"]).rpartition("-")[0]
        project = issue["fields"].get("project") or {"id": key, "key": key}
        projects.setdefault(project["key"], project)
    return [{"name": project["key"], **project} for project in projects.values()]


def _fields(issues: Sequence[JiraIssue]) -> tuple[JsonObject, ...]:
    """Jira's own, and whatever else the issues hold, named as their histories name it."""
    known: dict[str, JsonObject] = {str(entry["id"]): dict(entry) for entry in SYSTEM_FIELDS}
    names = {
        str(item["fieldId"]): str(item["field"])
        for issue in issues
        for history in (issue.get("changelog") or {}).get("histories", [])
        for item in history.get("items", [])
        if item.get("fieldId")
    }
    for identity in sorted({name for issue in issues for name in issue["fields"]} | set(names)):
        if identity not in known:
            known[identity] = _field(identity, names.get(identity, identity))
    return tuple(known.values())


def _field(identity: str, name: str) -> JsonObject:
    if not identity.removeprefix("customfield_").isdigit():
        return system_field(identity, name, "any")
    known = {"Sprint": "com.pyxis.greenhopper.jira:gh-sprint", "Rank": "com.pyxis.greenhopper.jira:gh-lexo-rank"}
    return custom_field(identity, name, "any", known.get(name, "unknown"))


def _boards(records: Mapping[Path, list[Any]], projects: Sequence[JsonObject]) -> Iterator[Board]:
    seen: set[int] = set()
    for record in (record for found in records.values() for record in found):
        if isinstance(record, dict) and "columnConfig" in record and record["id"] not in seen:
            seen.add(record["id"])
            location = record.get("location") or {}
            key = str(location.get("key", projects[0]["key"]))
            yield Board(record["id"], str(record["name"]), str(record.get("type", "kanban")), key, record)
