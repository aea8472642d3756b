"""Receipts in words and as JSON, and when the next sync is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.errors import AuthenticationFailed, FetchCancelled, Unavailable
from data.sync.receipt import Cause, SyncReceipt, is_due, keep_receipt, next_attempt_at, receipts, spoken_duration
from data.sync.request import SyncRequest
from tests.jira_sites import credentials

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def receipt(verdict="complete", *, ended=NOW, seconds=3.0, **facts):
    told = {"id": "r-1", "kind": "increment", "trigger": "page", "verdict": verdict, "ended_at": ended}
    return SyncReceipt(**told | {"started_at": ended - timedelta(seconds=seconds)} | facts)


def failed(ended, error=None, **facts):
    return receipt("failed", ended=ended, cause=Cause.of(error or Unavailable("503")), **facts)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            receipt(issues=10_000, changed=12, deleted=["A-1"], calls=9),
            "Complete: 10,000 issues, 12 changed, 1 deleted, in 3 s, 9 requests.",
        ),
        (
            receipt(issues=1, calls=1, seconds=0.2),
            "Complete: 1 issue, nothing changed, in less than a second, 1 request.",
        ),
        (receipt(kind="full", issues=30, added=30, calls=9), "Complete: 30 issues, in 3 s, 9 requests."),
        (
            receipt(kind="full", issues=30, added=2, changed=3, moved=["A-1 → B-1"], left=["A-7"], calls=9),
            "Complete: 30 issues, 2 new, 3 changed, 1 moved, 1 no longer in the query, in 3 s, 9 requests.",
        ),
        (
            receipt("partial", kind="full", issues=40, missing=2, held_back=10, calls=9, seconds=61),
            "Partial: 40 issues, 2 issues missing, 10 issues not found any more, but kept, in 1 min 1 s, 9 requests.",
        ),
        (receipt("cancelled", distinct=4300, calls=43), "Stopped after 4,300 issues, in 3 s, 43 requests."),
        (receipt("interrupted", distinct=4300), "Broken off after 4,300 issues: the program ended."),
        (
            failed(NOW, calls=5),
            "Failed after 0 issues, in 3 s, 5 requests. Jira is not available at the moment.",
        ),
    ],
)
def test_a_receipt_is_one_sentence_for_people(told, sentence):
    assert told.sentence == sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "less than a second"), (59.4, "59 s"), (120, "2 min"), (3599, "59 min 59 s"), (3660, "1 h 1 min")],
)
def test_durations_are_spoken(seconds, words):
    assert spoken_duration(seconds) == words


def test_a_receipt_survives_json_and_facts_of_a_later_version():
    told = failed(NOW, rate_limited_until=NOW + timedelta(hours=1), moved=["A-1 → B-1"], skipped=["x"], waits=2)
    document = told.to_json()
    assert document["ended_at"] == "2026-03-01T12:00:00Z"
    assert SyncReceipt.from_json(document | {"invented_later": 1}) == told


def test_a_clock_that_was_set_back_gives_no_negative_duration():
    assert receipt(seconds=-5).duration_seconds == 0


def test_the_last_hundred_are_kept_each_once(tmp_path):
    request = SyncRequest(credentials("https://jira.example.com"), None, {}, tmp_path)
    for number in range(120):
        keep_receipt(request, receipt(id=f"r-{number}"))
    keep_receipt(request, receipt("failed", id="r-119"))
    kept = receipts(request, limit=1000)
    assert [told.id for told in kept] == [f"r-{number}" for number in range(119, 19, -1)]
    assert kept[0].verdict == "failed"
    assert len(receipts(request)) == 50


def test_a_damaged_history_counts_as_none_and_is_begun_anew(tmp_path):
    request = SyncRequest(credentials("https://jira.example.com"), None, {}, tmp_path)
    keep_receipt(request, receipt())
    path = request.path("receipts.json")
    path.write_bytes(path.read_bytes().replace(b"r-1", b"r-9"))
    assert receipts(request) == []
    keep_receipt(request, receipt(id="r-2"))
    assert [told.id for told in receipts(request)] == ["r-2"]


def test_with_nothing_on_record_a_sync_is_due_at_once():
    assert next_attempt_at([], None, NOW) == NOW
    assert is_due([], None, NOW)


def test_after_a_success_the_schedule_counts():
    history = [receipt(ended=NOW)]
    assert next_attempt_at(history, 15, NOW) == NOW + timedelta(minutes=15)
    assert not is_due(history, 15, NOW + timedelta(minutes=14))
    assert is_due(history, 15, NOW + timedelta(minutes=15))
    assert next_attempt_at(history, None, NOW) is None
    assert not is_due(history, None, NOW + timedelta(days=99))


def test_after_failures_the_wait_doubles_from_half_a_minute_to_ten():
    waits = []
    for failures in range(1, 8):
        history = [failed(NOW) for _ in range(failures)] + [receipt(ended=NOW - timedelta(hours=1))]
        waits.append((next_attempt_at(history, 15, NOW) - NOW).total_seconds())
    assert waits == [30, 60, 120, 240, 480, 600, 600]
    assert next_attempt_at([failed(NOW)], None, NOW) == NOW + timedelta(seconds=30), "also where nothing is scheduled"


def test_a_failure_is_not_tried_again_before_jiras_own_time():
    told = failed(NOW, rate_limited_until=NOW + timedelta(minutes=40))
    assert next_attempt_at([told], 15, NOW) == NOW + timedelta(minutes=40)


def test_refused_credentials_wait_for_a_person():
    assert next_attempt_at([failed(NOW, AuthenticationFailed())], 15, NOW) is None


@pytest.mark.parametrize("verdict", ["cancelled", "partial"])
def test_what_a_person_stopped_and_what_is_partial_wait_for_the_schedule(verdict):
    assert next_attempt_at([receipt(verdict)], 30, NOW) == NOW + timedelta(minutes=30)
    assert next_attempt_at([receipt(verdict)], None, NOW) is None


def test_an_interrupted_sync_is_tried_again_like_a_failed_one():
    assert next_attempt_at([receipt("interrupted"), failed(NOW)], None, NOW) == NOW + timedelta(seconds=60)


def test_what_ended_with_the_program_is_gone_on_with_at_once_and_what_was_killed_is_not():
    ended = receipt("interrupted", cause=Cause.of(FetchCancelled()))
    assert next_attempt_at([ended, failed(NOW)], None, NOW) == NOW
    killed = receipt("interrupted", cause=replace(ended.cause, kind="Interrupted"))
    assert next_attempt_at([killed], None, NOW) == NOW + timedelta(seconds=30)


def test_a_receipt_from_the_future_does_not_put_syncs_off_for_ever():
    assert is_due([receipt(ended=NOW + timedelta(days=400))], 15, NOW)
