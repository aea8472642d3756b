"""What a simulated site really holds, against what a sync kept of it: nothing missing, doubled, foreign or wrong.

It shares no code with the client. A site may live on while it is read, so an issue is right when it is as the site
had it at some moment of the sync.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.demo.store import IssueStore, Record, read_instant

Matches = Callable[[dict[str, Any]], bool]
_KEPT_CHANGES = frozenset({"status", "resolution"})


@dataclass
class Findings:
    """Ids by what is wrong with them."""

    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.doubled or self.foreign or self.wrong)


def told(issue: dict[str, Any]) -> tuple[Any, ...]:
    """The facts of an issue that are compared, however its instants are written."""
    fields = issue["fields"]
    named = [(fields.get(name) or {}).get("id") for name in ("status", "resolution", "issuetype", "priority")]
    instants = [read_instant(fields[name]) if fields.get(name) else None for name in ("created", "updated")]
    versions = tuple(version["id"] for version in fields.get("fixVersions") or ())
    texts = (issue["key"], fields["project"]["key"], fields["summary"], tuple(fields.get("labels") or ()))
    return (*texts, *named, *instants, versions)


def history(issue: dict[str, Any]) -> frozenset[tuple[Any, ...]]:
    """The changes of status and resolution, each with its entry's id and instant."""
    return frozenset(
        (str(entry["id"]), _instant(entry["created"]), *(item.get(part) for part in _PARTS))
        for entry in (issue.get("changelog") or {"histories": []})["histories"]
        for item in entry["items"]
        if item.get("fieldId") in _KEPT_CHANGES
    )


def _instant(told: object) -> datetime | None:
    """Some servers date histories in milliseconds."""
    return datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int) else read_instant(str(told))


_PARTS = ("fieldId", "from", "to", "fromString", "toString")


class Truth:
    """The issues of one question to a site, at any moment of its life."""

    def __init__(self, store: IssueStore, matches: Matches = lambda _: True) -> None:
        self._store, self._matches = store, matches

    def against(self, issues: Iterable[dict[str, Any]], since: datetime, until: datetime) -> Findings:
        """Judge what was kept by a reading between the two moments.

        An issue that came into the query or left it meanwhile may be kept as any earlier reading had it. One that was
        deleted meanwhile may be there or not, and without the history that nobody could ask for any more.
        """
        kept = list(issues)
        found = Findings()
        met = {str(issue["id"]): issue for issue in kept}
        found.doubled = [
            identity for identity, times in Counter(str(issue["id"]) for issue in kept).items() if times > 1
        ]
        gone = self._store.deleted()
        for identity in self._store.identities():
            there = self._during(identity, since, until) if identity not in gone or gone[identity] > since else []
            matching = [record for record in there if self._matches(record.raw)]
            issue = met.pop(identity, None)
            if issue is None:
                was_there_throughout = self._was_there(identity, since) and identity not in gone
                if there and len(matching) == len(there) and was_there_throughout:
                    found.missing.append(identity)
            elif not matching:
                found.foreign.append(identity)
            elif identity not in gone and not _is_one_of(issue, self._allowed(identity, there, matching)):
                found.wrong.append(identity)
        found.foreign += list(met)
        return found

    def _allowed(self, identity: str, there: list[Record], matching: list[Record]) -> list[Record]:
        return there if len(matching) == len(there) else self._store.written(identity)

    def _was_there(self, identity: str, since: datetime) -> bool:
        first = self._store.written(identity)[0].written
        return first is None or first <= since

    def _during(self, identity: str, since: datetime, until: datetime) -> list[Record]:
        """The versions that the issue had between the two moments."""
        versions = self._store.written(identity)
        ends = [record.written for record in versions[1:]] + [None]
        return [
            record
            for record, end in zip(versions, ends, strict=True)
            if (record.written is None or record.written <= until) and (end is None or end > since)
        ]


def _is_one_of(issue: dict[str, Any], records: list[Record]) -> bool:
    """Its facts and its history may be of different moments: they are read by different requests."""
    facts, changes = told(issue), history(issue)
    return any(told(record.raw) == facts for record in records) and any(
        history(record.raw) == changes for record in records
    )
