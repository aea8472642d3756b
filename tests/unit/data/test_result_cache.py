"""Answers are kept by everything they depend on, the ones asked last, and no more than there is room for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from data.filters import Filters
from data.result_cache import Question, ResultCache
from tests.builders import at

ASKED = Question("data-1", "rules-1", Filters(), 30, at("2025-03-31 12:00"))
OTHERS = [
    replace(ASKED, data_version="data-2"),
    replace(ASKED, config_version="rules-2"),
    replace(ASKED, filters=Filters(team=frozenset({"red"}))),
    replace(ASKED, days=90),
    replace(ASKED, as_of=ASKED.as_of + timedelta(microseconds=1)),
]


def refuse():
    raise AssertionError("this answer is kept")


def test_an_answer_is_worked_out_once():
    cache = ResultCache()

    assert (cache.answer(ASKED, lambda: 7), cache.answer(ASKED, refuse)) == (7, 7)
    assert cache.answer(replace(ASKED, filters=Filters()), refuse) == 7
    assert (cache.hits, cache.misses) == (2, 1)


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_it_depends_on_makes_another_question(other):
    cache = ResultCache()
    cache.answer(ASKED, lambda: 7)

    assert cache.answer(other, lambda: 8) == 8
    assert cache.answer(ASKED, refuse) == 7


def test_the_question_not_asked_for_longest_makes_room():
    cache = ResultCache(capacity=2)
    for number, question in enumerate([ASKED, OTHERS[0], ASKED, OTHERS[1]]):
        cache.answer(question, lambda number=number: number)

    assert len(cache) == 2
    assert cache.answer(ASKED, refuse) == 0
    assert cache.answer(OTHERS[0], lambda: "anew") == "anew"


def test_an_error_is_not_kept():
    cache = ResultCache()

    with pytest.raises(AssertionError):
        cache.answer(ASKED, refuse)
    assert cache.answer(ASKED, lambda: 7) == 7


def test_threads_that_ask_at_once_get_one_answer():
    cache, together = ResultCache(), Barrier(4)

    def ask(number):
        return cache.answer(ASKED, lambda: (together.wait(), number)[1])

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(ask, range(4)))

    assert len(answers) == 1
    assert cache.answer(ASKED, refuse) in answers


def test_room_for_nothing_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        ResultCache(capacity=0)
