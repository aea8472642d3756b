"""The simulated Jira over a real socket."""

import http.client
import secrets
import socket
import threading
from urllib.parse import urlsplit

import pytest
import requests

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.demo.server import running_server
from tests.patience import PATIENCE_SECONDS
from tests.unit.data.demo.sites import basic, cloud, data_center, issue, numbered


@pytest.fixture
def headers():
    return basic(secrets.token_hex(8))


def connected(base):
    return http.client.HTTPConnection(urlsplit(base).netloc, timeout=PATIENCE_SECONDS)


def test_it_listens_on_this_machine_only_and_knows_its_address(headers):
    with running_server(cloud(issue(1))) as base:
        assert base.startswith("http://127.0.0.1:")
        info = requests.get(f"{base}/rest/api/2/serverInfo", headers=headers, timeout=PATIENCE_SECONDS).json()
        assert info["baseUrl"] == base


def test_the_base_url_includes_the_context_path(headers):
    jira = data_center(issue(1), installation=Installation(context_path="/jira"))
    with running_server(jira) as base:
        assert base.endswith("/jira")
        assert requests.get(f"{base}/rest/api/2/myself", headers=headers, timeout=PATIENCE_SECONDS).status_code == 200


def test_one_connection_serves_many_requests(headers):
    with running_server(cloud(issue(1))) as base:
        connection = connected(base)
        sockets = set()
        for _ in range(5):
            connection.request("GET", "/rest/api/3/myself", headers=headers)
            answer = connection.getresponse()
            assert (answer.status, answer.version) == (200, 11)
            answer.read()
            sockets.add(id(connection.sock))
        connection.close()
    assert len(sockets) == 1


def test_many_clients_are_served_at_once(headers):
    told = []
    with running_server(cloud(*numbered(30))) as base:

        def ask():
            body = {"jql": "project = AB", "fields": ["summary"], "maxResults": 30}
            answer = requests.post(
                f"{base}/rest/api/3/search/jql", json=body, headers=headers, timeout=PATIENCE_SECONDS
            )
            told.append(len(answer.json()["issues"]))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert told == [30] * 8


def test_when_it_stops_nobody_answers():
    with running_server(cloud(issue(1))) as base:
        pass
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{base}/rest/api/3/myself", timeout=PATIENCE_SECONDS)


def test_a_reset_closes_the_connection_without_a_byte(headers):
    with running_server(cloud(issue(1), faults=Faults.named("reset:1"))) as base:
        connection = connected(base)
        connection.request("GET", "/rest/api/3/myself", headers=headers)
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        connection.close()


def test_silence_lasts_until_the_client_gives_up(headers):
    with (
        running_server(cloud(issue(1), faults=Faults.named("silence"))) as base,
        pytest.raises(requests.exceptions.ReadTimeout),
    ):
        requests.get(f"{base}/rest/api/3/myself", headers=headers, timeout=(PATIENCE_SECONDS, 0.2))


def test_a_body_shorter_than_announced_is_seen_as_such(headers):
    with running_server(cloud(issue(1), faults=Faults.named("wrong-length"))) as base:
        connection = connected(base)
        connection.request("GET", "/rest/api/3/myself", headers=headers)
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()
        connection.close()


@pytest.mark.parametrize("length", ["-5", "many", "99999999999"])
def test_an_impossible_length_is_refused(length):
    with running_server(cloud(issue(1))) as base:
        address = urlsplit(base)
        with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as raw:
            raw.sendall(f"POST /rest/api/3/search/jql HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
            assert raw.recv(200).startswith(b"HTTP/1.1 400")


def test_a_client_that_hangs_up_does_not_stop_the_server(headers, capfd):
    with running_server(cloud(issue(1))) as base:
        address = urlsplit(base)
        for _ in range(3):
            with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as raw:
                raw.sendall(b"POST /rest/api/3/search/jql HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        assert requests.get(f"{base}/rest/api/3/myself", headers=headers, timeout=PATIENCE_SECONDS).status_code == 200
    assert "Traceback" not in capfd.readouterr().err
