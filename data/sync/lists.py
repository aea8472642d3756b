"""The site's own lists, read beside the walk over the issues."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any

from configuration.request_notes import ContextExecutor
from data.jira_query_manager import JiraClient
from data.sync.facts import KeptFacts
from data.sync.team_fetch import Watch
from data.sync.team_lists import read_fields, read_statuses, read_versions

Entries = list[dict[str, Any]]


class SiteLists:
    """Fields and statuses are asked for at once, versions as projects become known.

    What the account may not see stays as it was kept; `refused` says so.
    """

    def __init__(self, client: JiraClient, pool: ContextExecutor, kept: KeptFacts | None) -> None:
        self._client, self._pool, self._kept = client, pool, kept
        self._said = Watch()
        self._fields = pool.submit(partial(read_fields, client, self._said.skip))
        self._statuses = pool.submit(partial(read_statuses, client, self._said.skip))
        self._versions: dict[str, Future[Entries | None]] = {}

    @property
    def refused(self) -> list[str]:
        return self._said.left_out()

    def ask_versions(self, project: str) -> None:
        if project not in self._versions:
            ask = partial(read_versions, self._client, project, self._said.skip)
            self._versions[project] = self._pool.submit(ask)

    def fields(self) -> Entries:
        read = self._fields.result()
        return read if read is not None else self._kept.fields if self._kept is not None else []

    def statuses(self) -> Entries:
        read = self._statuses.result()
        return read if read is not None else self._kept.statuses if self._kept is not None else []

    def versions(self, projects: Iterable[str]) -> Entries:
        kept = self._kept.versions if self._kept is not None else []
        found: Entries = []
        for project in projects:
            self.ask_versions(project)
            read = self._versions[project].result()
            found += read if read is not None else [entry for entry in kept if str(entry.get("projectId")) == project]
        return found
