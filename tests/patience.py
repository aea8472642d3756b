"""How long tests wait for what must come: only a hang takes longer, on however slow a machine."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0


def eventually(is_so: Callable[[], object], told: Callable[[], object] = lambda: None) -> None:
    """Looks until it is so; what is told in the end, if it never is."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, told()
        time.sleep(0.01)
