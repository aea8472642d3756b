"""Whether the application can do its work: what must hold, what is only told, and that no check holds an answer up."""

from __future__ import annotations

import threading

import pytest

from data.watch.readiness import Check, Finding, Readiness
from tests.patience import PATIENCE_SECONDS, eventually

GOOD = Finding(ok=True, detail="All is well.")
BAD = Finding(ok=False, detail="It is broken.", next_step="Repair it.")


def readiness(*checks, **options):
    return Readiness([Check(f"check-{number}", *given) for number, given in enumerate(checks)], **options)


@pytest.mark.parametrize(
    ("checks", "ready"),
    [
        ([(lambda: GOOD,), (lambda: GOOD,)], True),
        ([(lambda: GOOD,), (lambda: BAD,)], False),
        ([(lambda: GOOD,), (lambda: BAD, False)], True),
        ([(lambda: BAD,), (lambda: GOOD, False)], False),
    ],
)
def test_only_what_is_needed_decides(checks, ready):
    assert readiness(*checks)()["ready"] is ready


def test_every_check_tells_what_it_found_and_what_to_do():
    document = readiness((lambda: GOOD,), (lambda: BAD, False))()

    assert document["checks"] == [
        {"name": "check-0", "ok": True, "needed": True, "detail": "All is well.", "next_step": ""},
        {"name": "check-1", "ok": False, "needed": False, "detail": "It is broken.", "next_step": "Repair it."},
    ]


def test_an_age_is_told_where_there_could_be_one():
    aged = Check("reading", lambda: GOOD._replace(age_seconds=7.5), tells_age=True)
    unread = Check("other", lambda: GOOD, tells_age=True)

    assert [one["age_seconds"] for one in Readiness([aged, unread])()["checks"]] == [7.5, None]


def test_a_check_that_hangs_holds_nobody_up_and_is_begun_once():
    """As a look at a network share that is gone; many probes come meanwhile."""
    never, looks, ended = threading.Event(), [], []

    def hang():
        looks.append(1)
        never.wait(PATIENCE_SECONDS)
        ended.append(1)
        return GOOD

    asked, documents = readiness((hang,), (lambda: GOOD,), patience=0.05, good_for=0.0), []

    def the_other_was_in_time():
        documents.append(asked())
        return documents[-1]["checks"][1]["ok"]

    eventually(lambda: the_other_was_in_time() and len(documents) >= 5)
    assert ended == []
    never.set()

    assert len(looks) == 1
    assert not any(document["ready"] or document["checks"][0]["ok"] for document in documents)
    assert "No answer within 0.05 s" in documents[0]["checks"][0]["detail"]


def test_after_a_hanging_check_has_ended_it_counts_again():
    gate = threading.Event()
    asked = readiness((lambda: gate.wait(PATIENCE_SECONDS) and GOOD,), patience=0.02, good_for=0.0)
    assert not asked()["ready"]
    gate.set()
    asked._looks[0]._thread.join()

    assert asked()["ready"]


def test_many_probes_at_once_look_once():
    looks, lock = [], threading.Lock()

    def look():
        with lock:
            looks.append(1)
        return GOOD

    asked = readiness((look,), good_for=3600.0)
    threads = [threading.Thread(target=asked) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(looks) == 1


def test_what_was_found_a_while_ago_is_looked_at_again():
    found = iter([GOOD, BAD])
    asked = readiness((lambda: next(found),), good_for=0.0)

    assert [asked()["ready"], asked()["ready"]] == [True, False]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_check_that_fails_in_a_way_nobody_foresaw_is_not_ready():
    asked = readiness((lambda: 1 / 0,))

    assert asked()["checks"][0]["detail"] == "The check ended unexpectedly."
    assert not asked()["ready"]
