"""One fetch from its first question to a team's data: what is asked, what is kept, and what had to be left out."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.errors import FetchCancelled, NotFound, PermissionDenied, RequestRefused
from data.jira_changelogs import History, HistoryFields, cloud_histories, delivered, is_truncated, whole_history
from data.jira_query_manager import JiraClient
from data.jira_search import Page, expected_count, pages
from data.model import JiraIssue

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True)
class FetchProgress:
    """How far a fetch has come; `expected` is an estimate on Cloud and None while it is not known."""

    stage: str
    issues: int
    expected: int | None
    pages: int
    calls: int


@dataclass(frozen=True)
class TeamData:
    """What one fetch brought. `skipped` says in words what Jira sent and nobody could use."""

    issues: list[JiraIssue]
    versions: list[dict[str, Any]]
    statuses: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    site_url: str
    account_name: str
    account_timezone: str
    flavour: str
    jql: str
    fetched_at: datetime
    from_cache: bool = False
    skipped: list[str] = field(default_factory=list)

    @property
    def notice(self) -> str | None:
        """What to tell somebody whose query found nothing, which is an answer and not a failure."""
        if self.issues:
            return None
        return (
            f"Jira answered, but {self.account_name} sees no issue in: {self.jql}. Likely cause: the project is "
            "empty, or this account may not browse it. What to do: try the same query in Jira's own issue search."
        )


@dataclass
class TeamFetch:
    """What has come so far, who wants to hear of it, and who may stop it."""

    client: JiraClient
    progress: Callable[[FetchProgress], None] | None
    cancelled: Callable[[], bool] | None
    issues: dict[str, JiraIssue] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    stage: str = "connecting"
    expected: int | None = None
    pages: int = 0
    truncated: list[str] = field(default_factory=list)

    def run(self, where: str, field_mappings: Mapping[str, str], fetched_at: datetime) -> TeamData:
        self._enter("connecting")
        fields = self._optional("/field", "the list of fields")
        flags = [str(entry.get("id")) for entry in fields if _is_flag(entry)]
        history_fields = HistoryFields.with_flags(flags)
        self._read_issues(where, requested_fields(field_mappings, flags), history_fields)
        self._read_histories(history_fields)
        self._enter("versions")
        statuses = [_facts(status, _STATUS_FACTS) for status in self._optional("/status", "the list of statuses")]
        client = self.client
        return TeamData(
            issues=list(self.issues.values()),
            versions=self._versions(),
            statuses=statuses,
            fields=fields,
            site_url=client.site_url,
            account_name=client.account.name,
            account_timezone=client.account.timezone,
            flavour=client.flavour,
            jql=where,
            fetched_at=fetched_at,
            skipped=[what if times == 1 else f"{what} ({times} times)" for what, times in self.skipped.items()],
        )

    def _enter(self, stage: str) -> None:
        self.stage = stage
        self._tell()

    def _tell(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise FetchCancelled(f"{len(self.issues)} issues had been read.")
        if self.progress is not None:
            calls = self.client.counts.calls
            self.progress(FetchProgress(self.stage, len(self.issues), self.expected, self.pages, calls))

    def _turn_page(self) -> None:
        self.pages += 1
        facts = {"stage": self.stage, "pages": self.pages, "issues": len(self.issues), "expected": self.expected}
        logger.debug("A page was read from Jira", extra={"event": "jira.page_fetched", **facts})
        self._tell()

    def _skip(self, what: str) -> None:
        self.skipped[what] += 1
        if self.skipped[what] == 1:
            logger.warning("Left out while reading from Jira: %s", what, extra={"event": "jira.skipped", "what": what})

    def _read_issues(self, where: str, fields: list[str], history_fields: HistoryFields) -> None:
        self.expected = expected_count(self.client, where)
        self._enter("issues")
        for page in pages(self.client, where, fields):
            self._take(page, history_fields)
            self.expected = self.expected if page.total is None else max(page.total, self.expected or 0)
            self._turn_page()

    def _take(self, page: Page, history_fields: HistoryFields) -> None:
        for raw in page.issues:
            issue_id = raw.get("id") if isinstance(raw, dict) else None
            if not isinstance(issue_id, str | int) or isinstance(issue_id, bool) or issue_id == "":
                named = raw.get("key") if isinstance(raw, dict) else None
                self._skip(f"issue {named} has no id" if named else "an entry among the issues is not an issue")
                continue
            self.issues[str(issue_id)] = self._kept(raw, str(issue_id), history_fields)

    def _kept(self, raw: dict[str, Any], issue_id: str, history_fields: HistoryFields) -> JiraIssue:
        issue: JiraIssue = {"id": issue_id, "key": raw.get("key"), "fields": raw.get("fields")}
        histories = delivered(raw.get("changelog"))
        if self.client.flavour != "cloud" and histories is not None:
            issue["changelog"] = {"histories": self._reduced(issue, histories, history_fields)}
            if is_truncated(raw.get("changelog")):
                self.truncated.append(issue_id)
        return issue

    def _reduced(self, issue: JiraIssue, histories: Iterable[Any], history_fields: HistoryFields) -> list[History]:
        sound = [history for history in histories if isinstance(history, dict)]
        for unreadable in [history for history in histories if not isinstance(history, dict)]:
            self._skip(f"an entry in the history of {issue['key']} is a {type(unreadable).__name__}, not an object")
        return history_fields.reduced(sound)

    def _read_histories(self, history_fields: HistoryFields) -> None:
        self._enter("histories")
        if self.client.flavour == "cloud":
            self._read_cloud_histories(history_fields)
        for issue_id in self.truncated:
            issue = self.issues[issue_id]
            histories = whole_history(self.client, issue_id)
            if histories is None:
                self._skip(f"Jira hands out only the newest part of the history of {issue['key']}")
            else:
                issue["changelog"] = {"histories": self._reduced(issue, histories, history_fields)}
            self._tell()

    def _read_cloud_histories(self, history_fields: HistoryFields) -> None:
        by_key = {str(issue["key"]): issue_id for issue_id, issue in self.issues.items()}
        collected: dict[str, list[History]] = {issue_id: [] for issue_id in self.issues}
        for page in cloud_histories(self.client, list(self.issues), history_fields):
            for name, histories in page:
                issue_id = name if name in collected else by_key.get(name)
                if issue_id is None:
                    self._skip(f"Jira sent a history for {name}, which was not asked for")
                else:
                    collected[issue_id] += histories
            self._turn_page()
        self._attach(collected)

    def _attach(self, collected: Mapping[str, list[History]]) -> None:
        """An issue that Jira leaves out never changed; when it leaves out all, it rather delivered no history."""
        if self.issues and not any(collected.values()):
            self._skip("Jira delivered no history for any issue")
            return
        for issue_id, histories in collected.items():
            self.issues[issue_id]["changelog"] = {"histories": histories}

    def _versions(self) -> list[dict[str, Any]]:
        projects = (_project(issue) for issue in self.issues.values())
        found: list[dict[str, Any]] = []
        for project in dict.fromkeys(filter(None, projects)):
            versions = self._optional(f"/project/{project}/versions", f"the versions of project {project}")
            found += [{"projectId": project, **_facts(version, _VERSION_FACTS)} for version in versions]
            self._tell()
        return found

    def _optional(self, path: str, what: str) -> list[dict[str, Any]]:
        """A list that the numbers can do without; the account may lack the right to it."""
        try:
            answer = self.client.get(path)
        except (NotFound, PermissionDenied, RequestRefused) as error:
            self._skip(f"{what}: {error.title}")
            return []
        if not isinstance(answer, list):
            self._skip(f"{what}: Jira's answer is not a list")
            return []
        return [entry for entry in answer if isinstance(entry, dict)]


def requested_fields(field_mappings: Mapping[str, str], flags: Iterable[str] = ()) -> list[str]:
    """What is asked of every issue: what the rules read, what the team has mapped, and its flags."""
    return list(dict.fromkeys([*ISSUE_FIELDS, *filter(None, field_mappings.values()), *flags]))


def _is_flag(entry: Mapping[str, Any]) -> bool:
    names = (entry.get("name"), entry.get("untranslatedName"))
    return isinstance(entry.get("id"), str) and any(str(name).casefold() == "flagged" for name in names)


def _facts(entry: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: entry[name] for name in names if name in entry}


def _project(issue: JiraIssue) -> str | None:
    fields = issue["fields"]
    project = fields.get("project") if isinstance(fields, dict) else None
    identity = (project.get("id") or project.get("key")) if isinstance(project, dict) else None
    return str(identity) if isinstance(identity, str | int) and str(identity).isalnum() else None
