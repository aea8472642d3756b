"""The history of each issue, reduced to changes of status, resolution and flag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import IncompleteAnswer, NotFound
from data.jira_query_manager import JiraClient

ISSUES_AT_ONCE = 1000
ENTRIES_AT_ONCE = 5000
MOST_FIELDS = 10
LONGEST_WALK = 10_000

History = dict[str, Any]


@dataclass(frozen=True)
class HistoryFields:
    """The fields whose changes are kept; `ids` begins with status and resolution, flags follow."""

    ids: tuple[str, ...] = ("status", "resolution")

    @classmethod
    def with_flags(cls, flag_ids: Iterable[str]) -> HistoryFields:
        return cls(tuple(dict.fromkeys(("status", "resolution", *flag_ids)))[:MOST_FIELDS])

    def keeps(self, item: Any) -> bool:
        """By id; by name where an old Jira gives none, and always for flags, whose id differs between sites."""
        if not isinstance(item, dict):
            return False
        field_id, name = item.get("fieldId"), str(item.get("field") or "").casefold()
        return field_id in self.ids or name == "flagged" or (not field_id and name in {"status", "resolution"})

    def reduced(self, histories: Iterable[Any]) -> list[History]:
        """Only id, time and the kept items: who did it is nobody's business here."""
        kept = []
        for history in histories:
            items = history.get("items") if isinstance(history, dict) else None
            wanted = [item for item in items if self.keeps(item)] if isinstance(items, list) else []
            if wanted:
                kept.append({"id": history.get("id"), "created": history.get("created"), "items": wanted})
        return kept


def cloud_histories(
    client: JiraClient, issue_ids: Sequence[str], fields: HistoryFields
) -> Iterator[list[tuple[str, list[History]]]]:
    """Per page, pairs of issue id and some of its histories; one issue may go on over several pages."""
    for start in range(0, len(issue_ids), ISSUES_AT_ONCE):
        batch = list(issue_ids[start : start + ISSUES_AT_ONCE])
        body = {"issueIdsOrKeys": batch, "fieldIds": list(fields.ids), "maxResults": ENTRIES_AT_ONCE}
        token, seen = None, set[str]()
        for _ in range(LONGEST_WALK):
            answer = client.post("/changelog/bulkfetch", body | ({"nextPageToken": token} if token else {}))
            yield list(_logs(answer, fields))
            token = answer.get("nextPageToken")
            if not isinstance(token, str) or not token:
                break
            if token in seen:
                raise IncompleteAnswer("Jira's list of history pages leads in a circle.")
            seen.add(token)
        else:
            raise IncompleteAnswer(f"The histories did not end within {LONGEST_WALK} pages.")


def _logs(answer: Any, fields: HistoryFields) -> Iterator[tuple[str, list[History]]]:
    logs = answer.get("issueChangeLogs") if isinstance(answer, dict) else None
    if not isinstance(logs, list):
        raise IncompleteAnswer("Jira's answer holds no list of histories.")
    for log in logs:
        histories = log.get("changeHistories") if isinstance(log, dict) else None
        if isinstance(histories, list):
            yield str(log.get("issueId")), fields.reduced(histories)


def delivered(changelog: Any) -> list[Any] | None:
    """The histories that came with an issue, or None when Jira delivered none at all."""
    histories = changelog.get("histories") if isinstance(changelog, dict) else None
    return histories if isinstance(histories, list) else None


def is_truncated(changelog: Any) -> bool:
    histories = delivered(changelog)
    total = changelog.get("total") if isinstance(changelog, dict) else None
    return histories is not None and isinstance(total, int) and total > len(histories)


def whole_history(client: JiraClient, issue_id: str) -> list[Any] | None:
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
