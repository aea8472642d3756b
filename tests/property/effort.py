"""How many examples the property tests try: few by default, many when SIGHTLINE_THOROUGH says how many times more."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("SIGHTLINE_THOROUGH", "1"))


def effort(examples: int) -> settings:
    """By default always the same examples, so that a red run is a changed product; thorough runs look further."""
    return settings(
        max_examples=examples * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
