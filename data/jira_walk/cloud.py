"""How the issues of a Jira Cloud are walked: ids first and then in bulk, or cursors side by side; histories after."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from data.jira_walk.bulk import BULK_SIZE, listed, read_issues
from data.jira_walk.changelogs import ISSUES_AT_ONCE, Asked, Histories, read_histories
from data.jira_walk.ids import Listing
from data.jira_walk.rows import Batch, Page, Question, Row, cut, field_text, read_rows
from data.jira_walk.search import IMMUTABLE_ORDER
from data.jira_walk.slices import Slices
from data.jira_walk.workers import Workers

SMALLEST_SHARE = 250
BY_IDS = {"by": "ids"}


@dataclass
class CloudWalk:
    """One walk: what it asks, and how far it is."""

    workers: Workers
    question: Question
    skip: Callable[[str], None]
    answers: int = 0
    expected: int | None = None

    def by_ids(self, staged: Container[str]) -> Iterator[Batch]:
        """The ids of all issues first, thousands at once, then those that are not staged, a hundred at once."""
        return self._with_histories(self._issues(self._chunks(staged)), lambda _: True)

    def by_cursors(self, slices: Slices, staged: Container[str], known: Mapping[str, str]) -> Iterator[Batch]:
        """Pages of as many cursors as there are workers; histories only where `updated` is not the known one."""

        def moved(row: Row) -> bool:
            updated = field_text(row, "updated")
            return updated is None or updated != known.get(row["id"])

        return self._with_histories(self._cursor_pages(slices, staged), moved)

    def _issues(self, chunks: Iterator[list[str]]) -> Iterator[Page]:
        client, fields = self.workers.client, self.question.fields

        def read(chunk: list[str]) -> Page:
            return listed(read_issues(client, fields, chunk), chunk)

        page = None
        for page in self.workers.in_order(partial(read, chunk) for chunk in chunks):
            yield replace(page, state=BY_IDS)
        if page is None:
            yield Page(answers=0, state=BY_IDS)

    def _chunks(self, staged: Container[str]) -> Iterator[list[str]]:
        """The next page of ids is read while the issues of this one are."""
        listing = Listing(self.workers.client, self.question.where + IMMUTABLE_ORDER)
        coming = self.workers.submit(listing.read)
        ended = False
        while not ended:
            ids = [identity for identity, _ in coming.result() if identity not in staged]
            ended = listing.ended
            self.answers += 1
            if ended:
                self._listed(listing)
            else:
                coming = self.workers.submit(listing.read)
            yield from (list(chunk) for chunk in cut(ids, BULK_SIZE))

    def _listed(self, listing: Listing) -> None:
        self.expected = listing.count
        for reason in listing.unreadable:
            self.skip(reason)

    def _cursor_pages(self, slices: Slices, staged: Container[str]) -> Iterator[Page]:
        met: dict[str, str | None] = {}
        for entries in slices.read(self.workers, self.question):
            page = read_rows(entries)
            new = []
            for row in page.rows:
                identity, updated = row["id"], field_text(row, "updated")
                slices.met += identity not in met and not (slices.is_resumed and identity in staged)
                if identity not in staged and met.get(identity, "") != updated:
                    new.append(row)
                met[identity] = updated
            yield replace(page, rows=new, state=slices.state)
        self.expected = slices.met

    def _with_histories(self, pages: Iterator[Page], wants: Callable[[Row], bool]) -> Iterator[Batch]:
        """The histories of some pages' issues are asked for together, and only after their fields were read.

        Thus a history is never older than the `updated` beside it, by which the next increment judges whether the
        history has to be read again.
        """
        group, wanted, rows = list[Page](), list[Row](), 0
        waiting: deque[tuple[list[Page], list[Future[Histories]]]] = deque()
        for page in pages:
            if rows + len(page.rows) > ISSUES_AT_ONCE:
                waiting.append((group, self._asked(wanted, ISSUES_AT_ONCE)))
                group, wanted, rows = [], [], 0
            group.append(page)
            wanted += filter(wants, page.rows)
            rows += len(page.rows)
            while waiting and (len(waiting) > 1 or all(future.done() for future in waiting[0][1])):
                yield from self._finished(*waiting.popleft())
        share = max(SMALLEST_SHARE, -(-len(wanted) // self.workers.count))
        waiting.append((group, self._asked(wanted, share)))
        while waiting:
            yield from self._finished(*waiting.popleft())

    def _asked(self, rows: Sequence[Row], at_once: int) -> list[Future[Histories]]:
        client, fields = self.workers.client, self.question.history_fields
        shares = cut([asked(row) for row in rows], min(at_once, ISSUES_AT_ONCE))
        return [self.workers.submit(partial(read_histories, client, share, fields)) for share in shares]

    def _finished(self, pages: list[Page], coming: list[Future[Histories]]) -> Iterator[Batch]:
        of: dict[str, list[dict[str, Any]]] = {}
        for future in coming:
            histories = future.result()
            of |= histories.of
            self.answers += histories.answers
            for reason in histories.skipped:
                self.skip(reason)
        for page in pages:
            self.answers += page.answers
            for reason in page.skipped:
                self.skip(reason)
            for row in page.rows:
                if row["id"] in of:
                    row["changelog"] = {"histories": of[row["id"]]}
            yield Batch(page.rows, page.state, self.expected, self.answers)


def asked(row: Row) -> Asked:
    touched = field_text(row, "updated") != field_text(row, "created")
    return Asked(row["id"], str(row.get("key") or ""), touched)
