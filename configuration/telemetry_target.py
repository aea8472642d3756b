"""Where measurements are sent besides being kept: an OpenTelemetry collector, if the environment names one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import NoReturn
from urllib.parse import unquote

from configuration.given import ConfigurationError, Secret, private_url
from configuration.redaction import remember_secret

ENDPOINT, HEADERS = "SIGHTLINE_OTLP_ENDPOINT", "SIGHTLINE_OTLP_HEADERS"
INSTALL = "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
_SIGNAL = "/v1/metrics"
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_SHORTEST_REMEMBERED = 8


@dataclass(frozen=True)
class TelemetryTarget:
    """The collector's address for metrics, and headers that say who sends them."""

    url: str
    headers: tuple[tuple[str, Secret], ...] = ()

    def __post_init__(self) -> None:
        for _, value in self.headers:
            for part in value.reveal().split():
                if len(part) >= _SHORTEST_REMEMBERED:
                    remember_secret(part)


def telemetry_target(given: Mapping[str, str]) -> TelemetryTarget | None:
    if ENDPOINT not in given:
        if HEADERS in given:
            _refuse(f"{HEADERS} is set, though {ENDPOINT} is not.", f"Set {ENDPOINT} too, or unset both.")
        return None
    parts = private_url(given, ENDPOINT, "Give the address of the collector, for example http://127.0.0.1:4318.")
    if parts.query or parts.fragment:
        _refuse(f"{ENDPOINT} has more after its path.", f"Leave out what follows ? or #; secrets go into {HEADERS}.")
    if not _is_installed():
        raise ConfigurationError(
            f"{ENDPOINT} is set, but OpenTelemetry is not installed.",
            likely_cause="It is an extra that most installations do without.",
            next_step=f"Run {INSTALL}, or unset {ENDPOINT}.",
        )
    path = parts.path.rstrip("/")
    path = path if path.endswith(_SIGNAL) else path + _SIGNAL
    return TelemetryTarget(f"{parts.scheme}://{parts.netloc}{path}", _headers(given.get(HEADERS, "")))


def _is_installed() -> bool:
    try:
        return all(find_spec(name) for name in ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"))
    except ModuleNotFoundError:
        return False


def _headers(text: str) -> tuple[tuple[str, Secret], ...]:
    """`name=value,name=value`, the values written as in an address, as OpenTelemetry's own variables have it."""
    return tuple(_header(pair) for pair in text.split(",") if pair.strip())


def _header(pair: str) -> tuple[str, Secret]:
    name, equals, value = pair.partition("=")
    name, value = name.strip(), unquote(value.strip())
    if not equals or not _NAME.fullmatch(name) or not value.isascii() or not value.isprintable():
        _refuse(
            f"{HEADERS} is not written as name=value,name=value.", "Write a space in a value as %20, a comma as %2C."
        )
    return name, Secret(value)


def _refuse(detail: str, next_step: str) -> NoReturn:
    raise ConfigurationError(detail, likely_cause="It was typed or pasted incompletely.", next_step=next_step)
