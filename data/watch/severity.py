"""How bad a duration is, by the P95 of a route."""

from enum import StrEnum


class Severity(StrEnum):
    """From good to critical."""

    GOOD = "good"
    WARNING = "warning"
    SLOW = "slow"
    CRITICAL = "critical"


GOOD_BELOW_MS = 100.0
WARNING_BELOW_MS = 500.0
SLOW_BELOW_MS = 1000.0


def severity_of(p95_ms: float) -> Severity:
    """Good below 100 ms, warning below 500, slow below 1000, critical from 1000."""
    if p95_ms < GOOD_BELOW_MS:
        return Severity.GOOD
    if p95_ms < WARNING_BELOW_MS:
        return Severity.WARNING
    return Severity.SLOW if p95_ms < SLOW_BELOW_MS else Severity.CRITICAL
