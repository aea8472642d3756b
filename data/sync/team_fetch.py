"""A team's data read in one go into memory, and how far such a reading is."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.errors import FetchCancelled
from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import HistoryFields
from data.jira_walk.walk import Batch, Question, walk_all
from data.model import JiraIssue
from data.sync.team_lists import flags_among, project_of, read_fields, read_statuses, read_versions, requested_fields

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FetchProgress:
    """How far a reading is. `expected` is None while it is not known; `waiting_for` says why nothing moves."""

    stage: str
    issues: int
    expected: int | None
    pages: int
    calls: int
    waiting_seconds: float = 0.0
    waiting_for: str = ""


@dataclass(frozen=True)
class TeamData:
    """What was read. `skipped` says in words what Jira sent and nobody could use.

    `lacks` are mapped fields that were not read yet; `verdict` is that of the sync that left the data so. `count` tells
    how many issues there are where they were left closed.
    """

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
    skipped: list[str] = field(default_factory=list)
    data_version: str = ""
    verdict: str = "complete"
    lacks: list[str] = field(default_factory=list)
    count: int | None = None

    @property
    def issue_count(self) -> int:
        """How many issues there are, also while they have not been opened."""
        return len(self.issues) if self.count is None else self.count

    @property
    def synced_at(self) -> datetime:
        """When Jira was last asked whether anything had changed."""
        return self.fetched_at

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
class Watch:
    """How far a reading is, who hears of it, and who may stop it. `progress` may be called on any reading thread."""

    progress: Callable[[FetchProgress], None] | None = None
    cancelled: Callable[[], bool] | None = None
    client: JiraClient | None = None
    stage: str = "connecting"
    issues: int = 0
    expected: int | None = None
    pages: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    _waiting: tuple[float, str] = (0.0, "")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def over(self, client: JiraClient, deadline_seconds: float | None = None) -> JiraClient:
        """The client of this reading, which ends when it is to be stopped."""
        self.client = client
        return client.for_run(deadline_seconds=deadline_seconds, cancelled=self.cancelled, waiting=self.waits)

    def enter(self, stage: str) -> None:
        self.stage = stage
        self.tell()

    def turn(self, batch: Batch, issues: int, *, pages_before: int = 0) -> None:
        """A page has come, after which there are so many issues."""
        self.issues, self.pages, self._waiting = issues, pages_before + batch.pages, (0.0, "")
        self.expected = batch.expected if batch.expected is not None else self.expected
        facts = {"stage": self.stage, "pages": self.pages, "issues": issues, "expected": self.expected}
        logger.debug("A page was read from Jira", extra={"event": "jira.page_fetched", **facts})
        self.tell()

    def tell(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise FetchCancelled(f"{self.issues:,} issues had been read.")
        self._report()

    def skip(self, what: str) -> None:
        with self._lock:
            self.skipped[what] += 1
            again = self.skipped[what] > 1
        if not again:
            logger.warning("Left out while reading from Jira: %s", what, extra={"event": "jira.skipped", "what": what})

    def left_out(self) -> list[str]:
        return [what if times == 1 else f"{what} ({times} times)" for what, times in self.skipped.items()]

    def waits(self, seconds: float, why: str) -> None:
        self._waiting = (seconds, why)
        self._report()

    def _report(self) -> None:
        if self.progress is None:
            return
        calls = self.client.counts.calls if self.client is not None else 0
        self.progress(FetchProgress(self.stage, self.issues, self.expected, self.pages, calls, *self._waiting))


def question_of(where: str, field_mappings: Mapping[str, str], fields: list[dict[str, Any]]) -> Question:
    """What is asked of every issue, given the site's fields."""
    flags = flags_among(fields)
    return Question(where, tuple(requested_fields(field_mappings, flags)), HistoryFields.with_flags(flags))


def read_team(
    client: JiraClient, where: str, field_mappings: Mapping[str, str], *, watch: Watch, fetched_at: datetime
) -> TeamData:
    """Everything the metrics need about the issues of a query; nothing partial is ever returned."""
    watch.enter("connecting")
    fields = read_fields(client, watch.skip) or []
    issues = _issues(client, question_of(where, field_mappings, fields), watch)
    watch.enter("versions")
    statuses = read_statuses(client, watch.skip) or []
    versions: list[dict[str, Any]] = []
    for project in dict.fromkeys(filter(None, map(project_of, issues))):
        versions += read_versions(client, project, watch.skip) or []
        watch.tell()
    return TeamData(
        issues=issues,
        versions=versions,
        statuses=statuses,
        fields=fields,
        site_url=client.site_url,
        account_name=client.account.name,
        account_timezone=client.account.timezone,
        flavour=client.flavour,
        jql=where,
        fetched_at=fetched_at,
        skipped=watch.left_out(),
    )


def _issues(client: JiraClient, question: Question, watch: Watch) -> list[JiraIssue]:
    watch.enter("issues")
    issues: dict[str, JiraIssue] = {}
    for batch in walk_all(client, question, skip=watch.skip):
        for row in batch.rows:
            issues[row["id"]] = issues.get(row["id"], {}) | row
        watch.turn(batch, len(issues))
    return list(issues.values())
