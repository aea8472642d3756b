"""The thread that has the rules looked at: begun by the first visit, once per process, and it survives its failures."""

import os
import threading
from datetime import timedelta

import pytest
from dash import Dash, html

from callbacks import watchman
from callbacks.team_source import Source
from callbacks.watchman import Watchman, hours_since_sync, watchman_of
from configuration.clock import utc_now
from configuration.settings import Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker
from data.sync.receipt import keep_receipt
from data.watch.alerts import Alerts
from tests.patience import PATIENCE_SECONDS
from tests.unit.ui.receipts import cause, receipt
from tests.watching import NOON

NEVER = 3600.0


def nothing():
    """Nothing has to be ready."""


class Turns(Alerts):
    """Counts its turns, so that a test can wait for one; each fails until it is told otherwise."""

    def __init__(self, store, rules, problem=None):
        super().__init__(store, rules, clock=utc_now, outside={"hours_since_sync": lambda _: None})
        self.problem = problem
        self.done = threading.Semaphore(0)

    def turn(self):
        try:
            if self.problem is not None:
                raise self.problem
            super().turn()
        finally:
            self.done.release()
        return timedelta()


@pytest.fixture
def turns(tmp_path):
    tracker = PerformanceTracker(tmp_path / "metrics.db")
    return Turns(tracker.store, tmp_path / "alert_rules.json")


@pytest.fixture
def threads():
    """Those that have begun since the test has."""
    before = set(threading.enumerate())
    return lambda: [one for one in threading.enumerate() if one.name == "watchman" and one not in before]


def test_the_first_visit_starts_one_thread_that_looks_again_and_again(turns, threads):
    watchman = Watchman(turns, nothing, first_look_seconds=0)
    assert threads() == []
    for _ in range(5):
        watchman.visit()

    assert len(threads()) == 1
    assert all(turns.done.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
    assert turns.document()["evaluated_at"] is not None
    watchman.close()
    assert threads() == []


def test_every_look_is_followed_by_having_sums_ready_even_where_that_failed_before(turns):
    prepared = threading.Semaphore(0)

    def prepare():
        prepared.release()
        raise RuntimeError("nobody expected this")

    watchman = Watchman(turns, prepare, first_look_seconds=0)
    watchman.visit()

    assert all(prepared.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
    watchman.close()


def test_visits_at_once_start_one_thread(turns, threads):
    watchman = Watchman(turns, nothing, first_look_seconds=NEVER)
    together = threading.Barrier(8)

    def visit():
        together.wait()
        watchman.visit()

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()

    assert len(threads()) == 1


def test_a_failure_is_told_and_the_next_look_comes(turns, caplog, monkeypatch):
    monkeypatch.setattr(watchman, "PERIOD", timedelta())
    turns.problem = RuntimeError("nobody expected this")
    Watchman(turns, nothing, first_look_seconds=0).visit()

    assert all(turns.done.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
    assert "failure.unexpected" in {record.event for record in caplog.records}


def test_what_was_put_to_rest_is_not_started_again(turns, threads):
    watchman = Watchman(turns, nothing)
    watchman.close()
    watchman.visit()

    assert threads() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_forked_process_has_a_thread_of_its_own(turns):
    watchman = Watchman(turns, nothing, first_look_seconds=NEVER)
    watchman.visit()
    child = os.fork()
    if child == 0:
        watchman.visit()
        os._exit(0 if watchman._thread.is_alive() else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_every_request_is_a_visit_but_not_the_question_whether_the_process_lives(turns, threads):
    app, alarm = Dash(__name__), Watchman(turns, nothing, first_look_seconds=NEVER)
    app.layout = html.Div()
    watchman.register(app, alarm)

    app.server.test_client().get("/health")
    assert threads() == []
    app.server.test_client().get("/ready")
    assert len(threads()) == 1


def test_rules_lie_beside_the_settings_and_a_receiver_is_there_only_if_configured(tmp_path):
    (tmp_path / "alert_rules.json").write_text('{"rules": []}', "utf-8")
    settings = Settings(app_settings_path=tmp_path / "app_settings.json", cache_dir=tmp_path / "cache")
    made = watchman_of(Source(settings), PerformanceMetricsService(PerformanceTracker(tmp_path / "metrics.db")))

    document = made.alerts.document()
    assert (document["rules"], document["origin"], document["is_posted"]) == ([], "file", False)


def test_the_age_of_the_data_is_that_of_the_last_whole_reading_and_unknown_before_it(tmp_path):
    settings = Settings(app_settings_path=tmp_path / "app_settings.json", cache_dir=tmp_path / "cache")

    source = Source(settings, clock=lambda: NOON)
    assert hours_since_sync(source) is None

    keep_receipt(source.request(), receipt(ended_at=NOON - timedelta(hours=30)))
    keep_receipt(source.request(), receipt("failed", id="2", ended_at=NOON - timedelta(hours=2), cause=cause()))
    assert hours_since_sync(source) == 30.0
