"""The history of each issue, reduced to changes of status, resolution and flag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data.errors import IncompleteAnswer, NotFound, RequestRefused
from data.jira_query_manager import JiraClient

ISSUES_AT_ONCE = 1000
ENTRIES_AT_ONCE = 10_000
SAMPLE = 3
ONE_BY_ONE = 20
WITHOUT_HISTORY = "Jira delivered no history of an issue"
MOST_FIELDS = 10
LONGEST_WALK = 10_000
PROJECT = "project"
MOVED_ONE_BY_ONE = 20
"""Of so many moved issues among those of one question the own history is asked for, to know their former keys."""

History = dict[str, Any]


@dataclass(frozen=True)
class HistoryFields:
    """The fields whose changes are kept; `ids` begins with status and resolution, flags follow.

    A change of an issue's key is kept wherever it is delivered, for people look for the old one. Jira documents no id
    to ask for it by; it comes together with a change of the project, which has one.
    """

    ids: tuple[str, ...] = ("status", "resolution")

    @classmethod
    def with_flags(cls, flag_ids: Iterable[str]) -> HistoryFields:
        return cls(tuple(dict.fromkeys(("status", "resolution", *flag_ids)))[: MOST_FIELDS - 1])

    @property
    def asked(self) -> list[str]:
        return [*self.ids, PROJECT]

    def keeps(self, item: Any) -> bool:
        """By id; by name where an old Jira gives none, and always for flags, whose id differs between sites."""
        if not isinstance(item, dict):
            return False
        field_id, name = item.get("fieldId"), str(item.get("field") or "").casefold()
        return field_id in self.ids or name in {"flagged", "key"} or (not field_id and name in {"status", "resolution"})

    def reduced(self, histories: Iterable[Any]) -> list[History]:
        """Only id, time and the kept items: who did it is nobody's business here."""
        kept = []
        for history in histories:
            items = history.get("items") if isinstance(history, dict) else None
            wanted = [item for item in items if self.keeps(item)] if isinstance(items, list) else []
            if wanted:
                kept.append({"id": history.get("id"), "created": history.get("created"), "items": wanted})
        return kept


@dataclass
class Histories:
    """The reduced histories by issue id; an issue that is not in it has one that Jira would not give.

    `moved` are the ids of issues that came from another project.
    """

    of: dict[str, list[History]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    answers: int = 0
    moved: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Settled:
    """What is kept of an issue's history, and reasons for what is not."""

    histories: list[History]
    skipped: list[str]


@dataclass(frozen=True)
class Asked:
    """An issue whose history is wanted; `touched` when its dates say that something was changed since its creation."""

    id: str
    key: str
    touched: bool


def read_histories(client: JiraClient, issues: Sequence[Asked], fields: HistoryFields) -> Histories:
    """The histories of up to a thousand issues of Jira Cloud.

    An issue that Jira leaves out never had such a change. Where it leaves out all of them, although some were
    touched, it is not believed before it has said so twice and some issues' own histories agree.
    """
    found = _bulk(client, issues, fields)
    touched = [issue for issue in issues if issue.touched]
    if any(found.of.values()) or not touched:
        return _with_former_keys(client, found, fields)
    again = _bulk(client, issues, fields)
    again.answers += found.answers
    return again if any(again.of.values()) else _doubted(client, issues, fields, again)


def _with_former_keys(client: JiraClient, found: Histories, fields: HistoryFields) -> Histories:
    """Adds the changes of key of issues that were moved, where Jira answered with nothing but the fields asked for."""
    unnamed = [issue_id for issue_id in sorted(found.moved) if not any(map(_changes_key, found.of[issue_id]))]
    for issue_id in unnamed[:MOVED_ONE_BY_ONE]:
        own = _own_history(client, Asked(issue_id, "", touched=True), fields)
        found.answers += 1
        named = [history for history in own if _changes_key(history)]
        known = {(history["id"], history["created"]) for history in named}
        told = [history for history in found.of[issue_id] if (history["id"], history["created"]) not in known]
        found.of[issue_id] = told + named
    return found


def _changes_key(history: History) -> bool:
    return any(str(item.get("field") or "").casefold() == "key" for item in history["items"])


def _was_moved(histories: Iterable[Any]) -> bool:
    listed = [history.get("items") for history in histories if isinstance(history, dict)]
    items = [item for several in listed if isinstance(several, list) for item in several]
    return any(isinstance(item, dict) and item.get("fieldId") == PROJECT for item in items)


def _doubted(client: JiraClient, issues: Sequence[Asked], fields: HistoryFields, empty: Histories) -> Histories:
    sample = [issue for issue in reversed(issues) if issue.touched][:SAMPLE]
    own = {issue.id: _own_history(client, issue, fields) for issue in sample}
    empty.answers += len(own)
    if not any(own.values()):
        return empty
    if len(issues) > ONE_BY_ONE:
        return Histories({}, [WITHOUT_HISTORY] * len(issues), empty.answers)
    rest = {issue.id: _own_history(client, issue, fields) for issue in issues if issue.id not in own}
    return Histories(own | rest, [], empty.answers + len(rest))


def _own_history(client: JiraClient, issue: Asked, fields: HistoryFields) -> list[History]:
    try:
        return fields.reduced(_paged_history(client, issue.id))
    except NotFound:
        return []


def _bulk(client: JiraClient, issues: Sequence[Asked], fields: HistoryFields) -> Histories:
    found = Histories({issue.id: [] for issue in issues})
    ids = {issue.key: issue.id for issue in issues} | {issue.id: issue.id for issue in issues}
    try:
        _collect(client, found, ids, fields)
    except _TokenRefused:
        found.of, found.skipped, found.moved = {issue.id: [] for issue in issues}, [], set()
        _collect(client, found, ids, fields)
    return found


class _TokenRefused(IncompleteAnswer):
    """Jira no longer knows its own page token; the histories have to be asked for anew."""


def _collect(client: JiraClient, found: Histories, ids: Mapping[str, str], fields: HistoryFields) -> None:
    body = {"issueIdsOrKeys": list(found.of), "fieldIds": fields.asked, "maxResults": ENTRIES_AT_ONCE}
    token, seen = None, set[str]()
    for _ in range(LONGEST_WALK):
        answer = _page(client, body, token)
        found.answers += 1
        for name, histories in _logs(answer):
            if name not in ids:
                found.skipped.append(f"Jira sent a history for {name}, which was not asked for")
                continue
            found.of[ids[name]] += fields.reduced(histories)
            if _was_moved(histories):
                found.moved.add(ids[name])
            found.skipped += unreadable(histories, name)
        token = answer.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return
        if token in seen:
            raise IncompleteAnswer("Jira's list of history pages leads in a circle.")
        seen.add(token)
    raise IncompleteAnswer(f"The histories did not end within {LONGEST_WALK} pages.")


def _page(client: JiraClient, body: dict[str, Any], token: str | None) -> Any:
    if token is None:
        return client.post("/changelog/bulkfetch", body)
    try:
        return client.post("/changelog/bulkfetch", {**body, "nextPageToken": token})
    except RequestRefused as error:
        raise _TokenRefused(f"Jira no longer accepts its own page token. {error.detail}") from None


def _logs(answer: Any) -> Iterator[tuple[str, list[Any]]]:
    logs = answer.get("issueChangeLogs") if isinstance(answer, dict) else None
    if not isinstance(logs, list):
        raise IncompleteAnswer("Jira's answer holds no list of histories.")
    for log in logs:
        histories = log.get("changeHistories") if isinstance(log, dict) else None
        if isinstance(histories, list):
            yield str(log.get("issueId")), histories


def unreadable(histories: Iterable[Any], name: str) -> list[str]:
    """A reason for every entry of an issue's history that is none."""
    return [
        f"an entry in the history of {name} is a {type(history).__name__}, not an object"
        for history in histories
        if not isinstance(history, dict)
    ]


def delivered(changelog: Any) -> list[Any] | None:
    """The histories that came with an issue, or None when Jira delivered none at all."""
    histories = changelog.get("histories") if isinstance(changelog, dict) else None
    return histories if isinstance(histories, list) else None


def is_truncated(changelog: Any) -> bool:
    histories = delivered(changelog)
    total = changelog.get("total") if isinstance(changelog, dict) else None
    return histories is not None and isinstance(total, int) and total > len(histories)


def settled(client: JiraClient, entry: Any, fields: HistoryFields) -> Settled | None:
    """The reduced history that came with an issue, completed where it came cut short; None when none came."""
    changelog = entry.get("changelog") if isinstance(entry, dict) else None
    histories, cut, name = delivered(changelog), is_truncated(changelog), str(entry.get("key") or entry.get("id"))
    whole = _whole_history(client, str(entry.get("id"))) if cut else None
    histories = histories if whole is None else whole
    if histories is None:
        return None
    reasons = [f"Jira hands out only the newest part of the history of {name}"] if cut and whole is None else []
    return Settled(fields.reduced(histories), reasons + unreadable(histories, name))


def _whole_history(client: JiraClient, issue_id: str) -> list[Any] | None:
    """All histories of one issue by whichever address this Jira has; None when it hands out no more."""
    try:
        return _paged_history(client, issue_id)
    except NotFound:
        answer = client.get(f"/issue/{issue_id}", {"fields": "created", "expand": "changelog"})
    changelog = answer.get("changelog") if isinstance(answer, dict) else None
    return None if is_truncated(changelog) else delivered(changelog)


def _paged_history(client: JiraClient, issue_id: str) -> list[Any]:
    found: list[Any] = []
    for _ in range(LONGEST_WALK):
        answer = client.get(f"/issue/{issue_id}/changelog", {"startAt": str(len(found)), "maxResults": "100"})
        values = answer.get("values") if isinstance(answer, dict) else None
        if not isinstance(values, list):
            raise IncompleteAnswer("Jira's answer holds no list of histories.")
        found += values
        if not values or answer.get("isLast") is True or answer.get("total") == len(found):
            return found
    raise IncompleteAnswer(f"The history of one issue did not end within {LONGEST_WALK} pages.")
