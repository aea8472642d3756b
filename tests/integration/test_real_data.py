"""Real Jira data, when a folder of it is given: every metric equals the reference on it, field by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.metric_catalogue import METRICS
from tests.reference.catalogue import REFERENCES
from tests.reference.comparison import differences
from tests.reference.results import change_of
from tests.strategies import Case

pytestmark = pytest.mark.real_data


def server_without_history(folder: Path) -> Case:
    """A product of many years from a server that delivers no changelog."""
    lines = (folder / "aloy" / "issues.jsonl").read_text(encoding="utf-8").splitlines()
    project = json.loads((folder / "aloy" / "project.json").read_text(encoding="utf-8"))
    issues = [json.loads(line) for line in lines]
    return Case(issues, {}, 90, datetime(2013, 7, 1, tzinfo=UTC), versions=project["versions"])


def cloud_with_history(folder: Path) -> Case:
    """A few issues of a Cloud site with their changelogs, some of them recorded twice."""
    issues = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("sp/**/SP-*.json"))]
    statuses = json.loads((folder / "sp" / "testdata" / "sample_statuses.json").read_text(encoding="utf-8"))
    return Case(issues, {}, 365, datetime(2022, 5, 1, tzinfo=UTC), statuses=statuses)


@pytest.mark.parametrize("team", [server_without_history, cloud_with_history])
def test_every_metric_equals_the_reference(
    team: Callable[[Path], Case],
    real_jira: Path,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = team(real_jira)
    disagreements = {}
    table = [f"{team.__name__}, {len(case.issues)} records, {case.days} days to {case.as_of:%Y-%m-%d}"]
    for metric in METRICS:
        fast, slow = case.call(metric), case.call(REFERENCES[metric.key])
        slow["change"] = change_of(slow, metric.better)
        table.append(f"  {metric.key:21} {_brief(fast):42} reference {_brief(slow)}")
        found = differences(fast, slow)
        if found:
            disagreements[metric.key] = found
    reporter: Any = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    with capsys.disabled():
        reporter.write_line("\n" + "\n".join(table))
    assert not disagreements


def _brief(result: Any) -> str:
    value = result["value"]
    if isinstance(value, dict):
        shown = " ".join(f"{kind[:3]} {share:.3f}" for kind, share in value.items() if share)
    else:
        shown = "-" if value is None else f"{value:.6g}"
    return f"{shown}, n {result['sample_size']}, {result['status']}"
