"""Rows of documents as lines of a table."""

import csv
import io
from typing import TypedDict

from callbacks.metrics_tables import TrendRow, as_csv
from data.watch import documents


class Inner(TypedDict):
    ms: float
    is_more: bool | None


class Outer(TypedDict):
    route: str
    change: Inner | None
    steps: list[Inner]


def lines(rows, shape):
    return list(csv.reader(io.StringIO(as_csv(rows, shape), newline="")))


def test_a_document_inside_a_row_has_columns_of_its_own_also_where_it_is_missing():
    rows = [
        {"route": "/", "change": {"ms": 1.5, "is_more": True}, "steps": []},
        {"route": "-1+1", "change": None, "steps": [{"ms": 1.0, "is_more": None}]},
    ]

    assert lines(rows, Outer) == [
        ["route", "change_ms", "change_is_more", "steps"],
        ["/", "1.5", "yes", "[]"],
        ["'-1+1", "", "", '[{"ms":1.0,"is_more":null}]'],
    ]


def test_a_table_without_rows_still_names_its_columns():
    assert lines([], documents.ComparedRoute)[0][-4:] == [
        "change_p95_ms_before",
        "change_requests_before",
        "change_ratio",
        "change_is_more_than_noise",
    ]
    assert lines([], TrendRow) == [
        [
            "at",
            "requests",
            "avg_ms",
            "p95_ms",
            "error_rate",
            "requests_week_before",
            "avg_ms_week_before",
            "p95_ms_week_before",
            "error_rate_week_before",
        ]
    ]
