"""Answers come in the order of asking, few are held at a time, and whoever leaves leaves nothing running."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from configuration.request_notes import noted, request_noted
from data.jira_walk.workers import Workers
from tests.jira_sites import connected, plain_site, serving
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def client():
    with serving(plain_site([]), "cloud") as (_, url), connected(url) as found:
        yield found


def test_answers_come_in_the_order_of_asking_whichever_is_ready_first(client):
    """The first waits until the third has been answered."""
    third = threading.Event()

    def answer(number):
        if number == 0:
            assert third.wait(PATIENCE_SECONDS)
        if number == 2:
            third.set()
        return number

    with Workers(client, 2) as workers:
        assert list(workers.in_order(partial(answer, number) for number in range(9))) == list(range(9))


@pytest.mark.parametrize("count", [1, 3])
def test_questions_are_drawn_only_as_there_is_room(client, count):
    drawn = []

    def questions():
        for number in range(100):
            drawn.append(number)
            yield partial(int, number)

    with Workers(client, count) as workers:
        answers = workers.in_order(questions())
        assert [next(answers), next(answers)] == [0, 1]
        assert len(drawn) <= 3 * count + 2
        answers.close()


def test_an_error_comes_in_its_place_and_drops_what_waits(client):
    asked = []

    def answer(number):
        asked.append(number)
        if number == 2:
            raise KeyError(number)
        return number

    with Workers(client, 1) as workers:
        answers = workers.in_order(partial(answer, number) for number in range(50))
        assert [next(answers), next(answers)] == [0, 1]
        with pytest.raises(KeyError):
            next(answers)
    assert len(asked) < 10


def test_leaving_drops_what_waits_and_ends_the_waits_of_what_is_under_way(client):
    started, ended = threading.Event(), threading.Event()
    workers = Workers(client, 1)

    def wait_for_a_limit():
        started.set()
        while not workers.client.wire.run.cancelled():
            ended.wait(0.01)
        ended.set()

    with workers:
        workers.submit(wait_for_a_limit)
        waiting = workers.submit(partial(int, 1))
        assert started.wait(PATIENCE_SECONDS)
    assert ended.wait(PATIENCE_SECONDS)
    assert waiting.cancelled()


def test_what_workers_log_bears_the_id_of_the_request(client):
    with request_noted("an-id"), Workers(client, 2) as workers:
        assert workers.submit(noted).result() == {"request_id": "an-id"}


@pytest.mark.parametrize("count", [0, -1])
def test_a_walk_without_workers_is_refused(client, count):
    with pytest.raises(ValueError, match="1 worker or more"):
        Workers(client, count)
