"""Sends the sums of what this process measures to an OpenTelemetry collector, from a thread of its own.

Only who wants that imports this module: the library behind it is an extra.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from multiprocess.util import Finalize
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Counter, Histogram
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
from opentelemetry.sdk.resources import Resource

from configuration.given import is_loopback
from configuration.log_reading import plain
from configuration.telemetry_target import TelemetryTarget
from data.watch.histogram import EDGES
from data.watch.measurement import Kind, Measurement

logger = logging.getLogger(__name__)

SECONDS_BETWEEN = 30.0
LAST_WORDS_SECONDS = 2.0
_TIMEOUT_SECONDS = 10.0

Attributes = dict[str, str | int]


class _Instrument(NamedTuple):
    """A histogram, and by which attributes it tells one measurement from another."""

    name: str
    attributes: Callable[[Measurement], Attributes]


def _http(route: str) -> Callable[[Measurement], Attributes]:
    def attributes(measured: Measurement) -> Attributes:
        told: Attributes = {"http.request.method": measured.method, route: plain(measured.label)}
        return told | {"http.response.status_code": measured.status} if measured.status else told

    return attributes


_INSTRUMENTS: Mapping[Kind, _Instrument] = {
    Kind.REQUEST: _Instrument("http.server.request.duration", _http("http.route")),
    Kind.JIRA: _Instrument("http.client.request.duration", _http("url.template")),
    Kind.CALLBACK: _Instrument("sightline.callback.duration", lambda one: {"sightline.callback": plain(one.label)}),
    Kind.JOB: _Instrument("sightline.job.duration", lambda one: {"sightline.job": plain(one.label)}),
    Kind.CALCULATION: _Instrument(
        "sightline.calculation.duration",
        lambda one: {"sightline.metric": plain(one.label), "sightline.size": one.method},
    ),
}


class Telemetry:
    """Takes batches of measurements, and never raises or waits while it does.

    A forked process begins afresh as an instance of its own, since what was summed up until then is its parent's.
    `before_the_last` is called when the process ends, so that nothing is left behind anywhere else.
    """

    def __init__(
        self,
        target: TelemetryTarget,
        build: Mapping[str, str],
        *,
        seconds_between: float = SECONDS_BETWEEN,
        before_the_last: Callable[[], object] = lambda: None,
    ) -> None:
        self._target, self._build = target, build
        self._seconds_between, self._before_the_last = seconds_between, before_the_last
        self._pid = 0
        self._sender: _Sender | None = None

    def __call__(self, batch: Sequence[Measurement]) -> None:
        if self._sender is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._sender = _Sender(self._target, self._build, self._seconds_between)
            Finalize(None, self.close, exitpriority=0)  # also runs at the end of jobs, which know no atexit
        for measured in batch:
            self._sender.add(measured)

    def close(self) -> None:
        """Send once more what there is, for two seconds at most."""
        self._before_the_last()
        if self._sender is not None and self._pid == os.getpid():
            self._sender.close()


class _Sender:
    """The sums of one process and the thread that sends them."""

    def __init__(self, target: TelemetryTarget, build: Mapping[str, str], seconds_between: float) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what goes wrong is told here, once
        self._host = urlsplit(target.url).hostname or ""
        self._seconds_between = seconds_between
        self._session = _Session(trusts_environment=not is_loopback(self._host))
        self._exporter = OTLPMetricExporter(
            target.url,
            headers={name: value.reveal() for name, value in target.headers},
            timeout=_TIMEOUT_SECONDS,
            session=self._session,
        )
        self._reader = InMemoryMetricReader()
        resource = Resource.create(
            {
                "service.name": "sightline",
                "service.version": build["version"],
                "service.instance.id": str(uuid.uuid4()),
                "process.runtime.version": build["python"],
            }
        )
        provider = MeterProvider([self._reader], resource, shutdown_on_exit=False)
        meter = provider.get_meter("sightline")
        edges = [edge / 1000 for edge in EDGES]
        self._durations: dict[Kind, Histogram] = {
            kind: meter.create_histogram(one.name, "s", explicit_bucket_boundaries_advisory=edges)
            for kind, one in _INSTRUMENTS.items()
        }
        self._lookups: Counter = meter.create_counter("sightline.cache.lookups", "{lookup}")
        self._waits: Counter = meter.create_counter("sightline.jira.wait", "s")
        self._was_refused = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def add(self, measured: Measurement) -> None:
        kind = measured.kind
        attributes = _INSTRUMENTS[kind].attributes(measured)
        if measured.cache_hit is not None:
            result = "hit" if measured.cache_hit else "miss"
            self._lookups.add(1, {"sightline.kind": kind.value, "sightline.result": result})
        if measured.waited_ms > 0:
            self._waits.add(measured.waited_ms / 1000, {"url.template": plain(measured.label)})
        if measured.error is not None:
            attributes["error.type"] = plain(measured.error)
        self._durations[kind].record(measured.duration_ms / 1000, attributes)

    def close(self) -> None:
        self._ended.set()
        self._thread.join(LAST_WORDS_SECONDS)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds_between):
            self._send()
        self._send()

    def _send(self) -> None:
        sums = self._reader.get_metrics_data()
        if sums is None:
            return
        is_refused = self._exporter.export(sums) is not MetricExportResult.SUCCESS
        if is_refused and not self._was_refused:
            logger.warning(
                "The collector did not take the measurements: %s. Their sums are sent again later.",
                self._session.outcome,
                extra={"event": "telemetry.refused", "host": self._host, "reason": self._session.outcome},
            )
        elif self._was_refused and not is_refused:
            facts = {"host": self._host}
            logger.info("The collector takes the measurements", extra={"event": "telemetry.resumed", **facts})
        self._was_refused = is_refused


class _Session(requests.Session):
    """Knows how the last exchange ended, in words without addresses, and asks no file for credentials."""

    def __init__(self, *, trusts_environment: bool) -> None:
        super().__init__()
        self.trust_env = trusts_environment
        self.auth = _as_it_is
        self.outcome = ""

    def request(self, *args: Any, **options: Any) -> requests.Response:
        try:
            answer = super().request(*args, **options)
        except requests.RequestException as error:
            self.outcome = type(error).__name__
            raise
        self.outcome = f"HTTP {answer.status_code}"
        if answer.is_redirect:
            raise requests.TooManyRedirects(self.outcome)
        return answer


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
