"""What is known about a request stays with its own work, on whatever thread that runs."""

from __future__ import annotations

import re
import threading

import pytest

from configuration.request_notes import (
    ContextExecutor,
    accepted_request_id,
    current_callback,
    current_request_id,
    noted,
    outliving,
    request_noted,
)


@pytest.mark.parametrize("offered", ["a", "A-1", "0" * 64, "3f2c-AB"])
def test_a_well_formed_id_is_taken_over(offered):
    assert accepted_request_id(offered) == offered


@pytest.mark.parametrize("offered", [None, "", "a b", "a" * 65, "a\n", "é", "../x", '"', "a_b"])
def test_any_other_id_is_replaced_by_a_new_one(offered):
    made = accepted_request_id(offered)

    assert re.fullmatch(r"[0-9a-f-]{36}", made)
    assert made != accepted_request_id(offered)


def test_outside_a_request_nothing_is_known():
    assert noted() == {}


def test_a_request_is_known_while_it_is_served_and_forgotten_with_its_failure():
    with request_noted("outer"):
        current_callback.set("page.children")
        with pytest.raises(KeyError, match="request_id': 'inner"), request_noted("inner"):
            raise KeyError(str(noted()))
        assert noted() == {"request_id": "outer", "callback": "page.children"}
    assert noted() == {}


def test_the_tasks_of_a_pool_know_who_submitted_them():
    """Two requests share a pool of one thread, so that a note left behind would show."""
    with ContextExecutor(max_workers=1) as pool:
        tasks = []
        for number in range(50):
            with request_noted(f"request-{number}"):
                tasks.append(pool.submit(noted))
        bare = pool.submit(noted)

    assert [task.result()["request_id"] for task in tasks] == [f"request-{number}" for number in range(50)]
    assert bare.result() == {}


def test_a_pool_passes_arguments_and_failures_on():
    with ContextExecutor(max_workers=2) as pool:
        assert list(pool.map(int, ["7", "8"])) == [7, 8]
        assert pool.submit(int, "11", base=2).result() == 3
        with pytest.raises(ValueError, match="invalid literal"):
            pool.submit(int, "x").result()


def test_what_outlives_a_callback_keeps_the_request_but_not_the_callback():
    seen = []
    with request_noted("started-it"):
        current_callback.set("page.children")
        work = outliving(lambda: seen.append(noted()))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [{"request_id": "started-it"}]
    assert current_request_id.get() is None
