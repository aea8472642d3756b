"""How far a finding moves the numbers is worked out when somebody asks."""

import pytest
from dash.exceptions import PreventUpdate

from callbacks.quality import weigher
from callbacks.team import TeamLoader
from tests.builders import at, issue
from tests.unit.callbacks.readings import measured
from tests.unit.ui.reading import words

PLACE = {"type": "effects", "finding": "done_without_start"}


def unstarted(number):
    return issue(f"UN-{number}", at("2026-01-05 09:00"), moves=[(at("2026-01-12 09:00"), "Done")])


def test_a_press_gives_value_now_and_value_if():
    said = words(weigher(measured([unstarted(number) for number in range(1, 8)]))(1, PLACE, "30", None))

    assert "Flow time no value 7 days" in said


def test_new_buttons_and_absent_numbers_work_nothing_out():
    with pytest.raises(PreventUpdate):
        weigher(measured())(0, PLACE, "30", None)
    with pytest.raises(PreventUpdate):
        weigher(TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30))(1, PLACE, "30", None)


@pytest.mark.parametrize("code", ["done_without_start", "<script>", ""])
def test_a_finding_that_is_not_there_is_said_to_be_gone(code):
    assert "this finding is gone" in words(weigher(measured())(1, {"finding": code}, "30", None))
