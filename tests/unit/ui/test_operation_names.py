"""What is timed has a name that a person understands."""

import pytest

from data.metric_catalogue import METRICS
from ui.operation_names import operation_name


@pytest.mark.parametrize(
    ("kind", "label", "name"),
    [
        ("callback", "page-body.children +1", "Drawing a page"),
        ("callback", "issue-list[group].children +1", "Finding issues in a list"),
        ("callback", "sync-done.data", "Reading Jira on demand"),
        ("callback", "sync-done.data (poll)", "Reading Jira on demand: is it done?"),
        ("callback", "nobody-named.this", "nobody-named.this"),
        ("callback", "__other__", "Everything else together"),
        ("request", "/", "Opening the first page"),
        ("request", "/what-if", "Opening the page What if"),
        ("request", "/metrics/performance", "Opening the page Performance"),
        ("request", "/metrics/api/slow-routes", "Measurements: slow routes"),
        ("request", "/metrics/api/export/<table>.<kind>", "Downloading measurements"),
        ("request", "/some/<strange>", "/some/<strange>"),
        ("request", "/issues.csv", "Downloading the issues"),
        ("request", "__404__", "Addresses that do not exist"),
        ("calculation", "all_metrics", "All metrics"),
        ("job", "read_now", "Read now"),
        ("jira", "GET /rest/api/3/myself", "GET /rest/api/3/myself"),
    ],
)
def test_a_label_is_told_in_words(kind, label, name):
    assert operation_name(kind, label) == name


def test_a_calculation_is_called_like_its_metric():
    for declared in METRICS:
        assert operation_name("calculation", declared.key) == declared.title
