"""Holding what is kept against Jira's own list: what came in unnoticed, what left, what is gone, what is missing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from configuration.request_notes import ContextExecutor
from data.errors import AnonymousAccess
from data.jira_query_manager import JiraClient
from data.jira_walk.rows import cut
from data.jira_walk.walk import Question, Row, look_up, walk_ids
from data.sync.plan import is_suspicious, spanned

logger = logging.getLogger(__name__)

Keys = Mapping[str, str]
"""Keys of issues by their ids."""

_IDS_IN_A_QUERY = 200
_PROBE = 100


@dataclass
class Findings:
    """What a sweep has found. `rows` are issues of the query that were not kept; the others are keys by id.

    `missing` are in Jira's list, but Jira does not hand them out. `held_back` seem to be deleted, but are so many
    that nothing is removed before a person has confirmed it.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    left_as: dict[str, str] = field(default_factory=dict)
    held_back: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep:
    """One comparison. `question` is the team's own query, `covers_from` the span to which the kept issues go back."""

    client: JiraClient
    question: Question
    covers_from: str | None
    accept_losses: bool = False

    def list_ids(self) -> dict[str, str]:
        where = spanned(self.question.where, self.covers_from)
        return {identity: key for pairs in walk_ids(self.client, where) for identity, key in pairs}

    def take_in(self, ids: Sequence[str], listed: Keys, found: Findings) -> None:
        """What Jira lists and hands out; what it lists twice without handing it out is missing."""
        if not ids:
            return
        found.rows = look_up(self.client, self.question, ids)
        absent = [identity for identity in ids if identity not in found.rows]
        if absent:
            again = self.list_ids()
            found.missing = {identity: listed[identity] for identity in absent if identity in again}

    def let_go(self, kept: Keys, listed: Keys) -> Findings:
        """What is kept and no longer listed, told apart: deleted, out of the query, or too much to be believed."""
        found = Findings()
        gone = {identity: key for identity, key in kept.items() if identity not in listed}
        if not gone:
            return found
        with ContextExecutor(1, thread_name_prefix="jira-account") as beside:
            checked = beside.submit(self._check_account)
            there = self._still_there(gone, kept)
            checked.result()
        stayed = self._still_matching(there) if there else set()
        for identity, key in gone.items():
            if identity not in there:
                found.deleted[identity] = key
            elif identity not in stayed:
                found.left[identity] = key
                found.left_as[identity] = str(there[identity].get("key") or key)
        if is_suspicious(found.deleted, kept) and not self.accept_losses:
            found.held_back, found.deleted = found.deleted, {}
            facts = {"issues": len(found.held_back), "kept": len(kept)}
            logger.warning(
                "So many issues are not found any more that none is removed",
                extra={"event": "sync.removal_held_back", **facts},
            )
        return found

    def _check_account(self) -> None:
        """A stranger finds nothing either: nothing is removed before Jira has said once more who we are."""
        me = self.client.get("/myself")
        names = {me.get(name) for name in ("accountId", "key", "name")} if isinstance(me, dict) else set()
        if self.client.account.id not in names:
            raise AnonymousAccess("Asked once more who we are, Jira names somebody else.")

    def _still_there(self, gone: Keys, kept: Keys) -> dict[str, Row]:
        """Those of them that Jira knows by id. Of a mass that seems to be gone, a part is asked for first."""
        bare = replace(self.question, fields=("updated",))
        ids = list(gone)
        if is_suspicious(gone, kept) and not self.accept_losses and len(ids) > _PROBE:
            step = len(ids) // _PROBE
            if not look_up(self.client, bare, ids[::step], histories=False):
                return {}
        return look_up(self.client, bare, ids, histories=False)

    def _still_matching(self, ids: Iterable[str]) -> set[str]:
        """Those of them that the team's query finds: the search had not caught up, or only the span leaves them out."""
        matching: set[str] = set()
        for chunk in cut([identity for identity in ids if identity.isdecimal()], _IDS_IN_A_QUERY):
            where = f"({self.question.where}) AND id in ({', '.join(chunk)})"
            matching |= {identity for pairs in walk_ids(self.client, where) for identity, _ in pairs}
        return matching


def told(keys: Iterable[str], most: int = 5) -> str:
    """A few of the keys, in words."""
    named = list(islice(keys, most + 1))
    return ", ".join(named[:most]) + (" …" if len(named) > most else "")
