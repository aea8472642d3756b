"""A collector of measurements on this machine: takes OTLP over HTTP and decodes what it was sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.listening import listening
from tests.patience import PATIENCE_SECONDS


@dataclass
class Collector:
    """What came, request by request; `status` is what it answers."""

    url: str = ""
    status: int = 200
    location: str = ""
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    requests: list[ExportMetricsServiceRequest] = field(default_factory=list)
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, number: int, seconds: float = PATIENCE_SECONDS) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.requests) >= number, seconds), f"{len(self.requests)} came"

    def latest(self) -> dict[str, dict[str, Any]]:
        """Of each instance of the program the last sums: instance to name of the instrument to its points."""
        sums: dict[str, dict[str, Any]] = {}
        for request in self.requests:
            for resource in request.resource_metrics:
                instance = attributes(resource.resource.attributes)["service.instance.id"]
                sums[instance] = {
                    metric.name: list((metric.histogram if metric.HasField("histogram") else metric.sum).data_points)
                    for scope in resource.scope_metrics
                    for metric in scope.metrics
                }
        return sums


def attributes(given: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in given}


@contextmanager
def collecting(status: int = 200) -> Iterator[Collector]:
    collector = Collector(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            decoded = ExportMetricsServiceRequest.FromString(body)
            with collector.came:
                collector.paths.append(self.path)
                collector.headers.append({name.lower(): value for name, value in self.headers.items()})
                collector.requests.append(decoded)
                collector.came.notify_all()
            self.send_response(collector.status)
            if collector.location:
                self.send_header("Location", collector.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Quiet."""

    with listening(Handler) as address:
        collector.url = f"{address}/v1/metrics"
        yield collector
