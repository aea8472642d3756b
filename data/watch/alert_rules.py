"""Which alerts there are: rules from a file beside the settings, strictly checked, or the ones built in."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn

from data.errors import quoted
from data.watch.alert_metrics import ALERT_METRICS, AlertMetric
from data.watch.alert_rule_entries import COMPARISONS, LONGEST_NAME, NEEDED, READERS, Mistake, Wrong
from data.watch.measurement import Kind

RULES_FILE = "alert_rules.json"
LARGEST_FILE = 262_144
MOST_RULES = 100
Origin = Literal["file", "last good", "built in"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Fires once `metric`, measured over the last `over_minutes`, has broken the limit for `for_minutes` on end."""

    name: str
    metric: str
    comparison: str
    value: float
    for_minutes: int = 5
    over_minutes: int = 15
    at_least: int | None = None
    kind: Kind | None = None
    route: str | None = None

    @property
    def about(self) -> AlertMetric:
        return ALERT_METRICS[self.metric]

    @property
    def fewest(self) -> int:
        """Fewer things measured say nothing."""
        return self.about.at_least if self.at_least is None else self.at_least

    def is_broken_by(self, measured: float) -> bool:
        return COMPARISONS[self.comparison][1](measured, self.value)

    def worse(self, one: float, other: float) -> float:
        """Whichever of two measured values lies further beyond the limit."""
        return max(one, other) if self.comparison.startswith(">") else min(one, other)

    @property
    def sentence(self) -> str:
        """The rule in words."""
        whose = f" of {self.route}" if self.route else f" of every {self.kind}" if self.kind else ""
        span = f", measured over {_minutes(self.over_minutes)}" if self.about.spans else ""
        lasting = f" for {_minutes(self.for_minutes)}" if self.for_minutes else ""
        words = self.about.words[0].upper() + self.about.words[1:]
        return f"{words}{whose} is {COMPARISONS[self.comparison][0]} {self.about.shown(self.value)}{lasting}{span}."


@dataclass(frozen=True)
class RulesInForce:
    """The rules that count now. `text` is the file's when that is where they are from, to be kept as the last good."""

    rules: tuple[Rule, ...]
    origin: Origin
    mistakes: tuple[Mistake, ...] = ()
    text: str | None = None


DEFAULT_RULES = (
    Rule(name="Answers are slow", metric="p95_ms", comparison=">", value=1000, for_minutes=10),
    Rule(name="Requests fail", metric="error_rate", comparison=">", value=0.05),
    Rule(name="Health is poor", metric="health_score", comparison="<", value=60, for_minutes=15, over_minutes=60),
    Rule(name="Jira fails", metric="jira_error_rate", comparison=">", value=0.2, for_minutes=10),
    Rule(name="Jira makes us wait", metric="jira_waits", comparison=">", value=30, for_minutes=15),
    Rule(name="Unusually slow", metric="unusual_durations", comparison=">", value=0, for_minutes=0, over_minutes=10),
    Rule(name="The data is old", metric="hours_since_sync", comparison=">", value=96, for_minutes=10),
    Rule(name="Logs are lost", metric="log_records_dropped", comparison=">", value=0, for_minutes=0, over_minutes=60),
)


def rules_in_force(path: Path, last_good: str | None = None) -> RulesInForce:
    """The rules of the file; when it is broken those of its last good text, and without either the built-in ones."""
    try:
        text = _read(path)
    except FileNotFoundError:
        return RulesInForce(DEFAULT_RULES, "built in")
    except Wrong as wrong:
        mistakes: tuple[Mistake, ...] = (wrong.at(path.name),)
    else:
        rules, mistakes = read_rules(text)
        if not mistakes:
            return RulesInForce(rules, "file", text=text)
    if last_good is not None:
        rules, outdated = read_rules(last_good)
        if not outdated:
            return RulesInForce(rules, "last good", mistakes)
    return RulesInForce(DEFAULT_RULES, "built in", mistakes)


def read_rules(text: str) -> tuple[tuple[Rule, ...], tuple[Mistake, ...]]:
    """The rules that a file's text states, and every mistake in it; with mistakes the rules do not count."""
    try:
        listed = _rule_list(_parsed(text))
    except Wrong as wrong:
        return (), (wrong.at(RULES_FILE),)
    reading = _Reading()
    rules = [rule for place, given in enumerate(listed) if (rule := reading.rule(place, given)) is not None]
    return tuple(rules), tuple(reading.mistakes)


def _read(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for its writer
            raise Wrong("This is no ordinary file.", "Put a file with rules in its place, or take it away.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Wrong(f"The file cannot be read: {error.strerror}.", "Let Sightline's account read it.") from None
    if len(content) > LARGEST_FILE:
        raise Wrong(f"The file is larger than {LARGEST_FILE // 1024} kB.", "Keep only the rules that somebody acts on.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Wrong(f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.") from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = f"{RULES_FILE}, line {error.lineno}, column {error.colno}"
        raise Wrong(f"This is not JSON: {error.msg}.", "Correct it there or just before.", place) from None
    except (ValueError, RecursionError):
        raise Wrong("A number is too long, or the nesting too deep.", "Write it like the example.") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise Wrong(f"“{double}” is there twice in one object.", "Keep one of the two.")
    return found


def _no_number(word: str) -> NoReturn:
    raise Wrong(f"{word} is not a number that JSON knows.", "Write a number such as 1000 or 0.05.")


def _rule_list(document: Any) -> list[Any]:
    example = 'Begin the file with {"rules": [ and end it with ]}.'
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise Wrong("There is no list “rules” in one object.", example)
    if strange := sorted(document.keys() - {"rules"}):
        raise Wrong(f"“{strange[0]}” is not known beside “rules”.", "Take it out.")
    rules: list[Any] = document["rules"]
    if len(rules) > MOST_RULES:
        raise Wrong(f"There are {len(rules)} rules.", f"Keep the {MOST_RULES} that somebody acts on.")
    return rules


@dataclass
class _Reading:
    """Goes through the rules one by one and notes every mistake."""

    mistakes: list[Mistake] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def rule(self, number: int, given: Any) -> Rule | None:
        place = f"rules[{number}]"
        if not isinstance(given, dict):
            self.note(place, "This is not an object.", 'Write a rule as {"name": ..., "metric": ..., ...}.')
            return None
        if isinstance(given.get("name"), str):
            place += f" (“{quoted(given['name'])[:LONGEST_NAME]}”)"
        before = len(self.mistakes)
        about = ALERT_METRICS.get(given["metric"]) if isinstance(given.get("metric"), str) else None
        self._refuse_strange(place, given, about)
        found = {name: self._entry(place, given, name, about) for name in READERS if name in given or name in NEEDED}
        self._refuse_double(place, number, found.get("name"))
        self._refuse_pointless(place, found, about)
        if len(self.mistakes) > before or about is None:
            return None
        return Rule(**found)

    def note(self, place: str, problem: str, next_step: str) -> None:
        self.mistakes.append(Wrong(problem, next_step).at(place))

    def _entry(self, place: str, given: Mapping[str, Any], name: str, about: AlertMetric | None) -> Any:
        if name not in given:
            return self.note(f"{place}.{name}", "This entry is missing.", NEEDED[name])
        try:
            return READERS[name](given[name], about)
        except Wrong as wrong:
            self.mistakes.append(wrong.at(f"{place}.{name}"))
        return None

    def _refuse_strange(self, place: str, given: Mapping[str, Any], about: AlertMetric | None) -> None:
        for name in sorted(given.keys() - READERS.keys()):
            self.note(f"{place}.{name}", "No such entry is known.", f"The entries are {', '.join(READERS)}.")
        if about is None:
            return
        useless = {"kind", "route"} if not about.narrows else set()
        useless |= {"over_minutes"} if not about.spans else set()
        useless |= {"at_least"} if not about.at_least else set()
        for name in sorted(given.keys() & useless):
            self.note(f"{place}.{name}", f"It means nothing for {given['metric']}.", "Take it out.")

    def _refuse_double(self, place: str, number: int, name: str | None) -> None:
        if name is None:
            return
        first = self.names.setdefault(name.casefold(), number)
        if first != number:
            self.note(f"{place}.name", f"rules[{first}] has the same name.", "Give each rule a name of its own.")

    def _refuse_pointless(self, place: str, found: Mapping[str, Any], about: AlertMetric | None) -> None:
        edge = found.get("comparison"), found.get("value")
        highest = about.highest if about is not None and about.highest is not None else -1.0
        if edge in {(">", highest), ("<", 0.0)}:
            self.note(f"{place}.value", "This can never come true.", "Choose another limit.")
        if edge in {("<=", highest), (">=", 0.0)}:
            self.note(f"{place}.value", "This is always true.", "Choose another limit.")


def _minutes(number: int) -> str:
    return f"{number} minute" if number == 1 else f"{number} minutes"
