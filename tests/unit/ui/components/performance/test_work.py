"""Calculations against their promises, calls to Jira, readings and jobs."""

import pytest

from data.jira_requests.headroom import Headroom, Rest, Room
from tests.unit.ui.performance_documents import calculation, jira_calls, job
from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.receipts import receipt
from ui.components.performance.work import RECEIPTS_SHOWN, calculations, jira, jobs, readings

WELL = Rest(0.0, 0.0, is_recovering=False, last_failure="")
ROOMS = [Room("rest", 96, 100, 0.0), Room("search", 0, 50, 12.0)]


def test_calculations_stand_beside_what_was_promised():
    rows = [calculation(), calculation("flow_time", "warning"), calculation("cfr", "fail", failures=2)]
    shown = words(calculations(rows, 7))
    assert "320 of 360 calculations kept the promised time, 40 took longer." in shown
    assert "All metrics all_metrics, up to 5,000 issues 120 310 ms 920 ms kept of 5.00 s" in shown
    assert "just over of 5.00 s, 10 times over" in shown
    assert "2 failed 310 ms 920 ms broken of 5.00 s, 30 times over" in shown


def test_all_promises_kept_is_said_in_a_sentence():
    assert "All 120 calculations kept the promised time." in words(calculations([calculation()], 7))


def test_a_calculation_without_a_promise_is_judged_by_nobody():
    shown = words(calculations([calculation(threshold=None)], 7))
    assert "No calculation here has a promised time." in shown
    assert with_class(calculations([calculation(threshold=None)], 7), "verdict") == []


def test_calls_to_jira_are_told_with_waits_and_refusals():
    shown = words(jira(jira_calls(), Headroom(ROOMS, WELL), 7))
    assert "In the last 7 days 652 calls, 3.6 an hour" in shown
    assert "Waited before calls 42.0 s in all" in shown
    assert "Told to slow down (429) 4 times" in shown
    assert "POST /rest/api/3/search/jql 640 310 ms 900 ms 42.0 s 4 4 3" in shown


def test_what_jira_allows_now_is_told_by_kind():
    shown = words(jira(jira_calls(), Headroom(ROOMS, WELL), 7))
    assert "Single requests: 96 of 100" in shown
    assert "Searches: 0 of 50, paused for 12 seconds" in shown


@pytest.mark.parametrize(
    ("rest", "said", "tone"),
    [
        (WELL, "Is Jira asked? yes", "tone-good"),
        (Rest(1800.0, 0.0, is_recovering=False, last_failure=""), "no: its quota is spent for 30 minutes", "tone-bad"),
        (Rest(0.0, 45.0, is_recovering=False, last_failure="Jira is down"), "left alone for 45 seconds", "tone-bad"),
        (Rest(0.0, 0.0, is_recovering=True, last_failure="Jira is down"), "one request is tried", "tone-warn"),
    ],
)
def test_whether_jira_is_asked_at_all_is_said(rest, said, tone):
    shown = jira(jira_calls(), Headroom(ROOMS, rest), 7)
    assert said in words(shown)
    assert with_class(shown, tone)


def test_a_jira_that_was_never_asked_has_no_table():
    shown = jira(jira_calls(calls=0, endpoints=[]), None, 30)
    assert "Jira was not asked for anything in the last 30 days." in words(shown)
    assert of_kind(shown, "Table") == []


def test_readings_are_those_of_the_page_about_the_data():
    shown = readings([receipt(id=str(number)) for number in range(RECEIPTS_SHOWN + 3)], "UTC")
    assert len(of_kind(shown, "Button")) == RECEIPTS_SHOWN
    assert of_kind(shown, "Link")[0].href == "/data"


def test_a_job_tells_how_its_last_run_ended():
    assert "Read jira read_jira 14 1 failed 41.0 s 71.0 s 5 Mar 2026, 13:00" in words(jobs([job()], 7, "UTC"))
    failed = job(last=job()["last"] | {"ok": False})
    assert "failed 5 Mar 2026, 13:00" in words(jobs([failed], 7, "UTC"))
    assert "No job ran in the background in the last 7 days." in words(jobs([], 7, "UTC"))
