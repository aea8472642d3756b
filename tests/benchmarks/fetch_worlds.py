"""Many small Jiras that live on, fail at random, and are synced again and again: is what was kept what they hold?

Client and server share a clock that waiting moves on, so back-offs and `Retry-After` cost nothing. Everything else is
real: HTTP over sockets, threads, files.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from configuration.settings import JiraCredentials, Secret
from data.demo.crowd import crowd_site
from data.demo.exchange import Response
from data.demo.fault_names import STORM_FAULTS
from data.demo.faults import Faults, Hits, Storm, Trouble
from data.demo.jira import Installation, SimulatedJira
from data.demo.life import Life
from data.demo.rate_limit import RateLimit
from data.demo.server import running_server
from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_simple import SyncReceipt, SyncRequest, synchronise, team_data
from tests.patience import PATIENCE_SECONDS
from tests.site_truth import Findings, Truth
from tests.virtual_time import VirtualTime

PAGING_FAULTS = ("short-page", "empty-page", "duplicate-issues", "expired-token", "repeated-token", "lost-token")
SHAPE_FAULTS = ("no-is-last", "null-token", "bulk-errors", "epoch-milliseconds", "near-limit", "newest-first")
ZONES = ("UTC", "America/New_York", "Asia/Tokyo", "Europe/Amsterdam", "Asia/Kolkata")
STARTS = (
    datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 10, tzinfo=UTC),  # New York's clocks go back two hours later
    datetime(2026, 3, 29, 0, 10, tzinfo=UTC),  # Amsterdam's go forward
    datetime(2026, 10, 25, 0, 10, tzinfo=UTC),  # and back
)
_SILENT = "X-Silent"


def _is_tidal(issue: dict[str, Any]) -> bool:
    return issue["fields"]["project"]["key"] == "TID" or "tidal" in issue["fields"]["labels"]


QUERIES: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    ("project in (TID, SLU)", lambda issue: issue["fields"]["project"]["key"] in {"TID", "SLU"}),
    ("project = TID", lambda issue: issue["fields"]["project"]["key"] == "TID"),
    ("project = TID OR labels = tidal ORDER BY rank", _is_tidal),
)


class Ear(HTTPAdapter):
    """Gives up at once where a server would be silent, so that no other answer can come too late."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        response = super().send(request, *args, **options)
        if _SILENT in response.headers:
            response.close()
            raise requests.exceptions.ReadTimeout("the simulated Jira is silent", request=request)
        return response


def _audible(jira: SimulatedJira) -> None:
    """From now on, what this Jira would be silent about it answers in a way that only an ear understands."""
    handle = jira.handle

    def answered(*asked: Any) -> Response:
        response = handle(*asked)
        return Response(200, {_SILENT: "yes"}, b"") if response.travel == "silence" else response

    jira.handle = answered  # type: ignore[method-assign]


@dataclass(frozen=True)
class Weather:
    """A storm, while the site lives on: with each request something happens to it with the probability `busy`."""

    storm: Storm
    life: Life
    busy: float
    seed: int

    def begin(self) -> Hits:
        return _Moment(self)


class _Moment:
    def __init__(self, weather: Weather) -> None:
        self._weather, self._hits = weather, weather.storm.begin()
        self._random, self._lock = Random(weather.seed), threading.Lock()  # noqa: S311 - weather, no secret

    def hit(self, path: str) -> frozenset[str]:
        with self._lock:
            happens = self._random.random() < self._weather.busy
        if happens:
            self._weather.life.one_thing()
        return self._hits.hit(path)


@dataclass
class Tally:
    """What came of all syncs of all worlds."""

    syncs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    resumed: int = 0
    missing: int = 0
    doubled: int = 0
    foreign: int = 0
    wrong: int = 0
    early: int = 0
    unclear: int = 0
    lost: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not (
            self.missing or self.doubled or self.foreign or self.wrong or self.early or self.unclear or self.lost
        )

    def count(self, found: Findings, where: str) -> None:
        for name in ("missing", "doubled", "foreign", "wrong"):
            identities = getattr(found, name)
            setattr(self, name, getattr(self, name) + len(identities))
            if identities:
                self.complain(f"{where}: {name} {identities[:4]}")

    def complain(self, text: str) -> None:
        if len(self.complaints) < 40:
            self.complaints.append(text)


@dataclass(frozen=True)
class Manner:
    """What is other than usual: the ear of the client on the wire, and the only faults that there are, how often."""

    adapter: Callable[[], Ear] = Ear
    names: tuple[str, ...] = ()
    share: float = 0.4


USUAL = Manner()


@dataclass
class World:
    """One site with its server, and one kept copy of it."""

    seed: int
    flavour: str
    random: Random
    time: VirtualTime
    jira: SimulatedJira
    life: Life
    request: SyncRequest
    truth: Truth
    lag: timedelta
    manner: Manner
    tally: Tally
    chain: datetime | None = None
    """When the first of the syncs began that failed in a row: a resumed one goes on with what that one read."""

    def sync(self, *, calm: bool = False) -> SyncReceipt | None:
        if not calm:
            self._live()
        self.jira.faults = Faults() if calm else self._weather()
        self.jira.arrivals.forget()
        since, before = self.time.wall(), self.kept()
        self.tally.syncs += 1
        receipt = self._run(full=not calm and self.random.random() < 0.15)
        self.tally.requests += len(self.jira.arrivals.log)
        self.tally.faults.update(fault for arrival in self.jira.arrivals.log for fault in arrival.faults)
        if early := self.jira.arrivals.early():
            self.tally.early += len(early)
            self.tally.complain(f"{self.name}: {len(early)} too early, first {early[0].kind} at {early[0].at}")
        if receipt is not None:
            self._judge(receipt, since, before, calm=calm)
        return receipt

    @property
    def name(self) -> str:
        return f"world {self.seed} ({self.flavour}) sync {self.tally.syncs}"

    def kept(self) -> list[dict[str, Any]] | None:
        data = team_data(self.request)
        return None if data is None else list(data.issues)

    def _live(self) -> None:
        self.time.sleep(self.random.choice((61.0, 600.0, 3600.0, 40_000.0)))
        if self.random.random() < 0.8:
            self.life.pass_by(self.random.choice((0.01, 0.05, 0.1)))
        self.time.sleep(self.random.choice((0.0, 1.0, 30.0, 200.0)))

    def _weather(self) -> Trouble:
        names = STORM_FAULTS
        if self.random.random() < 0.4:
            names = (*STORM_FAULTS, *PAGING_FAULTS, *SHAPE_FAULTS)
        if self.random.random() < 0.3:
            names = tuple(self.random.sample(names, self.random.randint(1, 4)))
        share = self.random.choice((0.01, 0.03, 0.06, 0.12, 0.3))
        most = self.random.choice((1, 2, 4, None))
        if self.manner.names:
            names, share, most = self.manner.names, self.manner.share, None
        storm = Storm(self.random.randrange(2**31), share, names, most)
        return Weather(storm, self.life, self.random.choice((0.0, 0.0, 0.1, 0.4)), self.seed)

    def _run(self, *, full: bool) -> SyncReceipt | None:
        try:
            receipt = synchronise(
                self.request, connect=self._connect, trigger="schedule", full=full, clock=self.time.wall
            )
        except Exception as error:  # noqa: BLE001 - the fault under test: nothing may come out of it but a receipt
            self.tally.unclear += 1
            self.tally.complain(f"{self.name}: {type(error).__name__}: {error}")
            return None
        if receipt is None:
            self.tally.unclear += 1
            self.tally.complain(f"{self.name}: said to be running elsewhere")
        return receipt

    def _connect(self, credentials: JiraCredentials) -> JiraClient:
        return connect(
            credentials,
            adapters={self.request.credentials.url: self.manner.adapter()},
            timeouts=(PATIENCE_SECONDS, PATIENCE_SECONDS),
            clock=self.time.monotonic,
            sleep=self.time.sleep,
        )

    def _judge(self, receipt: SyncReceipt, since: datetime, before: list[dict[str, Any]] | None, *, calm: bool) -> None:
        self.tally.verdicts[receipt.verdict] += 1
        self.tally.kinds[receipt.kind] += 1
        self.tally.resumed += receipt.resumed
        kept = self.kept()
        if receipt.verdict == "complete":
            begun = self.chain if receipt.resumed and self.chain else since
            self.chain = None
            second = timedelta(seconds=1)
            found = self.truth.against(kept or [], begun - self.lag - second, self.time.wall() + second)
            self.tally.count(found, f"{self.name} {receipt.kind}{' resumed' if receipt.resumed else ''}")
            return
        self.chain = self.chain or since
        cause = receipt.cause
        self.tally.causes[cause.title if cause else receipt.verdict] += 1
        if calm or (cause is None and receipt.verdict != "partial") or not receipt.sentence:
            self.tally.unclear += 1
            self.tally.complain(f"{self.name}: {receipt.verdict} {receipt.sentence}")
        if receipt.verdict == "failed" and kept != before:
            self.tally.lost += 1
            self.tally.complain(f"{self.name}: a failed sync changed what was kept")


@contextmanager
def world(seed: int, tally: Tally, folder: Path, manner: Manner = USUAL) -> Iterator[World]:
    random = Random(seed)  # noqa: S311 - a story, no secret
    flavour = ("cloud", "datacenter")[seed % 2]
    time = VirtualTime(random.choice(STARTS))
    installation = Installation(
        page_cap=random.choice((7, 20, 50, None)),
        result_window=random.choice((10_000, 10_000, 210)),
        index_lag=timedelta(seconds=random.choice((0, 0, 20))),
        rate=random.choice((None, None, None, RateLimit(60, 60, 10), RateLimit(15, 5, 1))),
    )
    site = crowd_site(random.choice((30, 60, 90, 160, 260)), time.wall(), timezone=random.choice(ZONES))
    jira = SimulatedJira(site, flavour=flavour, installation=installation, clock=time.wall)
    _audible(jira)
    life = Life(site, jira.store, time.wall, seed)
    jql, matches = random.choice(QUERIES)
    with running_server(jira) as url, time.standing_for_requests():
        credentials = JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))
        request = SyncRequest(credentials, jql, {}, folder / f"world{seed}")
        truth, lag = Truth(jira.store, matches), installation.index_lag
        yield World(seed, flavour, random, time, jira, life, request, truth, lag, manner, tally)


def run_worlds(syncs: int, folder: Path, *, first_seed: int = 0, manner: Manner = USUAL) -> Tally:
    """So many syncs, about ten in each world; the last one of a world is calm and has to be complete."""
    tally, seed = Tally(), first_seed
    while tally.syncs < syncs:
        with world(seed, tally, folder, manner) as one:
            for _ in range(min(9, syncs - tally.syncs - 1)):
                one.sync()
            one.time.sleep(7_200.0)
            one.sync(calm=True)
        seed += 1
    return tally
