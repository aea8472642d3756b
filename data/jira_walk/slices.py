"""A search of Jira Cloud cut by time into spans, whose cursors run side by side and know where to go on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Self

from data.jira_query_manager import JiraClient
from data.jira_walk.cursors import Cursor, TokenRefused
from data.jira_walk.instants import not_after
from data.jira_walk.rows import Question, State, field_text
from data.jira_walk.search import document, expected_count, issues_of
from data.jira_walk.workers import Workers
from data.model import iso_utc
from data.performance_utils import parse_jira_date

FEWEST_ISSUES = 500


@dataclass(eq=False)
class Span:
    """From the minute of one instant to that of another, each open when None; `since` moves as pages are read.

    Neighbours say their common bound in the same words, so they share no issue and lose none, whatever the zone or
    its clock change makes of them.
    """

    since: datetime | None = None
    until: datetime | None = None
    restarted: bool = False


@dataclass(frozen=True)
class _Run:
    span: Span
    cursor: Cursor
    coming: Future[list[Any]]


@dataclass
class Slices:
    """The spans that are not read to their end; `by` is the date that cuts and orders them.

    `met` is how many issues were found so far, by this walk and the one that it resumes.
    """

    by: str
    spans: list[Span]
    met: int = 0
    is_resumed: bool = False

    @classmethod
    def resumed(cls, by: str, state: State | None) -> Self | None:
        """What an earlier walk left, if its state is of this kind."""
        kept = state.get("spans") if state and state.get("by") == by else None
        if not isinstance(kept, list) or not all(isinstance(bounds, list) and len(bounds) == 2 for bounds in kept):
            return None
        met = state.get("met") if state else None
        spans = [Span(parse_jira_date(since), parse_jira_date(until)) for since, until in kept]
        return cls(by, spans, met if isinstance(met, int) else 0, is_resumed=True)

    @property
    def state(self) -> State:
        spans = [[_said(span.since), _said(span.until)] for span in self.spans]
        return {"by": self.by, "spans": spans, "met": self.met}

    def read(self, workers: Workers, question: Question) -> Iterator[list[Any]]:
        """The entries of each page; `state` is then what to go on from once they are safe."""
        waiting, running = deque(self.spans), deque[_Run]()
        while waiting or running:
            while waiting and len(running) < workers.count:
                running.append(self._begun(workers, question, waiting.popleft()))
            run = running.popleft()
            try:
                entries = run.coming.result()
            except TokenRefused:
                if run.span.restarted:
                    raise
                run.span.restarted = True
                waiting.appendleft(run.span)
                continue
            if run.cursor.ended:
                self.spans.remove(run.span)
            else:
                running.append(_Run(run.span, run.cursor, workers.submit(run.cursor.read)))
            run.span.since = self._last(entries) or run.span.since
            yield entries

    def _begun(self, workers: Workers, question: Question, span: Span) -> _Run:
        zone = workers.client.account.timezone
        bounds = [f'{self.by} >= "{not_after(span.since, zone)}"'] if span.since else []
        bounds += [f'{self.by} < "{not_after(span.until, zone)}"'] if span.until else []
        where = " AND ".join([f"({question.where})", *bounds]) if bounds else question.where
        fields = tuple(dict.fromkeys((*question.fields, self.by)))
        cursor = Cursor(workers.client, f"{where} ORDER BY {self.by} ASC, key ASC", fields)
        return _Run(span, cursor, workers.submit(cursor.read))

    def _last(self, entries: list[Any]) -> datetime | None:
        texts = (field_text(entry, self.by) for entry in reversed(entries) if isinstance(entry, dict))
        return next((instant for text in texts if (instant := parse_jira_date(text)) is not None), None)


def by_creation(client: JiraClient, where: str, most: int) -> Slices:
    """The query cut into equal spans of the time in which its issues were created, up to `most` of them."""
    expected = expected_count(client, where) or 0
    count = min(most, expected // FEWEST_ISSUES)
    if count < 2:
        return Slices("created", [Span()])
    first, last = (_created(client, f"{where} ORDER BY created {way}, key {way}") for way in ("ASC", "DESC"))
    if first is None or last is None:
        return Slices("created", [Span()])
    inner = [first + (last - first) * part / count for part in range(1, count)]
    return Slices("created", [Span(*bounds) for bounds in pairwise([None, *inner, None])])


def _created(client: JiraClient, jql: str) -> datetime | None:
    entries = issues_of(document(client.post("/search/jql", {"jql": jql, "maxResults": 1, "fields": ["created"]})))
    return parse_jira_date(field_text(entries[0], "created")) if entries and isinstance(entries[0], dict) else None


def _said(instant: datetime | None) -> str | None:
    return None if instant is None else iso_utc(instant)
