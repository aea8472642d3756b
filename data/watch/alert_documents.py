"""What is said about alerts: to the page and its API, and to the receiver of the posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypedDict

from data.model import iso_utc
from data.watch.alert_book import Book, Incident, What, key_of, standing_of
from data.watch.alert_metrics import ALERT_METRICS
from data.watch.alert_rules import Origin, Rule, RulesInForce

_SILENCE = timedelta(minutes=5)
_REMEMBERED = timedelta(days=7)


class RuleDocument(TypedDict):
    """`value` is what was measured, `threshold` the limit; both also as words."""

    name: str
    sentence: str
    metric: str
    comparison: str
    threshold: float
    threshold_words: str
    unit: str
    for_minutes: int
    over_minutes: int | None
    kind: str | None
    route: str | None
    state: str
    value: float | None
    value_words: str | None
    since: str
    is_on: bool


class AlertsDocument(TypedDict):
    rules: list[RuleDocument]
    origin: Origin
    incidents: list[Incident]
    problems: list[str]
    evaluated_at: str | None
    is_posted: bool


def document_of(book: Book, force: RulesInForce, now: datetime, *, is_posted: bool) -> AlertsDocument:
    return {
        "rules": [_rule_document(book, rule, now) for rule in force.rules],
        "origin": force.origin,
        "incidents": book["incidents"],
        "problems": [*map(str, force.mistakes), *_troubles(book, now)],
        "evaluated_at": book["evaluated_at"],
        "is_posted": is_posted,
    }


def message_of(incident: Incident, what: What) -> dict[str, Any]:
    """The body of a post. Whoever receives a key that is known has had the message already."""
    told = {name: value for name, value in incident.items() if name != "posted"}
    return {
        "type": f"alert.{what}",
        "idempotency_key": key_of(incident, what),
        "text": _beginning(incident) if what == "began" else _ending(incident),
        "incident": told if what == "ended" else told | {"ended": None, "why_ended": None},
    }


def _beginning(incident: Incident) -> str:
    began = f"It began at {_at(incident['began'])}; {_peak(incident, 'so far is')}."
    return f"{incident['rule']}: {incident['sentence']} {began}"


def _ending(incident: Incident) -> str:
    why = f" {incident['why_ended']}" if incident["why_ended"] else ""
    span = f"from {_at(incident['began'])} to {_at(incident['ended'] or incident['fired'])}"
    return f"{incident['rule']}: over. It lasted {span}; {_peak(incident, 'was')}.{why}"


def _at(instant: str) -> str:
    """For people, to the minute."""
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M} UTC"


def _peak(incident: Incident, words: str) -> str:
    return f"the worst value {words} {ALERT_METRICS[incident['metric']].shown(incident['peak'])}"


def _rule_document(book: Book, rule: Rule, now: datetime) -> RuleDocument:
    standing, about = standing_of(book, rule, now), rule.about
    return {
        "name": rule.name,
        "sentence": rule.sentence,
        "metric": rule.metric,
        "comparison": rule.comparison,
        "threshold": rule.value,
        "threshold_words": about.shown(rule.value),
        "unit": about.unit,
        "for_minutes": rule.for_minutes,
        "over_minutes": rule.over_minutes if about.spans else None,
        "kind": rule.kind,
        "route": rule.route,
        "state": standing.state,
        "value": standing.value,
        "value_words": None if standing.value is None else about.shown(standing.value),
        "since": iso_utc(standing.since),
        "is_on": standing.is_on,
    }


def _troubles(book: Book, now: datetime) -> Iterator[str]:
    """What keeps alerts from being seen or told, apart from mistakes in the rules."""
    looked = book["evaluated_at"]
    if looked is None:
        yield "No rule has been looked at yet; that begins with the first visit and goes on once a minute."
    elif now - datetime.fromisoformat(looked) > _SILENCE:
        yield f"No rule has been looked at since {looked}. Restart Sightline if that stays so."
    for incident in book["incidents"]:
        if now - datetime.fromisoformat(incident["fired"]) > _REMEMBERED:
            continue
        for what, post in incident["posted"].items():
            if post is not None and (post["state"] == "given up" or (post["state"] == "due" and post["tries"])):
                state = "will not be tried again" if post["state"] == "given up" else "is tried again"
                yield (
                    f"The receiver was not told that “{incident['rule']}” {what} ({post['reason']}); it {state}. "
                    "Check SIGHTLINE_ALERT_WEBHOOK_URL and the receiver."
                )
