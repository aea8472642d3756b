"""The record of alerts that all processes share: how each rule stands, which incidents there were, who was told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from data.model import iso_utc
from data.watch.alert_rules import Rule
from data.watch.alert_state import Standing, State, first_standing, next_standing

FORMAT = 1
MOST_INCIDENTS = 100
What = Literal["began", "ended"]
Telling = Literal["not configured", "due", "posted", "given up"]


class Post(TypedDict):
    """How far the receiver has been told of one turn of an incident."""

    state: Telling
    tries: int
    next_try: str | None
    posted: str | None
    reason: str | None


class Incident(TypedDict):
    """`began` is when the limit was first broken, `fired` when that had lasted long enough; `ended` None is still on.

    `peak` is the worst value since it fired. `why_ended` says what ended it, if not that the limit was kept to again.
    """

    id: str
    rule: str
    sentence: str
    metric: str
    comparison: str
    threshold: float
    unit: str
    kind: str | None
    route: str | None
    began: str
    fired: str
    ended: str | None
    why_ended: str | None
    peak: float
    posted: dict[What, Post | None]


class StandingDocument(TypedDict):
    rule: str
    state: str
    since: str
    looked: str
    value: float | None
    broken_since: str | None
    fine_since: str | None
    is_on: bool


class Book(TypedDict):
    """`standings` are by the rules' names, `incidents` the newest first; `rules_text` is the last good file.

    `losses` are log records that could not be written: when that was noticed, and how many; `lost_in_all` since ever.
    """

    format: int
    revision: int
    evaluated_at: str | None
    rules_text: str | None
    problems: list[str]
    standings: dict[str, StandingDocument]
    incidents: list[Incident]
    losses: list[tuple[str, int]]
    lost_in_all: int


def new_book() -> Book:
    return {
        "format": FORMAT,
        "revision": 0,
        "evaluated_at": None,
        "rules_text": None,
        "problems": [],
        "standings": {},
        "incidents": [],
        "losses": [],
        "lost_in_all": 0,
    }


def book_of(document: Any) -> Book:
    """What was kept, or a new book where that is nothing of ours."""
    if isinstance(document, dict) and document.get("format") == FORMAT and new_book().keys() == document.keys():
        book: Book = document  # type: ignore[assignment]
        return book
    return new_book()


def standing_of(book: Book, rule: Rule, now: datetime) -> Standing:
    """How a rule stood at the last look; one that has been changed since stands like a new one."""
    kept = book["standings"].get(rule.name)
    if kept is None or kept["rule"] != _identity(rule):
        return first_standing(now)
    return _standing(kept)


def evaluated(
    book: Book, rules: Sequence[Rule], values: Mapping[str, float | None], now: datetime, *, tells: bool
) -> Book:
    """The book after a look at these values; `tells` says whether there is a receiver to be told."""
    telling: Telling = "due" if tells else "not configured"
    incidents = [*book["incidents"]]
    known = {rule.name: rule for rule in rules}
    for name, kept in book["standings"].items():
        rule = known.get(name)
        if kept["is_on"] and (rule is None or kept["rule"] != _identity(rule)):
            why = "The rule was taken out." if rule is None else "The rule was changed."
            _end(incidents, name, now, telling, why=why)
    standings = {}
    for rule in rules:
        before = standing_of(book, rule, now)
        after = next_standing(rule, before, values[rule.name], now)
        standings[rule.name] = _standing_document(rule, after)
        if after.is_on and not before.is_on:
            incidents.insert(0, _incident(rule, after, now, telling))
        elif before.is_on and not after.is_on:
            _end(incidents, rule.name, after.fine_since or now, telling, why=None)
        elif after.is_on and after.value is not None:
            _raise_peak(incidents, rule, after.value)
    return book | {"evaluated_at": iso_utc(now), "standings": standings, "incidents": _bounded(incidents)}


def due(book: Book, now: datetime) -> Iterator[tuple[Incident, What]]:
    """What the receiver is to be told now, oldest first; never of an end before the beginning is through."""
    for incident in reversed(book["incidents"]):
        for what in ("began", "ended"):
            post = incident["posted"][what]
            if post is not None and post["state"] == "due":
                if post["next_try"] is None or datetime.fromisoformat(post["next_try"]) <= now:
                    yield incident, what
                break


def next_try(book: Book) -> datetime | None:
    """The earliest time at which the receiver is to be told something again."""
    posts = [post for incident in book["incidents"] for post in incident["posted"].values() if post is not None]
    times = [post["next_try"] for post in posts if post["state"] == "due" and post["next_try"] is not None]
    return min(map(datetime.fromisoformat, times), default=None)


def key_of(incident: Incident, what: What) -> str:
    """The same for the same turn of the same incident, whichever process tells it, however often."""
    return f"{incident['id']}.{what}"


def told(book: Book, news: tuple[str, What], post: Post) -> Book:
    """The book with how far the receiver has been told of one turn of the incident with this id."""
    which, what = news
    incidents = [
        one | {"posted": one["posted"] | {what: post}} if one["id"] == which else one for one in book["incidents"]
    ]
    return book | {"incidents": incidents}


def lost_records(book: Book, since: datetime) -> int:
    """The log records that were lost from then on."""
    return sum(number for at, number in book["losses"] if datetime.fromisoformat(at) > since)


def with_losses(book: Book, in_all: int, now: datetime) -> Book:
    """The book once so many log records have been lost since ever; when that was is remembered for a day."""
    kept = [loss for loss in book["losses"] if datetime.fromisoformat(loss[0]) > now - timedelta(days=1)]
    if in_all > book["lost_in_all"]:
        kept.append((iso_utc(now), in_all - book["lost_in_all"]))
    return book | {"losses": kept, "lost_in_all": in_all}


def _identity(rule: Rule) -> str:
    return f"{rule.sentence} {rule.fewest}"


def _incident(rule: Rule, standing: Standing, now: datetime, telling: Telling) -> Incident:
    began = iso_utc(standing.broken_since or now)
    return {
        "id": hashlib.sha256(f"{rule.name} {began}".encode()).hexdigest()[:16],
        "rule": rule.name,
        "sentence": rule.sentence,
        "metric": rule.metric,
        "comparison": rule.comparison,
        "threshold": rule.value,
        "unit": rule.about.unit,
        "kind": rule.kind,
        "route": rule.route,
        "began": began,
        "fired": iso_utc(now),
        "ended": None,
        "why_ended": None,
        "peak": standing.value if standing.value is not None else rule.value,
        "posted": {"began": _post(telling), "ended": None},
    }


def _post(telling: Telling) -> Post:
    return {"state": telling, "tries": 0, "next_try": None, "posted": None, "reason": None}


def _end(incidents: list[Incident], name: str, ended: datetime, telling: Telling, *, why: str | None) -> None:
    """What was never told to begin is not told to end."""
    for place, incident in _open(incidents, name):
        began = incident["posted"]["began"]
        known = began is not None and began["state"] != "not configured"
        posted = incident["posted"] | {"ended": _post(telling if known else "not configured")}
        incidents[place] = incident | {"ended": iso_utc(ended), "why_ended": why, "posted": posted}


def _raise_peak(incidents: list[Incident], rule: Rule, value: float) -> None:
    for place, incident in _open(incidents, rule.name):
        incidents[place] = incident | {"peak": rule.worse(incident["peak"], value)}


def _open(incidents: list[Incident], name: str) -> list[tuple[int, Incident]]:
    return [(place, one) for place, one in enumerate(incidents) if one["rule"] == name and one["ended"] is None]


def _bounded(incidents: Iterable[Incident]) -> list[Incident]:
    """The newest, and of the others those that are not through."""
    return [one for place, one in enumerate(incidents) if place < MOST_INCIDENTS or not _is_through(one)]


def _is_through(incident: Incident) -> bool:
    posts = incident["posted"].values()
    return incident["ended"] is not None and all(post is None or post["state"] != "due" for post in posts)


def _standing_document(rule: Rule, standing: Standing) -> StandingDocument:
    facts = {name: iso_utc(fact) if isinstance(fact, datetime) else fact for name, fact in asdict(standing).items()}
    document: StandingDocument = {"rule": _identity(rule)} | facts  # type: ignore[assignment]
    return document


def _standing(document: StandingDocument) -> Standing:
    def instant(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    return Standing(
        state=State(document["state"]),
        since=datetime.fromisoformat(document["since"]),
        looked=datetime.fromisoformat(document["looked"]),
        value=document["value"],
        broken_since=instant(document["broken_since"]),
        fine_since=instant(document["fine_since"]),
        is_on=document["is_on"],
    )
