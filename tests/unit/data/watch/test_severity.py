"""Severity by the P95 of a route, at and around its edges."""

import pytest

from data.watch.severity import severity_of


@pytest.mark.parametrize(
    ("p95_ms", "severity"),
    [
        (0.0, "good"),
        (99.9, "good"),
        (100.0, "warning"),
        (499.9, "warning"),
        (500.0, "slow"),
        (999.9, "slow"),
        (1000.0, "critical"),
        (60_000.0, "critical"),
    ],
)
def test_an_edge_belongs_to_what_is_worse(p95_ms, severity):
    assert severity_of(p95_ms) == severity
