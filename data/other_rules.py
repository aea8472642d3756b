"""The same history under other rules of the team, without reading Jira's JSON again where the columns suffice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np

from data.config_version import plain
from data.history import DeliveryHistory
from data.model import TeamRules
from data.reading.statuses import statuses_under

READ_AGAIN = frozenset(
    {
        "timezone",
        "cancelled_resolutions",
        "flow_kinds",
        "container_types",
        "include_subtasks",
        "production_environments",
        "rework_pattern",
        "incident_types",
        "incident_any",
        "incident_all",
        "causing_links",
    }
)
"""The rules that decide what is read from an issue, so that a change needs the issues themselves."""

Reader = Callable[[TeamRules], DeliveryHistory]


def changed_names(before: TeamRules, after: TeamRules) -> set[str]:
    """The rules that say something else."""
    names = (rule.name for rule in fields(TeamRules))
    return {name for name in names if plain(getattr(before, name)) != plain(getattr(after, name))}


def history_under(history: DeliveryHistory, rules: TeamRules, read_again: Reader | None = None) -> DeliveryHistory:
    """The history as these rules read it. `read_again` reads the issues anew, for the rules in `READ_AGAIN`."""
    needed = sorted(changed_names(history.rules, rules) & READ_AGAIN)
    if needed and read_again is None:
        raise ValueError(f"{needed[0]} decides what is read from an issue: give read_again to try another value")
    if needed and read_again is not None:
        return read_again(rules)
    statuses, versions = history.statuses, history.versions
    no_release = re.compile(rules.version_exclude_pattern)
    releases = np.array([no_release.search(name) is None for name in versions.names], dtype=np.bool_)
    return replace(
        history,
        rules=rules,
        statuses=statuses_under(rules, statuses.ids, statuses.names, statuses.listed),
        versions=replace(versions, is_release=releases),
    )
