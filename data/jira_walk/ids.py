"""The ids of every issue of a query, thousands at once: where a walk begins, and how deletions are found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data.errors import IncompleteAnswer
from data.jira_query_manager import JiraClient
from data.jira_walk.cursors import Cursor, TokenRefused
from data.jira_walk.offsets import OffsetWalk, Search
from data.jira_walk.rows import issue_id
from data.jira_walk.search import IMMUTABLE_ORDER
from data.jira_walk.workers import Workers

IDS_AT_ONCE = 5000
IDS_AT_ONCE_DATA_CENTER = 1000
UNREADABLE = "an entry among the ids of the issues is none"


@dataclass
class Listing:
    """The ids of a query, thousands a page; `count` says how many different ones were read so far."""

    client: JiraClient
    jql: str
    unreadable: list[str] = field(default_factory=list)
    _cursor: Cursor = field(init=False)
    _met: set[int | str] = field(default_factory=set)
    _restarted: bool = False

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._cursor = Cursor(self.client, self.jql, ("id", "key"), IDS_AT_ONCE, lambda entry: bool(issue_id(entry)))

    @property
    def ended(self) -> bool:
        return self._cursor.ended

    @property
    def count(self) -> int:
        return len(self._met)

    def read(self) -> list[tuple[str, str]]:
        """The next ids that had not come before, each with its key; a refused token begins anew, once."""
        try:
            entries = self._cursor.read()
        except TokenRefused:
            if self._restarted:
                raise
            self._restarted = True
            self._begin()
            entries = self._cursor.read()
        return [pair for entry in entries if (pair := self._new(entry)) is not None]

    def _new(self, entry: Any) -> tuple[str, str] | None:
        identity = issue_id(entry)
        if identity is None:
            self.unreadable.append(UNREADABLE)
            return None
        mark = int(identity) if identity.isdecimal() else identity  # half the room of the text
        if mark in self._met:
            return None
        self._met.add(mark)
        return identity, str(entry.get("key") or "")


def walk_ids(client: JiraClient, where: str, workers: int = 4) -> Iterator[list[tuple[str, str]]]:
    """Pairs of id and key of every issue of the query, each once.

    What is not in it may be taken for gone, so an entry that cannot be read is an error here.
    """
    pages = _cloud_ids(client, where) if client.flavour == "cloud" else _data_center_ids(client, where, workers)
    for pairs, unreadable in pages:
        if unreadable:
            raise IncompleteAnswer(f"Among the ids of the issues, {unreadable} cannot be read.")
        yield pairs


def _cloud_ids(client: JiraClient, where: str) -> Iterator[tuple[list[tuple[str, str]], int]]:
    listing = Listing(client, where + IMMUTABLE_ORDER)
    while not listing.ended:
        yield listing.read(), len(listing.unreadable)


def _data_center_ids(client: JiraClient, where: str, workers: int) -> Iterator[tuple[list[tuple[str, str]], int]]:
    search = Search(where, ("created",), size=IDS_AT_ONCE_DATA_CENTER)
    with Workers(client, workers) as pool:
        for page in OffsetWalk(pool, search).pages():
            pairs = [(found, str(entry.get("key") or "")) for entry in page.entries if (found := issue_id(entry))]
            yield pairs, len(page.entries) - len(pairs)
