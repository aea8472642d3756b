"""What an address answers when something fails behind it, and what is left to other pages."""

import logging

import pytest

from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker
from tests.metrics_api import api_alone
from tests.watching import NOON


@pytest.fixture
def client(tmp_path):
    def fail():
        raise RuntimeError("a trace that is nobody's business")

    tracker = PerformanceTracker(tmp_path / "metrics.db", clock=lambda: NOON)
    yield api_alone(tracker, Settings(log_dir=tmp_path), alerts=fail, clock=lambda: NOON).test_client()
    tracker.close()


def test_a_failure_of_our_own_is_told_calmly_with_the_id_to_look_for(client, caplog):
    with caplog.at_level(logging.CRITICAL):
        answer = client.get("/metrics/api/alerts", headers={"X-Request-ID": "the-id"})

    assert (answer.status_code, answer.mimetype) == (500, "application/json")
    assert "the-id" in answer.json["error"]["next_step"]
    assert b"trace" not in answer.data


def test_other_pages_keep_their_own_words(client):
    answer = client.post("/elsewhere", data={"a": "b"})

    assert (answer.status_code, answer.mimetype) == (415, "text/html")


def test_a_database_that_nobody_has_written_answers_that_nothing_is_known(client):
    told = client.get("/metrics/api/health-score").json

    assert (told["grade"], told["total_score"], told["requests"]) == (None, None, 0)
