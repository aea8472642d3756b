"""How the issues of a Jira Data Center are walked: pages in order of creation, each with its histories."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import WITHOUT_HISTORY, Settled, settled
from data.jira_walk.offsets import OffsetWalk, Search
from data.jira_walk.rows import Batch, Page, Question, Row, State, issue_id, row_of, unusable
from data.jira_walk.search import document, exact_count, issues_of
from data.jira_walk.workers import Workers
from data.model import iso_utc
from data.performance_utils import parse_jira_date


def walk(
    workers: Workers,
    question: Question,
    state: State | None,
    *,
    staged: Container[str] = (),
    skip: Callable[[str], None],
) -> Iterator[Batch]:
    since = parse_jira_date(state.get("created")) if state else None
    expected = 0 if since is None else exact_count(workers.client, question.where)
    fields = tuple(dict.fromkeys((*question.fields, "created")))
    search = Search(question.where, fields, question.history_fields)
    for number, part in enumerate(OffsetWalk(workers, search, since).pages(), start=1):
        page = _finished(part.entries, staged)
        for reason in page.skipped:
            skip(reason)
        expected = max(expected, part.total)
        yield Batch(page.rows, {"created": iso_utc(part.until)} if part.until else {}, expected, number)


def look_up(client: JiraClient, question: Question, ids: Sequence[str], *, histories: bool) -> Page:
    """Those of up to a hundred issues that are there to be read, whether or not the query finds them."""
    where = f"id in ({', '.join(ids)}) ORDER BY created ASC, key ASC"
    body = {"jql": where, "maxResults": len(ids), "fields": list(question.fields), "validateQuery": False}
    body |= {"expand": ["changelog"]} if histories else {}
    entries: list[Any] = []
    for _ in ids:
        answer = issues_of(document(client.post("/search", {**body, "startAt": len(entries)})))
        entries += answer
        if not answer or len(entries) >= len(ids):
            break
    for entry in filter(issue_id, entries):
        entry["changelog"] = settled(client, entry, question.history_fields) if histories else None
    return _finished(entries, ())


def _finished(entries: list[Any], staged: Container[str]) -> Page:
    page = Page()
    for entry in entries:
        identity = issue_id(entry)
        if identity is None:
            page.skipped.append(unusable(entry))
        elif identity not in staged:
            page.rows.append(_row(entry, identity, page.skipped))
    return page


def _row(entry: dict[str, Any], identity: str, skipped: list[str]) -> Row:
    row, history = row_of(entry, identity), entry.get("changelog")
    if isinstance(history, Settled):
        skipped += history.skipped
        return row | {"changelog": {"histories": history.histories}}
    skipped.append(WITHOUT_HISTORY)
    return row
