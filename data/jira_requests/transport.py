"""One exchange with Jira: credentials in the header, nothing followed, no endless answer."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from configuration.settings import JiraCredentials
from data.errors import NotJira
from data.jira_requests.answers import Answer, Exchange, failure_of, note_answer, note_unanswered
from data.jira_requests.run import Run

LARGEST_BODY = 50 * 1024 * 1024
AT_ONCE = 65_536
SHORTEST_TIMEOUT = 0.1


class _Authorization(AuthBase):
    """Sets the header itself, so that neither a netrc file nor the session can put another in its place."""

    def __init__(self, credentials: JiraCredentials | None) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credentials is not None:
            token, user = self._credentials.token.reveal(), self._credentials.email
            pair = base64.b64encode(f"{user}:{token}".encode()).decode()
            request.headers["Authorization"] = f"Bearer {token}" if user is None else f"Basic {pair}"
        return request


@dataclass(frozen=True)
class Transport:
    """Sends requests of one account; `timeouts` are the seconds to connect and between two bytes."""

    session: requests.Session
    credentials: JiraCredentials
    timeouts: tuple[float, float]

    def send(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        anonymously: bool = False,
        run: Run,
        waited: float = 0.0,
    ) -> Answer:
        """The answer to a GET, or with a body to a POST, unless the run ends while it is read.

        `waited` is for the log: the seconds that the request was held back by a limit.
        """
        started = time.perf_counter()
        host, path = urlsplit(url).hostname or "", urlsplit(url).path
        exchange = Exchange("GET" if body is None else "POST", host, path, started, waited)
        auth = _Authorization(None if anonymously else self.credentials)
        options: dict[str, Any] = {"params": params, "json": body, "auth": auth, "stream": True}
        timeouts = tuple(min(seconds, max(SHORTEST_TIMEOUT, run.remaining())) for seconds in self.timeouts)
        options |= {"timeout": timeouts, "allow_redirects": False}
        try:
            with self.session.request(exchange.method, url, **options) as response:
                began = run.clock()
                answer = Answer(response.status_code, response.headers, _read(response, run), path, began)
        except requests.RequestException as error:
            failure = failure_of(error, host)
            note_unanswered(failure, exchange)
            raise failure from None
        note_answer(answer, exchange)
        return answer


def _read(response: requests.Response, run: Run) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(AT_ONCE):
        run.check()
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise NotJira(f"The answer is larger than {LARGEST_BODY // 1024 // 1024} MB and was not read to its end.")
    return b"".join(parts)
