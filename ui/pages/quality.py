"""What the numbers cannot see: how far each may be trusted, and every finding with its cure."""

from __future__ import annotations

from dash import html

from data.data_quality import find_all
from data.facts import DeliveryFacts
from data.metric import Metric
from data.metric_catalogue import METRICS
from data.trust import Trust, trust_in
from ui.components.quality import clean_block, finding_block, found_line, trust_block
from ui.page import Element, View, ViewPage


def quality_body(view: View) -> Element:
    findings = find_all(view.facts)
    trusts = [(declared, _trust(declared, view.facts, view.days)) for declared in METRICS]
    parts = [finding_block(finding, view.sources) for finding in findings]
    told = [found_line(findings), *parts] if findings else [clean_block(view.facts.count)]
    return html.Div([trust_block(trusts), *told], className="panels quality-page")


def _trust(declared: Metric, facts: DeliveryFacts, days: int) -> Trust:
    found = declared.gauge(facts, days)
    return trust_in(declared.key, facts, period=found.period, sample=found.sample, figures=found.figures)


QUALITY = ViewPage(
    key="quality",
    path="/quality",
    name="Data quality",
    title="Data quality",
    intro="What is odd or missing in the data, what to do about it, and how far it could move the numbers.",
    body=quality_body,
)
