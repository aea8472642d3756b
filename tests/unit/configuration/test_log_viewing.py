"""What a page shows of the logs: counted right, masked, plain, from fixed files only, and fast of any length."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configuration.log_fields import naming
from configuration.log_viewing import LONGEST_TAIL, MOST_EVENTS, MOST_RECORDS, LogViewer
from tests.property.effort import FACTOR, effort

NOW = datetime(2026, 1, 31, 17, tzinfo=UTC)


def record(minutes_ago, *, level="ERROR", event="fetch.failed", message="It failed", trace=None, **facts):
    instant = NOW - timedelta(minutes=minutes_ago)
    entry = {
        "timestamp": instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "module": "data.jira_simple",
        "function": "run",
        "line": 7,
        "message": message,
    }
    return entry | ({"exception": trace} if trace else {}) | {"context": {"event": event, **facts}}


def write(path, records):
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in records))


@pytest.fixture
def viewer(tmp_path):
    return LogViewer(tmp_path, clock=lambda: NOW)


def test_errors_and_warnings_are_counted_by_event_the_worst_and_most_frequent_first(viewer):
    errors = [record(30, request_id="r-1"), record(20, request_id="r-2", message="Again"), record(9, event="rare.one")]
    warnings = [record(at, level="WARNING", event="jira.retry") for at in (5, 4, 3)]
    write(viewer.folder / "errors.log", errors)
    write(viewer.folder / "app.log", [record(40, level="INFO", note="an ERROR in words"), *errors, *warnings])

    answer = viewer.log_events(7)

    told = [(one["event"], one["level"], one["count"]) for one in answer["events"]]
    assert told == [("fetch.failed", "ERROR", 2), ("rare.one", "ERROR", 1), ("jira.retry", "WARNING", 3)]
    assert answer["events"][0]["last_request_id"] == "r-2"
    assert answer["events"][0]["message"] == "Again"
    assert answer["events"][0]["last_at"] == "2026-01-31T16:40:00.000Z"
    assert (answer["complete_since"], answer["unread_bytes"], answer["torn"]) == (None, 0, 0)


def test_an_error_that_only_one_of_the_two_files_has_counts_all_the_same(viewer):
    """The file of all records is rotated away sooner than that of the errors."""
    write(viewer.folder / "errors.log", [record(90), record(60), record(10)])
    write(viewer.folder / "app.log", [record(10), record(5, level="WARNING", event="jira.retry")])

    assert {one["event"]: one["count"] for one in viewer.log_events(1)["events"]} == {
        "fetch.failed": 3,
        "jira.retry": 1,
    }


def test_records_of_the_same_moment_with_the_same_words_all_count(viewer):
    write(viewer.folder / "errors.log", [record(1)] * 4)
    write(viewer.folder / "app.log", [record(1)] * 4)

    assert viewer.log_events(1)["events"][0]["count"] == 4


def test_only_the_days_asked_for_count(viewer):
    write(viewer.folder / "errors.log", [record(24 * 60 * 3), record(24 * 60 + 1), record(24 * 60 - 1)])

    assert [one["count"] for one in viewer.log_events(1)["events"]] == [1]
    assert [one["count"] for one in viewer.log_events(7)["events"]] == [3]


def test_without_logs_there_is_nothing_and_no_failure(viewer):
    assert viewer.log_events(7)["events"] == []
    assert viewer.log_records("r-1")["records"] == []


@pytest.mark.parametrize("name", ["ecs", "otel"])
def test_the_other_formats_are_counted_as_well(viewer, name):
    write(viewer.folder / "errors.log", [naming(name)(record(5, request_id="r-1", trace="Trace"))])

    assert [(one["event"], one["count"]) for one in viewer.log_events(1)["events"]] == [("fetch.failed", 1)]
    assert [one["exception"] for one in viewer.log_records("r-1")["records"]] == ["Trace"]


def test_the_records_of_a_request_come_once_and_in_order_from_all_files(viewer):
    shared = [record(30, request_id="r-1"), record(10, request_id="r-1", event="failure.shown")]
    other = record(20, level="INFO", event="metric.calculated", request_id="r-1", duration_seconds=0.5)
    write(viewer.folder / "app.log.1", [shared[0], record(29, request_id="r-10")])
    write(viewer.folder / "app.log", [other, record(19, note="r-1"), shared[1]])
    write(viewer.folder / "errors.log", shared)
    write(viewer.folder / "performance.log", [other])

    records = viewer.log_records("r-1")["records"]

    assert [one["event"] for one in records] == ["fetch.failed", "metric.calculated", "failure.shown"]
    assert records[1]["context"]["duration_seconds"] == 0.5


@pytest.mark.parametrize("given", ["", "a" * 65, "../../etc/passwd", "r 1", 'r"1', "r\n", "%2e%2e", "é", "\x00"])
def test_an_id_that_is_none_is_refused(viewer, given):
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        viewer.log_records(given)


def test_secrets_of_old_lines_are_masked_when_they_are_read(viewer):
    """As a version without masking would have written them: in message, trace, context and the name of the event."""
    token, password = secrets.token_hex(20), secrets.token_urlsafe(18)
    old = record(
        5,
        event=f"token={token}",
        message=f"Authorization: Bearer {token} of ann@example.com",
        trace=f"requests.Error: https://jira.example.com/?api_key={token}",
        request_id="r-1",
        headers={"Authorization": f"Bearer {token}", "Cookie": f"session={token}"},
        password=password,
        url=f"https://ann:{password}@jira.example.com/x",
    )
    write(viewer.folder / "errors.log", [old])

    shown = json.dumps([viewer.log_events(7), viewer.log_records("r-1")])

    assert token not in shown
    assert password not in shown
    assert "ann@example.com" not in shown
    assert "[REDACTED]" in shown


def test_hostile_texts_stay_texts_without_anything_that_a_terminal_or_browser_obeys(viewer):
    hostile = "<script>alert(1)</script>\x1b[2J\u202eevil\u2028\x00\ud800"
    facts = {"request_id": "r-1", hostile: {"deep": [hostile]}, "link": "javascript:alert(1)"}
    line = json.dumps(record(5, event=hostile, message=hostile, trace=f"one\n{hostile}", **facts))
    (viewer.folder / "errors.log").write_text(line + "\n", "utf-8")

    events, records = viewer.log_events(7)["events"], viewer.log_records("r-1")["records"]

    texts = [*events[0].values(), *records[0]["context"], *map(str, records[0]["context"].values())]
    texts += [records[0]["message"], records[0]["event"], *records[0]["exception"].split("\n")]
    assert all(text.isprintable() for text in texts if isinstance(text, str))
    assert "<script>alert(1)</script>" in records[0]["message"]
    assert orjson.dumps([events, records])


@pytest.mark.parametrize(
    "torn",
    [
        b'{"level": "ERROR", "timestamp": "2026-01-31T16:0',
        b'"ERROR"',
        b'["ERROR"]',
        b'\xff\xfe"ERROR"',
        b"[" * 100_000 + b'"ERROR"',
        b'{"timestamp": 5, "level": "ERROR", "context": {}}',
    ],
)
def test_a_torn_line_is_counted_and_costs_no_other(viewer, torn):
    whole = orjson.dumps(record(5)) + b"\n"
    (viewer.folder / "errors.log").write_bytes(whole + torn + b"\n" + whole + whole[:30])

    answer = viewer.log_events(7)

    assert [one["count"] for one in answer["events"]] == [2]
    assert answer["torn"] == 1


@effort(60)
@given(st.data())
def test_no_damage_to_a_file_makes_the_answer_fail(tmp_path_factory, data):
    """Bytes changed, left out and put in anywhere: records are shown or counted as torn, and every text is plain."""
    viewer = LogViewer(tmp_path_factory.mktemp("logs"), clock=lambda: NOW)
    lines = [record(at, request_id="r-1", trace="Trace\nhere", deep={"a": [1, None]}) for at in (9, 5, 1)]
    damaged = bytearray(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    (viewer.folder / "errors.log").write_bytes(damaged)

    events, records = viewer.log_events(7), viewer.log_records("r-1")

    assert sum(one["count"] for one in events["events"]) + events["torn"] <= 3 + 12 * 3
    assert all(one["message"].isprintable() for one in (*events["events"], *records["records"]))
    assert orjson.dumps([events, records])


def test_odd_values_in_the_place_of_known_ones_are_no_failure(viewer):
    odd = [record(5, event=event, request_id=given) for event in (None, ["x"], 7, {"a": {}}) for given in ([], {}, 5)]
    deep = '{"event":' + "[" * 500 + "]" * 500 + ',"request_id":"r-1"}'
    line = json.dumps(record(5)).partition('"context"')[0] + f'"context": {deep}}}\n'
    write(viewer.folder / "errors.log", odd)
    with (viewer.folder / "errors.log").open("a", encoding="utf-8") as file:
        file.write(line)

    assert [(one["event"], one["count"]) for one in viewer.log_events(7)["events"]] == [("", 13)]
    assert viewer.log_records("r-1")["records"][0]["event"] == ""


def test_answers_are_bounded_and_say_what_they_leave_out(viewer):
    crowd = [record(5, event=f"made.up_{number}", request_id="r-1", note="n" * 9_999) for number in range(MOST_EVENTS)]
    many = [record(4, event=f"made.up_{number}", request_id="r-2") for number in range(MOST_RECORDS + 200)]
    write(viewer.folder / "errors.log", [*many, *crowd[:9]])

    events, records = viewer.log_events(7), viewer.log_records("r-2")

    assert (len(events["events"]), events["left_out"]) == (MOST_EVENTS, MOST_RECORDS + 200 - MOST_EVENTS)
    assert (len(records["records"]), records["left_out"]) == (MOST_RECORDS, 200)
    assert max(len(one["context"]["note"]) for one in viewer.log_records("r-1")["records"]) <= 500


def test_links_pipes_and_folders_in_the_place_of_a_log_are_not_read(viewer, tmp_path_factory):
    """A pipe would hold the page up for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "private.log"
    write(elsewhere, [record(5, request_id="r-1")])
    (viewer.folder / "errors.log").symlink_to(elsewhere)
    os.mkfifo(viewer.folder / "app.log")
    (viewer.folder / "app.log.1").mkdir()
    (viewer.folder / "performance.log").symlink_to("/dev/zero")

    assert viewer.log_events(7)["events"] == []
    assert viewer.log_records("r-1")["records"] == []


def test_files_with_other_names_are_never_read(viewer):
    for name in ("app.log.bak", "app.log.1.old", "other.log", "errors.log.-1", "app.logx", "errors.log.part"):
        write(viewer.folder / name, [record(5, request_id="r-1")])

    assert viewer.log_events(7)["events"] == []
    assert viewer.log_records("r-1")["records"] == []


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="permissions are POSIX's")
def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read(viewer, monkeypatch):
    write(viewer.folder / "errors.log", [record(5)])
    write(viewer.folder / "app.log", [record(5)])
    opened = os.open

    def refuse(path, *arguments, **options):
        if str(path).endswith("errors.log"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    answer = viewer.log_events(7)

    assert answer["unreadable"] == ["errors.log"]
    assert [one["count"] for one in answer["events"]] == [1]


def test_what_was_not_read_is_said_in_bytes_and_from_when_on_nothing_is_missing(viewer):
    old = [record(60 - at / 1000, message="m" * 800) for at in range(2 * LONGEST_TAIL // 1000)]
    write(viewer.folder / "errors.log", old)
    size = (viewer.folder / "errors.log").stat().st_size

    answer = viewer.log_events(7)

    counted, missed = answer["events"][0]["count"], answer["unread_bytes"]
    line = size / len(old)
    assert missed >= size - LONGEST_TAIL
    assert abs(counted * line + missed - size) < line
    assert answer["complete_since"] == old[-counted]["timestamp"]


def test_a_file_a_hundred_times_as_long_takes_no_longer(viewer):
    """Of the same end; between them lies what is not read."""
    end = b"".join(orjson.dumps(record(5, request_id="r-1", note="n" * 200)) + b"\n" for _ in range(2_000))
    path, took = viewer.folder / "errors.log", {1: [], 100: []}
    for size in 4 * [1, 100]:
        with path.open("wb") as file:
            file.truncate(size * LONGEST_TAIL)
            file.seek(size * LONGEST_TAIL)
            file.write(b"\n" + end)
        began = time.thread_time()
        assert viewer.log_events(7)["events"][0]["count"] == 2_000
        assert len(viewer.log_records("r-1")["records"]) == MOST_RECORDS
        took[size].append(time.thread_time() - began)

    assert min(took[100]) < min(took[1]) * (1.3 if FACTOR > 1 else 4)
