"""The reader of the logs: what it finds, in which order, what it survives, and that it never shows a secret."""

from __future__ import annotations

import io
import json
import logging
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from configuration.log_fields import naming
from configuration.log_format import JSONFormatter
from configuration.log_handlers import LogFile
from configuration.logs import main, read_instant
from tests.log_lines import line, numbers, write

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 1, 31, 17, tzinfo=UTC)


def ask(folder, *arguments, **options):
    """Exit code and printed lines."""
    out = io.StringIO()
    code = main(["--log-dir", str(folder), *arguments], environ={}, out=out, now=lambda: NOW, **options)
    return code, out.getvalue().splitlines()


def test_rotated_files_are_read_in_the_order_in_which_they_were_written(tmp_path):
    for number, name in enumerate(["app.log.10", "app.log.2", "app.log.1", "app.log"]):
        write(tmp_path / name, [line(number)])
    write(tmp_path / "app.log.lock", [line(99)])
    write(tmp_path / "errors.log", [line(98)])

    code, lines = ask(tmp_path)

    assert (code, numbers(lines)) == (0, [0, 1, 2, 3])


@pytest.fixture
def story(tmp_path):
    write(
        tmp_path / "app.log",
        [
            line(0, module="data.cache_manager", event="cache.miss", request_id="r-1"),
            line(10, module="data", event="fetch.finished", request_id="r-1"),
            line(20, module="database", level="WARNING", event="jira.retry", request_id="r-2"),
            line(30, module="callbacks.team", level="ERROR", event="failure.shown", request_id="r-2"),
            line(40, module="data.cache_manager", event="cache.hit"),
        ],
    )
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [0, 10, 20, 30, 40]),
        (["--level", "warning"], [20, 30]),
        (["--level", "ERROR"], [30]),
        (["--module", "data"], [0, 10, 40]),
        (["--module", "data.cache_manager"], [0, 40]),
        (["--event", "cache.*"], [0, 40]),
        (["--event", "cache.hit"], [40]),
        (["--request", "r-2"], [20, 30]),
        (["--since", "2026-01-31T12:00:20"], [20, 30, 40]),
        (["--until", "2026-01-31T12:00:20Z"], [0, 10]),
        (["--since", "2026-01-31T13:00:10+01:00", "--until", "2026-02-01"], [10, 20, 30, 40]),
        (["--since", "5h", "--until", "17970s"], [0, 10, 20]),
        (["--last", "2"], [30, 40]),
        (["--module", "data", "--request", "r-1", "--last", "1"], [10]),
    ],
)
def test_each_filter_takes_what_it_says(story, arguments, expected):
    code, lines = ask(story, *arguments)

    assert (code, numbers(lines)) == (0, expected)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("level", ["       3 INFO", "       1 WARNING", "       1 ERROR"]),
        ("module", ["       2 data.cache_manager", "       1 data", "       1 database", "       1 callbacks.team"]),
        ("event", [f"       1 {name}" for name in ("cache.miss", "fetch.finished", "jira.retry", "failure.shown")]),
    ],
)
def test_records_are_counted(story, by, expected):
    _, lines = ask(story, "--count-by", by)

    assert lines[: len(expected)] == expected


def test_a_line_for_people_has_time_level_module_message_and_facts(tmp_path):
    write(tmp_path / "app.log", [line(0, what="two words", pages=3, trace="Traceback:\n  here")])

    _, lines = ask(tmp_path)

    assert lines == [
        "2026-01-31T12:00:00.000Z INFO     data.jira_simple: Message 0  event=fetch.finished what='two words' pages=3",
        "    Traceback:",
        "      here",
    ]


@pytest.mark.parametrize(
    "torn",
    [b'{"timestamp": "2026-01-31T12:0', b"\x00\x00\x00", b"[]", b'"text"', b"{}", b"\xff\xfe", b"[" * 100_000, b""],
)
def test_a_torn_line_is_skipped_and_counted(story, capsys, torn):
    path = story / "app.log"
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*whole[:2], torn, b"\n", *whole[2:], whole[0][:40]]))

    code, lines = ask(story)

    assert (code, numbers(lines)) == (0, [0, 10, 20, 30, 40])
    assert "Skipped 2 lines" in capsys.readouterr().err


def test_a_line_without_end_costs_no_memory_and_one_record(story, monkeypatch, capsys):
    monkeypatch.setattr("configuration.log_reading.LONGEST_LINE", 1000)
    path = story / "app.log"
    path.write_bytes(b"x" * 50_000 + b"\n" + path.read_bytes())

    _, lines = ask(story)

    assert numbers(lines) == [0, 10, 20, 30, 40]
    assert "Skipped 1 line that is" in capsys.readouterr().err


def test_secrets_that_an_older_version_wrote_are_masked_in_reading(tmp_path):
    token, live = secrets.token_hex(20), secrets.token_hex(20)
    entry = line(0, headers={"Authorization": f"Bearer {token}"}, note=f"odd {live} place", trace=f"x?api_key={token}")
    write(tmp_path / "app.log", [entry | {"message": f"token={token} of ann@example.com"}])
    out = io.StringIO()

    main(["--log-dir", str(tmp_path)], environ={"JIRA_TOKEN": live, "JIRA_EMAIL": "ann@example.com"}, out=out)

    assert token not in out.getvalue()
    assert live not in out.getvalue()
    assert "ann@example.com" not in out.getvalue()
    assert "[REDACTED]" in out.getvalue()


def test_nothing_in_a_log_moves_the_cursor_or_colours_the_terminal(tmp_path):
    hostile = "\x1b[2J\x07\rroot\u202eevil\u2028"
    write(tmp_path / "app.log", [line(0, event=hostile, trace=hostile) | {"message": hostile, "module": hostile}])

    for arguments in ([], ["--count-by", "event"], ["--count-by", "module"], ["--summary"]):
        _, lines = ask(tmp_path, *arguments)
        assert lines
        assert all(text.isprintable() for text in lines)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("1", False)])
def test_warnings_are_coloured_on_a_terminal_that_wants_it(story, monkeypatch, no_color, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    out = Terminal()
    main(["--log-dir", str(story), "--level", "WARNING"], environ={}, out=out)

    assert ("\x1b[33m" in out.getvalue()) is coloured


def calculated(number, name, seconds, *, status="pass", **facts):
    facts |= {"metric_type": name, "duration_seconds": seconds, "threshold_status": status, "input_data_size": 900}
    return line(number, event="metric.calculated", **facts)


def test_the_summary_tells_hit_rates_fetches_and_the_slowest_calculations(tmp_path):
    fetch = {"api_calls_made": 19, "rate_limit_delays": 2, "data_volume_fetched": 900}
    write(
        tmp_path / "app.log",
        [
            *(line(number, event="cache.hit") for number in range(3)),
            line(3, event="cache.miss"),
            line(4, event="fetch.finished", **fetch),
            line(5, event="fetch.failed", level="ERROR", api_calls_made=1),
            *(calculated(10 + number, f"metric_{number}", number / 10) for number in range(15)),
            calculated(40, "slow", 2.2, status="warning", cache_hits=3, cache_misses=1, request_id="r-9"),
            calculated(41, "all_metrics", 3.0, status="fail", cache_hits=3, cache_misses=1),
        ],
    )

    _, lines = ask(tmp_path, "--summary")

    assert lines[0] == "Records: 23, from 2026-01-31T12:00:00.000Z to 2026-01-31T12:00:41.000Z"
    assert "Cache hit rate, fetched data: 75%, 3 of 4 lookups" in lines
    assert "Cache hit rate, derived facts: 75%, 3 of 4 lookups" in lines
    assert "Fetches: 1 finished, 1 failed; 900 issues, 20 calls, 2 waits for rate limits" in lines
    assert "Calculations: 17; against their targets 15 pass, 1 warning, 1 fail" in lines
    slowest = lines[lines.index("Slowest calculations:") + 1 :]
    assert [text.split()[2].rstrip(",") for text in slowest[:3]] == ["all_metrics", "slow", "metric_14"]
    assert slowest[1].endswith("request r-9")
    assert len(slowest) == 10


def test_a_rate_of_nothing_is_unknown_and_not_zero(story):
    _, lines = ask(story, "--summary", "--event", "jira.retry")

    assert "Cache hit rate, fetched data: unknown, nothing was looked up" in lines


@pytest.mark.parametrize("name", ["ecs", "otel"])
def test_logs_in_the_other_formats_are_read_as_well(story, name):
    path = story / "app.log"
    entries = [naming(name)(json.loads(text)) for text in path.read_text("utf-8").splitlines()]
    expected = ask(story)
    write(path, entries)

    assert sorted(map(sorted, map(str.split, ask(story)[1]))) == sorted(map(sorted, map(str.split, expected[1])))


def test_a_folder_without_logs_is_explained(tmp_path, capsys):
    code, lines = ask(tmp_path / "nowhere")

    assert (code, lines) == (2, [])
    told = capsys.readouterr().err
    assert "There is no app.log" in told
    assert "--log-dir" in told


def test_nothing_found_is_said_and_told_by_the_exit_code(story, capsys):
    assert ask(story, "--request", "r-77") == (1, [])
    assert ask(story, "--request", "r-77", "--summary") == (1, [])
    assert capsys.readouterr().err == "No record matches.\n" * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "LOUD"], "invalid choice"),
        (["--since", "yesterday"], "write 2026-01-31"),
        (["--since", "9999-12-31T23:59:59-14:00"], "is no time"),
        (["--last", "0"], "no whole number above 0"),
        (["--follow", "--last", "3"], "give --since"),
        (["--follow", "--summary"], "not allowed with"),
        (["--file", "../../etc/passwd"], "invalid choice"),
    ],
)
def test_a_question_that_cannot_be_understood_is_refused_with_a_hint(story, capsys, arguments, said):
    with pytest.raises(SystemExit) as refused:
        ask(story, *arguments)

    assert refused.value.code == 2
    assert said in capsys.readouterr().err


def test_a_span_is_counted_back_from_now():
    assert read_instant("90m", NOW) == "2026-01-31T15:30:00.000Z"
    assert read_instant("3d ago", NOW) == "2026-01-28T17:00:00.000Z"


def test_a_reader_that_leaves_early_ends_the_program_quietly(tmp_path):
    write(tmp_path / "app.log", [line(number) for number in range(5000)])
    command = [sys.executable, "-m", "configuration.logs", "--log-dir", str(tmp_path)]

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert b"Message 0" in reading.stdout.readline()
        reading.stdout.close()
        told = reading.stderr.read()

    assert (reading.returncode, told) == (0, b"")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_the_place_of_a_log_does_not_hold_the_reader(story):
    os.mkfifo(story / "app.log.1")

    assert numbers(ask(story)[1]) == [0, 10, 20, 30, 40]


def test_what_the_program_writes_while_it_rotates_is_read_back_whole(tmp_path):
    """The product's own handler writes; its files are small, so that most of the story is in rotated ones."""
    files = [LogFile(tmp_path / "app.log", max_bytes=5_000, backups=500)]
    files[0].setFormatter(JSONFormatter())
    for number in range(1000):
        record = {"name": "data.story", "levelno": 20, "levelname": "INFO", "msg": f"Message {number}", "event": "a.b"}
        files[0].handle(logging.makeLogRecord(record))
    files[0].close()

    assert len(list(tmp_path.glob("app.log.*"))) > 20
    assert numbers(ask(tmp_path)[1]) == list(range(1000))
