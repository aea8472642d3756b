"""What the page says about a result in plain sentences: its change, its certainty, its sample, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from data.metric import MetricResult
from data.model import FlowKind, ResultStatus
from data.statistics import poisson_interval, wilson_interval
from ui.readings import NARROW, PER_CENT, count, decimal, read, read_range

ENOUGH_ITEMS = 5

KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        FlowKind.FEATURE: "Features",
        FlowKind.DEFECT: "Defects",
        FlowKind.RISK: "Risk",
        FlowKind.DEBT: "Debt",
        FlowKind.UNMAPPED: "Not mapped",
    }
)

SOURCE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "deployment_issues": "deployment issues in Jira",
        "releases": "released versions in Jira",
        "status_entry": "work entering a status that means deployed",
        "events": "deployments posted or imported",
    }
)

PRECISION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "day": "to the day: Jira gives releases a date without a time",
        "instant": "to the instant that Jira recorded",
    }
)

_SAMPLE_NOUNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "deployment_frequency": ("deployment", "deployments"),
        "lead_time": ("deployed change", "deployed changes"),
        "cfr": ("deployment", "deployments"),
        "mttr": ("recovered incident", "recovered incidents"),
        "rework_rate": ("deployment", "deployments"),
        "flow_velocity": ("finished item", "finished items"),
        "flow_time": ("finished item", "finished items"),
        "flow_efficiency": ("finished item", "finished items"),
        "flow_load": ("item in progress", "items in progress"),
        "flow_distribution": ("finished item", "finished items"),
    }
)

_DIRECTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "hours": ("longer", "shorter"),
        "deployments/day": ("more often", "less often"),
        "ratio": ("higher", "lower"),
        "items": ("more", "fewer"),
    }
)

_COUNTED: Mapping[str, str] = MappingProxyType({"cfr": "failed", "rework_rate": "were unplanned fixes"})


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """`direction` is up, down or level; `verdict` is better, worse, same or, when nobody can say, none.

    `certain` is false where the period before lies within the uncertainty of this one.
    """

    sentence: str
    direction: str
    verdict: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Advice:
    """Why there is no number, and what would bring one."""

    missing: str
    next_step: str


def sample_words(result: MetricResult, size: int | None = None) -> str:
    """The sample in words, `41 deployments`; of another `size` where one is given."""
    one, many = _SAMPLE_NOUNS.get(result["key"], ("item", "items"))
    return count(result["sample_size"] if size is None else size, one, many)


def ratio_words(result: MetricResult) -> str | None:
    """A ratio spelled out: `3 of 41 deployments failed`; None for values that are no ratio of counts."""
    counted = _COUNTED.get(result["key"])
    numerator, denominator = result["numerator"], result["denominator"]
    if counted is None or numerator is None or denominator is None:
        return None
    _, many = _SAMPLE_NOUNS[result["key"]]
    return f"{numerator:,.0f} of {denominator:,.0f} {many} {counted}"


def interval_words(result: MetricResult) -> str | None:
    interval = result["interval"]
    if not isinstance(interval, list):
        return None
    return f"Likely {read_range(interval[0], interval[1], result['unit'])} (95{NARROW}% interval)"


def change_words(result: MetricResult) -> ChangeWords:
    value, before = result["value"], result["previous"]["value"]
    span = _span_before(result)
    if isinstance(value, Mapping) and isinstance(before, Mapping):
        return _share_change(result, value, before)
    if not isinstance(value, float | int) or value is None:
        return ChangeWords("", "level", "none")
    if not isinstance(before, float | int):
        return ChangeWords(f"Nothing to compare with in {span}", "level", "none")
    if min(result["sample_size"], result["previous"]["sample_size"]) < ENOUGH_ITEMS:
        was = read(before, result["unit"]).text
        return ChangeWords(f"Too few items to judge the change; it was {was} in {span}", "level", "none")
    verdict = result["change"]["verdict"] or "none"
    if value == before:
        return ChangeWords(f"Same as {span}", "level", "same")
    direction = "up" if value > before else "down"
    intervals = ((result["interval"], before), (_interval_before(result, before), value))
    certain = not any(isinstance(bounds, list) and bounds[0] <= other <= bounds[1] for bounds, other in intervals)
    return ChangeWords(f"{_difference(result, value, before)} than {span}", direction, verdict, certain)


def _interval_before(result: MetricResult, before: float) -> list[float] | None:
    """The 95 % interval of the period before, where its value and sample tell it: ratios of counts, and counts."""
    sample = result["previous"]["sample_size"]
    match result["key"]:
        case "cfr" | "rework_rate":
            return wilson_interval(before * sample, sample)
        case "deployment_frequency":
            return [bound / result["period"]["days"] for bound in poisson_interval(sample)]
        case "flow_velocity":
            return poisson_interval(sample)
    return None


def advice(result: MetricResult) -> Advice:
    key, status = result["key"], result["status"]
    return _ADVICE.get((key, status)) or _ADVICE.get((result["family"], status)) or _ADVICE[("", status)]


def status_words(result: MetricResult) -> str | None:
    """A short badge for a result that is not simply a number; None when it is."""
    return _STATUS_BADGES.get(result["status"])


_BLAMED_BY = {
    "manual": "put down to it by hand",
    "linked": "a link names it as the cause",
    "version": "it names this version as affected",
    "window": "the last deployment before it",
}


def cause_words(causes: Sequence[Mapping[str, str]]) -> str:
    """Why a deployment counts as failed, given the incidents put down to it."""
    if not causes:
        return "marked as failed"
    told = (f"{cause['incident']} ({_BLAMED_BY[cause['by']]})" for cause in causes)
    return f"because of {', '.join(told)}"


def proxy_words(result: MetricResult) -> str | None:
    """The stand-in that was used, as a sentence; None where the thing itself was measured."""
    proxy = result["proxy"]
    if proxy is None:
        return None
    return _PROXIES.get(proxy, f"Stand-in used: {proxy}")


def _span_before(result: MetricResult) -> str:
    days = result["period"]["days"]
    return f"the {days} days before"


def _difference(result: MetricResult, value: float, before: float) -> str:
    more, less = _DIRECTIONS.get(result["unit"], ("higher", "lower"))
    word = more if value > before else less
    if result["unit"] == "ratio":
        points = decimal(abs(value - before) * 100)
        return f"{points}{NARROW}{'point' if points == '1' else 'points'} {word}"
    if before == 0:
        return f"{read(value, result['unit']).text} {word}"
    return f"{PER_CENT.of(abs(value - before) / abs(before)).text} {word}"


def _share_change(result: MetricResult, value: Mapping[str, float], before: Mapping[str, float]) -> ChangeWords:
    if min(result["sample_size"], result["previous"]["sample_size"]) < ENOUGH_ITEMS:
        return ChangeWords("Too few items to judge the change", "level", "none")
    moved = max(value, key=lambda kind: abs(value[kind] - before.get(kind, 0.0)))
    points = (value[moved] - before.get(moved, 0.0)) * 100
    if abs(points) < 0.05:
        return ChangeWords(f"Same as {_span_before(result)}", "level", "none")
    word, direction = ("more", "up") if points > 0 else ("less", "down")
    name = KIND_NAMES.get(moved, moved)
    size = decimal(abs(points))
    unit = "point" if size == "1" else "points"
    return ChangeWords(f"{name}: {size}{NARROW}{unit} {word} than {_span_before(result)}", direction, "none")


_STATUS_BADGES: Mapping[str, str] = MappingProxyType(
    {
        ResultStatus.LOW_SAMPLE: "Few items",
        ResultStatus.NO_DATA: "No data",
        ResultStatus.NOT_CONFIGURED: "Not set up",
        ResultStatus.NOT_MEASURABLE: "Not measurable",
    }
)

_PROXIES: Mapping[str, str] = MappingProxyType(
    {
        "start of work": "Counted from the start of work, because no commit time is mapped",
        "current status": "Some issues came without history; their current status was used",
    }
)

_ADVICE: Mapping[tuple[str, str], Advice] = MappingProxyType(
    {
        ("dora", ResultStatus.NOT_CONFIGURED): Advice(
            "Sightline does not know what a deployment looks like in this Jira.",
            "Mark project versions as released with a date, or map the field that holds the deployment date.",
        ),
        ("dora", ResultStatus.NO_DATA): Advice(
            "No deployment in this period carried anything to measure.",
            "Choose a longer period, or check that versions are marked as released with their date.",
        ),
        ("deployment_frequency", ResultStatus.NO_DATA): Advice(
            "A source of deployments is set up, but it holds none up to this date.",
            "Check that released versions carry a release date, or that deployment dates are filled in.",
        ),
        ("cfr", ResultStatus.NOT_CONFIGURED): Advice(
            "Nothing in this Jira could tell a failed deployment from a good one.",
            "Record incidents as their own issue type, or map the field that marks a failed change.",
        ),
        ("mttr", ResultStatus.NOT_CONFIGURED): Advice(
            "No incident is recorded in this Jira, so recovery cannot be timed.",
            "Record incidents as their own issue type, or tell Sightline which issues are incidents.",
        ),
        ("mttr", ResultStatus.NO_DATA): Advice(
            "No incident that a deployment caused was resolved in this period.",
            "Choose a longer period; open incidents and those without a known cause are listed in the explanation.",
        ),
        ("lead_time", ResultStatus.NOT_MEASURABLE): Advice(
            "Changes were deployed, but none of them shows when work on it began.",
            "Map the commit date, or fetch from a Jira that delivers the issues' history.",
        ),
        ("flow", ResultStatus.NO_DATA): Advice(
            "No work was finished in this period.",
            "Choose a longer period, or check that the query covers the team's projects.",
        ),
        ("flow_load", ResultStatus.NO_DATA): Advice(
            "The query returned no issues, so nothing can be in progress.",
            "Check that the query covers the team's projects.",
        ),
        ("flow_time", ResultStatus.NOT_MEASURABLE): Advice(
            "Work was finished, but nothing shows when it was started.",
            "Jira must deliver the issues' history, or a field with the start date must be mapped.",
        ),
        ("flow_efficiency", ResultStatus.NOT_MEASURABLE): Advice(
            "Waiting cannot be told from working here: no status is marked as waiting or blocked, and nothing was ever "
            "flagged.",
            "Name the waiting statuses (for example In review, Blocked) in the team's rules, or use Jira's flag.",
        ),
        ("", ResultStatus.NO_DATA): Advice(
            "There is nothing to measure in this period.",
            "Choose a longer period, or check that the query covers the team's projects.",
        ),
        ("", ResultStatus.NOT_CONFIGURED): Advice(
            "Sightline has not been told where to find this.",
            "Map the Jira fields that hold it.",
        ),
        ("", ResultStatus.NOT_MEASURABLE): Advice(
            "The issues of this period lack what this number needs.",
            "The explanation lists each issue with the reason it was left out.",
        ),
    }
)
