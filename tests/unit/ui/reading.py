"""Reads components as a person would: their words, their classes, their ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def parts(component: Any) -> Iterator[Component]:
    """The component and all that is inside it, depth first."""
    if isinstance(component, list | tuple):
        for inner in component:
            yield from parts(inner)
    elif isinstance(component, Component):
        yield component
        for name in ("title", "label", "children", "body"):
            yield from parts(getattr(component, name, None))


def words(component: Any) -> str:
    """All text in reading order, with one space for every gap."""
    return " ".join(" ".join(_texts(component)).replace("\N{NO-BREAK SPACE}", " ").split())


def _texts(component: Any) -> Iterator[str]:
    if isinstance(component, str | int | float) and not isinstance(component, bool):
        yield str(component)
    elif isinstance(component, list | tuple):
        for inner in component:
            yield from _texts(inner)
    elif isinstance(component, Component):
        for name in ("title", "label", "children", "body"):
            yield from _texts(getattr(component, name, None))


def with_class(component: Any, name: str) -> list[Component]:
    return [part for part in parts(component) if name in (getattr(part, "className", None) or "").split()]


def of_kind(component: Any, kind: str) -> list[Component]:
    return [part for part in parts(component) if part._type == kind]
