"""A file of alert rules is taken as a whole or not at all, and every mistake in it is told with place and next step."""

import json
import os
import secrets

import pytest

from data.watch.alert_metrics import ALERT_METRICS
from data.watch.alert_rules import DEFAULT_RULES, LARGEST_FILE, MOST_RULES, Rule, read_rules, rules_in_force
from data.watch.measurement import Kind

SLOW = {"name": "Slow", "metric": "p95_ms", "comparison": ">", "value": 800}


def text_of(*rules):
    return json.dumps({"rules": list(rules)})


def mistakes_in(*rules):
    found, mistakes = read_rules(text_of(*rules))
    assert bool(mistakes) or len(found) == len(rules)
    return [str(mistake) for mistake in mistakes]


def test_a_rule_has_what_the_file_says_and_defaults_for_the_rest():
    full = SLOW | {"for_minutes": 3, "over_minutes": 10, "at_least": 50, "kind": "callback", "route": "page.children"}

    (plain, given), mistakes = read_rules(text_of(SLOW, full | {"name": "Slow page"}))

    assert mistakes == ()
    assert plain == Rule(name="Slow", metric="p95_ms", comparison=">", value=800.0)
    assert (plain.for_minutes, plain.over_minutes, plain.fewest) == (5, 15, 20)
    assert (given.for_minutes, given.over_minutes, given.fewest) == (3, 10, 50)
    assert (given.kind, given.route) == (Kind.CALLBACK, "page.children")


def test_a_rule_says_itself_in_words():
    rule = Rule(name="x", metric="error_rate", comparison=">=", value=0.05, for_minutes=1, kind=Kind.JOB)

    assert rule.sentence == "The share that fails of every job is at least 5 % for 1 minute, measured over 15 minutes."


@pytest.mark.parametrize("comparison", [">", ">=", "<", "<="])
def test_a_limit_is_broken_as_its_comparison_says(comparison):
    rule = Rule(name="x", metric="p95_ms", comparison=comparison, value=10)

    assert [rule.is_broken_by(value) for value in (9, 10, 11)] == [
        comparison in {"<", "<="},
        comparison.endswith("="),
        comparison in {">", ">="},
    ]
    assert rule.worse(9, 11) == (11 if comparison.startswith(">") else 9)


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"metric": "p96_ms"}, "metric", "Choose one of average_ms"),
        ({"metric": ["p95_ms"]}, "metric", "nothing that is watched"),
        ({"comparison": "=>"}, "comparison", "Choose one of > >= < <="),
        ({"value": "800"}, "value", "without quotation marks"),
        ({"value": True}, "value", "not such a number"),
        ({"value": 10**400}, "value", "not such a number"),
        ({"value": -1}, "value", "0 or more"),
        ({"metric": "error_rate", "value": 5}, "value", "5 % is 0.05"),
        ({"metric": "error_rate", "value": 1}, "value", "can never come true"),
        ({"comparison": ">=", "value": 0}, "value", "always true"),
        ({"comparison": "<", "value": 0}, "value", "can never come true"),
        ({"metric": "health_score", "comparison": "<=", "value": 100}, "value", "always true"),
        ({"for_minutes": 2.5}, "for_minutes", "from 0 to 1440"),
        ({"for_minutes": True}, "for_minutes", "from 0 to 1440"),
        ({"over_minutes": 0}, "over_minutes", "from 1 to 1440"),
        ({"at_least": 0}, "at_least", "from 1 to"),
        ({"kind": "page"}, "kind", "request, callback, job, jira, calculation"),
        ({"route": ""}, "route", "is no route"),
        ({"name": " "}, "name", "printable characters"),
        ({"name": "two\nlines"}, "name", "printable characters"),
        ({"threshold": 3}, "threshold", "The entries are name, metric"),
        ({"metric": "hours_since_sync", "over_minutes": 5}, "over_minutes", "means nothing for hours_since_sync"),
        ({"metric": "health_score", "value": 60, "route": "/"}, "route", "means nothing for health_score"),
        ({"metric": "requests_per_minute", "at_least": 5}, "at_least", "means nothing"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_do(change, place, words):
    (mistake,) = mistakes_in(SLOW | change)

    where, _, told = mistake.partition(": ")
    assert where.startswith("rules[0]")
    assert where.endswith(f".{place}")
    assert words in told


@pytest.mark.parametrize("missing", sorted(SLOW))
def test_an_entry_that_every_rule_needs_is_missed(missing):
    (mistake,) = mistakes_in({name: value for name, value in SLOW.items() if name != missing})

    assert f".{missing}: This entry is missing." in mistake


def test_all_mistakes_are_told_at_once_and_names_differ():
    told = mistakes_in(SLOW | {"value": -1, "kind": "?"}, SLOW | {"name": "SLOW"}, 5)

    assert [line.split(":")[0] for line in told] == [
        "rules[0] (“Slow”).value",
        "rules[0] (“Slow”).kind",
        "rules[1] (“SLOW”).name",
        "rules[2]",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"rules": [}', "alert_rules.json, line 1, column 12"),
        ("[]", "no list “rules”"),
        ('{"rules": {}}', "no list “rules”"),
        ('{"rules": [], "version": 1}', "“version” is not known"),
        ('{"rules": [{"name": "a", "name": "b"}]}', "“name” is there twice"),
        ('{"rules": [{"value": NaN}]}', "NaN is not a number"),
        ("[" * 100_000, "nesting too deep"),
        ('{"rules": [' + "9" * 5000 + "]}", "number is too long"),
        (text_of(*[SLOW] * (MOST_RULES + 1)), f"There are {MOST_RULES + 1} rules"),
    ],
)
def test_a_file_that_is_no_list_of_rules_is_refused_as_a_whole(text, words):
    rules, (mistake,) = read_rules(text)

    assert rules == ()
    assert words in str(mistake)


def test_a_secret_in_a_rule_is_not_repeated_by_the_sentence_about_it():
    secret = secrets.token_hex(20)

    (mistake,) = mistakes_in(SLOW | {"name": f"password={secret}", "value": -1})

    assert secret not in mistake


@pytest.mark.parametrize("strange", ["\ud800", "a\u202eb", "line\nbreak", "x" * 9999])
def test_what_is_no_text_for_people_is_not_shown_as_it_is(strange):
    mistakes = mistakes_in(SLOW | {strange: 1}, SLOW | {"name": strange}, SLOW | {"metric": strange})

    assert len(mistakes) >= 2
    for told in mistakes:
        assert told.isprintable()
        assert len(told) < 1500
        told.encode()


def test_without_a_file_the_built_in_rules_are_in_force(tmp_path):
    found = rules_in_force(tmp_path / "alert_rules.json")

    assert (found.rules, found.origin, found.mistakes) == (DEFAULT_RULES, "built in", ())


def test_every_built_in_rule_could_stand_in_the_file():
    names = ("name", "metric", "comparison", "value", "for_minutes", "over_minutes")
    given = [
        {name: getattr(rule, name) for name in names if name != "over_minutes" or rule.about.spans}
        for rule in DEFAULT_RULES
    ]

    rules, mistakes = read_rules(text_of(*given))

    assert mistakes == ()
    assert rules == DEFAULT_RULES
    assert {rule.metric for rule in DEFAULT_RULES} <= ALERT_METRICS.keys()


def test_a_broken_file_leaves_the_last_good_rules_in_force(tmp_path):
    path = tmp_path / "alert_rules.json"
    path.write_text(text_of(SLOW), "utf-8-sig")
    good = rules_in_force(path)
    path.write_text("{", "utf-8")

    found = rules_in_force(path, good.text)

    assert good.origin == "file"
    assert (found.rules, found.origin) == (good.rules, "last good")
    assert "not JSON" in str(found.mistakes[0])
    assert rules_in_force(path).origin == "built in"
    assert rules_in_force(path, "{").rules == DEFAULT_RULES


@pytest.mark.parametrize("content", [b"\xff\xfe{", b" " * (LARGEST_FILE + 1)], ids=["not UTF-8", "too large"])
def test_a_file_that_is_no_text_of_reasonable_size_is_a_mistake(tmp_path, content):
    path = tmp_path / "alert_rules.json"
    path.write_bytes(content)

    found = rules_in_force(path)

    assert found.origin == "built in"
    assert found.mistakes[0].place == "alert_rules.json"


def test_a_folder_in_the_place_of_the_file_is_a_mistake(tmp_path):
    (tmp_path / "alert_rules.json").mkdir()

    assert "no ordinary file" in str(rules_in_force(tmp_path / "alert_rules.json").mistakes[0])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system that has pipes in folders")
def test_a_pipe_in_the_place_of_the_file_stops_nobody(tmp_path):
    os.mkfifo(tmp_path / "alert_rules.json")

    assert rules_in_force(tmp_path / "alert_rules.json").origin == "built in"
