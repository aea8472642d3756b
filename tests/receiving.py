"""A receiver of alerts on loopback that takes them, refuses them, leads elsewhere, or says nothing at all."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from configuration.settings import AlertWebhook, Secret
from tests.listening import listening
from tests.patience import PATIENCE_SECONDS

Answer = int | tuple[int, dict[str, str]] | str
"""A status, also with headers; or what the receiver does instead: `hang`, or `hang up`."""


@dataclass
class Receiver:
    """Gives the answers one after another, then 204; notes and counts every message that comes, answered or not."""

    answers: list[Answer] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @contextmanager
    def standing(self, path: str = "/hook") -> Iterator[AlertWebhook]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                receiver.answer(self)

            def do_GET(self):
                receiver.got.append((dict(self.headers), b'{"type": "followed"}'))
                receiver.answer(self)

            def log_message(self, *_):
                """Nobody reads it."""

        with listening(Handler) as address:
            try:
                yield AlertWebhook(Secret(address + path), Secret(self.key))
            finally:
                self.over.set()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.came.release()
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, str):
            handler.close_connection = True
            if answer == "hang":
                self.over.wait(PATIENCE_SECONDS)
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if "Content-Length" not in headers:
            handler.send_header("Content-Length", "0")
        handler.end_headers()
