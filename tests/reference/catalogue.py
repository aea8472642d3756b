"""The ten slow answers by the key of their metric; each is called as the metric itself is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.reference import dora, flow

REFERENCES: Mapping[str, Callable[..., dict[str, Any]]] = MappingProxyType(
    {
        "deployment_frequency": dora.reference_deployment_frequency,
        "lead_time": dora.reference_lead_time,
        "cfr": dora.reference_cfr,
        "mttr": dora.reference_mttr,
        "rework_rate": dora.reference_rework_rate,
        "flow_velocity": flow.reference_flow_velocity,
        "flow_time": flow.reference_flow_time,
        "flow_efficiency": flow.reference_flow_efficiency,
        "flow_load": flow.reference_flow_load,
        "flow_distribution": flow.reference_flow_distribution,
    }
)
