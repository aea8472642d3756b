"""All declared metrics, in the order in which the pages show them."""

from __future__ import annotations

from data.dora_calculator import DORA_METRICS
from data.flow_calculator import FLOW_METRICS
from data.metric import Metric

METRICS: tuple[Metric, ...] = (*DORA_METRICS, *FLOW_METRICS)

_BY_KEY = {declared.key: declared for declared in METRICS}


def metric(key: str) -> Metric:
    """The metric of a key; an unknown key is a `KeyError` that lists the known ones."""
    if key not in _BY_KEY:
        raise KeyError(f"no metric {key!r}; there are {', '.join(_BY_KEY)}")
    return _BY_KEY[key]


def family(name: str) -> tuple[Metric, ...]:
    """The metrics of a family, `dora` or `flow`."""
    return tuple(declared for declared in METRICS if declared.family == name)
