"""Write docs/metrics.md from the declared metrics, or with --check say whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from data.metric import Metric  # noqa: E402 - the path comes first
from data.metric_catalogue import family  # noqa: E402
from data.model import Reason, TeamRules  # noqa: E402

PAGE = ROOT / "docs" / "metrics.md"
BETTER = {"higher": "Higher is better.", "lower": "Lower is better.", None: "Neither direction is better by itself."}
HEAD = """# The metrics

This page is written by `python tools/write_metric_pages.py` from the declarations in `data/dora_calculator.py` and
`data/flow_calculator.py`; the same words stand on the page behind "How is this computed?". Edit them there.

Every value is for the last N days up to an instant, `as_of - N days < t <= as_of`, and stands beside the N days
before. The headline of a duration is the median; p50, p75, p85 and p95 stand beside it. Every value has a sample
size and, where there is something to estimate, a 95 % interval. Under five items it is marked as a low sample. What
cannot be known has no value and says why. The corner cases are in
[decision 6](decisions/0006-where-the-definitions-are-silent.md).
"""


def page() -> str:
    parts = [HEAD]
    for name, title in (("dora", "DORA"), ("flow", "Flow")):
        parts.append(f"\n## {title}\n")
        parts.extend(section(metric) for metric in family(name))
    parts.append("\n## Why an item is left out\n\n| reason | what it means |\n|---|---|\n")
    parts.extend(f"| `{reason}` | {reason.sentence} |\n" for reason in Reason)
    rules = TeamRules()
    parts.append(f"""
## Defaults that a team can change

| rule | default |
|---|---|
| time zone | {rules.timezone} (the Jira account's zone, once connected) |
| cancelling resolutions | {", ".join(sorted(rules.cancelled_resolutions))} |
| incident types | {", ".join(sorted(rules.incident_types))} |
| container types | {", ".join(sorted(rules.container_types))} |
| production environments | {", ".join(sorted(rules.production_environments))} |
| versions that are no releases | `{rules.version_exclude_pattern.replace("|", chr(92) + "|")}` |
| rework by name, label or type | `{rules.rework_pattern.replace("|", chr(92) + "|")}` |
| incident after deployment | within {rules.attribution_window_days:g} days |
""")
    return "".join(parts)


def section(metric: Metric) -> str:
    needs = ", ".join(metric.needs)
    return (
        f"\n### {metric.title}\n\n`{metric.key}`, in {metric.unit}. {BETTER[metric.better]} Needs {needs}.\n\n"
        f"{metric.definition}\n"
    )


def main(arguments: list[str]) -> int:
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if "--check" in arguments:
        print("docs/metrics.md is current" if current else "docs/metrics.md: run python tools/write_metric_pages.py")  # noqa: T201
        return 0 if current else 1
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
