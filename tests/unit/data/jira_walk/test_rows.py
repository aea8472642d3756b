"""Entries of an answer become rows, or a reason why not: none is lost on the way."""

from __future__ import annotations

import pytest

from data.jira_walk.rows import asked_again, cut, field_text, is_whole, issue_id, read_rows

WHOLE = {"id": "1", "key": "A-1", "fields": {"updated": "then"}, "self": "address"}


@pytest.mark.parametrize(
    ("entry", "identity"),
    [
        (WHOLE, "1"),
        ({"id": 17}, "17"),
        ({"id": ""}, None),
        ({"id": True}, None),
        ({"id": None, "key": "A-1"}, None),
        ({"id": ["1"]}, None),
        ("issue A-1", None),
        (None, None),
    ],
)
def test_an_issue_is_what_has_an_id(entry, identity):
    assert issue_id(entry) == identity


@pytest.mark.parametrize("entry", [{"id": "1"}, {"id": "1", "fields": None}, {"fields": {}}, [], None])
def test_an_issue_without_id_or_fields_is_not_whole(entry):
    assert not is_whole(entry)


def test_as_many_come_out_as_go_in():
    page = read_rows([WHOLE, {"key": "A-2", "fields": {}}, None, {"id": 3, "key": "A-3"}, "A-4"])
    assert page.rows == [
        {"id": "1", "key": "A-1", "fields": {"updated": "then"}},
        {"id": "3", "key": "A-3", "fields": None},
    ]
    assert page.skipped == [
        "issue A-2 has no id",
        "an entry among the issues is not an issue",
        "an entry among the issues is not an issue",
    ]


@pytest.mark.parametrize("row", [{}, {"fields": None}, {"fields": {"updated": 5}}, {"fields": {"other": "x"}}])
def test_what_no_field_says_in_words_is_unknown(row):
    assert field_text(row, "updated") is None


def test_a_damaged_answer_is_asked_for_once_more_and_no_oftener():
    answers = iter(["damaged", "damaged too", "whole"])
    assert asked_again(lambda: next(answers), lambda answer: answer == "whole") == "damaged too"
    answers = iter(["whole", "never asked"])
    assert asked_again(lambda: next(answers), lambda answer: answer == "whole") == "whole"


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (4, [4]), (9, [4, 4, 1])])
def test_pieces_are_full_but_for_the_last(count, sizes):
    pieces = [list(piece) for piece in cut(range(count), 4)]
    assert [len(piece) for piece in pieces] == sizes
    assert [number for piece in pieces for number in piece] == list(range(count))
