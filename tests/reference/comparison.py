"""Where a metric's answer and the reference's differ, in words that name the field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

TOLERANCE = 1e-9


def differences(fast: Mapping[str, Any], slow: Mapping[str, Any]) -> list[str]:
    """Every field that the reference states, compared to 1e-9; fields it does not state are not looked at."""
    found: list[str] = []
    _compare("", {name: _as_is(name, fast[name]) for name in fast}, slow, found, partly=True)
    return found


def _as_is(name: str, value: Any) -> Any:
    """Labels have no order of their own: they are compared sorted, and reasons without labels are left out."""
    if name in ("included", "numerator_items"):
        return sorted(value)
    if name == "excluded":
        return {reason: sorted(labels) for reason, labels in value.items() if labels}
    return value


def _compare(path: str, fast: Any, slow: Any, found: list[str], *, partly: bool = False) -> None:
    if isinstance(slow, Mapping) and isinstance(fast, Mapping):
        names = slow.keys() if partly else slow.keys() | fast.keys()
        for name in sorted(names):
            if name not in fast or name not in slow:
                found.append(f"{path}.{name}: only in the {'metric' if name in fast else 'reference'}")
            else:
                _compare(f"{path}.{name}".lstrip("."), fast[name], slow[name], found)
    elif isinstance(slow, list | tuple) and isinstance(fast, list | tuple) and len(slow) == len(fast):
        for position, (left, right) in enumerate(zip(fast, slow, strict=True)):
            _compare(f"{path}[{position}]", left, right, found)
    elif not _same(fast, slow):
        found.append(f"{path}: metric {fast!r}, reference {slow!r}")


def _same(fast: Any, slow: Any) -> bool:
    if isinstance(fast, bool) or isinstance(slow, bool) or not isinstance(slow, int | float):
        return bool(fast == slow)
    if not isinstance(fast, int | float):
        return False
    return math.isclose(fast, slow, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
