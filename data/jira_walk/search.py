"""What every search of either flavour has in common: a bounded query, a sound answer, a count."""

from __future__ import annotations

import re
from typing import Any

from data.errors import IncompleteAnswer, NotFound, PermissionDenied, RequestRefused
from data.jira_query_manager import JiraClient

EVERYTHING = 'created >= "1970-01-01"'
IMMUTABLE_ORDER = " ORDER BY created ASC, key ASC"

_QUOTED_OR_ORDER = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\border\s+by\b", re.IGNORECASE)


def bounded(jql: str | None) -> str:
    """The restriction of a query without its ORDER BY; a query without restriction asks for all issues."""
    text = jql or ""
    for match in _QUOTED_OR_ORDER.finditer(text):
        if match[0][0] not in "\"'":
            text = text[: match.start()]
            break
    return text.strip() or EVERYTHING


def expected_count(client: JiraClient, where: str) -> int | None:
    """About how many issues there will be: exact on Data Center, on Cloud an estimate or, where refused, nothing."""
    if client.flavour != "cloud":
        return exact_count(client, where)
    try:
        count = document(client.post("/search/approximate-count", {"jql": where})).get("count")
    except (NotFound, PermissionDenied, RequestRefused):
        return None
    return count if isinstance(count, int) else None


def exact_count(client: JiraClient, where: str) -> int:
    """How many issues a Data Center finds."""
    body = {"jql": where + IMMUTABLE_ORDER, "startAt": 0, "maxResults": 0, "fields": ["created"]}
    return total_of(document(client.post("/search", body)))


def document(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise IncompleteAnswer("Jira's answer to a search is not an object.")
    return answer


def issues_of(answer: dict[str, Any]) -> list[Any]:
    issues = answer.get("issues")
    if not isinstance(issues, list):
        raise IncompleteAnswer("Jira's answer to a search holds no list of issues.")
    return issues


def total_of(answer: dict[str, Any]) -> int:
    total = answer.get("total")
    if not isinstance(total, int):
        raise IncompleteAnswer("Jira does not say how many issues there are.")
    return total
