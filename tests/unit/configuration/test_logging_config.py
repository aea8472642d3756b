"""Each record is one line of JSON in the right files, without secrets, whatever was logged."""

from __future__ import annotations

import io
import json
import logging
import os
import secrets
import sys
import time
from datetime import datetime, timedelta

import pytest

from configuration.logging_config import JSONFormatter, SensitiveDataFilter, cleanup_old_logs, setup_logging
from configuration.request_notes import current_request_id

FILES = ("app.log", "errors.log", "performance.log")


@pytest.fixture
def fresh_logging():
    """The process's logging, put back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield root
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    for handler in before:
        if handler not in root.handlers:
            root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture
def token():
    return secrets.token_hex(20)


def fail(error):
    raise error


def entries(folder, name):
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def record(message="hello", *args, **extra):
    made = logging.makeLogRecord(
        {"name": "data.part", "levelno": 20, "levelname": "INFO", "msg": message, "args": args}
    )
    vars(made).update(extra)
    return made


def formatted(made):
    text = JSONFormatter().format(made)
    assert "\n" not in text
    assert text.isascii()
    return json.loads(text)


def test_an_entry_has_the_fixed_fields(fresh_logging, tmp_path):
    setup_logging(tmp_path)
    logging.getLogger("data.dora_calculator").info("counted %d", 3, extra={"issue_count": 3})
    (entry,) = entries(tmp_path, "app.log")
    assert set(entry) == {"timestamp", "level", "module", "function", "line", "message", "context"}
    assert (entry["level"], entry["module"], entry["message"]) == ("INFO", "data.dora_calculator", "counted 3")
    assert entry["context"] == {"issue_count": 3}
    assert entry["function"] == "test_an_entry_has_the_fixed_fields"
    assert entry["timestamp"].endswith("Z")
    assert datetime.fromisoformat(entry["timestamp"]).utcoffset() == timedelta(0)
    assert len(entry["timestamp"]) == len("2026-01-01T00:00:00.000Z")


def test_each_file_takes_its_own_records(fresh_logging, tmp_path):
    setup_logging(tmp_path)
    log = logging.getLogger("data.part")
    log.debug("quiet")
    log.info("plain")
    log.info("timed", extra={"duration_seconds": 0.5})
    log.info("judged", extra={"threshold_status": "pass"})
    try:
        fail(ValueError("broken"))
    except ValueError:
        log.exception("failed")
    messages = {name: [entry["message"] for entry in entries(tmp_path, name)] for name in FILES}
    assert messages == {
        "app.log": ["plain", "timed", "judged", "failed"],
        "errors.log": ["failed"],
        "performance.log": ["timed", "judged"],
    }
    assert "ValueError: broken" in entries(tmp_path, "errors.log")[0]["exception"]


def test_setting_up_twice_writes_once(fresh_logging, tmp_path):
    setup_logging(tmp_path)
    setup_logging(tmp_path)
    logging.getLogger("data.part").info("once")
    assert len(entries(tmp_path, "app.log")) == 1


def test_a_higher_level_silences_the_application_log_but_not_the_timings(fresh_logging, tmp_path):
    setup_logging(tmp_path, log_level="WARNING")
    logging.getLogger("data.part").info("timed", extra={"duration_seconds": 1.0})
    assert entries(tmp_path, "app.log") == []
    assert len(entries(tmp_path, "performance.log")) == 1


def test_the_request_lines_of_libraries_are_not_logged(fresh_logging, tmp_path):
    setup_logging(tmp_path, log_level="DEBUG")
    for name in ("urllib3.connectionpool", "werkzeug", "requests"):
        logging.getLogger(name).info("GET /?token=x")
    assert entries(tmp_path, "app.log") == []


def test_files_are_rotated(fresh_logging, tmp_path):
    setup_logging(tmp_path, max_bytes=2_000, backup_count=2)
    for number in range(60):
        logging.getLogger("data.part").info("line %d", number)
    assert {path.name for path in tmp_path.iterdir()} >= {"app.log", "app.log.1", "app.log.2"}
    assert not (tmp_path / "app.log.3").exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_may_read_the_files(fresh_logging, tmp_path):
    setup_logging(tmp_path / "logs")
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0
    assert (tmp_path / "logs" / "app.log").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_costs_the_files_not_the_program(fresh_logging, tmp_path, capsys):
    (tmp_path / "taken").write_text("a file")
    setup_logging(tmp_path / "taken")
    logging.getLogger("data.part").error("still heard")
    told = capsys.readouterr().err
    assert "No log files are written" in told
    assert "still heard" in told


def test_a_level_that_does_not_exist_is_refused_by_name(fresh_logging, tmp_path):
    with pytest.raises(ValueError, match="LOUD"):
        setup_logging(tmp_path, log_level="LOUD")


def test_no_sink_shows_a_secret_wherever_it_stood(fresh_logging, tmp_path, capsys, token):
    setup_logging(tmp_path)
    log = logging.getLogger("data.part")
    log.error("sent Bearer %s", token)
    log.error({"password": token})
    log.error("with context", extra={"duration_seconds": 1, "api_token": token, "deep": [{"cookie": token}]})
    try:
        fail(RuntimeError(f"https://ann:{token}@jira.example.com refused"))
    except RuntimeError:
        log.exception("failed")
    told = capsys.readouterr().err + "".join((tmp_path / name).read_text("utf-8") for name in FILES)
    assert "jira.example.com" in told
    assert token not in told


def test_the_filter_masks_the_message():
    made = record("Token: Bearer abc123")
    assert SensitiveDataFilter().filter(made) is True
    assert made.msg == "Token: Bearer [REDACTED]"
    assert SensitiveDataFilter.SENSITIVE_PATTERNS


def test_the_filter_alone_masks_a_plain_handler(token):
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.setFormatter(logging.Formatter("%(message)s %(note)s"))
    handler.addFilter(SensitiveDataFilter())
    try:
        fail(ValueError(f"password={token}"))
    except ValueError:
        handler.handle(record("token=%s", token, note=f"secret={token}", exc_info=sys.exc_info()))
    assert "ValueError" in sink.getvalue()
    assert token not in sink.getvalue()


def test_the_formatter_leaves_the_record_as_it_was(token):
    made = record("token=%s", token, note={"password": token})
    JSONFormatter().format(made)
    assert made.msg == "token=%s"
    assert made.args == (token,)
    assert vars(made)["note"] == {"password": token}
    assert made.exc_text is None


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


def test_whatever_is_logged_is_one_line_of_valid_json():
    circle: list[object] = []
    circle.append(circle)
    odd = [
        Rude(),
        float("nan"),
        {1: {2}},
        circle,
        b"\xff",
        "\ud800",
        "a\nb\x1b[31m",
        10**5000,
        type,
    ]
    for value in odd:
        assert formatted(record("value %s", value, given=value))["level"] == "INFO"
        assert formatted(record(value))["level"] == "INFO"
    assert formatted(record("%d items", "many"))["message"].startswith("%d items")
    assert formatted(record("two %s %s", "one"))["message"].startswith("two")


def test_the_request_being_served_is_named_in_its_records():
    noted = current_request_id.set("r-1")
    try:
        assert formatted(record())["context"]["request_id"] == "r-1"
        assert formatted(record(request_id="own"))["context"]["request_id"] == "own"
    finally:
        current_request_id.reset(noted)
    assert formatted(record())["context"] == {}


def test_a_record_that_cannot_be_masked_leaves_a_line_that_says_only_so(fresh_logging, tmp_path, capsys, token):
    class Breaking(dict):
        def items(self):
            raise RuntimeError(token)

    setup_logging(tmp_path)
    logging.getLogger("data.part").error("x", extra={"given": Breaking(a=token)})
    (entry,) = entries(tmp_path, "errors.log")
    assert entry["message"] == "[REDACTION FAILED]"
    assert entry["context"] == {"error_type": "RuntimeError"}
    assert token not in capsys.readouterr().err


def test_the_console_does_not_obey_control_characters(fresh_logging, tmp_path, capsys):
    setup_logging(tmp_path)
    logging.getLogger("data.part").warning("first\n2026 CRITICAL forged\x07")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "\\x0a2026" in lines[0]


def aged(folder, name, days):
    path = folder / name
    path.write_text("old")
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_old_logs_are_deleted_and_nothing_else(fresh_logging, tmp_path):
    gone = [aged(tmp_path, name, 31) for name in ("app.log.1", "errors.log", "performance.log.12")]
    kept = [aged(tmp_path, "app.log.2", 29), aged(tmp_path, "notes.log", 400), aged(tmp_path, "app.log.bak", 400)]
    assert cleanup_old_logs(tmp_path, max_age_days=30) == 3
    assert not [path for path in gone if path.exists()]
    assert all(path.exists() for path in kept)


def test_a_log_file_in_use_is_kept_however_old(fresh_logging, tmp_path):
    setup_logging(tmp_path)
    aged(tmp_path, "app.log", 60)
    assert cleanup_old_logs(tmp_path) == 0


def test_no_folder_means_nothing_to_delete(tmp_path):
    assert cleanup_old_logs(tmp_path / "none") == 0


def test_one_file_that_cannot_be_deleted_does_not_stop_the_rest(fresh_logging, tmp_path, monkeypatch, caplog):
    stuck = aged(tmp_path, "app.log.1", 40)
    aged(tmp_path, "app.log.2", 40)
    unlink = type(stuck).unlink

    def refuse(path, *args, **kwargs):
        if path == stuck:
            raise PermissionError(13, "in use")
        unlink(path, *args, **kwargs)

    monkeypatch.setattr(type(stuck), "unlink", refuse)
    assert cleanup_old_logs(tmp_path) == 1
    assert "could not be deleted" in caplog.text
