"""Finding every issue of a query, once: the cursor walk of Cloud and the sliced offset walk of Data Center."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import (
    IncompleteAnswer,
    NotFound,
    PermissionDenied,
    QueryRejected,
    RequestRefused,
    WindowExceeded,
)
from data.jira_query_manager import JiraClient
from data.performance_utils import parse_jira_date

EVERYTHING = 'created >= "1970-01-01"'
IMMUTABLE_ORDER = " ORDER BY created ASC, key ASC"
PAGE_SIZE = 100
LARGEST_WINDOW = 10_000
LONGEST_WALK = 10_000
MOST_EMPTY_PAGES = 3
MOST_PASSES = 3
DEEPEST_SPLIT = 40

_QUOTED_OR_ORDER = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\border\s+by\b", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """Issues as they came, and how many Jira says there are in all (None where it does not say)."""

    issues: list[Any]
    total: int | None


def bounded(jql: str | None) -> str:
    """The restriction of a query without its ORDER BY; a query without restriction asks for all issues."""
    text = jql or ""
    for match in _QUOTED_OR_ORDER.finditer(text):
        if match[0][0] not in "\"'":
            text = text[: match.start()]
            break
    return text.strip() or EVERYTHING


def pages(client: JiraClient, where: str, fields: Sequence[str]) -> Iterator[Page]:
    """Every issue of the query, page by page; one may come twice, none is left out."""
    return _cloud_pages(client, where, fields) if client.flavour == "cloud" else _Slices(client, where, fields).read()


def expected_count(client: JiraClient, where: str) -> int | None:
    """About how many issues there will be: exact on Data Center, on Cloud an estimate or, where refused, nothing."""
    if client.flavour != "cloud":
        return _Slices(client, where, ()).count(where)
    try:
        count = document(client.post("/search/approximate-count", {"jql": where})).get("count")
    except (NotFound, PermissionDenied, RequestRefused):
        return None
    return count if isinstance(count, int) else None


def document(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise IncompleteAnswer("Jira's answer to a search is not an object.")
    return answer


def issues_of(answer: dict[str, Any]) -> list[Any]:
    issues = answer.get("issues")
    if not isinstance(issues, list):
        raise IncompleteAnswer("Jira's answer to a search holds no list of issues.")
    return issues


def _cloud_pages(client: JiraClient, where: str, fields: Sequence[str]) -> Iterator[Page]:
    token, seen, empty = None, set[str](), 0
    for _ in range(LONGEST_WALK):
        body = {"jql": where + IMMUTABLE_ORDER, "maxResults": PAGE_SIZE, "fields": list(fields)}
        answer = _next_cloud_page(client, body, token)
        issues = issues_of(answer)
        yield Page(issues, None)
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            if answer.get("isLast") is False:
                raise IncompleteAnswer("Jira says there are more pages, but not how to ask for them.")
            return
        empty = 0 if issues else empty + 1
        if token in seen or empty > MOST_EMPTY_PAGES:
            raise IncompleteAnswer("Jira's list of pages leads in a circle.")
        seen.add(token)
    raise IncompleteAnswer(f"The search did not end within {LONGEST_WALK} pages.")


def _next_cloud_page(client: JiraClient, body: dict[str, Any], token: str | None) -> dict[str, Any]:
    if token is None:
        return document(client.post("/search/jql", body))
    try:
        return document(client.post("/search/jql", {**body, "nextPageToken": token}))
    except QueryRejected as error:
        raise IncompleteAnswer(f"Jira no longer accepts its own page token. {error.detail}") from None


@dataclass(frozen=True)
class _Slices:
    """A Data Center query, cut by time of creation into slices below the server's result window.

    Bounds are texts in the account's zone, to the minute; as both neighbours carry the same text, they share no
    issue and lose none, whatever the zone or its clock change makes of it.
    """

    client: JiraClient
    where: str
    fields: Sequence[str]

    def read(self) -> Iterator[Page]:
        yield from self._slice("", "", depth=0)

    def count(self, where: str) -> int:
        return self._total(self._search(where + IMMUTABLE_ORDER, start=0, size=0))

    def _slice(self, since: str, until: str, *, depth: int) -> Iterator[Page]:
        where = self._restricted(since, until)
        total = self.count(where)
        if total == 0:
            return
        if total <= LARGEST_WINDOW:
            try:
                yield from self._read_whole(where)
            except WindowExceeded:
                if total <= PAGE_SIZE:
                    raise
            else:
                return
        if depth >= DEEPEST_SPLIT:
            raise WindowExceeded(f"{total} issues could not be cut into smaller slices.")
        middle = self._middle(where)
        yield from self._slice(since, middle, depth=depth + 1)
        yield from self._slice(middle, until, depth=depth + 1)

    def _restricted(self, since: str, until: str) -> str:
        bounds = [f'created >= "{since}"'] if since else []
        bounds += [f'created < "{until}"'] if until else []
        return " AND ".join([f"({self.where})", *bounds]) if bounds else self.where

    def _middle(self, where: str) -> str:
        """A minute after the first issue's and not after the last issue's."""
        first, last = (self._created(f"{where} ORDER BY created {way}, key {way}") for way in ("ASC", "DESC"))
        earliest = first.replace(second=0, microsecond=0) + timedelta(minutes=1)
        middle = max(earliest, (first + (last - first) / 2).replace(second=0, microsecond=0))
        if middle > last:
            raise WindowExceeded("Its issues were created in one and the same minute.")
        return middle.astimezone(_zone(self.client.account.timezone)).strftime("%Y-%m-%d %H:%M")

    def _created(self, jql: str) -> datetime:
        issues = issues_of(self._search(jql, start=0, size=1))
        text = issues[0].get("fields", {}).get("created") if issues and isinstance(issues[0], dict) else None
        instant = parse_jira_date(text)
        if instant is None:
            raise IncompleteAnswer("Jira does not tell when the first or last issue was created.")
        return instant

    def _read_whole(self, where: str) -> Iterator[Page]:
        """Walk until a pass has met as many distinct issues as Jira counts, and none vanished meanwhile."""
        seen: set[object] = set()
        total = 0
        for _ in range(MOST_PASSES):
            shrank, before = False, 0
            for start, page in self._offset_pages(where):
                total = page.total or 0
                shrank, before = shrank or total < before, total
                seen.update(_identity(issue, start + place) for place, issue in enumerate(page.issues))
                yield page
            if len(seen) >= total and not shrank:
                return
        raise IncompleteAnswer(f"Jira counts {total} issues but handed out {len(seen)}, also when asked again.")

    def _offset_pages(self, where: str) -> Iterator[tuple[int, Page]]:
        start = 0
        for _ in range(LONGEST_WALK):
            size = min(PAGE_SIZE, LARGEST_WINDOW - start)
            answer = self._search(where + IMMUTABLE_ORDER, start=start, size=size, fields=self.fields)
            page = Page(issues_of(answer), self._total(answer))
            yield start, page
            start += len(page.issues)
            if not page.issues or start >= min(page.total or 0, LARGEST_WINDOW):
                return
        raise IncompleteAnswer(f"The search did not end within {LONGEST_WALK} pages.")

    def _search(self, jql: str, *, start: int, size: int, fields: Sequence[str] = ("created",)) -> dict[str, Any]:
        body = {"jql": jql, "startAt": start, "maxResults": size, "fields": list(fields)}
        if fields is self.fields:
            body["expand"] = ["changelog"]
        return document(self.client.post("/search", body))

    @staticmethod
    def _total(answer: dict[str, Any]) -> int:
        total = answer.get("total")
        if not isinstance(total, int):
            raise IncompleteAnswer("Jira does not say how many issues there are.")
        return total


def _identity(issue: Any, place: int) -> object:
    return issue.get("id", place) if isinstance(issue, dict) else place


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
