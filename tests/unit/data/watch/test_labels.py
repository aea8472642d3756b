"""However many names are asked for, few are given, in one process, in many, and after a restart."""

from multiprocessing import get_context

import pytest

from data.watch.labels import LONGEST_LABEL, OTHER, SHARES, Labels, known_method
from data.watch.measurement import Kind, Measurement
from data.watch.store import MetricsStore
from tests.patience import PATIENCE_SECONDS
from tests.unhurried import give_nothing_up_early


def test_the_shares_are_three_hundred_in_all():
    assert sum(SHARES.values()) == 300


@pytest.mark.parametrize("kind", Kind)
def test_a_hundred_thousand_names_of_a_kind_become_its_share(kind):
    labels = Labels()
    given = [labels.admit(kind, f"/{number}") for number in range(100_000)]

    assert len(set(given)) == len(labels) == SHARES[kind]
    assert given[0] == "/0"
    assert given[-1] == OTHER


def test_a_flood_in_one_kind_takes_no_name_from_another():
    labels = Labels()
    for number in range(1000):
        labels.admit(Kind.REQUEST, f"/{number}")

    assert labels.admit(Kind.CALLBACK, "body.children") == "body.children"


def test_a_name_given_once_stays_given():
    labels = Labels([(Kind.JOB, f"job {number}") for number in range(SHARES[Kind.JOB] - 1)])

    assert labels.admit(Kind.JOB, "job 3") == "job 3"
    assert labels.admit(Kind.JOB, "one more") == OTHER


def test_a_long_name_is_cut():
    assert Labels().admit(Kind.REQUEST, "/" * 5000) == "/" * LONGEST_LABEL


def test_a_name_that_no_text_could_hold_is_written_out():
    assert Labels().admit(Kind.REQUEST, "/\ud800") == "/\\ud800"


def test_made_up_methods_are_one():
    assert [known_method(text) for text in ("GET", "BREW", "get", "")] == ["GET", OTHER, OTHER, OTHER]


def flood(path, seed):
    """Names of every kind that nobody has used, in many batches, as an attacker of `record_metric` would make them."""
    give_nothing_up_early()
    store = MetricsStore(path)
    for batch in range(5):
        names = [(kind, f"/{seed}-{batch}-{number}") for kind in Kind for number in range(100)]
        store.write([Measurement(1.7e9, kind, name, "GET", 1.0, 200, None, None, None) for kind, name in names])
    store.close()


def test_processes_and_restarts_share_the_names(tmp_path):
    path = tmp_path / "metrics.db"
    others = [get_context("spawn").Process(target=flood, args=(path, seed)) for seed in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join(PATIENCE_SECONDS)
    flood(path, 2)  # a restart: it knows nothing but the file

    keys = MetricsStore(path).totals()
    assert [other.exitcode for other in others] == [0, 0]
    assert len({(key.kind, key.label) for key in keys}) == 300
    assert sum(total.count for total in MetricsStore(path).totals().values()) == 3 * 5 * 500
