"""What may stand in each entry of an alert rule, and the sentence for what may not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import quoted
from data.watch.alert_metrics import ALERT_METRICS, LONGEST_SPAN_MINUTES, AlertMetric
from data.watch.measurement import Kind

LONGEST_NAME = 80
LONGEST_ROUTE = 300
_ENDLESS = 1e12
COMPARISONS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    ">": ("above", lambda measured, limit: measured > limit),
    ">=": ("at least", lambda measured, limit: measured >= limit),
    "<": ("below", lambda measured, limit: measured < limit),
    "<=": ("at most", lambda measured, limit: measured <= limit),
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong with the file of rules, where, and what to do about it."""

    place: str
    problem: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem} {self.next_step}"


class Wrong(Exception):  # noqa: N818 - becomes a Mistake
    def __init__(self, problem: str, next_step: str, place: str = "") -> None:
        super().__init__(problem)
        self.problem, self.next_step, self.place = problem, next_step, place

    def at(self, place: str) -> Mistake:
        return Mistake(quoted(self.place or place), quoted(self.problem), quoted(self.next_step))


def _name(value: Any, _: AlertMetric | None) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise Wrong(f"{_shown(value)} is no name.", f"Write 1 to {LONGEST_NAME} printable characters on one line.")
    return text


def _metric(value: Any, about: AlertMetric | None) -> str:
    if about is None:
        raise Wrong(f"{_shown(value)} is nothing that is watched.", f"Choose one of {', '.join(ALERT_METRICS)}.")
    return str(value)


def _comparison(value: Any, _: AlertMetric | None) -> str:
    if not isinstance(value, str) or value not in COMPARISONS:
        raise Wrong(f"{_shown(value)} is no comparison.", f"Choose one of {' '.join(COMPARISONS)}.")
    return value


def _limit(value: Any, about: AlertMetric | None) -> float:
    highest = about.highest if about is not None else None
    bounds = "of 0 or more" if highest is None else f"from 0 to {highest:g}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _ENDLESS:
        raise Wrong(f"{_shown(value)} is not such a number.", f"Write a number {bounds}, without quotation marks.")
    if value < 0 or (highest is not None and value > highest):
        hint = " 5 % is 0.05." if about is not None and about.unit == "share" else ""
        raise Wrong(f"{value:g} cannot be reached.", f"Write a number {bounds}.{hint}")
    return float(value)


def _whole(lowest: int, highest: int, what: str) -> Callable[[Any, AlertMetric | None], int]:
    def read(value: Any, _: AlertMetric | None) -> int:
        if type(value) is not int or not lowest <= value <= highest:
            raise Wrong(f"{_shown(value)} is no number of {what}.", f"Write a whole one from {lowest} to {highest}.")
        return value

    return read


def _kind(value: Any, _: AlertMetric | None) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise Wrong(f"{_shown(value)} is no kind of work.", f"Choose one of {', '.join(Kind)}.") from None


def _route(value: Any, _: AlertMetric | None) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ROUTE or not value.isprintable():
        raise Wrong(f"{_shown(value)} is no route.", "Copy one as the page /metrics/performance shows it.")
    return value


READERS: Mapping[str, Callable[[Any, AlertMetric | None], Any]] = {
    "name": _name,
    "metric": _metric,
    "comparison": _comparison,
    "value": _limit,
    "for_minutes": _whole(0, LONGEST_SPAN_MINUTES, "minutes"),
    "over_minutes": _whole(1, LONGEST_SPAN_MINUTES, "minutes"),
    "at_least": _whole(1, 1_000_000, "things measured"),
    "kind": _kind,
    "route": _route,
}
NEEDED: Mapping[str, str] = {
    "name": "Say what people will read when it fires.",
    "metric": f"Choose one of {', '.join(ALERT_METRICS)}.",
    "comparison": f"Choose one of {' '.join(COMPARISONS)}.",
    "value": "Write the limit as a number.",
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"
