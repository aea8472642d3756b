"""What a page is: a value that names its address, its words and the function that draws its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.metric import MetricResult

Element = Any
"""Anything Dash can place on a page; the component library ships without types."""


def aria(**attributes: str) -> dict[str, Any]:
    """ARIA attributes, whose hyphens no keyword can spell: `**aria(hidden="true")`."""
    return {f"aria-{name}": text for name, text in attributes.items()}


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the issues on a page live: the site to link to (None: no links), and the summary of each key."""

    site_url: str | None
    summaries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `families` are the metric families it shows, `body` draws their results."""

    key: str
    path: str
    name: str
    title: str
    intro: str
    families: tuple[str, ...]
    body: Callable[[Mapping[str, MetricResult]], Element]
