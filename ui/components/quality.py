"""The findings about the data in words: what each means, what to do, whom it concerns, how far it moves the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html

from data.data_quality import CHECKS, Finding
from data.finding_effects import Effect, FindingEffects
from data.metric import Metric
from data.metric_catalogue import METRICS
from data.trust import Trust
from ui import ids
from ui.components.block import Table, folded, table_of
from ui.components.issue_list import Listing, issue_rows
from ui.components.trust import trust_mark
from ui.page import Element, Sources, aria
from ui.readings import PER_CENT, count, decimal, read
from ui.wording import KIND_NAMES

FIRST_KEYS = 20
_SEVERITIES = {"warning": ("Warning", "tone-warn"), "info": ("Note", "tone-calm")}
_NO_VALUE = "no value"
_SAME = 1e-9
Value = float | dict[str, float] | None


def trust_block(trusts: Sequence[tuple[Metric, Trust]]) -> Element:
    rows = [
        html.Li([html.Span(declared.title, className="trust-name"), trust_mark(trust) or _without_trust(trust)])
        for declared, trust in trusts
    ]
    return _card(
        [
            dmc.Title("How far may each number be trusted?", order=2, className="metric-title block-title"),
            html.P("In the chosen period. Each level opens to its reasons.", className="block-sentence"),
            html.Ul(rows, className="trust-list"),
        ]
    )


def _without_trust(trust: Trust) -> Element:
    return html.Span(" ".join(trust["because"]), className="small")


def clean_block(issues: int) -> Element:
    """Says what was looked at, so that nothing found is not taken for nothing looked for."""
    if not issues:
        return _card(html.P("There is no issue to look at. Choose less narrow filters, or read Jira."))
    return _card(
        html.P(
            html.Span(
                f"Nothing was found that the numbers cannot see: {len(CHECKS)} checks over {count(issues, 'issue')}.",
                className="verdict tone-good",
            )
        )
    )


def found_line(findings: Sequence[Finding]) -> Element:
    grave = sum(finding["severity"] == "warning" for finding in findings)
    return html.P(
        f"{count(grave, 'warning')} and {count(len(findings) - grave, 'note')}, gravest first.", className="found-line"
    )


def finding_block(finding: Finding, sources: Sources) -> Element:
    name, tone = _SEVERITIES[finding["severity"]]
    code = finding["code"]
    title = code.replace("_", " ").capitalize()
    return _card(
        [
            dmc.Group(
                [
                    dmc.Title(title, order=2, className="metric-title block-title"),
                    html.Span(f"{name}: {finding['count']:,}", className=f"verdict {tone}"),
                ],
                justify="space-between",
                gap="xs",
            ),
            html.P(finding["message"], className="block-sentence"),
            html.P([html.Strong("What to do: "), finding["advice"]], className="finding-step"),
            html.P(f"Bears on: {_bears_on(code)}.", className="small"),
            _concerned(finding, sources),
            dmc.Button(
                "How far does it move the numbers?",
                id=ids.effects_button(code),
                n_clicks=0,
                variant="default",
                size="compact-sm",
                className="effects-button",
                **aria(label=f"How far does it move the numbers? {title}"),
            ),
            html.Div(id=ids.effects(code), role="status"),
        ]
    )


def _bears_on(code: str) -> str:
    concerns = CHECKS[code].concerns
    return ", ".join(metric.title for metric in METRICS if metric.key in concerns)


def _concerned(finding: Finding, sources: Sources) -> Element:
    are_issues = CHECKS[finding["code"]].kind == "issue"
    keys, shown = finding["keys"], finding["keys"][:FIRST_KEYS]
    rest = keys[FIRST_KEYS:]
    unlisted = finding["count"] - len(keys)
    more = html.P(f"And {unlisted:,} more that are not listed.", className="small") if unlisted else None
    return html.Div(
        [
            _rows(shown, sources, are_issues=are_issues),
            folded(f"Show {len(rest):,} more", html.Div([_rows(rest, sources, are_issues=are_issues), more]))
            if rest
            else None,
        ]
    )


def _rows(keys: Sequence[str], sources: Sources, *, are_issues: bool) -> Element:
    return issue_rows(Listing(keys, are_issues), sources, search="", limit=len(keys)) if keys else None


def effects_words(found: FindingEffects) -> Element:
    """The numbers that move under the other reading of a finding, and those that do not."""
    if not found["effects"]:
        return html.P("That cannot be told: nothing else can be read from what Jira delivered.", className="effects")
    moved = {key: effect for key, effect in found["effects"].items() if _moves(effect)}
    titles = {metric.key: metric.title for metric in METRICS}
    still = [titles[key] for key in found["effects"] if key not in moved]
    if not moved:
        return html.P(f"If {found['reading']}, no number of the chosen period would change.", className="effects")
    rows = [row for key, effect in moved.items() for row in _effect_rows(key, effect)]
    sentence = f"If {found['reading']}, {count(len(moved), 'number')} of the chosen period would change."
    return html.Div(
        [
            html.P(sentence, className="block-sentence"),
            table_of(Table(f"If {found['reading']}", ("Number", "Now", "Then", "Difference"), rows)),
            html.P(f"Would not change: {', '.join(still)}.", className="small") if still else None,
        ],
        className="effects",
    )


def _moves(effect: Effect) -> bool:
    now, then = effect["value_now"], effect["value_if"]
    if isinstance(now, Mapping) and isinstance(then, Mapping):
        return any(_differ(now.get(kind, 0.0), then.get(kind, 0.0)) for kind in now.keys() | then.keys())
    return _differ(now, then)


def _differ(now: Value, then: Value) -> bool:
    if isinstance(now, float | int) and isinstance(then, float | int):
        return abs(now - then) > _SAME * max(1.0, abs(now), abs(then))
    return now != then


def _effect_rows(key: str, effect: Effect) -> list[tuple[str, str, str, str]]:
    declared = next(metric for metric in METRICS if metric.key == key)
    now, then = effect["value_now"], effect["value_if"]
    if not isinstance(now, Mapping) and not isinstance(then, Mapping):
        return [(declared.title, *_compared(now, then, declared.unit))]
    before, after = (value if isinstance(value, Mapping) else {} for value in (now, then))
    return [
        (f"{declared.title}: {KIND_NAMES.get(kind, kind)}", *_compared(before.get(kind), after.get(kind), "share"))
        for kind in {**before, **after}
        if _differ(before.get(kind), after.get(kind))
    ]


def _compared(now: float | None, then: float | None, unit: str) -> tuple[str, str, str]:
    texts = [_NO_VALUE if value is None else read(value, unit).text for value in (now, then)]
    if now is None or then is None:
        return texts[0], texts[1], ""
    sign = "+" if then > now else "\N{MINUS SIGN}"
    size = abs(then - now)
    words = f"{decimal(size / PER_CENT.divisor)} points" if unit in {"ratio", "share"} else read(size, unit).text
    return texts[0], texts[1], sign + words


def _card(parts: Element) -> Element:
    return dmc.Card(parts, withBorder=True, padding="md", className="metric-panel block finding")
