"""The answer to "How is this computed?": definition, arithmetic, sources, rules, and every issue in or out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import dash_mantine_components as dmc
from dash import html

from data.benchmarks import ALL
from data.metric import MetricResult
from data.model import Reason, TeamRules
from ui import ids
from ui.components.benchmark import benchmark_section
from ui.components.filter_bar import filter_note
from ui.components.issue_list import Listing, Told, issue_group
from ui.components.metric_summary import change_line, headline
from ui.filter_choice import NOTHING_CHOSEN, Choice
from ui.page import Element, Sources
from ui.readings import count, read
from ui.times import instant_words
from ui.wording import (
    PRECISION_NAMES,
    SOURCE_NAMES,
    cause_words,
    interval_words,
    proxy_words,
    ratio_words,
    sample_words,
)

Line = tuple[str, str]

INCLUDED = "included"
NUMERATOR = "numerator"

# Under which of the alternatives the ages of a group's members are.
_AGES = {INCLUDED: "age_hours", Reason.UNRESOLVED: "open_incidents"}
_ALTERNATIVES = {
    "share_of_days_with_one": ("Days with a deployment", "ratio"),
    "all_incidents": ("Over all incidents, whatever the cause", "hours"),
}
_NUMERATOR_TITLES = {"cfr": "Deployments that failed", "rework_rate": "Deployments that were unplanned fixes"}


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Of which part of the work a number is, and as it was known at the end of which day; empty for now."""

    choice: Choice = NOTHING_CHOSEN
    day: str = ""

    @property
    def query(self) -> str:
        """The same as a part of an address."""
        return "&".join(filter(None, [f"as_of={self.day}" if self.day else "", self.choice.query]))


def _nothing_told(_keys: Sequence[str]) -> Mapping[str, str]:
    return {}


def explanation(
    result: MetricResult,
    rules: TeamRules,
    sources: Sources,
    *,
    rule: Sequence[str] = (),
    told: Told = _nothing_told,
    looked_at: LookedAt = LookedAt(),
    group: str = ALL,
) -> Element:
    """`rule` says the definition with the team's own settings, `told` what single issues rest on.

    `group` is whom the benchmark compares with.
    """
    return html.Div(
        [
            filter_note(looked_at.choice),
            html.Div(_paragraphs(result["definition"]), className="definition"),
            _why_box(),
            _section("The value", [headline(result), change_line(result), _facts(_value_lines(result))]),
            _section("What the number cannot see", _findings(result)),
            _section(
                "The rule, with the team's settings", html.Ul([html.Li(line) for line in rule], className="plain-list")
            ),
            _section("What is in and what is out", [_groups(result, sources, told), _downloads(result, looked_at)]),
            _section("Where it comes from", _facts(_source_lines(result, rules))),
            _section("Benchmark", benchmark_section(result, group)),
        ],
        className="explanation",
    )


def _why_box() -> Element:
    return html.Div(
        [
            dmc.TextInput(
                id=ids.WHY_KEY,
                label="Why is an issue in this number, or not?",
                placeholder="Its key, such as ABC-17",
                value="",
                debounce=300,
                size="sm",
            ),
            html.P(id=ids.WHY_ANSWER, className="why-answer", role="status"),
        ],
        className="why",
    )


def _downloads(result: MetricResult, looked_at: LookedAt) -> Element:
    """All candidates with what each rests on, as files."""
    address = f"/provenance/{result['key']}"
    asked = "&".join(filter(None, [f"days={result['period']['days']}", looked_at.query]))
    links = [
        html.A(f"Download as {name}", href=f"{address}.{ending}?{asked}", download="", className="download")
        for name, ending in (("CSV", "csv"), ("JSON", "json"))
    ]
    return html.P(links, className="downloads")


def listing(result: MetricResult, group: str, told: Told = _nothing_told) -> Listing:
    """One list of the explanation by its group's name, ages beside the keys that have one, oldest first."""
    if group == INCLUDED:
        keys = result["included"]
    elif group == NUMERATOR:
        keys = result["numerator_items"]
    else:
        keys = result["excluded"].get(group, [])
    ages = result["alternatives"].get(_AGES.get(group, ""), {})
    if ages:
        keys = sorted(keys, key=lambda key: ages.get(key, 0.0), reverse=True)
    notes = {key: f"{read(ages[key], 'hours').text} old" for key in keys if key in ages}
    if group == NUMERATOR:
        notes |= {key: cause_words(found) for key, found in result["alternatives"].get("failure_causes", {}).items()}
    return Listing(keys, result["item_kind"] == "issues", notes, told)


def _section(title: str, body: Element) -> Element:
    if not body:
        return None
    return html.Section([dmc.Title(title, order=3, className="section-title"), html.Div(body)])


def _paragraphs(text: str) -> list[Element]:
    return [html.P(" ".join(block.split())) for block in text.split("\n\n") if block.strip()]


def _facts(lines: Sequence[Line]) -> Element:
    if not lines:
        return None
    return html.Dl([part for name, text in lines for part in (html.Dt(name), html.Dd(text))], className="facts")


def _value_lines(result: MetricResult) -> list[Line]:
    lines: list[Line] = []
    spelt = ratio_words(result)
    if spelt:
        lines.append(("Spelled out", spelt))
    elif result["numerator"] is not None and result["denominator"] is not None:
        lines.append(("Spelled out", _division(result, result["numerator"], result["denominator"])))
    lines.append(("Sample", sample_words(result)))
    certainty = interval_words(result)
    if certainty:
        lines.append(("Certainty", certainty))
    for name, value in result["percentiles"].items():
        lines.append((f"{name.removeprefix('p')} % took no longer than", read(value, result["unit"]).text))
    before = result["previous"]
    if isinstance(before["value"], float | int):
        sample = sample_words(result, before["sample_size"])
        lines.append(("Period before", f"{read(before['value'], result['unit']).text}, from {sample}"))
    return lines + _alternative_lines(result)


def _division(result: MetricResult, numerator: float, denominator: float) -> str:
    if result["key"] == "flow_efficiency":
        return f"{read(numerator, 'hours').text} of work in {read(denominator, 'hours').text} of flow time"
    if result["unit"] == "deployments/day":
        return f"{count(round(numerator), 'deployment')} in {count(round(denominator), 'day')}"
    return f"{numerator:,g} of {denominator:,g}"


def _source_lines(result: MetricResult, rules: TeamRules) -> list[Line]:
    zone = rules.timezone
    start, end = (instant_words(datetime.fromisoformat(result["period"][side]), zone) for side in ("start", "end"))
    lines = [("Period", f"after {start}, up to {end}"), ("As of", instant_words(_instant(result["as_of"]), zone))]
    source, precision, proxy = result["source"], result["precision"], proxy_words(result)
    if source:
        lines.append(("Deployments", SOURCE_NAMES.get(source, source)))
    if precision:
        lines.append(("Precise", PRECISION_NAMES.get(precision, precision)))
    if proxy:
        lines.append(("Stand-in", proxy))
    lines.append(("Version of the rules", result["config_version"]))
    return lines


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _findings(result: MetricResult) -> list[Element]:
    return [
        html.P(
            [
                html.Strong("Warning: " if finding["severity"] == "warning" else "Note: "),
                finding["message"],
                f" ({', '.join(finding['keys'][:10])}{' and more' if len(finding['keys']) > 10 else ''})"
                if finding["keys"]
                else None,
                html.Span([html.Strong("What to do: "), finding["advice"]], className="finding-advice"),
            ]
        )
        for finding in result["findings"]
    ]


def _alternative_lines(result: MetricResult) -> list[Line]:
    lines = []
    for name, found in result["alternatives"].items():
        title, unit = _ALTERNATIVES.get(name, (name.replace("_", " ").capitalize(), result["unit"]))
        if isinstance(found, float | int):
            lines.append((title, read(found, unit).text))
        elif isinstance(found, Mapping) and isinstance(found.get("value"), float | int):
            lines.append((title, f"{read(found['value'], unit).text}, from {found['sample_size']:,}"))
    return lines


def _groups(result: MetricResult, sources: Sources, told: Told) -> Element:
    groups = [
        (NUMERATOR, _NUMERATOR_TITLES.get(result["key"], "Counted above the line"), None),
        (INCLUDED, "Included", None),
        *((reason, f"Left out: {reason.replace('_', ' ')}", Reason(reason).sentence) for reason in result["excluded"]),
    ]
    lists = {group: listing(result, group, told) for group, _, _ in groups}
    items = [
        dmc.AccordionItem(
            [
                dmc.AccordionControl(f"{title} ({len(lists[group].keys):,})"),
                dmc.AccordionPanel(
                    [
                        html.P(sentence, className="reason") if sentence else None,
                        issue_group(group, lists[group], sources),
                    ]
                ),
            ],
            value=group,
        )
        for group, title, sentence in groups
        if lists[group].keys
    ]
    if not items:
        return html.P("There is no candidate at all for this number.")
    return dmc.Accordion(items, multiple=True, value=[items[0].value], variant="separated", order=4)
