"""A Jira that answers request by request as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.jira_sites import Waits
from tests.limiter_crowd import GREETINGS

BUSY = b'{"errorMessages": ["Too many."]}'


class Script:
    """Answers as it is told, path by path, and notes what it was asked and when by the clients' clock.

    What is in `on_the_way` happens once, while the next request travels.
    """

    def __init__(self, waits: Waits) -> None:
        self.waits = waits
        self.answers: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self.log: list[tuple[float, str]] = []
        self.on_the_way: list[Callable[[], None]] = []

    def answer(self, target: str) -> tuple[int, str, bytes]:
        path = target.partition("?")[0]
        while self.on_the_way:
            self.on_the_way.pop()()
        self.log.append((self.waits.clock(), path))
        left = self.answers.get(path, [])
        status, headers = left.pop(0) if left else (200, {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return status, lines, json.dumps(GREETINGS.get(path, [])).encode() if status == 200 else BUSY

    def plan(self, path: str, *answers: tuple[int, dict[str, str]], times: int = 1) -> None:
        self.answers[f"/rest/api/3{path}"] = [*answers] * times

    def asked(self, path: str) -> list[float]:
        return [when for when, found in self.log if found == f"/rest/api/3{path}"]
