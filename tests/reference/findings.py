"""A finding counted issue by issue: done work without a resolution, where others of its sort have one."""

from __future__ import annotations

from collections import defaultdict

from data.model import StatusCategory
from tests.reference.instants import read_instant
from tests.reference.issues import Item
from tests.reference.roles import is_flow_item, type_name
from tests.reference.world import World


def _has_resolution(world: World, item: Item) -> bool:
    if item.resolutions:
        return bool((item.resolution(world.as_of) or "").strip())
    decided = read_instant(item.fields.get("resolutiondate"))
    if decided is not None:
        return decided <= world.as_of or not item.has_history
    current = item.fields.get("resolution")
    name = current.get("name") if isinstance(current, dict) else current
    return isinstance(name, str) and bool(name.strip())


def _sort_of_work(item: Item) -> tuple[str, str]:
    project = item.fields.get("project")
    return str(project.get("id") or "") if isinstance(project, dict) else "", type_name(item)


def reference_done_without_resolution(world: World) -> list[str]:
    """The labels of the issues, in the order of identity; a tenth of the done work of their sort has a resolution."""
    done = defaultdict(list)
    for item in sorted(world.items, key=lambda item: item.order):
        if item.created is None or item.created > world.as_of or not is_flow_item(item):
            continue
        if not item.is_cancelled(world.as_of) and item.category(world.as_of) == StatusCategory.DONE:
            done[_sort_of_work(item)].append(item)
    without = []
    for items in done.values():
        bare = [item for item in items if not _has_resolution(world, item)]
        if (len(items) - len(bare)) / len(items) >= 0.1:
            without += bare
    return [item.label for item in sorted(without, key=lambda item: item.order)]
