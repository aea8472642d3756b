"""Clients that make the classic mistakes, to see whether the proof notices them: each is a wrong ear on the wire."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from typing import Any, Final

import requests

from tests.benchmarks.fetch_worlds import Ear, Manner


class _Mishearing(Ear, ABC):
    """Lets a client hear another answer than the one that came."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        response = super().send(request, *args, **options)
        self.mishear(request, response)
        return response

    @abstractmethod
    def mishear(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Changes the response in place."""


class StopsAtAShortPage(_Mishearing):
    """Takes a page with fewer issues than asked for as the last one."""

    def mishear(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        if not (request.url or "").endswith(("/search/jql", "/search")) or response.status_code != 200:
            return
        try:
            asked, answer = json.loads(request.body or b"{}"), json.loads(response.content)
        except (ValueError, requests.RequestException):
            return
        if len(answer.get("issues", ())) < asked.get("maxResults", 0):
            answer.pop("nextPageToken", None)
            if "total" in answer:
                answer["total"] = answer["startAt"] + len(answer["issues"])
            else:
                answer["isLast"] = True
        _replace(response, answer)


class IgnoresRetryAfter(_Mishearing):
    """Comes back when it pleases."""

    def mishear(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        del request
        for name in ("Retry-After", "X-RateLimit-Reset"):
            response.headers.pop(name, None)


class ForgetsTheHistory(_Mishearing):
    """Loses the newest change of the first issue with a history."""

    def mishear(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        if response.status_code != 200 or not (request.url or "").endswith(("/changelog/bulkfetch", "/search")):
            return
        try:
            answer = json.loads(response.content)
        except (ValueError, requests.RequestException):
            return
        for issue in answer.get("issueChangeLogs", answer.get("issues", ()))[:1]:
            histories = issue.get("changeHistories") or (issue.get("changelog") or {}).get("histories") or []
            del histories[-1:]
        _replace(response, answer)


MISTAKES: Final = (
    ("missing", Manner(StopsAtAShortPage, ("short-page",), 1.0)),
    ("early", Manner(IgnoresRetryAfter, ("rate-limited", "unavailable", "rate-limited-date"))),
    ("wrong", Manner(ForgetsTheHistory)),
)
"""What each of them should be convicted of."""


def _replace(response: requests.Response, answer: Any) -> None:
    """As if this had come; `content` has been read, so the stream is set anew."""
    body = json.dumps(answer).encode()
    response.headers["Content-Length"] = str(len(body))
    response.raw = io.BytesIO(body)
    response._content, response._content_consumed = False, False
