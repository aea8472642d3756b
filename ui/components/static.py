"""Markup without events, which is one component to Dash and to the browser, however much of it there is."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from ui.page import Element

_HTML = "dash.html."


class Static(Component):
    """Elements of HTML that no callback names or fills; `static.js` draws them.

    For every component that is there, the browser's part of Dash works whenever any component changes.
    """

    _namespace = "sightline"
    _type = "Static"

    def __init__(self, body: Element) -> None:
        self._prop_names = ["body"]
        self._valid_wildcard_attributes = []
        super().__init__()  # type: ignore[no-untyped-call]
        self.body = body
        self._drawn = _plain(body)

    def to_plotly_json(self) -> dict[str, Any]:
        return {"props": {"body": self._drawn}, "type": self._type, "namespace": self._namespace}


def _plain(part: Element) -> Any:
    if isinstance(part, list | tuple):
        return [_plain(inner) for inner in part]
    if not isinstance(part, Component):
        return part
    own = part.to_plotly_json()["props"]
    if not part.__module__.startswith(_HTML) or "id" in own or "n_clicks" in own:
        raise TypeError(f"{type(part).__name__} has events or an id, so it cannot be part of static markup")
    return {"tag": type(part).__name__.lower(), **own, "children": _plain(own.get("children"))}
