"""What the faults of the wire do to an answer that a client reads from a real socket."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, ReadTimeout

from data.demo.fault_names import WIRE_FAULTS
from data.demo.faults import Faults
from data.demo.jira import Installation
from data.demo.server import JiraServer, running_server
from tests.patience import PATIENCE_SECONDS
from tests.unit.data.demo.sites import basic, cloud, numbered

WHOLE = {"latency", "bandwidth", "slicer", "slow-close"}
CUT = {"reset-peer", "limit-data"}


@pytest.fixture
def asked():
    """One page of thirty issues, asked for under a fault."""

    def ask(fault=None, *, timeout=PATIENCE_SECONDS, **installation):
        faults = Faults.named(f"{fault}:1") if fault else Faults()
        jira = cloud(*numbered(30), faults=faults, installation=Installation(**installation))
        with running_server(jira) as base, requests.Session() as session:
            body = {"jql": "project = AB", "fields": ["summary"], "maxResults": 30}
            session.headers.update(basic(secrets.token_hex(8)))
            answer = session.post(f"{base}/rest/api/3/search/jql", json=body, timeout=timeout).json()
            return [found["fields"]["summary"] for found in answer["issues"]]

    return ask


def test_every_fault_of_the_wire_is_tried_here():
    assert set(WIRE_FAULTS) == WHOLE | CUT | {"reset", "timeout", "silence"}


@pytest.mark.parametrize("fault", sorted(WHOLE))
def test_an_answer_can_be_slow_and_whole(asked, fault):
    assert asked(fault) == asked()


@pytest.mark.parametrize("fault", sorted(CUT))
def test_an_answer_can_break_off_half_way(asked, fault):
    with pytest.raises((ChunkedEncodingError, requests.ConnectionError)):
        asked(fault)


@pytest.mark.parametrize("fault", ["reset", "timeout"])
def test_a_connection_can_close_without_an_answer(asked, fault):
    with pytest.raises(requests.ConnectionError):
        asked(fault)


def test_silence_ends_when_the_client_gives_up(asked):
    with pytest.raises(ReadTimeout):
        asked("silence", timeout=(PATIENCE_SECONDS, 0.1))


def test_a_slow_close_kills_the_connection_that_was_kept():
    jira = cloud(*numbered(3), faults=Faults.named("slow-close:1"))
    with running_server(jira) as base, requests.Session() as session:
        session.headers.update(basic(secrets.token_hex(8)))
        assert session.get(f"{base}/rest/api/3/myself", timeout=PATIENCE_SECONDS).status_code == 200
        try:
            answer = session.get(f"{base}/rest/api/3/myself", timeout=PATIENCE_SECONDS).status_code
        except requests.ConnectionError:
            answer = 0
        assert answer in {0, 200}, "closed under the client's hands, or noticed by it in time"
        assert session.get(f"{base}/rest/api/3/myself", timeout=PATIENCE_SECONDS).status_code == 200


def test_latency_is_of_each_request_and_not_of_their_number(monkeypatch):
    """Ten who ask at once are kept waiting at once: each connection has a thread of its own."""
    together, waits = threading.Barrier(10, timeout=PATIENCE_SECONDS), []

    class WaitsForAll(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            together.wait()
            return False

    class Server(JiraServer):
        def __init__(self, *given):
            super().__init__(*given)
            self.stopping = WaitsForAll()

    monkeypatch.setattr("data.demo.server.JiraServer", Server)
    jira = cloud(*numbered(3), installation=Installation(latency=3600.0))
    headers = basic(secrets.token_hex(8))
    with running_server(jira) as base, ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(requests.get, f"{base}/rest/api/3/myself", headers=headers) for _ in range(10)]
        assert [answer.result().status_code for answer in asked] == [200] * 10

    assert len(waits) == 10
    assert all(0 < seconds <= 3600 for seconds in waits)
