"""The whole corpus through the product's own logging: no sink shows a secret, none loses a harmless text."""

from __future__ import annotations

import json
import logging
import string
import time
from math import inf

import pytest

from configuration.log_format import JSONFormatter
from configuration.logging_config import FILES, setup_logging
from tests.secret_corpus import look_alikes, secrets_in_context

log = logging.getLogger("data.part")
TRIES = 20
SIGNS = [*string.punctuation, "a", "Z", "7", " ", "\n", "\x00", "\u00fc", "\u4f60", "\u200b", "\ud800", "\\n"]
PIECES = ["aB3", "a=", "a:", '="', "token", "token:", "token='", "key=", "://", "a@", "a.b@", "%25", "\\\\", "eyJ"]
PIECES += ["-----BEGIN ", "Basic AAAA ", "Bearer a1", "MDAw", "4111 ", "AKIA", "password ", "<token ", "('token', "]
PIECES += ["cookie: [", "eyJhbGciOi.", "passwordpass", "token-", "SG.a", "  \\n"]


@pytest.fixture
def logs(capsys, tmp_path):
    """The product's own logging into a folder of the test's."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    setup_logging(tmp_path)
    yield tmp_path
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def fail(text):
    raise ValueError(text)


def tell_everywhere(number, text):
    log.error(text, extra={"number": number, "duration_seconds": 0.1})
    log.error("seen %s", text, extra={"number": number, "note": {"deep": [text]}, "duration_seconds": 0.1})
    try:
        fail(text)
    except ValueError:
        log.exception("failed", extra={"number": number, "raw": text.encode(), "duration_seconds": 0.1})


def entries(path):
    """What this test has logged; threads of others may still be at work."""
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [entry for entry in written if entry["module"] == log.name]


def test_no_sink_shows_any_secret_and_every_field_is_still_there(logs, capsys):
    corpus = secrets_in_context()
    for number, (text, _) in enumerate(corpus):
        tell_everywhere(number, text)
    told = capsys.readouterr().err + "".join((logs / name).read_text("utf-8") for name in FILES)
    assert [text for text, secret in corpus if secret in told] == []
    for name in FILES:
        written = entries(logs / name)
        assert [entry["context"]["number"] for entry in written] == [n for n in range(len(corpus)) for _ in range(3)]
        assert all({"note", "raw"} & set(entry["context"]) for entry in written[1::3] + written[2::3])


def test_no_sink_loses_a_harmless_text(logs, capsys):
    texts = look_alikes()
    for number, text in enumerate(texts):
        log.error("%s", text, extra={"number": number, "note": {"deep": [text]}, "duration_seconds": 0.1})
    console = capsys.readouterr().err
    for name in FILES:
        for entry, text in zip(entries(logs / name), texts, strict=True):
            assert entry["message"] == text
            assert entry["context"]["note"] == {"deep": [text]}
    assert [text for text in texts if text not in console] == []


def seconds(text):
    made = logging.makeLogRecord({"name": "data.part", "levelno": 20, "levelname": "INFO", "msg": text, "args": ()})
    started = time.process_time()
    JSONFormatter().format(made)
    return time.process_time() - started


@pytest.mark.parametrize("piece", [*SIGNS, *PIECES], ids=repr)
def test_a_megabyte_of_anything_costs_little_more_than_a_hundredth_of_it(piece):
    """The text is cut before it is searched; up to there, twice the length costs at most three times the time.

    A machine that does other work only adds to the times, so that the least of several tries comes ever closer.
    """
    sizes = 1_000_000, 20_000, 10_000
    least = [inf] * 3
    for _ in range(TRIES):
        least = [min(known, seconds((piece * size)[:size])) for known, size in zip(least, sizes, strict=True)]
        longest, whole, half = least
        if longest < 3 * whole + 0.05 and whole < 3 * half + 0.005:
            return
    pytest.fail(f"{sizes} characters took {least} seconds")


def test_a_record_of_many_values_is_bounded():
    made = logging.makeLogRecord({"name": "a", "levelno": 20, "levelname": "INFO", "msg": "many", "args": ()})
    vars(made)["values"] = ["x" * 1_000] * 100_000
    made.note = {str(number): number for number in range(100_000)}
    assert len(JSONFormatter().format(made)) < 3_000_000
