"""What a page is: a value that names its address, its words and the function that draws its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from data.configuration_history import DefinitionChange
from data.facts import DeliveryFacts
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


class Body(Protocol):
    def __call__(
        self,
        results: Mapping[str, MetricResult],
        *,
        partial: bool = False,
        changes: Sequence[DefinitionChange] = (),
        group: str = ...,
    ) -> Element:
        """What a page shows of these results.

        `partial` marks numbers that rest on a partial reading; `changes` are marked on trends; `group` is whom
        benchmarks compare with.
        """


@dataclass(frozen=True, slots=True)
class Page:
    """One page of metrics: `families` are the metric families it shows, `body` draws their results."""

    key: str
    path: str
    name: str
    title: str
    intro: str
    families: tuple[str, ...]
    body: Body


@dataclass(frozen=True, slots=True)
class InfoPage:
    """One page without metrics, whose layout its own events fill; one aside is linked at the navigation's foot."""

    key: str
    path: str
    name: str
    title: str
    intro: str
    layout: Element
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What a page is drawn from: facts, the days of the period that ends at their date, and where issues live.

    `asked` is what else the page's address says, by name, as it was written there.
    """

    facts: DeliveryFacts
    days: int
    sources: Sources
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ViewPage:
    """One page that draws the facts themselves rather than metrics."""

    key: str
    path: str
    name: str
    title: str
    intro: str
    body: Callable[[View], Element]


AnyPage = Page | ViewPage | InfoPage
