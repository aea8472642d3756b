"""A number is the same wherever it can be read: card, explanation, JSON, CSV, Python, and counted by hand from Jira.

The page is read as a person reads it, so that a value may differ only by what its last digit leaves open.
"""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from app import create_app
from configuration.settings import Settings
from data.demo.team_workflow import DEMO_FIELD_MAPPINGS
from data.filters import Filters
from data.metric_catalogue import METRICS, metric
from data.model import TeamRules
from tests.integration.page_events import body_of, ended, explanation_of
from tests.jira_sites import AS_OF, credentials, serving, team_site
from tests.reference.catalogue import REFERENCES
from ui.wording import KIND_NAMES

KEYS = [declared.key for declared in METRICS]
DAYS = 180
WORDS = {"waiting_statuses": ["In Review"], "blocked_statuses": ["Blocked"], "cancelled_statuses": ["Cancelled"]}
SIZES = {"minute": 1 / 60, "hour": 1, "day": 24, "week": 168, "a day": 1, "a week": 1 / 7, "%": 0.01, "item": 1}
SITE = replace(team_site(), issues=team_site().issues[::12])


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A dashboard that has read the site over a socket."""
    folder = tmp_path_factory.mktemp("kept")
    given = {"field_mappings": dict(DEMO_FIELD_MAPPINGS), "team_rules": WORDS}
    (folder / "app_settings.json").write_text(json.dumps(given), "utf-8")
    with serving(SITE, "cloud", token=(jira := credentials("http://127.0.0.1")).token.reveal()) as (_, url):
        kept = {"cache_dir": folder, "app_settings_path": folder / "app_settings.json"}
        made = create_app(Settings(jira=replace(jira, url=url), as_of=AS_OF, **kept)).server.test_client()
        assert '"phase":"ready"' in ended(made)
        yield made


def asked(function, **more):
    rules = TeamRules(timezone=SITE.account.timezone, **{name: frozenset(words) for name, words in WORDS.items()})
    given = {"as_of": AS_OF, "rules": rules, "versions": SITE.versions, "statuses": SITE.statuses}
    return function(list(SITE.issues), dict(DEMO_FIELD_MAPPINGS), DAYS, **given, **more)


@pytest.fixture(scope="module")
def by_hand():
    """What the slow reference counts from the site's own records."""
    return {key: asked(REFERENCES[key]) for key in KEYS}


@pytest.fixture(scope="module")
def cards(client):
    """The cards of the pages by metric, each as the texts of the first components of a class."""
    found = {}
    for page in ("dora", "flow"):
        for card in inside(json.loads(body_of(client, page, DAYS))):
            if "data-metric" in card:
                own = found[card["data-metric"]] = {}
                for part in inside(card):
                    own.setdefault(part.get("className"), words(part))
    return found


def inside(component):
    """The properties of all components in an answer, depth first."""
    if isinstance(component, list):
        for part in component:
            yield from inside(part)
    elif isinstance(component, dict):
        if isinstance(component.get("props"), dict):
            yield component["props"]
        for part in component.values():
            yield from inside(part)


def words(component):
    if isinstance(component, dict):
        component = component.get("props", component).get("children")
    if isinstance(component, list):
        return " ".join(filter(None, map(words, component)))
    return "" if component is None or isinstance(component, dict) else str(component)


def reads_as(number, unit, value):
    """Whether a person who reads the number can mean the value."""
    size = SIZES.get(unit) or SIZES[unit.removesuffix("s")]
    digits = number.partition(".")[2]
    return abs(float(number.replace(",", "")) * size - value) <= 0.5000001 * size / 10 ** len(digits)


def rows_of(client, key, kind, more=""):
    with client.get(f"/provenance/{key}.{kind}?days={DAYS}{more}") as answer:
        return answer.get_data(as_text=True)


def parts(result):
    """The candidates by why they do not count; those that do are under `included`."""
    return {"included": sorted(result["included"])} | {why: sorted(keys) for why, keys in result["excluded"].items()}


def grouped(rows):
    found = {"included": []}
    for row in rows:
        found.setdefault(row["reason"] or "included", []).append(row["key"])
    return {why: sorted(keys) for why, keys in found.items()}


@pytest.mark.parametrize("key", [key for key in KEYS if key != "flow_distribution"])
def test_the_card_shows_the_number_counted_by_hand(cards, by_hand, key):
    value, card = by_hand[key]["value"], cards[key]
    assert value is not None
    assert reads_as(card["value-number"], card["value-unit"], value)


def test_the_shares_on_the_card_are_those_counted_by_hand(cards, by_hand):
    shown = re.findall(r"(\w[\w ]+?) +([\d.]+)\W%", cards["flow_distribution"]["share-legend"])
    shares = {KIND_NAMES[kind]: share for kind, share in by_hand["flow_distribution"]["value"].items() if share}
    assert len(shares) > 3
    assert {name: reads_as(number, "%", shares[name]) for name, number in shown} == dict.fromkeys(shares, True)


@pytest.mark.parametrize("key", KEYS)
def test_the_explanation_counts_the_candidates_counted_by_hand(client, by_hand, key):
    said = re.findall(r'"(Included|Left out: [a-z ]+) \(([\d,]+)\)"', explanation_of(client, key, DAYS))
    shown = {title.removeprefix("Left out: ").replace(" ", "_").lower(): int(n.replace(",", "")) for title, n in said}
    assert shown == {why: len(keys) for why, keys in parts(by_hand[key]).items() if keys}


@pytest.mark.parametrize("key", KEYS)
def test_the_files_hold_the_number_and_the_candidates_counted_by_hand(client, by_hand, key):
    document = json.loads(rows_of(client, key, "json"))
    assert document["value"] == pytest.approx(by_hand[key]["value"], rel=1e-9)
    assert grouped(document["rows"]) == parts(by_hand[key])
    table = list(csv.reader(io.StringIO(rows_of(client, key, "csv"))))
    head = next(number for number, row in enumerate(table) if row[0] == "key")
    told = {row[0]: row[1] for row in table[:head]}
    assert json.loads(told["value"]) == document["value"]
    assert grouped([dict(zip(table[head], row, strict=True)) for row in table[head + 1 :]]) == parts(by_hand[key])


@pytest.mark.parametrize("key", KEYS)
def test_python_is_told_the_number_of_the_page(client, by_hand, key):
    result = asked(metric(key))
    assert result["value"] == json.loads(rows_of(client, key, "json"))["value"]
    assert parts(result) == parts(by_hand[key])


@pytest.mark.parametrize("key", ["cfr", "flow_velocity", "flow_time"])
def test_a_filtered_number_is_that_of_the_chosen_issues(client, key):
    expected = asked(REFERENCES[key], filters=Filters(issue_type=frozenset({"story"})))
    document = json.loads(rows_of(client, key, "json", "&type=Story"))
    assert document["value"] == pytest.approx(expected["value"], rel=1e-9)
    assert grouped(document["rows"]) == parts(expected)
    assert document["value"] != json.loads(rows_of(client, key, "json"))["value"]
