"""The grade, its parts and what pulls it down."""

from tests.unit.ui.performance_documents import health as document
from tests.unit.ui.performance_documents import no_health, pull
from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.performance.health import SAID_FIRST, health, health_aloud


def test_the_grade_stands_with_its_points_and_all_that_it_rests_on_as_text():
    shown = words(health(document()))
    for part in ("B+", "86.4 of 100 points", "from 51,234 answers", "Speed counts 40 %", "Cache counts 30 %"):
        assert part in shown
    assert "95 % of the requests were answered within 182 ms." in shown
    assert "62.4 % of 32,000 answers" in shown
    assert "21 of 51,234 requests failed." in shown


def test_what_pulls_it_down_is_named_in_words_with_its_points():
    shown = words(health(document()))
    assert "Drawing a page : 6,200 of 9,100 answers that could have been kept were not. −8.1 points" in shown


def test_without_traffic_there_is_no_grade_and_it_says_why():
    shown = words(health(no_health()))
    assert "No grade" in shown
    assert "Nothing was measured" in shown
    assert "A+" not in shown


def test_a_part_that_does_not_count_says_so():
    parts = document()["parts"] | {"cache": None}
    assert "Cache left out Nothing that can be kept was asked for" in words(
        health(document(parts=parts)).__getitem__(1)
    ).replace("  ", " ")


def test_the_list_of_what_pulls_it_down_is_short():
    many = [pull("latency", f"a-{place}.b", 1.0, "Slow.") for place in range(9)]
    assert len(with_class(health(document(pulls_down=many)), "pull")) == SAID_FIRST
    assert with_class(health(document(pulls_down=[])), "pull") == []


def test_how_it_is_computed_opens_without_a_mouse():
    (fold,) = of_kind(health(document()), "Details")
    assert "Speed counts 40 %" in words(fold)


def test_the_voice_hears_only_what_matters():
    assert health_aloud(document(total_score=86.4), 0) == health_aloud(document(total_score=86.9), 0)
    assert health_aloud(document(), 0) == "Grade B+, no alert is firing."
    assert health_aloud(document(), 1) == "Grade B+, 1 alert is firing."
    assert health_aloud(no_health(), 2) == "No grade, 2 alerts are firing."


def test_few_answers_are_called_few():
    assert "which are few" in words(health(document(few=True, requests=7)))
