"""What probes are told: alive without a look at anything, ready with the reasons, and nothing about the machine."""

from __future__ import annotations

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from dash import Dash

from callbacks import probes
from callbacks.team_source import Source
from configuration.settings import JiraCredentials, Secret, Settings
from data.performance_tracker import PerformanceTracker
from data.sync.receipt import keep_receipt
from data.watch.readiness import Finding
from tests.unit.ui.receipts import ENDED, cause, receipt

HOUR = timedelta(hours=1)


@pytest.fixture
def source(tmp_path):
    """Of the team that is made up, an hour after the receipts of the tests."""
    settings = Settings(cache_dir=tmp_path / "cache", app_settings_path=tmp_path / "app_settings.json", as_of=ENDED)
    return Source(settings, clock=lambda: ENDED + HOUR)


@pytest.fixture
def tracker(tmp_path):
    tracker = PerformanceTracker(tmp_path / "metrics.db")
    yield tracker
    tracker.close()


@pytest.fixture
def client(source, tracker):
    app = Dash(__name__, add_log_handler=False)
    app.layout = []
    probes.register(app, source, tracker)
    return app.server.test_client()


def answered(client):
    answer = client.get("/ready")
    return answer.status_code, {one["name"]: one for one in answer.json["checks"]}, answer.json["ready"]


def test_alive_is_two_letters_of_plain_text(client):
    answer = client.get("/health")

    assert (answer.status_code, answer.text, answer.mimetype) == (200, "OK", "text/plain")
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 405


def test_alive_looks_at_nothing(client, monkeypatch):
    client.get("/health")
    for name in ("open", "stat", "lstat", "scandir", "mkdir"):
        monkeypatch.setattr(os, name, lambda *given, name=name, **_: pytest.fail(f"{name} {given}"))
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("a file was opened"))

    assert client.get("/health").text == "OK"


def test_a_new_installation_is_ready_before_anything_was_read(client, source):
    status, checks, ready = answered(client)

    assert (status, ready) == (200, True)
    assert list(checks) == ["configuration", "cache", "measurements", "last_reading"]
    assert checks["last_reading"]["age_seconds"] is None
    assert all(one["ok"] for one in checks.values())
    assert list(source.settings.cache_dir.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"team_rules": 5}', '{"schedule_minutes": 7}', '{"team_rules": {"timezone": "Nowhere/None"}}', "\xff"],
)
def test_settings_that_cannot_be_used_make_it_unready_and_say_what_to_do(client, source, text):
    source.settings.app_settings_path.write_bytes(text.encode("latin-1"))

    status, checks, ready = answered(client)

    assert (status, ready) == (503, False)
    assert not checks["configuration"]["ok"]
    assert checks["configuration"]["next_step"]


def test_a_cache_that_cannot_be_written_makes_it_unready(client, source):
    source.settings.cache_dir.write_text("a file in the place of the folder")

    status, checks, _ = answered(client)

    assert status == 503
    assert "SIGHTLINE_CACHE_DIR" in checks["cache"]["next_step"]


def test_a_full_disk_is_told_from_missing_rights(source, monkeypatch):
    def full(*_given, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(probes.tempfile, "TemporaryFile", full)
    finding = probes.cache(source)

    assert finding == Finding(
        ok=False,
        detail="The cache cannot be written: No space left on device.",
        next_step="Make room on the disk of the cache folder.",
    )


def test_measurements_that_cannot_be_stored_are_told_and_do_not_take_the_pages_away(client, tracker, tmp_path):
    blocked = PerformanceTracker(tmp_path / "cache-file" / "metrics.db")
    (tmp_path / "cache-file").write_text("")
    blocked.record_metric("/", "GET", 1.0, 200)
    blocked.recorder.flush()

    finding = probes.measurements(blocked)
    blocked.close()

    assert not finding.ok
    assert str(tmp_path) not in finding.detail
    status, checks, _ = answered(client)
    assert (status, checks["measurements"]["needed"]) == (200, False)


def test_the_last_reading_is_told_with_its_age(client, source):
    keep_receipt(source.request(), receipt())

    _, checks, _ = answered(client)

    assert checks["last_reading"]["age_seconds"] == 3600
    assert checks["last_reading"]["ok"]
    assert "1,234 issues" in checks["last_reading"]["detail"]


def test_a_failed_reading_is_told_with_the_age_of_the_one_before_and_the_pages_stay(client, source):
    keep_receipt(source.request(), receipt())
    keep_receipt(source.request(), receipt("failed", id="2", cause=cause(), next_step="Ask whoever runs it."))

    status, checks, _ = answered(client)

    assert (status, checks["last_reading"]["ok"]) == (200, False)
    assert checks["last_reading"]["age_seconds"] == 3600
    assert checks["last_reading"]["next_step"] == "Ask whoever runs it."


def test_a_reading_of_more_than_a_week_ago_is_too_old(source):
    keep_receipt(source.request(), receipt())

    finding = probes.last_reading(Source(source.settings, clock=lambda: ENDED + 8 * 24 * HOUR))

    assert (finding.ok, finding.age_seconds) == (False, 8 * 24 * 3600)


def test_what_was_deleted_on_purpose_is_no_failure(source):
    source.forget()

    assert probes.last_reading(source).ok


def test_neither_paths_nor_secrets_are_told(source, tmp_path):
    """Whatever is broken, to anybody who asks."""
    token = secrets.token_hex(20)
    settings = Settings(
        cache_dir=tmp_path / "cache",
        app_settings_path=tmp_path / "settings-file.json",
        jira=JiraCredentials("https://jira.example.com", "ann@example.com", Secret(token)),
    )
    settings.app_settings_path.write_text(json.dumps({"team_rules": {"note": token, "timezone": str(tmp_path)}}))
    settings.cache_dir.write_text("")
    broken = Source(settings, clock=source.clock)

    findings = [probes.configuration(broken), probes.cache(broken), probes.last_reading(broken)]

    told = json.dumps(findings)
    assert not any(finding.ok for finding in findings[:2])
    for private in (str(tmp_path), token, "ann@example.com", str(Path.home())):
        assert private not in told
