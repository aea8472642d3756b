"""Ways to walk over the same issues, side by side: `python -m tests.benchmarks.walks [ISSUES ...]`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import HistoryFields
from data.jira_walk.cloud import CloudWalk
from data.jira_walk.rows import Batch, Question
from data.jira_walk.search import EVERYTHING
from data.jira_walk.slices import Slices, Span, by_creation
from data.jira_walk.walk import walk_all
from data.jira_walk.workers import Workers
from tests.benchmarks.jira_process import jira_process
from tests.jira_sites import credentials

LATENCY = 0.15
FIELDS = ("issuetype", "project", "status", "resolution", "created", "updated", "summary", "labels", "fixVersions")
QUESTION = Question(EVERYTHING, FIELDS, HistoryFields())
Way = Callable[[JiraClient], Iterator[Batch]]


def ignored(_reason: str) -> None:
    raise AssertionError(_reason)


def by_ids(workers: int) -> Way:
    return lambda client: walk_all(client, QUESTION, skip=ignored, workers=workers)


def by_cursors(workers: int) -> Way:
    def walk(client: JiraClient) -> Iterator[Batch]:
        with Workers(client, workers) as pool:
            most = 2 * workers if workers > 1 else 1
            slices = by_creation(pool.client, QUESTION.where, most) if most > 1 else Slices("created", [Span()])
            yield from CloudWalk(pool, QUESTION, ignored).by_cursors(slices, (), {})

    return walk


WAYS: dict[str, dict[str, Way]] = {
    "cloud": {
        "one cursor, one worker": by_cursors(1),
        "cursors side by side, 4 workers": by_cursors(4),
        "ids first, 1 worker": by_ids(1),
        "ids first, 4 workers": by_ids(4),
        "ids first, 8 workers": by_ids(8),
    },
    "datacenter": {"pages, one worker": by_ids(1), "pages, 4 workers": by_ids(4), "pages, 8 workers": by_ids(8)},
}


def measured(way: Way, url: str, issues: int) -> tuple[int, float]:
    client = connect(credentials(url))
    run = client.for_run()
    started = time.perf_counter()
    ids = {row["id"] for batch in way(run) for row in batch.rows}
    seconds = time.perf_counter() - started
    client.close()
    assert len(ids) == issues, f"{len(ids)} of {issues}"
    return run.counts.calls, seconds


def main(sizes: list[int]) -> None:
    for flavour, ways in WAYS.items():
        for issues in sizes:
            with jira_process(issues, flavour, LATENCY) as jira:
                slowest = 0.0
                for name, way in ways.items():
                    requests, seconds = measured(way, jira.url, issues)
                    slowest = slowest or seconds
                    workers = next((int(word) for word in name.split() if word.isdigit()), 1)
                    floor = requests / workers * LATENCY
                    sys.stdout.write(
                        f"{flavour:11} {issues:6} issues  {name:34} {requests:4} requests {seconds:6.2f} s"
                        f"  x{slowest / seconds:4.1f}  {seconds / floor:4.2f} of the floor\n"
                    )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1000, 10_000])
