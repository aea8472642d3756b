"""What a collector of OpenTelemetry really receives over HTTP: exact sums of every process, and nothing else."""

from __future__ import annotations

import logging
import os
import secrets
import time

import pytest
from multiprocess import get_context

from configuration.given import Secret
from configuration.redaction import forget_secret
from configuration.telemetry_target import TelemetryTarget
from data.watch.histogram import EDGES
from data.watch.measurement import Kind, Measurement
from data.watch.telemetry import Telemetry
from tests.collector import attributes, collecting

BUILD = {"version": "0.1.0", "python": "3.11.2"}
NEVER = 3600.0


def measured(kind, label, milliseconds, *, method="", status=200, **facts):
    given = {"cache_hit": None, "error": None, "request_id": None} | facts
    return Measurement(time.time(), kind, label, method, milliseconds, status, **given)


@pytest.fixture
def collector():
    with collecting() as one:
        yield one


def points(collector, name):
    (sums,) = collector.latest().values()
    return sums[name]


def test_durations_arrive_in_exact_buckets_with_who_and_how(collector):
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=NEVER)
    took = [1, 5, 5.5, 99, 100, 100.5, 499, 1000, 20_000]
    telemetry([measured(Kind.REQUEST, "/metrics/api/overview", one, method="GET") for one in took])
    telemetry([measured(Kind.REQUEST, "/", 3, method="GET", status=500, error="ZeroDivisionError")])
    telemetry.close()

    good, bad = sorted(points(collector, "http.server.request.duration"), key=lambda one: -one.count)
    assert attributes(good.attributes) == {
        "http.request.method": "GET",
        "http.route": "/metrics/api/overview",
        "http.response.status_code": 200,
    }
    assert attributes(bad.attributes)["error.type"] == "ZeroDivisionError"
    assert list(good.explicit_bounds) == [edge / 1000 for edge in EDGES]
    cumulative = [sum(good.bucket_counts[: index + 1]) for index in range(len(EDGES))]
    assert cumulative == [sum(one <= edge for one in took) for edge in EDGES]
    assert good.count == len(took)
    assert good.sum == pytest.approx(sum(took) / 1000)


def test_each_kind_has_an_instrument_and_lookups_and_waits_are_counted(collector):
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=NEVER)
    telemetry(
        [
            measured(Kind.CALLBACK, "page-body.children", 12, cache_hit=True),
            measured(Kind.CALLBACK, "page-body.children", 80, cache_hit=False),
            measured(Kind.CALLBACK, "page-body.children", 90, cache_hit=False),
            measured(Kind.JOB, "reading", 900),
            measured(Kind.JIRA, "POST /rest/api/3/search/jql", 300, method="POST", status=429, waited_ms=1500.0),
            measured(Kind.CALCULATION, "flow_time", 40, method="small"),
        ]
    )
    telemetry.close()

    lookups = points(collector, "sightline.cache.lookups")
    assert {attributes(one.attributes)["sightline.result"]: one.as_int for one in lookups} == {"hit": 1, "miss": 2}
    assert [one.as_double for one in points(collector, "sightline.jira.wait")] == [1.5]
    for name in ("sightline.callback", "sightline.job", "sightline.calculation", "http.client.request"):
        assert sum(one.count for one in points(collector, f"{name}.duration")) in {1, 3}
    (calculation,) = points(collector, "sightline.calculation.duration")
    assert attributes(calculation.attributes) == {"sightline.metric": "flow_time", "sightline.size": "small"}


def test_headers_go_along_and_the_program_says_which_it_is(collector):
    token = secrets.token_hex(16)
    target = TelemetryTarget(collector.url, (("Authorization", Secret(f"Bearer {token}")),))
    telemetry = Telemetry(target, BUILD, seconds_between=NEVER)
    telemetry([measured(Kind.JOB, "reading", 1)])
    telemetry.close()

    assert collector.headers[0]["authorization"] == f"Bearer {token}"
    named = attributes(collector.requests[0].resource_metrics[0].resource.attributes)
    assert (named["service.name"], named["service.version"]) == ("sightline", "0.1.0")
    assert token not in str(collector.requests)
    forget_secret(token)


def test_sums_are_sent_again_and_again_without_being_asked(collector):
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=0.05)
    telemetry([measured(Kind.JOB, "reading", 1)])
    collector.wait_for(2)
    telemetry([measured(Kind.JOB, "reading", 1)])
    telemetry.close()

    assert points(collector, "sightline.job.duration")[0].count == 2


def test_a_collector_that_refuses_costs_one_line_and_no_sum(collector, caplog):
    caplog.set_level(logging.INFO)
    collector.status = 401
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=0.05)
    telemetry([measured(Kind.JOB, "reading", 1)])
    collector.wait_for(3)
    collector.status = 200
    came = len(collector.requests)
    collector.wait_for(came + 2)
    telemetry.close()

    told = [record for record in caplog.records if record.levelno >= logging.INFO]
    assert [record.event for record in told] == ["telemetry.refused", "telemetry.resumed"]
    assert (told[0].host, told[0].reason) == ("127.0.0.1", "HTTP 401")
    assert points(collector, "sightline.job.duration")[0].count == 1


def test_a_redirect_is_not_followed_with_the_headers(collector, caplog):
    with collecting() as elsewhere:
        collector.status, collector.location = 307, elsewhere.url
        target = TelemetryTarget(collector.url, (("api-key", Secret(secrets.token_hex(8))),))
        telemetry = Telemetry(target, BUILD, seconds_between=NEVER)
        telemetry([measured(Kind.JOB, "reading", 1)])
        telemetry.close()

        assert elsewhere.requests == []
    assert [record.reason for record in caplog.records] == ["HTTP 307"]


def test_hostile_names_arrive_as_plain_text(collector):
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=NEVER)
    telemetry([measured(Kind.JOB, 'x\ud800"\n\x00\u202e', 1)])
    telemetry.close()

    (job,) = points(collector, "sightline.job.duration")
    assert attributes(job.attributes)["sightline.job"] == 'x\\ud800"\\n\\x00\\u202e'


def _work(telemetry, number):
    telemetry([measured(Kind.JOB, "reading", 1) for _ in range(number)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_job_tells_its_own_sums_before_it_ends_and_not_its_parents(collector):
    """A job of the pages is such a process, and ends without the usual farewells."""
    telemetry = Telemetry(TelemetryTarget(collector.url), BUILD, seconds_between=NEVER)
    telemetry([measured(Kind.JOB, "reading", 1) for _ in range(5)])
    job = get_context("fork").Process(target=_work, args=(telemetry, 3))
    job.start()
    job.join()
    telemetry.close()

    counts = [sums["sightline.job.duration"][0].count for sums in collector.latest().values()]
    assert sorted(counts) == [3, 5]


def test_the_last_words_ask_for_what_is_left_elsewhere(collector):
    left = [measured(Kind.JOB, "reading", 1)]
    telemetry = Telemetry(
        TelemetryTarget(collector.url), BUILD, seconds_between=NEVER, before_the_last=lambda: telemetry(left)
    )
    telemetry.close()

    assert points(collector, "sightline.job.duration")[0].count == 1
