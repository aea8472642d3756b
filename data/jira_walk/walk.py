"""Walks over the issues of a query that can be stopped at any page and go on from there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from data.errors import NotFound
from data.jira_query_manager import JiraClient
from data.jira_walk import datacenter
from data.jira_walk.bulk import BULK_SIZE, BulkRefused, read_issues
from data.jira_walk.changelogs import read_histories
from data.jira_walk.cloud import CloudWalk, asked
from data.jira_walk.ids import walk_ids
from data.jira_walk.instants import not_after
from data.jira_walk.rows import Batch, Page, Question, Row, State, cut, read_rows
from data.jira_walk.search import bounded, expected_count
from data.jira_walk.slices import Slices, Span, by_creation
from data.jira_walk.workers import Workers

__all__ = [
    "Batch",
    "Question",
    "Row",
    "State",
    "bounded",
    "expected_count",
    "look_up",
    "walk_all",
    "walk_changed",
    "walk_ids",
]

logger = logging.getLogger(__name__)


def walk_all(
    client: JiraClient,
    question: Question,
    *,
    state: State | None = None,
    staged: Container[str] = (),
    skip: Callable[[str], None],
    workers: int = 4,
) -> Iterator[Batch]:
    """Every issue of the query that is not `staged`, each with its whole history; `skip` hears of what is unusable.

    With the state of the last batch that was saved, and the ids of all rows that were, a later walk brings the rest:
    together they hold every issue that answered the query when the first walk began and still does. What was
    changed, added or moved into the query after that beginning may be missing or old, and what was deleted may be
    there: an increment since the first beginning, and a sweep of ids, put that right.
    """
    with Workers(client, workers) as pool:
        if client.flavour != "cloud":
            yield from datacenter.walk(pool, question, state, staged=staged, skip=skip)
            return
        walk, begun = CloudWalk(pool, question, skip), False
        try:
            for batch in walk.by_ids(staged):
                begun = True
                yield batch
        except BulkRefused as refusal:
            if begun:
                raise refusal.error from None
            logger.warning(
                "Jira does not hand out issues by their ids; they are read page by page",
                extra={"event": "jira.bulk_refused", "reason": str(refusal)},
            )
            slices = Slices.resumed("created", state) or by_creation(pool.client, question.where, 2 * workers)
            yield from walk.by_cursors(slices, staged, {})


def walk_changed(
    client: JiraClient,
    question: Question,
    since: datetime,
    *,
    known: Mapping[str, str],
    state: State | None = None,
    skip: Callable[[str], None],
    workers: int = 4,
) -> Iterator[Batch]:
    """Every issue of the query that changed at `since` or later, and some that changed a little earlier.

    `known` gives the `updated` text of the issues that are kept: on Cloud, one that still says the same comes
    without its history. An issue may come more than once, the latest last; nothing is left out for having come in an
    earlier run. The guarantee for resumed walks is that of `walk_all`.
    """
    with Workers(client, workers) as pool:
        if client.flavour == "cloud":
            slices = Slices.resumed("updated", state) or Slices("updated", [Span(since)])
            yield from CloudWalk(pool, question, skip).by_cursors(slices, (), known)
            return
        bound = not_after(since, client.account.timezone)
        changed = replace(question, where=f'({question.where}) AND updated >= "{bound}"')
        yield from datacenter.walk(pool, changed, state, skip=skip)


def look_up(
    client: JiraClient, question: Question, ids: Sequence[str], *, histories: bool = True, workers: int = 4
) -> dict[str, Row]:
    """These issues by id, whether or not the query still finds them; one that is missing is deleted or hidden."""
    with Workers(client, workers) as pool:
        read = _looked_up_on_cloud if client.flavour == "cloud" else datacenter.look_up
        chunks = cut(ids, BULK_SIZE)
        pages = pool.in_order(partial(read, pool.client, question, chunk, histories=histories) for chunk in chunks)
        return {row["id"]: row for page in pages for row in page.rows}


def _looked_up_on_cloud(client: JiraClient, question: Question, ids: Sequence[str], *, histories: bool) -> Page:
    try:
        page = read_issues(client, question.fields, ids)
    except BulkRefused:
        page = _one_by_one(client, question, ids)
    if histories and page.rows:
        found = read_histories(client, [asked(row) for row in page.rows], question.history_fields)
        for row in page.rows:
            if row["id"] in found.of:
                row["changelog"] = {"histories": found.of[row["id"]]}
    return page


def _one_by_one(client: JiraClient, question: Question, ids: Sequence[str]) -> Page:
    found = []
    for identity in ids:
        try:
            found.append(client.get(f"/issue/{identity}", {"fields": ",".join(question.fields)}))
        except NotFound:
            continue
    return read_rows(found)
