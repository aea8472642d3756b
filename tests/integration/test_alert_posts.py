"""What reaches a receiver of alerts over HTTP: signed, masked, once per turn of an incident, whatever fails or dies."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from configuration.redaction import forget_secret, remember_secret
from configuration.settings import AlertWebhook, Secret
from data.storage.atomic_file import write_atomically
from data.watch.store import MetricsStore
from data.watch.webhook import Webhook
from tests.patience import PATIENCE_SECONDS
from tests.receiving import Receiver
from tests.watching import NOON, measured

ROOT = Path(__file__).resolve().parents[2]
SLOW = {"name": "Slow", "metric": "p95_ms", "comparison": ">", "value": 100, "for_minutes": 1, "over_minutes": 1}


@pytest.fixture
def receiver():
    return Receiver()


def verifier():
    """The function that docs/operations.md gives to whoever writes a receiver."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "is_from_sightline" in block]
    names = {}
    exec(code, names)  # noqa: S102 - our own document, to see that it does what it says
    return names["is_from_sightline"]


def test_the_documented_check_accepts_what_is_ours_and_nothing_else(receiver):
    check = verifier()
    with receiver.standing() as target:
        assert Webhook(target).post("k.began", {"text": "Slow — p95 über 1 s"}).accepted
    ((headers, body),) = receiver.got

    assert check(headers, body, receiver.key)
    assert not check(headers, body, secrets.token_hex(16))
    assert not check(headers, body + b" ", receiver.key)
    assert not check(headers | {"webhook-id": "k.ended"}, body, receiver.key)
    assert not check(headers | {"webhook-timestamp": str(int(time.time()) + 1)}, body, receiver.key)
    assert not check({}, body, receiver.key)


def test_the_documented_check_refuses_a_message_that_is_sent_again_later(receiver):
    with receiver.standing() as target:
        Webhook(target, clock=lambda: time.time() - 301).post("k", {})
    ((headers, body),) = receiver.got

    assert not verifier()(headers, body, receiver.key)


def test_what_is_posted_is_masked_first(receiver):
    secret = secrets.token_hex(20)
    remember_secret(secret)
    with receiver.standing() as target:
        Webhook(target).post(
            "k", {"text": f"of {secret}", "incident": {"rule": "mail ann@example.com", "password": "x"}}
        )
    forget_secret(secret)

    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "text": "of [REDACTED]",
        "incident": {"rule": "mail [EMAIL_REDACTED]", "password": "[REDACTED]"},
    }
    assert headers["Content-Type"] == "application/json"


def test_no_credentials_of_a_netrc_file_go_along(receiver, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login ann password {secrets.token_hex(8)}\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with receiver.standing() as target:
        Webhook(target).post("k", {})

    assert "Authorization" not in receiver.got[0][0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    with receiver.standing() as target:
        receiver.answers = [(status, {"Location": target.url.reveal().replace("/hook", "/elsewhere")})]
        outcome = Webhook(target).post("k", {})

    assert (outcome.accepted, outcome.reason) == (False, str(status))
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(500, "500"), (404, "404"), ("hang up", "ConnectionError"), ("hang", "ReadTimeout")],
)
def test_a_receiver_in_trouble_is_a_failure_by_its_kind(receiver, answer, reason):
    patience = 0.2 if answer == "hang" else PATIENCE_SECONDS
    with receiver.standing() as target:
        receiver.answers = [answer]
        outcome = Webhook(target, timeouts=(PATIENCE_SECONDS, patience)).post("k", {})

    assert (outcome.accepted, outcome.reason) == (False, reason)


def test_nobody_there_is_a_failure_by_its_kind(receiver):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/hook"
        assert Webhook(AlertWebhook(Secret(url), Secret(receiver.key))).post("k", {}).reason == "ConnectionError"


@pytest.mark.parametrize("host", ["a" * 70 + ".localhost", "a..localhost", "*.localhost"])
def test_a_name_that_no_machine_can_have_is_a_failure_by_its_kind(host, receiver):
    outcome = Webhook(AlertWebhook(Secret(f"http://{host}/hook"), Secret(receiver.key))).post("k", {})

    assert outcome.reason in {"LocationParseError", "InvalidURL", "ConnectionError"}


@pytest.mark.parametrize(
    ("asked", "wait"), [("7", 7.0), ("-1", 0.0), ("1e3", 0.0), ("Wed, 18 Mar 2026 12:00:00 GMT", 0.0), ("9" * 30, 0.0)]
)
def test_only_a_plain_number_of_seconds_is_waited_for(receiver, asked, wait):
    with receiver.standing() as target:
        receiver.answers = [(503, {"Retry-After": asked})]
        assert Webhook(target).post("k", {}).wait == wait


class Server:
    """Processes that look at the same rules, at the time that the test says."""

    def __init__(self, folder, target):
        self.folder = folder
        url, key = target.url.reveal(), target.key.reveal()
        self.environ = {**os.environ, "SIGHTLINE_ALERT_WEBHOOK_URL": url, "SIGHTLINE_ALERT_WEBHOOK_SECRET": key}
        self.processes = []
        self.minute = -1
        self.pass_minutes(1)

    def start(self):
        command = [sys.executable, "-m", "tests.guarding", str(self.folder)]
        self.processes.append(subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, text=True))
        return self.processes[-1]

    def pass_minutes(self, number, *, waited_for=True):
        """One after another, each once every process has taken a turn in it."""
        for _ in range(number):
            self.minute += 1
            now = (NOON + timedelta(minutes=self.minute, seconds=10)).isoformat()
            write_atomically(self.folder / "clock", now.encode(), durable=False)
            if waited_for:
                for process in self.processes:
                    assert f"{now}\n" in iter(process.stdout.readline, ""), "the process has ended"

    def kill(self, process):
        self.processes.remove(process)
        process.kill()
        process.communicate()

    def end(self):
        for process in tuple(self.processes):
            self.kill(process)


@pytest.fixture
def server(receiver, tmp_path):
    """Its measurements are slow from the second to the sixth minute, and fine before and after."""
    (tmp_path / "alert_rules.json").write_text(json.dumps({"rules": [SLOW]}), "utf-8")
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    took = [500.0 if minute in range(1, 6) else 20.0 for minute in range(30)]
    store.write([measured(NOON + timedelta(minutes=m), ms=ms) for m, ms in enumerate(took) for _ in range(20)])
    store.close()
    with receiver.standing() as target:
        made = Server(tmp_path, target)
        yield made
        made.end()


def test_of_two_processes_one_posts_and_after_a_restart_a_failing_receiver_is_told_the_end(server, receiver):
    first, second = server.start(), server.start()
    server.pass_minutes(4)
    assert receiver.types == ["alert.began"]

    server.kill(first)
    server.pass_minutes(1)
    server.kill(second)
    receiver.answers = [500, "hang up"]
    server.start()
    server.pass_minutes(9)
    began, *ended = receiver.messages
    assert [message["type"] for message in ended] == ["alert.ended"] * 3
    assert all(message == ended[0] for message in ended)
    assert began["incident"]["began"] == ended[0]["incident"]["began"]


def test_a_process_that_dies_while_it_posts_leaves_the_post_to_the_next_with_the_same_key(server, receiver):
    """Whether the receiver had taken it nobody can know: it comes a second time, and says that it is the same."""
    receiver.answers = ["hang"]
    first = server.start()
    server.pass_minutes(2)
    server.pass_minutes(1, waited_for=False)
    assert receiver.came.acquire(timeout=PATIENCE_SECONDS)
    server.kill(first)
    server.start()
    server.pass_minutes(8)

    assert receiver.types == ["alert.began", "alert.began", "alert.ended"]
    keys = [headers["webhook-id"] for headers, _ in receiver.got]
    assert keys[0] == keys[1] != keys[2]
    assert [message["idempotency_key"] for message in receiver.messages] == keys


def test_an_answer_without_end_is_not_read(receiver):
    receiver.answers = [(200, {"Content-Length": "1000000000"})]
    with receiver.standing() as target:
        assert Webhook(target).post("k", {}).accepted
