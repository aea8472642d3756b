# ruff: noqa: SIM117 - a server stands around what is tried against it
"""What goes wrong between the machines: silence, closed ports, TLS, redirections, echoes, endless answers."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from data.demo.faults import Faults
from data.errors import (
    FetchCancelled,
    NotJira,
    PermissionDenied,
    RedirectedElsewhere,
    TlsFailed,
    TooSlow,
    Unavailable,
    Unreachable,
)
from data.jira_connection import connect
from data.jira_query_manager import RetryPolicy
from tests.jira_sites import connected, credentials, explained, few_issues, serving
from tests.listening import listening


@pytest.fixture
def token():
    return secrets.token_hex(20)


def test_a_silent_server_is_given_up():
    with serving(few_issues(), "cloud", faults=Faults.named("silence")) as (_, url):
        with pytest.raises(TooSlow) as caught, connected(url, timeouts=(2.0, 0.2)):
            pytest.fail("connected to a silent server")
    explained(caught.value)


def test_a_closed_port_is_unreachable_and_asked_once():
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        slept: list[float] = []
        with pytest.raises(Unreachable, match="refuses the connection") as caught:
            connect(credentials(f"http://127.0.0.1:{reserved.getsockname()[1]}"), sleep=slept.append)
    explained(caught.value)
    assert slept == []


def test_https_to_a_server_without_it_is_a_tls_failure():
    with serving(few_issues(), "cloud") as (_, url):
        with pytest.raises(TlsFailed) as caught, connected(url.replace("http://", "https://")):
            pytest.fail("connected without TLS")
    explained(caught.value)


@contextmanager
def answering(status, headers=(), body=b""):
    """A server that gives everybody the same answer, and the requests it saw."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers.items()))
            content = body(self.headers) if callable(body) else body
            self.send_response(status)
            for name, value in (*headers, ("Content-Length", str(len(content)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            pass

    with listening(Handler) as url:
        yield url, seen


def test_a_redirection_is_not_followed_so_no_credentials_travel(token):
    with answering(200) as (elsewhere, seen), answering(302, [("Location", f"{elsewhere}/login")]) as (url, asked):
        with pytest.raises(RedirectedElsewhere) as caught, connected(url, token=token):
            pytest.fail("followed a redirection")
    explained(caught.value, token)
    assert (len(asked), seen) == (1, [])


def test_a_server_that_echoes_the_credentials_cannot_put_them_into_the_error(token):
    def echo(headers):
        told = headers.get("Authorization", "nothing")
        return json.dumps({"errorMessages": [f"you sent {told} and <b>{token}</b>\x1b[31m"]}).encode()

    with answering(403, [("Content-Type", "application/json")], echo) as (url, seen):
        with pytest.raises(PermissionDenied) as caught, connected(url, token=token):
            pytest.fail("connected though refused")
    assert any("Authorization" in headers for headers in seen)
    text = str(caught.value)
    sent = next(headers["Authorization"] for headers in seen if "Authorization" in headers)
    assert token not in text
    assert sent.split()[1].rstrip("=") not in text
    assert "\x1b" not in text


def test_an_endless_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr("data.jira_requests.transport.LARGEST_BODY", 100_000)
    with answering(200, [("Content-Type", "application/json")], b" " * 300_000) as (url, _):
        with pytest.raises(NotJira, match="larger than"), connected(url):
            pytest.fail("read an endless answer")


def test_cookies_are_neither_kept_nor_sent():
    with answering(500, [("Set-Cookie", "JSESSIONID=abc; Path=/")]) as (url, seen):
        with pytest.raises(Unavailable), connected(url, retry=RetryPolicy(attempts=3)):
            pytest.fail("connected to a broken server")
    assert len(seen) == 3
    assert not [headers for headers in seen if "Cookie" in headers]


def test_a_long_answer_is_not_read_on_for_a_run_that_has_ended():
    """The run is cancelled between two parts of one answer."""
    greetings = {"/rest/api/2/serverInfo": {"version": "1001.0"}, "/rest/api/3/myself": {"accountId": "a"}}
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = greetings.get(self.path)
            content = b" " * 10_000_000 if found is None else json.dumps(found).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:1_000_000])
            if found is None:
                stopped.set()
                with contextlib.suppress(OSError):
                    self.wfile.write(content[1_000_000:])

        def log_message(self, *args):
            pass

    with listening(Handler) as url, connected(url) as client:
        with pytest.raises(FetchCancelled):
            client.for_run(cancelled=stopped.is_set).get("/status")
        assert client.counts.retries == 0
