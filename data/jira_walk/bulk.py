"""Issues of Jira Cloud read by their ids, a hundred at once, whatever query they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.errors import ApiRemoved, IncompleteAnswer, JiraError, NotFound, PermissionDenied, RequestRefused
from data.jira_query_manager import JiraClient
from data.jira_walk.rows import Page, Row, issue_id, read_rows
from data.jira_walk.search import document, issues_of

BULK_SIZE = 100
ATTEMPTS = 3
FEWEST_TO_DOUBT = 10
GONE = "an issue was listed but is not there to be read: deleted, or hidden from this account"


class BulkRefused(Exception):  # noqa: N818 - an event, no error: the walk takes another way
    """This Jira, or what stands before it, does not hand out issues by their ids; `error` is what it says."""

    def __init__(self, error: JiraError) -> None:
        super().__init__(error.detail)
        self.error = error


def read_issues(client: JiraClient, fields: Sequence[str], ids: Sequence[str]) -> Page:
    """The issues with these ids, in that order; those that do not come are asked for again before they are skipped."""
    found: dict[str, Row] = {}
    page, troubles = Page(answers=0), dict[str, str]()
    for attempt in range(ATTEMPTS):
        missing = [identity for identity in ids if identity not in found or found[identity]["fields"] is None]
        if not missing or (attempt >= 2 and not troubles):
            break
        answer = _asked(client, fields, missing)
        page.answers += 1
        read = read_rows(issues_of(answer))
        found |= {row["id"]: row for row in read.rows if row["id"] not in found or row["fields"] is not None}
        troubles, page.skipped = _troubles(answer), read.skipped
    page.rows = [found[identity] for identity in ids if identity in found]
    return _reasoned(page, [identity for identity in ids if identity not in found], troubles)


def listed(page: Page, ids: Sequence[str]) -> Page:
    """The same page, unless nothing came of many issues that Jira had listed a moment ago."""
    if len(ids) >= FEWEST_TO_DOUBT and not page.rows:
        raise IncompleteAnswer(f"Jira lists issues, but of {len(ids)} asked for by their ids it hands out none.")
    return page


def _asked(client: JiraClient, fields: Sequence[str], ids: Sequence[str]) -> dict[str, Any]:
    try:
        return document(client.post("/issue/bulkfetch", {"issueIdsOrKeys": list(ids), "fields": list(fields)}))
    except (NotFound, PermissionDenied, RequestRefused, ApiRemoved) as error:
        raise BulkRefused(error) from None


def _troubles(answer: dict[str, Any]) -> dict[str, str]:
    """What Jira says about issues that it could not read this time."""
    errors = answer.get("issueErrors")
    return {
        found: str(error.get("errorMessage") or "it does not say why")
        for error in (errors if isinstance(errors, list) else [])
        if (found := issue_id(error)) is not None
    }


def _reasoned(page: Page, missing: Sequence[str], troubles: dict[str, str]) -> Page:
    """A reason for every issue that is missing, the unreadable entries of the last answer among them."""
    failed = [f"Jira could not read an issue: {troubles[identity]}" for identity in missing if identity in troubles]
    unreadable = page.skipped[: len(missing) - len(failed)]
    page.skipped = failed + unreadable + [GONE] * (len(missing) - len(failed) - len(unreadable))
    return page
