"""One clock for threads of several processes, which stands while any of them works and is moved on by waiting alone.

What they decide is seen as it was decided, however slowly or unevenly the machine lets them do it.
"""

from __future__ import annotations

import heapq
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

START = 1_000.0


@dataclass
class TimeKeeper:
    """Once all of `crew` threads wait, or have left, it is the instant at which the first of them wakes."""

    crew: int
    now: float = START
    _wakings: list[float] = field(default_factory=list)
    _moved: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def standing(self) -> Iterator[str]:
        """The address at which threads of other processes take part."""
        keeper = self

        class Member(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    for told in self.rfile:
                        self.wfile.write(f"{keeper.wait(float(told))!r}\n".encode())
                finally:
                    keeper.leave()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 1_000

        with Server(("127.0.0.1", 0), Member) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"127.0.0.1:{server.server_address[1]}"
            finally:
                server.shutdown()
                thread.join()

    def wait(self, seconds: float) -> float:
        """The instant at which the waiting is over."""
        with self._moved:
            waking = self.now + seconds
            if waking > self.now:
                self.crew -= 1
                heapq.heappush(self._wakings, waking)
                self._move_on()
                self._moved.wait_for(lambda: self.now >= waking)
            return self.now

    def leave(self) -> None:
        with self._moved:
            self.crew -= 1
            self._move_on()

    def _move_on(self) -> None:
        if self.crew == 0 and self._wakings:
            self.now = self._wakings[0]
            while self._wakings and self._wakings[0] <= self.now:
                heapq.heappop(self._wakings)
                self.crew += 1
            self._moved.notify_all()


class SharedTime:
    """A keeper's clock as one process has it; of its threads, those inside `taking_part` may wait."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._address = host, int(port)
        self._now = START
        self._mine = threading.local()

    @contextmanager
    def taking_part(self) -> Iterator[None]:
        with socket.create_connection(self._address) as connection, connection.makefile("rw") as self._mine.line:
            yield

    def clock(self) -> float:
        """As told when a thread of this process last woke: while one works, it is no later anywhere."""
        return self._now

    def sleep(self, seconds: float) -> None:
        self._mine.line.write(f"{seconds!r}\n")
        self._mine.line.flush()
        self._now = float(self._mine.line.readline())
