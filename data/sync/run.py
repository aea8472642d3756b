"""One sync at work: decide, read, hold against Jira's own list, and make what was read count, all at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from configuration.request_notes import ContextExecutor
from data.issue_store.snapshot import Snapshot
from data.issue_store.staging import Staging
from data.issue_store.store import IssueStore
from data.jira_query_manager import JiraClient
from data.jira_walk.walk import Question, expected_count, look_up
from data.sync.facts import KeptFacts, question_for
from data.sync.lists import SiteLists
from data.sync.plan import Plan, first_day, is_too_old, make_plan, spanned, sweep_is_due
from data.sync.request import SyncRequest
from data.sync.sweep import Findings, Keys, Sweep
from data.sync.team_fetch import Watch
from data.sync.team_lists import flags_among, requested_fields
from data.sync.walk import Before, SyncWalk

_BESIDE = 6
_MOST_SKIPPED = 200
_HISTORIES_AT_ONCE = 200


@dataclass(frozen=True)
class Orders:
    """What whoever started the sync wants beyond an ordinary one."""

    full: bool = False
    accept_losses: bool = False


@dataclass
class Outcome:
    """What has come of a sync so far; a failure leaves it as far as it got."""

    plan: Plan = field(default_factory=lambda: Plan("none", "", None))
    walk: SyncWalk | None = None
    findings: Findings = field(default_factory=Findings)
    expected: int | None = None
    added: int = 0
    issues: int = 0
    refused: list[str] = field(default_factory=list)
    data_version: str | None = None

    @property
    def is_partial(self) -> bool:
        return bool(self.findings.missing or self.findings.held_back)


@dataclass(frozen=True)
class Kept:
    """What a sync finds here: the store, and what was in it when the sync began."""

    store: IssueStore
    snapshot: Snapshot | None
    facts: KeptFacts | None
    before: Before

    @classmethod
    def of(cls, request: SyncRequest, clock: Callable[[], datetime]) -> Self:
        store = request.store(clock)
        snapshot = store.snapshot()
        if snapshot is None:
            return cls(store, None, None, Before())
        facts = KeptFacts.from_json(snapshot.facts)
        before = Before(snapshot.keys(), snapshot.updated(), facts.watermark, facts.covers_from)
        return cls(store, snapshot, facts, before)


class SyncRun:
    """Asks over `client` and tells `watch` how far it is; `outcome` can be read at any time."""

    def __init__(
        self,
        request: SyncRequest,
        client: JiraClient,
        watch: Watch,
        orders: Orders,
        *,
        kept: Kept,
        clock: Callable[[], datetime],
    ) -> None:
        self._request, self._client, self._watch, self._orders, self._clock = request, client, watch, orders, clock
        self._store, self._kept, self._before = kept.store, kept.facts, kept.before
        self._swept_at = kept.facts.swept_at if kept.facts is not None else None
        self.outcome = Outcome()
        if kept.snapshot is not None:
            self.outcome.issues, self.outcome.data_version = kept.snapshot.issue_count, kept.snapshot.version

    def work(self) -> None:
        pool = ContextExecutor(_BESIDE, thread_name_prefix="jira-lists")
        try:
            lists = SiteLists(self._client, pool, self._kept)
            question, staging = self._decide(lists)
            for project in self._kept.projects if self._kept is not None else []:
                lists.ask_versions(project)
            walk = self._walk(staging, lists.ask_versions)
            self.outcome.walk = walk
            sweep = Sweep(self._client, question, walk.staged.covers_from, self._orders.accept_losses)
            beside = pool.submit(self._let_go, sweep, self._before.keys) if self._is_listed_beside(walk) else None
            self._watch.enter("issues")
            count_before = self._exact_count(sweep)
            walk.read(question)
            self._complete_histories(walk, question)
            self._watch.enter("sweep")
            self._compare(walk, sweep, count_before=count_before, beside=beside)
            self._watch.enter("versions")
            facts = self._facts(walk, question, lists)
            self._watch.enter("saving")
            self._commit(walk, facts)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _decide(self, lists: SiteLists) -> tuple[Question, Staging]:
        """What will be asked, and the staging area that it goes to."""
        kept, request, client = self._kept, self._request, self._client
        site_fields = lists.fields() if kept is None or self._orders.full else kept.fields
        asked = requested_fields(request.field_mappings, flags_among(site_fields))
        lacking = [] if kept is None else [name for name in asked if name not in kept.asked]
        if kept is not None and not self._orders.full:
            asked = [*kept.asked, *lacking]
        day = first_day(request.history_days, client.server_time or self._clock(), client.account.timezone)
        same = kept is not None and kept.is_of(client)
        self.outcome.plan = make_plan(kept, day, lacking=lacking, same_account=same, full=self._orders.full)
        purpose = self._purpose(asked)
        staging = self._store.stage(purpose)
        if is_too_old(staging.started_at, self._clock()):
            staging.discard()
            staging = self._store.stage(purpose)
        return question_for(request.where, purpose.get("asked", asked), site_fields), staging

    def _walk(self, staging: Staging, on_project: Callable[[str], None]) -> SyncWalk:
        plan, before, watch = self.outcome.plan, self._before, self._watch
        return SyncWalk(self._client, plan, before, staging=staging, watch=watch, on_project=on_project)

    def _purpose(self, asked: list[str]) -> dict[str, Any]:
        """By which an interrupted run is known again. A full reading that was begun is finished before all else."""
        plan, days = self.outcome.plan, self._request.history_days
        begun = self._store.pending() or {}
        if begun.get("kind") == "full" and begun["days"] == days and set(asked) <= set(begun["asked"]):
            if plan.kind != "full":
                reason = "the last reading of everything had not come to its end"
                self.outcome.plan = Plan("full", reason, plan.covers_from)
            return begun
        if plan.kind == "full":
            return {"kind": "full", "asked": asked, "days": days}
        return {"kind": plan.kind, "base": self.outcome.data_version, "covers_from": plan.covers_from}

    def _is_listed_beside(self, walk: SyncWalk) -> bool:
        """Where an increment is sure to need Jira's list of ids, it is read beside the changes."""
        kept = self._kept
        if kept is None or walk.resumed or self.outcome.plan.kind == "full" or self._client.flavour != "cloud":
            return False
        return sweep_is_due(kept, self.outcome.issues, counts_agree=None, now=self._clock())

    @staticmethod
    def _let_go(sweep: Sweep, kept: Keys) -> tuple[Keys, Findings]:
        listed = sweep.list_ids()
        return listed, sweep.let_go(kept, listed)

    def _compare(
        self, walk: SyncWalk, sweep: Sweep, *, count_before: int | None, beside: Future[tuple[Keys, Findings]] | None
    ) -> None:
        is_proven = not walk.resumed and self._watch.expected == walk.staging.issues
        if is_proven and self._kept is None:
            self.outcome.expected, self._swept_at = walk.staging.issues, self._clock()
            return
        here = dict.fromkeys(walk.staging.ids(), "")
        live = here | dict(self._before.keys)
        if beside is not None:
            listed, found = beside.result()
            for gone in (found.deleted, found.left, found.held_back):
                for identity in here.keys() & gone.keys():
                    del gone[identity]
        elif self._kept is None or self.outcome.plan.kind == "full":
            listed = here if is_proven else sweep.list_ids()
            found = sweep.let_go(here | self._before.touched_since(walk.staged.covers_from), listed)
        else:
            # One that came during the walk would make up for one that was deleted before it.
            self.outcome.expected = count = self._exact_count(sweep)
            agree = None if count is None else count_before == len(live) == count
            if not sweep_is_due(self._kept, len(live), counts_agree=agree, now=self._clock()):
                return
            listed, found = self._let_go(sweep, live)
        self.outcome.expected, self.outcome.findings, self._swept_at = len(listed), found, self._clock()
        sweep.take_in([identity for identity in listed if identity not in live], listed, found)
        walk.add(list(found.rows.values()))

    def _exact_count(self, sweep: Sweep) -> int | None:
        """How many there should be, where Jira's count can be relied on; Cloud's is an estimate."""
        if self._client.flavour == "cloud" or self.outcome.plan.kind == "full":
            return None
        return expected_count(self._client, spanned(sweep.question.where, sweep.covers_from))

    def _facts(self, walk: SyncWalk, question: Question, lists: SiteLists) -> KeptFacts:
        kept = None if self.outcome.plan.kind == "full" else self._kept
        client, staged = self._client, walk.staged
        projects = list(dict.fromkeys([*(kept.projects if kept is not None else []), *staged.projects]))
        skipped = [*(kept.skipped if kept is not None else []), *self._watch.left_out()]
        fields, statuses, versions = lists.fields(), lists.statuses(), lists.versions(projects)
        self.outcome.refused = lists.refused
        is_held_back = bool(self.outcome.findings.held_back)
        return KeptFacts(
            jql=self._request.where,
            flavour=client.flavour,
            account_id=client.account.id,
            account_name=client.account.name,
            account_timezone=client.account.timezone,
            site_url=client.site_url,
            asked=list(question.fields),
            synced_at=self._clock(),
            # What the account cannot see may change unnoticed: while a removal is held back, all is asked for again.
            watermark=self._before.watermark if is_held_back else walk.watermark(),
            swept_at=self._swept_at,
            covers_from=staged.covers_from,
            verdict="partial" if self.outcome.is_partial else "complete",
            without_history=self._without_history(walk),
            projects=projects,
            former_keys=self._former_keys(walk),
            skipped=list(dict.fromkeys(skipped))[-_MOST_SKIPPED:],
            refused=lists.refused,
            fields=fields,
            statuses=statuses,
            versions=versions,
        )

    def _complete_histories(self, walk: SyncWalk, question: Question) -> None:
        """Ask again for histories that Jira did not hand out before, a few each time."""
        kept = self._kept
        if kept is None or self.outcome.plan.kind == "full":
            return
        known = walk.staging.ids()
        ids = [identity for identity in kept.without_history if identity not in known][:_HISTORIES_AT_ONCE]
        rows = look_up(self._client, question, ids) if ids else {}
        walk.add([row for row in rows.values() if "changelog" in row])

    def _without_history(self, walk: SyncWalk) -> list[str]:
        unfinished = sorted(walk.staging.unfinished_ids())
        before = [] if self._kept is None or self.outcome.plan.kind == "full" else self._kept.without_history
        if not before:
            return unfinished
        told = walk.staging.ids().difference(unfinished)
        return [identity for identity in dict.fromkeys([*before, *unfinished]) if identity not in told]

    def _former_keys(self, walk: SyncWalk) -> dict[str, list[str]]:
        former = {} if self._kept is None else {name: list(keys) for name, keys in self._kept.former_keys.items()}
        for identity, (old, _) in walk.staged.moved.items():
            former[identity] = [key for key in former.get(identity, []) if key != old] + [old]
        gone = self.outcome.findings.deleted | self.outcome.findings.left
        return {identity: keys for identity, keys in former.items() if identity not in gone}

    def _commit(self, walk: SyncWalk, facts: KeptFacts) -> None:
        found, outcome = self.outcome.findings, self.outcome
        outcome.added = walk.staging.issues
        if self._before.keys:
            outcome.added = sum(identity not in self._before.keys for identity in walk.staging.ids())
        anew = self._kept is None or (outcome.plan.kind == "full" and not found.held_back)
        gone = list(found.deleted | found.left)
        committed = self._store.commit(walk.staging, facts.to_json(), replace_all=anew, deleted=gone)
        outcome.issues, outcome.data_version = committed.issue_count, committed.version
