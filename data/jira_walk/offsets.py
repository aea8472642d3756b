"""Jira Data Center's search: numbered pages over a list that may shift meanwhile, up to a window's end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from data.errors import IncompleteAnswer, WindowExceeded
from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import HistoryFields, settled
from data.jira_walk.instants import not_after
from data.jira_walk.rows import asked_again, field_text, is_whole, issue_id
from data.jira_walk.search import IMMUTABLE_ORDER, document, issues_of, total_of
from data.jira_walk.workers import Workers
from data.performance_utils import parse_jira_date

PAGE_SIZE = 200
LARGEST_WINDOW = 10_000
LONGEST_WALK = 100_000
MOST_PASSES = 3


@dataclass(frozen=True)
class Search:
    """What is asked for; `size` is how many issues a page should have.

    With `history_fields` the histories come too, and in place of its `changelog` an entry has what is kept of it,
    or None: whole histories of many pages would be too much to hold.
    """

    where: str
    fields: tuple[str, ...]
    history_fields: HistoryFields | None = None
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class OffsetPage:
    """Entries of one page that had not come before, how many the search finds from here on, and how far it is."""

    entries: list[Any]
    total: int
    until: datetime | None


class _Shifted(Exception):  # noqa: N818 - an event, no error: the walk goes on from where it was whole
    """Two pages do not meet, or the list ended too early."""


@dataclass(frozen=True)
class _Answer:
    start: int
    entries: list[Any]
    total: int


class OffsetWalk:
    """Every issue of a search, in the order of creation, with several pages under way at once.

    Each page begins with the last issue of the page before; where it does not, issues came or went meanwhile, and
    the walk begins again at the minute in which the last issue met was created. It does likewise at the end of the
    window, so that no query is too large for it, and at the start, when `since` says how far an earlier walk came.
    """

    def __init__(self, workers: Workers, search: Search, since: datetime | None = None) -> None:
        self._workers, self._search = workers, search
        self._client = workers.client
        self._since = since
        self._window = LARGEST_WINDOW
        self._met: set[object] = set()
        self._pages = 0

    def pages(self) -> Iterator[OffsetPage]:
        barren = 0
        while True:
            before, shifted = len(self._met), None
            try:
                if (yield from self._stretch()):
                    return
            except _Shifted as event:
                shifted = event
            barren = 0 if len(self._met) > before else barren + 1
            if shifted is None and barren:
                raise WindowExceeded("Its issues were created in one and the same minute.")
            if barren >= MOST_PASSES:
                raise IncompleteAnswer(str(shifted))

    def _stretch(self) -> Generator[OffsetPage, None, bool]:
        """Pages from `_since` on; returns whether they reached the end, and not only that of the window."""
        where = self._where()
        first = self._first(where)
        yield self._taken(first)
        last = first
        for answer in self._workers.in_order(self._questions(where, first)):
            if answer is None:
                self._window = last.start + len(last.entries)
                return False
            if not answer.entries:
                break
            if not _meet(last, answer):
                raise _Shifted("Its list of issues shifts while it is read.")
            yield self._taken(answer)
            last = answer
        end = last.start + len(last.entries)
        if end < min(last.total, self._window):
            raise _Shifted(f"Jira counts {last.total} issues but handed out {end}, also when asked again.")
        return end >= last.total

    def _first(self, where: str) -> _Answer:
        size = self._search.size
        while size:
            answer = self._ask(where, 0, size)
            if answer is not None:
                return answer
            size //= 2
        raise WindowExceeded("It does not even give out one issue.")

    def _questions(self, where: str, first: _Answer) -> Iterator[Callable[[], _Answer | None]]:
        size = len(first.entries)
        shared = 1 if size > 1 else 0
        for start in range(size - shared, min(first.total, self._window) - shared, max(size - shared, 1)):
            yield partial(self._ask, where, start, min(size, self._window - start))

    def _ask(self, where: str, start: int, size: int) -> _Answer | None:
        body: dict[str, Any] = {"jql": where + IMMUTABLE_ORDER, "startAt": start, "maxResults": size}
        body["fields"] = list(self._search.fields)
        if self._search.history_fields:
            body["expand"] = ["changelog"]
        try:
            answer = asked_again(partial(_searched, self._client, body), self._is_sound)
        except WindowExceeded:
            return None
        entries = issues_of(answer)
        if self._search.history_fields:
            for entry in filter(issue_id, entries):
                entry["changelog"] = settled(self._client, entry, self._search.history_fields)
        return _Answer(start, entries, total_of(answer))

    def _is_sound(self, answer: dict[str, Any]) -> bool:
        entries = issues_of(answer)
        return all(is_whole(entry) and ("changelog" in entry or not self._search.history_fields) for entry in entries)

    def _where(self) -> str:
        if self._since is None:
            return self._search.where
        return f'({self._search.where}) AND created >= "{not_after(self._since, self._client.account.timezone)}"'

    def _taken(self, answer: _Answer) -> OffsetPage:
        self._pages += 1
        if self._pages > LONGEST_WALK:
            raise IncompleteAnswer(f"The search did not end within {LONGEST_WALK} pages.")
        new = []
        for place, entry in enumerate(answer.entries):
            mark = _mark(entry, answer.start + place)
            if mark not in self._met:
                self._met.add(mark)
                new.append(entry)
        self._since = _last_created(answer.entries) or self._since
        return OffsetPage(new, answer.total, self._since)


def _searched(client: JiraClient, body: dict[str, Any]) -> dict[str, Any]:
    return document(client.post("/search", body))


def _meet(before: _Answer, after: _Answer) -> bool:
    """Whether the pages share the issue in which they should overlap, as far as both say which it is.

    Pages of a single issue cannot overlap.
    """
    place = after.start - before.start
    if place >= len(before.entries):
        return place == len(before.entries) == 1
    ids = issue_id(before.entries[place]), issue_id(after.entries[0])
    return None in ids or ids[0] == ids[1]


def _mark(entry: Any, place: int) -> object:
    """An issue in the version it has; what is none, by its place."""
    identity = issue_id(entry)
    return f"place {place}" if identity is None else hash((identity, field_text(entry, "updated")))


def _last_created(entries: list[Any]) -> datetime | None:
    found = (parse_jira_date(field_text(entry, "created")) for entry in reversed(entries) if isinstance(entry, dict))
    return next((instant for instant in found if instant is not None), None)
