"""What other rules would do to the numbers: each changed metric before and after, and the issues that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html

from data.config_version import RuleChange, rule_changes
from data.configuration_history import ConfigurationVersion
from data.what_if import Difference, Moved, Shifted, Side, WhatIf
from ui.components.block import folded
from ui.components.data_page import asking_button
from ui.components.issue_list import issue_link
from ui.components.static import Static
from ui.page import Element, Sources
from ui.readings import PER_CENT, count, decimal, read
from ui.rule_words import change_sentence
from ui.times import instant_words
from ui.wording import KIND_NAMES

AT_FIRST = 20
_NO_VALUE = {
    "no_data": "no value: nothing to measure",
    "not_configured": "no value: not set up",
    "not_measurable": "no value: what it needs is missing",
}
_PARTS = {"active_hours": "active", "hours": "in all", "age_hours": "old"}


def comparison(found: WhatIf, sources: Sources, *, days: int, demo: bool) -> Element:
    """Nothing here is saved; the button asks first, and the demo team has none."""
    differences = list(found["metrics"].values())
    changed = [html.Li(change_sentence(change)) for change in found["rules"]]
    sentence = (
        f"{count(len(differences), 'number')} of the last {count(days, 'day')} would change."
        if differences
        else f"No number of the last {count(days, 'day')} would change."
    )
    return html.Div(
        [
            html.P(sentence, className="state-sentence"),
            html.Ul(changed, className="plain-list"),
            html.Div([_difference(each, sources) for each in differences], className="differences"),
            _saving(demo=demo),
        ]
    )


def side_words(side: Side, unit: str) -> str:
    """A value in the unit that a person reads, or why there is none."""
    value = side["value"]
    if value is None:
        return _NO_VALUE.get(side["status"], "no value")
    if isinstance(value, Mapping):
        parts = (f"{KIND_NAMES.get(kind, kind)} {PER_CENT.of(part).text}" for kind, part in value.items() if part)
        return ", ".join(parts)
    return read(value, unit).text


def versions_list(versions: Sequence[ConfigurationVersion], timezone: str) -> Element:
    """The rules so far, the latest first, each with what it changed."""
    if not versions:
        return html.P("No version has been kept yet.")
    before = [None, *versions[:-1]]
    rows = [_version(old, new, timezone) for old, new in zip(before, versions, strict=True)]
    rows.reverse()
    return html.Div(_in_two(rows, "rule-versions"))


def _version(old: ConfigurationVersion | None, new: ConfigurationVersion, timezone: str) -> Element:
    changes: list[RuleChange] = []
    if old is not None:
        changes = rule_changes(old["rules"], new["rules"])
        changes += rule_changes(old["field_mappings"], new["field_mappings"])
    told = [html.Li(change_sentence(change)) for change in changes]
    return html.Li(
        [
            html.Strong(instant_words(datetime.fromisoformat(new["at"]), timezone)),
            f", version {new['version']}",
            html.Ul(told, className="plain-list") if told else html.P("The first rules that were kept."),
        ]
    )


def _saving(*, demo: bool) -> Element:
    if demo:
        return html.P("These rules can be tried, but the rules of the demo team are not saved.", className="small")
    return dmc.Group([asking_button("rules", "Save these rules")], mt="md")


def _difference(found: Difference, sources: Sources) -> Element:
    before, after = found["before"], found["after"]
    texts = side_words(before, found["unit"]), side_words(after, found["unit"])
    return dmc.Box(
        [
            dmc.Title(found["title"], order=3, className="metric-title"),
            html.Dl(
                [_side("Now", texts[0], before), _side("With the changed rules", texts[1], after)],
                className="sides",
            ),
            html.P(_same_words(found), className="small") if texts[0] == texts[1] else None,
            _moved("come in", found["moved_in"], found["moved_in_count"], sources),
            _moved("drop out", found["moved_out"], found["moved_out_count"], sources),
            _shifted(found["shifted"], found["shifted_count"], sources),
        ],
        className="difference",
        **{"data-difference": found["metric"]},
    )


def _side(name: str, text: str, side: Side) -> Element:
    return html.Div(
        [html.Dt(name), html.Dd([html.Strong(text), html.Span(f"from {side['sample_size']:,}", className="small")])]
    )


def _same_words(found: Difference) -> str:
    if found["before"]["trend"] != found["after"]["trend"]:
        return "The value reads the same, but weeks of its trend change."
    return "The value reads the same, but it rests on something else."


def _moved(what: str, moved: Sequence[Moved], total: int, sources: Sources) -> Element:
    rows = [
        html.Li(
            [issue_link(one["key"], sources.site_url), html.Span(_why(what, one), className="issue-told")],
        )
        for one in moved
    ]
    return _listed(what, rows, total)


def _why(what: str, one: Moved) -> str:
    reason = one["reason_sentence"]
    return f"Not counted before: {reason}" if what == "come in" else f"Not counted any more: {reason}"


def _shifted(shifted: Sequence[Shifted], total: int, sources: Sources) -> Element:
    rows = [
        html.Li(
            [
                issue_link(one["key"], sources.site_url),
                html.Span(_parts_changed(one["before"], one["after"]), className="issue-told"),
            ]
        )
        for one in shifted
    ]
    return _listed("count differently", rows, total)


def _parts_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = [name for name in after if before.get(name) != after[name]]
    return "; ".join(f"{_part(name, before.get(name))}, then {_part(name, after[name])}" for name in names)


def _part(name: str, value: Any) -> str:
    if name == "in_numerator":
        return "counted above the line" if value else "not counted above the line"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return KIND_NAMES.get(value, value)
    if name.endswith("hours"):
        return f"{read(value, 'hours').text} {_PARTS.get(name, '')}".strip()
    return f"{decimal(value)} {name.replace('_', ' ')}"


def _listed(what: str, rows: list[Element], total: int) -> Element:
    """The first rows, the rest folded away, and in words how many are not listed."""
    if not total:
        return None
    unlisted = html.P(f"{total - len(rows):,} more are not listed.", className="small") if total > len(rows) else None
    return folded(f"{total:,} {what}", html.Div([*_in_two(rows, "issues"), unlisted]))


def _in_two(rows: list[Element], class_name: str) -> list[Element]:
    first, rest = (Static(html.Ul(part, className=class_name)) for part in (rows[:AT_FIRST], rows[AT_FIRST:]))
    return [first, folded(f"{len(rows) - AT_FIRST} more", rest)] if len(rows) > AT_FIRST else [first]
