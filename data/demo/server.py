"""A simulated Jira over real HTTP, on a port of its own."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from data.demo.exchange import Response, text_answer
from data.demo.jira import SimulatedJira
from data.demo.travel import send

_MOST_BODY = 16 * 1024 * 1024


class JiraServer(ThreadingHTTPServer):
    """Serves until `shutdown`; every connection has a thread of its own and is kept alive."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = sys.platform != "win32"  # there it would let two servers share one port

    def __init__(self, jira: SimulatedJira, host: str, port: int) -> None:
        self.jira = jira
        self.stopping = threading.Event()
        super().__init__((host, port), _Handler)
        jira.base_url = self.address

    @property
    def address(self) -> str:
        """Without the context path."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def shutdown(self) -> None:
        self.stopping.set()
        super().shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SimulatedJira"
    disable_nagle_algorithm = True
    server: JiraServer

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()
            return
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name for it
        """Stays silent: `SimulatedJira.arrivals` knows what was asked."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - the names http.server looks for

    def _answer(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(text_answer("The request body is missing, unreadable or too large.", 400))
            return
        started = time.perf_counter()
        response = self.server.jira.handle(self.command, self.path, dict(self.headers.items()), body)
        if (rest := self.server.jira.latency - (time.perf_counter() - started)) > 0:
            self.server.stopping.wait(rest)
        self._send(response)

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _MOST_BODY or "Transfer-Encoding" in self.headers:
            return None
        return self.rfile.read(int(length))

    def _send(self, response: Response) -> None:
        pause = self.server.stopping.wait
        if not send(self.connection, response, with_body=self.command != "HEAD", pause=pause):
            self.close_connection = True


@contextlib.contextmanager
def running_server(jira: SimulatedJira, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
    """Serves in a thread of its own and gives the base URL, context path included; port 0 picks a free one."""
    server = JiraServer(jira, host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.address + jira.context_path
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
