"""What walks over a simulated Jira bring, beside what that Jira really holds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from data.demo.jira import SimulatedJira
from data.demo.site import Site
from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import HistoryFields
from data.jira_walk.rows import Batch, Question, Row
from data.jira_walk.walk import walk_all
from tests.jira_sites import connected, plain_issue, plain_site, serving

FLAG = "customfield_10021"
KEPT = {"status", "resolution", "Flagged"}
FIELDS = ("status", "created", "updated", "summary", "project")
EVERYTHING = Question('created >= "1970-01-01"', FIELDS, HistoryFields.with_flags([FLAG]))


class Walked:
    """Collects batches as a store would: rows of one id merge, the later wins."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.met: list[str] = []
        self.batches: list[Batch] = []
        self.skipped: Counter[str] = Counter()

    def skip(self, reason: str) -> None:
        self.skipped[reason] += 1

    def take(self, batches: Iterable[Batch]) -> Walked:
        for batch in batches:
            self.batches.append(batch)
            for row in batch.rows:
                self.met.append(row["id"])
                self.rows[row["id"]] = self.rows.get(row["id"], {}) | row
        return self


def entries(histories: Iterable[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    """What a history says, whatever its order, form of date and company."""
    return Counter(
        (str(history["id"]), item["field"], item.get("fromString"), item.get("toString"))
        for history in histories
        for item in history.get("items") or []
        if item["field"] in KEPT
    )


def told(rows: dict[str, Row]) -> dict[str, Counter[tuple[Any, ...]]]:
    return {identity: entries(row["changelog"]["histories"]) for identity, row in rows.items()}


def truth(jira: SimulatedJira) -> dict[str, Counter[tuple[Any, ...]]]:
    """By id, what is to be known about every issue of the site as it is now."""
    return {record.id: entries(record.histories or []) for record in jira.store.all()}


def facts(rows: dict[str, Row]) -> dict[str, tuple[Any, ...]]:
    return {
        identity: (row["key"], row["fields"]["summary"], row["fields"]["status"]["name"])
        for identity, row in rows.items()
    }


def true_facts(jira: SimulatedJira) -> dict[str, tuple[Any, ...]]:
    found = jira.store.all()
    return {record.id: (record.key, record.fields["summary"], record.fields["status"]["name"]) for record in found}


def meanwhile(jira: SimulatedJira, path: str, number: int, deed: Callable[[], object]) -> None:
    """Just before the so-manieth request for that path is answered, something happens."""
    answer, count, lock = jira.handle, [0], threading.Lock()

    def handle(method: str, target: str, *rest: Any) -> Any:
        with lock:
            count[0] += path in target
            if path in target and count[0] == number:
                deed()
        return answer(method, target, *rest)

    jira.handle = handle


START = datetime(2025, 3, 3, 9, tzinfo=UTC)
SILENT = "Jira delivered no history of an issue"


def hourly(count: int, **fields: Any) -> Site:
    """Issues of an hour each, one after the other."""
    return plain_site(
        [plain_issue(number, START + timedelta(hours=number), **fields) for number in range(1, count + 1)]
    )


def walked(client: JiraClient, **options: Any) -> Walked:
    found = Walked()
    return found.take(walk_all(client, EVERYTHING, skip=found.skip, **options))


def read(
    site: Site, flavour: str, *, workers: int = 4, **options: Any
) -> tuple[Walked, dict[str, Counter[tuple[Any, ...]]], SimulatedJira]:
    """The walk, what there was to find, and the Jira."""
    with serving(site, flavour, **options) as (jira, url), connected(url) as client:
        return walked(client, workers=workers), truth(jira), jira


def asked(jira: SimulatedJira, ending: str) -> int:
    return sum(path.endswith(ending) for _, path in jira.requests)
