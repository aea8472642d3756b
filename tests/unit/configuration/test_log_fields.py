"""The two standards' names for our fields, field by field, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configuration.log_fields import NAMINGS, naming, own_names, to_ecs, to_otel

TRACE = """Traceback (most recent call last):
  File "app.py", line 1, in start
    read()
data.errors.NotJira: A web page came back.
And a second line: of the same message.

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "app.py", line 2, in start
    raise ValueError("first: line\\nsecond") from error
ValueError: first: line
second"""


def entry(**changes):
    usual = {
        "timestamp": "2026-01-31T17:00:00.123Z",
        "level": "INFO",
        "module": "data.jira_simple",
        "function": "_recorded",
        "line": 187,
        "message": "The fetch finished",
        "context": {"event": "fetch.finished", "request_id": "abc-1", "api_calls_made": 4, "error": None},
    }
    return usual | changes


def failed():
    context = {"event": "failure.unexpected", "request_id": "abc-1", "error_type": "ValueError"}
    return entry(level="ERROR", exception=TRACE, context=context)


def test_the_names_of_the_elastic_common_schema():
    assert to_ecs(entry()) == {
        "@timestamp": "2026-01-31T17:00:00.123Z",
        "log.level": "info",
        "message": "The fetch finished",
        "ecs.version": "8.11",
        "service.name": "sightline",
        "log.logger": "data.jira_simple",
        "log.origin.function": "_recorded",
        "log.origin.file.line": 187,
        "event.action": "fetch.finished",
        "http.request.id": "abc-1",
        "sightline": {"api_calls_made": 4, "error": None},
    }


def test_a_failure_in_the_elastic_common_schema():
    named = to_ecs(failed())

    assert named["log.level"] == "error"
    assert named["error.type"] == "ValueError"
    assert named["error.message"] == "first: line\nsecond"
    assert named["error.stack_trace"] == TRACE
    assert named["sightline"] == {}


def test_the_names_of_opentelemetry():
    assert to_otel(entry()) == {
        "Timestamp": "2026-01-31T17:00:00.123Z",
        "SeverityText": "INFO",
        "SeverityNumber": 9,
        "Body": "The fetch finished",
        "EventName": "fetch.finished",
        "InstrumentationScope": {"name": "data.jira_simple"},
        "Resource": {"service.name": "sightline"},
        "Attributes": {
            "code.function.name": "_recorded",
            "code.line.number": 187,
            "event": "fetch.finished",
            "request_id": "abc-1",
            "api_calls_made": 4,
            "error": None,
        },
    }


def test_a_failure_in_opentelemetry():
    named = to_otel(failed())

    assert named["SeverityText"] == "ERROR"
    assert (
        named["Attributes"].items()
        >= {
            "exception.type": "ValueError",
            "exception.message": "first: line\nsecond",
            "exception.stacktrace": TRACE,
        }.items()
    )


@pytest.mark.parametrize(
    ("level", "number"), [("DEBUG", 5), ("INFO", 9), ("WARNING", 13), ("ERROR", 17), ("CRITICAL", 21)]
)
def test_every_level_has_its_severity_number(level, number):
    assert to_otel(entry(level=level))["SeverityNumber"] == number


def test_without_a_trace_there_is_no_error_of_the_record():
    """`error_type` alone, as of a failure that was explained, is not an exception in OpenTelemetry's sense."""
    explained = entry(context={"event": "failure.shown", "error_type": "NotJira"})

    assert to_ecs(explained)["error.type"] == "NotJira"
    assert not [name for name in to_otel(explained)["Attributes"] if name.startswith("exception.")]


@pytest.mark.parametrize("name", NAMINGS)
@pytest.mark.parametrize("original", [entry(), failed(), entry(context={})], ids=["usual", "failed", "bare"])
def test_an_entry_comes_back_by_our_names_from_each_format(name, original):
    before = repr(original)

    assert own_names(naming(name)(original)) == original
    assert repr(original) == before


@given(
    context=st.dictionaries(
        st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.none() | st.integers() | st.text() | st.booleans()
    ),
    name=st.sampled_from(sorted(NAMINGS)),
)
def test_no_fact_is_lost_on_the_way(context, name):
    given_facts = {fact: value for fact, value in context.items() if value is not None}

    assert own_names(naming(name)(entry(context=given_facts)))["context"] == given_facts


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="sightline, ecs, otel"):
        naming("logfmt")
