"""Where measurements may be sent: an address that nobody can listen in on, and headers that stay secret."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from configuration.given import ConfigurationError
from configuration.redaction import forget_secret, scrub_text
from configuration.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]


def target(endpoint, headers=""):
    given = {"SIGHTLINE_OTLP_ENDPOINT": endpoint, "SIGHTLINE_OTLP_HEADERS": headers}
    return load_settings(given).telemetry


def test_nothing_is_sent_unless_it_is_asked_for():
    assert load_settings({}).telemetry is None


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics"),
        ("http://localhost:4318/", "http://localhost:4318/v1/metrics"),
        ("https://collector.example.com/otlp", "https://collector.example.com/otlp/v1/metrics"),
        ("https://collector.example.com/v1/metrics", "https://collector.example.com/v1/metrics"),
    ],
)
def test_the_path_of_metrics_is_added_where_it_is_missing(given, read):
    assert target(given).url == read


@pytest.mark.parametrize(
    "given",
    [
        "http://collector.example.com:4318",
        "collector:4318",
        "ftp://127.0.0.1",
        "https://ann:pass@collector.example.com",
        "https://collector.example.com/?key=1",
        "https://collector.example.com/#x",
        "https://",
        "http://[::1",
    ],
)
def test_an_address_that_others_could_read_along_or_that_is_none_is_refused(given):
    with pytest.raises(ConfigurationError, match="SIGHTLINE_OTLP_ENDPOINT") as refused:
        target(given)
    assert refused.value.next_step


def test_headers_are_read_as_opentelemetry_writes_them_and_stay_secret():
    token = secrets.token_hex(16)
    settings = load_settings(
        {
            "SIGHTLINE_OTLP_ENDPOINT": "https://collector.example.com",
            "SIGHTLINE_OTLP_HEADERS": f"Authorization=Bearer%20{token}, x-tenant = delivery",
        }
    )

    assert settings.telemetry is not None
    named = {name: value.reveal() for name, value in settings.telemetry.headers}
    assert named == {"Authorization": f"Bearer {token}", "x-tenant": "delivery"}
    assert token not in repr(settings)
    assert token not in scrub_text(f"odd {token} place")
    forget_secret(token)


@pytest.mark.parametrize("headers", ["token", "=x", "a b=c", "name=one\ntwo", "name=%0d%0aHost: x", "name=%C3%A9"])
def test_headers_that_no_request_can_carry_are_refused(headers):
    with pytest.raises(ConfigurationError, match="SIGHTLINE_OTLP_HEADERS"):
        target("https://collector.example.com", headers)


def test_headers_without_an_address_are_a_mistake():
    with pytest.raises(ConfigurationError, match="SIGHTLINE_OTLP_ENDPOINT is not"):
        load_settings({"SIGHTLINE_OTLP_HEADERS": "a=b"})


def test_without_the_library_the_program_says_how_to_install_it():
    """In a process that has everything but that."""
    program = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from configuration.settings import ConfigurationError, load_settings
try:
    load_settings({"SIGHTLINE_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
except ConfigurationError as refused:
    print(refused)
print(load_settings({}).telemetry)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )

    assert "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "None"
