"""Jira Cloud's search, which only ever tells how to ask for the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.errors import IncompleteAnswer, QueryRejected
from data.jira_query_manager import JiraClient
from data.jira_walk.rows import asked_again, is_whole
from data.jira_walk.search import document, issues_of

PAGE_SIZE = 100
LONGEST_WALK = 10_000
MOST_EMPTY_PAGES = 3


class TokenRefused(IncompleteAnswer):
    """Jira no longer knows its own page token; the search has to begin again."""


@dataclass
class Cursor:
    """One search, read page after page by one thread at a time; `ended` once the last page was read."""

    client: JiraClient
    jql: str
    fields: Sequence[str]
    size: int = PAGE_SIZE
    is_sound: Callable[[Any], bool] = is_whole
    ended: bool = False
    _token: str | None = None
    _tokens: set[str] = field(default_factory=set)
    _empty: int = 0

    def read(self) -> list[Any]:
        """The entries of the next page; a page with damaged entries is asked for once more."""
        answer = asked_again(self._ask, lambda answer: all(map(self.is_sound, issues_of(answer))))
        self._turn(answer)
        return issues_of(answer)

    def _ask(self) -> dict[str, Any]:
        body = {"jql": self.jql, "maxResults": self.size, "fields": list(self.fields)}
        if self._token is None:
            return document(self.client.post("/search/jql", body))
        try:
            return document(self.client.post("/search/jql", {**body, "nextPageToken": self._token}))
        except QueryRejected as error:
            raise TokenRefused(f"Jira no longer accepts its own page token. {error.detail}") from None

    def _turn(self, answer: dict[str, Any]) -> None:
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            if answer.get("isLast") is False:
                raise IncompleteAnswer("Jira says there are more pages, but not how to ask for them.")
            self.ended = True
            return
        self._empty = 0 if issues_of(answer) else self._empty + 1
        if token in self._tokens or self._empty > MOST_EMPTY_PAGES:
            raise IncompleteAnswer("Jira's list of pages leads in a circle.")
        if len(self._tokens) >= LONGEST_WALK:
            raise IncompleteAnswer(f"The search did not end within {LONGEST_WALK} pages.")
        self._tokens.add(token)
        self._token = token
