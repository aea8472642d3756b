"""A result is computed once for a state of the data and a question, and goes when the question changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.cache_manager import invalidate_cache
from data.derived_cache import Derivation, derived, drop_derived
from data.errors import Unavailable
from data.issue_store.store import IssueStore
from data.storage.cache_entry import fingerprint

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
SOURCE = fingerprint("store")
ASKED = Derivation(
    source=SOURCE,
    what="dora_metrics",
    jql="project = A",
    field_mappings={"team": "customfield_1"},
    time_period_days=30,
    rules={"zone": "UTC"},
    data_version="1",
    as_of=NOW,
    calculation="1",
)


class Work:
    """Counts how often it is done."""

    def __init__(self):
        self.done = 0

    def __call__(self):
        self.done += 1
        return {"value": self.done}


@pytest.fixture
def work():
    return Work()


def ask(folder, work, asked=ASKED, when=NOW, **options):
    return derived(asked, work, folder, clock=lambda: when, **options)


def test_a_result_is_computed_once(tmp_path, work):
    first, second = ask(tmp_path, work), ask(tmp_path, work, when=NOW + timedelta(hours=2))
    assert (first.value, first.age) == ({"value": 1}, timedelta())
    assert (second.value, second.age, second.is_stale) == ({"value": 1}, timedelta(hours=2), False)
    assert work.done == 1


def test_what_was_kept_comes_back_in_the_order_it_was_given(tmp_path):
    """The order of metrics and kinds is that of the page; huge numbers are written in another way."""
    for number in (1, 10**30):
        value = {"velocity": {"feature": number, "defect": 2, "10": 3}, "cfr": None, "age": []}
        asked = replace(ASKED, time_period_days=number % 97)
        assert [*derived(asked, lambda value=value: value, tmp_path, clock=lambda: NOW).value] == [*value]
        kept = derived(asked, list, tmp_path, clock=lambda: NOW).value
        assert ([*kept], [*kept["velocity"]]) == (["velocity", "cfr", "age"], ["feature", "defect", "10"])


def test_many_who_ask_at_once_are_given_one_computation(tmp_path, work):
    with ThreadPoolExecutor(20) as pool:
        values = list(pool.map(lambda _: ask(tmp_path, work).value, range(40)))
    assert values == [{"value": 1}] * 40
    assert work.done == 1


@pytest.mark.parametrize(
    "change",
    [
        {"source": fingerprint("another")},
        {"what": "flow_metrics"},
        {"jql": "project = B"},
        {"field_mappings": {"team": "customfield_2"}},
        {"time_period_days": 60},
        {"rules": {"zone": "Asia/Tokyo"}},
        {"data_version": "2"},
        {"as_of": NOW + timedelta(days=1)},
        {"calculation": "2"},
    ],
)
def test_whatever_bears_on_the_result_makes_another_one(tmp_path, work, change):
    ask(tmp_path, work)
    assert ask(tmp_path, work, replace(ASKED, **change)).value == {"value": 2}


def test_newer_data_is_waited_for_or_comes_while_the_old_result_is_shown(tmp_path, work):
    ask(tmp_path, work)
    newer, handed = replace(ASKED, data_version="2"), []
    stale = ask(tmp_path, work, newer, NOW + timedelta(hours=1), in_background=handed.append)
    assert (stale.value, stale.is_stale, stale.age) == ({"value": 1}, True, timedelta(hours=1))
    assert handed[0]().value == {"value": 2}
    assert ask(tmp_path, work, newer, NOW + timedelta(hours=1)).value == {"value": 2}


def test_when_the_computation_fails_the_older_result_stands_in(tmp_path, work):
    def fail():
        raise Unavailable("today")

    ask(tmp_path, work)
    given = ask(tmp_path, fail, replace(ASKED, data_version="2"))
    assert (given.value, given.is_stale, type(given.error)) == ({"value": 1}, True, Unavailable)


def test_a_disk_that_takes_nothing_costs_only_the_next_computation(tmp_path, work):
    (tmp_path / "file").write_text("in the way")
    assert [ask(tmp_path / "file", work).value["value"] for _ in range(2)] == [1, 2]


def drop(folder, **changes):
    current = {"jql": ASKED.jql, "field_mappings": ASKED.field_mappings} | changes
    return drop_derived(folder, source=SOURCE, **current)


@pytest.mark.parametrize(
    "change",
    [{"jql": "project = B"}, {"field_mappings": {}}],
    ids=lambda change: next(iter(change)),
)
def test_another_question_drops_what_was_derived_and_keeps_the_issues(tmp_path, work, change):
    store = IssueStore(tmp_path, SOURCE, "c", question={"jql_query": ASKED.jql})
    store.commit(store.stage({}), {}, replace_all=True)
    ask(tmp_path, work)
    ask(tmp_path, work, replace(ASKED, source=fingerprint("another")))
    assert drop(tmp_path) == 0
    assert drop(tmp_path, **change) == 1
    assert store.snapshot() is not None
    ask(tmp_path, work)
    assert work.done == 3
    ask(tmp_path, work, replace(ASKED, source=fingerprint("another")))
    assert work.done == 3, "what comes from another store stays"
    assert invalidate_cache(ASKED.key, tmp_path)


def test_files_of_others_in_the_same_folder_are_left_alone(tmp_path):
    (tmp_path / "app_settings.json").write_text("{}")
    assert drop(tmp_path) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["app_settings.json"]
