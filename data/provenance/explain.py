"""Why a certain issue is, or is not, in a certain number: one sentence that a manager understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from data.deployments import read_deployments
from data.facts import DeliveryFacts, facts_as_of
from data.history import MISSING, DeliveryHistory
from data.incidents import deployment_names, read_incidents
from data.metric import Measurement, Metric
from data.model import Period, Reason
from data.performance_utils import microseconds, parse_instant
from data.provenance.candidates import Candidates, candidates_of, contributions, evidence_of
from data.provenance.evidence import Evidence
from data.words import counted, duration, ordinal, share, when

_ADDRESS = re.compile(r"https?://\S*/browse/([^/?#\s]+)")
_CONFIDENCES: Mapping[str, str] = MappingProxyType(
    {
        "linked": "which a link names as the cause",
        "version": "which it names as the affected version",
        "window": "the last deployment before it",
        "manual": "as somebody has put it",
    }
)
_ORIGINS: Mapping[str, str] = MappingProxyType(
    {
        "transition": "when it entered {detail}",
        "creation": "when it was created",
        "field": "by {detail}",
        "resolution_date": "by its resolution date",
        "current_status": "as its status {detail} says",
        "releases": "with {detail}",
        "deployment_issues": "with {detail}",
        "status_entry": "by entering a deployed status",
        "events": "with {detail}",
    }
)


def explain(declared: Metric, history: DeliveryHistory, period: Period, issue_key: str) -> str:
    """Why the issue counts or not in the metric's value over the period; never raises, whatever the key."""
    return explain_facts(declared, facts_as_of(history, period.end), period.days, issue_key)


def explain_facts(declared: Metric, facts: DeliveryFacts, days: int, issue_key: str) -> str:
    """The same on facts already at hand, also on a filtered view of them."""
    name = _as_typed(facts.history, issue_key)
    row, prefix = _known(facts.history, name)
    measurement = declared.gauge(facts, days)
    found = candidates_of(measurement)
    label = name if row is None else str(facts.history.labels[row])
    position = _position(found, facts, name, row)
    if position is None:
        return prefix + (_unknown(facts, found, name) if row is None else _no_candidate(found, facts, row, label))
    return prefix + tell(measurement, found, position)


def explain_each(declared: Metric, facts: DeliveryFacts, days: int, names: Iterable[str]) -> dict[str, str]:
    """The sentence about each of some candidates by name; names that are no candidate are left out."""
    measurement = declared.gauge(facts, days)
    found = candidates_of(measurement)
    places = {name: _position(found, facts, name, facts.history.references.get(name)) for name in names}
    return {name: tell(measurement, found, place) for name, place in places.items() if place is not None}


def tell(measurement: Measurement, found: Candidates, position: int) -> str:
    """The sentence about one candidate, by its position among those found."""
    return _Telling(measurement, found, position).sentence()


def _as_typed(history: DeliveryHistory, text: str) -> str:
    """The name that somebody means who typed a key in small letters, or pasted the address of an issue."""
    address = _ADDRESS.match(text.strip())
    name = address[1] if address else text.strip()
    spellings = (spelt for spelt in (name, name.upper()) if spelt in history.references or spelt in history.former_keys)
    return next(spellings, name)


def _known(history: DeliveryHistory, name: str) -> tuple[int | None, str]:
    """The row of an issue by its key, id or a former key, and what to say first where it has another name now."""
    row = history.references.get(name)
    if row is None and name in history.former_keys:
        row = history.former_keys[name]
        return row, f"{name} is called {history.labels[row]} now. "
    return row, ""


def _position(found: Candidates, facts: DeliveryFacts, name: str, row: int | None) -> int | None:
    """Where among the candidates it is, by issue, else by the name of a deployment or of an unreadable record."""
    if row is not None:
        subject = _subject(found.kind, facts, row)
        places = np.flatnonzero(found.subjects == subject)
        return int(places[0]) if len(places) else None
    named = deployment_names(facts, facts.once(read_deployments)).get(name) if found.kind == "deployment" else None
    if named is not None and named in found.subjects:
        return int(np.flatnonzero(found.subjects == named)[0])
    unreadable = [place for place in range(len(found.codes), len(found)) if found.label(place) == name]
    labelled = (
        [place for place, label in enumerate(found.labels) if label == name] if found.kind == "deployment" else []
    )
    return next(iter(unreadable + labelled), None)


def _subject(kind: str, facts: DeliveryFacts, row: int) -> int:
    """The issue itself, or its position among the incidents or deployments; -1 where it is none."""
    if kind == "issue":
        return row
    column = facts.once(read_incidents).rows if kind == "incident" else facts.once(read_deployments).issue
    places = np.flatnonzero(np.asarray(column) == row)
    return int(places[0]) if len(places) else -1


def _unknown(facts: DeliveryFacts, found: Candidates, name: str) -> str:
    if not name:
        return "Give the key of an issue, such as ABC-17."
    looked = f"the {len(facts.history):,} issues that were read" if len(facts.history) else "no issues at all"
    also = " nor among the deployments" if found.kind == "deployment" else ""
    return (
        f"{name} is not among {looked}{also}: check the key, or whether the query that reads from Jira leaves it out."
    )


def _no_candidate(found: Candidates, facts: DeliveryFacts, row: int, label: str) -> str:
    if not facts.selected[row]:
        return f"{label} is not looked at, because the filter leaves it out."
    if found.kind == "incident":
        if facts.history.roles["incident"][row]:
            return f"{label} is not counted: it is an incident that had not been noticed by the date of this report."
        return f"{label} is not looked at, because by the team's rule it is no incident."
    if found.kind == "deployment":
        return _carried(found, facts, row, label)
    return f"{label} is not looked at here."


def _carried(found: Candidates, facts: DeliveryFacts, row: int, label: str) -> str:
    deployments = facts.once(read_deployments)
    carrier = int(deployments.carrier[row])
    if carrier < 0:
        return f"{label} is no deployment, and none has carried it yet."
    places = np.flatnonzero(found.subjects == carrier)
    reason = found.reason(int(places[0])) if len(places) else Reason.OUTSIDE_PERIOD
    at = when(int(deployments.at[carrier]), facts.zone, beside=facts.as_of)
    verdict = "is counted" if reason is None else f"is not counted: {_lower(reason.sentence)}"
    return f"{label} is no deployment; {deployments.labels[carrier]} of {at} carried it and {verdict.rstrip('.')}."


_DEPLOYMENT_WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "cfr": ("it failed", "it did not fail", "did"),
        "rework_rate": ("it was an unplanned fix", "it was no unplanned fix", "were"),
    }
)

_ENDS = ("finished", "resolved", "in production", "deployed")
_SHOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Reason.OUTSIDE_PERIOD: _ENDS,
        Reason.CANCELLED: ("cancelled", "status"),
        Reason.UNMAPPED_STATUS: ("status",),
        Reason.NO_FINISH: ("started", "status"),
        Reason.NO_START: ("finished", "status"),
        Reason.NO_HISTORY: ("finished",),
        Reason.NEGATIVE_SPAN: ("committed", "started", "detected", *_ENDS),
        Reason.NOT_IN_PROGRESS: ("finished", "status"),
        Reason.UNATTRIBUTED: ("detected",),
        Reason.UNRESOLVED: ("detected",),
        Reason.WRONG_ENVIRONMENT: ("deployed",),
        Reason.NOT_RELEASED: ("deployed",),
    }
)
"""What of the evidence belongs into the sentence for each reason."""


class _Telling:
    """One candidate and all that a sentence about it needs."""

    def __init__(self, measurement: Measurement, found: Candidates, position: int) -> None:
        self.key, self.facts = measurement.metric.key, measurement.facts
        self.figures, self.period = measurement.figures, measurement.period
        self.found, self.position = found, position
        self.label, self.reason = found.label(position), found.reason(position)
        self.working = self.facts.history.rules.working_calendar is not None
        readable = position < len(found.codes)
        self.subject = int(found.subjects[position]) if readable else -1
        self.evidence = evidence_of(self.key, self.facts, self.subject, self.reason) if readable else []

    def sentence(self) -> str:
        if self.reason is not None:
            return f"{self.label} is not counted: {_lower(self.reason.sentence).rstrip('.')}{self._detail()}."
        parts = [
            self._fact(told) for told in self.evidence if told["at"] and told["what"] not in {"flagged", "unflagged"}
        ]
        return f"{self.label} is counted: {', '.join([*parts, *self.closing()])}."

    def _fact(self, told: Evidence) -> str:
        origin = _CONFIDENCES.get(told["from"], "") or _ORIGINS.get(told["from"], "").format(detail=told["detail"])
        if told["what"] == "put down to":
            return f"put down to {told['detail']} of {self._when(told)}, {origin}"
        if told["what"] == "failed":
            return f"failed by {told['detail']}" + (f" ({told['from']})" if told["from"] in _CONFIDENCES else "")
        if told["what"] == "status":
            return f"in {told['detail']} since {self._when(told)}"
        if told["what"] == "deployed" and self.found.kind == "deployment":
            return f"deployed {self._when(told)}"
        return f"{told['what']} {self._when(told)} {origin}".rstrip()

    def _when(self, told: Evidence) -> str:
        time = parse_instant(told["at"])
        return "" if time is None else when(time, self.facts.zone, beside=self.facts.as_of)

    def _detail(self) -> str:
        """What the history shows for a reason, in the same sentence."""
        shown = [told for told in self.evidence if told["what"] in _SHOWS.get(self.reason or "", ())]
        dated = [self._fact(told) for told in shown if told["at"]]
        if self.reason is Reason.OUTSIDE_PERIOD and dated:
            start, end = (
                when(microseconds(moment), self.facts.zone, beside=self.facts.as_of)
                for moment in (self.period.start, self.period.end)
            )
            return f" ({dated[0]}; the period runs from {start} to {end})"
        return f" ({', '.join(dated)})" if dated else ""

    def _brought(self) -> Mapping[str, float | str]:
        return contributions(self.key, self.facts, np.array([self.subject], dtype=np.intp))[0]

    def _value(self) -> float | None:
        value = self.figures["value"]
        return value if isinstance(value, float) else None

    def _counts_one(self) -> list[str]:
        brought, value = self._brought(), self._value()
        kind = f"as {brought['kind']}" if "kind" in brought else ""
        size = self.figures["sample_size"] if value is None else round(value)
        total = f"one of {counted(size, 'item')}"
        return [text for text in (kind, total) if text]

    def _takes_hours(self) -> list[str]:
        value, percent = self._value(), self.facts.history.rules.headline_percentile
        headline = "median" if percent == 50 else f"{ordinal(percent)} percentile"
        own = duration(float(self._brought()["hours"]), working=self.working)
        return [own if value is None else f"{own}; the {headline} is {duration(value, working=self.working)}"]

    def _takes_active_hours(self) -> list[str]:
        brought, value = self._brought(), self._value()
        active, whole = float(brought["active_hours"]), float(brought["hours"])
        own = f"{duration(active, working=self.working)} of work in {duration(whole, working=self.working)}"
        return [own if value is None else f"{own}; over all items it is {share(value)}"]

    def _counts_age(self) -> list[str]:
        age = float(self._brought()["age_hours"])
        known = self.facts.started[self.subject] != MISSING
        return [f"{duration(age, working=self.working)} old", *self._counts_one()[1:]] if known else self._counts_one()

    def _counts_deployment(self) -> list[str]:
        above, below = self.figures["numerator"], self.figures["denominator"]
        if self.key == "deployment_frequency":
            size = counted(self.figures["sample_size"], "deployment")
            return [f"one of {size} in {counted(self.period.days, 'day')}"]
        hit, miss, verb = _DEPLOYMENT_WORDS[self.key]
        own = hit if self.found.in_numerator[self.position] else miss
        return [own if above is None else f"{own}; {above:,.0f} of {below:,.0f} {verb}"]

    def closing(self) -> list[str]:
        """What it brings to the number, beside the number."""
        match self.key:
            case "lead_time" | "mttr" | "flow_time":
                return self._takes_hours()
            case "flow_efficiency":
                return self._takes_active_hours()
            case "flow_load":
                return self._counts_age()
        return self._counts_deployment() if self.found.kind == "deployment" else self._counts_one()


def _lower(sentence: str) -> str:
    return sentence if sentence.startswith("Jira") else sentence[:1].lower() + sentence[1:]
