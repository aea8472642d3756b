"""The team is read once, in the background, and measured once per period."""

import threading
from datetime import UTC, datetime

import pytest

from callbacks.team import Loading, Reading, Team, TeamLoader
from data.errors import AuthenticationFailed
from data.jira_simple import FetchProgress
from data.model import TeamRules
from tests.unit.callbacks.readings import FETCHED, data, ended
from ui.components.states import Failure


def loader_of(read, *, as_of=None):
    return TeamLoader(read, as_of=as_of, first_period=30)


def test_the_first_to_ask_starts_the_one_reading_that_all_share():
    begun, may_end = [], threading.Event()

    def read(report):
        begun.append(report)
        may_end.wait(5)
        return Reading(data(), TeamRules(), {})

    loader = loader_of(read)
    assert loader.team() is None
    askers = [threading.Thread(target=loader.state) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    may_end.set()

    assert isinstance(ended(loader), Team)
    assert len(begun) == 1


def test_progress_is_seen_while_the_reading_runs():
    told, may_end = threading.Event(), threading.Event()

    def read(report):
        report(FetchProgress(stage="issues", issues=300, expected=1200, pages=3, calls=4))
        told.set()
        may_end.wait(5)
        return Reading(data(), TeamRules(), {})

    loader = loader_of(read)
    loader.state()
    assert told.wait(5)
    state = loader.state()
    may_end.set()

    assert isinstance(state, Loading)
    assert (state.progress.issues, state.progress.expected) == (300, 1200)
    ended(loader)


def test_a_named_failure_stays_until_somebody_tries_again():
    answers = [AuthenticationFailed("Jira said 401."), Reading(data(), TeamRules(), {})]

    def read(_report):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    loader = loader_of(read)
    failure = ended(loader)
    assert isinstance(failure, Failure)
    assert (failure.title, failure.happened) == (AuthenticationFailed.title, "Jira said 401.")
    assert loader.state() is failure

    assert isinstance(loader.read_again(), Loading)
    assert isinstance(ended(loader), Team)


def test_reading_again_keeps_the_old_numbers_on_the_page_until_the_new_ones_are_there():
    may_end = threading.Event()

    def anew(_report):
        may_end.wait(5)
        return Reading(data(), TeamRules(), {})

    loader = TeamLoader(lambda _report: Reading(data(), TeamRules(), {}), read_anew=anew, as_of=None, first_period=30)
    first = ended(loader)
    assert isinstance(loader.read_again(), Loading)
    meanwhile = loader.team()
    may_end.set()

    assert meanwhile is first
    assert ended(loader) is not first


def test_a_further_reading_that_fails_keeps_the_old_numbers_and_says_why():
    def failing(_report):
        raise AuthenticationFailed("Jira said 401.")

    loader = TeamLoader(
        lambda _report: Reading(data(), TeamRules(), {}), read_anew=failing, as_of=None, first_period=30
    )
    first = ended(loader)
    loader.read_again()
    team = ended(loader)

    assert isinstance(team, Team)
    assert team.facts is first.facts
    assert team.problem.happened == "Jira said 401."


def test_an_unknown_failure_is_calm_and_can_be_found_in_the_log(caplog):
    def read(_report):
        raise ZeroDivisionError("the secret inner workings")

    failure = ended(loader_of(read))

    assert isinstance(failure, Failure)
    assert failure.reference
    assert "secret inner workings" not in str(failure)
    (record,) = [record for record in caplog.records if getattr(record, "request_id", "") == failure.reference]
    assert record.exc_info


def test_the_report_is_as_of_the_reading_unless_an_instant_is_set():
    def read(_report):
        return Reading(data(), TeamRules(), {})

    assert ended(loader_of(read)).as_of == FETCHED
    fixed = datetime(2025, 6, 1, tzinfo=UTC)
    assert ended(loader_of(read, as_of=fixed)).as_of == fixed


def test_a_period_is_measured_once_and_all_its_numbers_are_of_one_instant():
    team = ended(loader_of(lambda _report: Reading(data(), TeamRules(), {})))

    results = team.results(90)
    assert team.results(90) is results
    assert len(results) == 10
    assert {result["as_of"] for result in results.values()} == {"2026-01-31T12:00:00Z"}
    assert {result["period"]["days"] for result in results.values()} == {90}


@pytest.mark.parametrize("broken", [{"id": "1", "key": "AB-1", "fields": None}, {"id": "1"}])
def test_an_issue_without_a_summary_costs_nothing_but_its_summary(broken):
    team = ended(loader_of(lambda _report: Reading(data([broken]), TeamRules(), {})))

    assert isinstance(team, Team)
    assert team.summaries == {}
