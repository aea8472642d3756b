"""Cards and explanation follow the group that is chosen to compare with."""

import pytest
from dash.exceptions import PreventUpdate

from callbacks.benchmark import comparer, liner
from callbacks.team import TeamLoader
from tests.builders import at, issue, version
from tests.unit.callbacks.readings import measured
from tests.unit.callbacks.test_dora_flow_metrics import draw
from tests.unit.ui.reading import of_kind, with_class, words

KEYS = ({"metric": "deployment_frequency"}, {"metric": "lead_time"}, {"metric": "flow_time"}, {"metric": "nothing"})
SUBJECT = {"metric": "lead_time", "days": "30"}


def released():
    versions = [version(f"1.{day}", released=f"2026-01-{day}") for day in range(10, 18)]
    moves = [(at("2026-01-06 09:00"), "In Progress"), (at("2026-01-07 09:00"), "Done")]
    return measured(
        [issue(f"AB-{n}", at("2026-01-05"), moves=moves, fix_versions=[one]) for n, one in enumerate(versions)],
        versions=versions,
    )


def test_every_card_follows_in_its_place():
    loader = released()
    everybody, banks = (liner(loader)(group, KEYS, "30", None) for group in ("all", "financial_services"))

    assert everybody[2:] == banks[2:] == ["", ""]
    for ours, theirs in zip(everybody[:2], banks[:2], strict=True):
        assert "All industries" in ours
        assert "Financial" in theirs
        assert ours.endswith("DORA Quick Check 2025)")
    assert liner(loader)("moon", KEYS, "30", None) == everybody


def test_a_page_is_drawn_with_the_group_that_the_browser_remembers():
    body = draw(released(), "dora", group="financial_services")

    assert of_kind(body, "Select")[0].value == "financial_services"
    assert "Financial" in words(with_class(body, "benchmark")[0])


def test_the_explanation_follows_too():
    assert "Financial" in words(comparer(released())("financial_services", SUBJECT))


def test_nothing_shown_and_nothing_measured_change_nothing():
    empty = TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30)
    for ask in (
        lambda: comparer(measured())("all", None),
        lambda: liner(measured())("all", [], "30", None),
        lambda: liner(empty)("all", KEYS, "30", None),
        lambda: comparer(empty)("all", SUBJECT),
    ):
        with pytest.raises(PreventUpdate):
            ask()
