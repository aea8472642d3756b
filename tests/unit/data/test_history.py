"""Reading Jira's JSON: identity, order, statuses, and everything that real servers leave out."""

import numpy as np
import pytest

from data.history import MISSING, read_history
from data.model import FlowKind, StatusCategory, TeamRules
from data.performance_utils import FieldMappingIndex, microseconds
from data.reading.statuses import DONE, INDETERMINATE, NEW, UNMAPPED
from tests.builders import Changelog, at, issue, link, status, status_change, statuses

CREATED = at("2025-03-03 09:00")
STARTED = at("2025-03-04 09:00")
DONE_AT = at("2025-03-06 09:00")
MOVES = [(STARTED, "In Progress"), (DONE_AT, "Done")]


def read(*issues, fields=None, rules=None, **lists):
    return read_history(issues, FieldMappingIndex(fields or {}), rules or TeamRules(), **lists)


def entered(history):
    names = history.statuses.names
    events = history.statuses_entered
    return [(int(row), names[code]) for row, code in zip(events.issue, events.value, strict=True)]


def test_issues_stand_in_the_order_of_their_ids_whatever_order_they_came_in():
    first, second, third = (
        issue(key, CREATED, id=None) | {"id": number}
        for key, number in (("EX-1", "9"), ("EX-2", "10"), ("EX-3", "100"))
    )

    assert read(third, first, second).labels == ["EX-1", "EX-2", "EX-3"]


def test_of_two_records_of_one_issue_the_later_update_counts():
    old = issue("EX-1", CREATED, updated="2025-03-03T09:00:00.000+0000", labels=["old"])
    new = issue("EX-1", CREATED, updated="2025-03-05T09:00:00.000+0000", moves=MOVES)

    for order in ((old, new), (new, old), (old, new, old)):
        assert len(entered(read(*order))) == 3


def test_what_cannot_be_read_is_listed_and_nothing_raises():
    history = read(
        None, 7, {"key": "EX-2", "fields": None}, {"fields": {}}, {"id": "5", "fields": []}, issue("EX-1", CREATED)
    )

    assert history.labels == ["EX-1"]
    assert history.malformed == ["(no key)", "(no key)", "(no key)", "5", "EX-2"]


@pytest.mark.parametrize(
    "changelog",
    [
        Changelog(newest_first=True),
        Changelog(field_ids=False),
        Changelog(authors=False),
        Changelog(created="ms"),
        Changelog(created="s"),
        Changelog(extra=({"id": "1"}, {"created": "2025-03-04T10:00:00.000+0000"}, {"created": "soon", "items": []})),
    ],
    ids=["newest first", "no field ids", "no authors", "milliseconds", "seconds", "histories without items or dates"],
)
def test_every_way_of_writing_a_history_down_reads_the_same(changelog):
    plain = read(issue("EX-1", CREATED, moves=MOVES))
    other = read(issue("EX-1", CREATED, moves=MOVES, changelog=changelog))

    assert entered(other) == entered(plain) == [(0, "To Do"), (0, "In Progress"), (0, "Done")]
    np.testing.assert_array_equal(other.statuses_entered.time, plain.statuses_entered.time)


def test_a_custom_field_called_status_is_not_the_status():
    item = status_change(status("To Do"), status("Done")) | {"fieldId": "customfield_9", "field": "status"}
    history = {"id": "1", "created": "2025-03-04T10:00:00.000+0000", "items": [item]}

    assert entered(read(issue("EX-1", CREATED, changelog=Changelog(extra=(history,))))) == [(0, "To Do")]


def test_an_undelivered_history_is_not_an_empty_one():
    silent, empty = read(issue("EX-1", CREATED, changelog=None)), read(issue("EX-1", CREATED))

    assert (silent.has_history.tolist(), entered(silent)) == ([False], [])
    assert (empty.has_history.tolist(), entered(empty)) == ([True], [(0, "To Do")])


def categories(history):
    return dict(zip(history.statuses.names, history.statuses.category.tolist(), strict=True))


def test_a_status_called_done_may_be_in_another_category():
    odd = {"id": "77", "name": "Done", "statusCategory": {"key": "new"}}

    assert categories(read(issue("EX-1", CREATED, initial={"id": "77", "name": "Done"}), statuses=[odd])) == {
        "Done": NEW
    }


def test_the_teams_mapping_comes_before_the_servers():
    rules = TeamRules(status_categories={"in progress": StatusCategory.NEW, "10001": StatusCategory.DONE})
    moves = [(STARTED, "In Progress"), (DONE_AT, "Review")]

    assert categories(read(issue("EX-1", CREATED, moves=moves), rules=rules, statuses=statuses())) == {
        "To Do": NEW,
        "In Progress": NEW,
        "Review": DONE,
    }


def test_an_unknown_status_is_unmapped_and_a_default_name_is_not():
    moves = [(STARTED, {"name": "Sandboxed"}), (DONE_AT, {"name": "in progress"})]

    found = categories(read(issue("EX-1", CREATED, initial={"name": "Open"}, moves=moves)))

    assert found == {"Open": NEW, "Sandboxed": UNMAPPED, "in progress": INDETERMINATE}


def test_a_name_with_two_meanings_is_told_by_id_only():
    two = [status("Check", status_id="1", category="new"), status("Check", status_id="2", category="done")]
    by_id = read(issue("EX-1", CREATED, initial={"id": "2", "name": "Check"}), statuses=two)
    by_name = read(issue("EX-1", CREATED, initial={"name": "Check"}), statuses=two)

    assert categories(by_id) == {"Check": DONE}
    assert categories(by_name) == {"Check": UNMAPPED}


@pytest.mark.parametrize(
    ("facts", "kind", "flow_item"),
    [
        ({"issue_type": "Bug"}, FlowKind.DEFECT, True),
        ({"issue_type": "Story"}, FlowKind.FEATURE, True),
        ({"issue_type": "Ceremony"}, FlowKind.UNMAPPED, True),
        ({"issue_type": "Epic"}, FlowKind.UNMAPPED, False),
        ({"issue_type": {"name": "Story", "hierarchyLevel": 1}}, FlowKind.FEATURE, False),
        ({"issue_type": {"name": "Story", "subtask": True}}, FlowKind.FEATURE, False),
        ({"issue_type": "Incident"}, FlowKind.UNMAPPED, False),
        ({"issue_type": "Story", "cf_kind": {"value": "Risk"}}, FlowKind.RISK, True),
        ({"issue_type": "Story", "cf_kind": [{"value": "Nonsense"}], "cf_effort": "debt"}, FlowKind.DEBT, True),
    ],
)
def test_types_and_fields_decide_the_kind_of_work(facts, kind, flow_item):
    history = read(
        issue("EX-1", CREATED, **facts), fields={"flow_item_type": "cf_kind", "effort_category": "cf_effort"}
    )

    assert list(FlowKind)[history.kind[0]] is kind
    assert bool(history.roles["flow_item"][0]) is flow_item


def test_links_are_seen_from_both_ends():
    culprit = issue("EX-1", CREATED)
    victim = issue("EX-2", CREATED, issue_type="Incident", links=[link("is caused by", culprit)])
    told_by_culprit = issue("EX-1", CREATED, links=[link("causes", issue("EX-2", CREATED))])

    for pair in ((culprit, victim), (told_by_culprit, issue("EX-2", CREATED, issue_type="Incident"))):
        history = read(*pair)
        names = [
            (history.labels[a], history.labels[b])
            for a, b in zip(history.causes.issue, history.causes.other, strict=True)
        ]
        assert names == [("EX-2", "EX-1")]


def test_a_missing_date_is_missing_and_not_1970():
    history = read(issue("EX-1", None))

    assert history.created.tolist() == [MISSING]
    assert read(issue("EX-1", CREATED)).created.tolist() == [microseconds(CREATED)]
