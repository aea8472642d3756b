"""Lets `requests` talk to a simulated Jira in the same process: no socket, the same answers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from data.demo.exchange import Response
from data.demo.jira import SimulatedJira


class SimulatedTransport(BaseAdapter):
    """Mount it on a session for the addresses that the simulated Jira is to answer."""

    def __init__(self, jira: SimulatedJira) -> None:
        super().__init__()
        self._jira = jira

    def send(  # noqa: PLR0917 - likewise
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature is requests' own
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        del timeout, verify, cert, proxies
        answer = self._jira.handle(
            request.method or "GET", request.url or "/", dict(request.headers), _body_of(request)
        )
        if answer.travel == "silence":
            raise requests.exceptions.ReadTimeout("the simulated Jira did not answer", request=request)
        if answer.travel in {"reset", "timeout"}:
            raise requests.exceptions.ConnectionError("the simulated Jira closed the connection", request=request)
        response = _as_requests(_as_it_arrives(answer), request)
        if not stream:
            _ = response.content
        return response

    def close(self) -> None:
        """Nothing is held open."""


def _as_it_arrives(answer: Response) -> Response:
    if answer.travel not in {"reset-peer", "limit-data"}:
        return answer
    whole = answer.with_headers(Content_Length=str(len(answer.body)))
    return replace(whole, body=answer.body[: len(answer.body) // 2])


def _body_of(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _as_requests(answer: Response, request: requests.PreparedRequest) -> requests.Response:
    raw = HTTPResponse(
        body=io.BytesIO(answer.body),
        headers=dict(answer.headers),
        status=answer.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    response = requests.Response()
    response.status_code = answer.status
    response.headers = requests.structures.CaseInsensitiveDict(answer.headers)
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    return response
