"""The trust in a value says how much of what it rests on is in doubt, and why."""

from __future__ import annotations

from datetime import timedelta

from data.metric import read_facts
from data.metric_catalogue import metric
from data.model import IncidentPopulation, TeamRules
from tests.builders import at, deployment, issue, status, statuses, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)


def finished(number, *, through="In Progress", when=START, **more):
    moves = [(when, through), (when + DAY, "Done")] if through else [(when + DAY, "Done")]
    return issue(f"EX-{number}", when - DAY, moves=moves, **more)


def trust(metric_key, records, *, rules=None, mappings=None, **lists):
    facts = read_facts(records, mappings or {}, as_of=NOW, rules=rules, statuses=statuses(), **lists)
    return metric(metric_key).measure(facts, 30)["trust"]


SOUND = [finished(number) for number in range(8)]


def test_nothing_against_a_value_is_high_trust():
    assert trust("flow_time", SOUND) == {
        "level": "high",
        "score": 100,
        "because": ["Nothing that was read speaks against it."],
    }


def test_the_score_is_the_share_that_is_not_in_doubt():
    doubtful = [finished(number, through=None) for number in range(8, 10)]
    told = trust("flow_time", SOUND + doubtful)

    assert (told["level"], told["score"]) == ("limited", 80)
    assert told["because"] == [
        "2 of the 10 candidates that it rests on are in doubt (20 %), most of all: done without start."
    ]
    assert trust("flow_velocity", SOUND + doubtful)["score"] == 100, "their finish is known, and is all that it needs"


def test_much_doubt_is_low_trust():
    told = trust("flow_velocity", SOUND + [finished(n, through=status("Limbo", status_id="7")) for n in range(20, 30)])

    assert (told["level"], told["score"]) == ("low", 44)


def test_doubt_about_other_periods_does_not_count():
    long_ago = [finished(number, through=None, when=START - 100 * DAY) for number in range(20, 30)]

    assert trust("flow_time", SOUND + long_ago)["score"] == 100


def test_an_issue_under_two_findings_is_in_doubt_once():
    both = finished(20, through=None) | {"id": "20"}
    copies = [*SOUND, both, both | {"id": "21"}]

    assert trust("flow_time", copies)["score"] == 80


def test_few_items_and_stand_ins_limit_the_score_and_are_told_gravest_first():
    release = version("1.0", released="2025-03-20")
    told = trust("lead_time", [finished(1, fix_versions=[release])], versions=[release])

    assert (told["level"], told["score"]) == ("low", 40)
    assert told["because"] == [
        "It rests on only 1 item.",
        "The start of work stands in for the first commit.",
    ]
    many = [finished(number, fix_versions=[release]) for number in range(6)]
    assert trust("lead_time", many, versions=[release])["level"] == "limited"


def test_where_there_is_no_value_there_is_nothing_to_trust():
    assert trust("cfr", SOUND) == {
        "level": "none",
        "score": None,
        "because": ["There is no value to trust or to doubt."],
    }


RUNS = [deployment(f"run-{number}", START + number * DAY, project="1") for number in range(6)]


def incident(number, **more):
    noticed = START + number * DAY + timedelta(hours=1)
    return issue(f"INC-{number}", noticed, issue_type="Incident", moves=[(noticed, "Done")], **more)


def test_attributions_by_order_of_events_alone_limit_the_trust_and_corrections_by_hand_do_not():
    incidents = [incident(number) for number in range(3)]

    guessed = trust("cfr", incidents, events=RUNS)
    assert (guessed["level"], guessed["score"]) == ("limited", 80)
    assert guessed["because"][0].startswith("3 of 3 incidents are put down to the deployment before them")
    by_hand = TeamRules(attribution_overrides={f"INC-{number}": f"run-{number}" for number in range(3)})
    assert trust("cfr", incidents, events=RUNS, rules=by_hand)["level"] == "high"


def test_incidents_that_blame_nothing_limit_the_trust():
    named_only = TeamRules(incident_population=IncidentPopulation.NAMED)
    told = trust("cfr", [incident(number) for number in range(3)], events=RUNS, rules=named_only)

    assert told["because"] == ["3 of 3 incidents blame no deployment."]
    assert told["score"] == 60


def test_work_in_progress_in_an_unmapped_status_puts_the_load_in_doubt():
    running = [issue(f"EX-{number}", START, moves=[(START, "In Progress")]) for number in range(5)]
    lost = [issue("EX-9", START, moves=[(START, "In Progress"), (START + DAY, status("Limbo", status_id="7"))])]

    assert trust("flow_load", running + lost)["score"] == 83
