"""What is kept is measured once for each version of it and each period, however many ask."""

import threading
from datetime import UTC, datetime

import pytest

from callbacks.team import TeamLoader
from data.model import TeamRules
from tests.unit.callbacks.readings import FETCHED, data, measured, reading_of


class Kept:
    """What a test says is kept; counts how often it is opened."""

    def __init__(self, version=None):
        self.version, self.opened, self.broken = version, 0, None

    def read(self):
        self.opened += 1
        if self.broken:
            raise self.broken
        return None if self.version is None else reading_of(data(), TeamRules())

    def loader(self, *, as_of=None):
        return TeamLoader(lambda: self.version, self.read, as_of=as_of, first_period=30)


def test_while_nothing_is_kept_there_are_no_numbers():
    loader = Kept().loader()

    assert loader.current() is None
    assert loader.team() is None


def test_all_who_ask_share_one_measuring():
    kept = Kept("1")
    loader = kept.loader()
    found = []
    askers = [threading.Thread(target=lambda: found.append(loader.current())) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert kept.opened == 1
    assert len({id(team) for team in found}) == 1


def test_newer_data_is_measured_when_it_is_there_and_the_old_numbers_stay_until_then():
    kept = Kept("1")
    loader = kept.loader()
    first = loader.current()
    kept.version = "2"

    assert loader.team() is first
    assert loader.current().version == "2"
    assert loader.team().version == "2"


def test_numbers_that_cannot_be_made_anew_leave_the_old_ones():
    kept = Kept("1")
    loader = kept.loader()
    first = loader.current()
    kept.version, kept.broken = "2", ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        loader.current()
    assert loader.team() is first
    assert not loader.is_measuring()


def test_numbers_whose_data_was_deleted_are_forgotten():
    loader = measured()
    loader.forget()

    assert loader.team() is None


def test_the_report_is_as_of_the_reading_unless_an_instant_is_set():
    assert Kept("1").loader().current().as_of == FETCHED
    fixed = datetime(2025, 6, 1, tzinfo=UTC)
    assert Kept("1").loader(as_of=fixed).current().as_of == fixed


def test_a_period_is_measured_once_and_all_its_numbers_are_of_one_instant():
    team = measured().team()

    results = team.results(90)
    assert team.results(90) is results
    assert len(results) == 10
    assert {result["as_of"] for result in results.values()} == {"2026-01-31T12:00:00Z"}
    assert {result["period"]["days"] for result in results.values()} == {90}


@pytest.mark.parametrize("broken", [{"id": "1", "key": "AB-1", "fields": None}, {"id": "1"}])
def test_an_issue_without_a_summary_costs_nothing_but_its_summary(broken):
    assert measured([broken]).team().summaries == {}
