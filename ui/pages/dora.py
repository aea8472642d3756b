"""The five DORA metrics with their trends."""

from __future__ import annotations

from ui.components.panel import panels
from ui.page import Page

DORA = Page(
    key="dora",
    path="/dora",
    name="DORA",
    title="DORA",
    intro="How often changes reach production, how long they take, and how often they go wrong.",
    families=("dora",),
    body=panels,
)
