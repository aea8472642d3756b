"""Many clients in many processes before one server that notes when each request arrives, in the clients' own time."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from configuration.settings import JiraCredentials, Secret
from data.errors import SightlineError
from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_requests.ledger import SqliteLedger
from tests.patience import PATIENCE_SECONDS
from tests.shared_time import SharedTime
from tests.unhurried import give_nothing_up_early

ROOT = Path(__file__).resolve().parents[1]
GREETINGS = {
    "/rest/api/2/serverInfo": {"version": "1001.0.0", "deploymentType": "Cloud"},
    "/rest/api/3/myself": {"accountId": "a", "displayName": "Ann", "timeZone": "UTC"},
}


class Answering(Protocol):
    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, lines of headers, and body for a path with its query."""


@dataclass
class Door:
    """Notes every request (when, by whom, which, was it refused), and refuses while it is closed.

    It closes once, when it has heard of `closes_after` clients. All instants are those of `clock`, the clients'.
    """

    clock: Callable[[], float] = time.monotonic
    closes_after: int | None = None
    closed_seconds: float = 5.0
    log: list[tuple[float, str, str, bool]] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    opens: float | None = None

    def answer(self, target: str) -> tuple[int, str, bytes]:
        now = self.clock()
        url = urlsplit(target)
        query = parse_qs(url.query)
        who, which = query.get("who", [""])[0], query.get("which", [url.path])[0]
        self.heard |= {who} - {""}
        if self.opens is None and self.closes_after is not None and len(self.heard) >= self.closes_after:
            self.opens = now + self.closed_seconds
        refused = self.opens is not None and now < self.opens
        self.log.append((now, who, which, refused))
        if refused:
            return 429, f"Retry-After: {self.opens - now:.3f}\r\n", b'{"errorMessages": ["Too many."]}'
        return 200, "", json.dumps(GREETINGS.get(url.path, [])).encode()


@contextmanager
def standing(door: Answering) -> Iterator[str]:
    """A server of its answers, in a thread with one event loop, so that a request is noted as soon as it is read."""
    open_ones: set[asyncio.BaseTransport] = set()

    class Connection(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport, self.waiting = transport, b""
            open_ones.add(transport)

        def connection_lost(self, _error):
            open_ones.discard(self.transport)

        def data_received(self, data):
            self.waiting += data
            while b"\r\n\r\n" in self.waiting:
                head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
                status, headers, body = door.answer(head.split(b" ", 2)[1].decode())
                length = f"Content-Length: {len(body)}\r\n"
                start = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{length}{headers}\r\n"
                self.transport.write(start.encode() + body)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    # In its own thread from the beginning: the test's thread may have a loop, of a browser, that is running.
    listening = loop.create_server(Connection, "127.0.0.1", 0, backlog=1000)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:

        def leave():
            server.close()
            for transport in list(open_ones):
                transport.abort()
            loop.call_later(0.01, loop.stop)

        loop.call_soon_threadsafe(leave)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Crowd:
    """`processes` of `threads`, each asking until `seconds` have passed or it was answered `requests` times.

    All connect first, and begin together.

    With a `ledger` all share one account of requests, and the threads of a process one client; without one, each
    thread is a machine of its own. Their time is that of the keeper at `time`, else real, and `speed` times as fast.
    """

    url: str
    token: str
    processes: int
    threads: int
    seconds: float
    speed: float = 1.0
    requests: int | None = None
    ledger: str | None = None
    time: str | None = None

    def run(self) -> dict[str, tuple[float, float]]:
        """By request, when it was asked for and when it was answered; raises where a client failed."""
        command = [sys.executable, "-m", "tests.limiter_crowd"]
        running = [
            subprocess.Popen(
                [*command, json.dumps(vars(self) | {"number": number})],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(self.processes)
        ]
        told: dict[str, tuple[float, float]] = {}
        patience = PATIENCE_SECONDS + (0 if self.time else self.seconds / self.speed)
        try:
            for process in running:
                assert process.stdout.readline() == "connected\n"
            for process in running:
                process.stdin.write("begin\n")
                process.stdin.flush()
            for process in running:
                output, _ = process.communicate(timeout=patience)
                assert process.returncode == 0
                told |= json.loads(output)
        finally:
            for process in running:
                process.kill()
                process.communicate()
        return told


class QuickTime:
    """Real time in which everything takes `speed` times as long as it does, the same in all processes."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def clock(self) -> float:
        return time.monotonic() * self._speed

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)

    def taking_part(self) -> nullcontext[None]:
        return nullcontext()


def main(order: str) -> None:
    logging.disable(logging.CRITICAL)
    told = json.loads(order)
    number = told.pop("number")
    crowd, answered = Crowd(**told), {}
    now: SharedTime | QuickTime = QuickTime(crowd.speed)
    if crowd.time:
        now = SharedTime(crowd.time)
        random.seed(number)  # always the same jitter
        give_nothing_up_early()
    shared = SqliteLedger(Path(crowd.ledger), clock=now.clock) if crowd.ledger else None
    credentials = JiraCredentials(crowd.url, "crowd@example.com", Secret(crowd.token))

    def client() -> JiraClient:
        return connect(credentials, clock=now.clock, sleep=now.sleep, ledger=shared)

    clients = [client() for _ in range(1 if shared else crowd.threads)]
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    sys.stdin.readline()

    def ask(thread: int) -> None:
        who = f"{number}.{thread}"
        run = clients[thread % len(clients)].for_run(deadline_seconds=crowd.seconds)
        for times in count() if crowd.requests is None else range(crowd.requests):
            asked = now.clock()
            try:
                run.get("/status", {"who": who, "which": f"{who}.{times}"})
            except SightlineError:
                if crowd.requests is not None:
                    raise
                break
            answered[f"{who}.{times}"] = asked, now.clock()

    def take_part(thread: int) -> None:
        with now.taking_part():
            ask(thread)

    with ThreadPoolExecutor(crowd.threads) as pool:
        list(pool.map(take_part, range(crowd.threads)))
    for connected in clients:
        connected.close()
    sys.stdout.write(json.dumps(answered))


def new_token() -> str:
    return secrets.token_hex(16)


def worst_window(arrivals: list[float], seconds: float = 10.0) -> int:
    """The most arrivals in any span of so many seconds."""
    times, first, most = sorted(arrivals), 0, 0
    for place, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, place - first + 1)
    return most


def overtakings(asked: dict[str, tuple[float, float]], door: Door, first: int, slack: float = 0.25) -> int:
    """By how many that asked later a request was overtaken at most on its way to the server.

    Threads that ask, or go, within `slack` seconds of each other are in no order, nor are the `first` requests.
    """
    at = {which: when for when, _, which, _ in door.log[first:]}
    rows = sorted((asked[which][0], at[which]) for which in at if which in asked)
    return max(
        sum(later_at < arrived - slack for later, later_at in rows[place + 1 :] if later > when + slack)
        for place, (when, arrived) in enumerate(rows)
    )


def shares(door: Door, first: int) -> Counter[str]:
    """How often each client came to its turn, without the `first` requests: processes do not start at one moment."""
    return Counter(who for _, who, _, refused in door.log[first:] if who and not refused)


def returns(door: Door) -> list[float]:
    """When each client first came after the door had opened again."""
    first: dict[str, float] = {}
    for when, who, _, _ in door.log:
        if who and door.opens is not None and when >= door.opens:
            first.setdefault(who, when)
    return list(first.values())


def came_early(door: Door, *, together: bool, travel: float = 0.0) -> int:
    """Requests after a refusal had been told to the same client (or, together, to anybody) and before the door opened.

    Those under way while the refusal travelled, for `travel` seconds, are not meant.
    """
    told: dict[str, float] = {}
    early = 0
    for when, who, _, refused in door.log:
        key = "all" if together else who
        early += bool(who) and refused and when > told.get(key, float("inf")) + travel
        if who and refused:
            told.setdefault(key, when)
    return early


if __name__ == "__main__":
    main(sys.argv[1])
