"""What every endpoint of the simulated Jira works with: the site, its issues, the clock, and pages half read."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from data.demo.clock import Clock
from data.demo.exchange import Refusal, Request, refuse
from data.demo.jql import JqlScope
from data.demo.jql_syntax import JqlError
from data.demo.rendering import Renderer
from data.demo.site import JsonObject, Site
from data.demo.store import IssueStore, Record
from data.demo.team_workflow import STATUS_CATEGORIES

_KEPT_WALKS = 500
_MOST_OPERANDS = 20_000
_KEPT_SEARCHES = 64
_MOVES_WITH_TIME = re.compile(r"now\s*\(|[+-]?\d+[yMwdhm]\b")


class Walks:
    """Results that are being read page by page; a token names the query it belongs to, what is left, and where."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[object, Sequence[Any], int]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def keep(self, query: object, rows: Sequence[Any], offset: int) -> str:
        with self._lock:
            self._count += 1
            token = hashlib.sha256(f"page {self._count} {offset} {len(rows)}".encode()).hexdigest()[:44]
            self._kept[token] = (query, rows, offset)
            while len(self._kept) > _KEPT_WALKS:
                self._kept.popitem(last=False)
        return token

    def resume(self, token: str, query: object) -> tuple[Sequence[Any], int]:
        kept = self._kept.get(token)
        if kept is None or kept[0] != query:
            raise refuse(400, "The nextPageToken is invalid or has expired.")
        return kept[1], kept[2]


@dataclass
class Desk:
    site: Site
    store: IssueStore
    renderer: Renderer
    clock: Clock
    base_url: str
    cloud: bool
    page_cap: int
    result_window: int
    walks: Walks = field(default_factory=Walks)
    _searching: threading.Lock = field(default_factory=threading.Lock)
    _found: OrderedDict[object, list[Record]] = field(default_factory=OrderedDict)

    @cached_property
    def _known(self) -> Mapping[str, frozenset[str]]:
        return {
            "status": _words(self.site.statuses),
            "issuetype": _words(self.site.issue_types),
            "priority": _words(self.site.priorities),
            "resolution": _words(self.site.resolutions),
            "project": _words(self.site.projects),
            "statuscategory": _words(STATUS_CATEGORIES),
        }

    @cached_property
    def _field_ids(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for entry in self.site.fields:
            for name in (entry["id"], entry["name"], *entry.get("clauseNames", ())):
                names.setdefault(str(name).lower(), str(entry["id"]))
        return names

    def projects(self, request: Request) -> list[JsonObject]:
        """Those the visitor may browse."""
        hidden = self.store.hidden_projects
        return [project for project in self.site.projects if request.member and project["key"] not in hidden]

    def project(self, request: Request, key_or_id: str) -> JsonObject:
        for project in self.projects(request):
            if key_or_id.upper() == str(project["key"]).upper() or key_or_id == str(project["id"]):
                return project
        raise refuse(404, f"No project could be found with key '{key_or_id}'.")

    def scope(self, request: Request, *, strict: bool = True) -> JqlScope:
        projects = self.projects(request)
        return JqlScope(
            projects=tuple(projects),
            known={**self._known, "project": _words(projects)},
            fields=self._field_ids,
            find=self.store.find if request.member else lambda _: None,
            timezone=self.site.account.timezone if request.member else "UTC",
            now=self.clock(),
            strict=strict,
        )

    def search(self, request: Request, jql: str, *, fresh: frozenset[str] = frozenset()) -> list[Record]:
        if jql.count(",") > _MOST_OPERANDS:
            raise refuse(500, "Internal server error")
        revision = self.store.revision
        lasting = self.store.is_settled and not fresh and not _MOVES_WITH_TIME.search(jql)
        question = (jql, request.member, revision)
        if lasting and question in self._found:
            return self._found[question]
        records = self.store.indexed(fresh) if request.member else []
        try:
            found = self.scope(request).search(jql, records, bounded=self.cloud)
        except JqlError as error:
            raise refuse(400, str(error)) from None
        if lasting:
            self._keep(question, found)
        return found

    def _keep(self, question: object, found: list[Record]) -> None:
        """So that a walk over a large site does not search it again for every page."""
        with self._searching:
            self._found[question] = found
            while len(self._found) > _KEPT_SEARCHES:
                self._found.popitem(last=False)

    def issue(self, request: Request, id_or_key: str) -> Record:
        record = self.store.find(id_or_key) if request.member else None
        if record is None:
            raise self.missing_issue()
        return record

    def missing_issue(self) -> Refusal:
        if self.cloud:
            return refuse(404, "Issue does not exist or you do not have permission to see it.")
        return refuse(404, "Issue Does Not Exist")


def _words(values: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(
        str(value[part]).casefold() for value in values for part in ("id", "key", "name") if value.get(part)
    )
