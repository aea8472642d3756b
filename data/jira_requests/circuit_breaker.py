"""When a site is better left alone: after failures in a row, a spent quota, or more retries than answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.errors import JiraError, JiraResting, QuotaSpent
from data.jira_requests.headroom import Rest
from data.jira_requests.ledger import Document, Ledger

logger = logging.getLogger(__name__)

FAILURES_IN_A_ROW = 5
REMEMBERED = 20
FAILURES_AMONG_THEM = 10
SHORTEST_REST = 30.0
LONGEST_REST = 600.0
PROBE_SECONDS = 60.0
MOST_RETRIES = 10.0
RETRIES_PER_ANSWER = 0.1
LONGEST_QUOTA = 86_400.0
TINY = 1e-6


@dataclass(frozen=True)
class Site:
    """What all who use one ledger know of one site, and of one account's quota there."""

    ledger: Ledger
    name: str
    account: str
    clock: Callable[[], float]
    wall: Callable[[], datetime]

    def check(self) -> None:
        """Raise while the quota is spent or the site rests."""
        spent = self.ledger.read(self.account, lambda document: _left(document, "until", self.clock()))
        if spent > 0:
            raise QuotaSpent(self._spoken("It may be asked again", spent), retry_after=spent, until=self._then(spent))
        self._raise_resting(*self.ledger.read(self.name, lambda document: _rest(document, self.clock())))

    def enter(self) -> None:
        """Check right before a request; the first one after a rest is the probe, and the others go on resting."""
        self.check()
        if self.ledger.read(self.name, lambda document: "rest" in document):
            self._raise_resting(*self.ledger.change(self.name, lambda document: _probe(document, self.clock())))

    def rest(self) -> Rest:
        """How it stands, for those who only look."""
        quota = self.ledger.read(self.account, lambda document: _left(document, "until", self.clock()))
        rest, last = self.ledger.read(self.name, lambda document: _rest(document, self.clock()))
        is_resting = self.ledger.read(self.name, lambda document: "rest" in document)
        return Rest(quota, rest, is_resting and rest == 0, last)

    def answered(self, asked_at: float, *, usefully: bool) -> None:
        """Jira answered; `usefully` if it gave what was asked, which earns later requests their retries."""
        if self.ledger.read(self.name, _is_well):
            return
        rested = self.ledger.change(self.name, lambda document: _note_answer(document, asked_at, usefully=usefully))
        if rested:
            logger.info("Jira answers again", extra={"event": "jira.recovered", "rest_seconds": rested})

    def failed(self, error: JiraError, asked_at: float) -> None:
        """Nothing usable came. A host that has never answered is not rested from: more likely it is misspelt."""
        if not self.has_answered():
            return
        rest = self.ledger.change(self.name, lambda document: _note_failure(document, error, asked_at, self.clock()))
        if rest:
            facts = {"rest_seconds": rest, "error": error.title}
            logger.warning("Jira is left alone for %.0f s", rest, extra={"event": "jira.resting", **facts})

    def has_answered(self) -> bool:
        return self.ledger.read(self.name, lambda document: bool(document.get("answered")))

    def may_retry(self) -> bool:
        """Whether one more retry is in proportion to the answers that came; it is counted if so."""
        return self.ledger.change(self.name, _spend_retry)

    def spend_quota(self, seconds: float | None) -> float:
        """Ask nothing more for this account, of whatever kind, for so long; the seconds that are kept to.

        Quotas that name no time begin anew with the hour.
        """
        now = self.wall()
        to_the_hour = 3600.0 - (now.minute * 60 + now.second)
        kept = min(max(1.0, to_the_hour if seconds is None else seconds), LONGEST_QUOTA)
        self.ledger.change(self.account, lambda document: _extend(document, self.clock() + kept))
        facts = {"wait_seconds": round(kept)}
        logger.warning("Jira's quota is spent for %.0f s", kept, extra={"event": "jira.quota_spent", **facts})
        return kept

    def _raise_resting(self, rest: float, last: str) -> None:
        if rest > 0:
            detail = self._spoken(f"The last failure was: {last}. The next try is due", rest)
            raise JiraResting(detail, until=self._then(rest))

    def _then(self, seconds: float) -> datetime:
        return self.wall() + timedelta(seconds=seconds)

    def _spoken(self, what: str, seconds: float) -> str:
        return f"{what} at {self._then(seconds):%Y-%m-%d %H:%M:%S} UTC."


def _left(document: Document, name: str, now: float) -> float:
    return max(0.0, float(document.get("at", {}).get(name, now)) - now)


def _extend(document: Document, until: float) -> None:
    instants = document.setdefault("at", {})
    instants["until"] = max(until, instants.get("until", until))


def _is_well(document: Document) -> bool:
    return bool(document.get("answered")) and document.keys() <= {"answered"}


def _rest(document: Document, now: float) -> tuple[float, str]:
    """Seconds until the next request may go, and what was the matter."""
    return max(_left(document, "rested", now), _left(document, "probed", now)), str(document.get("last", ""))


def _probe(document: Document, now: float) -> tuple[float, str]:
    found = _rest(document, now)
    if found[0] == 0 and "rest" in document:
        document["at"]["probed"] = now + PROBE_SECONDS
    return found


def _note_answer(document: Document, asked_at: float, *, usefully: bool) -> float:
    """Answers end a rest (its seconds are returned), push old failures out of memory, and refill the retries."""
    recent = (document.get("recent", "") + "1")[-REMEMBERED:]
    rested, last = document.get("rest", 0.0), document.get("last", "")
    spent = document.get("spent", 0.0) - (RETRIES_PER_ANSWER if usefully else 0.0)
    if rested and asked_at < document["at"]["failed"]:
        return 0.0
    document.clear()
    document["answered"] = True
    if "0" in recent and not rested:
        document |= {"recent": recent, "last": last}
    if spent > TINY:
        document["spent"] = spent
    return float(rested)


def _note_failure(document: Document, error: JiraError, asked_at: float, now: float) -> float:
    """Seconds of the rest that this failure begins.

    Requests that were under way together when the first of them failed are one piece of evidence.
    """
    instants = document.setdefault("at", {})
    if asked_at < instants.get("failed", asked_at):
        return 0.0
    instants["failed"] = now
    document["last"] = error.title
    document["failures"] = document.get("failures", 0) + 1
    document["recent"] = (document.get("recent", "") + "0")[-REMEMBERED:]
    rest = document.get("rest")
    troubled = document["failures"] >= FAILURES_IN_A_ROW or document["recent"].count("0") > FAILURES_AMONG_THEM
    if rest is None and not troubled:
        return 0.0
    document["rest"] = SHORTEST_REST if rest is None else min(LONGEST_REST, 2 * rest)
    instants["rested"] = now + document["rest"]
    instants.pop("probed", None)
    return float(document["rest"])


def _spend_retry(document: Document) -> bool:
    spent = document.get("spent", 0.0) + 1.0
    if spent > MOST_RETRIES + TINY:
        return False
    document["spent"] = spent
    return True
