"""What a sync says it has is what Jira holds, whatever goes wrong on the way; and the proof of that can fail."""

from __future__ import annotations

import copy
import os
from datetime import UTC, datetime, timedelta

import pytest

from data.demo.crowd import crowd_site
from data.demo.jira import SimulatedJira
from tests.benchmarks.broken_clients import MISTAKES
from tests.benchmarks.fetch_worlds import run_worlds
from tests.site_truth import Truth
from tests.virtual_time import VirtualTime

SYNCS = 1_000 if "SIGHTLINE_THOROUGH" in os.environ else 50
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Site:
    """A site, and what a faultless reader would have of it."""

    def __init__(self) -> None:
        self.time = VirtualTime(BEGUN)
        self.store = SimulatedJira(crowd_site(40, BEGUN), clock=self.time.wall).store
        self.kept = [copy.deepcopy(record.raw) for record in self.store.all()]

    def judged(self, *, since: timedelta = timedelta(0), project: str = ""):
        matches = lambda issue: project in {"", issue["fields"]["project"]["key"]}  # noqa: E731 - one question
        return Truth(self.store, matches).against(self.kept, BEGUN + since, self.time.wall())

    def rename(self, key: str, summary: str) -> None:
        self.time.sleep(60)
        self.store.change(key, lambda raw: raw["fields"].update(summary=summary) or [])


@pytest.fixture
def site():
    return Site()


def test_a_faultless_reading_has_no_findings(site):
    assert not site.judged()


def test_a_missing_issue_is_found(site):
    gone = site.kept.pop(3)
    assert site.judged().missing == [gone["id"]]


def test_a_doubled_issue_is_found(site):
    site.kept.append(site.kept[5])
    assert site.judged().doubled == [site.kept[5]["id"]]


def test_an_issue_that_never_was_is_found(site):
    site.kept.append({**site.kept[0], "id": "7"})
    assert site.judged().foreign == ["7"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda issue: issue.update(key="TID-999"),
        lambda issue: issue["fields"].update(summary="Other"),
        lambda issue: issue["fields"].update(status={"id": "3"}),
        lambda issue: issue["fields"].update(updated="2026-01-01T00:00:00.000+0000"),
        lambda issue: issue["changelog"]["histories"].pop(),
        lambda issue: issue["changelog"]["histories"].append(
            {**issue["changelog"]["histories"][0], "created": "2026-01-01T00:00:00.000+0000"}
        ),
        lambda issue: issue.pop("changelog"),
    ],
)
def test_a_wrong_issue_is_found(site, spoil):
    spoil(site.kept[8])
    assert site.judged().wrong == [site.kept[8]["id"]]


def test_an_instant_may_be_written_in_another_zone(site):
    site.kept[0]["fields"]["created"] = (
        (datetime.fromisoformat(site.kept[0]["fields"]["created"]) + timedelta(0))
        .astimezone(UTC)
        .isoformat(timespec="milliseconds")
    )
    assert not site.judged()


def test_a_history_may_be_dated_in_milliseconds(site):
    for entry in site.kept[0]["changelog"]["histories"]:
        entry["created"] = int(datetime.fromisoformat(entry["created"]).timestamp() * 1000)
    assert not site.judged()


def test_what_changed_while_it_was_read_may_be_old_or_new(site):
    site.rename("TID-1", "New")
    assert not site.judged()
    site.kept[0] = copy.deepcopy(site.store.find("TID-1").raw)
    assert not site.judged()


def test_what_changed_before_it_was_read_has_to_be_new(site):
    site.rename("TID-1", "New")
    site.time.sleep(7200)
    assert site.judged(since=HOUR).wrong == [site.kept[0]["id"]]


def test_what_was_deleted_before_it_was_read_is_foreign(site):
    site.store.delete("TID-1")
    site.time.sleep(7200)
    assert site.judged(since=HOUR).foreign == [site.kept[0]["id"]]


def test_what_was_deleted_or_added_meanwhile_may_be_there_or_not(site):
    site.time.sleep(60)
    site.store.delete("TID-1")
    site.store.put({**copy.deepcopy(site.kept[4]), "id": "999999", "key": "TID-999"})
    assert not site.judged()
    site.kept = [copy.deepcopy(record.raw) for record in site.store.all()]
    assert not site.judged()


def test_what_has_left_the_query_is_foreign(site):
    site.kept = [issue for issue in site.kept if issue["fields"]["project"]["key"] == "TID"]
    assert not site.judged(project="TID")
    site.store.move("TID-1", "SLU-900", {"id": "20200", "key": "SLU", "name": "Sluices"})
    site.time.sleep(7200)
    assert site.judged(since=HOUR, project="TID").foreign == [site.kept[0]["id"]]


def test_whatever_goes_wrong_a_sync_is_complete_or_says_why_not(tmp_path):
    """Full readings and increments of both flavours under 33 faults, while the sites live on."""
    tally = run_worlds(SYNCS, tmp_path)
    assert tally.is_sound, tally
    assert tally.syncs == SYNCS
    assert tally.verdicts["complete"] >= SYNCS // 4
    assert tally.verdicts["failed"] >= SYNCS // 20
    assert min(tally.kinds["full"], tally.kinds["increment"]) > 0
    assert len(tally.faults) >= 20


@pytest.mark.parametrize(("fault", "manner"), MISTAKES, ids=[fault for fault, _ in MISTAKES])
def test_a_client_with_a_classic_mistake_is_caught(tmp_path, fault, manner):
    assert getattr(run_worlds(6, tmp_path, manner=manner), fault) > 0
