"""The metrics agree with the slow reference on random histories, field by field."""

from __future__ import annotations

from hypothesis import given

from data.metric_catalogue import METRICS
from tests.property.effort import effort
from tests.reference.catalogue import REFERENCES
from tests.reference.comparison import differences
from tests.reference.results import change_of
from tests.strategies import Case, cases


def test_the_reference_knows_every_metric():
    assert {metric.key for metric in METRICS} == set(REFERENCES)


@effort(150)
@given(cases())
def test_every_metric_equals_its_reference(case: Case):
    disagreements = {}
    for metric in METRICS:
        expected = case.call(REFERENCES[metric.key])
        expected["change"] = change_of(expected, metric.better)
        found = differences(case.call(metric), expected)
        if found:
            disagreements[metric.key] = found
    assert not disagreements
