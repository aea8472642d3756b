"""Alerts: what is on right now, how every rule stands, which incidents there were and who was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import dash_mantine_components as dmc
from dash import html

from data.watch.alert_book import Incident, Post
from data.watch.alert_documents import AlertsDocument, RuleDocument
from data.watch.alert_metrics import ALERT_METRICS
from ui.components.block import Table, folded
from ui.components.performance.section import downloads, mark, nothing, watch_table
from ui.page import Element
from ui.performance_words import NOTHING
from ui.readings import count
from ui.times import duration_words, moment_words

INCIDENTS_SHOWN = 10
_STATES = {
    "firing": ("firing", "bad"),
    "pending": ("limit broken", "warn"),
    "ok": ("fine", "good"),
    "no_data": ("not known", "calm"),
}
_ORDER = tuple(_STATES)
_LOUD = {"firing", "pending"}
_ORIGINS = {
    "file": "The rules are those of alert_rules.json.",
    "last good": "The file alert_rules.json has mistakes: the rules are those it had before.",
    "built in": "The rules are the built-in ones; a file alert_rules.json beside app_settings.json would replace them.",
}
_POSTED = {
    "not configured": "nobody is told",
    "due": "being told",
    "posted": "told",
    "given up": "could not be told",
}


def firing(found: AlertsDocument) -> list[RuleDocument]:
    return [rule for rule in found["rules"] if rule["is_on"]]


def alarm(found: AlertsDocument, timezone: str) -> Element:
    """What is on right now, before everything else on the page; nothing where all is quiet."""
    on = firing(found)
    if not on:
        return None
    lines = [
        html.Li(
            [
                html.Strong(f"{rule['name']}: "),
                f"now {rule['value_words'] or 'not known'}, the limit is {rule['threshold_words']}",
                f", since {_moment(rule['since'], timezone)}.",
            ]
        )
        for rule in on
    ]
    title = f"{count(len(on), 'alert')} firing"
    body = html.Ul(lines, className="plain")
    return dmc.Alert(body, title=title, color="red", variant="light", className="failure alarm")


def alerts(found: AlertsDocument, timezone: str) -> Element:
    rules = sorted(found["rules"], key=lambda rule: _ORDER.index(rule["state"]))
    loud = [rule for rule in rules if rule["is_on"] or rule["state"] in _LOUD]
    quiet = [rule for rule in rules if rule not in loud]
    told = "Each incident is posted once to the address that was configured." if found["is_posted"] else _NOBODY
    return [
        *(html.P(problem, className="trouble") for problem in found["problems"]),
        _rules(loud) if loud else nothing(_quiet_words(rules)),
        folded(f"{count(len(quiet), 'rule')} at rest", _rules(quiet)) if quiet else None,
        html.P(f"{_ORIGINS[found['origin']]} {told}", className="small"),
        html.H3("Incidents", className="watch-subtitle"),
        _incidents(found["incidents"], timezone),
        downloads("alerts", "the alerts"),
    ]


_NOBODY = "Nobody is told: SIGHTLINE_ALERT_WEBHOOK_URL is not set."


def _quiet_words(rules: Sequence[RuleDocument]) -> str:
    if not rules:
        return "There are no rules, so nothing can fire."
    unknown = sum(rule["state"] == "no_data" for rule in rules)
    if unknown == len(rules):
        return "Nothing fires; too little was measured to tell whether anything should."
    return "Nothing fires." + (f" Of {count(unknown, 'rule')} nothing is known at the moment." if unknown else "")


def _rules(rules: Sequence[RuleDocument]) -> Element:
    return html.Ul([_rule(rule) for rule in rules], className="alert-rules")


def _rule(rule: RuleDocument) -> Element:
    word, tone = _STATES[rule["state"]]
    now = f"Now: {rule['value_words']}." if rule["value_words"] else "Now: too little was measured to tell."
    return html.Li(
        [
            html.P(
                [html.Span(rule["name"], className="part-name"), html.Span(mark(word, tone), className="age-text")],
                className="age-head",
            ),
            html.P(f"{rule['sentence']} {now}", className="small"),
        ]
    )


def _incidents(incidents: Sequence[Incident], timezone: str) -> Element:
    if not incidents:
        return nothing("There were none.")
    names = ("Alert", "Began", "Lasted", "Worst", "Told")
    rows = [_incident(incident, timezone) for incident in incidents[:INCIDENTS_SHOWN]]
    return watch_table(Table(f"Incidents, newest first, times in {timezone}", names, rows))


def _incident(incident: Incident, timezone: str) -> list[Element]:
    ended, why = incident["ended"], incident["why_ended"]
    lasted: Element = mark("still on", "bad")
    if ended is not None:
        lasted = duration_words((_instant(ended) - _instant(incident["began"])).total_seconds())
    return [
        html.Span([incident["rule"], html.Span(f" {why}", className="small") if why else None]),
        _moment(incident["began"], timezone),
        lasted,
        ALERT_METRICS[incident["metric"]].shown(incident["peak"]),
        _told(incident["posted"]["began"]),
    ]


def _told(post: Post | None) -> str:
    return _POSTED[post["state"]] if post is not None else NOTHING


def _moment(at: str, timezone: str) -> str:
    return moment_words(_instant(at), timezone)


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at)
