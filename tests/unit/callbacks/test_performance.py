"""The events of the page about Sightline's own performance, over measurements as they are stored."""

import logging
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.keeper import Keeper
from callbacks.performance import SECTIONS, Instruments, _places, drawer, records_opener, rotator, teller
from callbacks.team_source import Source
from configuration.log_viewing import LogViewer
from configuration.settings import Secret, Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.watch.anomalies import anomalies
from data.watch.week_comparison import week_comparison
from tests.unit.callbacks.readings import measured
from tests.unit.ui.reading import of_kind, words
from tests.unit.ui.trouble_documents import alerts, rule
from tests.watching import NOON, filled_tracker
from ui.pages.performance import PARTS


def instruments_over(tracker, folder, **parts):
    settings = Settings(cache_dir=folder, app_settings_path=folder / "app_settings.json", log_dir=folder)
    common = {
        "service": PerformanceMetricsService(tracker, clock=lambda: NOON),
        "keeper": Keeper(Source(settings, clock=lambda: NOON), measured()),
        "logs": LogViewer(folder, clock=lambda: NOON),
        "alerts": alerts,
        "anomalies": lambda: anomalies(tracker.store, NOON),
        "week": lambda: week_comparison(tracker.store, NOON),
    }
    return Instruments(**common | parts)


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """Two weeks of traffic."""
    folder = tmp_path_factory.mktemp("busy")
    tracker = filled_tracker(folder / "metrics.db", days=15, per_minute=0.1)
    yield instruments_over(tracker, folder)
    tracker.close()


@pytest.fixture
def idle(tmp_path):
    """A Sightline that nobody has asked anything."""
    tracker = filled_tracker(tmp_path / "metrics.db", days=0)
    yield instruments_over(tracker, tmp_path)
    tracker.close()


def drawn(instruments, part, *, span="7", order=None, seen=None, tick=None):
    draw = (teller if part == "now" else drawer)(instruments, PARTS[part])
    bodies, shown, *_ = draw(span, tick, seen, *([order] if part == "routes" else []))
    names = [name for key in PARTS[part] for name in _places(key)]
    return dict(zip(names, bodies, strict=True)), shown


def test_every_section_of_the_page_has_somebody_who_draws_it():
    assert {key for keys in PARTS.values() for key in keys} == set(SECTIONS)


@pytest.mark.parametrize("span", ["1", "7", "30", "90"])
def test_every_section_is_drawn_from_stored_traffic(busy, span):
    for part in PARTS:
        for key, body in drawn(busy, part, span=span)[0].items():
            assert "Something went wrong" not in words(body), key
            assert key in {"alarm", "chart"} or words(body), key


def test_a_busy_week_fills_the_page(busy):
    now, _ = drawn(busy, "now")
    assert "of 100 points" in words(now["health"])
    over_time, _ = drawn(busy, "trend")
    assert "P95 was between" in words(over_time["trend"])
    assert over_time["chart"]["type"] == "Graph"
    routes = words(drawn(busy, "routes")[0]["routes"])
    assert "Finding issues in a list" in routes
    work = drawn(busy, "work")[0]
    assert "/rest/api/3/search/jql" in words(work["jira"])
    assert "Lead time for changes" in words(work["calculations"])
    assert "read_now" in words(work["jobs"])


def test_without_traffic_every_section_says_so_and_none_claims_a_grade(idle):
    now, _ = drawn(idle, "now")
    assert "No grade" in words(now["health"])
    assert "Nothing was asked for" in words(now["cards"])
    over_time, _ = drawn(idle, "trend")
    assert "there is no trend to draw" in words(over_time["trend"])
    assert over_time["chart"] is None
    assert "Nothing was asked for" in words(drawn(idle, "routes")[0]["routes"])
    work = drawn(idle, "work")[0]
    assert "Nothing was computed" in words(work["calculations"])
    assert "Jira was not asked for anything" in words(work["jira"])


def test_what_has_not_changed_is_not_drawn_again(busy):
    first, seen = drawn(busy, "routes")
    again, same = drawn(busy, "routes", seen=seen)
    assert no_update not in first.values()
    assert list(again.values()) == [no_update, no_update]
    assert same == seen
    sorted_anew, _ = drawn(busy, "routes", seen=seen, order={"column": "requests", "falling": True})
    assert sorted_anew["routes"] is not no_update
    assert sorted_anew["cache"] is no_update


def test_a_section_that_fails_says_why_and_the_others_stand(busy, caplog):
    def broken():
        raise ZeroDivisionError("nobody may read this")

    with caplog.at_level(logging.ERROR):
        shown, _ = drawn(replace(busy, week=broken), "care")

    assert "Something went wrong inside Sightline" in words(shown["unusual"])
    assert "Reference for the log" in words(shown["unusual"])
    assert "nobody may read this" not in words(shown["unusual"])
    assert "metrics.db" in words(shown["storage"])


def test_a_section_that_failed_is_tried_again_now_and_then(busy, caplog):
    tried = []

    def broken():
        tried.append(1)
        raise ZeroDivisionError

    instruments = replace(busy, week=broken)
    seen, bodies = None, []
    for look in range(1, 9):
        shown, seen = drawn(instruments, "care", tick={"look": look, "held": []}, seen=seen)
        bodies.append(shown["unusual"])
    assert len(tried) == 3
    assert [body is no_update for body in bodies] == [False, True, True, False, True, True, True, False]
    drawn(instruments, "care", span="30", tick={"look": 9, "held": []}, seen=seen)
    assert len(tried) == 4


def test_what_somebody_is_using_keeps_still_until_something_else_is_wanted(busy):
    first, seen = drawn(busy, "routes")
    changed = {name: 1 if name != "asked" else value for name, value in seen.items()}
    held = {"look": 2, "held": ["routes"]}
    shown, kept = drawn(busy, "routes", seen=changed, tick=held)
    assert shown["routes"] is no_update
    assert kept["routes"] == 1
    assert shown["cache"] is not no_update
    assert drawn(busy, "routes", seen=changed, tick=held, span="30")[0]["routes"] is not no_update
    sorted_anew = drawn(busy, "routes", seen=changed, tick=held, order={"column": "requests", "falling": True})
    assert sorted_anew[0]["routes"] is not no_update
    assert first["routes"] is not no_update


@pytest.mark.parametrize("tick", ["x", [], {"look": "1", "held": "routes"}, {"look": None, "held": [1, None, {}]}])
def test_whatever_a_browser_says_of_its_look_the_page_is_drawn(busy, tick):
    assert "Drawing a page" in words(drawn(busy, "routes", tick=tick)[0]["routes"])


def test_the_voice_speaks_of_the_grade_and_of_alerts(busy):
    quiet = teller(busy, PARTS["now"])("7", None, None)
    alarmed = teller(replace(busy, alerts=lambda: alerts(rules=[rule(state="firing")])), PARTS["now"])("7", None, None)
    assert quiet[3].endswith("no alert is firing.")
    assert alarmed[3].endswith("1 alert is firing.")
    assert quiet[2] == {"clock": "12:00:00 (UTC)"}


def test_the_order_of_the_table_is_the_one_chosen(busy):
    for column, falling in (("requests", True), ("requests", False)):
        body = drawn(busy, "routes", order={"column": column, "falling": falling})[0]["routes"]
        rows = of_kind(of_kind(body, "Tbody")[0], "Tr")
        counts = [int(words(row.children[1]).replace(",", "")) for row in rows]
        assert counts == sorted(counts, reverse=falling)


def logged(folder, request_id):
    """A log with one error of one request."""
    line = (
        f'{{"timestamp": "{NOON - timedelta(hours=1):%Y-%m-%dT%H:%M:%S.000Z}", "level": "ERROR", "module": "m", '
        f'"function": "f", "line": 1, "message": "It <b>broke</b>", '
        f'"context": {{"event": "thing.broke", "request_id": "{request_id}"}}}}\n'
    )
    for name in ("app.log", "errors.log"):
        (folder / name).write_text(line, encoding="utf-8")


def test_the_records_of_a_request_are_shown_to_whoever_asks(idle):
    reference = secrets.token_hex(8)
    logged(idle.logs.folder, reference)
    opened, body = records_opener(idle)({"reference": reference, "number": 1})
    assert opened
    assert "It <b>broke</b>" in words(body)
    assert "thing.broke" in words(body)


@pytest.mark.parametrize("typed", ["../../etc/passwd", "a b", "x" * 65, "<script>"])
def test_a_reference_that_is_none_is_refused_in_words(idle, typed):
    opened, body = records_opener(idle)({"reference": typed})
    assert opened
    assert "at most 64 letters, digits and hyphens" in words(body)


@pytest.mark.parametrize("asked", [None, [], "x", {}, {"reference": ""}, {"reference": ["x"]}])
def test_what_is_no_question_opens_nothing(idle, asked):
    with pytest.raises(PreventUpdate):
        records_opener(idle)(asked)


def test_old_measurements_are_deleted_only_when_somebody_says_so(tmp_path):
    tracker = filled_tracker(tmp_path / "metrics.db", days=100, per_minute=0.01)
    rotate = rotator(instruments_over(tracker, tmp_path))
    with pytest.raises(PreventUpdate):
        rotate(0)
    assert "Deleted" in rotate(1)
    assert "nothing older" in rotate(1)
    tracker.close()


def test_nobody_deletes_from_the_page_where_a_token_is_asked_for_or_others_reach_the_server(tmp_path):
    tracker = filled_tracker(tmp_path / "metrics.db", days=100, per_minute=0.01)
    before = tracker.store.storage().oldest
    common = {"cache_dir": tmp_path, "app_settings_path": tmp_path / "app_settings.json"}
    for settings in (
        Settings(metrics_token=Secret(secrets.token_hex(20)), **common),
        Settings(host="0.0.0.0", **common),  # noqa: S104
    ):
        keeper = Keeper(Source(settings, clock=lambda: NOON), measured())
        instruments = instruments_over(tracker, tmp_path, keeper=keeper)
        assert rotator(instruments)(1).startswith("Nothing was deleted")
        offered = drawn(instruments, "care")[0]["rotation"]
        assert of_kind(offered, "Button") == []
        assert "send POST /metrics/api/rotate with" in words(offered)
    assert tracker.store.storage().oldest == before
    tracker.close()
