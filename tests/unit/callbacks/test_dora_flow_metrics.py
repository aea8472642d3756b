"""Drawing a page's numbers, explaining one, finding issues in its lists."""

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import answerer, explainer, issue_finder, page_drawer, period_days
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from configuration.settings import Settings
from tests.builders import at, issue
from tests.unit.callbacks.readings import measured, triggered
from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.issue_list import FIRST, STEP
from ui.pages import DRAWN_PAGES

READY = {"phase": "ready", "version": "1"}
EXPLAIN_CFR = {"button": {"metric": "cfr", "type": "explain"}, "number": 1}


def draw(loader, page="overview", days="30", *, state=READY, filters=None, search="", group=None):
    with triggered("load-state.data"):
        body, _ = page_drawer(loader, Source(Settings()), DRAWN_PAGES)(
            page, (days, filters, search, group), state, None
        )
    return body


def titles(body):
    return [title.children for title in of_kind(body, "Title") if "metric-title" in title.className]


def test_the_overview_shows_all_ten_and_each_family_page_its_five():
    loader = measured()

    assert len(titles(draw(loader))) == 10
    assert titles(draw(loader, "dora"))[0] == "Deployment frequency"
    assert len(titles(draw(loader, "dora"))) == len(titles(draw(loader, "flow"))) == 5


def test_news_told_twice_is_drawn_once():
    """A body drawn anew would swallow a click on a button of the old one."""
    draw_page = page_drawer(measured(), Source(Settings()), DRAWN_PAGES)
    with triggered("load-state.data"):
        _, drawn = draw_page("dora", ("30", None, "", None), READY, None)
        with pytest.raises(PreventUpdate):
            draw_page("dora", ("30", None, "", None), READY, drawn)
        body, _ = draw_page("dora", ("90", None, "", None), READY, drawn)

    assert len(titles(body)) == 5


def test_before_anything_is_known_the_page_keeps_its_shapes():
    loader = TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30)

    with pytest.raises(PreventUpdate):
        draw(loader, state=None)
    assert len(with_class(draw(loader, state={"phase": "loading", "version": ""}), "skeleton-card")) == 10


def test_a_failure_leaves_no_shapes_that_promise_numbers():
    assert draw(measured(), state={"phase": "failed", "version": "x"}) is None


def test_no_issues_at_all_are_said_and_not_shown_as_zeros():
    body = draw(measured([]))

    assert "There are no issues to measure" in words(body)
    assert titles(body) == []


def test_the_explanation_opens_on_the_metric_whose_button_was_pressed():
    opened, title, body, subject = explainer(measured(), Source(Settings()))(EXPLAIN_CFR, "90", None, None)

    assert opened is True
    assert title == "Change failure rate"
    assert "The share of deployments that failed" in words(body)
    assert subject == {"metric": "cfr", "days": "90", "filters": None}


def test_a_new_page_opens_no_explanation():
    with pytest.raises(PreventUpdate):
        explainer(measured(), Source(Settings()))(None, "30", None, None)


def test_a_list_is_searched_and_extended():
    loader = measured([issue(f"AB-{number}", at("2026-01-05 09:00")) for number in range(1, 201)])
    find = issue_finder(loader, Source(Settings()))
    subject, group = {"metric": "flow_velocity", "days": "30"}, {"type": "issue-list", "group": "no_finish"}

    rows, button = find("", 0, group, subject)
    assert len(of_kind(rows, "Li")) == FIRST
    assert button is no_update
    rows, button = find("", 1, group, subject)
    assert len(of_kind(rows, "Li")) == FIRST + STEP
    assert button is no_update
    rows, button = find("", 2, group, subject)
    assert len(of_kind(rows, "Li")) == 200
    assert button == {"display": "none"}
    rows, _ = find("AB-12", 0, group, subject)
    assert len(of_kind(rows, "Li")) == 11


def test_without_an_open_explanation_there_is_no_list_to_search():
    with pytest.raises(PreventUpdate):
        issue_finder(measured(), Source(Settings()))("x", 0, {"group": "included"}, None)


@pytest.mark.parametrize(
    ("text", "days"), [("7", 7), ("365", 365), ("8", 30), ("-1", 30), ("9" * 400, 30), ("", 30), (None, 30)]
)
def test_only_the_periods_offered_are_measured(text, days):
    assert period_days(text) == days


def test_why_an_issue_is_in_a_number_is_answered_in_one_sentence():
    ask = answerer(measured())
    subject = {"metric": "flow_time", "days": "30"}
    assert ask("NO-1", subject).startswith("NO-1 is not among")
    assert ask("  ", subject) == ask(None, subject) == ask("NO-1", None) == ""
    assert len(ask("X" * 5000, subject)) < 400
