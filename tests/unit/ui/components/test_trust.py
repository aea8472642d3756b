"""How far a value may be trusted, on its card and its panel."""

import pytest

from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.results import result
from ui.components.card import metric_card
from ui.components.panel import metric_panel
from ui.components.trust import trust_mark

REASONS = ["It rests on only 3 items.", "<img src=x onerror=alert(1)> is in doubt."]


@pytest.mark.parametrize("draw", [metric_card, metric_panel])
def test_every_value_tells_its_trust_and_within_it_the_reasons(draw):
    mark = with_class(draw(result(trust={"level": "limited", "score": 72, "because": REASONS})), "trust")

    assert words(mark) == "Trust: limited 72 of 100 points, because: " + " ".join(REASONS)
    assert [item.children for item in of_kind(mark, "Li")] == REASONS, "text stays text"


def test_each_level_has_a_sign_of_its_own_beside_its_colour():
    tones = {
        level: of_kind(trust_mark({"level": level, "score": 1, "because": []}), "Span")[0].className
        for level in ("high", "limited", "low")
    }
    assert len(set(tones.values())) == 3


def test_without_a_value_there_is_nothing_to_trust():
    assert trust_mark({"level": "none", "score": None, "because": ["There is no value."]}) is None
