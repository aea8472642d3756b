"""The alerts of a server: looked at once a minute by one of its processes, told once per incident to a receiver."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from data.model import iso_utc
from data.watch.alert_book import (
    Book,
    Incident,
    Post,
    What,
    book_of,
    due,
    evaluated,
    key_of,
    lost_records,
    next_try,
    told,
    with_losses,
)
from data.watch.alert_documents import AlertsDocument, document_of, message_of
from data.watch.alert_rules import rules_in_force
from data.watch.alert_values import Values
from data.watch.anomalies import AnomalyWatch, anomalies
from data.watch.log_losses import log_records_dropped, tell_log_losses
from data.watch.store import MetricsStore, StoreUnavailable
from data.watch.webhook import MOST_TRIES, Outcome, Webhook, pause_before_next

logger = logging.getLogger(__name__)

PERIOD = timedelta(minutes=1)
DOCUMENT = "alerts"
_OLDEST_NEWS = timedelta(days=1)
_FULL_MINUTE = 0.9 * PERIOD


class Alerts:
    """Every process of a server has one; a lock file and a record in the store make them act as one.

    `outside` has the figures that the store does not know, by the names of their metrics.
    """

    def __init__(
        self,
        store: MetricsStore,
        rules_path: Path,
        *,
        clock: Callable[[], datetime],
        webhook: Webhook | None = None,
        outside: Mapping[str, Callable[[datetime], float | None]],
    ) -> None:
        self.store = store
        self._rules_path = rules_path
        self._clock = clock
        self._webhook = webhook
        self._outside = outside
        self._anomalies = AnomalyWatch(store)
        self._unkept: Book | None = None

    def turn(self) -> timedelta:
        """Look, unless another process does or just did, and tell what is to be told; when to come back."""
        with self._alone() as is_alone:
            if not is_alone:
                return PERIOD
            book = self._book()
            now = self._clock().replace(microsecond=0)
            if _is_due(book, now):
                book = self._look(book, now)
                self._keep(book)  # before anybody is told: whoever comes after must know
            book = self._tell(book)
        soon = next_try(book) if self._webhook is not None else None
        return PERIOD if soon is None else min(PERIOD, max(timedelta(), soon - self._clock()))

    def document(self) -> AlertsDocument:
        """What a page shows, of whichever process looked last."""
        book = self._book()
        force = rules_in_force(self._rules_path, book["rules_text"])
        return document_of(book, force, self._clock(), is_posted=self._webhook is not None)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process is at it. Where no lock file can be had, each process looks for itself."""
        lock = FileLock(self.store.path.with_name("alerts.lock"), timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        except OSError:
            yield True
            return
        try:
            yield True
        finally:
            lock.release()

    def _book(self) -> Book:
        """What is kept, or what this process could not keep where that is newer."""
        kept, mine = book_of(self.store.document(DOCUMENT)), self._unkept
        return kept if mine is None or kept["revision"] >= mine["revision"] else mine

    def _keep(self, book: Book) -> None:
        book["revision"] += 1
        was_kept, self._unkept = self._unkept is None, None
        try:
            self.store.put_document(DOCUMENT, book)
        except StoreUnavailable as error:
            self._unkept = book
            if was_kept:
                facts = {"reason": type(error).__name__}
                logger.warning(
                    "The record of alerts could not be written; this process goes on without it",
                    extra={"event": "alerts.not_kept", **facts},
                )

    def _look(self, book: Book, now: datetime) -> Book:
        tell_log_losses(self.store)
        book = with_losses(book, sum(log_records_dropped(self.store, ()).values()), now)
        with suppress(StoreUnavailable):
            self._anomalies.look(now)
        force = rules_in_force(self._rules_path, book["rules_text"])
        values = Values(self.store, now, {**self._outside, **self._own_figures(book)})
        measured = {rule.name: values.of(rule) for rule in force.rules}
        after = evaluated(book, force.rules, measured, now, tells=self._webhook is not None)
        problems = [str(mistake) for mistake in force.mistakes]
        _log_changes(book, after, problems)
        return after | {"rules_text": force.text or book["rules_text"], "problems": problems}

    def _own_figures(self, book: Book) -> dict[str, Callable[[datetime], float | None]]:
        def unusual(since: datetime) -> float:
            return sum(one["until"] > iso_utc(since) for one in anomalies(self.store, self._clock()))

        return {"log_records_dropped": lambda since: lost_records(book, since), "unusual_durations": unusual}

    def _tell(self, book: Book) -> Book:
        """One failure ends it for now: the receiver is in trouble, and nobody looks at the rules meanwhile."""
        if self._webhook is None:
            return book
        while (news := next(due(book, self._clock()), None)) is not None:
            incident, what = news
            outcome = self._webhook.post(key_of(incident, what), message_of(incident, what))
            now = self._clock()
            post = _tried(incident, what, outcome, now)
            book = told(book, (incident["id"], what), post)
            self._keep(book)
            if not outcome.accepted:
                break
        return book


def _is_due(book: Book, now: datetime) -> bool:
    """Also after a clock was set back."""
    if book["evaluated_at"] is None:
        return True
    return not timedelta() <= now - datetime.fromisoformat(book["evaluated_at"]) < _FULL_MINUTE


def _tried(incident: Incident, what: What, outcome: Outcome, now: datetime) -> Post:
    """How far the receiver has been told after this try."""
    before = incident["posted"][what]
    tries = 1 if before is None else before["tries"] + 1
    facts = {"incident": incident["id"], "turn": what, "reason": outcome.reason, "tries": tries}
    if outcome.accepted:
        logger.info("An alert was posted", extra={"event": "alerts.posted", **facts})
        return {"state": "posted", "tries": tries, "next_try": None, "posted": iso_utc(now), "reason": None}
    happened = datetime.fromisoformat(incident["fired"] if what == "began" else incident["ended"] or incident["fired"])
    if tries >= MOST_TRIES or now - happened > _OLDEST_NEWS:
        logger.error("An alert could not be posted and never will be", extra={"event": "alerts.post_given_up", **facts})
        return {"state": "given up", "tries": tries, "next_try": None, "posted": None, "reason": outcome.reason}
    logger.warning("An alert could not be posted yet", extra={"event": "alerts.post_failed", **facts})
    pause = timedelta(seconds=pause_before_next(tries, outcome.wait))
    return {"state": "due", "tries": tries, "next_try": iso_utc(now + pause), "posted": None, "reason": outcome.reason}


def _log_changes(before: Book, after: Book, problems: list[str]) -> None:
    was_on = {incident["id"] for incident in before["incidents"] if incident["ended"] is None}
    known = {incident["id"] for incident in before["incidents"]}
    for incident in after["incidents"]:
        facts = {"rule": incident["rule"], "peak": incident["peak"], "threshold": incident["threshold"]}
        if incident["id"] not in known:
            logger.warning("An alert fires", extra={"event": "alerts.began", **facts})
        elif incident["id"] in was_on and incident["ended"] is not None:
            logger.info("An alert is over", extra={"event": "alerts.ended", **facts})
    if problems and problems != before["problems"]:
        logger.warning(
            "The file of alert rules cannot be used: %s",
            problems[0],
            extra={"event": "alerts.rules_unusable", "mistakes": len(problems)},
        )
