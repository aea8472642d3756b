"""The five Flow metrics with their trends."""

from __future__ import annotations

from ui.components.panel import panels
from ui.page import Page

FLOW = Page(
    key="flow",
    path="/flow",
    name="Flow",
    title="Flow",
    intro="How much work is finished, how long it takes, how much of that is waiting, and what kind of work it is.",
    families=("flow",),
    body=panels,
)
