"""Of a history only changes of status, resolution and flag are kept, whatever its shape."""

from __future__ import annotations

import pytest

from data.jira_walk.changelogs import MOST_FIELDS, HistoryFields, delivered, is_truncated

FIELDS = HistoryFields.with_flags(["customfield_10021"])


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        ({"field": "status", "fieldId": "status"}, True),
        ({"field": "resolution", "fieldId": "resolution"}, True),
        ({"field": "Flagged", "fieldId": "customfield_10021"}, True),
        ({"field": "Impediment", "fieldId": "customfield_10021"}, True),
        ({"field": "flagged", "fieldId": "customfield_99"}, True),
        ({"field": "status"}, True),
        ({"field": "Resolution", "fieldId": None}, True),
        ({"field": "Status", "fieldId": "customfield_7"}, False),
        ({"field": "assignee", "fieldId": "assignee"}, False),
        ({}, False),
        (None, False),
        ("status", False),
    ],
)
def test_items_are_known_by_id_or_where_there_is_none_by_name(item, kept):
    assert FIELDS.keeps(item) is kept


def test_people_are_left_out_and_empty_histories_too():
    status = {"field": "status", "fieldId": "status", "from": "1", "to": "3"}
    histories = [
        {"id": "1", "created": "c", "author": {"emailAddress": "x"}, "items": [status, {"field": "assignee"}]},
        {"id": "2", "created": "c", "items": [{"field": "assignee"}]},
        {"id": "3", "created": "c"},
        {"id": "4", "created": "c", "items": None},
        "not a history",
    ]
    assert FIELDS.reduced(histories) == [{"id": "1", "created": "c", "items": [status]}]


def test_no_more_fields_are_asked_for_than_jira_takes():
    fields = HistoryFields.with_flags(f"customfield_{number}" for number in range(20))
    assert len(fields.asked) == MOST_FIELDS
    assert fields.asked[-1] == "project"
    assert fields.ids[:2] == ("status", "resolution")


@pytest.mark.parametrize(
    ("changelog", "histories", "truncated"),
    [
        (None, None, False),
        ({}, None, False),
        ({"histories": None, "total": 3}, None, False),
        ({"histories": []}, [], False),
        ({"histories": [], "total": 0}, [], False),
        ({"histories": [1], "total": 1}, [1], False),
        ({"histories": [1], "total": 2}, [1], True),
        ([], None, False),
    ],
)
def test_a_history_not_delivered_is_told_from_an_empty_and_a_cut_one(changelog, histories, truncated):
    assert delivered(changelog) == histories
    assert is_truncated(changelog) is truncated
