"""What the numbers need beside the issues: fields, statuses and versions, small enough to be read each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from data.errors import NotFound, PermissionDenied, RequestRefused
from data.jira_query_manager import JiraClient

Skip = Callable[[str], None]

ISSUE_FIELDS = (
    "issuetype",
    "project",
    "status",
    "resolution",
    "resolutiondate",
    "created",
    "updated",
    "summary",
    "labels",
    "components",
    "priority",
    "fixVersions",
    "versions",
    "issuelinks",
    "parent",
)
_VERSION_FACTS = ("id", "name", "released", "archived", "releaseDate", "startDate", "projectId")
_STATUS_FACTS = ("id", "name", "untranslatedName", "statusCategory", "scope")
_FIELD_FACTS = ("id", "name", "untranslatedName", "custom", "schema", "scope")


def read_fields(client: JiraClient, skip: Skip) -> list[dict[str, Any]] | None:
    """The site's fields; None, said through `skip`, where the account may not see them. So with the other lists."""
    return _optional(client, "/field", "the list of fields", skip=skip, facts=_FIELD_FACTS)


def read_statuses(client: JiraClient, skip: Skip) -> list[dict[str, Any]] | None:
    return _optional(client, "/status", "the list of statuses", skip=skip, facts=_STATUS_FACTS)


def read_versions(client: JiraClient, project: str, skip: Skip) -> list[dict[str, Any]] | None:
    what = f"the versions of project {project}"
    versions = _optional(client, f"/project/{project}/versions", what, skip=skip, facts=_VERSION_FACTS)
    return None if versions is None else [{"projectId": project, **version} for version in versions]


def _optional(
    client: JiraClient, path: str, what: str, *, skip: Skip, facts: Iterable[str]
) -> list[dict[str, Any]] | None:
    """A list that the numbers can do without."""
    try:
        answer = client.get(path)
    except (NotFound, PermissionDenied, RequestRefused) as error:
        skip(f"{what}: {error.title}")
        return None
    if not isinstance(answer, list):
        skip(f"{what}: Jira's answer is not a list")
        return None
    return [{name: entry[name] for name in facts if name in entry} for entry in answer if isinstance(entry, dict)]


def requested_fields(field_mappings: Mapping[str, str], flags: Iterable[str] = ()) -> list[str]:
    """What is asked of every issue: what the rules read, what the team has mapped, and its flags."""
    return list(dict.fromkeys([*ISSUE_FIELDS, *filter(None, field_mappings.values()), *flags]))


def flags_among(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of the fields by which issues are flagged."""
    return [str(entry["id"]) for entry in fields if _is_flag(entry)]


def _is_flag(entry: Mapping[str, Any]) -> bool:
    names = (entry.get("name"), entry.get("untranslatedName"))
    return isinstance(entry.get("id"), str) and any(str(name).casefold() == "flagged" for name in names)


def project_of(row: Mapping[str, Any]) -> str | None:
    """The id of the project that an issue belongs to, or its key where Jira gives no id."""
    fields = row.get("fields")
    project = fields.get("project") if isinstance(fields, dict) else None
    identity = (project.get("id") or project.get("key")) if isinstance(project, dict) else None
    return str(identity) if isinstance(identity, str | int) and str(identity).isalnum() else None
