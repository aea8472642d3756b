"""The walk of a sync: every page is safe on disk before the next one counts, with all that a later run must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from data.issue_store.staging import Staging
from data.jira_query_manager import JiraClient
from data.jira_walk.walk import Batch, Question, Row, walk_all, walk_changed
from data.performance_utils import parse_jira_date
from data.sync.plan import Plan, overlap, span_missing, spanned
from data.sync.team_fetch import Watch
from data.sync.team_lists import project_of

Phase = Callable[[Any], Iterator[Batch]]


@dataclass(frozen=True)
class Before:
    """What was kept when the sync began: keys and `updated` texts by id, and up to when and where it is true."""

    keys: Mapping[str, str] = field(default_factory=dict)
    updated: Mapping[str, str] = field(default_factory=dict)
    watermark: datetime | None = None
    covers_from: str | None = None

    def touched_since(self, day: str | None) -> dict[str, str]:
        """The keys of what a reading of that span should meet again, by id; None is all."""
        if day is None:
            return dict(self.keys)
        return {identity: key for identity, key in self.keys.items() if self._day(identity) >= day}

    def _day(self, identity: str) -> str:
        instant = parse_jira_date(self.updated.get(identity))
        return "" if instant is None else instant.date().isoformat()


@dataclass
class Staged:
    """What is known of the staged rows, kept with every batch.

    `begun` is what Jira's clock showed when the reading began, `latest` the newest `updated` met, `moved` the old and
    the new key by id.
    """

    phase: int = 0
    walk: Any = None
    begun: str | None = None
    covers_from: str | None = None
    received: int = 0
    pages: int = 0
    changed: int = 0
    latest: str | None = None
    moved: dict[str, list[str]] = field(default_factory=dict)
    projects: list[str] = field(default_factory=list)


class SyncWalk:
    """Brings what the plan wants into the staging area, going on where an earlier run has left it.

    `on_project` hears of every project when its first issue comes.
    """

    def __init__(
        self,
        client: JiraClient,
        plan: Plan,
        before: Before,
        *,
        staging: Staging,
        watch: Watch,
        on_project: Callable[[str], None],
    ) -> None:
        self._client, self._plan, self._before, self._watch = client, plan, before, watch
        self._on_project = on_project
        self.staging = staging
        if isinstance(staging.state, dict):
            self.staged = Staged(**staging.state)
        else:
            begun = client.server_time
            self.staged = Staged(begun=None if begun is None else begun.isoformat(), covers_from=plan.covers_from)
            staging.append([], asdict(self.staged))
        self.resumed = self.staged.received > 0
        watch.issues, watch.pages = staging.issues, self.staged.pages

    def read(self, question: Question) -> None:
        pages_before = self.staged.pages
        for number, phase in enumerate(self._phases(question)):
            if number < self.staged.phase:
                continue
            resume_from = self.staged.walk if number == self.staged.phase else None
            for batch in phase(resume_from):
                self._take(batch, number, pages_before)
            pages_before = self.staged.pages

    def add(self, rows: list[Row]) -> None:
        """Rows that came another way than by the walk."""
        if not rows:
            return
        for row in rows:
            self._note(row)
        self.staging.append(rows, asdict(self.staged))

    def _phases(self, question: Question) -> list[Phase]:
        where, kept_from, covers_from = question.where, self._before.covers_from, self.staged.covers_from
        everything = replace(question, where=spanned(where, covers_from))
        if self._plan.kind == "increment":
            return [lambda state: self._changed(question, state)]
        if self._plan.kind == "extension" and kept_from is not None:
            everything = replace(question, where=span_missing(where, kept_from, covers_from))
        elif not self.resumed:
            return [lambda state: self._all(everything, state)]
        return [lambda state: self._all(everything, state), lambda state: self._changed(question, state)]

    def _all(self, question: Question, state: Any) -> Iterator[Batch]:
        return walk_all(self._client, question, state=state, staged=self.staging.ids(), skip=self._watch.skip)

    def _changed(self, question: Question, state: Any) -> Iterator[Batch]:
        """What changed since the watermark; after a full reading that was gone on with, since that began."""
        full = self._plan.kind == "full"
        mark = parse_jira_date(self.staged.begun) if full else self._before.watermark
        if mark is None:
            return iter(())
        since = mark - overlap(mark, self._client.account.timezone)
        known = {} if full else self._before.updated
        return walk_changed(self._client, question, since, known=known, state=state, skip=self._watch.skip)

    def _take(self, batch: Batch, phase: int, pages_before: int) -> None:
        staged = self.staged
        news = [row for row in batch.rows if not self._is_known(row)]
        for row in news:
            self._note(row)
        staged.received += len(batch.rows)
        staged.phase, staged.walk, staged.pages = phase, batch.state, pages_before + batch.pages
        self.staging.append(news, asdict(staged))
        self._watch.turn(batch, self.staging.issues, pages_before=pages_before)

    def _is_known(self, row: Row) -> bool:
        """Met again because of the overlap, and not changed since."""
        updated = _updated(row)
        return self._plan.kind != "full" and updated is not None and self._before.updated.get(row["id"]) == updated

    def _note(self, row: Row) -> None:
        staged, identity, updated = self.staged, row["id"], _updated(row)
        old, new = self._before.keys.get(identity), row.get("key")
        staged.changed += old is not None and self._before.updated.get(identity) != updated
        if old is not None and isinstance(new, str) and new != old:
            staged.moved[identity] = [old, new]
        if (project := project_of(row)) is not None and project not in staged.projects:
            staged.projects.append(project)
            self._on_project(project)
        if staged.begun is None and updated is not None:
            self._note_latest(updated)

    def _note_latest(self, updated: str) -> None:
        """For a Jira that does not tell the time."""
        met, latest = parse_jira_date(updated), parse_jira_date(self.staged.latest)
        if met is not None and (latest is None or met > latest):
            self.staged.latest = updated

    def watermark(self) -> datetime | None:
        """Before which all changes are staged: when the reading began, by Jira's clock where it tells the time."""
        begun, latest = parse_jira_date(self.staged.begun), parse_jira_date(self.staged.latest)
        return begun or latest or self._before.watermark


def _updated(row: Row) -> str | None:
    fields = row.get("fields")
    updated = fields.get("updated") if isinstance(fields, dict) else None
    return updated if isinstance(updated, str) else None
