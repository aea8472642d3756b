"""Under which name a request or a callback is measured: few names, and a person can tell what each is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dash

from data.watch.labels import UNKNOWN

CALLBACKS_PATH = "/_dash-update-component"
OWN_IDS = "watch-"
"""The ids of the page that shows the measurements; looking at them is not measured."""
_CATCH_ALL = "/<path:path>"


def route_label(rule: str | None, path: str) -> str:
    """The rule that the address fits. One rule takes all addresses; those of pages have names, the others one."""
    if rule != _CATCH_ALL:
        return rule or UNKNOWN
    return path if any(page["path"] == path for page in dash.page_registry.values()) else UNKNOWN


def readable_id(identity: str) -> str:
    """The id of a component; of a pattern its type, and in brackets what varies."""
    if not identity.startswith("{"):
        return identity
    parts = json.loads(identity)
    varying = ", ".join(name for name in parts if name != "type")
    return f"{parts.get('type', '')}[{varying}]"


class CallbackLabels:
    """The names of an application's callbacks: the first output and how many more there are.

    Where that is the same for two, what sets the callback off is added. None for callbacks of the page that shows the
    measurements.
    """

    def __init__(self, callback_map: Callable[[], Mapping[str, Any]]) -> None:
        self._callback_map = callback_map
        self._labels: dict[str, str | None] = {}

    def of(self, output: str | None) -> str | None:
        """The name of the callback with these outputs, which are as the browser calls them."""
        if output is None:
            return UNKNOWN
        if output not in self._labels:
            self._labels = dict(_named(self._callback_map()))
        return self._labels.get(output, UNKNOWN)


def _named(callback_map: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    taken: set[str] = set()
    for output, callback in callback_map.items():
        if "callback" not in callback:
            continue  # it runs in the browser
        ids = [one.rpartition(".")[0] for one in output.strip(".").split("...")] if "." in output else []
        if ids and all(readable_id(one).startswith(OWN_IDS) for one in ids):
            yield output, None
            continue
        label = _unlike(taken, _first_output(output), _first_input(callback))
        taken.add(label)
        yield output, label


def _first_output(output: str) -> str:
    if "." not in output:
        return "no output"
    first, *others = output.strip(".").split("...")
    identity, _, name = first.rpartition(".")
    return f"{readable_id(identity)}.{name.partition('@')[0]}" + (f" +{len(others)}" if others else "")


def _first_input(callback: Mapping[str, Any]) -> str:
    inputs = callback.get("inputs") or [{"id": "nothing", "property": ""}]
    return f"{readable_id(inputs[0]['id'])}.{inputs[0]['property']}"


def _unlike(taken: set[str], label: str, origin: str) -> str:
    if label not in taken and label != "no output":
        return label
    label = f"{label}, by {origin}"
    number = 2
    while label in taken:
        label = f"{label.partition(' #')[0]} #{number}"
        number += 1
    return label
