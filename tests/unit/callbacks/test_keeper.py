"""The data is kept current by itself: at the first visit, when it is old, by schedule, and after failures."""

import secrets
import threading
from datetime import UTC, datetime

import pytest

from callbacks.keeper import Keeper
from callbacks.team import TeamLoader
from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.errors import SettingsInvalid
from data.jira_simple import receipts
from tests.jira_sites import few_issues, serving
from tests.patience import eventually
from tests.unit.callbacks.readings import source_of
from ui.components.states import Failure

NOW = datetime(2026, 1, 2, 9, tzinfo=UTC)
HOUR = 3600


class Scene:
    """A keeper over a simulated Jira, turn by turn and without its thread."""

    def __init__(self, folder, jira, url, **settings):
        self.folder, self.jira, self.url, self.settings = folder, jira, url, settings
        self.clock = VirtualClock(NOW)
        self.token = secrets.token_hex(20)
        self.keeper = self.another()

    def another(self):
        """The same in another server process."""
        source = source_of(self.url, self.folder, self.clock, token=self.token, **self.settings)
        return Keeper(source, TeamLoader(source.version, source.reading, as_of=None, first_period=30))

    def look(self):
        self.keeper._visited = self.clock()

    def turn(self, keeper=None):
        """The triggers of the readings that this turn makes."""
        before = {receipt.id for receipt in self.history()}
        (keeper or self.keeper)._keep()
        return [receipt.trigger for receipt in self.history() if receipt.id not in before]

    def history(self):
        return receipts(self.keeper.source.request())


@pytest.fixture
def scene(tmp_path):
    with serving(few_issues(), "cloud") as (jira, url):
        yield Scene(tmp_path, jira, url)


def test_the_first_visit_reads_and_measures_and_the_next_asks_nothing(scene):
    assert scene.turn() == []
    scene.look()

    assert scene.turn() == ["first visit"]
    assert scene.keeper.loader.team() is not None
    assert scene.turn() == []


def test_numbers_older_than_a_day_are_renewed_when_somebody_looks(scene):
    scene.look()
    scene.turn()
    scene.clock.sleep(25 * HOUR)

    assert scene.turn() == []
    scene.look()
    assert scene.turn() == ["page"]


def test_a_schedule_reads_without_a_visit_and_survives_a_restart(scene):
    scene.look()
    scene.turn()
    scene.keeper.source.choose_schedule(60)
    scene.clock.sleep(HOUR - 60)
    assert scene.turn() == []
    scene.clock.sleep(120)

    assert scene.turn(scene.another()) == ["schedule"]
    assert scene.turn() == []


def test_a_failure_is_tried_again_after_half_a_minute_and_heals_by_itself(scene):
    scene.look()
    scene.turn()
    first = scene.keeper.loader.team()
    scene.keeper.source.choose_schedule(15)
    scene.jira.faults = Faults.named("unavailable")
    scene.clock.sleep(16 * 60)

    assert scene.turn() == ["schedule"]
    assert scene.history()[0].verdict == "failed"
    assert scene.keeper.loader.team() is first
    asked = len(scene.jira.requests)
    scene.clock.sleep(20)
    assert scene.turn() == []
    assert len(scene.jira.requests) == asked

    scene.jira.faults = Faults()
    at = scene.keeper.next_attempt(scene.history())
    assert 0 < (at - scene.clock()).total_seconds() <= 30
    scene.clock.sleep(15)
    assert scene.turn() == ["schedule"]
    assert scene.history()[0].verdict == "complete"
    assert scene.keeper.loader.team() is not first


def test_refused_credentials_are_not_tried_again_by_themselves(scene):
    scene.jira.faults = Faults.named("unauthorized")
    scene.look()
    assert scene.turn() == ["first visit"]
    scene.clock.sleep(HOUR)
    scene.look()

    assert scene.turn() == []
    assert scene.keeper.next_attempt(scene.history()) is None


def test_many_processes_make_one_attempt(scene):
    keepers = [scene.another() for _ in range(4)]
    for keeper in keepers:
        keeper._visited = scene.clock()
    threads = [threading.Thread(target=keeper._keep) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(scene.history()) == 1


def test_what_was_deleted_on_request_is_not_read_again_by_itself(scene):
    scene.look()
    scene.turn()
    scene.keeper.source.forget()
    scene.keeper.loader.forget()

    assert scene.turn() == []
    assert scene.keeper.next_attempt([]) is None


def test_settings_that_were_broken_by_hand_are_told_and_mended_while_the_numbers_stay(scene):
    scene.look()
    scene.turn()
    file = scene.keeper.source.settings.app_settings_path
    file.write_text('{"schedule_minutes": 7}')
    scene.keeper._turn()

    assert isinstance(scene.keeper.problem, Failure)
    assert scene.keeper.problem.title == SettingsInvalid.title
    assert scene.keeper.loader.team() is not None
    assert scene.keeper.schedule() == 0
    scene.keeper.source.choose_schedule(30)
    scene.keeper._turn()
    assert scene.keeper.problem is None


def test_a_field_that_jira_does_not_have_is_asked_for_once(scene):
    scene.look()
    scene.turn()
    file = scene.keeper.source.settings.app_settings_path
    file.write_text('{"field_mappings": {"team": "customfield_99999"}}')

    assert scene.turn() == ["page"]
    assert scene.turn() == []


def test_the_thread_starts_with_the_first_visit_and_is_one(scene):
    before = {thread for thread in threading.enumerate() if thread.name == "team-keeper"}
    scene.keeper.source.forget()
    scene.keeper.visit()
    scene.keeper.visit()

    assert len({thread for thread in threading.enumerate() if thread.name == "team-keeper"} - before) == 1


def test_a_schedule_begins_before_anybody_looks_and_without_one_the_first_visit_is_waited_for(scene):
    scene.keeper.begin()
    assert scene.keeper._thread is None

    scene.keeper.source.choose_schedule(60)
    scene.keeper.begin()

    eventually(lambda: [receipt.verdict for receipt in scene.history()] == ["complete"])
