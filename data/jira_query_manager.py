"""The HTTP client: how often Jira is asked, what is tried again, and with whose credentials."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from configuration.settings import JiraCredentials
from data.errors import (
    BrokenOff,
    JiraError,
    QuotaSpent,
    RateLimited,
    SightlineError,
    TlsFailed,
    Unavailable,
    Unreachable,
)
from data.jira_requests.answers import Answer, is_near_limit, json_of, note_retry, server_rate
from data.jira_requests.budget import Allowance, Budget, ServerRate, Slot, agrees, promised_to
from data.jira_requests.circuit_breaker import LONGEST_QUOTA, Site
from data.jira_requests.ledger import Ledger, MemoryLedger
from data.jira_requests.run import CallCounts, Run, Tally
from data.jira_requests.transport import Transport

OUR_LIMIT, PAUSED, FAILED = "our own limit on requests", "Jira asked for a pause", "a request failed"
ALLOWANCE = Allowance(100, 10.0, 0.25)
REST = "rest"
CLASSES = {"/search/jql": "search", "/changelog/bulkfetch": "histories", "/issue/bulkfetch": "issues"}
T = TypeVar("T")


class TokenBucket:
    """At most `capacity` requests in any span of `period_seconds`; all of them may come at once.

    A token returns one period after it was taken, which holds the limit in every window, where a steady refill
    would let a full burst and a full refill into one. `guard_seconds` covers the uneven travel of requests. All
    buckets of one name on one ledger are one bucket.
    """

    def __init__(
        self,
        capacity: int = ALLOWANCE.capacity,
        period_seconds: float = ALLOWANCE.period,
        *,
        guard_seconds: float = ALLOWANCE.guard,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        ledger: Ledger | None = None,
        name: str = "requests",
    ) -> None:
        self._allowance = Allowance(capacity, period_seconds, guard_seconds)
        self._clock, self._sleep = clock, sleep
        self._ledger, self._name = ledger or MemoryLedger(), name

    def acquire(self, run: Run | None = None) -> float:
        """Wait for a token, in the order of asking, as long as the run lasts; how many seconds it took."""
        slot = self.take(run or Run(self._clock, self._sleep))
        return max(0.0, slot.at - slot.asked_at)

    def take(self, run: Run, patience: float = float("inf")) -> Slot:
        """A slot whose instant has come; a pause of more than `patience` seconds is not waited out."""
        slot = first = self._change(lambda budget: _promised(budget, run, patience))
        wait = slot.at - slot.asked_at
        while wait > 0:
            self._sleep_until(slot, wait, run)
            slot = self._renewed(slot, run, patience)
            wait = slot.at - max(self._clock(), slot.asked_at)
        return replace(slot, asked_at=first.asked_at, paused=max(first.paused, slot.paused))

    def hold(self, seconds: float, *, least: float, asked_at: float, slower: bool) -> tuple[float, bool]:
        """Pause for `seconds`, unless a pause is on that lasts for at least `least`; what lasts now, and if it is new.

        With `slower` the rate is halved as well.
        """

        def step(budget: Budget) -> tuple[float, bool]:
            new = budget.paused < least
            if slower:
                budget.slow_down(asked_at)
            if new:
                budget.pause(self._clock() + seconds)
            return max(seconds if new else 0.0, budget.paused), new

        return self._change(step)

    def slow_down(self, asked_at: float) -> None:
        """Halve the rate; it grows again by one request a period as long as nothing happens."""
        self._change(lambda budget: budget.slow_down(asked_at))

    def follow(self, rate: ServerRate) -> None:
        """Never be faster than the bucket that the server says it keeps."""
        if not self._ledger.read(self._name, lambda document: agrees(document, rate, self._clock())):
            self._change(lambda budget: budget.follow(rate))

    def reached(self, slot: Slot, at: float) -> None:
        """Note the instant by which the request had reached the server, if that is later than the guard covers."""
        late = at - self._allowance.guard
        if late > slot.at:
            self._change(lambda budget: budget.correct(slot.at, late))

    def is_paused_after(self, slot: Slot) -> bool:
        """Whether a pause has begun since the slot was given; a thread may have been held up on its way to send."""
        return self._ledger.read(self._name, lambda document: promised_to(document, slot.ticket)[1] > slot.at)

    def _change(self, step: Callable[[Budget], T]) -> T:
        return self._ledger.change(self._name, lambda document: step(Budget(document, self._allowance, self._clock())))

    def _sleep_until(self, slot: Slot, seconds: float, run: Run) -> None:
        try:
            run.wait(seconds, PAUSED if slot.paused else OUR_LIMIT, limit=True)
        except SightlineError:
            self._change(lambda budget: budget.give_back(slot.ticket))
            raise

    def _renewed(self, slot: Slot, run: Run, patience: float) -> Slot:
        """The slot as it is now: a pause or a slower rate may have moved it while its owner slept."""
        at, pause = self._ledger.read(self._name, lambda document: promised_to(document, slot.ticket))
        if at is not None:
            return replace(slot, at=max(at, slot.at), asked_at=slot.at)
        if pause <= slot.at:
            return replace(slot, asked_at=slot.at)
        return self._change(lambda budget: _promised(budget, run, patience))


def _promised(budget: Budget, run: Run, patience: float) -> Slot:
    slot = budget.promise()
    if slot.paused > max(0.0, min(patience, run.remaining())):
        until = run.wall() + timedelta(seconds=slot.paused)
        told = f"Jira asked for a pause until {until:%Y-%m-%d %H:%M:%S} UTC."
        raise RateLimited(told, retry_after=slot.paused, until=until)
    run.check(slot.at - slot.asked_at)
    budget.keep(slot)
    return slot


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with full jitter, on top of what Jira asks for and never under it.

    A limit has usually refused many clients at one moment, so their return is spread over `spread_seconds`.
    """

    attempts: int = 5
    base_seconds: float = 1.0
    cap_seconds: float = 32.0
    budget_seconds: float = 120.0
    spread_seconds: float = 20.0
    uniform: Callable[[float, float], float] = random.uniform

    def least(self, error: JiraError) -> float:
        """Seconds before which the same must not be asked again."""
        return max(1.0, error.retry_after or 0.0) if is_pause(error) else 0.0

    def delay(self, attempt: int, error: JiraError) -> float:
        """Seconds to wait after the failed attempt number `attempt`, counted from 0."""
        jitter = min(self.cap_seconds, self.base_seconds * 2**attempt)
        if is_pause(error):
            return self.least(error) + self.uniform(0.0, max(jitter, self.spread_seconds))
        return self.uniform(0.0, jitter)


def is_pause(error: JiraError) -> bool:
    """Whether Jira asks all who are like us to wait, rather than failing this once."""
    return isinstance(error, RateLimited) or (isinstance(error, Unavailable) and bool(error.retry_after))


RETRY = RetryPolicy()


class Buckets:
    """The token buckets of one account at one site, a bucket for each class of addresses."""

    def __init__(self, account: str, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._account, self._ledger, self._clock = account, ledger, clock

    def of(self, url: str) -> TokenBucket:
        """Cloud counts its large searches apart; what has no class of its own, and all of Data Center, is one."""
        path = urlsplit(url).path
        kind = next((kind for end, kind in CLASSES.items() if path.endswith(end)), REST)
        return TokenBucket(clock=self._clock, ledger=self._ledger, name=f"{self._account} {kind}")


@dataclass(frozen=True)
class Wire:
    """Sends single requests, limited and retried, on behalf of one run; threads may share it."""

    transport: Transport
    buckets: Buckets
    site: Site
    retry: RetryPolicy
    run: Run

    @property
    def credentials(self) -> JiraCredentials:
        return self.transport.credentials

    def ask(
        self, url: str, *, params: Mapping[str, str] | None = None, body: Any = None, anonymously: bool = False
    ) -> Any:
        """The JSON that a GET, or with a body a POST, is answered with. All of these only read."""
        bucket, patience = self.buckets.of(url), self.retry.budget_seconds
        asked: dict[str, Any] = {"params": params, "body": body, "anonymously": anonymously, "run": self.run}
        for attempt in range(self.retry.attempts):
            slot = self._enter(bucket, patience)
            patience -= slot.paused
            self.run.tally.add(CallCounts(calls=1, retries=int(attempt > 0)))
            sent_at, answer = self.run.clock(), None
            try:
                answer = self.transport.send(url, **asked, waited=slot.at - slot.asked_at)
                self._heed(answer, bucket, sent_at)
                document = json_of(answer)
            except JiraError as error:
                pause = self._note_failure(error, bucket, attempt, sent_at)
                delay = self._delay(error, attempt, pause, patience)
            else:
                self.site.answered(sent_at, usefully=True)
                return document
            finally:
                bucket.reached(slot, answer.began if answer else self.run.clock())
            if delay:
                self.run.wait(delay, FAILED, limit=False)
                patience -= delay
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _enter(self, bucket: TokenBucket, patience: float) -> Slot:
        self.run.check()
        self.site.check()
        slot = bucket.take(self.run, patience)
        if bucket.is_paused_after(slot):
            slot = bucket.take(self.run, patience)
        self.site.enter()
        return slot

    def _heed(self, answer: Answer, bucket: TokenBucket, sent_at: float) -> None:
        """Adapt to what the server says of its limits."""
        rate = server_rate(answer)
        if rate is not None:
            bucket.follow(rate)
        if is_near_limit(answer):
            bucket.slow_down(sent_at)

    def _note_failure(self, error: JiraError, bucket: TokenBucket, attempt: int, sent_at: float) -> _Pause | None:
        """Let all who ask the same Jira know; the pause, if it asks for one."""
        self.run.tally.add(CallCounts(refusals=int(error.status == 429)))
        if isinstance(error, Unreachable | Unavailable | BrokenOff) and not is_pause(error):
            if not isinstance(error, TlsFailed):
                self.site.failed(error, sent_at)
            return None
        self.site.answered(sent_at, usefully=False)
        if isinstance(error, QuotaSpent):
            return _Pause(self.site.spend_quota(error.retry_after), is_new=True)
        if not isinstance(error, RateLimited | Unavailable):
            return None
        seconds, least = self.retry.delay(attempt, error), self.retry.least(error)
        refused = isinstance(error, RateLimited)
        return _Pause(*bucket.hold(min(seconds, LONGEST_QUOTA), least=least, asked_at=sent_at, slower=refused))

    def _delay(self, error: JiraError, attempt: int, pause: _Pause | None, patience: float) -> float:
        """Seconds to wait by itself before asking again; a pause is waited out at the bucket. Raises what stays."""
        delay = pause.seconds if pause else self.retry.delay(attempt, error)
        if isinstance(error, RateLimited) and pause:
            error.until = self.run.wall() + timedelta(seconds=pause.seconds)
        final = attempt + 1 == self.retry.attempts or delay > min(patience, self.run.remaining())
        if final or not self._may_pass(error):
            raise error
        if (pause is None or pause.is_new) and not self.site.may_retry():
            raise error
        note_retry(error, attempt + 1, delay)
        return 0.0 if pause else delay

    def _may_pass(self, error: JiraError) -> bool:
        """A host that never answered is more likely misspelt than briefly away."""
        if isinstance(error, Unreachable):
            return self.site.has_answered() and not isinstance(error, TlsFailed)
        return isinstance(error, RateLimited | Unavailable | BrokenOff) and not isinstance(error, QuotaSpent)


class _Pause(NamedTuple):
    seconds: float
    is_new: bool


@dataclass(frozen=True)
class Account:
    """Who the credentials belong to; `timezone` is the zone in which this account's JQL dates are read."""

    id: str
    name: str
    timezone: str


@dataclass(frozen=True)
class JiraClient:
    """One proven account at one Jira. Paths are those after `/rest/api/<version>`; threads may share a client.

    `server_time` is what Jira's clock showed while connecting, `is_run` whether `for_run` made this client.
    """

    wire: Wire
    base_url: str
    site_url: str
    flavour: str
    account: Account
    server_time: datetime | None = None
    is_run: bool = False

    @property
    def counts(self) -> CallCounts:
        """What has been asked so far through this client, or for its run."""
        return self.wire.run.tally()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self.wire.ask(self._url(path), params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.wire.ask(self._url(path), body=body)

    def for_run(
        self,
        *,
        deadline_seconds: float | None = None,
        cancelled: Callable[[], bool] | None = None,
        waiting: Callable[[float, str], None] | None = None,
    ) -> JiraClient:
        """The same account for a run of its own, whose waits end when it is cancelled or would pass its deadline.

        `waiting` hears of longer waits, on the thread that waits. A run inside a run shares its counts, its deadline
        and its listener, and ends when either is cancelled.
        """
        outer = self.wire.run
        tally = outer.tally if self.is_run else Tally(outer.tally)
        run = outer.within(deadline_seconds=deadline_seconds, cancelled=cancelled, waiting=waiting, tally=tally)
        return replace(self, wire=replace(self.wire, run=run), is_run=True)

    def close(self) -> None:
        """Close the connections kept open; asking again opens new ones."""
        self.wire.transport.session.close()

    def _url(self, path: str) -> str:
        return f"{self.base_url}{api_path(self.flavour)}{path}"


def api_path(flavour: str) -> str:
    return "/rest/api/3" if flavour == "cloud" else "/rest/api/2"
